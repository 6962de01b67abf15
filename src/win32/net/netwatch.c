#include "win32/net/netwatch.h"

/* IPv4 addresses: those of IPv6 are seen by looking now and then. */
bool netwatch_open(struct netwatch *watch, HANDLE event)
{
    watch->overlapped = (WSAOVERLAPPED){.hEvent = event};
    watch->socket =
        WSASocketW(AF_INET, SOCK_DGRAM, IPPROTO_UDP, NULL, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    return watch->socket != INVALID_SOCKET && netwatch_arm(watch);
}

bool netwatch_arm(struct netwatch *watch)
{
    DWORD returned;

    ResetEvent(watch->overlapped.hEvent);
    int answer =
        WSAIoctl(watch->socket, SIO_ADDRESS_LIST_CHANGE, NULL, 0, NULL, 0, &returned, &watch->overlapped, NULL);
    if (answer == 0 || WSAGetLastError() == WSA_IO_PENDING)
        return true;
    netwatch_close(watch);
    return false;
}

/* What is under way ends with the socket, and is written into the structure before its event tells of it. */
void netwatch_close(struct netwatch *watch)
{
    bool is_pending = watch->overlapped.Internal == (ULONG_PTR)STATUS_PENDING;

    closesocket(watch->socket);
    watch->socket = INVALID_SOCKET;
    if (is_pending)
        WaitForSingleObject(watch->overlapped.hEvent, INFINITE);
}
