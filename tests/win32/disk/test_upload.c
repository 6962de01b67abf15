/* link: -Wl,--wrap=__imp_WriteFile,--wrap=__imp_SetFileInformationByHandle,--wrap=__imp_GetFileInformationByHandleEx,--wrap=NtQueryVolumeInformationFile,--wrap=__imp_FlushFileBuffers,--wrap=__imp_GetTickCount64 */
#include "counts.h"
#include "files.h"

#include "win32/disk/file_parts.h"

#include <stdio.h>

typedef BOOL(WINAPI *write_file)(HANDLE, const void *, DWORD, DWORD *, OVERLAPPED *);
extern write_file __real___imp_WriteFile;
extern write_file __wrap___imp_WriteFile;
typedef BOOL(WINAPI *set_information)(HANDLE, FILE_INFO_BY_HANDLE_CLASS, void *, DWORD);
extern set_information __real___imp_SetFileInformationByHandle;
extern set_information __wrap___imp_SetFileInformationByHandle;
typedef BOOL(WINAPI *get_information)(HANDLE, FILE_INFO_BY_HANDLE_CLASS, void *, DWORD);
extern get_information __real___imp_GetFileInformationByHandleEx;
extern get_information __wrap___imp_GetFileInformationByHandleEx;
NTSTATUS NTAPI __real_NtQueryVolumeInformationFile(HANDLE, IO_STATUS_BLOCK *, void *, ULONG, FS_INFORMATION_CLASS);
NTSTATUS NTAPI __wrap_NtQueryVolumeInformationFile(HANDLE, IO_STATUS_BLOCK *, void *, ULONG, FS_INFORMATION_CLASS);
typedef ULONGLONG(WINAPI *tick_count)(void);
extern tick_count __wrap___imp_GetTickCount64;
typedef BOOL(WINAPI *flush)(HANDLE);
extern flush __real___imp_FlushFileBuffers;
extern flush __wrap___imp_FlushFileBuffers;

enum deletion { TAKEN_BACK, REFUSED_TO_TAKE_BACK, NOT_TAKEN_BACK };

/* What the system is made to answer. */
static struct {
    DWORD write_error;
    bool writes_half;
    FILE_INFO_BY_HANDLE_CLASS failing; /* kind of information that cannot be set */
    DWORD set_error;
    enum deletion deletion; /* what becomes of one that is to be taken back */
    HANDLE deleted;         /* the last that is to be deleted with its handle */
    bool knows_no_space;
    uint64_t space;       /* 0: as it is */
    unsigned space_looks; /* how often it was asked for */
    ULONGLONG now_ms;
    DWORD flush_error;
    unsigned failing_flush;  /* its number from 1 on; 0: all of them */
    unsigned flushes;        /* so far */
    unsigned flushes_before; /* of them those while the upload had no name yet */
} lab;

static const char *directory;

static BOOL WINAPI lab_write(HANDLE file, const void *bytes, DWORD size, DWORD *written, OVERLAPPED *place)
{
    if (GetFileType(file) == FILE_TYPE_DISK && lab.write_error != 0) {
        SetLastError(lab.write_error);
        return FALSE;
    }
    return __real___imp_WriteFile(file, bytes, lab.writes_half ? size / 2 : size, written, place);
}
write_file __wrap___imp_WriteFile = lab_write;

static ULONGLONG WINAPI lab_ticks(void)
{
    return lab.now_ms;
}
tick_count __wrap___imp_GetTickCount64 = lab_ticks;

static BOOL set_deletion(HANDLE file, FILE_DISPOSITION_INFO *disposition)
{
    if (disposition->DeleteFile || lab.deletion == TAKEN_BACK) {
        lab.deleted = disposition->DeleteFile ? file : NULL;
        return __real___imp_SetFileInformationByHandle(file, FileDispositionInfo, disposition, sizeof *disposition);
    }
    SetLastError(ERROR_NOT_SUPPORTED);
    return lab.deletion == NOT_TAKEN_BACK;
}

/* Wine does not know what is pending. */
static BOOL WINAPI lab_get(HANDLE file, FILE_INFO_BY_HANDLE_CLASS kind, void *information, DWORD size)
{
    BOOL is_known = __real___imp_GetFileInformationByHandleEx(file, kind, information, size);

    if (is_known && kind == FileStandardInfo)
        ((FILE_STANDARD_INFO *)information)->DeletePending = file == lab.deleted;
    return is_known;
}
get_information __wrap___imp_GetFileInformationByHandleEx = lab_get;

static BOOL WINAPI lab_set(HANDLE file, FILE_INFO_BY_HANDLE_CLASS kind, void *information, DWORD size)
{
    if (lab.set_error != 0 && kind == lab.failing) {
        SetLastError(lab.set_error);
        return FALSE;
    }
    if (kind == FileDispositionInfo)
        return set_deletion(file, information);
    return __real___imp_SetFileInformationByHandle(file, kind, information, size);
}
set_information __wrap___imp_SetFileInformationByHandle = lab_set;

NTSTATUS NTAPI __wrap_NtQueryVolumeInformationFile(HANDLE file, IO_STATUS_BLOCK *block, void *information, ULONG size,
                                                   FS_INFORMATION_CLASS kind)
{
    if (kind != FileFsSizeInformation)
        return __real_NtQueryVolumeInformationFile(file, block, information, size, kind);
    lab.space_looks++;
    if (lab.knows_no_space)
        return (NTSTATUS)0xC00000BB; /* STATUS_NOT_SUPPORTED */
    NTSTATUS status = __real_NtQueryVolumeInformationFile(file, block, information, size, kind);
    if (lab.space != 0)
        *(FILE_FS_SIZE_INFORMATION *)information =
            (FILE_FS_SIZE_INFORMATION){.AvailableAllocationUnits.QuadPart = (LONGLONG)lab.space / 4,
                                       .SectorsPerAllocationUnit = 2,
                                       .BytesPerSector = 2};
    return status;
}

static BOOL WINAPI lab_flush(HANDLE file)
{
    lab.flushes++;
    lab.flushes_before += !files_exist(files_path(directory, "new.txt"));
    if (lab.flush_error != 0 && (lab.failing_flush == 0 || lab.failing_flush == lab.flushes)) {
        SetLastError(lab.flush_error);
        return FALSE;
    }
    return __real___imp_FlushFileBuffers(file);
}
flush __wrap___imp_FlushFileBuffers = lab_flush;

static struct root *root;
static struct upload upload;
static unsigned handles;

static int set_up(void **state)
{
    (void)state;
    memset(&lab, 0, sizeof lab);
    directory = files_directory();
    CreateDirectoryA(files_path(directory, "Sub"), NULL);
    files_make(files_path(directory, "There.txt"), 10, 9);
    int error = (int)root_open(&root, directory);
    handles = counts_handles();
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

    if (status != STATUS_OK)
        return status;
    status = upload_create(&upload);
    if (status != STATUS_OK) {
        assert_null(upload.handle); /* else it would be closed twice */
        upload_close(&upload);
    }
    return status;
}

static enum status open_name(const char *name)
{
    return open_wish(&(struct upload_wish){.path = name});
}

static enum status open_sized(uint64_t announced, uint64_t free_bytes_min)
{
    return open_wish(
        &(struct upload_wish){.path = "new.txt", .announced = announced, .free_bytes_min = free_bytes_min});
}

static void write_some(size_t size, unsigned seed)
{
    static uint8_t bytes[4096];

    for (size_t offset = 0; offset < size; offset += sizeof bytes) {
        size_t here = size - offset < sizeof bytes ? size - offset : sizeof bytes;
        files_fill(bytes, here, seed, offset);
        assert_int_equal(upload_write(&upload, offset, bytes, (uint32_t)here), STATUS_OK);
    }
}

/* What set_up made is all there is, and no handle is left. */
static void check_nothing_left(void)
{
    assert_int_equal(files_count(directory), 2);
    assert_int_equal(files_count(files_path(directory, "Sub")), 0);
    assert_true(files_hold(files_path(directory, "There.txt"), 10, 9));
    assert_int_equal(counts_handles(), handles);
}

static void is_whole_once_it_is_committed(void **state)
{
    static const char *const names[] = {"new.txt", "Sub\\new.txt"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_int_equal(open_name(names[i]), STATUS_OK);
        assert_string_equal(upload.path, names[i]);
        write_some(10000, 1);
        assert_int_equal(upload_commit(&upload), STATUS_OK);
        upload_close(&upload);
        assert_true(files_hold(files_path(directory, names[i]), 10000, 1));
    }
    assert_int_equal(files_count(directory), 3);
    assert_int_equal(counts_handles(), handles);
    upload_close(&upload); /* does no harm */
}

static void is_not_seen_before(void **state)
{
    WIN32_FIND_DATAA found;

    (void)state;
    assert_int_equal(open_name("new.txt"), STATUS_OK);
    write_some(100, 1);
    assert_false(files_exist(files_path(directory, "new.txt")));
    /* Its name meanwhile is one that no client can ask for, in the directory it will be in. */
    HANDLE search = FindFirstFileA(files_path(directory, "*.part"), &found);
    assert_true(search != INVALID_HANDLE_VALUE);
    FindClose(search);
    assert_memory_equal(found.cFileName, PATH_UPLOAD_PREFIX, strlen(PATH_UPLOAD_PREFIX));
    assert_true(CreateFileA(files_path(directory, found.cFileName), GENERIC_READ,
                            FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0,
                            NULL) == INVALID_HANDLE_VALUE);
    upload_close(&upload);
    check_nothing_left();
}

static void leaves_nothing_when_it_is_given_up(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(open_name(i == 1 ? "Sub\\new.txt" : "new.txt"), STATUS_OK);
        write_some((size_t)i * 5000, 1);
        upload_close(&upload);
        check_nothing_left();
    }
}

static void spells_its_directory_as_the_file_system_does(void **state)
{
    (void)state;
    assert_int_equal(open_name("sUB\\New.TXT"), STATUS_OK);
    assert_string_equal(upload.path, "Sub\\New.TXT");
    upload_close(&upload);
}

static void keeps_room_on_the_disk(void **state)
{
    uint8_t byte = 0;

    (void)state;
    assert_int_equal(open_sized(0, UINT64_MAX), STATUS_FULL);
    lab.space = 1000;
    assert_int_equal(open_sized(601, 400), STATUS_FULL);
    assert_int_equal(open_sized(0, 1001), STATUS_FULL);
    assert_int_equal(open_sized(UINT64_MAX, 400), STATUS_FULL);
    check_nothing_left();
    assert_int_equal(open_sized(600, 400), STATUS_OK);
    assert_int_equal(upload_write(&upload, 0, &byte, 1), STATUS_OK);
    lab.space = 400; /* others fill the disk */
    lab.now_ms += UPLOAD_LOOK_MS;
    assert_int_equal(upload_write(&upload, 1, &byte, 1), STATUS_FULL);
    lab.knows_no_space = true; /* then the write itself will tell */
    assert_int_equal(upload_write(&upload, 1, &byte, 1), STATUS_OK);
    upload_close(&upload);
    check_nothing_left();
}

static void write_block(uint64_t number, enum status expected)
{
    static uint8_t bytes[65536];

    assert_int_equal(upload_write(&upload, number * sizeof bytes, bytes, sizeof bytes), expected);
}

/* A look is a round trip to a share. */
static void looks_at_the_free_space_now_and_then(void **state)
{
    enum { BLOCKS = UPLOAD_LOOK_BYTES / 65536 };

    (void)state;
    lab.space = 1ull << 40;
    assert_int_equal(open_sized(0, 400), STATUS_OK);
    assert_int_equal(lab.space_looks, 1);
    for (unsigned i = 0; i < 2 * BLOCKS; i++) {
        write_block(i % 4, STATUS_OK);
        CHECK(lab.space_looks == 1 + i / BLOCKS, "%u looks after %u blocks", lab.space_looks, i + 1);
    }
    lab.now_ms += UPLOAD_LOOK_MS - 1;
    write_block(0, STATUS_OK);
    assert_int_equal(lab.space_looks, 3);
    lab.now_ms += UPLOAD_LOOK_MS;
    write_block(0, STATUS_OK);
    assert_int_equal(lab.space_looks, 4);
    lab.now_ms += UPLOAD_LOOK_MS - 1;
    write_block(0, STATUS_OK);
    assert_int_equal(lab.space_looks, 4);
    upload_close(&upload);
}

/* One upload alone leaves what it is to leave, to the block: what it was told fits is all that it takes for known. */
static void leaves_what_is_to_stay_free(void **state)
{
    (void)state;
    lab.space = 400 + 2 * 65536 + 100;
    assert_int_equal(open_sized(0, 400), STATUS_OK);
    for (unsigned i = 0; i < 2; i++) {
        write_block(i, STATUS_OK);
        lab.space -= 65536;
    }
    assert_int_equal(lab.space_looks, 1);
    write_block(2, STATUS_FULL);
    assert_int_equal(lab.space_looks, 2);
    upload_close(&upload);
    check_nothing_left();
}

/* A share that keeps to a deletion, whether it says so or not: told before a byte is written, not at the end. */
static void is_stored_where_no_deletion_can_be_taken_back(void **state)
{
    static const enum deletion kinds[] = {REFUSED_TO_TAKE_BACK, NOT_TAKEN_BACK};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        lab.deletion = kinds[i];
        assert_int_equal(open_name("new.txt"), STATUS_OK);
        write_some(10000, 1);
        assert_int_equal(files_count(directory), 3);
        assert_int_equal(upload_commit(&upload), STATUS_OK);
        upload_close(&upload);
        assert_true(files_hold(files_path(directory, "new.txt"), 10000, 1));
        assert_true(DeleteFileA(files_path(directory, "new.txt")));
        assert_int_equal(open_name("new.txt"), STATUS_OK);
        write_some(100, 1);
        upload_close(&upload); /* given up */
        check_nothing_left();
        lab.flush_error = ERROR_CRC;
        assert_int_equal(open_name("new.txt"), STATUS_OK);
        assert_int_equal(upload_commit(&upload), STATUS_BROKEN);
        upload_close(&upload);
        check_nothing_left();
        lab.flush_error = 0;
    }
}

static void tells_why_a_write_failed(void **state)
{
    uint8_t bytes[100] = {0};

    (void)state;
    assert_int_equal(open_name("new.txt"), STATUS_OK);
    lab.write_error = ERROR_DISK_FULL;
    assert_int_equal(upload_write(&upload, 0, bytes, sizeof bytes), STATUS_FULL);
    lab.write_error = ERROR_HANDLE_DISK_FULL;
    assert_int_equal(upload_write(&upload, 0, bytes, sizeof bytes), STATUS_FULL);
    lab.write_error = ERROR_CRC;
    assert_int_equal(upload_write(&upload, 0, bytes, sizeof bytes), STATUS_BROKEN);
    assert_int_equal(upload.error, ERROR_CRC);
    lab.write_error = 0;
    lab.writes_half = true;
    assert_int_equal(upload_write(&upload, 0, bytes, sizeof bytes), STATUS_FULL);
    upload_close(&upload);
    check_nothing_left();
}

/* The data before it has its name, and the name before anybody hears of it: a power cut behind that loses nothing. */
static void flushes_its_data_and_then_its_name(void **state)
{
    (void)state;
    assert_int_equal(open_name("new.txt"), STATUS_OK);
    write_some(100, 1);
    assert_int_equal(lab.flushes, 0);
    assert_int_equal(upload_commit(&upload), STATUS_OK);
    assert_int_equal(lab.flushes, 2);
    assert_int_equal(lab.flushes_before, 1);
    upload_close(&upload);
}

static void is_stored_where_nothing_can_be_flushed(void **state)
{
    static const DWORD errors[] = {ERROR_INVALID_FUNCTION, ERROR_NOT_SUPPORTED, ERROR_INVALID_PARAMETER};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        lab.flush_error = errors[i];
        assert_int_equal(open_name("new.txt"), STATUS_OK);
        write_some(100, 1);
        CHECK(upload_commit(&upload) == STATUS_OK, "error %lu", errors[i]);
        assert_int_equal(upload.error, 0);
        upload_close(&upload);
        assert_true(files_hold(files_path(directory, "new.txt"), 100, 1));
        assert_true(DeleteFileA(files_path(directory, "new.txt")));
    }
    check_nothing_left();
}

static void is_refused_when_a_flush_fails(void **state)
{
    static const struct {
        DWORD error;
        enum status status;
    } rows[] = {
        {ERROR_CRC, STATUS_BROKEN},           {ERROR_IO_DEVICE, STATUS_BROKEN}, {ERROR_NETNAME_DELETED, STATUS_BROKEN},
        {ERROR_NOT_READY, STATUS_BROKEN},     {ERROR_DISK_FULL, STATUS_FULL},   {ERROR_UNEXP_NET_ERR, STATUS_BROKEN},
        {ERROR_WRITE_PROTECT, STATUS_DENIED},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (unsigned failing = 1; failing <= 2; failing++) {
            lab.flush_error = rows[i].error;
            lab.failing_flush = failing;
            lab.flushes = 0;
            assert_int_equal(open_name("new.txt"), STATUS_OK);
            write_some(100, 1);
            CHECK(upload_commit(&upload) == rows[i].status, "error %lu of flush %u", rows[i].error, failing);
            assert_int_equal(upload.error, rows[i].error);
            upload_close(&upload);
            check_nothing_left();
        }
}

/* Whatever becomes of the upload, what was there is there under its name. */
static void gives_the_old_file_its_name_back_when_a_flush_fails(void **state)
{
    static const struct upload_wish wish = {.path = "There.txt", .when_exists = WHEN_EXISTS_RENAME_OLD};

    (void)state;
    lab.flush_error = ERROR_CRC;
    for (lab.failing_flush = 1; lab.failing_flush <= 2; lab.failing_flush++) {
        lab.flushes = 0;
        assert_int_equal(open_wish(&wish), STATUS_OK);
        write_some(100, 1);
        assert_int_equal(upload_commit(&upload), STATUS_BROKEN);
        assert_int_equal(upload.error, ERROR_CRC);
        upload_close(&upload);
        check_nothing_left();
    }
}

static void writes_where_it_is_told(void **state)
{
    const uint64_t distant = (5ull << 30) + 3;
    LARGE_INTEGER size;
    uint8_t byte = 7;

    (void)state;
    assert_int_equal(open_name("new.txt"), STATUS_OK);
    assert_int_equal(upload_write(&upload, distant, &byte, 1), STATUS_OK);
    assert_true(GetFileSizeEx(upload.handle, &size));
    assert_true((uint64_t)size.QuadPart == distant + 1);
    upload_close(&upload);
    check_nothing_left();
}

static void leaves_nothing_when_the_rename_fails(void **state)
{
    (void)state;
    assert_int_equal(open_name("new.txt"), STATUS_OK);
    HANDLE parent = upload.parent;
    upload.parent = upload.handle; /* no directory: nothing can be named below it */
    assert_int_not_equal(upload_commit(&upload), STATUS_OK);
    upload.parent = parent;
    upload_close(&upload);
    check_nothing_left();
}

/* A file that would not disappear by itself must not be begun; closing afterwards must touch nothing of others. */
static void holds_nothing_when_it_cannot_be_begun(void **state)
{
    (void)state;
    lab.failing = FileDispositionInfo;
    lab.set_error = ERROR_NOT_SUPPORTED;
    assert_int_not_equal(open_name("new.txt"), STATUS_OK);
    assert_null(upload.handle);
    upload_close(&upload);
    assert_int_equal(counts_handles(), handles);
}

static void outlives_a_change_of_the_start_directory(void **state)
{
    (void)state;
    assert_int_equal(open_name("new.txt"), STATUS_OK);
    root_release(root);
    root = NULL;
    write_some(100, 1);
    assert_int_equal(upload_commit(&upload), STATUS_OK);
    upload_close(&upload);
    assert_true(files_hold(files_path(directory, "new.txt"), 100, 1));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(is_whole_once_it_is_committed),
        TEST(is_not_seen_before),
        TEST(leaves_nothing_when_it_is_given_up),
        TEST(spells_its_directory_as_the_file_system_does),
        TEST(keeps_room_on_the_disk),
        TEST(looks_at_the_free_space_now_and_then),
        TEST(leaves_what_is_to_stay_free),
        TEST(is_stored_where_no_deletion_can_be_taken_back),
        TEST(tells_why_a_write_failed),
        TEST(flushes_its_data_and_then_its_name),
        TEST(is_stored_where_nothing_can_be_flushed),
        TEST(is_refused_when_a_flush_fails),
        TEST(gives_the_old_file_its_name_back_when_a_flush_fails),
        TEST(writes_where_it_is_told),
        TEST(leaves_nothing_when_the_rename_fails),
        TEST(holds_nothing_when_it_cannot_be_begun),
        TEST(outlives_a_change_of_the_start_directory),
    };

    return cmocka_run_group_tests_name("upload", tests, NULL, NULL) != 0;
}
