#include "service/status/status.h"

#include "core/base/endpoint.h"
#include "service/status/status_print.h"
#include "service/tell/screen.h"
#include "service/words/verbs.h"

#include <stdlib.h>

enum { WATCH_S_DEFAULT = 1, WATCH_S_MAX = 3600, DRAIN_TURN_MS = 500, EXIT_MS_MAX = 10000 };

struct status_wish {
    const char *service;
    bool is_json;
    bool is_watch;
    bool is_quiet; /* drain: does not wait */
    uint32_t interval_s;
    uint64_t id; /* of stop-transfer */
    bool has_id;
};

/* "--watch" or "--watch=5". */
static bool read_watch(struct status_wish *wish, const char *word)
{
    static const char option[] = "--watch";
    size_t length = sizeof option - 1;
    uint64_t seconds = WATCH_S_DEFAULT;

    if (strncmp(word, option, length) != 0 || (word[length] != 0 && word[length] != '='))
        return false;
    if (word[length] == '=' &&
        (!span_to_number(span_of_text(word + length + 1), WATCH_S_MAX, &seconds) || seconds == 0))
        return false;
    wish->is_watch = true;
    wish->interval_s = (uint32_t)seconds;
    return true;
}

static int read_words(struct status_wish *wish, enum verb_id verb, char **words)
{
    bool is_status = verb == VERB_STATUS, is_drain = verb == VERB_DRAIN;

    *wish = (struct status_wish){.service = "tftpd"};
    while (*words != NULL) {
        int used = verbs_option(words, "--service", &wish->service);
        if (used == 0 && is_status && strcmp(words[0], "--json") == 0)
            wish->is_json = true;
        else if (used == 0 && is_drain && strcmp(words[0], "--no-wait") == 0)
            wish->is_quiet = true;
        else if (used == 0 && !is_status && !is_drain && !wish->has_id)
            wish->has_id = span_to_number(span_of_text(words[0]), UINT32_MAX, &wish->id);
        else if (used == 0 && !(is_status && read_watch(wish, words[0])))
            return verbs_complain(verb, "%.100s is not understood, or its value is missing", words[0]);
        if (used == 0 && !is_status && !is_drain && !wish->has_id)
            return verbs_complain(verb, "%.100s is not the number of a transfer; `tftpd status` shows them under ID",
                                  words[0]);
        words += used > 0 ? used : 1;
    }
    return STATUS_ANSWERED;
}

/* -- watching ------------------------------------------------------------------------------------------------------ */

/* The console's visible size; false where the output is no console. */
static bool screen_size(unsigned *columns, unsigned *rows)
{
    CONSOLE_SCREEN_BUFFER_INFO info;

    if (!GetConsoleScreenBufferInfo(GetStdHandle(STD_OUTPUT_HANDLE), &info))
        return false;
    *columns = (unsigned)(info.srWindow.Right - info.srWindow.Left + 1);
    *rows = (unsigned)(info.srWindow.Bottom - info.srWindow.Top + 1);
    return true;
}

static void clear_from(SHORT row, const CONSOLE_SCREEN_BUFFER_INFO *info)
{
    HANDLE console = GetStdHandle(STD_OUTPUT_HANDLE);
    COORD from = {0, row};
    DWORD written;
    DWORD cells = (DWORD)info->dwSize.X * (DWORD)(info->srWindow.Bottom - row + 1);

    FillConsoleOutputCharacterW(console, L' ', cells, from, &written);
    FillConsoleOutputAttribute(console, info->wAttributes, cells, from, &written);
}

/* Over what was there: no escape sequences, which older consoles show as they are. */
static void draw(const char *text)
{
    HANDLE console = GetStdHandle(STD_OUTPUT_HANDLE);
    CONSOLE_SCREEN_BUFFER_INFO info;

    if (!GetConsoleScreenBufferInfo(console, &info)) {
        screen_answer(text);
        return;
    }
    clear_from(info.srWindow.Top, &info);
    SetConsoleCursorPosition(console, (COORD){0, info.srWindow.Top});
    screen_answer(text);
}

static void show(struct pipe_conversation *now, const struct pipe_conversation *before, const struct status_wish *wish)
{
    unsigned columns = 0, rows = 0;
    bool is_console = screen_size(&columns, &rows);
    /* The last column would wrap, the last row scroll. Only watching cuts what does not fit. */
    char *text = wish->is_json
                     ? status_print_json(now)
                     : status_print_text(now, before, is_console ? columns - 1 : 0, wish->is_watch ? rows : 0);

    if (text != NULL && wish->is_watch && is_console && !wish->is_json)
        draw(text);
    else
        screen_answer(text);
    free(text);
}

int status_run(char **words)
{
    static struct pipe_conversation turns[2];
    struct status_wish wish;
    int code = read_words(&wish, VERB_STATUS, words);

    for (unsigned turn = 0; code == STATUS_ANSWERED; turn++) {
        struct pipe_conversation *now = &turns[turn % 2];
        if (!pipe_client_ask(now, wish.service, PIPE_STATUS, 0))
            return verbs_fail(VERB_STATUS, STATUS_UNANSWERED, "%s", now->reason);
        show(now, turn > 0 ? &turns[(turn + 1) % 2] : NULL, &wish);
        if (!wish.is_watch)
            break;
        Sleep(wish.interval_s * 1000);
    }
    return code;
}

/* -- the other verbs ----------------------------------------------------------------------------------------------- */

int status_stop_transfer_run(char **words)
{
    static struct pipe_conversation conversation;
    struct status_wish wish;
    int code = read_words(&wish, VERB_STOP_TRANSFER, words);

    if (code != STATUS_ANSWERED)
        return code;
    if (!wish.has_id)
        return verbs_complain(VERB_STOP_TRANSFER,
                              "the number of the transfer is missing; `tftpd status` shows them under ID");
    if (!pipe_client_ask(&conversation, wish.service, PIPE_STOP_TRANSFER, (uint32_t)wish.id))
        return verbs_fail(VERB_STOP_TRANSFER, STATUS_UNANSWERED, "%s", conversation.reason);
    if (conversation.reply.answer == PIPE_NO_SUCH_TRANSFER)
        return verbs_fail(VERB_STOP_TRANSFER, STATUS_UNANSWERED, "no transfer %u runs; it may have ended: tftpd status",
                          (unsigned)wish.id);
    screen_say("Transfer %u is being ended; its client is told.\n", (unsigned)wish.id);
    return STATUS_ANSWERED;
}

/* A new program is often copied over the old one next, whose file Windows keeps as long as the process lives. */
static bool has_ended(const struct pipe_conversation *conversation, HANDLE process)
{
    bool is_seen = process != NULL && WaitForSingleObject(process, EXIT_MS_MAX) == WAIT_OBJECT_0;

    return is_seen || pipe_client_finds_nobody(conversation);
}

/* Until the service answers no more, which is how it ends. */
static int await_end(struct pipe_conversation *conversation, const struct status_wish *wish, HANDLE process)
{
    uint32_t told = UINT32_MAX;
    bool was_draining = false;

    for (;;) {
        const struct pipe_reply *reply = &conversation->reply;
        if (was_draining && !reply->is_draining) {
            screen_answer("The service goes on: somebody took the draining back.\n");
            return STATUS_UNANSWERED;
        }
        was_draining = reply->is_draining;
        if (reply->snapshot.running != told) {
            told = reply->snapshot.running;
            screen_say("%u transfers still run.\n", told);
        }
        Sleep(DRAIN_TURN_MS);
        if (pipe_client_ask(conversation, wish->service, PIPE_STATUS, 0))
            continue;
        if (!has_ended(conversation, process))
            return verbs_fail(VERB_DRAIN, STATUS_UNANSWERED, "%s", conversation->reason);
        screen_answer("The service has stopped.\n");
        return STATUS_ANSWERED;
    }
}

int status_drain_run(char **words)
{
    static struct pipe_conversation conversation;
    struct status_wish wish;
    int code = read_words(&wish, VERB_DRAIN, words);

    if (code != STATUS_ANSWERED)
        return code;
    if (!pipe_client_ask(&conversation, wish.service, PIPE_DRAIN, 0)) {
        /* Who has nothing to wait for may end before he has answered: the pipe was there, and is broken. */
        if (conversation.error == ERROR_FILE_NOT_FOUND || !pipe_client_finds_nobody(&conversation))
            return verbs_fail(VERB_DRAIN, STATUS_UNANSWERED, "%s", conversation.reason);
        screen_answer("The service stops: it had no transfer to wait for.\n");
        return STATUS_ANSWERED;
    }
    screen_answer("No new transfers are taken; when the running ones have ended, the service stops.\n");
    if (wish.is_quiet)
        return STATUS_ANSWERED;
    HANDLE process = OpenProcess(SYNCHRONIZE, FALSE, conversation.reply.process);
    code = await_end(&conversation, &wish, process);
    if (process != NULL)
        CloseHandle(process);
    return code;
}
