/* Rows as people read them, and what an import keeps of the values that it is given. */
#include "importer.h"
#include "unit.h"

#include "core/base/utf8.h"
#include "core/import/import_parts.h"

#include <stdio.h>

#define DASH " - "

static void rows_are_whole(void **state)
{
    static const struct {
        const char *line, *name, *text;
    } rows[] = {
        {"MD5=1", "MD5",
         "LEFT  MD5" DASH "\"1\": no file with a checksum is written beside those that are served" DASH
         "make it with: certutil -hashfile FILE MD5"},
        {"TftpLogFile=x.log", "TftpLogFile",
         "LEFT  TftpLogFile" DASH
         "\"x.log\": the log has a place of its own: tftpd.log in the start directory, with the "
         "argument -f" DASH "sc config boots binPath= \"\\\"C:\\Program Files\\tftpd\\tftpd.exe\\\" -f\""},
        {"MulticastPort=1758", "MulticastPort",
         "LEFT  MulticastPort" DASH "\"1758\": multicast (RFC 2090) is not served"},
        {"SecurityLevel=3", "Masters",
         "SAME  Masters" DASH "\"\" is the default, so it need not be written" DASH
         "from SecurityLevel: read only: nobody may write files"},
        {"Timeout=2", "Timeout", "SET   Timeout" DASH "\"2\" in place of the default \"1\"" DASH "from Timeout"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[128];
        snprintf(text, sizeof text, "[TFTPD32]\n%s\n", rows[i].line);
        import_begin(&import, IMPORT_TFTPD64, "boots", NULL);
        import_read_ini(&import, span_of_text(text));
        import_map(&import);
        struct import_row *row = importer_find(rows[i].name);
        if (row != NULL && row->parameter != NULL)
            import_weigh(&import, row, &(struct import_value){.form = IMPORT_ABSENT});
        CHECK(strcmp(importer_row_text(row), rows[i].text) == 0, "%s", importer_row_text(row));
    }
}

/* Whatever the size, whole and ended within it. */
static void a_row_is_cut_to_size(void **state)
{
    static char text[IMPORT_LINE_MAX];

    (void)state;
    importer_map_ini("[TFTPD32]\nTimeout=2\nMD5=1\n");
    for (size_t i = 0; i < import.row_count; i++) {
        size_t whole = strlen(importer_row_text(&import.rows[i]));
        for (size_t size = 40; size < whole + 3; size++) {
            memset(text, 'x', sizeof text);
            import_row_text(&import, &import.rows[i], text, size);
            CHECK(strlen(text) == (size <= whole ? size - 1 : whole), "row %u in %u bytes: %s", (unsigned)i,
                  (unsigned)size, text);
            assert_int_equal(text[size], 'x');
            CHECK(utf8_is_valid(span_of_text(text)), "%s", text);
        }
    }
}

/* What there was before is anybody's: each control character, and each byte that is no text, is shown as '?'. */
static void an_old_value_is_made_plain(void **state)
{
    static const struct {
        const char *old, *shown;
    } rows[] = {
        {"a b~", "a b~"},
        {"\x01\x1f\x7f", "???"},
        {"\xc2\x80\xc2\x9f", "????"},
        {"\xc2\xa0\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80", "\xc2\xa0\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80"},
        {"\xe2\x82", "??"},
        {"\xf0\x9f\x98z", "???z"},
        {"\xc3\xc3\xbc", "?\xc3\xbc"},
        {"\xff", "?"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct import_value old = importer_text(rows[i].old);
        char expected[128];
        importer_map_ini("[TFTPD32]\nTimeout=2\n");
        struct import_row *row = importer_find("Timeout");
        assert_non_null(row);
        import_weigh(&import, row, &old);
        snprintf(expected, sizeof expected, "SET   Timeout" DASH "\"2\" in place of \"%s\"" DASH "from Timeout",
                 rows[i].shown);
        CHECK(strcmp(importer_row_text(row), expected) == 0, "row %u: %s", (unsigned)i, importer_row_text(row));
    }
}

static void a_value_as_text(void **state)
{
    static const char items[] = "ab\0\0cd\0e";
    struct import_value list = {IMPORT_LIST, 0, items, sizeof items};
    struct import_value number = {IMPORT_NUMBER, UINT32_MAX, NULL, 0};
    struct import_value plain = import_text("x");
    static const char whole[] = "ab;cd;e";
    char text[sizeof whole + 1];

    (void)state;
    for (size_t size = 1; size <= sizeof text; size++) {
        memset(text, 'x', sizeof text);
        import_value_text(&list, text, size);
        CHECK(strncmp(text, whole, strlen(text)) == 0 &&
                  strlen(text) == (size < sizeof whole ? size : sizeof whole) - 1,
              "%u: %s", (unsigned)size, text);
    }
    list = (struct import_value){IMPORT_LIST, 0, "a\0b", 4};
    assert_string_equal(import_value_text(&list, text, sizeof text), "a;b");
    assert_string_equal(import_value_text(&number, text, 5), "4294");
    assert_string_equal(import_value_text(&plain, text, sizeof text), "x");
    assert_int_equal(plain.size, 2);
    assert_int_equal(plain.form, IMPORT_TEXT);
}

/* Texts are copied as long as there is room, to the last byte. */
static void texts_are_kept_to_the_last_byte(void **state)
{
    static char text[IMPORT_TEXTS_MAX + 1];

    (void)state;
    memset(text, 't', sizeof text);
    for (size_t more = 0; more < 2; more++) {
        importer_begin(IMPORT_RIS, "tftpd");
        importer_put("Clients", (struct import_value){IMPORT_LIST, 0, NULL, 0});
        importer_put("Directory", (struct import_value){IMPORT_LIST, 0, text, 1});
        importer_put("Readable", (struct import_value){IMPORT_LIST, 0, text, IMPORT_TEXTS_MAX - 1 + more});
        importer_put("Writable", importer_number(0));
        CHECK(import.values[0].form == IMPORT_LIST && import.values[0].text != text, "Directory");
        CHECK(import.values[3].form == (more ? IMPORT_UNREADABLE : IMPORT_LIST), "Readable");
        CHECK(import.values[4].form == IMPORT_NUMBER, "Writable");
        assert_int_equal(import.texts_used, more ? 1 : IMPORT_TEXTS_MAX);
    }
}

static void each_setting_is_found_by_its_name(void **state)
{
    (void)state;
    for (enum import_source source = 0; source < IMPORT_SOURCE_COUNT; source++) {
        importer_begin(source, "tftpd");
        for (size_t i = 0; i < import_place_count(source); i++) {
            struct import_place place = import_place(source, i);
            assert_ptr_equal(place.key != NULL ? import_at(&import, place.key, place.name)
                                               : import_other(&import, place.name),
                             &import.values[i]);
        }
    }
}

/* So many lines are complained about one by one; the others are counted. */
static void complaints_are_limited(void **state)
{
    (void)state;
    for (unsigned count = IMPORT_COMPLAINTS_MAX; count <= IMPORT_COMPLAINTS_MAX + 2; count++) {
        char text[1024];
        size_t used = (size_t)snprintf(text, sizeof text, "[TFTPD32]\nSecurityLevel=3\n");
        for (unsigned i = 0; i < count; i++)
            used += (size_t)snprintf(text + used, sizeof text - used, "unknown%u=1\n", i);
        importer_map_ini(text);
        CHECK(import.row_count == 1 + (count > IMPORT_COMPLAINTS_MAX ? IMPORT_COMPLAINTS_MAX + 1 : count), "%u", count);
        CHECK(importer_says("more", "more") == (count > IMPORT_COMPLAINTS_MAX), "%u", count);
    }
    assert_true(importer_says("more", "2 more like these"));
}

/* The words of a row end within it, however long the service's name is, and no sooner than need be. */
static void a_long_service_fits(void **state)
{
    static char service[2 * IMPORT_WORDS_MAX];
    size_t others = 0;

    (void)state;
    for (size_t length = 0; length < sizeof service; length++) {
        memset(service, 0, sizeof service);
        memset(service, 's', length);
        import_begin(&import, IMPORT_RIS, service, NULL);
        importer_put("Masters", importer_text("*"));
        import_map(&import);
        struct import_row *row = importer_find("Masters");
        assert_non_null(row);
        if (length == 0)
            others = strlen(row->instead);
        size_t whole = others + length;
        CHECK(strlen(row->instead) == (whole < IMPORT_WORDS_MAX ? whole : IMPORT_WORDS_MAX - 1), "%u",
              (unsigned)length);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_whole),
        cmocka_unit_test(a_row_is_cut_to_size),
        cmocka_unit_test(an_old_value_is_made_plain),
        cmocka_unit_test(a_value_as_text),
        cmocka_unit_test(texts_are_kept_to_the_last_byte),
        cmocka_unit_test(each_setting_is_found_by_its_name),
        cmocka_unit_test(complaints_are_limited),
        cmocka_unit_test(a_long_service_fits),
    };

    return cmocka_run_group_tests_name("import_row", tests, NULL, NULL);
}
