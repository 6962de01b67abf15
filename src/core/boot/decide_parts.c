#include "core/boot/decide_parts.h"

enum { FIRST = 12, LOOPBACK = 127, CLASS_E = 240, FREE_PORT_MIN = 1024 };

enum boot_reason decide_interface(const struct boot_question *question)
{
    const struct boot_rules *rules = question->rules;

    for (size_t i = 0; i < rules->interface_count; i++)
        if (prefix_contains(&rules->interfaces[i], &question->arrival.address))
            return BOOT_NOTHING_AGAINST;
    if (rules->interface_count > 0)
        return BOOT_OTHER_INTERFACE;
    return question->arrival.is_public ? BOOT_PUBLIC_NETWORK : BOOT_NOTHING_AGAINST;
}

/* Neither a host of its own nor one that anybody else is. */
static bool is_host(const struct endpoint *address)
{
    uint8_t first = address->address[FIRST];

    if (endpoint_is_unspecified(address) || endpoint_is_multicast(address))
        return false;
    return !endpoint_is_ipv4(address) || (first != 0 && first != LOOPBACK && first < CLASS_E);
}

enum boot_reason decide_relay(const struct boot_question *question, const struct endpoint *relay)
{
    const struct boot_rules *rules = question->rules;

    if (!is_host(relay) || endpoint_same_address(relay, &question->arrival.address))
        return BOOT_RELAY_IMPOSSIBLE;
    for (size_t i = 0; i < rules->relay_count; i++)
        if (prefix_contains(&rules->relays[i], relay))
            return BOOT_NOTHING_AGAINST;
    return BOOT_RELAY_REFUSED;
}

bool decide_is_link_local(const struct endpoint *address)
{
    return address->address[0] == 0xfe && (address->address[1] & 0xc0) == 0x80;
}

/* A port that servers send from would make two of them talk to each other for ever. */
enum boot_reason decide_source(const struct boot_question *question)
{
    const struct endpoint *source = &question->arrival.source;
    uint16_t client_port = endpoint_is_ipv4(source) ? BOOT_PORT_CLIENT : BOOT_PORT_CLIENT6;
    bool is_client_port = source->port == client_port || source->port >= FREE_PORT_MIN; /* 4011 is one of these */

    if (!is_client_port || !is_host(source) || endpoint_same_address(source, &question->arrival.address))
        return BOOT_SOURCE_IMPOSSIBLE;
    /* An address of the link says nothing: by TFTP it will come from another one. */
    return question->arrival.is_client || decide_is_link_local(source) ? BOOT_NOTHING_AGAINST : BOOT_NOT_A_CLIENT;
}

enum boot_reason decide_file(const struct boot_question *question, const char *file, const struct endpoint *client)
{
    switch (question->files.look(question->files.context, file, client)) {
    case BOOT_FILE_READABLE: return BOOT_NOTHING_AGAINST;
    case BOOT_FILE_ABSENT: return BOOT_FILE_MISSING;
    default: return BOOT_FILE_FORBIDDEN;
    }
}
