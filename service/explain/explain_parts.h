/*
 * What the files of the verb share: the basis of both its forms, what explain.c finds out and explain_print.c prints.
 * Nobody else includes this.
 */
#ifndef SERVICE_EXPLAIN_PARTS_H
#define SERVICE_EXPLAIN_PARTS_H

#include "core/base/json.h"
#include "core/server/explain.h"
#include "service/words/arguments.h"
#include "win32/disk/file.h"

enum { EXPLAIN_TEXT_MAX = 1024, EXPLAIN_NOTES_MAX = 16, EXPLAIN_FILE_MAX = FILE_FINAL_PATH_MAX * 3 };

/* -- explain_basis.c: what every form needs -------------------------------------------------------------------------- */

struct explain_basis {
    const char *service;
    bool is_json;
    struct arguments arguments; /* those typed; once loaded, of the ImagePath and then those */
    struct config config;
    char rights[EXPLAIN_TEXT_MAX];
    size_t note_count;
    char notes[EXPLAIN_NOTES_MAX][CONFIG_PROBLEM_MAX + 64];
};

/* An option of one form: either with a value, or it is there alone; the other pointer is NULL. */
struct explain_option {
    const char *word;
    const char **value;
    bool *is_there;
};

/*
 * The words behind what is explained: options of the form, --service, --set, -d, --json. own names the form's for who types
 * another. Returns 0, or EXIT_USAGE, which has been explained.
 */
int explain_read_words(struct explain_basis *basis, char **words, const struct explain_option *options, size_t count,
                       const char *own);

/* The parameters in force, the ImagePath's arguments first, then those typed, which win; and whose rights this has. */
int explain_load(struct explain_basis *basis);

__attribute__((format(gnu_printf, 2, 3))) void explain_note(struct explain_basis *basis, const char *format, ...);

void explain_print_basis(const struct explain_basis *basis);
void explain_json_basis(const struct explain_basis *basis, struct json *json);

/* -- get, put -------------------------------------------------------------------------------------------------------- */

/* What was typed. */
struct explain_wish {
    struct explain_question question;
    const char *client;
    const char *mac;
    const char *mtu;
};

struct explanation {
    struct explain_basis basis;
    struct explain_wish wish;
    struct endpoint client;
    struct mac mac; /* its card's, as far as it is known; looked for where it matters */
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
};

void explain_print_text(const struct explanation *e);
void explain_print_json(const struct explanation *e);

/* -- boot: explain_boot.c -------------------------------------------------------------------------------------------- */

/* words are those behind "boot". Returns as explain_run does. */
int explain_boot_run(char **words);

#endif
