#include "win32/system/delayload.h"

FARPROC delayload_find(struct delayload *function)
{
    FARPROC found = atomic_load(&function->found);

    if (found != NULL)
        return found;
    HMODULE library = LoadLibraryExW(function->library, NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
    found = library != NULL ? GetProcAddress(library, function->name) : NULL;
    atomic_store(&function->found, found);
    return found;
}
