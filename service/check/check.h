/*
 * `tftpd check`: an audit of the installed service, one line for each thing: OK, WARN or FAIL, what it means, and the
 * command that mends it. Only looks; what it may not see it says.
 */
#ifndef SERVICE_CHECK_H
#define SERVICE_CHECK_H

/* words are the arguments behind the verb, NULL at the end. Returns the exit code: the worst state, 2 for usage too. */
int check_run(char **words);

#endif
