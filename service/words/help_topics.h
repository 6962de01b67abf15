/*
 * The texts of `tftpd -?` that belong to no single verb. help.c prints them; nobody else includes this.
 */
#ifndef SERVICE_HELP_TOPICS_H
#define SERVICE_HELP_TOPICS_H

#include <stdbool.h>

#define HELP_TOPIC_WORDS "service, client, parameters, codes"

struct help_topic {
    const char *word;
    const char *summary;   /* for the first page */
    const char *text;      /* lines that fit on a page */
    bool lists_parameters; /* behind the text */
};

/* One without a word ends them. */
extern const struct help_topic help_topics[];

/* The first page: above the verbs that are used most, and below them. */
extern const char help_beginning[];
extern const char help_rest[];

#endif
