/* The datagrams of tests/unit, for the programs here too: they are linked without the helpers over there. */
#include "../unit/wire.c"
