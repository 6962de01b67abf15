#include "service/explain/explain.h"

#include "core/base/utf8.h"
#include "service/explain/explain_parts.h"
#include "service/facts/facts.h"
#include "service/tell/exitcodes.h"
#include "service/words/parameters.h"
#include "service/words/verbs.h"
#include "win32/disk/locate.h"
#include "win32/net/interfaces.h"
#include "win32/system/text.h"

#include <stdarg.h>
#include <stdio.h>

enum { LINE_MAX = 1200, USER_MAX = 256 };

__attribute__((format(gnu_printf, 2, 3))) static void note(struct explanation *e, const char *format, ...)
{
    va_list values;

    if (e->note_count == EXPLAIN_NOTES_MAX)
        return;
    va_start(values, format);
    vsnprintf(e->notes[e->note_count++], sizeof e->notes[0], format, values);
    va_end(values);
}

/* -- what was typed ------------------------------------------------------------------------------------------------ */

static int read_valued(struct explain_wish *wish, char **words)
{
    const struct {
        const char *option;
        const char **value;
    } options[] = {
        {"--client", &wish->client},      {"--options", &wish->question.options}, {"--mtu", &wish->mtu},
        {"--mode", &wish->question.mode}, {"--service", &wish->service},
    };

    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        int used = verbs_option(words, options[i].option, options[i].value);
        if (used > 0)
            return used;
    }
    return 0;
}

static int read_words(struct explain_wish *wish, char **words)
{
    struct config_problem problem;
    static const char known[] = "known are --client, --options, --mode, --mtu, --service, --set, -d and --json";

    for (int used; *words != NULL; words += used) {
        used = read_valued(wish, words);
        if (used == 0 && strcmp(words[0], "--json") == 0) {
            wish->is_json = true;
            used = 1;
        }
        bool is_argument =
            strncmp(words[0], "--set", 5) == 0 || (words[0][0] == '-' && ascii_lower(words[0][1]) == 'd');
        if (used == 0 && is_argument) {
            used = arguments_read(&wish->arguments, words[0], words[1], &problem);
            if (used == 0)
                return verbs_complain(VERB_EXPLAIN, "%.200s: %s", words[0], problem.text);
        }
        if (used == 0)
            return verbs_complain(VERB_EXPLAIN, "%.200s: %s", words[0],
                                  words[0][0] == '-' && words[1] == NULL ? "is unknown, or its value is missing"
                                                                         : known);
    }
    return 0;
}

static int judge_wish(struct explanation *e)
{
    const struct explain_wish *wish = e->wish;
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
    e->client.port = EXPLAIN_CLIENT_PORT;
    e->mtu = (uint32_t)mtu;
    return 0;
}

/* -- what the service knows ---------------------------------------------------------------------------------------- */

static void on_rejected(void *context, enum config_source source, const struct config_parameter *parameter,
                        const struct config_problem *problem)
{
    struct explanation *e = context;
    char value[CONFIG_PROBLEM_MAX / 4];

    note(e, "%s%s; judged with \"%s\"", source == CONFIG_FROM_POLICY ? "the policy " : "", problem->text,
         config_value_text(&e->config, parameter, value, sizeof value));
}

static void on_overruled(void *context, const struct config_parameter *parameter, const char *argument)
{
    struct explanation *e = context;
    char key[REGISTRY_KEY_MAX];

    note(e, "%.120s has no effect: %s is set by a policy in %.120s", argument, parameter->name,
         registry_key(e->wish->service, CONFIG_FROM_POLICY, key));
}

/* The ImagePath's arguments first, then those typed, which win. */
static int load(struct explanation *e, struct explain_wish *wish, struct facts_service *service)
{
    static struct arguments typed;
    struct config_problem problem;
    struct registry_report report = {on_rejected, NULL, on_overruled, e};
    char reason[PARAMETERS_REASON_MAX];

    typed = wish->arguments;
    memset(&wish->arguments, 0, sizeof wish->arguments);
    facts_service_read(service, wish->service);
    if (service->error == ERROR_SERVICE_DOES_NOT_EXIST)
        note(e, "no service %.80s is installed; judged by its registry key, or the defaults", wish->service);
    else if (service->error != 0)
        note(e, "the service's ImagePath cannot be read: %.150s", text_of_error(service->error).text);
    else if (!facts_image_arguments(&service->image, &wish->arguments, &problem))
        note(e, "the service would not start with its ImagePath: %s", problem.text);
    if (typed.directory[0] != 0)
        memcpy(wish->arguments.directory, typed.directory, sizeof typed.directory);
    for (size_t i = 0; i < typed.set_count && wish->arguments.set_count < ARGUMENTS_SET_MAX; i++)
        wish->arguments.set[wish->arguments.set_count++] = typed.set[i];
    if (parameters_load(&e->config, wish->service, &wish->arguments, NULL, &report, reason) != EXIT_OK)
        return verbs_complain(VERB_EXPLAIN, "%s", reason);
    return 0;
}

static void name_rights(struct explanation *e, const struct facts_service *service)
{
    wchar_t wide[USER_MAX];
    char user[USER_MAX * 3] = "you";
    DWORD length = USER_MAX;

    if (GetUserNameW(wide, &length))
        text_from_wide(wide, user, sizeof user);
    snprintf(e->rights, sizeof e->rights, "looked at files with the rights of %.200s; the service's account is %.200s",
             user, service->account[0] ? service->account : "not known here");
}

/* -- the judgement ------------------------------------------------------------------------------------------------- */

static void locate(struct explanation *e, struct root *root)
{
    struct opened_file opened;
    struct upload upload;

    if (e->request.is_upload) {
        e->status = locate_upload(&e->request, &e->config, root, &e->client, &upload);
        locate_detail(e->status, &upload, e->detail, sizeof e->detail);
        if (e->status != STATUS_OK)
            return;
        char directory[EXPLAIN_FILE_MAX / 2];
        snprintf(e->file, sizeof e->file, "%s\\%s", file_final_text(upload.parent, directory, sizeof directory),
                 path_leaf(upload.path));
        upload_close(&upload);
        return;
    }
    e->status = locate_download(&e->request, &e->config, root, &e->client, &opened);
    if (e->status != STATUS_OK)
        return;
    file_final_text(opened.handle, e->file, sizeof e->file);
    e->size = opened.identity.size;
    CloseHandle(opened.handle);
}

static void agree(struct explanation *e)
{
    uint8_t bytes[PACKET_CONTROL_SIZE_MAX];
    struct option_limits limits = request_option_limits(&e->request, &e->config, &e->client, e->mtu, false);
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

    explain_rule(request, &e->config, e->rule, sizeof e->rule);
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

    request_judge(&e->request, &e->config, &e->client, datagram);
    if (e->request.verdict == REQUEST_OK) {
        DWORD error = root_open(&root, e->config.directory);
        if (error != 0) {
            e->outcome = "no service";
            snprintf(
                e->why, sizeof e->why,
                "the start directory %.500s cannot be opened, so the service cannot start: %.150s; create it, or set "
                "the parameter Directory to one that exists",
                e->config.directory, text_of_error(error).text);
            snprintf(e->rule, sizeof e->rule, "Directory: %.800s%s", e->config.directory,
                     config_policy_mark(&e->config, config_find("Directory")));
            note(e, "a service that runs already refuses it with ERROR %u: %s", status_error_code(STATUS_ROOT_LOST),
                 status_text(STATUS_ROOT_LOST));
            return;
        }
        locate(e, root);
        utf8_make_printable(e->file);
        root_release(root);
    }
    conclude(e);
}

int explain_run(char **words)
{
    static struct explain_wish wish;
    static struct explanation e;
    static struct facts_service service;
    const char *problem;
    int code;

    wish = (struct explain_wish){.question = {.mode = "octet"}, .service = "tftpd"};
    e = (struct explanation){.wish = &wish};
    if (words[0] == NULL || (strcmp(words[0], "get") != 0 && strcmp(words[0], "put") != 0))
        return verbs_complain(VERB_EXPLAIN, "%.200s%ssay what the client would do: get or put",
                              words[0] ? words[0] : "", words[0] ? ": " : "");
    if (words[1] == NULL)
        return verbs_complain(VERB_EXPLAIN, "the name of the file is missing");
    wish.question.is_upload = words[0][0] == 'p';
    wish.question.name = words[1];
    code = read_words(&wish, words + 2);
    if (code == 0)
        code = judge_wish(&e);
    if (code == 0)
        code = load(&e, &wish, &service);
    if (code != 0)
        return code;
    size_t size = explain_encode(&wish.question, e.datagram, &problem);
    if (size == 0)
        return verbs_complain(VERB_EXPLAIN, "%s", problem);
    /* The interface that leads to the client stands for the one that its request would come in on. */
    if (wish.mtu == NULL)
        e.mtu = interfaces_mtu_towards(&e.client);
    name_rights(&e, &service);
    judge(&e, span_of(e.datagram, size));
    (wish.is_json ? explain_print_json : explain_print_text)(&e);
    return e.is_served ? EXPLAIN_SERVED : EXPLAIN_REFUSED;
}
