/*
 * One transfer with its hands: performs the actions of core/transfer/transfer on socket, cache and files. A listener
 * makes it and sends its first answer; from then on one worker owns it, and others speak to it by mail only.
 */
#ifndef WIN32_SESSION_H
#define WIN32_SESSION_H

#include "core/base/deadlines.h"
#include "core/server/admission.h"
#include "core/server/life.h"
#include "core/server/request.h"
#include "core/server/turns.h"
#include "win32/net/outlets.h"
#include "win32/server/shared.h"

#include <stdatomic.h>

enum {
    SESSION_FIRST_ANSWER_MAX = 1024, /* an OACK, an ACK, an ERROR or a DATA of 512 bytes */
    SESSION_FULL_TURNS_MAX = 250,    /* in a row without room for a datagram, a millisecond each at least */
    SESSION_SIZE_MAX = 488 /* with what an allocation and its share of the ports cost, half a KiB an open download */
};

/* What others want of it; bits of session.mail. */
enum session_mail {
    MAIL_START = 1,  /* the worker takes it over */
    MAIL_IO = 2,     /* what it was parked for is done */
    MAIL_REPEAT = 4, /* its request came once more, or another of its client */
    MAIL_SUPERSEDED = 8,
    MAIL_EVICTED = 16,
    MAIL_ENDED = 32 /* by an administrator */
};

/* An upload's hands, and what is being written. */
struct session_upload {
    struct upload upload;
    uint64_t offset;
    struct span bytes;
    char asked_path[PATH_TEXT_MAX];
};

struct worker;

/* A request that came again. The worker gives it to the session, or back to the listeners' side by putting the job. */
struct repeated_request {
    struct job job;
    struct shared *shared;
    void *intake;
    struct endpoint from;
    struct udp_arrival arrival;
    struct session *session;       /* whose mail it is, once the worker has taken that */
    struct repeated_request *next; /* in the worker's list */
    enum admission_likeness likeness;
    bool begins_anew; /* as entry.begins_anew */
    size_t size;
    uint8_t bytes[];
};

struct session {
    struct entry entry; /* first: the indexes point at its peer */
    struct deadline deadline;
    struct transfer transfer;
    struct life life;
    struct shared *shared;
    struct worker *worker;
    const struct outlet *outlet;
    struct cached_file *file;      /* of a download */
    struct session_upload *upload; /* of an upload */
    struct chunk_hint hints[2];    /* for chunks of even and odd number, so that a block over both keeps both */
    union {
        struct turn turn;           /* while the life is LIFE_READY */
        struct cache_waiter waiter; /* of a download */
        struct job job;             /* of an upload */
    };
    struct session *next_mail;
    _Atomic(struct repeated_request *) repeat; /* of MAIL_REPEAT, owned */
    struct repeated_request *doubtful;         /* kept while the life is in doubt */
    uint32_t id;                               /* for people: tftpd status shows it, tftpd stop-transfer takes it */
    uint16_t blocks_done;                      /* of the run being sent, before it had to wait for the cache */
    uint16_t anew_port;        /* of its client, that began anew from there; set before MAIL_SUPERSEDED too */
    atomic_uchar mail;         /* enum session_mail */
    atomic_bool is_superseded; /* set before MAIL_SUPERSEDED is posted */
    atomic_uchar standing;     /* as the transfer's, for the listeners to read */
    uint8_t bucket;            /* its client's, for turns */
    uint8_t io_status;         /* enum status: what the disk answered */
    uint8_t full_turns;        /* in a row that found no room for a datagram */
    struct mac mac;            /* its client's, as its request came */
    uint8_t unsent;            /* enum unsent of what the system refused last; UNSENT_REASONS: nothing */
    bool is_repeat_listed : 1; /* the worker's list of repeats leads here, which then frees it */
    bool is_unasked : 1;       /* what is sent now repeats the first answer, and nobody has asked for that */
};

_Static_assert(sizeof(struct session) <= SESSION_SIZE_MAX, "an open download is to cost at most half a KiB");

/* The datagram that a listener sends once the session belongs to its worker. */
struct first_answer {
    size_t size;
    uint8_t bytes[SESSION_FIRST_ANSWER_MAX];
};

/* NULL when memory is out. An upload gets its session_upload too. */
struct session *session_create(struct shared *shared, const struct request *request, const struct endpoint *from);
/* The relative path of what is open. */
const char *session_file_name(const struct session *session);
/* Closes and frees everything; files are closed on a job thread. */
void session_dispose(struct session *session);

/*
 * Begins the transfer: file or upload is open, outlet and worker are set. answer receives the first datagram instead of
 * the network, and a missing chunk is read at once. PERFORMED_WAITS if all is well, PERFORMED_STARVES if the cache has no
 * room this very moment; anything else: it could not be begun, io_status says why, and nothing has been told.
 */
enum life_performed session_begin(struct session *session, const struct request *request, const struct config *config,
                                  const struct agreement *agreement, uint64_t now_ms, struct first_answer *answer);

/*
 * Performs the action and what follows from it until the transfer waits, has had its turn, is parked for a file, or has
 * finished (then the event has been told and the counts are right). On its worker's thread.
 */
enum life_performed session_perform(struct session *session, struct action *action, uint64_t now_ms);

#endif
