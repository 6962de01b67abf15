#include "service/explain/explain.h"

#include "core/base/utf8.h"
#include "core/dhcp/identity.h"
#include "service/explain/explain_parts.h"
#include "service/words/verbs.h"
#include "win32/disk/locate.h"
#include "win32/net/interfaces.h"
#include "win32/net/neighbours.h"
#include "win32/system/text.h"

#include <stdio.h>

/* In each form in which PxeHosts takes a MAC. */
static bool read_mac(struct mac *mac, const char *text)
{
    struct who who;

    if (!who_parse(&who, span_of_text(text)) || !who_is_card(&who) || !mac_is_of_card(who.bytes))
        return false;
    memcpy(mac->bytes, who.bytes, MAC_SIZE);
    return true;
}

static int judge_wish(struct explanation *e)
{
    const struct explain_wish *wish = &e->wish;
    uint64_t mtu = 0;

    if (wish->client == NULL)
        return verbs_complain(
            VERB_EXPLAIN, "--client: the client's address is missing, and rules depend on it; add --client 10.0.0.5");
    if (!endpoint_parse_address(&e->client, span_of_text(wish->client)))
        return verbs_complain(VERB_EXPLAIN,
                              "%.200s: this is not an IPv4 or IPv6 address; give one such as 10.0.0.5 or fd00::5",
                              wish->client);
    if (wish->mtu != NULL && !span_to_number(span_of_text(wish->mtu), UINT16_MAX, &mtu))
        return verbs_complain(
            VERB_EXPLAIN, "%.200s: --mtu takes a number of bytes from 0 (unknown) to 65535, such as 1500", wish->mtu);
    if (wish->mac != NULL && !read_mac(&e->mac, wish->mac))
        return verbs_complain(VERB_EXPLAIN, "%.200s: this is not the MAC of a card; give one such as 52:54:00:12:34:56",
                              wish->mac);
    e->mac.source = wish->mac != NULL ? MAC_BY_NEIGHBOUR : MAC_UNKNOWN;
    e->client.port = EXPLAIN_CLIENT_PORT;
    e->mtu = (uint32_t)mtu;
    return 0;
}

/* As the service finds it, but for what it has heard by BOOTP. */
static void find_mac(struct explanation *e)
{
    struct neighbours *neighbours;

    if (e->basis.config.client_directories != CLIENT_DIRECTORIES_MAC || e->wish.mac != NULL)
        return;
    neighbours = neighbours_open(NULL);
    if (neighbours != NULL)
        e->mac = neighbours_find(neighbours, &e->client, 0);
    neighbours_close(neighbours);
    if (e->mac.source == MAC_UNKNOWN)
        explain_note(
            &e->basis,
            "this machine's neighbour table does not have its MAC, so no folder of ClientDirectories is its own; with "
            "--mac it is judged as if it had");
}

/* -- the judgement ------------------------------------------------------------------------------------------------- */

static void locate(struct explanation *e, struct root *root)
{
    struct opened_file opened;
    struct upload upload;

    if (e->request.is_upload) {
        e->status = locate_upload(&e->request, &e->basis.config, root, &e->client, &e->mac, &upload);
        locate_detail(e->status, &upload, e->detail, sizeof e->detail);
        if (e->status != STATUS_OK)
            return;
        char directory[EXPLAIN_FILE_MAX / 2];
        snprintf(e->file, sizeof e->file, "%s\\%s", file_final_text(upload.parent, directory, sizeof directory),
                 path_leaf(upload.path));
        upload_close(&upload);
        return;
    }
    e->status = locate_download(&e->request, &e->basis.config, root, &e->client, &e->mac, &opened);
    if (e->status != STATUS_OK)
        return;
    file_final_text(opened.handle, e->file, sizeof e->file);
    e->size = opened.identity.size;
    CloseHandle(opened.handle);
}

static void agree(struct explanation *e)
{
    uint8_t bytes[PACKET_CONTROL_SIZE_MAX];
    struct option_limits limits = request_option_limits(&e->request, &e->basis.config, &e->client, e->mtu, false);
    struct option_facts facts = {
        .is_upload = e->request.is_upload,
        .is_netascii = e->request.is_netascii,
        .file_size = e->size,
    };

    e->agreement = options_agree(&e->request.packet, &limits, &facts);
    explain_ungranted(&e->request.packet, &e->agreement, e->ungranted, sizeof e->ungranted);
    if (e->agreement.granted_count == 0)
        return;
    e->oack_size = options_encode_oack(bytes, &e->agreement);
    explain_oack(span_of(bytes, e->oack_size), e->oack, sizeof e->oack);
}

static void conclude(struct explanation *e)
{
    const struct request *request = &e->request;

    explain_rule(request, &e->basis.config, e->rule, sizeof e->rule);
    if (request->verdict == REQUEST_DROP) {
        e->outcome = "dropped";
        snprintf(e->why, sizeof e->why, "%s", request->why);
    } else if (request->verdict != REQUEST_OK) {
        e->outcome = "refused";
        e->error_code = request->error_code;
        snprintf(e->why, sizeof e->why, "%s", request->why);
    } else if (e->status != STATUS_OK) {
        e->outcome = "refused";
        e->error_code = status_error_code(e->status);
        snprintf(e->why, sizeof e->why, "%s%s", status_text(e->status), e->detail);
        snprintf(e->rule, sizeof e->rule, "the file system; the parameters would have allowed it");
    } else {
        e->outcome = "served";
        e->is_served = true;
        agree(e);
    }
}

/* The walk of a request as win32/server/intake takes it, with the same calls. */
static void judge(struct explanation *e, struct span datagram)
{
    struct root *root;

    request_judge(&e->request, &e->basis.config, &e->client, datagram);
    if (e->request.verdict == REQUEST_OK) {
        DWORD error = root_open(&root, e->basis.config.directory);
        if (error != 0) {
            e->outcome = "no service";
            snprintf(
                e->why, sizeof e->why,
                "the start directory %.500s cannot be opened, so the service cannot start: %.150s; create it, or set "
                "the parameter Directory to one that exists",
                e->basis.config.directory, text_of_error(error).text);
            snprintf(e->rule, sizeof e->rule, "Directory: %.800s%s", e->basis.config.directory,
                     config_policy_mark(&e->basis.config, config_find("Directory")));
            explain_note(&e->basis, "a service that runs already refuses it with ERROR %u: %s",
                         status_error_code(STATUS_ROOT_LOST), status_text(STATUS_ROOT_LOST));
            return;
        }
        locate(e, root);
        utf8_make_printable(e->file);
        root_release(root);
    }
    conclude(e);
}

static int read_words(struct explanation *e, char **words)
{
    const struct explain_option options[] = {
        {"--client", &e->wish.client, NULL},
        {"--options", &e->wish.question.options, NULL},
        {"--mtu", &e->wish.mtu, NULL},
        {"--mac", &e->wish.mac, NULL},
        {"--mode", &e->wish.question.mode, NULL},
    };

    return explain_read_words(&e->basis, words, options, sizeof options / sizeof *options,
                              "--client, --mac, --options, --mode, --mtu");
}

static int explain_request(bool is_upload, char **words)
{
    static struct explanation e;
    const char *problem;

    if (words[0] == NULL || strncmp(words[0], "--", 2) == 0)
        return verbs_complain(VERB_EXPLAIN, "the name of the file is missing; it stands before options");
    e = (struct explanation){.basis.service = "tftpd",
                             .wish.question = {.mode = "octet", .is_upload = is_upload, .name = words[0]}};
    int code = read_words(&e, words + 1);
    if (code == 0)
        code = judge_wish(&e);
    if (code == 0)
        code = explain_load(&e.basis);
    if (code != 0)
        return code;
    size_t size = explain_encode(&e.wish.question, e.datagram, &problem);
    if (size == 0)
        return verbs_complain(VERB_EXPLAIN, "%s", problem);
    /* The interface that leads to the client stands for the one that its request would come in on. */
    if (e.wish.mtu == NULL)
        e.mtu = interfaces_mtu_towards(&e.client);
    find_mac(&e);
    judge(&e, span_of(e.datagram, size));
    (e.basis.is_json ? explain_print_json : explain_print_text)(&e);
    return e.is_served ? EXPLAIN_SERVED : EXPLAIN_REFUSED;
}

int explain_run(char **words)
{
    if (words[0] != NULL && strcmp(words[0], "boot") == 0)
        return explain_boot_run(words + 1);
    if (words[0] != NULL && (strcmp(words[0], "get") == 0 || strcmp(words[0], "put") == 0))
        return explain_request(words[0][0] == 'p', words + 1);
    return verbs_complain(VERB_EXPLAIN, "%.200s%ssay what the client would do: get, put or boot",
                          words[0] ? words[0] : "", words[0] ? ": " : "");
}
