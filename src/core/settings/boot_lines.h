/*
 * Parameters whose items are lines for the boot companion (core/bootrules/rules): each judged as it is set, and all of
 * them together made into the record that decides.
 */
#ifndef CORE_BOOT_LINES_H
#define CORE_BOOT_LINES_H

#include "core/bootrules/rules.h"
#include "core/settings/config.h"

/*
 * Both on the one thread that sets parameters: they share memory.
 * For the table: is each line of the list with this name (of enum boot_list) one that is understood.
 */
bool boot_lines_judge(const char *name, const struct text_list *list, char *why, size_t size);
/* "10 Press F8". */
bool boot_lines_is_prompt(const char *text);

/* Is there anything to listen for. */
bool boot_lines_are_wanted(const struct config *config);

/* The ports that the parameters want heard. */
struct boot_ports {
    bool has_67;
    bool has_4011;
    bool has_ipv6; /* 547, and 4011 of IPv6 */
};

struct boot_ports boot_lines_ports(const struct config *config);

/*
 * The record that the parameters make, server_name excepted; about 200 KiB. False with the problem, which names the
 * parameter, where a list was refused and nothing was good before (config_fall_back), or what single lines do not show
 * is wrong; then rules is of no use.
 */
bool boot_lines_read(struct boot_rules *rules, const struct config *config, struct boot_problem *problem);

#endif
