/*
 * What the files of the companion share. Nobody else includes this.
 */
#ifndef WIN32_COMPANION_PARTS_H
#define WIN32_COMPANION_PARTS_H

#include "core/boot/boot.h"
#include "core/boot/holders.h"
#include "core/server/presence.h"
#include "core/settings/boot_lines.h"
#include "win32/boot/bootfiles.h"
#include "win32/boot/bootself.h"
#include "win32/boot/companion.h"
#include "win32/net/interfaces.h"
#include "win32/net/netwatch.h"

enum {
    COMPANION_SOCKETS_MAX = 128, /* two for an interface, and one for each further address */
    COMPANION_ADDRESSES_MAX = 128,
    COMPANION_TICK_MS = 1000,       /* what is due is looked at so often */
    COMPANION_LOOK_MS = 10 * 1000,  /* and the addresses, without being told of a change */
    COMPANION_AWAIT_MS = 3000,      /* between attempts at an address that is not up yet, or a socket that broke */
    COMPANION_RETRY_MS = 60 * 1000, /* and at a port that another program has */
    COMPANION_COUNT_MS = 60 * 1000, /* limits are told so often */
    COMPANION_CAME_MAX = 256,       /* TFTP requests between two ticks that count for hints */
    COMPANION_DATAGRAM_MAX = 2048,  /* a longer one is none */
    COMPANION_BUFFER = 1024 * 1024,
    COMPANION_TURN_MAX = 32 /* datagrams of one socket before the others */
};

/* One that is to be there: a port on an IPv4 address of ours, or on all of IPv6. */
struct boot_socket {
    struct local_address local; /* with the port; of IPv6 the unspecified address, and no interface */
    bool is_wanted;             /* by the parameters and addresses as they are now */
    struct presence presence;
    struct udp udp; /* while it is open */
};

struct came {
    SRWLOCK lock;
    size_t count;
    struct endpoint clients[COMPANION_CAME_MAX];
};

struct running {
    struct companion *companion;
    HANDLE thread;
    HANDLE stop;
    HANDLE wake;    /* auto-reset: the parameters have changed */
    HANDLE ready;   /* auto-reset: datagrams */
    HANDLE changed; /* manual-reset: addresses have changed, if the system tells */
    bool has_watch;
    struct netwatch watch;
    struct came came;

    SRWLOCK holders_lock; /* held for a look alone, unlike the other one */
    struct holders holders;

    SRWLOCK lock; /* guards what follows but the sockets, which are the thread's */
    struct boot boot;
    struct boot_rules *rules;
    struct bootfiles *files;
    bool has_changed; /* the parameters: all sockets are looked at again */
    struct boot_ports ports;

    bool is_nowhere_told;
    uint64_t looked_ms;                  /* when the addresses were */
    uint64_t counted_ms;                 /* when limits were told */
    uint32_t limited[BOOT_REASON_COUNT]; /* since they were told */
    struct companion_state state;        /* but for what companion_look finds out itself */
    uint8_t duid[DUID_SIZE];             /* ours, for DHCPv6 */
    size_t ipv6_count;
    struct local_address ipv6[COMPANION_ADDRESSES_MAX];
    size_t socket_count;
    struct boot_socket sockets[COMPANION_SOCKETS_MAX];
    /* Of a datagram that does not fit, Winsock makes an error, of which a few hundred in a row spoil a socket. */
    uint8_t buffer[UDP_DATAGRAM_MAX];
};

/* companion_sockets.c, on the thread. */

/* Opens and closes sockets, as the machine's addresses and the parameters are by now. */
void companion_follow(struct running *running, uint64_t now_ms);
/* Opens those that are not, when it is time. */
void companion_retry(struct running *running, uint64_t now_ms);
void companion_close_sockets(struct running *running);
bool companion_is_ipv6(const struct boot_socket *socket);
/*
 * Where a datagram of an IPv6 socket came in: the address of that interface that clients are told, NULL if there is none. One that
 * is link-local is the last choice: a client reaches it, but its own loaders may not know by which interface.
 */
const struct local_address *companion_ipv6_of(const struct running *running, uint32_t interface_index);
/* It gives nothing any more. */
void companion_broke(struct running *running, struct boot_socket *socket, DWORD error);

/* companion_tell.c, on the thread but for the first. */

void companion_tell(struct companion *companion, enum event_id id, const struct endpoint *place, const char *words,
                    const char *detail);
/* What became of one request. */
void companion_tell_decision(struct running *running, const struct boot_decision *decision,
                             const struct boot_arrival *arrival);
/* What limits dropped, and machines that never came for their file. The caller holds the lock. */
void companion_tell_minute(struct running *running, uint64_t now_ms);

#endif
