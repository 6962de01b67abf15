#include "win32/session_parts.h"

#include "win32/worker.h"

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

void session_emit(struct session *session, const struct run *run, struct first_answer *answer)
{
    /* Its client may be listening to another transfer now. */
    if (!life_may_speak(&session->life))
        return;
    if (session->is_unasked && !worker_may_repeat_first(session->worker))
        return;
    if (answer != NULL)
        keep_first_answer(run->parts, run->count, answer);
    else
        udp_send_run(session->outlet->udp, &session->entry.peer.at, &session->outlet->source, run->parts, run->count,
                     run->datagram_size, run->is_new);
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
    session_emit(session, run, answer);
    cache_unpin(&session->hints[next & 1]);
    return CACHE_PINNED;
}

/* count DATA packets, gathered from their headers and the chunk they lie in. The answer as of session_pin. */
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
        .is_new = transfer_is_new_block(&session->transfer, first),
    };

    add_header(session, &run, &room, 0, first);
    if (place.size == 0) { /* nothing of the file: there may be no chunk there */
        session_emit(session, &run, answer);
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
        session_emit(session, &run, answer);
    }
    cache_unpin(hint);
    return pinned;
}

enum life_performed session_send_blocks(struct session *session, struct action *action, uint64_t now_ms,
                                        struct first_answer *answer)
{
    enum status status = STATUS_OK;
    uint32_t count = action->blocks.count;

    if (answer == NULL) {
        count = worker_blocks_now(session->worker, session, count);
        if (count == 0)
            return PERFORMED_YIELDS;
    }
    while (session->blocks_done < count) {
        uint64_t first = action->blocks.first + session->blocks_done;
        uint32_t length = run_length(session, first, count - session->blocks_done);
        enum cache_answer pinned = send_run(session, first, length, answer, &status);
        if (pinned == CACHE_FAILED || status != STATUS_OK)
            break;
        if (pinned != CACHE_PINNED)
            return session_performed_of(pinned);
        session->blocks_done += length;
    }
    count = session->blocks_done > 0 ? session->blocks_done : 1;
    session->blocks_done = 0;
    transfer_answer(&session->transfer, status, count, now_ms, action);
    return PERFORMED_WAITS;
}
