/*
 * What the audit looks at, gathered before anything is judged: plain data, so that every judgement can be tested with
 * made-up facts. Gathering only asks, changes nothing, and leaves an error where it was not allowed to look.
 */
#ifndef SERVICE_CHECK_FACTS_H
#define SERVICE_CHECK_FACTS_H

#include "core/settings/config.h"
#include "service/facts/check_reader.h"
#include "service/facts/check_service.h"
#include "service/words/parameters.h"

enum {
    CHECK_PATH_MAX = 2048, /* bytes of UTF-8; longer paths are cut in the report */
    CHECK_WHO_MAX = 256,
    CHECK_PROBLEMS_MAX = 16,
    CHECK_PLACES_MAX = 6,
    CHECK_PORTS_MAX = 64,
    CHECK_ENTRIES_MAX = 20000, /* files and directories looked at below the start directory */
    CHECK_DEPTH_MAX = 64,
    CHECK_PROFILES = 7 /* of the firewall: domain 1, private 2, public 4 */
};

/* A folder is judged by who may take away what is in it, not by who may add to it. */
enum check_thing { CHECK_THING_FILE, CHECK_THING_FOLDER, CHECK_THING_KEY };

/* Whether a thing's access list lets more than its administrators change it. */
struct check_acl {
    DWORD error;               /* 0, or why it could not be read */
    bool lets_write;           /* others may write, append, delete or change rights */
    char who[CHECK_WHO_MAX];   /* "Everyone, Users" */
    char sids[CHECK_WHO_MAX];  /* "*S-1-1-0 *S-1-5-32-545", as icacls takes them */
    char right[CHECK_WHO_MAX]; /* what the first of them may do: "write" */
    char owner[CHECK_WHO_MAX]; /* who may change its list whenever he likes, being no administrator; empty: nobody */
    bool is_service_owned;     /* that is an account of services, as of an upload */
    bool shuts_out;            /* the service may not read it */
};

/* The nearest folder above a thing in which others may put another in its place; path is empty where there is none. */
struct check_above {
    struct check_acl acl;
    char path[CHECK_PATH_MAX];
};

/* One value of the registry that the service does not take as it is. */
struct check_problem {
    bool is_unknown;
    enum config_source source; /* whose key it is in */
    char name[CONFIG_NAME_MAX * 2];
    char text[CONFIG_PROBLEM_MAX];
};

struct check_parameters {
    char reason[PARAMETERS_REASON_MAX];       /* why they could not be read; empty: they were */
    char arguments[CONFIG_PROBLEM_MAX]; /* what is wrong with the ImagePath's arguments; empty: nothing */
    bool wants_log_file;
    size_t problem_count;
    struct check_problem problems[CHECK_PROBLEMS_MAX];
};

/* A folder that is no place for a start directory. */
struct check_place {
    const char *name; /* "%SystemRoot%" */
    char path[CHECK_PATH_MAX];
};

struct check_directory {
    DWORD error; /* 0: it was opened */
    bool is_directory;
    char path[CHECK_PATH_MAX]; /* final, as the file system spells it */
    DWORD drive_type;          /* of GetDriveType */
    bool is_mapped;            /* by a drive letter of whoever asks, to a share */
    size_t place_count;
    struct check_place places[CHECK_PLACES_MAX];
    struct check_acl acl;
};

/* What lies below the start directory. */
struct check_tree {
    uint32_t entries;
    bool is_stopped; /* at CHECK_ENTRIES_MAX */
    uint32_t unseen; /* could not be opened */
    char unseen_first[CHECK_PATH_MAX];
    uint32_t writable;
    char writable_first[CHECK_PATH_MAX];
    struct check_acl writable_acl; /* of that */
    uint32_t owned;                /* belong to somebody who is neither an administrator nor a service */
    char owned_first[CHECK_PATH_MAX];
    char owner[CHECK_WHO_MAX]; /* of that */
    uint32_t unreadable;       /* files that the service may not read */
    char unreadable_first[CHECK_PATH_MAX];
    uint32_t leaving; /* links that lead out of the start directory */
    char leaving_first[CHECK_PATH_MAX];
    char leaving_target[CHECK_PATH_MAX];
    bool leaving_is_directory;
    bool leaving_is_link; /* the system itself calls it one, so that deleting it spares what it leads to */
    uint32_t unfinished;  /* uploads that nobody is writing any more */
    char unfinished_first[CHECK_PATH_MAX];
    uint32_t uploading; /* uploads that somebody is writing */
    bool has_log;
    struct check_acl log_acl;
};

/* Somebody's UDP socket on one of our ports. */
struct check_port {
    uint16_t port;
    DWORD process; /* 0: the system does not tell */
    char program[CHECK_WHO_MAX];
    char service[CHECK_WHO_MAX]; /* of that process; empty: none, or not to be seen */
};

struct check_ports {
    DWORD error;
    size_t count; /* of them all; the first CHECK_PORTS_MAX are kept */
    struct check_port ports[CHECK_PORTS_MAX];
};

/* A rule that is about some addresses, interfaces or users only does what it does partly. */
enum check_rule {
    CHECK_RULE_OTHER,
    CHECK_RULE_ALLOWS,
    CHECK_RULE_ALLOWS_PARTLY,
    CHECK_RULE_BLOCKS,
    CHECK_RULE_BLOCKS_PARTLY,
    CHECK_RULE_COUNT
};

struct check_rule_text {
    char name[CHECK_WHO_MAX];
    char only[CHECK_WHO_MAX]; /* "RA4=LocalSubnet, IFType=Lan"; empty: for all */
};

/* All that mean the same. */
struct check_rules {
    unsigned profiles; /* in which one of them holds */
    struct check_rule_text first;
};

struct check_firewall {
    DWORD error;             /* 0: the rules could be read */
    const char *wanted_name; /* as install gives it */
    bool has_named;          /* a rule of that name lets requests in */
    unsigned off;            /* profiles in which it is switched off */
    unsigned shut;           /* in which it lets nothing in, whatever rules say */
    struct check_rules rules[CHECK_RULE_COUNT];
    /* Rules of this machine that would let requests in, in profiles where a policy has only its own count. */
    struct check_rules ignored;
};

struct check_facts {
    const char *name; /* of the service */
    const char *own_program;
    struct check_service service;
    struct check_reader reader; /* the same, to access lists */
    struct check_acl program_acl;
    struct check_above program_above;
    struct check_acl policy_acl; /* ERROR_FILE_NOT_FOUND: there are no policies */
    struct check_parameters parameters;
    struct config config; /* in force, or the defaults */
    struct check_directory directory;
    struct check_above directory_above;
    struct check_tree tree;
    struct check_ports ports;
    struct check_firewall firewall;
    DWORD fast_send_bytes; /* what the registry has Windows send the quick way; 0: nothing */
    DWORD windows_major;
    DWORD windows_minor;
    DWORD windows_build;
};

/* Fills in everything. */
void check_gather(struct check_facts *facts, const char *service);

/* One part of it each. */
void check_gather_program(struct check_acl *acl, const char *program);
/*
 * The folders above a local path, up to the drive. nearest is what the first of them is judged as: CHECK_THING_FILE where
 * another file in it would do harm, too, as a DLL beside a program does.
 */
void check_gather_above(struct check_above *above, const char *path, enum check_thing nearest);
void check_gather_directory(struct check_directory *directory, const char *path, const struct check_reader *reader);
/* Whether a start directory may be there: not a drive, nor where the system's own files are. False with the reason. */
bool check_may_be_served(const struct check_directory *directory, char *why, size_t size);
/*
 * The same of a directory that is to become the start directory; what is not there yet is judged by its name alone.
 * %variables% are the caller's to expand.
 */
bool check_allows_place(const char *path, char *why, size_t size);
/* LocalService, however it is spelt: "presents anonymous credentials" to other machines (LocalService Account). */
bool check_is_nobody_elsewhere(const char *account);
/* Whether another machine has what the path leads to; where it leads to nothing, the path alone says it. */
bool check_is_on_share(const char *path);
void check_gather_tree(struct check_tree *tree, const char *path, const struct check_reader *reader);
void check_gather_ports(struct check_ports *ports, const struct config *config);
void check_gather_firewall(struct check_firewall *firewall, const char *name, const char *program, uint16_t port);

/* Judges the security descriptor of such a thing; nobody is asked about as its reader. */
void check_acl_judge(struct check_acl *acl, enum check_thing kind, SECURITY_DESCRIPTOR *descriptor);
/* The same of the thing that the handle means. reader: NULL where it is nobody's business, or not known. */
void check_acl_read(struct check_acl *acl, enum check_thing kind, HANDLE handle, const struct check_reader *reader);
/* Whether this is one of those who must not write. */
bool check_acl_is_others(PSID sid);
/*
 * Whether this is one who may do anything anyway: Administrators, the system, TrustedInstaller, or the account of this
 * process where it is an administrator's.
 */
bool check_acl_is_trusted(PSID sid);

/* One value below FirewallRules: whether it lets requests to this program and port in, and in which profiles. */
enum check_rule check_firewall_rule(const char *text, const char *program, uint16_t port, unsigned *profiles,
                                    struct check_rule_text *said);

/* The handle's path without the prefix \\?\ (size bytes of UTF-8), empty where it has none. Returns text. */
char *check_final_path(HANDLE handle, char *text, size_t size);

/* The path is this directory or lies below it, by whole components and without case. */
bool check_is_below(const char *path, const char *directory);

#endif
