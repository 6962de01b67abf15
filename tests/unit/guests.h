/*
 * One admission with its memory, and what is seen of those who come to it.
 */
#ifndef UNIT_GUESTS_H
#define UNIT_GUESTS_H

#include "core/server/admission.h"

enum { TRANSFERS = 40, NOW_MS = 1000000 };

extern struct guests {
    struct admission admission;
    struct config config;
    struct admission_view view; /* of everybody, but of one */
    const struct entry *odd_one;
    struct admission_view odd_view;
    struct peer *peer_slots[4096];
    struct peer *host_slots[ADMISSION_SCOPES][4096];
    struct host hosts[TRANSFERS * ADMISSION_SCOPES];
} guests;

/* A test's setup: nobody is there, and everybody is a stranger. */
int guests_set_up(void **state);
void guests_see(enum standing standing, uint64_t progress_ms);
admission_look guests_look;

/* From 10.0.0.host; upload_path is lent, NULL for a download. */
struct entry guests_entry(uint8_t host, uint16_t port, const char *upload_path, uint32_t fingerprint);
struct admission_result guests_enter(struct entry *entry);
/* It enters and nobody else notices. */
void guests_expect_entered(struct entry *entry);
void guests_expect_superseding(struct entry *entry, struct entry *old);
void guests_expect_empty(void);

#endif
