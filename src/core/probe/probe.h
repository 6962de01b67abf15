/*
 * `tftp probe`, the doctor of a server and of the way to it: which question comes next, and what each answer, silence, ERROR
 * or ICMP message is taken for. A machine without socket, clock or file; its owner performs one action after the other, as
 * with core/client/exchange: WAIT accepts events, every other action but FINISH is owed its answer.
 *
 * It is polite: it asks for a name that nobody has and for the one that it was given, stores only where that was asked for,
 * ends each exchange with an ERROR, and keeps limits of time, bytes, requests and packets.
 */
#ifndef CORE_PROBE_PROBE_H
#define CORE_PROBE_PROBE_H

#include "core/base/limiter.h"
#include "core/probe/findings.h"

enum {
    PROBE_MS_MAX = 30 * 1000,
    PROBE_BYTES_MAX = 16 * 1024 * 1024, /* of datagrams, both ways */
    PROBE_BYTES_SPARE = 256 * 1024,     /* of these: what may come yet once it was said that it is enough */
    PROBE_REQUEST_GAP_MS = 50,          /* between two requests: 20 a second */
    PROBE_PACKETS_PER_SECOND = 1000,    /* ours; so many at once, too */
    PROBE_WINDOW_BLOCKS = 300,          /* of each size of window */
    PROBE_WINDOWS_MIN = 3,              /* so many have to fit into the file, else nothing is learnt of them */
    PROBE_WITHHELD_PLAYS = 2,           /* of an ACK, before it is said that nothing is repeated without one */
    PROBE_DOUBLED_PLAYS = 3,            /* of a doubled ACK: odd, as most of them decide */
    PROBE_STRANGER_PLAYS = 2,           /* of an ACK from another port, before it is said that nothing comes of it */
    PROBE_TIMEOUT_S = 3                 /* nobody's default, so an echo of it is one */
};

struct probe_setup {
    struct endpoint server;
    const char *name;     /* of a file that the server has; NULL: none. All three are lent for the probe */
    const char *absent;   /* a random one */
    const char *put_name; /* NULL: nothing is stored */
    bool is_size;         /* nothing but the size of the file */
    bool is_quick;        /* no blocks, no windows */
    bool is_deep;
    bool is_this_machine;
    struct endpoint other; /* of the same name, of the other family; port 0: none */
    uint32_t timeout_ms;   /* the first wait */
    uint32_t mtu;          /* of the way there; 0: unknown */
    uint8_t *memory;       /* of SOUNDING_MEMORY_SIZE, random bytes, with put_name; else NULL */
};

enum probe_action_kind {
    PROBE_NEW_PORT, /* a new socket for action.line, from a port of its own; the one that was there is closed */
    PROBE_SEND,
    /*
     * Is the host there? send is the request once more: from a socket that is connected to send.to it may be told that the
     * port is closed. Answered with probe_answer_ping.
     */
    PROBE_PING,
    PROBE_WAIT,
    PROBE_FINISH /* the findings are complete */
};

struct probe_action {
    enum probe_action_kind kind;
    uint8_t line;              /* NEW_PORT */
    struct sounding_send send; /* SEND, PING; its bytes are lent until the answer */
    uint64_t until_ms;         /* WAIT */
};

/* Private to probe*.c and their tests. */
struct probe {
    struct probe_setup setup;
    struct findings findings;
    struct sounding sounding;
    enum probe_step step;
    enum probe_action_kind asked;
    bool is_begun; /* a sounding of this step, which is owed its place in the findings */
    bool is_ended; /* nothing new is begun */
    bool is_open[SOUNDING_LINES];
    uint32_t round;   /* of the step */
    uint32_t in_vain; /* soundings of the step, in a row */
    uint64_t begun_ms;
    uint64_t step_ends_ms;
    uint64_t planned_ms; /* when it was last looked for the next sounding */
    uint64_t next_request_ms;
    struct bucket packets;
};

void probe_begin(struct probe *p, const struct probe_setup *setup, uint64_t now_ms, struct probe_action *action);
/* The answer to NEW_PORT and SEND; false: the system does not do it, and never will, which ends all but a word to a stranger. */
void probe_answer(struct probe *p, bool is_done, uint64_t now_ms, struct probe_action *action);
void probe_answer_ping(struct probe *p, enum finding_ping ping, uint64_t now_ms, struct probe_action *action);

/* Each of these during a WAIT. The datagram is lent for the call. */
void probe_on_datagram(struct probe *p, uint8_t line, const struct endpoint *from, struct span datagram,
                       uint64_t now_ms, struct probe_action *action);
/* May come early or late; early just waits again. */
void probe_on_timer(struct probe *p, uint64_t now_ms, struct probe_action *action);
void probe_on_unreachable(struct probe *p, uint64_t now_ms, struct probe_action *action);
/* By its user, during a WAIT or instead of the answer to a PING: what was found so far is all. */
void probe_interrupt(struct probe *p, uint64_t now_ms, struct probe_action *action);

static inline const struct findings *probe_findings(const struct probe *p)
{
    return &p->findings;
}

/* For those who wait: "blocks". */
const char *probe_step_name(enum probe_step step);

#endif
