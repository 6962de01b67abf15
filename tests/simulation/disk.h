/*
 * The start directory in memory: files to fetch, uploads under way, and what goes wrong with them.
 */
#ifndef SIMULATION_DISK_H
#define SIMULATION_DISK_H

#include "core/names/path.h"
#include "core/wire/status.h"
#include "world.h"

enum { DISK_FILES_MAX = 48 };

struct disk_file {
    char path[PATH_TEXT_MAX];
    uint8_t *bytes;
    size_t size;
    uint8_t *wire; /* the same in netascii, made here apart from the core; NULL: not text */
    size_t wire_size;
    bool is_upload; /* made by a client of this world */
};

/* An unfinished upload, without a name as yet. */
struct disk_upload {
    uint8_t *bytes;
    size_t size;
    size_t capacity;
};

struct disk {
    struct disk_file files[DISK_FILES_MAX];
    uint32_t file_count;
    uint64_t stored; /* bytes of uploads */
};

void disk_make(struct world *w);
void disk_free(struct world *w);

/* The bytes are the disk's from now on. */
struct disk_file *disk_add(struct world *w, const char *path, uint8_t *bytes, size_t size);
/* Adds the netascii form. */
void disk_make_text(struct world *w, struct disk_file *file);
/* By name as Windows compares names, NULL if there is none. */
struct disk_file *disk_find(const struct disk *disk, const char *path);

/* How long a question has to wait for the disk, 0: not at all. */
uint32_t disk_delay_ms(struct world *w);
enum status disk_read(struct world *w);
enum status disk_write(struct world *w, struct disk_upload *upload, uint64_t offset, struct span bytes);
/* Gives it the name, or says why not; never replaces. */
enum status disk_commit(struct world *w, struct disk_upload *upload, const char *path);
void disk_discard(struct world *w, struct disk_upload *upload);

/* Bytes of noise, or of text that is mean to netascii. */
uint8_t *disk_noise(struct world *w, size_t size, bool is_text);
/* What a netascii upload of these bytes has to become. Returns the size; stored has size + 1 bytes. */
size_t disk_from_netascii(const uint8_t *wire, size_t size, uint8_t *stored);

#endif
