/*
 * Which rule is for a machine: PxeHosts by GUID, then by MAC, then PxeBoot, in each the first line that matches. iPXE is never
 * given what a rule gives that does not name it: that would be its own binary, and a loop.
 */
#ifndef CORE_MATCH_H
#define CORE_MATCH_H

#include "core/bootrules/marks.h"
#include "core/bootrules/reason.h"

struct boot_asker {
    struct machine machine;
    struct endpoint place; /* an address of the network it is in: its own, its relay's, or ours on the interface */
    bool is_ipv4;          /* asks by DHCPv4; a rule whose server has an address of the other family is not for it */
};

enum boot_verdict { BOOT_VERDICT_SILENT, BOOT_VERDICT_LOCAL, BOOT_VERDICT_FILE };

struct boot_choice {
    uint8_t verdict;              /* enum boot_verdict */
    uint8_t reason;               /* enum boot_reason, if silent */
    uint8_t style;                /* enum boot_style, never UNSAID, if a file */
    const struct boot_rule *host; /* of PxeHosts, or NULL */
    const struct boot_rule *rule; /* that decided, of either list, or NULL */
};

struct boot_choice boot_match(const struct boot_rules *rules, const struct boot_marks *marks,
                              const struct boot_asker *asker, uint64_t now_ms);

/* Who a machine is to the rules: without a MAC that a line says is shared. */
struct identity boot_match_identity(const struct boot_rules *rules, const struct identity *identity);

/* Is an entry of PxeMenu for this machine. */
bool boot_match_entry(const struct boot_rule *entry, const struct boot_asker *asker);

#endif
