/*
 * Which server it may be, by the words of its ERROR and by what it grants. A guess, and to be called one.
 */
#ifndef CORE_PROBE_FINGERPRINT_H
#define CORE_PROBE_FINGERPRINT_H

#include "core/probe/findings.h"

struct fingerprint {
    const char *name; /* NULL: nothing is known */
    bool may_be_ours; /* so its parameters may be named; also where nothing is known */
};

struct fingerprint fingerprint_of(const struct findings *f);

#endif
