/*
 * What a boot file is by its own bytes: a program of UEFI, for which processor, and whose name stands in its signature. Nobody
 * verifies anything here: a file is what somebody has put there, and may be anything.
 */
#ifndef CORE_IMAGE_H
#define CORE_IMAGE_H

#include "core/dhcp/machine.h"

enum {
    IMAGE_HEAD_MAX = 4096,           /* the first bytes of a file, of which its headers are to be */
    IMAGE_SIGNATURES_MAX = 64 * 1024 /* bytes of signatures that are looked at; those of boot managers have 10 KiB */
};

struct image {
    bool is_pe;
    uint16_t machine; /* the field Machine of its PE header */
    /* Where in the file its signatures are (the PE format's certificate table); size 0: it has none. */
    uint32_t signatures_offset;
    uint32_t signatures_size;
};

/* From the first bytes of a file; what its headers do not say within these is not there. */
struct image image_read(struct span head);

/*
 * Who has signed Windows' boot managers. Machines that were told to trust the one no more (KB5025885), or that do not know the
 * other yet, start only what the other has signed.
 */
struct image_signers {
    bool has_2011; /* Microsoft Windows Production PCA 2011 */
    bool has_2023; /* Windows UEFI CA 2023 */
};

/* From the bytes of the signatures: the common names (X.520) in them, of issuers and of their owners. */
struct image_signers image_signers(struct span signatures);

enum image_fit {
    IMAGE_FITS,          /* or nobody can say */
    IMAGE_OTHER_MACHINE, /* a program for another processor */
    IMAGE_NO_PROGRAM,    /* the firmware starts programs of UEFI, and this is none */
    IMAGE_A_PROGRAM      /* the firmware starts raw programs, and this is one of UEFI */
};

/*
 * Can the machines of a rule start it: the worst of them, which number is then. Machines that are no architectures (any, ipxe, rpi)
 * may get anything.
 */
enum image_fit image_fits(const struct image *image, const struct machine_set *machines, uint16_t *number);

/* "x64 UEFI" for a field Machine; "another machine (0x1234)". Returns text (MACHINE_TEXT_MAX). */
char *image_machine_text(uint16_t pe_machine, char *text);

#endif
