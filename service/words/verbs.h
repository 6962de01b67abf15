/*
 * The words of the verbs: one table, which `tftpd -?` explains them by and their usage errors quote. What runs each is in
 * desk/desk.c alone, so that no verb can reach another one.
 */
#ifndef SERVICE_VERBS_H
#define SERVICE_VERBS_H

#include <stdbool.h>
#include <stddef.h>

enum { VERBS_TEXT_MAX = 512 };

enum verb_id {
    VERB_RUN,
    VERB_STATUS,
    VERB_STOP_TRANSFER,
    VERB_DRAIN,
    VERB_APPROVE,
    VERB_CHECK,
    VERB_EXPLAIN,
    VERB_IMPORT,
    VERB_INSTALL,
    VERB_UNINSTALL,
    VERB_VERSION,
    VERB_HELP,
    VERB_COUNT
};

struct verb {
    const char *word;
    const char *aliases; /* other spellings, a space behind each; NULL: none */
    bool is_common;      /* the first page of the help says what it does */
    const char *summary; /* the same in a few words */
    const char *syntax;  /* lines, each behind two spaces */
    const char *meaning; /* lines that fit on a page */
    const char *codes;   /* "0 all is well, 1 ..." */
};

extern const struct verb verbs[VERB_COUNT];

/* In any case of letters; VERB_COUNT if it is none. */
enum verb_id verbs_find(const char *word);
/* The words of all of them, "run, status, ...". Returns text (VERBS_TEXT_MAX). */
char *verbs_list(char *text);

/*
 * `--option VALUE` and `--option=VALUE`. Returns the number of words used, 0 for any other option, and where the value
 * is missing.
 */
int verbs_option(char **words, const char *option, const char **value);

/*
 * A usage error: "tftpd VERB: ..." as the format says, the verb's syntax, and where it is explained. Returns EXIT_USAGE.
 */
__attribute__((format(printf, 2, 3))) int verbs_complain(enum verb_id id, const char *format, ...);
/* What the verb could not do: "tftpd VERB: ..." as the format says. Returns the code. */
__attribute__((format(printf, 3, 4))) int verbs_fail(enum verb_id id, int code, const char *format, ...);
/* The first word behind the program is neither a verb nor an argument of the service. Returns EXIT_USAGE. */
int verbs_complain_unknown(const char *word, const char *problem);

#endif
