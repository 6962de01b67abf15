#include "win32/disk/locate.h"

#include <stdio.h>

/* The path in the client's own folder; false if there are none, or it would be too long. */
static bool own_path(const struct request *request, const struct config *config, const struct endpoint *from,
                     char *path)
{
    char folder[ENDPOINT_TEXT_MAX];

    if (config->client_directories != CLIENT_DIRECTORIES_IP)
        return false;
    endpoint_file_name(from, folder);
    int length = snprintf(path, PATH_TEXT_MAX, "%s\\%s", folder, request->path);
    return length > 0 && length < PATH_TEXT_MAX;
}

/* To the rules the client's own folder is invisible, as it is to the client. */
static bool allows_own_path(struct request *request, const struct config *config, const struct endpoint *from,
                            const char *final_path)
{
    char folder[ENDPOINT_TEXT_MAX];

    endpoint_file_name(from, folder);
    size_t length = strlen(folder);
    if (_strnicmp(final_path, folder, length) == 0 && final_path[length] == '\\')
        final_path += length + 1;
    return request_allows_final_path(request, config, from, final_path);
}

/* Not in the client's own folder, so it may be in the one for all. */
static bool is_elsewhere(enum status status)
{
    return status == STATUS_NOT_FOUND || status == STATUS_IS_FOLDER || status == STATUS_NO_FOLDER ||
           status == STATUS_NOT_A_FOLDER;
}

enum status locate_download(struct request *request, const struct config *config, struct root *root,
                            const struct endpoint *from, struct opened_file *opened)
{
    char path[PATH_TEXT_MAX];
    enum status status = STATUS_NOT_FOUND;
    bool is_own = own_path(request, config, from, path);

    if (is_own)
        status = file_open(root, path, opened);
    if (is_elsewhere(status)) {
        is_own = false;
        status = file_open(root, request->path, opened);
    }
    bool is_known =
        status == STATUS_OK || ((status == STATUS_IN_USE || status == STATUS_IS_FOLDER) && opened->path[0] != 0);
    if (!is_known)
        return status;
    bool is_allowed = is_own ? allows_own_path(request, config, from, opened->path)
                             : request_allows_final_path(request, config, from, opened->path);
    if (is_allowed)
        return status;
    if (status == STATUS_OK)
        CloseHandle(opened->handle);
    return STATUS_DENIED;
}

/* What the client announces, as far as it can be read; the negotiation proper comes later. */
static uint64_t announced_size(const struct request *request)
{
    uint64_t size = 0;

    for (unsigned i = 0; i < request->packet.option_count; i++)
        if (options_find(request->packet.options[i].name) == OPTION_TSIZE &&
            span_to_number(request->packet.options[i].value, UINT64_MAX, &size))
            break;
    return size;
}

enum status locate_upload(struct request *request, const struct config *config, struct root *root,
                          const struct endpoint *from, struct upload *upload)
{
    char path[PATH_TEXT_MAX];
    struct upload_wish wish = {
        .path = path,
        .announced = announced_size(request),
        .free_bytes_min = config->free_bytes_min,
        .when_exists = (enum when_exists)config->when_exists,
    };
    enum status status = STATUS_NOT_FOUND;
    bool is_own = own_path(request, config, from, path);

    if (config->upload_bytes_max != 0 && wish.announced > config->upload_bytes_max)
        return STATUS_TOO_LARGE;
    if (is_own)
        status = upload_prepare(upload, root, &wish);
    if (is_elsewhere(status)) {
        is_own = false;
        wish.path = request->path;
        status = upload_prepare(upload, root, &wish);
    }
    if (status != STATUS_OK)
        return status;
    bool is_allowed = is_own ? allows_own_path(request, config, from, upload->asked_path)
                             : request_allows_final_path(request, config, from, upload->asked_path);
    if (is_allowed)
        return STATUS_OK;
    upload_close(upload);
    return STATUS_DENIED;
}

char *locate_detail(enum status status, const struct upload *upload, char *text, size_t size)
{
    char folder[PATH_TEXT_MAX];

    text[0] = 0;
    if (status == STATUS_NO_FOLDER || status == STATUS_NOT_A_FOLDER)
        snprintf(text, size, ": \"%s\"", path_printable(span_of_text(upload->path), folder, sizeof folder));
    return text;
}
