/* link: -Wl,--wrap=GetExtendedUdpTable */
#include "files.h"

#include "win32/net/portowner.h"
#include "win32/net/udp.h"

#include <stdio.h>

#include <iphlpapi.h>

enum { ROWS_MAX = 8, NO_SUCH_PROCESS = 0x7ffffff0 };

/* The tables that the system is made to have: that of IPv4 or, where is_v6, that of IPv6; the other one is empty. */
static struct {
    MIB_UDPROW_OWNER_PID rows[ROWS_MAX];
    bool is_v6;
    bool is_real;
    DWORD count;
    DWORD grown_by; /* rows that come between the two questions */
    DWORD error;
} table;

DWORD WINAPI __wrap_GetExtendedUdpTable(void *memory, DWORD *size, BOOL is_sorted, ULONG family, UDP_TABLE_CLASS class,
                                        ULONG reserved);

DWORD WINAPI __real_GetExtendedUdpTable(void *memory, DWORD *size, BOOL is_sorted, ULONG family, UDP_TABLE_CLASS class,
                                        ULONG reserved);

static void fill(void *memory, ULONG family, DWORD rows)
{
    MIB_UDPTABLE_OWNER_PID *v4 = memory;
    MIB_UDP6TABLE_OWNER_PID *v6 = memory;

    v4->dwNumEntries = rows;
    for (DWORD i = 0; i < rows; i++) {
        const MIB_UDPROW_OWNER_PID *row = &table.rows[i < ROWS_MAX ? i : ROWS_MAX - 1];
        if (family == AF_INET)
            v4->table[i] = *row;
        else
            v6->table[i] = (MIB_UDP6ROW_OWNER_PID){.dwLocalPort = row->dwLocalPort, .dwOwningPid = row->dwOwningPid};
    }
}

DWORD WINAPI __wrap_GetExtendedUdpTable(void *memory, DWORD *size, BOOL is_sorted, ULONG family, UDP_TABLE_CLASS class,
                                        ULONG reserved)
{
    DWORD count = table.is_v6 == (family == AF_INET6) ? table.count : 0;
    DWORD rows = memory == NULL ? count : count + table.grown_by;
    DWORD needed = (DWORD)(family == AF_INET ? sizeof(MIB_UDPTABLE_OWNER_PID) + rows * sizeof table.rows[0]
                                             : sizeof(MIB_UDP6TABLE_OWNER_PID) + rows * sizeof(MIB_UDP6ROW_OWNER_PID));

    if (table.is_real)
        return __real_GetExtendedUdpTable(memory, size, is_sorted, family, class, reserved);
    assert_true(family == AF_INET || family == AF_INET6);
    assert_int_equal(class, UDP_TABLE_OWNER_PID);
    if (table.error != NO_ERROR)
        return table.error;
    if (memory == NULL || *size < needed) {
        *size = needed;
        return ERROR_INSUFFICIENT_BUFFER;
    }
    fill(memory, family, rows);
    return NO_ERROR;
}

static int empty_table(void **state)
{
    (void)state;
    memset(&table, 0, sizeof table);
    return 0;
}

static void add_row(uint16_t port, DWORD process)
{
    table.rows[table.count++] = (MIB_UDPROW_OWNER_PID){.dwLocalPort = htons(port), .dwOwningPid = process};
}

static const char *owner_of(uint16_t port)
{
    static char text[256];

    assert_ptr_equal(port_owner_text(port, text, sizeof text), text);
    return text;
}

static void names_program_and_process(void **state)
{
    char wanted[128];

    (void)state;
    add_row(68, NO_SUCH_PROCESS);
    add_row(69, GetCurrentProcessId());
    snprintf(wanted, sizeof wanted, "test_portowner.exe (process %lu)", GetCurrentProcessId());
    assert_string_equal(owner_of(69), wanted);
}

/* As another service of ours is. */
static void names_the_holder_of_a_dual_mode_socket(void **state)
{
    (void)state;
    table.is_v6 = true;
    add_row(68, GetCurrentProcessId());
    add_row(69, NO_SUCH_PROCESS);
    assert_non_null(strstr(owner_of(69), "process 2147483632"));
}

static void names_us_by_the_tables_of_the_system(void **state)
{
    HANDLE event = CreateEventW(NULL, FALSE, FALSE, NULL);
    struct endpoint anywhere = {.port = 0};
    struct udp udp;
    WSADATA data;
    char wanted[128];

    (void)state;
    table.is_real = true;
    snprintf(wanted, sizeof wanted, "test_portowner.exe (process %lu)", GetCurrentProcessId());
    assert_int_equal(WSAStartup(MAKEWORD(2, 2), &data), 0);
    assert_int_equal(udp_open(&udp, &anywhere, 4096, event), 0);
    assert_string_equal(owner_of(udp.local.port), wanted);
    udp_close(&udp);
    CloseHandle(event);
}

static void names_the_process_where_the_program_is_hidden(void **state)
{
    (void)state;
    add_row(69, NO_SUCH_PROCESS);
    assert_string_equal(owner_of(69), "process 2147483632 (\"tasklist /svc\" shows which)");
}

static void says_how_to_find_out_otherwise(void **state)
{
    static const char words[] = "another program (\"netstat -abn -p udp\" shows which)";

    (void)state;
    add_row(690, GetCurrentProcessId());
    assert_string_equal(owner_of(69), words);
    table.error = ERROR_NOT_SUPPORTED;
    assert_string_equal(owner_of(690), words);
}

static void bears_a_table_that_grows(void **state)
{
    (void)state;
    add_row(69, NO_SUCH_PROCESS);
    table.grown_by = ROWS_MAX - 1;
    assert_non_null(strstr(owner_of(69), "process 2147483632"));
    table.grown_by = 1000;
    assert_non_null(strstr(owner_of(69), "another program"));
}

static void cuts_to_size(void **state)
{
    char small[8];

    (void)state;
    assert_string_equal(port_owner_text(69, small, sizeof small), "another");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(names_program_and_process, empty_table),
        cmocka_unit_test_setup(names_the_holder_of_a_dual_mode_socket, empty_table),
        cmocka_unit_test_setup(names_us_by_the_tables_of_the_system, empty_table),
        cmocka_unit_test_setup(names_the_process_where_the_program_is_hidden, empty_table),
        cmocka_unit_test_setup(says_how_to_find_out_otherwise, empty_table),
        cmocka_unit_test_setup(bears_a_table_that_grows, empty_table),
        cmocka_unit_test_setup(cuts_to_size, empty_table),
    };

    return cmocka_run_group_tests_name("portowner", tests, NULL, NULL) != 0;
}
