/*
 * The Windows service: what the Service Control Manager calls, and the one thread that obeys it. The control handler
 * only records what was asked and sets an event; the thread of ServiceMain does the work and alone reports states.
 */
#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

/*
 * Runs as the service until it is stopped. words are the arguments of the ImagePath behind the program's name, NULL at
 * the end. Returns the process's exit code: EXIT_NOT_A_SERVICE, with words on the screen, if a person started it.
 */
int service_run(char **words);

#endif
