#include "win32/system/windows.h"

#include "core/events/event.h"
#include "win32/system/text.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <cmocka.h>

/* What Event Viewer would show: the exe's text for this event with its inserts. Returns text. */
static char *text_of_exe(HMODULE exe, const struct event *event, char *text, size_t size)
{
    static const DWORD severities[] = {0x40000000u, 0x40000000u, 0x80000000u, 0xc0000000u};
    const struct event_kind *kind = event_kind(event->id);
    const char *inserts[EVENT_INSERTS_MAX];
    char buffer[EVENT_INSERT_BYTES_MAX];
    wchar_t wide[EVENT_INSERTS_MAX][EVENT_NAME_MAX];
    DWORD_PTR arguments[EVENT_INSERTS_MAX];
    wchar_t made[EVENT_TEXT_MAX];
    size_t count = event_inserts(event, inserts, buffer);

    for (size_t i = 0; i < count; i++) {
        assert_true(text_to_wide(inserts[i], wide[i], EVENT_NAME_MAX));
        arguments[i] = (DWORD_PTR)wide[i];
    }
    DWORD length = FormatMessageW(FORMAT_MESSAGE_FROM_HMODULE | FORMAT_MESSAGE_ARGUMENT_ARRAY, exe,
                                  severities[kind->level] | kind->id, 0, made, EVENT_TEXT_MAX, (va_list *)arguments);
    while (length > 0 && (made[length - 1] == L'\n' || made[length - 1] == L'\r'))
        made[--length] = 0;
    if (length == 0 || !text_from_wide(made, text, size))
        text[0] = 0;
    return text;
}

/* One table is the source of both: the log file and the event log never say different things. */
static void test_the_exe_has_the_text_of_every_event(void **state)
{
    HMODULE exe = LoadLibraryExW(L"build\\tftpd.exe", NULL, LOAD_LIBRARY_AS_DATAFILE);

    (void)state;
    assert_non_null(exe);
    for (size_t i = 0; i < event_kind_count; i++) {
        struct event event = event_of((enum event_id)event_kinds[i].id, "boot\\a b.cfg", "some detail");
        char expected[EVENT_TEXT_MAX];
        char found[EVENT_TEXT_MAX];
        event.client = endpoint_ipv4(10, 0, 0, 5, 2070);
        event.words = "words";
        event.number = 17;
        event.bytes = 1234567;
        event.duration_ms = 1500;
        assert_string_equal(text_of_exe(exe, &event, found, sizeof found),
                            event_text(&event, expected, sizeof expected));
        assert_null(strchr(found, '{'));
    }
    FreeLibrary(exe);
}

static void test_the_exe_names_the_categories(void **state)
{
    HMODULE exe = LoadLibraryExW(L"build\\tftpd.exe", NULL, LOAD_LIBRARY_AS_DATAFILE);

    (void)state;
    assert_non_null(exe);
    for (enum event_category category = CATEGORY_SERVICE; category < CATEGORY_END; category++) {
        char text[64] = "";
        DWORD length = FormatMessageA(FORMAT_MESSAGE_FROM_HMODULE | FORMAT_MESSAGE_IGNORE_INSERTS, exe, (DWORD)category,
                                      0, text, sizeof text, NULL);
        assert_true(length > 2);
        text[length - 2] = 0; /* CR LF */
        assert_string_equal(text, event_category_text(category));
    }
    FreeLibrary(exe);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_exe_has_the_text_of_every_event),
                                       cmocka_unit_test(test_the_exe_names_the_categories)};

    return cmocka_run_group_tests_name("messages", tests, NULL, NULL) != 0;
}
