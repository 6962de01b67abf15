#include "importer.h"
#include "unit.h"

#include <stdio.h>

#define DASH " - "

enum { INI_MAX = 8192, HOSTILE_ROUNDS = 400 };

/* -- tftpd64 ------------------------------------------------------------------------------------------------------- */

/* One line in [TFTPD32], the parameter it sets ("" for none that is written), and its value or words of its row. */
static void maps_each_setting(void **state)
{
    static const struct {
        const char *line, *parameter, *expected;
    } rows[] = {
        {"BaseDirectory=D:\\images", "Directory", "D:\\images"},
        {"BaseDirectory=\"D:\\boot images\"", "Directory", "D:\\boot images"},
        {"BaseDirectory=\\\\nas\\images", "Directory", "\\\\nas\\images"},
        {"BaseDirectory=.", "Directory", "D:\\tftpd64"},
        {"BaseDirectory=", "Directory", "D:\\tftpd64"},
        {"BaseDirectory=boot\\x86", "Directory", "D:\\tftpd64\\boot\\x86"},
        {"BaseDirectory=a\\b", "Directory", "D:\\tftpd64\\a\\b"},
        {"BaseDirectory=\\boot", "Directory", "D:\\boot"},
        {"basedirectory=d:/images", "Directory", "d:/images"},
        {"BaseDirectory=a:\\x", "Directory", "a:\\x"},
        {"BaseDirectory=Z:/x", "Directory", "Z:/x"},
        {"BaseDirectory={:\\x", "Directory", "D:\\tftpd64\\{:\\x"}, /* no drive has such a letter */
        {"BaseDirectory=`:\\x", "Directory", "D:\\tftpd64\\`:\\x"},
        {"BaseDirectory=\\", "Directory", "D:\\"},
        {"TftpPort=6969", "Port", "6969"},
        {"LocalIP=10.1.0.5", "Addresses", "10.1.0.5"},
        {"LocalIP=fd00::5", "Addresses", "fd00::5"},
        {"SecurityLevel=3", "Masters", ""},
        {"Negociate=0", "DisableOptions", "blksize;blksize2;timeout;utimeout;windowsize;rollover;msftwindow;tsize"},
        {"PXECompatibility=1", "DisableOptions", "blksize;blksize2;timeout;utimeout;windowsize;rollover;msftwindow"},
        {"Timeout=3", "Timeout", "3"},
        {"Max Simultaneous Transfers=500", "MaxTransfers", "500"},
        {"LowestUDPPort=3000\nHighestUDPPort=3030", "PortRange", "3000-3030"},
        {"LowestUDPPort=1\nHighestUDPPort=1", "PortRange", "1"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[INI_MAX];
        snprintf(text, sizeof text, "[TFTPD32]\n%s\n", rows[i].line);
        importer_map_ini(text);
        struct import_row *row = importer_find(rows[i].parameter);
        CHECK(row != NULL && row->verdict == IMPORT_SET, "%s: %s", rows[i].line, importer_row_text(row));
        CHECK(strcmp(importer_value(rows[i].parameter), rows[i].expected) == 0, "%s: %s", rows[i].line,
              importer_value(rows[i].parameter));
        /* And nothing else, but that somebody may have written files where SecurityLevel does not say no. */
        size_t others = strcmp(rows[i].parameter, "Masters") != 0;
        CHECK(import.row_count == 1 + others && import_count(&import, IMPORT_LEFT) == others, "%s", rows[i].line);
    }
}

/* Lines that are no loss, or say what is so anyway: no row but that of SecurityLevel. */
static void says_nothing_of_what_is_no_loss(void **state)
{
    static const char *const lines[] = {
        "Negociate=1",
        "Negociate=2",
        "Negociate=",
        "Services=1",
        "Services=3",
        "Services=0",
        "Services=x",
        "WinSize=0",
        "WinSize=",
        "MD5=0",
        "PXECompatibility=0",
        "PXECompatibility=x",
        "LocalIP=",
        "TftpPort=",
        "Enable IPv4=1",
        "LowestUDPPort=0\nHighestUDPPort=0",
        "TftpLogFile=",
        "VirtualRoot=1",
        "Beep=1",
        "Max Simultaneous Transfers=",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        char text[INI_MAX];
        snprintf(text, sizeof text, "[TFTPD32]\n%s\n", lines[i]);
        importer_map_ini(text);
        CHECK(import.row_count == 1 && import_count(&import, IMPORT_LEFT) == 1, "%s: %s", lines[i],
              importer_row_text(&import.rows[0]));
    }
}

/* The other services of tftpd64, each by its bit; and whether files were served at all. */
static void names_the_other_services(void **state)
{
    static const struct {
        unsigned bits;
        const char *left;
        bool is_off;
    } rows[] = {
        {1 + 4, DASH "DHCP: tftpd is", false},
        {1 + 8, DASH "syslog: tftpd is", false},
        {1 + 16, DASH "SNTP: tftpd is", false},
        {1 + 32, DASH "DNS: tftpd is", false},
        {2, NULL, true},
        {4, DASH "DHCP: tftpd is", true},
        {63, DASH "DHCP, syslog, SNTP, DNS: tftpd is", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[INI_MAX];
        snprintf(text, sizeof text, "[TFTPD32]\nSecurityLevel=3\nServices=%u\n", rows[i].bits);
        importer_map_ini(text);
        CHECK(rows[i].left == NULL || importer_says("Services", rows[i].left), "%u", rows[i].bits);
        CHECK(importer_says("Services", "switched off") == rows[i].is_off, "%u", rows[i].bits);
        assert_int_equal(import.row_count, 1 + (rows[i].left != NULL) + rows[i].is_off);
    }
}

/* Where the ini file's own folder does not tell the drive, or nobody knows the folder. */
static void a_relative_directory_needs_its_base(void **state)
{
    static const struct {
        const char *base, *typed, *directory; /* NULL: left */
    } rows[] = {
        {NULL, "boot", NULL},
        {NULL, ".", NULL},
        {NULL, "\\boot", NULL},
        {NULL, "E:\\boot", "E:\\boot"},
        {"\\\\nas\\tftp", "\\boot", NULL},
        {"\\\\nas\\tftp", "boot", "\\\\nas\\tftp\\boot"},
        {"D:\\t", "D:boot", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[INI_MAX];
        snprintf(text, sizeof text, "[TFTPD32]\nBaseDirectory=%s\n", rows[i].typed);
        import_begin(&import, IMPORT_TFTPD64, "tftpd", rows[i].base);
        import_read_file(&import, span_of_text(text));
        import_map(&import);
        CHECK((importer_find("Directory") != NULL) == (rows[i].directory != NULL), "row %u", (unsigned)i);
        CHECK(importer_says("BaseDirectory", "the folder that tftpd64 was started in") == (rows[i].directory == NULL),
              "row %u", (unsigned)i);
        if (rows[i].directory != NULL)
            assert_string_equal(importer_value("Directory"), rows[i].directory);
    }
}

static void says_why_a_setting_cannot_be_taken_over(void **state)
{
    static const struct {
        const char *line, *name, *expected;
    } rows[] = {
        {"BaseDirectory=C:boot", "BaseDirectory", "LEFT  BaseDirectory"},
        {"LocalIP=Intel(R) PRO/1000", "LocalIP", "is the name of an interface"},
        {"SecurityLevel=0", "SecurityLevel", "any file of the machine"},
        {"SecurityLevel=1", "SecurityLevel", "anybody could write files"},
        {"SecurityLevel=2", "SecurityLevel", "anybody could write over empty files"},
        {"SecurityLevel=4", "SecurityLevel", "none of 0 to 3"},
        {"SecurityLevel=9", "SecurityLevel", "none of 0 to 3"},
        {"SecurityLevel=", "SecurityLevel", "standard: anybody could write files, and over files"},
        {"LowestUDPPort=0\nHighestUDPPort=3000", "LowestUDPPort, HighestUDPPort", "one of the two is missing"},
        {"LowestUDPPort=1\nHighestUDPPort=0", "LowestUDPPort, HighestUDPPort", "one of the two is missing"},
        {"HighestUDPPort=1", "LowestUDPPort, HighestUDPPort", "one of the two is missing"},
        {"BaseDirectory=.", "BaseDirectory", "That file holds a password"},
        {"BaseDirectory=boot", "BaseDirectory", "a relative one begins"},
        {"PXECompatibility=1", "PXECompatibility", "only the size of files"},
        {"Negociate=0", "Negociate", "no option is negotiated"},
        {"Max Simultaneous Transfers=99", "Max Simultaneous Transfers", "SET   MaxTransfers"},
        {"SecurityLevel=x", "SecurityLevel", "none of 0 to 3"},
        {"Beep=0", "SecurityLevel", "anybody could write files"}, /* where it is missing it is 1 */
        {"Negociate=x", "Negociate", "neither 0 nor 1"},
        {"LowestUDPPort=3000", "LowestUDPPort, HighestUDPPort", "one of the two is missing"},
        {"HighestUDPPort=3000", "LowestUDPPort, HighestUDPPort", "one of the two is missing"},
        {"Services=15", "Services", "DHCP, syslog"},
        {"Services=48", "Services", "NOTE  Services"},
        {"Services=48", "Services", "SNTP, DNS"},
        {"WinSize=2048", "WinSize", "windowsize"},
        {"MD5=1", "MD5", "certutil"},
        {"DirText=1", "DirText", "dir /b"},
        {"Support for port Option=1", "Support for port Option", "SinglePort"},
        {"MulticastPort=1758", "MulticastPort", "RFC 2090"},
        {"MulticastAddress=239.1.1.1", "MulticastAddress", "RFC 2090"},
        {"TftpLogFile=c:\\x.log", "TftpLogFile", "sc config tftpd binPath="},
        {"Enable IPv6=0", "Enable IPv6", "Addresses"},
        {"Max Simultaneous Transfers=100", "Max Simultaneous Transfers", "NOTE"},
        {"Bandwidth=9", "Bandwidth", "not known here"},
        {"[DNS]\nx=1", "other sections", "outside [TFTPD32] and [DHCP]"},
        {"Timeout=3\nTimeout=4", "Timeout", "more than once"},
        {"junk", "a line", "line 2 is no setting"},
        {"A=\x1b[31m", "a line", "control characters"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[INI_MAX];
        snprintf(text, sizeof text, "[TFTPD32]\n%s\n", rows[i].line);
        importer_map_ini(text);
        CHECK(importer_says(rows[i].name, rows[i].expected), "%s", rows[i].line);
        assert_int_equal(import_count(&import, IMPORT_BAD), 0);
    }
}

/* The file as the installer of tftpd64 leaves it: nothing to write but the directory, and few words. */
static void says_little_about_defaults(void **state)
{
    (void)state;
    importer_map_ini(
        "[DHCP]\nLease_NumLeases=0\n[TFTPD32]\nBaseDirectory=.\nTftpPort=69\nHide=0\nWinSize=0\nNegociate=1\n"
        "PXECompatibility=0\nDirText=0\nShowProgressBar=1\nMaxRetransmit=6\nSecurityLevel=3\nUnixStrings=1\nBeep=0\n"
        "VirtualRoot=0\nMD5=0\nLocalIP=\nServices=3\nTftpLogFile=\nSaveSyslogFile=\nPipeSyslogMsg=0\n"
        "LowestUDPPort=0\nHighestUDPPort=0\nMulticastPort=0\nMulticastAddress=\nPersistantLeases=1\nDHCP Ping=1\n"
        "DHCP LocalIP=\nMax Simultaneous Transfers=100\nUseEventLog=0\nConsole Password=tftpd32\n"
        "Support for port Option=0\nUseEventLog=0\nKeep transfer Gui=5\nIgnore ack for last TFTP packet=0\n"
        "Enable IPv6=1\n");
    for (size_t i = 0; i < import.row_count; i++)
        if (import.rows[i].parameter != NULL)
            import_weigh(&import, &import.rows[i], &(struct import_value){.form = IMPORT_ABSENT});
    assert_int_equal(import_count(&import, IMPORT_SET), 1);
    assert_int_equal(import_count(&import, IMPORT_SAME), 2); /* Port, Masters */
    assert_int_equal(import_count(&import, IMPORT_LEFT), 0);
    assert_int_equal(import_count(&import, IMPORT_NOTE), 1);
}

static void the_first_of_two_counts(void **state)
{
    (void)state;
    importer_map_ini("[TFTPD64]\nTftpPort=70\ntftpport=71\n[TFTPD32]\nTFTPPORT=72\n");
    assert_string_equal(importer_value("Port"), "70");
    assert_true(importer_says("tftpport", "line 3"));
    assert_true(importer_says("TFTPPORT", "line 5"));
    importer_map_ini("[DHCP]\nTftpPort=70\n");
    assert_false(import.has_section);
}

static void refuses_what_the_service_would_refuse(void **state)
{
    static const char *const lines[] = {
        "TftpPort=0",
        "TftpPort=65536",
        "TftpPort=-1",
        "TftpPort=69x",
        "Timeout=0",
        "Timeout=256",
        "Max Simultaneous Transfers=many",
        "BaseDirectory=C:\\gr\xfcn",
        "LowestUDPPort=4000\nHighestUDPPort=3000",
        "LowestUDPPort=1\nHighestUDPPort=70000",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        char text[INI_MAX];
        snprintf(text, sizeof text, "[TFTPD32]\n%s\n", lines[i]);
        importer_map_ini(text);
        CHECK(import_count(&import, IMPORT_BAD) == 1, "%s", lines[i]);
    }
}

/* As long as a directory's path may be; a byte more is refused, never cut. */
static void a_directory_has_its_limit(void **state)
{
    enum { LONGEST = CONFIG_DIRECTORY_MAX - 1 };
    char text[2 * CONFIG_DIRECTORY_MAX];

    (void)state;
    for (int more = 0; more < 2; more++) {
        size_t typed = LONGEST - strlen("D:\\tftpd64\\") + (size_t)more;
        size_t used = (size_t)snprintf(text, sizeof text, "[TFTPD32]\nBaseDirectory=");
        memset(text + used, 'd', typed);
        memcpy(text + used + typed, "\n", 2);
        importer_map_ini(text);
        assert_int_equal(import_count(&import, IMPORT_BAD), more);
        if (!more)
            assert_int_equal(strlen(importer_value("Directory")), LONGEST);
    }
}

static void what_cannot_be_read_is_no_value(void **state)
{
    struct import_value unreadable = {.form = IMPORT_UNREADABLE};

    (void)state;
    importer_begin(IMPORT_RIS, "tftpd2");
    importer_put("Directory", unreadable);
    import_map(&import);
    assert_true(importer_says("Directory", "BAD   Directory") && importer_says("Directory", "it cannot be read"));
    /* Nor is it the same as the default. */
    importer_map_ini("[TFTPD32]\nTftpPort=69\n");
    struct import_row *row = importer_find("Port");
    assert_non_null(row);
    import_weigh(&import, row, &unreadable);
    assert_int_equal(row->verdict, IMPORT_SET);
}

/* -- beside what there is ------------------------------------------------------------------------------------------ */

static void weighs_by_meaning_and_shows_the_old_value(void **state)
{
    static const char dash[] = " - ";
    char expected[256];
    const struct {
        struct import_value present;
        enum import_verdict verdict;
        const char *text;
    } rows[] = {
        {{IMPORT_ABSENT, 0, NULL, 0}, IMPORT_SET, "SET   Port%s\"6969\" in place of the default \"69\"%sfrom TftpPort"},
        {importer_text("70"), IMPORT_SET, "SET   Port%s\"6969\" in place of \"70\"%sfrom TftpPort"},
        {importer_text("seventy"), IMPORT_SET, "SET   Port%s\"6969\" in place of \"seventy\"%sfrom TftpPort"},
        {{IMPORT_UNREADABLE, 0, NULL, 0},
         IMPORT_SET,
         "SET   Port%s\"6969\" in place of a value that cannot be read%sfrom TftpPort"},
        {importer_number(6969), IMPORT_SAME, "SAME  Port%s\"6969\" already%sfrom TftpPort"},
        {importer_text("6969"), IMPORT_SAME, "SAME  Port%s\"6969\" already%sfrom TftpPort"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        importer_map_ini("[TFTPD32]\nTftpPort=6969\nSecurityLevel=3");
        struct import_row *row = importer_find("Port");
        assert_non_null(row);
        import_weigh(&import, row, &rows[i].present);
        const char *middle = strstr(rows[i].text, "%s");
        snprintf(expected, sizeof expected, "%.*s%s%.*s%s%s", (int)(middle - rows[i].text), rows[i].text, dash,
                 (int)(strstr(middle + 2, "%s") - middle - 2), middle + 2, dash, strstr(middle + 2, "%s") + 2);
        CHECK(row->verdict == rows[i].verdict && strcmp(importer_row_text(row), expected) == 0, "row %u: %s",
              (unsigned)i, importer_row_text(row));
    }
}

static void a_row_is_safe_for_a_terminal(void **state)
{
    char long_name[256];

    (void)state;
    importer_begin(IMPORT_RIS, "tftpd2");
    importer_put("Directory", importer_text("D:\\\x1b[2J\x07\xc2\x9b"
                                            "31m"));
    importer_put("Clients", importer_text("\x1b]0;owned\x07"));
    import_map(&import);
    assert_string_equal(importer_row_text(importer_find("Directory")) + 6,
                        "Directory - \"D:\\?[2J???31m\" in place of the "
                        "default \"%SystemDrive%\\tftpdroot\" - from Directory");
    assert_null(strchr(importer_row_text(importer_find("Clients")), 0x1b));
    /* The problem of a long value holds whole characters of it only. */
    snprintf(long_name, sizeof long_name, "[TFTPD32]\nTftpPort=x%s", "");
    for (unsigned i = 0; i < 60; i++)
        strcat(long_name, "\xc3\xbc");
    importer_map_ini(long_name);
    struct import_row *row = importer_find("TftpPort");
    assert_non_null(row);
    assert_int_equal(row->verdict, IMPORT_BAD);
    assert_non_null(strstr(importer_row_text(row), "\xc3\xbc\" is refused"));
}

static void any_file_ends_in_rows(void **state)
{
    static const char *const words[] = {"[TFTPD32]\n", "TftpPort=", "SecurityLevel=", "BaseDirectory=",
                                        "LocalIP=",    "Services=", "Negociate=",     "\n",
                                        "1",           "999999",    "..\\",           "C:",
                                        "\xff",        "=",         "[x\n",           "\"",
                                        "a=b\n",       "\x1b\n",    "LowestUDPPort=", "HighestUDPPort="};
    static char text[INI_MAX];
    uint64_t seed = 7;

    (void)state;
    for (unsigned round = 0; round < HOSTILE_ROUNDS; round++) {
        size_t used = 0;
        for (unsigned i = random_below(&seed, 300); i > 0; i--)
            used +=
                (size_t)snprintf(text + used, sizeof text - used, "%s", words[random_below(&seed, COUNT_OF(words))]);
        importer_map_ini(text);
        assert_int_equal(import.draft.masters.count, 0);
        for (size_t i = 0; i < import.row_count; i++) {
            if (import.rows[i].parameter != NULL)
                import_weigh(&import, &import.rows[i], &(struct import_value){.form = IMPORT_ABSENT});
            CHECK(strlen(importer_row_text(&import.rows[i])) > 6, "round %u", round);
        }
    }
}

/* More text than there is room for, and every name twice. */
static void a_file_that_is_too_much_is_bad(void **state)
{
    enum { LINE = 4000 };
    static char text[2 * IMPORT_SETTINGS_MAX * (LINE + IMPORT_NAME_MAX)];
    size_t used = (size_t)snprintf(text, sizeof text, "[TFTPD32]\n");

    (void)state;
    for (unsigned twice = 0; twice < 2; twice++)
        for (size_t i = 0; i < import_place_count(IMPORT_TFTPD64); i++) {
            used += (size_t)snprintf(text + used, sizeof text - used, "%s=", import_place(IMPORT_TFTPD64, i).name);
            memset(text + used, 'a' + (int)twice, LINE);
            used += LINE;
            text[used++] = '\n';
        }
    importer_begin(IMPORT_TFTPD64, "tftpd");
    import_read_file(&import, span_of(text, used));
    import_map(&import);
    assert_true(import_count(&import, IMPORT_BAD) > 0);
    assert_true(importer_says("more", "more like these"));
}

/* What is found bad behind the core's back is told like what the core finds bad, and not written. */
static void a_row_can_be_refused(void **state)
{
    (void)state;
    importer_map_ini("[TFTPD32]\nBaseDirectory=C:\\\nTimeout=3\n");
    struct import_row *row = importer_find("Directory");
    assert_non_null(row);
    import_refuse(&import, row, "it is a whole drive", "set another for @");
    assert_int_equal(import_count(&import, IMPORT_BAD), 1);
    assert_int_equal(import_count(&import, IMPORT_SET), 1);
    assert_null(importer_find("Directory"));
    assert_string_equal(importer_row_text(importer_find("BaseDirectory")),
                        "BAD   BaseDirectory - it is a whole drive - set another for tftpd");
}

static void sources_have_names(void **state)
{
    (void)state;
    assert_int_equal(import_find_source("ris"), IMPORT_RIS);
    assert_int_equal(import_find_source("WDS"), IMPORT_WDS);
    assert_int_equal(import_find_source("Tftpd64"), IMPORT_TFTPD64);
    assert_int_equal(import_find_source(""), IMPORT_SOURCE_COUNT);
    assert_int_equal(import_find_source("rise"), IMPORT_SOURCE_COUNT);
    assert_int_equal(import_find_source("ri"), IMPORT_SOURCE_COUNT);
    assert_int_equal(import_find_source("bis"), IMPORT_SOURCE_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_each_setting),
        cmocka_unit_test(says_nothing_of_what_is_no_loss),
        cmocka_unit_test(names_the_other_services),
        cmocka_unit_test(a_relative_directory_needs_its_base),
        cmocka_unit_test(says_why_a_setting_cannot_be_taken_over),
        cmocka_unit_test(says_little_about_defaults),
        cmocka_unit_test(the_first_of_two_counts),
        cmocka_unit_test(refuses_what_the_service_would_refuse),
        cmocka_unit_test(a_directory_has_its_limit),
        cmocka_unit_test(what_cannot_be_read_is_no_value),
        cmocka_unit_test(weighs_by_meaning_and_shows_the_old_value),
        cmocka_unit_test(a_row_is_safe_for_a_terminal),
        cmocka_unit_test(any_file_ends_in_rows),
        cmocka_unit_test(a_file_that_is_too_much_is_bad),
        cmocka_unit_test(a_row_can_be_refused),
        cmocka_unit_test(sources_have_names),
    };

    return cmocka_run_group_tests_name("import", tests, NULL, NULL);
}
