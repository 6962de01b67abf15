/*
 * ask PORT NAME BLKSIZE WINDOW   our client's core around plain sockets: fetches NAME from 127.0.0.1, forgets it, and prints the
 * seconds and bytes that the exchange reports as one line of JSON. What it costs beside the program under Wine is Wine's.
 */
#include "core/client/exchange.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER_BYTES = 4 * 1024 * 1024, DATAGRAM_MAX = 65536, TIMEOUT_MS = 1000, RETRIES = 5 };

static struct exchange exchange;
static struct exchange_action action;
static struct pollfd lines[EXCHANGE_LINES] = {{.fd = -1, .events = POLLIN}, {.fd = -1, .events = POLLIN}};

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static enum cause open_line(uint8_t line)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int bytes = BUFFER_BYTES;

    if (lines[line].fd >= 0)
        close(lines[line].fd);
    lines[line].fd = socket(AF_INET, SOCK_DGRAM, 0);
    setsockopt(lines[line].fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    return bind(lines[line].fd, (struct sockaddr *)&at, sizeof at) == 0 ? CAUSE_DONE : CAUSE_SOCKET;
}

static enum cause perform(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(action.send.to.port)};

    if (action.kind == EXCHANGE_NEW_PORT)
        return open_line(action.line);
    if (action.kind != EXCHANGE_SEND)
        return CAUSE_DONE;
    memcpy(&to.sin_addr, endpoint_ipv4_bytes(&action.send.to), sizeof to.sin_addr);
    sendto(lines[action.line].fd, action.send.bytes.bytes, action.send.bytes.size, 0, (struct sockaddr *)&to,
           sizeof to);
    return CAUSE_DONE;
}

static void run(void)
{
    while (action.kind != EXCHANGE_WAIT && action.kind != EXCHANGE_FINISH)
        exchange_answer(&exchange, perform(), now_ms(), &action);
}

/* False: nothing was there. */
static bool receive(uint8_t line)
{
    static uint8_t datagram[DATAGRAM_MAX];
    struct sockaddr_in from;
    socklen_t length = sizeof from;
    ssize_t size = recvfrom(lines[line].fd, datagram, sizeof datagram, MSG_DONTWAIT, (struct sockaddr *)&from, &length);

    if (size < 0)
        return false;
    struct endpoint at = endpoint_of_ipv4(&from.sin_addr, ntohs(from.sin_port));
    exchange_on_datagram(&exchange, line, &at, span_of(datagram, (size_t)size), now_ms(), &action);
    run();
    return true;
}

static void live(void)
{
    run();
    while (action.kind == EXCHANGE_WAIT) {
        uint64_t now = now_ms(), until = action.wait.until_ms;
        poll(lines, EXCHANGE_LINES, until > now ? (int)(until - now) : 0);
        for (uint8_t line = 0; line < EXCHANGE_LINES; line++)
            while (action.kind == EXCHANGE_WAIT && lines[line].revents != 0 && receive(line))
                ;
        if (action.kind == EXCHANGE_WAIT && now_ms() >= action.wait.until_ms) {
            exchange_on_timer(&exchange, now_ms(), &action);
            run();
        }
    }
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    struct exchange_setup setup = {
        .server = endpoint_ipv4(127, 0, 0, 1, (uint16_t)atoi(argv[1])),
        .name = argv[2],
        .blksize = (uint32_t)atoi(argv[3]),
        .windowsize = (uint32_t)atoi(argv[4]),
        .wants_tsize = true,
        .timeout_ms = TIMEOUT_MS,
        .retries = RETRIES,
        .again_bytes_max = UINT64_MAX,
    };
    exchange_begin(&exchange, &setup, now_ms(), &action);
    live();
    const struct exchange_report *report = &action.finish;
    printf("{\"seconds\": %.3f, \"bytes\": %llu}\n", (double)report->duration_ms / 1000,
           (unsigned long long)report->bytes);
    return cause_exit_code(report->cause, report->error_code);
}
