#include "service/status/status.h"

#include "service/pipe/pipe_client.h"
#include "service/tell/screen.h"
#include "service/words/verbs.h"

#include <stdio.h>
#include <string.h>

enum { SAID_MAX = 256 };

static int tell(enum pipe_answer answer, const char *machine)
{
    char text[SAID_MAX];

    switch (answer) {
    case PIPE_DONE:
        snprintf(text, sizeof text,
                 "%.60s is approved until the service is restarted. For good: \"%.60s = answer\" in PxeHosts.\n",
                 machine, machine);
        screen_answer(text);
        return STATUS_ANSWERED;
    case PIPE_NO_MACHINE:
        return verbs_complain(VERB_APPROVE, "%.60s is no MAC of one machine, as in 52:54:00:12:34:56, and no GUID",
                              machine);
    case PIPE_SHARED:
        return verbs_complain(
            VERB_APPROVE,
            "%.60s is a MAC that PxeHosts says many machines share; type the GUID of the machine, which "
            "tftpd status shows, for one that says no GUID cannot be told from the others",
            machine);
    case PIPE_NO_ROOM:
        return verbs_fail(VERB_APPROVE, STATUS_UNANSWERED,
                          "so many machines are approved already; write them into PxeHosts");
    default:
        return verbs_fail(VERB_APPROVE, STATUS_UNANSWERED, "the service hears no boot requests; set Pxe to answer");
    }
}

int approve_run(char **words)
{
    static struct pipe_conversation conversation;
    const char *service = "tftpd", *machine = NULL;

    while (*words != NULL) {
        int used = verbs_option(words, "--service", &service);
        if (used == 0 && (machine != NULL || words[0][0] == '-' || strlen(words[0]) >= PIPE_MACHINE_MAX))
            return verbs_complain(VERB_APPROVE, "%.100s is not understood, or its value is missing", words[0]);
        if (used == 0)
            machine = words[0];
        words += used > 0 ? used : 1;
    }
    if (machine == NULL)
        return verbs_complain(VERB_APPROVE,
                              "the MAC or GUID of the machine is missing; `tftpd status` shows those that wait");
    if (!pipe_client_approve(&conversation, service, machine))
        return verbs_fail(VERB_APPROVE, STATUS_UNANSWERED, "%s", conversation.reason);
    return tell((enum pipe_answer)conversation.reply.answer, machine);
}
