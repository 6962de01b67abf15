#include "boot_feed.h"

#include "core/base/utf8.h"
#include "core/boot/boot_explain.h"

enum { LINES_MAX = 15, LINE_SIZE = 700 };

static enum boot_file_state look(void *context, const char *file, const struct endpoint *client)
{
    const struct boot_scene *scene = context;
    unsigned sum = client != NULL;

    MUST(file[0] != 0 && strlen(file) <= BOOT_FILE_MAX);
    for (const char *c = file; *c != 0; c++)
        sum += (uint8_t)*c;
    return (enum boot_file_state)(scene->files < 3 ? scene->files : sum % 3);
}

/*
 * A line that is refused says why and changes nothing, which is looked at for the last one only: it takes time. One that is
 * accepted is accepted again.
 */
static void add_line(struct boot_rules *rules, enum boot_list list, const char *line, bool is_last)
{
    static struct boot_rules before;
    struct boot_problem problem;

    if (is_last)
        memcpy(&before, rules, sizeof before);
    if (boot_rules_add(rules, list, line, &problem)) {
        MUST(problem.text[0] == 0 && rules->text_size < BOOT_TEXT_MAX);
        MUST(boot_rules_add(rules, list, line, &problem) || problem.text[0] != 0);
    } else {
        size_t name = strlen(boot_list_name(list));
        MUST(strncmp(problem.text, boot_list_name(list), name) == 0 && problem.text[name] == ',');
        MUST(strlen(problem.text) > name + 10);
        /* Texts behind text_size were never in use. */
        MUST(!is_last || memcmp(rules, &before, offsetof(struct boot_rules, texts)) == 0);
        MUST(!is_last || memcmp(rules->texts, before.texts, rules->text_size) == 0);
    }
}

void boot_feed(struct boot_scene *scene, struct feed *feed)
{
    unsigned flags = feed_byte(feed);
    struct boot_problem problem;
    char line[LINE_SIZE];

    boot_rules_init(&scene->rules);
    memset(&scene->marks, 0, sizeof scene->marks);
    scene->rules.is_pxe_on = (flags & 1) == 0;
    scene->rules.is_bootp_on = (flags & 2) == 0;
    scene->rules.style = (uint8_t)((flags >> 5 & 3) % 3);
    scene->rules.unknown = (uint8_t)(flags >> 7);
    strcpy(scene->rules.server_name, "boothost");
    scene->files = feed_byte(feed);
    scene->question =
        (struct boot_question){.rules = &scene->rules, .marks = &scene->marks, .files = {look, scene}, .now_ms = 1000};
    scene->question.arrival.is_client = (flags & 8) == 0;
    scene->question.arrival.address.port = (flags & 16) != 0 ? BOOT_PORT_PXE : 0;
    for (unsigned count = feed_below(feed, LINES_MAX + 1); count > 0; count--) {
        enum boot_list list = (enum boot_list)feed_below(feed, BOOT_LIST_COUNT);
        feed_text(feed, line, sizeof line);
        if (utf8_is_valid(span_of_text(line)))
            add_line(&scene->rules, list, line, count == 1);
    }
    if (!boot_rules_check(&scene->rules, &problem))
        MUST(problem.text[0] != 0);
}

void boot_check(const struct boot_scene *scene, const struct boot_decision *decision)
{
    static struct boot_decision again;
    static char text[BOOT_EXPLAIN_TEXT_MAX];
    unsigned lines = 0;

    boot_decide(&scene->question, &again);
    MUST(again.reason == decision->reason && again.choice.rule == decision->choice.rule);
    MUST(strcmp(again.file, decision->file) == 0 && again.reply.size == decision->reply.size);
    MUST(memcmp(again.reply.bytes, decision->reply.bytes, again.reply.size) == 0);
    MUST(endpoint_equal(&again.reply.to, &decision->reply.to));
    MUST(boot_reason_answers(decision->reason) == (decision->reply.size > 0));
    MUST(decision->reply.size <= BOOT_REPLY_MAX && decision->reason < BOOT_CLIENT_LIMIT);
    boot_explain(&scene->question, decision, text, sizeof text);
    MUST(strstr(text, boot_reason_text(decision->reason)) != NULL);
    for (const char *at = text; *at != 0; at = strchr(at, '\n') + 1) {
        MUST(strchr(at, '\n') != NULL);
        lines += strncmp(at, "answered: ", 10) == 0 || strncmp(at, "not answered: ", 14) == 0;
    }
    MUST(lines == 1);
}
