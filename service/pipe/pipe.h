/*
 * How `tftpd status`, `stop-transfer`, `drain` and `approve` speak with the running service: a local named pipe, one request and one
 * reply a connection, both plain structs. Both ends are the same program; the reply says which version made it.
 */
#ifndef SERVICE_PIPE_H
#define SERVICE_PIPE_H

#include "win32/boot/companion.h"
#include "win32/server/snapshot.h"

enum {
    PIPE_NAME_UNITS = 300,
    PIPE_PATIENCE_MS = 5000, /* for the other end, at each step */
    PIPE_LAST_MS = 1000,     /* the same, once it is time to stop */
    PIPE_MAGIC = 0x50544654,
    PIPE_VERSION_MAX = 32,
    PIPE_PATH_MAX = 1024,
    PIPE_MACHINE_MAX = 64
};

enum pipe_verb { PIPE_STATUS, PIPE_STOP_TRANSFER, PIPE_DRAIN, PIPE_APPROVE, PIPE_VERB_COUNT };
enum pipe_answer { PIPE_DONE, PIPE_NO_SUCH_TRANSFER, PIPE_BOOT_OFF, PIPE_NO_MACHINE, PIPE_NO_ROOM, PIPE_SHARED };

struct pipe_request {
    uint32_t magic;
    uint32_t verb; /* enum pipe_verb */
    uint32_t id;   /* of PIPE_STOP_TRANSFER */
    uint32_t reserved;
    char machine[PIPE_MACHINE_MAX]; /* of PIPE_APPROVE */
};

/*
 * Followed by snapshot.transfer_count times struct snapshot_transfer, and boot.machine_count times struct
 * companion_machine.
 */
struct pipe_reply {
    uint32_t magic;
    uint32_t size; /* of this struct, of one transfer, and of one machine */
    uint32_t transfer_size;
    uint32_t machine_size;
    uint32_t answer;                /* enum pipe_answer */
    char version[PIPE_VERSION_MAX]; /* of the service's program */
    char directory[PIPE_PATH_MAX];
    uint32_t port;
    uint32_t process;
    uint32_t handles; /* 0: the system does not tell */
    uint32_t is_draining;
    uint64_t uptime_ms;
    uint64_t memory_bytes; /* private to the process */
    struct snapshot snapshot;
    struct companion_state boot;
};

/* \\.\pipe\tftpd-SERVICE into name (PIPE_NAME_UNITS); false if that is too long, or no UTF-8. */
bool pipe_name(const char *service, wchar_t *name);

/*
 * Moves exactly size bytes of an overlapped pipe, giving up PIPE_LAST_MS after stop (may be NULL) is signalled or when the
 * other end lets PIPE_PATIENCE_MS pass. Returns a Win32 error; ERROR_OPERATION_ABORTED and ERROR_TIMEOUT are these two.
 */
DWORD pipe_write(HANDLE pipe, HANDLE stop, const void *bytes, DWORD size);
DWORD pipe_read(HANDLE pipe, HANDLE stop, void *bytes, DWORD size);

#endif
