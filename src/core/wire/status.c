#include "core/wire/status.h"

#include "core/wire/packet.h"

static const struct {
    uint16_t code;
    const char *text;
} table[] = {
    [STATUS_OK] = {ERROR_CODE_UNDEFINED, "no error"},
    [STATUS_NOT_FOUND] = {ERROR_CODE_NOT_FOUND, "File not found"},
    [STATUS_IS_FOLDER] = {ERROR_CODE_NOT_FOUND, "The name is that of a folder, not of a file"},
    [STATUS_FOLDER_EXISTS] = {ERROR_CODE_EXISTS, "A folder has this name already"},
    [STATUS_NO_FOLDER] = {ERROR_CODE_NOT_FOUND, "There is no such folder, and none is made"},
    [STATUS_NOT_A_FOLDER] = {ERROR_CODE_NOT_FOUND, "What would have to be its folder is a file"},
    [STATUS_DENIED] = {ERROR_CODE_ACCESS, "Access violation: the service's account has no permission"},
    [STATUS_OUTSIDE] = {ERROR_CODE_ACCESS, "Access violation: not a plain file below the start directory"},
    [STATUS_EXISTS] = {ERROR_CODE_EXISTS, "File already exists"},
    [STATUS_IN_USE] = {ERROR_CODE_UNDEFINED, "The file is in use by another program, try again later"},
    [STATUS_FULL] = {ERROR_CODE_FULL, "Disk full or allocation exceeded"},
    [STATUS_TOO_LARGE] = {ERROR_CODE_FULL, "The upload is larger than the parameter MaxUploadBytes allows"},
    [STATUS_CHANGED] = {ERROR_CODE_UNDEFINED, "The file became shorter while it was sent, try again"},
    [STATUS_ROOT_LOST] = {ERROR_CODE_UNDEFINED, "The start directory cannot be reached at the moment, try again later"},
    [STATUS_BROKEN] = {ERROR_CODE_UNDEFINED, "The server cannot read or write the file"},
};

uint16_t status_error_code(enum status status)
{
    return table[status].code;
}

const char *status_text(enum status status)
{
    return table[status].text;
}
