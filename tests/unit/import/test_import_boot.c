/* Boot rules of other servers: dnsmasq's lines, WDS' boot programs, Tftpd64's DHCP server. */
#include "importer.h"
#include "unit.h"

#include <stdio.h>

#define WDS_PXE  "WDSServer\\Providers\\WDSPXE"
#define WDS_BINL WDS_PXE "\\Providers\\BINLSVC"
#define BOOT     WDS_BINL "\\BootPrograms\\"

static void assert_set(const char *parameter, const char *expected)
{
    struct import_row *row = importer_find(parameter);

    CHECK(row != NULL && row->verdict == IMPORT_SET, "%s: %s", parameter, importer_row_text(row));
    CHECK(strcmp(importer_value(parameter), expected) == 0, "%s: %s", parameter, importer_value(parameter));
}

static void assert_untouched(const char *parameter)
{
    CHECK(importer_find(parameter) == NULL || importer_find(parameter)->verdict == IMPORT_NOTE, "%s: %s", parameter,
          importer_row_text(importer_find(parameter)));
}

/* -- dnsmasq --------------------------------------------------------------------------------------------------------- */

/* The example that every guide has. */
static void a_proxy_with_ipxe(void **state)
{
    (void)state;
    importer_map_dnsmasq("# a comment\n"
                         "port=0\n"
                         "log-dhcp\n"
                         "dhcp-range=192.168.1.0,proxy\n"
                         "dhcp-boot=undionly.kpxe # for all\n"
                         "dhcp-match=set:ipxe,175\n"
                         "dhcp-match=set:efi64,option:client-arch,7\n"
                         "dhcp-match=set:efi64,option:client-arch,9\n"
                         "dhcp-match=set:efi32,93,6\n"
                         "dhcp-boot=tag:ipxe,http://10.0.0.9/boot.ipxe\n"
                         "dhcp-boot=tag:!ipxe,tag:efi64,efi64/snponly.efi\n"
                         "dhcp-boot=tag:efi32,tag:!ipxe,\"efi 32/snponly.efi\",,10.0.0.9\n"
                         "enable-tftp\n"
                         "tftp-root=/srv/tftp\n");
    assert_set("PxeBoot",
               "ipxe = http://10.0.0.9/boot.ipxe;x64 = efi64/snponly.efi;ia32 = \"efi 32/snponly.efi\" server "
               "10.0.0.9;any = undionly.kpxe");
    assert_true(importer_says("tftp-root", "it is a path of another system"));
    assert_true(importer_says("Pxe", "/v Pxe /t REG_SZ /d watch /f"));
    assert_true(importer_says("other lines", "3 lines are not about TFTP files or booting"));
    assert_untouched("Pxe");
    assert_untouched("PxeMenu");
    assert_int_equal(import_count(&import, IMPORT_BAD), 0);
}

static void tags_by_class(void **state)
{
    (void)state;
    importer_map_dnsmasq("dhcp-vendorclass=set:bios,PXEClient:Arch:00000\n"
                         "dhcp-vendorclass=set:a64,PXEClient:Arch:00011:UNDI:003000\n"
                         "dhcp-vendorclass=set:http,HTTPClient:Arch:00016\n"
                         "dhcp-userclass=set:i,iPXE\n"
                         "dhcp-boot=net:bios,pxelinux.0,boothost,10.0.0.7\n"
                         "dhcp-boot=tag:a64,a64.efi\n"
                         "dhcp-boot=tag:http,http://10.0.0.7/x.efi\n"
                         "dhcp-boot=tag:i,boot.ipxe\n"
                         "dhcp-match=set:odd,93,33\n"
                         "dhcp-boot=tag:odd,mips.efi\n"
                         "dhcp-vendorclass=set:long,PXEClient:Arch:12345678\n"
                         "dhcp-boot=tag:long,long.efi\n");
    assert_set("PxeBoot", "bios = pxelinux.0 server 10.0.0.7;arm64 = a64.efi;x64-http = http://10.0.0.7/x.efi;ipxe = "
                          "boot.ipxe;33 = mips.efi");
}

static void one_service_for_each(void **state)
{
    (void)state;
    importer_map_dnsmasq("pxe-service=x86PC,\"Install, now\",pxelinux\n"
                         "pxe-service=X86-64_EFI,\"Install\",boot/grubx64.efi,10.0.0.9\n"
                         "pxe-service=BC_EFI,\"Install\",boot/grubx64.efi\n"
                         "pxe-service=11,\"Install\",grubaa64.efi\n"
                         "pxe-service=IA32_EFI,\"Disk\",0\n"
                         "pxe-prompt=\"Wait\",0\n");
    assert_set("PxeBoot", "bios = pxelinux.0;x64 = boot/grubx64.efi server 10.0.0.9;arm64 = grubaa64.efi;ia32 = local");
    assert_set("PxePrompt", "0 Wait");
    assert_untouched("PxeMenu");
    assert_untouched("PxeStyle");
}

static void services_that_are_a_menu(void **state)
{
    (void)state;
    importer_map_dnsmasq("pxe-prompt=\"Press F8\", 10\n"
                         "pxe-service=x86PC, \"From the disk\"\n"
                         "pxe-service=x86PC, \"Install\", pxelinux\n"
                         "pxe-service=x86-64_EFI, \"Install\", boot.efi\n");
    assert_set("PxeMenu", "From the disk = local for bios;Install = pxelinux.0 for bios;Install = boot.efi for x64");
    assert_set("PxeStyle", "menu");
    assert_set("PxePrompt", "10 Press F8");
    assert_set("PxeBoot", "bios = local;x64 = boot.efi");
}

static void single_machines(void **state)
{
    (void)state;
    importer_map_dnsmasq("dhcp-host=00:20:e0:3b:13:af,set:red,192.168.0.60,lap\n"
                         "dhcp-host=00:20:e0:3b:13:b0,ignore\n"
                         "dhcp-host=00:20:e0:3b:13:b1,192.168.0.61\n"
                         "dhcp-host=lap,192.168.0.1\n"
                         "dhcp-host=00:20:e0:*,ignore\n"
                         "dhcp-host=id:01:02,4c4c4544-0042-3510-8052-b4c04f4e3332,ignore\n"
                         "dhcp-mac=set:red,00:60:8C:*:*:*\n"
                         "dhcp-boot=tag:red,red.0\n");
    assert_set("PxeHosts", "00:20:e0:3b:13:b0 = ignore;00:20:e0:3b:13:af = red.0;00:60:8C:* = red.0");
    assert_untouched("PxeUnknown");
    importer_map_dnsmasq("dhcp-ignore=tag:!known\n"
                         "dhcp-host=00:20:e0:3b:13:b1,192.168.0.61\n"
                         "dhcp-boot=a.0\n");
    assert_set("PxeHosts", "00:20:e0:3b:13:b1 = answer");
    assert_set("PxeUnknown", "ignore");
    assert_set("PxeBoot", "any = a.0");
}

static void about_tftp(void **state)
{
    (void)state;
    importer_map_dnsmasq("tftp-root=D:\\images\ntftp-port-range=3000,3063\ntftp-max=500\n");
    assert_set("Directory", "D:\\images");
    assert_set("PortRange", "3000-3063");
    assert_set("MaxTransfers", "500");
    assert_null(importer_find("Pxe"));
    importer_map_dnsmasq("tftp-max=5\nport=0\n");
    assert_true(importer_says("other lines", "1 lines are not about"));
    importer_map_dnsmasq("tftp-max=5\n");
    assert_null(importer_find("other lines"));
    importer_map_dnsmasq("tftp-max=lots\ntftp-port-range=5\n");
    assert_int_equal(import_count(&import, IMPORT_BAD), 2);
}

/* One line, and why it is left out. */
static void what_is_left_out(void **state)
{
    static const struct {
        const char *line, *name, *says;
    } rows[] = {
        {"dhcp-boot=tag:nobody,a.0", "dhcp-boot", "\"tag:nobody,a.0\": nothing that is understood here sets this tag"},
        {"dhcp-match=set:a,93,7\ndhcp-boot=tag:!a,a.0", "dhcp-boot", "cannot be for those that have not"},
        {"dhcp-match=set:a,93,7\ndhcp-match=set:b,93,6\ndhcp-boot=tag:a,tag:b,a.0", "dhcp-boot", "this needs two"},
        {"dhcp-vendorclass=set:x,AAPLBSDPC\ndhcp-boot=tag:x,a.0", "dhcp-boot", "nothing that is understood here"},
        {"dhcp-boot=", "dhcp-boot", "it names no file"},
        {"dhcp-boot=http://10.0.0.1/a", "dhcp-boot, pxe-service", "any = http://10.0.0.1/a"},
        {"pxe-service=VAX,\"x\",a", "pxe-service", "it is for no machine that is known"},
        {"pxe-service=x86PC,\"x\",17", "pxe-service", "a boot server of this number"},
        {"pxe-service=tag:x,x86PC,\"x\",a", "pxe-service", "nothing that is understood here sets this tag"},
        {"dhcp-match=set:x,93,7\npxe-service=tag:x,x86PC,\"x\",a", "pxe-service", "an entry of the menu has no tag"},
        {"dhcp-range=10.0.0.10,10.0.0.20", "dhcp-range", "it gives addresses"},
        {"dhcp-option=209,x", "dhcp-option", "options are sent with a boot file alone"},
        {"dhcp-option-force=60,PXEClient", "dhcp-option-force", "options are sent with a boot file alone"},
        {"dhcp-ignore=tag:red", "dhcp-ignore", "it goes by a tag"},
        {"conf-file=/etc/more", "conf-file", "import that file, too"},
        {"dhcp-boot=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", "dhcp-boot", "more fields than any line has"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        importer_map_dnsmasq(rows[i].line);
        CHECK(importer_says(rows[i].name, rows[i].says), "%s: %s", rows[i].line,
              importer_row_text(importer_find(rows[i].name)));
        CHECK(import_count(&import, IMPORT_SET) == 0, "%s: something is set", rows[i].line);
    }
}

/* Any bytes, and lines put together from pieces: rows that can be shown, and values that the service takes. */
static void hostile_files(void **state)
{
    static const char *const pieces[] = {"dhcp-boot=",
                                         "pxe-service=",
                                         "dhcp-match=",
                                         "dhcp-host=",
                                         "pxe-prompt=",
                                         "tag:",
                                         "set:",
                                         "!",
                                         ",",
                                         "\"",
                                         "\n",
                                         "a",
                                         "ipxe",
                                         "93",
                                         "7",
                                         "x86PC",
                                         "175",
                                         "option:client-arch",
                                         "dhcp-mac=",
                                         "00:11:22:*",
                                         "#",
                                         " ",
                                         "=",
                                         "tftp-max=",
                                         ";",
                                         "for",
                                         "server 1.2.3.4",
                                         "52:54:00:12:34:56",
                                         "tag:a",
                                         "set:a",
                                         "\x1b[2J",
                                         "\xff",
                                         "local",
                                         "ignore"};
    static char text[2048];
    uint64_t seed = 77;
    unsigned sets = 0;

    (void)state;
    for (unsigned round = 0; round < 3000; round++) {
        size_t used = 0;
        text[0] = 0;
        for (unsigned i = random_below(&seed, 120); i > 0; i--)
            used +=
                (size_t)snprintf(text + used, sizeof text - used, "%s", pieces[random_below(&seed, COUNT_OF(pieces))]);
        importer_map_dnsmasq(text);
        for (size_t i = 0; i < import.row_count; i++) {
            if (import.rows[i].parameter != NULL)
                import_weigh(&import, &import.rows[i], &(struct import_value){.form = IMPORT_ABSENT});
            CHECK(strlen(importer_row_text(&import.rows[i])) > 6 &&
                      strchr(importer_row_text(&import.rows[i]), 0x1b) == NULL,
                  "round %u", round);
        }
        sets += (unsigned)import_count(&import, IMPORT_SET);
    }
    CHECK(sets > 100, "%u", sets);
    /* More than there is room for, of each kind. */
    static char large[64 * 1024];
    size_t used = 0;
    for (unsigned i = 0; i < 200; i++)
        used +=
            (size_t)snprintf(large + used, sizeof large - used,
                             "dhcp-match=set:t%u,93,%u\ndhcp-host=00:00:00:00:00:%02x,set:h%u\npxe-service=%u,x,f%u.0\n"
                             "dhcp-boot=tag:t%u,%0120u\n",
                             i, i, i & 0xff, i, i, i, i, i);
    importer_map_dnsmasq(large);
    assert_true(importer_says("more", "more like these"));
    used = 0;
    for (unsigned i = 0; i < 40; i++)
        used += (size_t)snprintf(large + used, sizeof large - used,
                                 "dhcp-match=set:t%u,93,%u\ndhcp-boot=tag:t%u,%0120u\n", i, i, i, i);
    importer_map_dnsmasq(large);
    assert_true(importer_says("dhcp-boot, pxe-service", "PxeBoot has no room for more"));
    assert_int_equal(import_count(&import, IMPORT_SET), 1);
    /* That for all is told when it is the one too many. */
    snprintf(large + used, sizeof large - used, "dhcp-boot=last%0100u\n", 0u);
    importer_map_dnsmasq(strstr(large, "dhcp-match=set:t25"));
    assert_non_null(strstr(importer_value("PxeBoot"), ";any = last0"));
    importer_map_dnsmasq(large);
    assert_null(strstr(importer_value("PxeBoot"), "any"));
    assert_true(importer_says("dhcp-boot, pxe-service", "\"any = last0"));
}

static void files_and_keys(void **state)
{
    (void)state;
    assert_true(import_is_file(IMPORT_DNSMASQ) && import_is_file(IMPORT_TFTPD64));
    assert_false(import_is_file(IMPORT_WDS) || import_is_file(IMPORT_RIS));
    assert_string_equal(import_file_name(IMPORT_DNSMASQ), "dnsmasq.conf");
    assert_string_equal(import_file_name(IMPORT_TFTPD64), "tftpd32.ini");
    assert_int_equal(import_find_source("Dnsmasq"), IMPORT_DNSMASQ);
}

/* -- WDS ------------------------------------------------------------------------------------------------------------- */

static void boot_programs(void **state)
{
    (void)state;
    importer_begin(IMPORT_WDS, "tftpd");
    importer_put_at(BOOT "x64uefi", "Default", importer_text("boot\\x64\\wdsmgfw.efi"));
    importer_put_at(BOOT "x86uefi", "Default", importer_text("boot\\x86\\bootmgfw.efi"));
    importer_put_at(BOOT "arm64", "Default", importer_text("boot\\arm 64\\wdsmgfw.efi"));
    importer_put_at(BOOT "x64", "Default", importer_text("boot\\x64\\wdsnbp.com"));
    importer_put_at(BOOT "x86", "Default", importer_text("boot\\x86\\pxeboot.com"));
    importer_put_at(BOOT "arm", "Default", importer_text(""));
    import_map(&import);
    assert_set("PxeBoot", "x64 = boot\\x64\\bootmgfw.efi style binl;ia32 = boot\\x86\\bootmgfw.efi style binl;arm64 = "
                          "\"boot\\arm 64\\bootmgfw.efi\" style binl;bios = boot\\x64\\pxeboot.n12 style binl");
    assert_true(importer_says("Pxe", "an import has no machine answered"));
    assert_untouched("PxePorts");
}

static void boot_programs_without_a_key(void **state)
{
    (void)state;
    importer_begin(IMPORT_WDS, "tftpd");
    importer_put_at(WDS_BINL, "AllowN12ForNewClients", importer_number(1));
    importer_put_at(BOOT "x86", ".n12", importer_text("boot\\x86\\pxeboot.n12"));
    importer_put_at(BOOT "x86", "Default", importer_text("boot\\x86\\pxeboot.com"));
    import_map(&import);
    assert_set("PxeBoot", "bios = boot\\x86\\pxeboot.n12 style binl");
    importer_begin(IMPORT_WDS, "tftpd");
    importer_put_at(BOOT "x86", "Default", importer_text("boot\\x86\\pxeboot.com"));
    importer_put_at(BOOT "x86", ".n12", importer_text("boot\\x86\\pxeboot.n12"));
    import_map(&import);
    assert_set("PxeBoot", "bios = boot\\x86\\pxeboot.com style binl");
}

static void who_is_answered(void **state)
{
    (void)state;
    importer_begin(IMPORT_WDS, "tftpd");
    importer_put_at(WDS_PXE, "UseDHCPPorts", importer_number(0));
    importer_put_at(WDS_PXE, "BannedGuids",
                    importer_list("{1acbf4473993e543a92afadb5140f1c8};no guid;{1ACBF4473993E543A92AFADB5140F1C9}"));
    importer_put_at(WDS_PXE, "BindInterfaces", importer_list("MAC:001122334455"));
    importer_put_at(WDS_BINL, "netbootAnswerOnlyValidClients", importer_text("true"));
    importer_put_at(WDS_BINL, "ResponseDelay", importer_number(3));
    import_map(&import);
    assert_set("PxePorts", "4011");
    assert_set("PxeHosts", "{1acbf4473993e543a92afadb5140f1c8} = ignore;{1ACBF4473993E543A92AFADB5140F1C9} = ignore");
    assert_true(importer_says("BannedGuids", "\"no guid = ignore\""));
    assert_set("PxeUnknown", "ignore");
    assert_true(importer_says("BindInterfaces", "set PxeInterfaces"));
    assert_true(importer_says("ResponseDelay", "\"3\": machines are answered at once"));
    assert_null(importer_find("Pxe"));
    importer_begin(IMPORT_WDS, "tftpd");
    importer_put_at(WDS_PXE, "UseDHCPPorts", importer_number(1));
    importer_put_at(WDS_BINL, "netbootAnswerOnlyValidClients", importer_text("FALSE"));
    importer_put_at(WDS_BINL, "ResponseDelay", importer_number(0));
    import_map(&import);
    assert_set("PxePorts", "both");
    assert_set("PxeUnknown", "answer");
    assert_null(importer_find("ResponseDelay"));
    importer_begin(IMPORT_WDS, "tftpd");
    importer_put_at(WDS_BINL, "netbootAnswerOnlyValidClients", importer_text("FALSE"));
    importer_put_at(WDS_BINL "\\AutoApprove", "Policy", importer_number(1));
    importer_put_at(WDS_PXE, "UseDHCPPorts", importer_text("x"));
    importer_put_at(WDS_PXE, "BannedGuids", importer_number(1));
    import_map(&import);
    assert_set("PxeUnknown", "wait");
    assert_int_equal(import_count(&import, IMPORT_BAD), 1);
}

/* -- Tftpd64 --------------------------------------------------------------------------------------------------------- */

static void a_dhcp_server(void **state)
{
    (void)state;
    importer_map_ini(
        "[DHCP]\nLease_NumLeases=1\nLease_0_MAC=00:00:00:00:00:01\nIP_Pool=192.168.1.2\nPoolSize=5\n"
        "BootFile=boot/pxelinux.0\nMask=255.255.255.0\nGateway=192.168.1.1\nDNS=0.0.0.0\nLease (minutes)=5\n"
        "00:11:22:33:44:55=192.168.1.50\n[TFTPD32]\nSecurityLevel=3\n");
    assert_set("PxeBoot", "any = boot/pxelinux.0");
    assert_set("BootpHosts", "00:11:22:33:44:55 = 192.168.1.50/24 file boot/pxelinux.0 router 192.168.1.1");
    assert_true(importer_says("PoolSize", "none is given here but by BootpHosts"));
    assert_true(importer_says("Pxe", "an import has no machine answered"));
    assert_untouched("Bootp");
    importer_map_ini(
        "[DHCP]\nBootFile=boot/$ARCH.0\nMask=x\nPoolSize=0\nDNS=192.168.1.3\n00:11:22:33:44:55=192.168.1.50\n"
        "00:11:22:33:44:56=nowhere\n[TFTPD32]\nSecurityLevel=3\n");
    assert_untouched("PxeBoot");
    assert_true(importer_says("BootFile", "a $ in it stood for the kind of machine"));
    assert_set("BootpHosts", "00:11:22:33:44:55 = 192.168.1.50 dns 192.168.1.3");
    assert_true(importer_says("static addresses", "00:11:22:33:44:56 = nowhere"));
    assert_null(importer_find("PoolSize"));
    importer_map_ini("[DHCP]\nMask=1\n[TFTPD32]\nMask=2\nSecurityLevel=3\n");
    assert_true(importer_says("Mask", "line 4: this setting is not known here"));
    importer_map_ini("[DHCP]\nPort=1\n[TFTPD32]\nSecurityLevel=3\n");
    assert_true(importer_says("Port", "line 2: this setting is not known here"));
}

static void many_static_addresses(void **state)
{
    static char text[16 * 1024];
    size_t used = (size_t)snprintf(text, sizeof text, "[DHCP]\n");

    (void)state;
    for (unsigned i = 0; i < IMPORT_HOSTS_MAX + 1; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "00:11:22:33:44:%02x=10.0.0.%u\n", i, i + 1);
    importer_map_ini(text);
    assert_true(importer_says("00:11:22:33:44:80", "this setting is not known here"));
    assert_int_equal(import.host_count, IMPORT_HOSTS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_proxy_with_ipxe),
        cmocka_unit_test(tags_by_class),
        cmocka_unit_test(one_service_for_each),
        cmocka_unit_test(services_that_are_a_menu),
        cmocka_unit_test(single_machines),
        cmocka_unit_test(about_tftp),
        cmocka_unit_test(what_is_left_out),
        cmocka_unit_test(hostile_files),
        cmocka_unit_test(files_and_keys),
        cmocka_unit_test(boot_programs),
        cmocka_unit_test(boot_programs_without_a_key),
        cmocka_unit_test(who_is_answered),
        cmocka_unit_test(a_dhcp_server),
        cmocka_unit_test(many_static_addresses),
    };

    return cmocka_run_group_tests_name("import of boot rules", tests, NULL, NULL);
}
