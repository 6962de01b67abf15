/* What others ask of the companion while it runs. */
#include "win32/boot/companion_parts.h"

#include "core/names/path.h"

/* Does a stand before b. */
static bool is_before(const struct seen_machine *a, const struct seen_machine *b)
{
    return a->is_waiting != b->is_waiting ? a->is_waiting : a->last_ms > b->last_ms;
}

/* The first of them in their order. Returns how many. */
static size_t choose(const struct boot_seen *machines, const struct seen_machine *chosen[COMPANION_MACHINES_MAX])
{
    const struct seen_machine *seen;
    size_t place = 0;
    size_t count = 0;

    while ((seen = boot_seen_next(machines, &place)) != NULL) {
        if (count == COMPANION_MACHINES_MAX && !is_before(seen, chosen[count - 1]))
            continue;
        size_t at = count < COMPANION_MACHINES_MAX ? count++ : count - 1;
        for (; at > 0 && is_before(seen, chosen[at - 1]); at--)
            chosen[at] = chosen[at - 1];
        chosen[at] = seen;
    }
    return count;
}

static void describe(const struct seen_machine *seen, uint64_t now_ms, struct companion_machine *machine)
{
    *machine = (struct companion_machine){
        .address = seen->address,
        .age_ms = now_ms - seen->last_ms,
        .requests = seen->requests,
        .answers = seen->answers,
        .rule_line = seen->rule_line,
        .rule_list = seen->rule_list,
        .reason = seen->reason,
        .course = seen->course,
        .is_waiting = seen->is_waiting,
        .has_address = seen->has_address,
    };
    identity_text(&seen->machine.identity, machine->identity);
    machine_text(&seen->machine, machine->kind);
    path_printable(span_of_text(seen->file), machine->file, sizeof machine->file);
}

void companion_look(struct companion *companion, struct companion_state *state, struct companion_machine *list)
{
    const struct seen_machine *chosen[COMPANION_MACHINES_MAX];

    *state = (struct companion_state){.is_on = 0};
    AcquireSRWLockShared(&companion->lock);
    struct running *running = companion->running;
    if (running != NULL) {
        AcquireSRWLockExclusive(&running->lock);
        uint64_t now_ms = GetTickCount64();
        *state = running->state;
        state->is_on = true;
        state->is_watch = running->boot.is_watching;
        state->machine_count = (uint32_t)choose(&running->boot.seen, chosen);
        for (size_t i = 0; i < state->machine_count; i++)
            describe(chosen[i], now_ms, &list[i]);
        ReleaseSRWLockExclusive(&running->lock);
    }
    ReleaseSRWLockShared(&companion->lock);
    state->answered = (uint64_t)companion->counts.answered;
    state->refused = (uint64_t)companion->counts.refused;
    state->limited = (uint64_t)companion->counts.limited;
}

struct mac companion_who(struct companion *companion, const struct endpoint *client)
{
    struct mac mac = {.source = MAC_UNKNOWN};

    AcquireSRWLockShared(&companion->lock);
    struct running *running = companion->running;
    if (running != NULL) {
        AcquireSRWLockShared(&running->holders_lock);
        mac = holders_find(&running->holders, client, GetTickCount64());
        ReleaseSRWLockShared(&running->holders_lock);
    }
    ReleaseSRWLockShared(&companion->lock);
    return mac;
}

enum companion_approval companion_approve(struct companion *companion, const char *who)
{
    static const enum companion_approval approvals[] = {
        [BOOT_APPROVAL_DONE] = COMPANION_APPROVED,
        [BOOT_APPROVAL_SHARED] = COMPANION_SHARED,
        [BOOT_APPROVAL_FULL] = COMPANION_FULL,
    };
    enum companion_approval approval = COMPANION_OFF;
    struct who machine;

    if (!who_parse(&machine, span_of_text(who)) || !who_is_one(&machine))
        return COMPANION_NO_MACHINE;
    AcquireSRWLockShared(&companion->lock);
    struct running *running = companion->running;
    if (running != NULL) {
        AcquireSRWLockExclusive(&running->lock);
        approval = approvals[boot_approve(&running->boot, &machine)];
        ReleaseSRWLockExclusive(&running->lock);
    }
    ReleaseSRWLockShared(&companion->lock);
    if (approval == COMPANION_APPROVED) {
        struct event event = event_of(EVENT_BOOT_APPROVED, who, NULL);
        journal_put(companion->journal, &event);
    }
    return approval;
}
