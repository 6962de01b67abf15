#include "core/server/request.h"

#include "core/transfer/standing.h"

enum {
    WINDOW_BYTES_OF_FILE = INT32_MAX, /* an octet download keeps no window of its own */
    WINDOW_BYTES_OF_UPLOAD = 256 * 1024
};

/* FNV-1a: tells a repeated request from a new one of the same peer; an attacker gains nothing by a collision. */
static uint32_t fingerprint(struct span datagram)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < datagram.size; i++)
        hash = (hash ^ datagram.bytes[i]) * 16777619u;
    return hash;
}

static void refuse(struct request *request, enum request_verdict verdict, uint16_t code, const char *why)
{
    request->verdict = verdict;
    request->error_code = code;
    request->why = why;
}

static const char *const illegal_texts[] = {
    [DECODING_UNKNOWN_OPCODE] = "Illegal TFTP operation: unknown opcode",
    [DECODING_NO_NAME] = "Illegal TFTP operation: cut off, there is no NUL behind the name",
    [DECODING_NO_MODE] = "Illegal TFTP operation: cut off, there is no NUL behind the mode",
};

static void judge_datagram(struct request *request, struct span datagram)
{
    enum decoding decoding = packet_decode(&request->packet, datagram);

    if (decoding == DECODING_MALFORMED) {
        refuse(request, REQUEST_DROP, 0, "not a TFTP request");
        return;
    }
    request->is_upload = request->packet.opcode == OPCODE_WRQ;
    if (decoding != DECODING_OK) {
        refuse(request, REQUEST_ILLEGAL, ERROR_CODE_ILLEGAL, illegal_texts[decoding]);
        return;
    }
    if (request->packet.opcode != OPCODE_RRQ && request->packet.opcode != OPCODE_WRQ) {
        refuse(request, REQUEST_DROP, 0, "not a TFTP request");
        return;
    }
    request->is_netascii = span_is_word(request->packet.mode, "netascii");
    if (!request->is_netascii && !span_is_word(request->packet.mode, "octet"))
        refuse(request, REQUEST_ILLEGAL, ERROR_CODE_ILLEGAL,
               "Illegal TFTP operation: the mode is not octet or netascii");
}

static void judge_name(struct request *request)
{
    enum path_problem problem = path_normalize(request->packet.name, request->path);

    /* What belongs to the service does not exist for its clients; and no folder is a file. */
    bool is_no_file = problem == PATH_RESERVED || problem == PATH_EMPTY || problem == PATH_FOLDER;
    if (problem != PATH_OK)
        refuse(request, REQUEST_BAD_NAME, is_no_file ? ERROR_CODE_NOT_FOUND : ERROR_CODE_ACCESS,
               path_problem_text(problem));
}

static bool take_verdict(struct request *request, struct access_verdict verdict)
{
    if (verdict.rule != ACCESS_ALLOWED)
        refuse(request, REQUEST_FORBIDDEN, ERROR_CODE_ACCESS, access_rule_text(verdict.rule));
    return verdict.rule == ACCESS_ALLOWED;
}

static bool judge_access(struct request *request, const struct config *config, const struct endpoint *from,
                         const char *path)
{
    struct access_verdict verdict = access_judge(config, from, path, request->is_upload);

    request->rule = verdict.item;
    return take_verdict(request, verdict);
}

void request_judge(struct request *request, const struct config *config, const struct endpoint *from,
                   struct span datagram)
{
    memset(request, 0, offsetof(struct request, packet));
    request->verdict = REQUEST_OK;
    if (endpoint_is_bogus_source(from)) {
        refuse(request, REQUEST_DROP, 0, "it comes from an address or port that no client can have");
        return;
    }
    judge_datagram(request, datagram);
    if (request->verdict == REQUEST_OK)
        judge_name(request);
    if (request->verdict == REQUEST_OK)
        judge_access(request, config, from, request->path);
    request->fingerprint = fingerprint(datagram);
    request->datagram_bytes = datagram.size < UINT16_MAX ? (uint16_t)datagram.size : UINT16_MAX;
}

bool request_allows_final_path(struct request *request, const struct config *config, const struct endpoint *from,
                               const char *final_path)
{
    char path[PATH_TEXT_MAX];
    enum path_problem problem = path_normalize(span_of_text(final_path), path);

    if (problem != PATH_OK) {
        refuse(request, REQUEST_BAD_NAME, problem == PATH_RESERVED ? ERROR_CODE_NOT_FOUND : ERROR_CODE_ACCESS,
               path_problem_text(problem));
        return false;
    }
    return judge_access(request, config, from, path);
}

bool request_allows_folder(struct request *request, const struct config *config, const struct mac *mac,
                           const char *path)
{
    return take_verdict(request, access_judge_folder(config, mac, path));
}

struct option_limits request_option_limits(const struct request *request, const struct config *config,
                                           const struct endpoint *from, uint32_t mtu, bool is_known)
{
    struct option_limits limits = {
        .blksize_max = config->block_size_max,
        .windowsize_max = config->window_size_max,
        .window_bytes_max = request->is_upload ? WINDOW_BYTES_OF_UPLOAD : WINDOW_BYTES_OF_FILE,
        .timeout_ms = config->timeout_s * 1000,
        .disabled = config->msft_window ? 0 : 1u << OPTION_MSFTWINDOW,
    };
    uint32_t mtu_in_force = config->mtu != 0 ? config->mtu : mtu;

    /* 0 means that the interface could not be asked. */
    if (mtu_in_force != 0) {
        uint32_t fitting = options_blksize_within_mtu(mtu_in_force, from);
        limits.blksize_max = fitting < limits.blksize_max ? fitting : limits.blksize_max;
    }
    if (!request->is_upload && !is_known) {
        limits.window_bytes_max = standing_window_bytes(config->unproven_bytes, config_ports(config));
        limits.header_bytes = STANDING_HEADERS + PACKET_HEADER_SIZE;
    }
    for (const char *name = text_list_next(&config->disable_options, NULL); name != NULL;
         name = text_list_next(&config->disable_options, name))
        limits.disabled |= 1u << options_find(span_of_text(name));
    return limits;
}

size_t request_encode_error(uint8_t *bytes, size_t request_size, uint16_t code, const char *text)
{
    size_t size = packet_encode_error(bytes, code, text);
    size_t most = standing_reply_max(request_size);

    if (size > most) {
        size = most;
        bytes[size - 1] = 0;
    }
    return size;
}
