#include "core/boot/bootp.h"
#include "core/boot/decide_parts.h"

static bool is_relayed(const struct dhcp4 *packet)
{
    return !endpoint_is_unspecified(&packet->giaddr);
}

/* Its network is that of the interface or relay which the request came by; without a length behind a relay nobody knows. */
static bool is_of_network(const struct bootp_host *host, const struct boot_arrival *arrival, const struct dhcp4 *packet)
{
    const struct endpoint *near = is_relayed(packet) ? &packet->giaddr : &arrival->address;
    unsigned bits = host->bits != 0 ? host->bits : arrival->prefix_bits;
    struct prefix network = prefix_of(&host->address, bits);

    return (host->bits == 0 && is_relayed(packet)) || prefix_contains(&network, near);
}

static enum boot_reason find_host(const struct boot_question *question, const struct dhcp4 *packet,
                                  struct boot_decision *decision)
{
    const struct boot_rules *rules = question->rules;
    enum boot_reason reason = BOOT_NOT_IN_TABLE;

    for (size_t i = 0; i < rules->bootp_host_count; i++) {
        const struct bootp_host *host = &rules->bootp_hosts[i];
        if (!who_is(&host->who, &decision->machine.identity))
            continue;
        reason = BOOT_OTHER_NETWORK;
        if (is_of_network(host, &question->arrival, packet)) {
            decision->bootp_host = host;
            return BOOT_NOTHING_AGAINST;
        }
    }
    return reason;
}

static bool is_word(struct span text, const char *word, size_t length)
{
    if (text.size != length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (ascii_lower((char)text.bytes[i]) != ascii_lower(word[i]))
            return false;
    return true;
}

/* Who names a server wants an answer from that one alone (RFC 951 section 7.3). */
static bool asks_us(const struct boot_question *question, const struct endpoint *next_server, struct span sname)
{
    const char *name = question->rules->server_name;
    char ours[ENDPOINT_TEXT_MAX];
    char next[ENDPOINT_TEXT_MAX];

    endpoint_address_text(&question->arrival.address, ours);
    endpoint_address_text(next_server, next);
    return sname.size == 0 || is_word(sname, name, strlen(name)) || is_word(sname, name, strcspn(name, ".")) ||
           is_word(sname, ours, strlen(ours)) || is_word(sname, next, strlen(next));
}

static const char *generic_file(const struct boot_rules *rules, struct span name)
{
    for (size_t i = 0; i < rules->bootp_file_count; i++) {
        const char *known = boot_text(rules, rules->bootp_files[i].name);
        if (is_word(name, known, strlen(known)))
            return boot_text(rules, rules->bootp_files[i].file);
    }
    return NULL;
}

/* Nothing, a generic name, or the name of a file itself (RFC 951 section 7.3). */
static enum boot_reason find_file(const struct boot_question *question, const struct dhcp4 *packet,
                                  struct boot_decision *decision)
{
    const struct bootp_host *host = decision->bootp_host;
    const char *generic = generic_file(question->rules, packet->file);
    struct span file = packet->file;

    if (file.size == 0)
        file = span_of_text(boot_text(question->rules, host->file));
    else if (generic != NULL)
        file = span_of_text(generic);
    if (file.size > BOOT_FILE_MAX)
        return BOOT_FILE_FORBIDDEN;
    memcpy(decision->file, file.bytes, file.size); /* behind it are zeros */
    /* Some want nothing but their address. */
    if (file.size == 0 || !endpoint_is_unspecified(&host->server))
        return BOOT_NOTHING_AGAINST;
    return decide_file(question, decision->file, &host->address);
}

/*
 * To its relay; to the address that it has already; else to all. RFC 951 section 10 would plant an ARP entry for the address it
 * is to get: Windows lets administrators alone do that, and every client takes a broadcast.
 */
static enum boot_reason address_reply(const struct boot_question *question, const struct dhcp4 *packet,
                                      struct boot_reply *reply)
{
    struct prefix ours = decide_network(question);

    if (is_relayed(packet)) {
        reply->to = packet->giaddr;
        reply->to.port = BOOT_PORT_SERVER;
    } else if (endpoint_is_unspecified(&packet->ciaddr)) {
        reply->to = endpoint_ipv4(255, 255, 255, 255, BOOT_PORT_CLIENT);
        reply->is_broadcast = true;
    } else {
        /* A forged address would have us send into another network. */
        if (!prefix_contains(&ours, &packet->ciaddr) || !decide_is_other_host(question, &packet->ciaddr))
            return BOOT_ADDRESS_IMPOSSIBLE;
        reply->to = packet->ciaddr;
        reply->to.port = BOOT_PORT_CLIENT;
    }
    return BOOT_NOTHING_AGAINST;
}

static uint8_t mask_bits(const struct bootp_host *host, const struct boot_arrival *arrival, const struct dhcp4 *packet)
{
    if (host->bits != 0)
        return host->bits;
    return is_relayed(packet) ? 0 : arrival->prefix_bits;
}

enum boot_reason decide_bootp(const struct boot_question *question, const struct dhcp4 *packet,
                              struct boot_decision *decision)
{
    if (!question->rules->is_bootp_on)
        return BOOT_BOOTP_OFF;
    enum boot_reason against = decide_interface(question);
    if (against == BOOT_NOTHING_AGAINST)
        against = is_relayed(packet) ? decide_relay(question, &packet->giaddr) : decide_neighbour(question);
    if (against == BOOT_NOTHING_AGAINST)
        against = find_host(question, packet, decision);
    if (against != BOOT_NOTHING_AGAINST)
        return against;
    const struct bootp_host *host = decision->bootp_host;
    struct bootp_answer answer = {
        .host = host,
        .next_server = endpoint_is_unspecified(&host->server) ? question->arrival.address : host->server,
        .file = decision->file,
        .mask_bits = mask_bits(host, &question->arrival, packet),
    };
    if (!asks_us(question, &answer.next_server, packet->sname))
        return BOOT_OTHER_NAME;
    against = find_file(question, packet, decision);
    if (against == BOOT_NOTHING_AGAINST)
        against = address_reply(question, packet, &decision->reply);
    if (against != BOOT_NOTHING_AGAINST)
        return against;
    answer.is_broadcast = decision->reply.is_broadcast;
    decision->reply.size =
        bootp_write(question->rules, &answer, packet, decision->reply.bytes, dhcp4_reply_room(packet, BOOT_REPLY_MAX));
    if (decision->reply.size == 0)
        return BOOT_TOO_LONG;
    if (host->who.kind == WHO_MAC && who_is_one(&host->who))
        decision->claim = MAC_BY_BOOTP;
    return BOOT_GIVEN_ADDRESS;
}
