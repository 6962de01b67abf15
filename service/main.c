#include "service/check.h"
#include "service/console.h"
#include "service/exitcodes.h"
#include "service/explain.h"
#include "service/help.h"
#include "service/import.h"
#include "service/install.h"
#include "service/screen.h"
#include "service/service.h"
#include "service/status.h"
#include "win32/text.h"

static int show_help(char **words)
{
    (void)words;
    help_print();
    return EXIT_OK;
}

static int show_version(char **words)
{
    (void)words;
    help_print_version();
    return EXIT_OK;
}

static const struct {
    const char *word;
    int (*run)(char **words);
} verbs[] = {
    {"run", console_run},        {"status", status_run},   {"stop-transfer", status_stop_transfer_run},
    {"drain", status_drain_run}, {"check", check_run},     {"explain", explain_run},
    {"import", import_run},      {"install", install_run}, {"uninstall", uninstall_run},
    {"-?", show_help},           {"/?", show_help},        {"-h", show_help},
    {"--help", show_help},       {"help", show_help},      {"version", show_version},
    {"--version", show_version},
};

/* Before anything else: DLLs come from System32 only, never from the directory we happen to be started in. */
static void harden(void)
{
    SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32);
    HeapSetInformation(NULL, HeapEnableTerminationOnCorruption, NULL, 0);
    /* A drive without a disk is an error for us to report, not a question to a desktop that nobody looks at. */
    SetErrorMode(SEM_FAILCRITICALERRORS);
}

int wmain(int count, wchar_t **wide);

int wmain(int count, wchar_t **wide)
{
    harden();
    char **words = text_of_words(count, wide);
    if (!words) {
        screen_write(STD_ERROR_HANDLE, "tftpd: an argument is not valid Unicode; type it again.\n");
        return EXIT_USAGE;
    }
    if (count > 0)
        words++;
    for (size_t i = 0; *words && i < sizeof verbs / sizeof *verbs; i++)
        if (lstrcmpiA(words[0], verbs[i].word) == 0)
            return verbs[i].run(words + 1);
    return service_run(words);
}
