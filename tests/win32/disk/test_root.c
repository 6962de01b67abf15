/* link: -Wl,--wrap=NtCreateFile,--wrap=__imp_CreateFileW,--wrap=__imp_GetTickCount64,--wrap=__imp_GetFinalPathNameByHandleW */
#include "counts.h"
#include "files.h"

#include "win32/disk/file_parts.h"

#include <stdio.h>

enum { NEWS_MAX = 16, THREADS = 4 };

typedef ULONGLONG(WINAPI *tick_count)(void);
extern tick_count __real___imp_GetTickCount64;
extern tick_count __wrap___imp_GetTickCount64;
typedef HANDLE(WINAPI *create_file)(const WCHAR *, DWORD, DWORD, SECURITY_ATTRIBUTES *, DWORD, DWORD, HANDLE);
extern create_file __real___imp_CreateFileW;
extern create_file __wrap___imp_CreateFileW;
NTSTATUS NTAPI __real_NtCreateFile(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, IO_STATUS_BLOCK *, LARGE_INTEGER *,
                                   ULONG, ULONG, ULONG, ULONG, void *, ULONG);
NTSTATUS NTAPI __wrap_NtCreateFile(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, IO_STATUS_BLOCK *, LARGE_INTEGER *,
                                   ULONG, ULONG, ULONG, ULONG, void *, ULONG);

/* What the system is made to answer, and what it was asked. */
static struct {
    ULONGLONG now_ms;
    DWORD create_error;    /* of opening the start directory by its path */
    volatile LONG created; /* how often that was tried */
    HANDLE last_root;      /* what opening it gave last */
    HANDLE useless;        /* below this handle every open gives... */
    LONG open_status;      /* ...this */
    volatile LONG lost_opens;
    volatile LONG lost_looks;
    HANDLE all_met; /* a gate before the path is opened again */
    bool has_no_normalized_paths;
    unsigned asked_normalized;
} lab;

typedef DWORD(WINAPI *final_name)(HANDLE, WCHAR *, DWORD, DWORD);
extern final_name __real___imp_GetFinalPathNameByHandleW;
extern final_name __wrap___imp_GetFinalPathNameByHandleW;

static DWORD WINAPI lab_final_name(HANDLE file, WCHAR *name, DWORD room, DWORD flags)
{
    lab.asked_normalized += (flags & FILE_NAME_OPENED) == 0;
    if (!lab.has_no_normalized_paths || flags & FILE_NAME_OPENED)
        return __real___imp_GetFinalPathNameByHandleW(file, name, room, flags & ~(DWORD)FILE_NAME_OPENED);
    SetLastError(ERROR_ACCESS_DENIED);
    return 0;
}
final_name __wrap___imp_GetFinalPathNameByHandleW = lab_final_name;

static ULONGLONG WINAPI made_up_time(void)
{
    return lab.now_ms;
}
tick_count __wrap___imp_GetTickCount64 = made_up_time;

static HANDLE WINAPI lab_create(const WCHAR *name, DWORD access, DWORD sharing, SECURITY_ATTRIBUTES *security,
                                DWORD disposition, DWORD flags, HANDLE template)
{
    InterlockedIncrement(&lab.created);
    if (lab.create_error != 0) {
        SetLastError(lab.create_error);
        return INVALID_HANDLE_VALUE;
    }
    if (lab.all_met != NULL)
        WaitForSingleObject(lab.all_met, PATIENCE_MS);
    lab.useless = NULL; /* its number may be another handle's soon */
    lab.last_root = __real___imp_CreateFileW(name, access, sharing, security, disposition, flags, template);
    return lab.last_root;
}
create_file __wrap___imp_CreateFileW = lab_create;

NTSTATUS NTAPI __wrap_NtCreateFile(HANDLE *handle, ACCESS_MASK access, OBJECT_ATTRIBUTES *attributes,
                                   IO_STATUS_BLOCK *block, LARGE_INTEGER *size, ULONG file_attributes, ULONG sharing,
                                   ULONG disposition, ULONG options, void *ea, ULONG ea_length)
{
    if (lab.useless != NULL && attributes->RootDirectory == lab.useless) {
        /* First a file, and then the directory itself, to see whether it lives. */
        if (attributes->ObjectName->Length > 0)
            InterlockedIncrement(&lab.lost_opens);
        else if (InterlockedIncrement(&lab.lost_looks) == THREADS && lab.all_met != NULL)
            SetEvent(lab.all_met);
        return lab.open_status;
    }
    return __real_NtCreateFile(handle, access, attributes, block, size, file_attributes, sharing, disposition, options,
                               ea, ea_length);
}

static struct {
    enum root_news news;
    DWORD error;
} told[NEWS_MAX];
static unsigned told_count;

static const char *directory;
static struct root *root;
static unsigned handles;

static void witness(void *context, enum root_news news, const char *name, DWORD error)
{
    assert_ptr_equal(context, told);
    assert_string_equal(name, directory);
    assert_true(told_count < NEWS_MAX);
    told[told_count].error = error;
    told[told_count++].news = news;
}

static void check_told(unsigned count, enum root_news news)
{
    CHECK(told_count == count, "%u news instead of %u", told_count, count);
    if (count > 0)
        CHECK(told[count - 1].news == news, "news %d instead of %d", (int)told[count - 1].news, (int)news);
}

/* "DIRECTORY-suffix"; a few of them live at a time. */
static const char *beside(const char *suffix)
{
    static char paths[4][FILES_PATH_MAX];
    static unsigned next;
    char *path = paths[next++ % 4];

    snprintf(path, FILES_PATH_MAX, "%s-%s", directory, suffix);
    return path;
}

/* A command of the shell, to which $here is the start directory and $there a path beside it. */
static void shell(const char *command, const char *suffix)
{
    char line[3 * FILES_PATH_MAX];
    const char *here = files_unix_path(directory);

    snprintf(line, sizeof line, "here='%s'; there='%s-%s'; %s", here, here, suffix, command);
    files_run_unix(line);
}

static void open_root(void)
{
    assert_int_equal(root_open(&root, directory), 0);
    root_watch(root, witness, told);
    lab.created = 0;
}

static int set_up(void **state)
{
    (void)state;
    memset(&lab, 0, sizeof lab);
    lab.now_ms = 1000000;
    told_count = 0;
    directory = files_directory();
    files_make(files_path(directory, "both"), 1000, 1);
    files_make(files_path(directory, "old"), 1000, 1);
    CreateDirectoryA(beside("new"), NULL);
    files_make(files_path(beside("new"), "both"), 1000, 2);
    files_make(files_path(beside("new"), "new"), 1000, 2);
    handles = counts_handles();
    open_root();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    root_release(root);
    return 0;
}

static enum status open_name(const char *name)
{
    struct opened_file opened;
    enum status status = file_open(root, name, &opened);

    if (status == STATUS_OK)
        CloseHandle(opened.handle);
    return status;
}

/* The seed of the content that is served under this name. */
static void check_content(const char *name, unsigned seed)
{
    struct opened_file opened;
    uint8_t bytes[1000];
    uint32_t got;

    assert_int_equal(file_open(root, name, &opened), STATUS_OK);
    assert_int_equal(file_read(opened.handle, 0, bytes, sizeof bytes, &got), STATUS_OK);
    CloseHandle(opened.handle);
    CHECK(files_match(bytes, got, seed, 0), "%s is not that of %u", name, seed);
}

static void swap(void)
{
    shell("mv $here $there", "gone");
    shell("mv $there $here", "new");
}

static void serves_a_folder_that_takes_its_place(void **state)
{
    (void)state;
    check_content("both", 1);
    lab.now_ms += ROOT_DOUBT_MS;
    swap();
    check_content("new", 2);
    check_told(1, ROOT_REPLACED);
    check_content("both", 2);
    assert_int_equal(open_name("old"), STATUS_NOT_FOUND);
    lab.now_ms += ROOT_LOOK_MS;
    check_content("both", 2);
    check_told(1, ROOT_REPLACED);
}

/* An old name is what draws the attention, and is not there any more. */
static void sees_a_swap_by_a_name_that_is_outside(void **state)
{
    (void)state;
    lab.now_ms += ROOT_DOUBT_MS;
    swap();
    assert_int_equal(open_name("old"), STATUS_NOT_FOUND);
    check_told(1, ROOT_REPLACED);
    check_content("new", 2);
}

static void follows_a_link_that_is_pointed_elsewhere(void **state)
{
    (void)state;
    root_release(root);
    shell("mv $here $there", "first");
    shell("ln -s $there $here", "first");
    open_root();
    shell("ln -sfn $there $here", "new");
    lab.now_ms += ROOT_LOOK_MS - 1;
    check_content("both", 1); /* of what is held, all is well */
    check_told(0, 0);
    lab.now_ms += 1;
    check_content("both", 2);
    check_told(1, ROOT_REPLACED);
    shell("ln -sfn $there $here", "first");
    lab.now_ms += ROOT_DOUBT_MS;
    check_content("old", 1); /* who misses a name is not kept waiting */
    check_told(2, ROOT_REPLACED);
}

/* The same folder under another name: its files would not seem to be below it. */
static void follows_a_folder_that_was_moved_with_its_link(void **state)
{
    (void)state;
    root_release(root);
    shell("mv $here $there", "first");
    shell("ln -s $there $here", "first");
    open_root();
    shell("mv $there $there.moved", "first");
    shell("ln -sfn $there.moved $here", "first");
    lab.now_ms += ROOT_DOUBT_MS;
    check_content("both", 1);
    check_told(1, ROOT_REPLACED);
}

/* As on a share; what is of use is kept, in whatever form its path can be had. */
static void is_the_same_with_and_without_a_normalized_path(void **state)
{
    (void)state;
    lab.has_no_normalized_paths = true;
    lab.now_ms += ROOT_LOOK_MS;
    check_content("both", 1);
    lab.has_no_normalized_paths = false;
    lab.now_ms += ROOT_LOOK_MS;
    check_content("both", 1);
    assert_int_equal(lab.created, 2);
    check_told(0, 0);
    lab.has_no_normalized_paths = true;
    swap();
    lab.now_ms += ROOT_LOOK_MS;
    check_content("both", 2);
    check_told(1, ROOT_REPLACED);
}

/* A share whose upper folders the account may not see; what its root has none of could not be compared. */
static void serves_below_a_root_without_a_normalized_path(void **state)
{
    (void)state;
    root_release(root);
    lab.has_no_normalized_paths = true;
    open_root();
    lab.asked_normalized = 0;
    lab.has_no_normalized_paths = false;
    check_content("both", 1);
    shell("ln -s $there/new $here/link", "new");
    assert_int_equal(open_name("link"), STATUS_OUTSIDE);
    assert_int_equal(lab.asked_normalized, 0);
}

/* A folder on the way that the account may only pass through. */
static void serves_a_file_without_a_normalized_path(void **state)
{
    (void)state;
    lab.has_no_normalized_paths = true;
    check_content("both", 1);
    shell("ln -s $there/new $here/link", "new");
    assert_int_equal(open_name("link"), STATUS_OUTSIDE);
}

/* The rules know long names only. */
static void refuses_what_may_be_a_short_name(void **state)
{
    (void)state;
    files_make(files_path(directory, "bo~1"), 1000, 3);
    check_content("bo~1", 3);
    lab.has_no_normalized_paths = true;
    assert_int_equal(open_name("bo~1"), STATUS_OUTSIDE);
    check_content("both", 1);
}

static const uint32_t useless[] = {
    0xC000000E, 0xC0000012, 0xC0000013, 0xC0000098, 0xC000009D, 0xC00000A3, 0xC00000B5,
    0xC00000B6, 0xC00000BE, 0xC00000C0, 0xC00000C3, 0xC00000C4, 0xC00000C9, 0xC00000CC,
    0xC00000D6, 0xC0000128, 0xC0000203, 0xC000020C, 0xC000020D, 0xC0000236, 0xC000023C,
    0xC000023D, 0xC0000241, 0xC000026E, 0xC00002B6, 0xC000035C, 0xC0000466, 0xC0000467,
};

static void make_useless(LONG status)
{
    lab.useless = lab.last_root;
    lab.open_status = status;
}

/* A share whose server was restarted, a volume that was dismounted: the request that meets it is served. */
static void opens_again_what_was_reset(void **state)
{
    (void)state;
    for (unsigned i = 0; i < COUNT_OF(useless); i++) {
        lab.now_ms += ROOT_PACE_MS;
        lab.lost_opens = 0;
        make_useless((LONG)useless[i]);
        CHECK(open_name("both") == STATUS_OK, "NTSTATUS %08x", (unsigned)useless[i]);
        assert_int_equal(lab.lost_opens, 1);
        assert_int_equal(lab.created, i + 1);
        check_told(1, ROOT_RESET);
        told_count = 0;
    }
    assert_int_equal(counts_handles(), handles + 1);
}

static void other_failures_of_a_file_are_its_own(void **state)
{
    (void)state;
    make_useless((LONG)0xC0000022); /* STATUS_ACCESS_DENIED */
    assert_int_equal(open_name("both"), STATUS_DENIED);
    make_useless((LONG)0xC0000001);
    assert_int_equal(open_name("both"), STATUS_BROKEN);
    assert_int_equal(lab.created, 0);
    check_told(0, 0);
}

static void stays_lost_until_it_can_be_opened(void **state)
{
    (void)state;
    make_useless((LONG)0xC00000C9);
    lab.create_error = ERROR_BAD_NETPATH;
    assert_int_equal(open_name("both"), STATUS_ROOT_LOST);
    check_told(1, ROOT_LOST);
    assert_int_equal(told[0].error, ERROR_BAD_NETPATH);
    assert_int_equal(counts_handles(), handles); /* nothing is held any more */
    lab.now_ms += ROOT_PACE_MS - 1;
    for (int i = 0; i < 5; i++)
        assert_int_equal(open_name("both"), STATUS_ROOT_LOST);
    assert_int_equal(lab.created, 1); /* once a second */
    lab.now_ms += 1;
    assert_int_equal(open_name("both"), STATUS_ROOT_LOST);
    assert_int_equal(open_name("both"), STATUS_ROOT_LOST);
    assert_int_equal(lab.created, 2);
    assert_int_equal(lab.lost_opens, 1);
    check_told(1, ROOT_LOST);
    lab.create_error = 0;
    lab.now_ms += ROOT_PACE_MS;
    check_content("both", 1);
    check_told(2, ROOT_BACK);
}

/* A share that is reset all the time costs an attempt a second, not one a request. */
static void is_not_opened_again_and_again(void **state)
{
    (void)state;
    make_useless((LONG)0xC0000128);
    assert_int_equal(open_name("both"), STATUS_OK);
    check_told(1, ROOT_RESET);
    make_useless((LONG)0xC0000128);
    assert_int_equal(open_name("both"), STATUS_ROOT_LOST);
    check_told(2, ROOT_LOST);
    assert_int_equal(lab.created, 1);
    lab.now_ms += ROOT_PACE_MS;
    assert_int_equal(open_name("both"), STATUS_OK);
    check_told(3, ROOT_BACK);
}

static void is_lost_when_its_folder_is_gone(void **state)
{
    (void)state;
    lab.now_ms += ROOT_DOUBT_MS;
    shell("mv $here $there", "gone");
    assert_int_equal(open_name("none"), STATUS_ROOT_LOST);
    check_told(1, ROOT_LOST);
    assert_int_equal(told[0].error, ERROR_FILE_NOT_FOUND);
    assert_int_equal(open_name("both"), STATUS_ROOT_LOST);
    shell("mv $there $here", "gone");
    lab.now_ms += ROOT_PACE_MS;
    check_content("both", 1);
    check_told(2, ROOT_BACK);
}

static void keeps_what_is_of_use_when_its_path_cannot_be_opened(void **state)
{
    (void)state;
    lab.create_error = ERROR_ACCESS_DENIED;
    lab.now_ms += ROOT_LOOK_MS;
    check_content("both", 1);
    check_content("both", 1);
    assert_int_equal(lab.created, 1);
    check_told(0, 0);
    lab.now_ms += ROOT_DOUBT_MS;
    assert_int_equal(open_name("none"), STATUS_ROOT_LOST); /* where it is in doubt nothing is known */
    check_told(1, ROOT_LOST);
}

/* The routine look finds no path, which alone means nothing; the request that made it then misses its name. */
static void is_lost_by_the_very_request_that_looks(void **state)
{
    (void)state;
    lab.now_ms += ROOT_LOOK_MS;
    shell("mv $here $there", "gone");
    assert_int_equal(open_name("both"), STATUS_ROOT_LOST);
    check_told(1, ROOT_LOST);
    assert_int_equal(open_name("both"), STATUS_ROOT_LOST);
    assert_int_equal(lab.created, 2);
}

static void looks_no_more_often_than_it_must(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(open_name("none"), STATUS_NOT_FOUND);
    assert_int_equal(lab.created, 0);
    lab.now_ms += ROOT_DOUBT_MS;
    for (int i = 0; i < 5; i++)
        assert_int_equal(open_name("none"), STATUS_NOT_FOUND);
    assert_int_equal(lab.created, 1);
    lab.now_ms += ROOT_LOOK_MS;
    for (int i = 0; i < 5; i++)
        assert_int_equal(open_name("both"), STATUS_OK);
    assert_int_equal(lab.created, 2);
    check_told(0, 0);
    assert_int_equal(counts_handles(), handles + 1);
}

static DWORD WINAPI open_on_a_thread(void *context)
{
    *(enum status *)context = open_name("both");
    return 0;
}

static void one_of_many_opens_it_for_all(void **state)
{
    enum status statuses[THREADS];
    HANDLE threads[THREADS];

    (void)state;
    make_useless((LONG)0xC000026E);
    lab.all_met = CreateEventW(NULL, TRUE, FALSE, NULL);
    for (int i = 0; i < THREADS; i++)
        threads[i] = CreateThread(NULL, 0, open_on_a_thread, &statuses[i], 0, NULL);
    WaitForMultipleObjects(THREADS, threads, TRUE, PATIENCE_MS);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(statuses[i], STATUS_OK);
        CloseHandle(threads[i]);
    }
    CloseHandle(lab.all_met);
    assert_int_equal(lab.lost_opens, THREADS);
    assert_int_equal(lab.created, 1);
    check_told(1, ROOT_RESET);
}

static enum status store(struct upload *upload, const char *name)
{
    enum status status = upload_prepare(upload, root, &(struct upload_wish){.path = name});

    return status == STATUS_OK ? upload_create(upload) : status;
}

/* Moved with its folder it would be lost under Wine, which renames by path. */
static void an_upload_stays_where_it_began(void **state)
{
    struct upload before;
    struct upload after;

    (void)state;
    root_release(root);
    shell("mv $here $there", "first");
    shell("ln -s $there $here", "first");
    open_root();
    assert_int_equal(store(&before, "up"), STATUS_OK);
    shell("ln -sfn $there $here", "new");
    lab.now_ms += ROOT_LOOK_MS;
    assert_int_equal(store(&after, "up"), STATUS_OK);
    check_told(1, ROOT_REPLACED);
    assert_int_equal(upload_commit(&before), STATUS_OK);
    assert_int_equal(upload_commit(&after), STATUS_OK);
    upload_close(&before);
    upload_close(&after);
    assert_true(files_exist(files_path(beside("first"), "up")));
    assert_true(files_exist(files_path(beside("new"), "up")));
}

static void an_upload_is_tried_once_more(void **state)
{
    struct upload upload;

    (void)state;
    make_useless((LONG)0xC00000C9);
    assert_int_equal(store(&upload, "first"), STATUS_OK);
    check_told(1, ROOT_RESET);
    upload_close(&upload);
    make_useless((LONG)0xC00000C9);
    lab.create_error = ERROR_BAD_NET_NAME;
    lab.now_ms += ROOT_PACE_MS;
    assert_int_equal(store(&upload, "second"), STATUS_ROOT_LOST);
    check_told(2, ROOT_LOST);
    assert_int_equal(store(&upload, "third"), STATUS_ROOT_LOST);
}

static void a_retired_root_tells_nothing(void **state)
{
    (void)state;
    assert_false(root_retire(root));
    make_useless((LONG)0xC00000C9);
    lab.create_error = ERROR_BAD_NETPATH;
    assert_int_equal(open_name("both"), STATUS_ROOT_LOST);
    check_told(0, 0);
    lab.create_error = 0;
    root_release(root);
    open_root();
    make_useless((LONG)0xC00000C9);
    lab.create_error = ERROR_BAD_NETPATH;
    assert_int_equal(open_name("both"), STATUS_ROOT_LOST);
    check_told(1, ROOT_LOST);
    assert_true(root_retire(root)); /* whoever takes its place tells that it is back */
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(serves_a_folder_that_takes_its_place),
        TEST(sees_a_swap_by_a_name_that_is_outside),
        TEST(follows_a_link_that_is_pointed_elsewhere),
        TEST(follows_a_folder_that_was_moved_with_its_link),
        TEST(is_the_same_with_and_without_a_normalized_path),
        TEST(serves_below_a_root_without_a_normalized_path),
        TEST(serves_a_file_without_a_normalized_path),
        TEST(refuses_what_may_be_a_short_name),
        TEST(opens_again_what_was_reset),
        TEST(other_failures_of_a_file_are_its_own),
        TEST(stays_lost_until_it_can_be_opened),
        TEST(is_not_opened_again_and_again),
        TEST(is_lost_when_its_folder_is_gone),
        TEST(keeps_what_is_of_use_when_its_path_cannot_be_opened),
        TEST(is_lost_by_the_very_request_that_looks),
        TEST(looks_no_more_often_than_it_must),
        TEST(one_of_many_opens_it_for_all),
        TEST(an_upload_stays_where_it_began),
        TEST(an_upload_is_tried_once_more),
        TEST(a_retired_root_tells_nothing),
    };

    return cmocka_run_group_tests_name("root", tests, NULL, NULL) != 0;
}
