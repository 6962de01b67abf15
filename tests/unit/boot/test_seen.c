/* The machines that were heard of lately, and the hint that another server's settings win. */
#include "unit.h"

#include "boot_hearing.h"

#include <stdio.h>

static const struct seen_machine *machine_at(const struct endpoint *address)
{
    size_t place = 0;
    const struct seen_machine *seen = boot_seen_next(&boot.seen, &place);

    while (seen != NULL && !(seen->has_address && endpoint_same_address(&seen->address, address)))
        seen = boot_seen_next(&boot.seen, &place);
    return seen;
}

static void test_a_machine_that_is_seen(void **state)
{
    struct endpoint address = endpoint_ipv4(10, 77, 0, 100, 2070);
    struct ask ask;

    (void)state;
    ask_dhcp(&ask, ASK_PLAIN_DHCP, 1);
    hear(&ask);
    size_t place = 0;
    assert_null(boot_seen_next(&boot.seen, &place)); /* not one of ours */
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    hear(&ask);
    const struct seen_machine *seen = only_machine();
    assert_int_equal(seen->course, COURSE_OFFERED);
    assert_int_equal(seen->reason, BOOT_OFFERED);
    assert_int_equal(seen->rule_list, BOOT_LIST_RULES);
    assert_int_equal(seen->rule_line, 1);
    assert_string_equal(seen->file, "x64.efi");
    assert_int_equal(seen->first_ms, question.now_ms);
    assert_false(seen->has_address || seen->is_waiting);
    assert_null(machine_at(&address));
    /* It takes an address of the DHCP server, and comes for its file. */
    question.now_ms += 3000;
    ask_dhcp(&ask, ASK_EDK2_X64, 3);
    assert_int_equal(hear(&ask), BOOT_OTHER_SERVER);
    assert_ptr_equal(machine_at(&address), seen);
    assert_int_equal(seen->reason, BOOT_OFFERED);
    assert_int_equal(seen->requests, 1);
    assert_int_equal(seen->last_ms, question.now_ms);
    boot_seen_came(&boot.seen, &address);
    assert_int_equal(seen->course, COURSE_CAME);
    /* Later it is refused. */
    rules.rule_count = 0;
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    assert_int_equal(hear(&ask), BOOT_NO_RULE);
    assert_int_equal(seen->reason, BOOT_NO_RULE);
    assert_int_equal(seen->requests, 2);
    assert_int_equal(seen->answers, 1);
    assert_int_equal(seen->rule_line, 0);
    assert_string_equal(seen->file, "");
    rules.unknown = BOOT_UNKNOWN_WAIT;
    assert_int_equal(hear(&ask), BOOT_WAITING);
    assert_true(only_machine()->is_waiting);
    rules.unknown = BOOT_UNKNOWN_ANSWER;
    hear(&ask);
    assert_false(only_machine()->is_waiting);
    /* Its address from port 4011. */
    question.arrival.address.port = 4011;
    question.arrival.source = endpoint_ipv4(10, 77, 0, 101, 4011);
    ask_4011(&ask, ASK_EDK2_X64);
    hear(&ask);
    assert_ptr_equal(machine_at(&question.arrival.source), only_machine());
    struct endpoint later = endpoint_ipv4(10, 77, 0, 101, 0);
    assert_true(endpoint_equal(&only_machine()->address, &later));
    assert_null(machine_at(&address));
}

static unsigned machines_seen(void)
{
    unsigned count = 0;
    size_t place = 0;

    while (boot_seen_next(&boot.seen, &place) != NULL)
        count++;
    return count;
}

/* By its MAC a machine is one, whatever GUID it says or leaves out; without a MAC the whole GUID tells it from others. */
static void test_who_is_one_machine(void **state)
{
    struct ask ask;

    (void)state;
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    assert_int_equal(hear(&ask), BOOT_OFFERED);
    ask_begin(&ask, ask_mac);
    ask_option(&ask, 53, "\1", 1);
    ask_text(&ask, 60, "PXEClient:Arch:00007:UNDI:003000");
    ask_end(&ask, 0);
    assert_int_equal(hear(&ask), BOOT_OFFERED);
    assert_int_equal(machines_seen(), 1);
    ask.bytes[DHCP4_HLEN] = 16;
    for (uint8_t i = 0; i < 2; i++) {
        memcpy(ask.bytes + DHCP4_CHADDR, ask_guid, sizeof ask_guid);
        ask.bytes[DHCP4_CHADDR + 15] = i;
        assert_int_equal(hear(&ask), BOOT_OFFERED);
        assert_int_equal(machines_seen(), 2 + i);
    }
}

/* Who took an address last has it. */
static void test_addresses_go_from_one_to_another(void **state)
{
    struct ask ask;

    (void)state;
    for (uint8_t i = 0; i < 2; i++) {
        ask = discover(i);
        hear(&ask);
        ask_dhcp(&ask, ASK_EDK2_X64, 3);
        write_u16(ask.bytes + 32, i);
        hear(&ask);
        struct endpoint address = endpoint_ipv4(10, 77, 0, 100, 0);
        const struct seen_machine *seen = machine_at(&address);
        CHECK(seen != NULL && seen->machine.identity.mac[5] == i, "machine %u", i);
    }
    unsigned owners = 0;
    size_t place = 0;
    for (const struct seen_machine *seen = boot_seen_next(&boot.seen, &place); seen != NULL;
         seen = boot_seen_next(&boot.seen, &place))
        owners += seen->has_address;
    assert_int_equal(owners, 1);
    /* Of a BOOTP client it is the one that the table has. */
    rules.is_bootp_on = true;
    scene_add(BOOT_LIST_BOOTP, "08:00:20:01:02:03 = 10.77.0.50");
    ask_bootp(&ask, (const uint8_t[]){8, 0, 0x20, 1, 2, 3}, true);
    assert_int_equal(hear(&ask), BOOT_GIVEN_ADDRESS);
    struct endpoint address = endpoint_ipv4(10, 77, 0, 50, 0);
    assert_int_equal(machine_at(&address)->machine.identity.mac[5], 3);
    /* A machine of neither MAC nor GUID is nobody. */
    ask_bootp(&ask, (const uint8_t[6]){0}, true);
    assert_int_equal(hear(&ask), BOOT_NOT_IN_TABLE);
    assert_int_equal(machines_seen(), 3);
}

/* PXE.md 6.1 rule 22: offered, took an address, never came. */
static void test_hints(void **state)
{
    struct endpoint address = endpoint_ipv4(10, 77, 0, 100, 0);
    struct ask offer;
    struct ask request;

    (void)state;
    ask_dhcp(&offer, ASK_EDK2_X64, 1);
    ask_dhcp(&request, ASK_EDK2_X64, 3);
    hear(&offer);
    question.now_ms += SEEN_HINT_MS;
    assert_null(boot_seen_hint(&boot.seen, question.now_ms)); /* it has no address yet: no DHCP server */
    hear(&request);
    const struct seen_machine *hint = boot_seen_hint(&boot.seen, question.now_ms);
    assert_ptr_equal(hint, only_machine());
    assert_null(boot_seen_hint(&boot.seen, question.now_ms)); /* once */
    hear(&offer);
    hear(&request);
    question.now_ms += SEEN_HINT_MS;
    assert_null(boot_seen_hint(&boot.seen, question.now_ms));
    /* It comes, and the next time it does not. */
    boot_seen_came(&boot.seen, &address);
    hear(&offer);
    assert_false(only_machine()->has_address);
    question.now_ms += 4000;
    hear(&offer);
    hear(&request);
    question.now_ms += SEEN_HINT_MS - 4001;
    assert_null(boot_seen_hint(&boot.seen, question.now_ms));
    question.now_ms++;
    assert_non_null(boot_seen_hint(&boot.seen, question.now_ms));
    /* Whoever comes to port 4011 is no hint. */
    question.arrival.address.port = 4011;
    question.arrival.source = endpoint_ipv4(10, 77, 0, 100, 4011);
    ask_4011(&request, ASK_EDK2_X64);
    hear(&request);
    assert_int_equal(only_machine()->course, COURSE_CAME);
    question.now_ms += SEEN_HINT_MS;
    assert_null(boot_seen_hint(&boot.seen, question.now_ms));
}

/* It came, and was refused: that is another story, which is told already. */
static void test_no_hint_about_who_came_in_vain(void **state)
{
    struct ask ask;

    (void)state;
    hear_number(0);
    question.arrival.address.port = 4011;
    question.arrival.source = endpoint_ipv4(10, 77, 0, 100, 4011);
    question.arrival.is_client = false;
    ask_4011(&ask, ASK_EDK2_X64);
    write_u16(ask.bytes + 32, 0);
    assert_int_equal(hear(&ask), BOOT_NOT_A_CLIENT);
    question.now_ms += SEEN_HINT_MS;
    assert_null(boot_seen_hint(&boot.seen, question.now_ms));
}

/* Switched off behind the offer, on again the next day. */
static void test_a_stale_offer(void **state)
{
    struct ask ask;

    (void)state;
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    hear(&ask);
    question.now_ms += 24u * 60 * 60 * 1000;
    assert_int_equal(hear(&ask), BOOT_OFFERED);
    ask_dhcp(&ask, ASK_EDK2_X64, 3);
    hear(&ask);
    question.now_ms += SEEN_HINT_MS - 1;
    assert_null(boot_seen_hint(&boot.seen, question.now_ms));
    question.now_ms++;
    assert_non_null(boot_seen_hint(&boot.seen, question.now_ms));
}

/* Between the offer and the address its rule became another one. */
static void test_no_hint_behind_another_rule(void **state)
{
    static const char *const lines[] = {"x64 = ignore", "x64 = a server 10.0.0.9", "any = local"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct ask ask;
        hearing_set_up(NULL);
        ask_dhcp(&ask, ASK_EDK2_X64, 1);
        assert_int_equal(hear(&ask), BOOT_OFFERED);
        rules.rule_count = 0;
        scene_add(BOOT_LIST_RULES, lines[i]);
        question.now_ms += 1000;
        hear(&ask);
        ask_dhcp(&ask, ASK_EDK2_X64, 3);
        hear(&ask);
        question.now_ms += SEEN_HINT_MS;
        CHECK(boot_seen_hint(&boot.seen, question.now_ms) == NULL, "%s", lines[i]);
    }
}

/* Wherever in the table a machine stands. */
static void test_a_hint_about_the_first_of_the_table(void **state)
{
    unsigned number = 0;

    (void)state;
    do {
        boot_init(&boot, &rules, boot.files, 42);
        hear_number(++number);
    } while (boot.seen.places[0][0].last_ms == 0);
    struct ask request;
    ask_dhcp(&request, ASK_EDK2_X64, 3);
    write_u16(request.bytes + 32, (uint16_t)number);
    hear(&request);
    question.now_ms += SEEN_HINT_MS;
    assert_ptr_equal(boot_seen_hint(&boot.seen, question.now_ms), &boot.seen.places[0][0]);
}

/* Who was sent elsewhere, or may have chosen its disk, owes us no visit. */
static void test_no_hint_about_those_sent_elsewhere(void **state)
{
    static const char *const lines[] = {"x64 = a server 10.0.0.9", "ipxe = http://a/b", "x64 = a style menu"};
    struct ask ask;

    (void)state;
    scene_add(BOOT_LIST_MENU, "Disk = local");
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        rules.rule_count = 0;
        scene_add(BOOT_LIST_RULES, lines[i]);
        ask_dhcp(&ask, i == 1 ? ASK_IPXE_X64 : ASK_EDK2_X64, 1);
        question.now_ms += 10000;
        assert_int_equal(hear(&ask), BOOT_OFFERED);
        ask_dhcp(&ask, ASK_EDK2_X64, 3);
        hear(&ask);
        question.now_ms += SEEN_HINT_MS;
        CHECK(boot_seen_hint(&boot.seen, question.now_ms) == NULL, "%s", lines[i]);
    }
}

/* PXE.md 6.2 rule 7: however many senders there are, the table has its size, and the last ones are in it. */
static void test_the_table_is_bounded(void **state)
{
    enum { MANY = 3 * SEEN_MAX };
    size_t place = 0;
    unsigned kept = 0;
    unsigned late = 0;

    (void)state;
    rules.rule_count = 0; /* no answers, so no limits */
    for (unsigned i = 1; i <= MANY; i++) {
        question.now_ms++;
        assert_int_equal(hear_number(i), BOOT_NO_RULE);
    }
    for (const struct seen_machine *seen = boot_seen_next(&boot.seen, &place); seen != NULL;
         seen = boot_seen_next(&boot.seen, &place)) {
        kept++;
        late += read_u16(seen->machine.identity.mac + 4) > MANY - SEEN_MAX / 2;
    }
    assert_int_equal(kept, SEEN_MAX);
    assert_true(late > SEEN_MAX / 2 * 95 / 100);
    /* The oldest of a set gives way, and not one that was heard again. */
    for (unsigned i = 1; i <= MANY; i++) {
        question.now_ms++;
        hear_number(MANY + 1);
        hear_number(i);
    }
    kept = 0;
    place = 0;
    for (const struct seen_machine *seen = boot_seen_next(&boot.seen, &place); seen != NULL;
         seen = boot_seen_next(&boot.seen, &place))
        kept += read_u16(seen->machine.identity.mac + 4) == MANY + 1;
    assert_int_equal(kept, 1);
    assert_int_equal(boot_seen_hint(&boot.seen, question.now_ms) == NULL, true);
}

/* An index of addresses that is full forgets the first, and never tells a wrong one. */
static void test_many_addresses(void **state)
{
    unsigned found = 0;

    (void)state;
    rules.rule_count = 0;
    for (unsigned i = 1; i <= 2000; i++) {
        struct ask ask = discover(i);
        question.now_ms++;
        ask_address(&ask, DHCP4_CIADDR, 10, 77, (uint8_t)(i >> 8), (uint8_t)i);
        hear(&ask);
    }
    for (unsigned i = 1; i <= 2000; i++) {
        struct endpoint address = endpoint_ipv4(10, 77, (uint8_t)(i >> 8), (uint8_t)i, 0);
        const struct seen_machine *seen = machine_at(&address);
        CHECK(seen == NULL || read_u16(seen->machine.identity.mac + 4) == i, "address %u", i);
        found += seen != NULL;
    }
    assert_true(found > 1700);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_machine_that_is_seen, hearing_set_up),
        cmocka_unit_test_setup(test_who_is_one_machine, hearing_set_up),
        cmocka_unit_test_setup(test_addresses_go_from_one_to_another, hearing_set_up),
        cmocka_unit_test_setup(test_hints, hearing_set_up),
        cmocka_unit_test_setup(test_no_hint_about_who_came_in_vain, hearing_set_up),
        cmocka_unit_test_setup(test_a_stale_offer, hearing_set_up),
        cmocka_unit_test_setup(test_no_hint_behind_another_rule, hearing_set_up),
        cmocka_unit_test_setup(test_a_hint_about_the_first_of_the_table, hearing_set_up),
        cmocka_unit_test_setup(test_no_hint_about_those_sent_elsewhere, hearing_set_up),
        cmocka_unit_test_setup(test_the_table_is_bounded, hearing_set_up),
        cmocka_unit_test_setup(test_many_addresses, hearing_set_up),
    };

    return cmocka_run_group_tests_name("seen", tests, NULL, NULL);
}
