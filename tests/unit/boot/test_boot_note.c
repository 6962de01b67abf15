/* The two calls of the hands: what is looked at before an answer, and what is kept of it, by what became of it. */
#include "unit.h"

#include "boot_hearing.h"

enum { INSTALLED, NEW }; /* the last byte of a MAC */

static int set_up(void **state)
{
    hearing_set_up(state);
    scene_add(BOOT_LIST_HOSTS, "52:54:00:12:34:00 = once setup.efi");
    scene_add(BOOT_LIST_HOSTS, "52:54:00:12:34:01 = once setup.efi");
    return 0;
}

static enum boot_reason hear_machine(uint8_t machine, uint8_t message)
{
    struct ask ask;

    ask_dhcp(&ask, ASK_EDK2_X64, message);
    ask.bytes[DHCP4_CHADDR + 5] = machine;
    return hear(&ask);
}

static void ask_4011_from(struct endpoint source, uint8_t machine)
{
    struct ask ask;

    ask_4011(&ask, ASK_EDK2_X64);
    ask.bytes[DHCP4_CHADDR + 5] = machine;
    question.arrival.source = source;
    hear(&ask);
}

/* It asks, takes the address of a DHCP server, and time goes by. */
static enum boot_reason boots(uint8_t machine)
{
    enum boot_reason reason = hear_machine(machine, 1);

    hear_machine(machine, 3);
    question.now_ms += BOOT_ONCE_MS;
    return reason;
}

/* Who was only watched has not had its one boot, and is not waited for; who had it before has had it. */
static void test_what_is_only_watched(void **state)
{
    (void)state;
    assert_int_equal(boots(INSTALLED), BOOT_OFFERED);
    assert_non_null(boot_seen_hint(&boot.seen, question.now_ms));
    boot.is_watching = true;
    assert_int_equal(boots(INSTALLED), BOOT_SENT_TO_DISK);
    assert_int_equal(boots(NEW), BOOT_OFFERED);
    assert_int_equal(boots(NEW), BOOT_OFFERED);
    assert_null(boot_seen_hint(&boot.seen, question.now_ms));
    hear_machine(NEW, 1);
    assert_int_equal(decision.reply.size, 0);
    boot.is_watching = false;
    assert_int_equal(hear_machine(INSTALLED, 1), BOOT_SENT_TO_DISK);
    assert_int_equal(hear_machine(NEW, 1), BOOT_OFFERED);
    assert_string_equal(decision.file, "setup.efi");
}

static void test_what_could_not_be_sent(void **state)
{
    size_t place = 0;

    (void)state;
    is_cut_off = true;
    assert_int_equal(boots(NEW), BOOT_NOT_SENT);
    assert_null(boot_seen_hint(&boot.seen, question.now_ms));
    const struct seen_machine *seen = boot_seen_next(&boot.seen, &place);
    assert_int_equal(seen->reason, BOOT_NOT_SENT);
    assert_int_equal(seen->answers, 0);
    is_cut_off = false;
    assert_int_equal(hear_machine(NEW, 1), BOOT_OFFERED);
    assert_string_equal(decision.file, "setup.efi");
}

/* Whoever forges senders has no file opened for each: what is asked too often is not looked at, be the file there or not. */
static void test_limits_come_before_the_disk(void **state)
{
    enum { OF_ONE_ADDRESS = 8, OF_THE_INTERFACE = 50, MANY = 200 };

    (void)state;
    question.arrival.address.port = 4011;
    rules.replies_per_second = OF_THE_INTERFACE;
    for (file_state = BOOT_FILE_READABLE; file_state <= BOOT_FILE_REFUSED; file_state++) {
        looks = 0;
        for (unsigned i = 0; i < MANY; i++)
            ask_4011_from(endpoint_ipv4(10, 77, 0, 100, 4011), (uint8_t)i);
        assert_int_equal(looks, OF_ONE_ADDRESS);
        assert_int_equal(decision.reason, BOOT_ADDRESS_LIMIT);
        for (unsigned i = 0; i < MANY; i++)
            ask_4011_from(endpoint_ipv4(10, 77, 1, (uint8_t)i, 4011), (uint8_t)i);
        assert_int_equal(looks, OF_THE_INTERFACE);
        assert_int_equal(decision.reason, BOOT_INTERFACE_LIMIT);
        question.now_ms += 60000;
    }
}

static enum boot_approval approve(const char *text)
{
    struct who who;

    assert_true(who_parse(&who, span_of_text(text)));
    return boot_approve(&boot, &who);
}

static void test_an_approved_machine_waits_no_more(void **state)
{
    (void)state;
    rules.unknown = BOOT_UNKNOWN_WAIT;
    assert_int_equal(hear_machine(9, 1), BOOT_WAITING);
    assert_int_equal(approve("52:54:00:12:34:08"), BOOT_APPROVAL_DONE);
    assert_true(only_machine()->is_waiting);
    assert_int_equal(approve("52:54:00:12:34:09"), BOOT_APPROVAL_DONE);
    assert_false(only_machine()->is_waiting);
    assert_int_equal(hear_machine(9, 1), BOOT_OFFERED);
    boot.marks.approved_count = BOOT_APPROVED_MAX;
    assert_int_equal(approve("52:54:00:12:34:0a"), BOOT_APPROVAL_FULL);
}

/* Behind a shared MAC a machine waits, is shown and is approved by its GUID. */
static void test_a_shared_mac_is_no_name(void **state)
{
    static const char guid[] = "4c4c4544-0042-3510-8052-b4c04f4e3332";
    char text[IDENTITY_TEXT_MAX];

    (void)state;
    rules.unknown = BOOT_UNKNOWN_WAIT;
    scene_add(BOOT_LIST_HOSTS, "52:54:00:12:34:09 = shared");
    assert_int_equal(hear_machine(9, 1), BOOT_WAITING);
    assert_string_equal(identity_text(&only_machine()->machine.identity, text), guid);
    hear_machine(9, 3); /* it takes an address */
    assert_true(only_machine()->has_address);
    assert_int_equal(approve("52:54:00:12:34:09"), BOOT_APPROVAL_SHARED);
    assert_true(only_machine()->is_waiting);
    assert_int_equal(hear_machine(9, 1), BOOT_WAITING);
    assert_int_equal(approve(guid), BOOT_APPROVAL_DONE);
    assert_false(only_machine()->is_waiting);
    assert_int_equal(hear_machine(9, 1), BOOT_OFFERED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_what_is_only_watched, set_up),
        cmocka_unit_test_setup(test_what_could_not_be_sent, set_up),
        cmocka_unit_test_setup(test_limits_come_before_the_disk, set_up),
        cmocka_unit_test_setup(test_an_approved_machine_waits_no_more, set_up),
        cmocka_unit_test_setup(test_a_shared_mac_is_no_name, set_up),
    };

    return cmocka_run_group_tests_name("boot_note", tests, NULL, NULL);
}
