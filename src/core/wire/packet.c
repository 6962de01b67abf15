#include "core/wire/packet.h"

/* Takes the text up to the next NUL out of *rest. False if there is no NUL. */
static bool take_text(struct span *rest, struct span *text)
{
    const uint8_t *end = rest->size ? memchr(rest->bytes, 0, rest->size) : NULL;

    if (end == NULL)
        return false;
    *text = span_of(rest->bytes, (size_t)(end - rest->bytes));
    *rest = span_of(end + 1, rest->size - text->size - 1);
    return true;
}

static void take_options(struct packet *packet, struct span rest)
{
    packet->option_count = 0;
    while (packet->option_count < PACKET_OPTIONS_MAX) {
        struct option_pair pair;
        if (!take_text(&rest, &pair.name) || pair.name.size == 0 || !take_text(&rest, &pair.value))
            return;
        packet->options[packet->option_count++] = pair;
    }
}

static enum decoding decode_request(struct packet *packet, struct span rest)
{
    packet->name = packet->mode = span_nothing();
    if (!take_text(&rest, &packet->name))
        return DECODING_NO_NAME;
    if (!take_text(&rest, &packet->mode))
        return DECODING_NO_MODE;
    take_options(packet, rest);
    return DECODING_OK;
}

static enum decoding decode_error(struct packet *packet, struct span rest)
{
    packet->code = read_u16(rest.bytes);
    rest = span_of(rest.bytes + 2, rest.size - 2);
    /* Old ROMs leave the NUL out; what is there is the text. */
    if (!take_text(&rest, &packet->data))
        packet->data = rest;
    return DECODING_OK;
}

enum decoding packet_decode(struct packet *packet, struct span datagram)
{
    if (datagram.size < 2)
        return DECODING_MALFORMED;

    uint16_t opcode = read_u16(datagram.bytes);
    struct span rest = span_of(datagram.bytes + 2, datagram.size - 2);
    packet->option_count = 0;
    packet->opcode = (enum opcode)opcode;
    switch (opcode) {
    case OPCODE_RRQ:
    case OPCODE_WRQ: return decode_request(packet, rest);
    case OPCODE_DATA:
    case OPCODE_ACK:
        if (rest.size < 2)
            return DECODING_MALFORMED;
        packet->block = read_u16(rest.bytes);
        packet->data = span_of(rest.bytes + 2, rest.size - 2);
        return DECODING_OK;
    case OPCODE_ERROR: return rest.size < 2 ? DECODING_MALFORMED : decode_error(packet, rest);
    case OPCODE_OACK: take_options(packet, rest); return DECODING_OK;
    default: return DECODING_UNKNOWN_OPCODE;
    }
}

size_t packet_encode_ack(uint8_t *bytes, uint16_t block)
{
    write_u16(bytes, OPCODE_ACK);
    write_u16(bytes + 2, block);
    return PACKET_HEADER_SIZE;
}

size_t packet_encode_error(uint8_t *bytes, uint16_t code, const char *text)
{
    size_t length = strlen(text);

    if (length > PACKET_ERROR_TEXT_MAX)
        length = PACKET_ERROR_TEXT_MAX;
    write_u16(bytes, OPCODE_ERROR);
    write_u16(bytes + 2, code);
    memcpy(bytes + PACKET_HEADER_SIZE, text, length);
    bytes[PACKET_HEADER_SIZE + length] = 0;
    return PACKET_HEADER_SIZE + length + 1;
}

void packet_encode_data_header(uint8_t *bytes, uint16_t block)
{
    write_u16(bytes, OPCODE_DATA);
    write_u16(bytes + 2, block);
}
