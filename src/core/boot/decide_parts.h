/*
 * What the decisions for BOOTP, DHCPv4 and DHCPv6 share. Only for decide*.c.
 */
#ifndef CORE_BOOT_DECIDE_PARTS_H
#define CORE_BOOT_DECIDE_PARTS_H

#include "core/boot/decide.h"

/* Each of these has a reason against, or BOOT_NOTHING_AGAINST. */

/* Is the companion at work on the interface. */
enum boot_reason decide_interface(const struct boot_question *question);
/* May this relay ask for its clients. */
enum boot_reason decide_relay(const struct boot_question *question, const struct endpoint *relay);
/* Is the sender of a packet of IPv4 on port 67 on our link, as one must be that has no relay. */
enum boot_reason decide_neighbour(const struct boot_question *question);
/* Is the sender of a packet on 4011 one that may be answered. */
enum boot_reason decide_source(const struct boot_question *question);
/*
 * What it is worth that the client says with its MAC that decision->client is its address. Nothing, where it is not a neighbour's,
 * an admitted relay's or a client's word; and what is worth something is a claim all the same.
 */
enum mac_source decide_claim(const struct boot_question *question, const struct boot_decision *decision);
/* May this client have this file by TFTP; client is NULL where its address is not known. */
enum boot_reason decide_file(const struct boot_question *question, const char *file, const struct endpoint *client);

/* That of our address on the interface. */
struct prefix decide_network(const struct boot_question *question);
/* One host, as far as its address tells, and not ourselves. */
bool decide_is_other_host(const struct boot_question *question, const struct endpoint *address);

/* A request by BOOTP. */
enum boot_reason decide_bootp(const struct boot_question *question, const struct dhcp4 *packet,
                              struct boot_decision *decision);
/* A datagram of DHCPv6. */
enum boot_reason decide_dhcp6(const struct boot_question *question, struct boot_decision *decision);

#endif
