/*
 * The audit's lines, and the judgements that make them: each a pure function from facts to lines, one row of a table.
 */
#ifndef SERVICE_CHECK_REPORT_H
#define SERVICE_CHECK_REPORT_H

#include "service/facts/facts.h"

enum {
    CHECK_LINES_MAX = 224,
    CHECK_TEXT_MAX = FACTS_PATH_MAX + 1024,
    CHECK_WORDS_MAX = 256,
    CHECK_HOLDER_MAX = 2 * FACTS_WHO_MAX + 64
};

enum check_state { CHECK_OK, CHECK_WARN, CHECK_FAIL };

struct check_line {
    const char *check;
    enum check_state state;
    char meaning[CHECK_TEXT_MAX];
    char mend[CHECK_TEXT_MAX];                /* a command, or empty */
    const struct config_parameter *parameter; /* whose value it tells, or NULL */
    bool is_quiet;                            /* in JSON only */
};

struct check_report {
    const char *check;           /* whose lines are being added */
    const struct config *config; /* that is judged */
    enum check_state worst;
    size_t count;
    struct check_line lines[CHECK_LINES_MAX];
};

/* Adds a line. */
__attribute__((format(gnu_printf, 3, 4))) void check_say(struct check_report *report, enum check_state state,
                                                         const char *format, ...);
/* What to type against the last line. */
__attribute__((format(gnu_printf, 2, 3))) void check_mend(struct check_report *report, const char *format, ...);

/* The key that has to be changed for the parameter to change: that of the policies where one sets it. Returns text. */
char *check_key(const struct facts *facts, const char *name, char text[REGISTRY_KEY_MAX]);
/* The command that gives the parameter this text. */
void check_mend_value(struct check_report *report, const struct facts *facts, const char *name, const char *value);

/* Lines about the folders above a thing, and about owners who are no administrators; false where there is none. */
bool check_say_above(struct check_report *report, const struct facts_above *above, const char *thing);
bool check_say_owner(struct check_report *report, const char *path, const char *owner);

/* Whether it is the service's own; who it is, as "svchost.exe (process 1234, service WDSServer)"; and how he lets it go. */
bool check_is_own(const struct facts *facts, const struct facts_port *port);
const char *check_holder_text(const struct facts_port *port, char text[CHECK_HOLDER_MAX]);
void check_mend_holder(struct check_report *report, const struct facts_port *port);

/* "domain, private". Returns text. */
const char *check_profiles_text(unsigned profiles, char text[CHECK_WORDS_MAX]);
/* The command that makes the rule of install. */
void check_mend_firewall(struct check_report *report, const struct facts *facts);

/* The same audit by somebody who may see more. */
void check_mend_elevated(struct check_report *report, const struct facts *facts);

/* What has to be there for a judgement to make sense; without it the row has nothing to say, or says that. */
enum check_need { CHECK_NEEDS_NOTHING, CHECK_NEEDS_SERVICE, CHECK_NEEDS_PARAMETERS, CHECK_NEEDS_DIRECTORY };

typedef void check_judgement(const struct facts *facts, struct check_report *report);

struct check {
    const char *name;
    enum check_need need;
    check_judgement *judge;
};

extern const struct check checks[];
extern const size_t check_count;

/* All of them, in the table's order. */
void check_judge(const struct facts *facts, struct check_report *report);

/* Each whole, to be freed by the caller; NULL when memory is out. */
char *check_report_text(const struct check_report *report);
char *check_report_json(const struct check_report *report);

check_judgement check_installed, check_program_path, check_program, check_version, check_start_type, check_running,
    check_account, check_parameters, check_policy, check_values, check_rules, check_masters, check_writable,
    check_directory, check_place, check_permissions, check_files, check_links, check_unfinished, check_log, check_port,
    check_port_range, check_firewall, check_sending, check_windows, check_boot, check_boot_files, check_boot_ports,
    check_boot_firewall, check_others;

#endif
