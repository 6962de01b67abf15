/* Final paths that cannot be normalized, and renames below a handle that a share refuses. */
#include "file_facts.h"

#include <wchar.h>

enum { PATH_UNITS = 4096 };

IMPORTED(GetFinalPathNameByHandleW)
PLAIN(NtSetInformationFile)

#ifndef FILE_NAME_OPENED
#define FILE_NAME_OPENED 8
#endif

/* -- final paths ------------------------------------------------------------------------------------------------------ */

static bool is_share(void)
{
    return strict_is_so(RULE_PATH_AS_OPENED, 0);
}

static size_t component(const wchar_t *path)
{
    return wcscspn(path, L"\\");
}

/* What a short name stands for is not known: it is taken for the same. */
static bool is_same_component(const wchar_t *real, const wchar_t *spelled, size_t *real_units, size_t *spelled_units)
{
    *real_units = component(real);
    *spelled_units = component(spelled);
    if (wmemchr(spelled, L'~', *spelled_units) != NULL)
        return true;
    return CompareStringOrdinal(real, (int)*real_units, spelled, (int)*spelled_units, TRUE) == CSTR_EQUAL;
}

/* True if the spelling names the same components; a link leads to others. */
static bool is_spelling_of(const wchar_t *real, const wchar_t *spelled)
{
    size_t real_units, spelled_units;

    while (is_same_component(real, spelled, &real_units, &spelled_units)) {
        if (real[real_units] == 0 || spelled[spelled_units] == 0)
            return real[real_units] == spelled[spelled_units];
        real += real_units + 1;
        spelled += spelled_units + 1;
    }
    return false;
}

/* The spelling below the directory in place of what the disk calls it. */
static void spell_as_opened(HANDLE handle, wchar_t *path)
{
    wchar_t directory[PATH_UNITS];
    const struct file_facts *facts = file_facts_of(handle);

    if (facts == NULL || facts->below == NULL || facts->spelling[0] == 0)
        return;
    DWORD length = REAL(GetFinalPathNameByHandleW)(facts->below, directory, PATH_UNITS, 0);
    if (length == 0 || length >= PATH_UNITS || wcsncmp(path, directory, length) != 0)
        return;
    wchar_t *rest = path + length + (path[length] == L'\\');
    if (is_spelling_of(rest, facts->spelling) && length + wcslen(facts->spelling) + 2 < PATH_UNITS)
        wcscpy(rest, facts->spelling);
}

static DWORD WINAPI final_path(HANDLE handle, wchar_t *path, DWORD room, DWORD flags)
{
    wchar_t whole[PATH_UNITS];

    if (!is_share() && !(flags & FILE_NAME_OPENED))
        return REAL(GetFinalPathNameByHandleW)(handle, path, room, flags);
    if (!(flags & FILE_NAME_OPENED)) {
        strict_count(RULE_PATH_AS_OPENED);
        SetLastError(ERROR_ACCESS_DENIED);
        return 0;
    }
    DWORD length = REAL(GetFinalPathNameByHandleW)(handle, whole, PATH_UNITS, flags & ~(DWORD)FILE_NAME_OPENED);
    if (length == 0 || length >= PATH_UNITS)
        return length;
    spell_as_opened(handle, whole);
    length = (DWORD)wcslen(whole);
    if (length >= room)
        return length + 1;
    wcscpy(path, whole);
    return length;
}
REPLACE(GetFinalPathNameByHandleW, final_path);

/* -- renames ---------------------------------------------------------------------------------------------------------- */

/* FILE_RENAME_INFORMATION's beginning. */
struct rename_head {
    BOOLEAN replaces;
    HANDLE directory;
};

NTSTATUS NTAPI __wrap_NtSetInformationFile(HANDLE handle, IO_STATUS_BLOCK *block, void *information, ULONG size,
                                           FILE_INFORMATION_CLASS class)
{
    const struct rename_head *head = information;

    if (class == FileRenameInformation && head->directory != NULL && strict_is_so(RULE_RENAME_ON_SHARE, 0)) {
        strict_count(RULE_RENAME_ON_SHARE);
        return STRICT_INVALID_PARAMETER;
    }
    return __real_NtSetInformationFile(handle, block, information, size, class);
}
