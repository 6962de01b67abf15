#include "core/boot/seen.h"

#include "core/base/utf8.h"

/*
 * By its MAC, or its GUID where it has none: not by both, for U-Boot and some builds of iPXE say no GUID. An empty place has
 * neither, and no machine that is noted lacks both.
 */
static struct endpoint key_of(const struct identity *identity)
{
    struct endpoint key = {.port = identity->has_mac};

    memcpy(key.address, identity->has_mac ? identity->mac : identity->guid, identity->has_mac ? MAC_SIZE : GUID_SIZE);
    return key;
}

/* The machine's own place, or the one of its set that gives way. */
static struct seen_machine *place_for(struct boot_seen *machines, const struct identity *identity)
{
    struct endpoint key = key_of(identity);
    struct seen_machine *set = machines->places[endpoint_hash(&key, machines->seed) % SEEN_SETS];
    struct seen_machine *oldest = &set[0];

    for (size_t way = 0; way < SEEN_WAYS; way++) {
        struct endpoint other = key_of(&set[way].machine.identity);
        if (endpoint_equal(&other, &key))
            return &set[way];
        if (set[way].last_ms < oldest->last_ms)
            oldest = &set[way];
    }
    return oldest;
}

static bool is_same(const struct seen_machine *seen, const struct identity *identity)
{
    struct endpoint a = key_of(&seen->machine.identity);
    struct endpoint b = key_of(identity);

    return endpoint_equal(&a, &b);
}

static struct seen_machine *place_number(struct boot_seen *machines, size_t place)
{
    return &machines->places[place / SEEN_WAYS][place % SEEN_WAYS];
}

static size_t address_set(const struct boot_seen *machines, const struct endpoint *address)
{
    struct endpoint key = endpoint_host(address);

    return endpoint_hash(&key, machines->seed) % SEEN_ADDRESS_SETS;
}

/* The number of the place of the machine at this address, or SEEN_MAX. */
static size_t find_at(const struct boot_seen *machines, const struct endpoint *address)
{
    const uint16_t *set = machines->by_address[address_set(machines, address)];

    for (size_t way = 0; way < SEEN_ADDRESS_WAYS; way++) {
        if (set[way] == 0)
            continue;
        size_t number = set[way] - 1u;
        const struct seen_machine *seen = &machines->places[number / SEEN_WAYS][number % SEEN_WAYS];
        if (seen->has_address && endpoint_same_address(&seen->address, address))
            return number;
    }
    return SEEN_MAX;
}

/* The last who took an address has it; in a full set of the index the first is forgotten. */
static void learn_address(struct boot_seen *machines, struct seen_machine *seen, const struct endpoint *address)
{
    size_t before = find_at(machines, address);
    uint16_t *set = machines->by_address[address_set(machines, address)];
    size_t number = (size_t)(seen - &machines->places[0][0]);

    if (before == number)
        return;
    if (before < SEEN_MAX)
        place_number(machines, before)->has_address = false;
    seen->has_address = true;
    seen->address = endpoint_host(address);
    memmove(set, set + 1, (SEEN_ADDRESS_WAYS - 1) * sizeof set[0]);
    set[SEEN_ADDRESS_WAYS - 1] = (uint16_t)(number + 1);
}

/* It has to come to us: not one that was sent to another server, or may choose its disk in a menu. */
static bool has_to_come(const struct boot_decision *decision)
{
    const struct boot_rule *rule = decision->choice.rule;

    return decision->is_sent && decision->reason == BOOT_OFFERED && rule != NULL && !rule->is_url &&
           !rule->has_server && decision->choice.style != BOOT_STYLE_MENU;
}

/* An offer that it is to make something of: the one before was, or it was switched off meanwhile. */
static bool begins_course(const struct seen_machine *seen, uint64_t now_ms)
{
    bool is_stale = !seen->has_address && now_ms - seen->offered_ms >= SEEN_HINT_MS;

    return seen->course == COURSE_OFFERED ? is_stale : seen->course != COURSE_HINTED;
}

static void note_course(struct seen_machine *seen, const struct boot_decision *decision, uint64_t now_ms)
{
    if (decision->is_on_pxe_port) {
        seen->course = COURSE_CAME;
    } else if (has_to_come(decision)) {
        if (!begins_course(seen, now_ms))
            return;
        seen->course = COURSE_OFFERED;
        seen->offered_ms = now_ms;
        seen->has_address = false; /* that of the boot before; it takes one anew */
    } else if (seen->course == COURSE_OFFERED && !boot_reason_is_limit(decision->reason)) {
        seen->course = COURSE_HEARD; /* its rule is another one by now */
    }
}

static void note_decision(struct seen_machine *seen, const struct boot_decision *decision,
                          const struct identity *identity, uint64_t now_ms)
{
    const struct boot_rule *rule = decision->choice.rule;

    seen->machine = decision->machine;
    seen->machine.identity = *identity;
    seen->reason = (uint8_t)decision->reason;
    seen->is_waiting = decision->reason == BOOT_WAITING;
    seen->requests++;
    seen->answers += boot_reason_answers(decision->reason);
    seen->rule_list = rule != NULL ? rule->list : 0;
    seen->rule_line = rule != NULL ? rule->number : 0;
    utf8_copy(seen->file, sizeof seen->file, decision->file);
    note_course(seen, decision, now_ms);
}

void boot_seen_hear(struct boot_seen *machines, const struct boot_decision *decision, const struct identity *identity,
                    uint64_t now_ms)
{
    bool is_for_us = boot_reason_answers(decision->reason) || boot_reason_is_refusal(decision->reason);

    ASSERT(now_ms > 0);
    if (!identity->has_mac && !identity->has_guid)
        return;
    struct seen_machine *seen = place_for(machines, identity);
    bool is_known = is_same(seen, identity);
    if (!is_known && !is_for_us)
        return;
    if (!is_known)
        *seen = (struct seen_machine){.first_ms = now_ms};
    seen->last_ms = now_ms;
    if (is_for_us)
        note_decision(seen, decision, identity, now_ms);
    if (decision->bootp_host != NULL && boot_reason_answers(decision->reason))
        learn_address(machines, seen, &decision->bootp_host->address);
    else if (!endpoint_is_unspecified(&decision->client))
        learn_address(machines, seen, &decision->client);
}

void boot_seen_came(struct boot_seen *machines, const struct endpoint *client)
{
    size_t number = find_at(machines, client);

    if (number < SEEN_MAX)
        place_number(machines, number)->course = COURSE_CAME;
}

void boot_seen_approve(struct boot_seen *machines, const struct who *who)
{
    for (size_t i = 0; i < SEEN_MAX; i++)
        if (who_is(who, &place_number(machines, i)->machine.identity))
            place_number(machines, i)->is_waiting = false;
}

const struct seen_machine *boot_seen_next(const struct boot_seen *machines, size_t *place)
{
    while (*place < SEEN_MAX) {
        const struct seen_machine *seen = &machines->places[*place / SEEN_WAYS][*place % SEEN_WAYS];
        (*place)++;
        if (seen->last_ms != 0)
            return seen;
    }
    return NULL;
}

const struct seen_machine *boot_seen_hint(struct boot_seen *machines, uint64_t now_ms)
{
    for (size_t i = 0; i < SEEN_MAX; i++) {
        struct seen_machine *seen = place_number(machines, i);
        if (seen->course == COURSE_OFFERED && seen->has_address && now_ms - seen->offered_ms >= SEEN_HINT_MS) {
            seen->course = COURSE_HINTED;
            return seen;
        }
    }
    return NULL;
}
