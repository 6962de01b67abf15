/* link: -Wl,--wrap=__imp_ReportEventW */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "service/tell/eventlog.h"

#include <wchar.h>

typedef BOOL(WINAPI *report_event)(HANDLE, WORD, WORD, DWORD, PSID, WORD, DWORD, LPCWSTR *, LPVOID);
extern report_event __wrap___imp_ReportEventW;

/* The last call, and how many there were. */
static struct {
    unsigned calls;
    WORD type;
    WORD category;
    DWORD id;
    WORD count;
    wchar_t strings[EVENT_INSERTS_MAX][2 * EVENT_NAME_MAX];
} last;

static BOOL WINAPI keep_call(HANDLE source, WORD type, WORD category, DWORD id, PSID user, WORD count, DWORD size,
                             LPCWSTR *strings, LPVOID data)
{
    assert_non_null(source);
    last.category = category;
    assert_null(user);
    assert_int_equal(size, 0);
    assert_null(data);
    last.calls++;
    last.type = type;
    last.id = id;
    last.count = count;
    for (WORD i = 0; i < count; i++)
        wcscpy(last.strings[i], strings[i]);
    return TRUE;
}
report_event __wrap___imp_ReportEventW = keep_call;

static void tell(enum event_level lowest, const struct event *event)
{
    struct eventlog *eventlog = eventlog_open("tftpd", lowest);
    SYSTEMTIME local = {0};

    assert_non_null(eventlog);
    struct journal_sink sink = eventlog_sink(eventlog);
    last.calls = 0;
    sink.write(sink.context, event, &local);
    eventlog_close(eventlog);
}

static void tells_type_and_number_by_level(void **state)
{
    static const struct {
        enum event_id id;
        WORD type;
        DWORD told;
    } cases[] = {
        {EVENT_STARTED, EVENTLOG_INFORMATION_TYPE, 0x40000064},
        {EVENT_ADDRESS_AWAITED, EVENTLOG_WARNING_TYPE, 0x80000072},
        {EVENT_PORT_TAKEN, EVENTLOG_ERROR_TYPE, 0xc000006f},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct event event = event_of(cases[i].id, NULL, NULL);
        tell(EVENT_DETAIL, &event);
        assert_int_equal(last.calls, 1);
        assert_int_equal(last.type, cases[i].type);
        assert_int_equal(last.id, cases[i].told);
        assert_int_equal(last.category, CATEGORY_SERVICE);
    }
}

static void gives_the_fields_in_order(void **state)
{
    struct event event = event_of(EVENT_DIRECTORY_FAILED, "C:\\gr\xc3\xbcn", "gone");

    (void)state;
    tell(EVENT_DETAIL, &event);
    assert_int_equal(last.count, 2);
    assert_int_equal(wcscmp(last.strings[0], L"C:\\gr\x00fcn"), 0);
    assert_int_equal(wcscmp(last.strings[1], L"gone"), 0);
}

/* Every kind with fields as long as they get: neither the strings nor their buffer may overflow. */
static void survives_long_fields(void **state)
{
    char name[EVENT_NAME_MAX], detail[EVENT_DETAIL_MAX];

    (void)state;
    memset(name, 'n', sizeof name);
    memset(detail, 'd', sizeof detail);
    name[sizeof name - 1] = detail[sizeof detail - 1] = 0;
    for (size_t i = 0; i < event_kind_count; i++) {
        struct event event = event_of((enum event_id)event_kinds[i].id, name, detail);
        tell(EVENT_DETAIL, &event);
        assert_int_equal(last.calls, 1);
        assert_true(last.count <= EVENT_INSERTS_MAX);
    }
}

static void leaves_out_what_is_below_its_level(void **state)
{
    struct event information = event_of(EVENT_STARTED, NULL, NULL);
    struct event warning = event_of(EVENT_ADDRESS_AWAITED, NULL, NULL);
    struct event error = event_of(EVENT_LOG_FAILED, NULL, NULL);

    (void)state;
    tell(EVENT_ERROR, &information);
    assert_int_equal(last.calls, 0);
    tell(EVENT_ERROR, &warning);
    assert_int_equal(last.calls, 0);
    tell(EVENT_ERROR, &error);
    assert_int_equal(last.calls, 1);
    last.calls = 0;
    eventlog_tell("tftpd", &information);
    assert_int_equal(last.calls, 1);
}

/* A viewer takes %1, %%5 and %{S-1-5-18} in what it has put in for a place to put more into (MS-EVEN 3.2.4.1.5). */
static void leaves_viewers_nothing_to_expand(void **state)
{
    static const struct {
        const char *name;
        const wchar_t *told;
    } rows[] = {
        {"a%1b", L"a% 1b"}, {"fe80::1%3", L"fe80::1% 3"},     {"%%5", L"% % 5"},
        {"%%%", L"% % %"},  {"%{S-1-5-18}", L"% {S-1-5-18}"}, {"100%", L"100%"},
        {"% 1", L"% 1"},    {"my%20file%", L"my% 20file%"},   {"%x%n%!", L"%x%n%!"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct event event = event_of(EVENT_DIRECTORY_FAILED, rows[i].name, "100%1");
        tell(EVENT_DETAIL, &event);
        if (wcscmp(last.strings[0], rows[i].told) != 0)
            fail_msg("%s became %ls", rows[i].name, last.strings[0]);
        assert_int_equal(wcscmp(last.strings[1], L"100% 1"), 0);
    }
}

/* All of them '%': they become twice as long. */
static void has_room_for_nothing_but_percent_signs(void **state)
{
    char name[EVENT_NAME_MAX], detail[EVENT_DETAIL_MAX];

    (void)state;
    memset(name, '%', sizeof name);
    memset(detail, '%', sizeof detail);
    name[sizeof name - 1] = detail[sizeof detail - 1] = 0;
    for (size_t i = 0; i < event_kind_count; i++) {
        struct event event = event_of((enum event_id)event_kinds[i].id, name, detail);
        tell(EVENT_DETAIL, &event);
        for (WORD k = 0; k < last.count; k++)
            assert_null(wcsstr(last.strings[k], L"%%"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_type_and_number_by_level),
        cmocka_unit_test(gives_the_fields_in_order),
        cmocka_unit_test(survives_long_fields),
        cmocka_unit_test(leaves_viewers_nothing_to_expand),
        cmocka_unit_test(has_room_for_nothing_but_percent_signs),
        cmocka_unit_test(leaves_out_what_is_below_its_level),
    };

    return cmocka_run_group_tests_name("eventlog", tests, NULL, NULL) != 0;
}
