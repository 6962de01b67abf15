#include "core/boot/menu.h"

enum {
    CONTROL = 6,
    SERVERS = 8,
    ENTRIES = 9,
    PROMPT = 10,
    ITEM = 71,
    /* Bits of discovery control. */
    NO_BROADCAST = 1,
    NO_MULTICAST = 2,
    FILE_IS_HERE = 8,
    DISK = 0 /* the boot server type that is none: end the network boot */
};

struct writer {
    uint8_t *bytes; /* TLV_DATA_MAX of them */
    size_t size;
    size_t item; /* where the tag of the item is that is being written */
    bool is_full;
};

static void put(struct writer *writer, struct span data)
{
    writer->is_full = writer->is_full || data.size > TLV_DATA_MAX - writer->size;
    if (writer->is_full || data.size == 0)
        return;
    memcpy(writer->bytes + writer->size, data.bytes, data.size);
    writer->size += data.size;
}

static void put_byte(struct writer *writer, unsigned value)
{
    uint8_t byte = (uint8_t)value;

    put(writer, span_of(&byte, 1));
}

static void put_u16(struct writer *writer, uint16_t value)
{
    uint8_t bytes[2];

    write_u16(bytes, value);
    put(writer, span_of(bytes, sizeof bytes));
}

static void begin(struct writer *writer, unsigned tag)
{
    writer->item = writer->size;
    put_byte(writer, tag);
    put_byte(writer, 0);
}

static void end(struct writer *writer)
{
    if (!writer->is_full)
        writer->bytes[writer->item + 1] = (uint8_t)(writer->size - writer->item - TLV_HEADER_SIZE);
}

static void put_control(struct writer *writer, unsigned bits)
{
    begin(writer, CONTROL);
    put_byte(writer, bits);
    end(writer);
}

static void put_entry(struct writer *writer, uint16_t type, const char *title)
{
    put_u16(writer, type);
    put_byte(writer, (unsigned)strlen(title));
    put(writer, span_of_text(title));
}

static void put_prompt(struct writer *writer, unsigned seconds, const char *text)
{
    begin(writer, PROMPT);
    put_byte(writer, seconds);
    put(writer, span_of_text(text));
    end(writer);
}

static size_t finish(struct writer *writer)
{
    put_byte(writer, TLV_END);
    return writer->is_full ? 0 : writer->size;
}

size_t menu_direct(uint8_t bytes[TLV_DATA_MAX])
{
    struct writer writer = {.bytes = bytes};

    put_control(&writer, FILE_IS_HERE);
    return finish(&writer);
}

static size_t one_entry(uint8_t bytes[TLV_DATA_MAX], const char *title, const char *prompt)
{
    struct writer writer = {.bytes = bytes};

    put_control(&writer, NO_BROADCAST | NO_MULTICAST);
    put_prompt(&writer, 0, prompt);
    begin(&writer, ENTRIES);
    put_entry(&writer, DISK, title);
    end(&writer);
    return finish(&writer);
}

size_t menu_local(uint8_t bytes[TLV_DATA_MAX])
{
    return one_entry(bytes, "Local disk", "Local disk");
}

size_t menu_raspberry_pi(uint8_t bytes[TLV_DATA_MAX])
{
    return one_entry(bytes, "Raspberry Pi Boot", "PXE");
}

static uint16_t type_of(const struct boot_rules *rules, const struct boot_rule *entry)
{
    return entry->action == BOOT_LOCAL ? DISK : (uint16_t)(BOOT_MENU_TYPE + (entry - rules->menu));
}

static void put_servers(struct writer *writer, const struct boot_rules *rules, const struct boot_asker *asker,
                        const struct endpoint *server)
{
    begin(writer, SERVERS);
    for (size_t i = 0; i < rules->menu_count; i++) {
        const struct boot_rule *entry = &rules->menu[i];
        if (!boot_match_entry(entry, asker) || entry->action == BOOT_LOCAL)
            continue;
        /* Us alone: some releases of EDK2 ask the sender whatever is listed. */
        put_u16(writer, type_of(rules, entry));
        put_byte(writer, 1);
        put(writer, dhcp4_address(server));
    }
    end(writer);
}

size_t menu_write(const struct boot_rules *rules, const struct boot_asker *asker, const struct endpoint *server,
                  uint8_t bytes[TLV_DATA_MAX])
{
    struct writer writer = {.bytes = bytes};
    bool is_empty = true;

    put_control(&writer, NO_BROADCAST | NO_MULTICAST);
    put_servers(&writer, rules, asker, server);
    begin(&writer, ENTRIES);
    for (size_t i = 0; i < rules->menu_count; i++) {
        const struct boot_rule *entry = &rules->menu[i];
        if (!boot_match_entry(entry, asker))
            continue;
        put_entry(&writer, type_of(rules, entry), boot_text(rules, entry->title));
        is_empty = false;
    }
    end(&writer);
    put_prompt(&writer, rules->prompt_s, boot_text(rules, rules->prompt));
    return is_empty ? 0 : finish(&writer);
}

size_t menu_item(const struct dhcp4 *request, uint8_t bytes[TLV_DATA_MAX])
{
    struct writer writer = {.bytes = bytes};

    begin(&writer, ITEM);
    put_u16(&writer, request->item_type);
    put_u16(&writer, request->item_layer);
    end(&writer);
    return finish(&writer);
}

const struct boot_rule *menu_find(const struct boot_rules *rules, const struct boot_asker *asker, uint16_t type)
{
    size_t place = (size_t)type - BOOT_MENU_TYPE;

    if (type < BOOT_MENU_TYPE || place >= rules->menu_count)
        return NULL;
    const struct boot_rule *entry = &rules->menu[place];
    return entry->action != BOOT_LOCAL && boot_match_entry(entry, asker) ? entry : NULL;
}
