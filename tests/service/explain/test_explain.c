/* The verb `explain` with what it prints, and the JSON writer under it. The judging has tests in tests/unit. */
#include "counts.h"
#include "files.h"

#include "service/explain/explain.h"
#include "service/tell/exitcodes.h"
#include "service/tell/page.h"

#include <stdio.h>
#include <stdlib.h>

enum { SAID_MAX = 8192, WORDS_MAX = 16 };

static char said[SAID_MAX];

/* Runs `tftpd explain` with the words; what it prints on either stream is in said. */
static int explain(const char *const *given)
{
    static char words[WORDS_MAX][FILES_PATH_MAX];
    char *list[WORDS_MAX + 1] = {NULL};
    HANDLE output = GetStdHandle(STD_OUTPUT_HANDLE), errors = GetStdHandle(STD_ERROR_HANDLE);
    const char *path = files_path(files_directory(), "said");
    HANDLE file = CreateFileA(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    DWORD size;

    for (size_t i = 0; given[i] != NULL; i++) {
        snprintf(words[i], sizeof words[i], "%s", given[i]);
        list[i] = words[i];
    }
    assert_true(file != INVALID_HANDLE_VALUE);
    SetStdHandle(STD_OUTPUT_HANDLE, file);
    SetStdHandle(STD_ERROR_HANDLE, file);
    int code = explain_run(list);
    SetStdHandle(STD_OUTPUT_HANDLE, output);
    SetStdHandle(STD_ERROR_HANDLE, errors);
    SetFilePointer(file, 0, NULL, FILE_BEGIN);
    assert_true(ReadFile(file, said, SAID_MAX - 1, &size, NULL));
    said[size] = 0;
    CloseHandle(file);
    return code;
}
#define EXPLAIN(...) explain((const char *const[]){__VA_ARGS__, NULL})

static void assert_says(const char *text)
{
    CHECK(strstr(said, text) != NULL, "no \"%s\" in: %s", text, said);
}

static const char *root;
static char root_word[FILES_PATH_MAX];

static int make_root(void **state)
{
    (void)state;
    root = files_directory();
    snprintf(root_word, sizeof root_word, "-d%s", root);
    files_make(files_path(root, "Boot.img"), 4000, 1);
    return 0;
}

static void explains_a_download(void **state)
{
    (void)state;
    assert_int_equal(EXPLAIN("get", "BOOT.IMG", "--client", "10.0.0.5", root_word, "--mtu=1500", "--options",
                             "blksize=9000 nothing 1"),
                     EXPLAIN_SERVED);
    assert_says("get \"BOOT.IMG\" from 10.0.0.5: would be served\r\n");
    assert_says("Readable: *\r\n");
    assert_says("\\Boot.img, 4000 bytes\r\n");
    assert_says("blksize=1468 (15 bytes)\r\n");
    assert_says("nothing\r\n");
}

static void refuses_by_name_rule_and_file(void **state)
{
    (void)state;
    assert_int_equal(EXPLAIN("get", "none", "--client", "10.0.0.5", root_word), EXPLAIN_REFUSED);
    assert_says("would be refused with ERROR 1: File not found\r\n");
    assert_int_equal(EXPLAIN("get", "nul.txt", "--client", "10.0.0.5", root_word), EXPLAIN_REFUSED);
    assert_says("would be refused with ERROR 2: a component of the name is a Windows device\r\n");
    assert_int_equal(EXPLAIN("get", "boot.img", "--client", "10.0.0.5", root_word, "--set", "Readable=x"),
                     EXPLAIN_REFUSED);
    assert_says("Readable has no item that means this name");
    assert_int_equal(EXPLAIN("get", "boot.img", "--client", "224.0.0.1", root_word), EXPLAIN_REFUSED);
    assert_says("would be dropped");
}

static void names_the_folder_that_is_missing(void **state)
{
    (void)state;
    CreateDirectoryA(files_path(root, "d"), NULL);
    assert_int_equal(EXPLAIN("put", "d/e/f/x", "--client", "10.0.0.5", root_word, "--set=Masters=*"), EXPLAIN_REFUSED);
    assert_says("ERROR 1: There is no such folder, and none is made: \"d\\e\"\r\n");
    assert_int_equal(EXPLAIN("put", "d", "--client", "10.0.0.5", root_word, "--set=Masters=*"), EXPLAIN_REFUSED);
    assert_says("ERROR 6: A folder has this name");
    assert_int_equal(EXPLAIN("get", "D", "--client", "10.0.0.5", root_word), EXPLAIN_REFUSED);
    assert_says("ERROR 1: The name is that of a folder");
    assert_int_equal(EXPLAIN("put", "d/", "--client", "10.0.0.5", root_word, "--set=Masters=*"), EXPLAIN_REFUSED);
    assert_says("ERROR 1: the name ends in a separator");
    RemoveDirectoryA(files_path(root, "d"));
}

/* The service asks the same two: core/settings/access, and win32/disk/locate for the final name. */
static void knows_whose_folder_it_is(void **state)
{
    char link[3 * FILES_PATH_MAX];

    (void)state;
    CreateDirectoryA(files_path(root, "10.0.0.6"), NULL);
    files_make(files_path(root, "10.0.0.6\\secret"), 10, 1);
    snprintf(link, sizeof link, "ln -s 10.0.0.6 '%s/alias'", files_unix_path(root));
    files_run_unix(link);
    static const char *const names[] = {"10.0.0.6/secret", "alias/secret"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_int_equal(EXPLAIN("get", names[i], "--client", "10.0.0.5", root_word, "--set=ClientDirectories=ip"),
                         EXPLAIN_REFUSED);
        assert_says("ERROR 2: the name begins with another client's address or MAC");
        assert_int_equal(EXPLAIN("get", names[i], "--client", "10.0.0.6", root_word, "--set=ClientDirectories=ip"),
                         EXPLAIN_SERVED);
        assert_int_equal(EXPLAIN("get", names[i], "--client", "10.0.0.5", root_word), EXPLAIN_SERVED);
    }
    assert_int_equal(EXPLAIN("get", "secret", "--client", "10.0.0.6", root_word, "--set=ClientDirectories=ip"),
                     EXPLAIN_SERVED);
}

static void knows_whose_card_it_is(void **state)
{
    static const char secret[] = "52-54-00-12-34-56/secret", mode[] = "--set=ClientDirectories=mac";
    char link[3 * FILES_PATH_MAX];

    (void)state;
    CreateDirectoryA(files_path(root, "52-54-00-12-34-56"), NULL);
    files_make(files_path(root, "52-54-00-12-34-56\\secret"), 10, 1);
    snprintf(link, sizeof link, "ln -s 52-54-00-12-34-56 '%s/card'", files_unix_path(root));
    files_run_unix(link);
    static const char *const names[] = {secret, "card/secret"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_int_equal(EXPLAIN("get", names[i], "--client", "10.0.0.5", root_word, mode), EXPLAIN_REFUSED);
        assert_says("ERROR 2: the name begins with another client's address or MAC (parameter ClientDirectories)");
        assert_says("this machine's neighbour table does not have its MAC");
        assert_int_equal(
            EXPLAIN("get", names[i], "--client", "10.0.0.5", root_word, mode, "--mac", "52:54:00:12:34:57"),
            EXPLAIN_REFUSED);
        assert_int_equal(
            EXPLAIN("get", names[i], "--client", "10.0.0.5", root_word, mode, "--mac", "52:54:00:12:34:56"),
            EXPLAIN_SERVED);
        assert_says("MAC          52:54:00:12:34:56, as it was typed");
    }
    assert_int_equal(EXPLAIN("get", "secret", "--client", "10.0.0.5", root_word, mode, "--mac=525400123456"),
                     EXPLAIN_SERVED);
    assert_int_equal(
        EXPLAIN("put", "new", "--client", "10.0.0.5", root_word, mode, "--set=Masters=*", "--mac", "52-54-00-12-34-56"),
        EXPLAIN_SERVED);
    assert_says("52-54-00-12-34-56\\new would be created");
    assert_int_equal(EXPLAIN("put", secret, "--client", "10.0.0.5", root_word, mode, "--set=Masters=*"),
                     EXPLAIN_REFUSED);
    assert_int_equal(EXPLAIN("get", "secret", "--client", "10.0.0.5", root_word, "--mac", "52:54:00"), EXIT_USAGE);
    assert_int_equal(EXPLAIN("get", "secret", "--client", "10.0.0.5", root_word, "--mac", "01:00:5e:00:00:01"),
                     EXIT_USAGE);
    assert_says("not the MAC of a card");
}

static void shows_nothing_that_misleads(void **state)
{
    static const char name[] = "gnp.\xe2\x80\xae"
                               "exe";

    (void)state;
    files_make_text(files_path(root, "seen"), "x");
    assert_int_equal(EXPLAIN("put", name, "--client", "10.0.0.5", root_word, "--set=Masters=*"), EXPLAIN_SERVED);
    assert_says("\\gnp.???exe would be created");
    assert_null(strstr(said, "\xe2\x80\xae"));
    assert_int_equal(EXPLAIN("put", name, "--client", "10.0.0.5", root_word, "--set=Masters=*", "--json"),
                     EXPLAIN_SERVED);
    assert_says("\"name\": \"gnp.???exe\"");
    assert_null(strstr(said, "\xe2\x80\xae"));
}

static void opens_nothing_for_writing(void **state)
{
    unsigned before = files_count(root);

    (void)state;
    assert_int_equal(EXPLAIN("put", "new", "--client", "10.0.0.5", root_word, "--set=Masters=*"), EXPLAIN_SERVED);
    assert_says("\\new would be created");
    assert_says("ACK 0 comes first");
    assert_int_equal(EXPLAIN("put", "boot.img", "--client", "10.0.0.5", root_word, "--set=Masters=*"), EXPLAIN_REFUSED);
    assert_says("ERROR 6");
    assert_int_equal(files_count(root), before);
    assert_true(files_hold(files_path(root, "Boot.img"), 4000, 1));
}

/* Who explains must not be in the way of who writes. */
static void holds_nothing_afterwards(void **state)
{
    (void)state;
    assert_int_equal(EXPLAIN("get", "boot.img", "--client", "10.0.0.5", root_word), EXPLAIN_SERVED);
    HANDLE file = CreateFileA(files_path(root, "Boot.img"), GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    assert_true(file != INVALID_HANDLE_VALUE);
    assert_int_equal(EXPLAIN("get", "boot.img", "--client", "10.0.0.5", root_word), EXPLAIN_REFUSED);
    assert_says("in use");
    CloseHandle(file);
    unsigned handles = counts_handles();
    assert_int_equal(EXPLAIN("get", "boot.img", "--client", "10.0.0.5", root_word), EXPLAIN_SERVED);
    assert_int_equal(EXPLAIN("put", "new", "--client", "10.0.0.5", root_word, "--set=Masters=*"), EXPLAIN_SERVED);
    assert_int_equal(counts_handles(), handles);
}

static void explains_a_boot(void **state)
{
    (void)state;
    assert_int_equal(EXPLAIN("boot", "52:54:00:12:34:56", "--machine", "x64", "--on", "10.9.0.2/24", root_word,
                             "--set=Pxe=answer", "--set=PxeBoot=x64 = boot.img;ipxe = none"),
                     EXPLAIN_SERVED);
    assert_says("boot 52:54:00:12:34:56: would be answered\r\n");
    assert_says("  rule: PxeBoot 1: x64 = boot.img\r\n");
    assert_says("  file: it is there, and TFTP gives it to some client");
    assert_says("  request, 300 bytes:\r\n    0000  01 01 06 00");
    assert_says("  reply, 300 bytes:\r\n    0000  02 01 06 00");
    assert_says("no interface that is up has it");
    assert_int_equal(EXPLAIN("boot", "4c4c4544-0042-3510-8052-b4c04f4e3332", "--machine", "ipxe", "--on", "10.9.0.2",
                             root_word, "--set=Pxe=answer", "--set=PxeBoot=x64 = boot.img;ipxe = none", "--json"),
                     EXPLAIN_REFUSED);
    assert_says("\"verdict\": \"silent\"");
    assert_says("\"reason\": \"FILE_MISSING\"");
    assert_says("\"rule\": \"PxeBoot 2: ipxe = none\"");
    assert_says("\"reply_bytes\": null");
    assert_int_equal(EXPLAIN("boot", "52:54:00:12:34:56", "--machine", "x64", "--on", "10.9.0.2/24", root_word,
                             "--set=Pxe=answer", "--set=PxeBoot=x64 = boot.img", "--port", "4011", "--client",
                             "10.9.0.7", "--set=Clients=10.8.*"),
                     EXPLAIN_REFUSED);
    assert_says("would not be answered: Clients does not admit its address");
    assert_int_equal(EXPLAIN("boot", "52:54:00:12:34:56", "--machine", "x64", "--on", "10.9.0.2/24", root_word,
                             "--set=Pxe=answer", "--set=PxeHosts=525400123456 = once boot.img"),
                     EXPLAIN_SERVED);
    assert_says("taken as before its one boot");
    assert_int_equal(EXPLAIN("boot", "52:54:00:12:34:56", "--machine", "x64", "--on", "10.9.0.2/24", "-dC:\\none here",
                             "--set=Pxe=answer", "--set=PxeBoot=x64 = boot.img"),
                     EXPLAIN_REFUSED);
    assert_says("so no file of it is there");
    assert_int_equal(EXPLAIN("boot", "00:11:22:33:44:55", "--bootp", "--on", "10.9.0.2/24", root_word,
                             "--set=Bootp=bootp", "--set=BootpHosts=00:11:22:33:44:55 = 10.9.0.7 file boot.img",
                             "--json"),
                     EXPLAIN_SERVED);
    assert_says("\"host\": \"BootpHosts 1: 00:11:22:33:44:55 = 10.9.0.7 file boot.img\"");
    assert_says("\"file_state\": \"it is there, and TFTP gives it to 10.9.0.7\"");
    assert_int_equal(EXPLAIN("boot", "00:11:22:33:44:55", "--on", "fd00::2/200", "--v6"), EXIT_USAGE);
    assert_int_equal(EXPLAIN("boot", "00:11:22:33:44:55", "--on", "x"), EXIT_USAGE);
}

static void knows_wrong_usage(void **state)
{
    (void)state;
    assert_int_equal(explain((const char *const[]){NULL}), EXIT_USAGE);
    assert_int_equal(EXPLAIN("get"), EXIT_USAGE);
    assert_int_equal(EXPLAIN("get", "x"), EXIT_USAGE);
    assert_says("--client 10.0.0.5");
    assert_int_equal(EXPLAIN("get", "x", "--client"), EXIT_USAGE);
    assert_int_equal(EXPLAIN("get", "x", "--client", "10.0.0"), EXIT_USAGE);
    assert_int_equal(EXPLAIN("get", "x", "--client", "10.0.0.5", "--mtu", "big"), EXIT_USAGE);
    assert_int_equal(EXPLAIN("get", "x", "--client", "10.0.0.5", "-f"), EXIT_USAGE);
    assert_int_equal(EXPLAIN("get", "x", "--client", "10.0.0.5", "--set", "Port"), EXIT_USAGE);
    assert_int_equal(EXPLAIN("get", "x", "--client", "10.0.0.5", "--set", "Port=0"), EXIT_USAGE);
    assert_says("Port = \"0\" is refused");
}

static void json_is_escaped_and_nested(void **state)
{
    struct page page = {0};
    struct json json = page_json(&page);

    (void)state;
    json_open(&json, NULL, '[');
    json_open(&json, NULL, '{');
    json_text(&json, "q\"b\\", "line\n\x01\x7f \xc3\xa9");
    json_text(&json, "none", NULL);
    json_number(&json, "big", UINT64_MAX);
    json_bool(&json, "yes", true);
    json_open(&json, "empty", '[');
    json_close(&json, '[');
    json_close(&json, '{');
    json_text(&json, NULL, "");
    json_close(&json, '[');
    char *text = page_end(&page);
    assert_string_equal(text, "[\n"
                              "  {\n"
                              "    \"q\\\"b\\\\\": \"line\\u000a\\u0001\\u007f \\u00e9\",\n"
                              "    \"none\": null,\n"
                              "    \"big\": 18446744073709551615,\n"
                              "    \"yes\": true,\n"
                              "    \"empty\": []\n"
                              "  },\n"
                              "  \"\"\n"
                              "]\n");
    free(text);
}

static void json_grows(void **state)
{
    struct page page = {0};
    struct json json = page_json(&page);

    (void)state;
    json_open(&json, NULL, '[');
    for (unsigned i = 0; i < 20000; i++)
        json_number(&json, NULL, 7);
    json_close(&json, '[');
    char *text = page_end(&page);
    assert_non_null(text);
    assert_int_equal(strlen(text), 1 + 20000 * 5 - 1 + 3);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(explains_a_download, make_root),
        cmocka_unit_test_setup(refuses_by_name_rule_and_file, make_root),
        cmocka_unit_test_setup(names_the_folder_that_is_missing, make_root),
        cmocka_unit_test_setup(knows_whose_folder_it_is, make_root),
        cmocka_unit_test_setup(knows_whose_card_it_is, make_root),
        cmocka_unit_test_setup(shows_nothing_that_misleads, make_root),
        cmocka_unit_test_setup(opens_nothing_for_writing, make_root),
        cmocka_unit_test_setup(explains_a_boot, make_root),
        cmocka_unit_test_setup(holds_nothing_afterwards, make_root),
        cmocka_unit_test(knows_wrong_usage),
        cmocka_unit_test(json_is_escaped_and_nested),
        cmocka_unit_test(json_grows),
    };

    return cmocka_run_group_tests_name("explain", tests, NULL, NULL) != 0;
}
