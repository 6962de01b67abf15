/*
 * What the administrator wants: the lines of PxeBoot, PxeHosts, PxeMenu, BootpHosts and their like, read once into one record.
 * It is plain data of fixed size, copied freely, and never edited once others can see it: make a draft with
 * boot_rules_init, add the lines of every list in their order, set the choices, check, publish.
 *
 *   PxeBoot        MACHINES = WHAT [on NETWORK] [server ADDRESS] [style direct|binl|menu] [option NUMBER=VALUE]...
 *   PxeHosts       MAC or GUID [MACHINES] = WHAT, and the same behind it
 *   PxeMenu        TEXT = FILE, local or answer [for MACHINES]
 *   PxePrompt      SECONDS or wait [TEXT]
 *   PxeRelays      an address or a prefix
 *   PxeInterfaces  an address or a prefix of ours
 *   BootpHosts     MAC = ADDRESS[/BITS] [file FILE] [name NAME] [router ADDRESS] [dns ADDRESS] [root PATH] [domain NAME]
 *                  [server ADDRESS]; or: file NAME = FILE, which a client that asks for NAME is told
 *
 * MACHINES are words of core/dhcp/machine, a comma between them. WHAT is a file, a URL (for ipxe and the words that end in
 * -http), or one of
 *   answer     by the rules of PxeBoot (in PxeHosts, where it makes the machine a known one)
 *   ignore     no answer
 *   local      a menu of one entry that boots from the machine's disk
 *   wait       no answer before it is approved; then as with answer
 *   once FILE  that file in one boot, from then on local; without FILE (in PxeHosts) by the rules of PxeBoot
 *   shared     (in PxeHosts) the MAC of a dongle or dock: it says nothing about who the machine is
 * Behind those that name no file stands on NETWORK at most, and behind shared nothing: what would have no effect is refused.
 * A word with blanks stands in "quotes".
 */
#ifndef CORE_RULES_H
#define CORE_RULES_H

#include "core/dhcp/machine.h"

enum {
    BOOT_RULES_MAX = 128,
    BOOT_HOSTS_MAX = 512,
    BOOT_MENU_MAX = 24, /* EDK2 shows no more */
    BOOT_RELAYS_MAX = 64,
    BOOT_INTERFACES_MAX = 32,
    BOOTP_HOSTS_MAX = 256,
    BOOTP_FILES_MAX = 32,
    BOOT_OPTIONS_MAX = 4,    /* of one rule */
    BOOT_FILE_MAX = 127,     /* bytes: `file` has a NUL besides */
    BOOT_URL_MAX = 254,      /* what is longer than BOOT_FILE_MAX goes into option 67, with a NUL */
    BOOT_WORD_MAX = 256,     /* of one word of a line, NUL included */
    BOOT_MENU_TEXT_MAX = 70, /* EDK2 shows no more */
    BOOT_PROMPT_MAX = 70,
    BOOT_TEXT_MAX = 64 * 1024 - 1, /* of all texts of all lines together */
    BOOT_PROBLEM_MAX = 384,
    BOOT_MENU_TYPE = 0x8000, /* the boot server type of the first entry of PxeMenu (PXE 2.1: vendors' own) */
    BOOT_PROMPT_WAIT = 255,  /* the menu stands until a key is pressed */
    BOOTP_VENDOR_SIZE = 60   /* for options with their END (RFC 1533; RFC 951 has 64 bytes with the cookie) */
};

enum boot_list {
    BOOT_LIST_RULES,
    BOOT_LIST_HOSTS,
    BOOT_LIST_MENU,
    BOOT_LIST_PROMPT,
    BOOT_LIST_RELAYS,
    BOOT_LIST_INTERFACES,
    BOOT_LIST_BOOTP,
    BOOT_LIST_COUNT
};

enum boot_action { BOOT_FILE, BOOT_ANSWER, BOOT_IGNORE, BOOT_LOCAL, BOOT_WAIT, BOOT_SHARED };
enum boot_style { BOOT_STYLE_DIRECT, BOOT_STYLE_BINL, BOOT_STYLE_MENU, BOOT_STYLE_UNSAID };
/* What becomes of PXE clients that no line of PxeHosts names: the parameter PxeUnknown. */
enum boot_unknown { BOOT_UNKNOWN_ANSWER, BOOT_UNKNOWN_IGNORE, BOOT_UNKNOWN_WAIT };

/* A place in the record's texts; 0 is the empty text. */
typedef uint16_t boot_place;

/* One option of a rule, as it goes on the wire. */
struct boot_option {
    uint8_t tag;
    uint8_t size;
    boot_place bytes;
};

struct boot_rule {
    uint8_t list;   /* enum boot_list */
    uint8_t action; /* enum boot_action */
    uint8_t style;  /* enum boot_style */
    bool is_once;
    bool is_url; /* file is one */
    bool has_network;
    bool has_machines; /* somebody wrote which; else it is for all */
    bool has_server;
    uint16_t number; /* of the line in its list, from 1 */
    boot_place line; /* as it was written */
    boot_place file;
    boot_place title; /* of an entry of PxeMenu */
    struct who who;   /* in PxeHosts */
    struct machine_set machines;
    struct prefix network;
    struct endpoint server;
    uint8_t option_count;
    struct boot_option options[BOOT_OPTIONS_MAX];
};

struct bootp_host {
    uint16_t number;
    uint8_t bits; /* of the network; 0: those of the interface */
    boot_place line;
    struct who who; /* one MAC */
    struct endpoint address;
    struct endpoint server; /* unspecified: we */
    struct endpoint router; /* unspecified: none is told */
    struct endpoint dns;
    boot_place file;
    boot_place name;
    boot_place domain;
    boot_place root;
};

/* A generic name (RFC 951 section 4) and what it means. */
struct bootp_file {
    boot_place name;
    boot_place file;
};

struct boot_rules {
    bool is_pxe_on;                     /* the parameter Pxe */
    bool is_bootp_on;                   /* the parameter Bootp */
    uint8_t style;                      /* the parameter PxeStyle: enum boot_style, of rules of PxeBoot that say none */
    uint8_t unknown;                    /* the parameter PxeUnknown: enum boot_unknown */
    uint32_t replies_per_second;        /* the parameter PxeRepliesPerSecond: of each interface */
    char server_name[DHCP4_SNAME_SIZE]; /* the machine's: a BOOTP client may ask for it */
    uint8_t prompt_s;                   /* BOOT_PROMPT_WAIT: without end */
    boot_place prompt;
    uint16_t rule_count;
    uint16_t host_count;
    uint16_t menu_count;
    uint16_t relay_count;
    uint16_t interface_count;
    uint16_t bootp_host_count;
    uint16_t bootp_file_count;
    uint16_t text_size;
    uint16_t line_counts[BOOT_LIST_COUNT];
    struct boot_rule rules[BOOT_RULES_MAX];
    struct boot_rule hosts[BOOT_HOSTS_MAX];
    struct boot_rule menu[BOOT_MENU_MAX];
    struct prefix relays[BOOT_RELAYS_MAX];
    struct prefix interfaces[BOOT_INTERFACES_MAX]; /* none: all */
    struct bootp_host bootp_hosts[BOOTP_HOSTS_MAX];
    struct bootp_file bootp_files[BOOTP_FILES_MAX];
    char texts[BOOT_TEXT_MAX];
};

/* What is wrong with a line: names the parameter and the line, and says what to write. */
struct boot_problem {
    char text[BOOT_PROBLEM_MAX];
};

/* Everything off, no lines; direct, unknown machines are answered, 500 replies a second, menus wait 10 s. */
void boot_rules_init(struct boot_rules *rules);

/* False, and the record as it was, if the line is none of this list, or a part of it would have no effect. */
bool boot_rules_add(struct boot_rules *rules, enum boot_list list, const char *line, struct boot_problem *problem);

/*
 * What can only be seen when all lines are there: a menu that is empty, or longer than PXE has room for at any machine. It is not
 * asked whether that machine is shown one. Who says that it is several architectures has the entries of all: where those have
 * no room together it is told its rule's file.
 */
bool boot_rules_check(const struct boot_rules *rules, struct boot_problem *problem);

/* Whether PxeInterfaces admits this address of ours, or names none. */
bool boot_rules_admit(const struct boot_rules *rules, const struct endpoint *address);

/* "PxeBoot". */
const char *boot_list_name(enum boot_list list);
const char *boot_text(const struct boot_rules *rules, boot_place place);
/* "PxeBoot 3: x64 = boot/bootx64.efi", cut. Returns text. */
char *boot_rule_text(const struct boot_rules *rules, const struct boot_rule *rule, char *text, size_t size);

/* The options of a line that BOOTP's vendor area has to hold, END included. */
size_t bootp_options_size(const struct boot_rules *rules, const struct bootp_host *host);

#endif
