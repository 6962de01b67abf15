#include "win32/server/intake_parts.h"

#include "win32/server/sends.h"

#include <stdio.h>

uint32_t intake_next_worker(struct intake *intake)
{
    return (uint32_t)InterlockedIncrement(&intake->next_worker) % intake->worker_count;
}

/* No longer than what its request pays for, as the source may be forged. */
static void send_error(struct arrival_story *story, uint16_t code, const char *text)
{
    uint8_t bytes[PACKET_CONTROL_SIZE_MAX];
    DWORD error;
    struct outlets *outlets = worker_outlets(story->intake->workers[intake_next_worker(story->intake)]);
    const struct outlet *outlet = outlets_draw(outlets, &story->interface.source, &error);
    size_t size = request_encode_error(bytes, story->datagram.size, code, text);
    struct span part = span_of(bytes, size);

    if (outlet == NULL)
        return;
    struct udp_sent sent = udp_send(outlet->udp, story->from, &outlet->source, &part, 1);
    sends_hear(story->intake->shared, story->from, &outlet->source, &sent);
    outlets_leave(outlets, outlet);
}

static void tell_request(const struct arrival_story *story, enum event_id id, const char *words, const char *detail)
{
    char name[EVENT_NAME_MAX];
    struct event event = event_of(id, path_printable(story->request.packet.name, name, sizeof name), detail);

    event.client = *story->from;
    event.words = words;
    event.mac = story->mac;
    journal_put(story->intake->shared->journal, &event);
}

void intake_tell_small(const struct arrival_story *story, enum event_id id, const char *words)
{
    if (journal_wants(story->intake->shared->journal, EVENT_DETAIL))
        tell_request(story, id, words, NULL);
}

void intake_drop(const struct arrival_story *story, const char *words)
{
    InterlockedIncrement64(&story->intake->shared->counts.dropped);
    intake_tell_small(story, EVENT_DATAGRAM_DROPPED, words);
}

static void count_refusal(const struct arrival_story *story, enum event_id id)
{
    struct shared *shared = story->intake->shared;

    InterlockedIncrement64(&shared->counts.refused);
    InterlockedIncrement64(&shared->counts.refusals[event_refusal(id)]);
}

/* Without an ERROR nothing is told either, so that no flood fills logs. */
void intake_refuse(struct arrival_story *story, enum event_id id, uint16_t code, const char *words, const char *detail)
{
    char text[EVENT_DETAIL_MAX];

    count_refusal(story, id);
    if (!shared_may_refuse(story->intake->shared, story->from))
        return;
    tell_request(story, id, words, detail);
    snprintf(text, sizeof text, "%s%s", words, detail);
    intake_leave(story);
    /* Of several servers that hear a broadcast another may have the file: an ERROR would end the boot. */
    if (!story->interface.is_to_many)
        send_error(story, code, text);
}

void intake_put_off(struct arrival_story *story, const char *words)
{
    count_refusal(story, EVENT_TOO_BUSY);
    tell_request(story, EVENT_TOO_BUSY, words, NULL);
}

static enum event_id refusal_id(const struct request *request)
{
    if (request->verdict == REQUEST_ILLEGAL)
        return EVENT_REQUEST_ILLEGAL;
    return request->is_upload ? EVENT_WRITE_REFUSED : EVENT_READ_REFUSED;
}

void intake_refuse_request(struct arrival_story *story)
{
    const struct request *request = &story->request;

    intake_refuse(story, refusal_id(request), request->error_code, request->why, "");
}

static enum event_id file_refusal_id(bool is_upload, enum status status)
{
    if (is_upload)
        return status == STATUS_FULL ? EVENT_NO_ROOM : EVENT_WRITE_REFUSED;
    switch (status) {
    case STATUS_NOT_FOUND: return EVENT_NOT_FOUND;
    case STATUS_BROKEN:
    case STATUS_CHANGED:
    case STATUS_ROOT_LOST:
    case STATUS_IN_USE: return EVENT_FILE_TROUBLE;
    default: return EVENT_READ_REFUSED;
    }
}

void intake_refuse_file(struct arrival_story *story, enum status status, const char *detail)
{
    enum event_id id = file_refusal_id(story->request.is_upload, status);

    intake_refuse(story, id, status_error_code(status), status_text(status), detail);
}
