/* The one call of the hands, and what it keeps: limits and one-shot entries. (Machines seen: test_seen.c) */
#include "unit.h"

#include "boot_hearing.h"

/* PXE.md 6.2 rule 5: 4 a second for one machine, 8 at once. */
static void test_limit_of_a_client(void **state)
{
    struct ask ask = discover(1);

    (void)state;
    for (int i = 0; i < 8; i++)
        assert_int_equal(hear(&ask), BOOT_OFFERED);
    assert_int_equal(hear(&ask), BOOT_CLIENT_LIMIT);
    assert_int_equal(hear_number(2), BOOT_OFFERED); /* others are not the worse for it */
    question.now_ms += 250;
    assert_int_equal(hear(&ask), BOOT_OFFERED);
    assert_int_equal(hear(&ask), BOOT_CLIENT_LIMIT);
    question.now_ms += 1000;
    for (int i = 0; i < 4; i++)
        assert_int_equal(hear(&ask), BOOT_OFFERED);
    assert_int_equal(hear(&ask), BOOT_CLIENT_LIMIT);
    question.now_ms += 60000;
    for (int i = 0; i < 8; i++)
        assert_int_equal(hear(&ask), BOOT_OFFERED);
    assert_int_equal(hear(&ask), BOOT_CLIENT_LIMIT);
    /* Silence for other reasons costs nothing, and says why as before. */
    ask_dhcp(&ask, ASK_PLAIN_DHCP, 1);
    for (int i = 0; i < 20; i++)
        assert_int_equal(hear(&ask), BOOT_NOT_PXE);
}

/* Nobody has to wait for what is full from the beginning. */
static void test_limits_in_the_first_millisecond(void **state)
{
    struct ask ask = discover(1);

    (void)state;
    question.now_ms = 1;
    question.arrival.interface_index = 0;
    for (int i = 0; i < 8; i++)
        assert_int_equal(hear(&ask), BOOT_OFFERED);
    assert_int_equal(hear(&ask), BOOT_CLIENT_LIMIT);
    scene_add(BOOT_LIST_RELAYS, "10.88.0.1");
    ask = discover(2);
    ask_address(&ask, DHCP4_GIADDR, 10, 88, 0, 1);
    assert_int_equal(hear(&ask), BOOT_OFFERED);
}

/* A machine without a MAC has the limit of its GUID. */
static void test_limit_by_guid(void **state)
{
    struct ask ask = discover(1);

    (void)state;
    ask.bytes[DHCP4_HLEN] = 16;
    for (int i = 0; i < 8; i++)
        assert_int_equal(hear(&ask), BOOT_OFFERED);
    assert_int_equal(hear(&ask), BOOT_CLIENT_LIMIT);
}

static unsigned answers_of(unsigned from, unsigned to, enum boot_reason *last)
{
    unsigned answers = 0;

    for (unsigned i = from; i < to; i++) {
        *last = hear_number(i);
        answers += decision.reply.size > 0;
    }
    return answers;
}

static void test_limits_of_relay_interface_and_all(void **state)
{
    enum boot_reason last;

    (void)state;
    assert_int_equal(answers_of(0, 499, &last), 499);
    assert_int_equal(answers_of(499, 600, &last), 1);
    assert_int_equal(last, BOOT_INTERFACE_LIMIT);
    question.now_ms += 100;
    assert_int_equal(answers_of(600, 700, &last), 50);
    /* Four interfaces have the whole. */
    question.now_ms += 10000;
    for (uint32_t i = 10; i < 14; i++) {
        question.arrival.interface_index = i;
        assert_int_equal(answers_of(1000 * i, 1000 * i + 500, &last), 500);
    }
    question.arrival.interface_index = 14;
    assert_int_equal(answers_of(20000, 20001, &last), 0);
    assert_int_equal(last, BOOT_TOTAL_LIMIT);
    /* A relay has 200, and another one its own. */
    question.now_ms += 10000;
    scene_add(BOOT_LIST_RELAYS, "10.88.0.0/16");
    for (unsigned relay = 1; relay <= 2; relay++) {
        unsigned answers = 0;
        for (unsigned i = 0; i < 250; i++) {
            struct ask ask = discover(30000 + 1000 * relay + i);
            ask_address(&ask, DHCP4_GIADDR, 10, 88, 0, (uint8_t)relay);
            last = hear(&ask);
            answers += last == BOOT_OFFERED;
        }
        assert_int_equal(answers, 200);
        assert_int_equal(last, BOOT_RELAY_LIMIT);
    }
}

/* A forger names the address that replies go to, and a new MAC in each request; on port 4011 a relay is nothing but a claim. */
static void test_limit_of_an_address(void **state)
{
    enum { OF_ONE_ADDRESS = 8 };

    (void)state;
    question.arrival.address.port = 4011;
    for (unsigned i = 0; i < 20; i++) {
        struct ask ask;
        ask_4011(&ask, ASK_EDK2_X64);
        write_u16(ask.bytes + 32, (uint16_t)i);
        if (i % 2 == 0)
            ask_address(&ask, DHCP4_GIADDR, 10, 88, 0, (uint8_t)i);
        question.arrival.source = endpoint_ipv4(10, 77, 0, 100, (uint16_t)(2000 + i));
        assert_int_equal(hear(&ask), i < OF_ONE_ADDRESS ? BOOT_ACKNOWLEDGED : BOOT_ADDRESS_LIMIT);
        /* Another machine is not the worse for it. */
        write_u16(ask.bytes + 32, (uint16_t)(1000 + i));
        question.arrival.source = endpoint_ipv4(10, 77, 1, (uint8_t)i, 4011);
        assert_int_equal(hear(&ask), BOOT_ACKNOWLEDGED);
    }
    question.now_ms += 1000;
    struct ask ask;
    ask_4011(&ask, ASK_EDK2_X64);
    question.arrival.source = endpoint_ipv4(10, 77, 0, 100, 4011);
    assert_int_equal(hear(&ask), BOOT_ACKNOWLEDGED);
}

/* Another rate counts at once. */
static void test_a_new_rate(void **state)
{
    enum boot_reason last;

    (void)state;
    rules.replies_per_second = 10;
    assert_int_equal(answers_of(0, 20, &last), 10);
    rules.replies_per_second = 5000;
    question.now_ms += 1000;
    assert_int_equal(answers_of(100, 5200, &last), 5000);
}

static void test_one_shot(void **state)
{
    static struct boot_rules others;
    struct ask ask;

    (void)state;
    scene_add(BOOT_LIST_HOSTS, "52:54:00:12:34:56 = once setup.efi");
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    assert_int_equal(hear(&ask), BOOT_OFFERED);
    assert_string_equal(decision.file, "setup.efi");
    question.now_ms += 60000;
    assert_int_equal(hear(&ask), BOOT_OFFERED);
    question.now_ms += BOOT_ONCE_MS;
    assert_int_equal(hear(&ask), BOOT_SENT_TO_DISK);
    assert_int_equal(boot.marks.once_count, 1);
    /* Rules with the line keep that in mind, rules without it forget. */
    others = rules;
    boot_set_rules(&boot, &others);
    assert_int_equal(hear(&ask), BOOT_SENT_TO_DISK);
    others.host_count = 0;
    boot_set_rules(&boot, &others);
    assert_int_equal(hear(&ask), BOOT_OFFERED);
    assert_string_equal(decision.file, "x64.efi");
    boot_set_rules(&boot, &rules);
    assert_int_equal(hear(&ask), BOOT_OFFERED);
    assert_string_equal(decision.file, "setup.efi");
}

/* What is not sent spends nothing. */
static void test_a_refused_one_shot(void **state)
{
    struct ask ask;

    (void)state;
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    for (int i = 0; i < 8; i++)
        hear(&ask);
    scene_add(BOOT_LIST_HOSTS, "52:54:00:12:34:56 = once setup.efi");
    assert_int_equal(hear(&ask), BOOT_CLIENT_LIMIT);
    assert_int_equal(boot.marks.once_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_limit_of_a_client, hearing_set_up),
        cmocka_unit_test_setup(test_limits_in_the_first_millisecond, hearing_set_up),
        cmocka_unit_test_setup(test_limit_by_guid, hearing_set_up),
        cmocka_unit_test_setup(test_limits_of_relay_interface_and_all, hearing_set_up),
        cmocka_unit_test_setup(test_limit_of_an_address, hearing_set_up),
        cmocka_unit_test_setup(test_a_new_rate, hearing_set_up),
        cmocka_unit_test_setup(test_one_shot, hearing_set_up),
        cmocka_unit_test_setup(test_a_refused_one_shot, hearing_set_up),
    };

    return cmocka_run_group_tests_name("boot", tests, NULL, NULL);
}
