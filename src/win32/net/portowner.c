#include "win32/net/portowner.h"

#include "win32/system/text.h"

#include <iphlpapi.h>
#include <stdio.h>
#include <stdlib.h>

enum { TABLE_SPARE = 4096 };

/* One of the two tables of the system, to be freed; NULL with the reason. */
static void *read_table(ULONG family, DWORD *error)
{
    DWORD size = 0;

    GetExtendedUdpTable(NULL, &size, FALSE, family, UDP_TABLE_OWNER_PID, 0);
    /* It may have grown since. */
    size += TABLE_SPARE;
    void *table = malloc(size);
    *error = table ? GetExtendedUdpTable(table, &size, FALSE, family, UDP_TABLE_OWNER_PID, 0) : ERROR_NOT_ENOUGH_MEMORY;
    if (*error == NO_ERROR)
        return table;
    free(table);
    return NULL;
}

static DWORD each_ipv4(port_visit *visit, void *context)
{
    DWORD error;
    MIB_UDPTABLE_OWNER_PID *table = read_table(AF_INET, &error);

    for (DWORD i = 0; table != NULL && i < table->dwNumEntries; i++) {
        const MIB_UDPROW_OWNER_PID *row = &table->table[i];
        struct endpoint local = endpoint_of_ipv4(&row->dwLocalAddr, ntohs((u_short)row->dwLocalPort));
        visit(context, &local, row->dwOwningPid);
    }
    free(table);
    return error;
}

static DWORD each_ipv6(port_visit *visit, void *context)
{
    DWORD error;
    MIB_UDP6TABLE_OWNER_PID *table = read_table(AF_INET6, &error);

    for (DWORD i = 0; table != NULL && i < table->dwNumEntries; i++) {
        const MIB_UDP6ROW_OWNER_PID *row = &table->table[i];
        struct endpoint local = endpoint_of_ipv6(row->ucLocalAddr, 0, ntohs((u_short)row->dwLocalPort));
        visit(context, &local, row->dwOwningPid);
    }
    free(table);
    /* Where there is no IPv6 there is no such table, which hides nothing. */
    return error == ERROR_NOT_SUPPORTED ? NO_ERROR : error;
}

DWORD port_each(port_visit *visit, void *context)
{
    DWORD error = each_ipv4(visit, context), error6 = each_ipv6(visit, context);

    return error6 != NO_ERROR ? error6 : error;
}

char *port_program(DWORD process, char *text, size_t size)
{
    wchar_t path[MAX_PATH];
    DWORD length = MAX_PATH;
    HANDLE handle = process != 0 ? OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, process) : NULL;

    text[0] = 0;
    if (handle == NULL)
        return text;
    if (QueryFullProcessImageNameW(handle, 0, path, &length)) {
        const wchar_t *name = wcsrchr(path, L'\\');
        text_from_wide(name ? name + 1 : path, text, size);
    }
    CloseHandle(handle);
    return text;
}

struct search {
    uint16_t port;
    DWORD process;
};

static void find_owner(void *context, const struct endpoint *local, DWORD process)
{
    struct search *search = context;

    if (local->port == search->port && search->process == 0)
        search->process = process;
}

char *port_owner_text(uint16_t port, char *text, size_t size)
{
    char program[MAX_PATH * 3];
    struct search search = {.port = port};

    port_each(find_owner, &search);
    port_program(search.process, program, sizeof program);
    if (search.process == 0)
        snprintf(text, size, "another program (\"netstat -abn -p udp\" shows which)");
    else if (program[0] != 0)
        snprintf(text, size, "%s (process %lu)", program, (unsigned long)search.process);
    else
        snprintf(text, size, "process %lu (\"tasklist /svc\" shows which)", (unsigned long)search.process);
    return text;
}
