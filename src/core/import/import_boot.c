#include "core/import/import_parts.h"

#include "core/dhcp/identity.h"
#include "core/names/path.h"

#include <stdarg.h>
#include <stdio.h>

enum { LINE_MAX = 1024 };

/* -- lines of a parameter -------------------------------------------------------------------------------------------- */

bool import_add_line(struct import *import, struct import_lines *lines, const char *format, ...)
{
    char line[LINE_MAX], shown[IMPORT_SHOWN_MAX];
    struct config scratch;
    struct config_problem problem;
    va_list values;

    va_start(values, format);
    vsnprintf(line, sizeof line, format, values);
    va_end(values);
    size_t size = strlen(line) + 1;
    struct import_value alone = {IMPORT_LIST, 0, line, size};
    config_defaults(&scratch);
    path_printable(span_of_text(line), shown, sizeof shown);
    if (!import_apply(&scratch, config_find(lines->parameter), &alone, &problem)) {
        import_complain(import, lines->name, NULL, "\"%s\": %.360s", shown, problem.text);
        return false;
    }
    if (size > sizeof lines->items - lines->used) {
        import_complain(import, lines->name, NULL, "\"%s\": %s has no room for more", shown, lines->parameter);
        return false;
    }
    memcpy(lines->items + lines->used, line, size);
    lines->used += size;
    lines->count++;
    return true;
}

void import_set_lines(struct import *import, const struct import_lines *lines, const char *remark)
{
    if (lines->count > 0)
        import_set(import, lines->name, lines->parameter,
                   &(struct import_value){IMPORT_LIST, 0, lines->items, lines->used}, remark);
}

void import_say_pxe(struct import *import)
{
    import_say(import, IMPORT_NOTE, "Pxe",
               "reg add " IMPORT_PARAMETERS " /v Pxe /t REG_SZ /d watch /f, and when that tells what you want, answer",
               "it is left as it is: an import has no machine answered");
}

const char *import_word(const char *word, char *text, size_t size)
{
    bool is_plain = strpbrk(word, " \t\"") == NULL;

    snprintf(text, size, is_plain ? "%s" : "\"%s\"", word);
    return text;
}

/* -- WDS ------------------------------------------------------------------------------------------------------------- */

/* Those that ask WDS itself what is to come next; the programs beside them do not. */
static void spare_wds(const char *file, char *spared, size_t size)
{
    static const struct {
        const char *asks, *does_not;
    } programs[] = {{"wdsnbp.com", "pxeboot.n12"}, {"wdsmgfw.efi", "bootmgfw.efi"}};
    const char *leaf = path_leaf(file);

    snprintf(spared, size, "%s", file);
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        if (import_is_named(span_of_text(leaf), programs[i].asks))
            snprintf(spared, size, "%.*s%s", (int)(leaf - file), file, programs[i].does_not);
}

static bool add_program(struct import *import, struct import_lines *lines, const char *machine,
                        const struct import_value *value)
{
    char file[PATH_TEXT_MAX], word[PATH_TEXT_MAX + 2];

    if (value->form != IMPORT_TEXT || value->text[0] == 0)
        return false;
    spare_wds(value->text, file, sizeof file);
    return import_add_line(import, lines, "%s = %s style binl", machine, import_word(file, word, sizeof word));
}

/* Machines with a BIOS do not say whether they could do with 64 bits; what starts there today needs that. */
static void add_bios(struct import *import, struct import_lines *lines)
{
    static const char *const keys[] = {IMPORT_WDS_BOOT "x64", IMPORT_WDS_BOOT "x86"};
    uint64_t without_key = 0;

    import_number(import_at(import, IMPORT_WDS_BINL, "AllowN12ForNewClients"), &without_key);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (without_key != 0 && add_program(import, lines, "bios", import_at(import, keys[i], ".n12")))
            return;
        if (add_program(import, lines, "bios", import_at(import, keys[i], "Default")))
            return;
    }
}

void import_wds_programs(struct import *import, const struct import_setting *setting, const struct import_value *value)
{
    static const struct {
        const char *key, *machine;
    } uefi[] = {
        {IMPORT_WDS_BOOT "x64uefi", "x64"}, {IMPORT_WDS_BOOT "x86uefi", "ia32"}, {IMPORT_WDS_BOOT "arm64", "arm64"},
        {IMPORT_WDS_BOOT "arm", "arm32"},   {IMPORT_WDS_BOOT "ia64", "2"},
    };
    struct import_lines lines = {.name = "BootPrograms", .parameter = setting->parameter};

    (void)value;
    for (size_t i = 0; i < sizeof uefi / sizeof *uefi; i++)
        add_program(import, &lines, uefi[i].machine, import_at(import, uefi[i].key, "Default"));
    add_bios(import, &lines);
    import_set_lines(
        import, &lines,
        "wdsnbp.com and wdsmgfw.efi ask WDS what is next, so the programs beside them are named; Windows Boot "
        "Manager reads \\Boot\\BCD, or another store that the line names, as in option 252=\\Boot\\x64.bcd");
    if (lines.count > 0)
        import_say_pxe(import);
}

void import_wds_dhcp_ports(struct import *import, const struct import_setting *setting,
                           const struct import_value *value)
{
    uint64_t number;
    struct import_value ports = import_text("both");

    if (!import_number(value, &number)) {
        import_set(import, setting->place.name, setting->parameter, value, NULL);
        return;
    }
    if (number == 0)
        ports = import_text("4011");
    import_set(import, setting->place.name, setting->parameter, &ports,
               number == 0 ? "a DHCP server on the same machine has port 67" : NULL);
}

void import_wds_banned(struct import *import, const struct import_setting *setting, const struct import_value *value)
{
    struct import_lines lines = {.name = setting->place.name, .parameter = setting->parameter};

    if (value->form != IMPORT_LIST && value->form != IMPORT_TEXT)
        return;
    for (size_t i = 0; i < value->size; i += strlen(value->text + i) + 1)
        if (value->text[i] != 0)
            import_add_line(import, &lines, "%.200s = ignore", value->text + i);
    import_set_lines(import, &lines, "these are never answered");
}

void import_wds_unknown(struct import *import, const struct import_setting *setting, const struct import_value *value)
{
    uint64_t waits = 0;
    struct import_value unknown = import_text("answer");
    bool is_only_known = value->form == IMPORT_TEXT && import_is_named(span_of_text(value->text), "TRUE");

    import_number(import_at(import, IMPORT_WDS_BINL "\\AutoApprove", "Policy"), &waits);
    if (waits == 1)
        unknown = import_text("wait");
    else if (is_only_known)
        unknown = import_text("ignore");
    import_set(import, setting->place.name, setting->parameter, &unknown,
               waits == 1      ? "they wait for tftpd approve"
               : is_only_known ? "Active Directory knew the others: name them in PxeHosts, by MAC or GUID"
                               : NULL);
}

/* -- the DHCP server of Tftpd64 --------------------------------------------------------------------------------------- */

/* " router 10.0.0.1", where there is such an address. */
static void add_part(const struct import *import, const char *setting, const char *word, char *text, size_t size)
{
    const struct import_value *value = import_at(import, IMPORT_DHCP, setting);
    struct endpoint address;
    size_t used = strlen(text);

    if (value->form == IMPORT_TEXT && endpoint_parse_address(&address, span_of_text(value->text)) &&
        !endpoint_is_unspecified(&address))
        snprintf(text + used, size - used, " %s %.40s", word, value->text);
}

/* The length of a mask; 0 if it is none, so that the interface's counts. */
static unsigned mask_bits(const struct import_value *value)
{
    enum { IPV4_BITS = 32 };
    struct endpoint mask;
    unsigned bits = 0;

    if (value->form != IMPORT_TEXT || !endpoint_parse_address(&mask, span_of_text(value->text)) ||
        !endpoint_is_ipv4(&mask))
        return 0;
    const uint8_t *bytes = endpoint_ipv4_bytes(&mask);
    while (bits < IPV4_BITS && bytes[bits / 8] >> (7 - bits % 8) & 1)
        bits++;
    return bits;
}

static void add_hosts(struct import *import, const struct import_value *file)
{
    struct import_lines lines = {.name = "static addresses", .parameter = "BootpHosts"};
    char more[LINE_MAX / 2] = "", word[LINE_MAX / 4];
    char bits[8] = "";

    unsigned length = mask_bits(import_at(import, IMPORT_DHCP, "Mask"));
    if (length > 0)
        snprintf(bits, sizeof bits, "/%u", length);
    if (file->form == IMPORT_TEXT && !import_is_empty(file) && strchr(file->text, '$') == NULL)
        snprintf(more, sizeof more, " file %.200s", import_word(file->text, word, sizeof word));
    add_part(import, "Gateway", "router", more, sizeof more);
    add_part(import, "DNS", "dns", more, sizeof more);
    for (size_t i = 0; i < import->host_count; i++)
        import_add_line(import, &lines, "%s = %.40s%s%s", import->hosts[i].mac, import->hosts[i].address, bits, more);
    import_set_lines(
        import, &lines,
        "answered where they ask by BOOTP, once Bootp is bootp; by DHCP let a DHCP server reserve their addresses");
}

void import_boot_file(struct import *import, const struct import_setting *setting, const struct import_value *value)
{
    struct import_lines lines = {.name = setting->place.name, .parameter = setting->parameter};
    char word[LINE_MAX / 2];

    add_hosts(import, value);
    if (value->form != IMPORT_TEXT || import_is_empty(value))
        return;
    if (strchr(value->text, '$') != NULL)
        import_complain(import, setting->place.name, "write a line of PxeBoot for each kind of machine",
                        "\"%.60s\": a $ in it stood for the kind of machine", value->text);
    else if (import_add_line(import, &lines, "any = %s", import_word(value->text, word, sizeof word)))
        import_set_lines(import, &lines, "the one file of all machines; a line for each kind may stand before it");
    if (lines.count > 0)
        import_say_pxe(import);
}

void import_pool(struct import *import, const struct import_setting *setting, const struct import_value *value)
{
    uint64_t number;

    if (import_number(value, &number) && number > 0)
        import_say(import, IMPORT_LEFT, setting->place.name, setting->instead, "%s", setting->why);
}
