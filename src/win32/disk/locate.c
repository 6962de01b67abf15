#include "win32/disk/locate.h"

#include <stdio.h>

enum { FOLDER_MAX = ENDPOINT_TEXT_MAX };

_Static_assert(FOLDER_MAX - MAC_TEXT_MAX >= 0, "either name of a client's folder fits");

/* Who asks. */
struct asker {
    const struct endpoint *from;
    const struct mac *mac;
    char folder[FOLDER_MAX]; /* the client's own; empty: it has none */
};

static struct asker asker_of(const struct config *config, const struct endpoint *from, const struct mac *mac)
{
    struct asker asker = {.from = from, .mac = mac};

    if (config->client_directories == CLIENT_DIRECTORIES_IP)
        endpoint_file_name(from, asker.folder);
    else if (config->client_directories == CLIENT_DIRECTORIES_MAC && mac_is_proved(mac))
        mac_folder(mac->bytes, asker.folder);
    return asker;
}

/* The path in the client's own folder; false if there is none, or it would be too long. */
static bool own_path(const struct request *request, const struct asker *asker, char *path)
{
    int length = snprintf(path, PATH_TEXT_MAX, "%s\\%s", asker->folder, request->path);

    return asker->folder[0] != 0 && length > 0 && length < PATH_TEXT_MAX;
}

/* Judged by what was opened. To the rules the client's own folder is invisible, as it is to the client. */
static bool allows(struct request *request, const struct config *config, const struct asker *asker, bool is_own,
                   const char *final_path)
{
    size_t length = strlen(asker->folder);

    if (is_own && _strnicmp(final_path, asker->folder, length) == 0 && final_path[length] == '\\')
        final_path += length + 1;
    return request_allows_final_path(request, config, asker->from, final_path) &&
           request_allows_folder(request, config, asker->mac, final_path);
}

/* Not in the client's own folder, so it may be in the one for all. */
static bool is_elsewhere(enum status status)
{
    return status == STATUS_NOT_FOUND || status == STATUS_IS_FOLDER || status == STATUS_NO_FOLDER ||
           status == STATUS_NOT_A_FOLDER;
}

enum status locate_download(struct request *request, const struct config *config, struct root *root,
                            const struct endpoint *from, const struct mac *mac, struct opened_file *opened)
{
    char path[PATH_TEXT_MAX];
    enum status status = STATUS_NOT_FOUND;
    struct asker asker = asker_of(config, from, mac);
    bool is_own = own_path(request, &asker, path);

    if (!request_allows_folder(request, config, mac, request->path))
        return STATUS_DENIED;
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
    if (allows(request, config, &asker, is_own, opened->path))
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
                          const struct endpoint *from, const struct mac *mac, struct upload *upload)
{
    char path[PATH_TEXT_MAX];
    struct upload_wish wish = {
        .path = path,
        .announced = announced_size(request),
        .free_bytes_min = config->free_bytes_min,
        .when_exists = (enum when_exists)config->when_exists,
    };
    enum status status = STATUS_NOT_FOUND;
    struct asker asker = asker_of(config, from, mac);
    bool is_own = own_path(request, &asker, path);

    if (!request_allows_folder(request, config, mac, request->path))
        return STATUS_DENIED;
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
    if (allows(request, config, &asker, is_own, upload->asked_path))
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
