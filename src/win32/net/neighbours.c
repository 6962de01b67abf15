#include "win32/net/neighbours.h"

#include "win32/net/udp_parts.h"

#include <iphlpapi.h>
#include <stdlib.h>

struct neighbour {
    struct endpoint address; /* port 0, and no zone */
    uint32_t interface_index;
    struct mac mac;
};

/* The whole table, for systems without GetIpNetEntry2, such as Wine. */
struct neighbours {
    SRWLOCK lock;
    uint64_t read_ms; /* 0: never */
    size_t count;
    struct neighbour list[NEIGHBOURS_MAX];
};

struct neighbours *neighbours_open(void)
{
    struct neighbours *neighbours = calloc(1, sizeof *neighbours);

    if (neighbours != NULL)
        InitializeSRWLock(&neighbours->lock);
    return neighbours;
}

void neighbours_close(struct neighbours *neighbours)
{
    free(neighbours);
}

/* An entry counts while the card has answered once and nothing says that it does no more. */
static struct mac mac_of(const MIB_IPNET_ROW2 *row)
{
    struct mac mac = {.source = MAC_UNKNOWN};

    if (row->PhysicalAddressLength != MAC_SIZE || row->State <= NlnsIncomplete || row->IsUnreachable ||
        !mac_is_of_card(row->PhysicalAddress))
        return mac;
    memcpy(mac.bytes, row->PhysicalAddress, MAC_SIZE);
    mac.source = MAC_BY_NEIGHBOUR;
    return mac;
}

static struct endpoint key_of(const struct endpoint *address)
{
    struct endpoint key = *address;

    key.port = 0;
    key.scope = 0;
    return key;
}

static void add_family(struct neighbours *neighbours, ADDRESS_FAMILY family)
{
    MIB_IPNET_TABLE2 *table = NULL;

    if (GetIpNetTable2(family, &table) != NO_ERROR)
        return;
    for (ULONG i = 0; i < table->NumEntries && neighbours->count < NEIGHBOURS_MAX; i++) {
        const MIB_IPNET_ROW2 *row = &table->Table[i];
        struct neighbour neighbour = {.interface_index = row->InterfaceIndex, .mac = mac_of(row)};
        struct endpoint address = udp_from_address((const union udp_address *)(const void *)&row->Address);
        neighbour.address = key_of(&address);
        if (neighbour.mac.source != MAC_UNKNOWN)
            neighbours->list[neighbours->count++] = neighbour;
    }
    FreeMibTable(table);
}

/* The caller holds the lock. Each family by itself: Wine has that of IPv4 alone. */
static void read_table(struct neighbours *neighbours)
{
    neighbours->read_ms = GetTickCount64();
    neighbours->count = 0;
    add_family(neighbours, AF_INET);
    add_family(neighbours, AF_INET6);
}

static struct mac find(const struct neighbours *neighbours, const struct endpoint *address, uint32_t interface_index)
{
    struct endpoint key = key_of(address);

    for (size_t i = 0; i < neighbours->count; i++) {
        const struct neighbour *neighbour = &neighbours->list[i];
        if ((interface_index == 0 || neighbour->interface_index == interface_index) &&
            endpoint_equal(&neighbour->address, &key))
            return neighbour->mac;
    }
    return (struct mac){.source = MAC_UNKNOWN};
}

static struct mac find_in_table(struct neighbours *neighbours, const struct endpoint *address, uint32_t interface_index)
{
    AcquireSRWLockExclusive(&neighbours->lock);
    if (neighbours->read_ms == 0 || GetTickCount64() - neighbours->read_ms >= NEIGHBOURS_FRESH_MS)
        read_table(neighbours);
    struct mac mac = find(neighbours, address, interface_index);
    ReleaseSRWLockExclusive(&neighbours->lock);
    return mac;
}

struct mac neighbours_find(struct neighbours *neighbours, const struct endpoint *address, uint32_t interface_index)
{
    MIB_IPNET_ROW2 row = {.InterfaceIndex = interface_index};
    union udp_address asked;
    int family = endpoint_is_ipv4(address) ? AF_INET : AF_INET6;

    int length = udp_to_address(address, family, &asked);
    memcpy(&row.Address, &asked, (size_t)length);
    if (family == AF_INET)
        row.Address.Ipv4.sin_port = 0;
    else
        row.Address.Ipv6.sin6_port = 0;
    DWORD error = interface_index != 0 ? GetIpNetEntry2(&row) : ERROR_PROC_NOT_FOUND;
    if (error == NO_ERROR)
        return mac_of(&row);
    return error == ERROR_PROC_NOT_FOUND ? find_in_table(neighbours, address, interface_index)
                                         : (struct mac){.source = MAC_UNKNOWN};
}
