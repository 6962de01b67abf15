#include "core/bootrules/rules_line.h"

/* What cannot be both, and what would be written for nothing: a line is refused rather than taken without effect. */

static bool has_modifier(const struct boot_rule *rule)
{
    return rule->has_server || rule->style != BOOT_STYLE_UNSAID || rule->option_count > 0;
}

static bool fits_shared(struct line *line, const struct boot_rule *rule)
{
    if (rule->action != BOOT_SHARED)
        return true;
    if (rule->who.kind != WHO_MAC)
        return line_refuse(line, "shared is the MAC of a dongle or a dock; a GUID is one machine's, so write answer");
    return (!rule->has_machines && !rule->has_network && !has_modifier(rule)) ||
           line_refuse(line, "shared says that a MAC is nobody's, whoever has it and wherever; write \"MAC = shared\"");
}

static bool fits_file(struct line *line, const struct boot_rule *rule)
{
    return rule->action == BOOT_FILE || !has_modifier(rule) ||
           line_refuse(line, "server, style and option go with a file, and this line names none; leave them out, or "
                             "write the file before them");
}

/* Of PXE menus: who is shown one, and what an entry can load. */
static bool fits_menu(struct line *line, const struct boot_rule *rule)
{
    const struct machine_set *machines = &rule->machines;

    if (rule->list != BOOT_LIST_MENU)
        return true;
    if (rule->is_url)
        return line_refuse(line, "an entry of a PXE menu is loaded by TFTP; write a file instead of \"%.80s\"",
                           boot_text(line->rules, rule->file));
    if (machines->is_ipxe || machines->is_raspberry_pi || machines->has_http)
        return line_refuse(line, "PxeMenu is never shown to ipxe, rpi and words that end in -http; leave those out");
    return !rule->has_server || endpoint_is_ipv4(&rule->server) ||
           line_refuse(line, "PxeMenu is shown by DHCPv4 alone; write the server's IPv4 address");
}

static bool fits_url(struct line *line, const struct boot_rule *rule)
{
    const struct machine_set *machines = &rule->machines;

    if (rule->is_url && (!rule->has_machines || machines->is_any || machines->is_raspberry_pi || machines->has_plain))
        return line_refuse(
            line, "a URL is for machines that boot by HTTP; write x64-http or another word that ends so, or ipxe");
    if (rule->action == BOOT_FILE && !rule->is_url && machines->has_http)
        return line_refuse(
            line, "machines that boot by HTTP are given a URL; write http:// and the server's name before \"%.80s\"",
            boot_text(line->rules, rule->file));
    return true;
}

static bool fits_machines(struct line *line, const struct boot_rule *rule)
{
    enum { RPIBOOT = 41 };
    const struct machine_set *machines = &rule->machines;

    /* Who says this number is taken for a Raspberry Pi, whose lines are those with its word. */
    if (machine_set_has(machines, RPIBOOT))
        return line_refuse(line, "%d is a Raspberry Pi, which goes by its word alone; write rpi", RPIBOOT);
    return rule->action != BOOT_FILE || !machines->is_ipxe ||
           (machines->count == 0 && !machines->is_any && !machines->is_raspberry_pi) ||
           line_refuse(line, "iPXE would start what started it, again and again; write a line for ipxe alone");
}

static bool fits_style(struct line *line, const struct boot_rule *rule)
{
    const struct machine_set *machines = &rule->machines;
    bool is_rpi_alone = machines->is_raspberry_pi && machines->count == 0 && !machines->is_any;

    if (rule->style == BOOT_STYLE_MENU && machines->is_ipxe)
        return line_refuse(line, "iPXE is never shown PxeMenu, whose programs are for firmware; leave style out");
    return rule->style == BOOT_STYLE_UNSAID || rule->style == BOOT_STYLE_DIRECT ||
           (!is_rpi_alone && (!rule->is_url || machines->is_ipxe)) ||
           line_refuse(line,
                       "a Raspberry Pi, and who boots by HTTP, is always told its file directly; leave style out");
}

/* A server and a network have to be those of one machine, and what DHCPv6 does not have is not said to who asks by it. */
static bool fits_family(struct line *line, const struct boot_rule *rule)
{
    struct endpoint network = endpoint_of_ipv6(rule->network.address, 0, 0);
    bool is_network_ipv6 = rule->has_network && !endpoint_is_ipv4(&network);
    bool is_server_ipv6 = rule->has_server && !endpoint_is_ipv4(&rule->server);

    if (rule->has_network && rule->has_server && is_network_ipv6 != is_server_ipv6)
        return line_refuse(line, "a machine asks by IPv4 or by IPv6, and on and server are one of each; write both of "
                                 "one family");
    if (!is_network_ipv6 && !is_server_ipv6)
        return true;
    if (rule->option_count > 0)
        return line_refuse(line, "options are of DHCPv4, and the line is for machines that ask by DHCPv6; leave option "
                                 "out, or write an IPv4 address");
    if (rule->style == BOOT_STYLE_MENU)
        return line_refuse(line, "PxeMenu is shown by DHCPv4 alone, and the line is for machines that ask by DHCPv6; "
                                 "leave style out, or write an IPv4 address");
    return !is_server_ipv6 || rule->style == BOOT_STYLE_UNSAID ||
           line_refuse(line, "a file of another server is told by DHCPv6 in one way alone, on port 4011; leave style "
                             "out");
}

bool rules_fit(struct line *line, const struct boot_rule *rule)
{
    return fits_shared(line, rule) && fits_file(line, rule) && fits_menu(line, rule) && fits_url(line, rule) &&
           fits_machines(line, rule) && fits_style(line, rule) && fits_family(line, rule);
}
