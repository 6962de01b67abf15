#include "service/pipe/pipe_client.h"

#include "core/base/utf8.h"
#include "service/facts/facts_service.h"
#include "win32/system/text.h"

#include <stdio.h>

enum { BUSY_MS = 3000 };

static bool fail(struct pipe_conversation *conversation, const char *service, DWORD error)
{
    conversation->error = error;
    switch (error) {
    case ERROR_FILE_NOT_FOUND:
        snprintf(conversation->reason, PIPE_REASON_MAX, "the service %.80s does not run; start it with: sc start %.80s",
                 service, service);
        break;
    case ERROR_ACCESS_DENIED:
        snprintf(conversation->reason, PIPE_REASON_MAX,
                 "only administrators may ask the service %.80s; use an elevated prompt", service);
        break;
    case ERROR_SEM_TIMEOUT:
    case ERROR_PIPE_BUSY:
    case ERROR_TIMEOUT:
        snprintf(conversation->reason, PIPE_REASON_MAX,
                 "the service %.80s is busy with another question, or hangs; ask again, or look at: sc query %.80s",
                 service, service);
        break;
    default:
        snprintf(conversation->reason, PIPE_REASON_MAX,
                 "the service %.80s did not answer: %.150s; look at: sc query %.80s", service,
                 text_of_error(error).text, service);
    }
    return false;
}

/* Anonymous: whoever made the pipe learns nothing of us and cannot act in our name. */
static HANDLE open_pipe(const wchar_t *name)
{
    for (;;) {
        HANDLE pipe = CreateFileW(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING,
                                  FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_ANONYMOUS, NULL);
        if (pipe != INVALID_HANDLE_VALUE || GetLastError() != ERROR_PIPE_BUSY || !WaitNamedPipeW(name, BUSY_MS))
            return pipe;
    }
}

/* A pipe of the right name may be somebody else's, made before the service was started. */
static bool is_of_service(HANDLE pipe, const char *service)
{
    static struct facts_service facts;
    ULONG process;

    facts_service_read(&facts, service);
    bool runs = facts.error == 0 && facts.status_error == 0 && facts.process != 0;
    return !runs || !GetNamedPipeServerProcessId(pipe, &process) || process == facts.process;
}

static DWORD read_machines(HANDLE pipe, struct pipe_conversation *conversation)
{
    uint32_t count = conversation->reply.boot.machine_count;
    DWORD size = count * (DWORD)sizeof conversation->machines[0];
    DWORD error = size > 0 ? pipe_read(pipe, NULL, conversation->machines, size) : 0;

    for (uint32_t i = 0; error == 0 && i < count; i++) {
        struct companion_machine *machine = &conversation->machines[i];
        machine->identity[sizeof machine->identity - 1] = 0;
        machine->kind[sizeof machine->kind - 1] = 0;
        machine->file[sizeof machine->file - 1] = 0;
    }
    return error;
}

static DWORD converse(HANDLE pipe, struct pipe_conversation *conversation, const struct pipe_request *request)
{
    struct pipe_reply *reply = &conversation->reply;
    DWORD error = pipe_write(pipe, NULL, request, sizeof *request);

    if (error == 0)
        error = pipe_read(pipe, NULL, reply, sizeof *reply);
    if (error != 0)
        return error;
    reply->version[PIPE_VERSION_MAX - 1] = 0;
    reply->directory[PIPE_PATH_MAX - 1] = 0;
    if (reply->magic != PIPE_MAGIC || reply->size != sizeof *reply ||
        reply->transfer_size != sizeof conversation->list[0] ||
        reply->machine_size != sizeof conversation->machines[0] ||
        reply->snapshot.transfer_count > SNAPSHOT_TRANSFERS_MAX || reply->boot.machine_count > COMPANION_MACHINES_MAX)
        return ERROR_REVISION_MISMATCH;
    DWORD size = reply->snapshot.transfer_count * (DWORD)sizeof conversation->list[0];
    if (size > 0)
        error = pipe_read(pipe, NULL, conversation->list, size);
    for (uint32_t i = 0; error == 0 && i < reply->snapshot.transfer_count; i++)
        conversation->list[i].name[SNAPSHOT_NAME_MAX - 1] = 0;
    return error != 0 ? error : read_machines(pipe, conversation);
}

static bool ask(struct pipe_conversation *conversation, const char *service, const struct pipe_request *request)
{
    wchar_t name[PIPE_NAME_UNITS];

    conversation->error = 0;
    conversation->reason[0] = 0;
    if (!pipe_name(service, name))
        return fail(conversation, service, ERROR_FILE_NOT_FOUND);
    HANDLE pipe = open_pipe(name);
    if (pipe == INVALID_HANDLE_VALUE)
        return fail(conversation, service, GetLastError());
    DWORD error = is_of_service(pipe, service) ? converse(pipe, conversation, request) : ERROR_INVALID_OWNER;
    CloseHandle(pipe);
    if (error == ERROR_REVISION_MISMATCH)
        snprintf(
            conversation->reason, PIPE_REASON_MAX,
            "the service %.80s is of another version than this program, which is %s; use the service's own: sc qc %.80s",
            service, TFTPD_VERSION, service);
    else if (error == ERROR_INVALID_OWNER)
        snprintf(conversation->reason, PIPE_REASON_MAX,
                 "another program than the service %.80s answers to its name; look for it, then restart the service",
                 service);
    else if (error != 0)
        return fail(conversation, service, error);
    conversation->error = error;
    return error == 0;
}

bool pipe_client_ask(struct pipe_conversation *conversation, const char *service, enum pipe_verb verb, uint32_t id)
{
    struct pipe_request request = {.magic = PIPE_MAGIC, .verb = verb, .id = id};

    return ask(conversation, service, &request);
}

bool pipe_client_approve(struct pipe_conversation *conversation, const char *service, const char *machine)
{
    struct pipe_request request = {.magic = PIPE_MAGIC, .verb = PIPE_APPROVE};

    utf8_copy(request.machine, sizeof request.machine, machine);
    return ask(conversation, service, &request);
}

bool pipe_client_finds_nobody(const struct pipe_conversation *conversation)
{
    DWORD error = conversation->error;

    return error == ERROR_FILE_NOT_FOUND || error == ERROR_BROKEN_PIPE || error == ERROR_PIPE_NOT_CONNECTED ||
           error == ERROR_NO_DATA;
}
