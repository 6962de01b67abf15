#include "core/probe/sounding_parts.h"

#include <stdio.h>

const struct sounding_option sounding_options[SOUNDING_OPTIONS] = {
    {OPTION_TSIZE, "tsize"},     {OPTION_BLKSIZE, "blksize"},   {OPTION_WINDOWSIZE, "windowsize"},
    {OPTION_TIMEOUT, "timeout"}, {OPTION_ROLLOVER, "rollover"}, {OPTION_MSFTWINDOW, "msftwindow"},
};

/* False: it does not fit any more. */
static bool add_text(uint8_t *bytes, size_t *used, const char *text)
{
    size_t size = strlen(text) + 1;

    if (size > SOUNDING_REQUEST_MAX - *used)
        return false;
    memcpy(bytes + *used, text, size);
    *used += size;
    return true;
}

size_t sounding_encode_request(const struct sounding_setup *setup, uint8_t *bytes)
{
    size_t used = 2;
    char digits[16];

    write_u16(bytes, setup->is_write ? OPCODE_WRQ : OPCODE_RRQ);
    bool fits = add_text(bytes, &used, setup->name) && add_text(bytes, &used, "octet");
    for (uint32_t i = 0; i < SOUNDING_OPTIONS; i++) {
        enum option option = sounding_options[i].option;
        if (!(setup->asked >> option & 1))
            continue;
        snprintf(digits, sizeof digits, "%u", setup->values[option]);
        fits = fits && add_text(bytes, &used, sounding_options[i].name) && add_text(bytes, &used, digits);
    }
    return fits ? used : 0;
}

/* Whether this may be the answer to what was asked. */
static bool is_within(const struct sounding_setup *setup, enum option option, uint64_t value)
{
    switch (option) {
    case OPTION_TSIZE: return true;
    case OPTION_BLKSIZE: return value >= BLKSIZE_MIN && value <= setup->values[option];
    case OPTION_WINDOWSIZE: return value >= 1 && value <= setup->values[option];
    case OPTION_MSFTWINDOW: return value == MSFTWINDOW_GRANTED;
    default: return value == setup->values[option];
    }
}

bool sounding_take_options(struct sounding *s, const struct packet *packet)
{
    struct sounding_report *r = &s->report;

    for (unsigned i = 0; i < packet->option_count; i++) {
        enum option option = options_find(packet->options[i].name);
        uint64_t value;
        if (option == OPTION_COUNT || !(s->setup.asked >> option & 1) || r->granted >> option & 1 ||
            !span_to_number(packet->options[i].value, UINT64_MAX, &value) || !is_within(&s->setup, option, value))
            return false;
        r->granted |= 1u << option;
        r->values[option] = value;
    }
    if (r->granted >> OPTION_BLKSIZE & 1)
        r->blksize = (uint32_t)r->values[OPTION_BLKSIZE];
    if (r->granted >> OPTION_WINDOWSIZE & 1)
        r->windowsize = (uint32_t)r->values[OPTION_WINDOWSIZE];
    return true;
}
