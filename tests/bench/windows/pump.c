/*
 * pump PORT THREADS WINDOW BLKSIZE [block]   the ceiling that the system sets: no protocol, no file, no transfer.
 * Each thread answers each datagram of ACK's size that comes to its socket (PORT, PORT + 1, ...) with WINDOW datagrams
 * of DATA's size, numbered on from the number in the ACK. Without `block` it waits as the service does: it empties a
 * non-blocking socket, then waits for its event; with it, it blocks in recvfrom.
 */
#include <winsock2.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS_MAX = 64, HEADER_SIZE = 4, BLKSIZE_MAX = 65464, OPCODE_DATA = 3, BUFFER_BYTES = 2 * 1024 * 1024 };

struct pump {
    SOCKET socket;
    WSAEVENT event; /* NULL: it blocks */
    uint32_t window;
    uint32_t blksize;
};

static SOCKET open_socket(uint16_t port)
{
    SOCKADDR_IN at = {.sin_family = AF_INET, .sin_port = htons(port)};
    SOCKET made = WSASocketW(AF_INET, SOCK_DGRAM, IPPROTO_UDP, NULL, 0, WSA_FLAG_OVERLAPPED);
    int bytes = BUFFER_BYTES;

    setsockopt(made, SOL_SOCKET, SO_RCVBUF, (const char *)&bytes, sizeof bytes);
    setsockopt(made, SOL_SOCKET, SO_SNDBUF, (const char *)&bytes, sizeof bytes);
    if (bind(made, (SOCKADDR *)&at, sizeof at) != 0) {
        fprintf(stderr, "pump: port %u cannot be bound: error %d\n", port, WSAGetLastError());
        exit(1);
    }
    return made;
}

/* One turn: what came, and the window that answers it. False: nothing was there. */
static bool turn(const struct pump *pump, uint8_t *packet)
{
    uint8_t ack[HEADER_SIZE];
    SOCKADDR_IN from;
    int length = sizeof from;
    WSABUF whole = {.len = HEADER_SIZE + pump->blksize, .buf = (char *)packet};
    DWORD sent;

    if (recvfrom(pump->socket, (char *)ack, sizeof ack, 0, (SOCKADDR *)&from, &length) != sizeof ack)
        return false;
    uint16_t block = (uint16_t)(ack[2] << 8 | ack[3]);
    for (uint32_t i = 0; i < pump->window; i++) {
        block++;
        packet[2] = (uint8_t)(block >> 8);
        packet[3] = (uint8_t)block;
        WSASendTo(pump->socket, &whole, 1, &sent, 0, (SOCKADDR *)&from, length, NULL, NULL);
    }
    return true;
}

static DWORD WINAPI run(void *context)
{
    const struct pump *pump = context;
    uint8_t *packet = calloc(1, HEADER_SIZE + BLKSIZE_MAX);

    if (packet == NULL)
        exit(1);
    packet[1] = OPCODE_DATA;
    for (;;) {
        while (turn(pump, packet))
            ;
        if (pump->event != NULL)
            WaitForSingleObject(pump->event, INFINITE);
    }
}

int main(int argc, char **argv)
{
    static struct pump pumps[THREADS_MAX];
    HANDLE threads[THREADS_MAX];
    WSADATA data;

    if (argc < 5 || atoi(argv[2]) < 1 || atoi(argv[2]) > THREADS_MAX || WSAStartup(MAKEWORD(2, 2), &data) != 0)
        return 2;
    int count = atoi(argv[2]);
    bool is_blocking = argc > 5 && strcmp(argv[5], "block") == 0;
    for (int i = 0; i < count; i++) {
        struct pump *pump = &pumps[i];
        *pump = (struct pump){.window = (uint32_t)atoi(argv[3]), .blksize = (uint32_t)atoi(argv[4])};
        if (pump->blksize > BLKSIZE_MAX)
            return 2;
        pump->socket = open_socket((uint16_t)(atoi(argv[1]) + i));
        if (!is_blocking) {
            pump->event = CreateEventW(NULL, FALSE, FALSE, NULL);
            WSAEventSelect(pump->socket, pump->event, FD_READ);
        }
        threads[i] = CreateThread(NULL, 0, run, pump, 0, NULL);
    }
    WaitForMultipleObjects((DWORD)count, threads, TRUE, INFINITE);
    return 0;
}
