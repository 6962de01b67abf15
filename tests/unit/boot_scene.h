/*
 * A question to the core about booting, as the tests of core/boot/decide ask it: we are 10.77.0.2/24, and a DHCP server is
 * 10.77.0.1. A reply is compared byte for byte with what the test says.
 */
#ifndef UNIT_BOOT_SCENE_H
#define UNIT_BOOT_SCENE_H

#include "boot_wire.h"
#include "core/boot/decide.h"

extern struct boot_rules rules;
extern struct boot_marks marks;
extern struct boot_question question;
extern struct boot_decision decision;
extern enum boot_file_state file_state; /* of every file */
extern char looked_for[256];            /* "x64.efi for 10.77.0.100", the last */
extern unsigned looks;                  /* so many */

int scene_set_up(void **state);
void scene_add(enum boot_list list, const char *line);
/* A line of PxeBoot. */
void scene_boot(const char *line);
/* Decides; the name of the reason. */
const char *scene_decide(const struct ask *ask);
/* What comes now comes to port 4011, from 10.77.0.100. */
void scene_on_4011(uint16_t source_port);
/* Where the reply goes: "255.255.255.255:68". */
const char *scene_to(void);

/* What a reply is to be, but for what it copies: xid, hardware, chaddr. */
struct expected {
    uint16_t flags;
    bool has_ciaddr;
    const char *relay; /* NULL: none */
    const char *next_server;
    const char *file;
    const char *options;
    const char *agent; /* option 82 behind them, or NULL */
};

void scene_check(const struct ask *ask, const struct expected *expected);

/* Options of replies. */
#define GUID   "6111 00 44454c4c420010358052b4c04f4e3332"
#define OFFER  "350102 36040a4d0002 3c09505845436c69656e74"
#define ACK    "350105 36040a4d0002 3c09505845436c69656e74"
#define DIRECT "2b04060108ff"
#define TO_ALL "255.255.255.255:68"

#endif
