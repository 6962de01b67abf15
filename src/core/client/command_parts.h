/*
 * What command*.c share. Nobody else includes this.
 */
#ifndef CORE_CLIENT_COMMAND_PARTS_H
#define CORE_CLIENT_COMMAND_PARTS_H

#include "core/client/command.h"

/* command_options.c */

void command_defaults(struct command *command);
/* "-" alone is a name. */
bool command_is_option(const char *word);
/* Takes the option that the first word is; how many words it was, or 0: it is none, see problem. */
size_t command_take_option(struct command *command, size_t count, const char *const *words);
/* Options that contradict each other. */
bool command_judge_options(struct command *command);

/* command_question.c */

/* Nothing goes either way: probe and size. */
bool command_is_question(const struct command *command);
bool command_question_job(struct command *command, struct job *job);

#endif
