/*
 * A boot program for UEFI machines: writes TEXT, a string of 16-bit characters, to the console and switches the machine
 * off. Of the system table only what is needed has a name (UEFI 2.10, 4.3, 8.5.1, 12.4).
 */
#include <stddef.h>
#include <stdint.h>

struct console {
    void *reset;
    uint64_t (*output_string)(struct console *this, const wchar_t *text);
};

struct runtime {
    uint8_t header[24];
    void *other[10];
    void (*reset_system)(int32_t kind, uint64_t status, size_t size, void *data);
};

struct system_table {
    uint8_t header[24];
    void *vendor;
    uint64_t revision;
    void *in_handle, *in, *out_handle;
    struct console *out;
    void *error_handle, *error;
    struct runtime *runtime;
};

enum { SHUT_DOWN = 2 };

/* A pointer, so that the image has a relocation: the firmware loads none that has not. */
static const wchar_t *volatile text = TEXT;

uint64_t efi_main(void *image, struct system_table *table)
{
    (void)image;
    table->out->output_string(table->out, text);
    table->runtime->reset_system(SHUT_DOWN, 0, 0, NULL);
    return 0;
}
