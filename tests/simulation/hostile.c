/* Who does harm: forged floods, strangers in other transfers, noise, haste; and mischief on the side of a real transfer. */
#include "clients.h"
#include "server.h"
#include "wire.h"

enum { HOSTILE_ACTS_MAX = 120 };

static void send_from(struct world *w, const struct endpoint *from, const struct endpoint *to, const uint8_t *bytes,
                      size_t size)
{
    network_send(w, from, to, span_of(bytes, size), span_of(NULL, 0));
}

static void flood(struct world *w)
{
    static const char *const wishes[4] = {"", "blksize 1000", "blksize 100 windowsize 64 timeout 255", "tsize 0"};
    uint8_t request[WIRE_SIZE_MAX];
    bool is_upload = world_chance(w, 100);
    struct endpoint server = world_address(NETWORK_SERVER, NETWORK_PORT);
    struct endpoint forged =
        world_address(NETWORK_FORGED + world_random(w, 200), (uint16_t)(1000 + world_random(w, 3)));
    size_t size = wire_request(request, is_upload ? 2 : 1, is_upload ? "put/forged" : "firmware.bin", "octet",
                               wishes[world_random(w, 4)]);

    send_from(w, &forged, &server, request, size);
}

static size_t make_noise(struct world *w, uint8_t *bytes, size_t size_max)
{
    size_t size = world_random(w, (uint32_t)size_max);

    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)world_random(w, 256);
    if (size >= 2 && world_chance(w, 900)) {
        bytes[0] = 0;
        bytes[1] = (uint8_t)world_random(w, 8);
    }
    if (size >= 4 && world_chance(w, 700))
        bytes[2] = 0;
    return size;
}

static void fuzz(struct world *w, struct client *c)
{
    uint8_t bytes[80];
    size_t size = make_noise(w, bytes, sizeof bytes);
    struct endpoint to = world_address(NETWORK_SERVER, NETWORK_PORT);

    if (world_chance(w, 500))
        to.port = (uint16_t)(SERVER_FIRST_TID + world_random(w, SERVER_WORKERS));
    if (world_chance(w, 300))
        size = wire_request(bytes, 1 + world_random(w, 2), "firmware.bin", "octet", "blksize 20");
    send_from(w, &c->at, &to, bytes, size);
}

static void meddle(struct world *w, struct client *c)
{
    static const uint16_t codes[4] = {3, 4, 5, 6};
    uint8_t bytes[16] = {0};
    struct endpoint peer;
    struct endpoint tid;

    if (!server_any_peer(w, &peer, &tid))
        return;
    write_u16(bytes, codes[world_random(w, 4)]);
    write_u16(bytes + 2, (uint16_t)world_random(w, 6));
    /* From its own address, and often from the very port of the other. */
    if (world_chance(w, 500))
        c->at.port = peer.port;
    send_from(w, &c->at, &tid, bytes, 4 + world_random(w, 10));
}

static void haste(struct world *w, struct client *c)
{
    uint8_t request[WIRE_SIZE_MAX];
    struct endpoint server = world_address(NETWORK_SERVER, NETWORK_PORT);
    char options[WORLD_TEXT_MAX] = "blksize 1000";

    options[8] = (char)('1' + world_random(w, 9));
    options[9] = (char)('1' + world_random(w, 9));
    send_from(w, &c->at, &server, request, wire_request(request, 1, "firmware.bin", "octet", options));
}

void hostile_on_timer(struct world *w, struct client *c)
{
    uint32_t habits = c->model->habits;

    if (++c->repeats > HOSTILE_ACTS_MAX) {
        c->stage = STAGE_GONE;
        return;
    }
    if (habits & HABIT_FLOODS)
        flood(w);
    if (habits & HABIT_FUZZES)
        fuzz(w, c);
    if (habits & HABIT_MEDDLES)
        meddle(w, c);
    if (habits & HABIT_HASTES)
        haste(w, c);
    client_arm(w, c, 1 + world_random(w, habits & HABIT_HASTES ? 12 : 60));
}

static void send_ack(struct world *w, struct client *c, uint16_t block)
{
    uint8_t bytes[4];

    write_u16(bytes, 4);
    write_u16(bytes + 2, block);
    send_from(w, &c->at, &c->tid, bytes, sizeof bytes);
}

bool mischief(struct world *w, struct client *c, struct span sent)
{
    uint32_t habits = c->model->habits;
    uint16_t block = read_u16(sent.bytes + 2);
    uint8_t error[] = {0, 5, 0, (uint8_t)world_random(w, 9), 'n', 'o', 0};
    uint8_t large[600] = {0, 3, sent.bytes[2], sent.bytes[3]};

    if (habits & HABIT_DOUBLES)
        for (uint32_t copies = 1 + world_random(w, 3); copies > 0; copies--)
            send_from(w, &c->at, &c->tid, sent.bytes, sent.size);
    if (habits & HABIT_OLD_ACKS && world_chance(w, 400))
        send_ack(w, c, (uint16_t)(block - world_random(w, 80)));
    if (habits & HABIT_AHEAD_ACKS && world_chance(w, 100))
        send_ack(w, c, (uint16_t)(block + 1 + world_random(w, 100)));
    if (habits & HABIT_OVERSIZES && world_chance(w, 300))
        send_from(w, &c->at, &c->tid, large, 4 + 101 + world_random(w, 400));
    if (!(habits & (HABIT_ABORTS | HABIT_FALLS_SILENT)) || c->patience-- > 0)
        return true;
    if (habits & HABIT_ABORTS)
        send_from(w, &c->at, &c->tid, error, sizeof error);
    c->stage = STAGE_GONE;
    return false;
}
