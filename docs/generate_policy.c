/*
 * installer/tftpd.admx and installer/en-US/tftpd.adml: a policy for each parameter that is worth one, with the parameter's
 * own range, default and meaning. tests/admx.py holds both against the rules of their schema.
 */
#include "core/settings/config.h"

#include "docs/generate_policy.h"

#include <stdio.h>

#define NAMESPACE "http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions"
#define KEY       "SOFTWARE\\Policies\\tftpd"

enum { PORT_RANGE_LENGTH_MAX = sizeof "65535-65535" - 1 };

enum category { FILES, CLIENTS, UPLOADS, NETWORK, PROTOCOL, LIMITS, LOGS, BOOT, NO_POLICY };

static const char *const categories[] = {
    [FILES] = "Files",       [CLIENTS] = "Clients", [UPLOADS] = "Uploads", [NETWORK] = "Network",
    [PROTOCOL] = "Protocol", [LIMITS] = "Limits",   [LOGS] = "Logs",       [BOOT] = "Boot",
};

/* One for each parameter, in any order. docs/policy.md tells why those of NO_POLICY have none. */
static const struct row {
    const char *parameter;
    enum category category;
    const char *title;
    const char *advice; /* what only somebody before the policy editor needs to know, or NULL */
} rows[] = {
    {"Directory", FILES, "Start directory", NULL},
    {"Readable", FILES, "Files that may be read", NULL},
    {"Access", FILES, "Allowed and denied paths", NULL},
    {"ClientDirectories", FILES, "Sub-folders by client address or MAC", NULL},
    {"Clients", CLIENTS, "Addresses that may read", NULL},
    {"Masters", CLIENTS, "Addresses that may write",
     "An enabled policy needs an item. So that nobody can write, give 255.255.255.255, which no client has."},
    {"Writable", UPLOADS, "Names that may be written", NULL},
    {"WhenExists", UPLOADS, "Uploads whose name is taken", NULL},
    {"MaxUploadBytes", UPLOADS, "Largest upload in bytes", NULL},
    {"MinFreeBytes", UPLOADS, "Bytes that uploads leave free", NULL},
    {"Addresses", NO_POLICY, NULL, NULL},
    {"Port", NETWORK, "UDP port", NULL},
    {"PortRange", NETWORK, "Ports of the transfers", NULL},
    {"SinglePort", NETWORK, "Whole transfers over the one port", NULL},
    {"Mtu", NETWORK, "Largest IP packet in bytes", NULL},
    {"Segmentation", NETWORK, "Blocks of a window in one call", NULL},
    {"MaxBlockSize", PROTOCOL, "Largest block in bytes", NULL},
    {"MaxWindowSize", PROTOCOL, "Largest window in blocks", NULL},
    {"DisableOptions", PROTOCOL, "Options treated as unknown", NULL},
    {"MsftWindow", PROTOCOL, "Variable windows of Windows Boot Manager", NULL},
    {"Timeout", PROTOCOL, "Seconds before something is sent again", NULL},
    {"FirstSends", PROTOCOL, "How often the first answer is sent", NULL},
    {"SilenceSeconds", PROTOCOL, "Seconds without progress before a transfer is given up", NULL},
    {"UnprovenSeconds", PROTOCOL, "The same for a client that never acknowledged data", NULL},
    {"UnprovenBytes", PROTOCOL, "Bytes under way to a client that has proven nothing", NULL},
    {"TransferPorts", NETWORK, "How many ports transfers answer from", NULL},
    {"MaxTransfers", LIMITS, "Transfers at the same time", NULL},
    {"MaxTransfersPerClient", LIMITS, "Transfers at the same time for one address", NULL},
    {"FirstResendsPerSecond", LIMITS, "First answers sent again in a second", NULL},
    {"ErrorsPerSecond", LIMITS, "ERROR packets to one address in a second", NULL},
    {"CacheSize", LIMITS, "Memory for file contents in MiB", NULL},
    {"DrainSeconds", LIMITS, "Seconds that a stop waits", NULL},
    {"Pxe", BOOT, "Answers to machines that boot by PXE or HTTP", NULL},
    {"PxeBoot", BOOT, "What each kind of machine boots", NULL},
    {"PxeHosts", BOOT, "What single machines boot", NULL},
    {"PxeUnknown", BOOT, "Machines that are not listed", NULL},
    {"PxeStyle", BOOT, "How the boot file is told", NULL},
    {"PxeMenu", BOOT, "Entries of the boot menu", NULL},
    {"PxePrompt", BOOT, "How long the boot menu waits", NULL},
    {"PxeInterfaces", BOOT, "Networks on which boot requests are heard", NULL},
    {"PxeRelays", BOOT, "Relays whose clients are answered", NULL},
    {"PxePorts", BOOT, "Ports on which boot requests are heard", NULL},
    {"PxeRepliesPerSecond", BOOT, "Answers to boot requests in a second", NULL},
    {"PxeV6", BOOT, "Answers to machines that boot by DHCPv6", NULL},
    {"Bootp", BOOT, "Answers to machines that boot by BOOTP", NULL},
    {"BootpHosts", BOOT, "Machines that boot by BOOTP", NULL},
    {"Workers", NO_POLICY, NULL, NULL},
    {"Listeners", NO_POLICY, NULL, NULL},
    {"FileThreads", NO_POLICY, NULL, NULL},
    {"Verbose", LOGS, "What is told in the logs", NULL},
    {"RefusalEventsPerSecond", LOGS, "Refusals that are told in a second", NULL},
    {"LogFormat", LOGS, "Format of the log file", NULL},
    {"LogMaxBytes", LOGS, "Largest log file in bytes", NULL},
    {"LogFiles", LOGS, "Old log files that are kept", NULL},
};
enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

static const struct row *row_of(const struct config_parameter *p)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (strcmp(rows[i].parameter, p->name) == 0)
            return &rows[i];
    return NULL;
}

static bool rows_are_whole(void)
{
    bool is_whole = true;

    for (size_t i = 0; i < config_parameter_count; i++)
        if (row_of(&config_parameters[i]) == NULL) {
            fprintf(stderr, "docs/generate_policy.c: %s has no row\n", config_parameters[i].name);
            is_whole = false;
        }
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (config_find(rows[i].parameter) == NULL) {
            fprintf(stderr, "docs/generate_policy.c: %s is no parameter\n", rows[i].parameter);
            is_whole = false;
        }
    return is_whole;
}

static bool is_switch(const struct config_parameter *p)
{
    return p->kind == CONFIG_NUMBER && p->low == 0 && p->high == 1;
}

static void print_escaped(const char *text)
{
    for (; *text != 0; text++) {
        switch (*text) {
        case '&': printf("&amp;"); break;
        case '<': printf("&lt;"); break;
        case '>': printf("&gt;"); break;
        case '"': printf("&quot;"); break;
        default: putchar(*text);
        }
    }
}

/* -- the definitions ------------------------------------------------------------------------------------------------ */

static void print_item(const struct config_parameter *p, unsigned place)
{
    printf("          <item displayName=\"$(string.%s_%u)\">\n            <value>\n", p->name, place);
    if (is_switch(p))
        printf("              <decimal value=\"%u\" />\n", place);
    else
        printf("              <string>%s</string>\n", p->choices[place]);
    printf("            </value>\n          </item>\n");
}

static void print_element(const struct config_parameter *p)
{
    unsigned items = is_switch(p) ? 2 : 0;

    while (p->choices != NULL && p->choices[items] != NULL)
        items++;
    if (items > 0) {
        printf("        <enum id=\"%s\" valueName=\"%s\" required=\"true\">\n", p->name, p->name);
        for (unsigned i = 0; i < items; i++)
            print_item(p, i);
        printf("        </enum>\n");
        return;
    }
    switch (p->kind) {
    case CONFIG_NUMBER: printf("        <decimal"); break;
    case CONFIG_BYTES: printf("        <longDecimal"); break;
    case CONFIG_PATTERNS: printf("        <multiText"); break;
    default: printf("        <text");
    }
    printf(" id=\"%s\" valueName=\"%s\" required=\"true\"", p->name, p->name);
    switch (p->kind) {
    case CONFIG_NUMBER:
    case CONFIG_BYTES:
        printf(" minValue=\"%llu\" maxValue=\"%llu\"", (unsigned long long)p->low, (unsigned long long)p->high);
        break;
    case CONFIG_PATTERNS: printf(" maxStrings=\"%d\"", CONFIG_LIST_ITEMS_MAX); break;
    case CONFIG_TEXT: printf(" maxLength=\"%d\" expandable=\"true\"", CONFIG_DIRECTORY_MAX - 1); break;
    default: printf(" maxLength=\"%d\"", PORT_RANGE_LENGTH_MAX);
    }
    printf(" />\n");
}

static void print_policy(const struct config_parameter *p, const struct row *row)
{
    printf("    <policy name=\"%s\" class=\"Machine\" displayName=\"$(string.%s)\" explainText=\"$(string.%s_Help)\"\n"
           "        presentation=\"$(presentation.%s)\" key=\"" KEY "\">\n"
           "      <parentCategory ref=\"%s\" />\n"
           "      <supportedOn ref=\"Supported\" />\n"
           "      <elements>\n",
           p->name, p->name, p->name, p->name, categories[row->category]);
    print_element(p);
    printf("      </elements>\n    </policy>\n");
}

bool print_admx(void)
{
    printf("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
           "<!-- made by docs/generate_policy.c from the table in src/core/settings/config_table.c: do not edit -->\n"
           "<policyDefinitions revision=\"1.0\" schemaVersion=\"1.0\"\n    xmlns=\"" NAMESPACE "\">\n"
           "  <policyNamespaces>\n"
           "    <target prefix=\"tftpd\" namespace=\"Tftpd.Policies\" />\n"
           "  </policyNamespaces>\n"
           "  <resources minRequiredRevision=\"1.0\" />\n"
           "  <supportedOn>\n    <definitions>\n"
           "      <definition name=\"Supported\" displayName=\"$(string.Supported)\" />\n"
           "    </definitions>\n  </supportedOn>\n"
           "  <categories>\n"
           "    <category name=\"Top\" displayName=\"$(string.Top)\" explainText=\"$(string.Top_Help)\" />\n");
    for (enum category category = 0; category < NO_POLICY; category++)
        printf("    <category name=\"%s\" displayName=\"$(string.Category_%s)\">\n"
               "      <parentCategory ref=\"Top\" />\n    </category>\n",
               categories[category], categories[category]);
    printf("  </categories>\n  <policies>\n");
    for (size_t i = 0; i < config_parameter_count; i++) {
        const struct row *row = row_of(&config_parameters[i]);
        if (row != NULL && row->category != NO_POLICY)
            print_policy(&config_parameters[i], row);
    }
    printf("  </policies>\n</policyDefinitions>\n");
    return rows_are_whole();
}

/* -- the words ------------------------------------------------------------------------------------------------------ */

static void print_string(const char *id, const char *suffix, const char *text)
{
    printf("      <string id=\"%s%s\">", id, suffix);
    print_escaped(text);
    printf("</string>\n");
}

static void print_help(const struct config_parameter *p, const struct row *row)
{
    printf("      <string id=\"%s_Help\">", p->name);
    print_escaped(p->meaning);
    printf("\n\n");
    if (row->advice != NULL)
        printf("%s\n\n", row->advice);
    if (p->kind == CONFIG_NUMBER || p->kind == CONFIG_BYTES)
        printf("Range: %llu to %llu\n", (unsigned long long)p->low, (unsigned long long)p->high);
    if (p->expects != NULL) {
        printf("Takes: ");
        print_escaped(p->expects);
        printf("\n");
    }
    printf("Default: ");
    print_escaped(p->standard == NULL ? "not there" : p->standard[0] == 0 ? "empty" : p->standard);
    printf("\nA change takes effect: %s\n\n"
           "Not configured, or disabled: what the service's own registry key Parameters says, else the default."
           "</string>\n",
           p->needs_restart ? "when the service is restarted" : "at once, for new transfers");
}

static void print_strings(const struct config_parameter *p, const struct row *row)
{
    static const char *const switch_words[] = {"0: no", "1: yes", NULL};
    const char *const *words = is_switch(p) ? switch_words : p->choices;
    char suffix[CONFIG_NAME_MAX];

    printf("      <string id=\"%s\">%s (%s)</string>\n", p->name, row->title, p->name);
    print_help(p, row);
    for (unsigned i = 0; words != NULL && words[i] != NULL; i++) {
        snprintf(suffix, sizeof suffix, "_%u", i);
        print_string(p->name, suffix, words[i]);
    }
}

/* The place of the default among the choices. */
static unsigned default_item(const struct config_parameter *p)
{
    unsigned place = 0;

    if (is_switch(p))
        return p->standard[0] == '1';
    while (strcmp(p->choices[place], p->standard) != 0)
        place++;
    return place;
}

static void print_presentation(const struct config_parameter *p, const struct row *row)
{
    printf("      <presentation id=\"%s\">\n        ", p->name);
    if (is_switch(p) || p->kind == CONFIG_CHOICE)
        printf("<dropdownList refId=\"%s\" noSort=\"true\" defaultItem=\"%u\">%s:</dropdownList>", p->name,
               default_item(p), row->title);
    else if (p->kind == CONFIG_NUMBER)
        printf("<decimalTextBox refId=\"%s\" defaultValue=\"%s\">%s:</decimalTextBox>", p->name, p->standard,
               row->title);
    else if (p->kind == CONFIG_BYTES)
        printf("<longDecimalTextBox refId=\"%s\" defaultValue=\"%s\" spin=\"false\">%s:</longDecimalTextBox>", p->name,
               p->standard, row->title);
    else if (p->kind == CONFIG_PATTERNS)
        printf("<multiTextBox refId=\"%s\">%s, one a line:</multiTextBox>", p->name, row->title);
    else
        printf("<textBox refId=\"%s\">\n          <label>%s:</label>\n          <defaultValue>%s</defaultValue>\n"
               "        </textBox>",
               p->name, row->title, p->standard);
    printf("\n      </presentation>\n");
}

bool print_adml(void)
{
    printf("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
           "<!-- made by docs/generate_policy.c from the table in src/core/settings/config_table.c: do not edit -->\n"
           "<policyDefinitionResources revision=\"1.0\" schemaVersion=\"1.0\"\n    xmlns=\"" NAMESPACE "\">\n"
           "  <displayName>tftpd</displayName>\n"
           "  <description>Parameters of tftpd, the TFTP service</description>\n"
           "  <resources>\n    <stringTable>\n");
    print_string("Supported", "", "tftpd on Windows 8.1, Windows Server 2012 R2 or later");
    print_string("Top", "", "TFTP service (tftpd)");
    print_string("Top_Help", "",
                 "Parameters of the TFTP service that is registered under the name tftpd. A policy wins over the "
                 "service's registry key Parameters and over its arguments.");
    for (enum category category = 0; category < NO_POLICY; category++)
        print_string("Category_", categories[category], categories[category]);
    for (size_t i = 0; i < config_parameter_count; i++) {
        const struct row *row = row_of(&config_parameters[i]);
        if (row != NULL && row->category != NO_POLICY)
            print_strings(&config_parameters[i], row);
    }
    printf("    </stringTable>\n    <presentationTable>\n");
    for (size_t i = 0; i < config_parameter_count; i++) {
        const struct row *row = row_of(&config_parameters[i]);
        if (row != NULL && row->category != NO_POLICY)
            print_presentation(&config_parameters[i], row);
    }
    printf("    </presentationTable>\n  </resources>\n</policyDefinitionResources>\n");
    return rows_are_whole();
}
