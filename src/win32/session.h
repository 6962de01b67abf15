/*
 * One transfer with its hands: performs the actions of core/transfer on socket, cache and files. A listener makes it
 * and sends its first answer; from then on one worker owns it, and others speak to it by mail only.
 */
#ifndef WIN32_SESSION_H
#define WIN32_SESSION_H

#include "core/admission.h"
#include "core/deadlines.h"
#include "core/request.h"
#include "core/transfer.h"
#include "win32/shared.h"
#include "win32/udp.h"

#include <stdatomic.h>

enum {
    SESSION_FIRST_ANSWER_MAX = 1024, /* an OACK, an ACK, an ERROR or a DATA of 512 bytes */
    SESSION_STARVED_MS = 10,         /* before a cache whose every chunk is in use is asked again */
    SESSION_SIZE_MAX = 480           /* of struct session: with what an allocation costs, half a KiB an open download */
};

/* What others want of it; bits of session.mail. */
enum session_mail {
    MAIL_START = 1,  /* the worker takes it over */
    MAIL_IO = 2,     /* what it was parked for is done */
    MAIL_REPEAT = 4, /* its request came once more */
    MAIL_END = 8,    /* it is superseded */
    MAIL_STOP = 16   /* an administrator ends it */
};

/* Where a worker's datagrams leave: its socket for one local address. */
struct outlet {
    struct udp *udp;
    struct endpoint source; /* the local address, port 0 */
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
    uint64_t until_ms; /* once it is doubtful: its client has been silent if nothing comes before */
    bool begins_anew;  /* as entry.begins_anew */
    size_t size;
    uint8_t bytes[];
};

struct session {
    struct entry entry; /* first: the indexes point at its peer */
    struct deadline deadline;
    struct transfer transfer;
    struct shared *shared;
    struct worker *worker;
    const struct outlet *outlet;
    struct cached_file *file;      /* of a download */
    struct session_upload *upload; /* of an upload */
    struct chunk_hint hints[2];    /* for chunks of even and odd number, so that a block over both keeps both */
    union {
        struct cache_waiter waiter; /* of a download */
        struct job job;             /* of an upload */
    };
    struct session *next_mail;
    atomic_uint mail;
    struct session *next_repeat;
    _Atomic(struct repeated_request *) repeat; /* of MAIL_REPEAT, owned */
    struct repeated_request *doubtful; /* came after the client had answered: a late copy, or a client that rebooted */
    uint32_t id;                       /* for people: tftpd status shows it, tftpd stop-transfer takes it */
    enum status io_status;
    uint32_t blocks_done;      /* of the run being sent, before it had to wait for the cache */
    atomic_bool is_superseded; /* set before MAIL_END is posted */
    atomic_bool has_answered;  /* as transfer.has_answered, for the listeners to read */
    bool is_ended;             /* freed as soon as its mail is taken */
    bool is_repeat_listed;     /* in its worker's list of repeats, which then frees it */
    bool is_starved;           /* parked because the cache had no room: nobody mails, a deadline wakes it */
    bool is_unasked;           /* what is sent now repeats the first answer, and nobody has asked for that */
    bool is_doomed;            /* to be ended once it is no longer parked */
    bool is_stopped;           /* the same, by an administrator */
};

_Static_assert(sizeof(struct session) <= SESSION_SIZE_MAX, "an open download is to cost at most half a KiB");

/* The datagram that a listener sends once the session belongs to its worker. */
struct first_answer {
    size_t size;
    uint8_t bytes[SESSION_FIRST_ANSWER_MAX];
};

enum session_state { SESSION_WAITS, SESSION_PARKED, SESSION_FINISHED };

/* NULL when memory is out. An upload gets its session_upload too. */
struct session *session_create(struct shared *shared, const struct request *request, const struct endpoint *from);
/* The relative path of what is open. */
const char *session_file_name(const struct session *session);
/* Closes and frees everything; files are closed on a job thread. */
void session_dispose(struct session *session);

/*
 * Begins the transfer: file or upload is open, outlet and worker are set. answer receives the first datagram instead of
 * the network, and a missing chunk is read at once. False if memory is out, or if the cache has no room this very moment,
 * which is_starved tells.
 */
bool session_begin(struct session *session, const struct request *request, const struct config *config,
                   const struct agreement *agreement, uint64_t now_ms, struct first_answer *answer);

/*
 * Performs the action and what follows from it until the transfer waits, is parked for a file, or has finished (then
 * the event has been told and the counts are right).
 */
enum session_state session_run(struct session *session, struct action *action, uint64_t now_ms);
/* Goes on after MAIL_IO. */
enum session_state session_resume(struct session *session, struct action *action, uint64_t now_ms);

#endif
