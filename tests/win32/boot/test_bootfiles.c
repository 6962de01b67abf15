/* link: -Wl,--wrap=NtCreateFile,--wrap=__imp_GetTickCount64,--wrap=__imp_WaitForSingleObject */
/* What TFTP would do with the file of a boot rule. */
#include "files.h"

#include "win32/boot/bootfiles.h"

#include <stdio.h>
#include <winternl.h>

NTSTATUS NTAPI __real_NtCreateFile(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, IO_STATUS_BLOCK *, LARGE_INTEGER *,
                                   ULONG, ULONG, ULONG, ULONG, void *, ULONG);
NTSTATUS NTAPI __wrap_NtCreateFile(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, IO_STATUS_BLOCK *, LARGE_INTEGER *,
                                   ULONG, ULONG, ULONG, ULONG, void *, ULONG);
typedef ULONGLONG(WINAPI *tick_function)(void);
extern tick_function __real___imp_GetTickCount64;
extern tick_function __wrap___imp_GetTickCount64;

static struct {
    HANDLE slow; /* the gate before "slow.efi" is opened */
    volatile LONG looks;
    volatile LONG64 now_ms; /* 0: as it is */
} lab;

static ULONGLONG WINAPI lab_ticks(void)
{
    return lab.now_ms != 0 ? (ULONGLONG)lab.now_ms : __real___imp_GetTickCount64();
}
tick_function __wrap___imp_GetTickCount64 = lab_ticks;

NTSTATUS NTAPI __wrap_NtCreateFile(HANDLE *handle, ACCESS_MASK access, OBJECT_ATTRIBUTES *attributes,
                                   IO_STATUS_BLOCK *block, LARGE_INTEGER *size, ULONG file_attributes, ULONG sharing,
                                   ULONG disposition, ULONG options, void *ea, ULONG ea_length)
{
    InterlockedIncrement(&lab.looks);
    if (wcsstr(attributes->ObjectName->Buffer, L"slow.efi") != NULL)
        WaitForSingleObject(lab.slow, PATIENCE_MS);
    return __real_NtCreateFile(handle, access, attributes, block, size, file_attributes, sharing, disposition, options,
                               ea, ea_length);
}

typedef DWORD(WINAPI *wait_function)(HANDLE, DWORD);
extern wait_function __real___imp_WaitForSingleObject;
extern wait_function __wrap___imp_WaitForSingleObject;

/* A wait for a look that ends for nothing is time that goes by. */
static DWORD WINAPI lab_wait(HANDLE handle, DWORD ms)
{
    DWORD result = __real___imp_WaitForSingleObject(handle, ms);

    if (result == WAIT_TIMEOUT && ms <= BOOTFILES_WAIT_MS && lab.now_ms != 0)
        InterlockedExchangeAdd64(&lab.now_ms, ms);
    return result;
}
wait_function __wrap___imp_WaitForSingleObject = lab_wait;

static const char *directory;
static struct jobs *jobs;
static struct root *root;
static struct config config;
static struct bootfiles *files;

static void set(const char *name, const char *value)
{
    struct config_problem problem;

    CHECK(config_set_typed(&config, config_find(name), value, &problem), "%s", problem.text);
}

static int set_up(void **state)
{
    (void)state;
    memset(&lab, 0, sizeof lab);
    lab.slow = CreateEventW(NULL, TRUE, FALSE, NULL);
    directory = files_directory();
    jobs = jobs_open(4);
    assert_int_equal(root_open(&root, directory), 0);
    config_defaults(&config);
    set("Clients", "10.*");
    return 0;
}

static void open_files(void)
{
    files = bootfiles_open(&config, root, jobs);
    assert_non_null(files);
}

static int tear_down(void **state)
{
    (void)state;
    SetEvent(lab.slow);
    if (files != NULL)
        bootfiles_release(files);
    files = NULL;
    jobs_close(jobs);
    root_release(root);
    CloseHandle(lab.slow);
    return 0;
}

/* Remembered or not, it is the same. */
static enum boot_file_state look_both(const char *file, const struct endpoint *client)
{
    enum boot_file_state state = bootfiles_look(files, file, client);

    if (lab.now_ms == 0 && strcmp(file, "slow.efi") != 0)
        assert_int_equal(bootfiles_look_once(&config, root, file, client), state);
    return state;
}

static enum boot_file_state look(const char *file, const char *client)
{
    struct endpoint from;

    if (client == NULL)
        return look_both(file, NULL);
    assert_true(endpoint_parse_address(&from, span_of_text(client)));
    from.port = 4011;
    return look_both(file, &from);
}

static void judges_as_tftp_does(void **state)
{
    static const struct {
        const char *file, *client;
        enum boot_file_state state;
    } rows[] = {
        {"boot/a.efi", NULL, BOOT_FILE_READABLE},
        {"boot\\A.EFI", NULL, BOOT_FILE_READABLE},
        {"boot/a.efi", "10.1.2.3", BOOT_FILE_READABLE},
        {"boot/a.efi", "192.168.1.1", BOOT_FILE_REFUSED}, /* not in Clients */
        {"boot/none.efi", NULL, BOOT_FILE_ABSENT},
        {"boot", NULL, BOOT_FILE_ABSENT},
        {"none/a.efi", "10.1.2.3", BOOT_FILE_ABSENT},
        {"secret.efi", NULL, BOOT_FILE_REFUSED}, /* not in Readable */
        {"secret.efi", "10.1.2.3", BOOT_FILE_REFUSED},
        {"../boot/a.efi", NULL, BOOT_FILE_REFUSED},
        {"", NULL, BOOT_FILE_REFUSED},
        {"con", NULL, BOOT_FILE_REFUSED},
    };

    (void)state;
    set("Readable", "boot\\*;none\\*;boot");
    CreateDirectoryA(files_path(directory, "boot"), NULL);
    files_make(files_path(directory, "boot\\a.efi"), 100, 1);
    files_make(files_path(directory, "secret.efi"), 100, 1);
    open_files();
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        CHECK(look(rows[i].file, rows[i].client) == rows[i].state, "%s for %s", rows[i].file,
              rows[i].client != NULL ? rows[i].client : "anybody");
    assert_ptr_not_equal(bootfiles_config(files), &config);
    assert_memory_equal(bootfiles_config(files), &config, sizeof config);
}

/* The final name counts as well: a link may lead to what Readable does not have. */
static void judges_the_final_name(void **state)
{
    char command[2 * FILES_PATH_MAX];

    (void)state;
    set("Readable", "*.efi");
    files_make(files_path(directory, "secret.key"), 100, 1);
    snprintf(command, sizeof command, "cd '%s' && ln -s secret.key link.efi", files_unix_path(directory));
    files_run_unix(command);
    open_files();
    assert_int_equal(look("link.efi", NULL), BOOT_FILE_REFUSED);
    assert_int_equal(look("link.efi", "10.1.2.3"), BOOT_FILE_REFUSED);
}

static void looks_into_the_clients_own_folder(void **state)
{
    (void)state;
    set("ClientDirectories", "ip");
    CreateDirectoryA(files_path(directory, "10.1.2.3"), NULL);
    files_make(files_path(directory, "10.1.2.3\\own.efi"), 100, 1);
    open_files();
    assert_int_equal(look("own.efi", "10.1.2.3"), BOOT_FILE_READABLE);
    assert_int_equal(look("own.efi", "10.1.2.4"), BOOT_FILE_ABSENT);
    assert_int_equal(look("own.efi", NULL), BOOT_FILE_ABSENT);
}

static void remembers_for_a_moment(void **state)
{
    (void)state;
    lab.now_ms = 10000;
    open_files();
    assert_int_equal(look("late.efi", NULL), BOOT_FILE_ABSENT);
    LONG looks = lab.looks;
    files_make(files_path(directory, "late.efi"), 100, 1);
    lab.now_ms += BOOTFILES_FRESH_MS - 1;
    assert_int_equal(look("late.efi", NULL), BOOT_FILE_ABSENT);
    assert_int_equal(lab.looks, looks);
    lab.now_ms++;
    assert_int_equal(look("late.efi", NULL), BOOT_FILE_READABLE);
    assert_true(lab.looks > looks);
    looks = lab.looks;
    for (int i = 0; i < 100; i++)
        assert_int_equal(look("late.efi", NULL), BOOT_FILE_READABLE);
    assert_int_equal(lab.looks, looks);
    /* More than there is room for: the oldest gives way. */
    for (int i = 0; i < 2 * BOOTFILES_MAX; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d.efi", i);
        assert_int_equal(look(name, NULL), BOOT_FILE_ABSENT);
    }
    assert_int_equal(look("late.efi", NULL), BOOT_FILE_READABLE);
}

/* A disk that does not answer: a file counts as there, and the look goes on behind the back of who gave it up. */
static void does_not_wait_for_a_slow_disk(void **state)
{
    (void)state;
    open_files();
    uint64_t begun_ms = __real___imp_GetTickCount64();
    assert_int_equal(look("slow.efi", NULL), BOOT_FILE_READABLE);
    assert_true(__real___imp_GetTickCount64() - begun_ms < PATIENCE_MS / 2);
    assert_int_equal(look("other.efi", NULL), BOOT_FILE_ABSENT);
    bootfiles_release(files); /* while it is being looked at */
    files = NULL;
}

/* Whoever asks while looks hang is answered at once: by what is known, or as if the file were there. */
static void waits_once_for_looks_that_hang(void **state)
{
    char client[16];

    (void)state;
    lab.now_ms = 10000;
    files_make(files_path(directory, "gone.slow.efi"), 100, 1);
    SetEvent(lab.slow);
    open_files();
    assert_int_equal(look("gone.slow.efi", NULL), BOOT_FILE_READABLE);
    assert_int_equal(look("none.slow.efi", NULL), BOOT_FILE_ABSENT);
    ResetEvent(lab.slow);
    lab.now_ms = 20000;
    for (int i = 0; i < 10; i++)
        assert_int_equal(look("none.slow.efi", NULL), BOOT_FILE_ABSENT);
    assert_int_equal(lab.now_ms, 20000 + BOOTFILES_WAIT_MS);
    for (int i = 0; i < 10; i++) {
        snprintf(client, sizeof client, "10.1.2.%d", i);
        assert_int_equal(look("none.slow.efi", client), BOOT_FILE_READABLE);
        assert_int_equal(look("gone.slow.efi", NULL), BOOT_FILE_READABLE);
    }
    assert_int_equal(lab.now_ms, 20000 + BOOTFILES_WAIT_ALL_MS);
}

static void learns_what_a_slow_disk_says(void **state)
{
    (void)state;
    open_files();
    assert_int_equal(look("slow.efi", NULL), BOOT_FILE_READABLE);
    SetEvent(lab.slow);
    for (int turn = 0; look("slow.efi", NULL) != BOOT_FILE_ABSENT; turn++) {
        CHECK(turn < PATIENCE_MS, "it is never known");
        Sleep(1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(judges_as_tftp_does, set_up, tear_down),
        cmocka_unit_test_setup_teardown(judges_the_final_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(looks_into_the_clients_own_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(remembers_for_a_moment, set_up, tear_down),
        cmocka_unit_test_setup_teardown(does_not_wait_for_a_slow_disk, set_up, tear_down),
        cmocka_unit_test_setup_teardown(waits_once_for_looks_that_hang, set_up, tear_down),
        cmocka_unit_test_setup_teardown(learns_what_a_slow_disk_says, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("bootfiles", tests, NULL, NULL);
}
