/* What a proxy writes: every byte of a reply, at every length, and never one behind its room. */
#include "unit.h"

#include "boot_wire.h"
#include "core/dhcp/offer.h"
#include "guard.h"

static struct dhcp4 request;
static struct offer offer;
static char file[DHCP4_FILE_SIZE + 1];

static int set_up(void **state)
{
    struct ask ask;

    (void)state;
    ask_begin(&ask, ask_mac);
    ask_option(&ask, 53, "\1", 1);
    assert_true(dhcp4_read(&request, guard_span(ask.bytes, ask.size)));
    file[0] = 0;
    offer = (struct offer){.message = DHCP4_OFFER,
                           .server = endpoint_ipv4(10, 77, 0, 2, 0),
                           .next_server = endpoint_ipv4(10, 77, 0, 2, 0),
                           .file = file};
    return 0;
}

static void name_file(size_t length)
{
    memset(file, 'f', length);
    file[length] = 0;
}

/* 53, 54 and 60 behind the cookie, and zeros up to 300 bytes, whatever lay there. */
static void test_a_short_reply(void **state)
{
    static const uint8_t options[] = {53,  1,   2,   54,  4,   10,  77,  0,   2,   60, 9,
                                      'P', 'X', 'E', 'C', 'l', 'i', 'e', 'n', 't', 255};
    uint8_t *bytes = guard_room(DHCP4_SIZE_OPEN);

    (void)state;
    assert_int_equal(offer_write(&offer, &request, bytes, DHCP4_SIZE_OPEN), DHCP4_SIZE_MIN);
    assert_memory_equal(bytes + DHCP4_OPTIONS, options, sizeof options);
    for (size_t i = DHCP4_OPTIONS + sizeof options; i < DHCP4_SIZE_MIN; i++)
        CHECK(bytes[i] == 0, "byte %u", (unsigned)i);
    assert_string_equal((const char *)bytes + DHCP4_SNAME, "10.77.0.2");
    assert_int_equal(bytes[DHCP4_FILE], 0);
    /* What is behind it belongs to somebody else. */
    assert_int_equal(bytes[DHCP4_SIZE_MIN], 0xA5);
}

/* 127 bytes are a text in `file`; with 128 it is option 67, and a NUL of our own ends it. */
static void test_where_the_file_stands(void **state)
{
    uint8_t *bytes = guard_room(DHCP4_SIZE_OPEN);
    struct span found;

    (void)state;
    name_file(DHCP4_FILE_SIZE - 1);
    size_t size = offer_write(&offer, &request, bytes, DHCP4_SIZE_OPEN);
    assert_string_equal((const char *)bytes + DHCP4_FILE, file);
    assert_false(ask_find(span_of(bytes, size), 67, &found));
    name_file(DHCP4_FILE_SIZE);
    size = offer_write(&offer, &request, bytes, DHCP4_SIZE_OPEN);
    assert_int_equal(bytes[DHCP4_FILE], 0);
    assert_true(ask_find(span_of(bytes, size), 67, &found));
    assert_int_equal(found.size, DHCP4_FILE_SIZE + 1);
    assert_memory_equal(found.bytes, file, DHCP4_FILE_SIZE + 1);
}

/* 43 may be its END alone. */
static void test_vendor_options(void **state)
{
    uint8_t *bytes = guard_room(DHCP4_SIZE_OPEN);
    struct span found;

    (void)state;
    size_t size = offer_write(&offer, &request, bytes, DHCP4_SIZE_OPEN);
    assert_false(ask_find(span_of(bytes, size), 43, &found));
    offer.vendor = span_of("\xff", 1);
    size = offer_write(&offer, &request, bytes, DHCP4_SIZE_OPEN);
    assert_true(ask_find(span_of(bytes, size), 43, &found));
    assert_int_equal(found.size, 1);
}

/* Options of the rule fill the room to its last byte, which is the END's; one byte more is no reply at all. */
static void test_room(void **state)
{
    static const uint8_t value[255];
    /* 20 bytes of our own options and the END leave 287: two options of 255 and 28 bytes with their heads are 287. */
    enum { SECOND = DHCP4_SIZE_OPEN - DHCP4_OPTIONS - 20 - 1 - 2 - 255 - 2 };

    (void)state;
    offer.option_count = 2;
    offer.options[0] = (struct offer_option){209, span_of(value, 255)};
    for (size_t more = 0; more < 2; more++) {
        uint8_t *bytes = guard_room(DHCP4_SIZE_OPEN);
        offer.options[1] = (struct offer_option){210, span_of(value, SECOND + more)};
        size_t size = offer_write(&offer, &request, bytes, DHCP4_SIZE_OPEN);
        assert_int_equal(size, more == 0 ? DHCP4_SIZE_OPEN : 0);
        if (more == 0)
            assert_int_equal(bytes[size - 1], 255);
    }
    /* No option has more than 255 bytes, whatever room there is, and none is split. */
    static const uint8_t longer[256];
    offer.option_count = 1;
    offer.options[0].data = span_of(longer, sizeof longer);
    assert_int_equal(offer_write(&offer, &request, guard_room(1024), 1024), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_short_reply, set_up),
        cmocka_unit_test_setup(test_where_the_file_stands, set_up),
        cmocka_unit_test_setup(test_vendor_options, set_up),
        cmocka_unit_test_setup(test_room, set_up),
    };

    return cmocka_run_group_tests_name("offer", tests, NULL, NULL);
}
