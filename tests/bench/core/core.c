/*
 * The core alone, without network, file or clock: nanoseconds of the processor for each acknowledged block of a transfer,
 * and for the judgement of a request. Prints one line of JSON, medians of RUNS runs.
 */
#include "core/server/request.h"
#include "core/settings/config.h"
#include "core/transfer/transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { RUNS = 9, BLOCKS = 2000000, REQUESTS = 100000, BLOCKS_A_MS = 30, MTU = 1500 };

static const char request_bytes[] = "\0\1boot/x64/wdsmgfw.efi\0octet\0tsize\0000\0blksize\0001456\0windowsize\00016";
static const struct option_limits generous = {
    .blksize_max = BLKSIZE_MAX, .windowsize_max = 64, .window_bytes_max = 1 << 20, .timeout_ms = 1000};

static void must(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "core: %s\n", what);
        exit(2);
    }
}

static double cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* -- acknowledged blocks -- */

/* Answers what the transfer asks until it waits; every datagram leaves. Returns the highest block sent. */
static uint64_t serve(struct transfer *t, struct action *action, uint64_t now_ms, uint64_t sent)
{
    while (action->kind != ACTION_WAIT) {
        must(action->kind == ACTION_SEND || action->kind == ACTION_SEND_BLOCKS, "the transfer asks for something else");
        uint32_t count = 1;
        if (action->kind == ACTION_SEND_BLOCKS) {
            count = action->blocks.count;
            sent = action->blocks.first + count - 1;
        }
        transfer_answer(t, STATUS_OK, count, now_ms, action);
    }
    return sent;
}

static struct agreement agree_on(uint32_t window, uint64_t file_size)
{
    struct option_facts facts = {.file_size = file_size};
    struct packet packet;
    char bytes[64];
    int size =
        snprintf(bytes, sizeof bytes, "%c%cx%coctet%cblksize%c1428%cwindowsize%c%u", 0, 1, 0, 0, 0, 0, 0, window);

    must(packet_decode(&packet, span_of(bytes, (size_t)size + 1)) == DECODING_OK, "the request cannot be decoded");
    struct agreement agreement = options_agree(&packet, &generous, &facts);
    must(agreement.windowsize == window, "the window was not granted");
    return agreement;
}

static double block_ns(uint32_t window)
{
    struct transfer_setup setup = {.file_size = 1ULL << 40,
                                   .request_bytes = 100,
                                   .silence_s = 120,
                                   .unproven_s = 20,
                                   .unproven_bytes = 1 << 20,
                                   .first_sends_max = 3};
    struct packet packet = {.opcode = OPCODE_ACK};
    static struct transfer transfer;
    static struct action action;
    uint64_t now_ms = 1000;
    uint64_t sent = 0;

    setup.agreement = agree_on(window, setup.file_size);
    transfer_begin(&transfer, &setup, now_ms, &action);
    sent = serve(&transfer, &action, now_ms, sent);
    double begun = cpu_ns();
    while (sent < BLOCKS) {
        packet.block = transfer_wire_block(&transfer, sent);
        now_ms = 1000 + sent / BLOCKS_A_MS;
        transfer_on_datagram(&transfer, &packet, now_ms, &action);
        uint64_t next = serve(&transfer, &action, now_ms, sent);
        must(next > sent, "an ACK brought no block");
        sent = next;
    }
    return (cpu_ns() - begun) / (double)sent;
}

/* -- judged requests -- */

static double request_ns(void)
{
    static struct config config;
    static struct request request;
    struct option_facts facts = {.file_size = 1 << 20};
    uint64_t granted = 0;

    config_defaults(&config);
    double begun = cpu_ns();
    for (uint32_t i = 0; i < REQUESTS; i++) {
        struct endpoint from = endpoint_ipv4(10, 0, (uint8_t)(i >> 8), (uint8_t)i, 2070);
        request_judge(&request, &config, &from, span_of(request_bytes, sizeof request_bytes));
        must(request.verdict == REQUEST_OK, "the request was refused");
        struct option_limits limits = request_option_limits(&request, &config, &from, MTU, true);
        granted += options_agree(&request.packet, &limits, &facts).granted_count;
    }
    double took = cpu_ns() - begun;
    must(granted == 3ULL * REQUESTS, "not every option was granted");
    return took / REQUESTS;
}

/* -- medians -- */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

int main(void)
{
    double window_1[RUNS];
    double window_16[RUNS];
    double request[RUNS];

    for (int i = 0; i < RUNS; i++) { /* by turns: a busy machine does not spoil one figure alone */
        window_1[i] = block_ns(1);
        window_16[i] = block_ns(16);
        request[i] = request_ns();
    }
    qsort(window_1, RUNS, sizeof *window_1, compare);
    qsort(window_16, RUNS, sizeof *window_16, compare);
    qsort(request, RUNS, sizeof *request, compare);
    printf("{\"block_window_1_ns\":%.1f,\"block_window_16_ns\":%.1f,\"request_ns\":%.0f}\n", window_1[RUNS / 2],
           window_16[RUNS / 2], request[RUNS / 2]);
    return 0;
}
