/*
 * The boot companion for DHCPv6: any rules, any circumstances, any datagram. The input is what boot_feed takes, a byte that
 * chooses the source, its port, and the datagram. We are fd77::2.
 */
#include "boot_feed.h"

#include "core/dhcp/dhcp6.h"

static const uint8_t our_duid[] = {0, 3, 0, 1, 2, 0, 0, 0, 0, 1};

/* One option after another of a message of ours, which is whole. */
static struct span find(struct span options, unsigned code, unsigned *count)
{
    struct span found = span_of(NULL, 0);

    *count = 0;
    for (size_t place = 0; place < options.size;) {
        MUST(place + 4 <= options.size && place + 4 + read_u16(options.bytes + place + 2) <= options.size);
        size_t size = read_u16(options.bytes + place + 2);
        if (read_u16(options.bytes + place) == code) {
            found = span_of(options.bytes + place + 4, size);
            (*count)++;
        }
        place += 4 + size;
    }
    return found;
}

static bool same(struct span a, struct span b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.bytes, b.bytes, a.size) == 0);
}

/* As many envelopes as the request had, each with what it had; what is in them. */
static struct span unwrap(struct span reply, const struct dhcp6 *request)
{
    unsigned count;

    for (size_t i = 0; i < request->relay_count; i++) {
        const struct dhcp6_relay *relay = &request->relays[i];
        MUST(reply.size >= 34 && reply.bytes[0] == 13 && reply.bytes[1] == relay->hops);
        MUST(memcmp(reply.bytes + 2, relay->link, 16) == 0 && memcmp(reply.bytes + 18, relay->peer, 16) == 0);
        struct span options = span_of(reply.bytes + 34, reply.size - 34);
        struct span id = find(options, 18, &count);
        MUST(count == (relay->interface_id.bytes != NULL) && same(id, relay->interface_id));
        reply = find(options, 9, &count);
        MUST(count == 1);
    }
    return reply;
}

static void check_message(struct span message, const struct dhcp6 *request, const struct boot_decision *decision)
{
    static const uint8_t addresses[] = {3, 4, 5, 25, 26};
    unsigned count;

    MUST(message.size >= 4 && message.bytes[0] == (request->message == DHCP6_SOLICIT ? 2 : 7));
    MUST(memcmp(message.bytes + 1, request->transaction, 3) == 0);
    struct span options = span_of(message.bytes + 4, message.size - 4);
    for (size_t i = 0; i < sizeof addresses; i++) {
        find(options, addresses[i], &count);
        MUST(count == 0);
    }
    MUST(same(find(options, 1, &count), request->client_id) && count == (request->client_id.bytes != NULL));
    MUST(same(find(options, 2, &count), span_of(our_duid, sizeof our_duid)) && count == 1);
    find(options, 16, &count);
    MUST(count == 1);
    struct span url = find(options, 59, &count);
    MUST(count <= 1 && (count == 0 || url.size > 7));
    MUST(count == 1 || request->message == DHCP6_SOLICIT);
    MUST(!decision->machine.is_ipxe || decision->choice.rule->machines.is_ipxe);
}

static void check_reply(const struct boot_scene *scene, const struct boot_decision *decision)
{
    static struct dhcp6 request;
    const struct boot_reply *reply = &decision->reply;
    const struct boot_arrival *arrival = &scene->question.arrival;

    MUST(dhcp6_read(&request, scene->question.datagram) && scene->rules.is_pxe_on);
    MUST(request.architectures.size >= 2 && request.class_id.size >= 9);
    MUST(endpoint_same_address(&reply->to, &arrival->source) && !reply->is_broadcast);
    if (request.relay_count > 0) {
        bool is_admitted = false;
        for (size_t i = 0; i < scene->rules.relay_count; i++)
            is_admitted = is_admitted || prefix_contains(&scene->rules.relays[i], &arrival->source);
        MUST(is_admitted && reply->to.port == 547);
    } else if (arrival->address.port == BOOT_PORT_PXE) {
        MUST(reply->to.port == arrival->source.port);
    } else {
        MUST(reply->to.port == 546 && arrival->source.address[0] == 0xfe);
    }
    check_message(unwrap(span_of(reply->bytes, reply->size), &request), &request, decision);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const sources[] = {"fe80::9%3", "fd99::1", "fd77::100", "ff02::1", "fd77::2", "::"};
    static struct boot_scene scene;
    static struct boot_decision decision;
    struct feed feed = {bytes, size};

    if (size > 4096)
        return 0;
    boot_feed(&scene, &feed);
    struct boot_arrival *arrival = &scene.question.arrival;
    uint16_t port = arrival->address.port;
    MUST(endpoint_parse_address(&arrival->address, span_of_text("fd77::2")));
    MUST(endpoint_parse_address(&arrival->source, span_of_text(sources[feed_below(&feed, 6)])));
    arrival->address.port = port == BOOT_PORT_PXE ? port : BOOT_PORT_SERVER6;
    arrival->source.port = feed_u16(&feed);
    arrival->prefix_bits = 64;
    arrival->server_duid = span_of(our_duid, sizeof our_duid);
    scene.question.datagram = span_of(feed.bytes, feed.size);
    boot_decide(&scene.question, &decision);
    boot_check(&scene, &decision);
    if (decision.reply.size > 0)
        check_reply(&scene, &decision);
    return 0;
}
