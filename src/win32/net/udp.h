/*
 * UDP sockets: dual-mode where IPv6 exists, non-blocking, with the arrival address and interface of each datagram where
 * that is asked for. No decision is made here.
 */
#ifndef WIN32_UDP_H
#define WIN32_UDP_H

#include "core/base/endpoint.h"
#include "core/server/presence.h"
#include "win32/system/windows.h"

enum {
    UDP_DATAGRAM_MAX = 65536,
    UDP_LOOK_MS = 5000,   /* whoever waits for the event of a listening socket looks so often without it */
    UDP_SPOILT_MAX = 256, /* receives in a row that give an error; with one more the socket is broken */
    UDP_PARTS_MAX = 4,    /* buffers gathered into one datagram */
    UDP_RUN_MAX = 64,     /* datagrams of one run */
    UDP_RUN_PARTS_MAX = 2 * UDP_RUN_MAX, /* its buffers */
    UDP_RUN_BYTES_MAX = 65000,           /* what one call may carry, with room for the headers of IP */
    /*
     * The longest segment: whether the system also segments what is to be fragmented is written nowhere. So the payload
     * of a packet of Ethernet's 1500 bytes, behind the headers of IP and UDP.
     */
    UDP_SEGMENT_IPV4_MAX = 1500 - 20 - 8,
    UDP_SEGMENT_IPV6_MAX = 1500 - 40 - 8,
    UDP_LISTEN_BUFFER = 4 * 1024 * 1024, /* room for a mass boot's requests until they are looked at */
    UDP_TRANSFER_BUFFER = 2 * 1024 * 1024
};

struct udp {
    SOCKET socket;
    int family;            /* AF_INET6 dual-mode, or AF_INET where there is no IPv6 */
    struct endpoint local; /* as bound, with the port in force */
    HANDLE event;
    LPFN_WSARECVMSG receive_message;
    volatile LONG spoilt_in_row;
    bool
        is_passed_over; /* by who reads it: something may lie in it, and then no event tells of what comes behind that */
    /* Of two sends at once on a non-blocking socket, Wine refuses one with WSAEWOULDBLOCK. */
    SRWLOCK send_lock;
    bool has_segmentation; /* the system has UDP_SEND_MSG_SIZE */
};

/* Where a datagram came in, and the answer to it leaves. */
struct udp_arrival {
    struct endpoint local; /* the address it was sent to; unspecified if unknown, on a socket that is bound to all */
    uint32_t interface_index;
};

/* The Winsock error of the last two is WSAGetLastError's. */
enum udp_result {
    UDP_RECEIVED,
    UDP_NOTHING,
    UDP_SPOILT, /* nothing to be had of this call: go on, for the event may tell of no other datagram before */
    UDP_BROKEN  /* nothing to be had of this socket any more */
};

/*
 * Binds exclusively to the address and port (0: any port). event is signalled when there is something to read, and when
 * there is room again for what could not be sent. Returns a Winsock error; WSAEADDRNOTAVAIL means that the address is
 * not up.
 */
DWORD udp_open(struct udp *udp, const struct endpoint *local, int buffer_bytes, HANDLE event);
/*
 * The same for one IPv4 address, for broadcasts: what is sent to 255.255.255.255 on the address' interface is received,
 * and what is sent there leaves by that interface alone. A dual-mode socket hears no broadcasts, and one that is bound
 * to all addresses sends them by an interface that the system chooses. The address has to be one of ours: else Wine
 * binds to all.
 */
DWORD udp_open_broadcast(struct udp *udp, const struct endpoint *local, int buffer_bytes, HANDLE event);
/* The same without broadcasts to be sent: the system refuses what a forged source would have go to all. */
DWORD udp_open_ipv4(struct udp *udp, const struct endpoint *local, int buffer_bytes, HANDLE event);
/* The same for all IPv6 addresses and none of IPv4, to receive what is sent to groups. */
DWORD udp_open_ipv6(struct udp *udp, uint16_t port, int buffer_bytes, HANDLE event);
/* From here on what is sent to the group on this interface is received; so it may be already. */
void udp_join(const struct udp *udp, const struct endpoint *group, uint32_t interface_index);
/* What a socket is by the error that opening it gave: PRESENCE_TAKEN where another program has the port. */
enum presence_state udp_presence_after(DWORD error);
void udp_close(struct udp *udp);

/* arrival may be NULL, which is cheaper. size is the datagram's. */
enum udp_result udp_receive(struct udp *udp, uint8_t *buffer, size_t room, size_t *size, struct endpoint *from,
                            struct udp_arrival *arrival);

/*
 * True if another datagram waits (or the socket told of a spoilt one). From here on the event tells of the next: after
 * udp_receive with arrival it does so only once this, or a receive that found nothing, was called.
 */
bool udp_has_more(const struct udp *udp);

/* Whether the system has cut one call into datagrams. */
enum udp_cutting {
    UDP_CUT_NOT_TRIED,
    UDP_CUT,
    UDP_CUT_NOT_NOW,  /* it has no room or no route for anything */
    UDP_CUT_NOT_HERE, /* not on the way to this peer */
    UDP_CUT_NEVER     /* it says that it does not do this */
};

/* What has become of datagrams. */
struct udp_sent {
    size_t datagrams;     /* so many, from the first on: the system has taken them, or refused them for good */
    size_t refused;       /* of these: to the protocol they are lost */
    int error;            /* Winsock's, of the last that was refused */
    bool is_full;         /* the next one finds no room at the moment: the event tells when there is some */
    bool has_lost_source; /* the system does not let them leave from there, and has chosen a source of its own */
    enum udp_cutting cutting;
};

/*
 * One datagram from up to UDP_PARTS_MAX parts. source may be NULL; where the socket is bound to all addresses it names
 * the address, and the interface unless that is 0, to send from.
 */
struct udp_sent udp_send(struct udp *udp, const struct endpoint *to, const struct udp_arrival *source,
                         const struct span *parts, size_t count);

/* The parts, one after the other, are cut every datagram_size bytes, where a part begins; the last may be shorter. */
struct udp_run {
    const struct span *parts;
    size_t count;
    size_t datagram_size;
    bool may_segment;
};

/*
 * Datagrams to one peer, in order, up to the first that finds no room. Where the system cuts by itself (Windows 10 2004 and
 * later), and the run may be segmented, they leave in one call; if that fails, one by one.
 */
struct udp_sent udp_send_run(struct udp *udp, const struct endpoint *to, const struct udp_arrival *source,
                             const struct udp_run *run);

#endif
