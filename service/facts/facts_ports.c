#include "service/facts/facts.h"
#include "win32/system/text.h"

#include <iphlpapi.h>
#include <stdio.h>
#include <stdlib.h>

enum { TABLE_SPARE = 4096, SERVICES_BYTES = 256 * 1024 };

/* One of the two tables of the system; NULL with the reason. The caller frees it. */
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

static bool is_ours(const struct config *config, uint16_t port)
{
    const struct port_range *range = &config->port_range;

    return port == config->port ||
           (!config->single_port && range->low != 0 && port >= range->low && port <= range->high);
}

/* A port at another address is nobody's hindrance. */
static bool is_in_the_way(const struct config *config, const struct endpoint *local)
{
    struct endpoint ours;

    if (config->addresses.count == 0 || endpoint_is_unspecified(local))
        return true;
    for (const char *item = text_list_next(&config->addresses, NULL); item != NULL;
         item = text_list_next(&config->addresses, item))
        if (endpoint_parse_address(&ours, span_of_text(item)) &&
            (endpoint_is_unspecified(&ours) || endpoint_same_address(&ours, local)))
            return true;
    return false;
}

static void add(struct facts_ports *ports, const struct config *config, const struct endpoint *local, DWORD process)
{
    if (!is_ours(config, local->port) || !is_in_the_way(config, local))
        return;
    /* One process often has the port for IPv4 and for IPv6, or once for each address. */
    for (size_t i = 0; i < ports->count && i < FACTS_PORTS_MAX; i++)
        if (ports->ports[i].port == local->port && ports->ports[i].process == process)
            return;
    if (ports->count < FACTS_PORTS_MAX)
        ports->ports[ports->count] = (struct facts_port){.port = local->port, .process = process};
    ports->count++;
}

static void add_table(struct facts_ports *ports, const struct config *config)
{
    DWORD error;
    MIB_UDPTABLE_OWNER_PID *table = read_table(AF_INET, &error);

    for (DWORD i = 0; table != NULL && i < table->dwNumEntries; i++) {
        uint8_t a[4];
        memcpy(a, &table->table[i].dwLocalAddr, sizeof a);
        struct endpoint local = endpoint_ipv4(a[0], a[1], a[2], a[3], ntohs((u_short)table->table[i].dwLocalPort));
        add(ports, config, &local, table->table[i].dwOwningPid);
    }
    free(table);
    if (error != NO_ERROR)
        ports->error = error;
}

static void add_table6(struct facts_ports *ports, const struct config *config)
{
    DWORD error;
    MIB_UDP6TABLE_OWNER_PID *table = read_table(AF_INET6, &error);

    for (DWORD i = 0; table != NULL && i < table->dwNumEntries; i++) {
        struct endpoint local = {.port = ntohs((u_short)table->table[i].dwLocalPort)};
        memcpy(local.address, table->table[i].ucLocalAddr, sizeof local.address);
        add(ports, config, &local, table->table[i].dwOwningPid);
    }
    free(table);
    /* Where there is no IPv6 there is no such table, which hides nothing. */
    if (error != NO_ERROR && error != ERROR_NOT_SUPPORTED)
        ports->error = error;
}

static void name_program(struct facts_port *port)
{
    wchar_t path[MAX_PATH];
    DWORD length = MAX_PATH;
    HANDLE process = port->process ? OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, port->process) : NULL;

    if (process == NULL)
        return;
    if (QueryFullProcessImageNameW(process, 0, path, &length)) {
        const wchar_t *name = wcsrchr(path, L'\\');
        text_from_wide(name ? name + 1 : path, port->program, sizeof port->program);
    }
    CloseHandle(process);
}

/* Many a port's holder is a service in a svchost.exe, whose name would tell nobody anything. */
static void name_services(struct facts_ports *ports)
{
    DWORD needed = 0, count = 0, resume = 0;
    SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_ENUMERATE_SERVICE);
    ENUM_SERVICE_STATUS_PROCESSW *services = malloc(SERVICES_BYTES);

    if (manager == NULL || services == NULL ||
        !EnumServicesStatusExW(manager, SC_ENUM_PROCESS_INFO, SERVICE_WIN32, SERVICE_ACTIVE, (BYTE *)services,
                               SERVICES_BYTES, &needed, &count, &resume, NULL))
        count = 0;
    for (size_t i = 0; i < ports->count && i < FACTS_PORTS_MAX; i++)
        for (DWORD k = 0; k < count; k++)
            if (ports->ports[i].process != 0 && services[k].ServiceStatusProcess.dwProcessId == ports->ports[i].process)
                text_from_wide(services[k].lpServiceName, ports->ports[i].service, sizeof ports->ports[i].service);
    free(services);
    if (manager != NULL)
        CloseServiceHandle(manager);
}

void facts_gather_ports(struct facts_ports *ports, const struct config *config)
{
    memset(ports, 0, sizeof *ports);
    add_table(ports, config);
    add_table6(ports, config);
    for (size_t i = 0; i < ports->count && i < FACTS_PORTS_MAX; i++)
        name_program(&ports->ports[i]);
    if (ports->count > 0)
        name_services(ports);
}
