#include "core/import/import_dnsmasq.h"

#include "core/names/path.h"

#include <stdio.h>

/* -- single lines -------------------------------------------------------------------------------------------------------- */

/* Whom a line is for: its tags, which stand first. next is the first field behind them. */
struct wanted {
    size_t next;
    const struct tag *tag; /* NULL: everybody */
    const char *problem;   /* why it cannot be said here, or NULL */
};

static struct wanted want(struct dnsmasq *d)
{
    struct wanted wanted = {0, NULL, NULL};

    for (; wanted.next < d->fields.count; wanted.next++) {
        const char *field = d->fields.text[wanted.next];
        const char *name = dnsmasq_behind(field, "tag:");
        if (name == NULL)
            name = dnsmasq_behind(field, "net:");
        if (name == NULL)
            break;
        bool is_not = name[0] == '!' || name[0] == '#';
        const struct tag *tag = dnsmasq_tag(d, name + is_not);
        /* What is not for iPXE need not say so: no line is that does not name it. */
        if (is_not && tag != NULL && strcmp(tag->machines, "ipxe") == 0)
            continue;
        if (is_not)
            wanted.problem = "a line is for machines that have something, and cannot be for those that have not";
        else if (tag == NULL)
            wanted.problem = "nothing that is understood here sets this tag";
        else if (wanted.tag != NULL && wanted.tag != tag)
            wanted.problem = "a line has one condition, and this needs two";
        wanted.tag = tag;
    }
    return wanted;
}

static const char *server_part(const char *address, char *text, size_t size)
{
    struct endpoint server;
    bool is_one = endpoint_parse_address(&server, span_of_text(address)) && !endpoint_is_unspecified(&server);

    snprintf(text, size, is_one ? " server %s" : "%.0s", address);
    return text;
}

static void add_boot(struct dnsmasq *d, const struct tag *tag, const char *file, const char *server)
{
    char word[FIELD_MAX + 2], more[ENDPOINT_TEXT_MAX + 8];

    import_word(file, word, sizeof word);
    server_part(server, more, sizeof more);
    if (tag == NULL) {
        import_add_line(d->import, &d->last, "any = %s%s", word, more);
        return;
    }
    if (tag->kind == TAG_MACHINES) {
        import_add_line(d->import, &d->rules, "%s = %s%s", tag->machines, word, more);
        return;
    }
    for (size_t i = 0; i < d->host_count; i++)
        if (strcmp(d->hosts[i].tag, tag->name) == 0)
            import_add_line(d->import, &d->machines, "%s = %s%s", d->hosts[i].mac, word, more);
}

/* dhcp-boot=tag:efi64,boot/x64.efi,name,10.0.0.9 */
void dnsmasq_take_boot(struct dnsmasq *d)
{
    struct wanted wanted = want(d);
    size_t left_over = d->fields.count - wanted.next;
    const char *file = left_over > 0 ? d->fields.text[wanted.next] : "";

    if (wanted.problem != NULL || file[0] == 0)
        dnsmasq_left(d, "write a line of PxeBoot or PxeHosts",
                     wanted.problem != NULL ? wanted.problem : "it names no file");
    else
        add_boot(d, wanted.tag, file, left_over > 2 ? d->fields.text[wanted.next + 2] : "");
}

/* The words of dnsmasq for architectures, in the order of their numbers. */
static const char *service_machine(const char *csa, char word[16])
{
    static const char *const words[] = {
        "x86PC",    "PC98",       "IA64_EFI",   "Alpha",  "Arc_x86",   "Intel_Lean_Client",
        "IA32_EFI", "x86-64_EFI", "Xscale_EFI", "BC_EFI", "ARM32_EFI", "ARM64_EFI"};
    char number[8];

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (import_is_named(span_of_text(csa), words[i])) {
            snprintf(number, sizeof number, "%u", (unsigned)i);
            return dnsmasq_machine(number, word);
        }
    uint64_t value;
    return span_to_number(span_of_text(csa), UINT16_MAX, &value) ? dnsmasq_machine(csa, word) : NULL;
}

/* A name without an ending gets ".0", the layer that is asked for; 0 is the disk; another number a boot server elsewhere. */
static bool service_file(struct service *service, const char *base)
{
    uint64_t type;

    if (base[0] == 0 || strcmp(base, "0") == 0)
        snprintf(service->file, sizeof service->file, "local");
    else if (span_to_number(span_of_text(base), UINT16_MAX, &type))
        return false;
    else
        snprintf(service->file, sizeof service->file, "%.240s%s", base,
                 strchr(path_leaf(base), '.') == NULL ? ".0" : "");
    return true;
}

/* x64 has two numbers here, and often the same line twice. */
static bool has_service(const struct dnsmasq *d, const struct service *service)
{
    for (size_t i = 0; i < d->service_count; i++)
        if (strcmp(d->services[i].machine, service->machine) == 0 && strcmp(d->services[i].file, service->file) == 0)
            return true;
    return false;
}

/* pxe-service=x86PC,"Install",pxelinux,10.0.0.9 */
void dnsmasq_take_service(struct dnsmasq *d)
{
    struct wanted wanted = want(d);
    struct service service = {.file = ""};
    char(*fields)[FIELD_MAX] = d->fields.text + wanted.next;
    size_t left_over = d->fields.count - wanted.next;
    char word[16];

    if (wanted.problem != NULL || wanted.tag != NULL) {
        dnsmasq_left(d, "write a line of PxeMenu",
                     wanted.problem != NULL ? wanted.problem : "an entry of the menu has no tag");
        return;
    }
    const char *machine = left_over > 1 ? service_machine(fields[0], word) : NULL;
    if (machine == NULL || d->service_count == SERVICES_MAX) {
        dnsmasq_left(d, NULL, machine == NULL ? "it is for no machine that is known" : "the menu has no room for more");
        return;
    }
    snprintf(service.machine, sizeof service.machine, "%s", machine);
    snprintf(service.text, sizeof service.text, "%.127s", fields[1]);
    if (left_over > 3)
        snprintf(service.server, sizeof service.server, "%.71s", fields[3]);
    if (!service_file(&service, left_over > 2 ? fields[2] : ""))
        dnsmasq_left(d, "name its file", "it leaves the file to a boot server of this number");
    else if (!has_service(d, &service))
        d->services[d->service_count++] = service;
}

/* pxe-prompt="Press F8",10 */
void dnsmasq_take_prompt(struct dnsmasq *d)
{
    struct wanted wanted = want(d);
    size_t left_over = d->fields.count - wanted.next;
    char line[FIELD_MAX + 16];

    if (left_over == 0)
        return;
    snprintf(line, sizeof line, "%s %s", left_over > 1 ? d->fields.text[wanted.next + 1] : "wait",
             d->fields.text[wanted.next]);
    struct import_value value = import_text(line);
    import_set(d->import, d->name, "PxePrompt", &value, NULL);
}

void dnsmasq_take_host(struct dnsmasq *d)
{
    bool is_ignored = false;

    for (size_t i = 0; i < d->fields.count; i++)
        is_ignored = is_ignored || strcmp(d->fields.text[i], "ignore") == 0;
    for (size_t i = 0; i < d->fields.count; i++) {
        if (!dnsmasq_is_mac(d->fields.text[i]))
            continue;
        if (is_ignored)
            import_add_line(d->import, &d->machines, "%s = ignore", d->fields.text[i]);
        else if (d->ignores_unknown)
            import_add_line(d->import, &d->machines, "%s = answer", d->fields.text[i]);
    }
}

void dnsmasq_take_root(struct dnsmasq *d)
{
    struct import_value value = import_text(d->fields.text[0]);
    const char *path = d->fields.text[0];

    if (path[0] != 0 && (path[1] == ':' || (path[0] == '\\' && path[1] == '\\')))
        import_set(d->import, d->name, "Directory", &value, NULL);
    else
        dnsmasq_left(d, "copy the files, and set Directory to where they are now", "it is a path of another system");
}

void dnsmasq_take_port_range(struct dnsmasq *d)
{
    char text[IMPORT_PORTS_MAX];

    snprintf(text, sizeof text, "%.20s-%.20s", d->fields.text[0], d->fields.count > 1 ? d->fields.text[1] : "");
    struct import_value value = import_text(text);
    import_set(d->import, d->name, "PortRange", &value, NULL);
}

void dnsmasq_take_max(struct dnsmasq *d)
{
    struct import_value value = import_text(d->fields.text[0]);

    import_set(d->import, d->name, "MaxTransfers", &value, NULL);
}

void dnsmasq_take_ignore(struct dnsmasq *d)
{
    struct import_value value = import_text("ignore");

    if (d->ignores_unknown)
        import_set(d->import, d->name, "PxeUnknown", &value, "those that dhcp-host names are in PxeHosts");
    else
        dnsmasq_left(d, "write a line of PxeHosts that ends in = ignore", "it goes by a tag");
}

void dnsmasq_take_range(struct dnsmasq *d)
{
    for (size_t i = 0; i < d->fields.count; i++)
        if (strcmp(d->fields.text[i], "proxy") == 0)
            return;
    dnsmasq_left(d, "let a DHCP server give them; it needs no options about booting",
                 "it gives addresses, and none is given here but by BootpHosts");
}

void dnsmasq_take_option(struct dnsmasq *d)
{
    dnsmasq_left(d, "a line of PxeBoot takes options, as in option 209=pxelinux.cfg/default",
                 "options are sent with a boot file alone, and stand in its line");
}

void dnsmasq_take_file(struct dnsmasq *d)
{
    dnsmasq_left(d, "import that file, too", "what it holds is not looked at");
}

/* -- what has come together ------------------------------------------------------------------------------------------ */

static bool is_menu(const struct dnsmasq *d)
{
    for (size_t i = 0; i < d->service_count; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(d->services[i].machine, d->services[k].machine) == 0)
                return true;
    return false;
}

/* One service of a machine is its boot file; where there are more of one they are a menu, whose first is the default. */
static void add_services(struct dnsmasq *d)
{
    struct import_value style = import_text("menu");
    bool has_menu = is_menu(d);
    char word[FIELD_MAX + 2], more[ENDPOINT_TEXT_MAX + 8];

    for (size_t i = 0; i < d->service_count; i++) {
        const struct service *service = &d->services[i];
        bool is_local = strcmp(service->file, "local") == 0;
        import_word(service->file, word, sizeof word);
        server_part(is_local ? "" : service->server, more, sizeof more);
        if (has_menu)
            import_add_line(d->import, &d->menu, "%s = %s%s for %s", service->text, word, more, service->machine);
        bool is_first = true;
        for (size_t k = 0; k < i; k++)
            is_first = is_first && strcmp(service->machine, d->services[k].machine) != 0;
        if (is_first)
            import_add_line(d->import, &d->rules, "%s = %s%s", service->machine, word, more);
    }
    import_set_lines(d->import, &d->menu, NULL);
    if (d->menu.count > 0)
        import_set(d->import, "pxe-service", "PxeStyle", &style, "there is a choice");
}

/* Those for one kind of machine stand before those for all. */
void dnsmasq_conclude(struct dnsmasq *d)
{
    struct import_lines *rules = &d->rules;

    add_services(d);
    for (size_t i = 0; i < d->last.used; i += strlen(d->last.items + i) + 1)
        import_add_line(d->import, rules, "%s", d->last.items + i);
    import_set_lines(d->import, rules, NULL);
    import_set_lines(d->import, &d->machines, NULL);
    if (rules->count + d->machines.count > 0)
        import_say_pxe(d->import);
    if (d->others > 0)
        import_say(d->import, IMPORT_NOTE, "other lines", NULL,
                   "%u lines are not about TFTP files or booting, or switch on what is always on, and are left out",
                   d->others);
}
