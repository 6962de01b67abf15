#include "service/facts/facts_boot.h"

#include "core/names/pattern.h"
#include "core/settings/access.h"
#include "win32/boot/bootfiles.h"
#include "win32/disk/file.h"
#include "win32/net/interfaces.h"

#include <stdio.h>

struct search {
    struct facts_boot *boot;
    const struct config *config;
    struct root *root; /* NULL: it cannot be opened */
    struct boot_rules rules;
};

/* -- one file -------------------------------------------------------------------------------------------------------- */

static void read_signers(struct facts_boot_file *file, HANDLE handle)
{
    static uint8_t bytes[IMAGE_SIGNATURES_MAX];
    uint32_t size = file->image.signatures_size;
    uint32_t got = 0;

    if (size > sizeof bytes)
        size = sizeof bytes;
    if (size > 0 && file_read(handle, file->image.signatures_offset, bytes, size, &got) == STATUS_OK)
        file->signers = image_signers(span_of(bytes, got));
}

static void read_image(struct facts_boot_file *file, struct root *root, const char *path)
{
    uint8_t head[IMAGE_HEAD_MAX];
    struct opened_file opened;
    uint32_t got = 0;

    if (file_open(root, path, &opened) != STATUS_OK)
        return;
    file->is_seen = file_read(opened.handle, 0, head, sizeof head, &got) == STATUS_OK;
    file->image = image_read(span_of(head, got));
    read_signers(file, opened.handle);
    CloseHandle(opened.handle);
}

/* No upload goes over a file, but one may take a name that is free, or have the old file make room. */
static bool is_writable(const struct config *config, const struct facts_boot_file *file, const char *path)
{
    const struct text_list *writable = &config->writable;

    if (config->masters.count == 0 ||
        (file->state == BOOT_FILE_READABLE && config->when_exists != WHEN_EXISTS_RENAME_OLD))
        return false;
    for (const char *item = text_list_next(writable, NULL); item != NULL; item = text_list_next(writable, item))
        if (pattern_matches_path(item, path))
            return true;
    return false;
}

static void add_file(struct search *search, const char *name, const struct machine_set *machines, const char *line)
{
    struct facts_boot *boot = search->boot;
    char path[PATH_TEXT_MAX];

    if (boot->file_count++ >= FACTS_BOOT_FILES_MAX)
        return;
    struct facts_boot_file *file = &boot->files[boot->file_count - 1];
    snprintf(file->line, sizeof file->line, "%s", line);
    snprintf(file->file, sizeof file->file, "%s", name);
    file->machines = *machines;
    file->state =
        search->root != NULL ? bootfiles_look_once(search->config, search->root, name, NULL) : BOOT_FILE_ABSENT;
    if (path_normalize(span_of_text(name), path) != PATH_OK)
        return;
    file->is_writable = is_writable(search->config, file, path);
    if (file->state == BOOT_FILE_READABLE)
        read_image(file, search->root, path);
}

/* -- which files ----------------------------------------------------------------------------------------------------- */

static void add_rules(struct search *search, const struct boot_rule *rules, size_t count)
{
    char line[FACTS_BOOT_LINE_MAX];

    for (size_t i = 0; i < count; i++) {
        const char *file = boot_text(&search->rules, rules[i].file);
        if (file[0] != 0 && !rules[i].is_url && !rules[i].has_server)
            add_file(search, file, &rules[i].machines, boot_rule_text(&search->rules, &rules[i], line, sizeof line));
    }
}

static void add_bootp(struct search *search)
{
    static const struct machine_set any = {.is_any = true};
    const struct boot_rules *rules = &search->rules;
    char line[FACTS_BOOT_LINE_MAX];

    for (size_t i = 0; i < rules->bootp_host_count; i++) {
        const struct bootp_host *host = &rules->bootp_hosts[i];
        const char *file = boot_text(rules, host->file);
        if (file[0] == 0 || !endpoint_is_unspecified(&host->server))
            continue;
        snprintf(line, sizeof line, "%s %u: %s", boot_list_name(BOOT_LIST_BOOTP), (unsigned)host->number,
                 boot_text(rules, host->line));
        add_file(search, file, &any, line);
    }
}

static bool is_in(const struct endpoint *address, const char *text)
{
    struct prefix network;

    return prefix_parse(&network, span_of_text(text)) && prefix_contains(&network, address);
}

/* Of no network that no router of the Internet knows (RFC 6890); of IPv6 one of global unicast (RFC 4291 section 2.4). */
static bool is_of_internet(const struct endpoint *address)
{
    static const char *const private[] = {"10.0.0.0/8",      "172.16.0.0/12",  "192.168.0.0/16",
                                          "100.64.0.0/10",   "192.0.2.0/24",   "198.18.0.0/15",
                                          "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"};

    for (size_t i = 0; i < sizeof private / sizeof *private; i++)
        if (is_in(address, private[i]))
            return false;
    return endpoint_is_ipv4(address) || is_in(address, "2000::/3");
}

/* One where strangers are heard: PxeInterfaces has it, and Clients admits its like. */
static void find_public_address(struct search *search, int family)
{
    enum { ADDRESSES_MAX = 128 };
    static struct local_address list[ADDRESSES_MAX];
    struct facts_boot *boot = search->boot;
    size_t count = 0;

    interfaces_list(family, list, ADDRESSES_MAX, &count);
    for (size_t i = 0; i < count && !boot->has_public_address; i++) {
        const struct endpoint *address = &list[i].address;
        boot->has_public_address = is_of_internet(address) && boot_rules_admit(&search->rules, address) &&
                                   access_admits(search->config, address);
        boot->public_address = *address;
    }
}

void facts_gather_boot(struct facts_boot *boot, const struct config *config)
{
    static struct search search; /* some hundred kilobytes */
    struct boot_problem problem;

    memset(boot, 0, sizeof *boot);
    boot->is_wanted = boot_lines_are_wanted(config);
    boot->ports = boot_lines_ports(config);
    if (!boot->is_wanted)
        return;
    search.boot = boot;
    search.config = config;
    if (!boot_lines_read(&search.rules, config, &problem)) {
        snprintf(boot->problem, sizeof boot->problem, "%s", problem.text);
        return;
    }
    find_public_address(&search, AF_INET);
    if (boot->ports.has_ipv6)
        find_public_address(&search, AF_INET6);
    boot->rule_count = search.rules.rule_count;
    boot->host_count = search.rules.host_count;
    boot->bootp_count = search.rules.bootp_host_count;
    for (size_t i = 0; i < search.rules.host_count; i++)
        boot->once_count += search.rules.hosts[i].is_once;
    if (root_open(&search.root, config->directory) != 0)
        search.root = NULL;
    if (config->pxe != PXE_OFF) {
        add_rules(&search, search.rules.rules, search.rules.rule_count);
        add_rules(&search, search.rules.hosts, search.rules.host_count);
        add_rules(&search, search.rules.menu, search.rules.menu_count);
    }
    if (config->bootp != BOOTP_OFF)
        add_bootp(&search);
    if (search.root != NULL)
        root_release(search.root);
}
