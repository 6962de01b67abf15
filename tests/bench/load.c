/*
 * load MODE SERVER[:PORT] NAME [OPTIONS]   many TFTP clients at once; prints one line of JSON. See usage below.
 * Exits with 0 only if every transfer succeeded, with 1 if one failed, with 2 if it could not run.
 */
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "load MODE SERVER[:PORT] NAME [OPTIONS]; %d in NAME is the client's number (put: the transfer's)\n"
    "  get     every client fetches NAME\n"
    "  put     every client stores NAME: the bytes of --file, or --size bytes made from --seed\n"
    "  small   the clients fetch NAME --files times in all, each transfer from a new port\n"
    "  open    opens a transfer a client, holds the first block for --seconds, then sees whether it lives; on stderr\n"
    "          'holding N of M' when all have an answer; --half-open never answers the OACK\n"
    "  echo    takes --size bytes from tests/bench/windows/pump, which answers ACKs, at one of --ports; no file, no NAME\n"
    "  flood   --rate datagrams a second for --seconds from --clients ports; --kind garbage, half-open, missing or mixed\n"
    "  --clients N  --blksize B  --windowsize W  --repeat R  --files N  --compare FILE  --file FILE  --size BYTES\n"
    "  --start-spread-ms M  --timeout-ms T (doubles up to 8 T)  --tries N  --limit-s S (for everything)\n"
    "  --loss PERCENT (of DATA and ACKs, both ways)  --seed S  --sources K (addresses, 250 in each net of 256)\n"
    "  --from A (the first of them, 127.0.0.1)  --timeout-option S  --seconds S  --half-open  --abandon  --rate R\n"
    "  --kind K  --ports N\n"
    "SIGTERM ends it early: whoever is still served sends an ERROR and counts as failed, and the result is printed.\n";

volatile sig_atomic_t is_told_to_end;

static void end_early(int signal_number)
{
    (void)signal_number;
    is_told_to_end = 1;
}

_Noreturn void die(const char *what)
{
    fprintf(stderr, "load: %s%s%s\n", what, errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
    exit(2);
}

uint64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* splitmix64 */
static uint64_t draw_64(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint32_t draw(struct run *run, uint32_t below)
{
    return (uint32_t)((draw_64(&run->random) >> 32) * below >> 32);
}

void grow_buffers(int socket, uint32_t bytes)
{
    int size = bytes > 64u << 20 ? 64 << 20 : (int)bytes;

    /* Beyond the system's limit as root, up to it otherwise. */
    if (setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (setsockopt(socket, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) < 0)
        setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}

/* -- command line -- */

static uint64_t number(const char *name, const char *text, uint64_t least, uint64_t most)
{
    char *end;
    unsigned long long value = strtoull(text, &end, 10);

    errno = 0;
    if (*end != 0 || end == text || value < least || value > most) {
        fprintf(stderr, "load: --%s takes a number from %llu to %llu, not '%s'\n", name, (unsigned long long)least,
                (unsigned long long)most, text);
        exit(2);
    }
    return value;
}

static void read_server(struct options *o, const char *text)
{
    char host[64];
    const char *colon = strchr(text, ':');
    int size = colon != NULL ? (int)(colon - text) : (int)strlen(text);

    snprintf(host, sizeof host, "%.*s", size, text);
    o->server.sin_family = AF_INET;
    o->server.sin_port = htons(colon != NULL ? (uint16_t)number("port", colon + 1, 1, 65535) : 69);
    if (inet_pton(AF_INET, host, &o->server.sin_addr) != 1)
        die("the server must be an IPv4 address, perhaps with :PORT");
}

static void read_first_source(struct options *o, const char *text)
{
    if (inet_pton(AF_INET, text, &o->first_source) != 1)
        die("--from takes an IPv4 address");
    if (o->sources == 0)
        o->sources = 1;
}

static enum mode read_mode(const char *text)
{
    static const char *const modes[] = {"get", "put", "small", "open", "echo", "flood"};

    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        if (strcmp(text, modes[i]) == 0)
            return (enum mode)i;
    fputs(usage, stderr);
    exit(2);
}

enum { AS_TEXT, AS_FLAG, AS_U32, AS_U64, AS_SOURCE, AS_PERCENT };

static const struct {
    const char *name;
    int as;
    size_t place;
    uint64_t least, most;
} known[] = {
    {"clients", AS_U32, offsetof(struct options, clients), 1, 60000},
    {"blksize", AS_U32, offsetof(struct options, blksize), 8, BLKSIZE_MAX},
    {"windowsize", AS_U32, offsetof(struct options, window), 1, 32767},
    {"repeat", AS_U32, offsetof(struct options, repeat), 1, 1000000},
    {"files", AS_U32, offsetof(struct options, files), 1, 10000000},
    {"start-spread-ms", AS_U32, offsetof(struct options, spread_ms), 0, 3600000},
    {"timeout-ms", AS_U32, offsetof(struct options, timeout_ms), 10, 255000},
    {"timeout-option", AS_U32, offsetof(struct options, timeout_option), 0, 255},
    {"tries", AS_U32, offsetof(struct options, tries), 0, 1000},
    {"sources", AS_U32, offsetof(struct options, sources), 0, 60000},
    {"limit-s", AS_U32, offsetof(struct options, limit_s), 1, 86400},
    {"seconds", AS_U32, offsetof(struct options, seconds), 0, 86400},
    {"rate", AS_U32, offsetof(struct options, rate), 1, 1000000},
    {"ports", AS_U32, offsetof(struct options, ports), 1, 64},
    {"seed", AS_U64, offsetof(struct options, seed), 0, UINT64_MAX},
    {"size", AS_U64, offsetof(struct options, size), 0, 1ULL << 36},
    {"compare", AS_TEXT, offsetof(struct options, file), 0, 0},
    {"file", AS_TEXT, offsetof(struct options, file), 0, 0},
    {"kind", AS_TEXT, offsetof(struct options, kind), 0, 0},
    {"half-open", AS_FLAG, offsetof(struct options, is_half_open), 0, 0},
    {"abandon", AS_FLAG, offsetof(struct options, is_abandoned), 0, 0},
    {"from", AS_SOURCE, 0, 0, 0},
    {"loss", AS_PERCENT, 0, 0, 0},
};
enum { KNOWN = sizeof known / sizeof known[0] };

static void read_option(struct options *o, int i, const char *text)
{
    void *place = (char *)o + known[i].place;

    switch (known[i].as) {
    case AS_TEXT: *(const char **)place = text; break;
    case AS_FLAG: *(bool *)place = true; break;
    case AS_U32: *(uint32_t *)place = (uint32_t)number(known[i].name, text, known[i].least, known[i].most); break;
    case AS_U64: *(uint64_t *)place = number(known[i].name, text, known[i].least, known[i].most); break;
    case AS_SOURCE: read_first_source(o, text); break;
    default:
        o->loss = strtod(text, NULL);
        if (!(o->loss >= 0 && o->loss <= 100))
            die("--loss is a percentage");
        break;
    }
}

static void read_command_line(struct options *o, int argc, char **argv)
{
    struct option list[KNOWN + 1] = {0};
    int option, i;

    *o = (struct options){.clients = 1,
                          .blksize = 1428,
                          .window = 1,
                          .repeat = 1,
                          .files = 1000,
                          .timeout_ms = 1000,
                          .tries = 6,
                          .limit_s = 120,
                          .seconds = 10,
                          .rate = 1000,
                          .ports = 1,
                          .seed = 1,
                          .size = 1 << 20,
                          .first_source.s_addr = htonl(INADDR_LOOPBACK),
                          .kind = "mixed"};
    for (i = 0; i < KNOWN; i++)
        list[i] = (struct option){known[i].name, known[i].as == AS_FLAG ? no_argument : required_argument, NULL, 'x'};
    while ((option = getopt_long(argc, argv, "", list, &i)) != -1) {
        if (option != 'x')
            exit(2);
        read_option(o, i, optarg);
    }
    if (argc - optind != 3) {
        fputs(usage, stderr);
        exit(2);
    }
    o->mode = read_mode(argv[optind]);
    read_server(o, argv[optind + 1]);
    o->name = argv[optind + 2];
    if (strlen(o->name) > NAME_SIZE - 16)
        die("the name is too long");
    if (strcmp(o->kind, "mixed") != 0 && strcmp(o->kind, "garbage") != 0 && strcmp(o->kind, "half-open") != 0 &&
        strcmp(o->kind, "missing") != 0)
        die("--kind is garbage, half-open, missing or mixed");
}

/* -- set-up -- */

static void read_content(struct run *run)
{
    const struct options *o = &run->options;
    struct stat facts;

    if (o->file != NULL) {
        int file = open(o->file, O_RDONLY | O_CLOEXEC);
        if (file < 0 || fstat(file, &facts) < 0)
            die(o->file);
        run->content_size = (uint64_t)facts.st_size;
        run->content = (const uint8_t *)"";
        if (run->content_size > 0)
            run->content = mmap(NULL, run->content_size, PROT_READ, MAP_SHARED | MAP_POPULATE, file, 0);
        if (run->content == MAP_FAILED)
            die(o->file);
        close(file);
    } else if (o->mode == MODE_ECHO) {
        /* Whole blocks of zeros, looked at in memory like a file's: the client of the floor works as hard as the others. */
        run->content_size = (o->size + o->blksize - 1) / o->blksize * o->blksize;
        run->content =
            mmap(NULL, run->content_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
        if (run->content == MAP_FAILED)
            die("memory");
    } else if (o->mode == MODE_PUT) {
        uint64_t state = o->seed;
        uint64_t *words = malloc(o->size + sizeof *words);
        if (words == NULL)
            die("memory");
        for (uint64_t i = 0; i <= o->size / sizeof *words; i++)
            words[i] = draw_64(&state);
        run->content = (const uint8_t *)words;
        run->content_size = o->size;
    }
}

static void set_up(struct run *run)
{
    const struct options *o = &run->options;
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < o->clients + 64) {
        files.rlim_cur = o->clients + 64;
        files.rlim_max = files.rlim_max < files.rlim_cur ? files.rlim_cur : files.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &files) < 0)
            die("more open files than this system allows");
    }
    run->random = o->seed;
    run->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (run->epoll < 0)
        die("epoll");
    if (o->mode == MODE_FLOOD)
        return;
    read_content(run);
    run->transfers_max = o->mode == MODE_SMALL ? o->files : o->clients * o->repeat;
    run->clients = calloc(o->clients, sizeof *run->clients);
    run->due_us = malloc(o->clients * sizeof *run->due_us);
    run->stats.first_ms = calloc(run->transfers_max + o->clients, sizeof(double));
    run->stats.done_ms = calloc(run->transfers_max + o->clients, sizeof(double));
    if (run->clients == NULL || run->due_us == NULL || run->stats.first_ms == NULL || run->stats.done_ms == NULL)
        die("memory");
    for (uint32_t i = 0; i < o->clients; i++) {
        run->clients[i].number = i;
        run->due_us[i] = NEVER;
    }
}

/* -- result -- */

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static void print_times(const char *name, double *times, uint64_t count)
{
    if (count == 0) {
        printf("\"%s\":null,", name);
        return;
    }
    qsort(times, count, sizeof *times, compare_doubles);
    printf("\"%s\":{\"p50\":%.1f,\"p99\":%.1f,\"max\":%.1f},", name, times[(count - 1) / 2],
           times[(count - 1) * 99 / 100], times[count - 1]);
}

static void print_text(const char *text)
{
    putchar('"');
    for (; *text != 0; text++)
        putchar((unsigned char)*text < ' ' || (unsigned char)*text > '~' || *text == '"' || *text == '\\' ? '?'
                                                                                                          : *text);
    putchar('"');
}

static void print_count(const char *name, uint64_t count)
{
    printf("\"%s\":%llu,", name, (unsigned long long)count);
}

static void print_result(struct run *run)
{
    static const char *const modes[] = {"get", "put", "small", "open", "echo", "flood"};
    struct stats *s = &run->stats;
    double seconds = (double)(run->ended_us - run->begun_us) / 1e6;

    printf("{\"mode\":\"%s\",", modes[run->options.mode]);
    print_count("clients", run->options.clients);
    print_count("ok", s->ok);
    print_count("failed", s->failed);
    printf("\"reasons\":{");
    for (uint32_t i = 0; i < s->reason_count; i++) {
        printf(i > 0 ? "," : "");
        print_text(s->reasons[i].text);
        printf(":%llu", (unsigned long long)s->reasons[i].count);
    }
    printf("},\"seconds\":%.3f,", seconds);
    print_count("bytes", s->bytes);
    printf("\"mb_per_s\":%.2f,\"transfers_per_s\":%.1f,", (double)s->bytes / 1e6 / seconds, (double)s->ok / seconds);
    print_times("first_byte_ms", s->first_ms, s->first_count);
    print_times("completion_ms", s->done_ms, s->done_count);
    if (run->options.mode == MODE_OPEN) {
        print_count("accepted", s->accepted);
        print_count("alive", s->alive);
    }
    print_count("requests_repeated", s->requests_repeated);
    print_count("acks_repeated", s->acks_repeated);
    print_count("blocks_received", s->blocks_received);
    print_count("duplicate_blocks", s->duplicate_blocks);
    print_count("blocks_sent", s->blocks_sent);
    print_count("strays", s->strays);
    printf("\"dropped\":%llu}\n", (unsigned long long)s->dropped);
}

int main(int argc, char **argv)
{
    static struct run run;

    read_command_line(&run.options, argc, argv);
    signal(SIGTERM, end_early);
    set_up(&run);
    if (run.options.mode == MODE_FLOOD)
        return flood(&run);
    if (run.options.mode == MODE_SMALL && run.options.clients > run.options.files)
        run.options.clients = run.options.files;
    loop(&run);
    print_result(&run);
    bool is_held = run.options.mode != MODE_OPEN || run.options.is_half_open || run.stats.alive == run.stats.accepted;
    return run.stats.failed == 0 && run.stats.ok > 0 && is_held ? 0 : 1;
}
