/*
 * What was decided about single machines after the rules were written: which of those that wait were approved, and which
 * one-shot entries are spent. Only administrators and the rules name who gets in here, so nobody can crowd another out.
 */
#ifndef CORE_MARKS_H
#define CORE_MARKS_H

#include "core/bootrules/rules.h"

enum {
    BOOT_APPROVED_MAX = 512,
    /* Of one boot, from its first answer: firmware repeats for a minute, and asks again by iPXE or on port 4011. */
    BOOT_ONCE_MS = 5 * 60 * 1000
};

struct once_mark {
    struct who who;
    uint64_t begun_ms;
};

/* Cleared memory. */
struct boot_marks {
    uint16_t approved_count;
    uint16_t once_count;
    struct who approved[BOOT_APPROVED_MAX];
    struct once_mark once[BOOT_HOSTS_MAX];
};

/* False if there is no room for one more. */
bool boot_marks_approve(struct boot_marks *marks, const struct who *who);
bool boot_marks_is_approved(const struct boot_marks *marks, const struct identity *identity);

/* The machine of a one-shot rule was answered; the first time begins its one boot. */
void boot_marks_use(struct boot_marks *marks, const struct who *who, uint64_t now_ms);
/* Its one boot is over: from now on it is local. */
bool boot_marks_is_spent(const struct boot_marks *marks, const struct who *who, uint64_t now_ms);
/* Forgets one-shot entries that the rules do not have any more: who writes one anew means another boot. */
void boot_marks_keep(struct boot_marks *marks, const struct boot_rules *rules);

#endif
