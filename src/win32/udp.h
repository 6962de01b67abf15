/*
 * UDP sockets: dual-mode where IPv6 exists, non-blocking, with the arrival address and interface of each datagram where
 * that is asked for. No decision is made here.
 */
#ifndef WIN32_UDP_H
#define WIN32_UDP_H

#include "core/endpoint.h"
#include "win32/windows.h"

enum {
    UDP_DATAGRAM_MAX = 65536,
    UDP_SPOILT_MAX = 256,                /* receives in a row that give an error; with one more the socket is broken */
    UDP_PARTS_MAX = 4,                   /* buffers gathered into one datagram */
    UDP_RUN_MAX = 64,                    /* datagrams of one run */
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
    LPFN_WSARECVMSG receive_message;
    volatile LONG spoilt_in_row;
    bool is_passed_over; /* by who reads it: something may lie in it, and then no event tells of what comes behind that */
    /* Of two sends at once on a non-blocking socket, Wine refuses one with WSAEWOULDBLOCK. Guards may_segment, too. */
    SRWLOCK send_lock;
    bool may_segment; /* the system has UDP_SEND_MSG_SIZE, and has not failed with it */
};

/* Where a datagram came in. */
struct udp_arrival {
    struct endpoint local; /* the address it was sent to; unspecified if unknown */
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
 * Binds exclusively to the address and port (0: any port). event is signalled when there is something to read. Returns
 * a Winsock error; WSAEADDRNOTAVAIL means that the address is not up.
 */
DWORD udp_open(struct udp *udp, const struct endpoint *local, int buffer_bytes, HANDLE event);
void udp_close(struct udp *udp);

/* arrival may be NULL, which is cheaper. size is the datagram's. */
enum udp_result udp_receive(struct udp *udp, uint8_t *buffer, size_t room, size_t *size, struct endpoint *from,
                            struct udp_arrival *arrival);

/*
 * True if another datagram waits (or the socket told of a spoilt one). From here on the event tells of the next: after
 * udp_receive with arrival it does so only once this, or a receive that found nothing, was called.
 */
bool udp_has_more(const struct udp *udp);

/*
 * One datagram from up to UDP_PARTS_MAX parts. source may be NULL; where the socket is bound to all addresses it names
 * the one to send from. False if the system did not take it: to the protocol that is a lost datagram.
 */
bool udp_send(struct udp *udp, const struct endpoint *to, const struct endpoint *source, const struct span *parts,
              size_t count);

/*
 * Datagrams to one peer: the parts, one after the other, are cut every datagram_size bytes, where a part begins; the last
 * datagram may be shorter. Where the system cuts by itself (Windows 10 2004 and later), and is_new, they leave in one
 * call. If that fails they leave one by one, and so do all later ones; what is sent again (not is_new) always does: a
 * network adapter that gets it wrong costs a time-out, and stops nobody.
 */
void udp_send_run(struct udp *udp, const struct endpoint *to, const struct endpoint *source, const struct span *parts,
                  size_t count, size_t datagram_size, bool is_new);

#endif
