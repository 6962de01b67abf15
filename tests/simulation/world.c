#include "world.h"

#include "statistics.h"
#include "wire.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { FENCE = 0x5a, FENCE_SIZE = 16 };

struct world *world_make(uint64_t seed, struct statistics *statistics, bool is_told)
{
    struct world *w = calloc(1, sizeof *w);

    ASSERT(w != NULL);
    w->seed = seed;
    w->random = (seed + 1) * 0x9e3779b97f4a7c15u;
    w->is_told = is_told;
    w->statistics = statistics;
    w->moments = malloc(WORLD_MOMENTS_MAX * sizeof w->moments[0]);
    ASSERT(w->moments != NULL);
    statistics->worlds++;
    statistics->allocated = 0;
    return w;
}

void world_unmake(struct world *w)
{
    free(w->moments);
    free(w);
}

uint32_t world_random(struct world *w, uint32_t bound)
{
    w->random = w->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((w->random >> 33) % bound);
}

bool world_chance(struct world *w, uint32_t permille)
{
    return permille > 0 && world_random(w, 1000) < permille;
}

bool world_fault(struct world *w, uint32_t permille, enum fault fault)
{
    if (w->now_ms >= w->faults.heal_ms || !world_chance(w, permille))
        return false;
    w->statistics->faults[fault]++;
    return true;
}

static bool is_earlier(const struct moment *a, const struct moment *b)
{
    return a->due_ms < b->due_ms || (a->due_ms == b->due_ms && a->serial < b->serial);
}

void world_at(struct world *w, uint64_t due_ms, enum moment_kind kind, uint32_t number, void *what)
{
    struct moment moment = {due_ms, ++w->serial, kind, number, what};

    if (w->moment_count == WORLD_MOMENTS_MAX) {
        world_fail(w, "more than %d moments under way: traffic multiplies", WORLD_MOMENTS_MAX);
        if (kind == MOMENT_DATAGRAM || kind == MOMENT_RETAKE)
            world_free(w, what);
        return;
    }
    uint32_t place = w->moment_count++;
    while (place > 0 && is_earlier(&moment, &w->moments[(place - 1) / 2])) {
        w->moments[place] = w->moments[(place - 1) / 2];
        place = (place - 1) / 2;
    }
    w->moments[place] = moment;
}

bool world_next(struct world *w, struct moment *moment)
{
    if (w->moment_count == 0)
        return false;
    *moment = w->moments[0];
    struct moment last = w->moments[--w->moment_count];
    uint32_t place = 0;
    for (uint32_t child = 1; child < w->moment_count; child = place * 2 + 1) {
        if (child + 1 < w->moment_count && is_earlier(&w->moments[child + 1], &w->moments[child]))
            child++;
        if (!is_earlier(&w->moments[child], &last))
            break;
        w->moments[place] = w->moments[child];
        place = child;
    }
    w->moments[place] = last;
    w->now_ms = moment->due_ms;
    return true;
}

/* Eight bytes at a time: payloads make up most of what is hashed. */
void world_hash(struct world *w, const void *bytes, size_t size)
{
    const uint8_t *from = bytes;
    uint64_t hash = w->hash ^ size;

    for (; size >= sizeof hash; size -= sizeof hash, from += sizeof hash) {
        uint64_t word;
        memcpy(&word, from, sizeof word);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 29;
    }
    for (; size > 0; size--)
        hash = (hash ^ *from++) * 0x100000001b3u;
    w->hash = hash;
}

static struct trace_line *new_line(struct world *w, bool is_datagram)
{
    struct trace_line *line = &w->trace[w->trace_count++ % WORLD_TRACE_MAX];

    line->at_ms = w->now_ms;
    line->is_datagram = is_datagram;
    world_hash(w, &w->now_ms, sizeof w->now_ms);
    return line;
}

static void print_datagram(const struct trace_line *line)
{
    char from[ENDPOINT_TEXT_MAX];
    char to[ENDPOINT_TEXT_MAX];
    char text[WIRE_SIZE_MAX];
    const uint8_t *head = line->as.datagram.head;
    size_t size = line->as.datagram.size < WORLD_HEAD_MAX ? line->as.datagram.size : WORLD_HEAD_MAX;

    if (size > 2 && head[0] == 0 && (head[1] == 1 || head[1] == 2))
        snprintf(text, sizeof text, "%s \"%.*s\"", head[1] == 1 ? "RRQ" : "WRQ", (int)size - 2, (const char *)head + 2);
    else
        wire_text(span_of(head, size), text, sizeof text);
    printf("%s %s > %s  %s (%u bytes)\n", line->as.datagram.what, endpoint_text(&line->as.datagram.from, from),
           endpoint_text(&line->as.datagram.to, to), text, (unsigned)line->as.datagram.size);
}

static void print_line(const struct trace_line *line)
{
    printf("# %9llu  ", (unsigned long long)line->at_ms);
    if (line->is_datagram)
        print_datagram(line);
    else
        printf("%s\n", line->as.text);
}

void world_note(struct world *w, const char *format, ...)
{
    struct trace_line *line = new_line(w, false);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line->as.text, sizeof line->as.text, format, arguments);
    va_end(arguments);
    world_hash(w, line->as.text, strlen(line->as.text));
    if (w->is_told)
        print_line(line);
}

void world_note_datagram(struct world *w, const char *what, const struct datagram *datagram)
{
    struct trace_line *line = new_line(w, true);

    line->as.datagram.what = what;
    line->as.datagram.from = datagram->from;
    line->as.datagram.to = datagram->to;
    line->as.datagram.size = datagram->size;
    memcpy(line->as.datagram.head, datagram->bytes, datagram->size < WORLD_HEAD_MAX ? datagram->size : WORLD_HEAD_MAX);
    world_hash(w, &datagram->from.port, sizeof datagram->from.port);
    world_hash(w, &datagram->to.port, sizeof datagram->to.port);
    world_hash(w, datagram->bytes, datagram->size);
    if (w->is_told)
        print_line(line);
}

void world_print_trace(const struct world *w)
{
    uint64_t first = w->trace_count > WORLD_TRACE_MAX ? w->trace_count - WORLD_TRACE_MAX : 0;

    for (uint64_t i = first; i < w->trace_count; i++)
        print_line(&w->trace[i % WORLD_TRACE_MAX]);
}

void world_fail(struct world *w, const char *format, ...)
{
    va_list arguments;

    if (w->failure[0] != 0)
        return;
    va_start(arguments, format);
    vsnprintf(w->failure, sizeof w->failure, format, arguments);
    va_end(arguments);
    world_note(w, "FAILED: %s", w->failure);
}

void *world_allocate(struct world *w, size_t size)
{
    uint64_t *block = malloc(sizeof(uint64_t) * 2 + size + FENCE_SIZE);

    if (block == NULL) {
        printf("# The machine is out of memory.\n");
        exit(2);
    }
    block[0] = size;
    memset((uint8_t *)(block + 2) + size, FENCE, FENCE_SIZE);
    w->statistics->allocated += size;
    return block + 2;
}

void world_free(struct world *w, void *memory)
{
    if (memory == NULL)
        return;
    uint64_t *block = (uint64_t *)memory - 2;
    const uint8_t *fence = (const uint8_t *)memory + block[0];
    for (int i = 0; i < FENCE_SIZE; i++)
        REQUIRE(w, fence[i] == FENCE, "something wrote behind its memory of %u bytes", (unsigned)block[0]);
    w->statistics->allocated -= block[0];
    free(block);
}

struct endpoint world_address(uint32_t number, uint16_t port)
{
    return endpoint_ipv4(10, 0, (uint8_t)(number >> 8), (uint8_t)number, port);
}
