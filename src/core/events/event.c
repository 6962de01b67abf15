#include "core/events/event.h"

#include "core/base/utf8.h"
#include "core/names/path.h"

#include <stdio.h>

const struct event_kind event_kinds[] = {
#define EVENT_ROW(id, name, level, category, text, advice) \
    {(id), EVENT_##level, CATEGORY_##category, #name, text, advice},
    EVENT_TABLE(EVENT_ROW)
#undef EVENT_ROW
};

const size_t event_kind_count = sizeof event_kinds / sizeof event_kinds[0];

const struct event_kind *event_kind(uint16_t id)
{
    for (size_t i = 0; i < event_kind_count; i++)
        if (event_kinds[i].id == id)
            return &event_kinds[i];
    return NULL;
}

const char *event_level_text(enum event_level level)
{
    static const char *const texts[] = {
        [EVENT_DETAIL] = "detail",
        [EVENT_INFORMATION] = "information",
        [EVENT_WARNING] = "warning",
        [EVENT_ERROR] = "error",
    };

    return texts[level];
}

const char *event_category_text(enum event_category category)
{
    static const char *const texts[] = {
        [CATEGORY_SERVICE] = "service",   [CATEGORY_PARAMETERS] = "parameters", [CATEGORY_LOGGING] = "log",
        [CATEGORY_TRANSFER] = "transfer", [CATEGORY_REQUEST] = "request",
    };

    return texts[category];
}

enum event_level event_lowest_level(uint32_t verbose)
{
    return verbose < EVENT_ERROR ? (enum event_level)(EVENT_ERROR - verbose) : EVENT_DETAIL;
}

bool event_is_forgeable(const struct event *event)
{
    return event_kind(event->id)->category == CATEGORY_REQUEST || event->is_unproven;
}

enum refusal event_refusal(enum event_id id)
{
    switch (id) {
    case EVENT_NOT_FOUND: return REFUSAL_NOT_FOUND;
    case EVENT_READ_REFUSED: return REFUSAL_READ;
    case EVENT_WRITE_REFUSED: return REFUSAL_WRITE;
    case EVENT_REQUEST_ILLEGAL: return REFUSAL_ILLEGAL;
    case EVENT_TOO_BUSY: return REFUSAL_BUSY;
    case EVENT_NO_ROOM: return REFUSAL_DISK_FULL;
    default: return REFUSAL_FILE;
    }
}

struct event event_of(enum event_id id, const char *name, const char *detail)
{
    struct event event;

    memset(&event, 0, sizeof event);
    event.id = (uint16_t)id;
    utf8_copy(event.name, sizeof event.name, name);
    utf8_copy(event.detail, sizeof event.detail, detail);
    return event;
}

static enum event_id id_of_report(const struct transfer_report *report, bool is_upload)
{
    if (is_upload && report->outcome == OUTCOME_FILE_ERROR && report->status == STATUS_FULL)
        return EVENT_DISK_FULL;
    switch (report->outcome) {
    case OUTCOME_DONE: return is_upload ? EVENT_STORED : EVENT_FETCHED;
    case OUTCOME_UNCONFIRMED: return EVENT_FETCHED_UNCONFIRMED;
    case OUTCOME_PROBE: return EVENT_PROBED;
    case OUTCOME_SUPERSEDED: return EVENT_ENDED_EARLY;
    case OUTCOME_EVICTED: return EVENT_EVICTED;
    default: return is_upload ? EVENT_STORE_FAILED : EVENT_FETCH_FAILED;
    }
}

/* What only this failure's numbers can tell, behind the constant words. */
static void tell_detail(struct event *event, const struct transfer_report *report, const struct agreement *agreement)
{
    enum { FRAME_SAFE_BLKSIZE = 1400, CLIENT_TEXT_MAX = 128 };

    if (report->outcome == OUTCOME_CLIENT_ERROR) {
        char text[CLIENT_TEXT_MAX];
        snprintf(event->detail, sizeof event->detail, " %u \"%s\"", (unsigned)report->client_code,
                 path_printable(report->client_text, text, sizeof text));
    } else if (report->outcome == OUTCOME_NEVER_TOOK_DATA && agreement->blksize > FRAME_SAFE_BLKSIZE) {
        snprintf(event->detail, sizeof event->detail,
                 " of %u bytes: likely lost as fragments or to a smaller MTU on the way; lower MaxBlockSize",
                 (unsigned)agreement->blksize);
    } else if (report->outcome == OUTCOME_OVERSIZED) {
        snprintf(event->detail, sizeof event->detail, ", %u bytes in place of %u: the client does not heed %s",
                 (unsigned)report->oversize, (unsigned)agreement->blksize,
                 agreement->granted_count > 0 ? "what it is granted; raise MaxBlockSize, or set the client lower"
                                              : "that it was granted no block size");
    }
}

struct event event_of_beginning(const char *name, const struct endpoint *client, bool is_upload, bool is_netascii,
                                const struct agreement *agreement)
{
    struct event event = event_of(is_upload ? EVENT_STORE_BEGUN : EVENT_FETCH_BEGUN, name, NULL);

    event.client = *client;
    event.is_netascii = is_netascii;
    event.agreement = *agreement;
    event.is_unproven = true;
    return event;
}

struct event event_of_transfer(const char *name, const struct endpoint *client, bool is_upload, bool is_netascii,
                               const struct agreement *agreement, const struct transfer_report *report,
                               bool is_unproven)
{
    struct event event = event_of_beginning(name, client, is_upload, is_netascii, agreement);

    event.id = (uint16_t)id_of_report(report, is_upload);
    event.words =
        report->outcome == OUTCOME_FILE_ERROR ? status_text(report->status) : transfer_outcome_text(report->outcome);
    event.bytes = report->bytes;
    event.duration_ms = report->duration_ms;
    event.blocks_resent = report->blocks_resent;
    event.is_unproven = is_unproven;
    tell_detail(&event, report, agreement);
    return event;
}
