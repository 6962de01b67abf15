/*
 * grab PORT reuse|exclusive|plain   tries to bind a UDP port of ::, IPv4 and IPv6, and of 0.0.0.0, beside whoever has it.
 * Prints one line each: "family 23: 10013" with the Windows error, 0 where it got the port. Exit code 0 if all were
 * refused, 1 if it got one.
 */
#include <winsock2.h>
#include <ws2tcpip.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int try_bind(int family, u_short port, const char *how)
{
    struct sockaddr_storage address = {0};
    BOOL yes = TRUE;
    DWORD no = 0;
    SOCKET socket_ = socket(family, SOCK_DGRAM, IPPROTO_UDP);
    int size = family == AF_INET ? (int)sizeof(struct sockaddr_in) : (int)sizeof(struct sockaddr_in6);

    if (strcmp(how, "reuse") == 0)
        setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, (const char *)&yes, sizeof yes);
    if (strcmp(how, "exclusive") == 0)
        setsockopt(socket_, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (const char *)&yes, sizeof yes);
    if (family == AF_INET6)
        setsockopt(socket_, IPPROTO_IPV6, IPV6_V6ONLY, (const char *)&no, sizeof no);
    address.ss_family = (short)family;
    ((struct sockaddr_in *)(void *)&address)->sin_port = htons(port); /* at the same place in both */
    int error = bind(socket_, (const struct sockaddr *)&address, size) == 0 ? 0 : WSAGetLastError();
    printf("family %d: %d\n", family, error);
    closesocket(socket_);
    return error == 0;
}

int main(int count, char **words)
{
    WSADATA data;

    if (count != 3 || WSAStartup(MAKEWORD(2, 2), &data) != 0)
        return 2;
    u_short port = (u_short)strtoul(words[1], NULL, 10);
    int got = try_bind(AF_INET6, port, words[2]);
    got += try_bind(AF_INET, port, words[2]);
    WSACleanup();
    return got > 0;
}
