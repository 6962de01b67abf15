/* link: -Wl,--wrap=__imp_WriteFile,--wrap=__imp_GetFileInformationByHandle */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "win32/log/logfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 65536, NO_ROTATION = 1 << 20 };

typedef BOOL(WINAPI *write_file)(HANDLE, const void *, DWORD, DWORD *, OVERLAPPED *);
extern write_file __real___imp_WriteFile;
extern write_file __wrap___imp_WriteFile;

static DWORD write_error; /* what WriteFile fails with, 0: it does not */

static BOOL WINAPI maybe_write(HANDLE file, const void *bytes, DWORD size, DWORD *written, OVERLAPPED *overlapped)
{
    if (!write_error || GetFileType(file) != FILE_TYPE_DISK)
        return __real___imp_WriteFile(file, bytes, size, written, overlapped);
    SetLastError(write_error);
    return FALSE;
}
write_file __wrap___imp_WriteFile = maybe_write;

typedef BOOL(WINAPI *get_information)(HANDLE, BY_HANDLE_FILE_INFORMATION *);
extern get_information __real___imp_GetFileInformationByHandle;
extern get_information __wrap___imp_GetFileInformationByHandle;

static bool is_link; /* what is opened is one, or one of two names of a file; Wine does not say so */
static DWORD name_count;

static BOOL WINAPI tell_information(HANDLE file, BY_HANDLE_FILE_INFORMATION *information)
{
    BOOL is_told = __real___imp_GetFileInformationByHandle(file, information);

    if (is_link)
        information->dwFileAttributes |= FILE_ATTRIBUTE_REPARSE_POINT;
    information->nNumberOfLinks = name_count;
    return is_told;
}
get_information __wrap___imp_GetFileInformationByHandle = tell_information;

static const char directory[] = "C:\\tftpd-logfile-test";

static const char *path_of(const char *name)
{
    static char path[MAX_PATH];

    snprintf(path, sizeof path, "%s\\%s", directory, name);
    return path;
}

static int empty_directory(void **state)
{
    char name[16];

    (void)state;
    write_error = 0;
    is_link = false;
    name_count = 1;
    CreateDirectoryA(directory, NULL);
    DeleteFileA(path_of("tftpd.log"));
    for (int i = 1; i < 10; i++) {
        snprintf(name, sizeof name, "tftpd.log.%d", i);
        DeleteFileA(path_of(name));
    }
    return 0;
}

/* The file's bytes as text; "(none)" when there is no such file. */
static const char *content(const char *name)
{
    static char text[TEXT_MAX];
    FILE *file = fopen(path_of(name), "rb");

    if (!file)
        return "(none)";
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    return text;
}

static void write_name(struct logfile *logfile, const char *name)
{
    struct event event = event_of(EVENT_PARAMETER_UNKNOWN, name, NULL);
    SYSTEMTIME local = {.wYear = 2026};
    struct journal_sink sink = logfile_sink(logfile);

    sink.write(sink.context, &event, &local);
}

static struct config config_of(uint32_t bytes_max, uint32_t files)
{
    return (struct config){.log_bytes_max = bytes_max, .log_files = files};
}

static const struct config no_rotation = {.log_bytes_max = NO_ROTATION, .log_files = 1};

static struct logfile *open_log(uint32_t bytes_max, uint32_t files)
{
    struct config config = config_of(bytes_max, files);
    struct logfile *logfile;

    assert_int_equal(logfile_open(&logfile, directory, &config), 0);
    return logfile;
}

static void appends_to_what_is_there(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct logfile *logfile = open_log(NO_ROTATION, 1);
        write_name(logfile, i == 0 ? "first" : "second");
        logfile_close(logfile);
    }
    const char *text = content("tftpd.log");
    const char *first = strstr(text, "the parameter first is");
    const char *second = strstr(text, "the parameter second is");
    assert_non_null(first);
    assert_non_null(second);
    assert_true(first < second);
    assert_string_equal(content("tftpd.log.1"), "(none)");
}

static int failures;
static DWORD failure_error;
static char failure_path[MAX_PATH];

static void on_failed(void *context, const char *path, DWORD error)
{
    assert_ptr_equal(context, &failures);
    failures++;
    failure_error = error;
    snprintf(failure_path, sizeof failure_path, "%s", path);
}

static void takes_a_directory_with_separator(void **state)
{
    struct logfile *logfile;

    (void)state;
    assert_int_equal(logfile_open(&logfile, "C:\\tftpd-logfile-test\\", &no_rotation), 0);
    logfile_on_failure(logfile, on_failed, &failures);
    write_name(logfile, "x");
    write_error = ERROR_DISK_FULL;
    write_name(logfile, "y");
    logfile_close(logfile);
    assert_non_null(strstr(content("tftpd.log"), "parameter x"));
    assert_string_equal(failure_path, path_of("tftpd.log")); /* no separator too many */
}

/* A reader of JSON must not stumble over lines of text, nor the other way round. */
static void begins_a_new_file_for_another_format(void **state)
{
    static const enum log_format formats[] = {LOG_FORMAT_TEXT, LOG_FORMAT_JSON, LOG_FORMAT_JSON, LOG_FORMAT_TEXT};
    struct config config = config_of(NO_ROTATION, 9);
    char names[16];

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct logfile *logfile;
        config.log_format = formats[i];
        assert_int_equal(logfile_open(&logfile, directory, &config), 0);
        snprintf(names, sizeof names, "name%u", i);
        write_name(logfile, names);
        logfile_close(logfile);
    }
    assert_non_null(strstr(content("tftpd.log.2"), "the parameter name0 is not known"));
    const char *json = content("tftpd.log.1");
    assert_memory_equal(json, "{\"time\":\"", 9);
    assert_non_null(strstr(json,
                           "Z\",\"id\":121,\"level\":\"warning\",\"category\":\"parameters\","
                           "\"event\":\"parameter_unknown\",\"name\":\"name1\",\"text\":\"the parameter name1 is "));
    assert_non_null(strstr(json, "names\"}\n{\"time\":"));
    assert_non_null(strstr(json, "\"name\":\"name2\""));
    assert_non_null(strstr(content("tftpd.log"), "the parameter name3 is not known"));
    assert_string_equal(content("tftpd.log.3"), "(none)");
}

static void lets_others_read_only(void **state)
{
    struct logfile *logfile = open_log(NO_ROTATION, 1);
    DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    const char *path = path_of("tftpd.log");

    (void)state;
    write_name(logfile, "seen");
    assert_non_null(strstr(content("tftpd.log"), "seen"));
    assert_true(CreateFileA(path, GENERIC_WRITE, share, NULL, OPEN_EXISTING, 0, NULL) == INVALID_HANDLE_VALUE);
    assert_int_equal(GetLastError(), ERROR_SHARING_VIOLATION);
    assert_false(DeleteFileA(path));
    logfile_close(logfile);
}

static void says_why_it_cannot_open(void **state)
{
    struct logfile *logfile = NULL;
    HANDLE other = CreateFileA(path_of("tftpd.log"), GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);

    (void)state;
    assert_int_equal(logfile_open(&logfile, "C:\\tftpd-no-such-directory", &no_rotation), ERROR_PATH_NOT_FOUND);
    assert_int_equal(logfile_open(&logfile, directory, &no_rotation), ERROR_SHARING_VIOLATION);
    assert_null(logfile);
    CloseHandle(other);
}

/* Each line is larger than half the limit, so each begins a new file. */
static void keeps_as_many_old_files_as_told(void **state)
{
    static const char *const names[] = {"one", "two", "three", "four", "five"};
    struct logfile *logfile = open_log(150, 3);

    (void)state;
    for (size_t i = 0; i < 5; i++)
        write_name(logfile, names[i]);
    logfile_close(logfile);
    assert_non_null(strstr(content("tftpd.log"), "five"));
    assert_null(strstr(content("tftpd.log"), "four"));
    assert_non_null(strstr(content("tftpd.log.1"), "four"));
    assert_non_null(strstr(content("tftpd.log.2"), "three"));
    assert_non_null(strstr(content("tftpd.log.3"), "two"));
    assert_string_equal(content("tftpd.log.4"), "(none)");
}

static void counts_what_was_there_before(void **state)
{
    (void)state;
    struct logfile *logfile = open_log(150, 2);
    write_name(logfile, "old");
    logfile_close(logfile);
    logfile = open_log(150, 2);
    write_name(logfile, "new");
    logfile_close(logfile);
    assert_non_null(strstr(content("tftpd.log.1"), "old"));
    assert_non_null(strstr(content("tftpd.log"), "new"));
}

static void goes_on_when_it_cannot_rotate(void **state)
{
    struct logfile *logfile = open_log(150, 2);

    (void)state;
    write_name(logfile, "zero");
    write_name(logfile, "one");
    /* a reader that does not share deletion, so the file cannot be renamed */
    HANDLE reader = CreateFileA(path_of("tftpd.log"), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                                OPEN_EXISTING, 0, NULL);
    assert_true(reader != INVALID_HANDLE_VALUE);
    write_name(logfile, "two");
    assert_non_null(strstr(content("tftpd.log"), "one"));
    assert_non_null(strstr(content("tftpd.log"), "two"));
    assert_non_null(strstr(content("tftpd.log.1"), "zero")); /* the old ones were not moved on for nothing */
    CloseHandle(reader);
    for (int i = 0; i < 1000; i++) /* more than what it waits before it tries again */
        write_name(logfile, "many");
    logfile_close(logfile);
    assert_non_null(strstr(content("tftpd.log.1"), "many"));
}

static void tells_the_first_failure_only(void **state)
{
    struct logfile *logfile = open_log(NO_ROTATION, 1);

    (void)state;
    failures = 0;
    logfile_on_failure(logfile, on_failed, &failures);
    write_error = ERROR_DISK_FULL;
    write_name(logfile, "lost");
    write_name(logfile, "lost");
    assert_int_equal(failures, 1);
    assert_int_equal(failure_error, ERROR_DISK_FULL);
    assert_string_equal(failure_path, path_of("tftpd.log"));
    write_error = 0;
    write_name(logfile, "back");
    assert_int_equal(failures, 1);
    write_error = ERROR_DISK_FULL;
    write_name(logfile, "lost");
    assert_int_equal(failures, 2);
    write_error = 0;
    logfile_close(logfile);
    assert_non_null(strstr(content("tftpd.log"), "back"));
    assert_null(strstr(content("tftpd.log"), "lost"));
}

/* Where others may write in the directory, a link could have the service write into a file that they may not. */
static void writes_through_no_link(void **state)
{
    struct logfile *logfile;

    (void)state;
    name_count = 2;
    assert_int_equal(logfile_open(&logfile, directory, &no_rotation), ERROR_TOO_MANY_LINKS);
    name_count = 1;
    is_link = true;
    assert_int_equal(logfile_open(&logfile, directory, &no_rotation), ERROR_STOPPED_ON_SYMLINK);
    is_link = false;
    assert_int_equal(logfile_open(&logfile, directory, &no_rotation), 0);
    logfile_close(logfile);
}

/* Nor does a rotation that made room for one. */
static void writes_through_no_link_later_either(void **state)
{
    struct logfile *logfile = open_log(1, 1);

    (void)state;
    failures = 0;
    logfile_on_failure(logfile, on_failed, &failures);
    write_name(logfile, "first");
    is_link = true;
    write_name(logfile, "second");
    assert_int_equal(failures, 1);
    assert_int_equal(failure_error, ERROR_STOPPED_ON_SYMLINK);
    is_link = false;
    write_name(logfile, "third");
    assert_int_equal(failures, 1);
    logfile_close(logfile);
    assert_null(strstr(content("tftpd.log"), "second"));
    assert_non_null(strstr(content("tftpd.log"), "third"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(appends_to_what_is_there, empty_directory),
        cmocka_unit_test_setup(takes_a_directory_with_separator, empty_directory),
        cmocka_unit_test_setup(begins_a_new_file_for_another_format, empty_directory),
        cmocka_unit_test_setup(lets_others_read_only, empty_directory),
        cmocka_unit_test_setup(says_why_it_cannot_open, empty_directory),
        cmocka_unit_test_setup(keeps_as_many_old_files_as_told, empty_directory),
        cmocka_unit_test_setup(counts_what_was_there_before, empty_directory),
        cmocka_unit_test_setup(goes_on_when_it_cannot_rotate, empty_directory),
        cmocka_unit_test_setup(tells_the_first_failure_only, empty_directory),
        cmocka_unit_test_setup(writes_through_no_link, empty_directory),
        cmocka_unit_test_setup(writes_through_no_link_later_either, empty_directory),
    };

    return cmocka_run_group_tests_name("logfile", tests, NULL, NULL) != 0;
}
