/* What the audit makes of booting: parameters, files, ports, firewall, other servers; every line by made-up facts. */
#include "files.h"

#include "service/check/check_report.h"

enum { OURS = 10, THEIRS = 20 };

static struct facts facts;
static struct check_report report;

static void set(const char *name, const char *value)
{
    struct config_problem problem;

    CHECK(config_set_typed(&facts.config, config_find(name), value, &problem), "%s", problem.text);
    facts.boot.is_wanted = boot_lines_are_wanted(&facts.config);
    facts.boot.ports = boot_lines_ports(&facts.config);
}

static void add_port(uint16_t port, DWORD process, const char *service)
{
    struct facts_port *kept = &facts.ports.ports[facts.ports.count++];

    *kept = (struct facts_port){.port = port, .process = process};
    strcpy(kept->program, "svchost.exe");
    strcpy(kept->service, service);
}

/* A service that runs and answers boot requests. */
static int make_good(void **state)
{
    (void)state;
    memset(&facts, 0, sizeof facts);
    facts.name = "tftpd";
    facts.own_program = "C:\\new\\tftpd.exe";
    facts_image_read(&facts.service.image, "C:\\tftpd\\tftpd.exe");
    facts.service.state = SERVICE_RUNNING;
    facts.service.process = OURS;
    config_defaults(&facts.config);
    set("Pxe", "answer");
    facts.boot.rule_count = 2;
    add_port(67, OURS, "tftpd");
    add_port(4011, OURS, "tftpd");
    facts.firewall.rules[FACTS_RULE_ALLOWS].profiles = FACTS_PROFILES;
    for (size_t i = 0; i < FACTS_BOOT_PORTS; i++) {
        facts.boot_firewalls[i].rules[FACTS_RULE_ALLOWS].profiles = FACTS_PROFILES;
        facts.boot_firewalls[i].rules[FACTS_RULE_BLOCKS].profiles = FACTS_PROFILE_PUBLIC;
    }
    return 0;
}

static void judge(check_judgement *judgement)
{
    memset(&report, 0, sizeof report);
    judgement(&facts, &report);
    for (size_t i = 0; i < report.count; i++)
        CHECK(report.lines[i].state == CHECK_OK || report.lines[i].mend[0] != 0, "nothing mends it: %s",
              report.lines[i].meaning);
}

/* There is one line, in this state, with this in it. */
static void assert_only(check_judgement *judgement, enum check_state state, const char *meaning, const char *mend)
{
    judge(judgement);
    CHECK(report.count == 1, "%u lines; \"%s\" is looked for", (unsigned)report.count, meaning);
    const struct check_line *line = &report.lines[0];
    CHECK(line->state == state && strstr(line->meaning, meaning) != NULL && strstr(line->mend, mend) != NULL,
          "%u %s - %s", line->state, line->meaning, line->mend);
}

static void assert_silent(check_judgement *judgement)
{
    judge(judgement);
    CHECK(report.count == 0, "%s", report.lines[0].meaning);
}

static void off_is_one_line(void **state)
{
    (void)state;
    set("Pxe", "off");
    assert_only(check_boot, CHECK_OK, "Pxe and Bootp are off", "");
    assert_silent(check_boot_files);
    assert_silent(check_boot_ports);
    assert_silent(check_boot_firewall);
    assert_silent(check_others);
}

static void judges_the_parameters(void **state)
{
    (void)state;
    assert_only(check_boot, CHECK_OK, "PxeBoot (2), PxeHosts (0) and BootpHosts (0) make sense together", "");
    assert_null(strstr(report.lines[0].meaning, "watch"));
    set("Pxe", "watch");
    assert_only(check_boot, CHECK_OK, "Pxe is watch, so nothing is sent", "");
    facts.boot.rule_count = 0;
    assert_only(check_boot, CHECK_WARN, "no machine is answered", "-? PxeBoot");
    facts.boot.host_count = 1;
    assert_only(check_boot, CHECK_OK, "PxeHosts (1)", "");
    facts.boot.once_count = 1;
    judge(check_boot);
    assert_int_equal(report.count, 2);
    assert_int_equal(report.lines[1].state, CHECK_WARN);
    assert_non_null(strstr(report.lines[1].meaning, "say once: 1; a restart of the service forgets"));
    assert_non_null(strstr(report.lines[1].mend, "/v PxeHosts"));
    strcpy(facts.boot.problem, "PxeMenu is empty");
    assert_only(check_boot, CHECK_FAIL, "no machine is answered: PxeMenu is empty", "reg query \"HKLM");
    make_good(state);
    facts.boot.rule_count = 0;
    facts.boot.once_count = 1;
    set("Pxe", "off");
    set("Bootp", "bootp");
    assert_only(check_boot, CHECK_OK, "make sense together", "");
}

static struct facts_boot_file *add_file(const char *line, const char *machine)
{
    struct facts_boot_file *file = &facts.boot.files[facts.boot.file_count++];

    memset(file, 0, sizeof *file);
    strcpy(file->line, line);
    strcpy(file->file, "a.efi");
    assert_int_equal(machine_set_add(&file->machines, span_of_text(machine)), MACHINE_WORD_ADDED);
    file->is_seen = true;
    return file;
}

static void judges_the_files(void **state)
{
    (void)state;
    struct facts_boot_file *file = add_file("PxeBoot 1: x64 = a.efi", "x64");
    file->image = (struct image){.is_pe = true, .machine = 0x8664};
    assert_only(check_boot_files, CHECK_OK, "each (1) is there for somebody", "");
    file->image.machine = 0xaa64;
    assert_only(check_boot_files, CHECK_FAIL,
                "PxeBoot 1: x64 = a.efi: the file starts on ARM64 UEFI, and the line is for x64 UEFI", "reg query");
    file->image.is_pe = false;
    assert_only(check_boot_files, CHECK_WARN, "is no program of UEFI, and x64 UEFI starts nothing else", "reg query");
    file->is_seen = false; /* somebody writes it */
    assert_only(check_boot_files, CHECK_OK, "each (1)", "");
    file->state = BOOT_FILE_ABSENT;
    assert_only(check_boot_files, CHECK_FAIL, "the file is not there, so the machines of this line are not answered",
                "explain get \"a.efi\"");
    file->state = BOOT_FILE_REFUSED;
    assert_only(check_boot_files, CHECK_FAIL, "TFTP gives the file to nobody", "explain get \"a.efi\"");
    facts.boot.file_count = 0;
    file = add_file("PxeBoot 1: bios = a.efi", "bios");
    file->image = (struct image){.is_pe = true, .machine = 0x8664};
    assert_only(check_boot_files, CHECK_FAIL, "is a program of UEFI for x64 UEFI, and x86 BIOS cannot start one", "");
    file->image.is_pe = false;
    file->is_writable = true;
    assert_only(check_boot_files, CHECK_WARN, "may put a file of their own under this name", "/v Writable");
    file->is_writable = false;
    file->signers.has_2011 = true;
    judge(check_boot_files);
    assert_int_equal(report.count, 2);
    assert_non_null(strstr(report.lines[0].meaning, "signed by Windows Production PCA 2011; machines that trust that"));
    file->signers = (struct image_signers){false, true};
    judge(check_boot_files);
    assert_non_null(strstr(report.lines[0].meaning, "signed by Windows UEFI CA 2023; machines that do not know that"));
    file->signers.has_2011 = true;
    judge(check_boot_files);
    assert_non_null(strstr(report.lines[0].meaning, "both Windows Production PCA 2011 and Windows UEFI CA 2023"));
    assert_int_equal(report.worst, CHECK_OK);
}

static void tells_what_grub_does(void **state)
{
    (void)state;
    strcpy(add_file("PxeBoot 1: x64 = boot/GrubX64.efi", "x64")->file, "boot/GrubX64.efi");
    strcpy(add_file("PxeBoot 2: arm64 = shimaa64.efi", "arm64")->file, "shimaa64.efi");
    facts.boot.files[0].is_seen = facts.boot.files[1].is_seen = false;
    judge(check_boot_files);
    assert_int_equal(report.count, 2);
    assert_int_equal(report.worst, CHECK_OK);
    assert_non_null(strstr(report.lines[0].meaning, "PxeBoot 1: x64 = boot/GrubX64.efi: GRUB asks the DHCP server's"));
}

static void warns_on_the_internet(void **state)
{
    (void)state;
    facts.boot.has_public_address = true;
    facts.boot.public_address = endpoint_ipv4(8, 8, 4, 4, 0);
    assert_only(check_boot_ports, CHECK_WARN, "the address 8.8.4.4 of the Internet, and Clients admits everybody",
                "/v Clients");
    set("Clients", "10.0.0.0/8");
    assert_only(check_boot_ports, CHECK_OK, "and nobody else does", "");
    set("Clients", "*");
    set("Pxe", "off");
    set("Bootp", "bootp");
    assert_only(check_boot_ports, CHECK_OK, "and nobody else does", "");
}

static void tells_of_a_few_files_only(void **state)
{
    (void)state;
    for (int i = 0; i < FACTS_BOOT_FILES_MAX; i++)
        add_file("PxeBoot 1: x64 = a.efi", "x64")->state = BOOT_FILE_ABSENT;
    judge(check_boot_files);
    assert_int_equal(report.count, 17);
    assert_non_null(strstr(report.lines[16].meaning, "there may be more"));
    for (int i = 0; i < FACTS_BOOT_FILES_MAX; i++)
        facts.boot.files[i].state = BOOT_FILE_READABLE, facts.boot.files[i].is_seen = false;
    facts.boot.file_count = FACTS_BOOT_FILES_MAX + 1;
    assert_only(check_boot_files, CHECK_OK, "only the first 64 of 65 files were looked at", "");
}

static void judges_the_ports(void **state)
{
    (void)state;
    assert_only(check_boot_ports, CHECK_OK, "the service listens on UDP 67, 4011, and nobody else does", "");
    set("PxeV6", "answer");
    add_port(547, OURS, "tftpd");
    assert_only(check_boot_ports, CHECK_OK, "on UDP 67, 547, 4011", "");
    facts.ports.count = 1;
    judge(check_boot_ports);
    assert_int_equal(report.count, 2);
    assert_non_null(strstr(report.lines[0].meaning, "nobody listens on UDP port 547"));
    assert_non_null(strstr(report.lines[1].meaning, "nobody listens on UDP port 4011"));
    make_good(state);
    facts.ports.ports[0].process = THEIRS;
    strcpy(facts.ports.ports[0].service, "DHCPServer");
    assert_only(
        check_boot_ports, CHECK_FAIL,
        "UDP port 67 is held by svchost.exe (process 20, service DHCPServer), so boot requests are not heard there",
        "/v PxePorts /t REG_SZ /d \"4011\"");
    strcpy(facts.ports.ports[0].service, "WDSServer");
    assert_only(check_boot_ports, CHECK_FAIL, "service WDSServer", "sc stop WDSServer");
    add_port(67, OURS, "tftpd");
    assert_only(check_boot_ports, CHECK_WARN, "is held by svchost.exe (process 20, service WDSServer), too", "sc stop");
    make_good(state);
    facts.ports.ports[1].process = 0;
    facts.ports.ports[1].service[0] = 0;
    assert_only(check_boot_ports, CHECK_WARN, "a program that the system does not name; as the service runs, it should",
                "netstat");
    make_good(state);
    facts.ports.count = 0;
    facts.service.state = SERVICE_STOPPED;
    assert_only(check_boot_ports, CHECK_OK, "UDP 67, 4011: nobody has them", "");
    facts.ports.error = ERROR_ACCESS_DENIED;
    judge(check_boot_ports);
    assert_int_equal(report.count, 2);
    assert_non_null(strstr(report.lines[0].meaning, "who holds UDP port 67 cannot be seen"));
    make_good(state);
    set("PxePorts", "4011");
    facts.ports.ports[0] = facts.ports.ports[1];
    facts.ports.count = 1;
    assert_only(check_boot_ports, CHECK_WARN, "nobody holds UDP port 67 here", "reg delete");
    add_port(67, THEIRS, "DHCPServer");
    assert_only(check_boot_ports, CHECK_OK, "the service listens on UDP 4011", "");
    make_good(state);
    set("Pxe", "off");
    set("Bootp", "bootp");
    assert_only(check_boot_ports, CHECK_OK, "the service listens on UDP 67, and", "");
}

static void judges_the_firewall(void **state)
{
    struct facts_firewall *of_4011 = &facts.boot_firewalls[2];

    (void)state;
    assert_only(check_boot_firewall, CHECK_OK,
                "come in from networks of the profiles domain and private, and from no public", "");
    facts.boot_firewalls[1].rules[FACTS_RULE_ALLOWS].profiles = 0; /* of 547, which nobody wants */
    assert_only(check_boot_firewall, CHECK_OK, "from no public", "");
    of_4011->rules[FACTS_RULE_BLOCKS].profiles = 0;
    assert_only(check_boot_firewall, CHECK_WARN, "from networks of the profile public, too",
                "name=\"tftpd boot\" dir=in action=block protocol=UDP localport=67,547,4011 profile=public "
                "program=\"C:\\tftpd\\tftpd.exe\"");
    of_4011->rules[FACTS_RULE_ALLOWS].profiles = 3;
    assert_only(check_boot_firewall, CHECK_OK, "from no public", "");
    of_4011->off = FACTS_PROFILE_PUBLIC;
    assert_only(check_boot_firewall, CHECK_WARN, "from networks of the profile public, too", "profile=public");
    of_4011->off = 0;
    of_4011->rules[FACTS_RULE_BLOCKS] = (struct facts_rules){2, {"no pxe", ""}};
    assert_only(check_boot_firewall, CHECK_FAIL,
                "the rule \"no pxe\" keeps boot requests to UDP port 4011 out (profiles: private)", "name=\"no pxe\"");
    of_4011->rules[FACTS_RULE_BLOCKS].profiles = 0;
    of_4011->rules[FACTS_RULE_ALLOWS].profiles = 0;
    assert_only(check_boot_firewall, CHECK_FAIL, "no rule that counts lets boot requests to UDP port 4011 in",
                "add rule");
    of_4011->rules[FACTS_RULE_ALLOWS_PARTLY] = (struct facts_rules){3, {"lab", "RA4=LocalSubnet"}};
    assert_only(check_boot_firewall, CHECK_WARN,
                "\"lab\" lets boot requests to UDP port 4011 in only where RA4=LocalSubnet", "add rule");
    /* What the line "firewall" says. */
    facts.firewall.off = FACTS_PROFILES;
    assert_silent(check_boot_firewall);
    facts.firewall.off = 0;
    facts.firewall.shut = 1;
    assert_silent(check_boot_firewall);
    facts.firewall.shut = 0;
    facts.firewall.error = ERROR_FILE_NOT_FOUND;
    assert_silent(check_boot_firewall);
}

static struct facts_offer *add_offer(enum others_kind kind)
{
    struct facts_offer *found = &facts.others.offers[facts.others.count++];

    memset(found, 0, sizeof *found);
    found->offer.kind = kind;
    found->offer.server = endpoint_ipv4(10, 77, 0, 1, 0);
    found->on = endpoint_ipv4(10, 77, 0, 2, 68);
    return found;
}

static void judges_other_servers(void **state)
{
    (void)state;
    facts.others.is_asked = true;
    facts.others.interfaces = 1;
    assert_only(check_others, CHECK_WARN, "nobody has answered a machine that asked (interfaces: 1)", "ipconfig");
    struct facts_offer *found = add_offer(OTHERS_PLAIN);
    assert_only(check_others, CHECK_OK, "the DHCP server 10.77.0.1 gives addresses, and leaves booting to others", "");
    found->offer.kind = OTHERS_CLASS;
    assert_only(check_others, CHECK_FAIL,
                "10.77.0.1 says PXEClient in option 60: machines then ask UDP port 4011 of that",
                "\\\\10.77.0.1 delete optionvalue 60");
    found->offer.kind = OTHERS_FILE;
    strcpy(found->offer.file, "old.0");
    assert_only(check_others, CHECK_WARN, "a boot file of its own (\"old.0\"): iPXE takes that", "optionvalue 67");
    strcpy(found->offer.tftp_server, "wds");
    assert_only(check_others, CHECK_WARN, "(\"old.0\", server wds)", "optionvalue 66");
    found->offer.kind = OTHERS_PROXY;
    assert_only(check_others, CHECK_WARN, "another boot server, 10.77.0.1, answers machines, too, with \"old.0\"",
                "arp -a");
    found->is_local = true;
    assert_only(check_others, CHECK_OK, "a boot server of this machine", "");
    found->offer.kind = OTHERS_PLAIN;
    assert_only(check_others, CHECK_OK, "the DHCP server of this machine, 10.77.0.1, gives addresses", "");
    set("PxePorts", "4011");
    assert_only(check_others, CHECK_FAIL, "does not say PXEClient in option 60, so no machine asks UDP port 4011",
                "set optionvalue 60 STRING PXEClient");
    found->offer.kind = OTHERS_CLASS;
    assert_only(check_others, CHECK_OK, "says PXEClient in option 60: machines ask UDP port 4011 here", "");
    facts.others.failed = 1;
    facts.others.error = WSAEADDRINUSE;
    judge(check_others);
    assert_int_equal(report.count, 2);
    assert_non_null(strstr(report.lines[0].meaning, "1 of 2 interfaces could not be asked on"));
    facts.others = (struct facts_others){.is_asked = true};
    assert_only(check_others, CHECK_WARN, "no interface is up", "ipconfig");
    facts.others.interfaces = 1;
    for (int i = 0; i < 20; i++)
        add_offer(OTHERS_PLAIN);
    judge(check_others);
    assert_int_equal(report.count, 17);
    assert_non_null(strstr(report.lines[16].meaning, "4 more have answered"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(off_is_one_line, make_good),
        cmocka_unit_test_setup(judges_the_parameters, make_good),
        cmocka_unit_test_setup(judges_the_files, make_good),
        cmocka_unit_test_setup(tells_what_grub_does, make_good),
        cmocka_unit_test_setup(warns_on_the_internet, make_good),
        cmocka_unit_test_setup(tells_of_a_few_files_only, make_good),
        cmocka_unit_test_setup(judges_the_ports, make_good),
        cmocka_unit_test_setup(judges_the_firewall, make_good),
        cmocka_unit_test_setup(judges_other_servers, make_good),
    };

    return cmocka_run_group_tests_name("check boot", tests, NULL, NULL) != 0;
}
