/*
 * What listeners and workers share: the settings in force, who is being served, the cache, the journal, the counts.
 * Nothing here is touched for a packet, only when a transfer begins or ends.
 */
#ifndef WIN32_SHARED_H
#define WIN32_SHARED_H

#include "core/server/admission.h"
#include "core/server/errors.h"
#include "core/server/turns.h"
#include "core/server/unsent.h"
#include "core/settings/config.h"
#include "core/transfer/segmentation.h"
#include "core/transfer/standing.h"
#include "win32/boot/companion.h"
#include "win32/disk/cache.h"
#include "win32/disk/file.h"
#include "win32/log/journal.h"
#include "win32/net/interfaces.h"
#include "win32/net/neighbours.h"

#include <stdatomic.h>

enum { SHARED_CONTENTION_MS = 50 };

/* One published state of the parameters. Never changed; freed by its last user. */
struct settings {
    volatile LONG references;
    struct root *root;
    struct config config;
};

/*
 * Of transfers, what has ended, counted under the admission lock: those that run are added by snapshot_take. The other
 * counts are changed with interlocked operations.
 */
struct shared_counts {
    volatile LONG64 started;
    volatile LONG64 finished;
    volatile LONG64 failed;
    volatile LONG64 outcomes[OUTCOME_COUNT]; /* of ended transfers; started ones end in one of them */
    volatile LONG64 refused;
    volatile LONG64 refusals[REFUSAL_COUNT]; /* the same by reason */
    volatile LONG64 dropped;                 /* datagrams at the service's port that get no answer, unheard ones too */
    volatile LONG64 errors_withheld;         /* ERRORs over ErrorsPerSecond, or over one a second to stray packets */
    volatile LONG64 resends_withheld;        /* first answers over FirstResendsPerSecond */
    volatile LONG64 unsent[UNSENT_REASONS];  /* datagrams that the system refused to send */
    volatile LONG64 gave_way;                /* never answered, and made room at MaxTransfers */
    volatile LONG64 bytes_sent;
    volatile LONG64 bytes_received;
    volatile LONG64 blocks_resent;
};

/* Of win32/server/sends. */
struct sends {
    SRWLOCK lock; /* held when something has gone wrong */
    struct segmentation segmentation;
    struct unsent_told told;
    bool is_segmentation_wanted;
    atomic_bool is_segmentation_well; /* nothing has gone wrong since something arrived */
    atomic_bool may_segment;
    atomic_bool is_source_told;
};

struct shared {
    SRWLOCK settings_lock;
    struct settings *settings;

    SRWLOCK admission_lock;
    struct admission admission;
    struct known known; /* addresses that have finished a transfer lately; under the same lock */

    SRWLOCK errors_lock; /* held for a look into a table */
    struct errors errors;
    /* What workers need of the settings at any time. */
    atomic_uint errors_per_second;
    atomic_uint first_resends_per_second; /* of each worker */

    /* Whose turn it was last, on whichever worker, when that was, how long others count as waiting, and who has how many. */
    atomic_uint turn_bucket;
    _Atomic uint64_t turn_used_ms;
    _Atomic uint64_t contended_until_ms;
    atomic_uint turns[TURNS_BUCKETS];

    struct sends sends;

    uint64_t hash_seed; /* of endpoint_hash */
    struct jobs *jobs;
    struct cache *cache;
    struct interfaces *interfaces;
    struct neighbours *neighbours;
    struct journal *journal;
    struct companion companion;
    struct shared_counts counts;
    volatile LONG last_id;   /* of a transfer */
    volatile LONG is_paused; /* requests are not answered */
    volatile LONG retakes;   /* repeated requests on their way back to the intake */
};

/* Takes over the root's reference. NULL when memory is out. */
struct settings *settings_create(const struct config *config, struct root *root);
struct settings *settings_acquire(struct shared *shared);
void settings_release(struct settings *settings);
/* Makes these the settings in force, taking over the reference, and lets go of the old ones. */
void settings_publish(struct shared *shared, struct settings *settings);

/* Notes who sends; true if somebody else has sent in the last SHARED_CONTENTION_MS too. */
bool shared_is_contended(struct shared *shared, uint8_t bucket);
/*
 * For a client with many transfers: false if another worker is serving it while others wait. Else the turn is to be
 * ended.
 */
bool shared_begin_turn(struct shared *shared, uint8_t bucket);
void shared_end_turn(struct shared *shared, uint8_t bucket);

/*
 * ERRORs of the whole process (core/server/errors), to refused requests and to packets that belong to no transfer.
 * False: it must not leave, and has been counted. Any thread.
 */
bool shared_may_refuse(struct shared *shared, const struct endpoint *to);
bool shared_may_refuse_stray(struct shared *shared, const struct endpoint *to, uint64_t now_ms);
/*
 * Which card is at this address, whose datagram came in on this interface: by the neighbour table, else by what boot requests
 * say. Asks the system, so not for each packet; where ClientDirectories hangs on it, perhaps the link, and waits for that
 * (neighbours_ask).
 */
struct mac shared_who(struct shared *shared, const struct config *config, const struct endpoint *from,
                      uint32_t interface_index);
/*
 * Asked before a request is judged. False: its source has drawn more ERRORs than it may have, so it is to cost no more than
 * its datagram, which has been counted as dropped. Any thread.
 */
bool shared_hears(struct shared *shared, const struct endpoint *from);

#endif
