/*
 * Owns one probe as the program does, with a clock that only the test moves. Each prober_ call hands the machine one event,
 * performs what it asks until it waits for an answer or finishes, and leaves in `log` what was done, in the words of
 * core/client/trace: "PORT 0 RRQ \"absent\" octet", "ACK 0", "ERROR 0", "PING", "FINISH", "" for nothing. The pauses between
 * requests are passed over.
 */
#ifndef UNIT_PROBER_H
#define UNIT_PROBER_H

#include "core/probe/probe.h"
#include "core/probe/verdict.h"

/* An OACK that grants all that is asked for. */
#define PROBER_ALL_OPTIONS "tsize 600000 blksize 1428 windowsize 16 timeout 3 rollover 0"

enum { PROBER_LOG_MAX = 1024, PROBER_START_MS = 1000000, PROBER_TID = 4000 };

struct prober {
    struct probe probe;
    struct probe_setup setup; /* may be changed between prober_init and prober_begin */
    struct probe_action action;
    struct endpoint tid; /* the server answers from there */
    uint64_t now_ms;
    enum finding_ping ping;
    bool is_broken;    /* the system gives no port */
    bool has_one_port; /* nor a second one, while the first is open */
    bool is_finished;
    uint8_t memory[SOUNDING_MEMORY_SIZE];
    size_t sent_size; /* of the last datagram */
    struct endpoint sent_to;
    uint8_t sent_line;
    unsigned sends;
    unsigned requests;
    char log[PROBER_LOG_MAX];
};

/* "absent" is the name that nobody has; name may be NULL. */
void prober_init(struct prober *p, const char *name);
void prober_begin(struct prober *p);

void prober_datagram(struct prober *p, uint8_t line, const struct endpoint *from, struct span datagram);
void prober_error(struct prober *p, uint16_t code, const char *text);
/* Options as wire_request has them. */
void prober_oack(struct prober *p, const char *options);
void prober_data(struct prober *p, uint16_t block, size_t size);
void prober_ack(struct prober *p, uint16_t block);
/* The clock jumps to the deadline and the timer comes. */
void prober_timeout(struct prober *p);
void prober_pass(struct prober *p, uint32_t ms);
void prober_unreachable(struct prober *p);

/* Answers the three requests for the absent name; what is asked behind them is in the log. */
void prober_alive(struct prober *p);
/* And the file, with these options in its OACK. */
void prober_file(struct prober *p, const char *options);

/* Of one that is over: what the program would end with. */
int prober_exit_code(const struct prober *p, struct verdicts *verdicts);

static inline const struct findings *prober_findings(const struct prober *p)
{
    return &p->probe.findings;
}

#endif
