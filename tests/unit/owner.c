#include "owner.h"

#include "driver.h"
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>

static void note(struct owner *o, const char *text)
{
    size_t used = strlen(o->log);

    snprintf(o->log + used, sizeof o->log - used, "%s%s", used > 0 ? " " : "", text);
}

/* What is said in vain is in brackets. */
static void say(struct owner *o, struct span datagram)
{
    char text[64], heard[80];

    wire_text(datagram, text, sizeof text);
    snprintf(heard, sizeof heard, life_may_speak(&o->life) ? "%s" : "(%s)", text);
    note(o, heard);
}

static void say_blocks(struct owner *o)
{
    for (uint32_t i = 0; i < o->action.blocks.count; i++) {
        uint8_t header[4];
        write_u16(header, 3);
        write_u16(header + 2, (uint16_t)(o->action.blocks.first + i));
        say(o, span_of(header, sizeof header));
    }
}

static enum life_performed perform(struct owner *o)
{
    static const char *const words[OUTCOME_COUNT] = {
        [OUTCOME_DONE] = "done",
        [OUTCOME_PROBE] = "probe",
        [OUTCOME_STOPPED] = "stopped",
        [OUTCOME_CLIENT_ERROR] = "client-error",
        [OUTCOME_ENDED] = "ended",
        [OUTCOME_FILE_ERROR] = "file-error",
        [OUTCOME_EVICTED] = "evicted",
        [OUTCOME_SUPERSEDED] = "superseded",
        [OUTCOME_SILENT] = "silent",
        [OUTCOME_MISUNDERSTOOD] = "misunderstood",
        [OUTCOME_STUCK] = "stuck",
        [OUTCOME_NEVER_ANSWERED] = "never-answered",
        [OUTCOME_UNCONFIRMED] = "unconfirmed",
        [OUTCOME_NEVER_TOOK_DATA] = "never-took-data",
    };

    for (;;) {
        bool is_data = o->action.kind == ACTION_SEND_BLOCKS || o->action.kind == ACTION_READ;
        uint32_t count = 1;
        if (is_data && o->with_data != PERFORMED_WAITS)
            return o->with_data;
        switch (o->action.kind) {
        case ACTION_SEND: say(o, o->action.send.bytes); break;
        case ACTION_SEND_BLOCKS:
            count = o->action.blocks.count;
            say_blocks(o);
            break;
        case ACTION_READ:
            transfer_answer_read(&o->transfer, STATUS_OK, span_of("abcdefgh", o->action.read.offset < 8 ? 8 : 0),
                                 o->now_ms, &o->action);
            continue;
        case ACTION_WRITE: note(o, "WRITE"); return PERFORMED_PARKS;
        case ACTION_COMMIT: note(o, "COMMIT"); return PERFORMED_PARKS;
        case ACTION_WAIT: return PERFORMED_WAITS;
        default: note(o, words[o->action.finish.outcome]); return PERFORMED_FINISHED;
        }
        transfer_answer(&o->transfer, STATUS_OK, count, o->now_ms, &o->action);
    }
}

static void note_rest(struct owner *o, uint64_t until_ms)
{
    char text[32] = "for ever";

    o->until_ms = until_ms;
    if (until_ms != UINT64_MAX)
        snprintf(text, sizeof text, "until %d", (int)(until_ms - o->now_ms));
    note(o, text);
}

static void note_request(struct owner *o, enum life_request request)
{
    static const char *const words[] = {
        [REQUEST_FORGET] = "forget", [REQUEST_KEEP] = "keep", [REQUEST_RETAKE] = "retake"};

    if (request != REQUEST_NONE)
        note(o, words[request]);
}

static void follow(struct owner *o, struct life_step step)
{
    note_request(o, step.request);
    if (step.gives_up_turn)
        note(o, "turn");
    while (step.task == LIFE_PERFORM) {
        if (step.is_unasked)
            note(o, "unasked");
        step = life_on_performed(&o->life, &o->transfer, perform(o), o->now_ms, &o->action);
        note_request(o, step.request);
    }
    o->is_over = step.task == LIFE_FREE;
    if (step.task == LIFE_REST)
        note_rest(o, step.until_ms);
    if (step.task == LIFE_NOTHING)
        note(o, "-");
}

static void on_packet(struct owner *o, struct span datagram)
{
    struct packet packet;

    ASSERT(packet_decode(&packet, datagram) == DECODING_OK);
    follow(o, life_on_datagram(&o->life, &o->transfer, &packet, o->now_ms, &o->action));
}

static void on_number(struct owner *o, unsigned opcode, uint64_t block, size_t size)
{
    uint8_t datagram[4 + OWNER_FILE_SIZE] = {0, (uint8_t)opcode};

    write_u16(datagram + 2, (uint16_t)block);
    on_packet(o, span_of(datagram, 4 + size));
}

static void on_client(struct owner *o, bool is_late)
{
    const struct transfer *t = &o->transfer;

    if (t->is_upload)
        on_number(o, 3, is_late ? t->sent + 9 : t->sent > 0 ? 2 : 1, t->sent > 0 ? 4 : 8);
    else
        on_number(o, 4, is_late ? 999 : t->high, 0);
}

/* What came due is no deadline any more. */
static void on_timer(struct owner *o, bool is_early)
{
    bool is_due = !is_early && o->until_ms != UINT64_MAX;

    o->now_ms = is_due ? o->until_ms : o->now_ms + 1;
    if (is_due)
        o->until_ms = UINT64_MAX;
    follow(o, life_on_timer(&o->life, &o->transfer, o->now_ms, &o->action));
}

static void on_resume(struct owner *o, bool is_failure)
{
    if (o->life.state == LIFE_PARKED)
        follow(o, life_on_io(&o->life, &o->transfer, is_failure ? STATUS_BROKEN : STATUS_OK, o->now_ms, &o->action));
    else if (o->life.state == LIFE_READY && !is_failure)
        follow(o, life_on_turn(&o->life, &o->transfer, o->now_ms, &o->action));
}

static void on_request(struct owner *o, enum event event)
{
    static const enum admission_likeness likenesses[] = {
        [SAME] = REQUEST_SAME, [OTHER] = REQUEST_OTHER, [COPY] = REQUEST_LATE};

    follow(o, life_on_repeat(&o->life, &o->transfer, likenesses[event], o->now_ms, &o->action));
}

void owner_happen(struct owner *o, enum event event)
{
    static const uint8_t error[] = {0, 5, 0, 0, 'n', 'o', 0};

    o->log[0] = 0;
    switch (event) {
    case NEXT:
    case LATE: on_client(o, event == LATE); break;
    case ERROR_PACKET: on_packet(o, span_of(error, sizeof error)); break;
    case TIMER_EARLY:
    case TIMER: on_timer(o, event == TIMER_EARLY); break;
    case SAME:
    case OTHER:
    case COPY: on_request(o, event); break;
    case RESUME:
    case FAIL: on_resume(o, event == FAIL); break;
    default:
        follow(o, life_on_end(&o->life, &o->transfer, (enum life_end)(event - ADMINISTRATOR + END_BY_ADMINISTRATOR),
                              o->now_ms, &o->action));
    }
}

void owner_begin(struct owner *o, unsigned kind, const char *options)
{
    struct driver d;

    driver_init(&d, kind, options, NULL, OWNER_FILE_SIZE);
    memset(o, 0, sizeof *o);
    o->setup = d.setup;
    o->setup.memory = malloc(transfer_memory_size(&o->setup) + 1);
    o->now_ms = DRIVER_START_MS;
    transfer_begin(&o->transfer, &o->setup, o->now_ms, &o->action);
    /* A listener sends the first answer before the worker has it. */
    ASSERT(perform(o) == PERFORMED_WAITS);
    o->log[0] = 0;
    follow(o, life_start(&o->life, &o->transfer));
    ASSERT(strcmp(o->log, "until 1000") == 0);
}

void owner_free(struct owner *o)
{
    free(o->setup.memory);
}
