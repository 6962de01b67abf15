/*
 * The command line, in its two forms:
 *
 *   tftp [options] host get|put source [destination]   Windows' own, letter for letter; netascii unless -i
 *   tftp get|put [options] ...                         with addresses (core/client/address.h); octet unless -a
 *   tftp probe host[:port] [name], tftp size ADDRESS    what a server can do (core/probe), how large a file is
 *
 * It is Windows' form if the second word that is no option is get or put, whatever the first is: so no line that Windows'
 * client takes ever means something else.
 */
#ifndef CORE_CLIENT_COMMAND_H
#define CORE_CLIENT_COMMAND_H

#include "core/base/endpoint.h"
#include "core/client/address.h"

enum {
    COMMAND_NAMES_MAX = 256,
    COMMAND_LOCAL_MAX = 1024, /* bytes of a local path */
    COMMAND_PROBLEM_MAX = 512,
    COMMAND_HASH_SIZE = 32,
    COMMAND_BLKSIZE = 1428 /* what is asked for: it passes most tunnels */
};

enum command_verb {
    COMMAND_USAGE,
    COMMAND_HELP,
    COMMAND_VERSION,
    COMMAND_GET,
    COMMAND_PUT,
    COMMAND_PROBE,
    COMMAND_SIZE
};
enum command_progress { PROGRESS_CONSOLE, PROGRESS_LINES, PROGRESS_NONE };

struct command {
    enum command_verb verb;
    bool is_windows_form;
    bool is_octet;    /* -i */
    bool is_netascii; /* -a */
    uint32_t blksize; /* 0: not given, see command_blksize */
    uint32_t windowsize;
    uint32_t timeout_s;
    uint32_t retries;
    uint32_t server_timeout_s; /* 0: not asked for */
    uint32_t wait_s;           /* 0: as often as retries say */
    uint16_t port;             /* 0: what the address says */
    bool is_bare;
    bool has_no_tsize;
    bool is_options_only;
    bool is_ipv4_only; /* -4, or the own address is one */
    bool is_ipv6_only;
    struct endpoint interface; /* own address; unspecified: the system's choice */
    uint16_t local_port_low;   /* 0: any */
    uint16_t local_port_high;
    const char *output; /* -o; NULL: not given */
    bool is_no_clobber;
    uint64_t size_max; /* 0: no limit */
    uint64_t rate;     /* bytes a second; 0: no limit */
    bool wants_hash;   /* told at the end */
    bool has_hash;     /* stored only if it is this */
    uint8_t hash[COMMAND_HASH_SIZE];
    bool is_quiet;
    bool is_verbose;
    bool is_traced;
    bool is_json;
    enum command_progress progress;
    bool is_quick;         /* a probe: no blocks, no windows */
    bool is_deep;          /* and its manners */
    const char *put_name;  /* it stores that; NULL: nothing */
    bool is_help_of_probe; /* COMMAND_HELP is asked behind that verb */
    const char *host;      /* Windows' form */
    /* Windows' form: source, and the destination if there is one; else the addresses, or files and an address. */
    const char *names[COMMAND_NAMES_MAX];
    size_t name_count;
    char problem[COMMAND_PROBLEM_MAX]; /* what is wrong, in words, if anything is; harmless for a console */
};

/* One file that goes one way; or what is asked about, which may have no name and has no local file. */
struct job {
    struct address address;
    bool is_netascii;
    char local[COMMAND_LOCAL_MAX]; /* "-": standard input or output */
};

/* The words behind the program's name, UTF-8, lent as long as the command lives. False: see problem. */
bool command_parse(struct command *command, size_t count, const char *const *words);

/* Says what is wrong; of whatever was typed each part may be given. Returns false. */
__attribute__((format(gnu_printf, 2, 3))) bool command_fail(struct command *command, const char *format, ...);

/*
 * The blksize to ask for: the one that was given; else COMMAND_BLKSIZE, or what goes in one packet of mtu bytes to this
 * server (0: unknown), but not less than every server sends.
 */
uint32_t command_blksize(const struct command *command, const struct endpoint *server, uint32_t mtu);

/*
 * How many files go, and each of them: all are looked at before the first is asked for. A put may have its files matched
 * against the disk in between, by whoever can: then names and name_count are changed.
 */
size_t command_job_count(const struct command *command);
bool command_job(struct command *command, size_t index, struct job *job);

/* The help, and the two lines of a short one. */
extern const char command_help[];
extern const char command_help_probe[];
extern const char command_usage[];

#endif
