/*
 * Why a start failed: service-specific exit codes (`sc query` shows them as SERVICE_EXIT_CODE), the same as the exit
 * codes of `tftpd run`. docs/exit-codes.md lists them; a number never changes its meaning. 10 to 14 are
 * enum server_failure.
 */
#ifndef SERVICE_EXITCODES_H
#define SERVICE_EXITCODES_H

#include "win32/server/server.h"

enum exit_code {
    EXIT_OK = 0,
    EXIT_USAGE = 2,
    EXIT_REGISTRY = 3,       /* the Parameters or the policy key exists and cannot be read */
    EXIT_LOG = 4,            /* -f, and the log file cannot be opened */
    EXIT_JOURNAL = 5,        /* no memory or thread for the journal */
    EXIT_NOT_A_SERVICE = 6,  /* started without a verb, and not by the Service Control Manager */
    EXIT_OUTPUT = 7,         /* what was asked for could not be written to standard output, or put together */
    EXIT_STUCK = 8,          /* the stop was given up; of the process, for a service reports that it has stopped */
    EXIT_IMPORT_SOURCE = 20, /* import: there is nothing to import, or it cannot be read */
    EXIT_IMPORT_VALUE = 21,  /* import: a value is refused, and nothing was written */
    EXIT_IMPORT_WRITE = 22,  /* import: the parameters cannot be written */

    /* install and uninstall: the first thing that could not be done. */
    EXIT_INSTALL_RIGHTS = 30,     /* not an administrator */
    EXIT_INSTALL_PROGRAM = 31,    /* the service is another program's, or others may change this one */
    EXIT_INSTALL_SERVICE = 32,    /* the service cannot be created or changed */
    EXIT_INSTALL_SETTING = 33,    /* one of its settings: recovery, service SID, ... */
    EXIT_INSTALL_SOURCE = 34,     /* the source of events */
    EXIT_INSTALL_PARAMETERS = 35, /* the key Parameters, or its rights */
    EXIT_INSTALL_DIRECTORY = 36,  /* the start directory, or its rights */
    EXIT_INSTALL_FIREWALL = 37,   /* the firewall's rule */
    EXIT_INSTALL_COUNTERS = 38,   /* the performance counters */
    EXIT_INSTALL_START = 39,      /* all is installed, and the service does not start */
    EXIT_UNINSTALL_STOP = 40,     /* the service does not stop; nothing was removed */
    EXIT_UNINSTALL_SERVICE = 41   /* the service cannot be deleted */
};

#endif
