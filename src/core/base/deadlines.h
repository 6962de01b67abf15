/*
 * Deadlines, earliest first: a binary heap of struct deadline that lie inside the things that wait. Putting a deadline
 * off, which happens with every packet, costs nothing: the heap keeps the old time until that comes up.
 */
#ifndef CORE_DEADLINES_H
#define CORE_DEADLINES_H

#include "core/base/bytes.h"

struct deadline {
    uint64_t due_ms;    /* when its owner wants to be woken */
    uint64_t queued_ms; /* the key in the heap, never later than due_ms */
    uint32_t place;     /* in the heap, counted from 1; 0: not in it */
};

struct deadlines {
    struct deadline **heap; /* the caller's, of capacity entries */
    uint32_t capacity;
    uint32_t count;
};

void deadlines_init(struct deadlines *deadlines, struct deadline **heap, uint32_t capacity);
void deadlines_set(struct deadlines *deadlines, struct deadline *deadline, uint64_t due_ms);
void deadlines_clear(struct deadlines *deadlines, struct deadline *deadline);
/* Takes out one that is due, or returns NULL. */
struct deadline *deadlines_take_due(struct deadlines *deadlines, uint64_t now_ms);
/* When to look again: not later than the earliest deadline, perhaps earlier. UINT64_MAX if there is none. */
uint64_t deadlines_next(const struct deadlines *deadlines);

#endif
