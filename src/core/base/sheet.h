/*
 * A text that is put together piece by piece in a given room, and cut where that ends.
 */
#ifndef CORE_SHEET_H
#define CORE_SHEET_H

#include "core/base/bytes.h"

#include <stdarg.h>

struct sheet {
    char *text; /* always terminated */
    size_t size;
    size_t used;
};

static inline struct sheet sheet_in(char *text, size_t size)
{
    ASSERT(size > 0);
    text[0] = 0;
    return (struct sheet){text, size, 0};
}

__attribute__((format(gnu_printf, 2, 3))) void sheet_print(struct sheet *sheet, const char *format, ...);
__attribute__((format(gnu_printf, 2, 0))) void sheet_print_list(struct sheet *sheet, const char *format,
                                                                va_list values);
/* Bytes without a NUL; fits json_put, with the sheet as its out. */
void sheet_put(void *sheet, const char *bytes, size_t size);

#endif
