#include "core/dhcp/tlv.h"

enum tlv_step tlv_next(struct span *rest, enum tlv_form form, struct tlv *item)
{
    while (form == TLV_OPTIONS && rest->size > 0 && rest->bytes[0] == TLV_PAD)
        *rest = span_of(rest->bytes + 1, rest->size - 1);
    if (rest->size == 0 || (form == TLV_OPTIONS && rest->bytes[0] == TLV_END))
        return TLV_OVER;
    if (rest->size < TLV_HEADER_SIZE || rest->bytes[1] > rest->size - TLV_HEADER_SIZE)
        return TLV_BROKEN;
    size_t whole = TLV_HEADER_SIZE + (size_t)rest->bytes[1];
    *item = (struct tlv){rest->bytes[0], span_of(rest->bytes + TLV_HEADER_SIZE, rest->bytes[1])};
    *rest = span_of(rest->bytes + whole, rest->size - whole);
    return TLV_ITEM;
}

bool tlv_find(struct span items, enum tlv_form form, uint8_t tag, struct span *data)
{
    struct tlv item;

    while (tlv_next(&items, form, &item) == TLV_ITEM)
        if (item.tag == tag) {
            *data = item.data;
            return true;
        }
    return false;
}

uint8_t *tlv_put(uint8_t *place, uint8_t tag, struct span data)
{
    ASSERT(data.size <= TLV_DATA_MAX);
    place[0] = tag;
    place[1] = (uint8_t)data.size;
    if (data.size > 0)
        memcpy(place + TLV_HEADER_SIZE, data.bytes, data.size);
    return place + TLV_HEADER_SIZE + data.size;
}
