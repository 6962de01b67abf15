/*
 * Bytes that are put one behind another in a given room. What has none is left out and everything behind it too: who looks at
 * is_full at the end has seen it all.
 */
#ifndef CORE_WRITER_H
#define CORE_WRITER_H

#include "core/base/bytes.h"

struct writer {
    uint8_t *bytes;
    size_t size; /* of what is there */
    size_t room;
    bool is_full; /* something was left out */
};

static inline struct writer writer_in(uint8_t *bytes, size_t room)
{
    return (struct writer){.bytes = bytes, .room = room};
}

static inline void writer_put(struct writer *writer, struct span data)
{
    writer->is_full = writer->is_full || data.size > writer->room - writer->size;
    if (writer->is_full || data.size == 0)
        return;
    memcpy(writer->bytes + writer->size, data.bytes, data.size);
    writer->size += data.size;
}

static inline void writer_put_byte(struct writer *writer, uint8_t value)
{
    writer_put(writer, span_of(&value, 1));
}

static inline void writer_put_u16(struct writer *writer, uint16_t value)
{
    uint8_t bytes[2];

    write_u16(bytes, value);
    writer_put(writer, span_of(bytes, sizeof bytes));
}

#endif
