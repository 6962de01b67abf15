/* The part of src/win32/server/intake.c: one request, from its bytes to its first answer. */
#include "clients.h"
#include "server.h"
#include "statistics.h"

enum { UPLOAD_WINDOW_MAX = 256 * 1024, A_LITTLE = 128 };

static struct admission_view look(const struct entry *entry)
{
    const struct transfer *t = &((const struct session *)entry)->transfer;

    return (struct admission_view){t->standing, t->progress_ms};
}

static struct worker *next_worker(struct world *w)
{
    return &w->server->workers[w->config.single_port ? 0 : w->server->next_worker++ % SERVER_WORKERS];
}

static void refuse(struct world *w, const struct endpoint *from, size_t request_size, uint16_t code, const char *words)
{
    struct server *server = w->server;
    uint8_t bytes[PACKET_CONTROL_SIZE_MAX];

    if (!errors_allow(&server->errors, from, w->config.errors_per_second, server_now_ms(w)))
        return;
    size_t size = request_encode_error(bytes, request_size, code, words);
    struct worker *worker = next_worker(w);
    uint32_t number = server_draw_tid(w, worker);
    struct endpoint tid = server_tid(w, worker, number);
    network_send(w, &tid, from, span_of(bytes, size), span_of(NULL, 0));
    tids_leave(&worker->tids, number, server_now_ms(w));
}

/* Another worker than that of the peer's last transfer: another TID. */
static struct worker *choose_worker(struct world *w, const struct endpoint *from)
{
    struct server *server = w->server;
    uint8_t *last = &server->last_worker[endpoint_hash(from, SERVER_HASH_SEED) % sizeof server->last_worker];
    uint32_t number = server->next_worker++ % SERVER_WORKERS;

    if (number == *last)
        number = server->next_worker++ % SERVER_WORKERS;
    *last = (uint8_t)number;
    return &server->workers[w->config.single_port ? 0 : number];
}

static void end_silently(struct world *w, struct entry *entry, enum life_end end)
{
    if (entry != NULL && entry->is_running)
        worker_end(w, (struct session *)entry, end);
}

static void leave(struct world *w, struct session *session)
{
    admission_leave(&w->server->admission, &session->entry);
    w->server->session_count--;
    world_free(w, session->request);
    world_free(w, session->datagram);
    world_free(w, session->memory);
    world_free(w, session);
}

static void drop(struct world *w, struct session *session)
{
    world_free(w, session->request);
    world_free(w, session->datagram);
    world_free(w, session);
}

static struct session *make_session(struct world *w, const struct request *request, const struct datagram *datagram)
{
    struct session *session = world_allocate(w, sizeof *session);

    memset(session, 0, sizeof *session);
    session->request = world_allocate(w, sizeof *request);
    session->datagram =
        network_copy(w, &datagram->from, &datagram->to, span_of(datagram->bytes, datagram->size), span_of(NULL, 0));
    *session->request = *request;
    packet_decode(&session->request->packet, span_of(session->datagram->bytes, session->datagram->size));
    memcpy(session->path, request->path, sizeof session->path);
    session->entry.peer.at = datagram->from;
    session->bucket = turns_bucket_of(&datagram->from, SERVER_HASH_SEED);
    session->entry.fingerprint = request->fingerprint;
    session->entry.is_upload = request->is_upload;
    session->entry.path = session->path;
    session->entry.begins_anew = datagram->begins_anew;
    return session;
}

static void check_limits(struct world *w, const struct admission_result *result)
{
    const struct admission *admission = &w->server->admission;

    REQUIRE(w, admission->serving <= w->config.transfers_max, "%u transfers, where %u are allowed", admission->serving,
            w->config.transfers_max);
    if (result->evicted == NULL)
        return;
    struct admission_view view = look(result->evicted);
    REQUIRE(w, view.standing != STANDING_PROVEN || server_now_ms(w) >= view.progress_ms + ADMISSION_STALLED_MS,
            "a client that goes on had to make room");
}

static void admit(struct world *w, const struct request *request, const struct datagram *datagram)
{
    struct session *session = make_session(w, request, datagram);
    uint64_t now_ms = server_now_ms(w);
    struct admission_result result = admission_enter(&w->server->admission, &w->config, &session->entry, look, now_ms);

    w->statistics->verdicts[result.verdict]++;
    check_limits(w, &result);
    switch (result.verdict) {
    case ADMISSION_ENTERED:
        w->server->session_count++;
        session->is_known = standing_knows(&w->server->known, &datagram->from, now_ms);
        session->worker = choose_worker(w, &datagram->from);
        end_silently(w, result.superseded, END_SUPERSEDED);
        end_silently(w, result.superseded_upload, END_SUPERSEDED);
        end_silently(w, result.evicted, END_EVICTED);
        world_at(w, w->now_ms + disk_delay_ms(w), MOMENT_DISK, 0, session);
        return;
    case ADMISSION_REPEATED:
        worker_repeat(
            w, (struct session *)result.other,
            network_copy(w, &datagram->from, &datagram->to, span_of(datagram->bytes, datagram->size), span_of(NULL, 0)),
            result.likeness);
        break;
    case ADMISSION_TOO_MANY:
    case ADMISSION_TOO_MANY_OF_CLIENT:
        refuse(w, &datagram->from, datagram->size, ERROR_CODE_UNDEFINED, "Too many transfers at once, try again");
        break;
    default: break;
    }
    drop(w, session);
}

void intake_take(struct world *w, struct datagram *datagram)
{
    struct request request;

    request_judge(&request, &w->config, &datagram->from, span_of(datagram->bytes, datagram->size));
    if (request.verdict == REQUEST_OK)
        admit(w, &request, datagram);
    else if (request.verdict != REQUEST_DROP)
        refuse(w, &datagram->from, datagram->size, request.error_code, request.why);
}

static enum status open_file(struct world *w, struct session *session)
{
    const struct disk_file *file = disk_find(w->disk, session->path);

    if (session->request->is_upload) {
        if (w->faults.full_after != 0 && w->disk->stored > w->faults.full_after && w->now_ms < w->faults.heal_ms)
            return STATUS_FULL;
        return file != NULL ? STATUS_EXISTS : STATUS_OK;
    }
    session->file = file;
    return file == NULL ? STATUS_NOT_FOUND : disk_read(w);
}

static struct transfer_setup agree(struct world *w, struct session *session)
{
    const struct request *request = session->request;
    struct option_limits limits =
        request_option_limits(request, &w->config, &session->entry.peer.at, w->config.mtu, session->is_known);
    struct option_facts facts = {request->is_upload, request->is_netascii, session->file ? session->file->size : 0};

    return (struct transfer_setup){
        .agreement = options_agree(&request->packet, &limits, &facts),
        .is_upload = request->is_upload,
        .is_netascii = request->is_netascii,
        .file_size = facts.file_size,
        .upload_bytes_max = w->config.upload_bytes_max,
        .request_bytes = request->datagram_bytes,
        .silence_s = (uint16_t)w->config.silence_s,
        .unproven_s = (uint16_t)w->config.unproven_s,
        .unproven_bytes = w->config.unproven_bytes,
        .first_sends_max = (uint8_t)w->config.first_sends_max,
    };
}

/* An upload: one window at most and a little; netascii: one block and a little; what is fetched in octet mode: nothing. */
static size_t memory_size_max(const struct transfer_setup *setup)
{
    if (setup->is_upload)
        return UPLOAD_WINDOW_MAX + A_LITTLE;
    return setup->is_netascii ? setup->agreement.blksize + A_LITTLE : 0;
}

static void begin(struct world *w, struct session *session)
{
    struct transfer_setup setup = agree(w, session);
    size_t memory_size = transfer_memory_size(&setup);
    struct span wire = span_of(NULL, 0);

    if (!setup.is_upload)
        wire = setup.is_netascii ? span_of(session->file->wire, session->file->wire_size)
                                 : span_of(session->file->bytes, session->file->size);
    REQUIRE(w, memory_size <= memory_size_max(&setup), "a transfer wants %u bytes", (unsigned)memory_size);
    if (memory_size > 0)
        session->memory = world_allocate(w, memory_size);
    setup.memory = session->memory;
    world_free(w, session->request);
    world_free(w, session->datagram);
    session->request = NULL;
    session->datagram = NULL;
    session->entry.is_running = true;
    session->losses_before = client_losses(w, &session->entry.peer.at);
    session->tid = server_draw_tid(w, session->worker);
    watch_begin(w, &session->watch, &setup, wire);
    transfer_begin(&session->transfer, &setup, server_now_ms(w), &session->action);
    enum life_performed performed = session_perform(w, session);
    session->may_wait = true;
    if (performed == PERFORMED_WAITS) {
        worker_start(w, session);
        return;
    }
    /* The very first block could not be read, and the client has been told. */
    tids_leave(&session->worker->tids, session->tid, server_now_ms(w));
    leave(w, session);
}

/* The disk has found the file, or not. */
void intake_opened(struct world *w, struct session *session)
{
    enum status status = open_file(w, session);
    struct endpoint from = session->entry.peer.at;
    size_t request_size = session->datagram->size;

    if (session->entry.is_doomed || w->server->is_stopping) {
        leave(w, session);
    } else if (status != STATUS_OK || (session->request->is_netascii && session->file && session->file->wire == NULL)) {
        leave(w, session);
        refuse(w, &from, request_size, status_error_code(status), status_text(status));
    } else {
        begin(w, session);
    }
}
