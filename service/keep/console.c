#include "service/keep/console.h"

#include "service/keep/host.h"
#include "service/tell/screen.h"
#include "service/words/verbs.h"

/* Console control handlers get no context. */
static HANDLE stop_asked;

static BOOL WINAPI on_console_control(DWORD control)
{
    SetEvent(stop_asked);
    /* Windows ends the process when the handler of these returns, and otherwise when wmain does: so wait for that. */
    if (control == CTRL_CLOSE_EVENT || control == CTRL_LOGOFF_EVENT || control == CTRL_SHUTDOWN_EVENT)
        Sleep(INFINITE);
    return TRUE;
}

static int read_words(char **words, struct arguments *arguments, const char **service)
{
    struct config_problem problem = {"the name of a service has to follow"};

    for (int used; *words; words += used) {
        used = verbs_option(words, "--service", service);
        if (used == 0)
            used = arguments_read(arguments, words[0], words[1], &problem);
        if (used == 0 || !**service)
            return verbs_complain(VERB_RUN, "%.80s is not understood: %s", words[0], problem.text);
    }
    return EXIT_OK;
}

int console_run(char **words)
{
    static struct arguments arguments;
    struct journal_sink screen = screen_sink();
    struct host_setup setup = {.service = "tftpd", .arguments = &arguments, .screen = &screen};
    struct host *host;
    int code = read_words(words, &arguments, &setup.service);

    if (code)
        return code;
    stop_asked = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (!stop_asked || !SetConsoleCtrlHandler(on_console_control, TRUE))
        return verbs_fail(VERB_RUN, EXIT_JOURNAL,
                          "Windows gives no means to stop it with Ctrl+C; log on again and try once more");
    code = host_start(&host, &setup);
    if (code)
        return code;
    host_wait(host, stop_asked);
    host_stop(host, 0); /* whoever presses Ctrl+C wants the end now; clients are told */
    return EXIT_OK;
}
