#include "house.h"

#include <stdio.h>

enum { POLL_MS = 2 };

static void keep(void *context, const struct event *event, const SYSTEMTIME *local)
{
    struct house *house = context;
    char text[EVENT_TEXT_MAX];
    LONG place = house->told;

    (void)local;
    if (place == HOUSE_EVENTS_MAX)
        return;
    house->events[place].id = event->id;
    snprintf(house->events[place].text, HOUSE_TEXT_MAX, "%s", event_text(event, text, sizeof text));
    InterlockedIncrement(&house->told);
}

void house_set(struct house *house, const char *name, const char *value)
{
    struct config_problem problem;
    const struct config_parameter *parameter = config_find(name);

    assert_non_null(parameter);
    CHECK(config_set_typed(&house->config, parameter, value, &problem), "%s", problem.text);
}

void house_prepare(struct house *house)
{
    static const char *const values[][2] = {
        {"Masters", "*"}, {"Timeout", "1"},   {"MinFreeBytes", "0"}, {"CacheSize", "4"},
        {"Workers", "4"}, {"Listeners", "2"}, {"FileThreads", "2"},
    };

    memset(house, 0, offsetof(struct house, events));
    house->directory = files_directory();
    config_defaults(&house->config);
    house_set(house, "Directory", house->directory);
    for (size_t i = 0; i < COUNT_OF(values); i++)
        house_set(house, values[i][0], values[i][1]);
}

enum server_failure house_start(struct house *house)
{
    struct journal_sink sink = {.write = keep, .context = house};

    if (house->journal == NULL)
        house->journal = journal_open(&sink, 1);
    assert_non_null(house->journal);
    return server_start(&house->server, &house->config, house->journal, &house->error);
}

void house_open(struct house *house)
{
    house_prepare(house);
    assert_int_equal(house_start(house), SERVER_STARTED);
}

void house_close(struct house *house)
{
    if (house->server != NULL)
        server_stop(house->server, NULL, NULL);
    house->server = NULL;
    if (house->journal != NULL)
        journal_close(house->journal);
    house->journal = NULL;
}

int house_setup(void **state)
{
    static struct house house;

    *state = &house;
    house_open(&house);
    return 0;
}

int house_teardown(void **state)
{
    house_close(*state);
    return 0;
}

const char *house_path(const struct house *house, const char *name)
{
    return files_path(house->directory, name);
}

unsigned house_count(const struct house *house, enum event_id id)
{
    unsigned count = 0;

    for (LONG i = 0; i < house->told; i++)
        count += house->events[i].id == id;
    return count;
}

const char *house_hear(const struct house *house, enum event_id id)
{
    uint64_t end_ms = GetTickCount64() + PATIENCE_MS;

    for (;;) {
        for (LONG i = 0; i < house->told; i++)
            if (house->events[i].id == id)
                return house->events[i].text;
        if (GetTickCount64() >= end_ms)
            return "";
        Sleep(POLL_MS);
    }
}

struct snapshot house_look(const struct house *house)
{
    struct snapshot snapshot;

    server_look(house->server, &snapshot, NULL);
    return snapshot;
}

struct snapshot house_rest(const struct house *house, uint32_t running)
{
    uint64_t end_ms = GetTickCount64() + PATIENCE_MS;

    for (;;) {
        struct snapshot now = house_look(house);
        uint64_t ended = now.totals.finished + now.totals.failed;
        if (now.running == running && now.totals.started == ended + running)
            return now;
        CHECK(GetTickCount64() < end_ms, "%u run, %u shall; %u began and %u ended", (unsigned)now.running,
              (unsigned)running, (unsigned)now.totals.started, (unsigned)ended);
        Sleep(POLL_MS);
    }
}
