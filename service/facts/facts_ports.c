#include "service/facts/facts.h"
#include "win32/net/portowner.h"
#include "win32/system/text.h"

#include <stdlib.h>

enum { SERVICES_BYTES = 256 * 1024 };

static bool is_boot_port(uint16_t port)
{
    for (size_t i = 0; i < FACTS_BOOT_PORTS; i++)
        if (facts_boot_ports[i] == port)
            return true;
    return false;
}

static bool is_ours(const struct config *config, uint16_t port)
{
    const struct port_range *range = &config->port_range;

    return port == config->port || (boot_lines_are_wanted(config) && is_boot_port(port)) ||
           (!config->single_port && range->low != 0 && port >= range->low && port <= range->high);
}

/* A port at another address is nobody's hindrance. */
static bool is_in_the_way(const struct config *config, const struct endpoint *local)
{
    struct endpoint ours;

    /* Addresses is about TFTP. */
    if (config->addresses.count == 0 || endpoint_is_unspecified(local) || is_boot_port(local->port))
        return true;
    for (const char *item = text_list_next(&config->addresses, NULL); item != NULL;
         item = text_list_next(&config->addresses, item))
        if (endpoint_parse_address(&ours, span_of_text(item)) &&
            (endpoint_is_unspecified(&ours) || endpoint_same_address(&ours, local)))
            return true;
    return false;
}

struct search {
    struct facts_ports *ports;
    const struct config *config;
};

static void add(void *context, const struct endpoint *local, DWORD process)
{
    const struct search *search = context;
    struct facts_ports *ports = search->ports;

    if (!is_ours(search->config, local->port) || !is_in_the_way(search->config, local))
        return;
    /* One process often has the port for IPv4 and for IPv6, or once for each address. */
    for (size_t i = 0; i < ports->count && i < FACTS_PORTS_MAX; i++)
        if (ports->ports[i].port == local->port && ports->ports[i].process == process)
            return;
    if (ports->count < FACTS_PORTS_MAX)
        ports->ports[ports->count] = (struct facts_port){.port = local->port, .process = process};
    ports->count++;
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
    struct search search = {ports, config};

    memset(ports, 0, sizeof *ports);
    ports->error = port_each(add, &search);
    for (size_t i = 0; i < ports->count && i < FACTS_PORTS_MAX; i++)
        port_program(ports->ports[i].process, ports->ports[i].program, sizeof ports->ports[i].program);
    if (ports->count > 0)
        name_services(ports);
}
