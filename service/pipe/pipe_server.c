#include "service/pipe/pipe_server.h"

#include "core/base/utf8.h"
#include "win32/system/text.h"

#include <sddl.h>
#include <stdio.h>
#include <stdlib.h>

enum { SDDL_UNITS = 512, BUFFER_BYTES = 64 * 1024, BREATH_MS = 100 };

struct pipe_server {
    struct pipe_server_setup setup;
    HANDLE pipe;
    HANDLE stop;
    HANDLE thread;
    struct pipe_reply reply;
    struct snapshot_transfer list[SNAPSHOT_TRANSFERS_MAX];
    struct companion_machine machines[COMPANION_MACHINES_MAX];
};

/* The user of this process as an entry of an access list, or nothing. */
static void entry_of_user(wchar_t *entry, size_t units)
{
    union {
        TOKEN_USER user;
        BYTE bytes[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    } buffer;
    DWORD size = sizeof buffer;
    HANDLE token = NULL;
    wchar_t *text = NULL;

    entry[0] = 0;
    if (OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token) &&
        GetTokenInformation(token, TokenUser, &buffer, size, &size) &&
        ConvertSidToStringSidW(buffer.user.User.Sid, &text))
        swprintf(entry, units, L"(A;;GRGW;;;%ls)", text);
    if (text != NULL)
        LocalFree(text);
    if (token != NULL)
        CloseHandle(token);
}

/* Protected, so that nothing is inherited: the system, administrators, and the user of a console. */
static HANDLE create_pipe(const struct pipe_server_setup *setup, DWORD *error)
{
    wchar_t name[PIPE_NAME_UNITS], user[SDDL_UNITS / 2] = L"", sddl[SDDL_UNITS];
    SECURITY_ATTRIBUTES security = {.nLength = sizeof security};
    HANDLE pipe = INVALID_HANDLE_VALUE;

    if (setup->is_console)
        entry_of_user(user, SDDL_UNITS / 2);
    swprintf(sddl, SDDL_UNITS, L"D:P(A;;GA;;;SY)(A;;GRGW;;;BA)%ls", user);
    *error = ERROR_INVALID_NAME;
    if (!pipe_name(setup->service, name))
        return pipe;
    if (ConvertStringSecurityDescriptorToSecurityDescriptorW(sddl, SDDL_REVISION_1, &security.lpSecurityDescriptor,
                                                             NULL))
        pipe = CreateNamedPipeW(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | FILE_FLAG_FIRST_PIPE_INSTANCE,
                                PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS, 1,
                                BUFFER_BYTES, BUFFER_BYTES, 0, &security);
    *error = pipe == INVALID_HANDLE_VALUE ? GetLastError() : 0;
    LocalFree(security.lpSecurityDescriptor);
    return pipe;
}

/* Waits for a client as long as it takes. False when it is time to stop. */
static bool await_client(struct pipe_server *server)
{
    OVERLAPPED operation = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
    HANDLE handles[] = {server->stop, operation.hEvent};
    DWORD moved;

    if (operation.hEvent == NULL)
        return false;
    bool is_connected = ConnectNamedPipe(server->pipe, &operation) || GetLastError() == ERROR_PIPE_CONNECTED;
    if (!is_connected && GetLastError() == ERROR_IO_PENDING) {
        if (WaitForMultipleObjects(2, handles, FALSE, INFINITE) == WAIT_OBJECT_0)
            CancelIoEx(server->pipe, &operation);
        is_connected = GetOverlappedResult(server->pipe, &operation, &moved, TRUE) != 0;
    }
    CloseHandle(operation.hEvent);
    /* Whatever goes wrong with one client goes on with the next, but not in a tight loop. */
    return WaitForSingleObject(server->stop, is_connected ? 0 : BREATH_MS) == WAIT_TIMEOUT;
}

static void fill_reply(struct pipe_server *server, enum pipe_answer answer)
{
    struct pipe_reply *reply = &server->reply;

    memset(reply, 0, sizeof *reply);
    server->setup.describe(server->setup.context, reply, server->list);
    server->setup.describe_boot(server->setup.context, &reply->boot, server->machines);
    reply->magic = PIPE_MAGIC;
    reply->size = sizeof *reply;
    reply->transfer_size = sizeof server->list[0];
    reply->machine_size = sizeof server->machines[0];
    reply->answer = answer;
    utf8_copy(reply->version, sizeof reply->version, TFTPD_VERSION);
}

static enum pipe_answer approve(struct pipe_server *server, struct pipe_request *request)
{
    static const enum pipe_answer answers[] = {
        [COMPANION_APPROVED] = PIPE_DONE, [COMPANION_OFF] = PIPE_BOOT_OFF, [COMPANION_NO_MACHINE] = PIPE_NO_MACHINE,
        [COMPANION_SHARED] = PIPE_SHARED, [COMPANION_FULL] = PIPE_NO_ROOM,
    };

    request->machine[PIPE_MACHINE_MAX - 1] = 0;
    return answers[server->setup.approve(server->setup.context, request->machine)];
}

static void serve_client(struct pipe_server *server)
{
    struct pipe_request request;
    enum pipe_answer answer = PIPE_DONE;
    char byte;

    if (pipe_read(server->pipe, server->stop, &request, sizeof request) != 0 || request.magic != PIPE_MAGIC ||
        request.verb >= PIPE_VERB_COUNT)
        return;
    if (request.verb == PIPE_STOP_TRANSFER && !server->setup.stop_transfer(server->setup.context, request.id))
        answer = PIPE_NO_SUCH_TRANSFER;
    if (request.verb == PIPE_APPROVE)
        answer = approve(server, &request);
    if (request.verb == PIPE_DRAIN)
        server->setup.drain(server->setup.context);
    fill_reply(server, answer);
    if (pipe_write(server->pipe, server->stop, &server->reply, sizeof server->reply) != 0)
        return;
    DWORD size = server->reply.snapshot.transfer_count * (DWORD)sizeof server->list[0];
    if (size > 0 && pipe_write(server->pipe, server->stop, server->list, size) != 0)
        return;
    size = server->reply.boot.machine_count * (DWORD)sizeof server->machines[0];
    if (size > 0 && pipe_write(server->pipe, server->stop, server->machines, size) != 0)
        return;
    /* Disconnecting throws away what the client has not read yet: it closes its end when it has. */
    pipe_read(server->pipe, server->stop, &byte, 1);
}

static DWORD WINAPI run(void *context)
{
    struct pipe_server *server = context;

    while (await_client(server)) {
        serve_client(server);
        DisconnectNamedPipe(server->pipe);
    }
    return 0;
}

struct pipe_server *pipe_server_open(const struct pipe_server_setup *setup, DWORD *error)
{
    struct pipe_server *server = calloc(1, sizeof *server);

    *error = ERROR_NOT_ENOUGH_MEMORY;
    if (server == NULL)
        return NULL;
    server->setup = *setup;
    server->pipe = create_pipe(setup, error);
    server->stop = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (server->pipe != INVALID_HANDLE_VALUE && server->stop != NULL) {
        server->thread = CreateThread(NULL, 0, run, server, 0, NULL);
        *error = server->thread == NULL ? GetLastError() : 0;
    }
    if (server->thread == NULL) {
        pipe_server_close(server);
        return NULL;
    }
    return server;
}

void pipe_server_close(struct pipe_server *server)
{
    if (server->thread != NULL) {
        SetEvent(server->stop);
        WaitForSingleObject(server->thread, INFINITE);
        CloseHandle(server->thread);
    }
    if (server->pipe != INVALID_HANDLE_VALUE)
        CloseHandle(server->pipe);
    if (server->stop != NULL)
        CloseHandle(server->stop);
    free(server);
}
