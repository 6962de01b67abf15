#include "win32/net/neighbours.h"

#include "win32/net/udp_parts.h"

#include <iphlpapi.h>
#include <stdlib.h>

struct neighbour {
    struct endpoint address; /* port 0, and no zone */
    uint32_t interface_index;
    struct mac mac;
};

enum ask_state { ASK_FREE, ASK_UNDER_WAY, ASK_ANSWERED, ASK_GIVEN_UP /* nobody waits for it any more */ };

/* One question to the link. */
struct ask {
    struct job job;
    struct neighbours *neighbours;
    enum ask_state state;
    DWORD error;
    MIB_IPNET_ROW2 row; /* its job's while the state is UNDER_WAY or GIVEN_UP */
};

struct neighbours {
    struct jobs *jobs;

    SRWLOCK asks_lock;
    CONDITION_VARIABLE asks_changed;
    struct ask asks[NEIGHBOURS_ASKS_MAX];

    /* The whole table, for systems without GetIpNetEntry2, such as Wine. */
    SRWLOCK lock;
    uint64_t read_ms; /* 0: never */
    size_t count;
    struct neighbour list[NEIGHBOURS_MAX];
};

struct neighbours *neighbours_open(struct jobs *jobs)
{
    struct neighbours *neighbours = calloc(1, sizeof *neighbours);

    if (neighbours == NULL)
        return NULL;
    neighbours->jobs = jobs;
    InitializeSRWLock(&neighbours->lock);
    InitializeSRWLock(&neighbours->asks_lock);
    InitializeConditionVariable(&neighbours->asks_changed);
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
    struct endpoint key = endpoint_host(address);

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

/* Win32 error; ERROR_PROC_NOT_FOUND where the system has no call for one entry, or the interface is not known. */
static DWORD read_entry(MIB_IPNET_ROW2 *row, const struct endpoint *address, uint32_t interface_index)
{
    union udp_address asked;
    struct endpoint host = endpoint_host(address);
    int family = endpoint_is_ipv4(address) ? AF_INET : AF_INET6;

    *row = (MIB_IPNET_ROW2){.InterfaceIndex = interface_index};
    memcpy(&row->Address, &asked, (size_t)udp_to_address(&host, family, &asked));
    return interface_index != 0 ? GetIpNetEntry2(row) : ERROR_PROC_NOT_FOUND;
}

static struct mac find_without_entry(struct neighbours *neighbours, DWORD error, const struct endpoint *address,
                                     uint32_t interface_index)
{
    return error == ERROR_PROC_NOT_FOUND ? find_in_table(neighbours, address, interface_index)
                                         : (struct mac){.source = MAC_UNKNOWN};
}

struct mac neighbours_find(struct neighbours *neighbours, const struct endpoint *address, uint32_t interface_index)
{
    MIB_IPNET_ROW2 row;
    DWORD error = read_entry(&row, address, interface_index);

    return error == NO_ERROR ? mac_of(&row) : find_without_entry(neighbours, error, address, interface_index);
}

/* -- questions to the link ------------------------------------------------------------------------------------------- */

static void run_ask(struct job *job)
{
    struct ask *ask = CONTAINING_RECORD(job, struct ask, job);
    struct neighbours *neighbours = ask->neighbours;
    DWORD error = ResolveIpNetEntry2(&ask->row, NULL);

    AcquireSRWLockExclusive(&neighbours->asks_lock);
    ask->error = error;
    ask->state = ask->state == ASK_GIVEN_UP ? ASK_FREE : ASK_ANSWERED;
    ReleaseSRWLockExclusive(&neighbours->asks_lock);
    WakeAllConditionVariable(&neighbours->asks_changed);
}

static struct ask *free_ask(struct neighbours *neighbours)
{
    for (size_t i = 0; i < NEIGHBOURS_ASKS_MAX; i++)
        if (neighbours->asks[i].state == ASK_FREE)
            return &neighbours->asks[i];
    return NULL;
}

/* The caller holds the lock. False: the time is up. */
static bool wait_for_change(struct neighbours *neighbours, uint64_t end_ms)
{
    uint64_t now_ms = GetTickCount64();

    return now_ms < end_ms &&
           SleepConditionVariableSRW(&neighbours->asks_changed, &neighbours->asks_lock, (DWORD)(end_ms - now_ms), 0);
}

/* What the answer makes of an entry that was known: no answer, no neighbour. */
static struct mac mac_after(const struct ask *ask, const struct mac *known)
{
    switch (ask->error) {
    case NO_ERROR: return mac_of(&ask->row);
    case ERROR_PROC_NOT_FOUND:
    case ERROR_NOT_SUPPORTED:
    case ERROR_ACCESS_DENIED: return *known;
    default: return (struct mac){.source = MAC_UNKNOWN};
    }
}

static struct mac ask_link(struct neighbours *neighbours, const MIB_IPNET_ROW2 *row, const struct mac *known)
{
    struct mac mac = {.source = MAC_UNKNOWN};
    uint64_t end_ms = GetTickCount64() + NEIGHBOURS_WAIT_MS;
    struct ask *ask;

    AcquireSRWLockExclusive(&neighbours->asks_lock);
    do
        ask = free_ask(neighbours);
    while (ask == NULL && wait_for_change(neighbours, end_ms));
    if (ask != NULL) {
        *ask = (struct ask){.job.run = run_ask, .neighbours = neighbours, .state = ASK_UNDER_WAY, .row = *row};
        jobs_put(neighbours->jobs, JOBS_READS, &ask->job);
        while (ask->state == ASK_UNDER_WAY && wait_for_change(neighbours, end_ms))
            ;
        if (ask->state == ASK_ANSWERED)
            mac = mac_after(ask, known);
        ask->state = ask->state == ASK_ANSWERED ? ASK_FREE : ASK_GIVEN_UP;
    }
    ReleaseSRWLockExclusive(&neighbours->asks_lock);
    WakeAllConditionVariable(&neighbours->asks_changed);
    return mac;
}

struct mac neighbours_ask(struct neighbours *neighbours, const struct endpoint *address, uint32_t interface_index)
{
    MIB_IPNET_ROW2 row;
    DWORD error = read_entry(&row, address, interface_index);

    if (error != NO_ERROR)
        return find_without_entry(neighbours, error, address, interface_index);
    struct mac known = mac_of(&row);
    bool holds = row.State == NlnsReachable || row.State == NlnsPermanent;
    return holds || known.source == MAC_UNKNOWN || neighbours->jobs == NULL ? known
                                                                            : ask_link(neighbours, &row, &known);
}
