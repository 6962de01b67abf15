/* One client's side of a transfer: RFC 1350, 2347, 2348, 2349 and 7440, and nobody's quirks. */
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    OP_RRQ = 1,
    OP_WRQ,
    OP_DATA,
    OP_ACK,
    OP_ERROR,
    OP_OACK,
    BACK_OFF = 8,     /* times the first wait, at most */
    QUIET_US = 50000, /* a duplicate that comes sooner after our ACK has crossed it on the way */
    SOURCES_PER_NET = 250,
};

/* -- out -- */

static void send_to(struct run *run, const struct client *client, uint16_t port, const void *bytes, size_t size)
{
    struct sockaddr_in to = run->options.server;

    to.sin_port = port;
    /* What does not leave is a lost datagram. */
    (void)!sendto(client->socket, bytes, size, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof to);
}

static void arm(struct run *run, struct client *client, uint64_t now)
{
    run->due_us[client->number] = now + client->wait_ms * 1000ULL;
}

static void progress(struct run *run, struct client *client, uint64_t now)
{
    client->tries = 0;
    client->wait_ms = run->options.timeout_ms;
    arm(run, client, now);
}

static bool is_lost(struct run *run)
{
    if (run->options.loss <= 0 || draw(run, 1000000) >= run->options.loss * 10000)
        return false;
    run->stats.dropped++;
    return true;
}

static void send_ack(struct run *run, struct client *client, uint64_t now)
{
    uint8_t packet[4] = {0, OP_ACK, (uint8_t)(client->done >> 8), (uint8_t)client->done};

    client->in_window = 0;
    client->spoke_us = now;
    if (!is_lost(run))
        send_to(run, client, client->tid, packet, sizeof packet);
}

static void repeat_ack(struct run *run, struct client *client, uint64_t now)
{
    run->stats.acks_repeated++;
    send_ack(run, client, now);
}

static void send_error(struct run *run, struct client *client, uint16_t port, uint8_t code, const char *text)
{
    uint8_t packet[64] = {0, OP_ERROR, 0, code};
    size_t size = 4 + strlen(text) + 1;

    memcpy(packet + 4, text, size - 4);
    send_to(run, client, port, packet, size);
}

/* The blocks first to last of an upload, as many as fit into one system call at a time. */
static void send_blocks(struct run *run, struct client *client, uint64_t first, uint64_t last, uint64_t now)
{
    static uint8_t headers[BATCH][4];
    static struct iovec parts[BATCH][2];
    static struct mmsghdr messages[BATCH];
    struct sockaddr_in to = run->options.server;

    to.sin_port = client->tid;
    client->spoke_us = now;
    while (first <= last) {
        unsigned count = 0;
        for (; count < BATCH && first <= last; count++, first++) {
            uint64_t offset = (first - 1) * client->blksize;
            uint64_t left = run->content_size - offset;
            memcpy(headers[count], (uint8_t[]){0, OP_DATA, (uint8_t)(first >> 8), (uint8_t)first}, 4);
            parts[count][0] = (struct iovec){headers[count], 4};
            parts[count][1] = (struct iovec){(void *)(uintptr_t)(run->content + offset),
                                             left < client->blksize ? left : client->blksize};
            messages[count].msg_hdr =
                (struct msghdr){.msg_name = &to, .msg_namelen = sizeof to, .msg_iov = parts[count], .msg_iovlen = 2};
        }
        (void)!sendmmsg(client->socket, messages, count, MSG_DONTWAIT);
        run->stats.blocks_sent += count;
    }
}

static size_t put_text(uint8_t *packet, size_t size, const char *text)
{
    strcpy((char *)packet + size, text);
    return size + strlen(text) + 1;
}

static size_t put_option(uint8_t *packet, size_t size, const char *name, uint64_t value)
{
    char number[24];

    snprintf(number, sizeof number, "%llu", (unsigned long long)value);
    size = put_text(packet, size, name);
    return put_text(packet, size, number);
}

static void name_of(const struct run *run, const struct client *client, char name[NAME_SIZE])
{
    const char *place = strstr(run->options.name, "%d");
    uint32_t number = run->options.mode == MODE_PUT ? client->transfer : client->number;

    if (place == NULL)
        snprintf(name, NAME_SIZE, "%s", run->options.name);
    else
        snprintf(name, NAME_SIZE, "%.*s%u%s", (int)(place - run->options.name), run->options.name, number, place + 2);
}

static void send_request(struct run *run, struct client *client)
{
    const struct options *o = &run->options;
    if (o->mode == MODE_ECHO) { /* a pump knows nothing but ACKs, and grants everything */
        static const uint8_t ack[] = {0, OP_ACK, 0, 0};
        client->blksize = o->blksize;
        client->window = o->window;
        send_to(run, client, htons((uint16_t)(ntohs(o->server.sin_port) + client->number % o->ports)), ack, sizeof ack);
        return;
    }
    uint8_t packet[NAME_SIZE + 256] = {0, o->mode == MODE_PUT ? OP_WRQ : OP_RRQ};
    char name[NAME_SIZE];
    size_t size = 2;

    name_of(run, client, name);
    size = put_text(packet, size, name);
    size = put_text(packet, size, "octet");
    size = put_option(packet, size, "tsize", o->mode == MODE_PUT ? run->content_size : 0);
    size = put_option(packet, size, "blksize", o->blksize);
    if (o->window > 1)
        size = put_option(packet, size, "windowsize", o->window);
    if (o->timeout_option > 0)
        size = put_option(packet, size, "timeout", o->timeout_option);
    send_to(run, client, o->server.sin_port, packet, size);
}

/* -- beginning and end -- */

int client_socket(const struct options *options, uint32_t number)
{
    struct sockaddr_in source = {.sin_family = AF_INET};
    uint32_t in_flight = options->window * (options->blksize + 1024) * 4;
    int made = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (made < 0)
        die("socket");
    if (options->sources > 0) {
        uint32_t k = number % options->sources;
        source.sin_addr.s_addr =
            htonl(ntohl(options->first_source.s_addr) + (k / SOURCES_PER_NET << 8) + k % SOURCES_PER_NET);
    }
    if (bind(made, (struct sockaddr *)&source, sizeof source) < 0)
        die("bind");
    if (in_flight > 200000)
        grow_buffers(made, in_flight);
    return made;
}

void client_begin(struct run *run, struct client *client, uint64_t now)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = client->number};
    uint32_t number = client->number;
    uint32_t rounds = client->rounds;
    uint32_t life = client->life;

    *client = (struct client){.number = number,
                              .rounds = rounds + 1,
                              .life = life + 1,
                              .transfer = run->transfers++,
                              .phase = PHASE_ASKING,
                              .blksize = 512,
                              .window = 1,
                              .told = NEVER,
                              .tsize = NEVER,
                              .started_us = now};
    client->socket = client_socket(&run->options, number);
    if (epoll_ctl(run->epoll, EPOLL_CTL_ADD, client->socket, &event) < 0)
        die("epoll_ctl");
    progress(run, client, now);
    send_request(run, client);
}

static void set_phase(struct run *run, struct client *client, enum phase phase)
{
    run->holding += phase == PHASE_HOLDING;
    run->holding -= client->phase == PHASE_HOLDING;
    run->over += phase == PHASE_OVER;
    client->phase = phase;
}

static void leave_socket(struct run *run, struct client *client, uint64_t now)
{
    if (client->phase != PHASE_IDLE)
        close(client->socket);
    client->life++;
    run->due_us[client->number] = NEVER;
    bool has_more =
        run->options.mode == MODE_SMALL ? run->transfers < run->transfers_max : client->rounds < run->options.repeat;
    if (has_more && !is_told_to_end && now - run->begun_us < run->options.limit_s * 1000000ULL)
        client_begin(run, client, now);
    else
        set_phase(run, client, PHASE_OVER);
}

static void count_reason(struct stats *stats, const char *why)
{
    struct reason *reason = stats->reasons;

    for (uint32_t i = 0; i < stats->reason_count; i++, reason++) {
        if (strcmp(reason->text, why) == 0) {
            reason->count++;
            return;
        }
    }
    if (stats->reason_count == REASONS_MAX) {
        stats->reasons[REASONS_MAX - 1].count++;
        return;
    }
    snprintf(reason->text, sizeof reason->text, "%s", why);
    reason->count = 1;
    stats->reason_count++;
}

void client_fail(struct run *run, struct client *client, const char *why, uint64_t now)
{
    /* While it dallies it has been counted already. */
    if (client->phase != PHASE_DALLYING) {
        run->stats.failed++;
        count_reason(&run->stats, why);
        if (run->options.mode != MODE_OPEN)
            run->ended_us = now;
    }
    leave_socket(run, client, now);
}

static void succeed(struct run *run, struct client *client, uint64_t now)
{
    run->stats.ok++;
    run->stats.bytes += client->bytes;
    run->stats.done_ms[run->stats.done_count++] = (double)(now - client->started_us) / 1000;
    run->ended_us = now;
    if (run->options.loss > 0 && run->options.mode != MODE_PUT) { /* the last ACK may have been lost */
        set_phase(run, client, PHASE_DALLYING);
        run->due_us[client->number] = now + run->options.timeout_ms * 2000ULL;
    } else {
        leave_socket(run, client, now);
    }
}

static void mark_first(struct run *run, struct client *client, uint64_t now)
{
    if (client->has_first)
        return;
    client->has_first = true;
    run->stats.first_ms[run->stats.first_count++] = (double)(now - client->started_us) / 1000;
}

static void hold_client(struct run *run, struct client *client, uint64_t now)
{
    set_phase(run, client, PHASE_HOLDING);
    run->due_us[client->number] = NEVER;
    run->stats.accepted++;
    run->stats.done_ms[run->stats.done_count++] = (double)(now - client->started_us) / 1000;
}

/* -- in -- */

static uint64_t total_blocks(const struct run *run, const struct client *client)
{
    return run->content_size / client->blksize + 1;
}

static void send_window(struct run *run, struct client *client, uint64_t now)
{
    uint64_t total = total_blocks(run, client);

    client->sent = client->done + client->window < total ? client->done + client->window : total;
    send_blocks(run, client, client->done + 1, client->sent, now);
}

/* False: it is not well-formed, or grants more than was asked. */
static bool read_oack(const struct run *run, struct client *client, const struct received *received)
{
    const char *at = (const char *)received->bytes + 2;
    const char *end = (const char *)received->bytes + received->size;

    if (end[-1] != 0)
        return false;
    while (at < end) {
        const char *value = at + strlen(at) + 1;
        if (value >= end)
            return false;
        uint64_t number = strtoull(value, NULL, 10);
        if (strcasecmp(at, "blksize") == 0)
            client->blksize = (uint32_t)number;
        else if (strcasecmp(at, "windowsize") == 0)
            client->window = (uint32_t)number;
        else if (strcasecmp(at, "tsize") == 0)
            client->tsize = number;
        at = value + strlen(value) + 1;
    }
    return client->blksize >= 8 && client->blksize <= run->options.blksize && client->window >= 1 &&
           client->window <= run->options.window;
}

static void on_oack(struct run *run, struct client *client, const struct received *received, uint64_t now)
{
    if (client->phase != PHASE_ASKING) {
        if (client->phase == PHASE_MOVING && client->done == 0 && run->options.mode != MODE_PUT &&
            now - client->spoke_us > QUIET_US)
            repeat_ack(run, client, now);
        return;
    }
    if (!read_oack(run, client, received)) {
        send_error(run, client, client->tid, 8, "bad OACK");
        client_fail(run, client, "bad OACK", now);
        return;
    }
    set_phase(run, client, PHASE_MOVING);
    progress(run, client, now);
    if (run->options.is_half_open) {
        mark_first(run, client, now);
        hold_client(run, client, now);
    } else if (run->options.mode == MODE_PUT) {
        mark_first(run, client, now);
        send_window(run, client, now);
    } else {
        send_ack(run, client, now);
    }
}

/* What is wrong with the block, or NULL. */
static const char *judge_block(const struct run *run, const struct client *client, const uint8_t *bytes, size_t size)
{
    if (size > client->blksize)
        return "block too long";
    if (run->content != NULL) {
        if (client->bytes + size > run->content_size)
            return "too many bytes";
        if (memcmp(run->content + client->bytes, bytes, size) != 0)
            return "wrong bytes";
    }
    if (size == client->blksize)
        return NULL;
    if (run->content != NULL && client->bytes + size != run->content_size)
        return "too few bytes";
    if (client->tsize != NEVER && client->bytes + size != client->tsize)
        return "not the size of the OACK";
    return NULL;
}

static void take_block(struct run *run, struct client *client, const uint8_t *bytes, size_t size, uint64_t now)
{
    const char *why = judge_block(run, client, bytes, size);

    mark_first(run, client, now);
    if (why != NULL) {
        send_error(run, client, client->tid, 0, why);
        client_fail(run, client, why, now);
        return;
    }
    client->bytes += size;
    client->done++;
    client->in_window++;
    if (run->options.mode == MODE_OPEN) {
        hold_client(run, client, now);
        return;
    }
    progress(run, client, now);
    if (run->options.mode == MODE_ECHO && client->bytes >= run->content_size) {
        succeed(run, client, now); /* without an ACK, which would bring one more window */
    } else if (size < client->blksize) {
        send_ack(run, client, now);
        succeed(run, client, now);
    } else if (client->in_window == client->window) {
        send_ack(run, client, now);
    }
}

/* An open transfer: a repeated block is acknowledged, which brings the next one, and that is held. */
static void on_held_data(struct run *run, struct client *client, uint16_t wire, uint64_t now)
{
    if (wire == (uint16_t)(client->done + 1)) {
        client->done++;
        if (client->phase == PHASE_PROBING) {
            run->stats.alive++;
            client_leave(run, client);
        }
    } else if (wire == (uint16_t)client->done) {
        run->stats.duplicate_blocks++;
        send_ack(run, client, now);
    }
}

static void on_data(struct run *run, struct client *client, const struct received *received, uint64_t now)
{
    uint16_t wire = (uint16_t)(received->bytes[2] << 8 | received->bytes[3]);
    uint16_t ahead = (uint16_t)(wire - (uint16_t)(client->done + 1));

    if (run->options.mode == MODE_PUT || is_lost(run))
        return;
    run->stats.blocks_received++;
    if (client->phase == PHASE_ASKING) /* a server without options */
        set_phase(run, client, PHASE_MOVING);
    if (client->phase == PHASE_HOLDING || client->phase == PHASE_PROBING) {
        on_held_data(run, client, wire, now);
    } else if (client->phase == PHASE_MOVING && ahead == 0) {
        take_block(run, client, received->bytes + 4, received->size - 4, now);
    } else if (ahead >= 0x8000) { /* one that was taken before */
        run->stats.duplicate_blocks++;
        if (ahead == 0xffff && now - client->spoke_us > QUIET_US)
            repeat_ack(run, client, now);
    } else if (client->phase == PHASE_MOVING && client->told != client->done) {
        client->told = client->done;
        repeat_ack(run, client, now);
    }
}

static void on_ack(struct run *run, struct client *client, uint16_t wire, uint64_t now)
{
    uint16_t ahead = (uint16_t)(wire - (uint16_t)client->done);

    if (run->options.mode != MODE_PUT)
        return;
    if (client->phase == PHASE_ASKING && wire == 0) {
        set_phase(run, client, PHASE_MOVING);
        mark_first(run, client, now);
    } else if (client->phase != PHASE_MOVING || ahead > client->sent - client->done || is_lost(run)) {
        return;
    } else if (ahead == 0) {
        /* The first block of the window was lost, or it is an old ACK again: once for each value. */
        if (client->window == 1 || client->told == client->done)
            return;
        client->told = client->done;
    }
    client->done += ahead;
    progress(run, client, now);
    if (client->done == total_blocks(run, client)) {
        client->bytes = run->content_size;
        succeed(run, client, now);
    } else {
        send_window(run, client, now);
    }
}

static void on_error(struct run *run, struct client *client, const struct received *received, uint64_t now)
{
    char why[REASON_SIZE];
    int size = (int)strnlen((const char *)received->bytes + 4, received->size - 4);

    snprintf(why, sizeof why, "ERROR %d: %.*s%s", received->bytes[3], size < 60 ? size : 60, received->bytes + 4,
             client->phase == PHASE_HOLDING ? " (while held)" : "");
    client_fail(run, client, why, now);
}

void client_take(struct run *run, struct client *client, const struct received *received, uint64_t now)
{
    if (client->phase == PHASE_OVER || received->size < 4 || received->bytes[0] != 0)
        return;
    if (client->tid != 0 && client->tid != received->port) {
        run->stats.strays++;
        if (received->bytes[1] != OP_ERROR)
            send_error(run, client, received->port, 5, "Unknown transfer ID");
        return;
    }
    client->tid = received->port;
    switch (received->bytes[1]) {
    case OP_OACK: on_oack(run, client, received, now); break;
    case OP_DATA: on_data(run, client, received, now); break;
    case OP_ACK: on_ack(run, client, (uint16_t)(received->bytes[2] << 8 | received->bytes[3]), now); break;
    case OP_ERROR: on_error(run, client, received, now); break;
    default: break;
    }
}

/* -- time -- */

void client_timer(struct run *run, struct client *client, uint64_t now)
{
    if (client->phase == PHASE_DALLYING) {
        leave_socket(run, client, now);
        return;
    }
    if (client->tries++ == run->options.tries) {
        client_fail(run, client, client->phase == PHASE_ASKING ? "no answer" : "silence", now);
        return;
    }
    if (client->wait_ms < run->options.timeout_ms * BACK_OFF)
        client->wait_ms *= 2;
    arm(run, client, now);
    if (client->phase == PHASE_ASKING) {
        run->stats.requests_repeated++;
        send_request(run, client);
    } else if (run->options.mode == MODE_PUT) {
        send_window(run, client, now);
    } else {
        repeat_ack(run, client, now);
    }
}

void client_probe(struct run *run, struct client *client, uint64_t now)
{
    if (client->phase != PHASE_HOLDING)
        return;
    set_phase(run, client, PHASE_PROBING);
    progress(run, client, now);
    send_ack(run, client, now);
}

/* The end of an open transfer. */
void client_leave(struct run *run, struct client *client)
{
    uint64_t now = now_us();

    if (client->phase == PHASE_PROBING || client->phase == PHASE_HOLDING) {
        if (!run->options.is_abandoned && !run->options.is_half_open)
            send_error(run, client, client->tid, 0, "enough");
        run->stats.ok++;
        leave_socket(run, client, now);
    }
}

void client_break_off(struct run *run, struct client *client)
{
    if (client->phase == PHASE_MOVING)
        send_error(run, client, client->tid, 0, "told to end");
    client_fail(run, client, "told to end", now_us());
}
