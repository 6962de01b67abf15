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
    DELAYLOAD(LIBRARY, GetAdaptersAddresses);

    return GetAdaptersAddresses_late != NULL ? GetAdaptersAddresses_late(family, flags, reserved, list, size)
                                             : ERROR_PROC_NOT_FOUND;
}

DWORD WINAPI GetBestInterfaceEx(SOCKADDR *address, DWORD *index)
{
    DELAYLOAD(LIBRARY, GetBestInterfaceEx);

    return GetBestInterfaceEx_late != NULL ? GetBestInterfaceEx_late(address, index) : ERROR_PROC_NOT_FOUND;
}

DWORD WINAPI GetExtendedUdpTable(void *table, DWORD *size, BOOL is_sorted, ULONG family, UDP_TABLE_CLASS kind,
                                 ULONG reserved)
{
    DELAYLOAD(LIBRARY, GetExtendedUdpTable);

    return GetExtendedUdpTable_late != NULL ? GetExtendedUdpTable_late(table, size, is_sorted, family, kind, reserved)
                                            : ERROR_PROC_NOT_FOUND;
}

DWORD WINAPI GetIpInterfaceTable(ADDRESS_FAMILY family, MIB_IPINTERFACE_TABLE **table)
{
    DELAYLOAD(LIBRARY, GetIpInterfaceTable);

    return GetIpInterfaceTable_late != NULL ? GetIpInterfaceTable_late(family, table) : ERROR_PROC_NOT_FOUND;
}

DWORD WINAPI GetIpNetEntry2(MIB_IPNET_ROW2 *row)
{
    DELAYLOAD(LIBRARY, GetIpNetEntry2);

    return GetIpNetEntry2_late != NULL ? GetIpNetEntry2_late(row) : ERROR_PROC_NOT_FOUND;
}

DWORD WINAPI ResolveIpNetEntry2(MIB_IPNET_ROW2 *row, const SOCKADDR_INET *source)
{
    DELAYLOAD(LIBRARY, ResolveIpNetEntry2);

    return ResolveIpNetEntry2_late != NULL ? ResolveIpNetEntry2_late(row, source) : ERROR_PROC_NOT_FOUND;
}

DWORD WINAPI GetIpNetTable2(ADDRESS_FAMILY family, MIB_IPNET_TABLE2 **table)
{
    DELAYLOAD(LIBRARY, GetIpNetTable2);

    return GetIpNetTable2_late != NULL ? GetIpNetTable2_late(family, table) : ERROR_PROC_NOT_FOUND;
}

void WINAPI FreeMibTable(void *table)
{
    DELAYLOAD(LIBRARY, FreeMibTable);

    if (FreeMibTable_late != NULL)
        FreeMibTable_late(table);
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
