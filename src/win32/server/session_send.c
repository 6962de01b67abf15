#include "win32/server/session_parts.h"

#include "win32/server/sends.h"
#include "win32/server/worker.h"

static void keep_first_answer(const struct span *parts, size_t count, struct first_answer *answer)
{
    answer->size = 0;
    for (size_t i = 0; i < count; i++) {
        ASSERT(parts[i].size <= sizeof answer->bytes - answer->size);
        if (parts[i].size > 0)
            memcpy(answer->bytes + answer->size, parts[i].bytes, parts[i].size);
        answer->size += parts[i].size;
    }
}

/* What the core and the whole process learn of it. */
static void hear_of_run(struct session *session, const struct udp_sent *sent)
{
    const struct outlet *outlet = session->outlet;

    if (sent->cutting == UDP_CUT)
        transfer_on_segmented(&session->transfer);
    else if (sent->cutting == UDP_CUT_NOT_HERE || sent->cutting == UDP_CUT_NEVER)
        transfer_on_segmentation_refused(&session->transfer, sent->cutting == UDP_CUT_NEVER);
    if (sent->datagrams > 0)
        session->full_turns = 0;
    if (sent->is_full)
        worker_meets_full(session->worker);
    if (sent->refused > 0)
        session->unsent = (uint8_t)sends_reason(sent->error);
    sends_hear(session->shared, &session->entry.peer.at, &outlet->source, sent);
}

uint32_t session_emit(struct session *session, const struct run *run, struct first_answer *answer)
{
    /* Its client may be listening to another transfer now. */
    if (!life_may_speak(&session->life))
        return run->datagrams;
    if (session->is_unasked && !worker_may_repeat_first(session->worker))
        return run->datagrams;
    if (answer != NULL) {
        keep_first_answer(run->parts, run->count, answer);
        return run->datagrams;
    }
    struct udp_run datagrams = {
        .parts = run->parts,
        .count = run->count,
        .datagram_size = run->datagram_size,
        .may_segment = run->is_new && transfer_may_segment(&session->transfer) && sends_may_segment(session->shared),
    };
    struct udp_sent sent =
        udp_send_run(session->outlet->udp, &session->entry.peer.at, &session->outlet->source, &datagrams);
    hear_of_run(session, &sent);
    return (uint32_t)sent.datagrams;
}

bool session_waits_for_room(struct session *session)
{
    if (session->full_turns < SESSION_FULL_TURNS_MAX) {
        session->full_turns++;
        return true;
    }
    session->full_turns = 0;
    return false;
}

/* How many blocks from this one on leave together: those that lie in its chunk to their end, one at least. */
static uint32_t run_length(const struct session *session, uint64_t block, uint32_t wanted)
{
    uint32_t blksize = session->transfer.agreement.blksize;
    uint64_t offset = transfer_block_place(&session->transfer, block).offset;
    uint32_t limits[] = {
        (CACHE_CHUNK_SIZE - (uint32_t)(offset % CACHE_CHUNK_SIZE)) / blksize,
        UDP_RUN_BYTES_MAX / (PACKET_HEADER_SIZE + blksize),
        UDP_RUN_MAX,
    };

    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        if (wanted > limits[i])
            wanted = limits[i];
    return wanted > 0 ? wanted : 1;
}

/* The parts of a run of blocks, and their headers. */
struct run_parts {
    uint8_t headers[UDP_RUN_MAX * PACKET_HEADER_SIZE];
    struct span parts[UDP_RUN_PARTS_MAX];
};

static void add_header(const struct session *session, struct run *run, struct run_parts *room, uint32_t index,
                       uint64_t block)
{
    uint8_t *header = room->headers + (size_t)index * PACKET_HEADER_SIZE;

    packet_encode_data_header(header, transfer_wire_block(&session->transfer, block));
    run->parts[run->count++] = span_of(header, PACKET_HEADER_SIZE);
}

static void emit_blocks(struct session *session, const struct run *run, struct first_answer *answer)
{
    session->blocks_done = (uint16_t)(session->blocks_done + session_emit(session, run, answer));
}

/* Behind the header of the one block that begins in this pinned chunk and ends in the next. The answer as of session_pin. */
static enum cache_answer send_over_border(struct session *session, struct block_place place, struct run *run,
                                          struct first_answer *answer, enum status *status)
{
    uint32_t next = (uint32_t)(place.offset / CACHE_CHUNK_SIZE) + 1;
    struct span chunk = cache_bytes(&session->hints[~next & 1]);
    size_t within = (size_t)(place.offset % CACHE_CHUNK_SIZE);
    size_t here = chunk.size - within;

    enum cache_answer pinned = session_pin(session, next, answer != NULL, status);
    if (pinned != CACHE_PINNED)
        return pinned;
    run->parts[run->count++] = span_of(chunk.bytes + within, here);
    run->parts[run->count++] = span_of(cache_bytes(&session->hints[next & 1]).bytes, place.size - here);
    emit_blocks(session, run, answer);
    cache_unpin(&session->hints[next & 1]);
    return CACHE_PINNED;
}

/*
 * count DATA packets, gathered from their headers and the chunk they lie in; blocks_done grows by those that found room. The
 * answer as of session_pin.
 */
static enum cache_answer send_run(struct session *session, uint64_t first, uint32_t count, struct first_answer *answer,
                                  enum status *status)
{
    struct block_place place = transfer_block_place(&session->transfer, first);
    uint32_t number = (uint32_t)(place.offset / CACHE_CHUNK_SIZE);
    const struct chunk_hint *hint = &session->hints[number & 1];
    struct run_parts room;
    struct run run = {
        .parts = room.parts,
        .datagram_size = PACKET_HEADER_SIZE + session->transfer.agreement.blksize,
        .datagrams = count,
        .is_new = transfer_is_new_block(&session->transfer, first),
    };

    add_header(session, &run, &room, 0, first);
    if (place.size == 0) { /* nothing of the file: there may be no chunk there */
        emit_blocks(session, &run, answer);
        return CACHE_PINNED;
    }
    enum cache_answer pinned = session_pin(session, number, answer != NULL, status);
    if (pinned != CACHE_PINNED)
        return pinned;
    struct span chunk = cache_bytes(hint);
    size_t within = (size_t)(place.offset % CACHE_CHUNK_SIZE);
    if (within + place.size > chunk.size) {
        pinned = send_over_border(session, place, &run, answer, status);
    } else {
        run.parts[run.count++] = span_of(chunk.bytes + within, place.size);
        for (uint32_t i = 1; i < count; i++) {
            add_header(session, &run, &room, i, first + i);
            within += place.size;
            place = transfer_block_place(&session->transfer, first + i);
            if (place.size > 0)
                run.parts[run.count++] = span_of(chunk.bytes + within, place.size);
        }
        emit_blocks(session, &run, answer);
    }
    cache_unpin(hint);
    return pinned;
}

enum life_performed session_send_blocks(struct session *session, struct action *action, uint64_t now_ms,
                                        struct first_answer *answer)
{
    enum status status = STATUS_OK;
    uint32_t count = action->blocks.count;
    bool is_full = false;

    if (answer == NULL) {
        count = worker_blocks_now(session->worker, session, count);
        if (count == 0)
            return PERFORMED_YIELDS;
    }
    while (session->blocks_done < count && !is_full) {
        uint64_t first = action->blocks.first + session->blocks_done;
        uint32_t length = run_length(session, first, count - session->blocks_done);
        uint32_t done = session->blocks_done + length;
        enum cache_answer pinned = send_run(session, first, length, answer, &status);
        if (pinned == CACHE_FAILED || status != STATUS_OK)
            break;
        if (pinned != CACHE_PINNED)
            return session_performed_of(pinned);
        is_full = session->blocks_done < done;
    }
    /* What has left is told first; the rest is asked for again then. */
    count = session->blocks_done > 0 ? session->blocks_done : 1;
    if (is_full && session->blocks_done == 0) {
        if (session_waits_for_room(session))
            return PERFORMED_YIELDS;
        count = action->blocks.count;
    }
    session->blocks_done = 0;
    transfer_answer(&session->transfer, status, count, now_ms, action);
    return PERFORMED_WAITS;
}
