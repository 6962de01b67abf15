/*
 * Who else tells machines what to boot. A DHCP server that has options of an earlier attempt wins against every proxy, and
 * nothing that a proxy sends cures it; so an administrator may have a DISCOVER sent that a machine could have sent, and hear
 * what the others offer. Nothing is leased without a REQUEST, which is never sent.
 */
#ifndef CORE_OTHERS_H
#define CORE_OTHERS_H

#include "core/dhcp/dhcp4.h"
#include "core/dhcp/identity.h"

enum {
    OTHERS_PROBE_SIZE = 320,
    OTHERS_NAME_MAX = 65, /* of what is shown, NUL included */
    OTHERS_FILE_MAX = 129
};

/* A machine that there is not. */
struct others_probe {
    uint8_t mac[MAC_SIZE];
    uint8_t xid[4];
};

/* From random bytes: the MAC is one that no maker gives (IEEE 802, locally administered). */
struct others_probe others_probe(uint64_t random);

/*
 * The DISCOVER of an x64 UEFI machine. With relay NULL it asks for a broadcast to port 68; else it comes as through a relay with
 * that IPv4 address, whose port 67 is answered. Returns its size.
 */
size_t others_write(const struct others_probe *probe, const struct endpoint *relay, uint8_t bytes[OTHERS_PROBE_SIZE]);

enum others_kind {
    OTHERS_PLAIN, /* gives an address and says nothing of booting: as it should be */
    OTHERS_CLASS, /* gives an address and says PXEClient in option 60: machines ask port 4011 of that server, and no proxy */
    OTHERS_FILE, /* gives an address and names a boot file: iPXE takes that, and no proxy's */
    OTHERS_PROXY /* gives no address, and tells what to boot: another one as we are */
};

/* One offer. Texts are as the network sent them, made printable. */
struct others_offer {
    enum others_kind kind;
    struct endpoint server; /* of option 54, else who sent it */
    bool has_class;         /* option 60 is PXEClient */
    char file[OTHERS_FILE_MAX];
    char tftp_server[OTHERS_NAME_MAX]; /* option 66 */
};

/* False if the datagram is no offer to that machine. */
bool others_read(const struct others_probe *probe, struct span datagram, const struct endpoint *from,
                 struct others_offer *offer);

#endif
