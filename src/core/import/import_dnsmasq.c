#include "core/import/import_dnsmasq.h"

#include "core/dhcp/machine.h"
#include "core/import/ini.h"
#include "core/names/path.h"

#include <stdio.h>

/* -- a line ---------------------------------------------------------------------------------------------------------- */

/* Fields between commas, without blanks around them; quotation marks hold one together. False if there are too many. */
static bool split(struct span value, struct fields *fields)
{
    bool is_quoted = false;
    size_t used = 0;

    fields->count = 0;
    for (size_t i = 0; i <= value.size; i++) {
        char c = i < value.size ? (char)value.bytes[i] : ',';
        bool is_comment = c == '#' && !is_quoted && i > 0 && value.bytes[i - 1] == ' ';
        if (i == value.size || is_comment || (c == ',' && !is_quoted)) {
            if (fields->count == FIELDS_MAX)
                return false;
            char *text = fields->text[fields->count++];
            while (used > 0 && text[used - 1] == ' ')
                used--;
            text[used] = 0;
            used = 0;
            if (is_comment)
                return true;
        } else if (c == '"') {
            is_quoted = !is_quoted;
        } else if (fields->count < FIELDS_MAX && used + 1 < FIELD_MAX && (used > 0 || is_quoted || c != ' ')) {
            fields->text[fields->count][used++] = c;
        }
    }
    return true;
}

void dnsmasq_left(struct dnsmasq *d, const char *instead, const char *why)
{
    char whole[FIELD_MAX] = "", shown[IMPORT_SHOWN_MAX];

    for (size_t i = 0; i < d->fields.count; i++) {
        size_t used = strlen(whole);
        snprintf(whole + used, sizeof whole - used, "%s%.80s", i > 0 ? "," : "", d->fields.text[i]);
    }
    import_complain(d->import, d->name, instead, "\"%s\": %s", path_printable(span_of_text(whole), shown, sizeof shown),
                    why);
}

/* What is behind the prefix ("set:"), or NULL. */
const char *dnsmasq_behind(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);

    return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

/* -- tags ------------------------------------------------------------------------------------------------------------ */

const struct tag *dnsmasq_tag(const struct dnsmasq *d, const char *name)
{
    for (size_t i = 0; i < d->tag_count; i++)
        if (strcmp(d->tags[i].name, name) == 0)
            return &d->tags[i];
    return NULL;
}

static struct tag *get_tag(struct dnsmasq *d, const char *name, enum tag_kind kind)
{
    const struct tag *known = dnsmasq_tag(d, name);

    if (known != NULL)
        return known->kind == kind ? &d->tags[known - d->tags] : NULL;
    if (d->tag_count == TAGS_MAX)
        return NULL;
    struct tag *tag = &d->tags[d->tag_count++];
    *tag = (struct tag){.kind = kind};
    snprintf(tag->name, sizeof tag->name, "%s", name);
    return tag;
}

/* "x64" for 7, "33" for one that has no word. */
const char *dnsmasq_machine(const char *number, char text[16])
{
    uint64_t value;
    const struct architecture *known =
        span_to_number(span_of_text(number), UINT16_MAX, &value) ? architecture_find((uint16_t)value) : NULL;

    snprintf(text, 16, "%.15s", known != NULL && known->word != NULL ? known->word : number);
    return text;
}

/* Is it one of those between the commas. */
static bool has_word(const char *list, const char *word)
{
    size_t length = strlen(word);

    for (; *list != 0; list += strcspn(list, ",") + (list[strcspn(list, ",")] == ','))
        if (strcspn(list, ",") == length && strncmp(list, word, length) == 0)
            return true;
    return false;
}

/* Adds a machine to those that get the tag. */
static void tag_machine(struct dnsmasq *d, const char *name, const char *word)
{
    struct tag *tag = get_tag(d, name, TAG_MACHINES);
    size_t used = tag != NULL ? strlen(tag->machines) : 0;

    if (tag != NULL && !has_word(tag->machines, word))
        snprintf(tag->machines + used, sizeof tag->machines - used, "%s%s", used > 0 ? "," : "", word);
}

/* Its name: "set:efi64", of old "net:efi64", or "efi64" alone. */
static const char *set_name(const char *field)
{
    const char *name = dnsmasq_behind(field, "set:");

    if (name == NULL)
        name = dnsmasq_behind(field, "net:");
    return name != NULL ? name : field;
}

/* dhcp-match=set:efi64,option:client-arch,7; set:ipxe,175 */
static void tag_match(struct dnsmasq *d)
{
    const char *name = set_name(d->fields.text[0]);
    const char *option = d->fields.count > 1 ? d->fields.text[1] : "";
    char word[16];

    if (dnsmasq_behind(option, "option:") != NULL)
        option = dnsmasq_behind(option, "option:");
    if (strcmp(option, "175") == 0)
        tag_machine(d, name, "ipxe");
    else if (strcmp(option, "client-arch") == 0 || strcmp(option, "93") == 0)
        for (size_t i = 2; i < d->fields.count; i++)
            tag_machine(d, name, dnsmasq_machine(d->fields.text[i], word));
}

/* dhcp-vendorclass=set:efi64,PXEClient:Arch:00007 */
static void tag_class(struct dnsmasq *d)
{
    const char *arch = d->fields.count > 1 ? strstr(d->fields.text[1], "Arch:") : NULL;
    char number[8], word[16];
    size_t digits;

    if (arch == NULL)
        return;
    arch += strlen("Arch:");
    arch += strspn(arch, "0");
    digits = strspn(arch, "0123456789");
    snprintf(number, sizeof number, "%.*s", digits < sizeof number ? (int)digits : 0, arch);
    if (digits == 0)
        snprintf(number, sizeof number, "0");
    tag_machine(d, set_name(d->fields.text[0]), dnsmasq_machine(number, word));
}

static void tag_user_class(struct dnsmasq *d)
{
    if (d->fields.count > 1 && strcmp(d->fields.text[1], "iPXE") == 0)
        tag_machine(d, set_name(d->fields.text[0]), "ipxe");
}

static void keep_host(struct dnsmasq *d, const char *mac, const char *tag)
{
    struct host *host = &d->hosts[d->host_count];

    if (d->host_count == HOSTS_MAX)
        return;
    d->host_count++;
    snprintf(host->mac, sizeof host->mac, "%.31s", mac);
    snprintf(host->tag, sizeof host->tag, "%.63s", tag);
    if (tag[0] != 0)
        get_tag(d, tag, TAG_HOSTS);
}

/* dhcp-mac=set:red,00:60:8C:*:*:* */
static void tag_mac(struct dnsmasq *d)
{
    char mac[FIELD_MAX];

    snprintf(mac, sizeof mac, "%s", d->fields.count > 1 ? d->fields.text[1] : "");
    char *star = strchr(mac, '*');
    if (star != NULL)
        star[1] = 0;
    keep_host(d, mac, set_name(d->fields.text[0]));
}

bool dnsmasq_is_mac(const char *text)
{
    struct who who;

    return who_parse(&who, span_of_text(text)) && who_is_card(&who);
}

/* dhcp-host=00:20:e0:3b:13:af,set:red,192.168.0.60 */
static void tag_host(struct dnsmasq *d)
{
    const char *tag = "";

    for (size_t i = 0; i < d->fields.count; i++)
        if (dnsmasq_behind(d->fields.text[i], "set:") != NULL || dnsmasq_behind(d->fields.text[i], "net:") != NULL)
            tag = set_name(d->fields.text[i]);
    for (size_t i = 0; i < d->fields.count; i++)
        if (dnsmasq_is_mac(d->fields.text[i]))
            keep_host(d, d->fields.text[i], tag);
}

static void tag_ignore(struct dnsmasq *d)
{
    const char *tag = d->fields.text[0];

    d->ignores_unknown = d->ignores_unknown || strcmp(tag, "tag:!known") == 0 || strcmp(tag, "#known") == 0;
}

/* -- all of them ----------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    dnsmasq_taker *tag;  /* on the first walk */
    dnsmasq_taker *take; /* on the second */
} settings[] = {
    {"dhcp-match", tag_match, NULL},
    {"dhcp-vendorclass", tag_class, NULL},
    {"dhcp-userclass", tag_user_class, NULL},
    {"dhcp-mac", tag_mac, NULL},
    {"dhcp-host", tag_host, dnsmasq_take_host},
    {"dhcp-ignore", tag_ignore, dnsmasq_take_ignore},
    {"dhcp-boot", NULL, dnsmasq_take_boot},
    {"pxe-service", NULL, dnsmasq_take_service},
    {"pxe-prompt", NULL, dnsmasq_take_prompt},
    {"tftp-root", NULL, dnsmasq_take_root},
    {"tftp-port-range", NULL, dnsmasq_take_port_range},
    {"tftp-max", NULL, dnsmasq_take_max},
    {"dhcp-range", NULL, dnsmasq_take_range},
    {"dhcp-option", NULL, dnsmasq_take_option},
    {"dhcp-option-force", NULL, dnsmasq_take_option},
    {"conf-file", NULL, dnsmasq_take_file},
    {"conf-dir", NULL, dnsmasq_take_file},
};

static void look_at(struct dnsmasq *d, const struct ini_line *line, bool is_first_walk)
{
    size_t i = 0;

    while (i < sizeof settings / sizeof *settings && !import_is_named(line->name, settings[i].name))
        i++;
    if (i == sizeof settings / sizeof *settings) {
        d->others += is_first_walk;
        return;
    }
    d->name = settings[i].name;
    d->import->has_section = true;
    dnsmasq_taker *take = is_first_walk ? settings[i].tag : settings[i].take;
    bool is_whole = split(line->value, &d->fields);
    if (!is_whole && !is_first_walk)
        dnsmasq_left(d, NULL, "it has more fields than any line has");
    if (is_whole && take != NULL)
        take(d);
}

static void walk(struct dnsmasq *d, struct span text, bool is_first_walk)
{
    struct ini ini;
    struct ini_line line;

    ini_begin(&ini, text);
    while (ini_next(&ini, &line)) {
        if (line.kind == INI_SETTING)
            look_at(d, &line, is_first_walk);
        else
            d->others += is_first_walk;
    }
}

void import_read_dnsmasq(struct import *import, struct span text)
{
    struct dnsmasq d;

    memset(&d, 0, sizeof d);
    d.import = import;
    d.rules = d.last = (struct import_lines){.name = "dhcp-boot, pxe-service", .parameter = "PxeBoot"};
    d.machines = (struct import_lines){.name = "dhcp-host, dhcp-mac", .parameter = "PxeHosts"};
    d.menu = (struct import_lines){.name = "pxe-service", .parameter = "PxeMenu"};
    walk(&d, text, true);
    walk(&d, text, false);
    dnsmasq_conclude(&d);
}
