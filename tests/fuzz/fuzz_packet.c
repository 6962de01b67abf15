/*
 * A datagram on the well-known port: decoding, negotiation, the OACK, and the judgement of the whole request. The input
 * is eight bytes of circumstances (see read_scene) and the datagram.
 */
#include "fuzz.h"

#include "core/server/explain.h"

#include <stdio.h>
#include <stdlib.h>

enum { SCENE_BYTES = 8, TRANSFER_CONTROL_ROOM = 256 };

struct scene {
    struct config config;
    struct endpoint client;
    uint32_t mtu;
    uint64_t file_size;
};

static void set_number(struct config *config, const char *name, uint64_t number)
{
    const struct config_parameter *parameter = config_find(name);
    struct config_problem problem;
    uint64_t range = parameter->high - parameter->low + 1;

    MUST(config_set_number(config, parameter, parameter->low + number % range, &problem));
}

static void set_text(struct config *config, const char *name, const char *text)
{
    struct config_problem problem;

    MUST(config_set_typed(config, config_find(name), text, &problem));
}

static void read_scene(struct scene *scene, struct feed *feed)
{
    static const char *const disabled[] = {
        "", "windowsize;msftwindow", "blksize", "tsize;utimeout", "blksize2;timeout;rollover", "", "", "",
    };
    unsigned flags = feed_byte(feed);

    if (scene->config.port == 0) /* once, for speed: the rest is set each time */
        config_defaults(&scene->config);
    set_text(&scene->config, "Masters", flags & 1 ? "*" : "");
    set_text(&scene->config, "Clients", flags & 2 ? "10.0.0.0/8" : "*");
    set_text(&scene->config, "Access", flags & 4 ? "allow:/;deny:/boot/private" : "allow:/");
    set_number(&scene->config, "MsftWindow", flags >> 3 & 1);
    set_text(&scene->config, "DisableOptions", disabled[flags >> 5]);
    scene->mtu = feed_u16(feed);
    set_number(&scene->config, "MaxBlockSize", feed_u16(feed) ^ 0xffffu);
    set_number(&scene->config, "MaxWindowSize", feed_byte(feed) * 257u ^ 0xffffu);
    scene->client = endpoint_ipv4(10, 0, 0, feed_byte(feed), 2070);
    if (flags & 16)
        scene->client.address[0] = 0xfd;
    unsigned size = feed_byte(feed);
    scene->file_size = size < 255 ? (uint64_t)size * size * size : UINT64_MAX;
}

/* -- decoding, beside a second reading of the same bytes ----------------------------------------------------------- */

/* The NUL-terminated texts behind the opcode, at most max. */
static size_t split_texts(struct span datagram, struct span *texts, size_t max)
{
    size_t count = 0;
    size_t start = 2;

    for (size_t i = 2; i < datagram.size && count < max; i++)
        if (datagram.bytes[i] == 0) {
            texts[count++] = span_of(datagram.bytes + start, i - start);
            start = i + 1;
        }
    return count;
}

static bool same_span(struct span a, struct span b)
{
    return a.bytes == b.bytes && a.size == b.size;
}

static void check_options(const struct packet *packet, const struct span *texts, size_t count)
{
    unsigned expected = 0;

    while (expected < PACKET_OPTIONS_MAX && 2 * expected + 1 < count && texts[2 * expected].size > 0)
        expected++;
    MUST(packet->option_count == expected);
    for (unsigned i = 0; i < expected; i++)
        MUST(same_span(packet->options[i].name, texts[2 * i]) && same_span(packet->options[i].value, texts[2 * i + 1]));
}

static void check_fields(const struct packet *packet, struct span datagram)
{
    struct span texts[2 + 2 * PACKET_OPTIONS_MAX];
    size_t count = split_texts(datagram, texts, sizeof texts / sizeof texts[0]);
    unsigned opcode = read_u16(datagram.bytes);

    MUST(packet->opcode == opcode);
    if (opcode == OPCODE_RRQ || opcode == OPCODE_WRQ) {
        MUST(count >= 2 && same_span(packet->name, texts[0]) && same_span(packet->mode, texts[1]));
        check_options(packet, texts + 2, count - 2);
    } else if (opcode == OPCODE_OACK) {
        check_options(packet, texts, count < 2u * PACKET_OPTIONS_MAX ? count : 2u * PACKET_OPTIONS_MAX);
    } else if (opcode == OPCODE_ERROR) {
        size_t size = datagram.size - PACKET_HEADER_SIZE;
        const uint8_t *end = size > 0 ? memchr(datagram.bytes + PACKET_HEADER_SIZE, 0, size) : NULL;
        MUST(packet->code == read_u16(datagram.bytes + 2));
        MUST(packet->data.size == (end ? (size_t)(end - datagram.bytes) - PACKET_HEADER_SIZE : size));
    } else {
        MUST(packet->block == read_u16(datagram.bytes + 2));
        MUST(same_span(packet->data, span_of(datagram.bytes + PACKET_HEADER_SIZE, datagram.size - PACKET_HEADER_SIZE)));
    }
}

static enum decoding check_decoding(struct packet *packet, struct span datagram)
{
    struct span texts[2];
    enum decoding decoding = packet_decode(packet, datagram);
    unsigned opcode = datagram.size >= 2 ? read_u16(datagram.bytes) : 0;
    bool is_request = opcode == OPCODE_RRQ || opcode == OPCODE_WRQ;
    bool is_numbered = opcode == OPCODE_DATA || opcode == OPCODE_ACK || opcode == OPCODE_ERROR;

    if (datagram.size < 2 || (is_numbered && datagram.size < PACKET_HEADER_SIZE))
        MUST(decoding == DECODING_MALFORMED);
    else if (is_request && split_texts(datagram, texts, 2) < 2)
        MUST(decoding == (split_texts(datagram, texts, 2) < 1 ? DECODING_NO_NAME : DECODING_NO_MODE));
    else if (opcode < OPCODE_RRQ || opcode > OPCODE_OACK)
        MUST(decoding == DECODING_UNKNOWN_OPCODE);
    else
        MUST(decoding == DECODING_OK);
    if (decoding == DECODING_OK)
        check_fields(packet, datagram);
    return decoding;
}

/* What is encoded is decoded to the same. */
static void check_encoding(const struct packet *packet)
{
    uint8_t bytes[PACKET_CONTROL_SIZE_MAX];
    char text[PACKET_CONTROL_SIZE_MAX];
    struct packet again;
    size_t length = packet->data.size < sizeof text ? packet->data.size : sizeof text - 1;

    if (packet->opcode == OPCODE_DATA || packet->opcode == OPCODE_ACK) {
        MUST(packet_decode(&again, span_of(bytes, packet_encode_ack(bytes, packet->block))) == DECODING_OK);
        MUST(again.opcode == OPCODE_ACK && again.block == packet->block && again.data.size == 0);
        packet_encode_data_header(bytes, packet->block);
        MUST(packet_decode(&again, span_of(bytes, PACKET_HEADER_SIZE)) == DECODING_OK);
        MUST(again.opcode == OPCODE_DATA && again.block == packet->block);
    }
    if (packet->opcode == OPCODE_ERROR) {
        snprintf(text, sizeof text, "%.*s", (int)length, (const char *)packet->data.bytes);
        MUST(packet_decode(&again, span_of(bytes, packet_encode_error(bytes, packet->code, text))) == DECODING_OK);
        MUST(again.opcode == OPCODE_ERROR && again.code == packet->code);
        MUST(again.data.size == (length < PACKET_ERROR_TEXT_MAX ? length : PACKET_ERROR_TEXT_MAX));
        MUST(memcmp(again.data.bytes, text, again.data.size) == 0);
    }
}

/* -- negotiation --------------------------------------------------------------------------------------------------- */

static uint64_t number_of(struct span text)
{
    uint64_t number = 0;

    MUST(text.size == 1 || (text.size > 0 && text.bytes[0] != '0'));
    MUST(span_to_number(text, UINT64_MAX, &number));
    return number;
}

/* Whether this answer may be given to a client that asked so. */
static bool is_answer(enum option option, uint64_t granted, uint64_t asked, const struct option_limits *limits,
                      const struct option_facts *facts)
{
    switch (option) {
    case OPTION_BLKSIZE: return granted >= BLKSIZE_MIN && granted <= asked && granted <= limits->blksize_max;
    case OPTION_BLKSIZE2: return granted >= BLKSIZE_MIN && granted <= asked && (granted & (granted - 1)) == 0;
    case OPTION_TSIZE: return granted == (facts->is_upload ? asked : facts->file_size);
    case OPTION_TIMEOUT: return granted == asked && granted >= 1 && granted <= 255;
    case OPTION_WINDOWSIZE: return granted >= 1 && granted <= asked && granted <= limits->windowsize_max;
    case OPTION_MSFTWINDOW: return granted == MSFTWINDOW_GRANTED && !facts->is_upload;
    default: return granted == asked;
    }
}

/* The OACK says no more than was asked (CLIENTS.md, rule 1). Where an option came twice, either may be meant. */
static void check_granted(const struct option_pair *pair, const struct packet *request,
                          const struct option_limits *limits, const struct option_facts *facts)
{
    enum option option = options_find(pair->name);
    uint64_t granted = number_of(pair->value);
    uint64_t asked;
    bool is_good = false;

    MUST(option < OPTION_COUNT && (limits->disabled >> option & 1) == 0);
    for (unsigned i = 0; i < request->option_count; i++)
        if (options_find(request->options[i].name) == option &&
            span_to_number(request->options[i].value, UINT64_MAX, &asked))
            is_good = is_good || is_answer(option, granted, asked, limits, facts);
    MUST(is_good);
}

static void check_agreement(const struct agreement *a, const struct option_limits *limits)
{
    MUST(a->blksize >= BLKSIZE_MIN && a->blksize <= BLKSIZE_MAX);
    MUST(a->windowsize >= 1 && a->windowsize <= a->windowsize_max && a->windowsize_max <= WINDOWSIZE_MAX);
    MUST(a->windowsize_max == 1 || (uint64_t)a->windowsize_max * a->blksize <= limits->window_bytes_max);
    MUST(a->rollover == 0 || (a->rollover == 1 && a->windowsize_max <= WINDOWSIZE_MAX_ROLLOVER1));
    MUST(a->timeout_ms > 0 && a->granted_count <= OPTION_COUNT);
    for (unsigned i = 0; i < a->granted_count; i++)
        for (unsigned k = 0; k < i; k++)
            MUST(a->granted[i] != a->granted[k]);
}

/* A client that asks for exactly what was granted is granted exactly that. */
static void check_fixpoint(const struct packet *oack, const struct agreement *a, const struct option_limits *limits,
                           const struct option_facts *facts)
{
    struct agreement again = options_agree(oack, limits, facts);

    MUST(again.granted_count == a->granted_count && memcmp(again.granted, a->granted, a->granted_count) == 0);
    MUST(again.blksize == a->blksize && again.windowsize == a->windowsize && again.rollover == a->rollover);
    MUST(again.timeout_ms == a->timeout_ms && again.tsize == a->tsize && again.utimeout_us == a->utimeout_us);
}

static void check_texts(const struct packet *request, const struct agreement *a, struct span oack)
{
    char expected[TRANSFER_CONTROL_ROOM];
    char text[TRANSFER_CONTROL_ROOM];
    char ungranted[2048];

    options_text(a, expected, sizeof expected);
    explain_oack(oack, text, sizeof text);
    MUST(a->granted_count == 0 || strcmp(text, expected) == 0);
    for (size_t size = 1; size < 24; size++) {
        MUST(strlen(options_text(a, text, size)) < size);
        MUST(strlen(explain_oack(oack, text, size)) < size);
        MUST(strlen(explain_ungranted(request, a, text, size)) < size);
    }
    explain_ungranted(request, a, ungranted, sizeof ungranted);
    MUST(a->granted_count > 0 || (ungranted[0] != 0) == (request->option_count > 0));
}

static void check_negotiation(const struct request *request, const struct scene *scene)
{
    struct option_limits limits = request_option_limits(request, &scene->config, &scene->client, scene->mtu, true);
    struct option_facts facts = {request->is_upload, request->is_netascii, scene->file_size};
    struct agreement a = options_agree(&request->packet, &limits, &facts);
    uint8_t bytes[PACKET_CONTROL_SIZE_MAX];
    struct packet oack;
    size_t size = options_encode_oack(bytes, &a);

    MUST(limits.blksize_max >= BLKSIZE_MIN && limits.blksize_max <= scene->config.block_size_max);
    check_agreement(&a, &limits);
    MUST(size <= TRANSFER_CONTROL_ROOM);
    MUST(packet_decode(&oack, span_of(bytes, size)) == DECODING_OK && oack.opcode == OPCODE_OACK);
    MUST(oack.option_count == a.granted_count);
    for (unsigned i = 0; i < oack.option_count; i++)
        check_granted(&oack.options[i], &request->packet, &limits, &facts);
    check_fixpoint(&oack, &a, &limits, &facts);
    check_texts(&request->packet, &a, span_of(bytes, size));
}

/* -- the judgement ------------------------------------------------------------------------------------------------- */

static void check_judged(struct request *request, const struct scene *scene)
{
    char path[PATH_TEXT_MAX];
    char text[CONFIG_LIST_BYTES_MAX];

    if (request->verdict == REQUEST_OK) {
        MUST(request->why == NULL && request->error_code == 0);
        MUST(path_normalize(span_of_text(request->path), path) == PATH_OK && strcmp(path, request->path) == 0);
        MUST(request_allows_final_path(request, &scene->config, &scene->client, path));
        MUST(!request->is_upload || scene->config.masters.count > 0);
        check_negotiation(request, scene);
    } else {
        MUST(request->why != NULL && request->why[0] != 0);
        MUST(request->verdict == REQUEST_DROP ? request->error_code == 0 : request->error_code != 0);
        MUST(request->error_code <= ERROR_CODE_ILLEGAL);
    }
    explain_rule(request, &scene->config, text, sizeof text);
    MUST(text[0] != 0);
}

/* What `tftpd explain` would send for it is the same request. */
static void check_explained(const struct packet *packet)
{
    char name[2048], mode[2048], options[4096] = "";
    uint8_t bytes[EXPLAIN_DATAGRAM_MAX];
    struct explain_question question = {packet->opcode == OPCODE_WRQ, name, mode, options};
    struct packet again;
    const char *problem;
    size_t used = 0;

    snprintf(name, sizeof name, "%.*s", (int)packet->name.size, (const char *)packet->name.bytes);
    snprintf(mode, sizeof mode, "%.*s", (int)packet->mode.size, (const char *)packet->mode.bytes);
    for (unsigned i = 0; i < packet->option_count; i++) {
        const struct option_pair *pair = &packet->options[i];
        used +=
            (size_t)snprintf(options + used, sizeof options - used, "%.*s=%.*s ", (int)pair->name.size,
                             (const char *)pair->name.bytes, (int)pair->value.size, (const char *)pair->value.bytes);
    }
    size_t size = explain_encode(&question, bytes, &problem);
    MUST((size == 0) == (problem != NULL) && size <= sizeof bytes);
    if (size == 0)
        return;
    MUST(packet_decode(&again, span_of(bytes, size)) == DECODING_OK && again.opcode == packet->opcode);
    MUST(again.name.size == packet->name.size && memcmp(again.name.bytes, packet->name.bytes, again.name.size) == 0);
    MUST(again.mode.size == packet->mode.size && memcmp(again.mode.bytes, packet->mode.bytes, again.mode.size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct scene scene;
    struct feed feed = {bytes, size};
    struct packet packet;
    struct request request;
    struct request again;

    if (size < SCENE_BYTES || size > 2048)
        return 0;
    read_scene(&scene, &feed);
    struct span datagram = span_of(feed.bytes, feed.size);
    if (check_decoding(&packet, datagram) == DECODING_OK) {
        check_encoding(&packet);
        if (packet.opcode == OPCODE_RRQ || packet.opcode == OPCODE_WRQ)
            check_explained(&packet);
    }
    request_judge(&request, &scene.config, &scene.client, datagram);
    request_judge(&again, &scene.config, &scene.client, datagram);
    MUST(request.verdict == again.verdict && request.fingerprint == again.fingerprint && request.why == again.why);
    check_judged(&request, &scene);
    return 0;
}
