#include "win32/boot/companion_parts.h"

#include "core/names/path.h"

#include <stdio.h>

enum { MACHINE_SHOWN_MAX = IDENTITY_TEXT_MAX + MACHINE_TEXT_MAX, RULE_SHOWN_MAX = 128, FILE_SHOWN_MAX = 160 };

void companion_tell(struct companion *companion, enum event_id id, const struct endpoint *place, const char *words,
                    const char *detail)
{
    struct event event = event_of(id, NULL, detail);

    event.words = words;
    if (place != NULL)
        event.client = *place;
    journal_put(companion->journal, &event);
}

static char *machine_shown(const struct machine *machine, char *text, size_t size)
{
    char identity[IDENTITY_TEXT_MAX], kind[MACHINE_TEXT_MAX];

    snprintf(text, size, "%s, %s", identity_text(&machine->identity, identity), machine_text(machine, kind));
    return text;
}

/* ", \"boot/x64.efi\" by PxeBoot 1: x64 = boot/x64.efi, through 10.2.0.1. What to do." */
static void write_detail(const struct boot_decision *decision, const struct boot_rules *rules,
                         const struct boot_arrival *arrival, char *text, size_t size)
{
    const char *advice = boot_reason_advice(decision->reason);
    char line[RULE_SHOWN_MAX] = "", shown[RULE_SHOWN_MAX], file[FILE_SHOWN_MAX], ours[ENDPOINT_TEXT_MAX],
         relay[ENDPOINT_TEXT_MAX];
    const struct boot_rule *rule = decision->entry != NULL ? decision->entry : decision->choice.rule;

    if (rule != NULL)
        boot_rule_text(rules, rule, line, sizeof line);
    else if (decision->bootp_host != NULL)
        snprintf(line, sizeof line, "%s %u: %s", boot_list_name(BOOT_LIST_BOOTP),
                 (unsigned)decision->bootp_host->number, boot_text(rules, decision->bootp_host->line));
    path_printable(span_of_text(line), shown, sizeof shown);
    path_printable(span_of_text(decision->file), file, sizeof file);
    bool is_relayed = !endpoint_is_unspecified(&decision->relay);
    snprintf(text, size, "%s%s%s%s%s; to %s%s%s%s%s", file[0] != 0 ? ", \"" : "", file, file[0] != 0 ? "\"" : "",
             shown[0] != 0 ? " by " : "", shown, endpoint_text(&arrival->address, ours),
             is_relayed ? " through relay " : "", is_relayed ? endpoint_address_text(&decision->relay, relay) : "",
             advice[0] != 0 ? ". " : "", advice);
}

static void count(struct running *running, enum boot_reason reason)
{
    struct companion_counts *counts = &running->companion->counts;

    if (boot_reason_is_limit(reason)) {
        running->limited[reason]++;
        InterlockedIncrement64(&counts->limited);
    } else if (boot_reason_answers(reason)) {
        InterlockedIncrement64(&counts->answered);
    } else if (boot_reason_is_refusal(reason)) {
        InterlockedIncrement64(&counts->refused);
    }
}

void companion_tell_decision(struct running *running, const struct boot_decision *decision,
                             const struct boot_arrival *arrival)
{
    struct journal *journal = running->companion->journal;
    char name[MACHINE_SHOWN_MAX], detail[EVENT_DETAIL_MAX];
    enum event_id id = EVENT_BOOT_REFUSED;

    count(running, decision->reason);
    if (boot_reason_is_limit(decision->reason) ||
        (!boot_reason_answers(decision->reason) && !boot_reason_is_refusal(decision->reason)))
        return;
    if (boot_reason_answers(decision->reason))
        id = running->boot.is_watching ? EVENT_BOOT_WATCHED : EVENT_BOOT_ANSWERED;
    if (!journal_wants(journal, event_kind((uint16_t)id)->level))
        return;
    write_detail(decision, running->rules, arrival, detail, sizeof detail);
    struct event event = event_of(id, machine_shown(&decision->machine, name, sizeof name), detail);
    event.words = boot_reason_text(decision->reason);
    event.client = endpoint_is_unspecified(&decision->client) ? arrival->source : decision->client;
    journal_put(journal, &event);
}

static void tell_limits(struct running *running)
{
    static const struct {
        enum boot_reason reason;
        const char *words;
    } limits[] = {
        {BOOT_CLIENT_LIMIT, "one machine"},      {BOOT_ADDRESS_LIMIT, "one address"}, {BOOT_RELAY_LIMIT, "one relay"},
        {BOOT_INTERFACE_LIMIT, "one interface"}, {BOOT_TOTAL_LIMIT, "all"},
    };
    struct event event = event_of(EVENT_BOOT_LIMITED, NULL, NULL);
    size_t used = 0;

    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        uint32_t *count = &running->limited[limits[i].reason];
        if (*count == 0)
            continue;
        used += (size_t)snprintf(event.detail + used, sizeof event.detail - used, "%s%u by the limit of %s",
                                 used > 0 ? ", " : "", (unsigned)*count, limits[i].words);
        event.number += *count;
        *count = 0;
    }
    if (event.number > 0)
        journal_put(running->companion->journal, &event);
}

static void tell_hints(struct running *running, uint64_t now_ms)
{
    enum { HINTS_MAX = 16 }; /* of one minute: a whole class that is lost needs no more */
    const struct seen_machine *seen;
    char name[MACHINE_SHOWN_MAX];

    for (int told = 0; told < HINTS_MAX && (seen = boot_seen_hint(&running->boot.seen, now_ms)) != NULL; told++) {
        struct event event = event_of(EVENT_BOOT_HINT, machine_shown(&seen->machine, name, sizeof name), NULL);
        event.words = "another server's options win, or it does not hear us";
        event.client = seen->address;
        journal_put(running->companion->journal, &event);
    }
}

void companion_tell_minute(struct running *running, uint64_t now_ms)
{
    if (now_ms - running->counted_ms < COMPANION_COUNT_MS)
        return;
    running->counted_ms = now_ms;
    tell_limits(running);
    tell_hints(running, now_ms);
}
