#include "core/wire/netascii.h"

/* Places one byte, or keeps it as the carry when the output is full. */
static void place(struct netascii *state, uint8_t byte, uint8_t *output, size_t room, size_t *written)
{
    if (*written < room) {
        output[(*written)++] = byte;
        return;
    }
    ASSERT(!state->has_carry);
    state->has_carry = true;
    state->carry = byte;
}

static void place_carry(struct netascii *state, uint8_t *output, size_t room, size_t *written)
{
    if (state->has_carry && *written < room) {
        state->has_carry = false;
        output[(*written)++] = state->carry;
    }
}

struct netascii_step netascii_encode(struct netascii *state, struct span input, uint8_t *output, size_t room)
{
    struct netascii_step step = {0, 0};

    place_carry(state, output, room, &step.written);
    while (step.read < input.size && step.written < room) {
        uint8_t byte = input.bytes[step.read];
        if (state->has_seen_cr) {
            state->has_seen_cr = false;
            step.read += byte == '\n';
            place(state, byte == '\n' ? '\n' : 0, output, room, &step.written);
            continue;
        }
        step.read++;
        if (byte == '\n') {
            place(state, '\r', output, room, &step.written);
            place(state, '\n', output, room, &step.written);
            continue;
        }
        state->has_seen_cr = byte == '\r';
        place(state, byte, output, room, &step.written);
    }
    return step;
}

size_t netascii_encode_end(struct netascii *state, uint8_t *output, size_t room)
{
    size_t written = 0;

    place_carry(state, output, room, &written);
    if (state->has_seen_cr && written < room) {
        state->has_seen_cr = false;
        output[written++] = 0;
    }
    return written;
}

size_t netascii_decode(struct netascii *state, struct span input, uint8_t *output)
{
    size_t written = 0;

    for (size_t i = 0; i < input.size; i++) {
        uint8_t byte = input.bytes[i];
        if (state->has_seen_cr) {
            output[written++] = '\r';
            state->has_seen_cr = false;
            if (byte == 0)
                continue;
        }
        if (byte == '\r')
            state->has_seen_cr = true;
        else
            output[written++] = byte;
    }
    return written;
}

size_t netascii_decode_end(struct netascii *state, uint8_t *output)
{
    if (!state->has_seen_cr)
        return 0;
    state->has_seen_cr = false;
    output[0] = '\r';
    return 1;
}
