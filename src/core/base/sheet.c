#include "core/base/sheet.h"

#include <stdio.h>

void sheet_print_list(struct sheet *sheet, const char *format, va_list values)
{
    int length = vsnprintf(sheet->text + sheet->used, sheet->size - sheet->used, format, values);

    ASSERT(length >= 0);
    size_t room = sheet->size - sheet->used - 1;
    sheet->used += (size_t)length < room ? (size_t)length : room;
}

void sheet_print(struct sheet *sheet, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    sheet_print_list(sheet, format, values);
    va_end(values);
}

void sheet_put(void *sheet, const char *bytes, size_t size)
{
    sheet_print(sheet, "%.*s", (int)size, bytes);
}
