#include "core/client/trace.h"

#include "core/base/utf8.h"
#include "core/base/sheet.h"
#include "core/wire/packet.h"

static void add_bytes(struct sheet *line, const char *before, struct span bytes, const char *behind)
{
    char copy[TRACE_TEXT_MAX / 2];

    sheet_print(line, "%s%s%s", before, utf8_printable(bytes, copy, sizeof copy), behind);
}

static void add_options(struct sheet *line, const struct packet *packet)
{
    for (unsigned i = 0; i < packet->option_count; i++) {
        add_bytes(line, " ", packet->options[i].name, "=");
        add_bytes(line, "", packet->options[i].value, "");
    }
}

char *trace_text(struct span datagram, char text[TRACE_TEXT_MAX])
{
    struct sheet line = sheet_in(text, TRACE_TEXT_MAX);
    struct packet packet;

    if (packet_decode(&packet, datagram) != DECODING_OK) {
        sheet_print(&line, "%u bytes that are no TFTP", (unsigned)datagram.size);
        return text;
    }
    switch (packet.opcode) {
    case OPCODE_RRQ:
    case OPCODE_WRQ:
        add_bytes(&line, packet.opcode == OPCODE_RRQ ? "RRQ \"" : "WRQ \"", packet.name, "\" ");
        add_bytes(&line, "", packet.mode, "");
        add_options(&line, &packet);
        break;
    case OPCODE_DATA: sheet_print(&line, "DATA %u, %u bytes", packet.block, (unsigned)packet.data.size); break;
    case OPCODE_ACK: sheet_print(&line, "ACK %u", packet.block); break;
    case OPCODE_ERROR:
        sheet_print(&line, "ERROR %u", packet.code);
        add_bytes(&line, " \"", packet.data, "\"");
        break;
    default:
        sheet_print(&line, "OACK");
        add_options(&line, &packet);
        break;
    }
    return text;
}
