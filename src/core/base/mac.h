/*
 * The MAC of the network card behind an address, and how that is known. Only what nobody else can say in a card's name is proof;
 * all else is told to people and decides nothing.
 */
#ifndef CORE_MAC_H
#define CORE_MAC_H

#include "core/base/bytes.h"

enum {
    MAC_SIZE = 6,
    MAC_TEXT_MAX = 3 * MAC_SIZE /* "52:54:00:12:34:56" and a NUL */
};

/* How it is known, the better the higher. */
enum mac_source {
    MAC_UNKNOWN,
    MAC_BY_DHCP,     /* who asked a DHCP server for the address said so, and broadcast it */
    MAC_BY_PXE,      /* who asked port 4011 from the address said so */
    MAC_BY_BOOTP,    /* the administrator's BootpHosts gives the address to this card */
    MAC_BY_NEIGHBOUR /* the system's neighbour table: what is sent to the address goes to this card */
};

struct mac {
    uint8_t bytes[MAC_SIZE];
    uint8_t source; /* enum mac_source */
};

/* Nobody but the administrator and the card itself has a hand in it. */
bool mac_is_proved(const struct mac *mac);
/* Could a card have it: not one of a group, nor all zeros. */
bool mac_is_of_card(const uint8_t bytes[MAC_SIZE]);
/* "52:54:00:12:34:56". Returns text (MAC_TEXT_MAX). */
char *mac_text(const uint8_t bytes[MAC_SIZE], char *text);
/* The name of a folder, which has no colon: "52-54-00-12-34-56", in small letters. The same. */
char *mac_folder(const uint8_t bytes[MAC_SIZE], char *text);
/* Is this how a card's folder is called, whichever card's: six bytes with dashes, in letters of either case. */
bool mac_is_folder(struct span name);
/* "neighbour", "bootp", "pxe", "dhcp"; "unknown". Constants, for JSON. */
const char *mac_source_name(enum mac_source source);
/*
 * What stands behind a client where its MAC is told to people: "; MAC 52:54:00:12:34:56", with " as it said by DHCP" and the like
 * where it is a claim; empty where it is not known. Returns text (MAC_NOTE_MAX).
 */
enum { MAC_NOTE_MAX = 64 };
char *mac_note(const struct mac *mac, char *text);

#endif
