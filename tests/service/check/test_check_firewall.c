/* What the audit makes of the firewall: its rules and settings as the registry has them, and the verdict. */
#include "files.h"

#include "service/check/check_report.h"

static struct facts facts;
static struct check_report report;

/* A firewall that lets requests in. */
static int make_good(void **state)
{
    (void)state;
    memset(&facts, 0, sizeof facts);
    facts.name = "tftpd";
    facts.own_program = "C:\\new\\tftpd.exe";
    facts_image_read(&facts.service.image, "\"C:\\Program Files\\tftpd\\tftpd.exe\"");
    config_defaults(&facts.config);
    facts.firewall.rules[FACTS_RULE_ALLOWS].profiles = FACTS_PROFILES;
    strcpy(facts.firewall.rules[FACTS_RULE_ALLOWS].first.name, "our rule");
    return 0;
}

/* One line is in this state, says this and mends so; nothing else is worse than OK. */
static void assert_line(enum check_state state, const char *meaning, const char *mend)
{
    bool is_found = false;

    memset(&report, 0, sizeof report);
    check_firewall(&facts, &report);
    for (size_t i = 0; i < report.count; i++) {
        const struct check_line *line = &report.lines[i];
        bool is_it = line->state == state && strstr(line->meaning, meaning) && strstr(line->mend, mend);
        CHECK(is_it || line->state == CHECK_OK, "%s: %s", line->meaning, line->mend);
        CHECK(line->state == CHECK_OK || line->mend[0] != 0, "nothing mends it: %s", line->meaning);
        is_found = is_found || is_it;
    }
    CHECK(is_found, "no line has \"%s\" and \"%s\"", meaning, mend);
}

static void judges_the_firewall(void **state)
{
    facts.firewall.rules[FACTS_RULE_ALLOWS].profiles = 0;
    assert_line(CHECK_FAIL, "no rule lets requests to UDP port 69 in",
                "program=\"C:\\Program Files\\tftpd\\tftpd.exe\"");
    facts.firewall.rules[FACTS_RULE_ALLOWS].profiles = 1;
    assert_line(CHECK_OK, "\"our rule\" lets requests in (profiles: domain)", "");
    facts.firewall.off = 1;
    assert_line(CHECK_FAIL, "no rule", "netsh");
    facts.firewall.off = FACTS_PROFILES;
    assert_line(CHECK_WARN, "switched off", "state on");
    make_good(state);
    facts.firewall.rules[FACTS_RULE_BLOCKS].profiles = 4;
    strcpy(facts.firewall.rules[FACTS_RULE_BLOCKS].first.name, "no tftp");
    assert_line(CHECK_FAIL, "\"no tftp\" keeps requests out (profiles: public)", "name=\"no tftp\" new enable=no");
    make_good(state);
    facts.firewall.rules[FACTS_RULE_ALLOWS_PARTLY].profiles = FACTS_PROFILES;
    facts.firewall.rules[FACTS_RULE_ALLOWS_PARTLY].first = (struct facts_rule_text){"lab", "RA4=LocalSubnet"};
    assert_line(CHECK_OK, "\"our rule\" lets requests in", "");
    facts.firewall.rules[FACTS_RULE_ALLOWS].profiles = 0;
    assert_line(CHECK_WARN, "\"lab\" lets requests in only where RA4=LocalSubnet; others get no answer",
                "netsh advfirewall firewall add rule");
    facts.firewall.off = FACTS_PROFILES & ~1u;
    facts.firewall.rules[FACTS_RULE_ALLOWS_PARTLY].profiles = 2;
    assert_line(CHECK_FAIL, "no rule", "netsh");
    make_good(state);
    facts.firewall.rules[FACTS_RULE_BLOCKS_PARTLY].profiles = 1;
    facts.firewall.rules[FACTS_RULE_BLOCKS_PARTLY].first =
        (struct facts_rule_text){"not them", "RA4=10.9.0.0/255.255.0.0"};
    assert_line(CHECK_WARN, "\"not them\" keeps requests out where RA4=10.9.0.0/255.255.0.0",
                "netsh advfirewall firewall show rule name=\"not them\" verbose");
    make_good(state);
    facts.firewall.shut = 4;
    assert_line(CHECK_FAIL, "lets nothing in, whatever rules allow (profiles: public)",
                "netsh advfirewall set allprofiles firewallpolicy blockinbound,allowoutbound");
    facts.firewall.off = 4;
    assert_line(CHECK_OK, "\"our rule\" lets requests in", "");
    make_good(state);
    facts.firewall.ignored = (struct facts_rules){FACTS_PROFILES, {"tftpd", ""}};
    facts.firewall.rules[FACTS_RULE_ALLOWS].profiles = 1;
    assert_line(CHECK_WARN, "\"tftpd\" of this machine lets nobody in (profiles: private, public)", "gpresult");
    facts.firewall.rules[FACTS_RULE_ALLOWS].profiles = 0;
    assert_line(CHECK_FAIL, "(profiles: domain, private, public), for a policy has only its own rules count",
                "gpresult");
    facts.firewall.error = ERROR_FILE_NOT_FOUND;
    assert_line(CHECK_WARN, "cannot be read", "netsh advfirewall firewall add rule name=\"tftpd\"");
}

static void reads_firewall_rules(void **state)
{
    static const struct {
        const char *rule;
        enum facts_rule meaning;
        unsigned profiles;
    } rows[] = {
        {"v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=17|App=C:\\tftpd\\TFTPD.exe|Name=a|", FACTS_RULE_ALLOWS, 7},
        {"v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=17|LPort=69|Name=a|", FACTS_RULE_ALLOWS, 7},
        {"v2.30|Action=Allow|Active=TRUE|Dir=In|Name=a|", FACTS_RULE_ALLOWS, 7},
        {"v2.30|Action=Allow|Active=TRUE|Dir=In|Profile=Domain|Profile=Public|Name=a|", FACTS_RULE_ALLOWS, 5},
        {"v2.30|Action=Block|Active=TRUE|Dir=In|Profile=Private|Protocol=17|LPort=69|Name=a|", FACTS_RULE_BLOCKS, 2},
        {"v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=17|LPort=67|LPort=69|Name=a|", FACTS_RULE_ALLOWS, 7},
        {"v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=17|LPort2_10=60-80|Name=a|", FACTS_RULE_ALLOWS, 7},
        {"v2.30|Action=Allow|Active=FALSE|Dir=In|Protocol=17|LPort=69|Name=a|", FACTS_RULE_OTHER, 7},
        {"v2.30|Action=Allow|Active=TRUE|Dir=Out|Protocol=17|LPort=69|Name=a|", FACTS_RULE_OTHER, 7},
        {"v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=69|Name=a|", FACTS_RULE_OTHER, 7},
        {"v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=17|LPort=690|Name=a|", FACTS_RULE_OTHER, 7},
        {"v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=17|LPort=RPC|Name=a|", FACTS_RULE_OTHER, 7},
        {"v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=17|App=C:\\other.exe|Name=a|", FACTS_RULE_OTHER, 7},
        {"v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=17|App=System|LPort=69|Name=a|", FACTS_RULE_OTHER, 7},
        {"v2.30|Action=Allow|Active=TRUE|Dir=In|App=C:\\tftpd\\tftpd.exe|Svc=Dhcp|Name=a|", FACTS_RULE_OTHER, 7},
        {"", FACTS_RULE_OTHER, 7},
        {"nonsense||==|Active|", FACTS_RULE_OTHER, 7},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct facts_rule_text text;
        unsigned profiles;
        enum facts_rule meaning = facts_firewall_rule(rows[i].rule, "C:\\tftpd\\tftpd.exe", 69, &profiles, &text);
        CHECK(meaning == rows[i].meaning && profiles == rows[i].profiles, "row %u: %u, %u", (unsigned)i, meaning,
              profiles);
        CHECK(i + 2 >= COUNT_OF(rows) || strcmp(text.name, "a") == 0, "row %u: %s", (unsigned)i, text.name);
        assert_string_equal(text.only, "");
    }
}

/* "lets requests in" may hold for one subnet only. */
static void reads_what_limits_a_firewall_rule(void **state)
{
    static const struct {
        const char *rule;
        enum facts_rule meaning;
        const char *only;
    } rows[] = {
        {"v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=17|LPort=69|RA4=10.0.0.0/255.0.0.0|Name=a|",
         FACTS_RULE_ALLOWS_PARTLY, "RA4=10.0.0.0/255.0.0.0"},
        {"v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=17|LPort=69|RA4=LocalSubnet|RA6=LocalSubnet|IFType=Lan|Name=a|",
         FACTS_RULE_ALLOWS_PARTLY, "RA4=LocalSubnet, RA6=LocalSubnet, IFType=Lan"},
        {"v2.30|Action=Allow|Active=TRUE|Dir=In|LA4=10.1.0.5|Name=a|", FACTS_RULE_ALLOWS_PARTLY, "LA4=10.1.0.5"},
        {"v2.30|Action=Allow|Active=TRUE|Dir=In|RA42=DNS|Name=a|", FACTS_RULE_ALLOWS_PARTLY, "RA42=DNS"},
        {"v2.30|Action=Allow|Active=TRUE|Dir=In|RPort=2070|Name=a|", FACTS_RULE_ALLOWS_PARTLY, "RPort=2070"},
        {"v2.30|Action=Allow|Active=TRUE|Dir=In|IF={1}|Name=a|", FACTS_RULE_ALLOWS_PARTLY, "IF={1}"},
        {"v2.30|Action=Allow|Active=TRUE|Dir=In|Security=Authenticate|RMauth=D:(A)|Name=a|", FACTS_RULE_ALLOWS_PARTLY,
         "Security=Authenticate, RMauth=D:(A)"},
        {"v2.30|Action=Block|Active=TRUE|Dir=In|Profile=Public|RA4=10.9.0.0/255.255.0.0|Name=a|",
         FACTS_RULE_BLOCKS_PARTLY, "RA4=10.9.0.0/255.255.0.0"},
        {"v2.30|Action=Allow|Active=FALSE|Dir=In|RA4=10.1.2.3|Name=a|", FACTS_RULE_OTHER, "RA4=10.1.2.3"},
        {"v2.30|Action=Allow|Active=TRUE|Dir=In|RA4=*|LA4=*|IFType=All|RPort=*|EmbedCtxt=x|Edge=TRUE|Name=a|",
         FACTS_RULE_ALLOWS, ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct facts_rule_text text;
        unsigned profiles;
        enum facts_rule meaning = facts_firewall_rule(rows[i].rule, "C:\\tftpd\\tftpd.exe", 69, &profiles, &text);
        CHECK(meaning == rows[i].meaning, "row %u: %u", (unsigned)i, meaning);
        CHECK(strcmp(text.only, rows[i].only) == 0, "row %u: %s", (unsigned)i, text.only);
    }
}

#define LOCAL_POLICY "SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\"
#define GROUP_POLICY "SOFTWARE\\Policies\\Microsoft\\WindowsFirewall\\"

static void set_number(const char *key, const char *name, DWORD value)
{
    assert_int_equal(RegSetKeyValueA(HKEY_LOCAL_MACHINE, key, name, REG_DWORD, &value, sizeof value), 0);
}

static void set_rule(const char *key, const char *rule)
{
    assert_int_equal(RegSetKeyValueA(HKEY_LOCAL_MACHINE, key, "a rule", REG_SZ, rule, (DWORD)strlen(rule) + 1), 0);
}

static const struct facts_firewall *gathered(void)
{
    static struct facts_firewall firewall;

    facts_gather_firewall(&firewall, "tftpd", "C:\\tftpd\\tftpd.exe", 69);
    assert_int_equal(firewall.error, 0);
    return &firewall;
}

/* What a policy sets wins over this machine's own, profile by profile. */
static void reads_the_settings_of_firewall_profiles(void **state)
{
    (void)state;
    set_rule(LOCAL_POLICY "FirewallRules", "v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=17|LPort=69|Name=ours|");
    const struct facts_firewall *firewall = gathered();
    assert_int_equal(firewall->off | firewall->shut | firewall->ignored.profiles, 0);
    assert_int_equal(firewall->rules[FACTS_RULE_ALLOWS].profiles, FACTS_PROFILES);

    set_number(LOCAL_POLICY "DomainProfile", "EnableFirewall", 0);
    set_number(LOCAL_POLICY "StandardProfile", "EnableFirewall", 1);
    set_number(LOCAL_POLICY "PublicProfile", "EnableFirewall", 1);
    assert_int_equal(gathered()->off, 1);
    set_number(GROUP_POLICY "DomainProfile", "EnableFirewall", 1);
    set_number(GROUP_POLICY "PrivateProfile", "EnableFirewall", 0);
    assert_int_equal(gathered()->off, 2);
    set_number(GROUP_POLICY "StandardProfile", "EnableFirewall", 0); /* of an old policy: where there is no newer one */
    set_number(GROUP_POLICY "PrivateProfile", "EnableFirewall", 1);
    assert_int_equal(gathered()->off, 4);
    set_number(LOCAL_POLICY "Mdm\\DomainProfile", "DoNotAllowExceptions", 1);
    set_number(LOCAL_POLICY "PublicProfile", "DoNotAllowExceptions", 1);
    assert_int_equal(gathered()->shut, 5);
    set_number(GROUP_POLICY "DomainProfile", "DoNotAllowExceptions", 0);
    assert_int_equal(gathered()->shut, 4);
    RegDeleteTreeA(HKEY_LOCAL_MACHINE, "SOFTWARE\\Policies\\Microsoft\\WindowsFirewall");
    RegDeleteTreeA(HKEY_LOCAL_MACHINE, "SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy");
}

static void leaves_out_rules_that_a_policy_has_not_count(void **state)
{
    (void)state;
    set_rule(LOCAL_POLICY "FirewallRules", "v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=17|LPort=69|Name=ours|");
    set_number(LOCAL_POLICY "PublicProfile", "AllowLocalPolicyMerge", 0); /* not this machine's to say */
    assert_int_equal(gathered()->ignored.profiles, 0);
    set_number(GROUP_POLICY "DomainProfile", "AllowLocalPolicyMerge", 0);
    set_number(GROUP_POLICY "PrivateProfile", "AllowLocalPolicyMerge", 1);
    const struct facts_firewall *firewall = gathered();
    assert_int_equal(firewall->ignored.profiles, 1);
    assert_string_equal(firewall->ignored.first.name, "ours");
    assert_int_equal(firewall->rules[FACTS_RULE_ALLOWS].profiles, 6);
    set_rule(GROUP_POLICY "FirewallRules",
             "v2.30|Action=Allow|Active=TRUE|Dir=In|Profile=Domain|Protocol=17|LPort=69|Name=theirs|");
    assert_int_equal(gathered()->rules[FACTS_RULE_ALLOWS].profiles, FACTS_PROFILES);
    set_rule(LOCAL_POLICY "FirewallRules",
             "v2.30|Action=Block|Active=TRUE|Dir=In|Profile=Domain|Protocol=17|LPort=69|Name=ours|");
    firewall = gathered();
    assert_int_equal(firewall->rules[FACTS_RULE_BLOCKS].profiles | firewall->ignored.profiles, 0);
    RegDeleteTreeA(HKEY_LOCAL_MACHINE, "SOFTWARE\\Policies\\Microsoft\\WindowsFirewall");
    RegDeleteTreeA(HKEY_LOCAL_MACHINE, "SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(judges_the_firewall, make_good),
        cmocka_unit_test(reads_firewall_rules),
        cmocka_unit_test(reads_what_limits_a_firewall_rule),
        cmocka_unit_test(reads_the_settings_of_firewall_profiles),
        cmocka_unit_test(leaves_out_rules_that_a_policy_has_not_count),
    };

    return cmocka_run_group_tests_name("check_firewall", tests, NULL, NULL) != 0;
}
