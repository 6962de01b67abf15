#include "service/facts/facts.h"
#include "win32/system/text.h"

#include <stdio.h>

/* Rules as the registry keeps them: "v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=17|LPort=69|App=...|Name=...|". */

enum { RULE_MAX = 8192, FIELD_MAX = 1024, PROTOCOL_UDP = 17 };

#define POLICY        L"SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\"
#define DEVICE_POLICY POLICY L"Mdm\\"
#define GROUP_POLICY  L"SOFTWARE\\Policies\\Microsoft\\WindowsFirewall\\"

enum { STORES = 4 };

/*
 * The keys of a profile's settings, the last one being this machine's own: the first that has a value decides. Of group
 * policy's (MS-GPFAS 2.2.3), StandardProfile is that of Windows XP, whose settings hold where newer ones are not made.
 */
static const struct {
    const char *name;
    const wchar_t *keys[STORES];
    unsigned profile;
} profiles_known[] = {
    {"Domain", {GROUP_POLICY L"DomainProfile", NULL, DEVICE_POLICY L"DomainProfile", POLICY L"DomainProfile"}, 1},
    {"Private",
     {GROUP_POLICY L"PrivateProfile", GROUP_POLICY L"StandardProfile", DEVICE_POLICY L"StandardProfile",
      POLICY L"StandardProfile"},
     2},
    {"Public",
     {GROUP_POLICY L"PublicProfile", GROUP_POLICY L"StandardProfile", DEVICE_POLICY L"PublicProfile",
      POLICY L"PublicProfile"},
     4},
};

struct rule {
    bool is_active;
    bool is_inbound;
    bool is_blocking;
    bool is_of_protocol;
    bool has_ports;
    bool is_of_port;
    bool is_of_program;
    unsigned profiles;
    uint16_t port;
    const char *program;
    struct facts_rule_text *said;
};

/* "69", "50000-50063", or "*". Words such as RPC mean other ports. */
static bool has_port(const char *value, uint16_t port)
{
    const char *dash = strchr(value, '-');
    uint64_t low, high;

    if (strcmp(value, "*") == 0)
        return true;
    if (!span_to_number(span_of(value, dash ? (size_t)(dash - value) : strlen(value)), UINT16_MAX, &low) ||
        !span_to_number(span_of_text(dash ? dash + 1 : value), UINT16_MAX, &high))
        return false;
    return port >= low && port <= high;
}

/* "System" and the applications of a package are other programs, whatever ours is. */
static bool is_program(const char *value, const char *program)
{
    char path[FIELD_MAX];
    wchar_t wide[FIELD_MAX], wanted[FIELD_MAX];

    snprintf(path, sizeof path, "%s", value);
    return text_expand(path, sizeof path) && text_to_wide(path, wide, FIELD_MAX) &&
           text_to_wide(program, wanted, FIELD_MAX) && CompareStringOrdinal(wide, -1, wanted, -1, TRUE) == CSTR_EQUAL;
}

static unsigned profile_of(const char *value)
{
    for (size_t i = 0; i < sizeof profiles_known / sizeof *profiles_known; i++)
        if (strcmp(value, profiles_known[i].name) == 0)
            return profiles_known[i].profile;
    return 0;
}

/* What makes a rule one for some only (MS-GPFAS 2.2.2.19): addresses, the client's port, interfaces, users, machines. */
static bool is_limit(const char *key, const char *value)
{
    static const char *const limits[] = {"RA4", "RA6",      "LA4",    "LA6",    "RPort",
                                         "IF",  "Security", "RMauth", "RUAuth", "LUAuth"};

    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        size_t length = strlen(limits[i]);
        /* "RA42", "RPort2_10", "IFType": what later versions added, and "Security2_9". */
        bool is_it = _strnicmp(key, limits[i], length) == 0 &&
                     (key[length] == 0 || key[length] == '2' || strcmp(key, "IFType") == 0);
        if (is_it)
            return strcmp(value, "*") != 0 && strcmp(value, "All") != 0;
    }
    return false;
}

static void take_limit(struct facts_rule_text *said, const char *key, const char *value)
{
    size_t used = strlen(said->only);

    snprintf(said->only + used, sizeof said->only - used, "%s%s=%s", used > 0 ? ", " : "", key, value);
}

static void take_field(struct rule *rule, const char *key, const char *value)
{
    uint64_t protocol;

    if (strcmp(key, "Active") == 0)
        rule->is_active = strcmp(value, "TRUE") == 0;
    else if (strcmp(key, "Dir") == 0)
        rule->is_inbound = strcmp(value, "In") == 0;
    else if (strcmp(key, "Action") == 0)
        rule->is_blocking = strcmp(value, "Block") == 0;
    else if (strcmp(key, "Protocol") == 0)
        rule->is_of_protocol = span_to_number(span_of_text(value), UINT16_MAX, &protocol) && protocol == PROTOCOL_UDP;
    else if (strncmp(key, "LPort", 5) == 0) {
        rule->has_ports = true;
        rule->is_of_port = rule->is_of_port || has_port(value, rule->port);
    } else if (strcmp(key, "App") == 0)
        rule->is_of_program = is_program(value, rule->program);
    else if (strcmp(key, "Svc") == 0 || strcmp(key, "AppPkgId") == 0)
        rule->is_of_program = rule->is_of_program && strcmp(value, "*") == 0;
    else if (strcmp(key, "Profile") == 0)
        rule->profiles |= profile_of(value);
    else if (strcmp(key, "Name") == 0)
        snprintf(rule->said->name, sizeof rule->said->name, "%s", value);
    else if (is_limit(key, value))
        take_limit(rule->said, key, value);
}

enum facts_rule facts_firewall_rule(const char *text, const char *program, uint16_t port, unsigned *profiles,
                                    struct facts_rule_text *said)
{
    /* A field that is not there means any. */
    struct rule rule = {.is_of_protocol = true, .is_of_program = true, .port = port, .program = program, .said = said};
    char field[FIELD_MAX];

    *said = (struct facts_rule_text){"", ""};
    for (const char *at = text; *at != 0;) {
        size_t length = strcspn(at, "|");
        snprintf(field, sizeof field, "%.*s", (int)length, at);
        char *equals = strchr(field, '=');
        if (equals != NULL) {
            *equals = 0;
            take_field(&rule, field, equals + 1);
        }
        at += length;
        at += *at == '|';
    }
    *profiles = rule.profiles != 0 ? rule.profiles : FACTS_PROFILES;
    if (!rule.is_active || !rule.is_inbound || !rule.is_of_protocol || !rule.is_of_program ||
        (rule.has_ports && !rule.is_of_port))
        return FACTS_RULE_OTHER;
    if (said->only[0] != 0)
        return rule.is_blocking ? FACTS_RULE_BLOCKS_PARTLY : FACTS_RULE_ALLOWS_PARTLY;
    return rule.is_blocking ? FACTS_RULE_BLOCKS : FACTS_RULE_ALLOWS;
}

static void add_rule(struct facts_rules *rules, const struct facts_rule_text *said, unsigned profiles)
{
    if (rules->profiles == 0)
        rules->first = *said;
    rules->profiles |= profiles;
}

/* not_counting: the profiles in which rules of this store do not count. */
static void take_rule(struct facts_firewall *firewall, const char *text, const char *program, uint16_t port,
                      unsigned not_counting)
{
    struct facts_rule_text said;
    unsigned profiles;
    enum facts_rule meaning = facts_firewall_rule(text, program, port, &profiles, &said);
    bool allows = meaning == FACTS_RULE_ALLOWS || meaning == FACTS_RULE_ALLOWS_PARTLY;

    if (meaning == FACTS_RULE_OTHER)
        return;
    bool is_named = _stricmp(said.name, firewall->wanted_name) == 0;
    firewall->has_named = firewall->has_named || (allows && is_named);
    firewall->has_named_block = firewall->has_named_block || (!allows && is_named);
    if (allows && (profiles & not_counting))
        add_rule(&firewall->ignored, &said, profiles & not_counting);
    if (profiles & ~not_counting)
        add_rule(&firewall->rules[meaning], &said, profiles & ~not_counting);
}

static DWORD take_rules(struct facts_firewall *firewall, const wchar_t *path, const char *program, uint16_t port,
                        unsigned not_counting)
{
    static wchar_t name[RULE_MAX], wide[RULE_MAX + 1];
    static char text[RULE_MAX * 3];
    HKEY key;
    DWORD error = (DWORD)RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_QUERY_VALUE, &key);

    if (error != 0)
        return error;
    for (DWORD i = 0; error != ERROR_NO_MORE_ITEMS; i++) {
        DWORD name_length = RULE_MAX, size = RULE_MAX * sizeof(wchar_t), type;
        error = (DWORD)RegEnumValueW(key, i, name, &name_length, NULL, &type, (BYTE *)wide, &size);
        if (error != 0 || type != REG_SZ)
            continue;
        wide[size / sizeof(wchar_t)] = 0;
        if (text_from_wide(wide, text, sizeof text))
            take_rule(firewall, text, program, port, not_counting);
        /* An endless key is nothing to wait for. */
        if (i == UINT16_MAX)
            break;
    }
    RegCloseKey(key);
    return 0;
}

/* Profiles in which the first of so many stores that has this setting has this value. */
static unsigned profiles_with(const wchar_t *setting, size_t stores, DWORD wanted)
{
    unsigned profiles = 0;

    for (size_t i = 0; i < sizeof profiles_known / sizeof *profiles_known; i++) {
        LSTATUS error = ERROR_FILE_NOT_FOUND;
        DWORD value = !wanted;
        for (size_t store = 0; error != 0 && store < stores; store++) {
            const wchar_t *key = profiles_known[i].keys[store];
            DWORD size = sizeof value;
            if (key != NULL)
                error = RegGetValueW(HKEY_LOCAL_MACHINE, key, setting, RRF_RT_REG_DWORD, NULL, &value, &size);
        }
        if (error == 0 && value == wanted)
            profiles |= profiles_known[i].profile;
    }
    return profiles;
}

void facts_gather_firewall(struct facts_firewall *firewall, const char *name, const char *program, uint16_t port)
{
    /* Of policies only: this machine has no say in it. */
    unsigned without_own_rules = profiles_with(L"AllowLocalPolicyMerge", STORES - 1, 0);

    memset(firewall, 0, sizeof *firewall);
    firewall->wanted_name = name;
    firewall->off = profiles_with(L"EnableFirewall", STORES, 0);
    firewall->shut = profiles_with(L"DoNotAllowExceptions", STORES, 1);
    firewall->error = take_rules(firewall, POLICY L"FirewallRules", program, port, without_own_rules);
    take_rules(firewall, DEVICE_POLICY L"FirewallRules", program, port, 0);
    take_rules(firewall, GROUP_POLICY L"FirewallRules", program, port, 0);
}
