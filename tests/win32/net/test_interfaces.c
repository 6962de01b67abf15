/* link: -Wl,--wrap=GetAdaptersAddresses,--wrap=GetIpInterfaceTable,--wrap=FreeMibTable,--wrap=__imp_GetTickCount64 */
#include "files.h"

#include "win32/net/interfaces.h"

#include <iphlpapi.h>
#include <stdio.h>
#include <stdlib.h>

enum { ADAPTERS = 5, ADDRESSES_MAX = 300, FAMILIES_MAX = 8, LOOPBACK_MTU = 0x7fffffff };

typedef ULONGLONG(WINAPI *tick_count)(void);
extern tick_count __real___imp_GetTickCount64;
extern tick_count __wrap___imp_GetTickCount64;
static ULONGLONG now_ms;

static ULONGLONG WINAPI made_up_time(void)
{
    return now_ms;
}
tick_count __wrap___imp_GetTickCount64 = made_up_time;

/* The machine that the system is made to describe. */
static struct {
    IP_ADAPTER_ADDRESSES adapters[ADAPTERS];
    IP_ADAPTER_UNICAST_ADDRESS addresses[ADDRESSES_MAX];
    SOCKADDR_IN6 places[ADDRESSES_MAX];
    unsigned adapter_count;
    unsigned address_count;
    ULONG needed; /* bytes; less room is refused */
    ULONG error;
    struct {
        ADDRESS_FAMILY family;
        unsigned index;
        unsigned mtu;
    } families[FAMILIES_MAX];
    unsigned family_count; /* 0: the system tells nothing of them */
    int tables;            /* that were not given back */
    bool is_real;
    unsigned calls;
    ULONG largest_room;
} machine;

ULONG WINAPI __real_GetAdaptersAddresses(ULONG, ULONG, void *, IP_ADAPTER_ADDRESSES *, ULONG *);
ULONG WINAPI __wrap_GetAdaptersAddresses(ULONG, ULONG, void *, IP_ADAPTER_ADDRESSES *, ULONG *);

ULONG WINAPI __wrap_GetAdaptersAddresses(ULONG family, ULONG flags, void *reserved, IP_ADAPTER_ADDRESSES *list,
                                         ULONG *size)
{
    if (machine.is_real)
        return __real_GetAdaptersAddresses(family, flags, reserved, list, size);
    machine.calls++;
    machine.largest_room = *size;
    assert_int_equal(family, AF_UNSPEC);
    if (machine.error != ERROR_SUCCESS)
        return machine.error;
    if (*size < machine.needed) {
        *size = machine.needed;
        return ERROR_BUFFER_OVERFLOW;
    }
    for (unsigned i = 0; i + 1 < machine.adapter_count; i++)
        machine.adapters[i].Next = &machine.adapters[i + 1];
    *list = machine.adapters[0];
    return ERROR_SUCCESS;
}

DWORD WINAPI __wrap_GetIpInterfaceTable(ADDRESS_FAMILY, MIB_IPINTERFACE_TABLE **);
void WINAPI __wrap_FreeMibTable(void *);

DWORD WINAPI __wrap_GetIpInterfaceTable(ADDRESS_FAMILY family, MIB_IPINTERFACE_TABLE **table)
{
    assert_int_equal(family, AF_UNSPEC);
    if (machine.family_count == 0)
        return ERROR_NOT_SUPPORTED;
    *table = calloc(1, sizeof **table + FAMILIES_MAX * sizeof(*table)->Table[0]);
    assert_non_null(*table);
    (*table)->NumEntries = machine.family_count;
    for (unsigned i = 0; i < machine.family_count; i++) {
        (*table)->Table[i].Family = machine.families[i].family;
        (*table)->Table[i].InterfaceIndex = machine.families[i].index;
        (*table)->Table[i].NlMtu = machine.families[i].mtu;
    }
    machine.tables++;
    return NO_ERROR;
}

void WINAPI __wrap_FreeMibTable(void *table)
{
    machine.tables--;
    free(table);
}

static void add_family(ADDRESS_FAMILY family, unsigned index, unsigned mtu)
{
    machine.families[machine.family_count].family = family;
    machine.families[machine.family_count].index = index;
    machine.families[machine.family_count++].mtu = mtu;
}

static void add_adapter(DWORD index, DWORD index_ipv6, DWORD mtu)
{
    IP_ADAPTER_ADDRESSES *adapter = &machine.adapters[machine.adapter_count++];

    adapter->IfIndex = index;
    adapter->Ipv6IfIndex = index_ipv6;
    adapter->Mtu = mtu;
}

static void add_address(const char *text, unsigned bits, unsigned zone)
{
    IP_ADAPTER_ADDRESSES *adapter = &machine.adapters[machine.adapter_count - 1];
    IP_ADAPTER_UNICAST_ADDRESS *address = &machine.addresses[machine.address_count];
    SOCKADDR_IN6 *place = &machine.places[machine.address_count++];
    IP_ADAPTER_UNICAST_ADDRESS **end = &adapter->FirstUnicastAddress;

    if (strchr(text, ':') != NULL) {
        place->sin6_family = AF_INET6;
        place->sin6_scope_id = zone;
        inet_pton(AF_INET6, text, &place->sin6_addr);
    } else {
        SOCKADDR_IN *v4 = (SOCKADDR_IN *)(void *)place;
        v4->sin_family = AF_INET;
        inet_pton(AF_INET, text, &v4->sin_addr);
    }
    address->Address.lpSockaddr = (SOCKADDR *)place;
    address->OnLinkPrefixLength = (UINT8)bits;
    while (*end != NULL)
        end = &(*end)->Next;
    *end = address;
}

static struct jobs *jobs;
static struct interfaces *interfaces;

static int set_up(void **state)
{
    (void)state;
    memset(&machine, 0, sizeof machine);
    now_ms = 1000;
    add_adapter(1, 1, LOOPBACK_MTU);
    add_address("127.0.0.1", 8, 0);
    add_address("::1", 128, 0);
    add_adapter(2, 22, 1500);
    add_address("10.1.0.5", 24, 0);
    add_address("10.2.0.5", 16, 0);
    add_address("fe80::1", 64, 22);
    add_address("fd00::5", 64, 0);
    add_adapter(3, 33, 9000);
    add_address("192.168.7.9", 30, 0);
    add_adapter(4, 44, 1400);
    add_address("10.9.0.0", 31, 0);
    add_address("10.9.0.1", 32, 0);
    jobs = jobs_open(1);
    interfaces = interfaces_open(jobs);
    return interfaces == NULL;
}

/* For a machine that is another from the start. */
static void reopen(void)
{
    interfaces_close(interfaces);
    machine.calls = 0;
    interfaces = interfaces_open(jobs);
    assert_non_null(interfaces);
}

/* A job asks the system. */
static unsigned await_calls(unsigned calls)
{
    for (int i = 0; i < PATIENCE_MS && machine.calls < calls; i++)
        Sleep(1);
    return machine.calls;
}

static int tear_down(void **state)
{
    (void)state;
    jobs_close(jobs);
    interfaces_close(interfaces);
    return 0;
}

static struct interface_answer look_up(const char *local, unsigned index)
{
    struct udp_arrival arrival = {.interface_index = index};

    assert_true(endpoint_parse_address(&arrival.local, span_of_text(local)));
    return interfaces_look_up(interfaces, &arrival);
}

/* A row of what was asked and from where it is answered, with the MTU; and whether others may have heard it. */
static const struct {
    const char *local;
    unsigned index;
    const char *source;
    unsigned mtu;
    bool is_to_many;
} rows[] = {
    {"10.1.0.5", 2, "10.1.0.5", 1500, false},
    {"127.0.0.1", 1, "127.0.0.1", LOOPBACK_MTU, false},
    {"127.0.0.2", 1, "127.0.0.2", LOOPBACK_MTU, false}, /* not in the list, but asked */
    {"fd00::5", 22, "fd00::5", 1500, false},
    {"fe80::1%22", 22, "fe80::1%22", 1500, false},
    {"192.168.7.9", 3, "192.168.7.9", 9000, false},
    {"10.1.0.255", 2, "10.1.0.5", 1500, true}, /* broadcasts to one of its networks */
    {"10.2.255.255", 2, "10.2.0.5", 1500, true},
    {"192.168.7.11", 3, "192.168.7.9", 9000, true},
    {"10.2.0.255", 2, "10.2.0.255", 1500, false}, /* a host of the larger network */
    {"192.168.7.10", 3, "192.168.7.10", 9000, false},
    {"10.1.0.255", 3, "10.1.0.255", 9000, false}, /* another interface's network */
    {"255.255.255.255", 3, "192.168.7.9", 9000, true},
    {"255.255.255.255", 2, "10.1.0.5", 1500, true},
    {"224.0.0.1", 2, "10.1.0.5", 1500, true},
    {"ff02::1%22", 22, "fe80::1%22", 1500, true},
    {"10.9.0.0", 4, "10.9.0.0", 1400, false}, /* RFC 3021: both addresses of a /31 are hosts */
    {"10.9.0.1", 4, "10.9.0.1", 1400, false},
    {"10.1.0.5", 99, "10.1.0.5", 0, false}, /* an interface that nobody knows */
    {"10.1.0.5", 22, "10.1.0.5", 0, false}, /* IPv6 has numbers of its own */
    {"fd00::5", 2, "fd00::5", 0, false},
    {"255.255.255.255", 99, "::", 0, true},
};

static void knows_mtu_and_source(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct interface_answer answer = look_up(rows[i].local, rows[i].index);
        char source[ENDPOINT_TEXT_MAX];
        CHECK(answer.mtu == rows[i].mtu, "%s on %u: MTU %u", rows[i].local, rows[i].index, (unsigned)answer.mtu);
        CHECK(strcmp(endpoint_address_text(&answer.source.local, source), rows[i].source) == 0, "%s on %u: from %s",
              rows[i].local, rows[i].index, source);
        CHECK(answer.is_to_many == rows[i].is_to_many, "%s on %u: to many %d", rows[i].local, rows[i].index,
              (int)answer.is_to_many);
    }
    assert_int_equal(machine.calls, 1);
}

/* A router's advertisement lowers that of IPv6; "netsh interface ipv4 set subinterface" the other. */
static void knows_the_mtu_of_each_family(void **state)
{
    (void)state;
    add_family(AF_INET, 2, 1500);
    add_family(AF_INET6, 2, 1000); /* of nobody here: IPv6 has numbers of its own */
    add_family(AF_INET6, 22, 1280);
    add_family(AF_INET, 3, 4000);
    reopen();
    assert_int_equal(look_up("10.1.0.5", 2).mtu, 1500);
    assert_int_equal(look_up("fd00::5", 22).mtu, 1280);
    assert_int_equal(look_up("fe80::1%22", 22).mtu, 1280);
    assert_int_equal(look_up("192.168.7.9", 3).mtu, 4000);
    assert_int_equal(look_up("10.9.0.1", 4).mtu, 1400); /* the adapter's, where its families are not told */
    assert_int_equal(machine.tables, 0);
}

/* The request that finds the list old does not wait for a new one. */
static void asks_the_system_again_in_time(void **state)
{
    (void)state;
    machine.adapters[1].Mtu = 1492;
    now_ms += INTERFACES_REFRESH_MS - 1;
    assert_int_equal(look_up("10.1.0.5", 2).mtu, 1500);
    assert_int_equal(machine.calls, 1);
    now_ms += 1;
    assert_int_equal(look_up("10.1.0.5", 2).mtu, 1500);
    for (int i = 0; i < PATIENCE_MS && look_up("10.1.0.5", 2).mtu == 1500; i++)
        Sleep(1);
    assert_int_equal(look_up("10.1.0.5", 2).mtu, 1492);
    assert_int_equal(machine.calls, 2);
}

static void asks_at_once_for_an_interface_that_is_new(void **state)
{
    (void)state;
    assert_int_equal(look_up("10.7.0.5", 7).mtu, 0);
    add_adapter(7, 7, 1280);
    add_address("10.7.0.5", 24, 0);
    now_ms += INTERFACES_UNKNOWN_MS - 1;
    assert_int_equal(look_up("10.7.0.5", 7).mtu, 0); /* not with every request */
    assert_int_equal(machine.calls, 1);
    now_ms += 1;
    assert_int_equal(look_up("10.7.0.5", 7).mtu, 1280);
    assert_int_equal(machine.calls, 2);
}

static void keeps_what_it_knows_when_the_system_fails(void **state)
{
    (void)state;
    machine.error = ERROR_NOT_ENOUGH_MEMORY;
    now_ms += INTERFACES_REFRESH_MS;
    assert_int_equal(look_up("10.1.0.5", 2).mtu, 1500);
    assert_int_equal(await_calls(2), 2);
    assert_int_equal(look_up("10.1.0.5", 2).mtu, 1500);
    assert_int_equal(machine.calls, 2);
}

static void knows_nothing_when_the_system_fails_from_the_start(void **state)
{
    (void)state;
    machine.error = ERROR_NOT_SUPPORTED;
    reopen();
    assert_int_equal(look_up("10.1.0.5", 2).mtu, 0);
    machine.error = ERROR_SUCCESS;
    now_ms += INTERFACES_UNKNOWN_MS;
    assert_int_equal(look_up("10.1.0.5", 2).mtu, 1500);
}

static void makes_room_for_a_long_list(void **state)
{
    (void)state;
    machine.needed = 200 * 1024;
    reopen();
    assert_int_equal(look_up("10.1.0.5", 2).mtu, 1500);
    assert_true(machine.largest_room >= machine.needed);
    machine.needed = UINT32_MAX; /* always more than there is */
    reopen();
    assert_int_equal(look_up("10.1.0.5", 2).mtu, 0);
    assert_true(machine.calls < 20);
    assert_true(machine.largest_room <= 16 * 1024 * 1024);
}

static void bears_more_addresses_than_it_keeps(void **state)
{
    char text[32];

    (void)state;
    for (unsigned i = 0; machine.address_count < ADDRESSES_MAX; i++) {
        snprintf(text, sizeof text, "10.20.%u.%u", i / 200, i % 200 + 1);
        add_address(text, 32, 0);
    }
    reopen();
    assert_int_equal(look_up("10.1.0.5", 2).mtu, 1500);
    assert_int_equal(look_up("10.20.0.1", 4).mtu, 1400);
}

/* The others are a loopback, a tunnel, one that is down; and one of its addresses is one without a network. */
static void lists_where_clients_may_be(void **state)
{
    static const struct {
        const char *address;
        unsigned index, bits;
    } wanted_rows[] = {{"10.1.0.5", 2, 24}, {"10.2.0.5", 2, 16}, {"10.9.0.0", 4, 31}, {"10.9.0.1", 4, 32}};
    static const IFTYPE types[] = {IF_TYPE_SOFTWARE_LOOPBACK, IF_TYPE_ETHERNET_CSMACD, IF_TYPE_TUNNEL,
                                   IF_TYPE_IEEE80211};
    struct local_address list[COUNT_OF(wanted_rows) + 1];
    struct endpoint wanted;
    size_t count;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        machine.adapters[i].IfType = types[i];
        machine.adapters[i].OperStatus = IfOperStatusUp;
    }
    add_address("169.254.7.7", 16, 0);
    /* In another order, and one that is down. */
    add_adapter(5, 55, 1500);
    add_address("10.5.0.1", 24, 0);
    machine.adapters[4].OperStatus = IfOperStatusDown;
    machine.adapters[4].IfType = IF_TYPE_ETHERNET_CSMACD;
    IP_ADAPTER_ADDRESSES second = machine.adapters[1];
    machine.adapters[1] = machine.adapters[3];
    machine.adapters[3] = second;
    assert_true(interfaces_list(AF_INET, list, COUNT_OF(list), &count));
    assert_int_equal(count, COUNT_OF(wanted_rows));
    for (size_t i = 0; i < COUNT_OF(wanted_rows); i++) {
        assert_true(endpoint_parse_address(&wanted, span_of_text(wanted_rows[i].address)));
        CHECK(endpoint_equal(&list[i].address, &wanted), "row %u", (unsigned)i);
        assert_int_equal(list[i].interface_index, wanted_rows[i].index);
        assert_int_equal(list[i].prefix_bits, wanted_rows[i].bits);
    }
    assert_true(interfaces_list(AF_INET, list, 2, &count));
    assert_int_equal(count, 2);
    assert_true(interfaces_list(AF_INET6, list, COUNT_OF(list), &count));
    assert_int_equal(count, 2);
    assert_true(endpoint_parse_address(&wanted, span_of_text("fd00::5")));
    assert_true(endpoint_equal(&list[0].address, &wanted) && list[0].prefix_bits == 64);
    assert_true(endpoint_parse_address(&wanted, span_of_text("fe80::1%22")));
    assert_true(endpoint_equal(&list[1].address, &wanted));
    assert_int_equal(list[1].interface_index, 22);
    for (size_t i = 0; i < machine.address_count; i++)
        machine.addresses[i].DadState = i % 2 == 0 ? IpDadStateTentative : IpDadStateDuplicate;
    assert_true(interfaces_list(AF_INET6, list, COUNT_OF(list), &count));
    assert_int_equal(count, 0);
    assert_true(interfaces_list(AF_INET, list, COUNT_OF(list), &count));
    assert_int_equal(count, COUNT_OF(wanted_rows));
    machine.error = ERROR_NO_DATA;
    assert_false(interfaces_list(AF_INET, list, COUNT_OF(list), &count));
    assert_int_equal(count, COUNT_OF(wanted_rows)); /* what was told before is not the worse for it */
}

static void knows_the_real_loopback(void **state)
{
    struct interface_answer answer;

    (void)state;
    machine.is_real = true;
    reopen();
    answer = look_up("127.0.0.1", 1);
    assert_true(answer.mtu >= 1500);
    assert_int_equal(look_up("::1", 1).mtu, answer.mtu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(knows_mtu_and_source, set_up, tear_down),
        cmocka_unit_test_setup_teardown(knows_the_mtu_of_each_family, set_up, tear_down),
        cmocka_unit_test_setup_teardown(asks_the_system_again_in_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(asks_at_once_for_an_interface_that_is_new, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeps_what_it_knows_when_the_system_fails, set_up, tear_down),
        cmocka_unit_test_setup_teardown(knows_nothing_when_the_system_fails_from_the_start, set_up, tear_down),
        cmocka_unit_test_setup_teardown(makes_room_for_a_long_list, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bears_more_addresses_than_it_keeps, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lists_where_clients_may_be, set_up, tear_down),
        cmocka_unit_test_setup_teardown(knows_the_real_loopback, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("interfaces", tests, NULL, NULL) != 0;
}
