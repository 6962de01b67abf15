/*
 * What the audit knows of booting: what the boot parameters make together, the files of their lines, and what other servers
 * offer, if that was asked. A part of struct facts.
 */
#ifndef SERVICE_FACTS_BOOT_H
#define SERVICE_FACTS_BOOT_H

#include "core/boot/decide.h"
#include "core/boot/image.h"
#include "core/boot/others.h"
#include "core/settings/boot_lines.h"
#include "win32/system/windows.h"

enum { FACTS_BOOT_FILES_MAX = 64, FACTS_BOOT_LINE_MAX = 192, FACTS_OFFERS_MAX = 32 };

/* A file that a line names, as TFTP would give it to somebody. */
struct facts_boot_file {
    char line[FACTS_BOOT_LINE_MAX]; /* "PxeBoot 1: x64 = boot/x64.efi" */
    char file[BOOT_FILE_MAX + 1];
    struct machine_set machines; /* of the line */
    enum boot_file_state state;
    bool is_seen; /* the bytes of one that is there */
    struct image image;
    struct image_signers signers;
    bool is_writable; /* Writable would let those in Masters put or leave another under its name */
};

struct facts_boot {
    bool is_wanted; /* Pxe or Bootp is on */
    struct boot_ports ports;
    char problem[BOOT_PROBLEM_MAX]; /* why the lines do not go together; empty: they do */
    bool has_public_address;        /* of the Internet, and Clients admits its like */
    struct endpoint public_address;
    unsigned rule_count;
    unsigned host_count;
    unsigned bootp_count;
    unsigned once_count; /* of the lines of PxeHosts those that say once */
    size_t file_count;   /* of them all; the first FACTS_BOOT_FILES_MAX are kept */
    struct facts_boot_file files[FACTS_BOOT_FILES_MAX];
};

struct facts_offer {
    struct others_offer offer;
    struct endpoint on; /* our address on the interface that it came in on */
    bool is_local;      /* that server is this machine */
};

struct facts_others {
    bool is_asked;
    unsigned interfaces; /* on which it was asked */
    unsigned failed;     /* on which it could not be */
    DWORD error;         /* of the first of these */
    size_t count;        /* of them all; the first FACTS_OFFERS_MAX are kept */
    struct facts_offer offers[FACTS_OFFERS_MAX];
};

/* Files are opened with the rights of whoever asks; only where there is a start directory. */
void facts_gather_boot(struct facts_boot *boot, const struct config *config);
/* Sends, and takes some seconds: only where somebody asks for it. */
void facts_gather_others(struct facts_others *others);

#endif
