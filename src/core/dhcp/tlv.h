/*
 * Tag, length, data: the form of DHCP options (RFC 2132 section 2), and of what PXE nests in option 43, relays in 82
 * (RFC 3046) and iPXE in 175. Two bytes of header in all of them; options have padding and an end besides.
 */
#ifndef CORE_TLV_H
#define CORE_TLV_H

#include "core/base/bytes.h"

enum { TLV_HEADER_SIZE = 2, TLV_DATA_MAX = 255, TLV_PAD = 0, TLV_END = 255 };

enum tlv_form {
    TLV_OPTIONS, /* 0 is padding and 255 the end; what is behind the end does not count */
    TLV_PLAIN    /* every tag is one */
};

struct tlv {
    uint8_t tag;
    struct span data;
};

enum tlv_step {
    TLV_ITEM,
    TLV_OVER,  /* the end, or nothing is left */
    TLV_BROKEN /* an item reaches beyond what there is */
};

/* Takes the next item out of *rest. */
enum tlv_step tlv_next(struct span *rest, enum tlv_form form, struct tlv *item);

/* The data of the first item with this tag: false if there is none, or something before it is broken. */
bool tlv_find(struct span items, enum tlv_form form, uint8_t tag, struct span *data);

/* Writes an item of at most TLV_DATA_MAX bytes, for which there is room. Returns what is behind it. */
uint8_t *tlv_put(uint8_t *place, uint8_t tag, struct span data);

#endif
