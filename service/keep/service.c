#include "service/keep/service.h"

#include "service/keep/host.h"
#include "service/tell/eventlog.h"
#include "service/tell/screen.h"
#include "service/words/verbs.h"
#include "win32/system/text.h"

#include <stdio.h>

enum {
    START_HINT_MS = 60000, /* steps of a start come each second, until a minute has passed in which nothing got done */
    STOP_HINT_MS = 30000,  /* steps of a stop come each second, but its last ones wait for disks */
    /* What Windows leaves us: by default 5 s at SHUTDOWN for all services together, 10 s at PRESHUTDOWN. */
    SHUTDOWN_PATIENCE_S = 2,
    PRESHUTDOWN_PATIENCE_S = 5,
    /*
     * The control thread answers in microseconds. When it is busy, or the machine stalls, the handler waits no longer than
     * this: the Service Control Manager sends nobody else a control meanwhile.
     */
    HANDLER_PATIENCE_MS = 2000,
    HANDLER_TURN_MS = 100, /* of it, after which what holds an end up is cut short */
    PROBLEM_TEXT_MAX = 512
};

enum request {
    REQUEST_STOP = 1 << 0,
    REQUEST_SHUTDOWN = 1 << 1,
    REQUEST_PRESHUTDOWN = 1 << 2,
    REQUEST_PAUSE = 1 << 3,
    REQUEST_CONTINUE = 1 << 4,
    REQUEST_RELOAD = 1 << 5,
    REQUEST_REPORT = 1 << 6
};

/* The handler's whole knowledge. A later pause takes back a continue that nobody has obeyed yet, and the reverse. */
static const struct {
    DWORD control;
    LONG request;
    LONG withdrawn;
} controls[] = {
    {SERVICE_CONTROL_STOP, REQUEST_STOP, 0},
    {SERVICE_CONTROL_SHUTDOWN, REQUEST_SHUTDOWN, 0},
    {SERVICE_CONTROL_PRESHUTDOWN, REQUEST_PRESHUTDOWN, 0},
    {SERVICE_CONTROL_PAUSE, REQUEST_PAUSE, REQUEST_CONTINUE},
    {SERVICE_CONTROL_CONTINUE, REQUEST_CONTINUE, REQUEST_PAUSE},
    {SERVICE_CONTROL_PARAMCHANGE, REQUEST_RELOAD, 0},
    {SERVICE_CONTROL_INTERROGATE, REQUEST_REPORT, 0},
};

static const struct {
    LONG request;
    uint32_t patience_s;
} endings[] = {
    {REQUEST_SHUTDOWN, SHUTDOWN_PATIENCE_S},
    {REQUEST_PRESHUTDOWN, PRESHUTDOWN_PATIENCE_S},
    {REQUEST_STOP, UINT32_MAX},
};

struct service {
    char **image_words;
    char name[REGISTRY_SERVICE_MAX];
    struct arguments arguments;
    SERVICE_STATUS_HANDLE handle;
    SERVICE_STATUS status;  /* as last reported; the control thread's */
    HANDLE asked;           /* set when requests is not empty */
    HANDLE answered;        /* set when they have been obeyed and the state reported */
    volatile LONG requests; /* of enum request, from the handler to the control thread */
    SRWLOCK hang_lock;      /* guards what follows */
    bool may_hang;          /* the control thread may be opening something on a share that does not answer... */
    HANDLE thread;          /* ...and this is it; NULL: it cannot be had, and such an opening takes its time */
    struct host *host;
};

/* ServiceMain gets no context from the Service Control Manager. */
static struct service *the_service;

static DWORD accepted_in(DWORD state)
{
    if (state != SERVICE_RUNNING && state != SERVICE_PAUSED)
        return 0;
    return SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN | SERVICE_ACCEPT_PRESHUTDOWN | SERVICE_ACCEPT_PAUSE_CONTINUE |
           SERVICE_ACCEPT_PARAMCHANGE;
}

static void report(struct service *service, DWORD state)
{
    static const DWORD hints_ms[] = {
        [SERVICE_START_PENDING] = START_HINT_MS,
        [SERVICE_STOP_PENDING] = STOP_HINT_MS,
        [SERVICE_PAUSED] = 0,
    };
    SERVICE_STATUS *status = &service->status;
    bool is_pending = hints_ms[state] > 0;

    /* Within a pending state the checkpoint has to grow, or the Service Control Manager takes us for hung. */
    status->dwCheckPoint = !is_pending ? 0 : state == status->dwCurrentState ? status->dwCheckPoint + 1 : 1;
    status->dwWaitHint = hints_ms[state];
    status->dwServiceType = SERVICE_WIN32_OWN_PROCESS;
    status->dwCurrentState = state;
    status->dwControlsAccepted = accepted_in(state);
    SetServiceStatus(service->handle, status);
}

/* After this report the process may be ended at any moment, so it is the last thing that is done. */
static void report_stopped(struct service *service, int code)
{
    service->status.dwWin32ExitCode = code ? ERROR_SERVICE_SPECIFIC_ERROR : NO_ERROR;
    service->status.dwServiceSpecificExitCode = (DWORD)code;
    report(service, SERVICE_STOPPED);
}

static void on_progress(void *context)
{
    struct service *service = context;

    report(service, service->status.dwCurrentState);
}

/* As if all were well: with an error the recovery that `tftpd install` sets would start it again. */
static void on_given_up(void *context)
{
    report_stopped(context, EXIT_OK);
}

/* Called by the control thread around what may hang and may fail: the state that it reports behind it may not. */
static void set_may_hang(struct service *service, bool may_hang)
{
    AcquireSRWLockExclusive(&service->hang_lock);
    service->may_hang = may_hang;
    ReleaseSRWLockExclusive(&service->hang_lock);
}

/* A new start directory that is not opened by now is not needed any more. */
static void cut_short(struct service *service)
{
    AcquireSRWLockShared(&service->hang_lock);
    if (service->may_hang && service->thread)
        CancelSynchronousIo(service->thread);
    ReleaseSRWLockShared(&service->hang_lock);
}

static void await_answer(struct service *service, bool is_ending)
{
    for (DWORD waited_ms = 0; waited_ms < HANDLER_PATIENCE_MS; waited_ms += HANDLER_TURN_MS) {
        if (WaitForSingleObject(service->answered, HANDLER_TURN_MS) == WAIT_OBJECT_0)
            return;
        if (is_ending)
            cut_short(service);
    }
}

static bool is_ending(LONG request)
{
    return (request & (REQUEST_STOP | REQUEST_SHUTDOWN | REQUEST_PRESHUTDOWN)) != 0;
}

/*
 * Records what was asked; the control thread does it. The short wait is for the asker: `sc` and `net` look at the state
 * that ControlService brings back, and would take a RUNNING there for a refusal to stop.
 */
static DWORD WINAPI on_control(DWORD control, DWORD type, void *data, void *context)
{
    struct service *service = context;

    (void)type;
    (void)data;
    for (size_t i = 0; i < sizeof controls / sizeof *controls; i++) {
        if (controls[i].control != control)
            continue;
        InterlockedAnd(&service->requests, ~controls[i].withdrawn);
        ResetEvent(service->answered);
        InterlockedOr(&service->requests, controls[i].request);
        SetEvent(service->asked);
        await_answer(service, is_ending(controls[i].request));
        return NO_ERROR;
    }
    return ERROR_CALL_NOT_IMPLEMENTED;
}

static void obey(struct service *service, LONG requests)
{
    DWORD state = service->status.dwCurrentState;

    if (requests & (REQUEST_PAUSE | REQUEST_CONTINUE)) {
        state = requests & REQUEST_PAUSE ? SERVICE_PAUSED : SERVICE_RUNNING;
        host_pause(service->host, state == SERVICE_PAUSED);
    }
    if (requests & REQUEST_RELOAD) {
        set_may_hang(service, true);
        host_reload(service->host);
        set_may_hang(service, false);
    }
    if (requests & REQUEST_REPORT)
        host_flush(service->host);
    report(service, state);
    SetEvent(service->answered);
}

/* It also reads the parameters again by itself. */
static bool is_asked(struct service *service)
{
    set_may_hang(service, true);
    enum host_wake wake = host_wait(service->host, service->asked);
    set_may_hang(service, false);
    return wake == HOST_ASKED;
}

/* Returns how many seconds running transfers are given. */
static uint32_t control_until_end(struct service *service)
{
    while (is_asked(service)) {
        LONG requests = InterlockedExchange(&service->requests, 0);
        for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
            if (requests & endings[i].request)
                return endings[i].patience_s;
        obey(service, requests);
    }
    return 0;
}

/* Returns the first that is not understood, or NULL. */
static const char *read_words(struct service *service, char **words, struct config_problem *problem)
{
    int used = 1;

    for (; used > 0 && *words; words += used)
        used = arguments_read(&service->arguments, words[0], words[1], problem);
    return used > 0 ? NULL : *words;
}

/* False with an event that says what is wrong. */
static bool take_words(struct service *service, char **words)
{
    struct config_problem problem;
    const char *bad = read_words(service, words, &problem);

    if (bad) {
        struct event event = event_of(EVENT_BAD_ARGUMENT, bad, problem.text);
        eventlog_tell(service->name, &event);
    }
    return !bad;
}

/* The arguments of `sc start` come after those of the ImagePath and so win over them. */
static int start(struct service *service, char **start_words)
{
    struct host_setup setup = {
        .service = service->name,
        .arguments = &service->arguments,
        .progress = on_progress,
        .given_up = on_given_up,
        .context = service,
    };

    if (!take_words(service, service->image_words) || !take_words(service, start_words))
        return EXIT_USAGE;
    return host_start(&service->host, &setup);
}

static void run(struct service *service, char **start_words)
{
    int code;

    report(service, SERVICE_START_PENDING);
    code = start(service, start_words);
    if (code) {
        report_stopped(service, code);
        return;
    }
    report(service, SERVICE_RUNNING);
    uint32_t patience_s = control_until_end(service);
    report(service, SERVICE_STOP_PENDING);
    SetEvent(service->answered);
    host_stop(service->host, patience_s);
    report_stopped(service, EXIT_OK);
}

static void tell_no_start(const struct service *service, const char *what, DWORD error)
{
    char reason[PROBLEM_TEXT_MAX];
    struct event event;

    snprintf(reason, sizeof reason, "%s: %s", what, text_of_error(error).text);
    event = event_of(EVENT_START_FAILED, NULL, reason);
    eventlog_tell(service->name, &event);
}

/* wide[0] is the name the service is registered under; it may be any, and each has its own parameters. */
static void WINAPI service_main(DWORD count, wchar_t **wide)
{
    struct service *service = the_service;
    char **words = text_of_words((int)count, wide);

    snprintf(service->name, sizeof service->name, "%s", words && words[0] ? words[0] : "tftpd");
    /* The handler uses these until the process ends, so they are never closed. */
    service->asked = CreateEventW(NULL, FALSE, FALSE, NULL);
    service->answered = CreateEventW(NULL, FALSE, FALSE, NULL);
    service->thread = OpenThread(THREAD_TERMINATE, FALSE, GetCurrentThreadId()); /* the right that cancelling takes */
    service->handle = RegisterServiceCtrlHandlerExW(count > 0 ? wide[0] : L"tftpd", on_control, service);
    if (!service->handle) {
        tell_no_start(service, "the Service Control Manager takes no handler", GetLastError());
    } else if (!words || !service->asked || !service->answered) {
        tell_no_start(service, "there is no memory for it", GetLastError());
        report_stopped(service, EXIT_JOURNAL);
    } else {
        run(service, words[0] ? words + 1 : words);
    }
}

static const char not_a_service[] =
    "This program is a service of Windows and was not started by the Service Control Manager.\n"
    "\n"
    "  To install it:     tftpd install           (or: sc create tftpd binPath= C:\\path\\tftpd.exe)\n"
    "  To start it:       sc start tftpd          (or: net start tftpd)\n"
    "  To try it here:    tftpd run -dC:\\images   (Ctrl+C ends it)\n"
    "  To read the help:  tftpd -?\n";

/*
 * Only when the Service Control Manager is not there is a word that is no argument somebody's mistyped verb: the
 * ImagePath and `sc start` may have any.
 */
static int answer_console(struct service *service)
{
    struct config_problem problem;
    const char *bad = read_words(service, service->image_words, &problem);

    if (bad)
        return verbs_complain_unknown(bad, problem.text);
    screen_write(STD_ERROR_HANDLE, not_a_service);
    return EXIT_NOT_A_SERVICE;
}

int service_run(char **words)
{
    static wchar_t any_name[] = L""; /* of a process with one service the name in the table means nothing */
    static const SERVICE_TABLE_ENTRYW table[] = {{any_name, service_main}, {NULL, NULL}};
    static struct service service;
    char text[PROBLEM_TEXT_MAX];

    service = (struct service){.image_words = words, .hang_lock = SRWLOCK_INIT};
    the_service = &service;
    if (StartServiceCtrlDispatcherW(table))
        return EXIT_OK;
    if (GetLastError() == ERROR_FAILED_SERVICE_CONTROLLER_CONNECT)
        return answer_console(&service);
    snprintf(text, sizeof text, "The Service Control Manager does not answer: %s\n",
             text_of_error(GetLastError()).text);
    screen_write(STD_ERROR_HANDLE, text);
    return EXIT_NOT_A_SERVICE;
}
