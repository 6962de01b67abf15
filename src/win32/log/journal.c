#include "win32/log/journal.h"

#include "core/base/utf8.h"
#include "win32/system/random.h"

#include <stdio.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { CAPACITY = 512, TELL_MS = 1000, PER_SECOND_MAX = 1000000 };

/* Events that are not told one by one. */
struct loss {
    uint64_t count; /* since it was told last */
    uint64_t told_ms;
};

enum { LOSS_DROPPED, LOSS_REFUSALS, LOSS_TRANSFERS, LOSSES };

/* Of what there was no room for, and of what came too often. */
static const enum event_id loss_ids[LOSSES] = {EVENT_EVENTS_DROPPED, EVENT_REFUSALS_LEFT_OUT, EVENT_TRANSFERS_LEFT_OUT};

struct journal {
    SRWLOCK lock;               /* held while one event is copied, never while anything is written */
    CONDITION_VARIABLE news;    /* for the writer: an event, a flush or the end */
    CONDITION_VARIABLE flushed; /* for those who wait in journal_flush */
    HANDLE thread;
    size_t sink_count;
    struct journal_sink sinks[JOURNAL_SINKS_MAX];
    uint64_t put;     /* events ever accepted */
    uint64_t taken;   /* of those, taken out of the ring by the writer */
    uint64_t written; /* of those, given to all sinks */
    uint64_t flush_wanted;
    uint64_t flush_done; /* flushed up to this count of written */
    struct loss losses[LOSSES];
    atomic_int lowest; /* enum event_level */
    struct event_limits limits;
    bool is_closing;
    struct event ring[CAPACITY];
};

static void tell_sinks(struct journal *journal, struct event *event)
{
    FILETIME time = {(DWORD)event->time, (DWORD)(event->time >> 32)};
    SYSTEMTIME utc, local;

    /* Client names come clean, but a detail may quote the system or the registry. */
    utf8_make_printable(event->name);
    utf8_make_printable(event->detail);
    if (!FileTimeToSystemTime(&time, &utc) || !SystemTimeToTzSpecificLocalTime(NULL, &utc, &local))
        GetLocalTime(&local);
    for (size_t i = 0; i < journal->sink_count; i++)
        journal->sinks[i].write(journal->sinks[i].context, event, &local);
}

static void flush_sinks(struct journal *journal)
{
    for (size_t i = 0; i < journal->sink_count; i++)
        if (journal->sinks[i].flush)
            journal->sinks[i].flush(journal->sinks[i].context);
}

uint64_t journal_now(void)
{
    FILETIME now;

    GetSystemTimePreciseAsFileTime(&now);
    return (uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime;
}

enum task { TASK_WRITE, TASK_FLUSH, TASK_END };

/* Once a second, and at the end. */
static bool tell_loss(struct journal *journal, int which, struct event *event)
{
    struct loss *loss = &journal->losses[which];
    uint64_t now_ms = GetTickCount64();

    if (loss->count == 0 || (now_ms - loss->told_ms < TELL_MS && !journal->is_closing))
        return false;
    *event = event_of(loss_ids[which], NULL, NULL);
    event->time = journal_now();
    event->number = loss->count;
    loss->count = 0;
    loss->told_ms = now_ms;
    return journal_wants(journal, event_kind((uint16_t)loss_ids[which])->level);
}

static bool tell_losses(struct journal *journal, struct event *event)
{
    for (int which = 0; which < LOSSES; which++)
        if (tell_loss(journal, which, event))
            return true;
    return false;
}

static bool owes_number(const struct journal *journal)
{
    uint64_t count = 0;

    for (int which = 0; which < LOSSES; which++)
        count += journal->losses[which].count;
    return count > 0;
}

/* With the lock held. Sleeps until there is something to do; fills event if that is to write it. */
static enum task wait_for_task(struct journal *journal, struct event *event)
{
    for (;;) {
        bool is_empty = journal->put == journal->taken;

        if (tell_losses(journal, event))
            return TASK_WRITE;
        if (journal->flush_done < journal->flush_wanted && journal->written >= journal->flush_wanted)
            return TASK_FLUSH;
        if (!is_empty) {
            *event = journal->ring[journal->taken++ % CAPACITY];
            return TASK_WRITE;
        }
        if (journal->is_closing)
            return TASK_END;
        SleepConditionVariableSRW(&journal->news, &journal->lock, owes_number(journal) ? TELL_MS : INFINITE, 0);
    }
}

static DWORD WINAPI write_events(void *context)
{
    struct journal *journal = context;
    struct event event;

    AcquireSRWLockExclusive(&journal->lock);
    for (;;) {
        enum task task = wait_for_task(journal, &event);
        uint64_t taken = journal->taken;

        ReleaseSRWLockExclusive(&journal->lock);
        if (task == TASK_WRITE)
            tell_sinks(journal, &event);
        else
            flush_sinks(journal);
        AcquireSRWLockExclusive(&journal->lock);
        journal->written = taken;
        if (task == TASK_FLUSH)
            journal->flush_done = taken;
        if (task == TASK_FLUSH)
            WakeAllConditionVariable(&journal->flushed);
        if (task == TASK_END)
            break;
    }
    ReleaseSRWLockExclusive(&journal->lock);
    return 0;
}

struct journal *journal_open(const struct journal_sink *sinks, size_t count)
{
    ASSERT(count <= JOURNAL_SINKS_MAX);
    struct journal *journal = calloc(1, sizeof *journal);

    if (!journal)
        return NULL;
    InitializeSRWLock(&journal->lock);
    InitializeConditionVariable(&journal->news);
    InitializeConditionVariable(&journal->flushed);
    for (size_t i = 0; i < count; i++)
        journal->sinks[i] = sinks[i];
    journal->sink_count = count;
    event_limits_init(&journal->limits, &(struct event_rates){PER_SECOND_MAX, PER_SECOND_MAX}, random_seed());
    atomic_store(&journal->lowest, (int)EVENT_INFORMATION);
    journal->thread = CreateThread(NULL, 0, write_events, journal, 0, NULL);
    if (!journal->thread) {
        free(journal);
        return NULL;
    }
    return journal;
}

void journal_set_limits(struct journal *journal, enum event_level lowest, const struct event_rates *rates)
{
    AcquireSRWLockExclusive(&journal->lock);
    atomic_store(&journal->lowest, (int)lowest);
    event_limits_set(&journal->limits, rates);
    ReleaseSRWLockExclusive(&journal->lock);
}

bool journal_wants(const struct journal *journal, enum event_level level)
{
    return (int)level >= atomic_load(&journal->lowest);
}

static void put(struct journal *journal, const struct event *event, uint64_t now)
{
    if (journal->put - journal->taken == CAPACITY) {
        journal->losses[LOSS_DROPPED].count++;
        return;
    }
    struct event *slot = &journal->ring[journal->put++ % CAPACITY];
    *slot = *event;
    slot->time = now;
}

void journal_put(struct journal *journal, const struct event *event)
{
    uint64_t now = journal_now();

    if (!journal_wants(journal, event_kind(event->id)->level))
        return;
    AcquireSRWLockExclusive(&journal->lock);
    switch (event_limits_judge(&journal->limits, event, GetTickCount64())) {
    case EVENT_LIMITS_TELL: put(journal, event, now); break;
    case EVENT_LIMITS_LEAVE_OUT: journal->losses[LOSS_REFUSALS].count++; break;
    case EVENT_LIMITS_LEAVE_OUT_TRANSFER: journal->losses[LOSS_TRANSFERS].count++; break;
    }
    ReleaseSRWLockExclusive(&journal->lock);
    WakeConditionVariable(&journal->news);
}

bool journal_flush(struct journal *journal, DWORD timeout_ms)
{
    uint64_t deadline_ms = GetTickCount64() + timeout_ms;

    AcquireSRWLockExclusive(&journal->lock);
    uint64_t target = journal->put;
    if (journal->flush_wanted < target)
        journal->flush_wanted = target;
    WakeConditionVariable(&journal->news);
    while (journal->flush_done < target) {
        uint64_t now_ms = GetTickCount64();
        if (now_ms >= deadline_ms)
            break;
        SleepConditionVariableSRW(&journal->flushed, &journal->lock, (DWORD)(deadline_ms - now_ms), 0);
    }
    bool is_written = journal->written >= target;
    ReleaseSRWLockExclusive(&journal->lock);
    return is_written;
}

void journal_close(struct journal *journal)
{
    AcquireSRWLockExclusive(&journal->lock);
    journal->is_closing = true;
    ReleaseSRWLockExclusive(&journal->lock);
    WakeConditionVariable(&journal->news);
    WaitForSingleObject(journal->thread, INFINITE);
    CloseHandle(journal->thread);
    free(journal);
}

char *journal_stamp(const struct event *event, char *stamp)
{
    FILETIME time = {(DWORD)event->time, (DWORD)(event->time >> 32)};
    SYSTEMTIME utc;

    if (!FileTimeToSystemTime(&time, &utc))
        GetSystemTime(&utc);
    snprintf(stamp, JOURNAL_STAMP_MAX, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.wYear, utc.wMonth, utc.wDay,
             utc.wHour, utc.wMinute, utc.wSecond, utc.wMilliseconds);
    return stamp;
}

size_t journal_line(const struct event *event, const SYSTEMTIME *local, char *line, size_t size)
{
    static const char end[] = "\r\n";
    int stamp = snprintf(line, size, "%04d-%02d-%02d %02d:%02d:%02d.%03d  ", local->wYear, local->wMonth, local->wDay,
                         local->wHour, local->wMinute, local->wSecond, local->wMilliseconds);

    ASSERT(stamp > 0 && (size_t)stamp + sizeof end < size);
    event_text(event, line + stamp, size - (size_t)stamp - (sizeof end - 1));
    memcpy(line + strlen(line), end, sizeof end);
    return strlen(line);
}
