/*
 * Which program holds a UDP port.
 */
#ifndef WIN32_PORTOWNER_H
#define WIN32_PORTOWNER_H

#include "win32/system/windows.h"

#include <stdint.h>

/* In words: "svchost.exe (process 1234)", or how to find out. Returns text, cut to size. */
char *port_owner_text(uint16_t port, char *text, size_t size);

#endif
