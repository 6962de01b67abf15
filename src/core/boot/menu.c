#include "core/boot/menu.h"

#include "core/base/writer.h"

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

/* Returns where the data of the item begins, whose length end() writes. */
static size_t begin(struct writer *writer, uint8_t tag)
{
    writer_put_byte(writer, tag);
    writer_put_byte(writer, 0);
    return writer->size;
}

static void end(struct writer *writer, size_t start)
{
    if (!writer->is_full)
        writer->bytes[start - 1] = (uint8_t)(writer->size - start);
}

static void put_control(struct writer *writer, uint8_t bits)
{
    size_t start = begin(writer, CONTROL);

    writer_put_byte(writer, bits);
    end(writer, start);
}

static void put_entry(struct writer *writer, uint16_t type, const char *title)
{
    writer_put_u16(writer, type);
    writer_put_byte(writer, (uint8_t)strlen(title));
    writer_put(writer, span_of_text(title));
}

static void put_prompt(struct writer *writer, uint8_t seconds, const char *text)
{
    size_t start = begin(writer, PROMPT);

    writer_put_byte(writer, seconds);
    writer_put(writer, span_of_text(text));
    end(writer, start);
}

static size_t finish(struct writer *writer)
{
    writer_put_byte(writer, TLV_END);
    return writer->is_full ? 0 : writer->size;
}

size_t menu_direct(uint8_t bytes[TLV_DATA_MAX])
{
    struct writer writer = writer_in(bytes, TLV_DATA_MAX);

    put_control(&writer, FILE_IS_HERE);
    return finish(&writer);
}

static size_t one_entry(uint8_t bytes[TLV_DATA_MAX], const char *title, const char *prompt)
{
    struct writer writer = writer_in(bytes, TLV_DATA_MAX);

    put_control(&writer, NO_BROADCAST | NO_MULTICAST);
    put_prompt(&writer, 0, prompt);
    size_t start = begin(&writer, ENTRIES);
    put_entry(&writer, DISK, title);
    end(&writer, start);
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
    size_t start = begin(writer, SERVERS);

    for (size_t i = 0; i < rules->menu_count; i++) {
        const struct boot_rule *entry = &rules->menu[i];
        if (!boot_match_entry(entry, asker) || entry->action == BOOT_LOCAL)
            continue;
        /* Us alone: some releases of EDK2 ask the sender whatever is listed. */
        writer_put_u16(writer, type_of(rules, entry));
        writer_put_byte(writer, 1);
        writer_put(writer, dhcp4_address(server));
    }
    end(writer, start);
}

size_t menu_write(const struct boot_rules *rules, const struct boot_asker *asker, const struct endpoint *server,
                  uint8_t bytes[TLV_DATA_MAX])
{
    struct writer writer = writer_in(bytes, TLV_DATA_MAX);
    bool is_empty = true;

    put_control(&writer, NO_BROADCAST | NO_MULTICAST);
    put_servers(&writer, rules, asker, server);
    size_t start = begin(&writer, ENTRIES);
    for (size_t i = 0; i < rules->menu_count; i++) {
        const struct boot_rule *entry = &rules->menu[i];
        if (!boot_match_entry(entry, asker))
            continue;
        put_entry(&writer, type_of(rules, entry), boot_text(rules, entry->title));
        is_empty = false;
    }
    end(&writer, start);
    put_prompt(&writer, rules->prompt_s, boot_text(rules, rules->prompt));
    return is_empty ? 0 : finish(&writer);
}

size_t menu_item(const struct dhcp4 *request, uint8_t bytes[TLV_DATA_MAX])
{
    struct writer writer = writer_in(bytes, TLV_DATA_MAX);
    size_t start = begin(&writer, ITEM);

    writer_put_u16(&writer, request->item_type);
    writer_put_u16(&writer, request->item_layer);
    end(&writer, start);
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
