/*
 * The boot companion for DHCPv4 and BOOTP: any rules, any circumstances, any datagram. The input is what boot_feed takes, a
 * source port, and the datagram. We are 10.77.0.2/24; the source is 10.77.0.100, or nobody on port 67.
 */
#include "boot_feed.h"

#include "core/boot/holders.h"

#include "tests/unit/boot_wire.h"

static const uint8_t us[] = {10, 77, 0, 2};

/* -- the request, by a second reading of the same bytes --------------------------------------------------------------- */

/* Where the options end, or 0 if one of them reaches beyond the datagram. Counts those with the tag. */
static size_t walk(struct span packet, uint8_t tag, unsigned *count)
{
    size_t place = 240;

    *count = 0;
    while (place < packet.size && packet.bytes[place] != 255) {
        if (packet.bytes[place] == 0) {
            place++;
            continue;
        }
        if (place + 1 == packet.size || place + 2 + packet.bytes[place + 1] > packet.size)
            return 0;
        *count += packet.bytes[place] == tag;
        place += 2 + (size_t)packet.bytes[place + 1];
    }
    return place;
}

static void check_reading(struct span datagram)
{
    static struct dhcp4 packet;
    unsigned count;

    if (!dhcp4_read(&packet, datagram))
        return;
    MUST(datagram.size >= 236 && datagram.bytes[2] <= 16 && (datagram.bytes[0] == 1 || datagram.bytes[0] == 2));
    MUST(memcmp(packet.chaddr, datagram.bytes + 28, 16) == 0 && packet.flags == read_u16(datagram.bytes + 10));
    if (!packet.has_cookie) {
        MUST(packet.message == DHCP4_BOOTP);
        return;
    }
    MUST(walk(datagram, 53, &count) > 0);
    if (count > 0) {
        struct span first;
        MUST(ask_find(datagram, 53, &first) && packet.message == (first.size > 0 ? first.bytes[0] : packet.message));
    }
    walk(datagram, 52, &count);
    if (count > 0)
        return;
    walk(datagram, 60, &count);
    MUST(dhcp4_has(&packet, DHCP4_CLASS) == (count > 0));
    walk(datagram, 82, &count);
    MUST(dhcp4_has(&packet, DHCP4_AGENT) == (count > 0));
}

/* -- the reply -------------------------------------------------------------------------------------------------------- */

static bool same_address(const uint8_t *bytes, const struct endpoint *address)
{
    return memcmp(bytes, address->address + 12, 4) == 0;
}

static void check_destination(const struct boot_scene *scene, const struct boot_decision *decision)
{
    const struct boot_reply *reply = &decision->reply;
    struct span datagram = scene->question.datagram;
    bool is_relayed = memcmp(datagram.bytes + 24, "\0\0\0\0", 4) != 0;

    if (scene->question.arrival.address.port == BOOT_PORT_PXE) {
        MUST(endpoint_equal(&reply->to, &scene->question.arrival.source) && !reply->is_broadcast);
        MUST(reply->to.port == 68 || reply->to.port >= 1024);
        return;
    }
    MUST(reply->is_broadcast == endpoint_is_broadcast(&reply->to));
    if (is_relayed) {
        bool is_admitted = false;
        for (size_t i = 0; i < scene->rules.relay_count; i++)
            is_admitted = is_admitted || prefix_contains(&scene->rules.relays[i], &reply->to);
        MUST(is_admitted && reply->to.port == 67 && same_address(datagram.bytes + 24, &reply->to));
    } else {
        MUST(reply->to.port == 68);
        MUST(reply->is_broadcast ||
             (decision->protocol == BOOT_BY_BOOTP && same_address(datagram.bytes + 12, &reply->to) &&
              memcmp(datagram.bytes + 12, us, 3) == 0));
    }
}

/* Everything up to the END; behind it zeros. */
static void check_options(struct span reply, struct span request)
{
    static const uint8_t allowed[] = {43, 53, 54, 60, 66, 67, 82, 97, 150, 209, 210, 211, 252};
    struct span agent;
    struct span echoed;
    unsigned count;
    size_t end = walk(reply, 0, &count);
    uint8_t last = 0;

    MUST(end > 0 && end < reply.size && reply.bytes[end] == 255);
    for (size_t i = end + 1; i < reply.size; i++)
        MUST(reply.bytes[i] == 0);
    for (size_t place = 240; place < end; place += 2 + (size_t)reply.bytes[place + 1]) {
        last = reply.bytes[place];
        MUST(memchr(allowed, last, sizeof allowed) != NULL);
        walk(reply, last, &count);
        MUST(count == 1 || last >= 66); /* a rule may set one of its options twice */
    }
    walk(request, 82, &count);
    if (count == 1 && ask_find(request, 82, &agent) && !ask_find(request, 52, &echoed))
        MUST(last == 82 && ask_find(reply, 82, &echoed) && echoed.size == agent.size &&
             memcmp(echoed.bytes, agent.bytes, agent.size) == 0);
}

/* Beside a DHCP server: never an address, whatever the rules say. */
static void check_proxy_reply(const struct boot_scene *scene, const struct boot_decision *decision)
{
    struct span reply = span_of(decision->reply.bytes, decision->reply.size);
    struct span request = scene->question.datagram;
    struct span data;
    unsigned count;

    MUST(scene->rules.is_pxe_on && memcmp(reply.bytes + 16, "\0\0\0\0", 4) == 0);
    MUST(memcmp(reply.bytes + 20, "\0\0\0\0", 4) != 0);
    check_options(reply, request);
    MUST(ask_find(reply, 54, &data) && data.size == 4 && memcmp(data.bytes, us, 4) == 0);
    MUST(ask_find(reply, 60, &data) && (data.size == 9 || data.size == 10));
    MUST(ask_find(reply, 53, &data) && (data.bytes[0] == 2 || data.bytes[0] == 5));
    walk(request, 57, &count);
    if (count == 0 && !ask_find(request, 52, &data))
        MUST(reply.size <= DHCP4_SIZE_OPEN);
    MUST(memchr(reply.bytes + 108, 0, 128) != NULL);
    if (decision->machine.is_ipxe && decision->choice.rule != NULL && decision->choice.rule->action == BOOT_FILE)
        MUST(decision->choice.rule->machines.is_ipxe);
}

static void check_bootp_reply(const struct boot_scene *scene, const struct boot_decision *decision)
{
    const struct bootp_host *host = decision->bootp_host;

    MUST(scene->rules.is_bootp_on && host != NULL && decision->reply.size == 300);
    MUST(same_address(decision->reply.bytes + 16, &host->address));
    MUST(memcmp(scene->question.datagram.bytes + 28, host->who.bytes, 6) == 0);
    MUST(scene->question.arrival.address.port == 67);
}

static void check_reply(const struct boot_scene *scene, const struct boot_decision *decision)
{
    const uint8_t *reply = decision->reply.bytes;
    const uint8_t *request = scene->question.datagram.bytes;

    MUST(decision->reply.size >= DHCP4_SIZE_MIN);
    MUST(reply[0] == 2 && request[0] == 1 && reply[1] == request[1] && reply[2] == request[2] && reply[3] == 0);
    MUST(memcmp(reply + 4, request + 4, 4) == 0 && memcmp(reply + 24, request + 24, 20) == 0);
    check_destination(scene, decision);
    if (decision->protocol == BOOT_BY_BOOTP)
        check_bootp_reply(scene, decision);
    else
        check_proxy_reply(scene, decision);
}

/* Whose address that is: said by a card that there can be, of an address that it can have where it asks from. */
static void check_claim(const struct boot_scene *scene, const struct boot_decision *decision)
{
    static struct holders holders;
    const struct endpoint *address = &decision->client;
    bool is_far = !endpoint_is_unspecified(&decision->relay);

    memset(&holders, 0, sizeof holders);
    holders_hear(&holders, decision, 1);
    if (decision->claim == MAC_UNKNOWN)
        return;
    MUST(decision->machine.identity.has_mac && (decision->machine.identity.mac[0] & 1) == 0);
    if (decision->claim == MAC_BY_BOOTP)
        address = &decision->bootp_host->address;
    else
        MUST(!endpoint_is_multicast(address) && !same_address(us, address));
    if (decision->claim == MAC_BY_DHCP && !is_far)
        MUST(memcmp(endpoint_ipv4_bytes(address), us, 3) == 0);
    MUST(decision->claim != MAC_BY_PXE || endpoint_equal(address, &scene->question.arrival.source));
    struct mac mac = holders_find(&holders, address, 2);
    MUST(mac.source == decision->claim && memcmp(mac.bytes, decision->machine.identity.mac, MAC_SIZE) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct boot_scene scene;
    static struct boot_decision decision;
    struct feed feed = {bytes, size};

    if (size > 4096)
        return 0;
    boot_feed(&scene, &feed);
    uint16_t port = feed_u16(&feed);
    bool is_pxe_port = scene.question.arrival.address.port == BOOT_PORT_PXE;
    scene.question.arrival.address = endpoint_ipv4(10, 77, 0, 2, is_pxe_port ? BOOT_PORT_PXE : BOOT_PORT_SERVER);
    scene.question.arrival.source = is_pxe_port ? endpoint_ipv4(10, 77, 0, 100, port) : endpoint_ipv4(0, 0, 0, 0, port);
    scene.question.arrival.prefix_bits = 24;
    scene.question.datagram = span_of(feed.bytes, feed.size);
    check_reading(scene.question.datagram);
    boot_decide(&scene.question, &decision);
    boot_check(&scene, &decision);
    check_claim(&scene, &decision);
    if (decision.reply.size > 0)
        check_reply(&scene, &decision);
    return 0;
}
