/* What RIS and WDS keep in the registry. */
#include "importer.h"
#include "unit.h"

#include <stdio.h>

/* -- WDS ----------------------------------------------------------------------------------------------------------- */

static void unifies_the_forms_of_a_read_filter(void **state)
{
    static const struct {
        const char *filter, *readable;
        size_t left;
    } rows[] = {
        {"\\boot\\*;\\tmp\\*;boot\\*;tmp\\*", "boot\\*;tmp\\*", 0},
        {"boot/*;boot\\*;/boot/*;\\boot\\*;/boot\\*", "boot\\*", 0},
        {"\\\\boot\\\\*;//boot//*;.\\boot\\*;\\Boot\\X64\\*;/boot/x64/*", "boot\\*;Boot\\X64\\*", 0},
        {"\\SMSBoot\\*;SMSBoot\\*;\\SMSImages\\*;/SMSImages/*", "SMSBoot\\*;SMSImages\\*", 0},
        {"*", "*", 0},
        {"\\*;/*", "*", 0},
        {"\\*.cfg;pxelinux.cfg/*", "*.cfg;pxelinux.cfg\\*", 0},
        {"\\gr\xc3\x9cn\\*;/gr\xc3\xbcn/*", "gr\xc3\x9cn\\*", 0},
        {"boot\\", "boot", 0},
        {"", "", 0},
        {";;boot\\*;;", "boot\\*", 0},
        {"..\\secret\\*;boot\\..\\*;boot\\*", "boot\\*", 2},
        {"C:\\RemoteInstall\\*;boot\\*", "boot\\*", 1},
        {"\\;.;boot\\*", "boot\\*", 2},
        {"..\\*", "", 1},
        {"a\xff;boot\\*", "boot\\*", 1},
        {"...\\*;..boot\\*", "...\\*;..boot\\*", 0},
        {".x\\*;a\\.y\\b", ".x\\*;a\\.y\\b", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        importer_begin(IMPORT_WDS, "tftpd");
        importer_put("ReadFilter", importer_list(rows[i].filter));
        import_map(&import);
        struct import_row *row = importer_find("Readable");
        CHECK(row != NULL && row->verdict == IMPORT_SET, "%s: %s", rows[i].filter, importer_row_text(row));
        CHECK(strcmp(importer_value("Readable"), rows[i].readable) == 0, "%s: %s", rows[i].filter,
              importer_value("Readable"));
        /* RootFolder is missing in these, which is one more. */
        CHECK(import_count(&import, IMPORT_LEFT) == rows[i].left + 1, "%s", rows[i].filter);
    }
}

static void maps_what_else_wds_has(void **state)
{
    static const struct {
        const char *name;
        uint64_t number;
        const char *parameter, *expected;
    } rows[] = {
        {"MaximumBlockSize", 1456, "MaxBlockSize", "1456"},
        {"MaximumBlockSize", 65464, "MaxBlockSize", "65464"},
        {"MaximumBlockSize", 65536, "MaxBlockSize", "65464"},
        {"MaximumBlockSize", 0, "MaxBlockSize", "65464"},
        {"EnableVariableWindowExtension", 0, "MsftWindow", "0"},
        {"EnableVariableWindowExtension", 1, "MsftWindow", "1"},
        {"EnableVariableWindowExtension", 7, "MsftWindow", "1"},
        {"UdpPortPolicy", 0, "PortRange", "0"},
        {"UdpPortPolicy", 1, "PortRange", "64001-65000"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        importer_begin(IMPORT_WDS, "tftpd");
        importer_put("RootFolder", importer_text("D:\\RemoteInstall"));
        importer_put(rows[i].name, importer_number(rows[i].number));
        importer_put("UdpStartPort", importer_number(64001));
        importer_put("UdpEndPort", importer_number(65000));
        import_map(&import);
        CHECK(importer_find(rows[i].parameter) != NULL &&
                  strcmp(importer_value(rows[i].parameter), rows[i].expected) == 0,
              "%s %u: %s", rows[i].name, (unsigned)rows[i].number, importer_value(rows[i].parameter));
        assert_string_equal(importer_value("Directory"), "D:\\RemoteInstall");
        /* Without a filter not all of the folder is readable, which has answer files with passwords in it. */
        assert_string_equal(importer_value("Readable"), "boot\\*;tmp\\*");
        assert_null(importer_find("Masters"));
        assert_int_equal(import_count(&import, IMPORT_BAD), 0);
    }
}

static void a_policy_without_a_range_is_left(void **state)
{
    (void)state;
    importer_begin(IMPORT_WDS, "tftpd");
    importer_put("UdpPortPolicy", importer_number(1));
    import_map(&import);
    assert_null(importer_find("PortRange"));
    assert_true(importer_says("UdpPortPolicy", "neither 0 nor 1 with a range"));
}

static void a_filter_that_is_no_list_or_too_long_is_bad(void **state)
{
    static char items[CONFIG_LIST_BYTES_MAX * 2];
    size_t used = 0;

    (void)state;
    importer_begin(IMPORT_WDS, "tftpd");
    importer_put("ReadFilter", (struct import_value){.form = IMPORT_UNREADABLE});
    import_map(&import);
    assert_int_equal(import_count(&import, IMPORT_BAD), 1);
    for (unsigned i = 0; used + 64 < sizeof items; i++)
        used += (size_t)snprintf(items + used, sizeof items - used, "\\a-long-directory-name-%u\\*", i) + 1;
    importer_begin(IMPORT_WDS, "tftpd");
    importer_put("ReadFilter", (struct import_value){IMPORT_LIST, 0, items, used});
    import_map(&import);
    assert_int_equal(import_count(&import, IMPORT_BAD), 1);
}

/* How many there were, and how many are left. */
static void counts_the_spellings_of_a_read_filter(void **state)
{
    (void)state;
    importer_begin(IMPORT_WDS, "tftpd");
    importer_put("ReadFilter", importer_list("\\boot\\*;;boot/*;tmp\\*;"));
    import_map(&import);
    assert_true(importer_says("ReadFilter", ": 3 spellings of 2 patterns;"));
    importer_begin(IMPORT_WDS, "tftpd");
    importer_put("ReadFilter", importer_text("/boot/*"));
    import_map(&import);
    assert_string_equal(importer_value("Readable"), "boot\\*");
    assert_true(importer_says("ReadFilter", ": 1 spellings of 1 patterns;"));
    importer_begin(IMPORT_WDS, "tftpd");
    importer_put("ReadFilter", importer_number(1));
    import_map(&import);
    assert_true(importer_says("ReadFilter", "BAD   ReadFilter") && importer_says("ReadFilter", "no list of texts"));
}

/* One pattern as long as can be, and one byte more. */
static void a_pattern_has_its_limit(void **state)
{
    enum { NAME_MAX_BYTES = 511 };
    char pattern[NAME_MAX_BYTES + 2];

    (void)state;
    for (size_t length = NAME_MAX_BYTES - 1; length <= NAME_MAX_BYTES + 1; length++) {
        memset(pattern, 'p', sizeof pattern);
        pattern[1] = '/';
        pattern[length] = 0;
        importer_begin(IMPORT_WDS, "tftpd");
        importer_put("ReadFilter", importer_text(pattern));
        import_map(&import);
        assert_int_equal(strlen(importer_value("Readable")), length <= NAME_MAX_BYTES ? length : 0);
        CHECK(importer_says("ReadFilter", "longer than any name") == (length > NAME_MAX_BYTES), "%u", (unsigned)length);
    }
}

/* Sixteen of 256 bytes are as much as Readable holds; a seventeenth of the shortest is too much. */
static void a_filter_has_its_limit(void **state)
{
    enum { PATTERNS = 16, EACH = CONFIG_LIST_BYTES_MAX / PATTERNS };
    static char items[CONFIG_LIST_BYTES_MAX + 2];

    (void)state;
    memset(items, 'p', sizeof items);
    for (size_t i = 0; i < PATTERNS; i++) {
        items[i * EACH] = (char)('a' + i);
        items[i * EACH + EACH - 1] = 0;
    }
    items[CONFIG_LIST_BYTES_MAX + 1] = 0;
    for (int more = 0; more < 2; more++) {
        importer_begin(IMPORT_WDS, "tftpd");
        importer_put("ReadFilter",
                     (struct import_value){IMPORT_LIST, 0, items, CONFIG_LIST_BYTES_MAX + (more ? 2 : 0)});
        import_map(&import);
        assert_int_equal(import_count(&import, IMPORT_BAD), more);
        assert_int_equal(import.draft.readable.size, more ? 2 : CONFIG_LIST_BYTES_MAX); /* "*" */
        assert_true(!more || importer_says("ReadFilter", "more patterns than Readable can hold"));
    }
}

static void says_why_of_what_wds_has(void **state)
{
    static const struct {
        const char *name;
        struct import_value value;
        const char *row, *expected;
    } rows[] = {
        {"RootFolder", {IMPORT_TEXT, 0, "", 1}, "RootFolder", "LEFT  RootFolder"},
        {"RootFolder", {IMPORT_ABSENT, 0, NULL, 0}, "RootFolder", "it has not been configured"},
        {"MaximumBlockSize", {IMPORT_NUMBER, 0, NULL, 0}, "MaximumBlockSize", "0 is no limit there"},
        {"MaximumBlockSize", {IMPORT_NUMBER, 65465, NULL, 0}, "MaximumBlockSize", "more than TFTP has"},
        {"MaximumBlockSize", {IMPORT_NUMBER, 1, NULL, 0}, "MaximumBlockSize", "BAD   MaximumBlockSize"},
        {"MaximumBlockSize", {IMPORT_TEXT, 0, "x", 2}, "MaximumBlockSize", "BAD   MaximumBlockSize"},
        {"EnableVariableWindowExtension", {IMPORT_TEXT, 0, "x", 2}, "EnableVariableWindowExtension", "BAD   "},
        {"UdpPortPolicy", {IMPORT_NUMBER, 0, NULL, 0}, "UdpPortPolicy", "any port that the system gives"},
        {"UdpPortPolicy", {IMPORT_NUMBER, 1, NULL, 0}, "UdpStartPort, UdpEndPort", "ports of a fixed range"},
        {"UdpPortPolicy", {IMPORT_NUMBER, 2, NULL, 0}, "UdpPortPolicy", "LEFT  UdpPortPolicy"},
        {"UdpPortPolicy", {IMPORT_TEXT, 0, "x", 2}, "UdpPortPolicy", "LEFT  UdpPortPolicy"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        importer_begin(IMPORT_WDS, "tftpd");
        importer_put("UdpStartPort", importer_number(64001));
        importer_put("UdpEndPort", importer_number(65000));
        importer_put(rows[i].name, rows[i].value);
        import_map(&import);
        CHECK(importer_says(rows[i].row, rows[i].expected), "row %u", (unsigned)i);
    }
    importer_begin(IMPORT_WDS, "tftpd");
    importer_put("MaximumBlockSize", importer_number(65464));
    import_map(&import);
    const char *text = importer_row_text(importer_find("MaxBlockSize"));
    assert_string_equal(strstr(text, "from "), "from MaximumBlockSize");
}

/* What is not there makes a row only where that means something. */
static void what_is_not_there_makes_no_row(void **state)
{
    (void)state;
    importer_begin(IMPORT_WDS, "tftpd");
    import_map(&import);
    assert_int_equal(import.row_count, 2);
    assert_non_null(importer_find("RootFolder"));
    assert_non_null(importer_find("Readable"));
    importer_begin(IMPORT_RIS, "tftpd");
    import_map(&import);
    assert_int_equal(import.row_count, 1);
    assert_non_null(importer_find("Masters"));
}

/* -- RIS ----------------------------------------------------------------------------------------------------------- */

static void copies_what_ris_has(void **state)
{
    (void)state;
    importer_begin(IMPORT_RIS, "tftpd2");
    assert_false(import_is_in_place(&import));
    importer_put("Directory", importer_text("%SystemDrive%\\ris"));
    importer_put("Clients", importer_list("10.1.*.*;157.55.8?.*"));
    importer_put("Masters", importer_text("10.1.2.3"));
    importer_put("Readable", importer_text("*"));
    importer_put("Writable", importer_text(""));
    import_map(&import);
    assert_int_equal(import_count(&import, IMPORT_SET), 5);
    assert_string_equal(importer_value("Directory"), "%SystemDrive%\\ris");
    assert_string_equal(importer_value("Clients"), "10.1.*.*;157.55.8?.*");
    assert_string_equal(importer_value("Masters"), "10.1.2.3");
    assert_string_equal(importer_value("Writable"), "");
    assert_non_null(strstr(importer_row_text(importer_find("Masters")), "these may write"));
}

static void never_lets_everybody_write(void **state)
{
    static const char *const worlds[] = {"*", "*.*.*.*", "0.0.0.0/0", "::/0", "?*", "10.0.0.1;0.0.0.0/1;128.0.0.0/1"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(worlds); i++) {
        importer_begin(IMPORT_RIS, "tftpd2");
        importer_put("Masters", importer_list(worlds[i]));
        import_map(&import);
        CHECK(import.draft.masters.count == 0 && import_count(&import, IMPORT_SET) == 0, "%s", worlds[i]);
        CHECK(importer_says("Masters", "LEFT") && importer_says("Masters", "Services\\tftpd2\\Parameters\" /v Masters"),
              "%s", worlds[i]);
        importer_begin(IMPORT_RIS, "TftpD");
        assert_true(import_is_in_place(&import));
        importer_put("Masters", importer_list(worlds[i]));
        import_map(&import);
        CHECK(import_count(&import, IMPORT_SET) == 0 && importer_says("Masters", "in force already"), "%s", worlds[i]);
        CHECK(importer_says("Masters", "to end that: reg add"), "%s", worlds[i]);
    }
    importer_begin(IMPORT_RIS, "tftpd");
    importer_put("Directory", importer_text("D:\\ris"));
    import_map(&import);
    assert_true(importer_says("Masters", "NOTE  Masters"));
}

static void masters_of_nobody_stay_nobody(void **state)
{
    (void)state;
    importer_begin(IMPORT_RIS, "tftpd");
    importer_put("Masters", importer_number(0));
    import_map(&import);
    struct import_row *row = importer_find("Masters");
    assert_non_null(row);
    assert_true(importer_says("Masters", ": nobody may write files"));
    import_weigh(&import, row, &(struct import_value){IMPORT_NUMBER, 0, NULL, 0});
    assert_int_equal(row->verdict, IMPORT_SAME);
    import_weigh(&import, row, &(struct import_value){.form = IMPORT_ABSENT});
    assert_int_equal(row->verdict, IMPORT_SAME);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unifies_the_forms_of_a_read_filter),
        cmocka_unit_test(maps_what_else_wds_has),
        cmocka_unit_test(counts_the_spellings_of_a_read_filter),
        cmocka_unit_test(a_pattern_has_its_limit),
        cmocka_unit_test(a_filter_has_its_limit),
        cmocka_unit_test(says_why_of_what_wds_has),
        cmocka_unit_test(what_is_not_there_makes_no_row),
        cmocka_unit_test(a_policy_without_a_range_is_left),
        cmocka_unit_test(a_filter_that_is_no_list_or_too_long_is_bad),
        cmocka_unit_test(copies_what_ris_has),
        cmocka_unit_test(never_lets_everybody_write),
        cmocka_unit_test(masters_of_nobody_stay_nobody),
    };

    return cmocka_run_group_tests_name("import_registry", tests, NULL, NULL);
}
