/*
 * The boot companion: a machine that has nothing but a network card asks by BOOTP, DHCP or DHCPv6, and hears from us where its
 * boot file is. Its address it has from somebody else's DHCP server; a BOOTP client has it from our table.
 *
 *   core/dhcp        what comes in, and what goes out beside a DHCP server
 *                    tlv            tag, length, data: the one form of options and of what is nested in them
 *                    dhcp4, dhcp6   a datagram becomes a record of what it says
 *                    identity       who is this: MAC and GUID, as they are written and compared
 *                    machine        what is this: architectures and their names, iPXE, Raspberry Pi
 *                    offer, advert6 write replies, which have no place for an address, a mask or a router
 *   core/bootrules   what is wanted
 *                    rules          the administrator's lines, read once into one immutable record (rules_line reads a line)
 *                    marks          who was approved, whose one-shot entry is spent
 *                    match          which rule is for this machine
 *                    reason         why an answer was given, or none, in words
 *   core/boot        what is decided
 *                    decide         (rules, marks, files, arrival, datagram) to (reply and where it goes, or silence): pure
 *                    decide_bootp, decide6   the same for BOOTP and for DHCPv6
 *                    menu           writes option 43: a menu, one entry, a file that is here
 *                    bootp          writes replies of the BOOTP table, which have addresses
 *                    limits         how many answers a client, a relay, an interface and all of them get
 *                    seen           the machines heard of lately: for `tftpd status`, and hints
 *                    holders        which MAC holds an address, as far as requests tell
 *                    boot_explain   the same decision in words
 *                    image          what a boot file is by its own bytes
 *                    others         what other servers offer a machine that boots, if somebody wants to know
 *
 * The hands make two calls for each datagram: boot_hear, and when they have sent what it says, boot_note. They look at no clock and
 * open nothing; what they must know of a file they ask through struct boot_files. All of it belongs to one thread, or its owner
 * guards it with a lock.
 */
#ifndef CORE_BOOT_BOOT_H
#define CORE_BOOT_BOOT_H

#include "core/boot/decide.h"
#include "core/boot/limits.h"
#include "core/boot/seen.h"

/* About a megabyte, so never on a stack. */
struct boot {
    const struct boot_rules *rules; /* the owner's; another record at a reload, see boot_set_rules */
    struct boot_files files;        /* the owner's */
    bool is_watching;               /* the owner's: nothing is to be sent, and what would be is decided all the same */
    struct boot_marks marks;
    struct boot_limits limits;
    struct boot_seen seen;
};

/* seed is of endpoint_hash. */
void boot_init(struct boot *boot, const struct boot_rules *rules, struct boot_files files, uint64_t seed);

/* New rules count from the next datagram on. Approvals stay; what is known of one-shot entries that are gone is forgotten. */
void boot_set_rules(struct boot *boot, const struct boot_rules *rules);

/*
 * One datagram, from the socket that arrival tells of, at now_ms > 0. Fills in the decision: if decision->reply.size is not 0, the
 * hands send reply.bytes once, from that very socket, to reply.to, which is 255.255.255.255 where reply.is_broadcast, and say in
 * decision->is_sent whether the system took it. Else decision->reason says why not, or what a machine would be told that is only
 * watched. The decision points into the rules and into nothing else.
 */
void boot_hear(struct boot *boot, const struct boot_arrival *arrival, struct span datagram, uint64_t now_ms,
               struct boot_decision *decision);

/*
 * Notes what came of that. A reply that could not be sent is none: the reason is NOT_SENT from now on. What was not sent begins no
 * one-shot boot, and nobody is waited for who was offered nothing.
 */
void boot_note(struct boot *boot, struct boot_decision *decision, uint64_t now_ms);

enum boot_approval {
    BOOT_APPROVAL_DONE,
    BOOT_APPROVAL_SHARED, /* a line says that many machines have this MAC; nothing was done */
    BOOT_APPROVAL_FULL    /* there is no room for one more */
};

/* One machine, which is answered from now on where a rule has it wait. */
enum boot_approval boot_approve(struct boot *boot, const struct who *who);

#endif
