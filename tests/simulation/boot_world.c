#include "boot_world.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static const uint8_t dhcp_server[] = {10, 77, 0, 1};

void boot_fail(struct boot_world *world, const char *format, ...)
{
    va_list arguments;

    if (!world->is_bad) {
        printf("Boot seed %" PRIu64 ", at %" PRIu64 " ms: ", world->seed, world->now_ms);
        va_start(arguments, format);
        vprintf(format, arguments);
        va_end(arguments);
        printf(". See it: build/simulate/simulate boot %" PRIu64 "\n", world->seed);
    }
    world->is_bad = true;
}

uint32_t boot_random(struct boot_world *world, uint32_t bound)
{
    world->random = world->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(world->random >> 33) % bound;
}

static bool is_chance(struct boot_world *world, unsigned percent)
{
    return boot_random(world, 100) < percent;
}

/* -- the network -------------------------------------------------------------------------------------------------------- */

static void put(struct boot_world *world, const struct boot_datagram *datagram, uint64_t delay_ms)
{
    for (size_t i = 0; i < BOOT_FLYING_MAX; i++)
        if (!world->flying[i].is_flying) {
            world->flying[i] = *datagram;
            world->flying[i].is_flying = true;
            world->flying[i].due_ms = world->now_ms + delay_ms;
            return;
        }
}

void boot_send(struct boot_world *world, const struct boot_datagram *datagram)
{
    bool is_trouble = world->now_ms < BOOT_TROUBLE_MS;

    if (is_trouble && is_chance(world, world->loss_percent))
        return;
    for (int copies = is_trouble && is_chance(world, world->double_percent) ? 2 : 1; copies > 0; copies--)
        put(world, datagram, 1 + boot_random(world, is_trouble ? world->delay_max_ms : 1));
}

/* -- the companion -------------------------------------------------------------------------------------------------------- */

static enum boot_file_state look(void *context, const char *file, const struct endpoint *client)
{
    (void)context;
    (void)client;
    return strcmp(file, "absent") == 0 ? BOOT_FILE_ABSENT : BOOT_FILE_READABLE;
}

static void companion_hears(struct boot_world *world, const struct boot_datagram *datagram)
{
    static struct boot_decision decision;
    struct boot_arrival arrival = {.address = endpoint_ipv4(10, 77, 0, 2, datagram->to.port),
                                   .source = datagram->from,
                                   .prefix_bits = 24,
                                   .interface_index = 3,
                                   .is_client = true};
    struct span request = span_of(datagram->bytes, datagram->size);
    struct boot_datagram reply = {.is_ours = true, .from = arrival.address};

    boot_hear(&world->boot, &arrival, request, world->now_ms + 1, &decision);
    decision.is_sent = decision.reply.size > 0;
    boot_note(&world->boot, &decision, world->now_ms + 1);
    if (world->is_told)
        printf("%8" PRIu64 " companion: %s %s\n", world->now_ms, boot_reason_name(decision.reason), decision.file);
    boot_judge(world, &arrival, request, &decision);
    if (decision.reply.size == 0)
        return;
    reply.to = decision.reply.to;
    reply.size = decision.reply.size;
    memcpy(reply.bytes, decision.reply.bytes, reply.size);
    boot_send(world, &reply);
}

/* -- the DHCP server: an address for whoever asks, nothing about booting ---------------------------------------------------- */

static struct boot_client *owner_of(struct boot_world *world, const uint8_t *mac)
{
    for (size_t i = 0; i < world->count; i++)
        if (memcmp(world->clients[i].mac, mac, 6) == 0)
            return &world->clients[i];
    return NULL;
}

static void server_hears(struct boot_world *world, const struct boot_datagram *datagram)
{
    struct span request = span_of(datagram->bytes, datagram->size);
    struct boot_client *client = owner_of(world, datagram->bytes + 28);
    struct boot_datagram reply = {.from = endpoint_ipv4(10, 77, 0, 1, 67)};
    struct span message;
    struct ask ask;

    if (client == NULL || datagram->size < 240 || !ask_find(request, 53, &message))
        return;
    struct endpoint address = boot_client_address(world, client);
    uint8_t kind = message.bytes[0] == 1 ? 2 : 5;
    ask_begin(&ask, client->mac);
    ask.bytes[0] = 2;
    memcpy(ask.bytes + 4, datagram->bytes + 4, 4);
    memcpy(ask.bytes + 16, address.address + 12, 4);
    memcpy(ask.bytes + 24, datagram->bytes + 24, 4);
    ask_option(&ask, 53, &kind, 1);
    ask_option(&ask, 54, dhcp_server, sizeof dhcp_server);
    ask_end(&ask, 300);
    bool is_relayed = memcmp(datagram->bytes + 24, "\0\0\0\0", 4) != 0;
    reply.to = is_relayed ? endpoint_ipv4(10, 88, 0, 1, 67) : endpoint_ipv4(255, 255, 255, 255, 68);
    reply.size = ask.size;
    memcpy(reply.bytes, ask.bytes, ask.size);
    boot_send(world, &reply);
}

/* -- the relay -------------------------------------------------------------------------------------------------------------- */

/* From its clients to both servers, with option 82 (PXE.md 2.5). */
static void relay_forwards(struct boot_world *world, const struct boot_datagram *datagram)
{
    static const uint8_t agent[] = {1, 4, 'e', 't', 'h', '1'};
    static const uint8_t self[] = {10, 88, 0, 1};
    struct boot_datagram forwarded = *datagram;
    struct ask ask = {.size = datagram->size};

    memcpy(ask.bytes, datagram->bytes, datagram->size);
    ask.bytes[3]++;
    memcpy(ask.bytes + 24, self, sizeof self);
    while (ask.size > 241 && ask.bytes[ask.size - 1] == 0)
        ask.size--;
    ask_add(&ask, 82, agent, sizeof agent);
    if (ask.size < 300)
        ask.size = 300;
    forwarded.is_far = false;
    forwarded.from = endpoint_ipv4(10, 77, 0, 254, 67);
    forwarded.size = ask.size;
    memcpy(forwarded.bytes, ask.bytes, ask.size);
    forwarded.to = endpoint_ipv4(10, 77, 0, 2, 67);
    boot_send(world, &forwarded);
    forwarded.to = endpoint_ipv4(10, 77, 0, 1, 67);
    boot_send(world, &forwarded);
}

/* Back to its link; a reply of ours has to have its option 82 last. */
static void relay_hears(struct boot_world *world, const struct boot_datagram *datagram)
{
    struct boot_datagram inside = *datagram;
    struct span agent;

    if (datagram->is_ours && memcmp(datagram->bytes + 236, "\x63\x82\x53\x63", 4) == 0 &&
        ask_find(span_of(datagram->bytes, datagram->size), 53, &agent) &&
        (!ask_find(span_of(datagram->bytes, datagram->size), 82, &agent) || agent.size != 6 ||
         agent.bytes[agent.size] != 255))
        return; /* dhcrelay drops it */
    inside.is_far = true;
    inside.to = endpoint_ipv4(255, 255, 255, 255, 68);
    boot_send(world, &inside);
}

/* -- one datagram arrives ----------------------------------------------------------------------------------------------------- */

static void clients_hear(struct boot_world *world, const struct boot_datagram *datagram)
{
    struct span reply = span_of(datagram->bytes, datagram->size);

    for (size_t i = 0; i < world->count; i++) {
        struct boot_client *client = &world->clients[i];
        struct endpoint address = boot_client_address(world, client);
        bool is_meant = endpoint_is_broadcast(&datagram->to) ? client->is_relayed == datagram->is_far
                                                             : endpoint_same_address(&datagram->to, &address);
        if (is_meant)
            boot_client_on_reply(world, client, reply, datagram->from.port, datagram->to.port);
    }
}

static void arrive(struct boot_world *world, const struct boot_datagram *datagram)
{
    struct endpoint companion = endpoint_ipv4(10, 77, 0, 2, 0);
    struct endpoint server = endpoint_ipv4(10, 77, 0, 1, 0);
    struct endpoint relay = endpoint_ipv4(10, 88, 0, 1, 0);
    bool is_broadcast = endpoint_is_broadcast(&datagram->to);

    if (is_broadcast && datagram->to.port == 67 && datagram->is_far) {
        relay_forwards(world, datagram);
    } else if (is_broadcast && datagram->to.port == 67) {
        companion_hears(world, datagram);
        server_hears(world, datagram);
    } else if (endpoint_same_address(&datagram->to, &companion)) {
        companion_hears(world, datagram);
    } else if (endpoint_same_address(&datagram->to, &server)) {
        server_hears(world, datagram);
    } else if (endpoint_same_address(&datagram->to, &relay)) {
        relay_hears(world, datagram);
    } else {
        clients_hear(world, datagram);
    }
}

/* -- a world ------------------------------------------------------------------------------------------------------------------ */

static void add(struct boot_world *world, enum boot_list list, const char *line)
{
    struct boot_problem problem;

    if (!boot_rules_add(&world->rules, list, line, &problem))
        boot_fail(world, "%s", problem.text);
}

static void make_client(struct boot_world *world, struct boot_client *client)
{
    char line[96];
    char mac[18];
    uint8_t number = (uint8_t)(client - world->clients + 1);

    client->kind = (enum boot_kind)boot_random(world, KIND_COUNT);
    client->is_relayed = client->kind != KIND_BOOTP && boot_random(world, 4) == 0;
    memcpy(client->mac,
           client->kind == KIND_RASPBERRY_PI ? "\xdc\xa6\x32"
           : client->kind == KIND_BOOTP      ? "\x08\0\x20"
                                             : "\x52\x54\0",
           3);
    client->mac[5] = number;
    client->due_ms = boot_random(world, 5000);
    snprintf(mac, sizeof mac, "%02x:%02x:%02x:%02x:%02x:%02x", client->mac[0], client->mac[1], client->mac[2],
             client->mac[3], client->mac[4], client->mac[5]);
    if (client->kind == KIND_BOOTP) {
        snprintf(line, sizeof line, "%s = 10.77.0.%u file boot/sun", mac, 100u + number - 1u);
        add(world, BOOT_LIST_BOOTP, line);
    } else if (boot_random(world, 8) == 0) {
        client->is_ignored = true;
        snprintf(line, sizeof line, "%s = %s", mac, boot_random(world, 2) == 0 ? "ignore" : "wait");
        add(world, BOOT_LIST_HOSTS, line);
    } else if ((client->kind == KIND_EDK2_X64 || client->kind == KIND_INTEL) && boot_random(world, 3) == 0) {
        client->is_once = true;
        snprintf(line, sizeof line, "%s = once setup.efi", mac);
        add(world, BOOT_LIST_HOSTS, line);
    }
}

static void make_rules(struct boot_world *world)
{
    static const char *const lines[] = {"x64 = absent on 10.99.0.0/16",
                                        "x64 = x64.efi",
                                        "arm64 = arm64.efi",
                                        "x64-http = http://a/x.efi",
                                        "ipxe = boot.ipxe",
                                        "bios = pxelinux.0",
                                        "rpi = bootcode.bin"};

    boot_rules_init(&world->rules);
    world->rules.is_pxe_on = world->rules.is_bootp_on = true;
    world->rules.style = (uint8_t)boot_random(world, 3);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        add(world, BOOT_LIST_RULES, lines[i]);
    add(world, BOOT_LIST_MENU, "Network = answer");
    add(world, BOOT_LIST_MENU, "Disk = local");
    add(world, BOOT_LIST_RELAYS, "10.88.0.1");
}

static void make(struct boot_world *world)
{
    bool is_quiet = boot_random(world, 4) == 0;

    make_rules(world);
    world->loss_percent = is_quiet ? 0 : boot_random(world, 40);
    world->double_percent = is_quiet ? 0 : boot_random(world, 30);
    world->delay_max_ms = is_quiet ? 1 : 1 + boot_random(world, 1500);
    world->has_hostile = !is_quiet && boot_random(world, 2) == 0;
    world->count = 1 + boot_random(world, BOOT_CLIENTS_MAX);
    for (size_t i = 0; i < world->count; i++)
        make_client(world, &world->clients[i]);
    boot_init(&world->boot, &world->rules, (struct boot_files){look, world}, world->seed);
}

/* When something happens next. */
static uint64_t next_ms(const struct boot_world *world)
{
    uint64_t next = world->has_hostile && world->now_ms < BOOT_TROUBLE_MS ? world->hostile_due_ms : UINT64_MAX;

    for (size_t i = 0; i < BOOT_FLYING_MAX; i++)
        if (world->flying[i].is_flying && world->flying[i].due_ms < next)
            next = world->flying[i].due_ms;
    for (size_t i = 0; i < world->count; i++)
        if (world->clients[i].due_ms < next)
            next = world->clients[i].due_ms;
    return next;
}

static void step(struct boot_world *world)
{
    static struct boot_datagram arrived;

    for (size_t i = 0; i < BOOT_FLYING_MAX && !world->is_bad; i++)
        if (world->flying[i].is_flying && world->flying[i].due_ms <= world->now_ms) {
            arrived = world->flying[i];
            world->flying[i].is_flying = false;
            arrive(world, &arrived);
        }
    for (size_t i = 0; i < world->count; i++)
        if (world->clients[i].due_ms <= world->now_ms)
            boot_client_on_time(world, &world->clients[i]);
    if (world->has_hostile && world->now_ms < BOOT_TROUBLE_MS && world->hostile_due_ms <= world->now_ms) {
        boot_hostile_send(world);
        world->hostile_due_ms = world->now_ms + 1 + boot_random(world, 500);
    }
}

/* Every client that does no harm ended as its rule says. */
static void judge_ends(struct boot_world *world)
{
    for (size_t i = 0; i < world->count; i++) {
        const struct boot_client *client = &world->clients[i];
        const char *file = client->is_once ? "(disk)" : boot_kind_file(client->kind);
        bool is_loaded = client->state == STATE_LOADING;
        /* Whoever forges its MAC has answers sent to it, that it does not take. */
        bool hears_us = client->has_offer || (world->replies_to[i] > 0 && !world->has_hostile);
        if (client->kind == KIND_PLAIN || client->is_ignored) {
            if (hears_us)
                boot_fail(world, "client %u, %s, hears from us, and is not to", (unsigned)i,
                          boot_kind_name(client->kind));
        } else if (!is_loaded || strcmp(client->file, file) != 0 || (client->is_once && client->boots != 2)) {
            boot_fail(world, "client %u, %s, is %s with \"%s\" after %u boots, and not with \"%s\"", (unsigned)i,
                      boot_kind_name(client->kind), is_loaded ? "loading" : "not served", client->file, client->boots,
                      file);
        } else {
            world->statistics->booted++;
        }
    }
}

bool boot_run_seed(uint64_t seed, struct boot_statistics *statistics, bool is_told)
{
    static struct boot_world world;

    memset(&world, 0, sizeof world);
    world.seed = seed;
    world.random = seed * 0x9e3779b97f4a7c15u + 1;
    world.is_told = is_told;
    world.statistics = statistics;
    statistics->worlds++;
    make(&world);
    while (!world.is_bad && world.now_ms < BOOT_END_MS) {
        uint64_t next = next_ms(&world);
        if (next > BOOT_END_MS)
            break;
        world.now_ms = next > world.now_ms ? next : world.now_ms;
        step(&world);
    }
    if (!world.is_bad)
        judge_ends(&world);
    return !world.is_bad;
}

bool boot_run_coverage(const struct boot_statistics *statistics, bool only_gaps)
{
    static const enum boot_reason wanted[] = {
        BOOT_OFFERED,           BOOT_ACKNOWLEDGED, BOOT_SENT_TO_DISK, BOOT_GIVEN_ADDRESS, BOOT_MALFORMED,
        BOOT_NOT_A_REQUEST,     BOOT_NOT_PXE,      BOOT_OTHER_SERVER, BOOT_RELAY_REFUSED, BOOT_RELAY_IMPOSSIBLE,
        BOOT_SOURCE_IMPOSSIBLE, BOOT_IGNORED,      BOOT_WAITING,      BOOT_CLIENT_LIMIT};
    bool is_whole = true;

    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        bool is_met = statistics->reasons[wanted[i]] > 0;
        if (!is_met || !only_gaps)
            printf("%-20s %10" PRIu64 "%s\n", boot_reason_name(wanted[i]), statistics->reasons[wanted[i]],
                   is_met ? "" : "  never met");
        is_whole = is_whole && is_met;
    }
    return is_whole;
}
