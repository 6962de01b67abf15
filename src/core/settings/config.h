/*
 * The parameters. One table (config_table.c) holds each one's name, kind, place, range, default and meaning; the registry
 * loader, the checks, `--set`, docs/parameters.md and a test all read that table.
 *
 * A struct config is plain data of fixed size, copied freely and never edited once others can see it: make a draft
 * with config_defaults, set what is known, check, publish.
 */
#ifndef CORE_CONFIG_H
#define CORE_CONFIG_H

#include "core/base/endpoint.h"

enum {
    CONFIG_DIRECTORY_MAX = 1024, /* bytes of UTF-8, NUL included */
    CONFIG_LIST_BYTES_MAX = 4096,
    CONFIG_TRANSFER_PORTS_MAX = 4096,
    CONFIG_LIST_ITEMS_MAX = 256,
    CONFIG_NAME_MAX = 32,
    CONFIG_PARAMETERS_MAX = 64,
    CONFIG_PROBLEM_MAX = 416
};

/* Items one after another, each with its NUL, like a REG_MULTI_SZ without its end. */
struct text_list {
    uint16_t count;
    uint16_t size;   /* bytes used in items */
    bool is_present; /* somebody set it, be it to nothing: that means something for Access */
    bool is_refused; /* what was set is not understood, and nothing was good before: see config_fall_back */
    char items[CONFIG_LIST_BYTES_MAX];
};

/* Where a value comes from; of several sources the last of these counts. */
enum config_source { CONFIG_FROM_DEFAULT, CONFIG_FROM_PARAMETERS, CONFIG_FROM_ARGUMENTS, CONFIG_FROM_POLICY };

enum when_exists { WHEN_EXISTS_REFUSE, WHEN_EXISTS_KEEP_BOTH, WHEN_EXISTS_RENAME_OLD };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };
enum client_directories { CLIENT_DIRECTORIES_NONE, CLIENT_DIRECTORIES_IP, CLIENT_DIRECTORIES_MAC };
enum pxe_mode { PXE_OFF, PXE_WATCH, PXE_ANSWER };
enum pxe_ports { PXE_PORTS_BOTH, PXE_PORTS_4011 };
enum pxe_v6_mode { PXE_V6_OFF, PXE_V6_ANSWER };
enum bootp_mode { BOOTP_OFF, BOOTP_ON };

struct port_range {
    uint16_t low; /* 0: any port the system gives */
    uint16_t high;
};

struct config {
    char directory[CONFIG_DIRECTORY_MAX];
    struct text_list clients;
    struct text_list masters;
    struct text_list readable;
    struct text_list writable;
    struct text_list access;    /* lines of core/settings/allowdeny */
    struct text_list addresses; /* to listen on; none: all */
    struct text_list disable_options;
    struct port_range port_range; /* of the server's TIDs */
    uint32_t port;
    uint32_t single_port; /* 0 or 1, like all switches */
    uint32_t mtu;         /* 0: of the arrival interface */
    uint32_t block_size_max;
    uint32_t window_size_max;
    uint32_t msft_window;
    uint32_t segmentation; /* new blocks leave in one call where the system cuts it into datagrams */
    uint32_t timeout_s;
    uint32_t first_sends_max; /* before the client has ever answered */
    uint32_t silence_s;       /* without progress before a transfer is given up */
    uint32_t unproven_s;      /* the same for a client that never took data */
    uint32_t unproven_bytes;  /* of data under way to a client that is not proven */
    uint32_t transfer_ports;  /* of each local address, shared by all workers */
    uint32_t transfers_max;
    uint32_t transfers_per_client_max;
    uint32_t errors_per_second;        /* ERROR packets to one source */
    uint32_t first_resends_per_second; /* in all, to those who have never answered */
    uint64_t upload_bytes_max;
    uint64_t free_bytes_min;
    uint32_t when_exists;        /* enum when_exists */
    uint32_t client_directories; /* enum client_directories */
    uint32_t workers;            /* 0: by the number of processors */
    uint32_t listeners;
    uint32_t file_threads;
    uint32_t cache_mib;
    uint32_t verbose; /* 0 to 3: event_lowest_level */
    uint32_t refusal_events_per_second;
    uint32_t log_format; /* enum log_format */
    uint32_t log_bytes_max;
    uint32_t log_files;
    uint32_t drain_s;
    uint32_t pxe;              /* enum pxe_mode */
    struct text_list pxe_boot; /* lines of core/bootrules/rules, as in all lists down to pxe_relays */
    struct text_list pxe_hosts;
    uint32_t pxe_unknown; /* enum boot_unknown */
    uint32_t pxe_style;   /* enum boot_style */
    struct text_list pxe_menu;
    char pxe_prompt[CONFIG_DIRECTORY_MAX];
    struct text_list pxe_interfaces;
    struct text_list pxe_relays;
    uint32_t pxe_ports;                     /* enum pxe_ports */
    uint32_t pxe_replies_per_second;        /* of each interface */
    uint32_t pxe_v6;                        /* enum pxe_v6_mode */
    uint32_t bootp;                         /* enum bootp_mode */
    struct text_list bootp_hosts;           /* lines of core/bootrules/rules */
    uint8_t sources[CONFIG_PARAMETERS_MAX]; /* enum config_source, by place in the table */
};

enum config_kind {
    CONFIG_NUMBER,   /* uint32_t; REG_DWORD, or REG_SZ in decimal */
    CONFIG_BYTES,    /* uint64_t; REG_DWORD or REG_QWORD, or REG_SZ in decimal */
    CONFIG_TEXT,     /* char[CONFIG_DIRECTORY_MAX]; REG_SZ or REG_EXPAND_SZ */
    CONFIG_PATTERNS, /* text_list; REG_SZ, REG_EXPAND_SZ, REG_MULTI_SZ; REG_DWORD 0 is the empty list */
    CONFIG_RANGE,    /* port_range; REG_SZ "low-high", or one number */
    CONFIG_CHOICE    /* uint32_t, the place of the word among choices; REG_SZ */
};

struct config_parameter {
    const char *name;
    const char *alias; /* another spelling, or NULL */
    enum config_kind kind;
    size_t offset; /* in struct config */
    uint64_t low;  /* of numbers */
    uint64_t high;
    const char *standard; /* the default as text, a list's items separated by ';'; NULL: a list that is not there */
    bool (*accepts)(const char *text); /* of text and of a list's items; NULL: any */
    /* Of a list as a whole: false with why, in a sentence without its parameter's name; NULL: any. */
    bool (*judges)(const char *name, const struct text_list *list, char *why, size_t size);
    const char *expects; /* what accepts wants, in words, or NULL */
    const char *example; /* a value to copy, in the form of standard */
    bool needs_restart;
    const char *const *choices; /* of CONFIG_CHOICE, ended by NULL */
    const char *meaning;        /* for the administrator: a sentence or two, with the unit */
};

/* The reason a value was refused, in words that name the parameter, the value and what is allowed. Valid UTF-8. */
struct config_problem {
    char text[CONFIG_PROBLEM_MAX];
};

extern const struct config_parameter config_parameters[];
extern const size_t config_parameter_count;

/* By name or alias, in any case of letters; NULL if there is none. */
const struct config_parameter *config_find(const char *name);

/* Every source is CONFIG_FROM_DEFAULT then; the functions below leave it to the caller to say another. */
void config_defaults(struct config *config);

/* Each leaves the draft as it was, fills problem and returns false if the value does not fit the parameter. */
bool config_set_number(struct config *draft, const struct config_parameter *parameter, uint64_t number,
                       struct config_problem *problem);
/* For a list the text is one item; an empty text is the empty list. */
bool config_set_text(struct config *draft, const struct config_parameter *parameter, const char *text,
                     struct config_problem *problem);
/* Items one after another with their NULs, size bytes in all; empty items are left out. */
bool config_set_list(struct config *draft, const struct config_parameter *parameter, const char *items, size_t size,
                     struct config_problem *problem);
/* As typed behind --set: numbers in decimal, the items of a list separated by ';'. */
bool config_set_typed(struct config *draft, const struct config_parameter *parameter, const char *text,
                      struct config_problem *problem);

/* The value as text, items separated by ';'. Returns text, cut to size, but not within a character. */
char *config_value_text(const struct config *config, const struct config_parameter *parameter, char *text, size_t size);
bool config_value_equal(const struct config *a, const struct config *b, const struct config_parameter *parameter);
/* As the administrator reads it: "default", "Parameters", "command line", "policy". */
const char *config_source_text(enum config_source source);
enum config_source config_source_of(const struct config *config, const struct config_parameter *parameter);
/* Put behind a value in a message: " (policy)", or nothing where it comes from elsewhere. */
const char *config_policy_mark(const struct config *config, const struct config_parameter *parameter);
void config_set_source(struct config *config, const struct config_parameter *parameter, enum config_source source);

/* Puts one value back to what it is in the other record, its source with it. */
void config_copy_value(struct config *to, const struct config *from, const struct config_parameter *parameter);

/*
 * What stays in force where a value was refused: last_good's, or the default if that is NULL. The lists that say who may
 * have what then admit nobody and nothing, PxeUnknown is ignore, and lists of lines for the boot companion are marked
 * as refused, which keeps it from answering: a slip of the pen must not open what it was meant to close.
 */
void config_fall_back(struct config *draft, const struct config_parameter *parameter, const struct config *last_good);

/*
 * How many ports of one local address transfers answer from at a time: 1 with SinglePort, those of PortRange (of a wide one
 * CONFIG_TRANSFER_PORTS_MAX), or TransferPorts.
 */
uint32_t config_ports(const struct config *config);

/* The parameter's list; NULL where it has none. */
const struct text_list *config_list(const struct config *config, const struct config_parameter *parameter);
/* Walks a list: start with NULL, ends with NULL. */
const char *text_list_next(const struct text_list *list, const char *item);

#endif
