/* The part of src/win32/server/session.c: between the core's questions and the network and disk. */
#include "clients.h"
#include "server.h"

enum { ACTIONS_MAX = 2000 /* in a row, without waiting for anything */ };

/* False: there is no room for it. */
static bool emit(struct world *w, struct session *session, struct span head, struct span tail)
{
    bool is_heard = life_may_speak(&session->life);

    if (!is_heard && session->life.end >= END_EVICTED)
        return true;
    if (session->is_unasked && !server_may_repeat_first(w, session->worker))
        return true;
    /* A listener waits for room before it sends the first answer. */
    if (is_heard && session->may_wait && transfer_may_be_asked_again(&session->transfer) &&
        world_fault(w, w->faults.full, FAULT_FULL_BUFFER))
        return false;
    struct endpoint tid = server_tid(w, session->worker, session->tid);
    watch_send(w, &session->watch, head, tail);
    /* In doubt it counts as sent and lost. */
    if (is_heard && !session->is_in_segments)
        network_send(w, &tid, &session->entry.peer.at, head, tail);
    return true;
}

/* Of the new blocks from this one on; where it may, a window leaves in one call. */
static bool leaves_in_segments(struct world *w, struct session *session, uint32_t count)
{
    if (count == 1 || !session->may_wait || !transfer_may_segment(&session->transfer) ||
        !transfer_is_new_block(&session->transfer, session->action.blocks.first) || !life_may_speak(&session->life))
        return false;
    transfer_on_segmented(&session->transfer);
    return w->faults.loses_segments && world_fault(w, 1000, FAULT_LOST_SEGMENTS);
}

/* Where nothing is lost, nothing may look as if it were; and one loss as a whole is enough. */
static void hear_of_segments(struct world *w, struct session *session)
{
    enum segmentation_news news = transfer_take_segmentation_news(&session->transfer);

    session->lost_segments += news == SEGMENTATION_LOST;
    REQUIRE(w, news != SEGMENTATION_LOST || !w->is_strict || !client_is_honest(w, &session->entry.peer.at),
            "segments count as lost where nothing was");
    REQUIRE(w, session->lost_segments <= 1, "segments are lost once more");
}

/* True: the session is parked until the disk comes back. */
static bool park(struct world *w, struct session *session, bool must_wait)
{
    uint32_t delay_ms = session->may_wait ? disk_delay_ms(w) : 0;

    if (delay_ms == 0 && !must_wait)
        return false;
    world_at(w, w->now_ms + delay_ms, MOMENT_DISK, 0, session);
    return true;
}

static enum life_performed send_blocks(struct world *w, struct session *session)
{
    enum status status = STATUS_OK;
    uint32_t count = session->action.blocks.count;

    if (session->may_wait)
        count = worker_blocks_now(session, count);
    if (count == 0)
        return PERFORMED_YIELDS;
    session->is_in_segments = leaves_in_segments(w, session, count);
    bool is_full = false;
    for (; session->blocks_done < count; session->blocks_done++) {
        uint8_t header[PACKET_HEADER_SIZE];
        uint64_t block = session->action.blocks.first + session->blocks_done;
        struct block_place place = transfer_block_place(&session->transfer, block);
        if (place.offset > session->file->size || place.size > session->file->size - place.offset) {
            world_fail(w, "block %llu would lie behind the end of the file", (unsigned long long)block);
            break;
        }
        if (place.size > 0 && park(w, session, false)) {
            session->is_in_segments = false;
            return PERFORMED_PARKS;
        }
        status = disk_read(w);
        if (status != STATUS_OK)
            break;
        packet_encode_data_header(header, transfer_wire_block(&session->transfer, block));
        is_full =
            !emit(w, session, span_of(header, sizeof header), span_of(session->file->bytes + place.offset, place.size));
        if (is_full)
            break;
    }
    session->is_in_segments = false;
    if (is_full && session->blocks_done == 0)
        return PERFORMED_YIELDS;
    if (is_full)
        count = session->blocks_done;
    session->blocks_done = 0;
    transfer_answer(&session->transfer, status, count, server_now_ms(w), &session->action);
    return PERFORMED_WAITS;
}

static enum life_performed read_bytes(struct world *w, struct session *session)
{
    uint64_t offset = session->action.read.offset;
    size_t size = session->action.read.size;

    if (offset >= session->file->size) {
        transfer_answer_read(&session->transfer, STATUS_OK, span_of(NULL, 0), server_now_ms(w), &session->action);
        return PERFORMED_WAITS;
    }
    if (park(w, session, false))
        return PERFORMED_PARKS;
    enum status status = disk_read(w);
    if (session->file->size - offset < size)
        size = (size_t)(session->file->size - offset);
    /* As at the border of two chunks of the cache. */
    if (size > 1 && world_chance(w, 200))
        size = 1 + world_random(w, (uint32_t)size);
    transfer_answer_read(&session->transfer, status, span_of(session->file->bytes + offset, size), server_now_ms(w),
                         &session->action);
    return PERFORMED_WAITS;
}

/* What a file thread does; the answer comes with session_io_status. */
static enum life_performed start_job(struct world *w, struct session *session)
{
    if (session->action.kind == ACTION_WRITE)
        session->io_status = disk_write(w, &session->upload, session->action.write.offset, session->action.write.bytes);
    park(w, session, true);
    return PERFORMED_PARKS;
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

enum life_performed session_perform(struct world *w, struct session *session)
{
    for (int actions = 0; w->failure[0] == 0; actions++) {
        enum life_performed performed = PERFORMED_WAITS;
        if (actions > ACTIONS_MAX)
            world_fail(w, "the core asks without end");
        watch_action(w, &session->watch, &session->action);
        hear_of_segments(w, session);
        if (transfer_is_ending(&session->transfer))
            admission_end_soon(&w->server->admission, &session->entry);
        switch (session->action.kind) {
        case ACTION_SEND:
            if (!emit(w, session, session->action.send.bytes, span_of(NULL, 0)))
                return PERFORMED_YIELDS;
            transfer_answer(&session->transfer, STATUS_OK, 1, server_now_ms(w), &session->action);
            break;
        case ACTION_SEND_BLOCKS: performed = send_blocks(w, session); break;
        case ACTION_READ: performed = read_bytes(w, session); break;
        case ACTION_WRITE:
        case ACTION_COMMIT: return start_job(w, session);
        case ACTION_WAIT: watch_settled(w, &session->watch, session->action.wait.until_ms); return PERFORMED_WAITS;
        case ACTION_FINISH: watch_finish(w, &session->watch, &session->action.finish); return PERFORMED_FINISHED;
        }
        if (performed != PERFORMED_WAITS)
            return performed;
    }
    return PERFORMED_FINISHED;
}

enum status session_io_status(struct world *w, struct session *session)
{
    if (session->transfer.asked == ACTION_COMMIT)
        commit(w, session);
    if (session->transfer.asked == ACTION_SEND_BLOCKS || session->transfer.asked == ACTION_READ)
        return STATUS_OK;
    return session->io_status;
}
