#include "unit.h"

#include "core/json_text.h"

#include <stdio.h>

static void test_every_byte(void **state)
{
    char escape[JSON_ESCAPE_MAX];
    char expected[JSON_ESCAPE_MAX + 1];

    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        size_t size = json_escape((char)byte, escape);
        if (byte < 0x20)
            snprintf(expected, sizeof expected, "\\u%04x", byte);
        else if (byte == '"' || byte == '\\')
            snprintf(expected, sizeof expected, "\\%c", byte);
        else
            snprintf(expected, sizeof expected, "%c", byte);
        CHECK(size == strlen(expected) && memcmp(escape, expected, size) == 0, "byte %d", byte);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_byte)};

    return cmocka_run_group_tests_name("json_text", tests, NULL, NULL);
}
