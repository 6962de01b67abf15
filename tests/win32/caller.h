/*
 * A TFTP client with a Winsock socket of its own: step by step for tests that look at single datagrams, or a whole
 * transfer at once. It shares nothing with the product.
 */
#ifndef WIN32_TESTS_CALLER_H
#define WIN32_TESTS_CALLER_H

#include "files.h"

enum { CALLER_DATAGRAM_MAX = 65536, CALLER_TEXT_MAX = 512 };

struct caller {
    SOCKET socket;
    SOCKADDR_IN6 service; /* where requests go: 127.0.0.1, port 69, until the test says otherwise */
    SOCKADDR_IN6 server;  /* where the last datagram came from */
    size_t size;          /* of the last datagram */
    uint8_t bytes[CALLER_DATAGRAM_MAX];
    char text[CALLER_TEXT_MAX];
};

/* Winsock, once a program. */
int caller_group_setup(void **state);

/* An IPv4 or IPv6 address as the product has it on the wire: IPv4 in ::ffff:a.b.c.d. */
SOCKADDR_IN6 caller_address(const char *text, uint16_t port);

/* Bound to this address and port (0: any). */
void caller_open(struct caller *c, const char *address, uint16_t port);
void caller_close(struct caller *c);
uint16_t caller_own_port(const struct caller *c);
/* The server's port and address, as last heard. */
uint16_t caller_port(const struct caller *c);
bool caller_heard_from(const struct caller *c, const char *address);

void caller_send(struct caller *c, const SOCKADDR_IN6 *to, const void *bytes, size_t size);
/* Requests in octet mode; options as in wire.h. */
void caller_ask_read(struct caller *c, const char *name, const char *options);
void caller_ask_write(struct caller *c, const char *name, const char *options);
/* To where the last datagram came from. */
void caller_ack(struct caller *c, uint16_t block);
void caller_data(struct caller *c, uint16_t block, const void *bytes, size_t size);

/* The next datagram as wire_text has it ("DATA 3"), or "silence". */
const char *caller_hear(struct caller *c);
/* The same for this long at most: for what should not come. */
const char *caller_hear_for(struct caller *c, unsigned milliseconds);
/*
 * The test fails unless this is heard next. The last datagram once more does not count: a server repeats itself, and sooner
 * than a slow machine lets the test go on.
 */
void caller_must_hear(struct caller *c, const char *wanted);
/*
 * The test fails unless DATA with this number is heard. What is said again of an earlier block is acknowledged again, as
 * every client does: the server may have dropped the first ACK, such as while it waited for a disk.
 */
void caller_must_hear_block(struct caller *c, uint16_t block);
/* The number of the DATA or ACK that was heard last. */
uint16_t caller_block(const struct caller *c);
/* The words of the ERROR that was heard last. */
const char *caller_words(const struct caller *c);

/* Whole transfers. "" when all went well, else what went wrong. Fit to be used on any thread. */
const char *caller_fetch(struct caller *c, const char *name, const char *options, size_t size, unsigned seed);
const char *caller_store(struct caller *c, const char *name, const char *options, size_t size, unsigned seed);

#endif
