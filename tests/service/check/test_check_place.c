/* Where a start directory may lie, and whose account reaches it there: the audit's two judgements, from made-up facts. */
#include "files.h"

#include "service/check/check_report.h"

static struct facts facts;
static struct check_report report;

static int make_good(void **state)
{
    (void)state;
    memset(&facts, 0, sizeof facts);
    facts.name = "tftpd";
    config_defaults(&facts.config);
    strcpy(facts.service.account, "NT AUTHORITY\\LocalService");
    strcpy(facts.directory.path, "D:\\tftproot");
    facts.directory.drive_type = DRIVE_FIXED;
    facts.directory.place_count = 1;
    facts.directory.places[0].name = "%SystemRoot%";
    strcpy(facts.directory.places[0].path, "C:\\Windows");
    return 0;
}

/* The one line that it says. */
static void assert_says(void (*judge)(const struct facts *, struct check_report *), enum check_state state,
                        const char *meaning, const char *mend)
{
    memset(&report, 0, sizeof report);
    judge(&facts, &report);
    assert_int_equal(report.count, 1);
    const struct check_line *line = &report.lines[0];
    CHECK(line->state == state && strstr(line->meaning, meaning) != NULL, "%u: %s", line->state, line->meaning);
    CHECK(strstr(line->mend, mend) != NULL && (line->mend[0] == 0) == (state == CHECK_OK), "%s", line->mend);
}

static void lies_in_a_folder_of_its_own(void **state)
{
    static const struct {
        const char *path;
        enum check_state state;
        const char *meaning;
    } rows[] = {
        {"D:", CHECK_FAIL, "a whole drive"},
        {"C:", CHECK_FAIL, "a whole drive"},
        {"C:\\Windows", CHECK_FAIL, "%SystemRoot%"},
        {"c:\\WINDOWS\\Temp\\x", CHECK_FAIL, "%SystemRoot%"},
        {"C:\\Windows2", CHECK_OK, "a folder of its own"},
        {"C:\\tftpdroot", CHECK_OK, "a folder of its own"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        strcpy(facts.directory.path, rows[i].path);
        assert_says(check_place, rows[i].state, rows[i].meaning, rows[i].state ? "/v Directory" : "");
    }
    facts.directory.drive_type = DRIVE_REMOVABLE;
    assert_says(check_place, CHECK_WARN, "not on a fixed disk", "/v Directory");
}

#define AS_MACHINE "sc config tftpd obj= \"NT AUTHORITY\\NetworkService\" password= \"\""

static void lies_on_a_share_that_lets_the_account_in(void **state)
{
    static const struct {
        const char *account;
        bool is_mapped;
        enum check_state state;
        const char *meaning, *mend;
    } rows[] = {
        {"NT AUTHORITY\\LocalService", false, CHECK_FAIL, "LocalService is nobody to other machines", AS_MACHINE},
        {"nt authority\\local service", true, CHECK_FAIL, "LocalService is nobody to other machines", AS_MACHINE},
        {"NT AUTHORITY\\NetworkService", false, CHECK_OK, "it is on a share", ""},
        {"CORP\\boot$", false, CHECK_OK, "reads it as the account CORP\\boot$", ""},
        {"NT AUTHORITY\\NetworkService", true, CHECK_WARN, "M: is mapped to a share for whoever asks",
         "/d \"\\\\server\\images\" /f"},
    };

    (void)state;
    facts.directory.drive_type = DRIVE_REMOTE;
    strcpy(facts.config.directory, "M:\\images");
    strcpy(facts.directory.path, "\\\\server\\images");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        strcpy(facts.service.account, rows[i].account);
        facts.directory.is_mapped = rows[i].is_mapped;
        assert_says(check_place, rows[i].state, rows[i].meaning, rows[i].mend);
    }
    strcpy(facts.service.account, "LocalSystem");
    assert_says(check_account, CHECK_WARN, "LocalSystem", AS_MACHINE);
    facts.directory.drive_type = DRIVE_FIXED;
    assert_says(check_account, CHECK_WARN, "LocalSystem", "obj= \"NT AUTHORITY\\LocalService\" password= \"\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(lies_in_a_folder_of_its_own, make_good),
        cmocka_unit_test_setup(lies_on_a_share_that_lets_the_account_in, make_good),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
