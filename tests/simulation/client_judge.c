/* What a client may hold against the server. */
#include "clients.h"
#include "disk.h"

bool client_is_judged(const struct world *w, const struct client *c)
{
    return !c->is_tainted && !(c->model->habits & HABIT_FAILS) && (w->is_strict || !c->is_port_reused);
}

void client_check_fetched(struct world *w, const struct client *c)
{
    char path[PATH_TEXT_MAX];

    ASSERT(path_normalize(span_of_text(c->model->path), path) == PATH_OK);
    const struct disk_file *file = disk_find(w->disk, path);
    bool is_text = c->model->mode[0] == 'n';
    const uint8_t *bytes = is_text ? file->wire : file->bytes;
    size_t size = is_text ? file->wire_size : file->size;
    REQUIRE(w, c->fetcher.size == size && (size == 0 || memcmp(c->fetcher.bytes, bytes, size) == 0),
            "%s has %u bytes that are not the file's %u", c->model->name, (unsigned)c->fetcher.size, (unsigned)size);
}

bool client_is_own_stored(struct world *w, const struct client *c)
{
    char path[PATH_TEXT_MAX];

    ASSERT(path_normalize(span_of_text(c->model->path), path) == PATH_OK);
    const struct disk_file *file = disk_find(w->disk, path);
    uint8_t *stored = world_allocate(w, c->upload_size + 1);
    size_t size = c->upload_size;
    if (c->model->mode[0] == 'n')
        size = disk_from_netascii(c->upload, size, stored);
    else
        memcpy(stored, c->upload, size);
    bool is_own = file != NULL && file->size == size && (size == 0 || memcmp(file->bytes, stored, size) == 0);
    world_free(w, stored);
    return is_own;
}

bool client_is_too_large(const struct world *w, const struct client *c)
{
    return client_is_upload(c) && w->config.upload_bytes_max != 0 && c->upload_size > w->config.upload_bytes_max;
}

bool client_is_error_due(struct world *w, const struct client *c, uint16_t code)
{
    if (!client_is_judged(w, c))
        return true;
    if (client_is_miss(c) || c->model->habits & HABIT_BAD_NAME)
        return code == 1 || (code == 2 && !client_is_miss(c)) || (code == 0 && !w->is_strict);
    if (w->is_strict)
        return false;
    bool is_full = client_is_upload(c) && (w->faults.full_after != 0 || client_is_too_large(w, c));
    return code == 0 || code == 5 || (code == 3 && is_full);
}
