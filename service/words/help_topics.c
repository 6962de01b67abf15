#include "service/words/help_topics.h"

#include <stddef.h>

const char help_beginning[] = "tftpd " TFTPD_VERSION " - a TFTP server that runs as a service of Windows\n"
                              "\n"
                              "It gives boot programs, firmware and configurations to network cards, switches,\n"
                              "telephones and the like, and takes files from those that are allowed to write.\n"
                              "\n"
                              "To install and start it, in a console opened with \"Run as administrator\":\n"
                              "  C:\\path\\tftpd.exe install\n"
                              "It then serves the folder %SystemDrive%\\tftpdroot on UDP port 69.\n"
                              "\n"
                              "Most used:\n";

const char help_rest[] = "\n"
                         "The rest:\n"
                         "  tftpd -? VERB       how to use one of:\n";

static const char service[] = "START\n"
                              "  net start tftpd, or  sc start tftpd [-dDIRECTORY] [-e] [-f]\n"
                              "    -dDIRECTORY   the start directory, in place of the parameter Directory\n"
                              "    -f            log into tftpd.log in the start directory; the event log then\n"
                              "                  gets errors only\n"
                              "    -e            log into the event log (so it is without -f, too)\n"
                              "  The same arguments may stand in binPath, as in\n"
                              "    sc config tftpd binPath= \"C:\\path\\tftpd.exe -dD:\\images -f\"\n"
                              "  If it does not start, sc query tftpd shows why as SERVICE_EXIT_CODE\n"
                              "  (tftpd -? codes), and the event log says it in words.\n"
                              "\n"
                              "STOP, PAUSE, ASK\n"
                              "  net stop tftpd, or  sc stop tftpd    transfers get DrainSeconds to end\n"
                              "  sc pause tftpd, sc continue tftpd    no new transfers, and again\n"
                              "  sc interrogate tftpd                 writes out the log\n"
                              "  sc control tftpd paramchange         reads the parameters again\n";

static const char client[] = "  tftp -i SERVER get boot\\file.bin      (the Windows feature \"TFTP Client\")\n"
                             "  curl -O tftp://SERVER/boot/file.bin\n"
                             "  / and \\ are the same, and so are a and A. Nobody can list files. Nobody can\n"
                             "  write before Masters names him, and no file is ever overwritten.\n"
                             "  RFC 1350, 2347, 2348, 2349, 7440; IPv4 and IPv6.\n";

static const char parameters[] = "  What it does is set by values in the registry, below\n"
                                 "    HKLM\\SYSTEM\\CurrentControlSet\\Services\\tftpd\\Parameters\n"
                                 "  (tftpd there is the name of the service). None has to be there. For instance:\n"
                                 "    reg add HKLM\\SYSTEM\\CurrentControlSet\\Services\\tftpd\\Parameters\n"
                                 "        /v Masters /t REG_SZ /d 10.1.*.*                 (one line)\n"
                                 "  Values of the same names below HKLM\\SOFTWARE\\Policies\\tftpd, where Group\n"
                                 "  Policy puts them, win over those and over arguments.\n"
                                 "  A value that makes no sense is named in the log and changes nothing.\n"
                                 "  Patterns know * (any characters) and ? (one character), in any case of\n"
                                 "  letters; several go into a REG_MULTI_SZ.\n"
                                 "  Those marked restart count when the service starts again, the others at once.\n"
                                 "\n";

static const char codes[] = "  SERVICE_EXIT_CODE of sc query, and the exit codes of the verbs:\n"
                            "   0  it was done, served, or is well\n"
                            "   1  check: something to look at; explain: refused; status, stop-transfer,\n"
                            "      drain, approve: nobody answers, there is no such transfer, or boot\n"
                            "      requests are not heard\n"
                            "   2  a verb or an argument is not understood; check: something is wrong\n"
                            "   3  the key Parameters or the policy key cannot be read\n"
                            "   4  the log file cannot be opened\n"
                            "   5  no memory, or no thread for the log\n"
                            "   6  no verb, and not started by the Service Control Manager\n"
                            "   7  the answer cannot be written, or there is no memory for it\n"
                            "   8  run: the stop was given up, as a disk or share does not answer\n"
                            "  10  the start directory cannot be opened\n"
                            "  11  Windows Sockets cannot be started\n"
                            "  12  the port is in use by another program\n"
                            "  13  it cannot listen on an address\n"
                            "  14  no memory, thread or socket\n"
                            "  20  import: there is nothing to import, or it cannot be read\n"
                            "  21  import: a value is refused, so nothing was written\n"
                            "  22  import: the parameters cannot be written\n"
                            "  30  install, uninstall: not an administrator\n"
                            "  31  install, uninstall: another's service, or others may change the program\n"
                            "  32  install: the service cannot be made or changed\n"
                            "  33  install: a setting of the service, 34 source of events, 35 parameters,\n"
                            "      36 start directory, 37 firewall, 38 performance counters\n"
                            "  39  install: it is installed, and does not start\n"
                            "  40  uninstall: it does not stop, 41 it cannot be deleted\n";

const struct help_topic help_topics[] = {
    {"service", "how it is started, stopped, paused and asked", service, false},
    {"client", "how files are fetched from it", client, false},
    {"parameters", "what can be set, and how; or the NAME of one", parameters, true},
    {"codes", "exit codes", codes, false},
    {NULL, NULL, NULL, false},
};
