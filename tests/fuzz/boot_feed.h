/*
 * What both targets of the boot companion share: circumstances and rules out of a feed. The input begins with
 *   1 byte   PXE on, BOOTP on, nothing, the source is among Clients, port 4011, PxeStyle, PxeUnknown (see boot_feed)
 *   1 byte   what becomes of files: 0 all readable, 1 all absent, 2 all refused, else by the sum of the name's bytes
 *   1 byte   how many lines of rules follow, at most 15
 *   lines    a byte for the list and a text up to its NUL, each
 */
#ifndef FUZZ_BOOT_FEED_H
#define FUZZ_BOOT_FEED_H

#include "fuzz.h"

#include "core/boot/boot.h"

struct boot_scene {
    struct boot_rules rules;
    struct boot_marks marks;
    struct boot_question question;
    uint8_t files;
};

/* The arrival has no address yet, but its port: 0 for that of servers, or 4011. */
void boot_feed(struct boot_scene *scene, struct feed *feed);

/* What holds for every decision: the same again, its words, and that explaining it leaves the lines of others alone. */
void boot_check(const struct boot_scene *scene, const struct boot_decision *decision);

#endif
