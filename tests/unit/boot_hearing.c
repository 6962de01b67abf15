#include "boot_hearing.h"

#include "guard.h"
#include "unit.h"

enum { INTERFACE = 3, SEED = 42, BEGUN_MS = 1000000 };

struct boot boot;
bool is_cut_off;

int hearing_set_up(void **state)
{
    scene_set_up(state);
    scene_boot("x64 = x64.efi");
    boot_init(&boot, &rules, question.files, SEED);
    question.arrival.interface_index = INTERFACE;
    question.now_ms = BEGUN_MS;
    is_cut_off = false;
    return 0;
}

enum boot_reason hear(const struct ask *ask)
{
    boot_hear(&boot, &question.arrival, guard_span(ask->bytes, ask->size), question.now_ms, &decision);
    CHECK(boot.is_watching || boot_reason_answers(decision.reason) == (decision.reply.size > 0), "%s",
          boot_reason_name(decision.reason));
    decision.is_sent = decision.reply.size > 0 && !is_cut_off;
    boot_note(&boot, &decision, question.now_ms);
    return decision.reason;
}

struct ask discover(unsigned number)
{
    struct ask ask;

    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    write_u16(ask.bytes + 32, (uint16_t)number);
    return ask;
}

enum boot_reason hear_number(unsigned number)
{
    struct ask ask = discover(number);

    return hear(&ask);
}

const struct seen_machine *only_machine(void)
{
    size_t place = 0;
    const struct seen_machine *seen = boot_seen_next(&boot.seen, &place);

    assert_non_null(seen);
    assert_null(boot_seen_next(&boot.seen, &place));
    return seen;
}
