/*
 * The decision for DHCPv4, from the bytes of each client to the bytes that it is sent: PXE.md 4.1, 2.1 to 2.11.
 */
#include "unit.h"

#include "boot_scene.h"

#include <stdio.h>

/* -- clients, one after another -------------------------------------------------------------------------------------- */

/* PXE.md 2.1 and the end of 1.3: the complete direct offer, for each client that takes one. */
static void test_direct_offers(void **state)
{
    static const struct {
        enum ask_client client;
        const char *file;
    } rows[] = {
        {ASK_EDK2_X64, "x64.efi"}, {ASK_EDK2_ARM64, "arm64.efi"}, {ASK_EDK2_IA32, "ia32.efi"},
        {ASK_INTEL, "pxelinux.0"}, {ASK_IPXE_BIOS, "boot.ipxe"},  {ASK_IPXE_X64, "boot.ipxe"},
    };
    struct ask ask;

    (void)state;
    scene_boot("x64 = x64.efi");
    scene_boot("arm64 = arm64.efi");
    scene_boot("ia32 = ia32.efi");
    scene_boot("bios = pxelinux.0");
    scene_boot("ipxe = boot.ipxe");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        ask_dhcp(&ask, rows[i].client, 1);
        CHECK(strcmp(scene_decide(&ask), "OFFERED") == 0, "%s: %s", ask_client_names[rows[i].client],
              boot_reason_name(decision.reason));
        struct expected expected = {0x8000, false, NULL, "10.77.0.2", rows[i].file, OFFER GUID DIRECT, NULL};
        scene_check(&ask, &expected);
        assert_string_equal(scene_to(), TO_ALL);
        assert_true(decision.reply.is_broadcast);
        assert_string_equal(decision.file, rows[i].file);
        assert_ptr_equal(decision.choice.rule, &rules.rules[i < 4 ? i : 4]);
    }
    assert_string_equal(looked_for, "boot.ipxe for nobody");
}

/* PXE.md 2.2: no option 43 and no file, then the client comes to port 4011. */
static void test_binl(void **state)
{
    struct ask ask;

    (void)state;
    rules.style = BOOT_STYLE_BINL;
    scene_boot("x64 = x64.efi");
    scene_boot("ipxe = boot.ipxe");
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    assert_string_equal(scene_decide(&ask), "OFFERED");
    scene_check(&ask, &(struct expected){0x8000, false, NULL, "10.77.0.2", "", OFFER GUID, NULL});
    ask_dhcp(&ask, ASK_IPXE_X64, 1);
    assert_string_equal(scene_decide(&ask), "OFFERED");
    scene_check(&ask, &(struct expected){0x8000, false, NULL, "10.77.0.2", "", OFFER GUID, NULL});
    /* PXE.md fact 5: EDK2 asks from 4011, iPXE from 68; the answer goes there. */
    ask_4011(&ask, ASK_EDK2_X64);
    scene_on_4011(4011);
    assert_string_equal(scene_decide(&ask), "ACKNOWLEDGED");
    scene_check(&ask, &(struct expected){0, true, NULL, "10.77.0.2", "x64.efi", ACK GUID, NULL});
    assert_string_equal(scene_to(), "10.77.0.100:4011");
    assert_false(decision.reply.is_broadcast);
    assert_string_equal(looked_for, "x64.efi for 10.77.0.100");
    ask_4011(&ask, ASK_IPXE_X64);
    scene_on_4011(68);
    assert_string_equal(scene_decide(&ask), "ACKNOWLEDGED");
    scene_check(&ask, &(struct expected){0x8000, true, NULL, "10.77.0.2", "boot.ipxe", ACK GUID, NULL});
    assert_string_equal(scene_to(), "10.77.0.100:68");
}

/* PXE.md fact 2: where no file is told yet, siaddr is asked for it on port 4011. That is us, whoever serves the file. */
static void test_binl_with_another_server(void **state)
{
    struct ask ask;

    (void)state;
    scene_boot("x64 = x64.efi server 10.0.0.9 style binl");
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    assert_string_equal(scene_decide(&ask), "OFFERED");
    scene_check(&ask, &(struct expected){0x8000, false, NULL, "10.77.0.2", "", OFFER GUID, NULL});
    ask_4011(&ask, ASK_EDK2_X64);
    scene_on_4011(4011);
    assert_string_equal(scene_decide(&ask), "ACKNOWLEDGED");
    scene_check(&ask, &(struct expected){0, true, NULL, "10.0.0.9", "x64.efi", ACK GUID, NULL});
}

/* PXE.md 2.4: a DHCP server on our machine sends option 60, and iPXE comes with a bare class: 93 tells. */
static void test_same_host(void **state)
{
    struct ask ask;

    (void)state;
    scene_boot("x64 = x64.efi");
    scene_boot("ipxe = boot.ipxe");
    scene_on_4011(4011);
    ask_4011(&ask, ASK_EDK2_X64);
    assert_string_equal(scene_decide(&ask), "ACKNOWLEDGED");
    scene_check(&ask, &(struct expected){0, true, NULL, "10.77.0.2", "x64.efi", ACK GUID, NULL});
    ask_begin(&ask, ask_mac);
    ask_option(&ask, 53, "\3", 1);
    ask_text(&ask, 60, "PXEClient");
    ask_option(&ask, 93, "\0\7", 2);
    ask_end(&ask, 0);
    scene_on_4011(68);
    assert_string_equal(scene_decide(&ask), "ACKNOWLEDGED");
    scene_check(&ask, &(struct expected){0, true, NULL, "10.77.0.2", "x64.efi", ACK, NULL});
    ask_add(&ask, 77, "iPXE", 4);
    assert_string_equal(scene_decide(&ask), "ACKNOWLEDGED");
    assert_string_equal(decision.file, "boot.ipxe");
    /* PXE 2.1: INFORM is answered here, too; a DISCOVER is not. */
    ask.bytes[242] = 8;
    assert_string_equal(scene_decide(&ask), "ACKNOWLEDGED");
    ask.bytes[242] = 1;
    assert_string_equal(scene_decide(&ask), "OTHER_MESSAGE");
}

/* PXE.md 2.7: the class is HTTPClient, the URL stands in file or, if it is long, in 67 with a NUL; never option 43. */
static void test_rule_16_http(void **state)
{
    char line[300];
    char hex[700];
    struct ask ask;

    (void)state;
    ask_dhcp(&ask, ASK_EDK2_HTTP, 1);
    scene_boot("x64 = x64.efi");
    assert_string_equal(scene_decide(&ask), "NO_RULE");
    scene_boot("x64-http = http://boot.example/x.efi");
    assert_string_equal(scene_decide(&ask), "OFFERED");
    scene_check(&ask, &(struct expected){0x8000, false, NULL, "10.77.0.2", "http://boot.example/x.efi",
                                         "350102 36040a4d0002 3c0a48545450436c69656e74" GUID, NULL});
    assert_string_equal(looked_for, ""); /* it is another server's */
    scene_on_4011(4011);
    assert_string_equal(scene_decide(&ask), "NOT_PXE");
    question.arrival.address.port = 67;
    rules.rule_count = 0;
    rules.style = BOOT_STYLE_BINL; /* there is no such thing with HTTP */
    snprintf(line, sizeof line, "x64-http = http://%0200d", 0);
    scene_boot(line);
    assert_string_equal(scene_decide(&ask), "OFFERED");
    int used =
        snprintf(hex, sizeof hex, "%s%s 43d0 687474703a2f2f", "350102 36040a4d0002 3c0a48545450436c69656e74", GUID);
    for (int i = 0; i < 200; i++)
        used += snprintf(hex + used, sizeof hex - (size_t)used, "30");
    snprintf(hex + used, sizeof hex - (size_t)used, "00");
    scene_check(&ask, &(struct expected){0x8000, false, NULL, "10.77.0.2", "", hex, NULL});
    /* local is told by silence, for HTTP has no menu. */
    rules.rule_count = 0;
    scene_boot("any = local");
    assert_string_equal(scene_decide(&ask), "LOCAL_BY_SILENCE");
}

/* PXE.md 2.11: a menu with the words that its loader looks for. */
static void test_raspberry_pi(void **state)
{
    static const char vendor[] = "2b20 060103 0a0400505845 0914 0000 11 5261737062657272792050692042 6f6f74 ff";
    struct ask ask;

    (void)state;
    scene_boot("bios = pxelinux.0");
    ask_dhcp(&ask, ASK_RASPBERRY_PI, 1);
    assert_string_equal(scene_decide(&ask), "NO_RULE");
    scene_boot("rpi = bootcode.bin");
    assert_string_equal(scene_decide(&ask), "OFFERED");
    char options[200];
    snprintf(options, sizeof options, "%s%s%s", OFFER, GUID, vendor);
    scene_check(&ask, &(struct expected){0x8000, false, NULL, "10.77.0.2", "bootcode.bin", options, NULL});
    /* It never asks on port 4011, so there is nothing to tell later. */
    rules.rules[1].style = BOOT_STYLE_BINL;
    assert_string_equal(scene_decide(&ask), "OFFERED");
    scene_check(&ask, &(struct expected){0x8000, false, NULL, "10.77.0.2", "bootcode.bin", options, NULL});
}

/* U-Boot, operating systems and what else is not ours. */
static void test_who_is_not_answered(void **state)
{
    struct ask ask;

    (void)state;
    scene_boot("any = a.efi");
    scene_boot("ipxe = a.ipxe");
    for (int client = ASK_UBOOT_ARM64; client <= ASK_PLAIN_DHCP; client++) {
        ask_dhcp(&ask, (enum ask_client)client, 1);
        CHECK(strcmp(scene_decide(&ask), "NOT_PXE") == 0, "%s", ask_client_names[client]);
        assert_int_equal(decision.reply.size, 0);
    }
    /* PXE.md 6.1 rule 3: RELEASE, INFORM, DECLINE, and BSDP of Apple. */
    static const uint8_t messages[] = {2, 4, 5, 6, 7, 8, 9, 13, 255};
    for (size_t i = 0; i < COUNT_OF(messages); i++) {
        ask_dhcp(&ask, ASK_EDK2_X64, messages[i]);
        CHECK(strcmp(scene_decide(&ask), "OTHER_MESSAGE") == 0, "message %u", messages[i]);
    }
    ask_begin(&ask, ask_mac);
    ask_option(&ask, 53, "\x08", 1);
    ask_text(&ask, 60, "AAPLBSDPC/i386/iMac4,1");
    ask_end(&ask, 0);
    assert_string_equal(scene_decide(&ask), "NOT_PXE");
    /* The REQUEST with which every client takes its address from the DHCP server. */
    for (int client = 0; client < ASK_UBOOT_ARM64; client++) {
        ask_dhcp(&ask, (enum ask_client)client, 3);
        CHECK(strcmp(scene_decide(&ask), "OTHER_SERVER") == 0, "%s", ask_client_names[client]);
    }
    /* Its address is worth knowing, all the same. */
    assert_int_equal(decision.client.address[15], 100);
    /* What a DISCOVER asks for is only a wish; a REQUEST without it renews an address. */
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    ask_add(&ask, 50, "\x0a\x4d\0\x63", 4);
    scene_decide(&ask);
    assert_true(endpoint_is_unspecified(&decision.client));
    ask_dhcp(&ask, ASK_EDK2_X64, 8);
    ask_address(&ask, 12, 10, 77, 0, 98);
    scene_decide(&ask);
    assert_int_equal(decision.client.address[15], 98);
    /* Replies, our own among them (6.2 rule 3). */
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    assert_string_equal(scene_decide(&ask), "OFFERED");
    struct ask back = {.size = decision.reply.size};
    memcpy(back.bytes, decision.reply.bytes, back.size);
    assert_string_equal(scene_decide(&back), "NOT_A_REQUEST");
    back.size = 235;
    assert_string_equal(scene_decide(&back), "MALFORMED");
    assert_int_equal(decision.protocol, BOOT_BY_NOTHING);
}

/* -- menus ----------------------------------------------------------------------------------------------------------- */

static void ask_item(struct ask *ask, uint16_t type, uint16_t layer)
{
    uint8_t item[] = {71, 4, 0, 0, 0, 0, 255};

    ask_4011(ask, ASK_EDK2_X64);
    write_u16(item + 2, type);
    write_u16(item + 4, layer);
    ask_add(ask, 43, item, sizeof item);
}

/* PXE.md 2.3. */
static void test_menu(void **state)
{
    static const char menu[] = "2b39 060103 080e 8001 01 0a4d0002 8002 01 0a4d0002 "
                               "091c 0000 05 4c6f63616c 8001 06 57696e5045 21 8002 08 4d656d2074657374 "
                               "0a05 05 50727373 ff";
    char options[400];
    struct ask ask;

    (void)state;
    rules.style = BOOT_STYLE_MENU;
    scene_boot("x64 = winpe.efi option 252=\\Boot\\BCD");
    scene_boot("bios = pxelinux.0");
    scene_add(BOOT_LIST_MENU, "Local = local");
    scene_add(BOOT_LIST_MENU, "WinPE! = answer");
    scene_add(BOOT_LIST_MENU, "Mem test = memtest.efi for x64");
    scene_add(BOOT_LIST_PROMPT, "5 Prss");
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    assert_string_equal(scene_decide(&ask), "OFFERED");
    snprintf(options, sizeof options, "%s%s%s%s", OFFER, GUID, menu, "fc0a 5c426f6f745c424344 00");
    scene_check(&ask, &(struct expected){0x8000, false, NULL, "10.77.0.2", "", options, NULL});
    /* Who is asked directly shows it too, for that is all there is beside a DHCP server on our machine. */
    scene_on_4011(4011);
    ask_4011(&ask, ASK_EDK2_X64);
    assert_string_equal(scene_decide(&ask), "ACKNOWLEDGED");
    assert_int_equal(decision.reply.bytes[108], 0);
    /* Its items: by the machine's rule, and of its own. */
    ask_item(&ask, 0x8001, 0);
    assert_string_equal(scene_decide(&ask), "ACKNOWLEDGED");
    scene_check(&ask, &(struct expected){0, true, NULL, "10.77.0.2", "winpe.efi",
                                         ACK GUID "2b07 4704 8001 0000 ff"
                                                  "fc0a 5c426f6f745c424344 00",
                                         NULL});
    ask_item(&ask, 0x8002, 0);
    assert_string_equal(scene_decide(&ask), "ACKNOWLEDGED");
    scene_check(&ask,
                &(struct expected){0, true, NULL, "10.77.0.2", "memtest.efi", ACK GUID "2b07 4704 8002 0000 ff", NULL});
    assert_string_equal(looked_for, "memtest.efi for 10.77.0.100");
    assert_ptr_equal(decision.entry, &rules.menu[2]);
    /* iPXE asks with xid 0, and gets it back. */
    memset(ask.bytes + 4, 0, 4);
    assert_string_equal(scene_decide(&ask), "ACKNOWLEDGED");
    assert_memory_equal(decision.reply.bytes + 4, "\0\0\0\0", 4);
    /* What it was not shown, and BIS. */
    static const struct {
        uint16_t type;
        uint16_t layer;
        const char *reason;
    } rows[] = {{0x8000, 0, "NO_SUCH_ITEM"}, {0x8003, 0, "NO_SUCH_ITEM"},     {1, 0, "NO_SUCH_ITEM"},
                {0x8001, 1, "NO_SUCH_ITEM"}, {0x8001, 0x8000, "CREDENTIALS"}, {0x8001, 0x8001, "CREDENTIALS"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        ask_item(&ask, rows[i].type, rows[i].layer);
        CHECK(strcmp(scene_decide(&ask), rows[i].reason) == 0, "row %u: %s", (unsigned)i,
              boot_reason_name(decision.reason));
        assert_int_equal(decision.reply.size, 0);
    }
}

/* PXE.md 1.2: a REQUEST on 67 with an item is for boot servers; which of them, option 54 or the type says. */
static void test_rule_3_items_by_broadcast(void **state)
{
    struct ask ask;

    (void)state;
    scene_boot("x64 = winpe.efi style menu");
    scene_add(BOOT_LIST_MENU, "WinPE = answer");
    ask_item(&ask, 0x8000, 0);
    assert_string_equal(scene_decide(&ask), "ACKNOWLEDGED");
    assert_string_equal(scene_to(), TO_ALL);
    assert_memory_equal(decision.reply.bytes + 12, "\0\0\0\0", 4);
    ask_item(&ask, 0x8001, 0);
    assert_string_equal(scene_decide(&ask), "OTHER_SERVER");
    ask_item(&ask, 0x8000, 0);
    ask_add(&ask, 54, "\x0a\x4d\0\1", 4);
    assert_string_equal(scene_decide(&ask), "OTHER_SERVER");
    ask_item(&ask, 0x8000, 0);
    ask_add(&ask, 54, "\x0a\x4d\0\2", 4);
    assert_string_equal(scene_decide(&ask), "ACKNOWLEDGED");
    /* Where we show no menu it is somebody else's; asked directly, the rule's file is what there is. */
    rules.rules[0].style = BOOT_STYLE_DIRECT;
    ask_item(&ask, 0x8000, 0);
    assert_string_equal(scene_decide(&ask), "OTHER_SERVER");
    scene_on_4011(4011);
    assert_string_equal(scene_decide(&ask), "ACKNOWLEDGED");
    scene_check(&ask,
                &(struct expected){0, true, NULL, "10.77.0.2", "winpe.efi", ACK GUID "2b07 4704 8000 0000 ff", NULL});
}

static void test_a_menu_with_nothing_for_this_machine(void **state)
{
    struct ask ask;

    (void)state;
    scene_boot("x64 = x64.efi style menu");
    scene_add(BOOT_LIST_MENU, "ARM = arm.efi for arm64");
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    assert_string_equal(scene_decide(&ask), "OFFERED");
    scene_check(&ask, &(struct expected){0x8000, false, NULL, "10.77.0.2", "x64.efi", OFFER GUID DIRECT, NULL});
    scene_on_4011(4011);
    ask_4011(&ask, ASK_EDK2_X64);
    assert_string_equal(scene_decide(&ask), "ACKNOWLEDGED");
    scene_check(&ask, &(struct expected){0, true, NULL, "10.77.0.2", "x64.efi", ACK GUID, NULL});
}

/* boot_rules_check would have refused it; whoever did not ask still gets a packet that is whole. */
static void test_a_menu_that_is_too_long(void **state)
{
    struct ask ask;

    (void)state;
    scene_boot("x64 = x64.efi style menu");
    for (int i = 0; i < 10; i++)
        scene_add(BOOT_LIST_MENU, "An entry of some twenty letters = answer");
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    assert_string_equal(scene_decide(&ask), "OFFERED");
    scene_check(&ask, &(struct expected){0x8000, false, NULL, "10.77.0.2", "x64.efi", OFFER GUID DIRECT, NULL});
}

/* A menu of one entry of type 0, which is taken at once. */
static void test_local(void **state)
{
    static const char local[] = "2b20 060103 0a0b 00 4c6f63616c206469736b 090d 0000 0a 4c6f63616c206469736b ff";
    char options[300];
    struct ask ask;

    (void)state;
    scene_boot("any = local");
    ask_dhcp(&ask, ASK_EDK2_X64, 1);
    assert_string_equal(scene_decide(&ask), "SENT_TO_DISK");
    snprintf(options, sizeof options, "%s%s%s", OFFER, GUID, local);
    scene_check(&ask, &(struct expected){0x8000, false, NULL, "10.77.0.2", "", options, NULL});
    ask_dhcp(&ask, ASK_IPXE_X64, 1);
    assert_string_equal(scene_decide(&ask), "SENT_TO_DISK");
    scene_on_4011(4011);
    ask_4011(&ask, ASK_EDK2_X64);
    assert_string_equal(scene_decide(&ask), "SENT_TO_DISK");
    snprintf(options, sizeof options, "%s%s%s", ACK, GUID, local);
    scene_check(&ask, &(struct expected){0, true, NULL, "10.77.0.2", "", options, NULL});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_direct_offers, scene_set_up),
        cmocka_unit_test_setup(test_binl, scene_set_up),
        cmocka_unit_test_setup(test_binl_with_another_server, scene_set_up),
        cmocka_unit_test_setup(test_same_host, scene_set_up),
        cmocka_unit_test_setup(test_rule_16_http, scene_set_up),
        cmocka_unit_test_setup(test_raspberry_pi, scene_set_up),
        cmocka_unit_test_setup(test_who_is_not_answered, scene_set_up),
        cmocka_unit_test_setup(test_menu, scene_set_up),
        cmocka_unit_test_setup(test_rule_3_items_by_broadcast, scene_set_up),
        cmocka_unit_test_setup(test_a_menu_with_nothing_for_this_machine, scene_set_up),
        cmocka_unit_test_setup(test_a_menu_that_is_too_long, scene_set_up),
        cmocka_unit_test_setup(test_local, scene_set_up),
    };

    return cmocka_run_group_tests_name("decide", tests, NULL, NULL);
}
