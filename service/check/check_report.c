#include "service/check/check_report.h"

#include "core/base/utf8.h"
#include "service/tell/page.h"

#include <stdarg.h>
#include <stdio.h>

const struct check checks[] = {
    {"service", CHECK_NEEDS_NOTHING, check_installed},
    {"program path", CHECK_NEEDS_SERVICE, check_program_path},
    {"program file", CHECK_NEEDS_SERVICE, check_program},
    {"version", CHECK_NEEDS_SERVICE, check_version},
    {"start type", CHECK_NEEDS_SERVICE, check_start_type},
    {"state", CHECK_NEEDS_SERVICE, check_running},
    {"account", CHECK_NEEDS_SERVICE, check_account},
    {"parameters", CHECK_NEEDS_NOTHING, check_parameters},
    {"policy key", CHECK_NEEDS_NOTHING, check_policy},
    {"values", CHECK_NEEDS_PARAMETERS, check_values},
    {"rules", CHECK_NEEDS_PARAMETERS, check_rules},
    {"Masters", CHECK_NEEDS_PARAMETERS, check_masters},
    {"Writable", CHECK_NEEDS_PARAMETERS, check_writable},
    {"start directory", CHECK_NEEDS_PARAMETERS, check_directory},
    {"its place", CHECK_NEEDS_DIRECTORY, check_place},
    {"its permissions", CHECK_NEEDS_DIRECTORY, check_permissions},
    {"files in it", CHECK_NEEDS_DIRECTORY, check_files},
    {"links in it", CHECK_NEEDS_DIRECTORY, check_links},
    {"unfinished uploads", CHECK_NEEDS_DIRECTORY, check_unfinished},
    {"log file", CHECK_NEEDS_DIRECTORY, check_log},
    {"port", CHECK_NEEDS_PARAMETERS, check_port},
    {"port range", CHECK_NEEDS_PARAMETERS, check_port_range},
    {"firewall", CHECK_NEEDS_PARAMETERS, check_firewall},
    {"boot requests", CHECK_NEEDS_PARAMETERS, check_boot},
    {"boot files", CHECK_NEEDS_DIRECTORY, check_boot_files},
    {"boot ports", CHECK_NEEDS_PARAMETERS, check_boot_ports},
    {"boot firewall", CHECK_NEEDS_PARAMETERS, check_boot_firewall},
    {"other servers", CHECK_NEEDS_PARAMETERS, check_others},
    {"sending", CHECK_NEEDS_NOTHING, check_sending},
    {"Windows", CHECK_NEEDS_NOTHING, check_windows},
};

const size_t check_count = sizeof checks / sizeof *checks;

void check_say(struct check_report *report, enum check_state state, const char *format, ...)
{
    struct check_line *line = &report->lines[report->count < CHECK_LINES_MAX ? report->count : CHECK_LINES_MAX - 1];
    va_list values;

    if (state > report->worst)
        report->worst = state;
    if (report->count < CHECK_LINES_MAX)
        report->count++;
    line->check = report->check;
    line->state = state;
    line->mend[0] = 0;
    line->parameter = NULL;
    line->is_quiet = false;
    va_start(values, format);
    vsnprintf(line->meaning, sizeof line->meaning, format, values);
    va_end(values);
    /* Names of files are what clients made of them. */
    utf8_make_printable(line->meaning);
}

void check_mend(struct check_report *report, const char *format, ...)
{
    struct check_line *line = &report->lines[report->count - 1];
    va_list values;

    va_start(values, format);
    vsnprintf(line->mend, sizeof line->mend, format, values);
    va_end(values);
    utf8_make_printable(line->mend);
}

char *check_key(const struct facts *facts, const char *name, char text[REGISTRY_KEY_MAX])
{
    bool is_policy = config_source_of(&facts->config, config_find(name)) == CONFIG_FROM_POLICY;

    return registry_key(facts->name, is_policy ? CONFIG_FROM_POLICY : CONFIG_FROM_PARAMETERS, text);
}

void check_mend_value(struct check_report *report, const struct facts *facts, const char *name, const char *value)
{
    char key[REGISTRY_KEY_MAX];

    check_mend(report, "reg add \"%s\" /v %s /t REG_SZ /d \"%s\" /f", check_key(facts, name, key), name, value);
}

void check_mend_elevated(struct check_report *report, const struct facts *facts)
{
    check_mend(report, "as an administrator: \"%s\" check --service %s", facts->own_program, facts->name);
}

void check_judge(const struct facts *facts, struct check_report *report)
{
    report->config = &facts->config;
    for (size_t i = 0; i < check_count; i++) {
        enum check_need need = checks[i].need;
        bool is_blind = need >= CHECK_NEEDS_PARAMETERS && facts->parameters.reason[0] != 0;
        bool has_directory = facts->directory.error == 0 && facts->directory.is_directory;
        report->check = checks[i].name;
        if (is_blind) {
            check_say(report, CHECK_WARN, "could not be judged, because the parameters cannot be read");
            check_mend_elevated(report, facts);
        } else if ((need != CHECK_NEEDS_SERVICE || facts->service.error == 0) &&
                   (need != CHECK_NEEDS_DIRECTORY || has_directory)) {
            checks[i].judge(facts, report);
        }
    }
}

static const char *state_text(enum check_state state)
{
    static const char *const texts[] = {[CHECK_OK] = "OK", [CHECK_WARN] = "WARN", [CHECK_FAIL] = "FAIL"};

    return texts[state];
}

char *check_report_text(const struct check_report *report)
{
    static const char dash[] = " - ";
    static char text[CHECK_TEXT_MAX * 3];
    struct page page = {0};

    for (size_t i = 0; i < report->count; i++) {
        const struct check_line *line = &report->lines[i];
        bool has_mend = line->mend[0] != 0;
        if (line->is_quiet)
            continue;
        snprintf(text, sizeof text, "%-4s  %s%s%s%s%s\n", state_text(line->state), line->check, dash, line->meaning,
                 has_mend ? dash : "", line->mend);
        page_put(&page, text, strlen(text));
    }
    return page_end(&page);
}

char *check_report_json(const struct check_report *report)
{
    struct page page = {0};
    struct json json = page_json(&page);
    char value[CONFIG_LIST_BYTES_MAX];

    json_open(&json, NULL, '[');
    for (size_t i = 0; i < report->count; i++) {
        const struct check_line *line = &report->lines[i];
        json_open(&json, NULL, '{');
        json_text(&json, "check", line->check);
        json_text(&json, "state", state_text(line->state));
        json_text(&json, "meaning", line->meaning);
        json_text(&json, "mend", line->mend[0] ? line->mend : NULL);
        if (line->parameter != NULL) {
            json_text(&json, "parameter", line->parameter->name);
            json_text(&json, "value", config_value_text(report->config, line->parameter, value, sizeof value));
            json_text(&json, "source", config_source_text(config_source_of(report->config, line->parameter)));
        }
        json_close(&json, '{');
    }
    json_close(&json, '[');
    return page_end(&page);
}
