/*
 * Functions of DLLs that the exe does not import. What it imports is loaded before any line of ours runs, and Windows
 * looks for it in the program's own folder first, unless it is one of its KnownDLLs: whoever can put a file beside a
 * downloaded tftpd.exe would run as the administrator who starts that. So all other DLLs are loaded when they are
 * wanted, from System32 only (LoadLibraryEx, LOAD_LIBRARY_SEARCH_SYSTEM32).
 */
#ifndef WIN32_DELAYLOAD_H
#define WIN32_DELAYLOAD_H

#include "win32/system/windows.h"

#include <stdatomic.h>

struct delayload {
    const wchar_t *library; /* "iphlpapi.dll" */
    const char *name;       /* of the function */
    _Atomic(FARPROC) found; /* NULL at first */
};

/*
 * Any thread. NULL: there is no such function, or no memory to load its DLL. The DLL stays loaded, so what was found once
 * costs nothing more.
 */
FARPROC delayload_find(struct delayload *function);

/* Declares FUNCTION_late, a pointer to the function as its header declares it, or NULL; at the beginning of a block. */
#define DELAYLOAD(dll, function)                                                      \
    static struct delayload function##_found = {.library = (dll), .name = #function}; \
    __typeof__(&(function)) function##_late =                                         \
        (__typeof__(function##_late))(void (*)(void))delayload_find(&function##_found)

#endif
