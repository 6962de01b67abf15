/*
 * `tftpd status`: what the running service does, once, again and again, or as JSON. `tftpd stop-transfer ID` ends one
 * transfer, `tftpd drain` lets all finish and then stops the service. Words follow the verb.
 */
#ifndef SERVICE_STATUS_H
#define SERVICE_STATUS_H

/* 0; 1: the service could not be asked, or has no such transfer; EXIT_USAGE: the question was not understood. */
enum { STATUS_ANSWERED = 0, STATUS_UNANSWERED = 1 };

int status_run(char **words);
int status_stop_transfer_run(char **words);
int status_drain_run(char **words);
int approve_run(char **words); /* `tftpd approve MAC` */

#endif
