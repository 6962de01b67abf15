/*
 * One line of the administrator on its way into the rules: its words, one after another, and the complaint about it. Only for
 * rules*.c.
 */
#ifndef CORE_RULES_LINE_H
#define CORE_RULES_LINE_H

#include "core/bootrules/rules.h"

struct line {
    struct boot_rules *rules;
    struct boot_problem *problem;
    enum boot_list list;
    const char *text;
    const char *rest;         /* not read yet */
    char word[BOOT_WORD_MAX]; /* the last one that was read, without its quotes */
};

/* Fills in the problem: the parameter, the line, and the words. Always returns false. */
__attribute__((format(gnu_printf, 2, 3))) bool line_refuse(struct line *line, const char *format, ...);

/* The part before the first "=", without blanks around it, into line->word. False and the problem if there is none. */
bool line_subject(struct line *line);

enum line_step { LINE_WORD, LINE_END, LINE_BAD };
/* The next word; LINE_BAD with the problem if it is too long or its quote does not end. */
enum line_step line_word(struct line *line);
/* A word that has to be there; what says what it is to be: "a file". */
bool line_need(struct line *line, const char *what);

/* Marks which of the modifiers, the word that was read last, as taken; false and the problem if it was before. */
bool line_once(struct line *line, unsigned *taken, size_t which);

/* Puts a text, or bytes, into the record. */
bool line_keep(struct line *line, const char *text, boot_place *place);
bool line_keep_bytes(struct line *line, struct span bytes, boot_place *place);

/* Of the word that was read last. */
bool line_address(struct line *line, struct endpoint *address);
bool line_prefix(struct line *line, struct prefix *prefix);
/* Words of machines with commas between them, of the whole text: one at least. */
bool line_machines(struct line *line, const char *text, struct machine_set *set);
/* A file that `file` has room for. */
bool line_file(struct line *line, boot_place *place);

/* The lists that are no plain prefixes: each adds one line. */
bool rules_add_rule(struct line *line);  /* PxeBoot, PxeHosts, PxeMenu */
bool rules_add_bootp(struct line *line); /* BootpHosts */

/* Does all that a line says have an effect; else it is refused. */
bool rules_fit(struct line *line, const struct boot_rule *rule);

#endif
