/* Who a machine is, and what: core/dhcp/identity and core/dhcp/machine. */
#include "unit.h"

#include "boot_wire.h"
#include "core/dhcp/machine.h"
#include "guard.h"

static struct dhcp4 packet;

static struct machine machine_of_ask(const struct ask *ask)
{
    assert_true(dhcp4_read(&packet, guard_span(ask->bytes, ask->size)));
    return machine_of_dhcp4(&packet);
}

static const char *text_of(const struct machine *machine)
{
    static char text[MACHINE_TEXT_MAX];

    return machine_text(machine, text);
}

static const char *name_of(const struct identity *identity)
{
    static char text[IDENTITY_TEXT_MAX];

    return identity_text(identity, text);
}

/* PXE.md 4.1 and fact 10 and 11. */
static void test_every_client(void **state)
{
    static const struct {
        enum machine_asks asks;
        const char *text;
    } rows[ASK_CLIENTS] = {
        [ASK_EDK2_X64] = {MACHINE_ASKS_PXE, "x64 UEFI (architecture 7)"},
        [ASK_EDK2_ARM64] = {MACHINE_ASKS_PXE, "ARM64 UEFI (architecture 11)"},
        [ASK_EDK2_IA32] = {MACHINE_ASKS_PXE, "ia32 UEFI (architecture 6)"},
        [ASK_EDK2_HTTP] = {MACHINE_ASKS_HTTP, "x64 UEFI by HTTP (architecture 16)"},
        [ASK_IPXE_BIOS] = {MACHINE_ASKS_PXE, "iPXE"},
        [ASK_IPXE_X64] = {MACHINE_ASKS_PXE, "iPXE"},
        [ASK_INTEL] = {MACHINE_ASKS_PXE, "x86 BIOS (architecture 0)"},
        [ASK_RASPBERRY_PI] = {MACHINE_ASKS_PXE, "Raspberry Pi"},
        [ASK_UBOOT_ARM64] = {MACHINE_ASKS_NOTHING, "ARM64 U-Boot (architecture 22)"},
        [ASK_UBOOT_X86] = {MACHINE_ASKS_NOTHING, "a machine without architecture"},
        [ASK_PLAIN_DHCP] = {MACHINE_ASKS_NOTHING, "a machine without architecture"},
    };
    struct ask ask;

    (void)state;
    for (int client = 0; client < ASK_CLIENTS; client++) {
        ask_dhcp(&ask, (enum ask_client)client, 1);
        struct machine machine = machine_of_ask(&ask);
        CHECK(machine.asks == rows[client].asks && strcmp(text_of(&machine), rows[client].text) == 0, "%s is %s",
              ask_client_names[client], text_of(&machine));
    }
}

static struct machine made(const char *class_id, const char *numbers, size_t size)
{
    struct identity nobody = {.has_mac = false};

    if (size == 0)
        return machine_of(&nobody, guard_text(class_id), span_of(NULL, 0), false);
    return machine_of(&nobody, span_of_text(class_id), guard_span(numbers, size), false);
}

static void test_where_the_architecture_comes_from(void **state)
{
    (void)state;
    /* 93 before the class, then the class, then BIOS for PXE alone. */
    struct machine machine = made("PXEClient:Arch:00006:UNDI:003000", "\0\7\0\x09", 4);
    assert_int_equal(machine.count, 2);
    assert_int_equal(machine.architectures[0], 7);
    assert_int_equal(machine.architectures[1], 9);
    machine = made("PXEClient:Arch:00006:UNDI:003000", "", 0);
    assert_int_equal(machine.count, 1);
    assert_int_equal(machine.architectures[0], 6);
    machine = made("HTTPClient:Arch:00016", "", 0);
    assert_int_equal(machine.architectures[0], 16);
    machine = made("PXEClient", "", 0);
    assert_int_equal(machine.count, 1);
    assert_int_equal(machine.architectures[0], 0);
    machine = made("HTTPClient", "", 0);
    assert_int_equal(machine.count, 0);
    /* Half a number is none. */
    machine = made("HTTPClient", "\0\7\0", 3);
    assert_int_equal(machine.count, 1);
    /* What is no number of five digits is none. */
    static const char *const without[] = {"PXEClient:Arch:7:UNDI", "PXEClient:Arch:0000", "PXEClient:Arc:00007",
                                          "PXEClient:Arch:99999"};
    for (size_t i = 0; i < COUNT_OF(without); i++) {
        machine = made(without[i], "", 0);
        CHECK(machine.count == 1 && machine.architectures[0] == 0, "%s", without[i]);
    }
    machine = made("", "\xff\xff", 2);
    assert_int_equal(machine.asks, MACHINE_ASKS_NOTHING);
    assert_string_equal(text_of(&machine), "unknown machine (architecture 65535)");
    /* More than there is room for. */
    machine = made("PXEClient", "\0\1\0\2\0\3\0\4\0\5\0\6\0\7\0\x8\0\x9", 18);
    assert_int_equal(machine.count, MACHINE_ARCHITECTURES_MAX);
}

/* PXE.md 1.3 row 77 and 4.2: raw text or RFC 3004, also within longer text; or option 175. */
static void test_ipxe(void **state)
{
    struct ask ask;

    (void)state;
    assert_true(machine_says_ipxe(guard_text("iPXE")));
    assert_true(machine_says_ipxe(guard_text("\4iPXE\3abc")));
    assert_true(machine_says_ipxe(guard_text("my iPXE build")));
    assert_false(machine_says_ipxe(guard_text("iPX")));
    assert_false(machine_says_ipxe(guard_text("ipxe")));
    assert_false(machine_says_ipxe(guard_span("", 0)));
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    assert_false(machine_of_ask(&ask).is_ipxe);
    ask_add(&ask, 77, "iPXE", 4);
    assert_true(machine_of_ask(&ask).is_ipxe);
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    ask_add(&ask, 175, "", 0);
    assert_true(machine_of_ask(&ask).is_ipxe);
}

static void test_raspberry_pi(void **state)
{
    static const uint8_t makers[][3] = {{0xb8, 0x27, 0xeb}, {0xdc, 0xa6, 0x32}, {0xe4, 0x5f, 0x01},
                                        {0xd8, 0x3a, 0xdd}, {0x28, 0xcd, 0xc1}, {0x2c, 0xcf, 0x67}};
    struct ask ask;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(makers); i++) {
        ask_dhcp(&ask, ASK_INTEL, 1);
        assert_false(machine_of_ask(&ask).is_raspberry_pi);
        memcpy(ask.bytes + DHCP4_CHADDR, makers[i], 3);
        assert_true(machine_of_ask(&ask).is_raspberry_pi);
        ask.bytes[DHCP4_CHADDR + 2] ^= 1; /* another maker */
        assert_false(machine_of_ask(&ask).is_raspberry_pi);
        /* With UEFI on it, it is what that says; and iPXE is iPXE. */
        ask_dhcp(&ask, ASK_EDK2_ARM64, 1);
        memcpy(ask.bytes + DHCP4_CHADDR, makers[i], 3);
        assert_false(machine_of_ask(&ask).is_raspberry_pi);
        ask_dhcp(&ask, ASK_IPXE_BIOS, 1);
        memcpy(ask.bytes + DHCP4_CHADDR, makers[i], 3);
        assert_false(machine_of_ask(&ask).is_raspberry_pi);
    }
    struct machine machine = made("PXEClient", "\0\x29", 2);
    assert_true(machine.is_raspberry_pi);
}

static void test_architectures(void **state)
{
    (void)state;
    for (size_t i = 0; i < architecture_count; i++) {
        CHECK(architecture_find(architectures[i].number) == &architectures[i], "%u stands twice",
              (unsigned)architectures[i].number);
        CHECK(architectures[i].word == NULL ||
                  architectures[i].is_http == (strstr(architectures[i].word, "-http") != NULL),
              "%s", architectures[i].word);
    }
    /* PXE.md section 3. */
    static const uint16_t http[] = {15, 16, 17, 18, 19, 20, 23, 24, 26, 28, 30, 38, 40};
    static const struct {
        uint16_t number;
        uint16_t machine;
    } programs[] = {{2, 0x0200},  {6, 0x014c},  {7, 0x8664},  {9, 0x8664},  {10, 0x01c2}, {11, 0xaa64}, {15, 0x014c},
                    {16, 0x8664}, {17, 0x0ebc}, {18, 0x01c2}, {19, 0xaa64}, {25, 0x5032}, {26, 0x5032}, {27, 0x5064},
                    {28, 0x5064}, {29, 0x5128}, {30, 0x5128}, {37, 0x6232}, {38, 0x6232}, {39, 0x6264}, {40, 0x6264}};
    for (uint16_t number = 0; number < 42; number++) {
        bool is_http = false;
        uint16_t machine = 0;
        for (size_t i = 0; i < COUNT_OF(http); i++)
            is_http = is_http || http[i] == number;
        for (size_t i = 0; i < COUNT_OF(programs); i++)
            machine = programs[i].number == number ? programs[i].machine : machine;
        const struct architecture *found = architecture_find(number);
        CHECK(found != NULL && found->is_http == is_http && found->pe_machine == machine, "%u", number);
    }
    assert_int_equal(architecture_count, 42);
    assert_null(architecture_find(42));
}

static void test_words_of_rules(void **state)
{
    struct machine_set set = {.count = 0};
    char all[512] = "";

    (void)state;
    for (size_t i = 0; machine_word_at(i) != NULL; i++) {
        strcat(strcat(all, machine_word_at(i)), " ");
        struct machine_set one = {.count = 0};
        CHECK(machine_set_add(&one, guard_text(machine_word_at(i))) == MACHINE_WORD_ADDED, "%s", machine_word_at(i));
        CHECK(one.count > 0 || one.is_any || one.is_ipxe || one.is_raspberry_pi, "%s", machine_word_at(i));
    }
    assert_string_equal(all,
                        "bios x64 ia32 arm32 arm64 riscv64 loong64 bios-http x64-http ia32-http arm32-http arm64-http "
                        "riscv64-http loong64-http ipxe rpi any ");
    assert_int_equal(machine_set_add(&set, guard_text("X64")), MACHINE_WORD_ADDED);
    assert_true(machine_set_has(&set, 7) && machine_set_has(&set, 9) && !machine_set_has(&set, 6));
    assert_true(set.has_plain && !set.has_http);
    assert_int_equal(machine_set_add(&set, guard_text("x64-http")), MACHINE_WORD_ADDED);
    assert_true(machine_set_has(&set, 16) && set.has_http);
    assert_int_equal(machine_set_add(&set, guard_text("65535")), MACHINE_WORD_ADDED);
    assert_true(machine_set_has(&set, 65535));
    assert_int_equal(machine_set_add(&set, guard_text("65536")), MACHINE_WORD_UNKNOWN);
    assert_int_equal(machine_set_add(&set, guard_text("x65")), MACHINE_WORD_UNKNOWN);
    assert_int_equal(machine_set_add(&set, guard_text("")), MACHINE_WORD_UNKNOWN);
    assert_false(set.is_any || set.is_ipxe || set.is_raspberry_pi);
    machine_set_add(&set, guard_text("any"));
    machine_set_add(&set, guard_text("iPXE"));
    machine_set_add(&set, guard_text("rpi"));
    assert_true(set.is_any && set.is_ipxe && set.is_raspberry_pi);
    while (set.count < MACHINE_SET_MAX - 1)
        assert_int_equal(machine_set_add(&set, guard_text("1")), MACHINE_WORD_ADDED);
    assert_int_equal(machine_set_add(&set, guard_text("x64")), MACHINE_WORD_TOO_MANY);
    assert_int_equal(machine_set_add(&set, guard_text("2")), MACHINE_WORD_TOO_MANY);
}

static void test_identity_of_dhcp4(void **state)
{
    struct ask ask;
    uint8_t guid[17] = {0};

    (void)state;
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    struct machine machine = machine_of_ask(&ask);
    assert_string_equal(name_of(&machine.identity), "52:54:00:12:34:56 4c4c4544-0042-3510-8052-b4c04f4e3332");
    /* Firmware that puts its GUID into chaddr: the MAC is in option 61, or unknown. */
    ask.bytes[DHCP4_HLEN] = 16;
    memcpy(ask.bytes + DHCP4_CHADDR, ask_guid, 16);
    machine = machine_of_ask(&ask);
    assert_string_equal(name_of(&machine.identity), "4c4c4544-0042-3510-8052-b4c04f4e3332");
    ask_add(&ask, 61, "\1\x52\x54\0\1\2\3", 7);
    machine = machine_of_ask(&ask);
    assert_string_equal(name_of(&machine.identity), "52:54:00:01:02:03 4c4c4544-0042-3510-8052-b4c04f4e3332");
    ask_dhcp(&ask, ASK_UBOOT_X86, 1);
    ask.bytes[DHCP4_HLEN] = 16;
    memcpy(ask.bytes + DHCP4_CHADDR, ask_guid, 16);
    machine = machine_of_ask(&ask);
    assert_string_equal(name_of(&machine.identity), "4c4c4544-0042-3510-8052-b4c04f4e3332");
    /* PXE.md row 97: what many machines have in common identifies none of them; another form of 97 either. */
    static const uint8_t nobodies[][16] = {
        {0},
        {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
        {0x03, 0x00, 0x02, 0x00, 0x04, 0x00, 0x05, 0x00, 0x00, 0x06, 0x00, 0x07, 0x00, 0x08, 0x00, 0x09},
        {0x00, 0x02, 0x00, 0x03, 0x00, 0x04, 0x00, 0x05, 0x00, 0x06, 0x00, 0x07, 0x00, 0x08, 0x00, 0x09}};
    for (size_t i = 0; i < COUNT_OF(nobodies); i++) {
        ask_begin(&ask, ask_mac);
        memcpy(guid + 1, nobodies[i], 16);
        ask_option(&ask, 97, guid, 17);
        machine = machine_of_ask(&ask);
        CHECK(!machine.identity.has_guid, "row %u", (unsigned)i);
    }
    memcpy(guid + 1, ask_guid, 16);
    ask_begin(&ask, ask_mac);
    ask_option(&ask, 97, guid, 16);
    assert_false(machine_of_ask(&ask).identity.has_guid);
    guid[0] = 1;
    ask_begin(&ask, ask_mac);
    ask_option(&ask, 97, guid, 17);
    assert_false(machine_of_ask(&ask).identity.has_guid);
    /* The first three fields the other way round, as screens show them. */
    for (uint8_t i = 0; i < 16; i++)
        guid[i + 1] = i;
    guid[0] = 0;
    ask_begin(&ask, (const uint8_t[6]){1, 2, 3, 4, 5, 6});
    ask_option(&ask, 97, guid, 17);
    machine = machine_of_ask(&ask);
    assert_string_equal(name_of(&machine.identity), "01:02:03:04:05:06 03020100-0504-0706-0809-0a0b0c0d0e0f");
    /* No MAC at all. */
    ask_begin(&ask, (const uint8_t[6]){0});
    machine = machine_of_ask(&ask);
    assert_string_equal(name_of(&machine.identity), "a machine without MAC and GUID");
}

static void test_identity_of_duid(void **state)
{
    static const struct {
        const char *duid;
        const char *name;
    } rows[] = {
        {"0001 0001 2a2b2c2d 525400123456", "52:54:00:12:34:56"},
        {"0003 0001 525400123456", "52:54:00:12:34:56"},
        {"0004 44454c4c 4200 1035 8052b4c04f4e3332", "4c4c4544-0042-3510-8052-b4c04f4e3332"},
        {"0003 0006 525400123456", "a machine without MAC and GUID"},
        {"0001 0001 525400123456", "a machine without MAC and GUID"},
        {"0004 44454c4c 4200 1035 8052b4c04f4e33", "a machine without MAC and GUID"},
        {"0002 00000009 0cc084d303000912", "a machine without MAC and GUID"},
        {"0003 00", "a machine without MAC and GUID"},
        {"", "a machine without MAC and GUID"},
    };
    uint8_t bytes[32];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t size = ask_hex(rows[i].duid, bytes, sizeof bytes);
        struct identity identity = identity_of_duid(guard_span(bytes, size));
        CHECK(strcmp(name_of(&identity), rows[i].name) == 0, "%s is %s", rows[i].duid, name_of(&identity));
    }
}

static void test_what_administrators_write(void **state)
{
    static const struct {
        const char *text;
        enum who_kind kind;
        bool is_one;
        bool is_ours; /* of ask_mac, ask_guid */
    } rows[] = {
        {"52:54:00:12:34:56", WHO_MAC, true, true},
        {"52-54-00-12-34-56", WHO_MAC, true, true},
        {"5254.0012.3456", WHO_MAC, true, true},
        {"525400123456", WHO_MAC, true, true},
        {"52:54:00:12:34:57", WHO_MAC, true, false},
        {"525400*", WHO_MAC, false, true},
        {"52:54:00:*", WHO_MAC, false, true},
        {"5254001*", WHO_MAC, false, true},
        {"5*", WHO_MAC, false, true},
        {"6*", WHO_MAC, false, false},
        {"5254002*", WHO_MAC, false, false},
        {"525401*", WHO_MAC, false, false},
        {"4C4C4544-0042-3510-8052-B4C04F4E3332", WHO_GUID, true, true},
        {"{4c4c4544-0042-3510-8052-b4c04f4e3332}", WHO_GUID, true, true},
        {"44454c4c420010358052b4c04f4e3332", WHO_GUID, true, true}, /* as on the wire */
        {"4c4c4544-0042-3510-8052-b4c04f4e3333", WHO_GUID, true, false},
        {"52:54:00:12:34:5", WHO_NOBODY, false, false},
        {"52:54:00:12:34:56:78", WHO_NOBODY, false, false},
        {"525400123456*", WHO_NOBODY, false, false},
        {"44454c4c420010358052b4c04f4e3332*", WHO_NOBODY, false, false},
        {"44454c4c420010358052b4c04f4e33320", WHO_NOBODY, false, false},
        {"*", WHO_NOBODY, false, false},
        {"", WHO_NOBODY, false, false},
        {"x64", WHO_NOBODY, false, false},
        {"52:54:00:12:34:5g", WHO_NOBODY, false, false},
        {"52540012345/", WHO_NOBODY, false, false},
        {"52540012345@", WHO_NOBODY, false, false},
        {"52540012345`", WHO_NOBODY, false, false},
    };
    struct ask ask;
    struct who who;
    struct who other;

    (void)state;
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    struct identity ours = machine_of_ask(&ask).identity;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CHECK(who_parse(&who, guard_text(rows[i].text)) == (rows[i].kind != WHO_NOBODY), "%s", rows[i].text);
        if (rows[i].kind == WHO_NOBODY)
            continue;
        CHECK(who.kind == rows[i].kind && who_is_one(&who) == rows[i].is_one, "%s", rows[i].text);
        CHECK(who_is(&who, &ours) == rows[i].is_ours, "%s", rows[i].text);
        struct identity nobody = {.has_mac = false};
        CHECK(!who_is(&who, &nobody), "%s", rows[i].text);
    }
    /* Both orders of a GUID are one; a MAC and its beginning are two. */
    who_parse(&who, guard_text("4c4c4544-0042-3510-8052-b4c04f4e3332"));
    who_parse(&other, guard_text("44454c4c420010358052b4c04f4e3332"));
    assert_true(who_equal(&who, &other));
    who_parse(&who, guard_text("525400123456"));
    assert_false(who_equal(&who, &other));
    who_parse(&other, guard_text("525400*"));
    assert_false(who_equal(&who, &other));
    who_parse(&who, guard_text("5254*"));
    assert_false(who_equal(&who, &other)); /* one is a part of the other */
    who_parse(&who, guard_text("525400123456"));
    who_parse(&other, guard_text("52-54-00-12-34-56"));
    assert_true(who_equal(&who, &other));
    who_parse(&other, guard_text("52-54-00-12-34-57"));
    assert_false(who_equal(&who, &other));
    struct who nobody = {.kind = WHO_NOBODY};
    assert_false(who_is(&nobody, &ours) || who_is_one(&nobody));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_client),
        cmocka_unit_test(test_where_the_architecture_comes_from),
        cmocka_unit_test(test_ipxe),
        cmocka_unit_test(test_raspberry_pi),
        cmocka_unit_test(test_architectures),
        cmocka_unit_test(test_words_of_rules),
        cmocka_unit_test(test_identity_of_dhcp4),
        cmocka_unit_test(test_identity_of_duid),
        cmocka_unit_test(test_what_administrators_write),
    };

    return cmocka_run_group_tests_name("machine", tests, NULL, NULL);
}
