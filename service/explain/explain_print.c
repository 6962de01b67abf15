#include "service/explain/explain_parts.h"

#include "core/base/utf8.h"
#include "service/tell/page.h"
#include "service/tell/screen.h"

#include <stdio.h>
#include <stdlib.h>

static void print_head(const struct explanation *e)
{
    char name[PATH_TEXT_MAX], client[ENDPOINT_TEXT_MAX], error[32] = "";

    path_printable(span_of_text(e->wish.question.name), name, sizeof name);
    if (strcmp(e->outcome, "refused") == 0)
        snprintf(error, sizeof error, " with ERROR %u", e->error_code);
    screen_say("%s \"%s\" from %s: would %s%s%s%s%s\n", e->wish.question.is_upload ? "put" : "get", name,
               endpoint_address_text(&e->client, client), strcmp(e->outcome, "no service") == 0 ? "find " : "be ",
               e->outcome, error, e->is_served ? "" : ": ", e->is_served ? "" : e->why);
}

void explain_print_text(const struct explanation *e)
{
    char mac[MAC_TEXT_MAX];

    print_head(e);
    screen_say("  decided by   %s\n", e->rule);
    if (e->is_served && e->request.is_upload)
        screen_say("  file         %s would be created\n", e->file);
    else if (e->is_served)
        screen_say("  file         %s, %llu bytes\n", e->file, (unsigned long long)e->size);
    if (e->is_served && e->oack_size > 0)
        screen_say("  OACK         %s (%u bytes)\n", e->oack, (unsigned)e->oack_size);
    else if (e->is_served)
        screen_say("  OACK         none: no option is agreed to, so %s comes first\n",
                   e->request.is_upload ? "ACK 0" : "DATA 1");
    if (e->ungranted[0] != 0)
        screen_say("  left out     %s\n", e->ungranted);
    if (e->is_served)
        screen_say("  blocks       %u bytes, %u in a window, MTU %u%s\n", e->agreement.blksize, e->agreement.windowsize,
                   e->basis.config.mtu != 0 ? e->basis.config.mtu : e->mtu,
                   e->basis.config.mtu != 0 ? " by the parameter Mtu"
                   : e->mtu == 0            ? ", which is unknown here: give --mtu"
                                            : "");
    if (e->mac.source != MAC_UNKNOWN)
        screen_say("  MAC          %s, %s\n", mac_text(e->mac.bytes, mac),
                   e->wish.mac != NULL ? "as it was typed" : "by this machine's neighbour table");
    explain_print_basis(&e->basis);
}

void explain_print_json(const struct explanation *e)
{
    struct page page = {0};
    struct json json = page_json(&page);
    char name[EXPLAIN_TEXT_MAX], client[ENDPOINT_TEXT_MAX], mac[MAC_TEXT_MAX];
    bool is_refused = strcmp(e->outcome, "refused") == 0;

    json_open(&json, NULL, '{');
    json_text(&json, "request", e->wish.question.is_upload ? "put" : "get");
    utf8_copy(name, sizeof name, e->wish.question.name);
    utf8_make_printable(name);
    json_text(&json, "name", name);
    json_text(&json, "client", endpoint_address_text(&e->client, client));
    json_text(&json, "mac", e->mac.source != MAC_UNKNOWN ? mac_text(e->mac.bytes, mac) : NULL);
    json_text(&json, "mode", e->wish.question.mode);
    json_text(&json, "verdict", e->outcome);
    if (is_refused)
        json_number(&json, "error", e->error_code);
    json_text(&json, "why", e->is_served ? NULL : e->why);
    json_text(&json, "rule", e->rule);
    json_text(&json, "file", e->file[0] ? e->file : NULL);
    if (e->is_served) {
        if (!e->request.is_upload)
            json_number(&json, "size", e->size);
        json_text(&json, "oack", e->oack_size > 0 ? e->oack : NULL);
        json_text(&json, "left_out", e->ungranted);
        json_number(&json, "blksize", e->agreement.blksize);
        json_number(&json, "windowsize", e->agreement.windowsize);
    }
    json_number(&json, "mtu", e->basis.config.mtu != 0 ? e->basis.config.mtu : e->mtu);
    explain_json_basis(&e->basis, &json);
    json_close(&json, '{');
    char *text = page_end(&page);
    screen_answer(text);
    free(text);
}
