#include "service/install/install_parts.h"

#include "registry/values.h"
#include "service/tell/eventlog.h"
#include "win32/system/text.h"

#include <stdio.h>

/* As Writable spells it. */
#define UPLOADS_PATTERN INSTALL_UPLOADS "\\*"

/* -- the source of events ------------------------------------------------------------------------------------------ */

enum install_state install_look_source(struct install *install)
{
    char known[FACTS_PATH_MAX];
    bool is_it;
    DWORD error = eventlog_look_up(install->wish.name, install->program, &is_it, known, sizeof known);

    if (error == ERROR_FILE_NOT_FOUND)
        return INSTALL_IS_NOT;
    if (error != 0)
        return install_unseen(install, error);
    /* Where it is taken away, a source that another program has made its own stays. */
    if (install->is_undo)
        return _stricmp(known, install->program) == 0 ? INSTALL_IS_SO : INSTALL_IS_NOT;
    return is_it ? INSTALL_IS_SO : INSTALL_IS_NOT;
}

DWORD install_make_source(struct install *install)
{
    return eventlog_register(install->wish.name, install->program);
}

DWORD install_undo_source(struct install *install)
{
    return eventlog_unregister(install->wish.name);
}

/* -- parameters ---------------------------------------------------------------------------------------------------- */

static DWORD open_parameters(const struct install *install, HKEY *key)
{
    wchar_t path[INSTALL_KEY_MAX];

    if (!text_to_wide(install->parameters, path, INSTALL_KEY_MAX))
        return ERROR_INVALID_NAME;
    return (DWORD)RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_QUERY_VALUE, key);
}

static bool has_value(HKEY key, const char *name)
{
    wchar_t wide[CONFIG_NAME_MAX];

    return text_to_wide(name, wide, CONFIG_NAME_MAX) && RegQueryValueExW(key, wide, NULL, NULL, NULL, NULL) == 0;
}

/* Under this name or the other one that it has. */
static bool has_parameter(const struct install *install, const char *name)
{
    const struct config_parameter *parameter = config_find(name);
    HKEY key;

    if (open_parameters(install, &key) != 0)
        return false;
    bool is_there = has_value(key, name) || (parameter->alias != NULL && has_value(key, parameter->alias));
    RegCloseKey(key);
    return is_there;
}

int install_plan_parameters(struct install *install)
{
    static const struct registry_report nobody_listens = {NULL, NULL, NULL, NULL};
    const struct install_wish *wish = &install->wish;
    struct arguments *arguments = &install->arguments;
    struct config_problem problem;

    install->image = install->found.image;
    if (install->found.error == 0 && !facts_image_arguments(&install->image, arguments, &problem)) {
        snprintf(install->why, sizeof install->why, "the arguments in the service's ImagePath: %s", problem.text);
        return EXIT_USAGE;
    }
    install->has_directory = has_parameter(install, "Directory");
    install->has_masters = has_parameter(install, "Masters");
    install->has_writable = has_parameter(install, "Writable");
    if (wish->root != NULL && !install->has_directory && arguments->directory[0] == 0)
        snprintf(arguments->directory, sizeof arguments->directory, "%s", wish->root);
    if (wish->masters != NULL && !install->has_masters) {
        snprintf(install->masters_word, sizeof install->masters_word, "Masters=%s", wish->masters);
        arguments->set[arguments->set_count++] = install->masters_word;
    }
    int code = parameters_load(&install->config, wish->name, arguments, NULL, &nobody_listens, install->why);
    if (code != EXIT_OK)
        return code;
    install->is_on_share = !install->is_undo && facts_is_on_share(install->config.directory);
    config_value_text(&install->config, config_find("Masters"), install->masters, sizeof install->masters);
    install->needs_write = install->config.masters.count > 0 || arguments->wants_log_file;
    install->uploads_apart = !install->has_masters && !install->has_writable && install->config.masters.count > 0;
    return EXIT_OK;
}

/* A wish that an older value stands against is told, not obeyed. */
enum install_state install_look_parameters(struct install *install)
{
    HKEY key;
    DWORD error = open_parameters(install, &key);

    if (error == ERROR_FILE_NOT_FOUND)
        return INSTALL_IS_NOT;
    if (error != 0)
        return install_unseen(install, error);
    RegCloseKey(key);
    if (install->is_undo)
        return INSTALL_IS_SO;
    if ((install->wish.root != NULL && install->has_directory) ||
        (install->wish.masters != NULL && install->has_masters))
        snprintf(install->remark, sizeof install->remark,
                 "what was there before stays, whatever --root and --masters say; change it with reg add \"HKLM\\%s\"",
                 install->parameters);
    return has_parameter(install, "Directory") && has_parameter(install, "Masters") ? INSTALL_IS_SO : INSTALL_IS_NOT;
}

/* Masters comes last: a running service must not let anybody write before Writable says where. */
DWORD install_make_parameters(struct install *install)
{
    static struct config draft;
    const struct config_parameter *wanted[] = {config_find("Directory"), config_find("Writable"),
                                               config_find("Masters")};
    const bool is_wanted[] = {!install->has_directory, install->uploads_apart, !install->has_masters};
    size_t count = 0;
    struct config_problem problem;

    /* As it was typed: install->config has its %variables% expanded, and what policies say. */
    config_defaults(&draft);
    if (install->wish.root != NULL && !config_set_text(&draft, wanted[0], install->wish.root, &problem))
        return ERROR_INVALID_NAME;
    if (install->uploads_apart && !config_set_text(&draft, wanted[1], UPLOADS_PATTERN, &problem))
        return ERROR_INVALID_NAME;
    if (install->wish.masters != NULL && !config_set_typed(&draft, wanted[2], install->wish.masters, &problem))
        return ERROR_INVALID_NAME;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (is_wanted[i])
            wanted[count++] = wanted[i];
    return values_write(install->wish.name, &draft, wanted, count);
}

DWORD install_undo_parameters(struct install *install)
{
    wchar_t path[INSTALL_KEY_MAX];

    if (!text_to_wide(install->parameters, path, INSTALL_KEY_MAX))
        return ERROR_INVALID_NAME;
    return (DWORD)RegDeleteTreeW(HKEY_LOCAL_MACHINE, path);
}

enum install_state install_look_key_rights(struct install *install)
{
    return install_acl_look(install, INSTALL_ACL_KEY, install->parameters, KEY_READ);
}

DWORD install_make_key_rights(struct install *install)
{
    return install_acl_make(install, INSTALL_ACL_KEY, install->parameters, KEY_READ);
}
