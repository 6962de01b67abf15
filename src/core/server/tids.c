#include "core/server/tids.h"

enum { NONE = UINT32_MAX };

void tids_init(struct tids *tids, struct tid *memory, uint32_t capacity, uint32_t places)
{
    ASSERT(places > 0 && capacity > TIDS_SPARE);
    *tids = (struct tids){.tids = memory, .capacity = capacity, .places = places};
}

static void take(struct tids *tids, uint32_t number, uint64_t now_ms)
{
    tids->tids[number].users++;
    tids->tids[number].used_ms = now_ms;
}

/*
 * The open one of this address whose place is the first from the given one on, going round; NONE where it has none. (Any
 * fixed choice would tell who forges addresses where to send, as soon as all places are in use.)
 */
static uint32_t find(const struct tids *tids, const struct endpoint *local, uint32_t place)
{
    uint32_t nearest = tids->places;
    uint32_t found = NONE;

    for (uint32_t i = 0; i < tids->capacity && nearest > 0; i++) {
        const struct tid *tid = &tids->tids[i];
        if (tid->state != TID_OPEN || !endpoint_same_address(&tid->local, local))
            continue;
        uint32_t distance = (tid->place + tids->places - place) % tids->places;
        if (distance < nearest) {
            nearest = distance;
            found = i;
        }
    }
    return found;
}

static uint32_t find_free(const struct tids *tids)
{
    for (uint32_t i = 0; i < tids->capacity; i++)
        if (tids->tids[i].state == TID_FREE)
            return i;
    return NONE;
}

enum tids_answer tids_draw(struct tids *tids, const struct endpoint *local, uint32_t random, uint64_t now_ms,
                           uint32_t *number)
{
    uint32_t place = random % tids->places;
    uint32_t found = find(tids, local, place);
    bool is_open = found != NONE && tids->tids[found].place == place;

    *number = is_open ? NONE : find_free(tids);
    if (*number != NONE) {
        struct tid *tid = &tids->tids[*number];
        *tid = (struct tid){.local = endpoint_host(local), .place = place, .state = TID_OPEN};
        tids->in_use++;
        take(tids, *number, now_ms);
        return TIDS_TO_OPEN;
    }
    /* Better a port that others have too than none. */
    *number = found;
    if (found == NONE)
        return TIDS_NONE;
    take(tids, found, now_ms);
    return TIDS_DRAWN;
}

void tids_failed(struct tids *tids, uint32_t number)
{
    ASSERT(tids->tids[number].state == TID_OPEN && tids->tids[number].users == 1);
    tids->tids[number] = (struct tid){.state = TID_FREE};
    tids->in_use--;
}

void tids_share(struct tids *tids, uint32_t number)
{
    ASSERT(tids->tids[number].users > 0);
    tids->tids[number].users++;
}

void tids_leave(struct tids *tids, uint32_t number, uint64_t now_ms)
{
    struct tid *tid = &tids->tids[number];

    ASSERT(tid->state == TID_OPEN && tid->users > 0);
    tid->users--;
    tid->used_ms = now_ms;
}

bool tids_retire(struct tids *tids, uint64_t now_ms, uint32_t *number)
{
    bool is_full = tids->capacity - tids->in_use < TIDS_SPARE;
    uint32_t longest = NONE;

    for (uint32_t i = 0; i < tids->capacity; i++) {
        const struct tid *tid = &tids->tids[i];
        bool is_idle = tid->state == TID_OPEN && tid->users == 0;
        if (is_idle && (longest == NONE || tid->used_ms < tids->tids[longest].used_ms))
            longest = i;
    }
    if (longest == NONE || (!is_full && now_ms < tids->tids[longest].used_ms + TIDS_IDLE_MS))
        return false;
    tids->tids[longest].state = TID_RETIRED;
    *number = longest;
    return true;
}

void tids_closed(struct tids *tids, uint32_t number)
{
    ASSERT(tids->tids[number].state == TID_RETIRED);
    tids->tids[number] = (struct tid){.state = TID_FREE};
    tids->in_use--;
}
