#include "core/base/sheet.h"

#include <stdarg.h>
#include <stdio.h>

void sheet_print(struct sheet *sheet, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int length = vsnprintf(sheet->text + sheet->used, sheet->size - sheet->used, format, arguments);
    va_end(arguments);
    ASSERT(length >= 0);
    size_t room = sheet->size - sheet->used - 1;
    sheet->used += (size_t)length < room ? (size_t)length : room;
}

void sheet_put(void *sheet, const char *bytes, size_t size)
{
    sheet_print(sheet, "%.*s", (int)size, bytes);
}
