/*
 * What a probe has found out: facts alone. What they mean is said by core/probe/verdict.
 */
#ifndef CORE_PROBE_FINDINGS_H
#define CORE_PROBE_FINDINGS_H

#include "core/probe/block_search.h"
#include "core/probe/sounding.h"

enum {
    FINDINGS_WINDOWS = 4,
    FINDINGS_REQUESTS = 3,
    FINDINGS_BLKSIZE = 1428,    /* passes tunnels */
    FINDINGS_MSFTWINDOW = 31416 /* what Windows Boot Manager asks for */
};

/* The states of the machine, in their order. */
enum probe_step {
    STEP_SIZE,    /* of `tftp size` alone: how large is it? */
    STEP_ABSENT,  /* a name that nobody has: does anybody answer? */
    STEP_PING,    /* nobody did: is the host there, and its port closed? */
    STEP_FILE,    /* the file, with all options */
    STEP_BARE,    /* that was not served: the file without any */
    STEP_OPTIONS, /* one by one, as large as they go */
    STEP_BLOCKS,
    STEP_WINDOWS,
    STEP_MANNERS,
    STEP_PUT,
    STEP_OVER
};

/* What became of a request for the file, or of one that stores. */
struct finding_answer {
    bool is_asked;
    enum sounding_end end;
    uint16_t code;
    size_t text_size;
    uint8_t text[SOUNDING_TEXT_MAX];
    bool has_oack;
};

/* Of an ICMP echo; and of a datagram to the port from a socket that hears nobody else, which some systems tell more. */
enum finding_ping { PING_NOT_ASKED, PING_ANSWERED, PING_SILENT, PING_UNKNOWN, PING_PORT_CLOSED };

struct finding_window {
    bool is_measured;
    uint32_t asked;
    uint32_t windowsize; /* as it was granted */
    uint32_t blksize;
    uint64_t blocks;
    uint64_t bytes;
    uint64_t ms;
    uint64_t arrived;
    uint64_t lost;
    uint64_t doubled;
    uint64_t disordered;
    uint32_t whole;
    uint32_t torn;
    uint32_t longest;
};

struct finding_trick {
    uint32_t tries;
    uint32_t plays;   /* how often the server made something of it; 0: it tells nothing */
    uint32_t doubles; /* TRICK_DOUBLED: and answered twice */
    bool is_repeated;
    uint32_t repeated_ms;
    bool is_refused;
    bool is_taken_as_ours;
};

/* Something came of it, so it need not be played again. */
static inline bool finding_trick_is_seen(const struct finding_trick *trick)
{
    return trick->is_repeated || trick->is_refused || trick->is_taken_as_ours;
}

/* What follows block 65535. */
enum finding_rollover { ROLLOVER_UNKNOWN, ROLLOVER_0, ROLLOVER_1, ROLLOVER_NOTHING };

struct findings {
    struct endpoint server; /* that was asked */
    const char *name;       /* of the file; NULL: none was given */
    const char *put_name;
    uint32_t mtu; /* of the way to it as this machine has it; 0: unknown */
    bool is_this_machine;
    struct endpoint other; /* the name's address of the other family; port 0: none */

    uint32_t asked; /* for the absent name, each time until it was answered, or in vain */
    uint32_t answered;
    struct finding_answer absent; /* the first that was answered, or the last */
    struct endpoint from;         /* who answered last; port 0: nobody ever */
    struct endpoint stranger;     /* an address that was not asked, and answered */
    bool is_nonsense_heard;
    struct round_trip trip;      /* of requests */
    struct round_trip data_trip; /* of a first block: a disk may be slower than the way */
    enum finding_ping ping;

    struct finding_answer file; /* with options */
    struct finding_answer bare; /* without */
    bool has_size;
    uint64_t size;
    bool is_oack_broken;
    unsigned asked_options;            /* bit per enum option */
    unsigned together;                 /* those that were granted in one answer */
    unsigned alone;                    /* and those that were when they were asked for alone */
    unsigned asked_alone;              /* whatever came of it */
    unsigned unanswered;               /* of these, those of which nothing did */
    uint64_t granted[OPTION_COUNT];    /* the most of it */
    uint32_t asked_most[OPTION_COUNT]; /* when it was granted */

    bool has_blocks;
    struct block_search blocks;
    struct finding_window windows[FINDINGS_WINDOWS];
    struct finding_trick tricks[TRICK_COUNT];
    enum finding_rollover rollover;
    struct finding_answer put;
    struct block_search put_blocks;

    /* Bit per enum probe_step: its time, the time or the bytes of all, or the server's answers ended before all was seen. */
    unsigned unfinished;
    bool is_out_of_time;
    bool is_out_of_bytes;
    bool is_interrupted;
    bool is_socket_lost; /* the system gives no port, or forbids to send */
    bool is_name_too_long;
    uint64_t duration_ms;
    uint64_t wire_bytes;
    uint32_t soundings;
    uint32_t datagrams; /* ours */
};

static inline bool findings_is_granted(const struct findings *f, enum option option)
{
    return (f->together | f->alone) >> option & 1;
}

/* The last word on the file. */
static inline const struct finding_answer *findings_of_file(const struct findings *f)
{
    return f->bare.is_asked ? &f->bare : &f->file;
}

/* The file is served, in whatever way. */
static inline bool findings_is_served(const struct findings *f)
{
    return (f->file.is_asked && f->file.end == SOUNDING_DONE) || (f->bare.is_asked && f->bare.end == SOUNDING_DONE);
}

/* Bytes of a packet in front of a block: of IP, UDP and TFTP. */
uint32_t findings_headers(const struct findings *f);
/* Of blksize or windowsize, what was granted is the server's limit, or the option's: not just what it was asked for. */
bool findings_is_limit_told(const struct findings *f, enum option option);
/* The largest block that the server grants; BLKSIZE_DEFAULT where it knows none. */
uint32_t findings_blksize_limit(const struct findings *f);
uint32_t findings_windowsize_limit(const struct findings *f);
/* A block that arrives, whatever is on the way, as far as that is known; FINDINGS_BLKSIZE at most. */
uint32_t findings_blksize(const struct findings *f);
/*
 * Which of the windows is the first of which none arrives whole, where smaller ones do: something on the way holds no more
 * than its longest blocks at once. FINDINGS_WINDOWS: none is.
 */
uint32_t findings_cut_window(const struct findings *f);
/* Blocks that came and that were lost, of windows that fit through. */
void findings_count_loss(const struct findings *f, uint64_t *arrived, uint64_t *lost);
/* More than now and then: at least two, and one in a hundred. */
bool findings_is_lossy(const struct findings *f);
/* One or two, by most of the plays; 0: not known. */
uint32_t findings_answers_to_doubled_ack(const struct findings *f);
/* Bytes a second. */
uint64_t findings_rate(const struct finding_window *window);
/* The smallest of the windows that is within 5 % of the fastest; FINDINGS_WINDOWS: none was measured. */
uint32_t findings_best_window(const struct findings *f);

#endif
