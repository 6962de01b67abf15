/* The life of a session: every legal cell of state, doubt and end by event; what a long random life must keep to. */
#include "unit.h"

#include "driver.h"
#include "owner.h"

enum base { OFFERED, SENDING, READY, STARVED, READING, WRITING, COMMITTING, DALLYING, BASES };

static void go_to_base(struct owner *o, enum base base)
{
    static const enum life_performed puts_off[BASES] = {
        [READY] = PERFORMED_YIELDS, [STARVED] = PERFORMED_STARVES, [READING] = PERFORMED_PARKS};

    owner_begin(o, base >= WRITING ? UPLOAD : DOWNLOAD, "blksize 8 timeout 1");
    if (base != OFFERED)
        owner_happen(o, NEXT);
    if (base > SENDING && base < WRITING)
        o->with_data = puts_off[base];
    if (base != OFFERED)
        owner_happen(o, NEXT);
    o->with_data = PERFORMED_WAITS;
    for (enum base passed = WRITING; passed < base; passed++)
        owner_happen(o, RESUME);
}

struct place {
    enum base base;
    enum life_doubt doubt;
    enum life_end end;
};

static void go(struct owner *o, const struct place *place)
{
    go_to_base(o, place->base);
    if (place->doubt != DOUBT_NONE)
        owner_happen(o, COPY);
    if (place->doubt == DOUBT_BROKEN) {
        o->until_ms = o->life.doubt_until_ms; /* while it starves it is woken more often */
        owner_happen(o, TIMER);
    }
    if (place->end != END_NONE)
        owner_happen(o, (enum event)(ADMINISTRATOR + (place->end - END_BY_ADMINISTRATOR)));
    assert_int_equal(o->life.doubt, place->doubt);
    assert_int_equal(o->life.end, place->end);
}

/* Which cells there are, told apart from the table: only who cannot end at once carries a wish. */
static bool is_legal(const struct place *place)
{
    bool is_waiting = place->base == OFFERED || place->base == SENDING || place->base == DALLYING;
    bool is_parked = place->base >= READING && place->base <= COMMITTING;

    return place->end == END_NONE || is_parked || (!is_waiting && place->end < END_EVICTED);
}

static bool can_happen(const struct place *place, enum event event)
{
    bool is_parked = place->base >= READING && place->base <= COMMITTING;

    return (event != FAIL || is_parked) && (event != RESUME || is_parked || place->base == READY);
}

/* -- the table: sets are bits -- */

enum {
    B_OFFERED = 1 << OFFERED,
    B_SENDING = 1 << SENDING,
    B_READY = 1 << READY,
    B_STARVED = 1 << STARVED,
    B_READING = 1 << READING,
    B_WRITING = 1 << WRITING,
    B_COMMITTING = 1 << COMMITTING,
    B_DALLYING = 1 << DALLYING,
    B_IDLE = B_READY | B_STARVED,
    B_STORING = B_WRITING | B_COMMITTING,
    B_PARKED = B_READING | B_STORING,
    D_NONE = 1 << DOUBT_NONE,
    D_OPEN = 1 << DOUBT_OPEN,
    D_BROKEN = 1 << DOUBT_BROKEN,
    D_BOTH = D_OPEN | D_BROKEN,
    D_ANY = D_NONE | D_BOTH,
    E_NONE = 1 << END_NONE,
    E_ADMIN = 1 << END_BY_ADMINISTRATOR,
    E_STOP = 1 << END_BY_STOP,
    E_EVICTED = 1 << END_EVICTED,
    E_SUPERSEDED = 1 << END_SUPERSEDED,
    E_SPEAKS = E_NONE | E_ADMIN | E_STOP,
    E_KEPT = E_SPEAKS | E_EVICTED,
    E_ANY = E_SPEAKS | E_EVICTED | E_SUPERSEDED,
    ON_NEXT = 1 << NEXT,
    ON_LATE = 1 << LATE,
    ON_ERROR = 1 << ERROR_PACKET,
    ON_EARLY = 1 << TIMER_EARLY,
    ON_TIMER = 1 << TIMER,
    ON_SAME = 1 << SAME,
    ON_OTHER = 1 << OTHER,
    ON_COPY = 1 << COPY,
    ON_REQUEST = ON_SAME | ON_OTHER | ON_COPY,
    ON_RESUME = 1 << RESUME,
    ON_FAIL = 1 << FAIL,
    ON_ADMIN = 1 << ADMINISTRATOR,
    ON_STOP = 1 << STOP,
    ON_EVICT = 1 << EVICT,
    ON_SUPERSEDE = 1 << SUPERSEDE
};

static const struct {
    unsigned bases, doubts, ends, events;
    const char *log;
} rows[] = {
    /* Nobody has answered: what comes is the transfer's, and a request is answered again or judged anew. */
    {B_OFFERED, D_NONE, E_NONE, ON_NEXT, "DATA 1 until 1000"},
    {B_OFFERED, D_NONE, E_NONE, ON_LATE, "until 1000"},
    {B_OFFERED, D_NONE, E_NONE, ON_ERROR, "client-error"},
    {B_OFFERED, D_NONE, E_NONE, ON_EARLY, "unasked until 999"},
    {B_OFFERED, D_NONE, E_NONE, ON_TIMER, "unasked OACK blksize=8 timeout=1 until 2000"},
    {B_OFFERED, D_NONE, E_NONE, ON_SAME, "forget OACK blksize=8 timeout=1 until 1000"},
    {B_OFFERED, D_NONE, E_NONE, ON_OTHER, "retake until 1000"},
    {B_OFFERED, D_NONE, E_NONE, ON_COPY, "keep until 2000"}, /* of what its client had before, and wants no more */
    /* Without a doubt what comes is the transfer's, and a request is one. */
    {B_SENDING, D_NONE, E_NONE, ON_NEXT, "DATA 3 until 1000"},
    {B_DALLYING, D_NONE, E_NONE, ON_NEXT, "ACK 2 until 1000"},
    {B_SENDING | B_DALLYING, D_NONE, E_NONE, ON_LATE, "until 1000"},
    {B_SENDING, D_NONE, E_NONE, ON_ERROR, "client-error"},
    {B_DALLYING, D_NONE, E_NONE, ON_ERROR, "done"},
    {B_SENDING | B_DALLYING, D_NONE, E_NONE, ON_EARLY, "until 999"},
    {B_SENDING, D_NONE, E_NONE, ON_TIMER, "DATA 2 until 2000"},
    {B_DALLYING, D_NONE, E_NONE, ON_TIMER, "done"},
    {B_SENDING, D_NONE, E_NONE, ON_REQUEST, "keep until 2000"},
    {B_DALLYING, D_NONE, E_NONE, ON_REQUEST, "keep until 6000"},
    {B_OFFERED | B_SENDING, D_NONE, E_NONE, ON_ADMIN, "ERROR 0 ended"},
    {B_OFFERED | B_SENDING, D_NONE, E_NONE, ON_STOP, "ERROR 0 stopped"},
    {B_OFFERED | B_SENDING, D_NONE, E_NONE, ON_EVICT, "evicted"},
    {B_OFFERED | B_SENDING, D_NONE, E_NONE, ON_SUPERSEDE, "superseded"},
    {B_DALLYING, D_NONE, E_NONE, ON_ADMIN | ON_STOP | ON_EVICT | ON_SUPERSEDE, "done"},
    /* In doubt: the client goes on; or it is silent, and begins anew. An ERROR tells nothing about who sent it. */
    {B_OFFERED, D_OPEN, E_NONE, ON_NEXT, "forget DATA 1 until 1000"},
    {B_OFFERED, D_OPEN, E_NONE, ON_ERROR, "client-error retake"},
    {B_SENDING, D_OPEN, E_NONE, ON_NEXT, "forget DATA 3 until 1000"},
    {B_DALLYING, D_OPEN, E_NONE, ON_NEXT, "forget ACK 2 until 1000"},
    {B_OFFERED | B_SENDING | B_DALLYING, D_OPEN, E_NONE, ON_LATE, "forget until 1000"},
    {B_SENDING, D_OPEN, E_NONE, ON_ERROR, "client-error retake"},
    {B_DALLYING, D_OPEN, E_NONE, ON_ERROR, "done retake"},
    {B_OFFERED | B_SENDING, D_OPEN, E_NONE, ON_EARLY, "until 1999"},
    {B_DALLYING, D_OPEN, E_NONE, ON_EARLY, "until 5999"},
    {B_OFFERED | B_SENDING | B_DALLYING, D_OPEN, E_NONE, ON_TIMER, "retake until 2000"},
    {B_OFFERED | B_SENDING, D_OPEN, E_NONE, ON_REQUEST, "forget until 2000"},
    {B_DALLYING, D_OPEN, E_NONE, ON_REQUEST, "forget until 6000"},
    {B_OFFERED | B_SENDING, D_OPEN, E_NONE, ON_ADMIN, "(ERROR 0) ended retake"},
    {B_OFFERED | B_SENDING, D_OPEN, E_NONE, ON_STOP, "(ERROR 0) stopped retake"},
    {B_OFFERED | B_SENDING, D_OPEN, E_NONE, ON_EVICT, "evicted retake"},
    {B_OFFERED | B_SENDING, D_OPEN, E_NONE, ON_SUPERSEDE, "superseded retake"},
    {B_DALLYING, D_OPEN, E_NONE, ON_ADMIN | ON_STOP | ON_EVICT | ON_SUPERSEDE, "done retake"},
    /* It is about to be superseded, by a request that is judged elsewhere by now. */
    {B_OFFERED | B_SENDING | B_DALLYING, D_BROKEN, E_NONE, ON_NEXT | ON_LATE | ON_ERROR, "until 2000"},
    {B_OFFERED | B_SENDING | B_DALLYING, D_BROKEN, E_NONE, ON_EARLY, "until 1999"},
    {B_OFFERED | B_SENDING, D_BROKEN, E_NONE, ON_TIMER | ON_SUPERSEDE, "superseded"},
    {B_OFFERED | B_SENDING | B_DALLYING, D_BROKEN, E_NONE, ON_REQUEST, "forget until 2000"},
    {B_OFFERED | B_SENDING, D_BROKEN, E_NONE, ON_ADMIN, "(ERROR 0) ended"},
    {B_OFFERED | B_SENDING, D_BROKEN, E_NONE, ON_STOP, "(ERROR 0) stopped"},
    {B_OFFERED | B_SENDING, D_BROKEN, E_NONE, ON_EVICT, "evicted"},
    {B_DALLYING, D_BROKEN, E_NONE, ON_TIMER | ON_ADMIN | ON_STOP | ON_EVICT | ON_SUPERSEDE, "done"},
    /* Who does not wait drops packets, but they settle a doubt, which has its time there as well. */
    {B_IDLE | B_PARKED, D_NONE, E_ANY, ON_NEXT | ON_LATE | ON_ERROR, "-"},
    {B_IDLE | B_PARKED, D_OPEN, E_ANY, ON_NEXT | ON_LATE, "forget -"},
    {B_READY | B_READING, D_OPEN, E_KEPT, ON_ERROR, "until 2000"},
    {B_STORING, D_OPEN, E_KEPT, ON_ERROR, "until 6000"},
    {B_READY | B_PARKED, D_BROKEN, E_KEPT, ON_NEXT | ON_LATE | ON_ERROR, "until 2000"},
    {B_STARVED, D_OPEN, E_SPEAKS, ON_ERROR, "-"},
    {B_STARVED, D_BROKEN, E_SPEAKS, ON_NEXT | ON_LATE | ON_ERROR, "-"},
    {B_READY | B_READING, D_NONE, E_KEPT, ON_REQUEST, "keep until 2000"},
    {B_STORING, D_NONE, E_KEPT, ON_REQUEST, "keep until 6000"},
    {B_STARVED, D_NONE, E_SPEAKS, ON_REQUEST, "keep -"},
    {B_READY | B_READING, D_OPEN, E_KEPT, ON_REQUEST, "forget until 2000"},
    {B_STORING, D_OPEN, E_KEPT, ON_REQUEST, "forget until 6000"},
    {B_READY | B_PARKED, D_BROKEN, E_KEPT, ON_REQUEST, "forget until 2000"},
    {B_STARVED, D_BOTH, E_SPEAKS, ON_REQUEST, "forget -"},
    {B_READY | B_PARKED, D_NONE, E_ANY, ON_EARLY | ON_TIMER, "-"},
    {B_READY | B_READING, D_OPEN, E_KEPT, ON_EARLY, "until 1999"},
    {B_STORING, D_OPEN, E_KEPT, ON_EARLY, "until 5999"},
    {B_READY | B_PARKED, D_BROKEN, E_KEPT, ON_EARLY, "until 1999"},
    {B_READY | B_PARKED, D_OPEN, E_KEPT, ON_TIMER, "retake until 2000"},
    {B_READY, D_BROKEN, E_SPEAKS, ON_TIMER, "turn superseded"},
    {B_PARKED, D_BROKEN, E_KEPT, ON_TIMER, "-"}, /* when the disk comes back */
    /* Once it is superseded nothing hangs on time any more. */
    {B_PARKED, D_NONE, E_SUPERSEDED, ON_REQUEST, "keep -"},
    {B_PARKED, D_BOTH, E_SUPERSEDED, ON_REQUEST, "forget -"},
    {B_PARKED, D_OPEN, E_SUPERSEDED, ON_ERROR, "-"},
    {B_PARKED, D_BROKEN, E_SUPERSEDED, ON_NEXT | ON_LATE | ON_ERROR, "-"},
    {B_PARKED, D_BOTH, E_SUPERSEDED, ON_EARLY | ON_TIMER, "-"},
    /* A wish is kept, or done at once where that needs no words. */
    {B_IDLE | B_PARKED, D_NONE, E_ANY, ON_ADMIN | ON_STOP, "-"},
    {B_READY | B_READING, D_OPEN, E_KEPT, ON_ADMIN | ON_STOP, "until 2000"},
    {B_STORING, D_OPEN, E_KEPT, ON_ADMIN | ON_STOP, "until 6000"},
    {B_READY | B_PARKED, D_BROKEN, E_KEPT, ON_ADMIN | ON_STOP, "until 2000"},
    {B_STARVED, D_BOTH, E_SPEAKS, ON_ADMIN | ON_STOP, "-"},
    {B_PARKED, D_NONE, E_ANY, ON_EVICT, "-"},
    {B_READING, D_OPEN, E_KEPT, ON_EVICT, "until 2000"},
    {B_STORING, D_OPEN, E_KEPT, ON_EVICT, "until 6000"},
    {B_PARKED, D_BROKEN, E_KEPT, ON_EVICT, "until 2000"},
    {B_PARKED, D_ANY, E_ANY, ON_SUPERSEDE, "-"},
    {B_PARKED, D_BOTH, E_SUPERSEDED, ON_ADMIN | ON_STOP | ON_EVICT, "-"},
    {B_READY, D_NONE | D_BROKEN, E_SPEAKS, ON_EVICT, "turn evicted"},
    {B_READY, D_NONE | D_BROKEN, E_SPEAKS, ON_SUPERSEDE, "turn superseded"},
    {B_READY, D_OPEN, E_SPEAKS, ON_EVICT, "turn evicted retake"},
    {B_READY, D_OPEN, E_SPEAKS, ON_SUPERSEDE, "turn superseded retake"},
    {B_STARVED, D_NONE | D_BROKEN, E_SPEAKS, ON_EVICT, "evicted"},
    {B_STARVED, D_NONE | D_BROKEN, E_SPEAKS, ON_SUPERSEDE, "superseded"},
    {B_STARVED, D_OPEN, E_SPEAKS, ON_EVICT, "evicted retake"},
    {B_STARVED, D_OPEN, E_SPEAKS, ON_SUPERSEDE, "superseded retake"},
    /* On it goes: with its turn, room in the cache, the disk. */
    {B_READY | B_READING, D_NONE, E_NONE, ON_RESUME, "DATA 2 until 1000"},
    {B_READY | B_READING, D_NONE, E_ADMIN, ON_RESUME, "DATA 2 ERROR 0 ended"},
    {B_READY | B_READING, D_NONE, E_STOP, ON_RESUME, "DATA 2 ERROR 0 stopped"},
    {B_READY | B_READING, D_BOTH, E_NONE, ON_RESUME, "(DATA 2) until 2000"},
    {B_READY | B_READING, D_OPEN, E_ADMIN, ON_RESUME, "(DATA 2) (ERROR 0) ended retake"},
    {B_READY | B_READING, D_OPEN, E_STOP, ON_RESUME, "(DATA 2) (ERROR 0) stopped retake"},
    {B_READY | B_READING, D_BROKEN, E_ADMIN, ON_RESUME, "(DATA 2) (ERROR 0) ended"},
    {B_READY | B_READING, D_BROKEN, E_STOP, ON_RESUME, "(DATA 2) (ERROR 0) stopped"},
    {B_STARVED, D_NONE, E_NONE, ON_EARLY | ON_TIMER, "DATA 2 until 1000"},
    {B_STARVED, D_NONE, E_ADMIN, ON_EARLY | ON_TIMER, "DATA 2 ERROR 0 ended"},
    {B_STARVED, D_NONE, E_STOP, ON_EARLY | ON_TIMER, "DATA 2 ERROR 0 stopped"},
    {B_STARVED, D_BOTH, E_NONE, ON_EARLY, "(DATA 2) until 1999"},
    {B_STARVED, D_BOTH, E_NONE, ON_TIMER, "(DATA 2) until 1990"}, /* LIFE_STARVED_MS have passed */
    {B_STARVED, D_OPEN, E_ADMIN, ON_EARLY | ON_TIMER, "(DATA 2) (ERROR 0) ended retake"},
    {B_STARVED, D_OPEN, E_STOP, ON_EARLY | ON_TIMER, "(DATA 2) (ERROR 0) stopped retake"},
    {B_STARVED, D_BROKEN, E_ADMIN, ON_EARLY | ON_TIMER, "(DATA 2) (ERROR 0) ended"},
    {B_STARVED, D_BROKEN, E_STOP, ON_EARLY | ON_TIMER, "(DATA 2) (ERROR 0) stopped"},
    {B_WRITING, D_NONE, E_SPEAKS, ON_RESUME, "COMMIT for ever"},
    {B_WRITING, D_OPEN, E_SPEAKS, ON_RESUME, "COMMIT until 6000"},
    {B_WRITING, D_BROKEN, E_SPEAKS, ON_RESUME, "COMMIT until 2000"},
    {B_PARKED, D_NONE, E_SPEAKS, ON_FAIL, "ERROR 0 file-error"},
    {B_PARKED, D_OPEN, E_SPEAKS, ON_FAIL, "(ERROR 0) file-error retake"},
    {B_PARKED, D_BROKEN, E_SPEAKS, ON_FAIL, "(ERROR 0) file-error"},
    {B_READING | B_WRITING, D_NONE | D_BROKEN, E_EVICTED, ON_RESUME | ON_FAIL, "evicted"},
    {B_READING | B_WRITING, D_OPEN, E_EVICTED, ON_RESUME | ON_FAIL, "evicted retake"},
    {B_READING | B_WRITING, D_NONE | D_BROKEN, E_SUPERSEDED, ON_RESUME | ON_FAIL, "superseded"},
    {B_READING | B_WRITING, D_OPEN, E_SUPERSEDED, ON_RESUME | ON_FAIL, "superseded retake"},
    /* A stored upload is acknowledged, whoever wanted its end; unless its client began anew. */
    {B_COMMITTING, D_NONE, E_NONE | E_EVICTED, ON_RESUME, "ACK 2 until 1000"},
    {B_COMMITTING, D_NONE, E_ADMIN | E_STOP, ON_RESUME, "ACK 2 done"},
    {B_COMMITTING, D_NONE, E_SUPERSEDED, ON_RESUME, "(ACK 2) done"},
    {B_COMMITTING, D_OPEN, E_NONE | E_EVICTED, ON_RESUME, "(ACK 2) until 6000"},
    {B_COMMITTING, D_OPEN, E_ADMIN | E_STOP | E_SUPERSEDED, ON_RESUME, "(ACK 2) done retake"},
    {B_COMMITTING, D_BROKEN, E_NONE | E_EVICTED, ON_RESUME, "(ACK 2) until 2000"},
    {B_COMMITTING, D_BROKEN, E_ADMIN | E_STOP | E_SUPERSEDED, ON_RESUME, "(ACK 2) done"},
    {B_COMMITTING, D_NONE | D_BROKEN, E_EVICTED, ON_FAIL, "evicted"},
    {B_COMMITTING, D_OPEN, E_EVICTED, ON_FAIL, "evicted retake"},
    {B_COMMITTING, D_NONE | D_BROKEN, E_SUPERSEDED, ON_FAIL, "superseded"},
    {B_COMMITTING, D_OPEN, E_SUPERSEDED, ON_FAIL, "superseded retake"},
};

static const char *expected(const struct place *place, enum event event)
{
    const char *log = NULL;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        bool is_row = (rows[i].bases >> place->base & 1) && (rows[i].doubts >> place->doubt & 1) &&
                      (rows[i].ends >> place->end & 1) && (rows[i].events >> event & 1);
        CHECK(!is_row || log == NULL, "row %u repeats a cell", (unsigned)i);
        if (is_row)
            log = rows[i].log;
    }
    CHECK(log != NULL, "no row for base %d doubt %d end %d event %d", place->base, place->doubt, place->end, event);
    return log;
}

static void check_cell(const struct place *place, enum event event)
{
    struct owner o;
    const char *log = expected(place, event);
    enum life_end wish =
        event >= ADMINISTRATOR ? (enum life_end)(event - ADMINISTRATOR + END_BY_ADMINISTRATOR) : END_NONE;

    go(&o, place);
    owner_happen(&o, event);
    CHECK(strcmp(o.log, log) == 0, "base %d doubt %d end %d event %d: \"%s\" instead of \"%s\"", place->base,
          place->doubt, place->end, event, o.log, log);
    /* Of two wishes the stronger counts. */
    if (wish != END_NONE)
        CHECK(o.life.end == (wish > place->end ? wish : place->end), "base %d end %d event %d", place->base, place->end,
              event);
    CHECK(o.is_over == (o.life.state == LIFE_OVER), "base %d event %d", place->base, event);
    owner_free(&o);
}

static void for_all_places(void (*check)(const struct place *place))
{
    for (int base = 0; base < BASES; base++)
        for (int doubt = DOUBT_NONE; doubt <= DOUBT_BROKEN; doubt++)
            for (int wish = END_NONE; wish <= END_SUPERSEDED; wish++) {
                struct place place = {(enum base)base, (enum life_doubt)doubt, (enum life_end)wish};
                if (is_legal(&place))
                    check(&place);
            }
}

static void check_events(const struct place *place)
{
    for (int event = 0; event < EVENTS; event++)
        if (can_happen(place, (enum event)event))
            check_cell(place, (enum event)event);
}

static void test_every_cell(void **state)
{
    (void)state;
    for_all_places(check_events);
}

static void check_may_speak(const struct place *place)
{
    struct owner o;

    go(&o, place);
    assert_int_equal(life_may_speak(&o.life),
                     place->doubt == DOUBT_NONE && place->end != END_EVICTED && place->end != END_SUPERSEDED);
    owner_free(&o);
}

static void test_who_may_speak(void **state)
{
    (void)state;
    for_all_places(check_may_speak);
}

/* One thing after the other: it waits for a turn, then for the disk, then for room, then for its turn again. */
static void test_put_off_again_and_again(void **state)
{
    static const struct {
        enum life_performed puts_off;
        enum life_state state;
        const char *log;
    } steps[] = {
        {PERFORMED_PARKS, LIFE_PARKED, "for ever"},           {PERFORMED_PARKS, LIFE_PARKED, "for ever"},
        {PERFORMED_STARVES, LIFE_STARVED, "until 10"},        {PERFORMED_STARVES, LIFE_STARVED, "until 10"},
        {PERFORMED_YIELDS, LIFE_READY, "for ever"},           {PERFORMED_YIELDS, LIFE_READY, "for ever"},
        {PERFORMED_WAITS, LIFE_WAITING, "DATA 2 until 1000"},
    };
    struct owner o;

    (void)state;
    go_to_base(&o, READY);
    assert_string_equal(o.log, "for ever");
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        o.with_data = steps[i].puts_off;
        owner_happen(&o, o.life.state == LIFE_STARVED ? TIMER : RESUME);
        CHECK(o.life.state == steps[i].state && strcmp(o.log, steps[i].log) == 0, "step %u: \"%s\"", (unsigned)i,
              o.log);
    }
    owner_free(&o);
}

/* Netascii reads: what comes from the disk is asked for again, and a failure is the client's to know. */
static void test_parked_for_reading(void **state)
{
    struct owner o;

    (void)state;
    for (int fails = 0; fails < 2; fails++) {
        owner_begin(&o, DOWNLOAD | NETASCII, "blksize 8 timeout 1");
        o.with_data = PERFORMED_PARKS;
        owner_happen(&o, NEXT);
        assert_string_equal(o.log, "for ever");
        o.with_data = PERFORMED_WAITS;
        owner_happen(&o, fails ? FAIL : RESUME);
        assert_string_equal(o.log, fails ? "ERROR 0 file-error" : "DATA 1 until 1000");
        owner_free(&o);
    }
}

/* Silence behind a request that came again, however often: the time counts from the first. */
static void test_more_copies_put_nothing_off(void **state)
{
    struct owner o;

    (void)state;
    go_to_base(&o, SENDING);
    owner_happen(&o, SAME);
    for (int copies = 1; copies < 4; copies++) {
        o.now_ms += 500;
        owner_happen(&o, copies % 2 ? OTHER : SAME);
        CHECK(o.until_ms - o.now_ms == (unsigned)(2000 - 500 * copies), "copy %d: \"%s\"", copies, o.log);
    }
    owner_happen(&o, TIMER);
    assert_string_equal(o.log, "retake until 2000");
    owner_free(&o);
}

/* What the doubt was about is over: the deadline is the transfer's own, and the next doubt has its whole time. */
static void test_doubt_after_doubt(void **state)
{
    struct owner o;

    (void)state;
    go_to_base(&o, SENDING);
    for (int doubts = 0; doubts < 2; doubts++) {
        owner_happen(&o, OTHER);
        assert_string_equal(o.log, "keep until 2000");
        o.now_ms += 900;
        owner_happen(&o, LATE);
        assert_string_equal(o.log, "forget until 100");
        if (doubts == 0)
            owner_happen(&o, NEXT);
    }
    owner_happen(&o, TIMER);
    assert_string_equal(o.log, "DATA 3 until 2000");
    owner_free(&o);
}

/* Behind a broken doubt the disk may be away for long: nothing comes due any more, until it is back. */
static void test_broken_while_parked(void **state)
{
    struct owner o;

    (void)state;
    go_to_base(&o, COMMITTING);
    owner_happen(&o, COPY);
    assert_string_equal(o.log, "keep until 6000");
    owner_happen(&o, TIMER);
    assert_string_equal(o.log, "retake until 2000");
    owner_happen(&o, TIMER);
    assert_string_equal(o.log, "-");
    assert_int_equal(o.life.end, END_SUPERSEDED);
    owner_happen(&o, FAIL);
    assert_string_equal(o.log, "superseded");
    owner_free(&o);
}

/* A doubt is broken off and the session given up for one that finds no room all the time; meanwhile it asks again and again. */
static void test_broken_while_starved(void **state)
{
    struct owner o;
    uint64_t retaken_ms = 0;

    (void)state;
    go_to_base(&o, STARVED);
    owner_happen(&o, COPY);
    uint64_t begun_ms = o.now_ms;
    o.with_data = PERFORMED_STARVES;
    while (!o.is_over) {
        owner_happen(&o, TIMER);
        if (strcmp(o.log, "retake until 10") == 0)
            retaken_ms = o.now_ms;
        else
            CHECK(strcmp(o.log, o.is_over ? "superseded" : "until 10") == 0, "\"%s\"", o.log);
    }
    assert_int_equal(retaken_ms, begun_ms + LIFE_DOUBT_MS);
    assert_int_equal(o.now_ms, retaken_ms + LIFE_DOUBT_MS);
    owner_free(&o);
}

/* -- a long life -- */

/* As the owner counts: the request that just came, and the one that is kept. */
static void settle(struct owner *o, enum event event, bool *has_kept, int round)
{
    bool is_new = event >= SAME && event <= COPY;
    bool is_kept_settled = strstr(o->log, "retake") != NULL || (!is_new && strstr(o->log, "forget") != NULL);

    if (is_new && strstr(o->log, "keep") != NULL) {
        CHECK(!*has_kept, "round %d: two are kept", round);
        *has_kept = true;
    } else if (is_new) {
        CHECK((strstr(o->log, "forget") != NULL) != (strstr(o->log, "retake") != NULL), "round %d: \"%s\"", round,
              o->log);
    } else if (is_kept_settled) {
        CHECK(*has_kept, "round %d: \"%s\" without a request", round, o->log);
        *has_kept = false;
    }
    CHECK(!o->is_over || !*has_kept, "round %d: a request is lost", round);
    CHECK(*has_kept == (!o->is_over && o->life.doubt == DOUBT_OPEN), "round %d: \"%s\"", round, o->log);
}

/* Who rests for an event of his own needs none. */
static bool has_a_deadline(const struct owner *o)
{
    bool is_in_doubt = o->life.doubt != DOUBT_NONE && o->life.end != END_SUPERSEDED;

    return !o->is_over && (is_in_doubt || o->life.state == LIFE_WAITING || o->life.state == LIFE_STARVED);
}

/* Whatever happens in whatever order: no request is lost or settled twice, nobody in doubt is heard, and it ends. */
static void live_one(uint64_t *random, int round)
{
    static const char *const options[] = {"blksize 8 timeout 1", "timeout 1 blksize 8 windowsize 2"};
    struct owner o;
    bool has_kept = false;
    unsigned kind = random_below(random, 4);

    owner_begin(&o, kind, options[random_below(random, 2)]);
    for (int events = 0; !o.is_over; events++) {
        enum event event = (enum event)random_below(random, random_below(random, 8) ? RESUME + 1 : EVENTS);
        o.with_data = (enum life_performed)random_below(random, PERFORMED_STARVES + 1);
        if (event == NEXT && o.transfer.is_upload && o.transfer.sent > 0 && random_below(random, 2))
            event = TIMER;
        owner_happen(&o, event);
        settle(&o, event, &has_kept, round);
        CHECK(!has_a_deadline(&o) || o.until_ms != UINT64_MAX, "round %d: \"%s\" and nothing wakes it", round, o.log);
        CHECK(event != TIMER || o.until_ms > o.now_ms || o.is_over, "round %d: \"%s\" comes again at once", round,
              o.log);
        CHECK(o.is_over || o.life.state != LIFE_WAITING || o.life.end == END_NONE, "round %d", round);
        CHECK(events < 100000, "round %d does not end", round);
    }
    owner_free(&o);
}

static void test_long_lives(void **state)
{
    uint64_t random = 31;

    (void)state;
    for (int round = 0; round < 5000; round++)
        live_one(&random, round);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_cell),
        cmocka_unit_test(test_who_may_speak),
        cmocka_unit_test(test_put_off_again_and_again),
        cmocka_unit_test(test_parked_for_reading),
        cmocka_unit_test(test_more_copies_put_nothing_off),
        cmocka_unit_test(test_doubt_after_doubt),
        cmocka_unit_test(test_broken_while_parked),
        cmocka_unit_test(test_broken_while_starved),
        cmocka_unit_test(test_long_lives),
    };

    return cmocka_run_group_tests_name("life", tests, NULL, NULL);
}
