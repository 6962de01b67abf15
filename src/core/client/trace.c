#include "core/client/trace.h"

#include "core/base/utf8.h"
#include "core/client/line.h"
#include "core/wire/packet.h"

/* As text for a console, whatever bytes it has. */
static void add_bytes(struct line *line, const char *before, struct span bytes, const char *behind)
{
    char copy[TRACE_TEXT_MAX / 2];
    size_t size = bytes.size < sizeof copy - 1 ? bytes.size : sizeof copy - 1;

    if (size > 0)
        memcpy(copy, bytes.bytes, size);
    copy[size] = 0;
    utf8_make_printable(copy);
    line_add(line, "%s%s%s", before, copy, behind);
}

static void add_options(struct line *line, const struct packet *packet)
{
    for (unsigned i = 0; i < packet->option_count; i++) {
        add_bytes(line, " ", packet->options[i].name, "=");
        add_bytes(line, "", packet->options[i].value, "");
    }
}

char *trace_text(struct span datagram, char text[TRACE_TEXT_MAX])
{
    struct line line = line_in(text, TRACE_TEXT_MAX);
    struct packet packet;

    if (packet_decode(&packet, datagram) != DECODING_OK) {
        line_add(&line, "%u bytes that are no TFTP", (unsigned)datagram.size);
        return text;
    }
    switch (packet.opcode) {
    case OPCODE_RRQ:
    case OPCODE_WRQ:
        add_bytes(&line, packet.opcode == OPCODE_RRQ ? "RRQ \"" : "WRQ \"", packet.name, "\" ");
        add_bytes(&line, "", packet.mode, "");
        add_options(&line, &packet);
        break;
    case OPCODE_DATA: line_add(&line, "DATA %u, %u bytes", packet.block, (unsigned)packet.data.size); break;
    case OPCODE_ACK: line_add(&line, "ACK %u", packet.block); break;
    case OPCODE_ERROR:
        line_add(&line, "ERROR %u", packet.code);
        add_bytes(&line, " \"", packet.data, "\"");
        break;
    default:
        line_add(&line, "OACK");
        add_options(&line, &packet);
        break;
    }
    return text;
}
