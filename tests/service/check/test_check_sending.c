/* What the audit says of the length up to which Windows sends datagrams the quick way, and where it looks for that. */
#include "files.h"

#include "service/check/check_report.h"

#define AFD L"SYSTEM\\CurrentControlSet\\Services\\AFD\\Parameters"

static struct facts facts;
static struct check_report report;

static const struct check_line *judge(DWORD bytes)
{
    memset(&report, 0, sizeof report);
    report.check = "sending";
    facts.fast_send_bytes = bytes;
    check_sending(&facts, &report);
    assert_int_equal(report.count, 1);
    return &report.lines[0];
}

/* Nothing is wrong there: it can be better. */
static void says_how_to_send_faster(void **state)
{
    static const DWORD values[] = {0, 1024, 1499};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        const struct check_line *line = judge(values[i]);
        assert_int_equal(line->state, CHECK_OK);
        assert_non_null(strstr(line->meaning, i < 2 ? "up to 1024 bytes" : "up to 1499 bytes"));
        assert_non_null(strstr(line->meaning, "FastSendDatagramThreshold = 1500 in HKLM\\"));
        assert_string_equal(line->mend, "");
    }
}

static void says_no_more_where_it_is_enough(void **state)
{
    static const DWORD values[] = {1500, 65536};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        const struct check_line *line = judge(values[i]);
        assert_int_equal(line->state, CHECK_OK);
        assert_null(strstr(line->meaning, "FastSendDatagramThreshold"));
    }
}

static void reads_it_where_windows_does(void **state)
{
    DWORD bytes = 1500;

    (void)state;
    facts_gather(&facts, "nobody");
    assert_int_equal(facts.fast_send_bytes, 0);
    assert_int_equal(
        RegSetKeyValueW(HKEY_LOCAL_MACHINE, AFD, L"FastSendDatagramThreshold", REG_DWORD, &bytes, sizeof bytes),
        ERROR_SUCCESS);
    facts_gather(&facts, "nobody");
    assert_int_equal(facts.fast_send_bytes, 1500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_how_to_send_faster),
        cmocka_unit_test(says_no_more_where_it_is_enough),
        cmocka_unit_test(reads_it_where_windows_does),
    };

    return cmocka_run_group_tests_name("check_sending", tests, NULL, NULL);
}
