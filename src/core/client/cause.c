#include "core/client/cause.h"

#include "core/wire/packet.h"

enum {
    EXIT_SERVER_ERROR =
        20, /* and the server's code; what it says of a code that RFC 1350 and 2347 do not know is one */
    EXIT_SERVER_ERROR_OTHER = 29
};

static const struct {
    int exit_code;
    uint16_t error_code;
    const char *text;
    const char *error_text; /* what the server is told */
} causes[CAUSE_COUNT] = {
    [CAUSE_DONE] = {0, ERROR_CODE_UNDEFINED, "done", "done"},
    [CAUSE_COMMAND_LINE] = {2, ERROR_CODE_UNDEFINED, "the command line is not understood", "not asked"},
    [CAUSE_NAME_TOO_LONG] = {2, ERROR_CODE_UNDEFINED, "the remote name is too long: a request has at most 512 bytes",
                             "not asked"},
    [CAUSE_LOCAL_FILE] = {3, ERROR_CODE_UNDEFINED, "the local file cannot be read or written",
                          "The client cannot read or write its file"},
    [CAUSE_SHRUNK] = {3, ERROR_CODE_UNDEFINED, "the local file became shorter while it was sent",
                      "The client's file became shorter while it was sent"},
    [CAUSE_DISK_FULL] = {4, ERROR_CODE_FULL, "there is no room for it on the local disk", "The client's disk is full"},
    [CAUSE_TOO_LARGE] = {4, ERROR_CODE_FULL, "it is larger than --max-size allows",
                         "The file is larger than the client takes"},
    [CAUSE_EXISTS] = {5, ERROR_CODE_UNDEFINED, "the local file exists, and --no-clobber keeps it",
                      "The client has such a file"},
    [CAUSE_STDOUT] = {7, ERROR_CODE_UNDEFINED, "the standard output cannot be written to",
                      "The client's program has gone that reads it"},
    [CAUSE_HOST_NAME] = {10, ERROR_CODE_UNDEFINED, "the host's name has no address", "not asked"},
    [CAUSE_NO_ANSWER] = {11, ERROR_CODE_UNDEFINED, "nobody answered", "The client has given up"},
    [CAUSE_NOTHING_LISTENS] = {12, ERROR_CODE_UNDEFINED, "nothing listens on that port", "The client has given up"},
    [CAUSE_STOPPED] = {13, ERROR_CODE_UNDEFINED, "the server stopped answering", "The client has given up"},
    [CAUSE_SOCKET] = {14, ERROR_CODE_UNDEFINED, "the system gives no socket or port, or forbids to send",
                      "The client cannot send"},
    [CAUSE_OTHER_ADDRESS] = {15, ERROR_CODE_UNDEFINED, "only an address answered that was not asked",
                             "The client has given up"},
    [CAUSE_PROTOCOL] = {16, ERROR_CODE_ILLEGAL, "the server broke the protocol", "Illegal TFTP operation"},
    [CAUSE_WRONG_SIZE] = {17, ERROR_CODE_UNDEFINED, "the file is not as long as the server had announced",
                          "The file is not as long as was announced"},
    [CAUSE_OTHER_HASH] = {18, ERROR_CODE_UNDEFINED, "it is not the file that --sha256 names",
                          "It is not the file that the client wants"},
    [CAUSE_UNCONFIRMED] = {19, ERROR_CODE_UNDEFINED,
                           "everything was sent, and the server never confirmed the end; it may have the file",
                           "The client has given up"},
    [CAUSE_SERVER_ERROR] = {EXIT_SERVER_ERROR, ERROR_CODE_UNDEFINED, "the server refused", "not told"},
    [CAUSE_INTERRUPTED] = {130, ERROR_CODE_UNDEFINED, "interrupted", "The client's user has interrupted it"},
};

int cause_exit_code(enum cause cause, uint16_t error_code)
{
    if (cause != CAUSE_SERVER_ERROR)
        return causes[cause].exit_code;
    return error_code <= ERROR_CODE_OPTIONS ? EXIT_SERVER_ERROR + error_code : EXIT_SERVER_ERROR_OTHER;
}

const char *cause_text(enum cause cause)
{
    return causes[cause].text;
}

uint16_t cause_error_code(enum cause cause)
{
    return causes[cause].error_code;
}

const char *cause_error_text(enum cause cause)
{
    return causes[cause].error_text;
}
