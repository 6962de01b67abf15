/*
 * What must hold for each decision, read from the bytes apart from the core; and the packets of somebody who means harm.
 */
#include "boot_world.h"

static bool starts_with(struct span span, const char *word)
{
    return span.size >= strlen(word) && memcmp(span.bytes, word, strlen(word)) == 0;
}

/* Options lie within the packet; ask_find wants that. */
static bool is_whole(struct span packet)
{
    size_t place = 240;

    while (place < packet.size && packet.bytes[place] != 255) {
        if (packet.bytes[place] == 0) {
            place++;
            continue;
        }
        if (place + 1 == packet.size || place + 2 + packet.bytes[place + 1] > packet.size)
            return false;
        place += 2 + (size_t)packet.bytes[place + 1];
    }
    return true;
}

static void judge_proxy_reply(struct boot_world *world, struct span request, struct span reply)
{
    static const uint8_t never[] = {1, 3, 6, 12, 15, 28, 42, 50, 51, 52, 58, 59};
    struct span data;

    if (memcmp(reply.bytes + 16, "\0\0\0\0", 4) != 0)
        boot_fail(world, "a proxy gives an address");
    for (size_t i = 0; i < sizeof never; i++)
        if (ask_find(reply, never[i], &data))
            boot_fail(world, "a proxy sends option %u", never[i]);
    if (!ask_find(request, 57, &data) && !ask_find(request, 52, &data) && reply.size > 548)
        boot_fail(world, "%u bytes to a client that takes 548", (unsigned)reply.size);
    if (!ask_find(request, 60, &data) || !(starts_with(data, "PXEClient") || starts_with(data, "HTTPClient")))
        if (!ask_find(request, 52, &data))
            boot_fail(world, "an answer to a client that is not ours");
    if (!ask_find(reply, 54, &data) || memcmp(data.bytes, "\x0a\x4d\0\2", 4) != 0)
        boot_fail(world, "an answer without our name");
}

static void judge_way(struct boot_world *world, const struct boot_arrival *arrival, struct span request,
                      const struct boot_reply *reply)
{
    struct endpoint relay = endpoint_ipv4(10, 88, 0, 1, 67);
    bool is_relayed = memcmp(request.bytes + 24, "\0\0\0\0", 4) != 0;

    if (arrival->address.port == 4011) {
        if (!endpoint_equal(&reply->to, &arrival->source))
            boot_fail(world, "an answer from 4011 goes elsewhere than it came from");
        if (endpoint_is_multicast(&reply->to) || (reply->to.port < 1024 && reply->to.port != 68))
            boot_fail(world, "an answer to a forged source");
    } else if (is_relayed) {
        if (!endpoint_equal(&reply->to, &relay))
            boot_fail(world, "an answer to a relay that was not admitted");
    } else if (!reply->is_broadcast || reply->to.port != 68) {
        boot_fail(world, "an answer to one that has no address is no broadcast");
    }
}

static void count_replies(struct boot_world *world, struct span request)
{
    for (size_t i = 0; i < world->count; i++)
        if (memcmp(request.bytes + 28, world->clients[i].mac, 6) == 0 &&
            ++world->replies_to[i] > BOOT_CLIENT_BURST + BOOT_CLIENT_PER_SECOND * (world->now_ms / 1000 + 1))
            boot_fail(world, "client %u has more than %u replies a second", (unsigned)i, BOOT_CLIENT_PER_SECOND);
}

void boot_judge(struct boot_world *world, const struct boot_arrival *arrival, struct span request,
                const struct boot_decision *decision)
{
    struct span reply = span_of(decision->reply.bytes, decision->reply.size);
    struct span data;

    world->statistics->requests++;
    world->statistics->reasons[decision->reason]++;
    if (boot_reason_answers(decision->reason) != (reply.size > 0))
        boot_fail(world, "%s and %u bytes", boot_reason_name(decision->reason), (unsigned)reply.size);
    if (reply.size == 0)
        return;
    bool has_cookie = request.size >= 240 && memcmp(request.bytes + 236, "\x63\x82\x53\x63", 4) == 0;
    if (request.size < 236 || request.bytes[0] != 1 || request.bytes[2] > 16 || (has_cookie && !is_whole(request)))
        boot_fail(world, "an answer to a packet that is none");
    if (reply.size < 300 || reply.size > 1024 || reply.bytes[0] != 2)
        boot_fail(world, "a reply of %u bytes", (unsigned)reply.size);
    if (memcmp(reply.bytes + 4, request.bytes + 4, 4) != 0 || memcmp(reply.bytes + 24, request.bytes + 24, 20) != 0)
        boot_fail(world, "a reply to another request");
    bool is_proxy = has_cookie && ask_find(reply, 53, &data);
    if (is_proxy)
        judge_proxy_reply(world, request, reply);
    else if (memcmp(reply.bytes + 28, "\x08\x00\x20", 3) != 0 || (has_cookie && ask_find(request, 53, &data)))
        boot_fail(world, "an address for a machine that did not ask for one by BOOTP, or that the table does not have");
    bool takes_address = is_proxy && arrival->address.port == 67 && ask_find(request, 53, &data) &&
                         data.bytes[0] == 3 && !ask_find(request, 43, &data) && !ask_find(request, 52, &data);
    if (takes_address)
        boot_fail(world, "a REQUEST to the DHCP server is answered");
    judge_way(world, arrival, request, &decision->reply);
    count_replies(world, request);
}

/* -- somebody hostile -------------------------------------------------------------------------------------------------- */

static void spoil(struct boot_world *world, struct boot_datagram *datagram)
{
    for (unsigned flips = boot_random(world, 4); flips > 0; flips--)
        datagram->bytes[boot_random(world, (uint32_t)datagram->size)] ^= (uint8_t)(1u << boot_random(world, 8));
    if (boot_random(world, 8) == 0)
        datagram->size = boot_random(world, (uint32_t)datagram->size);
}

void boot_hostile_send(struct boot_world *world)
{
    static const uint8_t relays[][4] = {
        {10, 88, 0, 1}, {8, 8, 8, 8}, {127, 0, 0, 1}, {10, 77, 0, 2}, {255, 255, 255, 255}};
    static const uint16_t ports[] = {67, 69, 53, 68, 4011, 30000};
    struct boot_datagram datagram = {.from = endpoint_ipv4(10, 77, 0, 66, ports[boot_random(world, 6)])};
    uint8_t mac[6] = {0x66, 0x66, 0x66, 0, 0, (uint8_t)boot_random(world, UINT32_MAX)};
    bool is_4011 = boot_random(world, 2) == 0;
    enum ask_client client = (enum ask_client)boot_random(world, ASK_CLIENTS);
    struct ask ask;

    if (is_4011)
        ask_4011(&ask, client);
    else
        ask_dhcp(&ask, client, boot_random(world, 3) == 0 ? 3 : 1);
    memcpy(ask.bytes + 28, mac, sizeof mac);
    /* In the name of a client, whose limit he shares then; but he may not begin its one boot. */
    const struct boot_client *victim = &world->clients[boot_random(world, (uint32_t)world->count)];
    if (!victim->is_once && victim->kind != KIND_PLAIN && boot_random(world, 4) == 0)
        memcpy(ask.bytes + 28, victim->mac, sizeof mac);
    if (boot_random(world, 2) == 0)
        memcpy(ask.bytes + 24, relays[boot_random(world, 5)], 4);
    if (boot_random(world, 8) == 0)
        ask.bytes[0] = 2;
    if (boot_random(world, 4) == 0)
        datagram.from = endpoint_ipv4(224, 0, 0, 1, 68);
    datagram.to = endpoint_ipv4(10, 77, 0, 2, is_4011 ? 4011 : 67);
    datagram.size = ask.size;
    memcpy(datagram.bytes, ask.bytes, ask.size);
    spoil(world, &datagram);
    /* Sometimes more of one than anybody needs. */
    for (int copies = boot_random(world, 16) == 0 ? 3 * BOOT_CLIENT_BURST : 1; copies > 0; copies--)
        boot_send(world, &datagram);
}
