/* link: -Wl,--wrap=interfaces_list */
/* What the audit sees of the files that boot rules name. */
#include "files.h"

#include "service/facts/facts.h"
#include "win32/net/interfaces.h"

#include <stdio.h>

static const char *addresses[2]; /* of IPv4 and IPv6; NULL: none */

bool __wrap_interfaces_list(int family, struct local_address *list, size_t room, size_t *count);
bool __wrap_interfaces_list(int family, struct local_address *list, size_t room, size_t *count)
{
    const char *address = addresses[family == AF_INET6];

    assert_in_range(room, 1, 1024);
    list[0] = (struct local_address){.interface_index = 1, .prefix_bits = 24};
    *count = address != NULL && endpoint_parse_address(&list[0].address, span_of_text(address));
    return true;
}

static const char *directory;
static struct config config;
static struct facts_boot boot;

static void set(const char *name, const char *value)
{
    struct config_problem problem;

    CHECK(config_set_typed(&config, config_find(name), value, &problem), "%s", problem.text);
}

static int set_up(void **state)
{
    (void)state;
    memset(addresses, 0, sizeof addresses);
    directory = files_directory();
    config_defaults(&config);
    set("Directory", directory);
    set("Pxe", "answer");
    return 0;
}

static const struct facts_boot_file *gather(size_t expected)
{
    facts_gather_boot(&boot, &config);
    assert_string_equal(boot.problem, "");
    assert_int_equal(boot.file_count, expected);
    return &boot.files[0];
}

/* The headers of a program for ARM64, and at 512 its signatures: a name in DER and what stands around it. */
static void make_program(const char *name)
{
    static const char signature[] = "0\x82\1\1\x06\x03\x55\x04\x03\x0c\x14Windows UEFI CA 2023 and more";
    uint8_t bytes[1024] = "MZ";
    DWORD written;
    HANDLE file = CreateFileA(files_path(directory, name), GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);

    bytes[0x3c] = 0x40;
    memcpy(bytes + 0x40, "PE\0\0\x64\xaa", 6);
    bytes[0x40 + 20] = 240;
    memcpy(bytes + 0x58, "\x0b\x02", 2);
    bytes[0x58 + 108] = 16;
    memcpy(bytes + 0x58 + 112 + 32, "\0\2\0\0\0\2", 6);
    memcpy(bytes + 512, signature, sizeof signature);
    assert_true(WriteFile(file, bytes, sizeof bytes, &written, NULL));
    CloseHandle(file);
}

static void sees_what_the_files_are(void **state)
{
    (void)state;
    make_program("arm.efi");
    files_make_text(files_path(directory, "boot.ipxe"), "#!ipxe");
    set("PxeBoot",
        "arm64 = arm.efi;ipxe = boot.ipxe;x64 = none.efi;ia32 = other.efi server 10.0.0.9;x64-http = http://a/b");
    set("PxeHosts", "525400123456 = once arm.efi;525400123457 = answer");
    set("PxeMenu", "Disk = local;Two = two.efi");
    const struct facts_boot_file *files = gather(5);
    assert_int_equal(boot.rule_count, 5);
    assert_int_equal(boot.host_count, 2);
    assert_int_equal(boot.once_count, 1);
    assert_string_equal(files[0].line, "PxeBoot 1: arm64 = arm.efi");
    assert_string_equal(files[0].file, "arm.efi");
    assert_int_equal(files[0].state, BOOT_FILE_READABLE);
    assert_true(files[0].is_seen && files[0].image.is_pe);
    assert_int_equal(files[0].image.machine, 0xaa64);
    assert_true(files[0].signers.has_2023 && !files[0].signers.has_2011);
    assert_true(machine_set_has(&files[0].machines, 11));
    assert_true(files[1].is_seen && !files[1].image.is_pe);
    assert_false(files[1].signers.has_2023);
    assert_int_equal(files[2].state, BOOT_FILE_ABSENT);
    assert_false(files[2].is_seen);
    assert_string_equal(files[3].line, "PxeHosts 1: 525400123456 = once arm.efi");
    assert_string_equal(files[4].line, "PxeMenu 2: Two = two.efi");
}

static void knows_who_may_put_another_there(void **state)
{
    (void)state;
    make_program("arm.efi");
    set("PxeBoot", "arm64 = arm.efi;x64 = in/none.efi");
    set("Writable", "in\\*;arm.*");
    assert_false(gather(2)[1].is_writable); /* Masters is empty */
    set("Masters", "10.0.0.1");
    assert_false(gather(2)[0].is_writable); /* it is there, and no upload goes over it */
    assert_true(gather(2)[1].is_writable);
    set("WhenExists", "keep-both");
    assert_false(gather(2)[0].is_writable);
    set("WhenExists", "rename-old");
    assert_true(gather(2)[0].is_writable);
    set("Writable", "up\\*");
    assert_false(gather(2)[0].is_writable || gather(2)[1].is_writable);
}

static void goes_by_what_is_on(void **state)
{
    (void)state;
    set("PxeBoot", "x64 = none.efi");
    set("BootpHosts",
        "001122334455 = 10.0.0.7 file b.0;001122334456 = 10.0.0.8;001122334457 = 10.0.0.9 file c server 10.0.0.1");
    gather(1);
    set("Bootp", "bootp");
    const struct facts_boot_file *files = gather(2);
    assert_int_equal(boot.bootp_count, 3);
    assert_non_null(strstr(files[1].line, "BootpHosts 1: 001122334455 = 10.0.0.7 file b.0"));
    assert_true(files[1].machines.is_any);
    set("Pxe", "off");
    assert_non_null(strstr(gather(1)->line, "BootpHosts 1"));
    set("Bootp", "off");
    gather(0);
    assert_false(boot.is_wanted);
    set("Pxe", "answer");
    set("PxeStyle", "menu");
    facts_gather_boot(&boot, &config);
    assert_non_null(strstr(boot.problem, "PxeMenu is empty"));
    set("PxeStyle", "direct");
    set("Directory", "C:\\none here");
    assert_int_equal(gather(1)->state, BOOT_FILE_ABSENT);
}

static void keeps_the_first_files(void **state)
{
    char lines[4096];
    size_t used = 0;

    (void)state;
    for (int i = 0; i < FACTS_BOOT_FILES_MAX + 2; i++)
        used += (size_t)snprintf(lines + used, sizeof lines - used, "%sx64 = %d.efi", i > 0 ? ";" : "", i);
    set("PxeBoot", lines);
    gather(FACTS_BOOT_FILES_MAX + 2);
}

static void knows_an_address_of_the_internet(void **state)
{
    static const struct {
        const char *ipv4, *ipv6, *clients, *v6, *public;
    } rows[] = {
        {"10.0.0.5", "fd00::5", "*", "answer", ""},
        {"10.0.0.5", "2001:db8::5", "*", "answer", ""}, /* of documentation */
        {"10.0.0.5", "fe80::5", "*", "answer", ""},
        {"8.8.4.4", NULL, "*", "off", "8.8.4.4"},
        {"10.0.0.5", "2a00:1450::5", "*", "answer", "2a00:1450::5"},
        {NULL, "2a00:1450::5", "*", "off", ""},
        {"8.8.4.4", "2a00:1450::5", "::/0", "answer", "2a00:1450::5"},
        {NULL, "2a00:1450::5", "0.0.0.0/0", "answer", ""},
    };
    char text[ENDPOINT_TEXT_MAX];

    (void)state;
    set("PxeBoot", "x64 = none.efi");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        addresses[0] = rows[i].ipv4;
        addresses[1] = rows[i].ipv6;
        set("Clients", rows[i].clients);
        set("PxeV6", rows[i].v6);
        gather(1);
        const char *said = boot.has_public_address ? endpoint_address_text(&boot.public_address, text) : "";
        CHECK(strcmp(said, rows[i].public) == 0, "row %u: %s", (unsigned)i, said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(sees_what_the_files_are, set_up),
        cmocka_unit_test_setup(knows_who_may_put_another_there, set_up),
        cmocka_unit_test_setup(goes_by_what_is_on, set_up),
        cmocka_unit_test_setup(knows_an_address_of_the_internet, set_up),
        cmocka_unit_test_setup(keeps_the_first_files, set_up),
    };

    return cmocka_run_group_tests_name("facts of booting", tests, NULL, NULL) != 0;
}
