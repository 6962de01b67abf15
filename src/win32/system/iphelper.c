/*
 * The functions of <iphlpapi.h>, in place of those of an import library: iphlpapi.dll is no KnownDLL
 * (win32/system/delayload.h). Whoever calls another one of that header adds it here; the linker asks for it.
 */
#include "win32/system/delayload.h"

#include <iphlpapi.h>

#define LIBRARY L"iphlpapi.dll"

/* The header has names of its own for what they take. NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

ULONG WINAPI GetAdaptersAddresses(ULONG family, ULONG flags, void *reserved, IP_ADAPTER_ADDRESSES *list, ULONG *size)
{
    static struct delayload function = {.library = LIBRARY, .name = "GetAdaptersAddresses"};
    __typeof__(&GetAdaptersAddresses) get = (__typeof__(get))(void (*)(void))delayload_find(&function);

    return get != NULL ? get(family, flags, reserved, list, size) : ERROR_PROC_NOT_FOUND;
}

DWORD WINAPI GetBestInterfaceEx(SOCKADDR *address, DWORD *index)
{
    static struct delayload function = {.library = LIBRARY, .name = "GetBestInterfaceEx"};
    __typeof__(&GetBestInterfaceEx) get = (__typeof__(get))(void (*)(void))delayload_find(&function);

    return get != NULL ? get(address, index) : ERROR_PROC_NOT_FOUND;
}

DWORD WINAPI GetExtendedUdpTable(void *table, DWORD *size, BOOL is_sorted, ULONG family, UDP_TABLE_CLASS kind,
                                 ULONG reserved)
{
    static struct delayload function = {.library = LIBRARY, .name = "GetExtendedUdpTable"};
    __typeof__(&GetExtendedUdpTable) get = (__typeof__(get))(void (*)(void))delayload_find(&function);

    return get != NULL ? get(table, size, is_sorted, family, kind, reserved) : ERROR_PROC_NOT_FOUND;
}

DWORD WINAPI GetIpInterfaceTable(ADDRESS_FAMILY family, MIB_IPINTERFACE_TABLE **table)
{
    static struct delayload function = {.library = LIBRARY, .name = "GetIpInterfaceTable"};
    __typeof__(&GetIpInterfaceTable) get = (__typeof__(get))(void (*)(void))delayload_find(&function);

    return get != NULL ? get(family, table) : ERROR_PROC_NOT_FOUND;
}

void WINAPI FreeMibTable(void *table)
{
    static struct delayload function = {.library = LIBRARY, .name = "FreeMibTable"};
    __typeof__(&FreeMibTable) release = (__typeof__(release))(void (*)(void))delayload_find(&function);

    if (release != NULL)
        release(table);
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
