/*
 * Boot clients as a test writes them: the packets of each client of the field (PXE.md 4.1), built byte by byte without the core's
 * help, and the bytes of replies.
 */
#ifndef UNIT_BOOT_WIRE_H
#define UNIT_BOOT_WIRE_H

#include "core/base/bytes.h"

enum { ASK_SIZE_MAX = 2048, ASK_MAC_SIZE = 6, ASK_GUID_SIZE = 16 };

struct ask {
    size_t size;
    uint8_t bytes[ASK_SIZE_MAX];
};

enum ask_client {
    ASK_EDK2_X64,
    ASK_EDK2_ARM64,
    ASK_EDK2_IA32,
    ASK_EDK2_HTTP, /* UEFI HTTP Boot, x64 */
    ASK_IPXE_BIOS,
    ASK_IPXE_X64,
    ASK_INTEL, /* a BIOS ROM */
    ASK_RASPBERRY_PI,
    ASK_UBOOT_ARM64,
    ASK_UBOOT_X86,
    ASK_PLAIN_DHCP, /* an operating system */
    ASK_CLIENTS
};

extern const char *const ask_client_names[ASK_CLIENTS];

/* The card and the firmware that all of them have. */
extern const uint8_t ask_mac[ASK_MAC_SIZE];
extern const uint8_t ask_guid[ASK_GUID_SIZE];

/* A BOOTP packet of 240 bytes with the cookie; ask_option appends. */
void ask_begin(struct ask *ask, const uint8_t mac[ASK_MAC_SIZE]);
void ask_option(struct ask *ask, uint8_t tag, const void *data, size_t size);
void ask_text(struct ask *ask, uint8_t tag, const char *text);
/* Before the END, which is written again. Only for packets that are not padded. */
void ask_add(struct ask *ask, uint8_t tag, const void *data, size_t size);
void ask_end(struct ask *ask, size_t padded_to);

/* message 1: its DISCOVER; 3: the REQUEST with which it takes an address that a DHCP server, 10.77.0.1, offers. */
void ask_dhcp(struct ask *ask, enum ask_client client, uint8_t message);
/* Its REQUEST to port 4011, from 10.77.0.100. */
void ask_4011(struct ask *ask, enum ask_client client);
/* 10.77.0.100 as ciaddr, and the like: field is its offset. */
void ask_address(struct ask *ask, size_t field, uint8_t a, uint8_t b, uint8_t c, uint8_t d);
/* A BOOTP request of 300 bytes, with the cookie or without. */
void ask_bootp(struct ask *ask, const uint8_t mac[ASK_MAC_SIZE], bool has_cookie);

/* The first option with this tag behind the cookie of a reply: false if there is none. */
bool ask_find(struct span packet, uint8_t tag, struct span *data);
/* Bytes of "63 82 5363", blanks as one likes. Returns how many. */
size_t ask_hex(const char *text, uint8_t *bytes, size_t room);

#endif
