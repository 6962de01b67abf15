/*
 * Files for the tests of the Win32 floor: made with known contents, looked at with the system's own calls, never with
 * the product's. Paths are absolute and ASCII.
 */
#ifndef WIN32_TESTS_FILES_H
#define WIN32_TESTS_FILES_H

#include "unit.h"

#include "win32/system/windows.h"

enum {
    FILES_PATH_MAX = 1024,
    FILES_AGE_S = 3600, /* files_make's are as old as this, so that the cache shares them */
    PATIENCE_MS = 20000 /* how long a test waits for what must come: protection against a hang, nothing else */
};

/* A fresh empty directory. The text lives as long as the program. */
const char *files_directory(void);
/* "directory\name"; a few of them live at a time. */
const char *files_path(const char *directory, const char *name);

/* The byte at this place of every file with this seed. */
uint8_t files_byte(unsigned seed, uint64_t offset);
void files_fill(uint8_t *bytes, size_t size, unsigned seed, uint64_t offset);
bool files_match(const uint8_t *bytes, size_t size, unsigned seed, uint64_t offset);

void files_make(const char *path, size_t size, unsigned seed);
void files_make_text(const char *path, const char *text);
/* Sets the time of the last write to so many seconds ago; negative: to come. */
void files_set_age(const char *path, int seconds);
bool files_exist(const char *path);
/* Exactly this size and these contents. */
bool files_hold(const char *path, size_t size, unsigned seed);
/* How many entries the directory has, without "." and "..". */
unsigned files_count(const char *directory);
/*
 * Waits until it has as many, and returns how many it has; another number after PATIENCE_MS. An upload that came to
 * nothing is over a moment before its file is gone: a thread that may wait on the disk deletes it.
 */
unsigned files_await(const char *directory, unsigned count);

/* Runs a command of the shell outside Windows and waits for its end. Fails the test if it does not succeed. */
void files_run_unix(const char *command);
/* What the shell calls this path. The text is one of a few that live at a time. */
const char *files_unix_path(const char *path);

#endif
