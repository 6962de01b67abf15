#include "service/import/import_file.h"

#include "core/import/ini.h"
#include "win32/system/text.h"

#include <stdio.h>
#include <stdlib.h>

enum { UNITS_TO_BYTES = 3 /* of UTF-8, at most */, CODE_PAGE_WESTERN = 1252 };

static bool refuse(char *reason, const char *why)
{
    snprintf(reason, IMPORT_FILE_REASON_MAX, "%s", why);
    return false;
}

static bool refuse_error(char *reason, DWORD error)
{
    return refuse(reason, text_of_error(error).text);
}

/* All of it, in memory to be freed; NULL with the reason. */
static char *read_all(const wchar_t *path, size_t *size, char *reason)
{
    HANDLE handle = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                                OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
    DWORD got = 0;

    if (handle == INVALID_HANDLE_VALUE) {
        refuse_error(reason, GetLastError());
        return NULL;
    }
    char *bytes = malloc(IMPORT_FILE_MAX + 1);
    bool is_read = false;
    if (bytes == NULL)
        refuse(reason, "there is no memory; end other programs and try again");
    else if (GetFileType(handle) != FILE_TYPE_DISK)
        refuse(reason, "it is a device, not a file");
    else if (!ReadFile(handle, bytes, IMPORT_FILE_MAX + 1, &got, NULL))
        refuse_error(reason, GetLastError());
    else if (got > IMPORT_FILE_MAX)
        refuse(reason, "it is larger than 1 MiB, so it is no file of settings");
    else
        is_read = true;
    CloseHandle(handle);
    *size = got;
    if (is_read)
        return bytes;
    free(bytes);
    return NULL;
}

/*
 * tftpd64 reads the file in the machine's code page. CP_ACP is UTF-8 in this process by its manifest, so the machine is
 * asked.
 */
static UINT machine_code_page(void)
{
    DWORD page = 0;

    GetLocaleInfoW(LOCALE_SYSTEM_DEFAULT, LOCALE_IDEFAULTANSICODEPAGE | LOCALE_RETURN_NUMBER, (wchar_t *)&page,
                   sizeof page / sizeof(wchar_t));
    return page != 0 && page != CP_UTF8 ? page : CODE_PAGE_WESTERN;
}

/* The file's text in place of its bytes; false where it is not valid. */
static bool convert(struct import_file *file, const wchar_t *wide, int units)
{
    size_t room = (size_t)units * UNITS_TO_BYTES + 1;
    char *utf8 = malloc(room);
    int size = utf8 == NULL || units == 0
                   ? 0
                   : WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, wide, units, utf8, (int)room, NULL, NULL);

    free(file->bytes);
    file->bytes = utf8;
    file->text = span_of(utf8, (size_t)size);
    return utf8 != NULL && (size > 0 || units == 0);
}

static bool decode_ansi(struct import_file *file, size_t size)
{
    UINT page = machine_code_page();
    wchar_t *wide = malloc((size + 1) * sizeof *wide);
    int units = wide != NULL ? MultiByteToWideChar(page, 0, file->bytes, (int)size, wide, (int)size) : 0;
    bool is_valid = units > 0 && convert(file, wide, units);

    snprintf(file->encoding, sizeof file->encoding, "code page %u", page);
    free(wide);
    return is_valid;
}

static bool decode_utf16(struct import_file *file, size_t size, size_t mark_size)
{
    size_t units = (size - mark_size) / sizeof(wchar_t);
    wchar_t *wide = malloc((units + 1) * sizeof *wide);

    snprintf(file->encoding, sizeof file->encoding, "UTF-16");
    if (wide == NULL)
        return false;
    memcpy(wide, file->bytes + mark_size, units * sizeof *wide);
    bool is_valid = convert(file, wide, (int)units);
    free(wide);
    return is_valid;
}

static bool find_folder(struct import_file *file, const wchar_t *path)
{
    wchar_t whole[IMPORT_FILE_PATH_MAX];
    DWORD length = GetFullPathNameW(path, IMPORT_FILE_PATH_MAX, whole, NULL);
    wchar_t *leaf = length > 0 && length < IMPORT_FILE_PATH_MAX ? wcsrchr(whole, L'\\') : NULL;

    if (leaf == NULL)
        return false;
    leaf[leaf[-1] == L':' ? 1 : 0] = 0; /* "C:" alone would be a place that changes */
    return text_from_wide(whole, file->folder, sizeof file->folder);
}

bool import_file_read(struct import_file *file, const char *path, char *reason)
{
    wchar_t wide[IMPORT_FILE_PATH_MAX];
    size_t size, mark_size;
    bool is_valid = true;

    *file = (struct import_file){0};
    if (!text_to_wide(path, wide, IMPORT_FILE_PATH_MAX) || !find_folder(file, wide))
        return refuse(reason, "its name is too long");
    file->bytes = read_all(wide, &size, reason);
    if (file->bytes == NULL)
        return false;
    enum ini_encoding encoding = ini_encoding_of(span_of(file->bytes, size), &mark_size);
    if (encoding == INI_UTF16BE)
        return refuse(reason, "it is in UTF-16 of the other byte order; save it as UTF-8 with Notepad");
    if (encoding == INI_UTF8) {
        file->text = span_of(file->bytes + mark_size, size - mark_size);
        snprintf(file->encoding, sizeof file->encoding, "UTF-8");
    } else if (encoding == INI_UTF16LE) {
        is_valid = decode_utf16(file, size, mark_size);
    } else {
        is_valid = decode_ansi(file, size);
    }
    return is_valid || refuse(reason, "its text is not valid in the encoding it seems to have; save it as UTF-8");
}
