#include "service/explain/explain_boot.h"

#include "core/settings/access.h"
#include "core/settings/boot_lines.h"
#include "service/explain/explain.h"
#include "service/words/verbs.h"
#include "win32/boot/bootfiles.h"
#include "win32/net/interfaces.h"
#include "win32/system/text.h"

#include <stdio.h>

enum { ADDRESSES_MAX = 128, BITS_IPV4 = 24, BITS_IPV6 = 64 };

/* -- what was typed ------------------------------------------------------------------------------------------------ */

static int read_words(struct boot_explanation *e, char **words)
{
    struct boot_explain_machine *machine = &e->wish.machine;
    const struct explain_option options[] = {
        {"--machine", &machine->machine, NULL},
        {"--guid", &machine->guid, NULL},
        {"--class", &machine->class_id, NULL},
        {"--user-class", &machine->user_class, NULL},
        {"--relay", &machine->relay, NULL},
        {"--client", &e->wish.client, NULL},
        {"--on", &e->wish.at, NULL},
        {"--port", &e->wish.port, NULL},
        {"--bootp", NULL, &machine->is_bootp},
        {"--v6", NULL, &e->wish.is_v6},
    };

    return explain_read_words(&e->basis, words, options, sizeof options / sizeof *options,
                              "--machine, --guid, --class, --user-class, --relay, --client, --on, --port, --bootp, "
                              "--v6");
}

static void take_name(struct explain_boot_wish *wish)
{
    struct who who;

    if (who_parse(&who, span_of_text(wish->name)) && who.kind == WHO_GUID)
        wish->machine.guid = wish->name;
    else
        wish->machine.mac = wish->name;
}

static int take_port(struct explain_boot_wish *wish, uint16_t *port)
{
    uint64_t number = wish->is_v6 ? BOOT_PORT_SERVER6 : BOOT_PORT_SERVER;

    if (wish->port != NULL && !span_to_number(span_of_text(wish->port), UINT16_MAX, &number))
        number = 0;
    wish->is_v6 = wish->is_v6 || number == BOOT_PORT_SERVER6;
    wish->machine.is_on_pxe_port = number == BOOT_PORT_PXE;
    *port = (uint16_t)number;
    if (number == BOOT_PORT_PXE || number == BOOT_PORT_SERVER6 || (number == BOOT_PORT_SERVER && !wish->is_v6))
        return 0;
    return verbs_complain(VERB_EXPLAIN, "--port %.60s: boot requests come to 67 and 4011, by DHCPv6 to 547 and 4011",
                          wish->port);
}

static int judge_wish(struct boot_explanation *e)
{
    struct explain_boot_wish *wish = &e->wish;
    struct boot_arrival *arrival = &e->question.arrival;

    take_name(wish);
    int code = take_port(wish, &arrival->address.port);
    if (code != 0)
        return code;
    e->client = endpoint_ipv4(0, 0, 0, 0, 0);
    if (wish->client == NULL && wish->machine.is_on_pxe_port)
        return verbs_complain(VERB_EXPLAIN, "--client: to port 4011 a machine comes with an address, and rules depend "
                                            "on it; add --client 10.0.0.5");
    if (wish->client != NULL && (!endpoint_parse_address(&e->client, span_of_text(wish->client)) ||
                                 endpoint_is_ipv4(&e->client) == wish->is_v6))
        return verbs_complain(VERB_EXPLAIN, "--client %.60s: this is not an %s address", wish->client,
                              wish->is_v6 ? "IPv6" : "IPv4");
    if (wish->machine.is_bootp && wish->machine.is_on_pxe_port)
        return verbs_complain(VERB_EXPLAIN, "--bootp: BOOTP has no other port than 67");
    return 0;
}

/* -- where it comes in --------------------------------------------------------------------------------------------- */

/* The address in the client's network, else the first where boot requests are heard, else the first. */
static const struct local_address *choose(const struct boot_explanation *e, const struct local_address *list,
                                          size_t count)
{
    const struct local_address *chosen = NULL;
    bool is_chosen_admitted = false;

    for (size_t i = 0; i < count; i++) {
        struct prefix network = prefix_of(&list[i].address, list[i].prefix_bits);
        if (!endpoint_is_unspecified(&e->client) && prefix_contains(&network, &e->client))
            return &list[i];
        bool is_admitted = boot_rules_admit(&e->rules, &list[i].address);
        if (chosen == NULL || (is_admitted && !is_chosen_admitted)) {
            chosen = &list[i];
            is_chosen_admitted = is_admitted;
        }
    }
    return chosen;
}

/* "10.1.0.2", or with the "/24" of an address that this machine does not have. */
static bool parse_at(const char *text, struct local_address *local)
{
    const char *slash = strchr(text, '/');
    size_t length = slash != NULL ? (size_t)(slash - text) : strlen(text);
    uint64_t bits;

    if (!endpoint_parse_address(&local->address, span_of(text, length)))
        return false;
    bool is_ipv4 = endpoint_is_ipv4(&local->address);
    bits = is_ipv4 ? BITS_IPV4 : BITS_IPV6;
    if (slash != NULL && !span_to_number(span_of_text(slash + 1), is_ipv4 ? 32 : 128, &bits))
        return false;
    local->prefix_bits = (uint8_t)bits;
    return true;
}

static int find_typed(struct boot_explanation *e, const struct local_address *list, size_t count,
                      struct local_address *local)
{
    const char *at = e->wish.at;

    if (!parse_at(at, local) || endpoint_is_ipv4(&local->address) == e->wish.is_v6)
        return verbs_complain(VERB_EXPLAIN, "--on %.60s: this is not an %s address of this machine, such as %s", at,
                              e->wish.is_v6 ? "IPv6" : "IPv4", e->wish.is_v6 ? "fd00::2" : "10.1.0.2 or 10.1.0.2/24");
    for (size_t i = 0; i < count; i++)
        if (endpoint_same_address(&list[i].address, &local->address)) {
            *local = list[i];
            return 0;
        }
    explain_note(&e->basis, "boot requests cannot come in on %.60s as things are: no interface that is up has it", at);
    return 0;
}

/* Whom it comes from: a machine without an address, its relay, or the client that was typed. */
static struct endpoint source_of(const struct boot_explanation *e)
{
    const struct boot_explain_machine *machine = &e->wish.machine;
    struct endpoint source = endpoint_ipv4(0, 0, 0, 0, 0);

    if (machine->is_on_pxe_port) {
        source = e->client;
        source.port = BOOT_PORT_PXE;
    } else if (e->wish.is_v6) {
        static const uint8_t neighbour[16] = {0xfe, 0x80, [15] = 1};
        source = endpoint_of_ipv6(neighbour, e->question.arrival.interface_index, BOOT_PORT_CLIENT6);
    } else {
        /* What is no address is told when the request is made. */
        bool is_relayed = machine->relay != NULL && endpoint_parse_address(&source, span_of_text(machine->relay));
        source.port = is_relayed ? BOOT_PORT_SERVER : BOOT_PORT_CLIENT;
    }
    return source;
}

/* Where an interface has several addresses, port 67 is heard on the first that PxeInterfaces admits (win32/boot/companion). */
static void go_to_ear(struct boot_explanation *e, const struct local_address *list, size_t count,
                      struct local_address *local)
{
    char ear[ENDPOINT_TEXT_MAX];
    size_t i = 0;

    while (i < count &&
           (list[i].interface_index != local->interface_index || !boot_rules_admit(&e->rules, &list[i].address)))
        i++;
    if (i == count || endpoint_same_address(&list[i].address, &local->address))
        return;
    endpoint_address_text(&list[i].address, ear);
    if (e->wish.machine.relay != NULL) {
        snprintf(e->why, sizeof e->why, "of this interface, port 67 is heard on %s alone: the relay has to ask that",
                 ear);
        return;
    }
    explain_note(&e->basis, "what is broadcast there is heard on %s, so that is the address that is told", ear);
    *local = list[i];
}

static int find_place(struct boot_explanation *e)
{
    static struct local_address list[ADDRESSES_MAX];
    struct local_address local = {.prefix_bits = 0};
    struct boot_arrival *arrival = &e->question.arrival;
    uint16_t port = arrival->address.port;
    size_t count = 0;
    int code = 0;

    interfaces_list(e->wish.is_v6 ? AF_INET6 : AF_INET, list, ADDRESSES_MAX, &count);
    if (e->wish.at != NULL)
        code = find_typed(e, list, count, &local);
    else if (count > 0)
        local = *choose(e, list, count);
    else
        code = verbs_complain(VERB_EXPLAIN, "no interface that is up has an address where machines may ask; say which "
                                            "it is to be, as in --on 10.1.0.2/24");
    if (code != 0)
        return code;
    if (port == BOOT_PORT_SERVER && local.interface_index != 0)
        go_to_ear(e, list, count, &local);
    arrival->address = local.address;
    arrival->address.port = port;
    arrival->prefix_bits = local.prefix_bits;
    arrival->interface_index = local.interface_index;
    arrival->source = source_of(e);
    arrival->is_client = access_admits(&e->basis.config, &arrival->source);
    arrival->server_duid = span_of(e->duid, sizeof e->duid);
    return 0;
}

/* -- the judgement ------------------------------------------------------------------------------------------------- */

static enum boot_file_state look(void *context, const char *file, const struct endpoint *client)
{
    const struct boot_explanation *e = context;

    return e->root != NULL ? bootfiles_look_once(&e->basis.config, e->root, file, client) : BOOT_FILE_ABSENT;
}

/* Whether there is a socket for it. */
static bool is_heard(struct boot_explanation *e)
{
    struct boot_ports ports = boot_lines_ports(&e->basis.config);

    if (e->basis.config.pxe == PXE_OFF && e->wish.is_v6)
        return true; /* the decision says that Pxe is off */
    if (e->wish.is_v6 && !ports.has_ipv6)
        snprintf(e->why, sizeof e->why, "PxeV6 is off, so nothing listens on IPv6");
    else if (boot_lines_are_wanted(&e->basis.config) && e->question.arrival.address.port == BOOT_PORT_SERVER &&
             !ports.has_67)
        snprintf(e->why, sizeof e->why, "PxePorts is 4011, so nothing listens on port 67");
    return e->why[0] == 0;
}

static bool is_elsewhere(const struct boot_decision *decision)
{
    const struct boot_rule *rule = decision->entry != NULL ? decision->entry : decision->choice.rule;

    if (decision->bootp_host != NULL)
        return !endpoint_is_unspecified(&decision->bootp_host->server);
    return rule != NULL && (rule->is_url || rule->has_server);
}

/* What TFTP would do with the file that it is told to load; for a client whose address was typed, for that. */
static void look_at_file(struct boot_explanation *e)
{
    const struct boot_decision *decision = &e->decision;
    const struct bootp_host *host = decision->bootp_host;
    const struct endpoint *client = host != NULL ? &host->address : &e->client;
    char to[ENDPOINT_TEXT_MAX] = "some client; --client ADDRESS asks for one";

    if (decision->file[0] == 0)
        return;
    if (is_elsewhere(decision)) {
        snprintf(e->file, sizeof e->file, "another server has it, and nobody looks whether it is there");
        return;
    }
    if (endpoint_is_unspecified(client))
        client = NULL;
    else
        endpoint_address_text(client, to);
    switch (look(e, decision->file, client)) {
    case BOOT_FILE_READABLE: snprintf(e->file, sizeof e->file, "it is there, and TFTP gives it to %s", to); break;
    case BOOT_FILE_ABSENT: snprintf(e->file, sizeof e->file, "it is not there"); break;
    default:
        snprintf(e->file, sizeof e->file,
                 "TFTP would not give it to %s; tftpd explain get FILE --client ADDRESS says which rule", to);
    }
}

/* What the running service remembers, and nobody else. */
static void note_marks(struct boot_explanation *e)
{
    const struct boot_rule *host = e->decision.choice.host;

    if (e->decision.reason == BOOT_WAITING)
        explain_note(&e->basis, "whether it was approved is known to the running service alone; see tftpd status");
    if (host != NULL && host->is_once)
        explain_note(&e->basis,
                     "taken as before its one boot; whether that is over is known to the running service alone");
}

static void conclude(struct boot_explanation *e)
{
    boot_decide(&e->question, &e->decision);
    e->is_decided = true;
    look_at_file(e);
    note_marks(e);
    if (e->outcome == EXPLAIN_BOOT_UNHEARD)
        return;
    if (e->decision.reply.size == 0) {
        e->outcome = EXPLAIN_BOOT_SILENT;
        snprintf(e->why, sizeof e->why, "%s", boot_reason_text(e->decision.reason));
    } else if (e->basis.config.pxe == PXE_WATCH) {
        e->outcome = EXPLAIN_BOOT_WATCHED;
        snprintf(e->why, sizeof e->why, "Pxe is watch, so nothing is sent; with answer it would be this");
    } else {
        e->outcome = EXPLAIN_BOOT_ANSWERED;
    }
}

static void open_root(struct boot_explanation *e)
{
    DWORD error = root_open(&e->root, e->basis.config.directory);

    if (error == 0)
        return;
    e->root = NULL;
    explain_note(&e->basis, "the start directory %.100s cannot be opened, so no file of it is there: %.100s",
                 e->basis.config.directory, text_of_error(error).text);
}

/* Returns 0, or EXIT_USAGE, which has been explained. */
static int make_request(struct boot_explanation *e)
{
    struct boot_problem problem;
    size_t size = e->wish.is_v6
                      ? boot_explain_encode6(&e->wish.machine, span_of(e->duid, sizeof e->duid), e->request, &problem)
                      : boot_explain_encode(&e->wish.machine, &e->client, e->request, &problem);

    e->question.datagram = span_of(e->request, size);
    return size > 0 ? 0 : verbs_complain(VERB_EXPLAIN, "%s", problem.text);
}

static int judge(struct boot_explanation *e)
{
    struct boot_problem problem;
    bool are_rules_good = boot_lines_read(&e->rules, &e->basis.config, &problem);

    bootself_name(&e->rules);
    bootself_make_duid(e->duid);
    int code = find_place(e);
    if (code == 0)
        code = make_request(e);
    if (code != 0)
        return code;
    e->outcome = EXPLAIN_BOOT_UNHEARD;
    if (!are_rules_good) {
        snprintf(e->why, sizeof e->why, "the boot parameters have no effect: %s", problem.text);
        explain_note(&e->basis, "a service that runs already goes on with what it had before");
        return 0;
    }
    if (is_heard(e))
        e->outcome = EXPLAIN_BOOT_SILENT;
    open_root(e);
    conclude(e);
    if (e->root != NULL)
        root_release(e->root);
    return 0;
}

int explain_boot_run(char **words)
{
    static struct boot_explanation e; /* some hundred kilobytes */

    if (words[0] == NULL || words[0][0] == '-')
        return verbs_complain(VERB_EXPLAIN, "the machine is missing: its MAC or its GUID stands behind boot, before "
                                            "options, as in \"explain boot 52:54:00:12:34:56 --machine x64\"");
    memset(&e, 0, sizeof e);
    e.basis.service = "tftpd";
    e.wish.name = words[0];
    e.question = (struct boot_question){.rules = &e.rules, .marks = &e.marks, .files = {look, &e}, .now_ms = 1};
    int code = read_words(&e, words + 1);
    if (code == 0)
        code = judge_wish(&e);
    if (code == 0)
        code = explain_load(&e.basis);
    if (code == 0)
        code = judge(&e);
    if (code != 0)
        return code;
    (e.basis.is_json ? explain_boot_print_json : explain_boot_print_text)(&e);
    return e.outcome == EXPLAIN_BOOT_ANSWERED ? EXPLAIN_SERVED : EXPLAIN_REFUSED;
}
