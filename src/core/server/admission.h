/*
 * Who is being served: every transfer by its peer, how many there are in all and per client, and the uploads under way.
 * It decides what a request from a given peer means: a new transfer, the same request once more, or a new beginning.
 *
 * The owner guards it with one lock, taken when transfers begin and end, never for a packet. An entry lies inside the
 * owner's session and stays valid from admission_enter to admission_leave.
 */
#ifndef CORE_ADMISSION_H
#define CORE_ADMISSION_H

#include "core/base/peers.h"
#include "core/settings/config.h"
#include "core/transfer/standing.h"

struct entry {
    struct peer peer;
    uint32_t fingerprint; /* of the request's bytes */
    struct entry *next_upload;
    struct entry *previous_upload;
    struct entry *older; /* of the same rank, in the order they came to it */
    struct entry *newer;
    const char *path;   /* relative; the session's own copy, of an upload */
    uint8_t unanswered; /* transfers of this peer in a row that were superseded before it answered */
    uint8_t rank;       /* enum standing: as it was when its turn to make room last came */
    bool is_upload;
    bool begins_anew; /* its worker has decided that the request is no repetition */
    bool is_running;  /* its worker has it; before that it is being opened by a listener */
    bool is_doomed;   /* superseded or evicted: it counts no more and is about to leave */
    bool is_ending;   /* its client may have all it wants; written by its worker only */
    bool is_entered;
};

/* What MaxTransfersPerClient is about: an address, and with ENDPOINT_NETWORK_SHARE times as many a network. */
enum admission_scope { ADMISSION_OF_ADDRESS, ADMISSION_OF_NETWORK, ADMISSION_SCOPES };

/* How many transfers one address, or one network, has. */
struct host {
    struct peer peer; /* port 0 */
    uint32_t count;
    uint32_t ending; /* of these */
    struct host *next_free;
};

enum { ADMISSION_LATELY_MAX = 4096 };

struct admission {
    struct peers peers;
    struct peers hosts[ADMISSION_SCOPES];
    struct host *free_hosts;
    struct entry *uploads;
    struct rank {
        struct entry *oldest;
        struct entry *newest;
    } ranks[STANDING_COUNT];               /* who makes room first */
    uint32_t lately[ADMISSION_LATELY_MAX]; /* by hash of the peer: the fingerprint of its last request that is over */
    uint32_t transfers_max;                /* as the memory was made for */
    uint32_t running;                      /* entered and not left */
    uint32_t serving;                      /* of these, not doomed: what the limits are about */
};

/* Doomed ones are still there until their workers have seen to them; so many may be on their way out at once. */
enum { ADMISSION_SPARE = 1024 };

enum {
    ADMISSION_STALLED_MS = 10 * 1000, /* a proven client without progress for so long may have to make room */
    ADMISSION_LOOKS = 64              /* at proven clients, before a request is turned away */
};

/* So many different requests in a row may come from one peer that answers none of them. */
enum { ADMISSION_UNANSWERED_MAX = 16 };

/* Memory for the parameter MaxTransfers and ADMISSION_SPARE, all owned by the caller. */
struct admission_memory {
    struct peer **peer_slots; /* of admission_slots(transfers) each */
    struct peer **host_slots[ADMISSION_SCOPES];
    struct host *hosts; /* of admission_hosts(transfers) */
    uint32_t transfers;
    uint64_t seed; /* of endpoint_hash */
};

uint32_t admission_slots(uint32_t transfers);
uint32_t admission_hosts(uint32_t transfers);
void admission_init(struct admission *admission, const struct admission_memory *memory);

enum admission_verdict {
    ADMISSION_ENTERED,
    ADMISSION_REPEATED,     /* `other`'s worker decides what the request means for it */
    ADMISSION_BEING_OPENED, /* the same, and its first answer is on its way: nothing to do */
    ADMISSION_TOO_HASTY,    /* one request after the other, and never an answer: a forged source; say nothing */
    ADMISSION_NOT_NOW,      /* nobody can make room while requests are being opened; the client will ask again */
    ADMISSION_TOO_MANY,
    ADMISSION_TOO_MANY_OF_CLIENT
};

enum admission_likeness {
    REQUEST_OTHER, /* than that of `other` */
    REQUEST_SAME,  /* the very bytes of it */
    REQUEST_LATE   /* of one before: likely a copy that comes late */
};

struct admission_result {
    enum admission_verdict verdict;
    enum admission_likeness likeness; /* REPEATED */
    struct entry *other;              /* REPEATED: the transfer that was meant */
    struct entry *superseded;         /* ENTERED: a transfer this one replaces; end it silently if it is_running */
    struct entry *evicted;            /* ENTERED at the limit: it makes room; end it silently */
    struct entry *superseded_upload;  /* ENTERED: the client's unfinished upload of the same name from another port */
};

/* What the owner knows of an entry at this moment. */
struct admission_view {
    enum standing standing;
    uint64_t progress_ms; /* when its client last moved on */
};
typedef struct admission_view admission_look(const struct entry *entry);

/*
 * The entry's peer.at, fingerprint, is_upload, path and begins_anew are filled in. A request of a peer whose transfer has
 * been answered never ends that by itself, whatever it asks for: it may be forged.
 *
 * At MaxTransfers somebody has to make room: first who never answered, the oldest first; then who answered and took no data;
 * then a proven client without progress for ADMISSION_STALLED_MS.
 */
struct admission_result admission_enter(struct admission *admission, const struct config *config, struct entry *entry,
                                        admission_look *look, uint64_t now_ms);
/*
 * Its client may have all it wants (transfer_is_ending): at MaxTransfersPerClient it no longer stands in the way of the next
 * file. There may be as many such again as may count.
 */
void admission_end_soon(struct admission *admission, struct entry *entry);
void admission_leave(struct admission *admission, struct entry *entry);

#endif
