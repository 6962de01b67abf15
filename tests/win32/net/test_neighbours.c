/* link: -Wl,--wrap=GetIpNetEntry2,--wrap=ResolveIpNetEntry2,--wrap=GetIpNetTable2,--wrap=FreeMibTable,--wrap=__imp_GetTickCount64 */
/* The neighbour table as one entry, and as a whole where the system has no call for one. */
#include "files.h"

#include "win32/net/neighbours.h"

#include <iphlpapi.h>
#include <stdlib.h>

enum { ROWS_MAX = 8, LINK = 7 };

typedef ULONGLONG(WINAPI *tick_count)(void);
extern tick_count __wrap___imp_GetTickCount64;
static ULONGLONG now_ms;

static ULONGLONG WINAPI made_up_time(void)
{
    return now_ms;
}
tick_count __wrap___imp_GetTickCount64 = made_up_time;

/* The link, as it answers. */
static struct {
    DWORD error;
    HANDLE lets_answer; /* it answers once this is set; NULL: at once */
    uint8_t last;       /* of the MAC that answers */
    volatile LONG asked;
} cable;

static struct {
    bool has_entries; /* GetIpNetEntry2 is there, as on Windows */
    DWORD error;      /* of either call */
    unsigned count;
    MIB_IPNET_ROW2 rows[ROWS_MAX];
    unsigned entries_read;
    unsigned tables_read;
    int tables_held;
} machine;

static struct jobs *jobs;
static struct neighbours *neighbours;

DWORD WINAPI __wrap_GetIpNetEntry2(MIB_IPNET_ROW2 *row);
DWORD WINAPI __wrap_ResolveIpNetEntry2(MIB_IPNET_ROW2 *row, const SOCKADDR_INET *source);
DWORD WINAPI __wrap_GetIpNetTable2(ADDRESS_FAMILY family, MIB_IPNET_TABLE2 **table);
void WINAPI __wrap_FreeMibTable(void *table);

DWORD WINAPI __wrap_GetIpNetEntry2(MIB_IPNET_ROW2 *row)
{
    if (!machine.has_entries)
        return ERROR_PROC_NOT_FOUND;
    machine.entries_read++;
    if (machine.error != 0)
        return machine.error;
    for (unsigned i = 0; i < machine.count; i++)
        if (machine.rows[i].InterfaceIndex == row->InterfaceIndex &&
            memcmp(&machine.rows[i].Address, &row->Address, sizeof row->Address) == 0) {
            *row = machine.rows[i];
            return NO_ERROR;
        }
    return ERROR_NOT_FOUND;
}

DWORD WINAPI __wrap_ResolveIpNetEntry2(MIB_IPNET_ROW2 *row, const SOCKADDR_INET *source)
{
    assert_null(source);
    InterlockedIncrement(&cable.asked);
    if (cable.lets_answer != NULL)
        WaitForSingleObject(cable.lets_answer, INFINITE);
    row->State = NlnsReachable;
    row->PhysicalAddress[5] = cable.last;
    return cable.error;
}

DWORD WINAPI __wrap_GetIpNetTable2(ADDRESS_FAMILY family, MIB_IPNET_TABLE2 **table)
{
    machine.tables_read++;
    if (machine.error != 0 || family == AF_UNSPEC)
        return ERROR_INVALID_FUNCTION; /* as Wine has it */
    machine.tables_held++;
    *table = calloc(1, sizeof **table + sizeof machine.rows);
    for (unsigned i = 0; i < machine.count; i++)
        if (machine.rows[i].Address.si_family == family)
            (*table)->Table[(*table)->NumEntries++] = machine.rows[i];
    return NO_ERROR;
}

void WINAPI __wrap_FreeMibTable(void *table)
{
    machine.tables_held--;
    free(table);
}

static MIB_IPNET_ROW2 *add(const char *address, uint8_t last, NL_NEIGHBOR_STATE state)
{
    static const UCHAR bytes[] = {0x52, 0x54, 0, 0, 0, 0};
    MIB_IPNET_ROW2 *row = &machine.rows[machine.count++];

    memset(row, 0, sizeof *row);
    if (strchr(address, ':') == NULL) {
        row->Address.Ipv4.sin_family = AF_INET;
        inet_pton(AF_INET, address, &row->Address.Ipv4.sin_addr);
    } else {
        row->Address.Ipv6.sin6_family = AF_INET6;
        inet_pton(AF_INET6, address, &row->Address.Ipv6.sin6_addr);
    }
    row->InterfaceIndex = LINK;
    row->State = state;
    row->PhysicalAddressLength = MAC_SIZE;
    memcpy(row->PhysicalAddress, bytes, sizeof bytes);
    row->PhysicalAddress[5] = last;
    return row;
}

/* The last byte of the MAC, or -1. */
static int who_by(struct mac (*look)(struct neighbours *, const struct endpoint *, uint32_t), const char *address,
                  uint32_t interface_index)
{
    struct endpoint asked;

    assert_true(endpoint_parse_address(&asked, span_of_text(address)));
    asked.port = 2070;
    struct mac mac = look(neighbours, &asked, interface_index);
    assert_true(mac.source == MAC_UNKNOWN || (mac.source == MAC_BY_NEIGHBOUR && mac.bytes[0] == 0x52));
    return mac.source == MAC_UNKNOWN ? -1 : mac.bytes[5];
}

static int who(const char *address, uint32_t interface_index)
{
    return who_by(neighbours_find, address, interface_index);
}

static int set_up(void **state)
{
    (void)state;
    memset(&machine, 0, sizeof machine);
    memset((void *)&cable, 0, sizeof cable);
    now_ms = 1000000;
    jobs = jobs_open(NEIGHBOURS_ASKS_MAX);
    neighbours = neighbours_open(jobs);
    return neighbours == NULL || jobs == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    if (jobs != NULL)
        jobs_close(jobs);
    neighbours_close(neighbours);
    assert_int_equal(machine.tables_held, 0);
    return 0;
}

static void fill(void)
{
    add("10.1.0.5", 5, NlnsReachable);
    add("10.1.0.6", 6, NlnsStale);
    add("10.1.0.7", 7, NlnsIncomplete);
    add("10.1.0.8", 8, NlnsUnreachable);
    add("10.1.0.9", 9, NlnsReachable)->PhysicalAddressLength = 8;
    add("10.1.0.10", 10, NlnsStale)->IsUnreachable = TRUE;
    add("10.1.0.11", 11, NlnsReachable)->PhysicalAddress[0] = 0x01;
    add("fd00::5", 55, NlnsPermanent);
}

static void must_know(uint32_t interface_index)
{
    assert_int_equal(who("10.1.0.5", interface_index), 5);
    assert_int_equal(who("10.1.0.6", interface_index), 6);
    assert_int_equal(who("fd00::5", interface_index), 55);
    static const char *const unknown[] = {"10.1.0.7", "10.1.0.8", "10.1.0.9", "10.1.0.10", "10.1.0.11", "10.1.0.99"};
    for (size_t i = 0; i < COUNT_OF(unknown); i++)
        CHECK(who(unknown[i], interface_index) == -1, "%s", unknown[i]);
}

static void asks_for_one_entry_of_the_interface(void **state)
{
    (void)state;
    machine.has_entries = true;
    fill();
    must_know(LINK);
    assert_int_equal(who("10.1.0.5", LINK + 1), -1);
    machine.error = ERROR_ACCESS_DENIED;
    assert_int_equal(who("10.1.0.5", LINK), -1);
    assert_int_equal(machine.tables_read, 0);
}

static void reads_the_table_where_it_has_to(void **state)
{
    (void)state;
    fill();
    must_know(LINK);
    must_know(0);
    assert_int_equal(who("10.1.0.5", LINK + 1), -1);
    assert_int_equal(machine.tables_read, 2); /* one a family */
    /* Not for each question, but for those that come later. */
    machine.rows[0].PhysicalAddress[5] = 77;
    now_ms += NEIGHBOURS_FRESH_MS - 1;
    assert_int_equal(who("10.1.0.5", LINK), 5);
    now_ms++;
    assert_int_equal(who("10.1.0.5", LINK), 77);
    assert_int_equal(machine.tables_read, 4);
}

static void knows_nobody_where_the_system_does_not_tell(void **state)
{
    (void)state;
    fill();
    assert_int_equal(who("10.1.0.5", LINK), 5);
    machine.error = ERROR_NOT_ENOUGH_MEMORY;
    now_ms += NEIGHBOURS_FRESH_MS;
    assert_int_equal(who("10.1.0.5", LINK), -1);
    assert_int_equal(machine.tables_read, 4);
}

/* Asked again, as its client would, where this machine was held up for longer than an answer is waited for. */
static void must_be_told(const char *address, int last)
{
    for (int turn = 0; who_by(neighbours_ask, address, LINK) != last; turn++)
        CHECK(turn < PATIENCE_MS / NEIGHBOURS_WAIT_MS, "%s is not told in turn %d", address, turn);
}

/* Where something hangs on it, an entry that may be out of date is asked for anew. */
static void asks_the_link_where_an_entry_may_be_old(void **state)
{
    (void)state;
    machine.has_entries = true;
    fill();
    cable.last = 66;
    assert_int_equal(who_by(neighbours_ask, "10.1.0.5", LINK), 5);  /* reachable */
    assert_int_equal(who_by(neighbours_ask, "fd00::5", LINK), 55);  /* permanent */
    assert_int_equal(who_by(neighbours_ask, "10.1.0.7", LINK), -1); /* it has not answered yet */
    assert_int_equal(who_by(neighbours_ask, "10.1.0.99", LINK), -1);
    assert_int_equal(cable.asked, 0);
    assert_int_equal(who("10.1.0.6", LINK), 6);
    assert_int_equal(cable.asked, 0);
    must_be_told("10.1.0.6", 66);
    assert_true(cable.asked > 0);
    cable.error = ERROR_BAD_NET_NAME; /* nobody answers */
    assert_int_equal(who_by(neighbours_ask, "10.1.0.6", LINK), -1);
    static const DWORD not_allowed[] = {ERROR_PROC_NOT_FOUND, ERROR_NOT_SUPPORTED, ERROR_ACCESS_DENIED};
    for (size_t i = 0; i < COUNT_OF(not_allowed); i++) {
        cable.error = not_allowed[i];
        must_be_told("10.1.0.6", 6);
    }
}

static void reads_the_table_where_it_cannot_ask(void **state)
{
    (void)state;
    fill();
    assert_int_equal(who_by(neighbours_ask, "10.1.0.6", LINK), 6);
    assert_int_equal(cable.asked, 0);
}

/* Whoever does not answer holds up no more than the wait, and a few file threads. */
static void waits_no_longer_than_it_may(void **state)
{
    (void)state;
    machine.has_entries = true;
    fill();
    cable.last = 66;
    cable.lets_answer = CreateEventW(NULL, TRUE, FALSE, NULL);
    for (int i = 0; i < NEIGHBOURS_ASKS_MAX + 1; i++)
        assert_int_equal(who_by(neighbours_ask, "10.1.0.6", LINK), -1);
    /* Their places are free again in the end, and there were no more. */
    while (cable.asked < NEIGHBOURS_ASKS_MAX)
        Sleep(1);
    assert_int_equal(cable.asked, NEIGHBOURS_ASKS_MAX);
    SetEvent(cable.lets_answer);
    must_be_told("10.1.0.6", 66);
    CloseHandle(cable.lets_answer);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(asks_for_one_entry_of_the_interface, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_the_table_where_it_has_to, set_up, tear_down),
        cmocka_unit_test_setup_teardown(knows_nobody_where_the_system_does_not_tell, set_up, tear_down),
        cmocka_unit_test_setup_teardown(asks_the_link_where_an_entry_may_be_old, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_the_table_where_it_cannot_ask, set_up, tear_down),
        cmocka_unit_test_setup_teardown(waits_no_longer_than_it_may, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("neighbours", tests, NULL, NULL);
}
