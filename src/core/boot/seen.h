/*
 * The machines that were heard of lately, and what became of them: for `tftpd status` and its list of those that wait, and for
 * the hint that another server's settings win. A table of fixed size: in each set, which a hash chooses, the one heard longest
 * ago gives way. It decides nothing.
 */
#ifndef CORE_BOOT_SEEN_H
#define CORE_BOOT_SEEN_H

#include "core/boot/decide.h"

enum {
    SEEN_SETS = 512,
    SEEN_WAYS = 8,
    SEEN_MAX = SEEN_SETS * SEEN_WAYS,
    SEEN_ADDRESS_SETS = 1024,
    SEEN_ADDRESS_WAYS = 4,
    SEEN_FILE_MAX = 64,
    /* Behind an offer, before a machine that took an address and came for nothing is a hint. */
    SEEN_HINT_MS = 60 * 1000
};

/* How far its boot got. */
enum seen_course {
    COURSE_HEARD,
    COURSE_OFFERED,
    COURSE_CAME,  /* to port 4011, whatever it was told there, or for a file */
    COURSE_HINTED /* it never came, and that was told */
};

struct seen_machine {
    struct machine machine;
    uint8_t course;  /* enum seen_course */
    uint8_t reason;  /* enum boot_reason, of the last request that was one for us */
    bool is_waiting; /* for `tftpd approve` */
    bool has_address;
    uint8_t rule_list; /* enum boot_list and line of the rule that decided last; line 0: none */
    uint16_t rule_line;
    uint32_t requests;
    uint32_t answers;
    uint64_t first_ms;
    uint64_t last_ms; /* 0: this place is free */
    uint64_t offered_ms;
    struct endpoint address;
    char file[SEEN_FILE_MAX]; /* cut */
};

/* Cleared memory but for the seed. */
struct boot_seen {
    uint64_t seed; /* of endpoint_hash */
    struct seen_machine places[SEEN_SETS][SEEN_WAYS];
    uint16_t by_address[SEEN_ADDRESS_SETS][SEEN_ADDRESS_WAYS]; /* a place, plus 1 */
};

/*
 * Every decision about the machine that is known as identity, now_ms > 0. Plain DHCP clients are not kept; of a machine that is, the
 * address that it takes is learnt.
 */
void boot_seen_hear(struct boot_seen *machines, const struct boot_decision *decision, const struct identity *identity,
                    uint64_t now_ms);

/* It waits no more. */
void boot_seen_approve(struct boot_seen *machines, const struct who *who);

/* Somebody at this address asked for a file by TFTP. */
void boot_seen_came(struct boot_seen *machines, const struct endpoint *client);

/* Walks all that are kept, in no order: start with *place 0; NULL at the end. */
const struct seen_machine *boot_seen_next(const struct boot_seen *machines, size_t *place);

/*
 * A machine that was offered a boot file, took an address from a DHCP server and came for nothing: another server's option 60 or
 * 67 wins, or a switch drops our offers. Each is told once, until it comes. NULL if there is none (any more).
 */
const struct seen_machine *boot_seen_hint(struct boot_seen *machines, uint64_t now_ms);

#endif
