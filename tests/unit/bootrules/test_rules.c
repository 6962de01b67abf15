#include "unit.h"

#include "core/bootrules/rules.h"

#include <stdio.h>

static struct boot_rules rules;
static struct boot_problem problem;

static int set_up(void **state)
{
    (void)state;
    boot_rules_init(&rules);
    return 0;
}

static void add(enum boot_list list, const char *line)
{
    CHECK(boot_rules_add(&rules, list, line, &problem), "%s", problem.text);
    CHECK(problem.text[0] == 0, "%s", problem.text);
}

static const struct boot_rule *add_rule(const char *line)
{
    add(BOOT_LIST_RULES, line);
    return &rules.rules[rules.rule_count - 1];
}

static const struct boot_rule *add_host(const char *line)
{
    add(BOOT_LIST_HOSTS, line);
    return &rules.hosts[rules.host_count - 1];
}

static const char *text(boot_place place)
{
    return boot_text(&rules, place);
}

static void test_machines_and_files(void **state)
{
    char shown[64];

    (void)state;
    const struct boot_rule *rule = add_rule("x64 = boot/bootx64.efi");
    assert_int_equal(rule->action, BOOT_FILE);
    assert_string_equal(text(rule->file), "boot/bootx64.efi");
    assert_true(machine_set_has(&rule->machines, 7) && machine_set_has(&rule->machines, 9));
    assert_int_equal(rule->style, BOOT_STYLE_UNSAID);
    assert_false(rule->is_url || rule->has_network || rule->has_server || rule->is_once);
    assert_string_equal(boot_rule_text(&rules, rule, shown, sizeof shown), "PxeBoot 1: x64 = boot/bootx64.efi");
    rule = add_rule("  bios, ia32,27=\"with blanks/a.0\"  ");
    assert_string_equal(text(rule->file), "with blanks/a.0");
    assert_true(machine_set_has(&rule->machines, 0) && machine_set_has(&rule->machines, 6) &&
                machine_set_has(&rule->machines, 27));
    assert_int_equal(rule->number, 2);
    assert_string_equal(text(add_rule("\t x64\t=\t boot/tabs\tserver\t10.0.0.9")->file), "boot/tabs");
    rule = add_rule("ipxe = http://boot.example/a=b.ipxe");
    assert_true(rule->is_url && rule->machines.is_ipxe);
    assert_string_equal(text(rule->file), "http://boot.example/a=b.ipxe");
    rule = add_rule("x64-http = HTTPS://boot.example/x.efi");
    assert_true(rule->is_url && machine_set_has(&rule->machines, 16));
    rule = add_rule("16 = http://boot.example/x.efi");
    assert_true(rule->is_url);
    assert_int_equal(add_rule("any = ignore")->action, BOOT_IGNORE);
    assert_int_equal(add_rule("any = LOCAL")->action, BOOT_LOCAL);
    assert_int_equal(add_rule("any = wait")->action, BOOT_WAIT);
    assert_int_equal(rules.rule_count, 9);
}

static void test_what_stands_behind(void **state)
{
    (void)state;
    const struct boot_rule *rule =
        add_rule("x64 = bootmgfw.efi on 10.1.0.0/16 option 252=\\Boot\\x64.bcd server 10.0.0.9 "
                 "style binl option \"209=a b\" option 211=65538 option 150=10.0.0.8");
    struct endpoint inside = endpoint_ipv4(10, 1, 255, 1, 0);
    struct endpoint server = endpoint_ipv4(10, 0, 0, 9, 0);

    assert_true(rule->has_network && prefix_contains(&rule->network, &inside));
    assert_true(rule->has_server && endpoint_equal(&rule->server, &server));
    assert_int_equal(rule->style, BOOT_STYLE_BINL);
    assert_int_equal(rule->option_count, 4);
    static const struct {
        uint8_t tag;
        uint8_t size;
        const char *bytes;
    } options[] = {{252, 14, "\\Boot\\x64.bcd"}, {209, 3, "a b"}, {211, 4, "\0\1\0\2"}, {150, 4, "\x0a\0\0\x08"}};
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        CHECK(rule->options[i].tag == options[i].tag && rule->options[i].size == options[i].size, "option %u",
              options[i].tag);
        assert_memory_equal(text(rule->options[i].bytes), options[i].bytes, options[i].size);
    }
    assert_int_equal(add_rule("x64 = a style menu")->style, BOOT_STYLE_MENU);
    assert_int_equal(add_rule("x64 = a style direct")->style, BOOT_STYLE_DIRECT);
    assert_true(add_rule("x64 = a server fd00::9")->has_server);
    rule = add_rule("x64 = on.efi on 10.1.0.1");
    assert_string_equal(text(rule->file), "on.efi");
}

static void test_hosts(void **state)
{
    (void)state;
    const struct boot_rule *rule = add_host("52:54:00:12:34:56 = once setup.efi");
    assert_true(rule->is_once);
    assert_int_equal(rule->action, BOOT_FILE);
    assert_int_equal(rule->who.kind, WHO_MAC);
    assert_false(rule->has_machines);
    rule = add_host("4c4c4544-0042-3510-8052-b4c04f4e3332 x64, ia32 = a.efi");
    assert_int_equal(rule->who.kind, WHO_GUID);
    assert_true(rule->has_machines && machine_set_has(&rule->machines, 6));
    rule = add_host("52:54:00:12:34:56 ipxe = host.ipxe");
    assert_true(rule->machines.is_ipxe);
    rule = add_host("52:54:00:12:34:56 = once");
    assert_true(rule->is_once);
    assert_int_equal(rule->action, BOOT_ANSWER);
    rule = add_host("52:54:00:12:34:56 = once on 10.0.0.0/8");
    assert_true(rule->is_once && rule->has_network);
    assert_int_equal(add_host("525400* = shared")->action, BOOT_SHARED);
    assert_int_equal(add_host("525400* = answer")->action, BOOT_ANSWER);
    assert_int_equal(add_host("525400* = ignore")->action, BOOT_IGNORE);
    assert_int_equal(add_host("525400* = wait")->action, BOOT_WAIT);
    assert_int_equal(add_host("525400* = local")->action, BOOT_LOCAL);
}

static void test_menu_and_prompt(void **state)
{
    (void)state;
    assert_int_equal(rules.prompt_s, 10);
    add_rule("x64 = a.efi");
    assert_string_equal(text(rules.prompt), "Press F8 for the boot menu");
    strcpy(problem.text, "of before");
    assert_true(boot_rules_check(&rules, &problem));
    assert_string_equal(problem.text, "");
    rules.style = BOOT_STYLE_MENU;
    assert_false(boot_rules_check(&rules, &problem));
    assert_non_null(strstr(problem.text, "PxeMenu is empty"));
    add(BOOT_LIST_MENU, "Local disk = local");
    add(BOOT_LIST_MENU, "Set up Windows = answer");
    add(BOOT_LIST_MENU, "Memory test = \"memory test.efi\" for x64,ia32 server 10.0.0.9");
    assert_int_equal(rules.menu_count, 3);
    assert_string_equal(text(rules.menu[0].title), "Local disk");
    assert_int_equal(rules.menu[0].action, BOOT_LOCAL);
    assert_int_equal(rules.menu[1].action, BOOT_ANSWER);
    assert_string_equal(text(rules.menu[2].file), "memory test.efi");
    assert_true(rules.menu[2].has_machines && rules.menu[2].has_server);
    assert_true(boot_rules_check(&rules, &problem));
    rules.style = BOOT_STYLE_DIRECT;
    add(BOOT_LIST_PROMPT, "wait Choose \"one\"");
    assert_int_equal(rules.prompt_s, 255);
    assert_string_equal(text(rules.prompt), "Choose \"one\"");
    add(BOOT_LIST_PROMPT, "0");
    assert_int_equal(rules.prompt_s, 0);
    assert_string_equal(text(rules.prompt), "");
    add(BOOT_LIST_PROMPT, "254 x");
    assert_int_equal(rules.prompt_s, 254);
}

/* One option holds 255 bytes: control 3, servers 2 + 4 * 7, entries 2 + 4 * 3 and texts, prompt 3, END 1. */
static void test_a_menu_that_is_too_long(void **state)
{
    static const int lengths[] = {70, 70, 34, 30};
    char line[128];

    (void)state;
    add(BOOT_LIST_PROMPT, "0");
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        snprintf(line, sizeof line, "%0*d = answer", lengths[i], 0);
        add(BOOT_LIST_MENU, line);
    }
    add_host("525401* = a");
    add_host("525400* = a style menu");
    assert_true(boot_rules_check(&rules, &problem));
    add(BOOT_LIST_PROMPT, "0 x");
    assert_false(boot_rules_check(&rules, &problem));
    assert_string_equal(problem.text,
                        "PxeMenu: the entries for every machine and PxePrompt take 256 bytes, and PXE has room for "
                        "255: for the texts, 10 for each entry or 3 where it is local, and 11; shorten texts or leave "
                        "out entries");
    rules.host_count = 0; /* nobody sees it then */
    assert_true(boot_rules_check(&rules, &problem));
    add_rule("x64 = a style menu");
    assert_false(boot_rules_check(&rules, &problem));
}

static void test_networks(void **state)
{
    struct endpoint address = endpoint_ipv4(10, 1, 2, 3, 0);

    (void)state;
    add(BOOT_LIST_RELAYS, " 10.1.0.0/16 ");
    add(BOOT_LIST_RELAYS, "192.168.1.1");
    add(BOOT_LIST_INTERFACES, "fd00::/8");
    assert_int_equal(rules.relay_count, 2);
    assert_int_equal(rules.interface_count, 1);
    assert_true(prefix_contains(&rules.relays[0], &address));
}

static void test_bootp(void **state)
{
    (void)state;
    add(BOOT_LIST_BOOTP, "00:11:22:33:44:55 = 10.0.0.5/24 file boot/sun name sun1 router 10.0.0.1 dns 10.0.0.2 "
                         "root /export domain a.example server 10.0.0.9");
    const struct bootp_host *host = &rules.bootp_hosts[0];
    struct endpoint address = endpoint_ipv4(10, 0, 0, 5, 0);
    struct endpoint router = endpoint_ipv4(10, 0, 0, 1, 0);
    struct endpoint dns = endpoint_ipv4(10, 0, 0, 2, 0);
    struct endpoint server = endpoint_ipv4(10, 0, 0, 9, 0);
    assert_true(endpoint_equal(&host->address, &address) && endpoint_equal(&host->router, &router) &&
                endpoint_equal(&host->dns, &dns) && endpoint_equal(&host->server, &server));
    assert_int_equal(host->bits, 24);
    assert_string_equal(text(host->file), "boot/sun");
    assert_string_equal(text(host->name), "sun1");
    assert_string_equal(text(host->root), "/export");
    assert_string_equal(text(host->domain), "a.example");
    /* Mask, router, dns 6 each, name 2 + 4, domain 2 + 9, root 2 + 7, END. */
    assert_int_equal(bootp_options_size(&rules, host), 45);
    add(BOOT_LIST_BOOTP, "001122334456=10.0.0.6");
    host = &rules.bootp_hosts[1];
    assert_true(endpoint_is_unspecified(&host->router) && endpoint_is_unspecified(&host->dns) &&
                endpoint_is_unspecified(&host->server));
    assert_int_equal(host->bits, 0);
    assert_int_equal(host->number, 2);
    assert_int_equal(bootp_options_size(&rules, host), 7);
    add(BOOT_LIST_BOOTP, "file unix = boot/vmunix");
    assert_string_equal(text(rules.bootp_files[0].name), "unix");
    assert_string_equal(text(rules.bootp_files[0].file), "boot/vmunix");
    /* The longest name that fits. */
    add(BOOT_LIST_BOOTP, "001122334457 = 10.0.0.7 name 123456789012345678901234567890123456789012345678901");
    assert_int_equal(bootp_options_size(&rules, &rules.bootp_hosts[2]), BOOTP_VENDOR_SIZE);
}

/* Each line is refused with words that name the parameter and the line, and leaves nothing behind. */
static void test_complaints(void **state)
{
    static const struct {
        enum boot_list list;
        const char *line;
        const char *says;
    } rows[] = {
        {BOOT_LIST_RULES, "x46 = a.efi", "\"x46\" is no machine; did you mean x64?"},
        {BOOT_LIST_RULES, "sparc = a.efi", "\"sparc\" is no machine; write one of bios x64 ia32"},
        {BOOT_LIST_RULES, "0123456789abcdef0123456789abcdef0 = a.efi",
         "\"0123456789abcdef0123456789abcdef\" is no machine; write one of"},
        {BOOT_LIST_RULES, "x64", "there is no \"=\""},
        {BOOT_LIST_RULES, "= a.efi", "there is no \"=\" with something before it"},
        {BOOT_LIST_RULES, "x64 =", "a file, or a word such as local, is missing"},
        {BOOT_LIST_RULES, "x64 = \"\"", "is missing"},
        {BOOT_LIST_RULES, "x64 = \"a.efi", "a quote begins and does not end"},
        {BOOT_LIST_RULES, "x64 = a.efi b.efi", "\"b.efi\" is not understood; a word with blanks stands in"},
        {BOOT_LIST_RULES, "x64 = a.efi sytle binl", "did you mean style?"},
        {BOOT_LIST_RULES, "x64 = a.efi on", "the network behind \"on\" is missing"},
        {BOOT_LIST_RULES, "x64 = a.efi on 10.0.0.0/33", "\"10.0.0.0/33\" is no network"},
        {BOOT_LIST_RULES, "x64 = a.efi server", "the address behind \"server\" is missing"},
        {BOOT_LIST_RULES, "x64 = a.efi server 0.0.0.0", "\"0.0.0.0\" is no address of a host"},
        {BOOT_LIST_RULES, "x64 = a.efi server 255.255.255.255", "is no address of a host"},
        {BOOT_LIST_RULES, "x64 = a.efi server 224.0.0.1", "is no address of a host"},
        {BOOT_LIST_RULES, "x64 = a.efi server fe80::1%3", "is no address of a host"},
        {BOOT_LIST_RULES, "x64 = a.efi server boot.example", "is no address of a host"},
        {BOOT_LIST_RULES, "x64 = a.efi style", "direct, binl or menu behind \"style\" is missing"},
        {BOOT_LIST_RULES, "x64 = a.efi style fast", "\"fast\" is no style"},
        {BOOT_LIST_RULES, "x64 = a.efi option", "NUMBER=VALUE behind \"option\" is missing"},
        {BOOT_LIST_RULES, "x64 = a.efi option 252", "an option is written NUMBER=VALUE"},
        {BOOT_LIST_RULES, "x64 = a.efi option 256=a", "an option is written NUMBER=VALUE"},
        {BOOT_LIST_RULES, "x64 = a.efi option 209=", "has to have 1 to 127 bytes"},
        {BOOT_LIST_RULES, "x64 = a.efi option 150=x", "option 150 is an IPv4 address"},
        {BOOT_LIST_RULES, "x64 = a.efi option 150=fd00::1", "option 150 is an IPv4 address"},
        {BOOT_LIST_RULES, "x64 = a.efi option 211=4294967296", "option 211 is a number of seconds"},
        {BOOT_LIST_RULES, "x64 = a option 66=a option 209=a option 210=a option 211=1 option 252=a",
         "4 options at most"},
        {BOOT_LIST_RULES, "x64 = once a.efi", "once is for one machine"},
        {BOOT_LIST_RULES, "x64 = shared", "\"shared\" has no meaning here"},
        {BOOT_LIST_RULES, "x64 = answer", "\"answer\" has no meaning here"},
        {BOOT_LIST_RULES, "x64 = http://a/b", "a URL is for machines that boot by HTTP"},
        {BOOT_LIST_RULES, "any = http://a/b", "a URL is for machines that boot by HTTP"},
        {BOOT_LIST_RULES, "rpi = http://a/b", "a URL is for machines that boot by HTTP"},
        {BOOT_LIST_RULES, "x64-http = a.efi", "machines that boot by HTTP are given a URL"},
        {BOOT_LIST_RULES, "ipxe = ftp://a/b", "is a URL of a kind that no machine boots from"},
        {BOOT_LIST_RULES, "ipxe,x64 = a.efi", "again and again; write a line for ipxe alone"},
        {BOOT_LIST_RULES, "ipxe,ia32 = a.efi", "again and again"},
        {BOOT_LIST_RULES, "ipxe,any = a.efi", "again and again"},
        {BOOT_LIST_RULES, "ipxe,rpi = a.efi", "again and again"},
        {BOOT_LIST_RULES, "ipxe = a.ipxe style menu", "iPXE is never shown PxeMenu"},
        {BOOT_LIST_RULES, "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17 = a", "16 architectures at most"},
        {BOOT_LIST_HOSTS, "525400* = once a.efi", "once is for one machine"},
        {BOOT_LIST_HOSTS, "52:54:00:12:34 = a.efi", "\"52:54:00:12:34\" is no MAC and no GUID"},
        {BOOT_LIST_HOSTS, "52:54:00:12:34:56 x46 = a.efi", "did you mean x64?"},
        {BOOT_LIST_HOSTS, "52:54:00:12:34:56 = http://a/b", "a URL is for machines that boot by HTTP"},
        {BOOT_LIST_HOSTS, "52:54:00:12:34:56 = once \"a", "a quote begins"},
        {BOOT_LIST_MENU, "Text = ignore", "\"ignore\" has no meaning here"},
        {BOOT_LIST_MENU, "Text = http://a/b", "is loaded by TFTP"},
        {BOOT_LIST_MENU, "Text = a on 10.0.0.0/8", "\"on\" is not understood"},
        {BOOT_LIST_MENU, "Text = a styl binl", "\"styl\" is not understood; a word with blanks"},
        {BOOT_LIST_MENU, "Text = a servr 10.0.0.9", "did you mean server?"},
        {BOOT_LIST_MENU, "Text = a for", "machines behind \"for\" is missing"},
        {BOOT_LIST_MENU, "Text = a for x46", "did you mean x64?"},
        {BOOT_LIST_PROMPT, "", "a number of seconds is missing"},
        {BOOT_LIST_PROMPT, "255 a", "is no number of seconds up to 254"},
        {BOOT_LIST_PROMPT, "soon", "is no number of seconds"},
        {BOOT_LIST_RELAYS, "", "an address or a prefix is missing"},
        {BOOT_LIST_RELAYS, "router", "\"router\" is no network"},
        {BOOT_LIST_RELAYS, "10.0.0.1 10.0.0.2", "\"10.0.0.2\" is too much"},
        {BOOT_LIST_RELAYS, "10.0.0.1 \"", "a quote begins"},
        {BOOT_LIST_BOOTP, "001122* = 10.0.0.5", "is no MAC of one machine"},
        {BOOT_LIST_BOOTP, "files = 10.0.0.5", "is no MAC of one machine"},
        {BOOT_LIST_BOOTP, "4c4c4544-0042-3510-8052-b4c04f4e3332 = 10.0.0.5", "is no MAC of one machine"},
        {BOOT_LIST_BOOTP, "001122334455 =", "the address that the machine gets is missing"},
        {BOOT_LIST_BOOTP, "001122334455 = 10.0.0.5/31", "\"/31\" is no length of a network"},
        {BOOT_LIST_BOOTP, "001122334455 = 10.0.0.5/30 mask", "\"mask\" is not understood"},
        {BOOT_LIST_BOOTP, "001122334455 = 10.0.0.5/8 mask", "\"mask\" is not understood"},
        {BOOT_LIST_BOOTP, "001122334455 = 10.0.0.5/7", "\"/7\" is no length of a network"},
        {BOOT_LIST_BOOTP, "001122334455 = fd00::5", "BOOTP gives IPv4 addresses only"},
        {BOOT_LIST_BOOTP, "001122334455 = 10.0.0.5 router fd00::5", "BOOTP knows IPv4 addresses only"},
        {BOOT_LIST_BOOTP, "001122334455 = 10.0.0.5 router x", "\"x\" is no address"},
        {BOOT_LIST_BOOTP, "001122334455 = 10.0.0.5 file", "the file behind \"file\" is missing"},
        {BOOT_LIST_BOOTP, "001122334455 = 10.0.0.5 mask 1", "\"mask\" is not understood"},
        {BOOT_LIST_BOOTP, "001122334455 = 10.0.0.5 \"", "a quote begins"},
        {BOOT_LIST_BOOTP, "001122334457 = 10.0.0.7 name 1234567890123456789012345678901234567890123456789012",
         "take 61 bytes, and BOOTP has room for 60"},
        {BOOT_LIST_BOOTP, "file", "there is no \"=\""},
        {BOOT_LIST_BOOTP, "file unix boot", "there is no \"=\""},
        {BOOT_LIST_BOOTP, "file unix =", "the file behind \"=\" is missing"},
        {BOOT_LIST_BOOTP, "file unix = a b", "there is something behind the file"},
    };

    (void)state;
    static struct boot_rules before;
    memcpy(&before, &rules, sizeof before);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char start[160];
        CHECK(!boot_rules_add(&rules, rows[i].list, rows[i].line, &problem), "\"%s\" is accepted", rows[i].line);
        CHECK(strstr(problem.text, rows[i].says) != NULL, "%s\nand not: %s", problem.text, rows[i].says);
        snprintf(start, sizeof start, "%s, line \"%.79s\": ", boot_list_name(rows[i].list), rows[i].line);
        CHECK(strncmp(problem.text, start, strlen(start)) == 0, "%s", problem.text);
        CHECK(memcmp(&rules, &before, offsetof(struct boot_rules, texts)) == 0, "\"%s\" leaves something",
              rows[i].line);
    }
}

/* A line that is taken has an effect: what would have none is refused with words for what to write. */
static void test_lines_without_effect(void **state)
{
    static const char told_without_file[] = "server, style and option go with a file";
    static const char shared[] = "write \"MAC = shared\"";
    static const char told_directly[] = "is always told its file directly";
    static const char not_in_menus[] = "PxeMenu is never shown to ipxe, rpi and words that end in -http";
    static const struct {
        enum boot_list list;
        const char *line;
        const char *says;
    } rows[] = {
        /* There is no file. */
        {BOOT_LIST_RULES, "x64 = local option 66=a", told_without_file},
        {BOOT_LIST_RULES, "any = ignore server 10.0.0.9", told_without_file},
        {BOOT_LIST_RULES, "any = wait style binl", told_without_file},
        {BOOT_LIST_HOSTS, "52:54:00:12:34:56 = answer option 252=\\Boot\\BCD style binl server 10.0.0.9",
         told_without_file},
        {BOOT_LIST_HOSTS, "52:54:00:12:34:56 = answer style menu", told_without_file},
        {BOOT_LIST_HOSTS, "52:54:00:12:34:56 = local style direct", told_without_file},
        {BOOT_LIST_HOSTS, "52:54:00:12:34:56 = ignore server 10.0.0.9", told_without_file},
        {BOOT_LIST_HOSTS, "52:54:00:12:34:56 = once on 10.0.0.0/8 server 10.0.0.9", told_without_file},
        {BOOT_LIST_HOSTS, "52:54:00:12:34:56 = once style binl", told_without_file},
        {BOOT_LIST_HOSTS, "52:54:00:12:34:56 = once option 209=a", told_without_file},
        {BOOT_LIST_MENU, "Text = local server 10.0.0.9", told_without_file},
        {BOOT_LIST_MENU, "Text = answer server 10.0.0.9", told_without_file},
        {BOOT_LIST_HOSTS, "52:54:00:12:34:56 = once answer", "once alone, which is by the rules of PxeBoot"},
        {BOOT_LIST_HOSTS, "52:54:00:12:34:56 = once \"\"", "the file behind \"once\" is missing"},
        {BOOT_LIST_HOSTS, "525400* = shared on 10.0.0.0/8", shared},
        {BOOT_LIST_HOSTS, "525400* x64 = shared", shared},
        {BOOT_LIST_HOSTS, "525400* = shared style binl", shared},
        {BOOT_LIST_HOSTS, "4c4c4544-0042-3510-8052-b4c04f4e3332 = shared", "so write answer"},
        /* It is for nobody. */
        {BOOT_LIST_RULES, ", = a.efi", "it is for no machine"},
        {BOOT_LIST_HOSTS, "52:54:00:12:34:56 , = a.efi", "it is for no machine"},
        {BOOT_LIST_MENU, "Text = a for ,", "it is for no machine"},
        {BOOT_LIST_RULES, "41 = a", "write rpi"},
        {BOOT_LIST_RULES, "x64 = a on fd00::/8 server 10.0.0.9", "write both of one family"},
        {BOOT_LIST_RULES, "x64 = a on 10.0.0.0/8 server fd00::9", "write both of one family"},
        {BOOT_LIST_MENU, "Text = a for ipxe", not_in_menus},
        {BOOT_LIST_MENU, "Text = local for x64,rpi", not_in_menus},
        {BOOT_LIST_MENU, "Text = answer for x64-http", not_in_menus},
        {BOOT_LIST_MENU, "Text = a server fd00::9", "write the server's IPv4 address"},
        /* It knows no other style, and no options. */
        {BOOT_LIST_RULES, "rpi = a style binl", told_directly},
        {BOOT_LIST_RULES, "rpi = a style menu", told_directly},
        {BOOT_LIST_RULES, "x64-http = http://a/b style binl", told_directly},
        {BOOT_LIST_RULES, "16 = http://a/b style menu", told_directly},
        {BOOT_LIST_RULES, "x64 = a on ::/0 option 209=a", "leave option out"},
        {BOOT_LIST_RULES, "x64 = a server fd00::9 option 209=a", "leave option out"},
        {BOOT_LIST_RULES, "x64 = a on ::/0 style menu", "leave style out"},
        {BOOT_LIST_RULES, "x64 = a server fd00::9 style binl", "leave style out"},
        /* It stands there twice. */
        {BOOT_LIST_RULES, "x64 = a on 10.0.0.0/8 on 11.0.0.0/8", "\"on\" stands there twice"},
        {BOOT_LIST_RULES, "x64 = a style binl style direct", "\"style\" stands there twice"},
        {BOOT_LIST_RULES, "x64 = a server 10.0.0.9 server 10.0.0.8", "\"server\" stands there twice"},
        {BOOT_LIST_RULES, "x64 = a option 252=\\A option 209=a option 252=\\B", "option 252 stands there twice"},
        {BOOT_LIST_MENU, "Text = a for x64 for ia32", "\"for\" stands there twice"},
        {BOOT_LIST_BOOTP, "001122334455 = 10.0.0.5 file a file b", "\"file\" stands there twice"},
        {BOOT_LIST_BOOTP, "001122334455 = 10.0.0.5 dns 10.0.0.1 DNS 10.0.0.2", "\"DNS\" stands there twice"},
        {BOOT_LIST_BOOTP, "file Unix = b", "there is a line for \"Unix\" already"},
        {BOOT_LIST_BOOTP, "file = b", "the name behind \"file\" is missing"},
        /* No machine has it. */
        {BOOT_LIST_BOOTP, "001122334455 = 10.0.0.255/24", "the first and the last address of a network"},
        {BOOT_LIST_BOOTP, "001122334455 = 10.0.0.4/30", "the first and the last address of a network"},
    };

    (void)state;
    add(BOOT_LIST_BOOTP, "file unix = a");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CHECK(!boot_rules_add(&rules, rows[i].list, rows[i].line, &problem), "\"%s\" is accepted", rows[i].line);
        CHECK(strstr(problem.text, rows[i].says) != NULL, "%s\nand not: %s", problem.text, rows[i].says);
    }
}

/* What stands beside them and does have an effect. */
static void test_lines_with_effect(void **state)
{
    static const char *const lines[] = {
        "x64 = a on 0.0.0.0/0 server 10.0.0.9",
        "x64 = a on fd00::/8 server fd00::9",
        "x64 = a on fd00::/8 style binl",
        "rpi = a style direct",
        "rpi,bios = a style binl",
        "any = a style menu",
        "ipxe = http://a/b style binl server "
        "10.0.0.9",
        "x64-http = http://a/b server fd00::9",
        "any,ipxe = local",
        "x64-http = ignore on ::/0",
        "x64,, ia32, = a",
        "x64 = on on 10.0.0.0/8",
    };
    static const char *const hosts[] = {
        "52:54:00:12:34:56 = once on 10.0.0.0/8", "52:54:00:12:34:56 = once a style binl option 209=a option 210=b",
        "52:54:00:12:34:56 ipxe = answer on 10.0.0.0/8", "52:54:00:12:34:56 x64-http = local"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        add(BOOT_LIST_RULES, lines[i]);
    for (size_t i = 0; i < COUNT_OF(hosts); i++)
        add(BOOT_LIST_HOSTS, hosts[i]);
    add(BOOT_LIST_BOOTP, "001122334455 = 10.0.0.254/24");
    add(BOOT_LIST_BOOTP, "001122334456 = 10.0.0.1/30");
    add(BOOT_LIST_BOOTP, "001122334457 = 10.0.0.0");
}

/* Nothing that configures an address can be written into a rule. */
static void test_options_that_a_rule_cannot_set(void **state)
{
    char line[64];

    (void)state;
    for (unsigned tag = 0; tag < 256; tag++) {
        static const uint8_t free_ones[] = {66, 150, 209, 210, 211, 252};
        bool is_free = memchr(free_ones, (int)tag, sizeof free_ones) != NULL;
        snprintf(line, sizeof line, "x64 = a option %u=%s", tag, tag == 150 ? "10.0.0.1" : "1");
        CHECK(boot_rules_add(&rules, BOOT_LIST_RULES, line, &problem) == is_free, "%s", line);
        CHECK(is_free || strstr(problem.text, "those are 66, 150, 209, 210, 211 and 252,") != NULL, "%s", problem.text);
    }
}

/* PXE.md 6.1 rule 6: what has no room is refused when it is written. */
static void test_rule_6_lengths(void **state)
{
    char line[700];

    (void)state;
    snprintf(line, sizeof line, "x64 = %0127d", 0);
    add(BOOT_LIST_RULES, line);
    snprintf(line, sizeof line, "x64 = %0128d", 0);
    assert_false(boot_rules_add(&rules, BOOT_LIST_RULES, line, &problem));
    assert_non_null(strstr(problem.text, "128 bytes, and a machine's packet has room for 127"));
    snprintf(line, sizeof line, "ipxe = http://%0247d", 0);
    add(BOOT_LIST_RULES, line);
    snprintf(line, sizeof line, "ipxe = http://%0248d", 0);
    assert_false(boot_rules_add(&rules, BOOT_LIST_RULES, line, &problem));
    assert_non_null(strstr(problem.text, "255 bytes"));
    snprintf(line, sizeof line, "ipxe = http://%0249d", 0);
    assert_false(boot_rules_add(&rules, BOOT_LIST_RULES, line, &problem));
    assert_non_null(strstr(problem.text, "a word is longer than 255 bytes"));
    snprintf(line, sizeof line, "%0256d = a", 0);
    assert_false(boot_rules_add(&rules, BOOT_LIST_RULES, line, &problem));
    assert_non_null(strstr(problem.text, "longer than 255 bytes"));
    snprintf(line, sizeof line, "x64 = a option 209=%0127d", 0);
    add(BOOT_LIST_RULES, line);
    snprintf(line, sizeof line, "x64 = a option 252=%0126d", 0);
    add(BOOT_LIST_RULES, line);
    snprintf(line, sizeof line, "x64 = a option 209=%0128d", 0);
    assert_false(boot_rules_add(&rules, BOOT_LIST_RULES, line, &problem));
    snprintf(line, sizeof line, "x64 = a option 252=%0127d", 0);
    assert_false(boot_rules_add(&rules, BOOT_LIST_RULES, line, &problem));
    snprintf(line, sizeof line, "%070d = local", 0);
    add(BOOT_LIST_MENU, line);
    snprintf(line, sizeof line, "%071d = local", 0);
    assert_false(boot_rules_add(&rules, BOOT_LIST_MENU, line, &problem));
    snprintf(line, sizeof line, "5 %070d", 0);
    add(BOOT_LIST_PROMPT, line);
    snprintf(line, sizeof line, "5 %071d", 0);
    assert_false(boot_rules_add(&rules, BOOT_LIST_PROMPT, line, &problem));
}

static void test_how_many(void **state)
{
    static const struct {
        enum boot_list list;
        const char *line;
        int maximum;
    } rows[] = {
        {BOOT_LIST_RULES, "x64 = a", BOOT_RULES_MAX},
        {BOOT_LIST_HOSTS, "525400* = a", BOOT_HOSTS_MAX},
        {BOOT_LIST_MENU, "a = local", BOOT_MENU_MAX},
        {BOOT_LIST_RELAYS, "10.0.0.1", BOOT_RELAYS_MAX},
        {BOOT_LIST_INTERFACES, "10.0.0.1", BOOT_INTERFACES_MAX},
        {BOOT_LIST_BOOTP, "001122334455 = 10.0.0.1", BOOTP_HOSTS_MAX},
    };
    char line[300];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (int count = 0; count < rows[i].maximum; count++)
            add(rows[i].list, rows[i].line);
        CHECK(!boot_rules_add(&rules, rows[i].list, rows[i].line, &problem), "%s", rows[i].line);
        CHECK(strstr(problem.text, "there are more than ") != NULL, "%s", problem.text);
    }
    for (int count = 0; count <= BOOTP_FILES_MAX; count++) {
        snprintf(line, sizeof line, "file a%d = b", count);
        CHECK(boot_rules_add(&rules, BOOT_LIST_BOOTP, line, &problem) == (count < BOOTP_FILES_MAX), "%s", line);
    }
    /* The texts of all lines have one room. */
    boot_rules_init(&rules);
    snprintf(line, sizeof line, "525400* = \"%0120d\" option 209=%0100d", 0, 0);
    int count = 0;
    while (boot_rules_add(&rules, BOOT_LIST_HOSTS, line, &problem))
        count++;
    assert_true(count > 100 && count < BOOT_HOSTS_MAX);
    assert_non_null(strstr(problem.text, "all lines of boot rules together are longer than 65535 bytes"));
    assert_true(rules.text_size < BOOT_TEXT_MAX);
    /* Up to the last byte, which is a NUL; and a prompt that has no room leaves the one of before. */
    rules.text_size = BOOT_TEXT_MAX - 4;
    assert_false(boot_rules_add(&rules, BOOT_LIST_PROMPT, "7 abcd", &problem));
    assert_int_equal(rules.prompt_s, 10);
    assert_string_equal(text(rules.prompt), "Press F8 for the boot menu");
    add(BOOT_LIST_PROMPT, "7 abc");
    assert_string_equal(text(rules.prompt), "abc");
    assert_int_equal(rules.text_size, BOOT_TEXT_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_machines_and_files, set_up),
        cmocka_unit_test_setup(test_what_stands_behind, set_up),
        cmocka_unit_test_setup(test_hosts, set_up),
        cmocka_unit_test_setup(test_menu_and_prompt, set_up),
        cmocka_unit_test_setup(test_a_menu_that_is_too_long, set_up),
        cmocka_unit_test_setup(test_networks, set_up),
        cmocka_unit_test_setup(test_bootp, set_up),
        cmocka_unit_test_setup(test_complaints, set_up),
        cmocka_unit_test_setup(test_lines_without_effect, set_up),
        cmocka_unit_test_setup(test_lines_with_effect, set_up),
        cmocka_unit_test_setup(test_options_that_a_rule_cannot_set, set_up),
        cmocka_unit_test_setup(test_rule_6_lengths, set_up),
        cmocka_unit_test_setup(test_how_many, set_up),
    };

    return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
