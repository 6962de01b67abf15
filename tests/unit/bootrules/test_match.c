/* Which rule is for a machine, and what was decided about single ones: core/bootrules/match and core/bootrules/marks. */
#include "unit.h"

#include "boot_wire.h"
#include "core/bootrules/match.h"

#include <stdio.h>

static struct boot_rules rules;
static struct boot_marks marks;
static struct boot_problem problem;

static int set_up(void **state)
{
    (void)state;
    boot_rules_init(&rules);
    memset(&marks, 0, sizeof marks);
    return 0;
}

static void boot(const char *line)
{
    CHECK(boot_rules_add(&rules, BOOT_LIST_RULES, line, &problem), "%s", problem.text);
}

static void host(const char *line)
{
    CHECK(boot_rules_add(&rules, BOOT_LIST_HOSTS, line, &problem), "%s", problem.text);
}

static struct boot_asker asker_of(enum ask_client client)
{
    static struct dhcp4 packet;
    struct ask ask;

    ask_dhcp(&ask, client, 1);
    assert_true(dhcp4_read(&packet, span_of(ask.bytes, ask.size)));
    return (struct boot_asker){machine_of_dhcp4(&packet), endpoint_ipv4(10, 77, 0, 2, 67), true};
}

/* "FILE of PxeBoot 1", "local by PxeHosts 2", "IGNORED". */
static const char *outcome_at(const struct boot_asker *asker, uint64_t now_ms)
{
    static char text[256];
    struct boot_choice choice = boot_match(&rules, &marks, asker, now_ms);
    const struct boot_rule *rule = choice.rule;

    if (choice.verdict == BOOT_VERDICT_SILENT && rule == NULL)
        return boot_reason_name((enum boot_reason)choice.reason);
    snprintf(text, sizeof text, "%s by %s %u",
             choice.verdict == BOOT_VERDICT_LOCAL    ? "local"
             : choice.verdict == BOOT_VERDICT_SILENT ? boot_reason_name((enum boot_reason)choice.reason)
                                                     : boot_text(&rules, rule->file),
             boot_list_name((enum boot_list)rule->list), (unsigned)rule->number);
    return text;
}

static const char *outcome(enum ask_client client)
{
    struct boot_asker asker = asker_of(client);

    return outcome_at(&asker, 1000);
}

static void test_first_match_by_machine(void **state)
{
    (void)state;
    assert_string_equal(outcome(ASK_EDK2_X64), "NO_RULE");
    boot("x64 = x on 10.78.0.0/16");
    boot("ia32,x64 = y");
    boot("x64 = z");
    boot("11 = arm");
    boot("bios = b");
    assert_string_equal(outcome(ASK_EDK2_X64), "y by PxeBoot 2");
    assert_string_equal(outcome(ASK_EDK2_IA32), "y by PxeBoot 2");
    assert_string_equal(outcome(ASK_EDK2_ARM64), "arm by PxeBoot 4");
    assert_string_equal(outcome(ASK_INTEL), "b by PxeBoot 5");
    assert_string_equal(outcome(ASK_RASPBERRY_PI), "NO_RULE");
    assert_string_equal(outcome(ASK_IPXE_X64), "NO_RULE_FOR_IPXE");
    assert_string_equal(outcome(ASK_IPXE_BIOS), "NO_RULE_FOR_IPXE");
    assert_string_equal(outcome(ASK_EDK2_HTTP), "NO_RULE");
    assert_string_equal(outcome(ASK_PLAIN_DHCP), "NO_ARCHITECTURE");
    boot("any = last");
    assert_string_equal(outcome(ASK_RASPBERRY_PI), "last by PxeBoot 6");
    assert_string_equal(outcome(ASK_PLAIN_DHCP), "last by PxeBoot 6");
    assert_string_equal(outcome(ASK_IPXE_X64), "NO_RULE_FOR_IPXE");
    assert_string_equal(outcome(ASK_EDK2_HTTP), "NO_RULE");
}

/* PXE.md 6.1 rule 8, facts 11: the guard against the loop. */
static void test_rule_8_ipxe(void **state)
{
    (void)state;
    boot("any = ipxe.efi");
    boot("x64 = ipxe.efi");
    boot("7 = ipxe.efi");
    host("52:54:00:12:34:56 = ipxe.efi");
    host("52:54:00:12:34:56 x64 = ipxe.efi");
    assert_string_equal(outcome(ASK_IPXE_X64), "NO_RULE_FOR_IPXE");
    boot("ipxe = boot.ipxe");
    assert_string_equal(outcome(ASK_IPXE_X64), "boot.ipxe by PxeBoot 4");
    assert_string_equal(outcome(ASK_IPXE_BIOS), "boot.ipxe by PxeBoot 4");
    host("52:54:00:12:34:56 ipxe = host.ipxe");
    assert_string_equal(outcome(ASK_IPXE_X64), "host.ipxe by PxeHosts 3");
    /* What gives nothing to load is for iPXE as well. */
    set_up(NULL);
    boot("ipxe = boot.ipxe");
    host("52:54:00:12:34:56 = ignore");
    assert_string_equal(outcome(ASK_IPXE_X64), "IGNORED by PxeHosts 1");
    set_up(NULL);
    boot("any = local");
    assert_string_equal(outcome(ASK_IPXE_X64), "local by PxeBoot 1");
    assert_string_equal(outcome(ASK_EDK2_HTTP), "local by PxeBoot 1");
}

/* PXE.md 6.1 rules 7 and 16. */
static void test_http(void **state)
{
    (void)state;
    boot("7,16 = a.efi");
    assert_string_equal(outcome(ASK_EDK2_HTTP), "NO_RULE");
    boot("arm64-http = http://a/arm");
    boot("16 = http://a/x64");
    boot("7 = http://a/never");
    assert_string_equal(outcome(ASK_EDK2_HTTP), "http://a/x64 by PxeBoot 3");
    assert_string_equal(outcome(ASK_EDK2_X64), "a.efi by PxeBoot 1");
    boot("arm64 = ignore");
    assert_string_equal(outcome(ASK_EDK2_ARM64), "IGNORED by PxeBoot 5");
}

static void test_rule_7_hosts(void **state)
{
    (void)state;
    boot("x64 = class.efi");
    host("52:54:00:12:34:56 = mac.efi");
    host("4c4c4544-0042-3510-8052-b4c04f4e3332 = guid.efi");
    assert_string_equal(outcome(ASK_EDK2_X64), "guid.efi by PxeHosts 2");
    assert_string_equal(outcome(ASK_EDK2_ARM64), "guid.efi by PxeHosts 2");
    /* Without a GUID the MAC counts. */
    struct boot_asker asker = asker_of(ASK_EDK2_X64);
    asker.machine.identity.has_guid = false;
    assert_string_equal(outcome_at(&asker, 1000), "mac.efi by PxeHosts 1");
    asker.machine.identity.has_mac = false;
    assert_string_equal(outcome_at(&asker, 1000), "class.efi by PxeBoot 1");
    /* Of several lines for one machine the first that is for it. */
    set_up(NULL);
    boot("x64 = class.efi");
    host("525400* arm64 = arm.efi");
    host("525400* x64 = other.efi on 10.78.0.0/16");
    host("525400* ia32,x64 = x64.efi");
    host("525400* = rest.efi");
    assert_string_equal(outcome(ASK_EDK2_X64), "x64.efi by PxeHosts 3");
    assert_string_equal(outcome(ASK_EDK2_ARM64), "arm.efi by PxeHosts 1");
    assert_string_equal(outcome(ASK_INTEL), "rest.efi by PxeHosts 4");
    assert_string_equal(outcome(ASK_PLAIN_DHCP), "rest.efi by PxeHosts 4");
    host("4c4c4544-0042-3510-8052-b4c04f4e3332 = answer");
    assert_string_equal(outcome(ASK_EDK2_X64), "class.efi by PxeBoot 1");
    host("4c4c4544-0042-3510-8052-b4c04f4e3332 = local");
    assert_string_equal(outcome(ASK_EDK2_X64), "class.efi by PxeBoot 1");
}

static void test_known_and_unknown(void **state)
{
    (void)state;
    boot("x64 = class.efi");
    rules.unknown = BOOT_UNKNOWN_IGNORE;
    assert_string_equal(outcome(ASK_EDK2_X64), "UNKNOWN_MACHINE");
    rules.unknown = BOOT_UNKNOWN_WAIT;
    assert_string_equal(outcome(ASK_EDK2_X64), "WAITING");
    host("525400* = answer");
    assert_string_equal(outcome(ASK_EDK2_X64), "class.efi by PxeBoot 1");
    /* Named for another machine is known too. */
    set_up(NULL);
    rules.unknown = BOOT_UNKNOWN_IGNORE;
    boot("x64 = class.efi");
    host("525400* arm64 = arm.efi");
    assert_string_equal(outcome(ASK_EDK2_X64), "class.efi by PxeBoot 1");
}

static void approve(const char *text, bool is_good)
{
    struct who who;

    assert_true(who_parse(&who, span_of_text(text)));
    assert_true(boot_marks_approve(&marks, &who) == is_good);
}

static void test_waiting_and_approval(void **state)
{
    (void)state;
    boot("x64 = class.efi");
    rules.unknown = BOOT_UNKNOWN_WAIT;
    approve("52:54:00:12:34:57", true);
    assert_string_equal(outcome(ASK_EDK2_X64), "WAITING");
    approve("52:54:00:12:34:56", true);
    approve("52-54-00-12-34-56", true);
    assert_int_equal(marks.approved_count, 2);
    assert_string_equal(outcome(ASK_EDK2_X64), "class.efi by PxeBoot 1");
    marks.approved_count = 0;
    approve("44454c4c420010358052b4c04f4e3332", true);
    assert_string_equal(outcome(ASK_EDK2_X64), "class.efi by PxeBoot 1");
    /* A line of PxeHosts, and one of PxeBoot, behind which the next counts. */
    rules.unknown = BOOT_UNKNOWN_ANSWER;
    host("525400* = wait");
    assert_string_equal(outcome(ASK_EDK2_X64), "class.efi by PxeBoot 1");
    marks.approved_count = 0;
    assert_string_equal(outcome(ASK_EDK2_X64), "WAITING by PxeHosts 1");
    set_up(NULL);
    boot("any = wait on 10.77.0.0/16");
    boot("x64 = class.efi");
    assert_string_equal(outcome(ASK_EDK2_X64), "WAITING by PxeBoot 1");
    approve("525400123456", true);
    assert_string_equal(outcome(ASK_EDK2_X64), "class.efi by PxeBoot 2");
    /* The list has an end. */
    for (unsigned i = marks.approved_count; i < BOOT_APPROVED_MAX; i++) {
        char text[16];
        snprintf(text, sizeof text, "%012x", i);
        approve(text, true);
    }
    approve("fedcba987654", false);
    approve("525400123456", true);
}

static void test_once(void **state)
{
    struct boot_asker asker = asker_of(ASK_EDK2_X64);
    struct who who;

    (void)state;
    boot("x64 = class.efi");
    host("52:54:00:12:34:56 = once setup.efi");
    assert_string_equal(outcome_at(&asker, 5000), "setup.efi by PxeHosts 1");
    who_parse(&who, span_of_text("525400123456"));
    boot_marks_use(&marks, &who, 5000);
    boot_marks_use(&marks, &who, 9000);
    assert_int_equal(marks.once_count, 1);
    /* One boot has several requests; then it is over. */
    assert_string_equal(outcome_at(&asker, 5000 + BOOT_ONCE_MS - 1), "setup.efi by PxeHosts 1");
    assert_string_equal(outcome_at(&asker, 5000 + BOOT_ONCE_MS), "local by PxeHosts 1");
    /* The rules were read again, and still have it; then they have not, and then it is there anew. */
    boot_marks_keep(&marks, &rules);
    assert_string_equal(outcome_at(&asker, 900000), "local by PxeHosts 1");
    rules.host_count = 0;
    boot_marks_keep(&marks, &rules);
    assert_int_equal(marks.once_count, 0);
    host("52:54:00:12:34:57 = answer");
    host("52:54:00:12:34:56 = once");
    assert_string_equal(outcome_at(&asker, 900000), "class.efi by PxeBoot 1");
    boot_marks_use(&marks, &who, 900000);
    assert_string_equal(outcome_at(&asker, 900000 + BOOT_ONCE_MS), "local by PxeHosts 3");
    host("52:54:00:12:34:58 = once");
    boot_marks_keep(&marks, &rules);
    assert_int_equal(marks.once_count, 1);
}

/* PXE.md 4.2, Surface: a dongle's MAC is many machines'. */
static void test_shared_macs(void **state)
{
    struct boot_asker asker = asker_of(ASK_EDK2_X64);

    (void)state;
    boot("x64 = class.efi");
    host("52:54:00:12:34:56 = mac.efi");
    host("4c4c4544-0042-3510-8052-b4c04f4e3332 = guid.efi");
    host("525400* = shared");
    assert_string_equal(outcome_at(&asker, 1000), "guid.efi by PxeHosts 2");
    asker.machine.identity.has_guid = false;
    assert_string_equal(outcome_at(&asker, 1000), "class.efi by PxeBoot 1");
    rules.unknown = BOOT_UNKNOWN_WAIT;
    approve("525400123456", true);
    assert_string_equal(outcome_at(&asker, 1000), "WAITING");
}

/* Where the line stands makes no difference, and one that has gone makes none at all. */
static void test_where_a_shared_mac_stands(void **state)
{
    struct boot_asker asker = asker_of(ASK_EDK2_X64);

    (void)state;
    asker.machine.identity.has_guid = false;
    boot("x64 = class.efi");
    host("525400* = shared");
    host("52:54:00:12:34:56 = mac.efi");
    assert_string_equal(outcome_at(&asker, 1000), "class.efi by PxeBoot 1");
    rules.host_count = 0;
    host("52:54:00:12:34:56 = mac.efi");
    host("525400* = shared");
    assert_string_equal(outcome_at(&asker, 1000), "class.efi by PxeBoot 1");
    rules.host_count--;
    assert_string_equal(outcome_at(&asker, 1000), "mac.efi by PxeHosts 3");
}

static void test_networks_and_servers(void **state)
{
    struct boot_asker asker = asker_of(ASK_EDK2_X64);

    (void)state;
    boot("x64 = six.efi server fd00::9");
    boot("x64 = a.efi on 10.1.0.0/16");
    boot("x64 = b.efi server 10.0.0.9");
    assert_string_equal(outcome_at(&asker, 1000), "b.efi by PxeBoot 3");
    asker.place = endpoint_ipv4(10, 1, 2, 3, 0);
    assert_string_equal(outcome_at(&asker, 1000), "a.efi by PxeBoot 2");
    asker.is_ipv4 = false;
    endpoint_parse_address(&asker.place, span_of_text("fd00::5"));
    assert_string_equal(outcome_at(&asker, 1000), "six.efi by PxeBoot 1");
}

/* PXE.md 1.3 row 93: of several architectures the first that a rule is for. */
static void test_several_architectures(void **state)
{
    struct boot_asker asker = asker_of(ASK_EDK2_X64);

    (void)state;
    boot("ia32 = ia32.efi");
    boot("9 = nine.efi");
    asker.machine.count = 3;
    asker.machine.architectures[0] = 2;
    asker.machine.architectures[1] = 9;
    asker.machine.architectures[2] = 6;
    assert_string_equal(outcome_at(&asker, 1000), "nine.efi by PxeBoot 2");
    host("525400* ia32 = host.efi");
    assert_string_equal(outcome_at(&asker, 1000), "host.efi by PxeHosts 1");
}

static void test_styles(void **state)
{
    static const struct {
        enum boot_style standard;
        const char *line;
        enum ask_client client;
        enum boot_style style;
    } rows[] = {
        {BOOT_STYLE_DIRECT, "x64 = a", ASK_EDK2_X64, BOOT_STYLE_DIRECT},
        {BOOT_STYLE_BINL, "x64 = a", ASK_EDK2_X64, BOOT_STYLE_BINL},
        {BOOT_STYLE_BINL, "x64 = a style menu", ASK_EDK2_X64, BOOT_STYLE_MENU},
        {BOOT_STYLE_MENU, "x64 = a", ASK_EDK2_X64, BOOT_STYLE_MENU},
        {BOOT_STYLE_MENU, "x64 = a style direct", ASK_EDK2_X64, BOOT_STYLE_DIRECT},
        {BOOT_STYLE_MENU, "ipxe = a", ASK_IPXE_X64, BOOT_STYLE_DIRECT},
        {BOOT_STYLE_MENU, "rpi = a", ASK_RASPBERRY_PI, BOOT_STYLE_DIRECT},
        {BOOT_STYLE_MENU, "x64-http = http://a", ASK_EDK2_HTTP, BOOT_STYLE_DIRECT},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        set_up(NULL);
        rules.style = (uint8_t)rows[i].standard;
        boot(rows[i].line);
        struct boot_asker asker = asker_of(rows[i].client);
        struct boot_choice choice = boot_match(&rules, &marks, &asker, 1);
        CHECK(choice.verdict == BOOT_VERDICT_FILE && choice.style == rows[i].style, "row %u", (unsigned)i);
    }
    /* A line for one machine means its file, unless it says menu. */
    set_up(NULL);
    rules.style = BOOT_STYLE_MENU;
    host("525400* = a");
    struct boot_asker asker = asker_of(ASK_EDK2_X64);
    assert_int_equal(boot_match(&rules, &marks, &asker, 1).style, BOOT_STYLE_DIRECT);
    rules.hosts[0].style = BOOT_STYLE_MENU;
    assert_int_equal(boot_match(&rules, &marks, &asker, 1).style, BOOT_STYLE_MENU);
    rules.hosts[0].style = BOOT_STYLE_UNSAID;
    rules.style = BOOT_STYLE_BINL;
    assert_int_equal(boot_match(&rules, &marks, &asker, 1).style, BOOT_STYLE_BINL);
}

static void test_reasons(void **state)
{
    (void)state;
    for (int i = 0; i < BOOT_REASON_COUNT; i++) {
        enum boot_reason reason = (enum boot_reason)i;
        CHECK(boot_reason_text(reason)[0] != 0 && boot_reason_name(reason)[0] != 0, "%d", i);
        CHECK(!(boot_reason_answers(reason) && boot_reason_is_refusal(reason)), "%s", boot_reason_name(reason));
        CHECK(boot_reason_is_limit(reason) == (strstr(boot_reason_name(reason), "_LIMIT") != NULL), "%d", i);
        CHECK(boot_reason_is_refusal(reason) || boot_reason_advice(reason)[0] == 0, "%s", boot_reason_name(reason));
    }
    assert_false(boot_reason_answers(BOOT_NOTHING_AGAINST));
    assert_true(boot_reason_answers(BOOT_OFFERED) && boot_reason_answers(BOOT_GIVEN_ADDRESS));
    assert_false(boot_reason_answers(BOOT_MALFORMED) || boot_reason_is_refusal(BOOT_OTHER_MESSAGE));
    assert_true(boot_reason_is_refusal(BOOT_PXE_OFF) && boot_reason_is_refusal(BOOT_TOTAL_LIMIT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_first_match_by_machine, set_up),
        cmocka_unit_test_setup(test_rule_8_ipxe, set_up),
        cmocka_unit_test_setup(test_http, set_up),
        cmocka_unit_test_setup(test_rule_7_hosts, set_up),
        cmocka_unit_test_setup(test_known_and_unknown, set_up),
        cmocka_unit_test_setup(test_waiting_and_approval, set_up),
        cmocka_unit_test_setup(test_once, set_up),
        cmocka_unit_test_setup(test_shared_macs, set_up),
        cmocka_unit_test_setup(test_where_a_shared_mac_stands, set_up),
        cmocka_unit_test_setup(test_networks_and_servers, set_up),
        cmocka_unit_test_setup(test_several_architectures, set_up),
        cmocka_unit_test_setup(test_styles, set_up),
        cmocka_unit_test_setup(test_reasons, set_up),
    };

    return cmocka_run_group_tests_name("match", tests, NULL, NULL);
}
