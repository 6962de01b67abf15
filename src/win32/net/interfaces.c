#include "win32/net/interfaces.h"

#include "win32/net/udp_parts.h"

#include <iphlpapi.h>
#include <stdlib.h>

enum { ROWS_MAX = 256, LIST_BYTES = 64 * 1024, LIST_BYTES_MAX = 1024 * 1024 };

/* One unicast address of an interface. */
struct row {
    uint32_t index_ipv4;
    uint32_t index_ipv6;
    uint32_t mtu;
    struct endpoint address;
    struct prefix network;
};

struct rows {
    size_t count;
    struct row row[ROWS_MAX];
};

struct interfaces {
    SRWLOCK lock;
    struct jobs *jobs;
    struct job job;
    uint64_t read_ms;
    bool is_being_read;
    struct rows rows;
    struct rows next; /* being read, without the lock */
};

void interfaces_close(struct interfaces *interfaces)
{
    free(interfaces);
}

static IP_ADAPTER_ADDRESSES *read_adapters(void)
{
    const ULONG flags = GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST | GAA_FLAG_SKIP_DNS_SERVER;

    for (ULONG size = LIST_BYTES; size <= LIST_BYTES_MAX; size *= 2) {
        ULONG needed = size;
        IP_ADAPTER_ADDRESSES *list = malloc(size);
        if (list == NULL)
            return NULL;
        ULONG error = GetAdaptersAddresses(AF_UNSPEC, flags, NULL, list, &needed);
        if (error == ERROR_SUCCESS)
            return list;
        free(list);
        if (error != ERROR_BUFFER_OVERFLOW)
            return NULL;
    }
    return NULL;
}

/* NULL where the system has none. */
static MIB_IPINTERFACE_TABLE *read_families(void)
{
    MIB_IPINTERFACE_TABLE *table = NULL;

    return GetIpInterfaceTable(AF_UNSPEC, &table) == NO_ERROR ? table : NULL;
}

/*
 * Each family has its own: a router's advertisements, for one, change that of IPv6 alone. The adapter's where none is
 * told.
 */
static uint32_t mtu_of(const MIB_IPINTERFACE_TABLE *families, ADDRESS_FAMILY family, uint32_t index,
                       uint32_t adapter_mtu)
{
    for (ULONG i = 0; families != NULL && i < families->NumEntries; i++)
        if (families->Table[i].Family == family && families->Table[i].InterfaceIndex == index)
            return families->Table[i].NlMtu;
    return adapter_mtu;
}

static struct row row_of(const IP_ADAPTER_ADDRESSES *adapter, const IP_ADAPTER_UNICAST_ADDRESS *unicast,
                         const MIB_IPINTERFACE_TABLE *families)
{
    const union udp_address *address = (const void *)unicast->Address.lpSockaddr;
    ADDRESS_FAMILY family = address->plain.sa_family;
    struct row row = {
        .index_ipv4 = adapter->IfIndex,
        /* Wine leaves the second number 0; on Windows both are the same where both are there. */
        .index_ipv6 = adapter->Ipv6IfIndex != 0 ? adapter->Ipv6IfIndex : adapter->IfIndex,
        .address = udp_from_address(address),
    };

    row.network = prefix_of(&row.address, unicast->OnLinkPrefixLength);
    row.mtu = mtu_of(families, family, family == AF_INET ? row.index_ipv4 : row.index_ipv6, adapter->Mtu);
    return row;
}

/* By one thread at a time, without the lock; what cannot be read stays as it was. */
static void refresh(struct interfaces *interfaces)
{
    IP_ADAPTER_ADDRESSES *list = read_adapters();
    MIB_IPINTERFACE_TABLE *families = read_families();

    interfaces->next.count = 0;
    for (const IP_ADAPTER_ADDRESSES *adapter = list; adapter != NULL; adapter = adapter->Next)
        for (const IP_ADAPTER_UNICAST_ADDRESS *unicast = adapter->FirstUnicastAddress; unicast != NULL;
             unicast = unicast->Next)
            if (interfaces->next.count < ROWS_MAX)
                interfaces->next.row[interfaces->next.count++] = row_of(adapter, unicast, families);
    AcquireSRWLockExclusive(&interfaces->lock);
    if (list != NULL)
        interfaces->rows = interfaces->next;
    interfaces->read_ms = GetTickCount64();
    interfaces->is_being_read = false;
    ReleaseSRWLockExclusive(&interfaces->lock);
    if (families != NULL)
        FreeMibTable(families);
    free(list);
}

struct interfaces *interfaces_open(struct jobs *jobs)
{
    struct interfaces *interfaces = calloc(1, sizeof *interfaces);

    if (interfaces == NULL)
        return NULL;
    InitializeSRWLock(&interfaces->lock);
    interfaces->jobs = jobs;
    refresh(interfaces);
    return interfaces;
}

static void run_refresh_job(struct job *job)
{
    refresh(CONTAINING_RECORD(job, struct interfaces, job));
}

static bool is_on_interface(const struct row *row, const struct udp_arrival *arrival)
{
    bool is_ipv4 = endpoint_is_ipv4(&arrival->local);

    return endpoint_is_ipv4(&row->address) == is_ipv4 &&
           (is_ipv4 ? row->index_ipv4 : row->index_ipv6) == arrival->interface_index;
}

static struct interface_answer answer_from(const struct rows *rows, const struct udp_arrival *arrival, bool *is_known)
{
    struct interface_answer answer = {
        .source = *arrival,
        .is_to_many = endpoint_is_broadcast(&arrival->local) || endpoint_is_multicast(&arrival->local),
    };
    const struct row *first = NULL;

    for (size_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->row[i];
        if (!is_on_interface(row, arrival))
            continue;
        if (first == NULL)
            first = row;
        if (prefix_is_broadcast(&row->network, &arrival->local)) {
            answer.is_to_many = true;
            first = row;
        }
    }
    *is_known = first != NULL;
    if (first != NULL) {
        answer.mtu = first->mtu;
        if (answer.is_to_many)
            answer.source.local = first->address;
    } else if (answer.is_to_many) {
        memset(&answer.source, 0, sizeof answer.source);
    }
    return answer;
}

/* Takes the reading upon the caller if the list has this age and nobody else is at it. */
static bool begin_refresh(struct interfaces *interfaces, uint64_t age_ms)
{
    bool is_old = GetTickCount64() - interfaces->read_ms >= age_ms;

    if (!is_old || interfaces->is_being_read)
        return false;
    interfaces->is_being_read = true;
    return true;
}

struct interface_answer interfaces_look_up(struct interfaces *interfaces, const struct udp_arrival *arrival)
{
    struct interface_answer answer;
    bool is_known;

    AcquireSRWLockExclusive(&interfaces->lock);
    answer = answer_from(&interfaces->rows, arrival, &is_known);
    bool is_needed_now = !is_known && begin_refresh(interfaces, INTERFACES_UNKNOWN_MS);
    bool is_needed_soon = !is_needed_now && begin_refresh(interfaces, INTERFACES_REFRESH_MS);
    ReleaseSRWLockExclusive(&interfaces->lock);
    if (is_needed_soon) {
        interfaces->job.run = run_refresh_job;
        jobs_put(interfaces->jobs, JOBS_BACKGROUND, &interfaces->job);
    }
    if (!is_needed_now)
        return answer;
    refresh(interfaces);
    AcquireSRWLockShared(&interfaces->lock);
    answer = answer_from(&interfaces->rows, arrival, &is_known);
    ReleaseSRWLockShared(&interfaces->lock);
    return answer;
}

uint32_t interfaces_mtu_towards(const struct endpoint *host)
{
    union udp_address address;
    struct udp_arrival arrival = {.local = *host};
    DWORD index;

    udp_to_address(host, endpoint_is_ipv4(host) ? AF_INET : AF_INET6, &address);
    struct interfaces *interfaces =
        GetBestInterfaceEx(&address.plain, &index) == NO_ERROR ? interfaces_open(NULL) : NULL;
    if (interfaces == NULL)
        return 0;
    arrival.interface_index = index;
    uint32_t mtu = interfaces_look_up(interfaces, &arrival).mtu;
    interfaces_close(interfaces);
    return mtu;
}

/* -- where clients may be met ------------------------------------------------------------------------------------------ */

static bool may_have_clients(const IP_ADAPTER_ADDRESSES *adapter)
{
    return adapter->OperStatus == IfOperStatusUp && adapter->IfType != IF_TYPE_SOFTWARE_LOOPBACK &&
           adapter->IfType != IF_TYPE_TUNNEL;
}

/* One of IPv6 that is not ours yet (RFC 4862 section 5.4), or is another machine's, nobody reaches us at. Of IPv4 a bind tells. */
static bool is_reached(const IP_ADAPTER_UNICAST_ADDRESS *unicast, int family)
{
    return family == AF_INET || (unicast->DadState != IpDadStateTentative && unicast->DadState != IpDadStateDuplicate);
}

static bool take_address(int family, const IP_ADAPTER_ADDRESSES *adapter, const IP_ADAPTER_UNICAST_ADDRESS *unicast,
                         struct local_address *local)
{
    const struct endpoint link_local = endpoint_ipv4(169, 254, 0, 0, 0);
    const struct prefix without_network = prefix_of(&link_local, 16);
    struct row row = row_of(adapter, unicast, NULL);

    if (unicast->Address.lpSockaddr->sa_family != family || !is_reached(unicast, family))
        return false;
    *local = (struct local_address){
        .address = row.address,
        .interface_index = family == AF_INET ? row.index_ipv4 : row.index_ipv6,
        .prefix_bits = unicast->OnLinkPrefixLength,
    };
    return !prefix_contains(&without_network, &row.address);
}

static int compare_addresses(const void *a, const void *b)
{
    const struct local_address *x = a;
    const struct local_address *y = b;

    if (x->interface_index != y->interface_index)
        return x->interface_index < y->interface_index ? -1 : 1;
    return memcmp(x->address.address, y->address.address, sizeof x->address.address);
}

bool interfaces_list(int family, struct local_address *list, size_t room, size_t *count)
{
    IP_ADAPTER_ADDRESSES *adapters = read_adapters();

    if (adapters == NULL)
        return false;
    *count = 0;
    for (const IP_ADAPTER_ADDRESSES *adapter = adapters; adapter != NULL; adapter = adapter->Next) {
        if (!may_have_clients(adapter))
            continue;
        for (const IP_ADAPTER_UNICAST_ADDRESS *unicast = adapter->FirstUnicastAddress; unicast != NULL && *count < room;
             unicast = unicast->Next)
            *count += take_address(family, adapter, unicast, &list[*count]);
    }
    qsort(list, *count, sizeof *list, compare_addresses);
    free(adapters);
    return true;
}
