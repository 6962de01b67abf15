/*
 * Everything worth telling an administrator: one table (event_table.h) of id, level, category and text, from which the
 * log file, the event log, ETW and the documentation are made.
 *
 * The core calls no logger: the owner of a transfer makes its event from the transfer_report.
 */
#ifndef CORE_EVENT_H
#define CORE_EVENT_H

#include "core/base/endpoint.h"
#include "core/base/mac.h"
#include "core/events/event_table.h"
#include "core/transfer/transfer.h"

enum event_level { EVENT_DETAIL, EVENT_INFORMATION, EVENT_WARNING, EVENT_ERROR };

/* Also the category's number in the event log; it never changes. */
enum event_category {
    CATEGORY_SERVICE = 1,
    CATEGORY_PARAMETERS,
    CATEGORY_LOGGING,
    CATEGORY_TRANSFER,
    CATEGORY_REQUEST,
    CATEGORY_END
};

enum event_id {
#define EVENT_ID(id, name, level, category, text, advice) EVENT_##name = (id),
    EVENT_TABLE(EVENT_ID)
#undef EVENT_ID
};

enum {
    EVENT_NAME_MAX = 512,
    EVENT_DETAIL_MAX = 512,
    EVENT_TEXT_MAX = 2048,
    EVENT_INSERTS_MAX = 12,
    EVENT_INSERT_BYTES_MAX = 2048, /* all inserts of one event with their NULs */
    EVENT_JSON_MAX = 8192          /* any event as JSON, with its NUL */
};

/* Why requests are refused, as the events that tell of it have it. */
enum refusal {
    REFUSAL_NOT_FOUND,
    REFUSAL_READ,
    REFUSAL_WRITE,
    REFUSAL_ILLEGAL,
    REFUSAL_BUSY,
    REFUSAL_FILE,
    REFUSAL_DISK_FULL,
    REFUSAL_COUNT
};

/* Plain data; which fields count depends on the id. Texts that are pointers are constants. */
struct event {
    uint16_t id;
    uint64_t time; /* 100 ns since 1601, UTC; filled in by the journal */
    struct endpoint client;
    struct mac mac; /* the client's, as far as it is known */
    const char *words;
    char name[EVENT_NAME_MAX];
    char detail[EVENT_DETAIL_MAX];
    uint64_t number;
    uint64_t bytes;
    uint64_t duration_ms;
    uint64_t blocks_resent;
    bool is_netascii;
    bool is_unproven; /* a transfer whose client has not shown that it is there: it may be forged */
    struct agreement agreement;
};

struct event_kind {
    uint16_t id;
    enum event_level level;
    enum event_category category;
    const char *name;
    const char *text;
    const char *advice; /* Markdown; empty where nothing needs to be done */
};

extern const struct event_kind event_kinds[];
extern const size_t event_kind_count;
const struct event_kind *event_kind(uint16_t id);
const char *event_level_text(enum event_level level);
const char *event_category_text(enum event_category category);

/* The lowest level that is told, by the parameter Verbose: 0 errors, 1 warnings too, 2 all, 3 every detail. */
enum event_level event_lowest_level(uint32_t verbose);
/*
 * Whoever forges addresses can cause it at will: what the category request is about, and transfers of clients that have
 * not shown that they are there.
 */
bool event_is_forgeable(const struct event *event);

/* The refusal that this event tells of. */
enum refusal event_refusal(enum event_id id);

/* An event with nothing but its id, name and detail (either may be NULL; cut to what fits). */
struct event event_of(enum event_id id, const char *name, const char *detail);
/* What a request asks for and is granted, as its transfer begins: nothing of its client is proven yet. */
struct event event_of_beginning(const char *name, const struct endpoint *client, bool is_upload, bool is_netascii,
                                const struct agreement *agreement);
/* The story of a finished transfer; is_unproven as in struct event. */
struct event event_of_transfer(const char *name, const struct endpoint *client, bool is_upload, bool is_netascii,
                               const struct agreement *agreement, const struct transfer_report *report,
                               bool is_unproven);

/* The whole text. Returns text, cut to size. */
char *event_text(const struct event *event, char *text, size_t size);
/* The fields in the order of the text; each points into buffer (EVENT_INSERT_BYTES_MAX). Returns their number. */
size_t event_inserts(const struct event *event, const char *inserts[EVENT_INSERTS_MAX], char *buffer);
/* Their names, in the same order; constants. Returns their number. */
size_t event_field_names(const struct event_kind *kind, const char *names[EVENT_INSERTS_MAX]);
/*
 * One line of JSON (RFC 8259) without a line end: the time as given, id, level, category and event (its name), the
 * fields of the text under their names, and the text itself. The event's texts are valid UTF-8 without control
 * characters. text holds EVENT_JSON_MAX. Returns its length.
 */
size_t event_json(const struct event *event, const char *time, char *text);

#endif
