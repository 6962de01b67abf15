/*
 * `tftpd install` and `tftpd uninstall`: what the Service Control Manager, the registry, the firewall, Performance Monitor
 * and the start directory have to know about the service. Both may be run again and again: what is so already stays so.
 */
#ifndef SERVICE_INSTALL_H
#define SERVICE_INSTALL_H

/*
 * words are the arguments behind the verb, NULL at the end. Each returns EXIT_OK, or the exit code of the first thing that
 * could not be done (service/tell/exitcodes.h).
 */
int install_run(char **words);
int uninstall_run(char **words);

#endif
