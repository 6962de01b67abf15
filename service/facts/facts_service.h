/*
 * What the Service Control Manager knows about a service, and what its ImagePath means. Only asks, changes nothing.
 */
#ifndef SERVICE_FACTS_SERVICE_H
#define SERVICE_FACTS_SERVICE_H

#include "service/words/arguments.h"
#include "win32/system/windows.h"

enum { FACTS_COMMAND_MAX = 4096, FACTS_WORDS_MAX = 64, FACTS_ACCOUNT_MAX = 512, FACTS_VERSION_MAX = 32 };

/* A command line taken apart, with %variables% expanded. */
struct facts_image {
    char program[FACTS_COMMAND_MAX];
    char rest[FACTS_COMMAND_MAX]; /* behind the program */
    bool is_quoted;               /* the program is between quotation marks */
    bool has_space;               /* in the program's path */
};

struct facts_service {
    DWORD error;        /* 0; ERROR_SERVICE_DOES_NOT_EXIST: there is none; else it could not be asked */
    DWORD status_error; /* the same for its state */
    struct facts_image image;
    char account[FACTS_ACCOUNT_MAX]; /* empty: unknown */
    bool lacks_sid;                  /* its process has no SID NT SERVICE\name */
    DWORD start_type;
    DWORD state;
    DWORD process; /* 0: none, or unknown */
    DWORD exit_code;
    DWORD specific_exit_code;        /* where exit_code is ERROR_SERVICE_SPECIFIC_ERROR */
    char version[FACTS_VERSION_MAX]; /* of the program; empty: unknown */
    bool is_tftpd;                   /* the program says that it is a tftpd for Windows */
};

void facts_service_read(struct facts_service *service, const char *name);

/* Pure but for the %variables%. */
void facts_image_read(struct facts_image *image, const char *command);

/*
 * The arguments of the ImagePath (-dDIRECTORY, -f, ...) as the service would read them. False where one is not
 * understood, with the problem. image lives as long as arguments: they point into it.
 */
bool facts_image_arguments(struct facts_image *image, struct arguments *arguments, struct config_problem *problem);

#endif
