#include "service/words/verbs.h"

#include "core/base/nearest.h"
#include "core/names/path.h"
#include "service/tell/exitcodes.h"
#include "service/tell/screen.h"

#include <stdarg.h>
#include <stdio.h>

enum { SHOWN_MAX = 128, LINE_MAX = 3072 };

const struct verb verbs[VERB_COUNT] = {
    [VERB_RUN] = {.word = "run",
                  .is_common = true,
                  .summary = "serve in this console, the log on the screen",
                  .syntax = "  tftpd run [-dDIRECTORY] [-e] [-f] [--service NAME] [--set NAME=VALUE]...\n",
                  .meaning = "  Serves in the console, without a service, until Ctrl+C. It takes the\n"
                             "  parameters of the service tftpd (or NAME) from the registry.\n"
                             "    -dDIRECTORY   the start directory, in place of the parameter Directory\n"
                             "    -f            log into tftpd.log in the start directory as well\n"
                             "    -e            log into the event log as well\n"
                             "    --set         a value over a parameter, items of a list separated by ';'\n"
                             "  tftpd run -dC:\\images --set Port=6969 \"--set=Masters=10.0.0.0/8;::1\"\n",
                  .codes = "0, and 2 to 14 as tftpd -? codes says"},
    [VERB_STATUS] = {.word = "status",
                     .is_common = true,
                     .summary = "the transfers of the running service, totals, refusals",
                     .syntax = "  tftpd status [--watch[=SECONDS]] [--json] [--service NAME]\n",
                     .meaning = "  Its transfers with their progress, totals, refusals by reason, memory; with\n"
                                "  --watch again and again. Needs an administrator.\n",
                     .codes = "0, 1 nobody answers, 2 usage"},
    [VERB_STOP_TRANSFER] = {.word = "stop-transfer",
                            .summary = "end one of them",
                            .syntax = "  tftpd stop-transfer ID [--service NAME]\n",
                            .meaning =
                                "  Ends the transfer that tftpd status shows under ID; its client is told. Needs\n"
                                "  an administrator.\n",
                            .codes = "0, 1 there is no such transfer, or nobody answers, 2 usage"},
    [VERB_DRAIN] = {.word = "drain",
                    .summary = "no new transfers; then it stops",
                    .syntax = "  tftpd drain [--no-wait] [--service NAME]\n",
                    .meaning = "  No new transfers; when the running ones have ended, the service stops. sc\n"
                               "  continue takes it back. Needs an administrator.\n"
                               "    --no-wait     asks for it, and does not wait for the end\n",
                    .codes = "0, 1 nobody answers, or it was taken back, 2 usage"},
    [VERB_APPROVE] = {.word = "approve",
                      .summary = "let a machine boot that waits for it",
                      .syntax = "  tftpd approve MAC|GUID [--service NAME]\n",
                      .meaning = "  A machine that a rule has wait for approval (tftpd status shows them) is\n"
                                 "  answered from now on, until the service is restarted. Needs an administrator.\n",
                      .codes = "0, 1 boot requests are not heard, or nobody answers, 2 usage"},
    [VERB_CHECK] = {.word = "check",
                    .is_common = true,
                    .summary = "what is wrong with the installation, and what mends it",
                    .syntax = "  tftpd check [--service NAME] [--ask-dhcp] [--json]\n",
                    .meaning = "  Looks at the installation and changes nothing: a line for each thing, OK,\n"
                               "  WARN or FAIL, what it means, the command that mends it.\n"
                               "    --ask-dhcp    asks the network as a machine that boots would: which other\n"
                               "                  servers answer, and whose options are in the way\n",
                    .codes = "0 all is well, 1 a WARN, 2 a FAIL, or usage"},
    [VERB_EXPLAIN] = {.word = "explain",
                      .is_common = true,
                      .summary = "what one request would get, and which rule decides",
                      .syntax = "  tftpd explain get|put NAME --client ADDRESS [--options \"blksize 1468\"]\n"
                                "        [--mac MAC] [--mode octet|netascii] [--mtu N]\n"
                                "  tftpd explain boot MAC|GUID [--machine x64|ipxe|...] [--guid GUID]\n"
                                "        [--client ADDRESS] [--on ADDRESS] [--port 67|4011|547] [--v6]\n"
                                "        [--bootp] [--relay ADDRESS] [--class TEXT] [--user-class TEXT]\n"
                                "  each with [--service NAME] [--set NAME=VALUE]... [-dDIRECTORY] [--json]\n",
                      .meaning = "  What the service would answer to that request of that client, or to that\n"
                                 "  machine that wants to boot, and which rule decides; nothing is sent or\n"
                                 "  written. --set and -d try other parameters.\n"
                                 "  tftpd explain get boot\\pxe.efi --client 10.0.0.5 --options \"blksize 1468\"\n"
                                 "  tftpd explain boot 52:54:00:12:34:56 --machine x64 --set Pxe=answer\n"
                                 "    --machine     a word of PxeBoot; without it, x86 BIOS\n"
                                 "    --client      the address that it gets: may TFTP give it the file\n"
                                 "    --on          the address of this machine that it asks\n",
                      .codes = "0 served, 1 refused, 2 usage"},
    [VERB_IMPORT] = {.word = "import",
                     .is_common = true,
                     .summary = "take over the settings of RIS, WDS, Tftpd64, dnsmasq",
                     .syntax = "  tftpd import ris|wds [--dry-run] [--name NAME]\n"
                               "  tftpd import tftpd64|dnsmasq FILE [--dry-run] [--name NAME]\n",
                     .meaning = "  Takes over the settings of RIS, of WDS, of tftpd32.ini or dnsmasq.conf, shows\n"
                                "  what becomes of each and what cannot be taken over, and writes the parameters\n"
                                "  of the service tftpd (or NAME). It never lets everybody write, nor everything\n"
                                "  be read, and has no machine answered that boots. Needs an administrator.\n"
                                "    --dry-run     only shows\n",
                     .codes = "0, 2 usage, 3 and 20 to 22 as tftpd -? codes says"},
    [VERB_INSTALL] = {.word = "install",
                      .summary = "make and start the service",
                      .syntax = "  tftpd install [--name NAME] [--root DIRECTORY] [--masters LIST]\n"
                                "        [--account NAME] [--start auto|delayed|demand|disabled]\n"
                                "        [--firewall on|off] [--no-start] [--lenient] [--keep-rights]\n"
                                "        [--dry-run]\n",
                      .meaning = "  Makes and starts the service, its start directory, the firewall's rule and\n"
                                 "  the rest; says each step, and can be run again. Needs an administrator.\n"
                                 "  Another name than tftpd gives another instance with parameters of its own.\n"
                                 "  sc create alone stays enough:\n"
                                 "    sc create tftpd binPath= C:\\path\\tftpd.exe start= auto\n"
                                 "    mkdir %SystemDrive%\\tftpdroot\n"
                                 "    netsh advfirewall firewall add rule name=tftpd dir=in action=allow\n"
                                 "        protocol=UDP program=C:\\path\\tftpd.exe         (one line)\n",
                      .codes = "0, 2 usage, 30 to 39 as tftpd -? codes says"},
    [VERB_UNINSTALL] = {.word = "uninstall",
                        .summary = "take it away",
                        .syntax = "  tftpd uninstall [--name NAME] [--keep-service] [--only-stop] [--dry-run]\n",
                        .meaning = "  Takes away what tftpd install made, but for the start directory. Needs an\n"
                                   "  administrator.\n"
                                   "    --keep-service  somebody else stops and deletes the service\n"
                                   "    --only-stop     stops it, waits until it has stopped, takes nothing away\n",
                        .codes = "0, 2 usage, 30, 31, 34, 35, 37, 38, 40, 41 as tftpd -? codes says"},
    [VERB_VERSION] = {.word = "version",
                      .aliases = "--version ",
                      .summary = "its version",
                      .syntax = "  tftpd version\n",
                      .meaning = "  Three numbers.\n",
                      .codes = "0, 2 usage"},
    [VERB_HELP] = {.word = "help",
                   .aliases = "-? /? -h --help ",
                   .summary = "this",
                   .syntax = "  tftpd -? [TOPIC]\n",
                   .meaning = "  Explains a verb, a parameter, or one of the topics that tftpd -? lists.\n",
                   .codes = "0, 2 there is no such topic"},
};

static bool is_alias(const char *aliases, const char *word)
{
    size_t length = strlen(word);

    for (; aliases != NULL && *aliases != 0; aliases += strcspn(aliases, " ") + 1)
        if (length == strcspn(aliases, " ") && _strnicmp(aliases, word, length) == 0)
            return true;
    return false;
}

enum verb_id verbs_find(const char *word)
{
    for (enum verb_id id = 0; id < VERB_COUNT; id++)
        if (_stricmp(verbs[id].word, word) == 0 || is_alias(verbs[id].aliases, word))
            return id;
    return VERB_COUNT;
}

char *verbs_list(char *text)
{
    size_t used = 0;

    for (size_t i = 0; i < VERB_COUNT; i++)
        used += (size_t)snprintf(text + used, VERBS_TEXT_MAX - used, "%s%s", i > 0 ? ", " : "", verbs[i].word);
    return text;
}

int verbs_option(char **words, const char *option, const char **value)
{
    size_t length = strlen(option);

    if (strncmp(words[0], option, length) != 0)
        return 0;
    if (words[0][length] == '=') {
        *value = words[0] + length + 1;
        return 1;
    }
    if (words[0][length] != 0 || words[1] == NULL)
        return 0;
    *value = words[1];
    return 2;
}

/* "tftpd VERB: ..." on standard error, and what follows it. */
static void tell(enum verb_id id, const char *format, va_list values, const char *more)
{
    char text[LINE_MAX];
    size_t room = sizeof text - strlen(more);
    size_t used = (size_t)snprintf(text, room, "tftpd %s: ", verbs[id].word);

    vsnprintf(text + used, room - used, format, values);
    used = strlen(text);
    snprintf(text + used, sizeof text - used, "%s", more);
    screen_write(STD_ERROR_HANDLE, text);
}

int verbs_complain(enum verb_id id, const char *format, ...)
{
    char more[LINE_MAX / 2];
    va_list values;

    snprintf(more, sizeof more, "\n%s  tftpd -? %s explains it\n", verbs[id].syntax, verbs[id].word);
    va_start(values, format);
    tell(id, format, values, more);
    va_end(values);
    return EXIT_USAGE;
}

int verbs_fail(enum verb_id id, int code, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    tell(id, format, values, "\n");
    va_end(values);
    return code;
}

int verbs_complain_unknown(const char *word, const char *problem)
{
    char shown[SHOWN_MAX], meant[NEAREST_TEXT_MAX], all[VERBS_TEXT_MAX], text[LINE_MAX];
    bool is_option = word[0] == '-' || word[0] == '/';
    struct nearest nearest;

    path_printable(span_of_text(word), shown, sizeof shown);
    nearest_begin(&nearest, word);
    for (size_t i = 0; i < VERB_COUNT; i++)
        nearest_offer(&nearest, verbs[i].word);
    size_t used = is_option ? (size_t)snprintf(text, sizeof text, "tftpd: %s is not understood: %s", shown, problem)
                            : (size_t)snprintf(text, sizeof text, "tftpd: there is no verb \"%s\"", shown);
    if (nearest.count > 0)
        used += (size_t)snprintf(text + used, sizeof text - used, "; did you mean %s?", nearest_text(&nearest, meant));
    else if (!is_option)
        used += (size_t)snprintf(text + used, sizeof text - used, "; known are %s", verbs_list(all));
    snprintf(text + used, sizeof text - used, "\n  tftpd -? says what each verb does\n");
    screen_write(STD_ERROR_HANDLE, text);
    return EXIT_USAGE;
}
