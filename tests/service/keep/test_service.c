/* link: -Wl,--wrap=__imp_StartServiceCtrlDispatcherW,--wrap=__imp_RegisterServiceCtrlHandlerExW */
/* link: -Wl,--wrap=__imp_SetServiceStatus,--wrap=host_start,--wrap=host_stop,--wrap=host_reload,--wrap=host_pause */
/* link: -Wl,--wrap=__imp_CancelSynchronousIo,--wrap=__imp_OpenThread,--wrap=host_flush,--wrap=host_wait,--wrap=eventlog_tell,--wrap=screen_write */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "service/keep/host.h"
#include "service/keep/service.h"
#include "service/tell/eventlog.h"

#include <string.h>
#include <wchar.h>

/*
 * A Service Control Manager and a host of our own. The dispatcher runs ServiceMain on this thread; a second thread
 * sends the scripted controls as soon as the service says that it runs. Under Wine SHUTDOWN and PRESHUTDOWN come only
 * this way.
 */
enum { REPORTS_MAX = 64, WORDS_MAX = 8, PATIENCE_MS = 60000, ALL_ACCEPTED = 0x10f, LET_GO = 1000 };

static struct {
    /* the script */
    wchar_t *start_words[WORDS_MAX];
    DWORD controls[WORDS_MAX]; /* 0 ends them; LET_GO ends a held reload */
    int start_code;
    bool is_drained;
    bool hangs;           /* the host gives its stop up */
    DWORD dispatch_error; /* the dispatcher finds no Service Control Manager */
    /* what happened */
    LPHANDLER_FUNCTION_EX handler;
    void *handler_context;
    void (*given_up)(void *context); /* of the service, for the host */
    void *setup_context;
    HANDLE runs;
    HANDLE held; /* host_reload waits for it */
    HANDLE control_thread;
    unsigned cancels; /* of its opening something */
    DWORD answers[WORDS_MAX];
    ULONGLONG took_ms[WORDS_MAX];
    SERVICE_STATUS reports[REPORTS_MAX];
    size_t report_count;
    char calls[256]; /* of the host, in order */
    struct arguments arguments;
    char service[64];
    uint32_t patience_s;
    uint16_t told;   /* id of the event told without a journal */
    char said[2048]; /* on the screen */
} scm;

static void note(const char *call)
{
    assert_true(strlen(scm.calls) + strlen(call) < sizeof scm.calls);
    strcat(scm.calls, call);
}

static void await_call(const char *call)
{
    for (ULONGLONG end_ms = GetTickCount64() + PATIENCE_MS; GetTickCount64() < end_ms; Sleep(1))
        if (strstr(scm.calls, call) != NULL)
            return;
}

/* One more than before: the handler may have given up waiting for a thread that was held up. */
static void await_report(size_t before)
{
    for (ULONGLONG end_ms = GetTickCount64() + PATIENCE_MS; GetTickCount64() < end_ms; Sleep(1))
        if (scm.report_count > before)
            return;
}

/* Of the thread's call that hangs now, whichever that is; it then fails. */
static BOOL WINAPI cancel(HANDLE thread)
{
    assert_ptr_equal(thread, scm.control_thread);
    scm.cancels++;
    if (scm.held)
        SetEvent(scm.held);
    return TRUE;
}
extern HANDLE(WINAPI *__real___imp_OpenThread)(DWORD, BOOL, DWORD);

/* With the one right that cancelling takes. */
static HANDLE WINAPI open_thread(DWORD access, BOOL is_inherited, DWORD id)
{
    assert_int_equal(access, THREAD_TERMINATE);
    assert_int_equal(id, GetCurrentThreadId());
    scm.control_thread = __real___imp_OpenThread(access, is_inherited, id);
    return scm.control_thread;
}
extern HANDLE(WINAPI *__wrap___imp_OpenThread)(DWORD, BOOL, DWORD);
HANDLE(WINAPI *__wrap___imp_OpenThread)(DWORD, BOOL, DWORD) = open_thread;

extern BOOL(WINAPI *__wrap___imp_CancelSynchronousIo)(HANDLE);
BOOL(WINAPI *__wrap___imp_CancelSynchronousIo)(HANDLE) = cancel;

static BOOL WINAPI set_status(SERVICE_STATUS_HANDLE handle, SERVICE_STATUS *status)
{
    assert_non_null(handle);
    assert_true(scm.report_count < REPORTS_MAX);
    scm.reports[scm.report_count++] = *status;
    if (status->dwCurrentState == SERVICE_RUNNING)
        SetEvent(scm.runs);
    return TRUE;
}

static SERVICE_STATUS_HANDLE WINAPI register_handler(const wchar_t *name, LPHANDLER_FUNCTION_EX handler, void *context)
{
    assert_int_equal(wcscmp(name, L"tftpd-two"), 0);
    scm.handler = handler;
    scm.handler_context = context;
    return (SERVICE_STATUS_HANDLE)(uintptr_t)1;
}

static DWORD WINAPI send_controls(void *unused)
{
    (void)unused;
    if (WaitForSingleObject(scm.runs, PATIENCE_MS) != WAIT_OBJECT_0)
        return 1;
    for (size_t i = 0; scm.controls[i]; i++) {
        ULONGLONG begun = GetTickCount64();
        if (scm.controls[i] == LET_GO) {
            SetEvent(scm.held);
            await_call("continue "); /* a stop would win over what has not been obeyed yet */
            continue;
        }
        size_t reports = scm.report_count;
        scm.answers[i] = scm.handler(scm.controls[i], 0, NULL, scm.handler_context);
        scm.took_ms[i] = GetTickCount64() - begun;
        if (scm.held == NULL && scm.answers[i] == NO_ERROR)
            await_report(reports);
    }
    return 0;
}

static BOOL WINAPI dispatch(const SERVICE_TABLE_ENTRYW *table)
{
    HANDLE sender = scm.start_code || !scm.controls[0] ? NULL : CreateThread(NULL, 0, send_controls, NULL, 0, NULL);
    DWORD count = 0;

    if (scm.dispatch_error != 0) {
        SetLastError(scm.dispatch_error);
        return FALSE;
    }
    while (scm.start_words[count])
        count++;
    table[0].lpServiceProc(count, scm.start_words);
    assert_null(table[1].lpServiceProc);
    if (sender) {
        assert_int_equal(WaitForSingleObject(sender, PATIENCE_MS), WAIT_OBJECT_0);
        CloseHandle(sender);
    }
    return TRUE;
}

extern BOOL(WINAPI *__wrap___imp_SetServiceStatus)(SERVICE_STATUS_HANDLE, SERVICE_STATUS *);
BOOL(WINAPI *__wrap___imp_SetServiceStatus)(SERVICE_STATUS_HANDLE, SERVICE_STATUS *) = set_status;
extern SERVICE_STATUS_HANDLE(WINAPI *__wrap___imp_RegisterServiceCtrlHandlerExW)(const wchar_t *, LPHANDLER_FUNCTION_EX,
                                                                                 void *);
SERVICE_STATUS_HANDLE(WINAPI *__wrap___imp_RegisterServiceCtrlHandlerExW)
(const wchar_t *, LPHANDLER_FUNCTION_EX, void *) = register_handler;
extern BOOL(WINAPI *__wrap___imp_StartServiceCtrlDispatcherW)(const SERVICE_TABLE_ENTRYW *);
BOOL(WINAPI *__wrap___imp_StartServiceCtrlDispatcherW)(const SERVICE_TABLE_ENTRYW *) = dispatch;

int __wrap_host_start(struct host **host, const struct host_setup *setup);
int __wrap_host_start(struct host **host, const struct host_setup *setup)
{
    note("start ");
    *host = (struct host *)&scm;
    scm.arguments = *setup->arguments;
    strcpy(scm.service, setup->service);
    assert_null(setup->screen);
    setup->progress(setup->context);
    setup->progress(setup->context);
    scm.given_up = setup->given_up;
    scm.setup_context = setup->context;
    return scm.start_code;
}

void __wrap_host_stop(struct host *host, uint32_t patience_s);
void __wrap_host_stop(struct host *host, uint32_t patience_s)
{
    assert_ptr_equal(host, &scm);
    note("stop ");
    scm.patience_s = patience_s;
    if (scm.hangs)
        scm.given_up(scm.setup_context);
}

enum host_wake __wrap_host_wait(struct host *host, HANDLE asked);
enum host_wake __wrap_host_wait(struct host *host, HANDLE asked)
{
    assert_ptr_equal(host, &scm);
    if (scm.is_drained)
        return HOST_DRAINED;
    assert_int_equal(WaitForSingleObject(asked, PATIENCE_MS), WAIT_OBJECT_0);
    return HOST_ASKED;
}

void __wrap_host_pause(struct host *host, bool is_paused);
void __wrap_host_pause(struct host *host, bool is_paused)
{
    assert_ptr_equal(host, &scm);
    note(is_paused ? "pause " : "continue ");
}

void __wrap_host_reload(struct host *host);
void __wrap_host_reload(struct host *host)
{
    assert_ptr_equal(host, &scm);
    note("reload ");
    if (scm.held)
        WaitForSingleObject(scm.held, PATIENCE_MS);
}

void __wrap_host_flush(struct host *host);
void __wrap_host_flush(struct host *host)
{
    assert_ptr_equal(host, &scm);
    note("flush ");
}

void __wrap_eventlog_tell(const char *source, const struct event *event);
void __wrap_eventlog_tell(const char *source, const struct event *event)
{
    assert_string_equal(source, "tftpd-two");
    scm.told = event->id;
}

bool __wrap_screen_write(DWORD stream, const char *text);
bool __wrap_screen_write(DWORD stream, const char *text)
{
    assert_int_equal(stream, STD_ERROR_HANDLE);
    strncat(scm.said, text, sizeof scm.said - strlen(scm.said) - 1);
    return true;
}

static wchar_t service_name[] = L"tftpd-two";

static int reset(void **state)
{
    (void)state;
    if (scm.runs)
        CloseHandle(scm.runs);
    memset(&scm, 0, sizeof scm);
    scm.runs = CreateEventW(NULL, TRUE, FALSE, NULL);
    scm.start_words[0] = service_name;
    return 0;
}

static int run_service(void)
{
    static char *no_words[] = {NULL};

    return service_run(no_words);
}

static const SERVICE_STATUS *last_report(void)
{
    return &scm.reports[scm.report_count - 1];
}

static void goes_from_start_to_stop(void **state)
{
    static const struct {
        DWORD state, checkpoint, accepted;
    } way[] = {
        {SERVICE_START_PENDING, 1, 0},      {SERVICE_START_PENDING, 2, 0}, {SERVICE_START_PENDING, 3, 0},
        {SERVICE_RUNNING, 0, ALL_ACCEPTED}, {SERVICE_STOP_PENDING, 1, 0},  {SERVICE_STOPPED, 0, 0},
    };

    (void)state;
    scm.controls[0] = SERVICE_CONTROL_STOP;
    assert_int_equal(run_service(), 0);
    assert_string_equal(scm.calls, "start stop ");
    assert_string_equal(scm.service, "tftpd-two");
    assert_int_equal(scm.patience_s, UINT32_MAX);
    assert_int_equal(scm.answers[0], NO_ERROR);
    assert_int_equal(scm.report_count, sizeof way / sizeof *way);
    for (size_t i = 0; i < scm.report_count; i++) {
        const SERVICE_STATUS *report = &scm.reports[i];
        bool is_pending = way[i].checkpoint > 0;
        assert_int_equal(report->dwServiceType, SERVICE_WIN32_OWN_PROCESS);
        assert_int_equal(report->dwCurrentState, way[i].state);
        assert_int_equal(report->dwCheckPoint, way[i].checkpoint);
        assert_int_equal(report->dwControlsAccepted, way[i].accepted);
        assert_int_equal(report->dwWin32ExitCode, NO_ERROR);
        assert_int_equal(report->dwWaitHint > 0, is_pending);
    }
}

static void ends_by_itself_once_it_is_drained(void **state)
{
    (void)state;
    scm.is_drained = true;
    assert_int_equal(run_service(), 0);
    assert_string_equal(scm.calls, "start stop ");
    assert_int_equal(scm.patience_s, 0);
    assert_int_equal(last_report()->dwCurrentState, SERVICE_STOPPED);
    assert_int_equal(last_report()->dwWin32ExitCode, NO_ERROR);
}

/* An exit code would have the recovery start it again, and whoever stopped it wants it stopped. */
static void is_stopped_before_a_stop_that_hangs_ends_the_process(void **state)
{
    (void)state;
    scm.hangs = true;
    scm.controls[0] = SERVICE_CONTROL_STOP;
    run_service();
    const SERVICE_STATUS *report = last_report() - 1; /* that of the host's thread; here the process lives on */
    assert_int_equal(report->dwCurrentState, SERVICE_STOPPED);
    assert_int_equal(report->dwWin32ExitCode, NO_ERROR);
}

static void leaves_in_time_when_windows_ends(void **state)
{
    static const struct {
        DWORD control;
        uint32_t patience_s;
    } cases[] = {{SERVICE_CONTROL_SHUTDOWN, 2}, {SERVICE_CONTROL_PRESHUTDOWN, 5}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        reset(state);
        scm.controls[0] = cases[i].control;
        run_service();
        assert_int_equal(scm.answers[0], NO_ERROR);
        assert_string_equal(scm.calls, "start stop ");
        assert_int_equal(scm.patience_s, cases[i].patience_s);
        assert_int_equal(last_report()->dwCurrentState, SERVICE_STOPPED);
    }
}

static void obeys_in_order_and_reports_each(void **state)
{
    static const DWORD controls[] = {SERVICE_CONTROL_PAUSE,       SERVICE_CONTROL_INTERROGATE, SERVICE_CONTROL_CONTINUE,
                                     SERVICE_CONTROL_PARAMCHANGE, SERVICE_CONTROL_INTERROGATE, SERVICE_CONTROL_STOP};
    static const DWORD states[] = {SERVICE_PAUSED,  SERVICE_PAUSED,       SERVICE_RUNNING, SERVICE_RUNNING,
                                   SERVICE_RUNNING, SERVICE_STOP_PENDING, SERVICE_STOPPED};

    (void)state;
    memcpy(scm.controls, controls, sizeof controls);
    run_service();
    assert_string_equal(scm.calls, "start pause flush continue reload flush stop ");
    assert_int_equal(scm.report_count, 4 + 7);
    for (size_t i = 0; i < 7; i++)
        assert_int_equal(scm.reports[4 + i].dwCurrentState, states[i]);
    assert_int_equal(scm.reports[4].dwControlsAccepted, ALL_ACCEPTED);
}

static void does_not_know_other_controls(void **state)
{
    (void)state;
    scm.controls[0] = 200;
    scm.controls[1] = SERVICE_CONTROL_NETBINDADD;
    scm.controls[2] = SERVICE_CONTROL_STOP;
    run_service();
    assert_int_equal(scm.answers[0], ERROR_CALL_NOT_IMPLEMENTED);
    assert_int_equal(scm.answers[1], ERROR_CALL_NOT_IMPLEMENTED);
    assert_string_equal(scm.calls, "start stop ");
}

/* While the control thread is busy the handler gives up waiting, and the last of pause and continue counts. */
static void a_busy_control_thread_holds_nobody_up(void **state)
{
    static const DWORD controls[] = {SERVICE_CONTROL_PARAMCHANGE, SERVICE_CONTROL_PAUSE, SERVICE_CONTROL_CONTINUE,
                                     LET_GO, SERVICE_CONTROL_STOP};

    (void)state;
    scm.held = CreateEventW(NULL, TRUE, FALSE, NULL);
    memcpy(scm.controls, controls, sizeof controls);
    run_service();
    CloseHandle(scm.held);
    assert_string_equal(scm.calls, "start reload continue stop ");
    for (size_t i = 0; i < 3; i++) /* the thread is held until all three have given up */
        assert_true(scm.took_ms[i] >= 400);
    assert_int_equal(last_report()->dwCurrentState, SERVICE_STOPPED);
}

/* It opens a new start directory on a share that does not answer; only an end makes that pointless. */
static void a_stop_ends_a_reload_that_hangs(void **state)
{
    static const DWORD controls[] = {SERVICE_CONTROL_PARAMCHANGE, SERVICE_CONTROL_INTERROGATE, SERVICE_CONTROL_STOP};

    (void)state;
    scm.held = CreateEventW(NULL, TRUE, FALSE, NULL);
    memcpy(scm.controls, controls, sizeof controls);
    run_service();
    CloseHandle(scm.held);
    assert_string_equal(scm.calls, "start reload stop ");
    assert_true(scm.took_ms[0] >= 1000); /* neither of these two has cut it short */
    assert_true(scm.took_ms[1] >= 1000);
    assert_true(scm.cancels > 0);
    assert_int_equal(last_report()->dwCurrentState, SERVICE_STOPPED);
}

static void a_failed_start_says_why(void **state)
{
    (void)state;
    scm.start_code = SERVER_FAILED_PORT_TAKEN;
    assert_int_equal(run_service(), 0);
    assert_string_equal(scm.calls, "start ");
    assert_int_equal(last_report()->dwCurrentState, SERVICE_STOPPED);
    assert_int_equal(last_report()->dwWin32ExitCode, ERROR_SERVICE_SPECIFIC_ERROR);
    assert_int_equal(last_report()->dwServiceSpecificExitCode, 12);
    assert_int_equal(last_report()->dwCheckPoint, 0);
}

static void arguments_of_the_start_win(void **state)
{
    static char directory[] = "-dD:\\image", log[] = "-f", set[] = "--set=Port=6969";
    static char *image_words[] = {directory, log, set, NULL};
    static wchar_t start_directory[] = L"/D", start_value[] = L"E:\\gr\x00fcn", events[] = L"-E";

    (void)state;
    scm.controls[0] = SERVICE_CONTROL_STOP;
    scm.start_words[1] = start_directory;
    scm.start_words[2] = start_value;
    scm.start_words[3] = events;
    assert_int_equal(service_run(image_words), 0);
    assert_string_equal(scm.arguments.directory, "E:\\gr\xc3\xbcn");
    assert_true(scm.arguments.wants_log_file);
    assert_true(scm.arguments.wants_event_log);
    assert_int_equal(scm.arguments.set_count, 1);
    assert_string_equal(scm.arguments.set[0], "Port=6969");
}

static void a_bad_argument_stops_the_start(void **state)
{
    static wchar_t bad[] = L"-x";

    (void)state;
    scm.start_words[1] = bad;
    run_service();
    assert_string_equal(scm.calls, "");
    assert_int_equal(scm.told, EVENT_BAD_ARGUMENT);
    assert_int_equal(last_report()->dwWin32ExitCode, ERROR_SERVICE_SPECIFIC_ERROR);
    assert_int_equal(last_report()->dwServiceSpecificExitCode, EXIT_USAGE);
}

/* What is a mistyped verb in a console is an argument where the Service Control Manager is there. */
static void a_mistyped_verb_is_one_in_a_console_only(void **state)
{
    static char bad[] = "stats";
    static char *image_words[] = {bad, NULL};

    assert_int_equal(service_run(image_words), 0);
    assert_int_equal(scm.told, EVENT_BAD_ARGUMENT);
    assert_int_equal(last_report()->dwServiceSpecificExitCode, EXIT_USAGE);
    assert_string_equal(scm.said, "");
    reset(state);
    scm.dispatch_error = ERROR_FAILED_SERVICE_CONTROLLER_CONNECT;
    assert_int_equal(service_run(image_words), EXIT_USAGE);
    assert_int_equal(scm.told, 0);
    assert_non_null(strstr(scm.said, "there is no verb \"stats\"; did you mean status?"));
}

static void answers_what_was_typed_in_a_console(void **state)
{
    static const char a_service[] = "was not started by the Service Control Manager";
    static const struct {
        const char *words[4];
        int code;
        const char *said[2];
    } rows[] = {
        {{NULL}, EXIT_NOT_A_SERVICE, {a_service, "tftpd run"}},
        {{"-dC:\\images", "-f", "-e"}, EXIT_NOT_A_SERVICE, {a_service, "tftpd install"}},
        {{"-d", "C:\\images"}, EXIT_NOT_A_SERVICE, {a_service, ""}},
        {{"CHEKC"}, EXIT_USAGE, {"no verb \"CHEKC\"; did you mean check?", "tftpd -? says"}},
        {{"frobnicate"},
         EXIT_USAGE,
         {"\"frobnicate\"; known are run, status, stop-transfer, drain, approve, check", "uninstall"}},
        {{"--stats"}, EXIT_USAGE, {"--stats is not understood", "did you mean status?"}},
        {{"-dC:\\images", "-x"}, EXIT_USAGE, {"-x is not understood: known are -dDIRECTORY, -e, -f", ""}},
        {{"-f", "chek"}, EXIT_USAGE, {"no verb \"chek\"; did you mean check?", ""}},
        {{"-d"}, EXIT_USAGE, {"-d is not understood: a directory has to follow", ""}},
        {{"st\x1b[2Jts"}, EXIT_USAGE, {"no verb \"st?[2Jts\"", ""}},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        reset(state);
        scm.dispatch_error = ERROR_FAILED_SERVICE_CONTROLLER_CONNECT;
        int code = service_run((char **)(uintptr_t)rows[i].words);
        if (code != rows[i].code || !strstr(scm.said, rows[i].said[0]) || !strstr(scm.said, rows[i].said[1]))
            fail_msg("row %u: %d: %s", (unsigned)i, code, scm.said);
        assert_true(rows[i].code == EXIT_NOT_A_SERVICE || !strstr(scm.said, a_service));
        assert_int_equal(scm.told, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(goes_from_start_to_stop, reset),
        cmocka_unit_test_setup(ends_by_itself_once_it_is_drained, reset),
        cmocka_unit_test_setup(is_stopped_before_a_stop_that_hangs_ends_the_process, reset),
        cmocka_unit_test_setup(leaves_in_time_when_windows_ends, reset),
        cmocka_unit_test_setup(obeys_in_order_and_reports_each, reset),
        cmocka_unit_test_setup(does_not_know_other_controls, reset),
        cmocka_unit_test_setup(a_busy_control_thread_holds_nobody_up, reset),
        cmocka_unit_test_setup(a_stop_ends_a_reload_that_hangs, reset),
        cmocka_unit_test_setup(a_failed_start_says_why, reset),
        cmocka_unit_test_setup(arguments_of_the_start_win, reset),
        cmocka_unit_test_setup(a_bad_argument_stops_the_start, reset),
        cmocka_unit_test_setup(a_mistyped_verb_is_one_in_a_console_only, reset),
        cmocka_unit_test_setup(answers_what_was_typed_in_a_console, reset),
    };

    return cmocka_run_group_tests_name("service", tests, NULL, NULL) != 0;
}
