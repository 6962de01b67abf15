#include "unit.h"

#include "core/base/writer.h"
#include "guard.h"

static void test_up_to_the_last_byte(void **state)
{
    uint8_t *bytes = guard_room(6);
    struct writer writer = writer_in(bytes, 6);

    (void)state;
    writer_put_byte(&writer, 0xfe);
    writer_put_u16(&writer, 0x1234);
    writer_put(&writer, span_nothing());
    writer_put(&writer, span_of_text("abc"));
    assert_int_equal(writer.size, 6);
    assert_memory_equal(bytes,
                        "\xfe\x12\x34"
                        "abc",
                        6);
    writer_put(&writer, span_nothing());
    assert_false(writer.is_full);
}

/* What is left out is left out whole, and so is what would have room behind it. */
static void test_no_room(void **state)
{
    uint8_t *bytes = guard_room(3);
    struct writer writer = writer_in(bytes, 3);

    (void)state;
    writer_put_u16(&writer, 1);
    writer_put_u16(&writer, 2);
    assert_true(writer.is_full);
    writer_put_byte(&writer, 3);
    assert_int_equal(writer.size, 2);
    writer = writer_in(bytes, 0);
    writer_put_byte(&writer, 3);
    assert_true(writer.is_full && writer.size == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_up_to_the_last_byte),
        cmocka_unit_test(test_no_room),
    };

    return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
