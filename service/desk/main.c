#include "service/desk/desk.h"
#include "service/keep/service.h"
#include "service/tell/exitcodes.h"
#include "service/tell/screen.h"
#include "win32/system/text.h"

/*
 * DLLs come from System32 only, never from the directory we happen to be started in. Those that the exe imports were
 * loaded before: they are KnownDLLs, which is so for each start (tests/lint.sh exe).
 */
static void harden(void)
{
    SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32);
    HeapSetInformation(NULL, HeapEnableTerminationOnCorruption, NULL, 0);
    /* A drive without a disk is an error for us to report, not a question to a desktop that nobody looks at. */
    SetErrorMode(SEM_FAILCRITICALERRORS);
}

/* `tftpd check -?` is `tftpd -? check`. */
static bool asks_for_help(const char *word)
{
    return word && verbs_find(word) == VERB_HELP && (word[0] == '-' || word[0] == '/');
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
    enum verb_id id = *words ? verbs_find(words[0]) : VERB_COUNT;
    if (id == VERB_COUNT)
        return service_run(words);
    return asks_for_help(words[1]) ? desk_run(VERB_HELP, (char *[]){words[0], NULL}) : desk_run(id, words + 1);
}
