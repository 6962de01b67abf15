#include "service/desk/desk.h"

#include "service/check/check.h"
#include "service/desk/help.h"
#include "service/explain/explain.h"
#include "service/import/import.h"
#include "service/install/install.h"
#include "service/keep/console.h"
#include "service/status/status.h"

static int (*const runs[VERB_COUNT])(char **words) = {
    [VERB_RUN] = console_run,
    [VERB_STATUS] = status_run,
    [VERB_STOP_TRANSFER] = status_stop_transfer_run,
    [VERB_APPROVE] = approve_run,
    [VERB_DRAIN] = status_drain_run,
    [VERB_CHECK] = check_run,
    [VERB_EXPLAIN] = explain_run,
    [VERB_IMPORT] = import_run,
    [VERB_INSTALL] = install_run,
    [VERB_UNINSTALL] = uninstall_run,
    [VERB_VERSION] = help_version_run,
    [VERB_HELP] = help_run,
};

int desk_run(enum verb_id id, char **words)
{
    return runs[id](words);
}
