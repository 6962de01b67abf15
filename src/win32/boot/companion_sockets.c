#include "win32/boot/companion_parts.h"

#include "win32/net/portowner.h"
#include "win32/system/text.h"

#include <stdio.h>

/* -- what becomes of one ----------------------------------------------------------------------------------------------- */

static void become(struct running *running, struct boot_socket *socket, enum presence_state state, DWORD error)
{
    static const enum event_id events[PRESENCE_STATES] = {
        [PRESENCE_AWAITED] = EVENT_ADDRESS_AWAITED,   [PRESENCE_OPEN] = EVENT_BOOT_HEARS,
        [PRESENCE_TAKEN] = EVENT_BOOT_PORT_TAKEN,     [PRESENCE_FAILED] = EVENT_BOOT_LISTEN_FAILED,
        [PRESENCE_BROKEN] = EVENT_BOOT_LISTEN_FAILED,
    };
    char words[EVENT_DETAIL_MAX];
    const char *detail = words;

    if (!presence_becomes(&socket->presence, state) && state != PRESENCE_OPEN)
        return;
    if (state == PRESENCE_OPEN)
        detail = running->boot.is_watching ? "and not answered, as Pxe is watch" : "and answered";
    else if (state == PRESENCE_TAKEN)
        port_owner_text(socket->local.address.port, words, sizeof words);
    else
        snprintf(words, sizeof words, "%s", text_of_error(error).text);
    companion_tell(running->companion, events[state], &socket->local.address,
                   state == PRESENCE_BROKEN ? "in a moment" : "each minute", detail);
}

/* -- IPv6: one socket a port, in the group of DHCP's servers on each interface ---------------------------------------------- */

bool companion_is_ipv6(const struct boot_socket *socket)
{
    return socket->local.interface_index == 0;
}

const struct local_address *companion_ipv6_of(const struct running *running, uint32_t interface_index)
{
    for (size_t i = 0; i < running->ipv6_count; i++)
        if (running->ipv6[i].interface_index == interface_index)
            return &running->ipv6[i];
    return NULL;
}

static void join_all(struct running *running, struct boot_socket *socket)
{
    /* All_DHCP_Relay_Agents_and_Servers (RFC 8415 section 7.1). */
    static const struct endpoint servers = {.address = {0xff, 0x02, [13] = 1, [15] = 2}};

    if (!companion_is_ipv6(socket) || socket->presence.state != PRESENCE_OPEN)
        return;
    for (size_t i = 0; i < running->ipv6_count; i++)
        udp_join(&socket->udp, &servers, running->ipv6[i].interface_index);
}

/* -- open, close ------------------------------------------------------------------------------------------------------------ */

static DWORD open_udp(struct running *running, struct boot_socket *socket)
{
    const struct endpoint *address = &socket->local.address;

    if (companion_is_ipv6(socket))
        return udp_open_ipv6(&socket->udp, address->port, COMPANION_BUFFER, running->ready);
    if (address->port == BOOT_PORT_PXE)
        return udp_open_ipv4(&socket->udp, address, COMPANION_BUFFER, running->ready);
    return udp_open_broadcast(&socket->udp, address, COMPANION_BUFFER, running->ready);
}

static void try_to_open(struct running *running, struct boot_socket *socket, uint64_t now_ms)
{
    bool is_held = socket->presence.state == PRESENCE_TAKEN || socket->presence.state == PRESENCE_FAILED;
    uint32_t pace_ms = is_held ? COMPANION_RETRY_MS : COMPANION_AWAIT_MS;

    if (socket->presence.state == PRESENCE_OPEN || !presence_try(&socket->presence, now_ms, pace_ms))
        return;
    DWORD error = open_udp(running, socket);
    become(running, socket, udp_presence_after(error), error);
    join_all(running, socket);
}

void companion_broke(struct running *running, struct boot_socket *socket, DWORD error)
{
    udp_close(&socket->udp);
    become(running, socket, PRESENCE_BROKEN, error);
}

void companion_retry(struct running *running, uint64_t now_ms)
{
    for (size_t i = 0; i < running->socket_count; i++)
        try_to_open(running, &running->sockets[i], now_ms);
}

static void close_socket(struct boot_socket *socket)
{
    if (socket->presence.state == PRESENCE_OPEN)
        udp_close(&socket->udp);
}

void companion_close_sockets(struct running *running)
{
    for (size_t i = 0; i < running->socket_count; i++)
        close_socket(&running->sockets[i]);
    running->socket_count = 0;
}

/* -- which there are to be ----------------------------------------------------------------------------------------------- */

static bool is_same_place(const struct boot_socket *socket, const struct local_address *local)
{
    return endpoint_equal(&socket->local.address, &local->address) &&
           socket->local.interface_index == local->interface_index && socket->local.prefix_bits == local->prefix_bits;
}

static void want(struct running *running, const struct local_address *local, uint16_t port)
{
    struct local_address place = *local;

    place.address.port = port;
    for (size_t i = 0; i < running->socket_count; i++)
        if (is_same_place(&running->sockets[i], &place)) {
            running->sockets[i].is_wanted = true;
            return;
        }
    if (running->socket_count < COMPANION_SOCKETS_MAX)
        running->sockets[running->socket_count++] = (struct boot_socket){.local = place, .is_wanted = true};
}

/* Broadcasts come to each socket of an interface, so port 67 has one there; 4011 is asked by address, so each has one. */
static void want_all(struct running *running, const struct local_address *list, size_t count)
{
    const struct local_address *before = NULL;

    for (size_t i = 0; i < count; i++) {
        if (!boot_rules_admit(running->rules, &list[i].address))
            continue;
        if (running->ports.has_67 && (before == NULL || before->interface_index != list[i].interface_index))
            want(running, &list[i], BOOT_PORT_SERVER);
        if (running->ports.has_4011)
            want(running, &list[i], BOOT_PORT_PXE);
        before = &list[i];
    }
}

static void want_ipv6(struct running *running)
{
    static const struct local_address all = {.interface_index = 0};

    if (!running->ports.has_ipv6 || running->ipv6_count == 0)
        return;
    want(running, &all, BOOT_PORT_SERVER6);
    want(running, &all, BOOT_PORT_PXE);
}

static void close_unwanted(struct running *running, const char *why)
{
    size_t kept = 0;

    for (size_t i = 0; i < running->socket_count; i++) {
        struct boot_socket *socket = &running->sockets[i];
        if (socket->is_wanted) {
            if (kept != i)
                running->sockets[kept] = *socket;
            kept++;
            continue;
        }
        close_socket(socket);
        if (socket->presence.state == PRESENCE_OPEN)
            companion_tell(running->companion, EVENT_BOOT_DEAF, &socket->local.address, NULL, why);
    }
    running->socket_count = kept;
}

void companion_follow(struct running *running, uint64_t now_ms)
{
    struct local_address list[COMPANION_ADDRESSES_MAX];
    size_t count;

    /* What the system does not tell stays as it was. */
    if (!interfaces_list(AF_INET, list, COMPANION_ADDRESSES_MAX, &count) ||
        (running->ports.has_ipv6 &&
         !interfaces_list(AF_INET6, running->ipv6, COMPANION_ADDRESSES_MAX, &running->ipv6_count)))
        return;
    for (size_t i = 0; i < running->socket_count; i++)
        running->sockets[i].is_wanted = false;
    want_all(running, list, count);
    want_ipv6(running);
    close_unwanted(running, running->has_changed ? "the parameters say so" : "its address has gone");
    bool is_nowhere = running->socket_count == 0;
    if (is_nowhere && !running->is_nowhere_told)
        companion_tell(running->companion, EVENT_BOOT_NOWHERE, NULL, NULL, NULL);
    running->is_nowhere_told = is_nowhere;
    running->has_changed = false;
    companion_retry(running, now_ms);
    for (size_t i = 0; i < running->socket_count; i++)
        join_all(running, &running->sockets[i]);
}
