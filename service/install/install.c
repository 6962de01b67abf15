#include "service/install/install.h"

#include "service/install/install_parts.h"
#include "service/tell/screen.h"
#include "service/words/verbs.h"
#include "win32/system/paths.h"
#include "win32/system/text.h"

#include <stdio.h>
#include <stdlib.h>

enum { LINE_MAX = 2048, SERVICE_UNITS_MAX = 256 };

#define MANIFEST_NAME "tftpd-counters.man"

static const struct install_start starts[] = {
    {"auto", "auto", "it starts with Windows", SERVICE_AUTO_START, false},
    {"delayed", "delayed-auto", "it starts with Windows, after what is more urgent", SERVICE_AUTO_START, true},
    {"demand", "demand", "it starts when somebody starts it", SERVICE_DEMAND_START, false},
    {"disabled", "disabled", "it is disabled", SERVICE_DISABLED, false},
};

enum { START_STANDARD = 1 };

static enum verb_id verb_of(const struct install *install)
{
    return install->is_undo ? VERB_UNINSTALL : VERB_INSTALL;
}

/* -- words --------------------------------------------------------------------------------------------------------- */

/* Returns how many words were used, 0 if this is none of the options with a value. */
static int read_value(struct install *install, char **words, const char **start, const char **firewall)
{
    struct install_wish *wish = &install->wish;
    const struct {
        const char *option;
        const char **value;
        bool is_of_undo;
    } values[] = {
        {"--name", &wish->name, true},        {"--root", &wish->root, false}, {"--masters", &wish->masters, false},
        {"--account", &wish->account, false}, {"--start", start, false},      {"--firewall", firewall, false},
    };

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        int used =
            !install->is_undo || values[i].is_of_undo ? verbs_option(words, values[i].option, values[i].value) : 0;
        /* An installer hands over what it was not told as nothing. */
        if (used > 0 && (*values[i].value)[0] == 0 && values[i].value != &wish->name)
            *values[i].value = NULL;
        if (used > 0)
            return used;
    }
    return 0;
}

static int read_flag(struct install *install, const char *word)
{
    struct install_wish *wish = &install->wish;

    if (strcmp(word, "--dry-run") == 0)
        wish->is_dry = true;
    else if (strcmp(word, "--no-start") == 0 && !install->is_undo)
        wish->wants_start = false;
    else if (strcmp(word, "--lenient") == 0 && !install->is_undo)
        wish->is_lenient = true;
    else if (strcmp(word, "--keep-rights") == 0 && !install->is_undo)
        wish->keeps_rights = true;
    else if (strcmp(word, "--keep-service") == 0 && install->is_undo)
        wish->keeps_service = true;
    else if (strcmp(word, "--only-stop") == 0 && install->is_undo)
        wish->only_stops = true;
    else
        return 0;
    return 1;
}

/* No quotation marks: these become parts of command lines. */
static bool is_plain(const char *text, const char *forbidden)
{
    if (text != NULL && strpbrk(text, forbidden) != NULL)
        return false;
    for (; text != NULL && *text != 0; text++)
        if ((unsigned char)*text < ' ')
            return false;
    return true;
}

static const char *word_problem(struct install *install)
{
    const struct install_wish *wish = &install->wish;

    if (!text_to_wide(wish->name, install->name, SERVICE_UNITS_MAX + 1) || wish->name[0] == 0 ||
        !is_plain(wish->name, "\\/\""))
        return "--name: a service's name has 1 to 256 characters, and no \\, / or quotation mark";
    if (!is_plain(wish->account, "\""))
        return "--account: an account's name has no quotation mark";
    /* The end of "D:\images\" arrives with the mark that the backslash took along. */
    if (!is_plain(wish->root, "\""))
        return "--root: a directory has no quotation mark in its name; type it without a backslash at the end";
    return NULL;
}

/* "D:\images\" and "D:\images\." are D:\images; a whole drive keeps its backslash and is refused as such. */
static void trim_root(struct install *install)
{
    size_t length = install->wish.root != NULL ? strlen(install->wish.root) : 0;

    if (length == 0 || length >= sizeof install->root)
        return;
    memcpy(install->root, install->wish.root, length + 1);
    while (length > 3 && (install->root[length - 1] == '\\' ||
                          (install->root[length - 1] == '.' && install->root[length - 2] == '\\')))
        install->root[--length] = 0;
    install->wish.root = install->root;
}

static int read_words(struct install *install, char **words)
{
    const char *start = NULL, *firewall = NULL, *problem;
    enum verb_id verb = verb_of(install);
    struct install_wish *wish = &install->wish;

    *wish = (struct install_wish){.name = "tftpd", .wants_start = true, .wants_firewall = true};
    for (int used; *words != NULL; words += used) {
        used = read_value(install, words, &start, &firewall);
        if (used == 0)
            used = read_flag(install, words[0]);
        if (used == 0)
            return verbs_complain(verb, "%.200s is not understood, or its value is missing", words[0]);
    }
    for (size_t i = 0; start != NULL && i < sizeof starts / sizeof *starts; i++)
        if (_stricmp(start, starts[i].word) == 0)
            wish->start = &starts[i];
    if (start != NULL && wish->start == NULL)
        return verbs_complain(verb, "%.200s: --start knows auto, delayed, demand and disabled", start);
    if (firewall != NULL && _stricmp(firewall, "on") != 0 && _stricmp(firewall, "off") != 0)
        return verbs_complain(verb, "%.200s: --firewall knows on and off", firewall);
    wish->wants_firewall = firewall == NULL || _stricmp(firewall, "on") == 0;
    problem = word_problem(install);
    if (problem != NULL)
        return verbs_complain(verb, "%s", problem);
    trim_root(install);
    return EXIT_OK;
}

/* -- what there is ------------------------------------------------------------------------------------------------- */

static void choose_start(struct install *install)
{
    install->start = install->wish.start != NULL ? install->wish.start : &starts[START_STANDARD];
    for (size_t i = 0; !install->is_new && install->wish.start == NULL && i < sizeof starts / sizeof *starts; i++)
        if (starts[i].type == install->found.start_type && !starts[i].is_delayed)
            install->start = &starts[i];
}

static bool find_paths(struct install *install, const char *own)
{
    wchar_t wide[FACTS_PATH_MAX];
    bool is_services = install->is_undo && install->found.error == 0;

    snprintf(install->program, sizeof install->program, "%s", is_services ? install->found.image.program : own);
    DWORD length = GetSystemDirectoryW(wide, FACTS_PATH_MAX);
    if (length == 0 || length >= FACTS_PATH_MAX || !text_from_wide(wide, install->system, sizeof install->system))
        return false;
    const char *end = strrchr(install->program, '\\');
    int folder = end != NULL ? (int)(end - install->program + 1) : 0;
    int used = snprintf(install->manifest, sizeof install->manifest, "%.*s" MANIFEST_NAME, folder, install->program);
    return used > 0 && (size_t)used < sizeof install->manifest;
}

/* -- refusals, before anything is changed -------------------------------------------------------------------------- */

/* Three numbers with dots between them. */
static bool is_newer(const char *version, const char *than)
{
    for (size_t i = 0; i < 3; i++) {
        char *end, *end_than;
        unsigned long number = strtoul(version, &end, 10), number_than = strtoul(than, &end_than, 10);
        if (number != number_than)
            return number > number_than;
        version = end + (*end == '.');
        than = end_than + (*end_than == '.');
    }
    return false;
}

/* An older tftpd in another folder gives way, and so does a program that is gone; nobody else's service is taken. */
static int judge_owner(struct install *install, const char *own)
{
    const struct facts_service *found = &install->found;

    if (found->error != 0 || _stricmp(found->image.program, own) == 0 || !paths_exists(found->image.program))
        return EXIT_OK;
    if (!found->is_tftpd)
        return verbs_fail(
            verb_of(install), EXIT_INSTALL_PROGRAM,
            "the service %.200s is another program's, %.900s; nothing was changed. Choose another name with --name, or "
            "take that service away first: sc delete \"%.200s\"",
            install->wish.name, found->image.program, install->wish.name);
    if (install->is_undo || !is_newer(found->version, TFTPD_VERSION))
        return EXIT_OK;
    return verbs_fail(verb_of(install), EXIT_INSTALL_PROGRAM,
                      "the service %.200s runs version %s, and this is " TFTPD_VERSION
                      "; nothing was changed. Install with the newer program: \"%.900s\" install",
                      install->wish.name, found->version, found->image.program);
}

/* Whoever may write beside it, or put another folder in place of its own, may as well change the program. */
static int judge_program(struct install *install)
{
    static struct facts_above above;
    struct facts_acl acl;

    facts_gather_acl(&acl, FACTS_THING_FILE, install->program);
    facts_gather_above(&above, install->program, FACTS_THING_FILE);
    if (!acl.lets_write && !above.acl.lets_write)
        return EXIT_OK;
    const struct facts_acl *open = acl.lets_write ? &acl : &above.acl;
    return verbs_fail(
        verb_of(install), EXIT_INSTALL_PROGRAM,
        "%.200s may %.100s %s%.900s, and so run anything as the service; nothing was changed. Copy the program "
        "into a folder of its own below %%ProgramFiles%% and install from there",
        open->who, open->right, acl.lets_write ? "" : "in ", acl.lets_write ? install->program : above.path);
}

static int judge_wishes(struct install *install)
{
    int code = install_judge_account(install);
    DWORD error = install_acl_account(install);

    if (code != EXIT_OK)
        return verbs_fail(VERB_INSTALL, code, "%s; nothing was changed", install->why);
    if (error != 0)
        return verbs_fail(VERB_INSTALL, EXIT_USAGE, "the account %.300s is not known here: %s", install->account,
                          text_of_error(error).text);
    if (!facts_allows_place(install->config.directory, install->why, sizeof install->why))
        return verbs_fail(VERB_INSTALL, EXIT_INSTALL_DIRECTORY, "the start directory cannot be there: %s. %s",
                          install->why,
                          install->has_directory ? "Set the parameter Directory to a folder of its own"
                                                 : "Name a folder of its own with --root");
    return EXIT_OK;
}

static int prepare(struct install *install)
{
    static char own[FACTS_COMMAND_MAX]; /* this program, whatever the service runs */

    if (!install->wish.is_dry && !facts_is_administrator())
        return verbs_fail(
            verb_of(install), EXIT_INSTALL_RIGHTS,
            "this needs the rights of an administrator; open a console with \"Run as administrator\" and type it "
            "again there");
    facts_service_read(&install->found, install->wish.name);
    snprintf(install->parameters, sizeof install->parameters, "SYSTEM\\CurrentControlSet\\Services\\%s\\Parameters",
             install->wish.name);
    install->is_new = install->found.error != 0;
    choose_start(install);
    if (!paths_own_program(own, sizeof own) || !find_paths(install, own))
        return verbs_fail(verb_of(install), EXIT_INSTALL_PROGRAM,
                          "the path of this program is too long; put it into a shorter one");
    int code = judge_owner(install, own);
    if (code == EXIT_OK && !install->is_undo)
        code = judge_program(install);
    if (code != EXIT_OK)
        return code;
    code = install_plan_parameters(install);
    install_choose_account(install);
    if (code != EXIT_OK && !install->is_undo)
        return verbs_fail(VERB_INSTALL, code == EXIT_REGISTRY ? EXIT_INSTALL_PARAMETERS : code,
                          "%s; nothing was changed", install->why);
    if (install->is_undo) {
        install->has_siblings = install_look_siblings(install);
        return EXIT_OK;
    }
    return judge_wishes(install);
}

/* -- the verbs ----------------------------------------------------------------------------------------------------- */

static void conclude(const struct install *install, int code)
{
    char text[LINE_MAX];
    const char *name = install->wish.name;

    if (code != EXIT_OK)
        snprintf(text, sizeof text,
                 "\nNot all of it could be done (exit code %d). Mend what FAILED, and type the same again.\n", code);
    else if (install->wish.is_dry)
        snprintf(text, sizeof text, "\nThis was a dry run: nothing was changed.\n");
    else if (install->wish.only_stops)
        snprintf(text, sizeof text, "\n%s is stopped; nothing was taken away.\n", name);
    else if (install->is_undo)
        snprintf(text, sizeof text, "\nThe start directory %s stays, with what is in it.\n", install->config.directory);
    else
        snprintf(text, sizeof text, "\n%s is installed. See whether all is well: tftpd check --service \"%s\"\n", name,
                 name);
    screen_write(STD_OUTPUT_HANDLE, text);
}

/* Windows Installer starts us in a console of our own: its window goes, and does not stand there until all is done. */
static void leave_console(const struct install_wish *wish)
{
    bool is_installers = wish->is_lenient || wish->keeps_service || wish->only_stops;
    DWORD processes[2];

    if (is_installers && GetConsoleProcessList(processes, 2) == 1)
        FreeConsole();
}

static int run(bool is_undo, char **words)
{
    /* It is some ten kilobytes. */
    static struct install install;

    memset(&install, 0, sizeof install);
    install.is_undo = is_undo;
    int code = read_words(&install, words);
    if (code == EXIT_OK) {
        leave_console(&install.wish);
        code = prepare(&install);
    }
    if (code != EXIT_OK)
        return code;
    code = install_steps_run(&install);
    install_close(&install);
    conclude(&install, code);
    return code;
}

int install_run(char **words)
{
    return run(false, words);
}

int uninstall_run(char **words)
{
    return run(true, words);
}
