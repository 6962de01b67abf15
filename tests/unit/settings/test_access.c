#include "unit.h"

#include "core/settings/access.h"

static void set(struct config *config, const char *name, const char *value)
{
    struct config_problem problem;

    CHECK(config_set_typed(config, config_find(name), value, &problem), "%s", problem.text);
}

static void test_defaults(void **state)
{
    struct config config;
    struct endpoint client = endpoint_ipv4(10, 0, 0, 5, 2070);

    (void)state;
    config_defaults(&config);
    assert_int_equal(access_judge(&config, &client, "boot\\x", false).rule, ACCESS_ALLOWED);
    assert_int_equal(access_judge(&config, &client, "boot\\x", true).rule, ACCESS_NOT_A_MASTER);
}

static void test_table(void **state)
{
    static const struct {
        const char *clients, *masters, *readable, *writable;
        const char *client, *path;
        enum access_rule read, write;
    } rows[] = {
        {"*", "", "*", "*", "10.0.0.5", "a", ACCESS_ALLOWED, ACCESS_NOT_A_MASTER},
        {"", "", "*", "*", "10.0.0.5", "a", ACCESS_NOT_A_CLIENT, ACCESS_NOT_A_MASTER},
        {"10.*", "", "*", "*", "11.0.0.5", "a", ACCESS_NOT_A_CLIENT, ACCESS_NOT_A_MASTER},
        {"10.*;11.0.0.0/24", "", "*", "*", "11.0.0.5", "a", ACCESS_ALLOWED, ACCESS_NOT_A_MASTER},
        {"", "10.0.0.5", "*", "*", "10.0.0.5", "a", ACCESS_ALLOWED, ACCESS_ALLOWED},
        {"*", "10.0.0.5", "*", "*", "10.0.0.6", "a", ACCESS_ALLOWED, ACCESS_NOT_A_MASTER},
        {"*", "*", "", "*", "10.0.0.5", "a", ACCESS_NOT_READABLE, ACCESS_ALLOWED},
        {"*", "*", "*", "", "10.0.0.5", "a", ACCESS_ALLOWED, ACCESS_NOT_WRITABLE},
        {"*", "*", "*.efi", "*.log", "10.0.0.5", "boot\\x.EFI", ACCESS_ALLOWED, ACCESS_NOT_WRITABLE},
        {"*", "*", "*.efi", "*.log", "10.0.0.5", "x.log", ACCESS_NOT_READABLE, ACCESS_ALLOWED},
        {"*", "*", "boot/*", "*", "10.0.0.5", "boot\\x", ACCESS_ALLOWED, ACCESS_ALLOWED},
        {"*", "*", "/boot/*", "\\boot\\*", "10.0.0.5", "boot\\x", ACCESS_ALLOWED, ACCESS_ALLOWED},
        {"*", "*", "\\\\boot\\*", "*", "10.0.0.5", "boot\\x", ACCESS_ALLOWED, ACCESS_ALLOWED},
        {"*", "*", "boot\\*", "*", "10.0.0.5", "bootx", ACCESS_NOT_READABLE, ACCESS_ALLOWED},
        {"*", "*", "boot\\*", "*", "10.0.0.5", "sub\\boot\\x", ACCESS_NOT_READABLE, ACCESS_ALLOWED},
        {"*", "*", "a;b;c", "*", "10.0.0.5", "c", ACCESS_ALLOWED, ACCESS_ALLOWED},
        {"*", "*", "*", "???????????\?-boot.log;???????????\?-app.log", "10.0.0.5", "0004f2112233-app.log",
         ACCESS_ALLOWED, ACCESS_ALLOWED}, /* Polycom phones */
        {"fd00::/8", "", "*", "*", "fd00::1", "a", ACCESS_ALLOWED, ACCESS_NOT_A_MASTER},
        {"10.*", "", "*", "*", "fd00::1", "a", ACCESS_NOT_A_CLIENT, ACCESS_NOT_A_MASTER},
        {"fe80::/10", "", "*", "*", "fe80::1%3", "a", ACCESS_ALLOWED, ACCESS_NOT_A_MASTER},
        {"::/0", "::/0", "*", "*", "203.0.113.9", "a", ACCESS_NOT_A_CLIENT, ACCESS_NOT_A_MASTER},
        {"::/0", "::/0", "*", "*", "2001:db8::1", "a", ACCESS_ALLOWED, ACCESS_ALLOWED},
        {"::/0;0.0.0.0/0", "::/1;128.0.0.0/1", "*", "*", "203.0.113.9", "a", ACCESS_ALLOWED, ACCESS_ALLOWED},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct config config;
        struct endpoint client;
        config_defaults(&config);
        set(&config, "Clients", rows[i].clients);
        set(&config, "Masters", rows[i].masters);
        set(&config, "Readable", rows[i].readable);
        set(&config, "Writable", rows[i].writable);
        assert_true(endpoint_parse_address(&client, span_of_text(rows[i].client)));
        CHECK(access_judge(&config, &client, rows[i].path, false).rule == rows[i].read, "row %u read", (unsigned)i);
        CHECK(access_judge(&config, &client, rows[i].path, true).rule == rows[i].write, "row %u write", (unsigned)i);
    }
}

/* ClientDirectories=ip: whoever's address a name begins with, by that very spelling, owns what is behind it. */
static void test_folders_of_other_clients(void **state)
{
    static const struct {
        const char *client, *path;
        bool is_reached;
    } rows[] = {
        {"127.60.0.2", "127.60.0.1\\secret.cfg", false},
        {"127.60.0.1", "127.60.0.1\\secret.cfg", true},
        {"127.60.0.2", "127.60.0.1", false},
        {"127.60.0.2", "127.60.0.11\\a\\b", false},
        {"127.60.0.1", "127.60.0.11\\a", false},
        {"fd00::1", "127.60.0.1\\secret.cfg", false},
        {"127.60.0.2", "fd00--1\\secret.cfg", false},
        {"127.60.0.2", "FD00--1\\secret.cfg", false},
        {"fd00::1", "FD00--1\\secret.cfg", true},
        {"fd00::2", "fd00--1\\secret.cfg", false},
        {"fe80::1%3", "fe80--1\\secret.cfg", true}, /* in whichever zone */
        {"fe80::2%3", "fe80--1\\secret.cfg", false},
        /* Nobody's: no address, or none as the service would write it. */
        {"127.60.0.2", "boot\\127.60.0.1\\x", true},
        {"127.60.0.2", "127.60.0.1.cfg", true},
        {"127.60.0.2", "127.60.0\\x", true},
        {"127.60.0.2", "127.060.0.1\\x", true},
        {"127.60.0.2", "fd00-0-0-0-0-0-0-1\\x", true},
        {"127.60.0.2", "01-88-99-aa-bb-cc-dd", true},
        {"127.60.0.2", "--ffff-127.60.0.1\\x", true},
    };
    struct config config;

    (void)state;
    config_defaults(&config);
    set(&config, "Masters", "*");
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (int is_upload = 0; is_upload < 2; is_upload++) {
            struct endpoint client;
            assert_true(endpoint_parse_address(&client, span_of_text(rows[i].client)));
            client.port = 2070;
            set(&config, "ClientDirectories", "ip");
            enum access_rule rule = access_judge(&config, &client, rows[i].path, is_upload).rule;
            CHECK(rule == (rows[i].is_reached ? ACCESS_ALLOWED : ACCESS_OTHERS_FOLDER), "row %u", (unsigned)i);
            set(&config, "ClientDirectories", "none");
            CHECK(access_judge(&config, &client, rows[i].path, is_upload).rule == ACCESS_ALLOWED, "row %u",
                  (unsigned)i);
        }
    assert_non_null(strstr(access_rule_text(ACCESS_OTHERS_FOLDER), "ClientDirectories"));
}

/* ClientDirectories=mac: a name that begins with a MAC is that card's, and a claim opens nothing. */
static void test_folders_of_other_cards(void **state)
{
    static const struct {
        uint8_t source; /* of 52:54:00:ab:0c:ff */
        const char *path;
        bool is_reached;
    } rows[] = {
        {MAC_BY_NEIGHBOUR, "52-54-00-ab-0c-ff\\secret.cfg", true},
        {MAC_BY_NEIGHBOUR, "52-54-00-AB-0C-FF\\secret.cfg", true},
        {MAC_BY_BOOTP, "52-54-00-ab-0c-ff\\secret.cfg", true},
        {MAC_BY_PXE, "52-54-00-ab-0c-ff\\secret.cfg", false},
        {MAC_BY_DHCP, "52-54-00-ab-0c-ff\\secret.cfg", false},
        {MAC_UNKNOWN, "52-54-00-ab-0c-ff\\secret.cfg", false},
        {MAC_BY_NEIGHBOUR, "52-54-00-ab-0c-fe\\secret.cfg", false},
        {MAC_BY_NEIGHBOUR, "52-54-00-ab-0c-fe", false},
        {MAC_UNKNOWN, "00-00-00-00-00-00\\x", false},
        /* Nobody's. */
        {MAC_UNKNOWN, "boot\\52-54-00-ab-0c-ff\\x", true},
        {MAC_UNKNOWN, "pxelinux.cfg\\01-52-54-00-ab-0c-ff", true},
        {MAC_UNKNOWN, "01-52-54-00-ab-0c-ff", true},
        {MAC_UNKNOWN, "525400ab0cff.cfg", true},
        {MAC_UNKNOWN, "52-54-00-ab-0c-ff.cfg", true},
    };
    struct config config;

    (void)state;
    config_defaults(&config);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct mac mac = {{0x52, 0x54, 0, 0xab, 0x0c, 0xff}, rows[i].source};
        set(&config, "ClientDirectories", "mac");
        enum access_rule rule = access_judge_folder(&config, &mac, rows[i].path).rule;
        CHECK(rule == (rows[i].is_reached ? ACCESS_ALLOWED : ACCESS_OTHERS_FOLDER), "row %u", (unsigned)i);
        set(&config, "ClientDirectories", i % 2 ? "none" : "ip");
        CHECK(access_judge_folder(&config, &mac, rows[i].path).rule == ACCESS_ALLOWED, "row %u", (unsigned)i);
    }
}

/* For whom it is not known yet who asks: what depends on the name is judged as for a client that is admitted. */
static void test_names_alone(void **state)
{
    static const struct {
        const char *path;
        enum access_rule rule;
    } rows[] = {{"boot\\a.efi", ACCESS_ALLOWED},
                {"boot\\private\\a.efi", ACCESS_DENIED},
                {"other.efi", ACCESS_NOT_ALLOWED},
                {"boot\\a.key", ACCESS_NOT_READABLE}};
    struct config config;
    struct endpoint client;

    (void)state;
    config_defaults(&config);
    set(&config, "Clients", "10.*");
    set(&config, "Masters", "192.168.0.1");
    set(&config, "Readable", "*.efi");
    set(&config, "Access", "allow:/boot;deny:/boot/private");
    assert_true(endpoint_parse_address(&client, span_of_text("10.1.2.3")));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CHECK(access_judge_name(&config, rows[i].path).rule == rows[i].rule, "%s", rows[i].path);
        CHECK(access_judge(&config, &client, rows[i].path, false).rule == rows[i].rule, "%s", rows[i].path);
    }
    assert_true(access_admits(&config, &client));
    assert_true(endpoint_parse_address(&client, span_of_text("192.168.0.1")));
    assert_true(access_admits(&config, &client));
    assert_true(endpoint_parse_address(&client, span_of_text("192.168.0.2")));
    assert_false(access_admits(&config, &client));
}

static void test_words_name_the_parameter(void **state)
{
    (void)state;
    assert_non_null(access_rule_text(ACCESS_ALLOWED));
    assert_non_null(strstr(access_rule_text(ACCESS_NOT_A_CLIENT), "Clients"));
    assert_non_null(strstr(access_rule_text(ACCESS_NOT_A_MASTER), "Masters"));
    assert_non_null(strstr(access_rule_text(ACCESS_NOT_READABLE), "Readable"));
    assert_non_null(strstr(access_rule_text(ACCESS_NOT_WRITABLE), "Writable"));
}

/* Whoever admits one family only must not be told that it is the other, or both. */
static void test_admitted_world(void **state)
{
    static const struct {
        const char *masters, *world;
    } rows[] = {
        {"*", "every IPv4 address"},   {"0.0.0.0/0", "every IPv4 address"},     {"::/0", "every IPv6 address"},
        {"*:*", "every IPv6 address"}, {"::/1;8000::/1", "every IPv6 address"}, {"10.0.0.0/8;fd00::/8", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct config config;
        config_defaults(&config);
        set(&config, "Masters", rows[i].masters);
        const char *world = access_admitted_world(&config.masters);
        CHECK(world == NULL ? rows[i].world == NULL : rows[i].world != NULL && strcmp(world, rows[i].world) == 0,
              "%s: %s", rows[i].masters, world ? world : "nothing");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_folders_of_other_clients),
        cmocka_unit_test(test_folders_of_other_cards),
        cmocka_unit_test(test_names_alone),
        cmocka_unit_test(test_words_name_the_parameter),
        cmocka_unit_test(test_admitted_world),
    };

    return cmocka_run_group_tests_name("access", tests, NULL, NULL);
}
