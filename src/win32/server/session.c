#include "win32/server/session_parts.h"

#include "win32/server/sends.h"
#include "win32/server/worker.h"
#include "win32/system/text.h"

#include <stdio.h>
#include <stdlib.h>

struct session *session_create(struct shared *shared, const struct request *request, const struct endpoint *from)
{
    struct session *session = calloc(1, sizeof *session);

    if (session == NULL)
        return NULL;
    session->shared = shared;
    session->id = (uint32_t)InterlockedIncrement(&shared->last_id);
    session->entry.peer.at = *from;
    session->bucket = turns_bucket_of(from, shared->hash_seed);
    session->entry.fingerprint = request->fingerprint;
    session->entry.is_upload = request->is_upload;
    session->unsent = UNSENT_REASONS;
    if (request->is_upload) {
        session->upload = calloc(1, sizeof *session->upload);
        if (session->upload == NULL) {
            free(session);
            return NULL;
        }
        memcpy(session->upload->asked_path, request->path, sizeof request->path);
        session->entry.path = session->upload->asked_path;
    }
    return session;
}

static void free_session(struct session *session)
{
    free(atomic_load(&session->repeat));
    free(session->doubtful);
    free(session->upload);
    free(session->transfer.memory);
    free(session);
}

static void run_dispose_job(struct job *job)
{
    struct session *session = CONTAINING_RECORD(job, struct session, job);

    upload_close(&session->upload->upload);
    free_session(session);
}

void session_dispose(struct session *session)
{
    if (session->file != NULL)
        cache_release(session->shared->cache, session->file);
    session->file = NULL;
    if (session->upload == NULL || session->upload->upload.handle == NULL) {
        free_session(session);
        return;
    }
    session->job.run = run_dispose_job;
    jobs_put(session->shared->jobs, JOBS_WRITES, &session->job);
}

static void post_io(struct session *session, enum status status)
{
    session->io_status = (uint8_t)status;
    worker_post(session->worker, session, MAIL_IO, 0);
}

static void on_chunk_ready(struct cache_waiter *waiter, enum status status)
{
    post_io(CONTAINING_RECORD(waiter, struct session, waiter), status);
}

static void run_write_job(struct job *job)
{
    struct session *session = CONTAINING_RECORD(job, struct session, job);
    struct session_upload *upload = session->upload;

    post_io(session, upload_write(&upload->upload, upload->offset, upload->bytes.bytes, (uint32_t)upload->bytes.size));
}

static void run_commit_job(struct job *job)
{
    struct session *session = CONTAINING_RECORD(job, struct session, job);

    enum status status = upload_commit(&session->upload->upload);
    if (status == STATUS_OK)
        upload_close(&session->upload->upload);
    post_io(session, status);
}

static void put_job(struct session *session, void (*run)(struct job *))
{
    session->job.run = run;
    jobs_put(session->shared->jobs, JOBS_WRITES, &session->job);
}

enum cache_answer session_pin(struct session *session, uint32_t number, bool may_block, enum status *status)
{
    session->waiter.ready = on_chunk_ready;
    return cache_pin(session->shared->cache, session->file, number, &session->hints[number & 1],
                     session->transfer.standing == STANDING_STRANGER ? READER_STRANGER : READER_KNOWN,
                     may_block ? NULL : &session->waiter, status);
}

enum life_performed session_performed_of(enum cache_answer answer)
{
    if (answer == CACHE_EXHAUSTED)
        return PERFORMED_STARVES;
    return answer == CACHE_AWAITED ? PERFORMED_PARKS : PERFORMED_WAITS;
}

/* Bytes of the file for netascii. PERFORMED_WAITS as of session_send_blocks. */
static enum life_performed read_bytes(struct session *session, struct action *action, uint64_t now_ms, bool may_block)
{
    uint64_t offset = action->read.offset;
    uint32_t number = (uint32_t)(offset / CACHE_CHUNK_SIZE);
    size_t within = (size_t)(offset % CACHE_CHUNK_SIZE);
    enum status status = STATUS_OK;

    if (offset >= cached_file_size(session->file)) {
        transfer_answer_read(&session->transfer, STATUS_OK, span_of(NULL, 0), now_ms, action);
        return PERFORMED_WAITS;
    }
    enum cache_answer pinned = session_pin(session, number, may_block, &status);
    if (pinned == CACHE_FAILED)
        transfer_answer_read(&session->transfer, status, span_of(NULL, 0), now_ms, action);
    if (pinned != CACHE_PINNED)
        return session_performed_of(pinned);
    const struct chunk_hint *hint = &session->hints[number & 1];
    struct span chunk = cache_bytes(hint);
    size_t size = chunk.size - within < action->read.size ? chunk.size - within : action->read.size;
    transfer_answer_read(&session->transfer, status, span_of(chunk.bytes + within, size), now_ms, action);
    cache_unpin(hint);
    return PERFORMED_WAITS;
}

const char *session_file_name(const struct session *session)
{
    return session->upload != NULL ? session->upload->upload.path : cached_file_path(session->file);
}

/* What Windows says, behind our words for it. */
static void tell_error(struct event *event, DWORD error)
{
    if (error != 0)
        snprintf(event->detail, sizeof event->detail, ": %s", text_of_error(error).text);
}

static bool is_silence(enum transfer_outcome outcome)
{
    return outcome == OUTCOME_NEVER_ANSWERED || outcome == OUTCOME_NEVER_TOOK_DATA || outcome == OUTCOME_SILENT ||
           outcome == OUTCOME_STUCK;
}

/* It was not the client then. */
static void tell_unsent(struct event *event, enum unsent reason)
{
    snprintf(event->detail, sizeof event->detail, "; this machine refused to send to it: %s", unsent_advice(reason));
}

static void tell_end(struct session *session, const struct transfer_report *report)
{
    const struct transfer *t = &session->transfer;
    struct event event = event_of_transfer(session_file_name(session), &session->entry.peer.at, t->is_upload,
                                           t->is_netascii, &t->agreement, report, t->standing != STANDING_PROVEN);

    event.mac = session->mac;
    if (report->outcome == OUTCOME_FILE_ERROR && session->upload != NULL)
        tell_error(&event, session->upload->upload.error);
    if (is_silence(report->outcome) && session->unsent != UNSENT_REASONS)
        tell_unsent(&event, session->unsent);
    /* The port that an administrator finds in what comes next. */
    if (report->outcome == OUTCOME_SUPERSEDED)
        event.client.port = session->anew_port;
    journal_put(session->shared->journal, &event);
}

/* One that could not even be begun is a request that is refused: its listener tells that. */
static void finish(struct session *session, const struct transfer_report *report, bool is_beginning)
{
    session->io_status = (uint8_t)(report->outcome == OUTCOME_FILE_ERROR ? report->status : STATUS_BROKEN);
    if (!is_beginning)
        tell_end(session, report);
}

/* Before the client can hear it, as its next request is judged by another thread. */
static void tell_ending(struct session *session)
{
    if (session->entry.is_ending || !transfer_is_ending(&session->transfer))
        return;
    AcquireSRWLockExclusive(&session->shared->admission_lock);
    admission_end_soon(&session->shared->admission, &session->entry);
    ReleaseSRWLockExclusive(&session->shared->admission_lock);
}

static enum life_performed write_upload(struct session *session, const struct action *action)
{
    session->upload->bytes = action->write.bytes;
    session->upload->offset = action->write.offset;
    put_job(session, run_write_job);
    return PERFORMED_PARKS;
}

/* One datagram of the core's. */
static enum life_performed send_one(struct session *session, struct action *action, uint64_t now_ms,
                                    struct first_answer *answer)
{
    struct run run = {
        .parts = &action->send.bytes, .count = 1, .datagram_size = action->send.bytes.size, .datagrams = 1};

    if (session_emit(session, &run, answer) == 0 && transfer_may_be_asked_again(&session->transfer) &&
        session_waits_for_room(session))
        return PERFORMED_YIELDS;
    transfer_answer(&session->transfer, STATUS_OK, 1, now_ms, action);
    return PERFORMED_WAITS;
}

/* The loop between core and hands. With an answer to fill, nothing is parked and one datagram at most is made. */
static enum life_performed perform(struct session *session, struct action *action, uint64_t now_ms,
                                   struct first_answer *answer)
{
    /* Before anything goes out: who has heard us must not be taken for one who never answered, and make room. */
    atomic_store_explicit(&session->standing, session->transfer.standing, memory_order_relaxed);
    for (;;) {
        enum life_performed performed = PERFORMED_WAITS;
        tell_ending(session);
        sends_hear_of_segmentation(session->shared, transfer_take_segmentation_news(&session->transfer));
        switch (action->kind) {
        case ACTION_SEND: performed = send_one(session, action, now_ms, answer); break;
        case ACTION_SEND_BLOCKS: performed = session_send_blocks(session, action, now_ms, answer); break;
        case ACTION_READ: performed = read_bytes(session, action, now_ms, answer != NULL); break;
        case ACTION_WRITE: return write_upload(session, action);
        case ACTION_COMMIT: put_job(session, run_commit_job); return PERFORMED_PARKS;
        case ACTION_WAIT: return PERFORMED_WAITS;
        case ACTION_FINISH: finish(session, &action->finish, answer != NULL); return PERFORMED_FINISHED;
        }
        if (performed != PERFORMED_WAITS)
            return performed;
    }
}

enum life_performed session_begin(struct session *session, const struct request *request, const struct config *config,
                                  const struct agreement *agreement, uint64_t now_ms, struct first_answer *answer)
{
    struct action action;
    struct transfer_setup setup = {
        .agreement = *agreement,
        .is_upload = request->is_upload,
        .is_netascii = request->is_netascii,
        .file_size = request->is_upload ? 0 : cached_file_size(session->file),
        .upload_bytes_max = config->upload_bytes_max,
        .request_bytes = request->datagram_bytes,
        .silence_s = (uint16_t)config->silence_s,
        .unproven_s = (uint16_t)config->unproven_s,
        .unproven_bytes = config->unproven_bytes,
        .first_sends_max = (uint8_t)config->first_sends_max,
    };
    size_t memory_size = transfer_memory_size(&setup);

    if (memory_size > 0) {
        setup.memory = malloc(memory_size);
        if (setup.memory == NULL) {
            session->io_status = STATUS_BROKEN;
            return PERFORMED_FINISHED;
        }
    }
    transfer_begin(&session->transfer, &setup, now_ms, &action);
    return perform(session, &action, now_ms, answer);
}

enum life_performed session_perform(struct session *session, struct action *action, uint64_t now_ms)
{
    return perform(session, action, now_ms, NULL);
}
