#include "service/status/status_print.h"

#include "service/status/lines.h"
#include "service/status/status_boot.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    LINE_MAX = 1024,
    SIZE_MAX_TEXT = 16,
    BAR_CELLS = 10,
    NAME_MIN = 12,
    NAME_COLUMNS_MAX = 48,
    FIXED_COLUMNS = 100, /* of a transfer's line, beside its name */
    LINES_ABOVE = 9
};

/* How refusals are called; in the order of enum refusal. */
static const char *const refusal_names[REFUSAL_COUNT] = {
    [REFUSAL_NOT_FOUND] = "not_found", [REFUSAL_READ] = "read_refused", [REFUSAL_WRITE] = "write_refused",
    [REFUSAL_ILLEGAL] = "illegal",     [REFUSAL_BUSY] = "too_busy",     [REFUSAL_FILE] = "file_trouble",
    [REFUSAL_DISK_FULL] = "disk_full",
};

static const char *const unsent_names[UNSENT_REASONS] = {
    [UNSENT_DENIED] = "denied",     [UNSENT_NO_ADDRESS] = "no_address", [UNSENT_NO_ROUTE] = "no_route",
    [UNSENT_TOO_LONG] = "too_long", [UNSENT_NO_BUFFERS] = "no_buffers", [UNSENT_OTHER] = "other",
};

static const char *const outcome_names[OUTCOME_COUNT] = {
    [OUTCOME_DONE] = "done",
    [OUTCOME_UNCONFIRMED] = "unconfirmed",
    [OUTCOME_PROBE] = "size_probe",
    [OUTCOME_CLIENT_ERROR] = "client_error",
    [OUTCOME_NEVER_ANSWERED] = "never_answered",
    [OUTCOME_NEVER_TOOK_DATA] = "never_took_data",
    [OUTCOME_MISUNDERSTOOD] = "misunderstood",
    [OUTCOME_SILENT] = "stopped_answering",
    [OUTCOME_STUCK] = "got_no_further",
    [OUTCOME_OVERSIZED] = "blocks_too_large",
    [OUTCOME_TOO_LARGE] = "too_large",
    [OUTCOME_WRONG_SIZE] = "wrong_size",
    [OUTCOME_FILE_ERROR] = "file_error",
    [OUTCOME_STOPPED] = "service_stopped",
    [OUTCOME_ENDED] = "ended_by_administrator",
    [OUTCOME_SUPERSEDED] = "began_anew",
    [OUTCOME_EVICTED] = "made_room",
};

/* -- figures -- */

/* "999 B", "1.5 KiB", "12.3 MiB". Returns text (SIZE_MAX_TEXT). */
static char *size_text(uint64_t bytes, char *text)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    double value = (double)bytes;
    size_t unit = 0;

    while (value >= 999.5 && unit + 1 < sizeof units / sizeof *units) {
        value /= 1024;
        unit++;
    }
    snprintf(text, SIZE_MAX_TEXT, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
    return text;
}

static const struct snapshot_transfer *find(const struct pipe_conversation *conversation, uint32_t id)
{
    for (uint32_t i = 0; i < conversation->reply.snapshot.transfer_count; i++)
        if (conversation->list[i].id == id)
            return &conversation->list[i];
    return NULL;
}

static uint64_t rate_of(const struct snapshot_transfer *t, const struct pipe_conversation *before)
{
    const struct snapshot_transfer *then = before != NULL ? find(before, t->id) : NULL;
    uint64_t bytes = then != NULL && t->bytes >= then->bytes ? t->bytes - then->bytes : t->bytes;
    uint64_t passed_ms = then != NULL && t->age_ms > then->age_ms ? t->age_ms - then->age_ms : t->age_ms;

    return passed_ms > 0 ? bytes * 1000 / passed_ms : 0;
}

static unsigned percent_of(const struct snapshot_transfer *t)
{
    if (t->size == 0)
        return 0;
    return t->bytes < t->size ? (unsigned)((double)t->bytes * 100 / (double)t->size) : 100;
}

/* "[####------]  42 %", or dots where the size is not known. */
static void bar_text(const struct snapshot_transfer *t, char *text, size_t size)
{
    unsigned percent = percent_of(t);
    char cells[BAR_CELLS + 1];

    for (unsigned i = 0; i < BAR_CELLS; i++)
        cells[i] = !t->has_size ? '.' : i < percent * BAR_CELLS / 100 ? '#' : '-';
    cells[BAR_CELLS] = 0;
    if (t->has_size)
        snprintf(text, size, "[%s] %3u %%", cells, percent);
    else
        snprintf(text, size, "[%s]   ? %%", cells);
}

static int by_id(const void *a, const void *b)
{
    uint32_t left = ((const struct snapshot_transfer *)a)->id, right = ((const struct snapshot_transfer *)b)->id;

    return left < right ? -1 : left > right;
}

static void sort(struct pipe_conversation *conversation)
{
    qsort(conversation->list, conversation->reply.snapshot.transfer_count, sizeof conversation->list[0], by_id);
}

/* -- text -- */

/* "3 not_found, 1 read_refused" into text; empty if all are 0. */
static void list_counts(const uint64_t *counts, const char *const *names, size_t count, char *text, size_t size)
{
    size_t used = 0;

    text[0] = 0;
    for (size_t i = 0; i < count && used < size; i++)
        if (counts[i] > 0)
            used += (size_t)snprintf(text + used, size - used, "%s%llu %s", used > 0 ? ", " : "",
                                     (unsigned long long)counts[i], names[i]);
}

static void add_head(struct lines *lines, const struct pipe_reply *reply)
{
    const struct snapshot *s = &reply->snapshot;
    const struct snapshot_totals *totals = &s->totals;
    uint64_t seconds = reply->uptime_ms / 1000;
    const char *state = reply->is_draining ? ", draining" : s->is_paused ? ", paused" : "";
    char sent[SIZE_MAX_TEXT], received[SIZE_MAX_TEXT], memory[SIZE_MAX_TEXT], held[SIZE_MAX_TEXT], most[SIZE_MAX_TEXT];
    char counts[LINE_MAX / 2], handles[32] = "";

    if (reply->handles > 0)
        snprintf(handles, sizeof handles, ", %u handles", reply->handles);
    lines_add(lines, "tftpd %s%s, process %u, up %llu d %02llu:%02llu:%02llu, serves %s on UDP port %u", reply->version,
              state, reply->process, (unsigned long long)(seconds / 86400), (unsigned long long)(seconds / 3600 % 24),
              (unsigned long long)(seconds / 60 % 60), (unsigned long long)(seconds % 60), reply->directory,
              reply->port);
    lines_add(lines, "  running   %u transfers, %u of them never answered; %s sent, %s received, %llu blocks resent",
              s->running, s->unanswered, size_text(totals->bytes_sent, sent),
              size_text(totals->bytes_received, received), (unsigned long long)totals->blocks_resent);
    list_counts(totals->outcomes, outcome_names, OUTCOME_COUNT, counts, sizeof counts);
    lines_add(lines, "  ended     %llu finished, %llu failed%s%s", (unsigned long long)totals->finished,
              (unsigned long long)totals->failed, counts[0] ? ": " : "", counts);
    list_counts(totals->refusals, refusal_names, REFUSAL_COUNT, counts, sizeof counts);
    lines_add(lines,
              "  refused   %llu requests%s%s; %llu dropped, %llu ERRORs and %llu repeats withheld, %llu made room",
              (unsigned long long)totals->refused, counts[0] ? ": " : "", counts, (unsigned long long)totals->dropped,
              (unsigned long long)totals->errors_withheld, (unsigned long long)totals->resends_withheld,
              (unsigned long long)totals->gave_way);
    list_counts(totals->unsent, unsent_names, UNSENT_REASONS, counts, sizeof counts);
    if (counts[0] != 0)
        lines_add(lines, "  unsent    datagrams that this machine refused to send: %s", counts);
    lines_add(lines, "  memory    %s%s; cache %s of %s, %llu reads of the disk", size_text(reply->memory_bytes, memory),
              handles, size_text(s->cache_bytes_held, held), size_text(s->cache_bytes_max, most),
              (unsigned long long)s->cache_reads);
}

/* Cut at the left: the end of a path says more. */
static const char *tail_of(const char *name, size_t columns)
{
    size_t length = lines_characters(name);

    return length > columns ? lines_skip(name, length - columns) : name;
}

static void add_transfer(struct lines *lines, const struct snapshot_transfer *t, uint64_t rate, int name_columns)
{
    const char *name = tail_of(t->name, (size_t)name_columns);
    int name_bytes = name_columns + (int)(strlen(name) - lines_characters(name)); /* printf counts bytes */
    char client[ENDPOINT_TEXT_MAX], mac[MAC_TEXT_MAX] = "", bar[32], size[SIZE_MAX_TEXT], speed[SIZE_MAX_TEXT];

    bar_text(t, bar, sizeof bar);
    if (t->mac.source != MAC_UNKNOWN)
        mac_text(t->mac.bytes, mac);
    lines_add(lines, "%6u  %-21s %s %-*s %s %11s %9s/s %7u %6u %6llu%s%s%s", t->id, endpoint_text(&t->client, client),
              t->is_upload ? "<-" : "->", name_bytes, name, bar, size_text(t->bytes, size), size_text(rate, speed),
              t->blksize, t->windowsize, (unsigned long long)t->blocks_resent, mac[0] != 0 ? "  " : "", mac,
              mac[0] != 0 && !mac_is_proved(&t->mac) ? "?" : "");
}

static int name_columns_of(const struct pipe_conversation *now, unsigned columns)
{
    size_t longest = NAME_MIN;

    for (uint32_t i = 0; i < now->reply.snapshot.transfer_count; i++)
        if (lines_characters(now->list[i].name) > longest)
            longest = lines_characters(now->list[i].name);
    size_t room = columns > FIXED_COLUMNS + NAME_MIN ? columns - FIXED_COLUMNS : NAME_MIN;
    size_t most = columns == 0 ? NAME_COLUMNS_MAX : room;
    return (int)(longest < most ? longest : most);
}

char *status_print_text(struct pipe_conversation *now, const struct pipe_conversation *before, unsigned columns,
                        unsigned rows)
{
    struct lines lines = {.columns = columns};
    uint32_t count = now->reply.snapshot.transfer_count;
    uint32_t shown = rows > LINES_ABOVE + 1 && count > rows - LINES_ABOVE - 1 ? rows - LINES_ABOVE - 1 : count;
    int name_columns = name_columns_of(now, columns);

    sort(now);
    add_head(&lines, &now->reply);
    if (count > 0) {
        lines_add(&lines, "%s", "");
        lines_add(&lines, "%6s  %-21s    %-*s %-18s %11s %11s %7s %6s %6s  %s", "ID", "CLIENT", name_columns, "FILE",
                  "", "BYTES", "RATE", "BLKSIZE", "WINDOW", "RESENT", "MAC");
    }
    for (uint32_t i = 0; i < shown; i++)
        add_transfer(&lines, &now->list[i], rate_of(&now->list[i], before), name_columns);
    if (shown < now->reply.snapshot.running)
        lines_add(&lines, "        and %u more", now->reply.snapshot.running - shown);
    status_boot_text(&lines, now, rows);
    return page_end(&lines.page);
}

/* -- JSON -- */

static void put_counts(struct json *json, const char *name, const uint64_t *counts, const char *const *names,
                       size_t count)
{
    json_open(json, name, '{');
    for (size_t i = 0; i < count; i++)
        json_number(json, names[i], counts[i]);
    json_close(json, '{');
}

static void put_totals(struct json *json, const struct snapshot_totals *totals)
{
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        {"started", totals->started},
        {"finished", totals->finished},
        {"failed", totals->failed},
        {"refused", totals->refused},
        {"dropped", totals->dropped},
        {"errors_withheld", totals->errors_withheld},
        {"resends_withheld", totals->resends_withheld},
        {"gave_way", totals->gave_way},
        {"bytes_sent", totals->bytes_sent},
        {"bytes_received", totals->bytes_received},
        {"blocks_resent", totals->blocks_resent},
    };

    json_open(json, "totals", '{');
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        json_number(json, rows[i].name, rows[i].value);
    put_counts(json, "outcomes", totals->outcomes, outcome_names, OUTCOME_COUNT);
    put_counts(json, "refusals", totals->refusals, refusal_names, REFUSAL_COUNT);
    put_counts(json, "unsent", totals->unsent, unsent_names, UNSENT_REASONS);
    json_close(json, '{');
}

static void put_transfer(struct json *json, const struct snapshot_transfer *t)
{
    char client[ENDPOINT_TEXT_MAX], mac[MAC_TEXT_MAX];

    json_open(json, NULL, '{');
    json_number(json, "id", t->id);
    json_text(json, "client", endpoint_address_text(&t->client, client));
    json_number(json, "port", t->client.port);
    json_text(json, "mac", t->mac.source != MAC_UNKNOWN ? mac_text(t->mac.bytes, mac) : NULL);
    json_text(json, "mac_source", mac_source_name(t->mac.source));
    json_text(json, "direction", t->is_upload ? "upload" : "download");
    json_text(json, "file", t->name);
    json_text(json, "mode", t->is_netascii ? "netascii" : "octet");
    json_bool(json, "answered", t->has_answered);
    json_number(json, "bytes", t->bytes);
    if (t->has_size) {
        json_number(json, "size", t->size);
        json_number(json, "percent", percent_of(t));
    }
    json_number(json, "bytes_per_second", rate_of(t, NULL));
    json_number(json, "age_ms", t->age_ms);
    json_number(json, "blksize", t->blksize);
    json_number(json, "windowsize", t->windowsize);
    json_number(json, "resent", t->blocks_resent);
    json_close(json, '{');
}

char *status_print_json(struct pipe_conversation *now)
{
    const struct pipe_reply *reply = &now->reply;
    const struct snapshot *s = &reply->snapshot;
    struct page page = {0};
    struct json json = page_json(&page);

    sort(now);
    json_open(&json, NULL, '{');
    json_text(&json, "version", reply->version);
    json_text(&json, "state", reply->is_draining ? "draining" : s->is_paused ? "paused" : "running");
    json_number(&json, "process", reply->process);
    json_number(&json, "uptime_ms", reply->uptime_ms);
    json_text(&json, "directory", reply->directory);
    json_number(&json, "port", reply->port);
    json_number(&json, "running", s->running);
    json_number(&json, "unanswered", s->unanswered);
    put_totals(&json, &s->totals);
    json_number(&json, "memory_bytes", reply->memory_bytes);
    if (reply->handles > 0)
        json_number(&json, "handles", reply->handles);
    json_number(&json, "cache_bytes", s->cache_bytes_held);
    json_number(&json, "cache_bytes_max", s->cache_bytes_max);
    json_number(&json, "cache_reads", s->cache_reads);
    json_number(&json, "cache_bytes_read", s->cache_bytes_read);
    json_open(&json, "transfers", '[');
    for (uint32_t i = 0; i < s->transfer_count; i++)
        put_transfer(&json, &now->list[i]);
    json_close(&json, '[');
    status_boot_json(&json, now);
    json_close(&json, '{');
    return page_end(&page);
}
