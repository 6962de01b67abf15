#include "service/facts/facts_boot.h"
#include "win32/boot/others_ask.h"
#include "win32/net/interfaces.h"

enum { ADDRESSES_MAX = 128 };

static bool is_ours(const struct endpoint *address)
{
    static struct local_address list[ADDRESSES_MAX];
    size_t count = 0;

    interfaces_list(AF_INET, list, ADDRESSES_MAX, &count);
    for (size_t i = 0; i < count; i++)
        if (endpoint_same_address(&list[i].address, address))
            return true;
    return false;
}

/* The question is sent twice, and who answers both is one. */
static void hear(void *context, const struct others_offer *offer, const struct endpoint *on)
{
    struct facts_others *others = context;

    for (size_t i = 0; i < others->count && i < FACTS_OFFERS_MAX; i++)
        if (others->offers[i].offer.kind == offer->kind && endpoint_same_address(&others->offers[i].on, on) &&
            endpoint_same_address(&others->offers[i].offer.server, &offer->server))
            return;
    if (others->count++ < FACTS_OFFERS_MAX)
        others->offers[others->count - 1] = (struct facts_offer){*offer, *on, is_ours(&offer->server)};
}

void facts_gather_others(struct facts_others *others)
{
    memset(others, 0, sizeof *others);
    others->is_asked = true;
    struct others_asked asked = others_ask(hear, others);
    others->interfaces = asked.interfaces;
    others->failed = asked.failed;
    others->error = asked.error;
}
