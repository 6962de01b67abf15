/*
 * drain PORT NAME BLKSIZE WINDOW   the ceiling that the system sets for a client: it asks 127.0.0.1 for a file and answers each
 * WINDOW datagrams with an ACK of the number in the last, until a short one comes. It repeats nothing and writes nothing; what is
 * lost ends it with 1. Prints seconds and bytes as one line of JSON.
 */
#include <winsock2.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    HEADER_SIZE = 4,
    DATAGRAM_MAX = 65536,
    REQUEST_MAX = 512,
    OPCODE_OACK = 6,
    BUFFER_BYTES = 4 * 1024 * 1024,
    SILENCE_MS = 5000
};

struct drain {
    SOCKET socket;
    SOCKADDR_IN server;
    uint32_t blksize;
    uint32_t window;
};

static double seconds(void)
{
    LARGE_INTEGER count, frequency;

    QueryPerformanceCounter(&count);
    QueryPerformanceFrequency(&frequency);
    return (double)count.QuadPart / (double)frequency.QuadPart;
}

/* As the client waits: it empties the socket, then waits for its event. -1: nothing comes. */
static int receive(struct drain *drain, WSAEVENT event, uint8_t *datagram)
{
    int length = sizeof drain->server;
    int size;

    while ((size = recvfrom(drain->socket, (char *)datagram, DATAGRAM_MAX, 0, (SOCKADDR *)&drain->server, &length)) < 0)
        if (WaitForSingleObject(event, SILENCE_MS) != WAIT_OBJECT_0)
            return -1;
    return size;
}

static void send_bytes(const struct drain *drain, const void *bytes, int size)
{
    sendto(drain->socket, bytes, size, 0, (const SOCKADDR *)&drain->server, sizeof drain->server);
}

/* Returns the bytes of the file, or -1. */
static int64_t fetch(struct drain *drain, WSAEVENT event)
{
    static uint8_t datagram[DATAGRAM_MAX];
    uint32_t since_ack = 0;
    int64_t total = 0;

    for (;;) {
        int size = receive(drain, event, datagram);
        if (size < HEADER_SIZE)
            return -1;
        uint8_t ack[HEADER_SIZE] = {0, 4, datagram[2], datagram[3]};
        bool is_oack = datagram[1] == OPCODE_OACK, is_last = !is_oack && (uint32_t)size - HEADER_SIZE < drain->blksize;
        if (is_oack)
            ack[2] = ack[3] = 0;
        else
            total += size - HEADER_SIZE;
        if (is_oack || is_last || ++since_ack == drain->window) {
            send_bytes(drain, ack, sizeof ack);
            since_ack = 0;
        }
        if (is_last)
            return total;
    }
}

int main(int argc, char **argv)
{
    char request[REQUEST_MAX];
    int bytes = BUFFER_BYTES;
    WSADATA data;

    if (argc != 5 || WSAStartup(MAKEWORD(2, 2), &data) != 0)
        return 2;
    struct drain drain = {
        .socket = WSASocketW(AF_INET, SOCK_DGRAM, IPPROTO_UDP, NULL, 0, WSA_FLAG_OVERLAPPED),
        .server = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))},
        .blksize = (uint32_t)atoi(argv[3]),
        .window = (uint32_t)atoi(argv[4]),
    };
    drain.server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(drain.socket, SOL_SOCKET, SO_RCVBUF, (const char *)&bytes, sizeof bytes);
    WSAEVENT event = CreateEventW(NULL, FALSE, FALSE, NULL);
    WSAEventSelect(drain.socket, event, FD_READ);
    int size = snprintf(request, sizeof request, "%c%c%s%coctet%cblksize%c%u%cwindowsize%c%u", 0, 1, argv[2], 0, 0, 0,
                        drain.blksize, 0, 0, drain.window);
    double begun = seconds();
    send_bytes(&drain, request, size + 1);
    int64_t total = fetch(&drain, event);
    printf("{\"seconds\": %.3f, \"bytes\": %lld}\n", seconds() - begun, (long long)total);
    return total < 0;
}
