#include "core/names/stamped.h"

#include "core/base/utf8.h"
#include "core/names/path.h"

#include <stdio.h>

static const char *extension_of(const char *leaf)
{
    const char *end = leaf + strlen(leaf);
    const char *dot = strrchr(leaf, '.');

    return dot != NULL && dot != leaf && end - dot <= STAMPED_EXTENSION_MAX ? dot : end;
}

/* One character less. */
static size_t shorten(const char *text, size_t size)
{
    do
        size--;
    while (size > 0 && ((uint8_t)text[size] & 0xc0) == 0x80);
    return size;
}

bool stamped_name(const char *asked, const char *stamp, unsigned number, char *path)
{
    char tail[STAMPED_EXTENSION_MAX + 64];
    const char *leaf = path_leaf(asked);
    const char *extension = extension_of(leaf);
    size_t stem = (size_t)(extension - leaf);
    char counter[16] = "";

    if (number > 1)
        snprintf(counter, sizeof counter, "-%u", number);
    int made = snprintf(tail, sizeof tail, ".%s%s%s", stamp, counter, extension);
    ASSERT(made > 0 && (size_t)made < sizeof tail);
    size_t tail_size = (size_t)made;
    size_t directory = (size_t)(leaf - asked);
    while (stem > 0 && (utf8_units(span_of(leaf, stem)) + utf8_units(span_of(tail, tail_size)) > PATH_COMPONENT_MAX ||
                        directory + stem + tail_size >= PATH_TEXT_MAX))
        stem = shorten(leaf, stem);
    if (stem == 0)
        return false;
    memcpy(path, asked, directory + stem);
    memcpy(path + directory + stem, tail, tail_size + 1);
    return true;
}
