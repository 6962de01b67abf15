/*
 * What a run of many worlds adds up: what was covered, and how much was sent twice.
 */
#ifndef SIMULATION_STATISTICS_H
#define SIMULATION_STATISTICS_H

#include "core/client/cause.h"
#include "core/transfer/transfer.h"
#include "forger.h"
#include "world.h"

enum { STATISTICS_MODELS_MAX = 64, STATISTICS_CLASSES = 6, STATISTICS_LIES_MAX = 64 };

enum statistics_forger {
    STATISTICS_FORGER_ASKS, /* guesses no port */
    STATISTICS_FORGER_GUESSES,
    STATISTICS_FORGER_SINGLE_PORT,
    STATISTICS_FORGER_KINDS
};

/* What forgers sent and what it drew, in bytes with all headers. */
struct statistics_forged {
    uint64_t worlds;
    uint64_t forged;
    uint64_t drawn;
    uint64_t worst_percent; /* of one world */
    uint64_t worst_seed;
    uint64_t guesses; /* packets to ports of transfers */
    uint64_t hits;
    uint64_t upload_packets; /* forged requests to upload, and DATA */
    uint64_t uploads;        /* stored with forged bytes */
};

struct statistics {
    uint64_t worlds;
    uint64_t datagrams;
    uint64_t allocated; /* bytes, now */
    uint64_t faults[FAULT_COUNT];
    uint64_t begun[STATISTICS_MODELS_MAX]; /* clients, by model */
    uint64_t done[STATISTICS_MODELS_MAX];
    uint64_t outcomes[OUTCOME_COUNT];
    uint64_t verdicts[8]; /* enum admission_verdict */
    uint64_t blocks_sent[STATISTICS_CLASSES];
    uint64_t blocks_resent[STATISTICS_CLASSES];
    uint64_t tries[TRY_COUNT];
    struct statistics_forged forged[STATISTICS_FORGER_KINDS];
    uint64_t causes[CAUSE_COUNT];             /* with which our own client ended */
    uint64_t asked_least[STATISTICS_CLASSES]; /* datagrams that it would need, and those that it sent */
    uint64_t asked_sent[STATISTICS_CLASSES];
    uint64_t lies[STATISTICS_LIES_MAX]; /* told, of liar.c */
};

/* Worlds by what goes wrong in them: nothing, some loss and nothing else, everything. */
uint32_t statistics_class(const struct world *w);
const char *statistics_class_text(uint32_t class);
/* Of a hundred blocks of data, so many at most may be sent once more in such worlds. */
uint32_t statistics_resent_percent_max(uint32_t class);

const char *statistics_fault_text(enum fault fault);

#endif
