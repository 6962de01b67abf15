/*
 * sink HOST NAME ORIGINAL BLKSIZE WINDOWSIZE   fetches NAME from HOST by TFTP as fast as it comes, compares every byte
 * with the local file ORIGINAL at the same offset and stores nothing. Prints what it found and exits with 0 only if the
 * OACK granted what was asked, told the right size, and the whole file came.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum {
    BLKSIZE_MAX = 65464,
    REPEAT_MS = 1000, /* silence after which the last ACK is sent again */
    TRIES = 10,
    STALL_SECONDS = 60 /* without a block in order: how long the whole takes is the machine's affair */
};

struct sink {
    int socket;
    struct sockaddr_in server; /* its port is the TID once the OACK came */
    int original;
    uint64_t size;
    uint32_t blksize;
    uint32_t window;
    uint64_t done; /* blocks taken in order */
    uint64_t acked;
    uint64_t gap_told; /* the value of done for which a gap was acknowledged */
    uint64_t strays;
    time_t until;
};

static void die(const char *what)
{
    printf("%s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
    exit(1);
}

static void send_bytes(struct sink *sink, const uint8_t *bytes, size_t size)
{
    if (sendto(sink->socket, bytes, size, 0, (struct sockaddr *)&sink->server, sizeof sink->server) < 0)
        die("sendto");
}

static void send_ack(struct sink *sink)
{
    uint8_t packet[4] = {0, 4, (uint8_t)(sink->done >> 8), (uint8_t)sink->done};

    send_bytes(sink, packet, sizeof packet);
    sink->acked = sink->done;
}

/* The size of the next datagram, or 0 when none came in time. From any port before the TID is known. */
static size_t receive(struct sink *sink, uint8_t *packet, size_t room, bool is_first)
{
    struct sockaddr_in from;
    socklen_t from_size = sizeof from;
    ssize_t size = recvfrom(sink->socket, packet, room, 0, (struct sockaddr *)&from, &from_size);

    if (time(NULL) > sink->until) {
        printf("no block in order for %d s: %llu blocks\n", STALL_SECONDS, (unsigned long long)sink->done);
        exit(1);
    }
    if (size < 4)
        return 0;
    if (is_first)
        sink->server.sin_port = from.sin_port;
    if (from.sin_port != sink->server.sin_port)
        return 0;
    if (packet[1] == 5) {
        packet[size - 1] = 0;
        printf("ERROR %d %s\n", packet[3], (const char *)packet + 4);
        exit(1);
    }
    return (size_t)size;
}

static size_t build_request(const struct sink *sink, const char *name, uint8_t *packet, size_t room)
{
    int size = snprintf((char *)packet, room, "%c%c%s%coctet%ctsize%c0%cblksize%c%u%cwindowsize%c%u", 0, 1, name, 0, 0,
                        0, 0, 0, sink->blksize, 0, 0, sink->window);

    return (size_t)size + 1;
}

static void negotiate(struct sink *sink, const char *name)
{
    uint8_t request[512], answer[512], wanted[512];
    size_t request_size = build_request(sink, name, request, sizeof request);
    size_t size = 0;

    for (int tries = 0; size == 0 && tries < TRIES; tries++) {
        send_bytes(sink, request, request_size);
        size = receive(sink, answer, sizeof answer, true);
    }
    int wanted_size = snprintf((char *)wanted, sizeof wanted, "%c%ctsize%c%llu%cblksize%c%u%cwindowsize%c%u", 0, 6, 0,
                               (unsigned long long)sink->size, 0, 0, sink->blksize, 0, 0, sink->window);
    if (size != (size_t)wanted_size + 1 || memcmp(answer, wanted, size) != 0)
        die("the OACK is not what was asked, or its tsize is not the file's size");
}

static void compare(const struct sink *sink, const uint8_t *payload, size_t size)
{
    static uint8_t original[BLKSIZE_MAX];
    uint64_t offset = (sink->done - 1) * sink->blksize;

    if (pread(sink->original, original, size, (off_t)offset) != (ssize_t)size || memcmp(payload, original, size) != 0) {
        printf("block %llu differs from the file at offset %llu\n", (unsigned long long)sink->done,
               (unsigned long long)offset);
        exit(1);
    }
}

/* True when it was the last block. */
static bool take_data(struct sink *sink, const uint8_t *packet, size_t size)
{
    uint16_t number = (uint16_t)(packet[2] << 8 | packet[3]);

    if (number != (uint16_t)(sink->done + 1)) {
        sink->strays++;
        if (sink->gap_told != sink->done) {
            sink->gap_told = sink->done;
            send_ack(sink);
        }
        return false;
    }
    sink->done++;
    sink->until = time(NULL) + STALL_SECONDS;
    compare(sink, packet + 4, size - 4);
    bool is_last = size - 4 < sink->blksize;
    if (is_last || sink->done - sink->acked >= sink->window)
        send_ack(sink);
    return is_last;
}

static void take_blocks(struct sink *sink)
{
    static uint8_t packet[4 + BLKSIZE_MAX];
    int silences = 0;

    send_ack(sink);
    for (;;) {
        size_t size = receive(sink, packet, sizeof packet, false);
        if (size == 0) {
            if (++silences > TRIES)
                die("the server fell silent");
            send_ack(sink);
            continue;
        }
        silences = 0;
        if (packet[1] == 3 && take_data(sink, packet, size))
            return;
    }
}

static void open_socket(struct sink *sink, const char *host)
{
    struct timeval wait = {.tv_sec = REPEAT_MS / 1000, .tv_usec = REPEAT_MS % 1000 * 1000};
    int room = 8 << 20;

    sink->server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(69)};
    if (inet_pton(AF_INET, host, &sink->server.sin_addr) != 1)
        die("HOST is an IPv4 address");
    sink->socket = socket(AF_INET, SOCK_DGRAM, 0);
    if (sink->socket < 0 || setsockopt(sink->socket, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) < 0 ||
        setsockopt(sink->socket, SOL_SOCKET, SO_RCVBUF, &room, sizeof room) < 0)
        die("socket");
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    struct sink sink = {.gap_told = UINT64_MAX, .until = time(NULL) + STALL_SECONDS};
    struct stat facts;

    if (argc != 6)
        die("sink HOST NAME ORIGINAL BLKSIZE WINDOWSIZE");
    sink.blksize = (uint32_t)strtoul(argv[4], NULL, 10);
    sink.window = (uint32_t)strtoul(argv[5], NULL, 10);
    sink.original = open(argv[3], O_RDONLY);
    if (sink.blksize > BLKSIZE_MAX || sink.original < 0 || fstat(sink.original, &facts) < 0)
        die(argv[3]);
    sink.size = (uint64_t)facts.st_size;
    open_socket(&sink, argv[1]);

    double began = seconds();
    negotiate(&sink, argv[2]);
    take_blocks(&sink);
    double took = seconds() - began;
    if (sink.done != sink.size / sink.blksize + 1) {
        printf("the file ended after %llu blocks\n", (unsigned long long)sink.done);
        return 1;
    }
    printf("%llu bytes in %.1f s, %.0f MB/s, %llu stray blocks\n", (unsigned long long)sink.size, took,
           (double)sink.size / took / 1e6, (unsigned long long)sink.strays);
    return 0;
}
