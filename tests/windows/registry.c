/* A policy that is gone for a moment: the key is not there while Group Policy writes it anew. */
#include "strict.h"

#include <wchar.h>

enum { GONE_MS = 600 };

static const wchar_t policies[] = L"SOFTWARE\\Policies\\";

IMPORTED(RegOpenKeyExW)

static volatile LONG64 gone_until_ms;
static volatile LONG has_been_read; /* at the start a policy that is not there has never been */

static bool is_gone(void)
{
    LONG64 now_ms = (LONG64)strict_now_us() / 1000;

    if (has_been_read && now_ms >= gone_until_ms && strict_draws(RULE_POLICY_GONE))
        InterlockedExchange64(&gone_until_ms, now_ms + GONE_MS);
    return now_ms < gone_until_ms;
}

static LSTATUS WINAPI open_key(HKEY key, const wchar_t *path, DWORD options, REGSAM rights, HKEY *opened)
{
    LSTATUS error = REAL(RegOpenKeyExW)(key, path, options, rights, opened);
    bool is_policy = key == HKEY_LOCAL_MACHINE && _wcsnicmp(path, policies, wcslen(policies)) == 0;

    if (error != 0 || !is_policy || !(rights & KEY_QUERY_VALUE))
        return error;
    if (!is_gone()) {
        has_been_read = TRUE;
        return 0;
    }
    RegCloseKey(*opened);
    *opened = NULL;
    return ERROR_FILE_NOT_FOUND;
}
REPLACE(RegOpenKeyExW, open_key);
