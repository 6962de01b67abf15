/*
 * Asks the network what other servers offer to a machine that boots: one DISCOVER on each interface, as core/boot/others has it.
 * From port 68; where Windows' own DHCP client has that, as a relay from port 67, which may be the service's. Only when somebody
 * wants to know: a DHCP server keeps the address that it offers aside for a moment.
 */
#ifndef WIN32_OTHERS_ASK_H
#define WIN32_OTHERS_ASK_H

#include "core/boot/others.h"
#include "win32/system/windows.h"

enum {
    OTHERS_INTERFACES_MAX = 32,
    OTHERS_WAIT_MS = 4500, /* servers that look first whether an address is free take three seconds */
    OTHERS_AGAIN_MS = 1500 /* what was lost is sent again after so long, once */
};

/* An offer that came in on the interface with this address of ours. */
typedef void others_hear(void *context, const struct others_offer *offer, const struct endpoint *on);

struct others_asked {
    unsigned interfaces; /* that it was asked on */
    unsigned failed;     /* on which it could not be */
    DWORD error;         /* of the first of those: Winsock's */
};

/* Takes OTHERS_WAIT_MS. */
struct others_asked others_ask(others_hear *hear, void *context);

#endif
