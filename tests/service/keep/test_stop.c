/* link: -Wl,--wrap=__imp_WaitForSingleObject,--wrap=__imp_TerminateProcess,--wrap=__imp_ReportEventW,--wrap=file_open,--wrap=root_open */
/*
 * Starts that wait for a share; stops that hang: a file that is never opened, a log that is never written. A look of the watchdog takes a millisecond here,
 * and where it would end the process what hangs is let go instead.
 */
#include "caller.h"

#include "service/keep/host.h"
#include "service/keep/watchdog.h"
#include "service/tell/eventlog.h"
#include "win32/disk/file.h"

#include <stdio.h>
#include <wchar.h>

typedef DWORD(WINAPI *wait_for)(HANDLE, DWORD);
extern wait_for __real___imp_WaitForSingleObject;
extern wait_for __wrap___imp_WaitForSingleObject;
typedef BOOL(WINAPI *terminate)(HANDLE, UINT);
extern terminate __wrap___imp_TerminateProcess;
typedef BOOL(WINAPI *report_event)(HANDLE, WORD, WORD, DWORD, PSID, WORD, DWORD, LPCWSTR *, LPVOID);
extern report_event __wrap___imp_ReportEventW;
enum status __real_file_open(struct root *root, const char *path, struct opened_file *opened);
enum status __wrap_file_open(struct root *root, const char *path, struct opened_file *opened);
DWORD __real_root_open(struct root **root, const char *directory);
DWORD __wrap_root_open(struct root **root, const char *directory);

enum { LOOKS_WHILE_IT_STARTS = 20 };

static struct {
    HANDLE gate; /* what hangs waits for it */
    bool hangs_opening;
    uint16_t hangs_telling; /* id of the event */
    volatile LONG held;
    volatile LONG reports, given_up, ends;
    LONG reports_at_start; /* while the start directory was being opened */
    UINT exit_code;
    volatile LONG stopped, was_given_up; /* told */
    wchar_t awaited[EVENT_DETAIL_MAX];
} lab;

static struct caller caller;

static DWORD WINAPI wait_shortly(HANDLE handle, DWORD milliseconds)
{
    return __real___imp_WaitForSingleObject(handle, milliseconds == WATCHDOG_LOOK_MS ? 1 : milliseconds);
}
wait_for __wrap___imp_WaitForSingleObject = wait_shortly;

static BOOL WINAPI let_go(HANDLE process, UINT exit_code)
{
    assert_true(process == GetCurrentProcess());
    lab.exit_code = exit_code;
    InterlockedIncrement(&lab.ends);
    SetEvent(lab.gate);
    return TRUE;
}
terminate __wrap___imp_TerminateProcess = let_go;

static void hang(void)
{
    InterlockedIncrement(&lab.held);
    __real___imp_WaitForSingleObject(lab.gate, INFINITE);
}

static BOOL WINAPI keep(HANDLE source, WORD type, WORD category, DWORD id, PSID user, WORD count, DWORD size,
                        LPCWSTR *strings, LPVOID data)
{
    (void)source, (void)type, (void)category, (void)user, (void)size, (void)data;
    if ((id & 0xffff) == lab.hangs_telling)
        hang();
    if ((id & 0xffff) == EVENT_STOPPED)
        InterlockedIncrement(&lab.stopped);
    if ((id & 0xffff) == EVENT_STOP_GIVEN_UP) {
        assert_int_equal(count, 2);
        wcsncpy(lab.awaited, strings[1], EVENT_DETAIL_MAX - 1);
        InterlockedIncrement(&lab.was_given_up);
    }
    return TRUE;
}
report_event __wrap___imp_ReportEventW = keep;

enum status __wrap_file_open(struct root *root, const char *path, struct opened_file *opened)
{
    if (lab.hangs_opening)
        hang();
    return __real_file_open(root, path, opened);
}

/* The server of a share that answers late. */
DWORD __wrap_root_open(struct root **root, const char *directory)
{
    LONG before = lab.reports;

    for (int i = 0; i < PATIENCE_MS && lab.reports < before + LOOKS_WHILE_IT_STARTS; i++)
        Sleep(1);
    lab.reports_at_start = lab.reports - before;
    return __real_root_open(root, directory);
}

static void on_progress(void *context)
{
    assert_ptr_equal(context, &lab);
    InterlockedIncrement(&lab.reports);
}

static void on_given_up(void *context)
{
    assert_ptr_equal(context, &lab);
    assert_int_equal(lab.ends, 0);
    InterlockedIncrement(&lab.given_up);
}

static struct host *start(void)
{
    static struct arguments arguments;
    struct host_setup setup = {.service = "tftpd-test-stop",
                               .arguments = &arguments,
                               .progress = on_progress,
                               .given_up = on_given_up,
                               .context = &lab};
    struct host *host;

    memset(&lab, 0, sizeof lab);
    lab.gate = CreateEventW(NULL, TRUE, FALSE, NULL);
    snprintf(arguments.directory, sizeof arguments.directory, "%s", files_directory());
    assert_int_equal(host_start(&host, &setup), EXIT_OK);
    lab.reports = 0;
    return host;
}

static void await_held(void)
{
    for (int i = 0; i < PATIENCE_MS && lab.held == 0; i++)
        Sleep(1);
    assert_true(lab.held > 0);
}

static void check_given_up(const wchar_t *awaited)
{
    assert_int_equal(lab.ends, 1);
    assert_int_equal(lab.exit_code, EXIT_STUCK);
    assert_int_equal(lab.given_up, 1);
    assert_int_equal(lab.was_given_up, 1);
    assert_non_null(wcsstr(lab.awaited, awaited));
    assert_true(lab.reports >= WATCHDOG_PATIENCE_S);
    CloseHandle(lab.gate);
}

static void a_file_that_is_never_opened_ends_the_process(void **state)
{
    struct host *host = start();

    (void)state;
    lab.hangs_opening = true;
    caller_open(&caller, "127.0.0.1", 0);
    caller_ask_read(&caller, "any", "");
    await_held();
    host_stop(host, 0);
    caller_close(&caller);
    check_given_up(L"opened");
}

/* The log that hangs cannot tell of it. */
static void a_log_that_is_never_written_ends_the_process(void **state)
{
    struct host *host = start();

    (void)state;
    lab.hangs_telling = EVENT_STOPPED;
    host_stop(host, 0);
    check_given_up(L"log");
}

/* The Service Control Manager takes a service for hung whose checkpoint does not grow (event 7022). */
static void a_start_that_waits_for_a_share_is_vouched_for(void **state)
{
    struct host *host = start();

    (void)state;
    assert_true(lab.reports_at_start >= LOOKS_WHILE_IT_STARTS);
    host_stop(host, 0);
    assert_int_equal(lab.ends, 0);
    CloseHandle(lab.gate);
}

static void a_stop_that_gets_on_is_left_alone(void **state)
{
    struct host *host = start();

    (void)state;
    host_stop(host, 0);
    assert_int_equal(lab.ends, 0);
    assert_int_equal(lab.was_given_up, 0);
    assert_int_equal(lab.stopped, 1);
    CloseHandle(lab.gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_start_that_waits_for_a_share_is_vouched_for),
        cmocka_unit_test(a_file_that_is_never_opened_ends_the_process),
        cmocka_unit_test(a_log_that_is_never_written_ends_the_process),
        cmocka_unit_test(a_stop_that_gets_on_is_left_alone),
    };

    return cmocka_run_group_tests_name("stop", tests, caller_group_setup, NULL) != 0;
}
