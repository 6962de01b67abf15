/*
 * The clients of PXE.md 4.1, as far as a proxy sees them: when they ask, what they take for an offer, where they go then.
 */
#include "boot_world.h"

#include <stdio.h>

static const struct {
    const char *name;
    const char *file;
    enum ask_client packets;
    uint32_t windows_ms[4]; /* for offers */
    uint32_t asks_ms[5];    /* between requests on 4011; 0: it gives up */
    uint16_t source_port;   /* on 4011 */
    bool needs_server_id;   /* EDK2 drops an offer without option 54 */
    bool needs_next_server; /* iPXE asks nobody where siaddr is 0 */
    bool takes_bare_file;   /* iPXE loads a file without option 43 */
} kinds[KIND_COUNT] = {
    [KIND_EDK2_X64] = {"EDK2 x64",
                       "x64.efi",
                       ASK_EDK2_X64,
                       {4000, 8000, 16000, 32000},
                       {1000, 2000, 3000, 4000, 0},
                       4011,
                       true,
                       false,
                       false},
    [KIND_EDK2_ARM64] = {"EDK2 ARM64",
                         "arm64.efi",
                         ASK_EDK2_ARM64,
                         {4000, 8000, 16000, 32000},
                         {1000, 2000, 3000, 4000, 0},
                         4011,
                         true,
                         false,
                         false},
    [KIND_HTTP] = {"EDK2 HTTP", "http://a/x.efi", ASK_EDK2_HTTP, {4000, 8000, 16000, 32000}, {0}, 0, true, false, true},
    [KIND_IPXE] =
        {"iPXE", "boot.ipxe", ASK_IPXE_X64, {3000, 3000, 4000, 8000}, {250, 250, 500, 1000, 0}, 68, false, true, true},
    [KIND_INTEL] = {"Intel ROM",
                    "pxelinux.0",
                    ASK_INTEL,
                    {4000, 8000, 16000, 32000},
                    {1000, 2000, 3000, 4000, 0},
                    68,
                    true,
                    true,
                    false},
    [KIND_RASPBERRY_PI] =
        {"Raspberry Pi", "bootcode.bin", ASK_RASPBERRY_PI, {3000, 3000, 3000, 3000}, {0}, 0, true, false, true},
    [KIND_BOOTP] = {"BOOTP", "boot/sun", ASK_PLAIN_DHCP, {1000, 2000, 4000, 8000}, {0}, 0, false, false, true},
    [KIND_PLAIN] = {"plain DHCP", "", ASK_PLAIN_DHCP, {2000, 4000, 8000, 16000}, {0}, 0, false, false, false},
};

const char *boot_kind_name(enum boot_kind kind)
{
    return kinds[kind].name;
}

const char *boot_kind_file(enum boot_kind kind)
{
    return kinds[kind].file;
}

struct endpoint boot_client_address(const struct boot_world *world, const struct boot_client *client)
{
    uint8_t number = (uint8_t)(100 + (client - world->clients));

    return client->is_relayed ? endpoint_ipv4(10, 88, 0, number, 0) : endpoint_ipv4(10, 77, 0, number, 0);
}

/* -- what it sends ---------------------------------------------------------------------------------------------------- */

static void launch(struct boot_world *world, const struct boot_client *client, struct ask *ask,
                   const struct boot_datagram *way)
{
    struct boot_datagram datagram = *way;

    memcpy(ask->bytes + 28, client->mac, 6);
    write_u16(ask->bytes + 4, (uint16_t)(client->xid >> 16));
    write_u16(ask->bytes + 6, (uint16_t)client->xid);
    datagram.is_far = client->is_relayed;
    datagram.size = ask->size;
    memcpy(datagram.bytes, ask->bytes, ask->size);
    boot_send(world, &datagram);
}

static void broadcast(struct boot_world *world, const struct boot_client *client, uint8_t message)
{
    struct boot_datagram way = {.from = endpoint_ipv4(0, 0, 0, 0, 68), .to = endpoint_ipv4(255, 255, 255, 255, 67)};
    struct ask ask;

    if (client->kind == KIND_BOOTP)
        ask_bootp(&ask, client->mac, true);
    else
        ask_dhcp(&ask, kinds[client->kind].packets, message);
    launch(world, client, &ask, &way);
}

static void ask_4011_now(struct boot_world *world, const struct boot_client *client)
{
    struct endpoint address = boot_client_address(world, client);
    struct boot_datagram way = {.from = address, .to = endpoint_ipv4(10, 77, 0, 2, 4011)};
    uint8_t item[] = {71, 4, 0, 0, 0, 0, 255};
    struct ask ask;

    way.from.port = kinds[client->kind].source_port;
    ask_4011(&ask, kinds[client->kind].packets);
    ask_address(&ask, 12, address.address[12], address.address[13], address.address[14], address.address[15]);
    write_u16(item + 2, client->item);
    if (client->has_item) {
        while (ask.bytes[ask.size - 1] != 255)
            ask.size--;
        ask_add(&ask, 43, item, sizeof item);
    }
    launch(world, client, &ask, &way);
}

/* -- its clock --------------------------------------------------------------------------------------------------------- */

static void go(struct boot_world *world, struct boot_client *client, enum boot_state state, uint64_t wait_ms)
{
    client->state = state;
    client->due_ms = world->now_ms + wait_ms;
}

void boot_client_switch_on(struct boot_world *world, struct boot_client *client)
{
    client->xid = boot_random(world, UINT32_MAX);
    client->tries = 0;
    client->has_address = client->has_offer = client->is_direct = client->has_item = false;
    client->file[0] = 0;
    broadcast(world, client, 1);
    go(world, client, STATE_DISCOVERING, kinds[client->kind].windows_ms[0]);
}

static void load(struct boot_world *world, struct boot_client *client)
{
    client->boots++;
    if (client->is_once && client->boots == 1 && strcmp(client->file, "setup.efi") != 0)
        boot_fail(world, "%s has \"%s\" in its one boot", kinds[client->kind].name, client->file);
    /* One that may boot once is switched on again when that boot is over. */
    go(world, client, STATE_LOADING, client->is_once && client->boots == 1 ? BOOT_ONCE_MS + 60000 : UINT64_MAX / 2);
}

static void ask_or_give_up(struct boot_world *world, struct boot_client *client)
{
    uint32_t wait_ms = kinds[client->kind].asks_ms[client->tries];

    if (wait_ms == 0) {
        go(world, client, STATE_GIVEN_UP, 5000);
        return;
    }
    ask_4011_now(world, client);
    client->tries++;
    go(world, client, STATE_ASKING, wait_ms);
}

/* The window for offers is over. */
static void choose(struct boot_world *world, struct boot_client *client)
{
    bool is_served = client->kind == KIND_BOOTP ? client->has_offer : client->has_address && client->has_offer;

    if (client->kind == KIND_BOOTP && is_served) {
        load(world, client);
    } else if (is_served || (client->kind == KIND_PLAIN && client->has_address)) {
        broadcast(world, client, 3);
        go(world, client, STATE_TAKING, 4000);
    } else if (++client->tries == 4) {
        go(world, client, STATE_GIVEN_UP, 5000);
    } else {
        broadcast(world, client, 1);
        go(world, client, STATE_DISCOVERING, kinds[client->kind].windows_ms[client->tries]);
    }
}

void boot_client_on_time(struct boot_world *world, struct boot_client *client)
{
    switch (client->state) {
    case STATE_DISCOVERING: choose(world, client); break;
    case STATE_ASKING: ask_or_give_up(world, client); break;
    case STATE_TAKING: go(world, client, STATE_GIVEN_UP, 1000); break;
    default: boot_client_switch_on(world, client); break;
    }
}

/* -- what it hears ----------------------------------------------------------------------------------------------------- */

static void take_file(struct boot_client *client, struct span reply)
{
    struct span data;

    snprintf(client->file, sizeof client->file, "%.128s", (const char *)reply.bytes + 108);
    if (ask_find(reply, 67, &data))
        snprintf(client->file, sizeof client->file, "%.*s", (int)data.size, (const char *)data.bytes);
}

/* Option 43 of an offer: a file is here, a menu, or the disk. */
static void take_vendor(struct boot_client *client, struct span vendor)
{
    for (size_t i = 0; i + 1 < vendor.size && vendor.bytes[i] != 255; i += 2 + (size_t)vendor.bytes[i + 1]) {
        const uint8_t *data = vendor.bytes + i + 2;
        if (vendor.bytes[i] == 6 && (data[0] & 8) != 0)
            client->is_direct = true;
        if (vendor.bytes[i] != 9)
            continue;
        client->item = read_u16(data);
        client->has_item = client->item != 0;
        if (client->item == 0 && client->kind != KIND_RASPBERRY_PI)
            strcpy(client->file, "(disk)");
        client->is_direct = client->is_direct || client->item == 0;
    }
}

static void on_proxy_offer(struct boot_client *client, struct span reply)
{
    const char *wanted = client->kind == KIND_HTTP ? "HTTPClient" : "PXEClient";
    struct span class_id;
    struct span data;

    if (client->has_offer || !ask_find(reply, 60, &class_id) || class_id.size < strlen(wanted) ||
        memcmp(class_id.bytes, wanted, strlen(wanted)) != 0)
        return;
    if (kinds[client->kind].needs_server_id && !ask_find(reply, 54, &data))
        return;
    if (kinds[client->kind].needs_next_server && memcmp(reply.bytes + 20, "\0\0\0\0", 4) == 0)
        return;
    client->has_offer = true;
    take_file(client, reply);
    if (ask_find(reply, 43, &data))
        take_vendor(client, data);
    client->is_direct = client->is_direct || (kinds[client->kind].takes_bare_file && client->file[0] != 0);
}

static void on_acknowledged(struct boot_world *world, struct boot_client *client)
{
    if (client->kind == KIND_PLAIN || client->is_direct) {
        load(world, client);
        return;
    }
    client->tries = 0;
    ask_or_give_up(world, client);
}

static uint8_t message_of(struct span reply)
{
    struct span data;

    return ask_find(reply, 53, &data) && data.size == 1 ? data.bytes[0] : 0;
}

void boot_client_on_reply(struct boot_world *world, struct boot_client *client, struct span reply, uint16_t from_port,
                          uint16_t port)
{
    uint8_t message = message_of(reply);
    bool has_address = memcmp(reply.bytes + 16, "\0\0\0\0", 4) != 0;

    if (read_u16(reply.bytes + 4) != client->xid >> 16 || read_u16(reply.bytes + 6) != (client->xid & 0xffff) ||
        memcmp(reply.bytes + 28, client->mac, 6) != 0)
        return;
    if (client->kind == KIND_BOOTP) {
        client->has_offer = has_address && message == 0;
        take_file(client, reply);
    } else if (client->state == STATE_DISCOVERING && message == 2) {
        if (has_address)
            client->has_address = true;
        else
            on_proxy_offer(client, reply);
    } else if (client->state == STATE_TAKING && message == 5 && has_address) {
        on_acknowledged(world, client);
    } else if (client->state == STATE_ASKING && message == 5 && from_port == 4011 &&
               port == kinds[client->kind].source_port) {
        take_file(client, reply);
        load(world, client);
    }
}
