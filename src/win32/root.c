#include "win32/root.h"

#include "win32/file_parts.h"
#include "win32/text.h"

#include <stdlib.h>

/* The handle's path in the form \\?\C:\dir, without a separator at its end; false if it has none that fits. */
static bool final_path(HANDLE handle, wchar_t *path)
{
    DWORD length = GetFinalPathNameByHandleW(handle, path, FILE_FINAL_PATH_MAX, FILE_NAME_NORMALIZED | VOLUME_NAME_DOS);

    if (length == 0 || length >= FILE_FINAL_PATH_MAX)
        return false;
    while (length > 0 && path[length - 1] == L'\\')
        path[--length] = 0;
    return length > 0;
}

DWORD root_open(struct root **root, const char *directory)
{
    wchar_t name[CONFIG_DIRECTORY_UNITS];
    DWORD error = ERROR_INVALID_NAME;
    struct root *made = calloc(1, sizeof *made);

    if (made == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    made->references = 1;
    made->handle = INVALID_HANDLE_VALUE;
    if (!text_to_wide(directory, name, CONFIG_DIRECTORY_UNITS))
        goto fail;
    made->handle = CreateFileW(name, FILE_LIST_DIRECTORY | FILE_TRAVERSE | FILE_READ_ATTRIBUTES | SYNCHRONIZE,
                               FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                               FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (made->handle == INVALID_HANDLE_VALUE) {
        error = GetLastError();
        goto fail;
    }
    BY_HANDLE_FILE_INFORMATION information;
    if (!GetFileInformationByHandle(made->handle, &information) ||
        !(information.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)) {
        error = ERROR_DIRECTORY;
        goto fail;
    }
    made->volume = information.dwVolumeSerialNumber;
    if (!final_path(made->handle, made->final_path)) {
        error = ERROR_BAD_PATHNAME;
        goto fail;
    }
    *root = made;
    return 0;
fail:
    root_release(made);
    return error;
}

struct root *root_retain(struct root *root)
{
    InterlockedIncrement(&root->references);
    return root;
}

void root_release(struct root *root)
{
    if (root == NULL || InterlockedDecrement(&root->references) > 0)
        return;
    if (root->handle != INVALID_HANDLE_VALUE)
        CloseHandle(root->handle);
    free(root);
}

bool path_below_root(const struct root *root, HANDLE handle, wchar_t *absolute, char *relative)
{
    size_t root_length = wcslen(root->final_path);

    if (!final_path(handle, absolute) || wcslen(absolute) < root_length ||
        CompareStringOrdinal(absolute, (int)root_length, root->final_path, (int)root_length, TRUE) != CSTR_EQUAL)
        return false;
    /* C:\tftp2 begins with C:\tftp too: what follows must be a component of its own. */
    const wchar_t *rest = absolute + root_length;
    if (*rest == 0) {
        relative[0] = 0;
        return true;
    }
    return *rest == L'\\' && text_from_wide(rest + 1, relative, PATH_TEXT_MAX);
}
