/*
 * A request on the well-known port judged as far as that is possible before anything is opened: opcode, mode, name and
 * access. What `tftpd explain` would print is decided here and nowhere else.
 */
#ifndef CORE_REQUEST_H
#define CORE_REQUEST_H

#include "core/names/path.h"
#include "core/settings/access.h"
#include "core/wire/options.h"

enum request_verdict {
    REQUEST_OK,
    REQUEST_DROP,     /* not a request, or from a source that gets no answer */
    REQUEST_ILLEGAL,  /* ERROR 4: unknown opcode or mode, or cut off */
    REQUEST_BAD_NAME, /* ERROR 1 or 2 */
    REQUEST_FORBIDDEN /* ERROR 2 */
};

struct request {
    enum request_verdict verdict;
    uint16_t error_code; /* for the client, unless OK or DROP */
    const char *why;     /* constant text, for the client and the event; NULL if OK */
    const char *rule;    /* the item of a list in the config that decided about access, or NULL */
    bool is_upload;
    bool is_netascii;
    uint32_t fingerprint;    /* of the datagram: equal for a repeated request */
    uint16_t datagram_bytes; /* its size */
    char path[PATH_TEXT_MAX];
    struct packet packet; /* spans into the datagram */
};

void request_judge(struct request *request, const struct config *config, const struct endpoint *from,
                   struct span datagram);

/* The same access rules on the final name of what was opened, which may be longer or spelt otherwise than asked. */
bool request_allows_final_path(struct request *request, const struct config *config, const struct endpoint *from,
                               const char *final_path);

/*
 * With ClientDirectories=mac, may the client with this MAC have what lies there: asked behind request_judge of the asked name, and
 * behind request_allows_final_path of the final one.
 */
bool request_allows_folder(struct request *request, const struct config *config, const struct mac *mac,
                           const char *path);

/*
 * The limits for this transfer: parameters, the MTU of the interface the request came in on (0: unknown), and whether the
 * client's address is known (core/transfer/standing): a download's first window is small for one that is not.
 */
struct option_limits request_option_limits(const struct request *request, const struct config *config,
                                           const struct endpoint *from, uint32_t mtu, bool is_known);

/*
 * The ERROR that answers a request of this size, into bytes (of PACKET_CONTROL_SIZE_MAX): its text is cut to what a request
 * from a forged source pays for. Returns its size.
 */
size_t request_encode_error(uint8_t *bytes, size_t request_size, uint16_t code, const char *text);

#endif
