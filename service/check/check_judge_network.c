#include "service/check/check_report.h"

#include "win32/system/text.h"

#include <stdio.h>

bool check_is_own(const struct facts *facts, const struct facts_port *port)
{
    return port->process != 0 && port->process == facts->service.process;
}

const char *check_holder_text(const struct facts_port *port, char text[CHECK_HOLDER_MAX])
{
    if (port->process == 0)
        snprintf(text, CHECK_HOLDER_MAX, "a program that the system does not name");
    else
        snprintf(text, CHECK_HOLDER_MAX, "%s (process %lu%s%s)",
                 port->program[0] ? port->program : "a program without a name here", port->process,
                 port->service[0] ? ", service " : "", port->service);
    return text;
}

void check_mend_holder(struct check_report *report, const struct facts_port *port)
{
    if (port->service[0] != 0)
        check_mend(report, "sc stop %s & sc config %s start= disabled", port->service, port->service);
    else if (port->process != 0)
        check_mend(report, "taskkill /pid %lu /f", port->process);
    else
        check_mend(report, "netstat -abno -p udp");
}

static void check_holder(const struct facts *facts, const struct facts_port *port, struct check_report *report)
{
    bool runs = facts_service_runs(facts);
    char holder[CHECK_HOLDER_MAX];

    check_holder_text(port, holder);
    if (port->process == 0 && runs)
        check_say(report, CHECK_WARN, "UDP port %u is held by %s; as the service runs, it should be the service",
                  port->port, holder);
    else
        check_say(report, CHECK_FAIL, "UDP port %u is held by %s, which %s", port->port, holder,
                  runs ? "may take the service's requests" : "keeps the service from starting");
    check_mend_holder(report, port);
}

void check_port(const struct facts *facts, struct check_report *report)
{
    const struct facts_ports *ports = &facts->ports;
    bool runs = facts_service_runs(facts);
    bool is_held_by_us = false;
    size_t others = 0;

    for (size_t i = 0; i < ports->count && i < FACTS_PORTS_MAX; i++) {
        if (ports->ports[i].port != facts->config.port)
            continue;
        if (check_is_own(facts, &ports->ports[i])) {
            is_held_by_us = true;
            continue;
        }
        others++;
        check_holder(facts, &ports->ports[i], report);
    }
    if (others > 0)
        return;
    if (is_held_by_us) {
        check_say(report, CHECK_OK, "the service listens on UDP port %u, and nobody else does", facts->config.port);
    } else if (ports->error != 0) {
        check_say(report, CHECK_WARN, "who holds UDP port %u cannot be seen: %s", facts->config.port,
                  text_of_error(ports->error).text);
        check_mend(report, "netstat -abno -p udp");
    } else if (runs) {
        check_say(report, CHECK_WARN,
                  "the service runs, and nobody listens on UDP port %u; it may wait for its Addresses, or "
                  "for a restart after Port was changed",
                  facts->config.port);
        check_mend(report, "net stop %s & net start %s", facts->name, facts->name);
    } else {
        check_say(report, CHECK_OK, "UDP port %u is free", facts->config.port);
    }
}

void check_port_range(const struct facts *facts, struct check_report *report)
{
    const struct facts_ports *ports = &facts->ports;
    const struct port_range *range = &facts->config.port_range;
    const struct facts_port *first = NULL;
    bool runs = facts_service_runs(facts);
    char holder[CHECK_HOLDER_MAX];
    unsigned held = 0;

    if (facts->config.single_port || range->low == 0) {
        check_say(report, CHECK_OK, "%s",
                  facts->config.single_port ? "SinglePort needs none" : "any free port is taken");
        return;
    }
    for (size_t i = 0; i < ports->count && i < FACTS_PORTS_MAX; i++) {
        const struct facts_port *port = &ports->ports[i];
        /* Where the system names nobody, a running service is the likeliest holder of its own range. */
        bool is_somebodys = !check_is_own(facts, port) && (port->process != 0 || !runs);
        if (port->port < range->low || port->port > range->high || port->port == facts->config.port || !is_somebodys)
            continue;
        held++;
        if (first == NULL)
            first = port;
    }
    if (first == NULL) {
        check_say(report, CHECK_OK, "nobody else holds a UDP port of %u-%u", range->low, range->high);
        return;
    }
    check_say(report, held > (unsigned)(range->high - range->low) ? CHECK_FAIL : CHECK_WARN,
              "%u of the UDP ports %u-%u are held by others, port %u by %s; transfers have to do with the rest", held,
              range->low, range->high, first->port, check_holder_text(first, holder));
    check_mend_holder(report, first);
}

/* AFD copies a datagram of this length and goes on; with a longer one the call waits until it has left. */
void check_sending(const struct facts *facts, struct check_report *report)
{
    enum { FAST_SEND_STANDARD = 1024, FAST_SEND_ENOUGH = 1500 };
    unsigned bytes = facts->fast_send_bytes != 0 ? facts->fast_send_bytes : FAST_SEND_STANDARD;

    if (bytes >= FAST_SEND_ENOUGH) {
        check_say(report, CHECK_OK, "Windows sends datagrams of up to %u bytes the quick way", bytes);
        return;
    }
    /* Nothing is wrong, so there is nothing to mend. */
    check_say(
        report, CHECK_OK,
        "Windows sends datagrams of up to %u bytes the quick way, and longer ones, as blocks of 1428 and 1468 bytes "
        "are, more slowly; where many machines boot at once, FastSendDatagramThreshold = %u in "
        "HKLM\\SYSTEM\\CurrentControlSet\\Services\\AFD\\Parameters and a restart of Windows help",
        bytes, (unsigned)FAST_SEND_ENOUGH);
}

const char *check_profiles_text(unsigned profiles, char text[CHECK_WORDS_MAX])
{
    static const char *const names[] = {"domain", "private", "public"};
    size_t used = 0;

    text[0] = 0;
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (profiles >> i & 1)
            used += (size_t)snprintf(text + used, CHECK_WORDS_MAX - used, "%s%s", used > 0 ? ", " : "", names[i]);
    return text;
}

void check_mend_firewall(struct check_report *report, const struct facts *facts)
{
    check_mend(report,
               "netsh advfirewall firewall add rule name=\"%s\" dir=in action=allow protocol=UDP program=\"%s\"",
               facts->name, facts->service.error == 0 ? facts->service.image.program : facts->own_program);
}

/* A policy is changed where it was made. */
static void judge_ignored(const struct facts *facts, struct check_report *report, enum check_state state, unsigned on)
{
    const struct facts_rules *ignored = &facts->firewall.ignored;
    char words[CHECK_WORDS_MAX];

    check_say(report, state,
              "the rule \"%s\" of this machine lets nobody in (profiles: %s), for a policy has only its own rules "
              "count (AllowLocalPolicyMerge); it has to allow %s there",
              ignored->first.name, check_profiles_text(ignored->profiles & on, words), facts->name);
    check_mend(report, "gpresult /scope computer /h %%TEMP%%\\policies.html /f");
}

static void judge_rules(const struct facts *facts, struct check_report *report, unsigned on)
{
    const struct facts_rules *rules = facts->firewall.rules;
    const struct facts_rules *blocks = &rules[FACTS_RULE_BLOCKS], *allows = &rules[FACTS_RULE_ALLOWS];
    const struct facts_rules *some = &rules[FACTS_RULE_ALLOWS_PARTLY], *not_some = &rules[FACTS_RULE_BLOCKS_PARTLY];
    const struct facts_rules *ignored = &facts->firewall.ignored;
    char words[CHECK_WORDS_MAX];

    if (blocks->profiles & on) {
        check_say(report, CHECK_FAIL, "the rule \"%s\" keeps requests out (profiles: %s), whatever others allow",
                  blocks->first.name, check_profiles_text(blocks->profiles & on, words));
        check_mend(report, "netsh advfirewall firewall set rule name=\"%s\" new enable=no", blocks->first.name);
    } else if (allows->profiles & on) {
        check_say(report, CHECK_OK, "the rule \"%s\" lets requests in (profiles: %s)", allows->first.name,
                  check_profiles_text(allows->profiles & on, words));
    } else if (some->profiles & on) {
        check_say(report, CHECK_WARN, "the rule \"%s\" lets requests in only where %s; others get no answer",
                  some->first.name, some->first.only);
        check_mend_firewall(report, facts);
    } else if (ignored->profiles & on) {
        judge_ignored(facts, report, CHECK_FAIL, on);
    } else {
        check_say(report, CHECK_FAIL, "no rule lets requests to UDP port %u in, so clients get no answer",
                  facts->config.port);
        check_mend_firewall(report, facts);
    }
    unsigned let_in = allows->profiles | some->profiles;
    if ((let_in & on) && (ignored->profiles & on & ~let_in))
        judge_ignored(facts, report, CHECK_WARN, on & ~let_in);
    if (not_some->profiles & on) {
        check_say(report, CHECK_WARN, "the rule \"%s\" keeps requests out where %s", not_some->first.name,
                  not_some->first.only);
        check_mend(report, "netsh advfirewall firewall show rule name=\"%s\" verbose", not_some->first.name);
    }
}

void check_firewall(const struct facts *facts, struct check_report *report)
{
    const struct facts_firewall *firewall = &facts->firewall;
    unsigned on = FACTS_PROFILES & ~firewall->off;
    char words[CHECK_WORDS_MAX];

    if (firewall->error != 0) {
        check_say(report, CHECK_WARN, "its rules cannot be read, so whether it lets requests in is not known: %s",
                  text_of_error(firewall->error).text);
        check_mend_firewall(report, facts);
    } else if (on == 0) {
        check_say(report, CHECK_WARN,
                  "it is switched off in every profile: requests come in, and so does everything else");
        check_mend(report, "netsh advfirewall set allprofiles state on");
    } else if (firewall->shut & on) {
        check_say(report, CHECK_FAIL, "it lets nothing in, whatever rules allow (profiles: %s)",
                  check_profiles_text(firewall->shut & on, words));
        check_mend(report, "netsh advfirewall set allprofiles firewallpolicy blockinbound,allowoutbound");
    } else {
        judge_rules(facts, report, on);
    }
}
