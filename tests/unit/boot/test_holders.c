/* Whose address is whose, by what requests say; and what whoever forges them gains. */
#include "unit.h"

#include "boot_wire.h"
#include "core/boot/holders.h"
#include "guard.h"

static struct holders holders;
static struct boot_rules rules;
static struct boot_marks marks;
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
    struct boot_problem problem;

    CHECK(boot_rules_add(&rules, list, line, &problem), "%s", problem.text);
}

static int set_up(void **state)
{
    (void)state;
    memset(&holders, 0, sizeof holders);
    boot_rules_init(&rules);
    rules.is_pxe_on = rules.is_bootp_on = true;
    add(BOOT_LIST_RULES, "x64 = x64.efi");
    arrival = (struct boot_arrival){.address = endpoint_ipv4(10, 77, 0, 2, 67),
                                    .source = endpoint_ipv4(0, 0, 0, 0, 68),
                                    .prefix_bits = 24,
                                    .interface_index = 3,
                                    .is_client = true,
                                    .server_duid = span_of("\0\4ours", 6)};
    now_ms = 1000000;
    return 0;
}

static void hear(const struct ask *ask)
{
    static struct boot_decision decision;
    struct boot_question question = {&rules, &marks, {look, NULL}, arrival, now_ms, guard_span(ask->bytes, ask->size)};

    boot_decide(&question, &decision);
    holders_hear(&holders, &decision, now_ms);
}

/* The address that it asks for: option 50. */
static uint8_t *requested(struct ask *ask)
{
    struct span data;

    assert_true(ask_find(span_of(ask->bytes, ask->size), 50, &data));
    return ask->bytes + (data.bytes - ask->bytes);
}

/* The machine of this number takes 10.77.0.LAST from a DHCP server. */
static void takes(uint8_t number, uint8_t last)
{
    struct ask ask;

    ask_dhcp(&ask, ASK_EDK2_X64, 3);
    ask.bytes[DHCP4_CHADDR + 5] = number;
    requested(&ask)[3] = last;
    hear(&ask);
}

static void asks_4011(uint8_t number, uint8_t last)
{
    struct ask ask;

    ask_4011(&ask, ASK_EDK2_X64);
    ask.bytes[DHCP4_CHADDR + 5] = number;
    arrival.address.port = 4011;
    arrival.source = endpoint_ipv4(10, 77, 0, last, 4011);
    hear(&ask);
    arrival.address.port = 67;
    arrival.source = endpoint_ipv4(0, 0, 0, 0, 68);
}

static void asks_bootp(uint8_t number)
{
    struct ask ask;
    uint8_t mac[] = {8, 0, 0x20, 1, 2, number};

    ask_bootp(&ask, mac, true);
    hear(&ask);
}

static struct mac who(uint8_t last)
{
    struct endpoint address = endpoint_ipv4(10, 77, 0, last, 2070);

    return holders_find(&holders, &address, now_ms);
}

static void must_be(uint8_t last, enum mac_source source, uint8_t number)
{
    struct mac mac = who(last);

    CHECK(mac.source == source, "10.77.0.%u is known by %s, not %s", last, mac_source_name(mac.source),
          mac_source_name(source));
    assert_int_equal(mac.bytes[5], number);
}

static void test_each_source(void **state)
{
    (void)state;
    add(BOOT_LIST_BOOTP, "08:00:20:01:02:03 = 10.77.0.50");
    must_be(100, MAC_UNKNOWN, 0);
    takes(7, 100);
    must_be(100, MAC_BY_DHCP, 7);
    must_be(101, MAC_UNKNOWN, 0);
    asks_4011(8, 101);
    must_be(101, MAC_BY_PXE, 8);
    asks_bootp(3);
    must_be(50, MAC_BY_BOOTP, 3);
    /* Phones are no PXE clients, and take addresses all the same. */
    struct ask ask;
    ask_dhcp(&ask, ASK_PLAIN_DHCP, 3);
    ask.bytes[DHCP4_CHADDR + 5] = 9;
    requested(&ask)[3] = 104;
    hear(&ask);
    must_be(104, MAC_BY_DHCP, 9);
}

/* Whose word is better goes first, whoever spoke last. */
static void test_the_better_source(void **state)
{
    (void)state;
    add(BOOT_LIST_BOOTP, "08:00:20:01:02:03 = 10.77.0.100");
    asks_4011(8, 100);
    takes(7, 100);
    must_be(100, MAC_BY_PXE, 8);
    asks_bootp(3);
    asks_4011(8, 100);
    must_be(100, MAC_BY_BOOTP, 3);
}

/* Who says that another's address is his has neither that address nor its name: it is nobody's until both are silent. */
static void test_a_disputed_address(void **state)
{
    (void)state;
    takes(7, 100);
    now_ms += 1000;
    takes(66, 100);
    must_be(100, MAC_UNKNOWN, 0);
    takes(7, 100);
    must_be(100, MAC_UNKNOWN, 0);
    now_ms += HOLDERS_AGE_MS;
    takes(7, 100);
    must_be(100, MAC_BY_DHCP, 7);
    /* What one repeats is no dispute. */
    takes(7, 100);
    must_be(100, MAC_BY_DHCP, 7);
}

/* What BootpHosts says is the administrator's word: it changes with the list. */
static void test_the_table_of_bootp(void **state)
{
    (void)state;
    add(BOOT_LIST_BOOTP, "08:00:20:01:02:03 = 10.77.0.50");
    asks_bootp(3);
    asks_bootp(4); /* not in it */
    must_be(50, MAC_BY_BOOTP, 3);
    rules.bootp_host_count = 0;
    add(BOOT_LIST_BOOTP, "08:00:20:01:02:04 = 10.77.0.50");
    asks_bootp(4);
    must_be(50, MAC_BY_BOOTP, 4);
}

static void test_it_is_forgotten(void **state)
{
    (void)state;
    takes(7, 100);
    now_ms += HOLDERS_AGE_MS - 1;
    must_be(100, MAC_BY_DHCP, 7);
    now_ms += 1;
    must_be(100, MAC_UNKNOWN, 0);
}

/* Those of one network, some of whom share a set. */
static void test_many(void **state)
{
    (void)state;
    for (uint8_t last = 3; last < 250; last++) {
        now_ms++;
        takes(last, last);
    }
    for (uint8_t last = 3; last < 250; last++)
        must_be(last, MAC_BY_DHCP, last);
}

/* A flood of one kind puts out nothing of a better one. */
static void test_a_flood(void **state)
{
    struct ask ask;

    (void)state;
    asks_4011(8, 100);
    add(BOOT_LIST_RELAYS, "10.88.0.1");
    ask_dhcp(&ask, ASK_EDK2_X64, 3);
    ask_address(&ask, DHCP4_GIADDR, 10, 88, 0, 1);
    uint8_t *address = requested(&ask);
    for (unsigned i = 0; i < 20 * HOLDERS_SETS * HOLDERS_WAYS; i++) {
        now_ms++;
        address[1] = (uint8_t)(i >> 16);
        address[2] = (uint8_t)(i >> 8);
        address[3] = (uint8_t)i;
        hear(&ask);
    }
    must_be(100, MAC_BY_PXE, 8);
}

/* Nothing is learnt of who cannot be where it says it is, nor of messages that take no address. */
static void test_claims_that_are_none(void **state)
{
    struct ask ask;

    (void)state;
    takes(7, 2);   /* ours */
    takes(7, 255); /* the broadcast of the network */
    must_be(2, MAC_UNKNOWN, 0);
    must_be(255, MAC_UNKNOWN, 0);
    ask_dhcp(&ask, ASK_EDK2_X64, 3);
    ask.bytes[DHCP4_CHADDR] = 1; /* a group's MAC */
    hear(&ask);
    ask_dhcp(&ask, ASK_EDK2_X64, 3);
    memset(ask.bytes + DHCP4_CHADDR, 0, 6);
    hear(&ask);
    ask_dhcp(&ask, ASK_EDK2_X64, 3);
    arrival.source = endpoint_ipv4(10, 99, 0, 1, 68); /* from far away, without a relay */
    hear(&ask);
    arrival.source = endpoint_ipv4(0, 0, 0, 0, 68);
    arrival.prefix_bits = 30; /* an address of another network */
    hear(&ask);
    arrival.prefix_bits = 24;
    ask_address(&ask, DHCP4_GIADDR, 10, 88, 0, 1); /* a relay that is not admitted */
    hear(&ask);
    for (uint8_t message = 0; message < 16; message++)
        if (message != DHCP4_REQUEST && message != DHCP4_INFORM) {
            ask_dhcp(&ask, ASK_EDK2_X64, message);
            ask_address(&ask, DHCP4_CIADDR, 10, 77, 0, 100);
            hear(&ask);
        }
    ask_dhcp(&ask, ASK_EDK2_X64, 3);
    ask.bytes[0] = 2; /* a server's */
    hear(&ask);
    arrival.is_client = false; /* Clients does not admit it */
    asks_4011(8, 100);
    must_be(100, MAC_UNKNOWN, 0);
    arrival.is_client = true;
    asks_4011(8, 100);
    must_be(100, MAC_BY_PXE, 8);
}

/* Through an admitted relay, who has its address already. */
static void test_behind_a_relay(void **state)
{
    struct ask ask;

    (void)state;
    add(BOOT_LIST_RELAYS, "10.88.0.1");
    takes(7, 100);
    ask_dhcp(&ask, ASK_EDK2_X64, 8); /* INFORM: it has its address already */
    ask_address(&ask, DHCP4_CIADDR, 10, 99, 0, 9);
    ask_address(&ask, DHCP4_GIADDR, 10, 88, 0, 1);
    hear(&ask);
    struct endpoint far = endpoint_ipv4(10, 99, 0, 9, 0);
    assert_int_equal(holders_find(&holders, &far, now_ms).source, MAC_BY_DHCP);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_each_source, set_up),
        cmocka_unit_test_setup(test_the_better_source, set_up),
        cmocka_unit_test_setup(test_a_disputed_address, set_up),
        cmocka_unit_test_setup(test_the_table_of_bootp, set_up),
        cmocka_unit_test_setup(test_it_is_forgotten, set_up),
        cmocka_unit_test_setup(test_many, set_up),
        cmocka_unit_test_setup(test_a_flood, set_up),
        cmocka_unit_test_setup(test_claims_that_are_none, set_up),
        cmocka_unit_test_setup(test_behind_a_relay, set_up),
    };

    return cmocka_run_group_tests_name("holders", tests, NULL, NULL);
}
