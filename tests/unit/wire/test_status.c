#include "unit.h"

#include "core/wire/packet.h"
#include "core/wire/status.h"

/* RFC 1350's codes; a missing file is 1 and never 0 (CLIENTS.md rule 8), and U-Boot ends its attempts at 1 and 2 only. */
static void test_rule_8_codes(void **state)
{
    static const struct {
        enum status status;
        uint16_t code;
    } rows[] = {
        {STATUS_OK, 0},        {STATUS_NOT_FOUND, 1}, {STATUS_DENIED, 2},       {STATUS_OUTSIDE, 2},
        {STATUS_IS_FOLDER, 1}, {STATUS_NO_FOLDER, 1}, {STATUS_NOT_A_FOLDER, 1}, {STATUS_FOLDER_EXISTS, 6},
        {STATUS_EXISTS, 6},    {STATUS_IN_USE, 0},    {STATUS_FULL, 3},         {STATUS_TOO_LARGE, 3},
        {STATUS_CHANGED, 0},   {STATUS_ROOT_LOST, 0}, {STATUS_BROKEN, 0},
    };

    (void)state;
    assert_int_equal(COUNT_OF(rows), STATUS_BROKEN + 1);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CHECK(status_error_code(rows[i].status) == rows[i].code, "status %d", (int)rows[i].status);
        size_t length = strlen(status_text(rows[i].status));
        CHECK(length > 0 && length <= PACKET_ERROR_TEXT_MAX, "status %d", (int)rows[i].status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rule_8_codes)};

    return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
