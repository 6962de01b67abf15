/* A text in a given room. */
#include "unit.h"

#include "core/base/sheet.h"

static void test_sheet(void **state)
{
    char room[8] = "xxxxxxx";
    struct sheet sheet = sheet_in(room, sizeof room);

    (void)state;
    assert_string_equal(room, "");
    sheet_print(&sheet, "%s", "12345");
    sheet_print(&sheet, "%u", 6u);
    assert_string_equal(room, "123456");
    sheet_print(&sheet, "%s", "789");
    assert_string_equal(room, "1234567");
    sheet_print(&sheet, "%s", "more");
    assert_string_equal(room, "1234567");
    assert_int_equal(sheet.used, 7);
    sheet = sheet_in(room, sizeof room);
    sheet_put(&sheet, "abcdef", 3);
    assert_string_equal(room, "abc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sheet)};

    return cmocka_run_group_tests_name("sheet", tests, NULL, NULL);
}
