/*
 * `tftpd import ris|wds|tftpd64`: the settings of another TFTP server, shown beside ours and written as our parameters.
 */
#ifndef SERVICE_IMPORT_H
#define SERVICE_IMPORT_H

/* words are the arguments behind the verb, NULL at the end. Returns the process's exit code (service/tell/exitcodes.h). */
int import_run(char **words);

#endif
