/* A storm at a bounded rate for a bounded time: requests that nobody goes on with, and garbage. */
#define _GNU_SOURCE
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { EVENTS = 64, OPCODES = 8, GARBAGE_MAX = 600 };

struct storm {
    uint64_t sent, refused, bytes_out;
    uint64_t back, bytes_in;
    uint64_t by_opcode[OPCODES]; /* 0: anything else */
};

static size_t half_open_request(struct run *run, uint8_t *packet)
{
    int size = snprintf((char *)packet + 2, GARBAGE_MAX, "%s%coctet%cblksize%c%u%ctsize%c0", run->options.name, 0, 0, 0,
                        run->options.blksize, 0, 0);

    packet[0] = 0;
    packet[1] = 1;
    return (size_t)size + 3;
}

/* A plain request for a name that is in no directory, another one each time. */
static size_t missing_request(struct run *run, uint8_t *packet)
{
    return (size_t)snprintf((char *)packet, GARBAGE_MAX, "%c%cmissing-%08x%coctet", 0, 1, draw(run, UINT32_MAX), 0) + 1;
}

/* Every kind of nonsense that arrives on an open port. */
static size_t garbage(struct run *run, uint8_t *packet)
{
    size_t size = draw(run, GARBAGE_MAX);

    for (size_t i = 0; i < size; i++)
        packet[i] = (uint8_t)draw(run, 256);
    switch (draw(run, 6)) {
    case 0: return size;
    case 1: /* a request that is cut off */
        packet[0] = 0;
        packet[1] = (uint8_t)(1 + draw(run, 2));
        return draw(run, 20);
    case 2: /* a request for noise */
        packet[0] = 0;
        packet[1] = (uint8_t)(1 + draw(run, 2));
        memcpy(packet + 2 + draw(run, 100), "\0octet", 7);
        return 200;
    case 3: /* a packet of a transfer that does not exist */
        packet[0] = 0;
        packet[1] = (uint8_t)(3 + draw(run, 4));
        return size < 4 ? 4 : size;
    case 4: return (size_t)snprintf((char *)packet, GARBAGE_MAX, "%c%c../../boot.ini%coctet", 0, 1, 0) + 1;
    default: return (size_t)snprintf((char *)packet, GARBAGE_MAX, "%c%cnone%u%coctet", 0, 1, draw(run, 9999), 0) + 1;
    }
}

static void send_one(struct run *run, struct storm *storm, int socket)
{
    uint8_t packet[GARBAGE_MAX + 64];
    const char *kind = run->options.kind;
    size_t size;

    if (strcmp(kind, "missing") == 0)
        size = missing_request(run, packet);
    else if (strcmp(kind, "half-open") == 0 || (strcmp(kind, "mixed") == 0 && draw(run, 2) == 0))
        size = half_open_request(run, packet);
    else
        size = garbage(run, packet);
    if (sendto(socket, packet, size, MSG_DONTWAIT, (struct sockaddr *)&run->options.server,
               sizeof run->options.server) < 0) {
        storm->refused++;
        return;
    }
    storm->sent++;
    storm->bytes_out += size;
}

static void take_answers(struct run *run, struct storm *storm, const int *sockets, int wait_ms)
{
    struct epoll_event events[EVENTS];
    struct received received[BATCH];
    int ready = epoll_wait(run->epoll, events, EVENTS, wait_ms);

    for (int i = 0; i < ready; i++) {
        int count = take_batch(sockets[events[i].data.u32], received);
        for (int k = 0; k < count; k++) {
            uint8_t opcode = received[k].size > 1 ? received[k].bytes[1] : 0;
            storm->back++;
            storm->bytes_in += received[k].size;
            storm->by_opcode[opcode < OPCODES ? opcode : 0]++;
        }
    }
}

static int print_storm(const struct run *run, const struct storm *storm, double seconds)
{
    printf("{\"mode\":\"flood\",\"kind\":\"%s\",\"clients\":%u,\"seconds\":%.2f,\"sent\":%llu,\"not_sent\":%llu,"
           "\"per_second\":%.0f,\"bytes_out\":%llu,\"back\":%llu,\"bytes_in\":%llu,\"amplification\":%.3f,"
           "\"data\":%llu,\"acks\":%llu,\"errors\":%llu,\"oacks\":%llu}\n",
           run->options.kind, run->options.clients, seconds, (unsigned long long)storm->sent,
           (unsigned long long)storm->refused, (double)storm->sent / seconds, (unsigned long long)storm->bytes_out,
           (unsigned long long)storm->back, (unsigned long long)storm->bytes_in,
           storm->bytes_out ? (double)storm->bytes_in / (double)storm->bytes_out : 0.0,
           (unsigned long long)storm->by_opcode[3], (unsigned long long)storm->by_opcode[4],
           (unsigned long long)storm->by_opcode[5], (unsigned long long)storm->by_opcode[6]);
    return storm->sent > 0 ? 0 : 1;
}

int flood(struct run *run)
{
    const struct options *o = &run->options;
    struct storm storm = {0};
    int *sockets = calloc(o->clients, sizeof *sockets);
    uint64_t begun, elapsed;

    if (sockets == NULL)
        die("memory");
    for (uint32_t i = 0; i < o->clients; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
        sockets[i] = client_socket(o, i);
        if (epoll_ctl(run->epoll, EPOLL_CTL_ADD, sockets[i], &event) < 0)
            die("epoll_ctl");
    }
    begun = now_us();
    while ((elapsed = now_us() - begun) < o->seconds * 1000000ULL && !is_told_to_end) {
        uint64_t due = elapsed * o->rate / 1000000;
        for (int i = 0; i < BATCH && storm.sent + storm.refused < due; i++)
            send_one(run, &storm, sockets[(storm.sent + storm.refused) % o->clients]);
        take_answers(run, &storm, sockets, storm.sent + storm.refused < due ? 0 : 1);
    }
    /* Late answers count as well: they are what the amplification is made of. */
    for (uint64_t until = now_us() + 10000000ULL; now_us() < until && !is_told_to_end;)
        take_answers(run, &storm, sockets, 100);
    free(sockets);
    return print_storm(run, &storm, (double)elapsed / 1e6);
}
