#include "boot_wire.h"

#include <stdio.h>

enum { COOKIE = 236, OPTIONS = 240, FLAGS = 10, SECS = 8, CIADDR = 12, XID = 4, CHADDR = 28, FILE_FIELD = 108 };

const char *const ask_client_names[ASK_CLIENTS] = {"EDK2 x64",     "EDK2 ARM64", "EDK2 ia32", "EDK2 HTTP",
                                                   "iPXE BIOS",    "iPXE x64",   "Intel ROM", "Raspberry Pi",
                                                   "U-Boot ARM64", "U-Boot x86", "plain DHCP"};

const uint8_t ask_mac[ASK_MAC_SIZE] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};
const uint8_t ask_guid[ASK_GUID_SIZE] = {0x44, 0x45, 0x4c, 0x4c, 0x42, 0x00, 0x10, 0x35,
                                         0x80, 0x52, 0xb4, 0xc0, 0x4f, 0x4e, 0x33, 0x32};

static const uint8_t raspberry_mac[ASK_MAC_SIZE] = {0xdc, 0xa6, 0x32, 0x01, 0x02, 0x03};

/* What differs between them. */
static const struct {
    uint16_t flags;
    uint16_t size_max;     /* option 57; 0: none */
    int architecture;      /* option 93; -1: none */
    const char *class_id;  /* option 60; NULL: none */
    const uint8_t undi[3]; /* option 94; 0: none */
    uint8_t wanted;        /* how many tags option 55 has */
    bool has_guid;
    bool is_ipxe;
    uint16_t padded_to;
} clients[ASK_CLIENTS] = {
    [ASK_EDK2_X64] = {0x8000, 1472, 7, "PXEClient:Arch:00007:UNDI:003000", {1, 3, 0}, 35, true, false, 0},
    [ASK_EDK2_ARM64] = {0x8000, 1472, 11, "PXEClient:Arch:00011:UNDI:003000", {1, 3, 0}, 35, true, false, 0},
    [ASK_EDK2_IA32] = {0x8000, 1472, 6, "PXEClient:Arch:00006:UNDI:003000", {1, 3, 0}, 35, true, false, 0},
    [ASK_EDK2_HTTP] = {0x8000, 1472, 16, "HTTPClient:Arch:00016:UNDI:003000", {1, 3, 0}, 35, true, false, 0},
    [ASK_IPXE_BIOS] = {0, 1472, 0, "PXEClient:Arch:00000:UNDI:002001", {1, 2, 1}, 24, true, true, 0},
    [ASK_IPXE_X64] = {0, 1472, 7, "PXEClient:Arch:00007:UNDI:003010", {1, 3, 10}, 24, true, true, 0},
    [ASK_INTEL] = {0x8000, 1260, 0, "PXEClient:Arch:00000:UNDI:002001", {1, 2, 1}, 36, true, false, 548},
    [ASK_RASPBERRY_PI] = {0, 0, 0, "PXEClient:Arch:00000:UNDI:002001", {1, 2, 1}, 14, true, false, 0},
    [ASK_UBOOT_ARM64] = {0, 576, 22, "U-Boot.armv8", {0}, 6, false, false, 300},
    [ASK_UBOOT_X86] = {0, 576, -1, "U-Boot", {0}, 6, false, false, 300},
    [ASK_PLAIN_DHCP] = {0, 1500, -1, "MSFT 5.0", {0}, 12, false, false, 0},
};

void ask_begin(struct ask *ask, const uint8_t mac[ASK_MAC_SIZE])
{
    static const uint8_t cookie[] = {0x63, 0x82, 0x53, 0x63};
    static const uint8_t head[] = {1, 1, ASK_MAC_SIZE, 0, 0x0d, 0x1c, 0x2b, 0x3a};

    memset(ask, 0, sizeof *ask);
    memcpy(ask->bytes, head, sizeof head);
    memcpy(ask->bytes + CHADDR, mac, ASK_MAC_SIZE);
    memcpy(ask->bytes + COOKIE, cookie, sizeof cookie);
    ask->size = OPTIONS;
}

void ask_option(struct ask *ask, uint8_t tag, const void *data, size_t size)
{
    ASSERT(size <= 255 && ask->size + size + 2 <= ASK_SIZE_MAX);
    ask->bytes[ask->size++] = tag;
    ask->bytes[ask->size++] = (uint8_t)size;
    if (size > 0)
        memcpy(ask->bytes + ask->size, data, size);
    ask->size += size;
}

void ask_text(struct ask *ask, uint8_t tag, const char *text)
{
    ask_option(ask, tag, text, strlen(text));
}

void ask_end(struct ask *ask, size_t padded_to)
{
    ask->bytes[ask->size++] = 255;
    if (ask->size < padded_to)
        ask->size = padded_to;
}

void ask_add(struct ask *ask, uint8_t tag, const void *data, size_t size)
{
    ASSERT(ask->bytes[ask->size - 1] == 255);
    ask->size--;
    ask_option(ask, tag, data, size);
    ask_end(ask, 0);
}

static void put_ipxe(struct ask *ask, const uint8_t mac[ASK_MAC_SIZE])
{
    /* Priority, what it can do, the bus of the card, its version. */
    static const uint8_t encapsulated[] = {0xb1, 5,    1, 0x10, 0x22, 0x20, 0x00, 0xeb, 3, 1, 21,
                                           1,    0x18, 1, 1,    0x13, 1,    1,    0x10, 1, 2};
    uint8_t id[1 + ASK_MAC_SIZE] = {1};

    memcpy(id + 1, mac, ASK_MAC_SIZE);
    ask_text(ask, 77, "iPXE");
    ask_option(ask, 175, encapsulated, sizeof encapsulated);
    ask_option(ask, 61, id, sizeof id);
}

/* What all its packets have behind option 53. */
static void put_facts(struct ask *ask, enum ask_client client, const uint8_t mac[ASK_MAC_SIZE])
{
    uint8_t wanted[64];
    uint8_t bytes[1 + ASK_GUID_SIZE] = {0};
    size_t count = clients[client].wanted;

    if (clients[client].size_max > 0) {
        write_u16(bytes, clients[client].size_max);
        ask_option(ask, 57, bytes, 2);
    }
    for (size_t i = 0; i < count; i++)
        wanted[i] = (uint8_t)(i + 1);
    ask_option(ask, 55, wanted, count);
    bytes[0] = 0;
    memcpy(bytes + 1, ask_guid, ASK_GUID_SIZE);
    if (clients[client].has_guid)
        ask_option(ask, 97, bytes, sizeof bytes);
    if (clients[client].undi[0] != 0)
        ask_option(ask, 94, clients[client].undi, 3);
    if (clients[client].architecture >= 0) {
        write_u16(bytes, (uint16_t)clients[client].architecture);
        ask_option(ask, 93, bytes, 2);
    }
    if (clients[client].class_id != NULL)
        ask_text(ask, 60, clients[client].class_id);
    if (clients[client].is_ipxe)
        put_ipxe(ask, mac);
}

static void begin(struct ask *ask, enum ask_client client, uint8_t message)
{
    ask_begin(ask, client == ASK_RASPBERRY_PI ? raspberry_mac : ask_mac);
    write_u16(ask->bytes + FLAGS, clients[client].flags);
    ask_option(ask, 53, &message, 1);
}

void ask_address(struct ask *ask, size_t field, uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    const uint8_t bytes[] = {a, b, c, d};

    memcpy(ask->bytes + field, bytes, sizeof bytes);
}

void ask_dhcp(struct ask *ask, enum ask_client client, uint8_t message)
{
    static const uint8_t address[] = {10, 77, 0, 100};
    static const uint8_t server[] = {10, 77, 0, 1};

    begin(ask, client, message);
    if (message == 3) {
        ask_option(ask, 54, server, sizeof server);
        ask_option(ask, 50, address, sizeof address);
    }
    put_facts(ask, client, ask->bytes + CHADDR);
    if (clients[client].class_id[0] == 'U')
        strcpy((char *)ask->bytes + FILE_FIELD, "boot.scr.uimg");
    ask_end(ask, clients[client].padded_to);
}

void ask_4011(struct ask *ask, enum ask_client client)
{
    static const uint8_t us[] = {10, 77, 0, 2};

    begin(ask, client, 3);
    ask_address(ask, CIADDR, 10, 77, 0, 100);
    write_u16(ask->bytes + FLAGS, clients[client].is_ipxe ? 0x8000 : 0);
    /* EDK2 has a new xid for it, and counts seconds with their bytes swapped; iPXE has a bit field there. */
    if (!clients[client].is_ipxe)
        ask->bytes[XID] = 0x77;
    write_u16(ask->bytes + SECS, clients[client].is_ipxe ? 11 : 256);
    if (clients[client].is_ipxe)
        ask_option(ask, 54, us, sizeof us);
    put_facts(ask, client, ask->bytes + CHADDR);
    ask_end(ask, clients[client].padded_to);
}

void ask_bootp(struct ask *ask, const uint8_t mac[ASK_MAC_SIZE], bool has_cookie)
{
    ask_begin(ask, mac);
    if (has_cookie)
        ask->bytes[ask->size] = 255;
    else
        memset(ask->bytes + COOKIE, 0, 4);
    ask->size = 300;
}

bool ask_find(struct span packet, uint8_t tag, struct span *data)
{
    size_t place = OPTIONS;

    while (place + 1 < packet.size && packet.bytes[place] != 255) {
        if (packet.bytes[place] == 0) {
            place++;
            continue;
        }
        size_t size = packet.bytes[place + 1];
        ASSERT(place + 2 + size <= packet.size);
        if (packet.bytes[place] == tag) {
            *data = span_of(packet.bytes + place + 2, size);
            return true;
        }
        place += 2 + size;
    }
    return false;
}

size_t ask_hex(const char *text, uint8_t *bytes, size_t room)
{
    size_t count = 0;
    unsigned value;

    for (; *text != 0; text++) {
        if (*text == ' ')
            continue;
        ASSERT(count < room && sscanf(text, "%2x", &value) == 1);
        bytes[count++] = (uint8_t)value;
        text++;
    }
    return count;
}
