#include "service/check/check.h"

#include "service/check/check_report.h"
#include "service/tell/screen.h"
#include "service/words/verbs.h"

#include <stdlib.h>

int check_run(char **words)
{
    /* Each is some hundred kilobytes. */
    static struct facts facts;
    static struct check_report report;
    const char *service = "tftpd";
    bool is_json = false;
    bool asks_dhcp = false;

    for (int used = 1; *words != NULL; words += used) {
        used = verbs_option(words, "--service", &service);
        if (used == 0 && strcmp(words[0], "--json") == 0) {
            is_json = true;
            used = 1;
        } else if (used == 0 && strcmp(words[0], "--ask-dhcp") == 0) {
            asks_dhcp = true;
            used = 1;
        }
        if (used == 0 || service[0] == 0)
            return verbs_complain(
                VERB_CHECK, "%.100s is not understood; known are --service NAME, --ask-dhcp and --json", words[0]);
    }
    facts_gather(&facts, service);
    if (asks_dhcp)
        facts_gather_others(&facts.others);
    check_judge(&facts, &report);
    char *text = is_json ? check_report_json(&report) : check_report_text(&report);
    screen_answer(text);
    free(text);
    return (int)report.worst;
}
