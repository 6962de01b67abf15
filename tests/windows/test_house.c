/* Each rule of files.c, reads.c, paths.c, registry.c, services.c and console.c is seen to bite. */
#include "files.h"

#include "world.h"

#include <wchar.h>
#include <winternl.h>

enum { FILE_SIZE = 300000, PIECE = 4096, READERS = 4, ROUNDS = 200, SEEDS = 100, PAGES_MAX = 100, PAGE_BYTES = 65536 };

static struct {
    const char *directory;
    const char *path; /* of a file in it */
    HANDLE below;     /* the directory, opened by its path */
} lab;

static HANDLE open_directory(void)
{
    wchar_t wide[FILES_PATH_MAX];

    MultiByteToWideChar(CP_UTF8, 0, lab.directory, -1, wide, FILES_PATH_MAX);
    HANDLE opened = CreateFileW(wide, FILE_LIST_DIRECTORY | FILE_TRAVERSE | SYNCHRONIZE,
                                FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                                FILE_FLAG_BACKUP_SEMANTICS, NULL);
    assert_ptr_not_equal(opened, INVALID_HANDLE_VALUE);
    return opened;
}

static int set_up(void **state)
{
    (void)state;
    world(0, "", "");
    lab.directory = files_directory();
    lab.path = files_path(lab.directory, "Some Name.bin");
    files_make(lab.path, FILE_SIZE, 1);
    lab.below = open_directory();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    CloseHandle(lab.below);
    return 0;
}

static NTSTATUS open_file(wchar_t *name, ACCESS_MASK access, ULONG options, HANDLE *handle)
{
    UNICODE_STRING string;
    OBJECT_ATTRIBUTES attributes;
    IO_STATUS_BLOCK block;

    RtlInitUnicodeString(&string, name);
    InitializeObjectAttributes(&attributes, &string, OBJ_CASE_INSENSITIVE, lab.below, NULL);
    return NtCreateFile(handle, access | SYNCHRONIZE, &attributes, &block, NULL, 0,
                        FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, FILE_OPEN, options, NULL, 0);
}

static HANDLE must_open(wchar_t *name, ACCESS_MASK access, ULONG options)
{
    HANDLE handle;

    assert_int_equal(open_file(name, access, options, &handle), 0);
    return handle;
}

static wchar_t file_name[] = L"some name.BIN";

/* -- reads ------------------------------------------------------------------------------------------------------------ */

static DWORD WINAPI read_often(void *handle)
{
    uint8_t bytes[PIECE];
    DWORD wrong = 0;

    for (DWORD i = 0; i < ROUNDS; i++) {
        OVERLAPPED place = {.Offset = i * 1000, .hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
        DWORD got = 0;
        if (!ReadFile(handle, bytes, PIECE, &got, &place) && GetLastError() == ERROR_IO_PENDING)
            GetOverlappedResult(handle, &place, &got, TRUE);
        wrong += got != PIECE || !files_match(bytes, PIECE, 1, place.Offset);
        CloseHandle(place.hEvent);
    }
    return wrong;
}

/* Four threads that read one handle. How often one had to wait for another. */
static uint64_t collisions(HANDLE handle)
{
    HANDLE readers[READERS];
    DWORD wrong;

    for (size_t i = 0; i < READERS; i++)
        readers[i] = CreateThread(NULL, 0, read_often, handle, 0, NULL);
    for (size_t i = 0; i < READERS; i++) {
        WaitForSingleObject(readers[i], INFINITE);
        GetExitCodeThread(readers[i], &wrong);
        assert_int_equal(wrong, 0);
        CloseHandle(readers[i]);
    }
    return strict_counted(RULE_ONE_READER);
}

static void one_reads_a_synchronous_handle_at_a_time(void **state)
{
    HANDLE handle = must_open(file_name, FILE_READ_DATA, FILE_SYNCHRONOUS_IO_NONALERT);

    (void)state;
    world(1, "slow-read", "");
    assert_true(collisions(handle) > 0);
    CloseHandle(handle);
}

static void several_read_another_one_now_or_later(void **state)
{
    HANDLE handle = must_open(file_name, FILE_READ_DATA, 0);

    (void)state;
    world(1, "slow-read,read-pends", "");
    assert_int_equal(collisions(handle), 0);
    assert_in_range(strict_counted(RULE_READ_PENDS), 1, READERS * ROUNDS - 1);
    CloseHandle(handle);
}

static void the_end_of_a_file_is_told_now_and_later(void **state)
{
    HANDLE handle = must_open(file_name, FILE_READ_DATA, 0);
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    uint8_t bytes[PIECE];

    (void)state;
    world(1, "read-pends", "");
    for (int i = 0; i < 20; i++) {
        OVERLAPPED place = {.Offset = FILE_SIZE - 100, .hEvent = event};
        DWORD got = 0;
        if (!ReadFile(handle, bytes, PIECE, &got, &place))
            assert_true(GetOverlappedResult(handle, &place, &got, TRUE));
        assert_int_equal(got, 100);
        place = (OVERLAPPED){.Offset = FILE_SIZE, .hEvent = event};
        BOOL is_read = ReadFile(handle, bytes, PIECE, &got, &place);
        if (!is_read && GetLastError() == ERROR_IO_PENDING)
            is_read = GetOverlappedResult(handle, &place, &got, TRUE);
        assert_false(is_read);
        assert_int_equal(GetLastError(), ERROR_HANDLE_EOF);
    }
    assert_in_range(strict_counted(RULE_READ_PENDS), 1, 39);
    CloseHandle(event);
    CloseHandle(handle);
}

static void an_overlapped_handle_needs_an_overlapped(void **state)
{
    HANDLE handle = must_open(file_name, FILE_READ_DATA, 0);
    uint8_t byte;
    DWORD got;

    (void)state;
    assert_false(ReadFile(handle, &byte, 1, &got, NULL));
    assert_int_equal(GetLastError(), ERROR_INVALID_PARAMETER);
    CloseHandle(handle);
}

/* -- opening ---------------------------------------------------------------------------------------------------------- */

static void a_lost_directory_stays_lost_until_it_is_opened_again(void **state)
{
    HANDLE handle, old = lab.below;
    NTSTATUS lost = 0;

    (void)state;
    world(1, "root-lost", "");
    for (int i = 0; i < ROUNDS * 10 && lost == 0; i++) {
        lost = open_file(file_name, FILE_READ_DATA, 0, &handle);
        if (lost == 0)
            CloseHandle(handle);
    }
    assert_true(lost < 0);
    for (int i = 0; i < 10; i++)
        assert_int_equal(open_file(file_name, FILE_READ_ATTRIBUTES, 0, &handle), lost);
    lab.below = open_directory();
    CloseHandle(must_open(file_name, FILE_READ_DATA, 0));
    CloseHandle(old);
}

static void who_may_not_read_a_file_cannot_open_it(void **state)
{
    HANDLE handle;
    char command[FILES_PATH_MAX];

    (void)state;
    snprintf(command, sizeof command, "chmod 000 '%s'", files_unix_path(lab.path));
    files_run_unix(command);
    assert_int_equal((ULONG)open_file(file_name, FILE_READ_DATA, 0, &handle), 0xC0000022u);
    CloseHandle(must_open(file_name, FILE_READ_ATTRIBUTES, 0));
    snprintf(command, sizeof command, "chmod 644 '%s'", files_unix_path(lab.path));
    files_run_unix(command);
    CloseHandle(must_open(file_name, FILE_READ_DATA, 0));
}

/* -- names ------------------------------------------------------------------------------------------------------------ */

/* Its last component, or the error's number. */
static const wchar_t *final_name(HANDLE handle, DWORD flags)
{
    static wchar_t path[FILES_PATH_MAX];

    if (GetFinalPathNameByHandleW(handle, path, FILES_PATH_MAX, flags) == 0)
        swprintf(path, FILES_PATH_MAX, L"\\%lu", GetLastError());
    return wcsrchr(path, L'\\') + 1;
}

static void a_path_cannot_be_normalized_by_the_seed(void **state)
{
    HANDLE handle = must_open(file_name, FILE_READ_DATA, 0);
    unsigned refused = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        world(seed, "path-as-opened", "");
        refused += wcscmp(final_name(handle, FILE_NAME_NORMALIZED), L"5") == 0;
        assert_int_equal(wcscmp(final_name(handle, FILE_NAME_OPENED), file_name), 0);
    }
    assert_in_range(refused, 1, SEEDS - 1);
    world(0, "", "");
    assert_int_equal(wcscmp(final_name(handle, FILE_NAME_NORMALIZED), L"Some Name.bin"), 0);
    CloseHandle(handle);
}

static void a_link_is_followed_in_both_forms(void **state)
{
    static wchar_t link_name[] = L"link.bin";
    char command[FILES_PATH_MAX];

    (void)state;
    snprintf(command, sizeof command, "ln -s 'Some Name.bin' '%s'",
             files_unix_path(files_path(lab.directory, "link.bin")));
    files_run_unix(command);
    HANDLE handle = must_open(link_name, FILE_READ_DATA, 0);
    assert_int_equal(wcscmp(final_name(handle, FILE_NAME_OPENED), L"Some Name.bin"), 0);
    CloseHandle(handle);
}

static NTSTATUS rename_to(HANDLE directory, const wchar_t *name)
{
    struct {
        BOOLEAN replaces;
        HANDLE directory;
        ULONG name_bytes;
        wchar_t name[FILES_PATH_MAX];
    } rename = {.directory = directory, .name_bytes = (ULONG)(wcslen(name) * sizeof(wchar_t))};
    HANDLE handle = must_open(file_name, DELETE, 0);
    IO_STATUS_BLOCK block;

    wcscpy(rename.name, name);
    NTSTATUS result = NtSetInformationFile(handle, &block, &rename, sizeof rename, FileRenameInformation);
    CloseHandle(handle);
    return result;
}

static void a_share_takes_renames_by_whole_paths_only(void **state)
{
    wchar_t path[FILES_PATH_MAX], whole[FILES_PATH_MAX + 8];
    unsigned refused = 0;

    (void)state;
    GetFinalPathNameByHandleW(lab.below, path, FILES_PATH_MAX, FILE_NAME_NORMALIZED);
    swprintf(whole, FILES_PATH_MAX + 8, L"\\??\\%ls\\%ls", path + 4, file_name);
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        world(seed, "rename-on-share", "");
        NTSTATUS result = rename_to(lab.below, file_name);
        refused += (ULONG)result == 0xC000000Du;
        assert_int_equal(rename_to(NULL, whole), 0);
    }
    assert_in_range(refused, 1, SEEDS - 1);
}

/* -- the house -------------------------------------------------------------------------------------------------------- */

static bool is_policy_there(void)
{
    HKEY key;
    LSTATUS error = RegOpenKeyExW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\Policies\\strict", 0, KEY_QUERY_VALUE, &key);

    if (error == 0)
        RegCloseKey(key);
    else
        assert_int_equal(error, ERROR_FILE_NOT_FOUND);
    return error == 0;
}

static void a_policy_is_gone_for_a_moment(void **state)
{
    HKEY key;
    unsigned rounds = 0;

    (void)state;
    RegCreateKeyExW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\Policies\\strict", 0, NULL, 0, KEY_WRITE, NULL, &key, NULL);
    RegCloseKey(key);
    world(1, "policy-gone", "");
    assert_true(is_policy_there());
    while (is_policy_there())
        assert_in_range(rounds++, 0, ROUNDS);
    while (!is_policy_there())
        Sleep(20);
    RegDeleteKeyW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\Policies\\strict");
}

/* How many services the pages have; by how many calls. */
static DWORD count_services(unsigned *calls)
{
    static union {
        ENUM_SERVICE_STATUS_PROCESSW first;
        BYTE bytes[PAGE_BYTES];
    } page;
    SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_ENUMERATE_SERVICE);
    DWORD needed, count, resume = 0, all = 0;
    BOOL is_end = FALSE;

    for (*calls = 0; !is_end; (*calls)++) {
        assert_in_range(*calls, 0, PAGES_MAX);
        is_end = EnumServicesStatusExW(manager, SC_ENUM_PROCESS_INFO, SERVICE_WIN32, SERVICE_STATE_ALL, page.bytes,
                                       sizeof page, &needed, &count, &resume, NULL);
        assert_true(is_end || GetLastError() == ERROR_MORE_DATA);
        assert_int_equal(is_end, resume == 0);
        for (DWORD i = 0; i < count; i++)
            assert_true(wcslen((&page.first)[i].lpServiceName) > 0);
        all += count;
    }
    CloseServiceHandle(manager);
    return all;
}

static void services_come_in_pages(void **state)
{
    unsigned calls, calls_without;

    (void)state;
    DWORD count = count_services(&calls);
    world(0, "", "service-pages");
    assert_int_equal(count_services(&calls_without), count);
    assert_int_equal(calls_without, 1);
    assert_true(count > 4);
    assert_int_equal(calls, (count + 1) / 2);
}

static void a_console_takes_no_more_than_its_heap_holds(void **state)
{
    static wchar_t text[8001];
    DWORD written;

    (void)state;
    wmemset(text, L'x', 8001);
    assert_false(WriteConsoleW(GetStdHandle(STD_OUTPUT_HANDLE), text, 8001, &written, NULL));
    assert_int_equal(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
    assert_int_equal(strict_counted(RULE_CONSOLE_PIECES), 1);
    /* What is shorter goes to Wine, who refuses it, as there is no console. */
    WriteConsoleW(GetStdHandle(STD_OUTPUT_HANDLE), text, 8000, &written, NULL);
    assert_int_equal(GetLastError(), ERROR_INVALID_HANDLE);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_reads_a_synchronous_handle_at_a_time),
        TEST(several_read_another_one_now_or_later),
        TEST(the_end_of_a_file_is_told_now_and_later),
        TEST(an_overlapped_handle_needs_an_overlapped),
        TEST(a_lost_directory_stays_lost_until_it_is_opened_again),
        TEST(who_may_not_read_a_file_cannot_open_it),
        TEST(a_path_cannot_be_normalized_by_the_seed),
        TEST(a_link_is_followed_in_both_forms),
        TEST(a_share_takes_renames_by_whole_paths_only),
        TEST(a_policy_is_gone_for_a_moment),
        TEST(services_come_in_pages),
        TEST(a_console_takes_no_more_than_its_heap_holds),
    };

    return cmocka_run_group_tests_name("house", tests, NULL, NULL) != 0;
}
