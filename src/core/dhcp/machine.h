/*
 * What a machine is: its architecture (option 93 of DHCP, 61 of DHCPv6; IANA's "Processor Architecture Types"), and the clients
 * that go by another name than that: iPXE, Raspberry Pi. An administrator writes a word for them, or a number.
 */
#ifndef CORE_MACHINE_H
#define CORE_MACHINE_H

#include "core/dhcp/identity.h"

enum {
    MACHINE_ARCHITECTURES_MAX = 8, /* that one client says it is; the rest is ignored */
    MACHINE_SET_MAX = 16,          /* architectures that one rule is for */
    MACHINE_TEXT_MAX = 64
};

struct architecture {
    uint16_t number;
    const char *word; /* what an administrator writes; NULL: only its number */
    const char *title;
    uint16_t pe_machine; /* of the program that it starts: the field Machine of its PE header; 0: it is no PE file */
    bool is_http;
};

extern const struct architecture architectures[];
extern const size_t architecture_count;

/* NULL if nobody has registered the number. */
const struct architecture *architecture_find(uint16_t number);

/* How it asks, by the beginning of its class (option 60; in DHCPv6 option 16). */
enum machine_asks { MACHINE_ASKS_NOTHING, MACHINE_ASKS_PXE, MACHINE_ASKS_HTTP };

struct machine {
    struct identity identity;
    uint8_t asks; /* enum machine_asks */
    bool is_ipxe; /* it is the second stage, and never to be given its own binary again */
    bool is_raspberry_pi;
    uint8_t count;
    uint16_t architectures[MACHINE_ARCHITECTURES_MAX]; /* in its own order */
};

/*
 * From the parts of a request. class_id and numbers may be empty. Option 93 goes before the class' text; a PXE client that
 * says nothing is an x86 BIOS.
 */
struct machine machine_of(const struct identity *identity, struct span class_id, struct span numbers, bool is_ipxe);
struct machine machine_of_dhcp4(const struct dhcp4 *packet);
/* iPXE writes its user class raw, and others write it as RFC 3004 wants: in both it says iPXE somewhere. */
bool machine_says_ipxe(struct span user_class);

/* "iPXE", "Raspberry Pi", "x64 UEFI (architecture 7)", "a machine without architecture". Returns text (MACHINE_TEXT_MAX). */
char *machine_text(const struct machine *machine, char *text);

/* Which machines a rule is for. */
struct machine_set {
    bool is_any; /* every one but iPXE, Raspberry Pi too */
    bool is_ipxe;
    bool is_raspberry_pi;
    bool has_http;  /* one of the words ends in -http */
    bool has_plain; /* one of them does not, and is no number */
    uint8_t count;
    uint16_t numbers[MACHINE_SET_MAX];
};

enum machine_word { MACHINE_WORD_ADDED, MACHINE_WORD_UNKNOWN, MACHINE_WORD_TOO_MANY };

/* Adds what one word means: "x64", "x64-http", "ipxe", "rpi", "any", "27". */
enum machine_word machine_set_add(struct machine_set *set, struct span word);
/* Every word there is, one after another: start with 0; NULL at the end. */
const char *machine_word_at(size_t place);
bool machine_set_has(const struct machine_set *set, uint16_t number);

#endif
