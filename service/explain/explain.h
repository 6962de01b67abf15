/*
 * `tftpd explain get|put NAME --client ADDRESS`: what the service would do with that request and why, from the code that
 * judges requests. Nothing is sent, nothing is opened for writing.
 */
#ifndef SERVICE_EXPLAIN_H
#define SERVICE_EXPLAIN_H

enum { EXPLAIN_SERVED = 0, EXPLAIN_REFUSED = 1 };

/* words are the arguments behind the verb, NULL at the end. Returns the process's exit code: one of these, or EXIT_USAGE. */
int explain_run(char **words);

#endif
