/*
 * The request that a machine would send, and the decision about it in words, for `tftpd explain boot`. Deciding is
 * core/boot/decide's and nobody else's; what is told of a reply is read back from its own bytes.
 */
#ifndef CORE_BOOT_EXPLAIN_H
#define CORE_BOOT_EXPLAIN_H

#include "core/boot/decide.h"

enum {
    BOOT_EXPLAIN_REQUEST_MAX = 548,
    BOOT_EXPLAIN_TEXT_MAX = 8192,
    BOOT_EXPLAIN_SHOWN_MAX = 64 /* bytes of a text from the network, before it is cut */
};

/* As typed; NULL: not typed. */
struct boot_explain_machine {
    const char *mac; /* "52:54:00:12:34:56"; needed, unless there is a GUID */
    const char *guid;
    const char *machine;    /* a word or number of PxeBoot: "x64", "x64-http", "ipxe", "rpi", "27"; NULL: x86 BIOS */
    const char *class_id;   /* option 60; NULL: what such a machine says */
    const char *user_class; /* option 77 */
    const char *relay;      /* its address */
    bool is_bootp;          /* asks by BOOTP instead */
    bool is_on_pxe_port;    /* the REQUEST to port 4011 instead of the DISCOVER to 67 */
};

/*
 * The datagram, of DHCPv4 or BOOTP. client is the address that it has, for port 4011. Returns its size, or 0 with the problem in
 * words that name what is wrong and what to write.
 */
size_t boot_explain_encode(const struct boot_explain_machine *machine, const struct endpoint *client,
                           uint8_t bytes[BOOT_EXPLAIN_REQUEST_MAX], struct boot_problem *problem);
/* The same of DHCPv6: a SOLICIT to port 547, or the REQUEST to 4011, to the server of that DUID. It cannot be relayed. */
size_t boot_explain_encode6(const struct boot_explain_machine *machine, struct span server_duid,
                            uint8_t bytes[BOOT_EXPLAIN_REQUEST_MAX], struct boot_problem *problem);

/*
 * A line for each of: who asks, its classes, its relay; the lines of PxeHosts and PxeBoot; answered or not, why, and what to do;
 * where the reply goes; its fields and options. What comes from the network is printable and cut. Returns text, cut to size.
 */
char *boot_explain(const struct boot_question *question, const struct boot_decision *decision, char *text, size_t size);

/* Bytes as a listing, 16 in a line: "0000  02 01 06 00 ...". Returns text, cut to size. */
char *boot_explain_bytes(struct span bytes, char *text, size_t size);

#endif
