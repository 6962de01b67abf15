#include "unit.h"

#include "core/base/mac.h"

static const struct mac phone = {{0x52, 0x54, 0x00, 0xAB, 0x0c, 0xff}, MAC_BY_NEIGHBOUR};

static void test_as_people_and_folders_have_it(void **state)
{
    char text[MAC_TEXT_MAX];

    (void)state;
    assert_string_equal(mac_text(phone.bytes, text), "52:54:00:ab:0c:ff");
    assert_string_equal(mac_folder(phone.bytes, text), "52-54-00-ab-0c-ff");
    assert_true(mac_is_folder(span_of_text(text)));
}

static void test_what_is_a_folder_of_a_card(void **state)
{
    static const char *const are[] = {"52-54-00-ab-0c-ff", "52-54-00-AB-0C-FF", "00-00-00-00-00-00"};
    static const char *const are_none[] = {"",
                                           "52-54-00-ab-0c-f",
                                           "52-54-00-ab-0c-ff0",
                                           "01-52-54-00-ab-0c-ff", /* PXELINUX */
                                           "52:54:00:ab:0c:ff",
                                           "52-54-00-ab-0c-fg",
                                           "52-54-00-ab-0c_ff",
                                           "525400ab0cff",
                                           "-52-54-00-ab-0c-f"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(are); i++)
        CHECK(mac_is_folder(span_of_text(are[i])), "%s", are[i]);
    for (size_t i = 0; i < COUNT_OF(are_none); i++)
        CHECK(!mac_is_folder(span_of_text(are_none[i])), "%s", are_none[i]);
}

static void test_what_a_card_can_have(void **state)
{
    (void)state;
    assert_true(mac_is_of_card(phone.bytes));
    assert_false(mac_is_of_card((const uint8_t[MAC_SIZE]){0}));
    assert_false(mac_is_of_card((const uint8_t[MAC_SIZE]){0xff, 0xff, 0xff, 0xff, 0xff, 0xff}));
    assert_false(mac_is_of_card((const uint8_t[MAC_SIZE]){0x01, 0, 0x5e, 0, 0, 1}));
}

static void test_how_it_is_known(void **state)
{
    static const struct {
        const char *name, *note;
        bool is_proved;
    } rows[] = {
        [MAC_UNKNOWN] = {"unknown", "", false},
        [MAC_BY_DHCP] = {"dhcp", "; MAC 52:54:00:ab:0c:ff, as it said by DHCP", false},
        [MAC_BY_PXE] = {"pxe", "; MAC 52:54:00:ab:0c:ff, as it said on port 4011", false},
        [MAC_BY_BOOTP] = {"bootp", "; MAC 52:54:00:ab:0c:ff, by BootpHosts", true},
        [MAC_BY_NEIGHBOUR] = {"neighbour", "; MAC 52:54:00:ab:0c:ff", true},
    };
    char text[MAC_NOTE_MAX];

    (void)state;
    for (uint8_t i = 0; i < COUNT_OF(rows); i++) {
        struct mac mac = phone;
        mac.source = i;
        assert_string_equal(mac_source_name(i), rows[i].name);
        assert_string_equal(mac_note(&mac, text), rows[i].note);
        CHECK(mac_is_proved(&mac) == rows[i].is_proved, "%s", rows[i].name);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_people_and_folders_have_it),
        cmocka_unit_test(test_what_is_a_folder_of_a_card),
        cmocka_unit_test(test_what_a_card_can_have),
        cmocka_unit_test(test_how_it_is_known),
    };

    return cmocka_run_group_tests_name("mac", tests, NULL, NULL);
}
