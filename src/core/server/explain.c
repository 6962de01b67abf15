#include "core/server/explain.h"

#include <stdio.h>

static bool put(uint8_t bytes[EXPLAIN_DATAGRAM_MAX], size_t *used, struct span word)
{
    if (word.size + 1 > EXPLAIN_DATAGRAM_MAX - *used)
        return false;
    memcpy(bytes + *used, word.bytes, word.size);
    bytes[*used + word.size] = 0;
    *used += word.size + 1;
    return true;
}

/* The next word of "blksize 1468 windowsize=4"; size 0 at the end. */
static struct span next_word(const char **text)
{
    static const char separators[] = " =";
    const char *word = *text + strspn(*text, separators);
    size_t size = strcspn(word, separators);

    *text = word + size;
    return span_of(word, size);
}

size_t explain_encode(const struct explain_question *question, uint8_t bytes[EXPLAIN_DATAGRAM_MAX],
                      const char **problem)
{
    const char *rest = question->options != NULL ? question->options : "";
    size_t used = 2;
    unsigned words = 0;

    write_u16(bytes, question->is_upload ? OPCODE_WRQ : OPCODE_RRQ);
    bool fits = put(bytes, &used, span_of_text(question->name)) && put(bytes, &used, span_of_text(question->mode));
    for (struct span word = next_word(&rest); word.size > 0 && fits; word = next_word(&rest)) {
        fits = put(bytes, &used, word);
        words++;
    }
    *problem = NULL;
    if (!fits)
        *problem =
            "the request would be longer than 1024 bytes, which no client sends; shorten the name or the options";
    else if (words % 2 != 0)
        *problem = "each option needs its value, as in --options \"blksize 1468 windowsize 4\"";
    return *problem == NULL ? used : 0;
}

/* The parameter in whose list the item lies. */
static const struct config_parameter *owner_of(const struct config *config, const char *item)
{
    for (size_t i = 0; i < config_parameter_count; i++) {
        const struct config_parameter *parameter = &config_parameters[i];
        if (parameter->kind != CONFIG_PATTERNS)
            continue;
        const struct text_list *list = (const void *)((const char *)config + parameter->offset);
        for (const char *each = text_list_next(list, NULL); each != NULL; each = text_list_next(list, each))
            if (each == item)
                return parameter;
    }
    return NULL;
}

/* Which list would have had to have an item, and what that item would have had to mean. */
static const struct {
    enum access_rule rule;
    const char *parameter;
    size_t offset;
    const char *lacks;
} absences[] = {
    {ACCESS_NOT_A_CLIENT, "Clients", offsetof(struct config, clients), "has no item that means this address"},
    {ACCESS_NOT_A_MASTER, "Masters", offsetof(struct config, masters), "has no item that means this address"},
    {ACCESS_NOT_READABLE, "Readable", offsetof(struct config, readable), "has no item that means this name"},
    {ACCESS_NOT_WRITABLE, "Writable", offsetof(struct config, writable), "has no item that means this name"},
    {ACCESS_NOT_ALLOWED, "Access", offsetof(struct config, access), "has no allow line that leads to this name"},
};

char *explain_rule(const struct request *request, const struct config *config, char *text, size_t size)
{
    const struct config_parameter *owner = request->rule != NULL ? owner_of(config, request->rule) : NULL;
    const char *why = request->why;

    if (owner != NULL) {
        snprintf(text, size, "%s: %s%s", owner->name, request->rule, config_policy_mark(config, owner));
        return text;
    }
    ASSERT(why != NULL);
    snprintf(text, size, "%s", why);
    for (size_t i = 0; request->verdict == REQUEST_FORBIDDEN && i < sizeof absences / sizeof absences[0]; i++) {
        const struct text_list *list = (const void *)((const char *)config + absences[i].offset);
        if (strcmp(why, access_rule_text(absences[i].rule)) == 0)
            snprintf(text, size, "%s %s%s", absences[i].parameter, list->count == 0 ? "is empty" : absences[i].lacks,
                     config_policy_mark(config, config_find(absences[i].parameter)));
    }
    return text;
}

char *explain_oack(struct span oack, char *text, size_t size)
{
    size_t used = 0;
    unsigned word = 0;

    text[0] = 0;
    for (size_t start = 2; start < oack.size && used < size; word++) {
        const char *bytes = (const char *)oack.bytes + start;
        const char *before = word % 2 != 0 ? "=" : word > 0 ? " " : "";
        used += (size_t)snprintf(text + used, size - used, "%s%s", before, bytes);
        start += strlen(bytes) + 1;
    }
    return text;
}

char *explain_ungranted(const struct packet *packet, const struct agreement *agreement, char *text, size_t size)
{
    size_t used = 0;

    text[0] = 0;
    for (unsigned i = 0; i < packet->option_count && used < size; i++) {
        enum option option = options_find(packet->options[i].name);
        bool is_granted = false;
        for (unsigned k = 0; k < agreement->granted_count; k++)
            is_granted = is_granted || agreement->granted[k] == option;
        if (!is_granted)
            used += (size_t)snprintf(text + used, size - used, "%s%.*s", used > 0 ? ", " : "",
                                     (int)packet->options[i].name.size, (const char *)packet->options[i].name.bytes);
    }
    return text;
}
