/* A client's request, and what the server owes to its options. */
#include "clients.h"
#include "disk.h"
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    OPTIONS_MAX = 10,
    WORD_MAX = 16,
    UPLOAD_WINDOW_BYTES_MAX = 256 * 1024,
    BYTES_PER_PORT = 192,
    UDP_TFTP_HEADERS = 32
};

static uint32_t count_misses(const struct model *model)
{
    uint32_t count = model->misses != NULL;

    for (const char *at = model->misses; at != NULL && (at = strchr(at, ';')) != NULL; at++)
        count++;
    return count;
}

uint32_t client_steps(const struct client *c)
{
    return count_misses(c->model) + (c->model->probe != NULL) + 1;
}

bool client_is_miss(const struct client *c)
{
    return c->step < count_misses(c->model);
}

bool client_is_probe(const struct client *c)
{
    return c->model->probe != NULL && c->step == count_misses(c->model);
}

static const char *name_of_step(const struct client *c, char name[WORLD_TEXT_MAX])
{
    const char *at = c->model->misses;

    if (!client_is_miss(c)) {
        snprintf(name, WORLD_TEXT_MAX, "%s%s", c->model->path, c->model->habits & HABIT_BAD_NAME ? "\xff" : "");
        return name;
    }
    for (uint32_t i = 0; i < c->step; i++)
        at = strchr(at, ';') + 1;
    snprintf(name, WORLD_TEXT_MAX, "%.*s", (int)strcspn(at, ";"), at);
    return name;
}

/* The options of this step with their numbers filled in. */
static const char *options_of_step(const struct client *c, char text[WIRE_SIZE_MAX])
{
    size_t used = 0;
    const char *from = client_is_probe(c) ? c->model->probe : c->is_plain ? "" : c->model->options;
    size_t told = c->upload_size + (c->model->habits & HABIT_LIES ? 1 + c->window % 7 : 0);

    for (; *from != 0; from++) {
        if (from[0] == '%' && from[1] == 'w')
            used += (size_t)snprintf(text + used, WIRE_SIZE_MAX - used, "%u", c->window);
        else if (from[0] == '%')
            used += (size_t)snprintf(text + used, WIRE_SIZE_MAX - used, "%u", (unsigned)told);
        else
            text[used++] = *from;
        from += from[0] == '%';
    }
    text[used] = 0;
    return text;
}

void client_make_request(struct world *w, struct client *c)
{
    char name[WORLD_TEXT_MAX];
    char options[WIRE_SIZE_MAX];
    uint8_t request[WIRE_SIZE_MAX];
    const struct model *model = c->model;

    c->request_size = wire_request(request, model->habits & HABIT_UPLOADS ? 2 : 1, name_of_step(c, name), model->mode,
                                   options_of_step(c, options));
    ASSERT(c->request_size + 3 <= sizeof c->request);
    memcpy(c->request, request, c->request_size);
    if (model->habits & HABIT_GARBAGE) {
        memcpy(c->request + c->request_size, "\x01\xfe@", 3);
        c->request_size += 3;
    }
    (void)w;
}

/* -- what is owed, made from the text of the request and apart from the core -- */

struct wish {
    char name[WORD_MAX];
    uint64_t value;
    bool is_number;
};

static uint32_t read_wishes(const struct client *c, struct wish wishes[OPTIONS_MAX])
{
    char text[WIRE_SIZE_MAX];
    const char *at = options_of_step(c, text);
    char value[WORD_MAX];
    uint32_t count = 0;
    int length;

    while (count < OPTIONS_MAX && sscanf(at, "%15s %15s%n", wishes[count].name, value, &length) == 2) {
        wishes[count].is_number = value[0] >= '0' && value[0] <= '9';
        wishes[count++].value = strtoull(value, NULL, 10);
        at += length;
    }
    return count;
}

static bool is_disabled(const struct world *w, const char *name)
{
    for (const char *item = text_list_next(&w->config.disable_options, NULL); item != NULL;
         item = text_list_next(&w->config.disable_options, item))
        if (strcmp(item, name) == 0)
            return true;
    return false;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static bool has_rival(const struct wish *wishes, uint32_t count, const char *rival)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(wishes[i].name, rival) == 0)
            return true;
    return false;
}

/* Changes wishes[i] into what is granted, or returns false. The wishes before it were granted. */
static bool judge_wish(const struct world *w, const struct client *c, struct wish *wishes, uint32_t i,
                       uint64_t file_size)
{
    struct wish *wish = &wishes[i];
    bool is_upload = c->model->habits & HABIT_UPLOADS;
    uint64_t blksize_max = least(w->config.block_size_max, w->config.mtu ? w->config.mtu - UDP_TFTP_HEADERS : 65464);

    if (!wish->is_number || is_disabled(w, wish->name))
        return false;
    if (strncmp(wish->name, "blksize", 7) == 0) {
        if (has_rival(wishes, i, wish->name[7] ? "blksize" : "blksize2"))
            return false;
        wish->value = least(wish->value, blksize_max);
        while (wish->name[7] && (wish->value & (wish->value - 1)) != 0)
            wish->value &= wish->value - 1;
        return true;
    }
    if (strcmp(wish->name, "tsize") == 0) {
        if (!is_upload)
            wish->value = file_size;
        return is_upload || (strcmp(c->model->mode, "octet") == 0 && file_size > 0);
    }
    if (strcmp(wish->name, "msftwindow") == 0) {
        wish->value = 27182;
        return w->config.msft_window && !is_upload;
    }
    if (strcmp(wish->name, "timeout") == 0 || strcmp(wish->name, "utimeout") == 0)
        return !has_rival(wishes, i, wish->name[0] == 'u' ? "timeout" : "utimeout");
    return strcmp(wish->name, "windowsize") == 0 || strcmp(wish->name, "rollover") == 0;
}

/* Whose address has finished nothing lately is granted a small window. */
static uint64_t window_max(const struct world *w, const struct client *c, uint64_t blksize, bool is_known)
{
    bool is_upload = c->model->habits & HABIT_UPLOADS;
    uint64_t ports = w->config.single_port ? 1 : w->config.transfer_ports;
    uint64_t unproven_bytes = BYTES_PER_PORT * ports;
    uint64_t blocks_max = UINT16_MAX;

    if (unproven_bytes < w->config.unproven_bytes)
        unproven_bytes = w->config.unproven_bytes;

    if (is_upload)
        blocks_max = UPLOAD_WINDOW_BYTES_MAX / blksize;
    else if (!is_known)
        blocks_max = unproven_bytes / (blksize + UDP_TFTP_HEADERS);
    return least(w->config.window_size_max, blocks_max > 0 ? blocks_max : 1);
}

static size_t make_oack(const struct world *w, const struct client *c, uint64_t file_size, bool is_known, uint8_t *oack)
{
    struct wish wishes[OPTIONS_MAX];
    uint32_t asked = read_wishes(c, wishes);
    uint32_t granted = 0;
    uint64_t blksize = 512;
    size_t used = 2;

    for (uint32_t i = 0; i < asked; i++) {
        struct wish wish = wishes[i];
        wishes[granted] = wish;
        granted += judge_wish(w, c, wishes, granted, file_size);
    }
    for (uint32_t i = 0; i < granted; i++)
        if (strncmp(wishes[i].name, "blksize", 7) == 0)
            blksize = wishes[i].value;
    write_u16(oack, 6);
    for (uint32_t i = 0; i < granted; i++) {
        uint64_t value = wishes[i].value;
        if (strcmp(wishes[i].name, "windowsize") == 0)
            value = least(value, window_max(w, c, blksize, is_known));
        used += (size_t)snprintf((char *)oack + used, 256 - used, "%s", wishes[i].name) + 1;
        used += (size_t)snprintf((char *)oack + used, 256 - used, "%llu", (unsigned long long)value) + 1;
    }
    return used;
}

void client_check_oack(struct world *w, const struct client *c, struct span oack)
{
    uint8_t owed[256];
    char path[PATH_TEXT_MAX];

    ASSERT(path_normalize(span_of_text(c->model->path), path) == PATH_OK);
    const struct disk_file *file = disk_find(w->disk, path);
    size_t size = 0;
    bool is_right = false;

    /* It may have finished a transfer that it does not believe to be done. */
    for (unsigned is_known = 0; is_known <= (c->attempts > 0) && !is_right; is_known++) {
        size = make_oack(w, c, file != NULL ? file->size : 0, is_known, owed);
        /* No option at all is granted without an OACK. */
        is_right = size > 2 ? oack.size == size && memcmp(oack.bytes, owed, size) == 0 : oack.size == 0;
    }
    REQUIRE(w, is_right, "%s is owed an OACK of %u bytes, other than the one of %u", c->model->name, (unsigned)size,
            (unsigned)oack.size);
}

uint32_t client_granted(struct span oack, const char *option, uint32_t otherwise)
{
    for (size_t at = 2; at < oack.size;) {
        const char *name = (const char *)oack.bytes + at;
        size_t left = oack.size - at;
        size_t length = strnlen(name, left);
        if (length + 1 >= left || memchr(name + length + 1, 0, left - length - 1) == NULL)
            break;
        const char *value = name + length + 1;
        if (strcmp(name, option) == 0)
            return (uint32_t)strtoul(value, NULL, 10);
        at += length + 1 + strlen(value) + 1;
    }
    return otherwise;
}
