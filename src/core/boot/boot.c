#include "core/boot/boot.h"

void boot_init(struct boot *boot, const struct boot_rules *rules, struct boot_files files, uint64_t seed)
{
    memset(boot, 0, sizeof *boot);
    boot->rules = rules;
    boot->files = files;
    boot->seen.seed = seed;
    boot_limits_init(&boot->limits, rules->replies_per_second, seed);
}

void boot_set_rules(struct boot *boot, const struct boot_rules *rules)
{
    boot->rules = rules;
    boot_marks_keep(&boot->marks, rules);
}

/* A one-shot file was told: that boot has begun. */
static bool begins_once(const struct boot_decision *decision)
{
    const struct boot_rule *host = decision->choice.host;

    return decision->is_sent && host != NULL && host->is_once && decision->choice.verdict == BOOT_VERDICT_FILE;
}

/* A request on its way, and what the limits said of it. */
struct hearing {
    struct boot *boot;
    const struct boot_arrival *arrival;
    const struct boot_decision *decision;
    uint64_t now_ms;
    bool is_counted;
    enum boot_reason limit;
};

/* Where an answer would go, if that is one host's address that a forger may have chosen: not a relay, and no broadcast. */
static const struct endpoint *aim_of(const struct hearing *hearing)
{
    const struct boot_decision *decision = hearing->decision;

    if (hearing->arrival->address.port == BOOT_PORT_PXE)
        return &hearing->arrival->source;
    if (decision->protocol == BOOT_BY_DHCP4 || !endpoint_is_unspecified(&decision->relay) ||
        endpoint_is_unspecified(&decision->client))
        return NULL;
    return &decision->client;
}

/* The limits are asked before the decision says where its reply goes. */
static bool is_aim_right(const struct hearing *hearing)
{
    const struct endpoint *aim = aim_of(hearing);
    const struct boot_decision *decision = hearing->decision;

    if (aim != NULL)
        return endpoint_same_address(aim, &decision->reply.to);
    return decision->reply.is_broadcast || endpoint_same_address(&decision->relay, &decision->reply.to);
}

static enum boot_reason count_once(struct hearing *hearing)
{
    if (!hearing->is_counted)
        hearing->limit = boot_limits_take(&hearing->boot->limits, hearing->decision, aim_of(hearing),
                                          hearing->arrival->interface_index, hearing->boot->rules->replies_per_second,
                                          hearing->now_ms);
    hearing->is_counted = true;
    return hearing->limit;
}

/* A forger would have us open a file for each sender that he thinks of. What is over a limit gets no answer, whatever this says. */
static enum boot_file_state look_within_limits(void *context, const char *file, const struct endpoint *client)
{
    struct hearing *hearing = context;
    const struct boot_files *files = &hearing->boot->files;

    return count_once(hearing) == BOOT_NOTHING_AGAINST ? files->look(files->context, file, client) : BOOT_FILE_READABLE;
}

void boot_hear(struct boot *boot, const struct boot_arrival *arrival, struct span datagram, uint64_t now_ms,
               struct boot_decision *decision)
{
    struct hearing hearing = {.boot = boot, .arrival = arrival, .decision = decision, .now_ms = now_ms};
    struct boot_question question = {boot->rules, &boot->marks, {look_within_limits, &hearing},
                                     *arrival,    now_ms,       datagram};

    boot_decide(&question, decision);
    ASSERT(!boot_reason_answers(decision->reason) || is_aim_right(&hearing));
    if (boot_reason_answers(decision->reason) && count_once(&hearing) != BOOT_NOTHING_AGAINST) {
        decision->reason = hearing.limit;
        decision->reply.size = 0;
    }
    if (boot->is_watching)
        decision->reply.size = 0;
}

/* Behind a shared MAC there are many machines, which their GUIDs tell apart; without one it has no other name. */
static struct identity name_of(const struct boot_rules *rules, const struct identity *identity)
{
    struct identity known = boot_match_identity(rules, identity);

    return known.has_mac || known.has_guid ? known : *identity;
}

void boot_note(struct boot *boot, struct boot_decision *decision, uint64_t now_ms)
{
    ASSERT(!decision->is_sent || decision->reply.size > 0);
    if (decision->reply.size > 0 && !decision->is_sent)
        decision->reason = BOOT_NOT_SENT;
    if (begins_once(decision))
        boot_marks_use(&boot->marks, &decision->choice.host->who, now_ms);
    struct identity name = name_of(boot->rules, &decision->machine.identity);
    boot_seen_hear(&boot->seen, decision, &name, now_ms);
}

enum boot_approval boot_approve(struct boot *boot, const struct who *who)
{
    struct identity named = {.has_mac = who->kind == WHO_MAC};

    memcpy(named.mac, who->bytes, named.has_mac ? sizeof named.mac : 0);
    if (named.has_mac && !boot_match_identity(boot->rules, &named).has_mac)
        return BOOT_APPROVAL_SHARED;
    if (!boot_marks_approve(&boot->marks, who))
        return BOOT_APPROVAL_FULL;
    boot_seen_approve(&boot->seen, who);
    return BOOT_APPROVAL_DONE;
}
