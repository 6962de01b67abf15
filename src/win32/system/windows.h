/*
 * The one place that includes the system's headers, in the order they need.
 */
#ifndef WIN32_WINDOWS_H
#define WIN32_WINDOWS_H

#define WIN32_LEAN_AND_MEAN
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <windows.h>

/* MinGW's headers lack it. */
#ifndef ERROR_STOPPED_ON_SYMLINK
#define ERROR_STOPPED_ON_SYMLINK 681L
#endif

#endif
