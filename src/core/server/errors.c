#include "core/server/errors.h"

void errors_init(struct errors *errors, uint32_t per_second, uint64_t seed)
{
    memset(errors, 0, sizeof *errors);
    limiter_init(&errors->limiter, per_second, seed);
    for (size_t i = 0; i < ERRORS_PEERS; i++)
        bucket_init(&errors->strays[i], ERRORS_STRAYS);
}

bool errors_allow(struct errors *errors, const struct endpoint *to, uint32_t per_second, uint64_t now_ms)
{
    return limiter_allows(&errors->limiter, to, per_second, now_ms);
}

bool errors_allow_stray(struct errors *errors, const struct endpoint *to, uint32_t per_second, uint64_t now_ms)
{
    struct bucket *strays = &errors->strays[endpoint_hash(to, errors->limiter.seed) % ERRORS_PEERS];

    return bucket_take(strays, ERRORS_STRAYS, now_ms) && errors_allow(errors, to, per_second, now_ms);
}

enum errors_hearing errors_hear(struct errors *errors, const struct endpoint *from, uint32_t per_second,
                                uint64_t now_ms)
{
    struct endpoint host = endpoint_host(from);
    uint32_t now_s = (uint32_t)(now_ms / 1000) + 1;

    if (limiter_has(&errors->limiter, from, per_second, now_ms))
        return ERRORS_HEARD;
    uint32_t *told_s = &errors->told_s[endpoint_hash(&host, errors->limiter.seed) % LIMITER_BUCKETS];
    if (*told_s != 0 && now_s - *told_s < ERRORS_TELL_S)
        return ERRORS_UNHEARD;
    *told_s = now_s;
    return ERRORS_UNHEARD_TELL;
}
