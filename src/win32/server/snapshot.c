#include "win32/server/snapshot.h"

#include "core/base/utf8.h"
#include "win32/server/worker.h"

/*
 * A session in the index stays there and lives as long as the admission lock is held, and a running one has everything
 * that does not change. What does change belongs to its worker, who goes on meanwhile: single words of it are read here,
 * each as it is at some moment.
 */
static void add_transfer(struct snapshot *snapshot, const struct session *session, struct snapshot_transfer *to,
                         uint64_t now_ms)
{
    const struct transfer *t = &session->transfer;
    bool has_answered = atomic_load_explicit(&session->standing, memory_order_relaxed) != STANDING_STRANGER;
    uint64_t bytes = transfer_bytes(t);
    uint64_t resent = t->blocks_resent;

    snapshot->unanswered += !has_answered;
    *(t->is_upload ? &snapshot->totals.bytes_received : &snapshot->totals.bytes_sent) += bytes;
    snapshot->totals.blocks_resent += resent;
    if (to == NULL)
        return;
    *to = (struct snapshot_transfer){
        .id = session->id,
        .is_upload = t->is_upload,
        .is_netascii = t->is_netascii,
        .has_answered = has_answered,
        .has_size = t->is_upload ? t->agreement.tsize > 0 : !t->is_netascii,
        .client = session->entry.peer.at,
        .mac = session->mac,
        .size = t->is_upload ? t->agreement.tsize : t->file_size,
        .bytes = bytes,
        .blocks_resent = resent,
        .age_ms = now_ms > t->begun_ms ? now_ms - t->begun_ms : 0,
        .blksize = t->agreement.blksize,
        .windowsize = t->agreement.windowsize,
    };
    /* An upload's own path may change while it is stored. */
    utf8_copy(to->name, sizeof to->name, t->is_upload ? session->entry.path : cached_file_path(session->file));
    utf8_make_printable(to->name);
}

static void add_counts(struct snapshot_totals *totals, const struct shared_counts *counts)
{
    *totals = (struct snapshot_totals){
        .started = (uint64_t)counts->started,
        .finished = (uint64_t)counts->finished,
        .failed = (uint64_t)counts->failed,
        .refused = (uint64_t)counts->refused,
        .dropped = (uint64_t)counts->dropped,
        .errors_withheld = (uint64_t)counts->errors_withheld,
        .resends_withheld = (uint64_t)counts->resends_withheld,
        .gave_way = (uint64_t)counts->gave_way,
        .bytes_sent = (uint64_t)counts->bytes_sent,
        .bytes_received = (uint64_t)counts->bytes_received,
        .blocks_resent = (uint64_t)counts->blocks_resent,
    };
    for (size_t i = 0; i < OUTCOME_COUNT; i++)
        totals->outcomes[i] = (uint64_t)counts->outcomes[i];
    for (size_t i = 0; i < REFUSAL_COUNT; i++)
        totals->refusals[i] = (uint64_t)counts->refusals[i];
    for (size_t i = 0; i < UNSENT_REASONS; i++)
        totals->unsent[i] = (uint64_t)counts->unsent[i];
}

void snapshot_take(struct shared *shared, struct snapshot *snapshot, struct snapshot_transfer *list)
{
    struct cache_figures cache = cache_figures(shared->cache);
    uint64_t now_ms = GetTickCount64();

    memset(snapshot, 0, sizeof *snapshot);
    snapshot->is_paused = shared->is_paused != 0;
    snapshot->cache_reads = cache.reads;
    snapshot->cache_bytes_read = cache.bytes_read;
    snapshot->cache_bytes_held = cache.bytes_held;
    snapshot->cache_bytes_max = cache.bytes_max;
    AcquireSRWLockExclusive(&shared->admission_lock);
    add_counts(&snapshot->totals, &shared->counts);
    snapshot->running = shared->admission.running;
    for (uint32_t i = 0; i < shared->admission.peers.capacity; i++) {
        const struct session *session = (const struct session *)shared->admission.peers.slots[i];
        if (session == NULL || !session->entry.is_running)
            continue;
        bool is_told = list != NULL && snapshot->transfer_count < SNAPSHOT_TRANSFERS_MAX;
        add_transfer(snapshot, session, is_told ? &list[snapshot->transfer_count++] : NULL, now_ms);
    }
    ReleaseSRWLockExclusive(&shared->admission_lock);
}

bool snapshot_stop_transfer(struct shared *shared, uint32_t id)
{
    bool is_found = false;

    AcquireSRWLockExclusive(&shared->admission_lock);
    for (uint32_t i = 0; i < shared->admission.peers.capacity && !is_found; i++) {
        struct session *session = (struct session *)shared->admission.peers.slots[i];
        is_found = session != NULL && session->id == id && session->entry.is_running;
        if (is_found)
            worker_post(session->worker, session, MAIL_ENDED, 0);
    }
    ReleaseSRWLockExclusive(&shared->admission_lock);
    return is_found;
}
