/*
 * scm NAME stop|pause|continue|interrogate|paramchange|NUMBER   sends a control, prints the state the answer carried
 * scm NAME query                                                prints everything the Service Control Manager knows
 * scm NAME wait STATE SECONDS                                   until the service is in that state
 * Exit code 0, or 1 with the Windows error on the screen. Wine's sc.exe lacks most of these verbs.
 */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

static const struct {
    const wchar_t *word;
    DWORD control;
} controls[] = {
    {L"stop", SERVICE_CONTROL_STOP},
    {L"pause", SERVICE_CONTROL_PAUSE},
    {L"continue", SERVICE_CONTROL_CONTINUE},
    {L"interrogate", SERVICE_CONTROL_INTERROGATE},
    {L"paramchange", SERVICE_CONTROL_PARAMCHANGE},
};

static const wchar_t *const states[] = {
    [SERVICE_STOPPED] = L"STOPPED",
    [SERVICE_START_PENDING] = L"START_PENDING",
    [SERVICE_STOP_PENDING] = L"STOP_PENDING",
    [SERVICE_RUNNING] = L"RUNNING",
    [SERVICE_CONTINUE_PENDING] = L"CONTINUE_PENDING",
    [SERVICE_PAUSE_PENDING] = L"PAUSE_PENDING",
    [SERVICE_PAUSED] = L"PAUSED",
};

enum { STATE_COUNT = sizeof states / sizeof *states };

static const wchar_t *state_word(DWORD state)
{
    return state < STATE_COUNT && states[state] ? states[state] : L"UNKNOWN";
}

static int failed(const wchar_t *what)
{
    printf("%ls failed with %lu\n", what, GetLastError());
    return 1;
}

static BOOL query(SC_HANDLE service, SERVICE_STATUS_PROCESS *status)
{
    DWORD size;

    return QueryServiceStatusEx(service, SC_STATUS_PROCESS_INFO, (BYTE *)status, sizeof *status, &size);
}

static int print_status(SC_HANDLE service)
{
    SERVICE_STATUS_PROCESS status;

    if (!query(service, &status))
        return failed(L"QueryServiceStatusEx");
    printf("state %ls\ntype 0x%lx\naccepted 0x%lx\nwin32_exit_code %lu\nservice_exit_code %lu\ncheckpoint %lu\n"
           "wait_hint %lu\npid %lu\n",
           state_word(status.dwCurrentState), status.dwServiceType, status.dwControlsAccepted, status.dwWin32ExitCode,
           status.dwServiceSpecificExitCode, status.dwCheckPoint, status.dwWaitHint, status.dwProcessId);
    return 0;
}

/* Prints each state with its checkpoint as it is first seen, so that a test can look at the way as well. */
static int wait_for_state(SC_HANDLE service, const wchar_t *wanted, DWORD seconds)
{
    ULONGLONG end_ms = GetTickCount64() + seconds * 1000ull;
    SERVICE_STATUS_PROCESS status, last = {0};

    for (;;) {
        if (!query(service, &status))
            return failed(L"QueryServiceStatusEx");
        if (status.dwCurrentState != last.dwCurrentState || status.dwCheckPoint != last.dwCheckPoint)
            printf("%ls checkpoint %lu hint %lu\n", state_word(status.dwCurrentState), status.dwCheckPoint,
                   status.dwWaitHint);
        last = status;
        if (_wcsicmp(state_word(status.dwCurrentState), wanted) == 0)
            return 0;
        if (GetTickCount64() >= end_ms)
            return 1;
        Sleep(10);
    }
}

static int send_control(SC_HANDLE service, const wchar_t *word)
{
    DWORD control = wcstoul(word, NULL, 10);
    SERVICE_STATUS status;

    for (size_t i = 0; i < sizeof controls / sizeof *controls; i++)
        if (_wcsicmp(controls[i].word, word) == 0)
            control = controls[i].control;
    if (!ControlService(service, control, &status))
        return failed(L"ControlService");
    printf("state %ls\n", state_word(status.dwCurrentState));
    return 0;
}

int wmain(int count, wchar_t **words);

int wmain(int count, wchar_t **words)
{
    SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT);
    SC_HANDLE service = manager && count > 2 ? OpenServiceW(manager, words[1], SERVICE_ALL_ACCESS) : NULL;

    if (count < 3) {
        printf("scm NAME stop|pause|continue|interrogate|paramchange|NUMBER, scm NAME query, scm NAME wait STATE "
               "SECONDS\n");
        return 2;
    }
    if (!service)
        return failed(L"OpenService");
    if (_wcsicmp(words[2], L"query") == 0)
        return print_status(service);
    if (_wcsicmp(words[2], L"wait") == 0 && count == 5)
        return wait_for_state(service, words[3], wcstoul(words[4], NULL, 10));
    return send_control(service, words[2]);
}
