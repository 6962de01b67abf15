/*
 * TFTP datagrams (RFC 1350, 2347): decoded once at the door into checked spans, encoded into given bytes.
 * Nobody else looks at raw bytes. Decoding never allocates and never copies; the spans live as long as the datagram.
 */
#ifndef CORE_PACKET_H
#define CORE_PACKET_H

#include "core/base/bytes.h"

enum opcode { OPCODE_RRQ = 1, OPCODE_WRQ, OPCODE_DATA, OPCODE_ACK, OPCODE_ERROR, OPCODE_OACK };

/* RFC 1350 appendix, RFC 2347 for 8. */
enum error_code {
    ERROR_CODE_UNDEFINED,
    ERROR_CODE_NOT_FOUND,
    ERROR_CODE_ACCESS,
    ERROR_CODE_FULL,
    ERROR_CODE_ILLEGAL,
    ERROR_CODE_UNKNOWN_TID,
    ERROR_CODE_EXISTS,
    ERROR_CODE_NO_USER,
    ERROR_CODE_OPTIONS
};

enum {
    PACKET_HEADER_SIZE = 4,       /* opcode and block number */
    PACKET_OPTIONS_MAX = 16,      /* more pairs than any known client sends; the rest is ignored */
    PACKET_ERROR_TEXT_MAX = 200,  /* longest text in an ERROR that we send, without its NUL */
    PACKET_CONTROL_SIZE_MAX = 512 /* no ACK, OACK or ERROR that we send is longer */
};

struct option_pair {
    struct span name;
    struct span value; /* may be empty: iPXE sends "multicast" so */
};

struct packet {
    enum opcode opcode;
    uint16_t block;   /* DATA and ACK */
    uint16_t code;    /* ERROR */
    struct span data; /* DATA: payload; ACK: bytes behind the block number (msftwindow); ERROR: text without NUL */
    struct span name; /* RRQ and WRQ */
    struct span mode; /* RRQ and WRQ */
    unsigned option_count;
    struct option_pair options[PACKET_OPTIONS_MAX];
};

enum decoding {
    DECODING_OK,
    DECODING_MALFORMED,      /* not TFTP: drop it without an answer */
    DECODING_UNKNOWN_OPCODE, /* two bytes that are no opcode: ERROR 4 may be owed, and so for the next two */
    DECODING_NO_NAME,        /* a request whose name does not end */
    DECODING_NO_MODE         /* a request that ends in its mode, or before it */
};

/*
 * Options end at the first name without a terminated value (Apple OpenFirmware sends garbage there) or at an empty
 * name (NUL padding).
 */
enum decoding packet_decode(struct packet *packet, struct span datagram);

/* Each writes a whole datagram into bytes (room for PACKET_CONTROL_SIZE_MAX) and returns its size. */
size_t packet_encode_ack(uint8_t *bytes, uint16_t block);
size_t packet_encode_error(uint8_t *bytes, uint16_t code, const char *text);
void packet_encode_data_header(uint8_t *bytes, uint16_t block);

#endif
