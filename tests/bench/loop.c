/* Runs all clients: sockets by epoll, timers by looking through one compact array every few milliseconds. */
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { EVENTS = 256, TURN_US = 5000, STARTS_PER_TURN = 256, PROBE_S = 6 };

int take_batch(int socket, struct received *received)
{
    static uint8_t bytes[BATCH][DATAGRAM_MAX + 1];
    static struct sockaddr_in from[BATCH];
    static struct iovec parts[BATCH];
    static struct mmsghdr messages[BATCH];

    for (int i = 0; i < BATCH; i++) {
        parts[i] = (struct iovec){bytes[i], sizeof bytes[i]};
        messages[i].msg_hdr =
            (struct msghdr){.msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &parts[i], .msg_iovlen = 1};
    }
    int count = recvmmsg(socket, messages, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++)
        received[i] = (struct received){bytes[i], messages[i].msg_len, from[i].sin_port};
    return count > 0 ? count : 0;
}

static void take_all(struct run *run, struct client *client, uint64_t now)
{
    struct received received[BATCH];
    uint32_t life = client->life;
    int count = take_batch(client->socket, received);

    for (int i = 0; i < count && client->life == life; i++)
        client_take(run, client, &received[i], now);
}

/* Returns true if more are to be begun at once. */
static bool begin_due(struct run *run, uint64_t now)
{
    const struct options *o = &run->options;

    for (int i = 0; i < STARTS_PER_TURN; i++) {
        if (run->started == o->clients)
            return false;
        if (now - run->begun_us < (uint64_t)o->spread_ms * 1000 * run->started / o->clients)
            return false;
        client_begin(run, &run->clients[run->started++], now);
    }
    return true;
}

static void fire_timers(struct run *run, uint64_t now)
{
    for (uint32_t i = 0; i < run->started; i++)
        if (run->due_us[i] <= now)
            client_timer(run, &run->clients[i], now);
}

static void turn(struct run *run)
{
    static struct epoll_event events[EVENTS];
    static uint64_t scanned_us;
    uint64_t now = now_us();
    int wait_ms = begin_due(run, now) ? 0 : TURN_US / 1000;
    int count = epoll_wait(run->epoll, events, EVENTS, wait_ms);

    if (count < 0 && errno != EINTR)
        die("epoll_wait");
    now = now_us();
    for (int i = 0; i < count; i++)
        take_all(run, &run->clients[events[i].data.u32], now);
    if (now - scanned_us >= TURN_US) {
        fire_timers(run, now);
        scanned_us = now;
    }
}

/* While they are held; then each must still answer: an ACK brings one more block. */
static void hold(struct run *run, uint64_t until)
{
    const struct options *o = &run->options;
    uint64_t held_us = now_us();

    fprintf(stderr, "holding %u of %u after %.1f s\n", run->holding, o->clients,
            (double)(held_us - run->begun_us) / 1e6);
    while (now_us() < held_us + o->seconds * 1000000ULL && now_us() < until)
        turn(run);
    if (!o->is_half_open) {
        for (uint32_t i = 0; i < run->started; i++) {
            client_probe(run, &run->clients[i], now_us());
            if (i % BATCH == 0) /* or the answers overrun the server's one buffer */
                turn(run);
        }
        uint64_t probe_until = now_us() + PROBE_S * 1000000ULL;
        while (run->over < run->started && now_us() < probe_until)
            turn(run);
    }
    for (uint32_t i = 0; i < run->started; i++)
        client_leave(run, &run->clients[i]);
}

void loop(struct run *run)
{
    const struct options *o = &run->options;
    uint64_t until;

    run->begun_us = now_us();
    until = run->begun_us + o->limit_s * 1000000ULL;
    while (run->over + run->holding < o->clients && now_us() < until && !is_told_to_end)
        turn(run);
    if (o->mode == MODE_OPEN) {
        run->ended_us = now_us();
        hold(run, until);
    }
    for (uint32_t i = 0; i < o->clients; i++) {
        if (run->clients[i].phase == PHASE_OVER)
            continue;
        if (is_told_to_end)
            client_break_off(run, &run->clients[i]);
        else
            client_fail(run, &run->clients[i], "time limit", now_us());
    }
}
