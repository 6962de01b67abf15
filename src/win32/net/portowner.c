#include "win32/net/portowner.h"

#include "win32/system/text.h"

#include <iphlpapi.h>
#include <stdio.h>
#include <stdlib.h>

static void *read_table(ULONG family)
{
    DWORD size = 0;

    GetExtendedUdpTable(NULL, &size, FALSE, family, UDP_TABLE_OWNER_PID, 0);
    /* It may have grown since. */
    size += 64 * (DWORD)sizeof(MIB_UDP6ROW_OWNER_PID);
    void *table = malloc(size);
    if (table != NULL && GetExtendedUdpTable(table, &size, FALSE, family, UDP_TABLE_OWNER_PID, 0) != NO_ERROR) {
        free(table);
        table = NULL;
    }
    return table;
}

/* A dual-mode socket, which takes the port from both families, is in the table of IPv6 only. */
static DWORD find_owner(uint16_t port)
{
    MIB_UDPTABLE_OWNER_PID *v4 = read_table(AF_INET);
    MIB_UDP6TABLE_OWNER_PID *v6 = read_table(AF_INET6);
    DWORD process = 0;

    for (DWORD i = 0; v4 != NULL && i < v4->dwNumEntries; i++)
        if (ntohs((u_short)v4->table[i].dwLocalPort) == port)
            process = v4->table[i].dwOwningPid;
    for (DWORD i = 0; v6 != NULL && process == 0 && i < v6->dwNumEntries; i++)
        if (ntohs((u_short)v6->table[i].dwLocalPort) == port)
            process = v6->table[i].dwOwningPid;
    free(v4);
    free(v6);
    return process;
}

static bool read_program(DWORD process, char *text, size_t size)
{
    wchar_t path[MAX_PATH];
    DWORD length = MAX_PATH;
    HANDLE handle = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, process);

    if (handle == NULL)
        return false;
    bool is_read = QueryFullProcessImageNameW(handle, 0, path, &length);
    CloseHandle(handle);
    const wchar_t *name = is_read ? wcsrchr(path, L'\\') : NULL;
    return is_read && text_from_wide(name ? name + 1 : path, text, size);
}

char *port_owner_text(uint16_t port, char *text, size_t size)
{
    char program[MAX_PATH * 3];
    DWORD process = find_owner(port);

    if (process == 0)
        snprintf(text, size, "another program (\"netstat -abn -p udp\" shows which)");
    else if (read_program(process, program, sizeof program))
        snprintf(text, size, "%s (process %lu)", program, (unsigned long)process);
    else
        snprintf(text, size, "process %lu (\"tasklist /svc\" shows which)", (unsigned long)process);
    return text;
}
