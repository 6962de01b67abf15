#include "client/doctor.h"
#include "client/errand.h"
#include "client/pattern.h"
#include "core/base/utf8.h"
#include "core/client/local_name.h"
#include "win32/system/paths.h"
#include "win32/system/terminal.h"
#include "win32/system/text.h"

#include <stdio.h>

enum { PROGRAM_MAX = 1024 };

/* The C runtime matches no patterns: a get's are the server's names, and what a put's are is for client/pattern. */
int _dowildcard = 0; /* NOLINT(readability-identifier-naming): the runtime's name */

static char text[RESULT_JSON_MAX];

/* DLLs come from System32 only, never from the folder that we happen to be started in. */
static void harden(void)
{
    SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32);
    HeapSetInformation(NULL, HeapEnableTerminationOnCorruption, NULL, 0);
    SetErrorMode(SEM_FAILCRITICALERRORS);
}

static int fail_command(const char *problem)
{
    snprintf(text, sizeof text, "tftp: %s.\n%s", problem, command_usage);
    terminal_write(STD_ERROR_HANDLE, text);
    return cause_exit_code(CAUSE_COMMAND_LINE, 0);
}

/* Where a file goes to the standard output nothing else does. */
static bool is_output_taken(const struct command *command, const struct job *job)
{
    return command->verb == COMMAND_GET && strcmp(job->local, "-") == 0;
}

/* Bytes of a binary make a console ring, and worse. */
static bool is_binary_for_console(const struct command *command, const struct job *job)
{
    DWORD mode;

    return is_output_taken(command, job) && !job->is_netascii && GetConsoleMode(GetStdHandle(STD_OUTPUT_HANDLE), &mode);
}

static bool tell(const struct command *command, struct console *console, const struct result *result)
{
    bool is_taken = is_output_taken(command, result->job), is_told = true;
    char local[COMMAND_LOCAL_MAX];

    if (command->is_json)
        is_told = console_tell(console, is_taken, result_json(result, text));
    if (result->report.cause != CAUSE_DONE) {
        console_say(console, result_failure(result, text));
        return is_told;
    }
    if (command->is_quiet || command->is_json)
        return is_told;
    console_say(console, result_advice(result, text));
    is_told = console_tell(console, is_taken, result_success(result, text));
    if (result->hash[0] == 0)
        return is_told;
    utf8_printable(span_of_text(result->job->local), local, sizeof local);
    snprintf(text, sizeof text, "%s  %s\n", result->hash, local);
    return console_tell(console, is_taken, text) && is_told;
}

static int run_job(struct command *command, struct console *console, size_t index)
{
    static struct job job;
    char program[PROGRAM_MAX];
    struct result result = {.job = &job, .is_put = command->verb == COMMAND_PUT, .program = program};

    if (!paths_own_program(program, sizeof program))
        snprintf(program, sizeof program, "tftp.exe");
    if (!command_job(command, index, &job))
        return fail_command(command->problem);
    if (command->verb == COMMAND_PROBE || command->verb == COMMAND_SIZE)
        return doctor_run(command, console, &job, program);
    if (is_binary_for_console(command, &job))
        return fail_command("a binary on a console is of no use: name a file, or send it elsewhere with > or |");
    errand_run(command, console, &result);
    bool is_told = tell(command, console, &result);
    int code = cause_exit_code(result.report.cause, result.report.error_code);
    errand_free();
    return code != 0 || is_told ? code : cause_exit_code(CAUSE_STDOUT, 0);
}

/* One after the other; the code is that of the first that failed. */
static int run(struct command *command)
{
    struct console console;
    WSADATA data;
    int first = 0;

    if (!console_begin(&console, command) || WSAStartup(MAKEWORD(2, 2), &data) != 0) {
        terminal_write(STD_ERROR_HANDLE, "tftp: Windows Sockets cannot be started.\n");
        return cause_exit_code(CAUSE_SOCKET, 0);
    }
    for (size_t i = 0; i < command_job_count(command); i++) {
        int code = run_job(command, &console, i);
        if (first == 0)
            first = code;
        if (code == cause_exit_code(CAUSE_INTERRUPTED, 0))
            break;
    }
    return first;
}

int wmain(int count, wchar_t **wide);

int wmain(int count, wchar_t **wide)
{
    static struct command command;

    harden();
    char **words = text_of_words(count, wide);
    if (words == NULL)
        return fail_command("an argument is not valid Unicode; type it again");
    size_t word_count = count > 0 ? (size_t)count - 1 : 0;
    if (!command_parse(&command, word_count, (const char *const *)words + (count > 0)))
        return fail_command(command.problem);
    if (command.verb == COMMAND_USAGE || command.verb == COMMAND_HELP) {
        terminal_write(STD_ERROR_HANDLE, command.is_help_of_probe ? command_help_probe : command_help);
        return cause_exit_code(command.verb == COMMAND_HELP ? CAUSE_DONE : CAUSE_COMMAND_LINE, 0);
    }
    if (command.verb == COMMAND_VERSION) {
        terminal_write(STD_OUTPUT_HANDLE, "tftp " TFTPD_VERSION "\n");
        return 0;
    }
    if (!pattern_expand(&command))
        return fail_command(command.problem);
    return run(&command);
}
