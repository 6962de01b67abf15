/* Files are opened and closed: by whom their access list lets in, below directories that may have been lost. */
#include "file_facts.h"

#include <stdlib.h>

IMPORTED(CreateFileW)
IMPORTED(CloseHandle)
PLAIN(NtCreateFile)

enum { DESCRIPTOR_MAX = 4096, PRIVILEGES_MAX = 512 };

static struct file_facts files[STRICT_HANDLES_MAX];

struct file_facts *file_facts_of(HANDLE handle)
{
    struct file_facts *facts = &files[strict_place(handle)];

    return facts->is_known ? facts : NULL;
}

struct file_facts *file_learn(HANDLE handle, bool is_synchronous, HANDLE below, const wchar_t *spelling, size_t units)
{
    size_t place = strict_place(handle);
    struct file_facts *facts = &files[place];

    if (place == 0 || GetFileType(handle) != FILE_TYPE_DISK)
        return NULL;
    wchar_t *copy = calloc(units + 1, sizeof(wchar_t));
    if (copy == NULL)
        abort();
    memcpy(copy, spelling, units * sizeof(wchar_t));
    *facts = (struct file_facts){.is_known = true, .is_synchronous = is_synchronous, .spelling = copy, .below = below};
    return facts;
}

static void forget(HANDLE handle)
{
    struct file_facts *facts = file_facts_of(handle);

    if (facts == NULL)
        return;
    free(facts->spelling);
    *facts = (struct file_facts){.is_known = false};
}

static BOOL WINAPI close_handle(HANDLE handle)
{
    forget(handle); /* before another thread can have a handle of the same value */
    return REAL(CloseHandle)(handle);
}
REPLACE(CloseHandle, close_handle);

/* -- access lists ----------------------------------------------------------------------------------------------------- */

/* Of this process, to ask what it may do; made once. */
static HANDLE our_token(void)
{
    static HANDLE token;
    HANDLE own, copy;

    if (token != NULL || !OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY | TOKEN_DUPLICATE, &own))
        return token;
    if (DuplicateToken(own, SecurityIdentification, &copy))
        token = copy;
    REAL(CloseHandle)(own);
    return token;
}

/* The handle needs READ_CONTROL. What cannot be asked is allowed. */
static bool lets_read(HANDLE handle)
{
    GENERIC_MAPPING mapping = {FILE_GENERIC_READ, FILE_GENERIC_WRITE, FILE_GENERIC_EXECUTE, FILE_ALL_ACCESS};
    union {
        SECURITY_DESCRIPTOR descriptor;
        BYTE bytes[DESCRIPTOR_MAX];
    } security;
    union {
        PRIVILEGE_SET set;
        BYTE bytes[PRIVILEGES_MAX];
    } privileges;
    DWORD size = sizeof privileges, needed, granted;
    BOOL is_let = TRUE;

    if (!GetKernelObjectSecurity(handle,
                                 OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
                                 &security.descriptor, sizeof security, &needed))
        return true;
    return !AccessCheck(&security.descriptor, our_token(), FILE_READ_DATA, &mapping, &privileges.set, &size, &granted,
                        &is_let) ||
           is_let;
}

static bool may_read(OBJECT_ATTRIBUTES *attributes)
{
    IO_STATUS_BLOCK block;
    HANDLE handle;

    if (!strict_holds(RULE_ACCESS_LIST) ||
        __real_NtCreateFile(&handle, READ_CONTROL | SYNCHRONIZE, attributes, &block, NULL, 0,
                            FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, FILE_OPEN,
                            FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0) < 0)
        return true;
    bool may = lets_read(handle);
    REAL(CloseHandle)(handle);
    if (!may)
        strict_count(RULE_ACCESS_LIST);
    return may;
}

/* -- opening ---------------------------------------------------------------------------------------------------------- */

/* What everything below this handle gives; 0 where it is well. */
static NTSTATUS draw_loss(HANDLE directory)
{
    static const ULONG losses[] = {
        0xC00000C9u, /* STATUS_NETWORK_NAME_DELETED */
        0xC0000128u, /* STATUS_FILE_CLOSED */
        0xC000026Eu, /* STATUS_VOLUME_DISMOUNTED */
        0xC000020Cu, /* STATUS_CONNECTION_DISCONNECTED */
        0xC000000Eu, /* STATUS_NO_SUCH_DEVICE */
        0xC00000C3u, /* STATUS_INVALID_NETWORK_RESPONSE */
    };
    struct file_facts *facts = file_facts_of(directory);

    if (facts == NULL || !facts->is_path_opened)
        return 0;
    if (facts->lost == 0 && strict_draws(RULE_ROOT_LOST))
        facts->lost = (NTSTATUS)losses[strict_pick(RULE_ROOT_LOST, sizeof losses / sizeof losses[0])];
    return facts->lost;
}

NTSTATUS NTAPI __wrap_NtCreateFile(HANDLE *handle, ACCESS_MASK access, OBJECT_ATTRIBUTES *attributes,
                                   IO_STATUS_BLOCK *block, LARGE_INTEGER *size, ULONG kind, ULONG sharing,
                                   ULONG disposition, ULONG options, void *extended, ULONG extended_size)
{
    static const ULONG synchronous = FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT;
    UNICODE_STRING *name = attributes->ObjectName;
    NTSTATUS result = draw_loss(attributes->RootDirectory);

    if (result == 0 && (access & FILE_READ_DATA) && disposition == FILE_OPEN && !may_read(attributes))
        result = STRICT_ACCESS_DENIED;
    if (result == 0)
        result = __real_NtCreateFile(handle, access, attributes, block, size, kind, sharing, disposition, options,
                                     extended, extended_size);
    if (result >= 0)
        file_learn(*handle, (options & synchronous) != 0, attributes->RootDirectory, name->Buffer,
                   name->Length / sizeof(wchar_t));
    return result;
}

static HANDLE WINAPI create_file(const wchar_t *path, DWORD access, DWORD sharing, SECURITY_ATTRIBUTES *security,
                                 DWORD disposition, DWORD flags, HANDLE template)
{
    HANDLE handle = REAL(CreateFileW)(path, access, sharing, security, disposition, flags, template);
    DWORD error = GetLastError();

    if (handle != INVALID_HANDLE_VALUE) {
        struct file_facts *facts = file_learn(handle, !(flags & FILE_FLAG_OVERLAPPED), NULL, path, wcslen(path));
        if (facts != NULL)
            facts->is_path_opened = (flags & FILE_FLAG_BACKUP_SEMANTICS) != 0;
    }
    SetLastError(error);
    return handle;
}
REPLACE(CreateFileW, create_file);
