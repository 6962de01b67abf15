#include "win32/listener.h"

#include "win32/text.h"

#include <iphlpapi.h>
#include <stdio.h>
#include <stdlib.h>

static MIB_UDPTABLE_OWNER_PID *read_table(void)
{
    DWORD size = 0;

    GetExtendedUdpTable(NULL, &size, FALSE, AF_INET, UDP_TABLE_OWNER_PID, 0);
    /* It may have grown since. */
    size += 64 * (DWORD)sizeof(MIB_UDPROW_OWNER_PID);
    MIB_UDPTABLE_OWNER_PID *table = malloc(size);
    if (table != NULL && GetExtendedUdpTable(table, &size, FALSE, AF_INET, UDP_TABLE_OWNER_PID, 0) != NO_ERROR) {
        free(table);
        table = NULL;
    }
    return table;
}

static DWORD find_owner(uint16_t port)
{
    MIB_UDPTABLE_OWNER_PID *table = read_table();
    DWORD process = 0;

    for (DWORD i = 0; table != NULL && i < table->dwNumEntries; i++)
        if (ntohs((u_short)table->table[i].dwLocalPort) == port)
            process = table->table[i].dwOwningPid;
    free(table);
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

char *listener_port_owner(uint16_t port, char *text, size_t size)
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
