#include "caller.h"

#include "../unit/wire.h"

#include <stdio.h>
#include <stdlib.h>

enum { BLOCK = 512, HEADER = 4, TURN_MS = 1000, BUFFER_BYTES = 1024 * 1024 };

int caller_group_setup(void **state)
{
    WSADATA data;

    (void)state;
    return WSAStartup(MAKEWORD(2, 2), &data);
}

SOCKADDR_IN6 caller_address(const char *text, uint16_t port)
{
    SOCKADDR_IN6 address = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    char mapped[64];

    snprintf(mapped, sizeof mapped, "%s%s", strchr(text, ':') ? "" : "::ffff:", text);
    inet_pton(AF_INET6, mapped, &address.sin6_addr);
    return address;
}

void caller_open(struct caller *c, const char *address, uint16_t port)
{
    SOCKADDR_IN6 own = caller_address(address, port);
    DWORD off = FALSE;
    int room = BUFFER_BYTES;

    memset(c, 0, offsetof(struct caller, bytes));
    c->text[0] = 0;
    c->service = caller_address("127.0.0.1", 69);
    c->socket = socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDP);
    setsockopt(c->socket, IPPROTO_IPV6, IPV6_V6ONLY, (const char *)&off, sizeof off);
    setsockopt(c->socket, SOL_SOCKET, SO_RCVBUF, (const char *)&room, sizeof room);
    /* A bad socket or address shows in the first answer that does not come. */
    bind(c->socket, (const SOCKADDR *)&own, sizeof own);
}

void caller_close(struct caller *c)
{
    closesocket(c->socket);
}

uint16_t caller_own_port(const struct caller *c)
{
    SOCKADDR_IN6 own;
    int length = sizeof own;

    getsockname(c->socket, (SOCKADDR *)&own, &length);
    return ntohs(own.sin6_port);
}

uint16_t caller_port(const struct caller *c)
{
    return ntohs(c->server.sin6_port);
}

bool caller_heard_from(const struct caller *c, const char *address)
{
    SOCKADDR_IN6 wanted = caller_address(address, 0);

    return memcmp(&wanted.sin6_addr, &c->server.sin6_addr, sizeof wanted.sin6_addr) == 0;
}

void caller_send(struct caller *c, const SOCKADDR_IN6 *to, const void *bytes, size_t size)
{
    sendto(c->socket, bytes, (int)size, 0, (const SOCKADDR *)to, sizeof *to);
}

static void ask(struct caller *c, unsigned opcode, const char *name, const char *options)
{
    uint8_t bytes[WIRE_SIZE_MAX];

    caller_send(c, &c->service, bytes, wire_request(bytes, opcode, name, "octet", options));
}

void caller_ask_read(struct caller *c, const char *name, const char *options)
{
    ask(c, 1, name, options);
}

void caller_ask_write(struct caller *c, const char *name, const char *options)
{
    ask(c, 2, name, options);
}

void caller_ack(struct caller *c, uint16_t block)
{
    uint8_t bytes[] = {0, 4, (uint8_t)(block >> 8), (uint8_t)block};

    caller_send(c, &c->server, bytes, sizeof bytes);
}

void caller_data(struct caller *c, uint16_t block, const void *bytes, size_t size)
{
    uint8_t header[] = {0, 3, (uint8_t)(block >> 8), (uint8_t)block};
    uint8_t datagram[HEADER + 2048];

    memcpy(datagram, header, HEADER);
    memcpy(datagram + HEADER, bytes, size);
    caller_send(c, &c->server, datagram, HEADER + size);
}

const char *caller_hear_for(struct caller *c, unsigned milliseconds)
{
    WSAPOLLFD poll = {.fd = c->socket, .events = POLLRDNORM};
    int length = sizeof c->server;

    if (WSAPoll(&poll, 1, (INT)milliseconds) != 1)
        return "silence";
    int size = recvfrom(c->socket, (char *)c->bytes, sizeof c->bytes, 0, (SOCKADDR *)&c->server, &length);
    if (size < 0)
        return "silence";
    c->size = (size_t)size;
    return wire_text(span_of(c->bytes, c->size), c->text, sizeof c->text);
}

const char *caller_hear(struct caller *c)
{
    return caller_hear_for(c, PATIENCE_MS);
}

void caller_must_hear(struct caller *c, const char *wanted)
{
    char last[CALLER_TEXT_MAX];

    snprintf(last, sizeof last, "%s", c->text);
    const char *text = caller_hear(c);
    while (strcmp(text, wanted) != 0 && strcmp(text, last) == 0)
        text = caller_hear(c);
    bool has_words = strncmp(text, "ERROR", 5) == 0;
    CHECK(strcmp(text, wanted) == 0, "heard %s (%s) instead of %s", text, has_words ? caller_words(c) : "", wanted);
}

uint16_t caller_block(const struct caller *c)
{
    return (uint16_t)(c->bytes[2] << 8 | c->bytes[3]);
}

void caller_must_hear_block(struct caller *c, uint16_t block)
{
    for (;;) {
        const char *text = caller_hear(c);
        CHECK(strncmp(text, "DATA", HEADER) == 0 && caller_block(c) <= block, "heard %s instead of DATA %u", text,
              block);
        if (caller_block(c) == block)
            return;
        caller_ack(c, caller_block(c));
    }
}

/* What an earlier transfer left, such as its last block once more. */
static void forget_what_came(struct caller *c)
{
    while (strcmp(caller_hear_for(c, 0), "silence") != 0)
        ;
}

const char *caller_words(const struct caller *c)
{
    return c->size > HEADER ? (const char *)c->bytes + HEADER : "";
}

static unsigned option_of(const char *text, const char *name, unsigned standard)
{
    const char *found = strncmp(text, "OACK", HEADER) == 0 ? strstr(text, name) : NULL;

    return found != NULL ? (unsigned)atoi(found + strlen(name)) : standard;
}

/* Waits for a datagram in turns; after each silent one the caller says again what it has. */
static const char *hear_patiently(struct caller *c, int again)
{
    const char *text = "silence";

    for (unsigned waited = 0; strcmp(text, "silence") == 0 && waited < PATIENCE_MS; waited += TURN_MS) {
        text = caller_hear_for(c, TURN_MS);
        if (strcmp(text, "silence") == 0 && again >= 0)
            caller_ack(c, (uint16_t)again);
    }
    return text;
}

const char *caller_fetch(struct caller *c, const char *name, const char *options, size_t size, unsigned seed)
{
    forget_what_came(c);
    caller_ask_read(c, name, options);
    const char *text = hear_patiently(c, -1);
    size_t blksize = option_of(text, "blksize=", BLOCK);
    unsigned window = option_of(text, "windowsize=", 1);
    size_t offset = 0;
    unsigned since_ack = 0;
    uint16_t last = 0;

    if (strncmp(text, "OACK", HEADER) == 0) {
        caller_ack(c, 0);
        text = hear_patiently(c, 0);
    }
    for (;; text = hear_patiently(c, last)) {
        if (strncmp(text, "DATA", HEADER) != 0)
            return text;
        if (caller_block(c) != (uint16_t)(last + 1))
            continue;
        size_t here = c->size - HEADER;
        if (!files_match(c->bytes + HEADER, here, seed, offset))
            return "wrong bytes";
        offset += here;
        last++;
        if (++since_ack == window || here < blksize) {
            caller_ack(c, last);
            since_ack = 0;
        }
        if (here < blksize)
            return offset == size ? "" : "wrong size";
    }
}

const char *caller_store(struct caller *c, const char *name, const char *options, size_t size, unsigned seed)
{
    uint8_t block[BLOCK];
    size_t offset = 0;
    uint16_t number = 0;
    char wanted[16];

    forget_what_came(c);
    caller_ask_write(c, name, options);
    const char *text = hear_patiently(c, -1);
    if (strncmp(text, "OACK", HEADER) != 0 && strcmp(text, "ACK 0") != 0)
        return text;
    for (size_t here = BLOCK; here == BLOCK; offset += here) {
        here = size - offset < BLOCK ? size - offset : BLOCK;
        files_fill(block, here, seed, offset);
        snprintf(wanted, sizeof wanted, "ACK %u", (unsigned)++number);
        caller_data(c, number, block, here);
        for (text = caller_hear(c); strncmp(text, "ACK", 3) == 0 && strcmp(text, wanted) != 0; text = caller_hear(c))
            ;
        if (strcmp(text, wanted) != 0)
            return text;
    }
    return "";
}
