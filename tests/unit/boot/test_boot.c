/* The one call of the hands, and what it keeps: limits, machines seen, one-shot entries. */
#include "unit.h"

#include "boot_wire.h"
#include "core/boot/boot.h"
#include "guard.h"

#include <stdio.h>

static struct boot boot;
static struct boot_rules rules;
static struct boot_problem problem;
static struct boot_decision decision;
static struct boot_arrival arrival;
static uint64_t now_ms;

static enum boot_file_state look(void *context, const char *file, const struct endpoint *client)
{
    (void)context;
    (void)file;
    (void)client;
    return BOOT_FILE_READABLE;
}

static void add(enum boot_list list, const char *line)
{
    CHECK(boot_rules_add(&rules, list, line, &problem), "%s", problem.text);
}

static int set_up(void **state)
{
    (void)state;
    boot_rules_init(&rules);
    rules.is_pxe_on = true;
    add(BOOT_LIST_RULES, "x64 = x64.efi");
    boot_init(&boot, &rules, (struct boot_files){look, NULL}, 42);
    arrival = (struct boot_arrival){.address = endpoint_ipv4(10, 77, 0, 2, 67),
                                    .source = endpoint_ipv4(0, 0, 0, 0, 68),
                                    .prefix_bits = 24,
                                    .interface_index = 3,
                                    .is_client = true};
    now_ms = 1000000;
    return 0;
}

static enum boot_reason hear(const struct ask *ask)
{
    boot_hear(&boot, &arrival, guard_span(ask->bytes, ask->size), now_ms, &decision);
    CHECK(boot_reason_answers(decision.reason) == (decision.reply.size > 0), "%s", boot_reason_name(decision.reason));
    return decision.reason;
}

/* A DISCOVER of a machine of its own. */
static struct ask discover(unsigned number)
{
    struct ask ask;

    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    write_u16(ask.bytes + 32, (uint16_t)number);
    return ask;
}

static enum boot_reason hear_number(unsigned number)
{
    struct ask ask = discover(number);

    return hear(&ask);
}

/* PXE.md 6.2 rule 5: 4 a second for one machine, 8 at once. */
static void test_limit_of_a_client(void **state)
{
    struct ask ask = discover(1);

    (void)state;
    for (int i = 0; i < 8; i++)
        assert_int_equal(hear(&ask), BOOT_OFFERED);
    assert_int_equal(hear(&ask), BOOT_CLIENT_LIMIT);
    assert_int_equal(hear_number(2), BOOT_OFFERED); /* others are not the worse for it */
    now_ms += 250;
    assert_int_equal(hear(&ask), BOOT_OFFERED);
    assert_int_equal(hear(&ask), BOOT_CLIENT_LIMIT);
    now_ms += 1000;
    for (int i = 0; i < 4; i++)
        assert_int_equal(hear(&ask), BOOT_OFFERED);
    assert_int_equal(hear(&ask), BOOT_CLIENT_LIMIT);
    now_ms += 60000;
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
    now_ms = 1;
    arrival.interface_index = 0;
    for (int i = 0; i < 8; i++)
        assert_int_equal(hear(&ask), BOOT_OFFERED);
    assert_int_equal(hear(&ask), BOOT_CLIENT_LIMIT);
    add(BOOT_LIST_RELAYS, "10.88.0.1");
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
    now_ms += 100;
    assert_int_equal(answers_of(600, 700, &last), 50);
    /* Four interfaces have the whole. */
    now_ms += 10000;
    for (uint32_t i = 10; i < 14; i++) {
        arrival.interface_index = i;
        assert_int_equal(answers_of(1000 * i, 1000 * i + 500, &last), 500);
    }
    arrival.interface_index = 14;
    assert_int_equal(answers_of(20000, 20001, &last), 0);
    assert_int_equal(last, BOOT_TOTAL_LIMIT);
    /* A relay has 200, and another one its own. */
    now_ms += 10000;
    add(BOOT_LIST_RELAYS, "10.88.0.0/16");
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

/* A forger names the address that replies go to, and a new MAC in each request. */
static void test_limit_of_an_address(void **state)
{
    enum { OF_ONE_ADDRESS = 8 };

    (void)state;
    arrival.address.port = 4011;
    for (unsigned i = 0; i < 20; i++) {
        struct ask ask;
        ask_4011(&ask, ASK_EDK2_X64);
        write_u16(ask.bytes + 32, (uint16_t)i);
        arrival.source = endpoint_ipv4(10, 77, 0, 100, (uint16_t)(2000 + i));
        assert_int_equal(hear(&ask), i < OF_ONE_ADDRESS ? BOOT_ACKNOWLEDGED : BOOT_ADDRESS_LIMIT);
        /* Another machine is not the worse for it. */
        write_u16(ask.bytes + 32, (uint16_t)(1000 + i));
        arrival.source = endpoint_ipv4(10, 77, 1, (uint8_t)i, 4011);
        assert_int_equal(hear(&ask), BOOT_ACKNOWLEDGED);
    }
    now_ms += 1000;
    struct ask ask;
    ask_4011(&ask, ASK_EDK2_X64);
    arrival.source = endpoint_ipv4(10, 77, 0, 100, 4011);
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
    now_ms += 1000;
    assert_int_equal(answers_of(100, 5200, &last), 5000);
}

static void test_one_shot(void **state)
{
    static struct boot_rules others;
    struct ask ask;

    (void)state;
    add(BOOT_LIST_HOSTS, "52:54:00:12:34:56 = once setup.efi");
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    assert_int_equal(hear(&ask), BOOT_OFFERED);
    assert_string_equal(decision.file, "setup.efi");
    now_ms += 60000;
    assert_int_equal(hear(&ask), BOOT_OFFERED);
    now_ms += BOOT_ONCE_MS;
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
    add(BOOT_LIST_HOSTS, "52:54:00:12:34:56 = once setup.efi");
    assert_int_equal(hear(&ask), BOOT_CLIENT_LIMIT);
    assert_int_equal(boot.marks.once_count, 0);
}

static const struct seen_machine *only_machine(void)
{
    size_t place = 0;
    const struct seen_machine *seen = boot_seen_next(&boot.seen, &place);

    assert_non_null(seen);
    assert_null(boot_seen_next(&boot.seen, &place));
    return seen;
}

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
    assert_int_equal(seen->first_ms, now_ms);
    assert_false(seen->has_address || seen->is_waiting);
    assert_null(machine_at(&address));
    /* It takes an address of the DHCP server, and comes for its file. */
    now_ms += 3000;
    ask_dhcp(&ask, ASK_EDK2_X64, 3);
    assert_int_equal(hear(&ask), BOOT_OTHER_SERVER);
    assert_ptr_equal(machine_at(&address), seen);
    assert_int_equal(seen->reason, BOOT_OFFERED);
    assert_int_equal(seen->requests, 1);
    assert_int_equal(seen->last_ms, now_ms);
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
    arrival.address.port = 4011;
    arrival.source = endpoint_ipv4(10, 77, 0, 101, 4011);
    ask_4011(&ask, ASK_EDK2_X64);
    hear(&ask);
    assert_ptr_equal(machine_at(&arrival.source), only_machine());
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
    add(BOOT_LIST_BOOTP, "08:00:20:01:02:03 = 10.77.0.50");
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
    now_ms += SEEN_HINT_MS;
    assert_null(boot_seen_hint(&boot.seen, now_ms)); /* it has no address yet: no DHCP server */
    hear(&request);
    const struct seen_machine *hint = boot_seen_hint(&boot.seen, now_ms);
    assert_ptr_equal(hint, only_machine());
    assert_null(boot_seen_hint(&boot.seen, now_ms)); /* once */
    hear(&offer);
    hear(&request);
    now_ms += SEEN_HINT_MS;
    assert_null(boot_seen_hint(&boot.seen, now_ms));
    /* It comes, and the next time it does not. */
    boot_seen_came(&boot.seen, &address);
    hear(&offer);
    assert_false(only_machine()->has_address);
    now_ms += 4000;
    hear(&offer);
    hear(&request);
    now_ms += SEEN_HINT_MS - 4001;
    assert_null(boot_seen_hint(&boot.seen, now_ms));
    now_ms++;
    assert_non_null(boot_seen_hint(&boot.seen, now_ms));
    /* Whoever comes to port 4011 is no hint. */
    arrival.address.port = 4011;
    arrival.source = endpoint_ipv4(10, 77, 0, 100, 4011);
    ask_4011(&request, ASK_EDK2_X64);
    hear(&request);
    assert_int_equal(only_machine()->course, COURSE_CAME);
    now_ms += SEEN_HINT_MS;
    assert_null(boot_seen_hint(&boot.seen, now_ms));
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
    now_ms += SEEN_HINT_MS;
    assert_ptr_equal(boot_seen_hint(&boot.seen, now_ms), &boot.seen.places[0][0]);
}

/* Who was sent elsewhere, or may have chosen its disk, owes us no visit. */
static void test_no_hint_about_those_sent_elsewhere(void **state)
{
    static const char *const lines[] = {"x64 = a server 10.0.0.9", "ipxe = http://a/b", "x64 = a style menu"};
    struct ask ask;

    (void)state;
    add(BOOT_LIST_MENU, "Disk = local");
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        rules.rule_count = 0;
        add(BOOT_LIST_RULES, lines[i]);
        ask_dhcp(&ask, i == 1 ? ASK_IPXE_X64 : ASK_EDK2_X64, 1);
        now_ms += 10000;
        assert_int_equal(hear(&ask), BOOT_OFFERED);
        ask_dhcp(&ask, ASK_EDK2_X64, 3);
        hear(&ask);
        now_ms += SEEN_HINT_MS;
        CHECK(boot_seen_hint(&boot.seen, now_ms) == NULL, "%s", lines[i]);
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
        now_ms++;
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
        now_ms++;
        hear_number(MANY + 1);
        hear_number(i);
    }
    kept = 0;
    place = 0;
    for (const struct seen_machine *seen = boot_seen_next(&boot.seen, &place); seen != NULL;
         seen = boot_seen_next(&boot.seen, &place))
        kept += read_u16(seen->machine.identity.mac + 4) == MANY + 1;
    assert_int_equal(kept, 1);
    assert_int_equal(boot_seen_hint(&boot.seen, now_ms) == NULL, true);
}

/* An index of addresses that is full forgets the first, and never tells a wrong one. */
static void test_many_addresses(void **state)
{
    unsigned found = 0;

    (void)state;
    rules.rule_count = 0;
    for (unsigned i = 1; i <= 2000; i++) {
        struct ask ask = discover(i);
        now_ms++;
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
        cmocka_unit_test_setup(test_limit_of_a_client, set_up),
        cmocka_unit_test_setup(test_limits_in_the_first_millisecond, set_up),
        cmocka_unit_test_setup(test_limit_by_guid, set_up),
        cmocka_unit_test_setup(test_limits_of_relay_interface_and_all, set_up),
        cmocka_unit_test_setup(test_limit_of_an_address, set_up),
        cmocka_unit_test_setup(test_a_new_rate, set_up),
        cmocka_unit_test_setup(test_one_shot, set_up),
        cmocka_unit_test_setup(test_a_refused_one_shot, set_up),
        cmocka_unit_test_setup(test_a_machine_that_is_seen, set_up),
        cmocka_unit_test_setup(test_who_is_one_machine, set_up),
        cmocka_unit_test_setup(test_addresses_go_from_one_to_another, set_up),
        cmocka_unit_test_setup(test_hints, set_up),
        cmocka_unit_test_setup(test_a_hint_about_the_first_of_the_table, set_up),
        cmocka_unit_test_setup(test_no_hint_about_those_sent_elsewhere, set_up),
        cmocka_unit_test_setup(test_the_table_is_bounded, set_up),
        cmocka_unit_test_setup(test_many_addresses, set_up),
    };

    return cmocka_run_group_tests_name("boot", tests, NULL, NULL);
}
