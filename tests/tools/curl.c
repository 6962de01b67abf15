/*
 * curl [-gsS] [--max-time SECONDS] [--tftp-blksize BYTES] -o|-T FILE tftp://HOST[:PORT]/NAME
 * Plays the curl.exe of Windows, which Wine has not, for installer/acceptance.cmd: fetches into FILE, or uploads it, with
 * curl's exit codes (CURLE_...). Blocks are large, whatever is asked for, so that a busy machine is soon through; to ask for
 * a size makes a client slow, as blocks of 8 bytes make the real one: here it sleeps before each answer.
 */
#include <winsock2.h>
#include <ws2tcpip.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RRQ = 1, WRQ, DATA, ACK, ERROR_PACKET, OACK };
enum { HEADER = 4, BLOCK_STANDARD = 512, BLOCK_ASKED = 8192, RETRY_MS = 1000, SLOW_MS = 150 };
enum {
    CURL_OK = 0,
    CURL_USAGE = 2,
    CURL_NO_HOST = 6,
    CURL_NO_FILE = 23,
    CURL_TIME_IS_OVER = 28,
    CURL_TFTP_ILLEGAL = 71,
    CURL_FILE_EXISTS = 73
};

/* By the code of the ERROR packet. */
static const int error_exits[] = {CURL_TFTP_ILLEGAL, 68, 69, 70, CURL_TFTP_ILLEGAL, 72, CURL_FILE_EXISTS, 74};

struct transfer {
    const char *path;
    const char *url;
    int is_upload;
    unsigned block_size;
    int is_slow;
    ULONGLONG end_ms;
    FILE *file;
    SOCKET socket;
    struct sockaddr_storage server;
    int server_size;
    char packet[HEADER + BLOCK_ASKED];
    int packet_size; /* of what was sent last */
};

static int leave(int code, const char *why)
{
    fprintf(stderr, "curl: (%d) %s\n", code, why);
    return code;
}

/* -- the URL ------------------------------------------------------------------------------------------------------- */

static void unescape(char *text)
{
    char *to = text;

    for (; *text != 0; text++) {
        char digits[3] = {0};
        if (*text == '%' && strlen(text) > 2) {
            memcpy(digits, text + 1, 2);
            *to++ = (char)strtoul(digits, NULL, 16);
            text += 2;
        } else {
            *to++ = *text;
        }
    }
    *to = 0;
}

/* Finds the server's address; name is what is asked for. */
static int read_url(struct transfer *t, char *name, size_t size)
{
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *found;
    char url[1024];

    snprintf(url, sizeof url, "%s", t->url);
    char *host = strncmp(url, "tftp://", 7) == 0 ? url + 7 : NULL;
    char *slash = host != NULL ? strchr(host, '/') : NULL;
    if (slash == NULL)
        return leave(CURL_USAGE, "this plays TFTP only");
    *slash = 0;
    snprintf(name, size, "%s", slash + 1);
    unescape(name);
    char *end = host[0] == '[' ? strchr(host, ']') : host;
    char *colon = end != NULL ? strchr(end, ':') : NULL;
    if (colon != NULL)
        *colon = 0;
    if (host[0] == '[' && end != NULL) {
        *end = 0;
        host++;
    }
    unescape(host);
    if (getaddrinfo(host, colon != NULL ? colon + 1 : "69", &hints, &found) != 0)
        return leave(CURL_NO_HOST, "there is no such host");
    memcpy(&t->server, found->ai_addr, found->ai_addrlen);
    t->server_size = (int)found->ai_addrlen;
    freeaddrinfo(found);
    return CURL_OK;
}

/* -- packets ------------------------------------------------------------------------------------------------------- */

static void send_packet(struct transfer *t)
{
    sendto(t->socket, t->packet, t->packet_size, 0, (struct sockaddr *)&t->server, t->server_size);
}

static void put_header(struct transfer *t, unsigned opcode, unsigned block)
{
    const char header[HEADER] = {0, (char)opcode, (char)(block >> 8), (char)block};

    memcpy(t->packet, header, HEADER);
    t->packet_size = HEADER;
}

static void ask(struct transfer *t, const char *name)
{
    int used = 2 + snprintf(t->packet + 2, sizeof t->packet - 2, "%s%coctet", name, 0) + 1;

    t->packet[0] = 0;
    t->packet[1] = t->is_upload ? WRQ : RRQ;
    used += snprintf(t->packet + used, sizeof t->packet - (size_t)used, "blksize%c%d", 0, BLOCK_ASKED) + 1;
    t->packet_size = used;
    send_packet(t);
}

/* The next packet, from the port that answered first. What was sent last is sent again each second. Returns its size, or
 * 0: the time is over. */
static int receive(struct transfer *t, char *packet, int size)
{
    while (GetTickCount64() < t->end_ms) {
        t->server_size = sizeof t->server;
        int got = recvfrom(t->socket, packet, size, 0, (struct sockaddr *)&t->server, &t->server_size);
        if (got >= HEADER)
            return got;
        send_packet(t);
    }
    return 0;
}

static void take_options(struct transfer *t, const char *packet, int size)
{
    const char *value = size > 10 && _stricmp(packet + 2, "blksize") == 0 ? packet + 10 : "512";

    t->block_size = strtoul(value, NULL, 10);
}

/* Whether the packet is the one that is waited for; if so, what follows from it is in t->packet. */
static int advance(struct transfer *t, const char *packet, int size, unsigned *block, int *is_over)
{
    unsigned number = (unsigned)(unsigned char)packet[2] << 8 | (unsigned char)packet[3];
    int is_oack = packet[1] == OACK && *block == 0;

    if (is_oack)
        take_options(t, packet, size);
    if (t->is_upload && ((packet[1] == ACK && number == (*block & 0xffff)) || is_oack)) {
        *is_over = *block > 0 && t->packet_size < HEADER + (int)t->block_size;
        put_header(t, DATA, ++*block);
        t->packet_size += (int)fread(t->packet + HEADER, 1, t->block_size, t->file);
        return 1;
    }
    if (!t->is_upload && is_oack) {
        put_header(t, ACK, 0);
        return 1;
    }
    if (t->is_upload || packet[1] != DATA || number != ((*block + 1) & 0xffff))
        return 0;
    fwrite(packet + HEADER, 1, (size_t)(size - HEADER), t->file);
    *is_over = size < HEADER + (int)t->block_size;
    put_header(t, ACK, ++*block);
    return 1;
}

static int run(struct transfer *t)
{
    static char packet[HEADER + BLOCK_ASKED + 1];
    unsigned block = 0;

    for (int is_over = 0; !is_over;) {
        int size = receive(t, packet, sizeof packet - 1);
        if (size == 0)
            return leave(CURL_TIME_IS_OVER, "the time is over");
        packet[size] = 0;
        unsigned code = (unsigned char)packet[3];
        if (packet[1] == ERROR_PACKET)
            return leave(error_exits[code < sizeof error_exits / sizeof *error_exits ? code : 0], packet + HEADER);
        if (t->is_slow)
            Sleep(SLOW_MS);
        if (advance(t, packet, size, &block, &is_over) && !(t->is_upload && is_over))
            send_packet(t);
    }
    return CURL_OK;
}

/* -- words --------------------------------------------------------------------------------------------------------- */

static int read_words(struct transfer *t, char **words)
{
    for (; *words != NULL; words++) {
        const char *word = *words;
        if (strncmp(word, "-g", 2) == 0)
            continue;
        if (word[0] != '-') {
            t->url = word;
            continue;
        }
        if (*++words == NULL)
            return leave(CURL_USAGE, "a value is missing");
        if (strcmp(word, "--max-time") == 0)
            t->end_ms = GetTickCount64() + strtoul(*words, NULL, 10) * 1000;
        else if (strcmp(word, "--tftp-blksize") == 0)
            t->is_slow = 1;
        else
            t->path = *words;
        t->is_upload |= strcmp(word, "-T") == 0;
    }
    return t->url != NULL && t->path != NULL ? CURL_OK : leave(CURL_USAGE, "FILE or URL is missing");
}

int main(int count, char **words)
{
    static struct transfer t = {.block_size = BLOCK_STANDARD};
    const DWORD patience_ms = RETRY_MS;
    char name[1024];
    WSADATA data;

    (void)count;
    t.end_ms = GetTickCount64() + 3600 * 1000;
    WSAStartup(MAKEWORD(2, 2), &data);
    int code = read_words(&t, words + 1);
    if (code == CURL_OK)
        code = read_url(&t, name, sizeof name);
    if (code != CURL_OK)
        return code;
    t.file = fopen(t.path, t.is_upload ? "rb" : "wb");
    if (t.file == NULL)
        return leave(CURL_NO_FILE, "the file cannot be opened");
    t.socket = socket(t.server.ss_family, SOCK_DGRAM, 0);
    setsockopt(t.socket, SOL_SOCKET, SO_RCVTIMEO, (const char *)&patience_ms, sizeof patience_ms);
    ask(&t, name);
    code = run(&t);
    fclose(t.file);
    return code;
}
