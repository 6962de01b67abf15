/*
 * `tftpd explain`, as far as it needs no file: the request that a client would send, and the rule that decided about it
 * in the words of the parameters. The judging itself is core/server/request's and nobody else's.
 */
#ifndef CORE_EXPLAIN_H
#define CORE_EXPLAIN_H

#include "core/server/request.h"

enum {
    EXPLAIN_DATAGRAM_MAX = 1024, /* no client sends longer requests; in single-port mode no longer one is taken */
    EXPLAIN_CLIENT_PORT = 49152  /* any port but 0: no rule looks at it */
};

struct explain_question {
    bool is_upload;
    const char *name;
    const char *mode;
    const char *options; /* "blksize 1468 windowsize 4", also "blksize=1468 ..."; NULL or empty: none */
};

/* The datagram. Returns its size, or 0 with the problem in words that name what is wrong and what to do. */
size_t explain_encode(const struct explain_question *question, uint8_t bytes[EXPLAIN_DATAGRAM_MAX],
                      const char **problem);

/*
 * What decided about a judged request: "Access: deny:/boot/private", "Masters is empty", "Readable: *.efi (policy)".
 * config is the one it was judged by. Returns text, cut to size.
 */
char *explain_rule(const struct request *request, const struct config *config, char *text, size_t size);

/* "blksize=1468 windowsize=4", read back from the OACK's own bytes. Returns text, cut to size. */
char *explain_oack(struct span oack, char *text, size_t size);

/* Names of options that were asked for and are not in the agreement: "foo, timeout"; empty: none. Returns text. */
char *explain_ungranted(const struct packet *packet, const struct agreement *agreement, char *text, size_t size);

#endif
