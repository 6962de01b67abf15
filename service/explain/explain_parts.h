/*
 * What explain.c finds out and explain_print.c prints. Nobody else includes this.
 */
#ifndef SERVICE_EXPLAIN_PARTS_H
#define SERVICE_EXPLAIN_PARTS_H

#include "core/server/explain.h"
#include "service/words/arguments.h"
#include "win32/disk/file.h"

enum { EXPLAIN_TEXT_MAX = 1024, EXPLAIN_NOTES_MAX = 16, EXPLAIN_FILE_MAX = FILE_FINAL_PATH_MAX * 3 };

/* What was typed. */
struct explain_wish {
    struct explain_question question;
    const char *client;
    const char *mtu;
    const char *service;
    bool is_json;
    struct arguments arguments; /* of the ImagePath, then those typed */
};

struct explanation {
    const struct explain_wish *wish;
    struct config config;
    struct endpoint client;
    struct request request;
    uint32_t mtu; /* of the interface; 0: unknown */
    uint8_t datagram[EXPLAIN_DATAGRAM_MAX];
    enum status status;             /* of the file */
    char detail[PATH_TEXT_MAX + 8]; /* behind its words */
    bool is_served;                 /* it would be */
    const char *outcome;            /* "served", "refused", "dropped" or "no service" */
    uint16_t error_code;            /* where it is refused */
    char why[EXPLAIN_TEXT_MAX];     /* the text of the ERROR, or why there would be no answer */
    char rule[EXPLAIN_TEXT_MAX];    /* what decided */
    char file[EXPLAIN_FILE_MAX];
    uint64_t size;
    char oack[EXPLAIN_TEXT_MAX]; /* empty: none */
    size_t oack_size;
    char ungranted[EXPLAIN_TEXT_MAX];
    struct agreement agreement;
    char rights[EXPLAIN_TEXT_MAX];
    size_t note_count;
    char notes[EXPLAIN_NOTES_MAX][CONFIG_PROBLEM_MAX + 64];
};

void explain_print_text(const struct explanation *e);
void explain_print_json(const struct explanation *e);

#endif
