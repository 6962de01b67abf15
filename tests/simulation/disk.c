#include "disk.h"

void disk_make(struct world *w)
{
    w->disk = world_allocate(w, sizeof *w->disk);
    w->disk->file_count = 0;
    w->disk->stored = 0;
}

void disk_free(struct world *w)
{
    for (uint32_t i = 0; i < w->disk->file_count; i++) {
        world_free(w, w->disk->files[i].bytes);
        world_free(w, w->disk->files[i].wire);
    }
    world_free(w, w->disk);
    w->disk = NULL;
}

struct disk_file *disk_add(struct world *w, const char *path, uint8_t *bytes, size_t size)
{
    ASSERT(w->disk->file_count < DISK_FILES_MAX);
    struct disk_file *file = &w->disk->files[w->disk->file_count++];

    memset(file, 0, sizeof *file);
    file->bytes = bytes;
    file->size = size;
    ASSERT(path_normalize(span_of_text(path), file->path) == PATH_OK);
    return file;
}

/* RFC 764 for Windows text, one line at a time: CR LF stays, LF alone becomes CR LF, CR alone CR NUL. */
void disk_make_text(struct world *w, struct disk_file *file)
{
    uint8_t *wire = world_allocate(w, file->size * 2);
    size_t size = 0;

    for (size_t i = 0; i < file->size; i++) {
        uint8_t byte = file->bytes[i];
        bool after_cr = i > 0 && file->bytes[i - 1] == '\r';
        bool before_lf = i + 1 < file->size && file->bytes[i + 1] == '\n';
        if (byte == '\n' && !after_cr)
            wire[size++] = '\r';
        wire[size++] = byte;
        if (byte == '\r' && !before_lf)
            wire[size++] = 0;
    }
    file->wire = wire;
    file->wire_size = size;
}

size_t disk_from_netascii(const uint8_t *wire, size_t size, uint8_t *stored)
{
    size_t used = 0;

    for (size_t i = 0; i < size; i++)
        if (!(wire[i] == 0 && i > 0 && wire[i - 1] == '\r'))
            stored[used++] = wire[i];
    return used;
}

struct disk_file *disk_find(const struct disk *disk, const char *path)
{
    for (uint32_t i = 0; i < disk->file_count; i++)
        if (path_equal(disk->files[i].path, path))
            return (struct disk_file *)&disk->files[i];
    return NULL;
}

uint32_t disk_delay_ms(struct world *w)
{
    return world_fault(w, w->faults.slow, FAULT_SLOW_DISK) ? 1 + world_random(w, w->faults.slow_ms) : 0;
}

enum status disk_read(struct world *w)
{
    if (!world_fault(w, w->faults.unreadable, FAULT_BROKEN_READ))
        return STATUS_OK;
    return world_chance(w, 500) ? STATUS_BROKEN : STATUS_CHANGED;
}

static bool is_full(struct world *w, const struct disk_upload *upload)
{
    return w->faults.full_after != 0 && w->disk->stored + upload->size > w->faults.full_after &&
           world_fault(w, 1000, FAULT_FULL_DISK);
}

enum status disk_write(struct world *w, struct disk_upload *upload, uint64_t offset, struct span bytes)
{
    REQUIRE(w, bytes.size > 0 && offset == upload->size, "a write of %u bytes at %llu, behind %u bytes",
            (unsigned)bytes.size, (unsigned long long)offset, (unsigned)upload->size);
    if (world_fault(w, w->faults.unwritable, FAULT_BROKEN_WRITE))
        return STATUS_BROKEN;
    if (upload->size + bytes.size > upload->capacity) {
        uint8_t *before = upload->bytes;
        upload->capacity = (upload->size + bytes.size) * 2;
        upload->bytes = world_allocate(w, upload->capacity);
        if (upload->size > 0)
            memcpy(upload->bytes, before, upload->size);
        world_free(w, before);
    }
    memcpy(upload->bytes + upload->size, bytes.bytes, bytes.size);
    upload->size += bytes.size;
    return is_full(w, upload) ? STATUS_FULL : STATUS_OK;
}

enum status disk_commit(struct world *w, struct disk_upload *upload, const char *path)
{
    if (w->disk->file_count + 2 < DISK_FILES_MAX && world_fault(w, w->faults.name_taken, FAULT_NAME_TAKEN) &&
        disk_find(w->disk, path) == NULL)
        disk_add(w, path, disk_noise(w, 10, false), 10);
    if (disk_find(w->disk, path) != NULL)
        return STATUS_EXISTS;
    if (w->disk->file_count == DISK_FILES_MAX)
        return STATUS_FULL;
    disk_add(w, path, upload->bytes, upload->size)->is_upload = true;
    w->disk->stored += upload->size;
    *upload = (struct disk_upload){.size = 0};
    return STATUS_OK;
}

void disk_discard(struct world *w, struct disk_upload *upload)
{
    world_free(w, upload->bytes);
    *upload = (struct disk_upload){.size = 0};
}

uint8_t *disk_noise(struct world *w, size_t size, bool is_text)
{
    static const uint8_t letters[8] = {'\r', '\n', '\r', '\n', 0, 'a', 'b', 'c'};
    uint8_t *bytes = world_allocate(w, size);

    for (size_t i = 0; i < size; i++) {
        uint32_t noise = world_random(w, 1 << 16);
        bytes[i] = is_text ? letters[noise % sizeof letters] : (uint8_t)(noise >> 8 ^ i);
    }
    return bytes;
}
