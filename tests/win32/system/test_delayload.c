/* link: -Wl,--wrap=__imp_LoadLibraryExW */
/* DLLs that are loaded late come from System32 only. */
#include "files.h"

#include "win32/system/random.h"

#include <iphlpapi.h>
#include <wchar.h>

enum { LOADS_MAX = 8 };

typedef HMODULE(WINAPI *load_library)(LPCWSTR, HANDLE, DWORD);
extern load_library __real___imp_LoadLibraryExW;
extern load_library __wrap___imp_LoadLibraryExW;

static struct {
    unsigned count;
    wchar_t names[LOADS_MAX][MAX_PATH];
    bool is_nothing_there;
} loads;

static HMODULE WINAPI load(LPCWSTR name, HANDLE file, DWORD flags)
{
    assert_null(file);
    assert_int_equal(flags, LOAD_LIBRARY_SEARCH_SYSTEM32);
    assert_null(wcschr(name, L'\\'));
    assert_true(loads.count < LOADS_MAX);
    wcscpy(loads.names[loads.count++], name);
    if (loads.is_nothing_there) {
        SetLastError(ERROR_MOD_NOT_FOUND);
        return NULL;
    }
    return __real___imp_LoadLibraryExW(name, file, flags);
}
load_library __wrap___imp_LoadLibraryExW = load;

static int forget(void **state)
{
    (void)state;
    memset(&loads, 0, sizeof loads);
    return 0;
}

/* Those of the product, and what they say where there is no such DLL; the next call looks for it again. */
static void functions_of_a_missing_dll_say_so(void **state)
{
    SOCKADDR_IN address = {.sin_family = AF_INET};
    MIB_IPINTERFACE_TABLE *table;
    DWORD size = 0, index;
    ULONG list_size = 0;

    (void)state;
    loads.is_nothing_there = true;
    assert_int_equal(GetAdaptersAddresses(AF_UNSPEC, 0, NULL, NULL, &list_size), ERROR_PROC_NOT_FOUND);
    assert_int_equal(GetBestInterfaceEx((SOCKADDR *)&address, &index), ERROR_PROC_NOT_FOUND);
    assert_int_equal(GetExtendedUdpTable(NULL, &size, FALSE, AF_INET, UDP_TABLE_OWNER_PID, 0), ERROR_PROC_NOT_FOUND);
    assert_int_equal(GetIpInterfaceTable(AF_UNSPEC, &table), ERROR_PROC_NOT_FOUND);
    assert_int_equal(loads.count, 4);
    for (unsigned i = 0; i < loads.count; i++)
        assert_int_equal(wcscmp(loads.names[i], L"iphlpapi.dll"), 0);
}

static void they_are_found_once(void **state)
{
    DWORD size = 0;

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        size = 0;
        assert_int_equal(GetExtendedUdpTable(NULL, &size, FALSE, AF_INET, UDP_TABLE_OWNER_PID, 0),
                         ERROR_INSUFFICIENT_BUFFER);
        assert_true(size > 0);
    }
    assert_int_equal(loads.count, 1);
}

static void each_function_is_the_one_of_its_name(void **state)
{
    SOCKADDR_IN address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    MIB_IPINTERFACE_TABLE *table = NULL;
    ULONG list_size = 0;
    DWORD index = 0;

    (void)state;
    assert_int_equal(GetAdaptersAddresses(AF_UNSPEC, 0, NULL, NULL, &list_size), ERROR_BUFFER_OVERFLOW);
    assert_true(list_size > 0);
    /* Without a network nothing leads there. */
    DWORD error = GetBestInterfaceEx((SOCKADDR *)&address, &index);
    assert_true(error == NO_ERROR || error == ERROR_HOST_UNREACHABLE || error == ERROR_NETWORK_UNREACHABLE);
    /* Wine 8 has this one, but does not do it. */
    error = GetIpInterfaceTable(AF_UNSPEC, &table);
    assert_true(error == NO_ERROR || error == ERROR_NOT_SUPPORTED);
    FreeMibTable(table);
}

static void random_numbers_are_drawn_so_too(void **state)
{
    (void)state;
    assert_int_not_equal(random_number(), random_number());
    assert_int_equal(loads.count, 1);
    assert_int_equal(wcscmp(loads.names[0], L"bcrypt.dll"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(functions_of_a_missing_dll_say_so, forget),
        cmocka_unit_test_setup(they_are_found_once, forget),
        cmocka_unit_test_setup(each_function_is_the_one_of_its_name, forget),
        cmocka_unit_test_setup(random_numbers_are_drawn_so_too, forget),
    };

    WSADATA data;
    assert_int_equal(WSAStartup(MAKEWORD(2, 2), &data), 0);
    return cmocka_run_group_tests_name("delayload", tests, NULL, NULL) != 0;
}
