#include "core/base/deadlines.h"

void deadlines_init(struct deadlines *deadlines, struct deadline **heap, uint32_t capacity)
{
    *deadlines = (struct deadlines){.heap = heap, .capacity = capacity};
}

static struct deadline **at(struct deadlines *deadlines, uint32_t place)
{
    return &deadlines->heap[place - 1];
}

static void put(struct deadlines *deadlines, struct deadline *deadline, uint32_t place)
{
    *at(deadlines, place) = deadline;
    deadline->place = place;
}

static void rise(struct deadlines *deadlines, struct deadline *deadline, uint32_t place)
{
    while (place > 1 && (*at(deadlines, place / 2))->queued_ms > deadline->queued_ms) {
        put(deadlines, *at(deadlines, place / 2), place);
        place /= 2;
    }
    put(deadlines, deadline, place);
}

static void sink(struct deadlines *deadlines, struct deadline *deadline, uint32_t place)
{
    for (;;) {
        uint32_t child = place * 2;
        if (child < deadlines->count && (*at(deadlines, child + 1))->queued_ms < (*at(deadlines, child))->queued_ms)
            child++;
        if (child > deadlines->count || (*at(deadlines, child))->queued_ms >= deadline->queued_ms)
            break;
        put(deadlines, *at(deadlines, child), place);
        place = child;
    }
    put(deadlines, deadline, place);
}

void deadlines_set(struct deadlines *deadlines, struct deadline *deadline, uint64_t due_ms)
{
    deadline->due_ms = due_ms;
    if (deadline->place == 0) {
        ASSERT(deadlines->count < deadlines->capacity);
        deadline->queued_ms = due_ms;
        rise(deadlines, deadline, ++deadlines->count);
    } else if (due_ms < deadline->queued_ms) {
        deadline->queued_ms = due_ms;
        rise(deadlines, deadline, deadline->place);
    }
}

void deadlines_clear(struct deadlines *deadlines, struct deadline *deadline)
{
    uint32_t place = deadline->place;

    if (place == 0)
        return;
    deadline->place = 0;
    struct deadline *moved = *at(deadlines, deadlines->count--);
    if (moved == deadline)
        return;
    if (place > 1 && (*at(deadlines, place / 2))->queued_ms > moved->queued_ms)
        rise(deadlines, moved, place);
    else
        sink(deadlines, moved, place);
}

struct deadline *deadlines_take_due(struct deadlines *deadlines, uint64_t now_ms)
{
    while (deadlines->count > 0) {
        struct deadline *first = *at(deadlines, 1);
        if (first->queued_ms > now_ms)
            return NULL;
        if (first->due_ms <= now_ms) {
            deadlines_clear(deadlines, first);
            return first;
        }
        first->queued_ms = first->due_ms;
        sink(deadlines, first, 1);
    }
    return NULL;
}

uint64_t deadlines_next(const struct deadlines *deadlines)
{
    return deadlines->count > 0 ? deadlines->heap[0]->queued_ms : UINT64_MAX;
}
