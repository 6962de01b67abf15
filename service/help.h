/*
 * What `tftpd -?` prints.
 */
#ifndef SERVICE_HELP_H
#define SERVICE_HELP_H

void help_print(void);
void help_print_version(void);

#endif
