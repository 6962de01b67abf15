#include "core/boot/decide_parts.h"

enum { LOOPBACK = 127, CLASS_E = 240, FREE_PORT_MIN = 1024 };

enum boot_reason decide_interface(const struct boot_question *question)
{
    return boot_rules_admit(question->rules, &question->arrival.address) ? BOOT_NOTHING_AGAINST : BOOT_OTHER_INTERFACE;
}

struct prefix decide_network(const struct boot_question *question)
{
    return prefix_of(&question->arrival.address, question->arrival.prefix_bits);
}

bool decide_is_other_host(const struct boot_question *question, const struct endpoint *address)
{
    uint8_t first = endpoint_ipv4_bytes(address)[0];
    struct prefix ours = decide_network(question);

    if (endpoint_is_unspecified(address) || endpoint_is_multicast(address) || prefix_is_broadcast(&ours, address) ||
        endpoint_same_address(address, &question->arrival.address))
        return false;
    return !endpoint_is_ipv4(address) || (first != 0 && first != LOOPBACK && first < CLASS_E);
}

enum boot_reason decide_relay(const struct boot_question *question, const struct endpoint *relay)
{
    const struct boot_rules *rules = question->rules;

    if (!decide_is_other_host(question, relay))
        return BOOT_RELAY_IMPOSSIBLE;
    for (size_t i = 0; i < rules->relay_count; i++)
        if (prefix_contains(&rules->relays[i], relay))
            return BOOT_NOTHING_AGAINST;
    return BOOT_RELAY_REFUSED;
}

/* A request from far away would have us fill the link with broadcasts, or hand an address to nobody. */
enum boot_reason decide_neighbour(const struct boot_question *question)
{
    const struct endpoint *source = &question->arrival.source;
    struct prefix ours = decide_network(question);

    return endpoint_is_unspecified(source) || prefix_contains(&ours, source) ? BOOT_NOTHING_AGAINST
                                                                             : BOOT_SOURCE_IMPOSSIBLE;
}

/* A port that servers send from would make two of them talk to each other for ever. */
enum boot_reason decide_source(const struct boot_question *question)
{
    const struct endpoint *source = &question->arrival.source;
    uint16_t client_port = endpoint_is_ipv4(source) ? BOOT_PORT_CLIENT : BOOT_PORT_CLIENT6;
    bool is_client_port = source->port == client_port || source->port >= FREE_PORT_MIN; /* 4011 is one of these */

    if (!is_client_port || !decide_is_other_host(question, source))
        return BOOT_SOURCE_IMPOSSIBLE;
    /* An address of the link says nothing: by TFTP it will come from another one. */
    return question->arrival.is_client || endpoint_is_link_local(source) ? BOOT_NOTHING_AGAINST : BOOT_NOT_A_CLIENT;
}

enum mac_source decide_claim(const struct boot_question *question, const struct boot_decision *decision)
{
    const struct identity *identity = &decision->machine.identity;
    struct prefix ours = decide_network(question);

    if (!identity->has_mac || !mac_is_of_card(identity->mac) || !decide_is_other_host(question, &decision->client))
        return MAC_UNKNOWN;
    if (question->arrival.address.port == BOOT_PORT_PXE)
        return decide_source(question) == BOOT_NOTHING_AGAINST ? MAC_BY_PXE : MAC_UNKNOWN;
    if (!endpoint_is_unspecified(&decision->relay))
        return decide_relay(question, &decision->relay) == BOOT_NOTHING_AGAINST ? MAC_BY_DHCP : MAC_UNKNOWN;
    return decide_neighbour(question) == BOOT_NOTHING_AGAINST && prefix_contains(&ours, &decision->client)
               ? MAC_BY_DHCP
               : MAC_UNKNOWN;
}

enum boot_reason decide_file(const struct boot_question *question, const char *file, const struct endpoint *client)
{
    switch (question->files.look(question->files.context, file, client)) {
    case BOOT_FILE_READABLE: return BOOT_NOTHING_AGAINST;
    case BOOT_FILE_ABSENT: return BOOT_FILE_MISSING;
    default: return BOOT_FILE_FORBIDDEN;
    }
}
