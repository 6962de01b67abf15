/* link: -Wl,--wrap=NtSetInformationFile */
/* The name that an upload gets: one that is free, beside one that is taken, or in its place. Never over a file. */
#include "counts.h"
#include "files.h"

#include "win32/disk/file_parts.h"

#include <stdio.h>
#include <stdlib.h>

NTSTATUS NTAPI __real_NtSetInformationFile(HANDLE, IO_STATUS_BLOCK *, void *, ULONG, FILE_INFORMATION_CLASS);
NTSTATUS NTAPI __wrap_NtSetInformationFile(HANDLE, IO_STATUS_BLOCK *, void *, ULONG, FILE_INFORMATION_CLASS);

static unsigned failing_rename; /* its number from 1 on; 0: none */
static unsigned renames;        /* so far */
static LONG below_status;       /* of a rename below a directory's handle, as over SMB; 0: it works */
static unsigned by_path;        /* renames that were asked for by path */

/* FILE_RENAME_INFORMATION */
struct renaming {
    BOOLEAN replaces;
    HANDLE directory;
    ULONG name_bytes;
    wchar_t name[8];
};

NTSTATUS NTAPI __wrap_NtSetInformationFile(HANDLE file, IO_STATUS_BLOCK *block, void *information, ULONG size,
                                           FILE_INFORMATION_CLASS kind)
{
    const struct renaming *renaming = information;

    if (kind == FileRenameInformation && below_status != 0) {
        assert_false(renaming->replaces);
        if (renaming->directory != NULL)
            return below_status;
        assert_memory_equal(renaming->name, L"\\??\\C:\\", 14);
        by_path++;
    }
    if (kind == FileRenameInformation && ++renames == failing_rename)
        return (NTSTATUS)0xC0000022; /* STATUS_ACCESS_DENIED */
    return __real_NtSetInformationFile(file, block, information, size, kind);
}

static const char *directory;
static struct root *root;
static struct upload upload;
static unsigned handles;

static int set_up(void **state)
{
    (void)state;
    failing_rename = renames = by_path = 0;
    below_status = 0;
    directory = files_directory();
    CreateDirectoryA(files_path(directory, "Sub"), NULL);
    files_make(files_path(directory, "There.txt"), 10, 9);
    int error = (int)root_open(&root, directory);
    handles = counts_handles();
    return error;
}

static int set_up_over_smb(void **state)
{
    int error = set_up(state);

    below_status = (LONG)0xC000000D; /* STATUS_INVALID_PARAMETER */
    return error;
}

static int tear_down(void **state)
{
    (void)state;
    root_release(root);
    return 0;
}

static enum status open_wish(const struct upload_wish *wish)
{
    enum status status = upload_prepare(&upload, root, wish);

    return status == STATUS_OK ? upload_create(&upload) : status;
}

static enum status open_name(const char *name)
{
    return open_wish(&(struct upload_wish){.path = name});
}

static void write_some(uint32_t size, unsigned seed)
{
    static uint8_t bytes[1024];

    files_fill(bytes, size, seed, 0);
    assert_int_equal(upload_write(&upload, 0, bytes, size), STATUS_OK);
}

/* What set_up made is all there is, and no handle is left. */
static void check_nothing_left(void)
{
    assert_int_equal(files_count(directory), 2);
    assert_int_equal(files_count(files_path(directory, "Sub")), 0);
    assert_true(files_hold(files_path(directory, "There.txt"), 10, 9));
    assert_int_equal(counts_handles(), handles);
}

static void never_takes_a_name_that_is_taken(void **state)
{
    static const char *const names[] = {"There.txt", "THERE.TXT"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        CHECK(open_name(names[i]) == STATUS_EXISTS, "%s was taken", names[i]);
    HANDLE other = CreateFileA(files_path(directory, "There.txt"), GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    assert_int_equal(open_name("There.txt"), STATUS_EXISTS); /* even where it cannot be looked at */
    CloseHandle(other);
    check_nothing_left();
}

static void never_replaces_what_came_in_between(void **state)
{
    (void)state;
    assert_int_equal(open_name("new.txt"), STATUS_OK);
    write_some(100, 1);
    files_make(files_path(directory, "NEW.txt"), 20, 2);
    assert_int_equal(upload_commit(&upload), STATUS_EXISTS);
    upload_close(&upload);
    assert_true(files_hold(files_path(directory, "NEW.txt"), 20, 2));
    assert_int_equal(files_count(directory), 3);
    DeleteFileA(files_path(directory, "NEW.txt"));
    check_nothing_left();
}

static void lets_the_first_of_two_win(void **state)
{
    struct upload first;

    (void)state;
    assert_int_equal(open_name("new.txt"), STATUS_OK);
    write_some(100, 1);
    first = upload;
    assert_int_equal(open_name("New.txt"), STATUS_OK);
    write_some(200, 2);
    assert_int_equal(upload_commit(&upload), STATUS_OK);
    assert_int_equal(upload_commit(&first), STATUS_EXISTS);
    upload_close(&first);
    upload_close(&upload);
    assert_true(files_hold(files_path(directory, "New.txt"), 200, 2));
    assert_int_equal(files_count(directory), 3);
}

/* The relative path is "There.<date>-<time>.txt", perhaps with a number. */
static void check_stamped(const char *path)
{
    CHECK(strncmp(path, "There.2", 7) == 0 && strcmp(path + strlen(path) - 4, ".txt") == 0, "%s", path);
    assert_true(strlen(path) >= strlen("There.20261122-093005.txt"));
}

static void keeps_both_where_that_is_wished(void **state)
{
    static const struct upload_wish wish = {.path = "There.txt", .when_exists = WHEN_EXISTS_KEEP_BOTH};
    char first[PATH_TEXT_MAX] = "";

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(open_wish(&wish), STATUS_OK);
        check_stamped(upload.path);
        write_some(100 + i, 1);
        assert_int_equal(upload_commit(&upload), STATUS_OK);
        upload_close(&upload);
        check_stamped(upload.path);
        assert_string_not_equal(upload.path, first);
        snprintf(first, sizeof first, "%s", upload.path);
        assert_true(files_hold(files_path(directory, upload.path), 100 + i, 1));
    }
    assert_int_equal(files_count(directory), 5);
    assert_true(files_hold(files_path(directory, "There.txt"), 10, 9));
}

static void keeps_both_of_a_race(void **state)
{
    static const struct upload_wish wish = {.path = "new.txt", .when_exists = WHEN_EXISTS_KEEP_BOTH};

    (void)state;
    assert_int_equal(open_wish(&wish), STATUS_OK);
    assert_string_equal(upload.path, "new.txt");
    write_some(100, 1);
    files_make(files_path(directory, "NEW.txt"), 20, 2);
    assert_int_equal(upload_commit(&upload), STATUS_OK);
    upload_close(&upload);
    assert_memory_equal(upload.path, "new.2", 5);
    assert_true(files_hold(files_path(directory, upload.path), 100, 1));
    assert_true(files_hold(files_path(directory, "NEW.txt"), 20, 2));
    assert_int_equal(files_count(directory), 4);
    assert_int_equal(counts_handles(), handles);
}

/* What a telephone stored last is what it reads back; what it stored before is all there, under the times of its writing. */
static void the_old_one_makes_room_where_that_is_wished(void **state)
{
    static const struct upload_wish wish = {.path = "there.TXT", .when_exists = WHEN_EXISTS_RENAME_OLD};
    static const SYSTEMTIME summer = {.wYear = 2026, .wMonth = 7, .wDay = 22, .wHour = 9, .wMinute = 30, .wSecond = 5};
    SYSTEMTIME universal;
    FILETIME written;

    (void)state;
    TzSpecificLocalTimeToSystemTime(NULL, &summer, &universal);
    SystemTimeToFileTime(&universal, &written);
    for (unsigned i = 0; i < 3; i++) {
        HANDLE file =
            CreateFileA(files_path(directory, "There.txt"), FILE_WRITE_ATTRIBUTES, 7, NULL, OPEN_EXISTING, 0, NULL);
        assert_true(SetFileTime(file, NULL, NULL, &written));
        CloseHandle(file);
        assert_int_equal(open_wish(&wish), STATUS_OK);
        write_some(100 + i, 1);
        assert_int_equal(upload_commit(&upload), STATUS_OK);
        upload_close(&upload);
        assert_true(files_hold(files_path(directory, "there.TXT"), 100 + i, 1));
    }
    assert_true(files_hold(files_path(directory, "there.20260722-093005.TXT"), 10, 9));
    assert_true(files_hold(files_path(directory, "there.20260722-093005-2.TXT"), 100, 1));
    assert_true(files_hold(files_path(directory, "there.20260722-093005-3.TXT"), 101, 1));
    assert_int_equal(files_count(directory), 5);
    assert_int_equal(counts_handles(), handles);
}

/* It is known before the first data, and what cannot be renamed keeps its name. */
static void what_cannot_make_room_refuses(void **state)
{
    static const struct upload_wish wish = {.path = "There.txt", .when_exists = WHEN_EXISTS_RENAME_OLD};
    static const struct upload_wish folder = {.path = "Sub", .when_exists = WHEN_EXISTS_RENAME_OLD};

    (void)state;
    assert_int_equal(open_wish(&folder), STATUS_FOLDER_EXISTS);
    HANDLE file =
        CreateFileA(files_path(directory, "There.txt"), GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    assert_int_equal(open_wish(&wish), STATUS_IN_USE);
    CloseHandle(file);
    assert_int_equal(open_wish(&wish), STATUS_OK);
    write_some(100, 1);
    file = CreateFileA(files_path(directory, "There.txt"), GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    assert_int_equal(upload_commit(&upload), STATUS_IN_USE);
    upload_close(&upload);
    CloseHandle(file);
    assert_true(files_hold(files_path(directory, "There.txt"), 10, 9));
    assert_int_equal(files_count(directory), 2);
    assert_int_equal(counts_handles(), handles);
}

/* Whichever rename fails: the old file has its name, and nothing else is there. */
static void who_made_room_in_vain_gets_its_name_back(void **state)
{
    static const struct upload_wish wish = {.path = "There.txt", .when_exists = WHEN_EXISTS_RENAME_OLD};

    (void)state;
    for (unsigned number = 1; number <= 3; number++) { /* onto the taken name, the old away, onto the free name */
        assert_int_equal(open_wish(&wish), STATUS_OK);
        write_some(100, 1);
        renames = 0;
        failing_rename = number;
        assert_int_equal(upload_commit(&upload), STATUS_DENIED);
        upload_close(&upload);
        check_nothing_left();
    }
}

/* Names as long as names may be are cut for the time: else they are found too long when all data is acknowledged. */
static void long_names_have_room_for_the_time(void **state)
{
    char name[PATH_TEXT_MAX];
    struct upload_wish wish = {.path = name, .when_exists = WHEN_EXISTS_KEEP_BOTH};

    (void)state;
    memset(name, 'n', 246);
    memcpy(name + 246, ".cfg", 5);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(open_wish(&wish), STATUS_OK);
        write_some(100 + i, 1);
        assert_int_equal(upload_commit(&upload), STATUS_OK);
        upload_close(&upload);
        assert_true(files_hold(files_path(directory, upload.path), 100 + i, 1));
    }
    assert_int_equal(strlen(upload.path), 255);
    assert_int_equal(files_count(directory), 4);
}

static void refuses_what_has_no_place(void **state)
{
    char name[PATH_TEXT_MAX];

    (void)state;
    assert_int_equal(open_name("..\\new.txt"), STATUS_OUTSIDE);
    assert_int_equal(open_name("\xff"), STATUS_NOT_FOUND);
    memset(name, 'n', 300); /* longer than a component may be */
    name[300] = 0;
    assert_int_not_equal(open_name(name) == STATUS_OK ? upload_commit(&upload) : STATUS_NOT_FOUND, STATUS_OK);
    if (upload.handle != NULL)
        upload_close(&upload);
    check_nothing_left();
}

/* Whoever has to make it learns which. */
static void names_the_folder_that_is_not_there(void **state)
{
    static const struct {
        const char *name;
        enum status status;
        const char *folder;
    } rows[] = {
        {"none\\new.txt", STATUS_NO_FOLDER, "none"},
        {"none\\a\\b\\new.txt", STATUS_NO_FOLDER, "none"},
        {"Sub\\none\\new.txt", STATUS_NO_FOLDER, "Sub\\none"},
        {"Sub\\none\\a\\new.txt", STATUS_NO_FOLDER, "Sub\\none"},
        {"There.txt\\new.txt", STATUS_NOT_A_FOLDER, "There.txt"},
        {"There.txt\\a\\new.txt", STATUS_NOT_A_FOLDER, "There.txt"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        enum status status = open_name(rows[i].name);
        CHECK(status == rows[i].status, "%s: %d", rows[i].name, status);
        CHECK(strcmp(upload.path, rows[i].folder) == 0, "%s: %s", rows[i].name, upload.path);
    }
    check_nothing_left();
}

static void tells_a_folder_of_that_name_from_a_file(void **state)
{
    (void)state;
    assert_int_equal(open_name("Sub"), STATUS_FOLDER_EXISTS);
    assert_int_equal(open_name("sub"), STATUS_FOLDER_EXISTS);
    assert_int_equal(open_name("There.txt"), STATUS_EXISTS);
    check_nothing_left();
}

static void does_not_leave_the_root_by_a_link(void **state)
{
    char command[2 * FILES_PATH_MAX];

    (void)state;
    snprintf(command, sizeof command, "ln -s /tmp '%s/Sub/out'", files_unix_path(directory));
    files_run_unix(command);
    assert_int_equal(open_name("Sub\\out\\new.txt"), STATUS_OUTSIDE);
    snprintf(command, sizeof command, "rm '%s/Sub/out'", files_unix_path(directory));
    files_run_unix(command);
    handles += 2; /* Wine keeps one for each command */
    check_nothing_left();
}

static void takes_long_names(void **state)
{
    char name[PATH_TEXT_MAX];

    (void)state;
    memset(name, 'd', 240);
    strcpy(name + 240, "\\");
    char *leaf = name + 241;
    name[240] = 0;
    wchar_t path[FILES_PATH_MAX];
    swprintf(path, FILES_PATH_MAX, L"\\\\?\\%hs\\%hs", directory, name);
    assert_true(CreateDirectoryW(path, NULL));
    name[240] = '\\';
    memset(leaf, 'f', 250);
    leaf[250] = 0;
    assert_int_equal(open_name(name), STATUS_OK);
    write_some(100, 1);
    assert_int_equal(upload_commit(&upload), STATUS_OK);
    upload_close(&upload);
    swprintf(path, FILES_PATH_MAX, L"\\\\?\\%hs\\%hs", directory, name);
    assert_int_not_equal(GetFileAttributesW(path), INVALID_FILE_ATTRIBUTES);
}

static void is_named_by_its_path_where_no_handle_is_taken(void **state)
{
    static const struct {
        uint32_t status;
        bool is_stored;
    } rows[] = {{0xC000000D, true}, {0xC00000BB, true}, {0xC0000001, false}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        below_status = (LONG)rows[i].status;
        by_path = 0;
        assert_int_equal(open_name("Sub\\new.txt"), STATUS_OK);
        write_some(100, 1);
        CHECK(upload_commit(&upload) == (rows[i].is_stored ? STATUS_OK : STATUS_BROKEN), "%08x", rows[i].status);
        assert_int_equal(by_path, rows[i].is_stored);
        upload_close(&upload);
        CHECK(files_hold(files_path(directory, "Sub\\new.txt"), 100, 1) == rows[i].is_stored, "%08x", rows[i].status);
        DeleteFileA(files_path(directory, "Sub\\new.txt"));
    }
    check_nothing_left();
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

#define OVER_SMB(function) ((struct CMUnitTest){#function "_over_smb", function, set_up_over_smb, tear_down, NULL})

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(never_takes_a_name_that_is_taken),
        TEST(never_replaces_what_came_in_between),
        TEST(lets_the_first_of_two_win),
        TEST(keeps_both_where_that_is_wished),
        TEST(keeps_both_of_a_race),
        TEST(the_old_one_makes_room_where_that_is_wished),
        TEST(what_cannot_make_room_refuses),
        TEST(who_made_room_in_vain_gets_its_name_back),
        TEST(long_names_have_room_for_the_time),
        TEST(refuses_what_has_no_place),
        TEST(names_the_folder_that_is_not_there),
        TEST(tells_a_folder_of_that_name_from_a_file),
        TEST(does_not_leave_the_root_by_a_link),
        TEST(takes_long_names),
        TEST(is_named_by_its_path_where_no_handle_is_taken),
        OVER_SMB(never_replaces_what_came_in_between),
        OVER_SMB(keeps_both_of_a_race),
        OVER_SMB(the_old_one_makes_room_where_that_is_wished),
        OVER_SMB(who_made_room_in_vain_gets_its_name_back),
        OVER_SMB(takes_long_names),
    };

    return cmocka_run_group_tests_name("upload-name", tests, NULL, NULL) != 0;
}
