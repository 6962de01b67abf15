/*
 * What the audit looks at, gathered before anything is judged: plain data, so that every judgement can be tested with
 * made-up facts. Gathering only asks, changes nothing, and leaves an error where it was not allowed to look.
 */
#ifndef SERVICE_FACTS_H
#define SERVICE_FACTS_H

#include "core/settings/config.h"
#include "service/facts/facts_boot.h"
#include "service/facts/facts_reader.h"
#include "service/facts/facts_service.h"
#include "service/words/parameters.h"

enum {
    FACTS_PATH_MAX = 2048, /* bytes of UTF-8; what is longer is left empty */
    FACTS_WHO_MAX = 256,
    FACTS_PROBLEMS_MAX = 16,
    FACTS_PLACES_MAX = 6,
    FACTS_PORTS_MAX = 64,
    FACTS_BOOT_PORTS = 3,
    FACTS_ENTRIES_MAX = 20000, /* files and directories looked at below the start directory */
    FACTS_PROFILES = 7,        /* of the firewall: domain 1, private 2, public 4 */
    FACTS_PROFILE_PUBLIC = 4
};

/* A folder is judged by who may take away what is in it, not by who may add to it. */
enum facts_thing { FACTS_THING_FILE, FACTS_THING_FOLDER, FACTS_THING_KEY };

/* Whether a thing's access list lets more than its administrators change it. */
struct facts_acl {
    DWORD error;               /* 0, or why it could not be read */
    bool lets_write;           /* others may write, append, delete or change rights */
    char who[FACTS_WHO_MAX];   /* "Everyone, Users" */
    char sids[FACTS_WHO_MAX];  /* "*S-1-1-0 *S-1-5-32-545", as icacls takes them */
    char right[FACTS_WHO_MAX]; /* what the first of them may do: "write" */
    char owner[FACTS_WHO_MAX]; /* who may change its list whenever he likes, being no administrator; empty: nobody */
    bool is_service_owned;     /* that is an account of services, as of an upload */
    bool shuts_out;            /* the service may not read it */
};

/* The nearest folder above a thing in which others may put another in its place; path is empty where there is none. */
struct facts_above {
    struct facts_acl acl;
    char path[FACTS_PATH_MAX];
};

/* One value of the registry that the service does not take as it is. */
struct facts_problem {
    bool is_unknown;
    enum config_source source; /* whose key it is in */
    char name[CONFIG_NAME_MAX * 2];
    char text[CONFIG_PROBLEM_MAX];
};

struct facts_parameters {
    char reason[PARAMETERS_REASON_MAX]; /* why they could not be read; empty: they were */
    char arguments[CONFIG_PROBLEM_MAX]; /* what is wrong with the ImagePath's arguments; empty: nothing */
    bool wants_log_file;
    size_t problem_count;
    struct facts_problem problems[FACTS_PROBLEMS_MAX];
};

/* A folder that is no place for a start directory. */
struct facts_place {
    const char *name; /* "%SystemRoot%" */
    char path[FACTS_PATH_MAX];
};

struct facts_directory {
    DWORD error; /* 0: it was opened */
    bool is_directory;
    char path[FACTS_PATH_MAX]; /* final, as the file system spells it */
    DWORD drive_type;          /* of GetDriveType */
    bool is_mapped;            /* by a drive letter of whoever asks, to a share */
    size_t place_count;
    struct facts_place places[FACTS_PLACES_MAX];
    struct facts_acl acl;
};

/* What lies below the start directory. */
struct facts_tree {
    uint32_t entries;
    bool is_stopped; /* at FACTS_ENTRIES_MAX */
    uint32_t unseen; /* could not be opened */
    char unseen_first[FACTS_PATH_MAX];
    uint32_t writable;
    char writable_first[FACTS_PATH_MAX];
    struct facts_acl writable_acl; /* of that */
    uint32_t owned;                /* belong to somebody who is neither an administrator nor a service */
    char owned_first[FACTS_PATH_MAX];
    char owner[FACTS_WHO_MAX]; /* of that */
    uint32_t unreadable;       /* files that the service may not read */
    char unreadable_first[FACTS_PATH_MAX];
    uint32_t leaving; /* links that lead out of the start directory */
    char leaving_first[FACTS_PATH_MAX];
    char leaving_target[FACTS_PATH_MAX];
    bool leaving_is_directory;
    bool leaving_is_link; /* the system itself calls it one, so that deleting it spares what it leads to */
    uint32_t unfinished;  /* uploads that nobody is writing any more */
    char unfinished_first[FACTS_PATH_MAX];
    uint32_t uploading; /* uploads that somebody is writing */
    bool has_log;
    struct facts_acl log_acl;
};

/* Somebody's UDP socket on one of our ports. */
struct facts_port {
    uint16_t port;
    DWORD process; /* 0: the system does not tell */
    char program[FACTS_WHO_MAX];
    char service[FACTS_WHO_MAX]; /* of that process; empty: none, or not to be seen */
};

struct facts_ports {
    DWORD error;
    size_t count; /* of them all; the first FACTS_PORTS_MAX are kept */
    struct facts_port ports[FACTS_PORTS_MAX];
};

/* A rule that is about some addresses, interfaces or users only does what it does partly. */
enum facts_rule {
    FACTS_RULE_OTHER,
    FACTS_RULE_ALLOWS,
    FACTS_RULE_ALLOWS_PARTLY,
    FACTS_RULE_BLOCKS,
    FACTS_RULE_BLOCKS_PARTLY,
    FACTS_RULE_COUNT
};

struct facts_rule_text {
    char name[FACTS_WHO_MAX];
    char only[FACTS_WHO_MAX]; /* "RA4=LocalSubnet, IFType=Lan"; empty: for all */
};

/* All that mean the same. */
struct facts_rules {
    unsigned profiles; /* in which one of them holds */
    struct facts_rule_text first;
};

struct facts_firewall {
    DWORD error;             /* 0: the rules could be read */
    const char *wanted_name; /* as install gives it */
    bool has_named;          /* a rule of that name lets requests in */
    bool has_named_block;    /* a rule of that name keeps them out */
    unsigned off;            /* profiles in which it is switched off */
    unsigned shut;           /* in which it lets nothing in, whatever rules say */
    struct facts_rules rules[FACTS_RULE_COUNT];
    /* Rules of this machine that would let requests in, in profiles where a policy has only its own count. */
    struct facts_rules ignored;
};

struct facts {
    const char *name; /* of the service */
    const char *own_program;
    struct facts_service service;
    struct facts_reader reader; /* the same, to access lists */
    struct facts_acl program_acl;
    struct facts_above program_above;
    struct facts_acl policy_acl; /* ERROR_FILE_NOT_FOUND: there are no policies */
    struct facts_parameters parameters;
    struct config config; /* in force, or the defaults */
    struct facts_directory directory;
    struct facts_above directory_above;
    struct facts_tree tree;
    struct facts_ports ports;
    struct facts_firewall firewall;
    struct facts_boot boot;
    struct facts_firewall boot_firewalls[FACTS_BOOT_PORTS]; /* of the ports in facts_boot_ports */
    struct facts_others others;
    DWORD fast_send_bytes; /* what the registry has Windows send the quick way; 0: nothing */
    DWORD windows_major;
    DWORD windows_minor;
    DWORD windows_build;
};

/* The ports that boot requests come to: 67, 547, 4011. */
extern const uint16_t facts_boot_ports[FACTS_BOOT_PORTS];
bool facts_boot_wants(const struct facts_boot *boot, uint16_t port);

static inline bool facts_service_runs(const struct facts *facts)
{
    return facts->service.error == 0 && facts->service.state == SERVICE_RUNNING;
}

/* Fills in everything but others. */
void facts_gather(struct facts *facts, const char *service);

/* One part of it each. */
void facts_gather_acl(struct facts_acl *acl, enum facts_thing kind, const char *path); /* of a file or a folder */
/*
 * The folders above a local path, up to the drive. nearest is what the first of them is judged as: FACTS_THING_FILE where
 * another file in it would do harm, too, as a DLL beside a program does.
 */
void facts_gather_above(struct facts_above *above, const char *path, enum facts_thing nearest);
void facts_gather_directory(struct facts_directory *directory, const char *path, const struct facts_reader *reader);
/* Whether a start directory may be there: not a drive, nor where the system's own files are. False with the reason. */
bool facts_may_be_served(const struct facts_directory *directory, char *why, size_t size);
/*
 * The same of a directory that is to become the start directory; what is not there yet is judged by its name alone.
 * %variables% are the caller's to expand.
 */
bool facts_allows_place(const char *path, char *why, size_t size);
/* Whether another machine has what the path leads to; where it leads to nothing, the path alone says it. */
bool facts_is_on_share(const char *path);
void facts_gather_tree(struct facts_tree *tree, const char *path, const struct facts_reader *reader);
void facts_gather_ports(struct facts_ports *ports, const struct config *config);
void facts_gather_firewall(struct facts_firewall *firewall, const char *name, const char *program, uint16_t port);

/* Judges the security descriptor of such a thing; nobody is asked about as its reader. */
void facts_acl_judge(struct facts_acl *acl, enum facts_thing kind, SECURITY_DESCRIPTOR *descriptor);
/* The same of the thing that the handle means. reader: NULL where it is nobody's business, or not known. */
void facts_acl_read(struct facts_acl *acl, enum facts_thing kind, HANDLE handle, const struct facts_reader *reader);
/* Whether this is one of those who must not write. */
bool facts_acl_is_others(PSID sid);
/*
 * Whether this is one who may do anything anyway: Administrators, the system, TrustedInstaller, or the account of this
 * process where it is an administrator's.
 */
bool facts_acl_is_trusted(PSID sid);
/* Whether this process has the rights of an administrator. */
bool facts_is_administrator(void);

/* One value below FirewallRules: whether it lets requests to this program and port in, and in which profiles. */
enum facts_rule facts_firewall_rule(const char *text, const char *program, uint16_t port, unsigned *profiles,
                                    struct facts_rule_text *said);

/* The path is this directory or lies below it, by whole components and without case. */
bool facts_is_below(const char *path, const char *directory);

#endif
