/* link: -Wl,--wrap=__imp_PerfStartProviderEx,--wrap=__imp_PerfSetCounterSetInfo,--wrap=__imp_PerfCreateInstance */
/* link: -Wl,--wrap=__imp_PerfSetCounterRefValue,--wrap=__imp_PerfDeleteInstance,--wrap=__imp_PerfStopProvider */
/* link: -luser32 */
/*
 * Wine shows no counters: a system of our own takes them here, collects as the real one does, and reads the values where it
 * was told that they are. What they are called is read from the exe.
 */
#include "files.h"

#include "service/keep/counters.h"
#include "service/tell/counter_table.h"

#include <perflib.h>
#include <stdio.h>
#include <wchar.h>
#include <winperf.h>

enum { COLLECT_START = 5, COLLECT_END = 6, HANDLE_OURS = 0x7f };

static const struct {
    unsigned id;
    const char *title, *meaning;
    DWORD type;
} rows[] = {
#define TYPE_RAW                            PERF_COUNTER_LARGE_RAWCOUNT
#define TYPE_RATE                           PERF_COUNTER_BULK_COUNT
#define ROW(id, name, kind, title, meaning) {id, title, meaning, TYPE_##kind},
    COUNTER_TABLE(ROW)};

static struct {
    PERFLIBREQUEST callback;
    GUID provider;
    size_t counter_count;
    PERF_COUNTER_INFO counters[COUNTER_COUNT];
    wchar_t instance[64];
    const ULONGLONG *values[COUNTER_COUNT + 1]; /* by id */
    unsigned stopped, deleted;
    DWORD start_error;
} the_system;

static PERF_COUNTERSET_INSTANCE the_instance;

static ULONG WINAPI start_provider(GUID *guid, PERF_PROVIDER_CONTEXT *context, HANDLE *handle)
{
    assert_int_equal(context->ContextSize, sizeof *context);
    the_system.provider = *guid;
    the_system.callback = context->ControlCallback;
    *handle = (HANDLE)(uintptr_t)HANDLE_OURS;
    return the_system.start_error;
}

static ULONG WINAPI set_info(HANDLE provider, PERF_COUNTERSET_INFO *set, ULONG size)
{
    assert_ptr_equal(provider, (HANDLE)(uintptr_t)HANDLE_OURS);
    assert_memory_equal(&set->ProviderGuid, &the_system.provider, sizeof(GUID));
    assert_int_equal(set->InstanceType, 2); /* several instances */
    assert_int_equal(size, sizeof *set + set->NumCounters * sizeof(PERF_COUNTER_INFO));
    the_system.counter_count = set->NumCounters;
    memcpy(the_system.counters, set + 1, set->NumCounters * sizeof(PERF_COUNTER_INFO));
    return 0;
}

static PERF_COUNTERSET_INSTANCE *WINAPI create_instance(HANDLE provider, const GUID *set, const wchar_t *name, ULONG id)
{
    (void)provider, (void)set, (void)id;
    wcsncpy(the_system.instance, name, 63);
    return &the_instance;
}

static ULONG WINAPI set_reference(HANDLE provider, PERF_COUNTERSET_INSTANCE *instance, ULONG id, void *address)
{
    (void)provider;
    assert_ptr_equal(instance, &the_instance);
    assert_in_range(id, 1, COUNTER_COUNT);
    the_system.values[id] = address;
    return 0;
}

static ULONG WINAPI delete_instance(HANDLE provider, PERF_COUNTERSET_INSTANCE *instance)
{
    (void)provider, (void)instance;
    the_system.deleted++;
    return 0;
}

static ULONG WINAPI stop_provider(HANDLE provider)
{
    (void)provider;
    the_system.stopped++;
    return 0;
}

#define REPLACE(name, with)                       \
    extern __typeof__(&with) __wrap___imp_##name; \
    __typeof__(&with) __wrap___imp_##name = with

REPLACE(PerfStartProviderEx, start_provider);
REPLACE(PerfSetCounterSetInfo, set_info);
REPLACE(PerfCreateInstance, create_instance);
REPLACE(PerfSetCounterRefValue, set_reference);
REPLACE(PerfDeleteInstance, delete_instance);
REPLACE(PerfStopProvider, stop_provider);

static unsigned looks;

static void look(void *context, struct pipe_reply *reply)
{
    assert_ptr_equal(context, &looks);
    looks++;
    memset(reply, 0, sizeof *reply);
    reply->snapshot.running = 10;
    reply->snapshot.unanswered = 20;
    reply->snapshot.totals = (struct snapshot_totals){.started = 30,
                                                      .finished = 40,
                                                      .failed = 50,
                                                      .refused = 60,
                                                      .dropped = 70,
                                                      .bytes_sent = 80ull << 32,
                                                      .bytes_received = 90,
                                                      .blocks_resent = 100};
    reply->snapshot.cache_reads = 110;
    reply->memory_bytes = 120;
    reply->boot = (struct companion_state){.answered = 130, .refused = 140, .limited = 150};
}

static int reset(void **state)
{
    (void)state;
    memset(&the_system, 0, sizeof the_system);
    looks = 0;
    return 0;
}

static void gives_values_when_they_are_collected(void **state)
{
    DWORD error;
    struct counters *counters = counters_open("tftpd-two", look, &looks, &error);

    (void)state;
    assert_non_null(counters);
    assert_int_equal(wcscmp(the_system.instance, L"tftpd-two"), 0);
    assert_int_equal(the_system.counter_count, COUNTER_COUNT);
    for (size_t i = 0; i < COUNTER_COUNT; i++) {
        const PERF_COUNTER_INFO *counter = &the_system.counters[i];
        assert_int_equal(counter->CounterId, rows[i].id);
        assert_int_equal(counter->Type, rows[i].type);
        assert_int_equal(counter->Attrib, 1); /* by reference */
        assert_int_equal(counter->Size, sizeof(ULONGLONG));
        assert_int_equal(counter->Offset, i * sizeof(ULONGLONG));
        assert_non_null(the_system.values[rows[i].id]);
    }
    assert_int_equal(looks, 0); /* nobody has asked yet */
    assert_int_equal(the_system.callback(COLLECT_START, NULL, 0), 0);
    assert_int_equal(the_system.callback(COLLECT_END, NULL, 0), 0);
    assert_int_equal(looks, 1);
    for (size_t i = 0; i < COUNTER_COUNT; i++)
        assert_int_equal(*the_system.values[rows[i].id], rows[i].id == COUNTER_BYTES_SENT ? 80ull << 32 : (i + 1) * 10);
    counters_close(counters);
    assert_int_equal(the_system.deleted, 1);
    assert_int_equal(the_system.stopped, 1);
    the_system.callback(COLLECT_START, NULL, 0); /* one that was under way: there is nothing to look at any more */
    assert_int_equal(looks, 1);
}

static void does_without_where_there_are_none(void **state)
{
    DWORD error = 0;

    (void)state;
    the_system.start_error = ERROR_NOT_SUPPORTED;
    assert_null(counters_open("tftpd", look, &looks, &error));
    assert_int_equal(error, ERROR_NOT_SUPPORTED);
}

static void check_string(HMODULE exe, unsigned id, const char *expected)
{
    char text[512] = "";

    LoadStringA(exe, id, text, sizeof text);
    assert_string_equal(text, expected);
}

static const char *manifest_of(HMODULE exe, DWORD *size)
{
    HRSRC resource = FindResourceW(exe, MAKEINTRESOURCEW(COUNTER_MANIFEST), (const wchar_t *)RT_RCDATA);

    assert_non_null(resource);
    *size = SizeofResource(exe, resource);
    return LockResource(LoadResource(exe, resource));
}

/* The manifest names these numbers; lodctr and Performance Monitor find the texts under them. */
static void are_named_in_the_exe(void **state)
{
    HMODULE exe = LoadLibraryExW(L"build\\tftpd.exe", NULL, LOAD_LIBRARY_AS_DATAFILE);
    static char text[65536], name[256], meaning[256];
    unsigned name_id, meaning_id, count = 0;
    DWORD size;

    (void)state;
    assert_non_null(exe);
    const char *manifest = manifest_of(exe, &size);
    assert_in_range(size, 1, sizeof text - 1);
    memcpy(text, manifest, size);
    for (const char *at = strstr(text, " name=\""); at != NULL; at = strstr(at + 1, " name=\"")) {
        if (sscanf(at, " name=\"%255[^\"]\" nameID=\"%u\" description=\"%255[^\"]\" descriptionID=\"%u\"", name,
                   &name_id, meaning, &meaning_id) != 4)
            continue; /* of an attribute */
        check_string(exe, name_id, name);
        check_string(exe, meaning_id, meaning);
        count++;
    }
    assert_int_equal(count, COUNTER_COUNT + 1);
    FreeLibrary(exe);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(gives_values_when_they_are_collected, reset),
        cmocka_unit_test_setup(does_without_where_there_are_none, reset),
        cmocka_unit_test_setup(are_named_in_the_exe, reset),
    };

    return cmocka_run_group_tests_name("counters", tests, NULL, NULL) != 0;
}
