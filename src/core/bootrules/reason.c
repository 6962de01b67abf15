#include "core/bootrules/reason.h"

#define ROW(name, words, advice) {#name, words, advice},
static const struct {
    const char *name;
    const char *words;
    const char *advice;
} rows[BOOT_REASON_COUNT] = {BOOT_REASONS(ROW)};

bool boot_reason_answers(enum boot_reason reason)
{
    return reason > BOOT_NOTHING_AGAINST && reason < BOOT_MALFORMED;
}

bool boot_reason_is_refusal(enum boot_reason reason)
{
    return reason > BOOT_OTHER_MESSAGE;
}

bool boot_reason_is_limit(enum boot_reason reason)
{
    return reason >= BOOT_CLIENT_LIMIT;
}

const char *boot_reason_text(enum boot_reason reason)
{
    ASSERT(reason < BOOT_REASON_COUNT);
    return rows[reason].words;
}

const char *boot_reason_advice(enum boot_reason reason)
{
    ASSERT(reason < BOOT_REASON_COUNT);
    return rows[reason].advice;
}

const char *boot_reason_name(enum boot_reason reason)
{
    ASSERT(reason < BOOT_REASON_COUNT);
    return rows[reason].name;
}
