#include "win32/boot/others_ask.h"

#include "core/boot/decide.h"
#include "win32/net/interfaces.h"
#include "win32/system/random.h"

enum { BUFFER_BYTES = 64 * 1024 };

struct place {
    struct endpoint address; /* with the port; from 67 it asks as a relay */
    struct udp udp;
};

struct asking {
    struct others_probe probe;
    HANDLE event;
    size_t count;
    struct place places[OTHERS_INTERFACES_MAX];
    uint8_t buffer[UDP_DATAGRAM_MAX];
};

static DWORD open_place(struct place *place, uint16_t port, HANDLE event)
{
    place->address.port = port;
    return udp_open_broadcast(&place->udp, &place->address, BUFFER_BYTES, event);
}

/* The first address of each interface: what is broadcast comes to any of them. */
static void open_places(struct asking *asking, struct others_asked *asked)
{
    static struct local_address list[OTHERS_INTERFACES_MAX * 4];
    size_t count = 0;

    interfaces_list(AF_INET, list, sizeof list / sizeof *list, &count);
    for (size_t i = 0; i < count && asking->count < OTHERS_INTERFACES_MAX; i++) {
        struct place *place = &asking->places[asking->count];
        if (i > 0 && list[i].interface_index == list[i - 1].interface_index)
            continue;
        place->address = list[i].address;
        DWORD error = open_place(place, BOOT_PORT_CLIENT, asking->event);
        if (error == 0 || open_place(place, BOOT_PORT_SERVER, asking->event) == 0) {
            asking->count++;
        } else {
            asked->error = asked->failed == 0 ? error : asked->error;
            asked->failed++;
        }
    }
    asked->interfaces = (unsigned)asking->count;
}

static void send_all(struct asking *asking)
{
    struct endpoint all = endpoint_ipv4(255, 255, 255, 255, BOOT_PORT_SERVER);
    uint8_t bytes[OTHERS_PROBE_SIZE] = {0};

    for (size_t i = 0; i < asking->count; i++) {
        struct place *place = &asking->places[i];
        const struct endpoint *relay = place->address.port == BOOT_PORT_SERVER ? &place->address : NULL;
        struct span part = span_of(bytes, others_write(&asking->probe, relay, bytes));
        udp_send(&place->udp, &all, NULL, &part, 1);
    }
}

static void take_all(struct asking *asking, others_hear *hear, void *context)
{
    struct others_offer offer;
    struct endpoint from;
    size_t size;

    for (size_t i = 0; i < asking->count; i++) {
        struct place *place = &asking->places[i];
        while (udp_receive(&place->udp, asking->buffer, sizeof asking->buffer, &size, &from, NULL) == UDP_RECEIVED)
            if (others_read(&asking->probe, span_of(asking->buffer, size), &from, &offer))
                hear(context, &offer, &place->address);
    }
}

static void ask(struct asking *asking, others_hear *hear, void *context)
{
    enum { LOOK_MS = 100 }; /* also without being told */
    uint64_t begun_ms = GetTickCount64();
    uint64_t spent_ms = 0;
    bool is_repeated = false;

    send_all(asking);
    while (spent_ms < OTHERS_WAIT_MS) {
        WaitForSingleObject(asking->event, LOOK_MS);
        take_all(asking, hear, context);
        spent_ms = GetTickCount64() - begun_ms;
        if (!is_repeated && spent_ms >= OTHERS_AGAIN_MS) {
            is_repeated = true;
            send_all(asking);
        }
    }
}

struct others_asked others_ask(others_hear *hear, void *context)
{
    static struct asking asking; /* some 70 KiB */
    struct others_asked asked = {0, 0, 0};
    WSADATA data;
    int error = WSAStartup(MAKEWORD(2, 2), &data);

    if (error != 0)
        return (struct others_asked){0, 1, (DWORD)error};
    asking.count = 0;
    asking.probe = others_probe(random_seed());
    asking.event = CreateEventW(NULL, FALSE, FALSE, NULL);
    if (asking.event != NULL) {
        open_places(&asking, &asked);
        if (asking.count > 0)
            ask(&asking, hear, context);
        for (size_t i = 0; i < asking.count; i++)
            udp_close(&asking.places[i].udp);
        CloseHandle(asking.event);
    } else {
        asked = (struct others_asked){0, 1, GetLastError()};
    }
    WSACleanup();
    return asked;
}
