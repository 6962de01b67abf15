/* link: -Wl,--wrap=GetExtendedUdpTable */
#include "files.h"

#include "win32/listener.h"

#include <stdio.h>

#include <iphlpapi.h>

enum { ROWS_MAX = 8, NO_SUCH_PROCESS = 0x7ffffff0 };

/* The table that the system is made to have. */
static struct {
    MIB_UDPROW_OWNER_PID rows[ROWS_MAX];
    DWORD count;
    DWORD grown_by; /* rows that come between the two questions */
    DWORD error;
} table;

DWORD WINAPI __wrap_GetExtendedUdpTable(void *memory, DWORD *size, BOOL is_sorted, ULONG family, UDP_TABLE_CLASS class,
                                        ULONG reserved);

DWORD WINAPI __wrap_GetExtendedUdpTable(void *memory, DWORD *size, BOOL is_sorted, ULONG family, UDP_TABLE_CLASS class,
                                        ULONG reserved)
{
    MIB_UDPTABLE_OWNER_PID *answer = memory;
    DWORD rows = memory == NULL ? table.count : table.count + table.grown_by;
    DWORD needed = (DWORD)(offsetof(MIB_UDPTABLE_OWNER_PID, table) + rows * sizeof answer->table[0]);

    (void)is_sorted;
    (void)reserved;
    assert_int_equal(family, AF_INET);
    assert_int_equal(class, UDP_TABLE_OWNER_PID);
    if (table.error != NO_ERROR)
        return table.error;
    if (memory == NULL || *size < needed) {
        *size = needed;
        return ERROR_INSUFFICIENT_BUFFER;
    }
    answer->dwNumEntries = rows;
    for (DWORD i = 0; i < rows; i++)
        answer->table[i] = table.rows[i < ROWS_MAX ? i : ROWS_MAX - 1];
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

    assert_ptr_equal(listener_port_owner(port, text, sizeof text), text);
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
    assert_string_equal(listener_port_owner(69, small, sizeof small), "another");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(names_program_and_process, empty_table),
        cmocka_unit_test_setup(names_the_process_where_the_program_is_hidden, empty_table),
        cmocka_unit_test_setup(says_how_to_find_out_otherwise, empty_table),
        cmocka_unit_test_setup(bears_a_table_that_grows, empty_table),
        cmocka_unit_test_setup(cuts_to_size, empty_table),
    };

    return cmocka_run_group_tests_name("portowner", tests, NULL, NULL) != 0;
}
