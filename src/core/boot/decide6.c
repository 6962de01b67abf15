#include "core/base/utf8.h"
#include "core/boot/decide_parts.h"
#include "core/dhcp/advert6.h"

#include <stdio.h>

/* One DHCPv6 request on its way to an answer. */
struct question6 {
    const struct boot_question *asked;
    struct dhcp6 packet;
    struct boot_asker asker;
    bool is_on_pxe_port;
};

static bool is_our_duid(const struct question6 *q)
{
    struct span asked = q->packet.server_id;
    struct span ours = q->asked->arrival.server_duid;

    return asked.size == ours.size && memcmp(asked.bytes, ours.bytes, ours.size) == 0;
}

/* -- is it for us ---------------------------------------------------------------------------------------------------- */

/*
 * A client of PXE says so in 16 and 61; firmware that only wants an address has neither. Port 4011 is asked by unicast, by
 * which INFORMATION-REQUEST must not come, and REQUEST names its server (RFC 8415 sections 16 and 16.4).
 */
static enum boot_reason judge_message(const struct question6 *q)
{
    const struct dhcp6 *packet = &q->packet;
    bool names_server = packet->server_id.bytes != NULL;

    if (packet->message == DHCP6_ADVERTISE || packet->message == DHCP6_REPLY || packet->message == DHCP6_RELAY_REPLY)
        return BOOT_NOT_A_REQUEST;
    if (q->asker.machine.asks == MACHINE_ASKS_NOTHING || packet->architectures.size < 2)
        return BOOT_NOT_PXE;
    if (packet->client_id.size == 0 && packet->message != DHCP6_INFORMATION)
        return BOOT_MALFORMED;
    if (names_server && !is_our_duid(q))
        return BOOT_OTHER_SERVER;
    if (packet->message == DHCP6_INFORMATION)
        return q->is_on_pxe_port ? BOOT_OTHER_MESSAGE : BOOT_NOTHING_AGAINST;
    if (!q->is_on_pxe_port)
        return packet->message == DHCP6_SOLICIT && !names_server ? BOOT_NOTHING_AGAINST : BOOT_OTHER_MESSAGE;
    if (q->asker.machine.asks != MACHINE_ASKS_PXE)
        return BOOT_NOT_PXE;
    if (packet->message != DHCP6_REQUEST || packet->relay_count > 0)
        return BOOT_OTHER_MESSAGE;
    return names_server ? BOOT_NOTHING_AGAINST : BOOT_OTHER_SERVER;
}

/* On 547 clients are neighbours, or a relay speaks for them. */
static enum boot_reason judge_sender(const struct question6 *q)
{
    const struct endpoint *source = &q->asked->arrival.source;
    enum boot_reason against = decide_interface(q->asked);

    if (against != BOOT_NOTHING_AGAINST)
        return against;
    if (q->packet.relay_count > 0)
        return decide_relay(q->asked, source);
    if (q->is_on_pxe_port)
        return decide_source(q->asked);
    return endpoint_is_link_local(source) && !endpoint_same_address(source, &q->asked->arrival.address)
               ? BOOT_NOTHING_AGAINST
               : BOOT_SOURCE_IMPOSSIBLE;
}

/* -- what it is told ------------------------------------------------------------------------------------------------- */

/* "tftp://[fd00::1]/boot/bootx64.efi". */
static void make_url(const struct endpoint *server, const char *file, char *url, size_t size)
{
    struct endpoint address = *server;
    char text[ENDPOINT_TEXT_MAX];

    address.scope = 0;
    snprintf(url, size, "tftp://[%s]/%s", endpoint_address_text(&address, text), file + strspn(file, "\\/"));
    for (char *c = strchr(url, '\\'); c != NULL; c = strchr(c, '\\'))
        *c = '/';
}

static void address_reply(const struct question6 *q, struct boot_reply *reply)
{
    reply->to = q->asked->arrival.source;
    if (q->packet.relay_count > 0)
        reply->to.port = BOOT_PORT_SERVER6;
    else if (!q->is_on_pxe_port)
        reply->to.port = BOOT_PORT_CLIENT6;
}

static enum boot_reason write_reply(const struct question6 *q, const struct boot_rule *rule,
                                    struct boot_decision *decision)
{
    bool is_http = q->asker.machine.asks == MACHINE_ASKS_HTTP;
    bool is_first = q->packet.message == DHCP6_SOLICIT;
    char url[sizeof decision->file] = "";
    struct advert6 advert = {
        .message = is_first ? DHCP6_ADVERTISE : DHCP6_REPLY,
        .is_http = is_http,
        .server_duid = q->asked->arrival.server_duid,
        .url = url,
    };

    if (rule->is_url)
        snprintf(url, sizeof url, "%s", decision->file);
    else
        make_url(rule->has_server ? &rule->server : &q->asked->arrival.address, decision->file, url, sizeof url);
    /* Whom the URL of an ADVERTISE names is asked on port 4011, and there only we know the answer. */
    if (is_first && !is_http && (rule->has_server || rule->is_url || decision->choice.style == BOOT_STYLE_BINL))
        url[0] = 0;
    address_reply(q, &decision->reply);
    decision->reply.size = advert6_write(&advert, &q->packet, decision->reply.bytes, BOOT_REPLY_MAX);
    if (decision->reply.size == 0)
        return BOOT_TOO_LONG;
    return is_first ? BOOT_OFFERED : BOOT_ACKNOWLEDGED;
}

static enum boot_reason answer(const struct question6 *q, struct boot_decision *decision)
{
    const struct boot_choice *choice = &decision->choice;
    const struct endpoint *source = &q->asked->arrival.source;
    enum boot_reason against = BOOT_NOTHING_AGAINST;

    if (choice->verdict == BOOT_VERDICT_SILENT)
        return (enum boot_reason)choice->reason;
    if (choice->verdict == BOOT_VERDICT_LOCAL)
        return BOOT_LOCAL_BY_SILENCE;
    const char *file = boot_text(q->asked->rules, choice->rule->file);
    utf8_copy(decision->file, sizeof decision->file, file);
    /* It will come by TFTP from another address than that of its link. */
    if (!choice->rule->is_url && !choice->rule->has_server)
        against = decide_file(q->asked, file, q->is_on_pxe_port && !endpoint_is_link_local(source) ? source : NULL);
    return against == BOOT_NOTHING_AGAINST ? write_reply(q, choice->rule, decision) : against;
}

/* -- from the datagram to the answer ---------------------------------------------------------------------------------- */

static void take_facts(struct question6 *q, struct boot_decision *decision)
{
    const struct boot_arrival *arrival = &q->asked->arrival;
    const struct dhcp6 *packet = &q->packet;
    struct identity identity = identity_of_duid(packet->client_id);

    decision->protocol = BOOT_BY_DHCP6;
    decision->message = packet->message;
    decision->is_on_pxe_port = q->is_on_pxe_port;
    decision->machine =
        machine_of(&identity, packet->class_id, packet->architectures, machine_says_ipxe(packet->user_class));
    decision->client = arrival->source;
    q->asker = (struct boot_asker){.machine = decision->machine, .is_ipv4 = false};
    q->asker.place =
        q->is_on_pxe_port && !endpoint_is_link_local(&arrival->source) ? arrival->source : arrival->address;
    if (q->is_on_pxe_port && packet->relay_count == 0)
        decision->claim = decide_claim(q->asked, decision);
    if (packet->relay_count > 0) {
        const struct dhcp6_relay *nearest = &packet->relays[packet->relay_count - 1];
        struct endpoint link = endpoint_of_ipv6(nearest->link, 0, 0);
        decision->relay = arrival->source;
        decision->client = endpoint_of_ipv6(nearest->peer, 0, 0);
        if (!endpoint_is_unspecified(&link))
            q->asker.place = link;
    }
}

enum boot_reason decide_dhcp6(const struct boot_question *question, struct boot_decision *decision)
{
    struct question6 q = {.asked = question, .is_on_pxe_port = question->arrival.address.port == BOOT_PORT_PXE};

    ASSERT(question->arrival.server_duid.size > 0 && question->arrival.server_duid.size <= DHCP6_DUID_MAX);
    if (!dhcp6_read(&q.packet, question->datagram))
        return BOOT_MALFORMED;
    take_facts(&q, decision);
    enum boot_reason against = judge_message(&q);
    if (against != BOOT_NOTHING_AGAINST)
        return against;
    if (!question->rules->is_pxe_on)
        return BOOT_PXE_OFF;
    against = judge_sender(&q);
    if (against != BOOT_NOTHING_AGAINST)
        return against;
    decision->choice = boot_match(question->rules, question->marks, &q.asker, question->now_ms);
    return answer(&q, decision);
}
