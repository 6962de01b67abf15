/*
 * Writes docs/parameters.md, docs/events.md, service/messages.mc, installer/tftpd-counters.man, the policy template and
 * the text of registry/tftpd.reg from the tables: `generate parameters`, `events`, `messages`, `counters`, `admx`, `adml`,
 * `registry`.
 * `make -f Makefile.mingw docs` runs it, and a test sees that the files are what it writes.
 */
#include "core/events/event.h"
#include "core/settings/config.h"
#include "docs/generate_policy.h"
#include "service/tell/counter_table.h"

#include <stdio.h>

static const char *const kind_names[] = {
    [CONFIG_NUMBER] = "REG_DWORD, or REG_SZ in decimal",
    [CONFIG_BYTES] = "REG_QWORD or REG_DWORD, or REG_SZ in decimal",
    [CONFIG_TEXT] = "REG_SZ or REG_EXPAND_SZ",
    [CONFIG_PATTERNS] = "REG_SZ (one), REG_MULTI_SZ (several) or REG_EXPAND_SZ",
    [CONFIG_RANGE] = "REG_SZ",
    [CONFIG_CHOICE] = "REG_SZ",
};

static const char *const kind_types[] = {
    [CONFIG_NUMBER] = "REG_DWORD", [CONFIG_BYTES] = "REG_QWORD", [CONFIG_TEXT] = "REG_EXPAND_SZ",
    [CONFIG_PATTERNS] = "REG_SZ",  [CONFIG_RANGE] = "REG_SZ",    [CONFIG_CHOICE] = "REG_SZ",
};

/* reg.exe takes several strings with "\0" between them. */
static void print_example(const struct config_parameter *p)
{
    bool is_several = p->kind == CONFIG_PATTERNS && strchr(p->example, ';') != NULL;

    printf("reg add HKLM\\SYSTEM\\CurrentControlSet\\Services\\tftpd\\Parameters /v %s /t %s /d \"", p->name,
           is_several ? "REG_MULTI_SZ" : kind_types[p->kind]);
    for (const char *c = p->example; *c != 0; c++) {
        if (*c == ';')
            printf("\\0");
        else
            putchar(*c);
    }
    printf("\" /f\n");
}

/* Markdown would take a pattern's '*' for emphasis. */
static void print_plain(const char *text)
{
    for (; *text != 0; text++)
        printf(*text == '*' ? "\\%c" : "%c", *text);
}

static void print_parameter(const struct config_parameter *p)
{
    printf("## %s\n\n", p->name);
    print_plain(p->meaning);
    printf("\n\n");
    printf("- Type: %s\n", kind_names[p->kind]);
    if (p->alias != NULL)
        printf("- Also spelt: `%s`\n", p->alias);
    if (p->kind == CONFIG_NUMBER || p->kind == CONFIG_BYTES)
        printf("- Range: %llu to %llu\n", (unsigned long long)p->low, (unsigned long long)p->high);
    if (p->expects != NULL)
        printf("- Takes: %s\n", p->expects);
    if (p->standard == NULL)
        printf("- Default: not there\n");
    else if (p->standard[0] == 0)
        printf("- Default: empty\n");
    else
        printf("- Default: `%s`\n", p->standard);
    printf("- A change takes effect: %s\n\n```\n",
           p->needs_restart ? "when the service is restarted" : "at once, for new transfers");
    print_example(p);
    printf("```\n\n");
}

/* What the flags of AIX's tftpd are here, for those who come from there. */
static void print_aix(void)
{
    static const char *const rows[][2] = {
        {"-c number of threads", "MaxTransfers, MaxTransfersPerClient: transfers, for threads do not grow with them"},
        {"-d directory", "Directory"},
        {"-i log the client's address", "always done"},
        {"-n remote users may create files", "Masters, Writable; never to overwrite"},
        {"-p port", "Port, Addresses; for the transfers PortRange, SinglePort"},
        {"-r option to disable", "DisableOptions"},
        {"-s socket debugging", "`tftpd run` shows the log on the screen; `tftpd explain` what a request would get"},
        {"-t timeout", "Timeout"},
        {"-v log successful transfers", "always done"},
        {"-x number of timeouts", "SilenceSeconds, FirstSends"},
        {"-z largest segment", "MaxBlockSize, MaxWindowSize"},
        {"/etc/tftpaccess.ctl", "Access"},
    };

    printf("# Coming from AIX\n\n| there | here |\n| --- | --- |\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        printf("| %s | %s |\n", rows[i][0], rows[i][1]);
}

static void print_parameters(void)
{
    printf(
        "# Parameters\n\n"
        "<!-- made by docs/generate.c from the table in src/core/settings/config_table.c: do not edit -->\n\n"
        "Registry values under `HKLM\\SYSTEM\\CurrentControlSet\\Services\\tftpd\\Parameters` (`tftpd` stands for "
        "the name the\nservice was registered under). Names count in any case. A value that is missing has its "
        "default; one that does not fit\nis refused with event 120, and the last good one stays in force; at a start, "
        "when there is none, the default, but Clients, "
        "Masters,\nReadable, Writable and Access then admit nobody and nothing, and no boot request is answered: a slip of "
        "the pen opens no door. A change\nis noticed within a second; `sc control tftpd paramchange` has the "
        "parameters read at once.\n\n"
        "For one run in a console: `tftpd run --set NAME=VALUE`, the items of a list separated by `;`.\n\n"
        "Policies of the same names win over all of these: [policy.md](policy.md).\n\n");
    for (size_t i = 0; i < config_parameter_count; i++)
        print_parameter(&config_parameters[i]);
    print_aix();
}

/* Words behind one another as a comment of a .reg file. */
static void print_comment(const char *text)
{
    enum { WIDTH = 110 };
    size_t used = 0;

    while (*text != 0) {
        size_t length = strcspn(text, " ");
        if (used > 0 && used + 1 + length > WIDTH) {
            printf("\n");
            used = 0;
        }
        printf("%s%.*s", used == 0 ? "; " : " ", (int)length, text);
        used += (used == 0 ? 2 : 1) + length;
        text += length;
        text += strspn(text, " ");
    }
    printf("\n");
}

/* REG_EXPAND_SZ has no other form: the bytes of its UTF-16, here of ASCII only. */
static void print_expandable(const char *text)
{
    printf("hex(2):");
    for (size_t i = 0; i <= strlen(text); i++)
        printf("%s%02x,00", i > 0 ? "," : "", (unsigned)(unsigned char)text[i]);
}

static void print_value(const struct config_parameter *p)
{
    uint64_t number = 0;

    printf("%s\"%s\"=", p->standard == NULL ? ";" : "", p->name);
    if (p->standard == NULL)
        printf("\"%s\"", p->example);
    else if (p->kind == CONFIG_TEXT)
        print_expandable(p->standard);
    else if (p->kind == CONFIG_NUMBER && span_to_number(span_of_text(p->standard), UINT32_MAX, &number))
        printf("dword:%08x", (unsigned)number);
    else
        printf("\"%s\"", p->standard);
    printf("\n\n");
}

static void print_registry(void)
{
    printf("Windows Registry Editor Version 5.00\n\n"
           "; All parameters of tftpd with their defaults, which are safe: everybody may read, nobody may write.\n"
           "; None of them has to be there: delete what you do not change. Import with:  reg import tftpd.reg\n"
           "; Another instance has its own name in place of \"tftpd\" in the key below. A change is live for new\n"
           "; transfers; those marked \"restart\" count only when the service starts.\n"
           "; Made by docs/generate.c from the table in src/core/settings/config_table.c.\n\n"
           "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\tftpd\\Parameters]\n\n");
    for (size_t i = 0; i < config_parameter_count; i++) {
        const struct config_parameter *p = &config_parameters[i];
        print_comment(p->meaning);
        if (p->needs_restart)
            print_comment("(restart)");
        if (p->kind == CONFIG_TEXT)
            printf("; (The bytes below are the text %s as REG_EXPAND_SZ.)\n", p->standard);
        print_value(p);
    }
}

static void print_category(enum event_category category)
{
    printf("\n## %s\n\n| id | level | text | what to do |\n| --- | --- | --- | --- |\n", event_category_text(category));
    for (size_t i = 0; i < event_kind_count; i++) {
        const struct event_kind *kind = &event_kinds[i];
        if (kind->category == category)
            printf("| %u | %s | %s | %s |\n", (unsigned)kind->id, event_level_text(kind->level), kind->text,
                   kind->advice[0] != 0 ? kind->advice : "nothing");
    }
}

static void print_events(void)
{
    printf(
        "# Events\n\n"
        "<!-- made by docs/generate.c from the table in src/core/events/event_table.h: do not edit -->\n\n"
        "The same events go to the event log (`-e`, or neither switch; source: the service's name), to `tftpd.log` "
        "(`-f`) and\nto ETW. An id never changes its meaning. What stands in braces is filled in. The parameter "
        "`Verbose` says which levels are\ntold, `RefusalEventsPerSecond` how many a second of those that strangers "
        "can cause at will: the category request, and transfers\nwhose client has not shown that it is there. Of one "
        "address "
        "half as many are told, and of its other transfers 50 a second.\nWhat is left out is counted: events 132 and "
        "133.\n\n"
        "In the event log a space parts `%%` from a digit, `%%` or `{` behind it: viewers take `%%3` in a name, or in "
        "`fe80::1%%3`, for\na place to put another field into.\n\n"
        "With `LogFormat` = `json` each line of `tftpd.log` is an object: `time` (UTC), `id`, `level`, `category`, "
        "`event` (its name in\nthe sources), the fields in braces under their names (`client` with `port`, "
        "`duration` as `duration_ms`), and the whole `text`.\n");
    for (enum event_category category = CATEGORY_SERVICE; category < CATEGORY_END; category++)
        print_category(category);
}

/* {fields} become %1, %2 and on in the order of their appearance, as event_inserts has them. */
static void print_message(const char *text)
{
    unsigned insert = 0;

    for (; *text != 0; text++) {
        const char *end = *text == '{' ? strchr(text, '}') : NULL;
        if (end != NULL) {
            printf("%%%u", ++insert);
            text = end;
        } else if (*text == '%') {
            printf("%%%%");
        } else {
            putchar(*text);
        }
    }
}

/* For windmc: the event log reads the texts from the exe itself. */
static void print_messages(void)
{
    static const char *const severities[] = {
        [EVENT_DETAIL] = "Informational",
        [EVENT_INFORMATION] = "Informational",
        [EVENT_WARNING] = "Warning",
        [EVENT_ERROR] = "Error",
    };

    printf("MessageIdTypedef=DWORD\n"
           "SeverityNames=(Success=0x0 Informational=0x1 Warning=0x2 Error=0x3)\n"
           "FacilityNames=(None=0x0)\n"
           "LanguageNames=(English=0x409:messages_en)\n"
           ";// made by docs/generate.c from the table in src/core/events/event_table.h: do not edit\n\n");
    /* Categories come first, with their number as identifier. */
    for (enum event_category category = CATEGORY_SERVICE; category < CATEGORY_END; category++)
        printf("MessageId=%d\nSeverity=Success\nFacility=None\nSymbolicName=CATEGORY_%d\nLanguage=English\n%s\n.\n\n",
               category, category, event_category_text(category));
    for (size_t i = 0; i < event_kind_count; i++) {
        const struct event_kind *kind = &event_kinds[i];
        printf("MessageId=%u\nSeverity=%s\nFacility=None\nSymbolicName=MESSAGE_%s\nLanguage=English\n",
               (unsigned)kind->id, severities[kind->level], kind->name);
        print_message(kind->text);
        printf("\n.\n\n");
    }
}

/*
 * For lodctr: what the exe offers to Performance Monitor; the texts are looked up in its string table by number. nameID and
 * descriptionID are "not allowed for older versions", resourceBase is "not allowed for schemaVersion >= 2.0" (Performance
 * Counters Schema).
 */
static void print_string(bool is_older, const char *attribute, const char *text, int number)
{
    printf(" %s=\"%s\"", attribute, text);
    if (!is_older)
        printf(" %sID=\"%d\"", attribute, number);
}

static void print_counter_manifest(bool is_older)
{
    static const struct {
        int id;
        const char *name, *type, *title, *meaning;
    } rows[] = {
#define TYPE_RAW                                    "perf_counter_large_rawcount"
#define TYPE_RATE                                   "perf_counter_bulk_count"
#define COUNTER_ROW(id, name, kind, title, meaning) {id, #name, TYPE_##kind, title, meaning},
        COUNTER_TABLE(COUNTER_ROW)};
    char base[64] = "";

    if (is_older)
        snprintf(base, sizeof base, " resourceBase=\"%d\"", COUNTER_STRINGS);
    printf(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<!-- made by docs/generate.c from the table in service/tell/counter_table.h: do not edit -->\n"
        "<instrumentationManifest xmlns=\"http://schemas.microsoft.com/win/2004/08/events\"\n"
        "    xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n"
        "  <instrumentation>\n"
        "    <counters xmlns=\"http://schemas.microsoft.com/win/2005/12/counters\" schemaVersion=\"%s\">\n"
        "      <provider providerName=\"tftpd\" providerGuid=\"" COUNTER_PROVIDER_TEXT
        "\" applicationIdentity=\"tftpd.exe\"\n"
        "          providerType=\"userMode\" callback=\"custom\" symbol=\"tftpd\"%s>\n"
        "        <counterSet guid=\"" COUNTER_SET_TEXT "\" uri=\"tftpd.Server\" symbol=\"tftpdServer\"\n"
        "           ",
        is_older ? "1.1" : "2.0", base);
    print_string(is_older, "name", COUNTER_SET_TITLE, COUNTER_TITLE(0));
    print_string(is_older, "description", COUNTER_SET_MEANING, COUNTER_MEANING(0));
    printf("\n            instances=\"multiple\">\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        printf("          <counter id=\"%d\" uri=\"tftpd.Server.%s\" symbol=\"tftpd%s\" type=\"%s\"\n             ",
               rows[i].id, rows[i].name, rows[i].name, rows[i].type);
        print_string(is_older, "name", rows[i].title, COUNTER_TITLE(rows[i].id));
        print_string(is_older, "description", rows[i].meaning, COUNTER_MEANING(rows[i].id));
        printf("\n              detailLevel=\"standard\" defaultScale=\"0\">\n"
               "            <counterAttributes>\n"
               "              <counterAttribute name=\"reference\" />\n"
               "            </counterAttributes>\n"
               "          </counter>\n");
    }
    printf("        </counterSet>\n      </provider>\n    </counters>\n  </instrumentation>\n"
           "</instrumentationManifest>\n");
}

static void print_counters(void)
{
    print_counter_manifest(false);
}

static void print_older_counters(void)
{
    print_counter_manifest(true);
}

int main(int count, char **words)
{
    static const struct {
        const char *word;
        void (*print)(void);
    } documents[] = {
        {"parameters", print_parameters},       {"events", print_events},
        {"messages", print_messages},           {"counters", print_counters},
        {"counters-1.1", print_older_counters}, {"registry", print_registry},
    };

    for (size_t i = 0; count == 2 && i < sizeof documents / sizeof documents[0]; i++)
        if (strcmp(words[1], documents[i].word) == 0) {
            documents[i].print();
            return 0;
        }
    if (count == 2 && strcmp(words[1], "admx") == 0)
        return print_admx() ? 0 : 1;
    if (count == 2 && strcmp(words[1], "adml") == 0)
        return print_adml() ? 0 : 1;
    return 2;
}
