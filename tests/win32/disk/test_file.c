/* link: -Wl,--wrap=__imp_ReadFile,--wrap=__imp_GetFinalPathNameByHandleW,--wrap=NtCreateFile */
#include "counts.h"
#include "files.h"

#include "win32/disk/file_parts.h"

#include <stdio.h>

typedef BOOL(WINAPI *read_file)(HANDLE, void *, DWORD, DWORD *, OVERLAPPED *);
extern read_file __real___imp_ReadFile;
extern read_file __wrap___imp_ReadFile;
typedef DWORD(WINAPI *final_name)(HANDLE, WCHAR *, DWORD, DWORD);
extern final_name __real___imp_GetFinalPathNameByHandleW;
extern final_name __wrap___imp_GetFinalPathNameByHandleW;
NTSTATUS NTAPI __real_NtCreateFile(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, IO_STATUS_BLOCK *, LARGE_INTEGER *,
                                   ULONG, ULONG, ULONG, ULONG, void *, ULONG);
NTSTATUS NTAPI __wrap_NtCreateFile(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, IO_STATUS_BLOCK *, LARGE_INTEGER *,
                                   ULONG, ULONG, ULONG, ULONG, void *, ULONG);

enum { READERS = 4 };

/* A read that Windows has taken and not done yet. */
struct pending {
    void *bytes;
    DWORD size;
    OVERLAPPED *place;
    HANDLE event;
};

/* What the system is made to answer, and what it was asked. */
static struct {
    DWORD read_error;
    DWORD read_most; /* bytes a read gives at most; 0: all */
    unsigned reads;
    DWORD normalized_error; /* of asking for the final path in that form */
    DWORD opened_error;     /* and in the other */
    LONG open_status;
    ACCESS_MASK access; /* of what was opened last */
    ULONG options;
    bool reads_late;     /* reads are done only once READERS of them are in flight... */
    LONG late_status;    /* ...and fail with this where it is not 0 */
    SRWLOCK file_object; /* which Windows takes for every operation on a synchronous handle */
    struct pending pending[READERS];
    volatile LONG in_flight;
} lab;

/* In another order than they came. */
static void finish_reads(HANDLE file)
{
    for (int i = READERS - 1; i >= 0; i--) {
        OVERLAPPED *place = lab.pending[i].place;
        OVERLAPPED own = {.Offset = place->Offset, .hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
        DWORD got = 0;
        __real___imp_ReadFile(file, lab.pending[i].bytes, lab.pending[i].size, NULL, &own);
        GetOverlappedResult(file, &own, &got, TRUE);
        CloseHandle(own.hEvent);
        place->InternalHigh = got;
        place->Internal = (ULONG_PTR)(ULONG)lab.late_status;
        SetEvent(place->hEvent);
    }
}

/* As Windows does it: on a synchronous handle one after the other, else they are taken and done later. */
static BOOL read_late(HANDLE file, void *bytes, DWORD size, OVERLAPPED *place)
{
    if (lab.options & (FILE_SYNCHRONOUS_IO_NONALERT | FILE_SYNCHRONOUS_IO_ALERT)) {
        AcquireSRWLockExclusive(&lab.file_object);
        Sleep(1);
        ReleaseSRWLockExclusive(&lab.file_object);
        SetLastError(ERROR_CRC);
        return FALSE;
    }
    place->Internal = 0x103; /* STATUS_PENDING */
    LONG taken = InterlockedIncrement(&lab.in_flight);
    assert_in_range(taken, 1, READERS);
    lab.pending[taken - 1] = (struct pending){bytes, size, place, place->hEvent};
    if (taken == READERS)
        finish_reads(file);
    SetLastError(ERROR_IO_PENDING);
    return FALSE;
}

static BOOL WINAPI lab_read(HANDLE file, void *bytes, DWORD size, DWORD *got, OVERLAPPED *place)
{
    lab.reads++;
    if (lab.reads_late)
        return read_late(file, bytes, size, place);
    if (lab.read_error != 0) {
        SetLastError(lab.read_error);
        return FALSE;
    }
    if (lab.read_most != 0 && size > lab.read_most)
        size = lab.read_most;
    return __real___imp_ReadFile(file, bytes, size, got, place);
}
read_file __wrap___imp_ReadFile = lab_read;

static DWORD WINAPI lab_final_name(HANDLE file, WCHAR *name, DWORD room, DWORD flags)
{
    DWORD error = flags & FILE_NAME_OPENED ? lab.opened_error : lab.normalized_error;

    if (error == 0)
        return __real___imp_GetFinalPathNameByHandleW(file, name, room, flags & ~(DWORD)FILE_NAME_OPENED);
    SetLastError(error);
    return 0;
}
final_name __wrap___imp_GetFinalPathNameByHandleW = lab_final_name;

NTSTATUS NTAPI __wrap_NtCreateFile(HANDLE *handle, ACCESS_MASK access, OBJECT_ATTRIBUTES *attributes,
                                   IO_STATUS_BLOCK *block, LARGE_INTEGER *size, ULONG file_attributes, ULONG sharing,
                                   ULONG disposition, ULONG options, void *ea, ULONG ea_length)
{
    lab.access = access;
    lab.options = options;
    if (lab.open_status != 0)
        return lab.open_status;
    return __real_NtCreateFile(handle, access, attributes, block, size, file_attributes, sharing, disposition, options,
                               ea, ea_length);
}

/* A start directory beside one whose name begins with its own. */
static const char *directory;
static char sibling[FILES_PATH_MAX];
static struct root *root;
static unsigned handles;

static int set_up(void **state)
{
    (void)state;
    memset(&lab, 0, sizeof lab);
    directory = files_directory();
    snprintf(sibling, sizeof sibling, "%sx", directory);
    CreateDirectoryA(sibling, NULL);
    CreateDirectoryA(files_path(directory, "Sub"), NULL);
    files_make(files_path(directory, "Boot.img"), 1000, 1);
    files_make(files_path(directory, "Sub\\Deep.Cfg"), 2000, 2);
    files_make(files_path(sibling, "secret.txt"), 10, 3);
    handles = counts_handles();
    return (int)root_open(&root, directory);
}

static int tear_down(void **state)
{
    (void)state;
    root_release(root);
    return 0;
}

static struct opened_file opened;

static enum status open_name(const char *name)
{
    memset(&opened, 0, sizeof opened);
    return file_open(root, name, &opened);
}

static void check_holds(const char *name, const char *path, uint32_t size, unsigned seed)
{
    static uint8_t bytes[4096];
    uint32_t got;

    CHECK(open_name(name) == STATUS_OK, "%s cannot be opened", name);
    assert_string_equal(opened.path, path);
    assert_int_equal(opened.identity.size, size);
    assert_int_equal(file_read(opened.handle, 0, bytes, sizeof bytes, &got), STATUS_OK);
    assert_int_equal(got, size);
    assert_true(files_match(bytes, size, seed, 0));
    CloseHandle(opened.handle);
}

static void opens_what_is_there_as_it_is_spelt(void **state)
{
    (void)state;
    check_holds("Boot.img", "Boot.img", 1000, 1);
    check_holds("BOOT.IMG", "Boot.img", 1000, 1);
    check_holds("Sub\\Deep.Cfg", "Sub\\Deep.Cfg", 2000, 2);
    check_holds("sUB\\dEEP.cFG", "Sub\\Deep.Cfg", 2000, 2);
    assert_int_equal(counts_handles(), handles + 1);
}

static void opens_names_beyond_ascii_and_long_ones(void **state)
{
    char name[260];
    wchar_t wide[260];
    wchar_t path[FILES_PATH_MAX];

    (void)state;
    memset(name, 'n', 240);
    strcpy(name + 240, "\xc3\xa4.txt");
    MultiByteToWideChar(CP_UTF8, 0, name, -1, wide, 260);
    swprintf(path, FILES_PATH_MAX, L"\\\\?\\%hs\\%ls", directory, wide);
    HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);
    assert_true(file != INVALID_HANDLE_VALUE);
    CloseHandle(file);
    check_holds(name, name, 0, 0);
}

static void refuses_what_is_not_there_and_directories(void **state)
{
    static const char *const names[] = {"none", "none\\x", "Sub\\none", "Boot.img\\x", "Boot.img.", "Boot.img ",
                                        "nul",  "NUL.txt", "con",       "aux.c",       "com1"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        CHECK(open_name(names[i]) == STATUS_NOT_FOUND, "%s: %d", names[i], open_name(names[i]));
    assert_int_equal(open_name("\xff"), STATUS_NOT_FOUND); /* not UTF-8 */
    assert_int_equal(open_name("SUB"), STATUS_IS_FOLDER);
    assert_string_equal(opened.path, "Sub"); /* for the rules to judge who may know of it */
    assert_int_equal(counts_handles(), handles + 1);
}

/* The core lets none of these through; here is the second wall. */
static void does_not_leave_the_root_by_name(void **state)
{
    static const char *const names[] = {"..\\secret.txt", "Sub\\..\\..\\secret.txt", "C:\\windows\\win.ini",
                                        "\\??\\C:\\t",    "\\Device\\Null",          "\\\\.\\NUL",
                                        "Sub\\.."};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        CHECK(open_name(names[i]) != STATUS_OK, "%s was opened", names[i]);
    assert_int_equal(counts_handles(), handles + 1);
}

static void make_link(const char *target, const char *name)
{
    char command[3 * FILES_PATH_MAX];

    snprintf(command, sizeof command, "ln -s '%s' '%s/%s'", target, files_unix_path(directory), name);
    files_run_unix(command);
}

static void does_not_leave_the_root_by_links(void **state)
{
    static const char *const names[] = {"sibling.txt", "else.txt", "outside\\secret.txt", "null", "fifo", "outside"};
    char command[2 * FILES_PATH_MAX];
    char target[FILES_PATH_MAX];

    (void)state;
    snprintf(target, sizeof target, "%s", files_unix_path(files_path(sibling, "secret.txt")));
    make_link(target, "sibling.txt");
    make_link("/etc/passwd", "else.txt");
    make_link(files_unix_path(sibling), "outside");
    make_link("/dev/null", "null");
    snprintf(command, sizeof command, "mkfifo '%s/fifo'", files_unix_path(directory));
    files_run_unix(command);
    handles = counts_handles() - 1; /* Wine keeps one for each command */
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        enum status status = open_name(names[i]);
        CHECK(status == STATUS_OUTSIDE, "%s: %d", names[i], status);
    }
    assert_int_equal(counts_handles(), handles + 1);
}

static void follows_links_that_stay_below_the_root(void **state)
{
    char command[3 * FILES_PATH_MAX];
    char alias[FILES_PATH_MAX];

    (void)state;
    make_link("Sub/Deep.Cfg", "inside.txt");
    check_holds("inside.txt", "Sub\\Deep.Cfg", 2000, 2); /* judged by its final name */
    root_release(root);
    snprintf(alias, sizeof alias, "%s-alias", directory);
    snprintf(command, sizeof command, "ln -s '%s' '%s-alias'", files_unix_path(directory), files_unix_path(directory));
    files_run_unix(command);
    assert_int_equal(root_open(&root, alias), 0);
    check_holds("Boot.img", "Boot.img", 1000, 1);
}

static void takes_a_whole_drive_as_root(void **state)
{
    char name[FILES_PATH_MAX];
    const char *below = directory + strlen("C:\\");

    (void)state;
    root_release(root);
    assert_int_equal(root_open(&root, "C:\\"), 0);
    snprintf(name, sizeof name, "%s\\Boot.img", below);
    check_holds(name, name, 1000, 1);
}

static void says_why_a_root_cannot_be_opened(void **state)
{
    char file[FILES_PATH_MAX];
    struct root *other = NULL;
    DWORD error;

    (void)state;
    snprintf(file, sizeof file, "%s", files_path(directory, "Boot.img"));
    error = root_open(&other, files_path(directory, "none"));
    assert_true(error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND);
    assert_int_equal(root_open(&other, file), ERROR_DIRECTORY);
    assert_int_equal(root_open(&other, "\xff"), ERROR_INVALID_NAME);
    lab.normalized_error = ERROR_ACCESS_DENIED;
    lab.opened_error = ERROR_INVALID_FUNCTION;
    assert_int_equal(root_open(&other, directory), ERROR_INVALID_FUNCTION);
    assert_null(other);
    assert_int_equal(counts_handles(), handles + 1);
}

static void serves_nothing_whose_final_name_is_unknown(void **state)
{
    (void)state;
    lab.normalized_error = ERROR_INVALID_FUNCTION;
    lab.opened_error = ERROR_ACCESS_DENIED;
    assert_int_equal(open_name("Boot.img"), STATUS_DENIED); /* as it was told */
    lab.opened_error = ERROR_NOT_SUPPORTED;
    assert_int_equal(open_name("Boot.img"), STATUS_BROKEN);
    assert_int_equal(counts_handles(), handles + 1);
}

static HANDLE open_shared(const char *path, DWORD access, DWORD sharing)
{
    return CreateFileA(path, access, sharing, NULL, OPEN_EXISTING, 0, NULL);
}

static void does_not_serve_a_file_that_is_being_written(void **state)
{
    const char *path = files_path(directory, "Boot.img");
    HANDLE writer = open_shared(path, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE);

    (void)state;
    assert_int_equal(open_name("Boot.img"), STATUS_IN_USE);
    CloseHandle(writer);
    HANDLE reader = open_shared(path, GENERIC_READ, 0);
    assert_int_equal(open_name("Boot.img"), STATUS_IN_USE);
    CloseHandle(reader);
    reader = open_shared(path, GENERIC_READ, FILE_SHARE_READ);
    assert_int_equal(open_name("Boot.img"), STATUS_OK);
    CloseHandle(reader);
    CloseHandle(opened.handle);
}

static void lets_others_read_rename_and_delete_but_not_write(void **state)
{
    static uint8_t bytes[1000];
    const char *path = files_path(directory, "Boot.img");
    const char *moved = files_path(directory, "Moved.img");
    const DWORD all = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    uint32_t got;

    (void)state;
    assert_int_equal(open_name("Boot.img"), STATUS_OK);
    assert_true(open_shared(path, GENERIC_WRITE, all) == INVALID_HANDLE_VALUE);
    assert_int_equal(GetLastError(), ERROR_SHARING_VIOLATION);
    assert_true(files_hold(path, 1000, 1));
    assert_true(MoveFileA(path, moved));
    assert_true(DeleteFileA(moved));
    assert_int_equal(file_read(opened.handle, 0, bytes, sizeof bytes, &got), STATUS_OK);
    assert_int_equal(got, 1000);
    assert_true(files_match(bytes, got, 1, 0));
    CloseHandle(opened.handle);
}

static void tells_files_and_their_states_apart(void **state)
{
    const char *path = files_path(directory, "Boot.img");
    struct file_identity first;

    (void)state;
    assert_int_equal(open_name("Boot.img"), STATUS_OK);
    first = opened.identity;
    CloseHandle(opened.handle);
    assert_int_equal(open_name("Sub\\Deep.Cfg"), STATUS_OK);
    assert_true(opened.identity.index != first.index);
    CloseHandle(opened.handle);
    files_set_age(path, FILES_AGE_S + 10);
    assert_int_equal(open_name("Boot.img"), STATUS_OK);
    assert_true(opened.identity.index == first.index);
    assert_true(opened.identity.written < first.written);
    CloseHandle(opened.handle);
}

static void reads_past_four_gigabytes(void **state)
{
    const uint64_t end = 5ull << 30;
    const char *path = files_path(directory, "big.img");
    LARGE_INTEGER place = {.QuadPart = (LONGLONG)end - 100};
    uint8_t bytes[200];
    uint32_t got;
    DWORD written;

    (void)state;
    HANDLE file = CreateFileA(path, GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);
    files_fill(bytes, 100, 7, end - 100);
    assert_true(SetFilePointerEx(file, place, NULL, FILE_BEGIN));
    assert_true(WriteFile(file, bytes, 100, &written, NULL));
    CloseHandle(file);
    assert_int_equal(open_name("big.img"), STATUS_OK);
    assert_true(opened.identity.size == end);
    assert_int_equal(file_read(opened.handle, end - 150, bytes, 200, &got), STATUS_OK);
    assert_int_equal(got, 150);
    for (size_t i = 0; i < 50; i++)
        assert_int_equal(bytes[i], 0);
    assert_true(files_match(bytes + 50, 100, 7, end - 100));
    assert_int_equal(file_read(opened.handle, end - 50 - (1ull << 32), bytes, 50, &got), STATUS_OK);
    assert_int_equal(bytes[0], 0); /* the offset's upper half counts */
    CloseHandle(opened.handle);
}

static void reads_on_after_a_short_read(void **state)
{
    uint8_t bytes[600];
    uint32_t got;

    (void)state;
    assert_int_equal(open_name("Boot.img"), STATUS_OK);
    lab.read_most = 7;
    assert_int_equal(file_read(opened.handle, 123, bytes, 600, &got), STATUS_OK);
    assert_int_equal(got, 600);
    assert_true(files_match(bytes, 600, 1, 123));
    assert_true(lab.reads >= 600 / 7);
    assert_int_equal(file_read(opened.handle, 900, bytes, 600, &got), STATUS_OK);
    assert_int_equal(got, 100); /* the end of the file */
    assert_int_equal(file_read(opened.handle, 5000, bytes, 600, &got), STATUS_OK);
    assert_int_equal(got, 0);
    lab.read_error = ERROR_CRC;
    assert_int_equal(file_read(opened.handle, 0, bytes, 600, &got), STATUS_BROKEN);
    lab.read_error = ERROR_LOCK_VIOLATION;
    assert_int_equal(file_read(opened.handle, 0, bytes, 600, &got), STATUS_IN_USE);
    CloseHandle(opened.handle);
}

/* Windows keeps the readers of a synchronous handle apart, and drops the pages behind one that reads in order. */
static void opens_so_that_many_can_read(void **state)
{
    (void)state;
    assert_int_equal(open_name("Boot.img"), STATUS_OK);
    assert_int_equal(lab.options & (FILE_SYNCHRONOUS_IO_NONALERT | FILE_SYNCHRONOUS_IO_ALERT), 0);
    assert_int_equal(lab.options & FILE_SEQUENTIAL_ONLY, 0);
    assert_int_equal(lab.options & FILE_NON_DIRECTORY_FILE, FILE_NON_DIRECTORY_FILE);
    assert_int_equal(lab.access & SYNCHRONIZE, 0);
    CloseHandle(opened.handle);
}

struct reader {
    uint32_t number;
    enum status status;
    uint32_t got;
    uint8_t bytes[100];
};

static DWORD WINAPI read_part(void *context)
{
    struct reader *reader = context;

    reader->status = file_read(opened.handle, reader->number * 100, reader->bytes, 100, &reader->got);
    return 0;
}

static void read_at_once(struct reader *readers)
{
    HANDLE threads[READERS];

    lab.reads_late = true;
    for (uint32_t i = 0; i < READERS; i++) {
        readers[i].number = i;
        threads[i] = CreateThread(NULL, 0, read_part, &readers[i], 0, NULL);
    }
    assert_int_equal(WaitForMultipleObjects(READERS, threads, TRUE, PATIENCE_MS), WAIT_OBJECT_0);
    for (int i = 0; i < READERS; i++)
        CloseHandle(threads[i]);
    assert_int_equal(lab.in_flight, READERS);
    for (int i = 0; i < READERS; i++)
        for (int j = 0; j < i; j++)
            assert_true(lab.pending[i].event != lab.pending[j].event);
}

static void many_read_one_file_at_once(void **state)
{
    struct reader readers[READERS];

    (void)state;
    assert_int_equal(open_name("Boot.img"), STATUS_OK);
    read_at_once(readers);
    CloseHandle(opened.handle);
    for (uint32_t i = 0; i < READERS; i++) {
        assert_int_equal(readers[i].status, STATUS_OK);
        assert_int_equal(readers[i].got, 100);
        assert_true(files_match(readers[i].bytes, 100, 1, i * 100));
    }
    assert_int_equal(counts_handles(), handles + 1);
}

static void tells_how_a_late_read_failed(void **state)
{
    struct reader readers[READERS];

    (void)state;
    assert_int_equal(open_name("Boot.img"), STATUS_OK);
    lab.late_status = (LONG)0xC000003F; /* STATUS_CRC_ERROR */
    read_at_once(readers);
    CloseHandle(opened.handle);
    for (int i = 0; i < READERS; i++)
        assert_int_equal(readers[i].status, STATUS_BROKEN);
}

static void translates_what_opening_can_say(void **state)
{
    static const struct {
        uint32_t number;
        enum status status;
    } cases[] = {
        {0xC000000F, STATUS_NOT_FOUND}, {0xC0000034, STATUS_NOT_FOUND}, {0xC000003A, STATUS_NOT_FOUND},
        {0xC0000056, STATUS_NOT_FOUND}, {0xC00000BA, STATUS_IS_FOLDER}, {0xC0000103, STATUS_NOT_FOUND},
        {0xC0000022, STATUS_DENIED},    {0xC00000A2, STATUS_DENIED},    {0xC0000033, STATUS_OUTSIDE},
        {0xC0000039, STATUS_OUTSIDE},   {0xC000003B, STATUS_OUTSIDE},   {0xC000050B, STATUS_OUTSIDE},
        {0xC0000035, STATUS_EXISTS},    {0xC0000043, STATUS_IN_USE},    {0xC000007F, STATUS_FULL},
        {0xC0000044, STATUS_FULL},      {0xC0000001, STATUS_BROKEN},    {0xC000009A, STATUS_BROKEN},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        lab.open_status = (LONG)cases[i].number;
        CHECK(open_name("Boot.img") == cases[i].status, "NTSTATUS %08x", (unsigned)cases[i].number);
    }
}

static void translates_the_errors_of_win32(void **state)
{
    static const struct {
        DWORD error;
        enum status status;
    } cases[] = {
        {ERROR_SUCCESS, STATUS_OK},
        {ERROR_FILE_NOT_FOUND, STATUS_NOT_FOUND},
        {ERROR_PATH_NOT_FOUND, STATUS_NOT_FOUND},
        {ERROR_ACCESS_DENIED, STATUS_DENIED},
        {ERROR_WRITE_PROTECT, STATUS_DENIED},
        {ERROR_FILE_EXISTS, STATUS_EXISTS},
        {ERROR_ALREADY_EXISTS, STATUS_EXISTS},
        {ERROR_SHARING_VIOLATION, STATUS_IN_USE},
        {ERROR_LOCK_VIOLATION, STATUS_IN_USE},
        {ERROR_DISK_FULL, STATUS_FULL},
        {ERROR_HANDLE_DISK_FULL, STATUS_FULL},
        {1295, STATUS_FULL},
        {ERROR_CRC, STATUS_BROKEN},
        {ERROR_NETNAME_DELETED, STATUS_BROKEN},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        CHECK(status_of_error(cases[i].error) == cases[i].status, "error %lu", cases[i].error);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

static void paths_are_shown_as_people_write_them(void **state)
{
    static const struct {
        const wchar_t *path;
        const char *text;
    } cases[] = {
        {L"\\\\?\\C:\\gr\x00fcn", "C:\\gr\xc3\xbcn"},      {L"\\\\?\\UNC\\server\\share", "\\\\server\\share"},
        {L"\\\\server\\share", "\\\\server\\share"},       {L"C:\\a\xd83d", ""},
        {L"\\\\?\\C:\\longer than there is room for", ""},
    };
    char text[24];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(file_path_text(cases[i].path, text, sizeof text), cases[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(opens_what_is_there_as_it_is_spelt),
        TEST(opens_names_beyond_ascii_and_long_ones),
        TEST(refuses_what_is_not_there_and_directories),
        TEST(does_not_leave_the_root_by_name),
        TEST(does_not_leave_the_root_by_links),
        TEST(follows_links_that_stay_below_the_root),
        TEST(takes_a_whole_drive_as_root),
        TEST(says_why_a_root_cannot_be_opened),
        TEST(serves_nothing_whose_final_name_is_unknown),
        TEST(does_not_serve_a_file_that_is_being_written),
        TEST(lets_others_read_rename_and_delete_but_not_write),
        TEST(tells_files_and_their_states_apart),
        TEST(reads_past_four_gigabytes),
        TEST(reads_on_after_a_short_read),
        TEST(opens_so_that_many_can_read),
        TEST(many_read_one_file_at_once),
        TEST(tells_how_a_late_read_failed),
        TEST(translates_what_opening_can_say),
        TEST(translates_the_errors_of_win32),
        cmocka_unit_test(paths_are_shown_as_people_write_them),
    };

    return cmocka_run_group_tests_name("file", tests, NULL, NULL) != 0;
}
