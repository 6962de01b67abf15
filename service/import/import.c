#include "service/import/import.h"

#include "core/names/path.h"
#include "registry/values.h"
#include "service/facts/facts.h"
#include "service/import/import_file.h"
#include "service/tell/exitcodes.h"
#include "service/tell/screen.h"
#include "service/words/verbs.h"
#include "win32/system/paths.h"
#include "win32/system/text.h"

#include <stdio.h>
#include <stdlib.h>

enum { WORDS_MAX = 256, KEY_MAX = 1024, PRINTED_MAX = 256, SERVICE_NAME_MAX = 256 };

#define SERVICES "HKLM\\SYSTEM\\CurrentControlSet\\Services\\"

struct import_wish {
    const char *word; /* ris, wds, tftpd64, dnsmasq */
    enum import_source source;
    const char *file; /* of tftpd64 and dnsmasq */
    const char *service;
    bool is_dry_run;
};

static int read_words(struct import_wish *wish, char **words)
{
    *wish = (struct import_wish){.word = words[0], .service = "tftpd"};
    if (words[0] == NULL)
        return verbs_complain(VERB_IMPORT, "say what to import from: ris, wds, tftpd64 or dnsmasq");
    wish->source = import_find_source(words[0]);
    if (wish->source == IMPORT_SOURCE_COUNT)
        return verbs_complain(VERB_IMPORT,
                              "%.200s: there is no such server to import from; known are ris, wds, tftpd64 and dnsmasq",
                              words[0]);
    words++;
    for (int used; *words != NULL; words += used) {
        used = verbs_option(words, "--name", &wish->service);
        if (used == 0)
            used = verbs_option(words, "--service", &wish->service);
        if (used > 0)
            continue;
        used = 1;
        if (strcmp(words[0], "--dry-run") == 0)
            wish->is_dry_run = true;
        else if (import_is_file(wish->source) && wish->file == NULL && words[0][0] != '-')
            wish->file = words[0];
        else
            return verbs_complain(VERB_IMPORT, "%.200s is not understood, or its value is missing", words[0]);
    }
    if (import_is_file(wish->source) && wish->file == NULL)
        return verbs_complain(VERB_IMPORT, "the path of %s is missing%s", import_file_name(wish->source),
                              wish->source == IMPORT_TFTPD64 ? "; it lies beside tftpd64.exe" : "");
    if (wish->service[0] == 0 || strlen(wish->service) > SERVICE_NAME_MAX || strpbrk(wish->service, "\\/\"") != NULL)
        return verbs_complain(VERB_IMPORT, "--name: this cannot be the name of a service");
    return EXIT_OK;
}

/* -- what the old server has --------------------------------------------------------------------------------------- */

static int gather_file(struct import *import, struct import_file *file, const struct import_wish *wish)
{
    char reason[IMPORT_FILE_REASON_MAX], shown[PRINTED_MAX];

    ASSERT(wish->file != NULL);
    path_printable(span_of_text(wish->file), shown, sizeof shown);
    if (!import_file_read(file, wish->file, reason))
        return verbs_fail(VERB_IMPORT, EXIT_IMPORT_SOURCE, "%s cannot be read: %s", shown, reason);
    import_read_file(import, file->text);
    if (!import->has_section && wish->source == IMPORT_DNSMASQ)
        return verbs_fail(VERB_IMPORT, EXIT_IMPORT_SOURCE, "%s has no lines about TFTP or booting, as dhcp-boot is",
                          shown);
    if (!import->has_section)
        return verbs_fail(VERB_IMPORT, EXIT_IMPORT_SOURCE,
                          "%s has no settings in a section [TFTPD32], so it is no tftpd32.ini; give the one beside "
                          "tftpd64.exe",
                          shown);
    screen_say("From %s (%s) to the parameters of the service %s:\n", shown, file->encoding, wish->service);
    return EXIT_OK;
}

static int gather_registry(struct import *import, const struct import_wish *wish)
{
    static struct raw_value room;
    const char *key = import_place(wish->source, 0).key;
    size_t found = 0;

    for (size_t i = 0; i < import_place_count(wish->source); i++) {
        struct import_place place = import_place(wish->source, i);
        struct import_value value;
        DWORD error = values_read(&place, &room, &value);
        if (error != 0)
            return verbs_fail(VERB_IMPORT, EXIT_IMPORT_SOURCE,
                              SERVICES "%s cannot be read: %s; try as an administrator", place.key,
                              text_of_error(error).text);
        import_put(import, i, &value);
        found += value.form != IMPORT_ABSENT;
    }
    if (found == 0)
        return verbs_fail(VERB_IMPORT, EXIT_IMPORT_SOURCE,
                          "there is nothing to import under " SERVICES "%s; on the old server: reg export \"" SERVICES
                          "%s\" old.reg, and here: reg import old.reg",
                          key, key);
    screen_say("From " SERVICES "%s to the parameters of the service %s:\n", key, wish->service);
    if (import_is_in_place(import))
        screen_say(
            "They are the same key: the service reads the values of RIS as they are, and none is written again.\n");
    return EXIT_OK;
}

/* -- ours beside it ------------------------------------------------------------------------------------------------ */

static int weigh(struct import *import, const struct import_wish *wish)
{
    static struct raw_value room;
    char key[KEY_MAX];

    snprintf(key, sizeof key, "%s\\Parameters", wish->service);
    for (size_t i = 0; i < import->row_count; i++) {
        struct import_row *row = &import->rows[i];
        struct import_value present;
        if (row->parameter == NULL)
            continue;
        struct import_place place = {key, row->parameter->name, row->parameter->alias};
        DWORD error = values_read(&place, &room, &present);
        if (error != 0)
            return verbs_fail(VERB_IMPORT, EXIT_REGISTRY, SERVICES "%s cannot be read: %s; try as an administrator",
                              key, text_of_error(error).text);
        import_weigh(import, row, &present);
    }
    return EXIT_OK;
}

static bool expand_directory(const struct import *import, char *text, size_t size)
{
    snprintf(text, size, "%s", import->draft.directory);
    return text_expand(text, size);
}

/* As install judges it: a running service would serve a whole drive within a second. */
static void judge_directory(struct import *import)
{
    char path[CONFIG_DIRECTORY_MAX], why[IMPORT_WORDS_MAX];

    for (size_t i = 0; i < import->row_count; i++) {
        struct import_row *row = &import->rows[i];
        if (row->parameter == config_find("Directory") && expand_directory(import, path, sizeof path) &&
            !facts_allows_place(path, why, sizeof why))
            import_refuse(import, row, why,
                          "copy what clients load into a folder of its own, name that one at the old server, and "
                          "import again");
    }
}

static void show(const struct import *import)
{
    static char line[IMPORT_LINE_MAX];

    for (size_t i = 0; i < import->row_count; i++)
        screen_say("%s\n", import_row_text(import, &import->rows[i], line, sizeof line));
}

/* Nothing stops an import into a directory that is yet to come, but the service will not start without it. */
static void look_for_directory(const struct import *import)
{
    const struct config_parameter *directory = config_find("Directory");
    char path[CONFIG_DIRECTORY_MAX];
    bool is_set = false;

    for (size_t i = 0; i < import->row_count; i++)
        is_set = is_set || import->rows[i].parameter == directory;
    if (!is_set)
        return;
    if (!expand_directory(import, path, sizeof path) || !paths_is_folder(path))
        screen_say("NOTE  Directory - there is no such directory on this machine now, and the service does not "
                   "start without it; copy the old server's files there, or create it\n");
}

static void say_restart(const struct import *import)
{
    char names[WORDS_MAX] = "";

    for (size_t i = 0; i < import->row_count; i++) {
        const struct import_row *row = &import->rows[i];
        if (row->verdict != IMPORT_SET || !row->parameter->needs_restart)
            continue;
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s", used > 0 ? ", " : "", row->parameter->name);
    }
    if (names[0] != 0)
        screen_say("A running service takes %s when it is restarted, the others within a second.\n", names);
}

/*
 * From the last row to the first, which is the directory: a service that reads in between shall not serve it under the
 * old rules.
 */
static int write_all(const struct import *import, const struct import_wish *wish)
{
    const struct config_parameter *parameters[IMPORT_ROWS_MAX];
    size_t count = 0;

    for (size_t i = import->row_count; i > 0; i--)
        if (import->rows[i - 1].verdict == IMPORT_SET)
            parameters[count++] = import->rows[i - 1].parameter;
    DWORD error = count > 0 ? values_write(wish->service, &import->draft, parameters, count) : 0;
    if (error != 0)
        return verbs_fail(
            VERB_IMPORT, EXIT_IMPORT_WRITE,
            "the parameters of %s cannot be written: %s; what they were they still are. Try in a console of "
            "an administrator",
            wish->service, text_of_error(error).text);
    if (count == 0)
        screen_say("Nothing had to be written.\n");
    else
        screen_say("%u parameters are written.\n", (unsigned)count);
    say_restart(import);
    screen_say("See what the service makes of them: tftpd check --service %s\n", wish->service);
    return EXIT_OK;
}

static int conclude(const struct import *import, const struct import_wish *wish)
{
    unsigned set = (unsigned)import_count(import, IMPORT_SET), bad = (unsigned)import_count(import, IMPORT_BAD);

    screen_say("%u to write, %u so already, %u left out, %u bad.\n", set, (unsigned)import_count(import, IMPORT_SAME),
               (unsigned)import_count(import, IMPORT_LEFT), bad);
    if (bad > 0)
        return verbs_fail(VERB_IMPORT, EXIT_IMPORT_VALUE, "nothing is written, because of the values marked BAD");
    if (!wish->is_dry_run)
        return write_all(import, wish);
    screen_say("This was a dry run: nothing is written. To write it, leave out --dry-run.\n");
    return EXIT_OK;
}

int import_run(char **words)
{
    static struct import import;
    struct import_file file = {0};
    struct import_wish wish;
    int code = read_words(&wish, words);

    if (code != EXIT_OK)
        return code;
    import_begin(&import, wish.source, wish.service, file.folder);
    code = import_is_file(wish.source) ? gather_file(&import, &file, &wish) : gather_registry(&import, &wish);
    if (code == EXIT_OK) {
        import_map(&import);
        code = weigh(&import, &wish);
        judge_directory(&import);
    }
    free(file.bytes);
    if (code != EXIT_OK)
        return code;
    show(&import);
    look_for_directory(&import);
    return conclude(&import, &wish);
}
