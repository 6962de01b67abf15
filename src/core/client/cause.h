/*
 * How a request of the client ended: one cause, one exit code, one text. Scripts and monitors live by the codes, so they
 * never change their meaning (docs/client.md).
 */
#ifndef CORE_CLIENT_CAUSE_H
#define CORE_CLIENT_CAUSE_H

#include <stdint.h>

enum cause {
    CAUSE_DONE,            /* every byte is stored here, or acknowledged there */
    CAUSE_COMMAND_LINE,    /* it is not understood */
    CAUSE_NAME_TOO_LONG,   /* the request would be longer than a server has to take */
    CAUSE_LOCAL_FILE,      /* it cannot be opened, read, written or renamed */
    CAUSE_SHRUNK,          /* the local file became shorter while it was sent */
    CAUSE_DISK_FULL,       /* no room on the local disk */
    CAUSE_TOO_LARGE,       /* larger than --max-size */
    CAUSE_EXISTS,          /* --no-clobber, and the local file is there */
    CAUSE_STDOUT,          /* what reads the standard output has gone */
    CAUSE_HOST_NAME,       /* the host's name has no address */
    CAUSE_NO_ANSWER,       /* nobody answered */
    CAUSE_NOTHING_LISTENS, /* the host says that no program has the port open */
    CAUSE_STOPPED,         /* answers came, then no more */
    CAUSE_SOCKET,          /* no socket, port or permission to send */
    CAUSE_OTHER_ADDRESS,   /* answers came, all from an address that was not asked */
    CAUSE_PROTOCOL,        /* the server broke the rules */
    CAUSE_WRONG_SIZE,      /* not as many bytes as the server had announced */
    CAUSE_OTHER_HASH,      /* not the file that --sha256 names */
    CAUSE_UNCONFIRMED,     /* all was sent, the last acknowledgment never came */
    CAUSE_SERVER_ERROR,    /* the server sent an ERROR */
    CAUSE_INTERRUPTED,     /* Ctrl+C, or the console was closed */
    CAUSE_COUNT
};

/* Positive always: a negative code is a success to `if errorlevel 1`. error_code: the server's, with SERVER_ERROR. */
int cause_exit_code(enum cause cause, uint16_t error_code);
/* One line without its full stop: what happened. */
const char *cause_text(enum cause cause);
/* The ERROR that tells the server, where it is told at all (RFC 1350). */
uint16_t cause_error_code(enum cause cause);
const char *cause_error_text(enum cause cause);

#endif
