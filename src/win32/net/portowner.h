/*
 * Which program holds a UDP port.
 */
#ifndef WIN32_PORTOWNER_H
#define WIN32_PORTOWNER_H

#include "core/base/endpoint.h"
#include "win32/system/windows.h"

typedef void port_visit(void *context, const struct endpoint *local, DWORD process);
/*
 * Each UDP socket of this machine with its process (0: the system does not tell); one for both families is seen with
 * its IPv6 address only. Returns the Win32 error of a table that cannot be read.
 */
DWORD port_each(port_visit *visit, void *context);
/* "svchost.exe", empty where the system does not tell. Returns text. */
char *port_program(DWORD process, char *text, size_t size);

/* In words: "svchost.exe (process 1234)", or how to find out. Returns text, cut to size. */
char *port_owner_text(uint16_t port, char *text, size_t size);

#endif
