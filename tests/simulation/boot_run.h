/*
 * Worlds of booting machines: a seed becomes rules, clients of the field, a DHCP server, a relay, a network that loses, doubles
 * and delays, and sometimes somebody hostile. In the middle is the real boot_hear.
 */
#ifndef SIMULATION_BOOT_RUN_H
#define SIMULATION_BOOT_RUN_H

#include "core/boot/boot.h"

struct boot_statistics {
    uint64_t worlds;
    uint64_t requests; /* that the companion heard */
    uint64_t reasons[BOOT_REASON_COUNT];
    uint64_t booted; /* clients that ended as they should */
};

/* Runs one world. If it fails, prints what is wrong and how to see it again. is_told: its whole trace. */
bool boot_run_seed(uint64_t seed, struct boot_statistics *statistics, bool is_told);
/* How often each reason was met; false if one that these worlds are to meet never was. */
bool boot_run_coverage(const struct boot_statistics *statistics, bool only_gaps);

#endif
