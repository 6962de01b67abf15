/*
 * `tftpd run`: the server in a console, its events as lines on the screen, until Ctrl+C.
 */
#ifndef SERVICE_CONSOLE_H
#define SERVICE_CONSOLE_H

/* words are the arguments behind the verb, NULL at the end. Returns the process's exit code. */
int console_run(char **words);

#endif
