#include "core/server/presence.h"

bool presence_try(struct presence *presence, uint64_t now_ms, uint32_t pace_ms)
{
    if (now_ms < presence->due_ms)
        return false;
    presence->due_ms = now_ms + pace_ms;
    return true;
}

bool presence_becomes(struct presence *presence, enum presence_state state)
{
    uint32_t bit = 1u << state;
    bool is_news = state == PRESENCE_OPEN ? presence->told != 0 : (presence->told & bit) == 0;

    presence->state = state;
    presence->told = state == PRESENCE_OPEN ? 0 : presence->told | bit;
    return is_news;
}
