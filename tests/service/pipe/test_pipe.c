/* link: -Wl,--wrap=__imp_CreateNamedPipeW,--wrap=__imp_ConvertStringSecurityDescriptorToSecurityDescriptorW */
/* link: -Wl,--wrap=screen_answer,--wrap=screen_write */
/*
 * The pipe of `tftpd status`: questions and answers, and what clients do that mean no good: nothing of it may keep the next
 * one from his answer, or the service from its end.
 */
#include "files.h"

#include "service/pipe/pipe_client.h"
#include "service/pipe/pipe_server.h"
#include "service/status/status.h"
#include "service/tell/screen.h"

#include <stdio.h>
#include <wchar.h>

static const char service[] = "tftpd-test-pipe";

static struct {
    unsigned described, drained;
    uint32_t stopped;
    uint32_t transfers; /* to be told */
    uint32_t machines;
    char approved[PIPE_MACHINE_MAX * 2];
    enum companion_approval approval;
    HANDLE ends; /* set when a drain ends the host at once; NULL: it does not */
} host;

static void describe(void *context, struct pipe_reply *reply, struct snapshot_transfer *list)
{
    assert_ptr_equal(context, &host);
    host.described++;
    reply->port = 6969;
    reply->snapshot.running = host.transfers;
    reply->snapshot.transfer_count = host.transfers;
    for (uint32_t i = 0; i < host.transfers; i++) {
        list[i] = (struct snapshot_transfer){.id = i + 1, .bytes = i};
        snprintf(list[i].name, sizeof list[i].name, "file%u", i);
    }
}

static bool stop_transfer(void *context, uint32_t id)
{
    (void)context;
    host.stopped = id;
    return id == 7;
}

static void describe_boot(void *context, struct companion_state *boot, struct companion_machine *machines)
{
    (void)context;
    boot->is_on = true;
    boot->machine_count = host.machines;
    for (uint32_t i = 0; i < host.machines; i++) {
        machines[i] = (struct companion_machine){.requests = i};
        snprintf(machines[i].identity, sizeof machines[i].identity, "machine %u", i);
    }
}

static enum companion_approval approve(void *context, const char *machine)
{
    (void)context;
    snprintf(host.approved, sizeof host.approved, "%s", machine);
    return host.approval;
}

static void drain(void *context)
{
    (void)context;
    host.drained++;
    if (host.ends != NULL) {
        SetEvent(host.ends);
        Sleep(200); /* the other thread closes the server meanwhile */
    }
}

static struct pipe_conversation conversation;

/* What was asked of the system, and passed on. */
static DWORD asked_open, asked_mode, asked_instances;
static wchar_t asked_access[256];

typedef HANDLE(WINAPI *create_named_pipe)(LPCWSTR, DWORD, DWORD, DWORD, DWORD, DWORD, DWORD, SECURITY_ATTRIBUTES *);
typedef BOOL(WINAPI *convert_descriptor)(LPCWSTR, DWORD, PSECURITY_DESCRIPTOR *, ULONG *);
extern create_named_pipe __real___imp_CreateNamedPipeW;
extern create_named_pipe __wrap___imp_CreateNamedPipeW;
extern convert_descriptor __real___imp_ConvertStringSecurityDescriptorToSecurityDescriptorW;
extern convert_descriptor __wrap___imp_ConvertStringSecurityDescriptorToSecurityDescriptorW;

static HANDLE WINAPI note_pipe(LPCWSTR name, DWORD open, DWORD mode, DWORD instances, DWORD out, DWORD in,
                               DWORD timeout, SECURITY_ATTRIBUTES *security)
{
    asked_open = open;
    asked_mode = mode;
    asked_instances = instances;
    assert_non_null(security->lpSecurityDescriptor);
    return __real___imp_CreateNamedPipeW(name, open, mode, instances, out, in, timeout, security);
}
create_named_pipe __wrap___imp_CreateNamedPipeW = note_pipe;

static BOOL WINAPI note_access(LPCWSTR text, DWORD revision, PSECURITY_DESCRIPTOR *descriptor, ULONG *size)
{
    wcsncpy(asked_access, text, sizeof asked_access / sizeof *asked_access - 1);
    return __real___imp_ConvertStringSecurityDescriptorToSecurityDescriptorW(text, revision, descriptor, size);
}
convert_descriptor __wrap___imp_ConvertStringSecurityDescriptorToSecurityDescriptorW = note_access;

/* What the verbs say, on both streams. */
static char said[1000];

bool __wrap_screen_write(DWORD stream, const char *text);
void __wrap_screen_answer(const char *text);

bool __wrap_screen_write(DWORD stream, const char *text)
{
    (void)stream;
    strncat(said, text, sizeof said - 1 - strlen(said));
    return true;
}

void __wrap_screen_answer(const char *text)
{
    __wrap_screen_write(STD_OUTPUT_HANDLE, text);
}

static int set_up(void **state)
{
    struct pipe_server_setup setup = {
        .service = service,
        .context = &host,
        .describe = describe,
        .describe_boot = describe_boot,
        .stop_transfer = stop_transfer,
        .approve = approve,
        .drain = drain,
    };
    DWORD error;

    memset(&host, 0, sizeof host);
    *state = pipe_server_open(&setup, &error);
    assert_non_null(*state);
    assert_int_equal(error, 0);
    return 0;
}

static int tear_down(void **state)
{
    pipe_server_close(*state);
    return 0;
}

static bool ask(enum pipe_verb verb, uint32_t id)
{
    return pipe_client_ask(&conversation, service, verb, id);
}

static HANDLE open_raw(void)
{
    wchar_t name[PIPE_NAME_UNITS];

    assert_true(pipe_name(service, name));
    for (int i = 0; i < 1000; i++) {
        HANDLE pipe = CreateFileW(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
        if (pipe != INVALID_HANDLE_VALUE)
            return pipe;
        Sleep(5);
    }
    return INVALID_HANDLE_VALUE;
}

static void answers_each_question(void **state)
{
    (void)state;
    assert_true(ask(PIPE_STATUS, 0));
    assert_int_equal(conversation.reply.port, 6969);
    assert_string_equal(conversation.reply.version, TFTPD_VERSION);
    assert_int_equal(host.drained + host.stopped, 0);
    assert_true(ask(PIPE_STOP_TRANSFER, 8));
    assert_int_equal(conversation.reply.answer, PIPE_NO_SUCH_TRANSFER);
    assert_int_equal(host.stopped, 8);
    assert_true(ask(PIPE_STOP_TRANSFER, 7));
    assert_int_equal(conversation.reply.answer, PIPE_DONE);
    assert_true(ask(PIPE_DRAIN, 0));
    assert_int_equal(host.drained, 1);
    for (unsigned i = 0; i < 200; i++)
        assert_true(ask(PIPE_STATUS, 0));
}

static void has_machines_approved(void **state)
{
    static const enum pipe_answer answers[] = {
        [COMPANION_APPROVED] = PIPE_DONE, [COMPANION_OFF] = PIPE_BOOT_OFF, [COMPANION_NO_MACHINE] = PIPE_NO_MACHINE,
        [COMPANION_SHARED] = PIPE_SHARED, [COMPANION_FULL] = PIPE_NO_ROOM,
    };
    char longest[PIPE_MACHINE_MAX * 2];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        host.approval = (enum companion_approval)i;
        assert_true(pipe_client_approve(&conversation, service, "52:54:00:12:34:56"));
        assert_int_equal(conversation.reply.answer, answers[i]);
        assert_string_equal(host.approved, "52:54:00:12:34:56");
    }
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = 0;
    assert_true(pipe_client_approve(&conversation, service, longest));
    assert_int_equal(strlen(host.approved), PIPE_MACHINE_MAX - 1);
    assert_false(pipe_client_approve(&conversation, "nobody", "52:54:00:12:34:56"));
}

static void tells_all_machines(void **state)
{
    (void)state;
    host.transfers = 3;
    host.machines = COMPANION_MACHINES_MAX;
    assert_true(ask(PIPE_STATUS, 0));
    assert_int_equal(conversation.reply.boot.machine_count, COMPANION_MACHINES_MAX);
    for (uint32_t i = 0; i < COMPANION_MACHINES_MAX; i++) {
        char identity[32];
        snprintf(identity, sizeof identity, "machine %u", i);
        assert_string_equal(conversation.machines[i].identity, identity);
        assert_int_equal(conversation.machines[i].requests, i);
    }
}

static void tells_a_full_list(void **state)
{
    (void)state;
    host.transfers = SNAPSHOT_TRANSFERS_MAX;
    assert_true(ask(PIPE_STATUS, 0));
    assert_int_equal(conversation.reply.snapshot.transfer_count, SNAPSHOT_TRANSFERS_MAX);
    for (uint32_t i = 0; i < SNAPSHOT_TRANSFERS_MAX; i++) {
        char name[32];
        snprintf(name, sizeof name, "file%u", i);
        assert_int_equal(conversation.list[i].id, i + 1);
        assert_string_equal(conversation.list[i].name, name);
    }
}

/* Nothing is answered, nothing is done, and the next one gets his answer. */
static void drops_what_is_no_question(void **state)
{
    static const struct pipe_request bad[] = {
        {.magic = 0, .verb = PIPE_DRAIN},
        {.magic = PIPE_MAGIC, .verb = PIPE_VERB_COUNT},
        {.magic = PIPE_MAGIC, .verb = UINT32_MAX},
    };
    char byte;
    DWORD moved;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        HANDLE pipe = open_raw();
        assert_true(pipe != INVALID_HANDLE_VALUE);
        assert_true(WriteFile(pipe, &bad[i], sizeof bad[i], &moved, NULL));
        assert_false(ReadFile(pipe, &byte, 1, &moved, NULL) && moved > 0);
        CloseHandle(pipe);
    }
    HANDLE pipe = open_raw(); /* half a question */
    assert_true(WriteFile(pipe, &bad[0], 3, &moved, NULL));
    CloseHandle(pipe);
    CloseHandle(open_raw()); /* none at all */
    assert_true(ask(PIPE_STATUS, 0));
    assert_int_equal(host.drained, 0);
}

/* One who says nothing, and one who does not read his answer, are let go of after PIPE_PATIENCE_MS. */
static void does_not_wait_for_ever(void **state)
{
    struct pipe_request request = {.magic = PIPE_MAGIC, .verb = PIPE_STATUS};
    DWORD moved;

    (void)state;
    host.transfers = SNAPSHOT_TRANSFERS_MAX; /* more than the pipe holds */
    HANDLE silent = open_raw();
    assert_true(silent != INVALID_HANDLE_VALUE);
    while (!ask(PIPE_STATUS, 0))
        assert_int_equal(conversation.error, ERROR_SEM_TIMEOUT);
    CloseHandle(silent);
    HANDLE deaf = open_raw();
    assert_true(WriteFile(deaf, &request, sizeof request, &moved, NULL));
    while (!ask(PIPE_STATUS, 0))
        assert_int_equal(conversation.error, ERROR_SEM_TIMEOUT);
    CloseHandle(deaf);
}

static void ends_while_a_client_hangs(void **state)
{
    ULONGLONG took_ms = PIPE_PATIENCE_MS;

    /* A machine that stalls as long does not do so each time. */
    for (int i = 0; i < 5 && took_ms >= PIPE_PATIENCE_MS; i++) {
        HANDLE silent = open_raw();
        Sleep(50);
        ULONGLONG begun = GetTickCount64();
        pipe_server_close(*state);
        took_ms = GetTickCount64() - begun;
        CloseHandle(silent);
        assert_false(ask(PIPE_STATUS, 0));
        assert_int_equal(conversation.error, ERROR_FILE_NOT_FOUND);
        assert_non_null(strstr(conversation.reason, "does not run"));
        set_up(state);
    }
    assert_true(took_ms < PIPE_PATIENCE_MS);
}

static DWORD WINAPI close_when_it_ends(void *server)
{
    WaitForSingleObject(host.ends, INFINITE);
    pipe_server_close(server);
    return 0;
}

/* Asks for a drain, and reads the answer a moment after it is there, while the server is being closed. */
static bool hears_last_answer(void *server)
{
    struct pipe_request request = {.magic = PIPE_MAGIC, .verb = PIPE_DRAIN};
    struct pipe_reply reply = {.magic = 0};
    DWORD moved = 0, waiting = 0;

    host.ends = CreateEventW(NULL, TRUE, FALSE, NULL);
    HANDLE thread = CreateThread(NULL, 0, close_when_it_ends, server, 0, NULL);
    HANDLE pipe = open_raw();
    assert_true(WriteFile(pipe, &request, sizeof request, &moved, NULL));
    while (waiting < sizeof reply && PeekNamedPipe(pipe, NULL, 0, NULL, &waiting, NULL))
        Sleep(1);
    Sleep(100);
    bool is_heard = ReadFile(pipe, &reply, sizeof reply, &moved, NULL) && moved == sizeof reply;
    CloseHandle(pipe);
    assert_int_equal(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CloseHandle(thread);
    CloseHandle(host.ends);
    host.ends = NULL;
    return is_heard && reply.magic == PIPE_MAGIC;
}

/* What was asked may be what ends the service: a drain, or the end of the last transfer it waits for. */
static void answers_before_it_ends(void **state)
{
    bool is_heard = hears_last_answer(*state);

    set_up(state);
    for (int i = 0; i < 5 && !is_heard; i++) { /* a machine may stall for PIPE_LAST_MS, but not each time */
        is_heard = hears_last_answer(*state);
        set_up(state);
    }
    assert_true(is_heard);
}

/* A service's end takes a question in any of its states. */
static DWORD WINAPI end_while_asked(void *context)
{
    HANDLE pipe = context;
    struct pipe_request request;
    DWORD moved;

    if (ConnectNamedPipe(pipe, NULL) || GetLastError() == ERROR_PIPE_CONNECTED) {
        ReadFile(pipe, &request, sizeof request, &moved, NULL);
        DisconnectNamedPipe(pipe);
    }
    return 0;
}

static const char ending[] = "tftpd-test-ending";
static HANDLE ending_pipe, ending_thread;

static void begin_ending(void)
{
    wchar_t name[PIPE_NAME_UNITS];

    assert_true(pipe_name(ending, name));
    ending_pipe = __real___imp_CreateNamedPipeW(name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, 1, 512, 512, 0, NULL);
    assert_true(ending_pipe != INVALID_HANDLE_VALUE);
    ending_thread = CreateThread(NULL, 0, end_while_asked, ending_pipe, 0, NULL);
    assert_non_null(ending_thread);
}

static void finish_ending(void)
{
    assert_int_equal(WaitForSingleObject(ending_thread, INFINITE), WAIT_OBJECT_0);
    CloseHandle(ending_thread);
    CloseHandle(ending_pipe);
}

static void tells_an_end_from_a_failure(void **state)
{
    (void)state;
    begin_ending();
    assert_false(pipe_client_ask(&conversation, ending, PIPE_STATUS, 0));
    assert_int_equal(conversation.error, ERROR_PIPE_NOT_CONNECTED);
    assert_true(pipe_client_finds_nobody(&conversation));
    finish_ending();
    assert_false(pipe_client_ask(&conversation, ending, PIPE_STATUS, 0));
    assert_true(pipe_client_finds_nobody(&conversation));
    conversation.error = ERROR_TIMEOUT;
    assert_false(pipe_client_finds_nobody(&conversation));
    assert_true(ask(PIPE_STATUS, 0));
    assert_false(pipe_client_finds_nobody(&conversation));
}

static int drain_ending(void)
{
    char option[] = "--service", name[sizeof ending];
    char *words[] = {option, name, NULL};

    said[0] = 0;
    memcpy(name, ending, sizeof ending);
    return status_drain_run(words);
}

/* It may be gone before it has answered, which is what was asked for; one that never ran is a failure. */
static void drains_what_has_nothing_to_wait_for(void **state)
{
    (void)state;
    begin_ending();
    assert_int_equal(drain_ending(), STATUS_ANSWERED);
    assert_string_equal(said, "The service stops: it had no transfer to wait for.\n");
    finish_ending();
    assert_int_equal(drain_ending(), STATUS_UNANSWERED);
    assert_non_null(strstr(said, "does not run"));
}

/* A second server of this name would be somebody else's. */
static void shares_its_name_with_nobody(void **state)
{
    struct pipe_server_setup setup = {.service = service, .describe = describe};
    DWORD error = 0;

    (void)state;
    assert_null(pipe_server_open(&setup, &error));
    assert_int_not_equal(error, 0);
    assert_true(ask(PIPE_STATUS, 0));
}

/* Nobody from the network, nobody but administrators; the user of a console his own. Wine keeps no access lists. */
static void lets_only_administrators_in(void **state)
{
    struct pipe_server_setup setup = {.service = "tftpd-test-console", .is_console = true, .describe = describe};
    DWORD error;

    (void)state;
    assert_int_equal(wcscmp(asked_access, L"D:P(A;;GA;;;SY)(A;;GRGW;;;BA)"), 0);
    assert_true(asked_mode & PIPE_REJECT_REMOTE_CLIENTS);
    assert_true(asked_open & FILE_FLAG_FIRST_PIPE_INSTANCE);
    assert_int_equal(asked_instances, 1);
    struct pipe_server *server = pipe_server_open(&setup, &error);
    assert_non_null(server);
    pipe_server_close(server);
    assert_non_null(wcsstr(asked_access, L"D:P(A;;GA;;;SY)(A;;GRGW;;;BA)(A;;GRGW;;;S-1-5-21-"));
}

static void names_that_fit(void **state)
{
    char longest[PIPE_NAME_UNITS + 10];
    wchar_t name[PIPE_NAME_UNITS];

    (void)state;
    assert_true(pipe_name("tftpd", name));
    assert_int_equal(wcscmp(name, L"\\\\.\\pipe\\tftpd-tftpd"), 0);
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = 0;
    assert_false(pipe_name(longest, name));
    assert_false(pipe_client_ask(&conversation, longest, PIPE_STATUS, 0));
    assert_false(pipe_client_ask(&conversation, "nobody", PIPE_STATUS, 0));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(answers_each_question),       TEST(tells_a_full_list),
        TEST(drops_what_is_no_question),   TEST(does_not_wait_for_ever),
        TEST(ends_while_a_client_hangs),   TEST(shares_its_name_with_nobody),
        TEST(tells_an_end_from_a_failure), TEST(lets_only_administrators_in),
        cmocka_unit_test(names_that_fit),  TEST(drains_what_has_nothing_to_wait_for),
        TEST(answers_before_it_ends),      TEST(has_machines_approved),
        TEST(tells_all_machines),
    };

    return cmocka_run_group_tests_name("pipe", tests, NULL, NULL) != 0;
}
