#include "service/pipe/pipe.h"

#include "win32/system/text.h"

bool pipe_name(const char *service, wchar_t *name)
{
    return text_print_wide(name, PIPE_NAME_UNITS, "\\\\.\\pipe\\tftpd-%s", service);
}

/* Waits for the operation that has begun; it is over when this returns, one way or the other. */
static DWORD finish(HANDLE pipe, HANDLE stop, OVERLAPPED *operation, DWORD *moved)
{
    HANDLE handles[] = {operation->hEvent, stop};
    DWORD woken = WaitForMultipleObjects(stop != NULL ? 2 : 1, handles, FALSE, PIPE_PATIENCE_MS);
    bool is_stopping = woken == WAIT_OBJECT_0 + 1;

    /* The end may be what the other one asked for, and he waits for his answer. */
    if (is_stopping)
        woken = WaitForSingleObject(operation->hEvent, PIPE_LAST_MS);
    if (woken != WAIT_OBJECT_0)
        CancelIoEx(pipe, operation);
    bool is_done = GetOverlappedResult(pipe, operation, moved, TRUE) != 0;
    if (is_done)
        return 0;
    return woken == WAIT_TIMEOUT && !is_stopping ? ERROR_TIMEOUT : GetLastError();
}

typedef BOOL begin_operation(HANDLE pipe, char *bytes, DWORD size, OVERLAPPED *operation);

static BOOL begin_write(HANDLE pipe, char *bytes, DWORD size, OVERLAPPED *operation)
{
    return WriteFile(pipe, bytes, size, NULL, operation);
}

static BOOL begin_read(HANDLE pipe, char *bytes, DWORD size, OVERLAPPED *operation)
{
    return ReadFile(pipe, bytes, size, NULL, operation);
}

static DWORD move(HANDLE pipe, HANDLE stop, char *bytes, DWORD size, begin_operation *begin)
{
    OVERLAPPED operation = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
    DWORD error = operation.hEvent == NULL ? GetLastError() : 0;

    while (error == 0 && size > 0) {
        DWORD moved = 0;
        error = begin(pipe, bytes, size, &operation) ? 0 : GetLastError();
        if (error == 0 || error == ERROR_IO_PENDING)
            error = finish(pipe, stop, &operation, &moved);
        if (error == 0 && moved == 0)
            error = ERROR_BROKEN_PIPE;
        bytes += moved;
        size -= moved;
    }
    if (operation.hEvent != NULL)
        CloseHandle(operation.hEvent);
    return error;
}

DWORD pipe_write(HANDLE pipe, HANDLE stop, const void *bytes, DWORD size)
{
    /* What is not const for a read is not written to by a write. */
    return move(pipe, stop, (char *)bytes, size, begin_write);
}

DWORD pipe_read(HANDLE pipe, HANDLE stop, void *bytes, DWORD size)
{
    return move(pipe, stop, bytes, size, begin_read);
}
