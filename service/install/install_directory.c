#include "service/install/install_parts.h"

#include "win32/system/paths.h"
#include "win32/system/text.h"

#include <sddl.h>
#include <stdio.h>

enum { SDDL_UNITS = 512, FOLDER_MAX = CONFIG_DIRECTORY_MAX + sizeof INSTALL_UPLOADS + 1 };

/* What icacls calls RX and M. */
enum {
    READS = READ_CONTROL | SYNCHRONIZE | FILE_READ_DATA | FILE_READ_EA | FILE_READ_ATTRIBUTES | FILE_EXECUTE,
    WRITES = FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_WRITE_EA | FILE_WRITE_ATTRIBUTES | DELETE
};

static DWORD mask_of(const struct install *install)
{
    return install->needs_write ? READS | WRITES : READS;
}

/* "directory", or the folder for uploads in it. */
static const char *path_of(const struct install *install, bool is_uploads, char text[FOLDER_MAX])
{
    snprintf(text, FOLDER_MAX, "%s%s%s", install->config.directory, is_uploads ? "\\" : "",
             is_uploads ? INSTALL_UPLOADS : "");
    return text;
}

enum install_state install_look_directory(struct install *install)
{
    char text[FOLDER_MAX];
    bool is_there = paths_is_folder(path_of(install, false, text)) &&
                    (!install->uploads_apart || paths_is_folder(path_of(install, true, text)));

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

DWORD install_make_directory(struct install *install)
{
    SECURITY_ATTRIBUTES security = {sizeof security, NULL, FALSE};
    char text[FOLDER_MAX];
    wchar_t sddl[SDDL_UNITS], path[FACTS_PATH_MAX];
    DWORD error;

    if (!text_to_wide(path_of(install, false, text), path, FACTS_PATH_MAX) ||
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
    if (error == 0 && install->uploads_apart && text_to_wide(path_of(install, true, text), path, FACTS_PATH_MAX))
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

DWORD install_make_directory_rights(struct install *install)
{
    return install_acl_make(install, INSTALL_ACL_DIRECTORY, install->config.directory, mask_of(install));
}
