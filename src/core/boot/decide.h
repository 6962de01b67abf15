/*
 * The one decision: may this request be answered, with what, and where does that go. A pure function of its question, which
 * core/boot/boot_explain tells in words. DHCPv4 and BOOTP on ports 67 and 4011, DHCPv6 on 547 and 4011.
 */
#ifndef CORE_BOOT_DECIDE_H
#define CORE_BOOT_DECIDE_H

#include "core/base/mac.h"
#include "core/bootrules/match.h"

enum {
    BOOT_PORT_SERVER = 67, /* of DHCP and BOOTP */
    BOOT_PORT_CLIENT = 68,
    BOOT_PORT_PXE = 4011, /* of boot servers, in both families (PXE 2.1, RFC 5970 implementations) */
    BOOT_PORT_SERVER6 = 547,
    BOOT_PORT_CLIENT6 = 546,
    BOOT_REPLY_MAX = 1024 /* so that nobody gains by forging requests, whatever option 57 says */
};

/* What TFTP would do with a file for this client. */
enum boot_file_state { BOOT_FILE_READABLE, BOOT_FILE_ABSENT, BOOT_FILE_REFUSED };

/* client is NULL where its address is not known yet: then the name alone is judged. */
typedef enum boot_file_state boot_look(void *context, const char *file, const struct endpoint *client);

struct boot_files {
    boot_look *look;
    void *context;
};

/* The socket that the datagram came in on, and what is known of its interface. */
struct boot_arrival {
    struct endpoint address; /* ours, with the port; of DHCPv6 the one to be told to clients */
    struct endpoint source;
    uint8_t prefix_bits; /* of our address' network, 0 to 32 or 128 */
    uint32_t interface_index;
    bool is_client;          /* the parameter Clients admits source; asked only on 4011 */
    struct span server_duid; /* ours, for DHCPv6 */
};

struct boot_question {
    const struct boot_rules *rules;
    const struct boot_marks *marks;
    struct boot_files files;
    struct boot_arrival arrival;
    uint64_t now_ms; /* one-shot entries are spent after a time; nothing else looks at it */
    struct span datagram;
};

struct boot_reply {
    size_t size; /* 0: silence */
    bool is_broadcast;
    struct endpoint to;
    uint8_t bytes[BOOT_REPLY_MAX];
};

enum boot_protocol { BOOT_BY_NOTHING, BOOT_BY_BOOTP, BOOT_BY_DHCP4, BOOT_BY_DHCP6 };

struct boot_decision {
    enum boot_reason reason;
    uint8_t protocol; /* enum boot_protocol; NOTHING if it could not be read */
    uint8_t message;  /* of the request: option 53, or the type of DHCPv6 */
    bool is_on_pxe_port;
    struct machine machine;
    struct endpoint relay;               /* that speaks for it; unspecified: none */
    struct endpoint client;              /* its address as far as it says one; unspecified: none */
    uint8_t claim;                       /* enum mac_source: how far that address is its MAC's, UNKNOWN if it is not */
    struct boot_choice choice;           /* points into the rules */
    const struct bootp_host *bootp_host; /* the same */
    const struct boot_rule *entry;       /* of PxeMenu, if one was asked for */
    /* What it is told to load, or would be: a file or a URL; empty: nothing. A BOOTP client's own words may be in it. */
    char file[DHCP4_FILE_SIZE * 2];
    struct boot_reply reply;
    bool is_sent; /* the reply: whoever sends it says so */
};

void boot_decide(const struct boot_question *question, struct boot_decision *decision);

#endif
