/* The part of src/win32/session.c: between the core's questions and the network and disk. */
#include "server.h"

enum { ACTIONS_MAX = 2000 /* in a row, without waiting for anything */ };

static void emit(struct world *w, struct session *session, struct span head, struct span tail)
{
    if (session->is_doomed)
        return;
    if (session->is_unasked && !server_may_repeat_first(w, session->worker))
        return;
    struct endpoint tid = server_tid(w, session->worker);
    watch_send(w, &session->watch, head, tail);
    network_send(w, &tid, &session->entry.peer.at, head, tail);
}

/* True: the session is parked until the disk comes back. */
static bool park(struct world *w, struct session *session, bool must_wait)
{
    uint32_t delay_ms = session->may_wait ? disk_delay_ms(w) : 0;

    if (delay_ms == 0 && !must_wait)
        return false;
    session->is_parked = true;
    world_at(w, w->now_ms + delay_ms, MOMENT_DISK, 0, session);
    return true;
}

static bool send_blocks(struct world *w, struct session *session)
{
    enum status status = STATUS_OK;
    uint32_t count = session->action.blocks.count;

    for (; session->blocks_done < count; session->blocks_done++) {
        uint8_t header[PACKET_HEADER_SIZE];
        uint64_t block = session->action.blocks.first + session->blocks_done;
        struct block_place place = transfer_block_place(&session->transfer, block);
        if (place.offset > session->file->size || place.size > session->file->size - place.offset) {
            world_fail(w, "block %llu would lie behind the end of the file", (unsigned long long)block);
            break;
        }
        if (place.size > 0 && park(w, session, false))
            return false;
        status = disk_read(w);
        if (status != STATUS_OK)
            break;
        packet_encode_data_header(header, transfer_wire_block(&session->transfer, block));
        emit(w, session, span_of(header, sizeof header), span_of(session->file->bytes + place.offset, place.size));
    }
    session->blocks_done = 0;
    transfer_answer(&session->transfer, status, count, server_now_ms(w), &session->action);
    return true;
}

static bool read_bytes(struct world *w, struct session *session)
{
    uint64_t offset = session->action.read.offset;
    size_t size = session->action.read.size;

    if (offset >= session->file->size) {
        transfer_answer_read(&session->transfer, STATUS_OK, span_of(NULL, 0), server_now_ms(w), &session->action);
        return true;
    }
    if (park(w, session, false))
        return false;
    enum status status = disk_read(w);
    if (session->file->size - offset < size)
        size = (size_t)(session->file->size - offset);
    /* As at the border of two chunks of the cache. */
    if (size > 1 && world_chance(w, 200))
        size = 1 + world_random(w, (uint32_t)size);
    transfer_answer_read(&session->transfer, status, span_of(session->file->bytes + offset, size), server_now_ms(w),
                         &session->action);
    return true;
}

/* What a file thread does; the answer comes with session_resume. */
static void start_job(struct world *w, struct session *session)
{
    if (session->action.kind == ACTION_WRITE) {
        session->io_status = disk_write(w, &session->upload, session->action.write.offset, session->action.write.bytes);
    }
    park(w, session, true);
}

static void commit(struct world *w, struct session *session)
{
    struct span bytes = span_of(session->upload.bytes, session->upload.size);

    /* The disk takes the bytes over, so they are looked at first. */
    watch_commit(w, &session->watch, bytes);
    session->io_status = disk_commit(w, &session->upload, session->path);
    if (session->io_status == STATUS_OK)
        watch_stored(w, &session->watch);
    world_note(w, "commit \"%s\" status %d", session->path, session->io_status);
}

void session_run(struct world *w, struct session *session)
{
    for (int actions = 0; w->failure[0] == 0; actions++) {
        if (actions > ACTIONS_MAX)
            world_fail(w, "the core asks without end");
        watch_action(w, &session->watch, &session->action);
        if (transfer_is_ending(&session->transfer))
            admission_end_soon(&w->server->admission, &session->entry);
        switch (session->action.kind) {
        case ACTION_SEND:
            emit(w, session, session->action.send.bytes, span_of(NULL, 0));
            transfer_answer(&session->transfer, STATUS_OK, 1, server_now_ms(w), &session->action);
            break;
        case ACTION_SEND_BLOCKS:
            if (!send_blocks(w, session))
                return;
            break;
        case ACTION_READ:
            if (!read_bytes(w, session))
                return;
            break;
        case ACTION_WRITE:
        case ACTION_COMMIT: start_job(w, session); return;
        case ACTION_WAIT: watch_settled(w, &session->watch, session->action.wait.until_ms); return;
        case ACTION_FINISH: watch_finish(w, &session->watch, &session->action.finish); return;
        }
    }
}

void session_resume(struct world *w, struct session *session)
{
    struct transfer *t = &session->transfer;
    uint64_t now_ms = server_now_ms(w);

    session->is_parked = false;
    if (t->asked == ACTION_COMMIT)
        commit(w, session);
    bool is_stored = t->asked == ACTION_COMMIT && session->io_status == STATUS_OK;
    if (session->is_doomed && !is_stored)
        transfer_abandon(t, OUTCOME_SUPERSEDED, now_ms, &session->action);
    else if (t->asked == ACTION_SEND_BLOCKS || t->asked == ACTION_READ)
        transfer_ask_again(t, now_ms, &session->action);
    else
        transfer_answer(t, session->io_status, 1, now_ms, &session->action);
    session_run(w, session);
}
