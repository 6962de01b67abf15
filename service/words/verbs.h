/*
 * The verbs: one table, which main runs them by, `tftpd -?` explains them by, and their usage errors quote.
 */
#ifndef SERVICE_VERBS_H
#define SERVICE_VERBS_H

#include <stdbool.h>
#include <stddef.h>

enum { VERBS_TEXT_MAX = 512 };

struct verb {
    const char *word;
    const char *aliases;      /* other spellings, a space behind each; NULL: none */
    int (*run)(char **words); /* the arguments behind the verb, NULL at the end; returns the exit code */
    bool is_common;           /* the first page of the help says what it does */
    const char *summary;      /* the same in a few words */
    const char *syntax;       /* lines, each behind two spaces */
    const char *meaning;      /* lines that fit on a page */
    const char *codes;        /* "0 all is well, 1 ..." */
};

extern const struct verb verbs[];
extern const size_t verb_count;

/* In any case of letters; NULL if it is none. */
const struct verb *verbs_find(const char *word);
/* The words of all of them, "run, status, ...". Returns text (VERBS_TEXT_MAX). */
char *verbs_list(char *text);

/*
 * A usage error: "tftpd VERB: ..." as the format says, the verb's syntax, and where it is explained. Returns EXIT_USAGE.
 */
__attribute__((format(printf, 2, 3))) int verbs_complain(const char *verb, const char *format, ...);
/* The first word behind the program is neither a verb nor an argument of the service. Returns EXIT_USAGE. */
int verbs_complain_unknown(const char *word, const char *problem);

#endif
