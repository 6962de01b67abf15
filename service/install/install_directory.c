#include "service/install/install_parts.h"

#include "win32/system/text.h"

#include <sddl.h>
#include <stdio.h>

enum { SDDL_UNITS = 512, PARENTS_MAX = 64 };

/* What icacls calls RX and M. */
enum {
    READS = READ_CONTROL | SYNCHRONIZE | FILE_READ_DATA | FILE_READ_EA | FILE_READ_ATTRIBUTES | FILE_EXECUTE,
    WRITES = FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_WRITE_EA | FILE_WRITE_ATTRIBUTES | DELETE
};

static DWORD mask_of(const struct install *install)
{
    return install->needs_write ? READS | WRITES : READS;
}

bool install_is_place(struct install *install)
{
    return facts_allows_place(install->config.directory, install->why, sizeof install->why);
}

/* "directory", or the folder for uploads in it. */
static bool wide_path(const struct install *install, bool is_uploads, wchar_t *wide, size_t size)
{
    char text[CONFIG_DIRECTORY_MAX + sizeof INSTALL_UPLOADS + 1];

    snprintf(text, sizeof text, "%s%s%s", install->config.directory, is_uploads ? "\\" : "",
             is_uploads ? INSTALL_UPLOADS : "");
    return text_to_wide(text, wide, size);
}

static bool is_directory(const struct install *install, bool is_uploads)
{
    wchar_t path[FACTS_PATH_MAX];
    DWORD attributes =
        wide_path(install, is_uploads, path, FACTS_PATH_MAX) ? GetFileAttributesW(path) : INVALID_FILE_ATTRIBUTES;

    return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
}

enum install_state install_look_directory(struct install *install)
{
    bool is_there = is_directory(install, false) && (!install->uploads_apart || is_directory(install, true));

    if (install->uploads_apart)
        snprintf(install->remark, sizeof install->remark, "uploads go into its folder " INSTALL_UPLOADS " (Writable)");
    return is_there ? INSTALL_IS_SO : INSTALL_IS_NOT;
}

static DWORD make_folder(const wchar_t *path, SECURITY_ATTRIBUTES *security)
{
    return CreateDirectoryW(path, security) || GetLastError() == ERROR_ALREADY_EXISTS ? 0 : GetLastError();
}

/* Each folder of the path that is not there yet: what users may do with a folder above they could do with the last one. */
static DWORD make_folders(wchar_t *path, SECURITY_ATTRIBUTES *security)
{
    enum { DRIVE_LENGTH = 3 };

    for (wchar_t *at = wcspbrk(path + DRIVE_LENGTH, L"\\/"); at != NULL; at = wcspbrk(at + 1, L"\\/")) {
        wchar_t separator = *at;
        *at = 0;
        DWORD error = make_folder(path, security);
        *at = separator;
        if (error != 0)
            return error;
    }
    return make_folder(path, security);
}

DWORD install_make_directory(struct install *install, const struct install_step *step)
{
    SECURITY_ATTRIBUTES security = {sizeof security, NULL, FALSE};
    wchar_t sddl[SDDL_UNITS], path[FACTS_PATH_MAX];
    DWORD error;

    (void)step;
    if (!wide_path(install, false, path, FACTS_PATH_MAX) ||
        !install_acl_sddl(install, mask_of(install), sddl, SDDL_UNITS))
        return ERROR_INVALID_NAME;
    if (install->is_on_share) {
        error = make_folder(path, NULL);
    } else if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(sddl, SDDL_REVISION_1,
                                                                     &security.lpSecurityDescriptor, NULL)) {
        error = GetLastError();
    } else {
        error = make_folders(path, &security);
        LocalFree(security.lpSecurityDescriptor);
    }
    /* What is made in it inherits. */
    if (error == 0 && install->uploads_apart && wide_path(install, true, path, FACTS_PATH_MAX))
        error = make_folder(path, NULL);
    return error;
}

enum install_state install_look_directory_rights(struct install *install)
{
    if (!install->is_on_share)
        return install_acl_look(install, INSTALL_ACL_DIRECTORY, install->config.directory, mask_of(install));
    snprintf(install->remark, sizeof install->remark,
             "it is on a share: what the service may do there is up to its server");
    return INSTALL_IS_ABSENT;
}

DWORD install_make_directory_rights(struct install *install, const struct install_step *step)
{
    (void)step;
    return install_acl_make(install, INSTALL_ACL_DIRECTORY, install->config.directory, mask_of(install));
}
