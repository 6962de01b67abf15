/* More services than one page. */
#include "strict.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum { PAGE = 2, ALL_BYTES = 1024 * 1024 };

IMPORTED(EnumServicesStatusExW)

/* The entries from first on, with their names behind them, as many as a page and the room take. */
static DWORD put_page(const ENUM_SERVICE_STATUS_PROCESSW *all, DWORD first, DWORD count, BYTE *bytes, DWORD size)
{
    ENUM_SERVICE_STATUS_PROCESSW *page = (void *)bytes;
    BYTE *end = bytes + size;
    DWORD done = 0;

    while (first + done < count && done < PAGE) {
        const ENUM_SERVICE_STATUS_PROCESSW *one = &all[first + done];
        size_t name = (wcslen(one->lpServiceName) + 1) * sizeof(wchar_t);
        size_t shown = (wcslen(one->lpDisplayName) + 1) * sizeof(wchar_t);
        if ((size_t)(end - (BYTE *)(page + done)) < sizeof *page + name + shown)
            break;
        page[done] = *one;
        end -= name;
        page[done].lpServiceName = memcpy(end, one->lpServiceName, name);
        end -= shown;
        page[done].lpDisplayName = memcpy(end, one->lpDisplayName, shown);
        done++;
    }
    return done;
}

static BOOL WINAPI enumerate(SC_HANDLE manager, SC_ENUM_TYPE what, DWORD type, DWORD state, BYTE *bytes, DWORD size,
                             DWORD *needed, DWORD *count, DWORD *resume, const wchar_t *group)
{
    DWORD all_count = 0, all_resume = 0, first = resume != NULL ? *resume : 0;
    BYTE *all = malloc(ALL_BYTES);

    if (all == NULL)
        abort();
    BOOL is_read =
        REAL(EnumServicesStatusExW)(manager, what, type, state, all, ALL_BYTES, needed, &all_count, &all_resume, group);
    if (!is_read || !strict_holds(RULE_SERVICE_PAGES)) {
        free(all);
        return is_read
                   ? REAL(EnumServicesStatusExW)(manager, what, type, state, bytes, size, needed, count, resume, group)
                   : FALSE;
    }
    *count = put_page((void *)all, first, all_count, bytes, size);
    free(all);
    bool has_more = first + *count < all_count;
    if (resume != NULL)
        *resume = has_more ? first + *count : 0;
    *needed = has_more ? (all_count - first - *count) * 1024 : 0;
    if (has_more)
        strict_count(RULE_SERVICE_PAGES);
    SetLastError(has_more ? ERROR_MORE_DATA : 0);
    return !has_more;
}
REPLACE(EnumServicesStatusExW, enumerate);
