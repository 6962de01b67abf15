/*
 * The steps of an installation: one table, each row a look, a deed and its undoing, and the command that does the same by
 * hand. Looking changes nothing, so that a dry run is all the looks and none of the deeds.
 */
#ifndef SERVICE_INSTALL_PARTS_H
#define SERVICE_INSTALL_PARTS_H

#include "service/facts/facts.h"
#include "service/tell/exitcodes.h"

/* The folder for uploads in the start directory, unless somebody says otherwise. */
#define INSTALL_UPLOADS "upload"

enum {
    INSTALL_TEXT_MAX = FACTS_PATH_MAX * 2, /* a line, or a command */
    INSTALL_WHY_MAX = 512,
    INSTALL_KEY_MAX = REGISTRY_SERVICE_MAX + 64,
    INSTALL_LOCKED_MS = 30000 /* that the database of services may be locked in all */
};

/* How the service is started. */
struct install_start {
    const char *word;     /* behind --start */
    const char *sc_word;  /* behind `sc config NAME start=` */
    const char *sentence; /* "it starts by hand" */
    DWORD type;
    bool is_delayed;
};

/* What was asked for; a NULL was not. */
struct install_wish {
    const char *name;
    const char *root;
    const char *masters;
    const char *account;
    const struct install_start *start;
    bool wants_firewall;
    bool wants_start;
    bool is_dry;
    bool is_lenient;
    bool keeps_rights;  /* of named accounts in a start directory that somebody else made */
    bool keeps_service; /* of uninstall: somebody else stops and deletes it */
    bool only_stops;    /* of uninstall: the service, and takes nothing away */
};

struct install_step;

struct install {
    struct install_wish wish;
    const struct install_step *step; /* being done */
    bool is_undo;
    bool is_new;                        /* there was no such service */
    wchar_t name[REGISTRY_SERVICE_MAX]; /* of the service */
    char root[CONFIG_DIRECTORY_MAX];    /* wish.root points into it */
    char account_kept[FACTS_ACCOUNT_MAX];
    char program[FACTS_COMMAND_MAX]; /* this one; where the service is taken away, the service's */
    char manifest[FACTS_COMMAND_MAX];
    char system[FACTS_PATH_MAX];         /* System32 */
    char parameters[INSTALL_KEY_MAX];    /* the key, below HKLM */
    const char *account;                 /* of the service when all is done */
    const struct install_start *start;   /* the same */
    struct facts_service found;          /* as it was before the first step */
    struct arguments arguments;          /* of its ImagePath, and what is still to be written into Parameters */
    struct facts_image image;            /* arguments point into it */
    char masters_word[INSTALL_TEXT_MAX]; /* the same */
    struct config config;                /* in force when all is done */
    char masters[INSTALL_WHY_MAX];       /* of that, as text */
    bool needs_write;                    /* the service writes into its start directory */
    bool has_directory;                  /* in Parameters, before the first step; so are the next two */
    bool has_masters;
    bool has_writable;
    bool uploads_apart; /* uploads are new here, and get a folder of their own */
    bool has_siblings;  /* other services run this program */
    bool is_on_share;   /* the start directory */
    BYTE account_sid[SECURITY_MAX_SID_SIZE];
    BYTE logon_sid[SECURITY_MAX_SID_SIZE]; /* of the account, where it needs a right of its own */
    SC_HANDLE manager;
    SC_HANDLE service;            /* NULL: there is none, or not yet */
    unsigned locked_ms;           /* waited for a locked database */
    bool is_changed;              /* something that counts at the next start of the service */
    DWORD error;                  /* of the look that saw nothing */
    char why[INSTALL_WHY_MAX];    /* of a failure, where the error alone does not say it */
    char remark[INSTALL_WHY_MAX]; /* what else to know where nothing failed */
};

enum install_state {
    INSTALL_IS_SO,
    INSTALL_IS_NOT,
    INSTALL_IS_ABSENT, /* the system has nothing of this kind */
    INSTALL_IS_UNSEEN  /* install->error says why */
};

/* Each deed returns a Win32 error; any but 0 may come with words in install->why. */
typedef enum install_state install_look(struct install *install);
typedef DWORD install_deed(struct install *install);

enum install_trait {
    INSTALL_VITAL = 1 << 0,      /* without it none of those behind it can be done */
    INSTALL_VITAL_UNDO = 1 << 1, /* the same where it is taken away */
    INSTALL_SERVICE = 1 << 2,    /* is part of the service: goes with it, and stays where that is kept */
    INSTALL_BESIDE = 1 << 3      /* the service is whole without it: with --lenient its failure does not count */
};

/* The texts may name what install_expand knows. */
struct install_step {
    const char *title;
    enum exit_code code;      /* where it fails */
    enum exit_code undo_code; /* where undoing it fails */
    unsigned traits;
    const char *meaning;   /* what is so when it is done */
    const char *make_with; /* the command that does the same */
    const char *gone;      /* what is so when it is undone */
    const char *undo_with;
    const char *forgotten; /* where a system may take it and keep nothing of it: what that means; NULL: none does */
    bool (*is_wanted)(const struct install *install); /* NULL: always */
    install_look *look;
    install_deed *make;
    install_deed *undo; /* NULL: it stays, or goes with the service */
};

extern const struct install_step install_steps[];
extern const size_t install_step_count;

/* All the steps, forwards, or backwards to undo them, a line on the screen for each. Returns the exit code. */
int install_steps_run(struct install *install);

/*
 * Puts what it stands for in place of each {name} {program} {account} {start} {starts} {directory} {key} {masters} {right}
 * {manifest} {system}. Returns text, cut to size.
 */
char *install_expand(const struct install *install, const char *pattern, char *text, size_t size);

/* The look that saw nothing, and why. */
enum install_state install_unseen(struct install *install, DWORD error);
/* The same; errors that mean "no such thing on this system" are told apart. */
enum install_state install_absent_or_unseen(struct install *install, DWORD error);

/*
 * Asked when a call to the Service Control Manager has failed, with its error in GetLastError(), which stays: true if the
 * database was locked, as it is for some seconds while Windows starts. Then a moment has passed, and the call is to be
 * made again.
 */
bool install_was_locked(struct install *install);
/* Opens the service where there is one; a second call does nothing. Returns a Win32 error. */
DWORD install_open(struct install *install);
void install_close(struct install *install);

/* -- looks and deeds, by file -------------------------------------------------------------------------------------- */

/* install_service.c */
install_look install_look_service, install_look_running;
install_deed install_make_service, install_undo_service, install_make_running, install_undo_running;
bool install_wants_running(const struct install *install);
/* Whether other services run the same program. */
bool install_look_siblings(struct install *install);

/* install_account.c */
/* What the service has stays, but for the account that may do anything; the wish comes first. Needs is_on_share. */
void install_choose_account(struct install *install);
/* An account that stays is not named to the Service Control Manager: that would take its password away. */
bool install_keeps_account(const struct install *install);
/* What the Service Control Manager wants with the account that was chosen. */
const wchar_t *install_account_password(const struct install *install);
/* Looks that account up, at a domain where need be. A Win32 error. */
DWORD install_account_sid(const struct install *install, BYTE *sid);
/* EXIT_OK; or why the account cannot be, in install->why. */
int install_judge_account(struct install *install);
install_look install_look_logon_right;
install_deed install_make_logon_right;
bool install_wants_logon_right(const struct install *install);

/* install_settings.c */
install_look install_look_display_name, install_look_description, install_look_dependencies, install_look_delay,
    install_look_recovery, install_look_sid, install_look_privileges;
install_deed install_make_display_name, install_make_description, install_make_dependencies, install_make_delay,
    install_make_recovery, install_make_sid, install_make_privileges;
bool install_wants_delay(const struct install *install);

/* install_registry.c */
install_look install_look_source, install_look_parameters, install_look_key_rights;
install_deed install_make_source, install_undo_source, install_make_parameters, install_undo_parameters,
    install_make_key_rights;
/* The parameters as they will be; EXIT_OK, or why not, in install->why. */
int install_plan_parameters(struct install *install);

/* install_directory.c */
install_look install_look_directory, install_look_directory_rights;
install_deed install_make_directory, install_make_directory_rights;

/* install_tools.c */
install_look install_look_firewall, install_look_boot_firewall, install_look_counters;
install_deed install_make_counters, install_undo_counters;
/* Makes or undoes it by the command that the step names. */
install_deed install_run_command;
bool install_wants_firewall(const struct install *install);

/* -- access lists -------------------------------------------------------------------------------------------------- */

enum install_acl_kind { INSTALL_ACL_DIRECTORY, INSTALL_ACL_KEY };

/* Who the service is to an access list: its service SID, or its account where the system has none. A Win32 error. */
DWORD install_acl_account(struct install *install);
/* Nobody but administrators and named accounts may write there, and the service has the rights of mask. */
enum install_state install_acl_look(struct install *install, enum install_acl_kind kind, const char *name, DWORD mask);
/*
 * Makes it so; what others were given by name stays. A directory that belongs to somebody who is no administrator is taken
 * over: Administrators own it then, and where the service is new named accounts do not write there any more, unless the
 * wish keeps their rights.
 */
DWORD install_acl_make(struct install *install, enum install_acl_kind kind, const char *name, DWORD mask);
/* A list for a new directory, as SDDL: the system, administrators, the service. False where it does not fit. */
bool install_acl_sddl(const struct install *install, DWORD mask, wchar_t *sddl, size_t size);

#endif
