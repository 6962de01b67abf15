/*
 * What one file's errand came to, and how it is told: Windows' words first, where they are known to the letter, then the
 * reason and what mends it; or one line of JSON.
 */
#ifndef CORE_CLIENT_RESULT_H
#define CORE_CLIENT_RESULT_H

#include "core/client/command.h"
#include "core/client/exchange.h"

/* Lets this program have its answers. Its value is the program's path. */
#define RESULT_FIREWALL_RULE \
    "netsh advfirewall firewall add rule name=tftp dir=in action=allow protocol=UDP program=\"%s\""
/* And why, a line each, for who has heard nothing. */
#define RESULT_FIREWALL_ADVICE                                                                                  \
    "An answer comes from another port than the one that was asked, and a firewall may drop it. To allow this " \
    "program its answers, in an elevated prompt:\n  " RESULT_FIREWALL_RULE "\n"

enum { RESULT_TEXT_MAX = 8192, RESULT_JSON_MAX = 16384, RESULT_HASH_TEXT_MAX = 2 * COMMAND_HASH_SIZE + 1 };

struct result {
    const struct job *job;
    bool is_put;
    struct exchange_report report;
    char server[ENDPOINT_TEXT_MAX];  /* the address that was asked, without a port; "": none was */
    bool is_this_machine;            /* the server's address is one of our own, so no firewall is between */
    const char *program;             /* the path of this program, for the firewall's rule */
    const char *detail;              /* of a local failure, the system's words; NULL: none */
    char hash[RESULT_HASH_TEXT_MAX]; /* "": not wanted, or not known */
};

/*
 * Each returns text, of RESULT_TEXT_MAX bytes, its lines ended by LF. Names and the server's words are made harmless for a
 * console.
 */
char *result_success(const struct result *result, char *text);
/* What the fallbacks taught, one line each; empty if there is nothing to say. */
char *result_advice(const struct result *result, char *text);
char *result_failure(const struct result *result, char *text);
/* One object in one line, of RESULT_JSON_MAX bytes. */
char *result_json(const struct result *result, char *text);

#endif
