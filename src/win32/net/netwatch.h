/*
 * Tells when addresses of this machine's interfaces come or go. Not every change is sure to be told: who has to know looks now and
 * then without it.
 */
#ifndef WIN32_NETWATCH_H
#define WIN32_NETWATCH_H

#include "win32/system/windows.h"

#include <stdbool.h>

struct netwatch {
    SOCKET socket;
    WSAOVERLAPPED overlapped;
};

/*
 * event is manual-reset, and signalled once for each arming, of which this is the first. False where the system cannot tell; then
 * there is nothing to close.
 */
bool netwatch_open(struct netwatch *watch, HANDLE event);
/*
 * From here on the next change is told, and the event is not signalled. Before the addresses are read, so that none is lost. False,
 * and closed, where the system tells no more.
 */
bool netwatch_arm(struct netwatch *watch);
void netwatch_close(struct netwatch *watch);

#endif
