/*
 * What explain_boot.c finds out about one boot request and explain_boot_print.c prints. Nobody else includes this.
 */
#ifndef SERVICE_EXPLAIN_BOOT_H
#define SERVICE_EXPLAIN_BOOT_H

#include "core/boot/boot_explain.h"
#include "service/explain/explain_parts.h"
#include "win32/boot/bootself.h"

/* What was typed. */
struct explain_boot_wish {
    const char *name; /* of the machine: a MAC or a GUID */
    struct boot_explain_machine machine;
    const char *client;
    const char *at;
    const char *port;
    bool is_v6;
};

/* In watch it would be answered, and nothing is sent. */
enum explain_boot_outcome { EXPLAIN_BOOT_ANSWERED, EXPLAIN_BOOT_WATCHED, EXPLAIN_BOOT_SILENT, EXPLAIN_BOOT_UNHEARD };

struct boot_explanation {
    struct explain_basis basis;
    struct explain_boot_wish wish;
    struct endpoint client; /* unspecified: not typed */
    struct root *root;      /* NULL: it cannot be opened */
    struct boot_rules rules;
    struct boot_marks marks; /* none: those of the running service are its own */
    uint8_t duid[DUID_SIZE];
    uint8_t request[BOOT_EXPLAIN_REQUEST_MAX];
    struct boot_question question;
    struct boot_decision decision;
    enum explain_boot_outcome outcome;
    bool is_decided;             /* the decision is one; else the rules could not be read */
    char why[EXPLAIN_TEXT_MAX];  /* of another outcome than answered */
    char file[EXPLAIN_TEXT_MAX]; /* what becomes of the file by TFTP; empty: there is none to look at */
};

void explain_boot_print_text(const struct boot_explanation *e);
void explain_boot_print_json(const struct boot_explanation *e);

#endif
