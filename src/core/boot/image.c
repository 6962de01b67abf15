#include "core/boot/image.h"

#include <stdio.h>

/* The PE format, of Microsoft's specification; its numbers are little-endian. */
enum {
    MZ_NEW_HEADER = 0x3c,
    MZ_SIZE = 0x40,
    PE_MACHINE = 4,
    PE_OPTIONAL_SIZE = 20,
    PE_OPTIONAL = 24,
    PE32 = 0x10b,
    PE32_PLUS = 0x20b,
    PE32_DIRECTORIES = 96,
    PE32_PLUS_DIRECTORIES = 112,
    DIRECTORY_SIZE = 8,
    DIRECTORY_SIGNATURES = 4 /* the fifth */
};

static uint16_t read_le16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static uint32_t read_le32(const uint8_t *bytes)
{
    return read_le16(bytes) | (uint32_t)read_le16(bytes + 2) << 16;
}

/* optional: the optional header as far as it is within the head. */
static void take_signatures(struct image *image, struct span optional)
{
    if (optional.size < 2)
        return;
    uint16_t magic = read_le16(optional.bytes);
    size_t directories = magic == PE32_PLUS ? PE32_PLUS_DIRECTORIES : PE32_DIRECTORIES;
    size_t place = directories + DIRECTORY_SIGNATURES * DIRECTORY_SIZE;
    if ((magic != PE32 && magic != PE32_PLUS) || optional.size < place + DIRECTORY_SIZE)
        return;
    /* How many there are stands before the first. */
    if (read_le32(optional.bytes + directories - 4) <= DIRECTORY_SIGNATURES)
        return;
    image->signatures_offset = read_le32(optional.bytes + place);
    image->signatures_size = read_le32(optional.bytes + place + 4);
}

struct image image_read(struct span head)
{
    struct image image = {.is_pe = false};

    if (head.size < MZ_SIZE || memcmp(head.bytes, "MZ", 2) != 0)
        return image;
    uint32_t place = read_le32(head.bytes + MZ_NEW_HEADER);
    if (place > head.size || head.size - place < PE_OPTIONAL || memcmp(head.bytes + place, "PE\0\0", 4) != 0)
        return image;
    const uint8_t *header = head.bytes + place;
    size_t room = head.size - place - PE_OPTIONAL;
    size_t optional_size = read_le16(header + PE_OPTIONAL_SIZE);
    image.is_pe = true;
    image.machine = read_le16(header + PE_MACHINE);
    take_signatures(&image, span_of(header + PE_OPTIONAL, optional_size < room ? optional_size : room));
    return image;
}

/* -- signers --------------------------------------------------------------------------------------------------------- */

static bool ends_with(struct span text, const char *end)
{
    size_t length = strlen(end);

    return text.size >= length && memcmp(text.bytes + text.size - length, end, length) == 0;
}

/*
 * A common name in DER is the object identifier 2.5.4.3 and a string behind it, which both certificates write so that its length is
 * one byte. The structure around it is not followed: it would tell no more, and there is nothing to be trusted in it.
 */
struct image_signers image_signers(struct span signatures)
{
    static const uint8_t common_name[] = {0x06, 0x03, 0x55, 0x04, 0x03};
    enum { UTF8_STRING = 0x0c, PRINTABLE_STRING = 0x13, LONG_LENGTH = 0x80, HEADER = sizeof common_name + 2 };
    struct image_signers signers = {false, false};

    for (size_t i = 0; i + HEADER <= signatures.size; i++) {
        const uint8_t *at = signatures.bytes + i;
        uint8_t tag = at[HEADER - 2];
        uint8_t length = at[HEADER - 1];
        if (memcmp(at, common_name, sizeof common_name) != 0 || (tag != UTF8_STRING && tag != PRINTABLE_STRING) ||
            length >= LONG_LENGTH || length > signatures.size - i - HEADER)
            continue;
        struct span name = span_of(at + HEADER, length);
        signers.has_2011 = signers.has_2011 || ends_with(name, "Windows Production PCA 2011");
        signers.has_2023 = signers.has_2023 || ends_with(name, "Windows UEFI CA 2023");
    }
    return signers;
}

/* -- who can start it ------------------------------------------------------------------------------------------------ */

static enum image_fit fits_one(const struct image *image, const struct architecture *known)
{
    bool is_bios = strncmp(known->title, "x86 BIOS", strlen("x86 BIOS")) == 0;

    if (image->is_pe && is_bios)
        return IMAGE_A_PROGRAM;
    if (known->pe_machine == 0)
        return IMAGE_FITS;
    if (!image->is_pe)
        return IMAGE_NO_PROGRAM;
    return image->machine == known->pe_machine ? IMAGE_FITS : IMAGE_OTHER_MACHINE;
}

enum image_fit image_fits(const struct image *image, const struct machine_set *machines, uint16_t *number)
{
    for (size_t i = 0; i < machines->count; i++) {
        const struct architecture *known = architecture_find(machines->numbers[i]);
        enum image_fit fit = known != NULL ? fits_one(image, known) : IMAGE_FITS;
        *number = machines->numbers[i];
        if (fit != IMAGE_FITS)
            return fit;
    }
    return IMAGE_FITS;
}

char *image_machine_text(uint16_t pe_machine, char *text)
{
    for (size_t i = 0; i < architecture_count; i++)
        if (architectures[i].pe_machine == pe_machine && pe_machine != 0) {
            snprintf(text, MACHINE_TEXT_MAX, "%s", architectures[i].title);
            return text;
        }
    snprintf(text, MACHINE_TEXT_MAX, "another machine (0x%04x)", (unsigned)pe_machine);
    return text;
}
