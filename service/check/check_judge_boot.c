#include "service/check/check_report.h"

#include "core/settings/access.h"
#include "win32/system/text.h"

#include <stdio.h>

enum { SHOWN_MAX = 16, ON_PROFILES = FACTS_PROFILES & ~FACTS_PROFILE_PUBLIC };

static void mend_by_lines(const struct facts *facts, struct check_report *report)
{
    char key[REGISTRY_KEY_MAX];

    check_mend(report, "reg query \"%s\"", check_key(facts, "PxeBoot", key));
}

static void say_once(const struct facts *facts, struct check_report *report)
{
    char key[REGISTRY_KEY_MAX];

    if (facts->config.pxe == PXE_OFF || facts->boot.once_count == 0)
        return;
    check_say(report, CHECK_WARN,
              "lines of PxeHosts that say once: %u; a restart of the service forgets who had its one boot, and would "
              "have it installed again: take such a line out when its machine is installed",
              facts->boot.once_count);
    check_mend(report, "reg query \"%s\" /v PxeHosts", check_key(facts, "PxeHosts", key));
}

/* -- the parameters together ----------------------------------------------------------------------------------------- */

void check_boot(const struct facts *facts, struct check_report *report)
{
    const struct facts_boot *boot = &facts->boot;

    if (!boot->is_wanted) {
        check_say(report, CHECK_OK, "Pxe and Bootp are off: nothing is listened for but TFTP");
    } else if (boot->problem[0] != 0) {
        check_say(report, CHECK_FAIL, "the boot parameters have no effect, and no machine is answered: %s",
                  boot->problem);
        mend_by_lines(facts, report);
    } else if (facts->config.pxe != PXE_OFF && boot->rule_count == 0 && boot->host_count == 0) {
        check_say(report, CHECK_WARN, "Pxe is on, and PxeBoot and PxeHosts are empty: no machine is answered");
        check_mend(report, "\"%s\" -? PxeBoot", facts->own_program);
    } else {
        check_say(report, CHECK_OK, "PxeBoot (%u), PxeHosts (%u) and BootpHosts (%u) make sense together%s",
                  boot->rule_count, boot->host_count, boot->bootp_count,
                  facts->config.pxe == PXE_WATCH ? "; Pxe is watch, so nothing is sent" : "");
        say_once(facts, report);
    }
}

/* -- files ----------------------------------------------------------------------------------------------------------- */

/* False if the file is as it should be. */
static bool say_state(const struct facts *facts, const struct facts_boot_file *file, struct check_report *report)
{
    if (file->state == BOOT_FILE_READABLE)
        return false;
    check_say(report, CHECK_FAIL, "%s: %s, so the machines of this line are not answered", file->line,
              file->state == BOOT_FILE_ABSENT ? "the file is not there" : "TFTP gives the file to nobody");
    check_mend(report, "\"%s\" explain get \"%s\" --client 10.0.0.5 --service \"%s\"", facts->own_program, file->file,
               facts->name);
    return true;
}

static bool say_fit(const struct facts *facts, const struct facts_boot_file *file, struct check_report *report)
{
    char is[MACHINE_TEXT_MAX];
    uint16_t number = 0;
    enum image_fit fit = file->is_seen ? image_fits(&file->image, &file->machines, &number) : IMAGE_FITS;
    const struct architecture *known = architecture_find(number);
    const char *wanted = known != NULL ? known->title : "another machine";

    switch (fit) {
    case IMAGE_OTHER_MACHINE:
        check_say(report, CHECK_FAIL, "%s: the file starts on %s, and the line is for %s", file->line,
                  image_machine_text(file->image.machine, is), wanted);
        break;
    case IMAGE_NO_PROGRAM:
        check_say(report, CHECK_WARN, "%s: the file is no program of UEFI, and %s starts nothing else", file->line,
                  wanted);
        break;
    case IMAGE_A_PROGRAM:
        check_say(report, CHECK_FAIL, "%s: the file is a program of UEFI for %s, and %s cannot start one", file->line,
                  image_machine_text(file->image.machine, is), wanted);
        break;
    default: return false;
    }
    mend_by_lines(facts, report);
    return true;
}

static bool say_writable(const struct facts *facts, const struct facts_boot_file *file, struct check_report *report)
{
    if (!file->is_writable)
        return false;
    check_say(report, CHECK_WARN,
              "%s: those in Masters may put a file of their own under this name by TFTP, and machines would start it",
              file->line);
    check_mend_value(report, facts, "Writable", "upload\\*");
    return true;
}

/* No DHCP packet tells which of the two a machine trusts; the administrator may know. */
static void say_signers(const struct facts_boot_file *file, struct check_report *report)
{
    const struct image_signers *signers = &file->signers;

    if (signers->has_2011 && signers->has_2023)
        check_say(report, CHECK_OK,
                  "%s: the names of both Windows Production PCA 2011 and Windows UEFI CA 2023 are in its "
                  "signatures",
                  file->line);
    else if (signers->has_2011)
        check_say(
            report, CHECK_OK,
            "%s: signed by Windows Production PCA 2011; machines that trust that no more (KB5025885) do not start "
            "it with Secure Boot",
            file->line);
    else if (signers->has_2023)
        check_say(report, CHECK_OK,
                  "%s: signed by Windows UEFI CA 2023; machines that do not know that yet do not start it with Secure "
                  "Boot",
                  file->line);
}

static bool has_part(const char *text, const char *part)
{
    for (; *text != 0; text++)
        if (_strnicmp(text, part, strlen(part)) == 0)
            return true;
    return false;
}

/* What loads GRUB does not tell it who that was. */
static bool say_grub(const struct facts_boot_file *file, struct check_report *report)
{
    if (!has_part(file->file, "grub") && !has_part(file->file, "shim"))
        return false;
    check_say(
        report, CHECK_OK,
        "%s: GRUB asks the DHCP server's next-server for its configuration, and not this service: set it there, or "
        "have the server written into GRUB",
        file->line);
    return true;
}

void check_boot_files(const struct facts *facts, struct check_report *report)
{
    const struct facts_boot *boot = &facts->boot;
    size_t bad = 0;
    bool is_grub_told = false;

    for (size_t i = 0; i < boot->file_count && i < FACTS_BOOT_FILES_MAX; i++) {
        const struct facts_boot_file *file = &boot->files[i];
        if (bad < SHOWN_MAX)
            bad += say_state(facts, file, report) || say_fit(facts, file, report);
        if (bad < SHOWN_MAX)
            bad += say_writable(facts, file, report);
        if (i < SHOWN_MAX)
            say_signers(file, report);
        is_grub_told = is_grub_told || say_grub(file, report);
    }
    if (bad == SHOWN_MAX) {
        check_say(report, CHECK_WARN, "there may be more like these; mend them and look again");
        mend_by_lines(facts, report);
    } else if (boot->file_count > FACTS_BOOT_FILES_MAX) {
        check_say(report, CHECK_OK, "only the first %u of %u files were looked at", (unsigned)FACTS_BOOT_FILES_MAX,
                  (unsigned)boot->file_count);
    } else if (bad == 0 && boot->file_count > 0) {
        check_say(report, CHECK_OK, "each (%u) is there for somebody, and one that its machines start",
                  (unsigned)boot->file_count);
    }
}

/* -- ports ----------------------------------------------------------------------------------------------------------- */

struct port_holders {
    bool has_us;
    const struct facts_port *other; /* NULL: nobody */
};

static struct port_holders holders_of(const struct facts *facts, uint16_t port)
{
    const struct facts_ports *ports = &facts->ports;
    struct port_holders holders = {false, NULL};

    for (size_t i = 0; i < ports->count && i < FACTS_PORTS_MAX; i++) {
        if (ports->ports[i].port != port)
            continue;
        if (check_is_own(facts, &ports->ports[i]))
            holders.has_us = true;
        else if (holders.other == NULL)
            holders.other = &ports->ports[i];
    }
    return holders;
}

/* A DHCP server is to keep port 67; anybody else is to give it up. */
static void mend_other(const struct facts *facts, const struct facts_port *other, struct check_report *report)
{
    if (other->port == BOOT_PORT_SERVER && _stricmp(other->service, "DHCPServer") == 0)
        check_mend_value(report, facts, "PxePorts", "4011");
    else
        check_mend_holder(report, other);
}

static void say_other(const struct facts *facts, const struct port_holders *holders, struct check_report *report)
{
    const struct facts_port *other = holders->other;
    char holder[CHECK_HOLDER_MAX];

    check_holder_text(other, holder);
    if (other->process == 0 && facts_service_runs(facts))
        check_say(report, CHECK_WARN, "UDP port %u is held by %s; as the service runs, it should be the service",
                  other->port, holder);
    else if (holders->has_us)
        check_say(report, CHECK_WARN,
                  "UDP port %u is held by %s, too: on its addresses boot requests may not come to the service",
                  other->port, holder);
    else
        check_say(report, CHECK_FAIL, "UDP port %u is held by %s, so boot requests are not heard there", other->port,
                  holder);
    mend_other(facts, other, report);
}

/* False if it is as it should be. */
static bool say_port(const struct facts *facts, uint16_t port, struct check_report *report)
{
    struct port_holders holders = holders_of(facts, port);

    if (holders.other != NULL) {
        say_other(facts, &holders, report);
        return true;
    }
    if (holders.has_us || (facts->ports.error == 0 && !facts_service_runs(facts)))
        return false;
    if (facts->ports.error != 0) {
        check_say(report, CHECK_WARN, "who holds UDP port %u cannot be seen: %s", port,
                  text_of_error(facts->ports.error).text);
        check_mend(report, "netstat -abno -p udp");
    } else {
        check_say(
            report, CHECK_WARN,
            "the service runs, and nobody listens on UDP port %u: no interface is up that PxeInterfaces admits, or "
            "the log says why",
            port);
        check_mend(report, "\"%s\" status --service \"%s\"", facts->own_program, facts->name);
    }
    return true;
}

/* Port 4011 alone is asked because a DHCP server on this machine says so. */
static bool say_lonely(const struct facts *facts, struct check_report *report)
{
    char key[REGISTRY_KEY_MAX];

    if (facts->boot.ports.has_67 || facts->ports.error != 0 || holders_of(facts, BOOT_PORT_SERVER).other != NULL)
        return false;
    check_say(
        report, CHECK_WARN,
        "PxePorts is 4011, which is for a DHCP server on this machine, and nobody holds UDP port 67 here: requests "
        "that machines broadcast are heard by nobody");
    check_mend(report, "reg delete \"%s\" /v PxePorts /f", check_key(facts, "PxePorts", key));
    return true;
}

/* To port 4011 anybody may come, who then can have replies sent to an address that he forges. */
static bool say_public(const struct facts *facts, struct check_report *report)
{
    const struct facts_boot *boot = &facts->boot;
    char address[ENDPOINT_TEXT_MAX];

    if (!boot->ports.has_4011 || !boot->has_public_address || access_admitted_world(&facts->config.clients) == NULL)
        return false;
    check_say(report, CHECK_WARN,
              "this machine has the address %s of the Internet, and Clients admits everybody: anybody may ask UDP port "
              "4011; name the networks of your machines in Clients, or those that they ask on in PxeInterfaces",
              endpoint_address_text(&boot->public_address, address));
    check_mend_value(report, facts, "Clients", "10.0.0.0/8");
    return true;
}

void check_boot_ports(const struct facts *facts, struct check_report *report)
{
    char list[CHECK_WORDS_MAX] = "";
    size_t used = 0;
    bool is_bad = false;

    if (!facts->boot.is_wanted)
        return;
    for (size_t i = 0; i < FACTS_BOOT_PORTS; i++) {
        uint16_t port = facts_boot_ports[i];
        if (!facts_boot_wants(&facts->boot, port))
            continue;
        is_bad |= say_port(facts, port, report);
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%u", used > 0 ? ", " : "", port);
    }
    is_bad |= say_lonely(facts, report);
    is_bad |= say_public(facts, report);
    if (!is_bad)
        check_say(report, CHECK_OK,
                  facts_service_runs(facts) ? "the service listens on UDP %s, and nobody else does"
                                            : "UDP %s: nobody has them",
                  list);
}

/* -- firewall -------------------------------------------------------------------------------------------------------- */

/* False if requests come in. */
static bool say_firewall(const struct facts *facts, const struct facts_firewall *firewall, uint16_t port,
                         struct check_report *report)
{
    const struct facts_rules *blocks = &firewall->rules[FACTS_RULE_BLOCKS];
    const struct facts_rules *some = &firewall->rules[FACTS_RULE_ALLOWS_PARTLY];
    unsigned on = ON_PROFILES & ~firewall->off;
    char words[CHECK_WORDS_MAX];

    if (blocks->profiles & on) {
        check_say(report, CHECK_FAIL, "the rule \"%s\" keeps boot requests to UDP port %u out (profiles: %s)",
                  blocks->first.name, port, check_profiles_text(blocks->profiles & on, words));
        check_mend(report, "netsh advfirewall firewall set rule name=\"%s\" new enable=no", blocks->first.name);
    } else if (on == 0 || (firewall->rules[FACTS_RULE_ALLOWS].profiles & on)) {
        return false;
    } else if (some->profiles & on) {
        check_say(report, CHECK_WARN, "the rule \"%s\" lets boot requests to UDP port %u in only where %s",
                  some->first.name, port, some->first.only);
        check_mend_firewall(report, facts);
    } else {
        check_say(report, CHECK_FAIL,
                  "no rule that counts lets boot requests to UDP port %u in (profiles: %s), so machines get no answer",
                  port, check_profiles_text(on, words));
        check_mend_firewall(report, facts);
    }
    return true;
}

/* Who answers there decides what strangers start, and they may ask whatever they like. */
static bool is_open_to_public(const struct facts_firewall *firewall)
{
    unsigned allowed = firewall->rules[FACTS_RULE_ALLOWS].profiles | firewall->rules[FACTS_RULE_ALLOWS_PARTLY].profiles;
    unsigned open = firewall->off | (allowed & ~firewall->rules[FACTS_RULE_BLOCKS].profiles);

    return (open & FACTS_PROFILE_PUBLIC) != 0;
}

void check_boot_firewall(const struct facts *facts, struct check_report *report)
{
    bool is_bad = false;
    bool is_public = false;

    /* What is wrong with it as a whole, the line "firewall" says. */
    if (!facts->boot.is_wanted || facts->firewall.error != 0 ||
        (facts->firewall.off & FACTS_PROFILES) == FACTS_PROFILES ||
        (facts->firewall.shut & ~facts->firewall.off & ON_PROFILES))
        return;
    for (size_t i = 0; i < FACTS_BOOT_PORTS; i++) {
        if (!facts_boot_wants(&facts->boot, facts_boot_ports[i]))
            continue;
        is_bad |= say_firewall(facts, &facts->boot_firewalls[i], facts_boot_ports[i], report);
        is_public |= is_open_to_public(&facts->boot_firewalls[i]);
    }
    if (is_public) {
        check_say(report, CHECK_WARN, "boot requests come in from networks of the profile public, too");
        check_mend(report,
                   "netsh advfirewall firewall add rule name=\"%s boot\" dir=in action=block protocol=UDP "
                   "localport=67,547,4011 profile=public program=\"%s\"",
                   facts->name, facts->service.error == 0 ? facts->service.image.program : facts->own_program);
    } else if (!is_bad) {
        check_say(report, CHECK_OK,
                  "boot requests come in from networks of the profiles domain and private, and from no public one");
    }
}
