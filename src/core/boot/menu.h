/*
 * Option 43 of our replies: discovery control, boot servers, boot menu, prompt and boot item (PXE 2.1 table 2-1). Each function
 * returns the bytes with their END, or 0 if there is no room: TLV_DATA_MAX is what one option holds.
 */
#ifndef CORE_BOOT_MENU_H
#define CORE_BOOT_MENU_H

#include "core/bootrules/match.h"

/* A file name is in this offer: load it, ask nobody else. */
size_t menu_direct(uint8_t bytes[TLV_DATA_MAX]);
/* One entry that is taken at once: boot from the disk. */
size_t menu_local(uint8_t bytes[TLV_DATA_MAX]);
/* What a Raspberry Pi wants to read before it takes an offer for one. */
size_t menu_raspberry_pi(uint8_t bytes[TLV_DATA_MAX]);
/* The entries of PxeMenu for this machine, all of which server answers; 0 too if none is for it. */
size_t menu_write(const struct boot_rules *rules, const struct boot_asker *asker, const struct endpoint *server,
                  uint8_t bytes[TLV_DATA_MAX]);
/* The item that was asked for, in the answer. */
size_t menu_item(const struct dhcp4 *request, uint8_t bytes[TLV_DATA_MAX]);

/* The entry of PxeMenu that this boot server type means, if this machine was shown it; NULL if there is none. */
const struct boot_rule *menu_find(const struct boot_rules *rules, const struct boot_asker *asker, uint16_t type);

#endif
