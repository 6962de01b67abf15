/*
 * What the tests of `tftpd install` and `uninstall` have in common: a bare system, the verbs run on it, what they said.
 * Included by the one program that is linked with fake_system.h.
 */
#ifndef SERVICE_TESTS_INSTALL_LAB_H
#define SERVICE_TESTS_INSTALL_LAB_H

#include "fake_system.h"

#include "service/install/install.h"
#include "service/install/install_parts.h"

enum { SAID_MAX = 32768 };

#define OTHER "C:\\windows\\system32\\kernel32.dll" /* some program that is there */

static char said[SAID_MAX], folder[TEXT_UNITS];

/* Wherever these tests lie, nobody may change the folders above; or Users may. */
static bool is_open_above;

void __wrap_facts_gather_above(struct facts_above *above, const char *path, enum facts_thing nearest);
void __wrap_facts_gather_above(struct facts_above *above, const char *path, enum facts_thing nearest)
{
    assert_string_equal(path, program);
    assert_int_equal(nearest, FACTS_THING_FILE);
    memset(above, 0, sizeof *above);
    if (is_open_above)
        *above = (struct facts_above){.acl = {.lets_write = true, .who = "Users", .right = "delete what is in it"},
                                      .path = "C:\\tools"};
}

static const char *manifest_path(void)
{
    static char path[TEXT_UNITS];

    snprintf(path, sizeof path, "%.*s\\tftpd-counters.man", (int)(strrchr(program, '\\') - program), program);
    return path;
}

static int reset(void **state)
{
    static const wchar_t *const keys[] = {FIREWALL, PROVIDERS};
    wchar_t wide[TEXT_UNITS];
    HKEY key;

    (void)state;
    memset(&fake, 0, sizeof fake);
    is_open_above = false;
    fake.state = SERVICE_STOPPED;
    GetModuleFileNameW(NULL, wide, TEXT_UNITS);
    text_from_wide(wide, program, sizeof program);
    snprintf(folder, sizeof folder, "%s\\images", files_directory());
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, L"" SERVICES "tftpd");
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, L"" SERVICES "EventLog\\Application\\tftpd");
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        RegDeleteTreeW(HKEY_LOCAL_MACHINE, keys[i]);
        RegCreateKeyExW(HKEY_LOCAL_MACHINE, keys[i], 0, NULL, 0, KEY_READ, NULL, &key, NULL);
        RegCloseKey(key);
    }
    DeleteFileA(manifest_path());
    return 0;
}

/* Runs the verb; what it writes to either stream is in said. */
static int run(int (*verb)(char **words), ...)
{
    const char *path = files_path(files_directory(), "said.txt");
    SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, FALSE};
    HANDLE before[] = {GetStdHandle(STD_OUTPUT_HANDLE), GetStdHandle(STD_ERROR_HANDLE)};
    HANDLE file = CreateFileA(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ, &inherited, CREATE_ALWAYS, 0, NULL);
    char *words[16];
    size_t count = 0;
    DWORD size = 0;
    va_list list;

    va_start(list, verb);
    do {
        words[count] = va_arg(list, char *);
    } while (words[count++] != NULL);
    va_end(list);
    SetStdHandle(STD_OUTPUT_HANDLE, file);
    SetStdHandle(STD_ERROR_HANDLE, file);
    int code = verb(words);
    SetStdHandle(STD_OUTPUT_HANDLE, before[0]);
    SetStdHandle(STD_ERROR_HANDLE, before[1]);
    SetFilePointer(file, 0, NULL, FILE_BEGIN);
    ReadFile(file, said, SAID_MAX - 1, &size, NULL);
    said[size] = 0;
    CloseHandle(file);
    return code;
}

/* Their words, NULL at the end. */
#define INSTALL(...)   run(install_run, "--root", folder, __VA_ARGS__)
#define UNINSTALL(...) run(uninstall_run, __VA_ARGS__)

static void assert_said(const char *text)
{
    CHECK(strstr(said, text) != NULL, "\"%s\" is not in:\n%s", text, said);
}

static void assert_wide(const wchar_t *text, const char *wanted)
{
    char narrow[TEXT_UNITS];

    text_from_wide(text, narrow, sizeof narrow);
    assert_string_equal(narrow, wanted);
}

/* The command line is begin, the path, and a quotation mark. */
static void assert_tool(size_t index, const char *begin, const char *path)
{
    char wanted[TEXT_UNITS];

    snprintf(wanted, sizeof wanted, "%s%s\"", begin, path);
    CHECK(index < fake.tool_count, "only %zu tools ran", fake.tool_count);
    assert_string_equal(fake.tools[index], wanted);
}

static bool has_key(const wchar_t *path)
{
    HKEY key;
    bool is_there = RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_READ, &key) == 0;

    if (is_there)
        RegCloseKey(key);
    return is_there;
}

static void make_by_hand(const char *image, const wchar_t *account)
{
    fake.exists = true;
    fake.start = SERVICE_AUTO_START;
    text_to_wide(image, fake.image, TEXT_UNITS);
    wcscpy(fake.account, account);
    wcscpy(fake.shown, L"tftpd");
}

#endif
