#include "service/help.h"

#include "core/config.h"
#include "service/screen.h"

#include <stdio.h>

enum { PAGE_WIDTH = 79, INDENT = 6, LINE_MAX = 1024 };

static void print(const char *text)
{
    screen_answer(text);
}

static const char beginning[] = "tftpd " TFTPD_VERSION " - a TFTP server that runs as a service of Windows\n"
                                "\n"
                                "It gives boot programs, firmware and configurations to network cards, switches,\n"
                                "telephones and the like, and takes files from those that are allowed to write.\n"
                                "RFC 1350, 2347, 2348, 2349, 7440; IPv4 and IPv6.\n"
                                "\n"
                                "INSTALLATION (once, as an administrator)\n"
                                "  C:\\path\\tftpd.exe install\n"
                                "    [--name NAME] [--root DIRECTORY] [--masters LIST] [--account NAME]\n"
                                "    [--start auto|delayed|demand|disabled] [--firewall on|off]\n"
                                "    [--no-start] [--lenient] [--dry-run]\n"
                                "  makes and starts the service, its start directory, the firewall's rule and\n"
                                "  the rest; says each step, and can be run again. sc create alone stays enough:\n"
                                "    sc create tftpd binPath= C:\\path\\tftpd.exe start= auto\n"
                                "    mkdir %SystemDrive%\\tftpdroot\n"
                                "    netsh advfirewall firewall add rule name=tftpd dir=in action=allow\n"
                                "        protocol=UDP program=C:\\path\\tftpd.exe         (one line)\n"
                                "  Another name than tftpd gives another instance with parameters of its own.\n"
                                "  To take it away, but for the start directory:\n"
                                "    tftpd uninstall [--name NAME] [--keep-service] [--dry-run]\n"
                                "\n";

static const char running[] = "START\n"
                              "  net start tftpd, or  sc start tftpd [-dDIRECTORY] [-e] [-f]\n"
                              "    -dDIRECTORY   the start directory, in place of the parameter Directory\n"
                              "    -f            log into tftpd.log in the start directory; the event log then\n"
                              "                  gets errors only\n"
                              "    -e            log into the event log (so it is without -f, too)\n"
                              "  The same arguments may stand in binPath, as in\n"
                              "    sc config tftpd binPath= \"C:\\path\\tftpd.exe -dD:\\images -f\"\n"
                              "  If it does not start, sc query tftpd shows why as SERVICE_EXIT_CODE (the\n"
                              "  numbers are at the end), and the event log says it in words.\n"
                              "\n"
                              "  In a console, without a service, with the log on the screen, until Ctrl+C:\n"
                              "    tftpd run [-dDIRECTORY] [-e] [-f] [--service NAME] [--set NAME=VALUE]...\n"
                              "  It takes the parameters of the service tftpd (or NAME) from the registry;\n"
                              "  --set puts a value over one of them, items of a list separated by ';':\n"
                              "    tftpd run -dC:\\images --set Port=6969 \"--set=Masters=10.0.0.0/8;::1\"\n"
                              "\n"
                              "LOOK BEFORE AND AFTER\n"
                              "  tftpd check [--service NAME] [--json]\n"
                              "    What is wrong with the installation, a line for each thing: OK, WARN or\n"
                              "    FAIL, what it means, the command that mends it. Exit code 0, 1 or 2.\n"
                              "  tftpd explain get|put NAME --client ADDRESS [--options \"blksize 1468\"]\n"
                              "        [--mode octet|netascii] [--mtu N] [--service NAME]\n"
                              "        [--set NAME=VALUE]... [-dDIRECTORY] [--json]\n"
                              "    What the service would answer to that request, and which rule decides;\n"
                              "    nothing is sent or written. Exit code 0 served, 1 refused, 2 usage.\n"
                              "\n"
                              "COMING FROM ANOTHER TFTP SERVER (as an administrator)\n"
                              "  tftpd import ris|wds [--dry-run] [--name NAME]\n"
                              "  tftpd import tftpd64 FILE [--dry-run] [--name NAME]\n"
                              "    Takes over the settings of RIS, of WDS, or of tftpd32.ini, shows what\n"
                              "    becomes of each and what cannot be taken over, and writes the parameters\n"
                              "    of the service tftpd (or NAME); --dry-run only shows. It never lets\n"
                              "    everybody write. Exit code 0, 2 usage, 3 or 20 to 22 as below.\n"
                              "\n"
                              "WHILE IT RUNS (as an administrator)\n"
                              "  tftpd status [--watch[=SECONDS]] [--json] [--service NAME]\n"
                              "    Its transfers with their progress, totals, refusals by reason, memory.\n"
                              "  tftpd stop-transfer ID [--service NAME]\n"
                              "    Ends one of them; its client is told.\n"
                              "  tftpd drain [--no-wait] [--service NAME]\n"
                              "    No new transfers; when the running ones have ended, the service stops.\n"
                              "\n"
                              "STOP, PAUSE, ASK\n"
                              "  net stop tftpd, or  sc stop tftpd    transfers get DrainSeconds to end\n"
                              "  sc pause tftpd, sc continue tftpd    no new transfers, and again\n"
                              "  sc interrogate tftpd                 writes out the log\n"
                              "  sc control tftpd paramchange         reads the parameters again\n"
                              "\n"
                              "VARIABLES\n"
                              "  What it does is set by values in the registry, below\n"
                              "    HKLM\\SYSTEM\\CurrentControlSet\\Services\\tftpd\\Parameters\n"
                              "  (tftpd there is the name of the service). None has to be there. For instance:\n"
                              "    reg add HKLM\\SYSTEM\\CurrentControlSet\\Services\\tftpd\\Parameters\n"
                              "        /v Masters /t REG_SZ /d 10.1.*.*                 (one line)\n"
                              "  Values of the same names below HKLM\\SOFTWARE\\Policies\\tftpd, where Group\n"
                              "  Policy puts them, win over those and over arguments.\n"
                              "  A value that makes no sense is named in the log and changes nothing.\n"
                              "  Patterns know * (any characters) and ? (one character), in any case of\n"
                              "  letters; several go into a REG_MULTI_SZ.\n"
                              "\n";

static const char client[] = "CLIENT\n"
                             "  tftp -i SERVER get boot\\file.bin      (the Windows feature \"TFTP Client\")\n"
                             "  curl -O tftp://SERVER/boot/file.bin\n"
                             "  / and \\ are the same, and so are a and A. Nobody can list files. Nobody can\n"
                             "  write before Masters names him, and no file is ever overwritten.\n"
                             "\n";

static const char registry_names[] = "REGISTRY NAMES, THEIR TYPES AND DEFAULTS\n"
                                     "  (Those marked restart count when the service starts again, the others\n"
                                     "  at the next paramchange.)\n";

static const char exit_codes[] = "\n"
                                 "SERVICE_EXIT_CODE, and the exit code of tftpd run\n"
                                 "   2  an argument is not understood\n"
                                 "   3  the key Parameters or the policy key cannot be read\n"
                                 "   4  the log file cannot be opened\n"
                                 "   5  no memory, or no thread for the log\n"
                                 "   6  no verb, and not started by the Service Control Manager\n"
                                 "   7  the answer cannot be written to standard output\n"
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

/* Words behind one another, indented, broken before the page ends. */
static void print_wrapped(const char *text)
{
    char line[PAGE_WIDTH + 2];
    size_t used = 0;

    while (*text) {
        size_t length = strcspn(text, " ");
        size_t space = used > 0 ? 1 : INDENT;
        if (used > 0 && used + space + length > PAGE_WIDTH) {
            snprintf(line + used, sizeof line - used, "\n");
            print(line);
            used = 0;
            space = INDENT;
        }
        used += (size_t)snprintf(line + used, sizeof line - used, "%*s%.*s", (int)space, "", (int)length, text);
        if (used > PAGE_WIDTH)
            used = PAGE_WIDTH;
        text += length;
        text += strspn(text, " ");
    }
    snprintf(line + used, sizeof line - used, "\n");
    print(line);
}

static void print_parameter(const struct config_parameter *parameter)
{
    static const char *const types[] = {
        [CONFIG_NUMBER] = "REG_DWORD",
        [CONFIG_BYTES] = "REG_QWORD or REG_DWORD",
        [CONFIG_TEXT] = "REG_SZ or REG_EXPAND_SZ",
        [CONFIG_PATTERNS] = "REG_SZ or REG_MULTI_SZ",
        [CONFIG_RANGE] = "REG_SZ",
        [CONFIG_CHOICE] = "REG_SZ",
    };
    const char *absent = parameter->standard ? "empty" : "not there";
    const char *standard = parameter->standard && parameter->standard[0] ? parameter->standard : absent;
    char line[LINE_MAX];
    int used = snprintf(line, sizeof line, "  %s%s%s  %s, default %s", parameter->name, parameter->alias ? " or " : "",
                        parameter->alias ? parameter->alias : "", types[parameter->kind], standard);

    if (parameter->kind == CONFIG_NUMBER)
        used += snprintf(line + used, sizeof line - (size_t)used, ", %llu to %llu", parameter->low, parameter->high);
    snprintf(line + used, sizeof line - (size_t)used, "%s\n", parameter->needs_restart ? ", restart" : "");
    print(line);
    print_wrapped(parameter->meaning);
}

void help_print(void)
{
    print(beginning);
    print(running);
    print(client);
    print(registry_names);
    for (size_t i = 0; i < config_parameter_count; i++)
        print_parameter(&config_parameters[i]);
    print(exit_codes);
}

void help_print_version(void)
{
    print("tftpd " TFTPD_VERSION "\n");
}
