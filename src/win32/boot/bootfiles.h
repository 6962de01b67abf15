/*
 * What TFTP would do with the file of a boot rule, by the service's own judgement of names and by a look at the disk. Looks are
 * taken by a file thread and remembered for a moment, so that a slow share does not silence the companion.
 */
#ifndef WIN32_BOOTFILES_H
#define WIN32_BOOTFILES_H

#include "core/boot/decide.h"
#include "core/settings/config.h"
#include "win32/disk/root.h"
#include "win32/system/jobs.h"

enum {
    BOOTFILES_MAX = 64,        /* that are remembered */
    BOOTFILES_FRESH_MS = 1000, /* so long without another look */
    BOOTFILES_WAIT_MS = 200,   /* for a look, once; a machine asks again after a second or more */
    BOOTFILES_WAIT_ALL_MS = 400,
    BOOTFILES_TURN_MS = 1000 /* in each of these that is the longest wait for all looks together */
};

/* For one state of the parameters. Counted: looks that are under way hold it, too. */
struct bootfiles;

/* Retains the root, copies config. NULL without memory. */
struct bootfiles *bootfiles_open(const struct config *config, struct root *root, struct jobs *jobs);
void bootfiles_release(struct bootfiles *files);
const struct config *bootfiles_config(const struct bootfiles *files);

/*
 * The boot_look of core/boot/decide, with the files as its context; by one thread at a time. What the disk does not say in
 * BOOTFILES_WAIT_MS counts as it was before, or as there: the client then learns by TFTP. Whoever
 * asks meanwhile does not wait again, and whoever has another file or client looked at waits only as BOOTFILES_WAIT_ALL_MS lets him.
 */
enum boot_file_state bootfiles_look(void *context, const char *file, const struct endpoint *client);

/* The same judgement by one look, however long the disk takes, remembered nowhere. client is NULL where it is not known. */
enum boot_file_state bootfiles_look_once(const struct config *config, struct root *root, const char *file,
                                         const struct endpoint *client);

#endif
