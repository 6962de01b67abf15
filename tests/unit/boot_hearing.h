/* The two calls of the hands, in the scene of boot_scene.h, whose x64 machines are told of x64.efi. */
#ifndef UNIT_BOOT_HEARING_H
#define UNIT_BOOT_HEARING_H

#include "boot_scene.h"
#include "core/boot/boot.h"

extern struct boot boot;
extern bool is_cut_off; /* the system sends nothing */

/* Before each test. */
int hearing_set_up(void **state);

enum boot_reason hear(const struct ask *ask);

/* A DISCOVER of a machine of its own. */
struct ask discover(unsigned number);
enum boot_reason hear_number(unsigned number);

/* Of those that are kept; there has to be one. */
const struct seen_machine *only_machine(void);

#endif
