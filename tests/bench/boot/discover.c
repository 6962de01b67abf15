/*
 * discover LINK burst COUNT | rate A_SECOND SECONDS
 * Machines that ask by DHCPDISCOVER for a boot file, each with a MAC of its own, by broadcasts on that interface: all at once,
 * or so many a second. Prints how many were answered and how long that took, from before a question was handed to the system
 * to when the system had its answer. (The clock is the kernel's own for what came, so that the sender's own work is no delay.)
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { MACHINES_MAX = 1 << 20, PORT_SERVER = 67, PORT_CLIENT = 68, BUFFER_BYTES = 1 << 23, QUIET_MS = 2000 };
enum { XID = 4, YIADDR = 16, CHADDR = 28, OPTIONS = 240, HEADER = 236 };

struct run {
    int socket;
    uint32_t count; /* machines in all */
    uint32_t asked, answered, repeated, bad;
    double *asked_ms;
    double *took_ms; /* negative: not answered */
};

static const uint8_t options[] = {0x63, 0x82, 0x53, 0x63,          /* the cookie */
                                  53,   1,    1,                   /* DISCOVER */
                                  57,   2,    5,    0xc0,          /* 1472 bytes */
                                  55,   4,    60,   66,   67,  43, /* what is wanted */
                                  93,   2,    0,    7,             /* x64 UEFI */
                                  94,   3,    1,    3,    0,       /* UNDI 3.0 */
                                  60,   32,   'P',  'X',  'E', 'C', 'l', 'i', 'e', 'n', 't', ':',
                                  'A',  'r',  'c',  'h',  ':', '0', '0', '0', '0', '7', ':', 'U',
                                  'N',  'D',  'I',  ':',  '0', '0', '3', '0', '0', '0', 255};

static _Noreturn void die(const char *what)
{
    perror(what);
    exit(2);
}

static double now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int open_socket(const char *link)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    int on = 1;
    int bytes = BUFFER_BYTES;
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(PORT_CLIENT)};

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, link, (socklen_t)strlen(link)) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes) != 0 ||
        bind(fd, (struct sockaddr *)&here, sizeof here) != 0)
        die("the socket");
    return fd;
}

/* The number of a machine is its MAC and the xid of its question. */
static void put_number(uint8_t *bytes, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(number >> (24 - 8 * i));
}

static void ask(struct run *run)
{
    uint8_t packet[300] = {1, 1, 6, 0};
    struct sockaddr_in all = {.sin_family = AF_INET, .sin_port = htons(PORT_SERVER), .sin_addr = {INADDR_BROADCAST}};

    put_number(packet + XID, run->asked);
    packet[10] = 0x80; /* answer by broadcast */
    packet[CHADDR] = 0x52;
    packet[CHADDR + 1] = 0x54;
    put_number(packet + CHADDR + 2, run->asked);
    memcpy(packet + HEADER, options, sizeof options);
    run->asked_ms[run->asked] = now_ms();
    if (sendto(run->socket, packet, sizeof packet, 0, (struct sockaddr *)&all, sizeof all) < 0) {
        if (errno != EAGAIN && errno != ENOBUFS)
            die("a question");
        return; /* it is asked the next time round */
    }
    run->asked++;
}

static double when_ms(struct msghdr *message)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
            struct timespec at;
            memcpy(&at, CMSG_DATA(c), sizeof at);
            return (double)at.tv_sec * 1e3 + (double)at.tv_nsec / 1e6;
        }
    return now_ms();
}

static void judge(struct run *run, const uint8_t *reply, size_t size, double at)
{
    uint32_t number = 0;

    if (size < OPTIONS || reply[0] != 2)
        return;
    for (int i = 0; i < 4; i++)
        number = number << 8 | reply[XID + i];
    if (number >= run->asked || memcmp(reply + CHADDR + 2, reply + XID, 4) != 0 ||
        memcmp(reply + YIADDR, "\0\0\0\0", 4) != 0)
        run->bad++;
    else if (run->took_ms[number] >= 0)
        run->repeated++;
    else {
        run->took_ms[number] = at - run->asked_ms[number];
        run->answered++;
    }
}

static void take_all(struct run *run)
{
    uint8_t reply[2048];
    char control[256];

    for (;;) {
        struct iovec vector = {reply, sizeof reply};
        struct msghdr message = {
            .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
        ssize_t size = recvmsg(run->socket, &message, 0);
        if (size < 0)
            return;
        judge(run, reply, (size_t)size, when_ms(&message));
    }
}

/* All at once (a_second 0), or each when its time has come. Over when all are answered, or nothing comes any more. */
static void go(struct run *run, uint32_t a_second)
{
    double begun = now_ms();
    double heard = begun;

    while (run->answered < run->count && now_ms() - heard < QUIET_MS) {
        uint32_t before = run->answered;
        double due = a_second == 0 ? run->count : (now_ms() - begun) * a_second / 1e3;
        while (run->asked < run->count && run->asked < due) {
            uint32_t asked = run->asked;
            ask(run);
            if (run->asked == asked)
                break;
        }
        take_all(run);
        if (run->answered != before || run->asked < run->count)
            heard = now_ms();
        struct pollfd ready = {run->socket, POLLIN, 0};
        poll(&ready, 1, 1);
    }
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static void print_result(struct run *run, double seconds)
{
    double *times = run->took_ms;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < run->count; i++)
        if (times[i] >= 0)
            times[kept++] = times[i];
    qsort(times, kept, sizeof *times, compare);
    printf("{\"asked\":%u,\"answered\":%u,\"repeated\":%u,\"bad\":%u,\"seconds\":%.3f", run->asked, run->answered,
           run->repeated, run->bad, seconds);
    if (kept > 0)
        printf(",\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f", times[(kept - 1) / 2], times[(kept - 1) * 99 / 100],
               times[kept - 1]);
    printf("}\n");
}

int main(int argc, char **argv)
{
    struct run run = {0};
    uint32_t a_second = 0;

    if (argc == 4 && strcmp(argv[2], "burst") == 0) {
        run.count = (uint32_t)strtoul(argv[3], NULL, 10);
    } else if (argc == 5 && strcmp(argv[2], "rate") == 0) {
        a_second = (uint32_t)strtoul(argv[3], NULL, 10);
        run.count = a_second * (uint32_t)strtoul(argv[4], NULL, 10);
    }
    if (run.count == 0 || run.count > MACHINES_MAX) {
        fprintf(stderr, "discover LINK burst COUNT | rate A_SECOND SECONDS, %d machines at most\n", MACHINES_MAX);
        return 2;
    }
    run.socket = open_socket(argv[1]);
    run.asked_ms = calloc(run.count, sizeof *run.asked_ms);
    run.took_ms = calloc(run.count, sizeof *run.took_ms);
    if (run.asked_ms == NULL || run.took_ms == NULL)
        die("memory");
    for (uint32_t i = 0; i < run.count; i++)
        run.took_ms[i] = -1;
    double begun = now_ms();
    go(&run, a_second);
    print_result(&run, (now_ms() - begun) / 1e3);
    return run.answered == run.count ? 0 : 1;
}
