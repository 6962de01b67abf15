/*
 * What `tftpd -?` prints: a page, and the topics behind it.
 */
#ifndef SERVICE_HELP_H
#define SERVICE_HELP_H

/* words are the arguments behind the verb, NULL at the end. Each returns the exit code. */
int help_run(char **words);
int help_version_run(char **words);

#endif
