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

void boot_hear(struct boot *boot, const struct boot_arrival *arrival, struct span datagram, uint64_t now_ms,
               struct boot_decision *decision)
{
    struct boot_question question = {boot->rules, &boot->marks, boot->files, *arrival, now_ms, datagram};

    boot_decide(&question, decision);
    if (boot_reason_answers(decision->reason)) {
        enum boot_reason limit = boot_limits_take(&boot->limits, decision, arrival->interface_index,
                                                  boot->rules->replies_per_second, now_ms);
        if (limit != BOOT_NOTHING_AGAINST) {
            decision->reason = limit;
            decision->reply.size = 0;
        }
    }
    if (boot->is_watching)
        decision->reply.size = 0;
}

void boot_note(struct boot *boot, struct boot_decision *decision, uint64_t now_ms)
{
    ASSERT(!decision->is_sent || decision->reply.size > 0);
    if (decision->reply.size > 0 && !decision->is_sent)
        decision->reason = BOOT_NOT_SENT;
    if (begins_once(decision))
        boot_marks_use(&boot->marks, &decision->choice.host->who, now_ms);
    boot_seen_hear(&boot->seen, decision, now_ms);
}
