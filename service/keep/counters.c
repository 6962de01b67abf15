#include "service/keep/counters.h"

#include "service/tell/counter_table.h"
#include "win32/system/text.h"

#include <perflib.h>
#include <stdlib.h>
#include <winperf.h>

/* Not named by MinGW. */
enum { BY_REFERENCE = 1, SEVERAL_INSTANCES = 2, COLLECT_START = 5, NAME_UNITS = 260 };

static GUID provider = {0xa74c8944, 0xf116, 0x57c0, {0x8f, 0xfb, 0x29, 0x65, 0x0e, 0xfc, 0xd9, 0x4c}};
static const GUID counter_set = {0xb2ce3d62, 0x7761, 0x551c, {0xb1, 0x8e, 0xee, 0xfb, 0x17, 0x2f, 0xbb, 0x11}};

enum { TYPE_RAW = PERF_COUNTER_LARGE_RAWCOUNT, TYPE_RATE = PERF_COUNTER_BULK_COUNT };

static const struct {
    enum counter_id id;
    DWORD type;
} rows[COUNTER_COUNT] = {
#define COUNTER_ROW(id, name, kind, title, meaning) {COUNTER_##name, TYPE_##kind},
    COUNTER_TABLE(COUNTER_ROW)
#undef COUNTER_ROW
};

struct counters {
    HANDLE provider;
    PERF_COUNTERSET_INSTANCE *instance;
    void (*look)(void *context, struct pipe_reply *reply);
    void *context;
    ULONGLONG values[COUNTER_COUNT]; /* the system reads them here, after each COLLECT_START */
    struct pipe_reply reply;
};

/* The system calls back without a context. */
static SRWLOCK the_lock = SRWLOCK_INIT;
static struct counters *the_counters;

static ULONGLONG value_of(const struct pipe_reply *reply, enum counter_id id)
{
    const struct snapshot_totals *totals = &reply->snapshot.totals;

    switch (id) {
    case COUNTER_RUNNING: return reply->snapshot.running;
    case COUNTER_UNANSWERED: return reply->snapshot.unanswered;
    case COUNTER_STARTED: return totals->started;
    case COUNTER_FINISHED: return totals->finished;
    case COUNTER_FAILED: return totals->failed;
    case COUNTER_REFUSED: return totals->refused;
    case COUNTER_DROPPED: return totals->dropped;
    case COUNTER_BYTES_SENT: return totals->bytes_sent;
    case COUNTER_BYTES_RECEIVED: return totals->bytes_received;
    case COUNTER_RESENT: return totals->blocks_resent;
    case COUNTER_CACHE_READS: return reply->snapshot.cache_reads;
    case COUNTER_MEMORY: return reply->memory_bytes;
    case COUNTER_BOOT_ANSWERED: return reply->boot.answered;
    case COUNTER_BOOT_REFUSED: return reply->boot.refused;
    case COUNTER_BOOT_WITHHELD: return reply->boot.limited;
    }
    return 0;
}

static ULONG WINAPI on_request(ULONG code, void *buffer, ULONG size)
{
    (void)buffer;
    (void)size;
    if (code != COLLECT_START)
        return ERROR_SUCCESS;
    AcquireSRWLockExclusive(&the_lock);
    struct counters *counters = the_counters;
    if (counters != NULL) {
        counters->look(counters->context, &counters->reply);
        for (size_t i = 0; i < COUNTER_COUNT; i++)
            counters->values[i] = value_of(&counters->reply, rows[i].id);
    }
    ReleaseSRWLockExclusive(&the_lock);
    return ERROR_SUCCESS;
}

static DWORD describe_set(struct counters *counters)
{
    struct {
        PERF_COUNTERSET_INFO head;
        PERF_COUNTER_INFO counters[COUNTER_COUNT];
    } set = {.head = {counter_set, provider, COUNTER_COUNT, SEVERAL_INSTANCES}};

    for (size_t i = 0; i < COUNTER_COUNT; i++)
        set.counters[i] = (PERF_COUNTER_INFO){
            .CounterId = (ULONG)rows[i].id,
            .Type = rows[i].type,
            .Attrib = BY_REFERENCE,
            .Size = sizeof counters->values[i],
            .DetailLevel = PERF_DETAIL_NOVICE,
            .Offset = (ULONG)(i * sizeof counters->values[i]),
        };
    return PerfSetCounterSetInfo(counters->provider, &set.head, sizeof set);
}

static DWORD create_instance(struct counters *counters, const char *name)
{
    wchar_t wide[NAME_UNITS];

    if (!text_to_wide(name, wide, NAME_UNITS))
        return ERROR_INVALID_NAME;
    counters->instance = PerfCreateInstance(counters->provider, &counter_set, wide, 0);
    if (counters->instance == NULL)
        return GetLastError() != 0 ? GetLastError() : ERROR_NOT_SUPPORTED;
    for (size_t i = 0; i < COUNTER_COUNT; i++) {
        DWORD error =
            PerfSetCounterRefValue(counters->provider, counters->instance, (ULONG)rows[i].id, &counters->values[i]);
        if (error != 0)
            return error;
    }
    return 0;
}

struct counters *counters_open(const char *instance, void (*look)(void *context, struct pipe_reply *reply),
                               void *context, DWORD *error)
{
    PERF_PROVIDER_CONTEXT callbacks = {.ContextSize = sizeof callbacks, .ControlCallback = on_request};
    struct counters *counters = calloc(1, sizeof *counters);

    *error = ERROR_NOT_ENOUGH_MEMORY;
    if (counters == NULL)
        return NULL;
    counters->look = look;
    counters->context = context;
    *error = PerfStartProviderEx(&provider, &callbacks, &counters->provider);
    if (*error == 0)
        *error = describe_set(counters);
    if (*error == 0)
        *error = create_instance(counters, instance);
    if (*error != 0) {
        counters_close(counters);
        return NULL;
    }
    AcquireSRWLockExclusive(&the_lock);
    the_counters = counters;
    ReleaseSRWLockExclusive(&the_lock);
    return counters;
}

void counters_close(struct counters *counters)
{
    AcquireSRWLockExclusive(&the_lock);
    if (the_counters == counters)
        the_counters = NULL;
    ReleaseSRWLockExclusive(&the_lock);
    if (counters->instance != NULL)
        PerfDeleteInstance(counters->provider, counters->instance);
    if (counters->provider != NULL)
        PerfStopProvider(counters->provider);
    free(counters);
}
