/* The command line in its two forms: mode, direction, names. */
#include "unit.h"

#include "core/base/utf8.h"
#include "core/client/command.h"
#include "guard.h"

#include <stdio.h>

enum { WORDS_MAX = 300 };

/* Splits at blanks; "~" is an empty word. */
static size_t split(char *text, const char **words)
{
    size_t count = 0;

    for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " "))
        words[count++] = strcmp(word, "~") == 0 ? "" : word;
    return count;
}

static bool parse(struct command *command, const char *line)
{
    static char text[1024];
    static const char *words[WORDS_MAX];

    snprintf(text, sizeof text, "%s", line);
    return command_parse(command, split(text, words), words);
}

/* "get octet 10.0.0.1:69 remote local", a line for each file. */
static const char *jobs(struct command *command)
{
    static char text[8192];
    struct job job;
    size_t used = 0;

    text[0] = 0;
    for (size_t i = 0; i < command_job_count(command); i++) {
        assert_true(command_job(command, i, &job));
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %s %s:%u %s %s", i > 0 ? "\n" : "",
                                 command->verb == COMMAND_PUT ? "put" : "get", job.is_netascii ? "netascii" : "octet",
                                 job.address.host, job.address.port, job.address.name, job.local);
    }
    return text;
}

static void test_lines_that_are_understood(void **state)
{
    static struct command command;
    static const struct {
        const char *line;
        const char *jobs;
    } rows[] = {
        /* Windows' own form. */
        {"10.0.0.1 get boot.bin", "get netascii 10.0.0.1:69 boot.bin boot.bin"},
        {"-i 10.0.0.1 GET boot.bin", "get octet 10.0.0.1:69 boot.bin boot.bin"},
        {"-i pxe Get \\Tmp\\x64{1}.bcd", "get octet pxe:69 \\Tmp\\x64{1}.bcd x64{1}.bcd"},
        {"-i pxe get boot/x64/wdsnbp.com C:\\t\\w.com", "get octet pxe:69 boot/x64/wdsnbp.com C:\\t\\w.com"},
        {"pxe get a.txt NUL", "get netascii pxe:69 a.txt NUL"},
        {"pxe get a.txt -", "get netascii pxe:69 a.txt -"},
        {"pxe get a.txt \\", "get netascii pxe:69 a.txt \\a.txt"},
        {"pxe get a.txt folder\\", "get netascii pxe:69 a.txt folder\\a.txt"},
        {"-i pxe PUT fw.bin", "put octet pxe:69 fw.bin fw.bin"},
        {"-i pxe put C:\\x\\fw.bin", "put octet pxe:69 fw.bin C:\\x\\fw.bin"},
        {"-i pxe put C:\\x\\fw.bin in/fw2.bin", "put octet pxe:69 in/fw2.bin C:\\x\\fw.bin"},
        {"-i pxe put - name", "put octet pxe:69 name -"},
        {"-i pxe put fw.bin folder/", "put octet pxe:69 folder/ fw.bin"},
        {"pxe get -i", "get netascii pxe:69 -i -i"},
        {"pxe get -n --no", "get netascii pxe:69 -n --no"},
        {"get get a", "get netascii get:69 a a"},
        {"put get a b", "get netascii put:69 a b"},
        {"get put a b", "put netascii get:69 b a"},
        {"tftp://x get a", NULL},
        {"host:6969 get a", "get netascii host:6969 a a"},
        {"-i -b 1428 -w 16 pxe get boot.wim NUL", "get octet pxe:69 boot.wim NUL"},
        {"-p 6969 pxe get a", "get netascii pxe:6969 a a"},
        {"::1 get a", "get netascii ::1:69 a a"},
        {"fe80:: get a", "get netascii fe80:::69 a a"},
        {"[::1]:70 get a", "get netascii ::1:70 a a"},
        {"fe80::1%12 get a", "get netascii fe80::1%12:69 a a"},
        {"-i pxe get a -o", "get octet pxe:69 a -o"},
        {"-o b pxe get a", "get netascii pxe:69 a b"},
        {"pxe -i get a", "get octet pxe:69 a a"},
        {"--wait 60 -i 192.168.1.1 put fw.trx", "put octet 192.168.1.1:69 fw.trx fw.trx"},
        /* Addresses. */
        {"get tftp://h/a", "get octet h:69 a a"},
        {"GET TFTP://h/a/b.bin", "get octet h:69 a/b.bin b.bin"},
        {"get tftp://h//a", "get octet h:69 /a a"},
        {"get tftp://h/%2Fa", "get octet h:69 /a a"},
        {"get tftp://h/a;mode=netascii", "get netascii h:69 a a"},
        {"get -a tftp://h/a", "get netascii h:69 a a"},
        {"get -a tftp://h/a;mode=octet", "get octet h:69 a a"},
        {"-a get tftp://h/a", "get netascii h:69 a a"},
        {"get tftp://h/a;mode=ascii", "get octet h:69 a;mode=ascii a;mode=ascii"},
        {"get tftp://h/a;mode=octet;x", "get octet h:69 a;mode=octet;x a;mode=octet;x"},
        {"get tftp://h/a%3Bmode=netascii", "get octet h:69 a;mode=netascii a;mode=netascii"},
        {"get tftp://h/a b", NULL},
        {"get tftp://h/a tftp://h:70/b", "get octet h:69 a a\nget octet h:70 b b"},
        {"get tftp://h/x/a tftp://h/y/b -o out\\", "get octet h:69 x/a out\\a\nget octet h:69 y/b out\\b"},
        {"get tftp://[fd00::9]:6969/fw.bin --sha256 "
         "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F",
         "get octet fd00::9:6969 fw.bin fw.bin"},
        {"get tftp://h/a -o -", "get octet h:69 a -"},
        {"get tftp://[fe80::5%2512]/a", "get octet fe80::5%12:69 a a"},
        {"get tftp://[fe80::5%12]/a", "get octet fe80::5%12:69 a a"},
        {"get tftp://[fe80::5%25]/a", "get octet fe80::5%25:69 a a"},
        {"put a.bin tftp://h/", "put octet h:69 a.bin a.bin"},
        {"put d\\a.bin tftp://h/in/", "put octet h:69 in/a.bin d\\a.bin"},
        {"put a b/c tftp://h/in/", "put octet h:69 in/a a\nput octet h:69 in/c b/c"},
        {"put a tftp://h/other", "put octet h:69 other a"},
        {"put - tftp://sw1/x.cfg", "put octet sw1:69 x.cfg -"},
        {"put -b 512 a tftp://h/other -p 7", "put octet h:7 other a"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        bool is_good = parse(&command, rows[i].line);
        CHECK(is_good == (rows[i].jobs != NULL), "%s: %s", rows[i].line, command.problem);
        if (is_good)
            CHECK(strcmp(jobs(&command), rows[i].jobs) == 0, "%s: %s", rows[i].line, jobs(&command));
    }
}

static void test_lines_that_are_not(void **state)
{
    static struct command command;
    static const struct {
        const char *line;
        const char *problem; /* a part of it */
    } rows[] = {
        {"10.0.0.1", "neither \"10.0.0.1\""},
        {"host fetch a", "neither \"host\" nor \"fetch\""},
        {"-i", "the host is missing"},
        {"host get", "the name of the file is missing"},
        {"host get a b c", "3 names"},
        {"host get dir/", "gives the local file no name"},
        {"host get ..", "gives the local file no name"},
        {"host get con", "Windows device"},
        {"host get x/NUL.txt", "Windows device"},
        {"host get *.cfg", "no listing"},
        {"host put -", "no name that the server"},
        {"host put dir/", "no name that the server"},
        {"host put a ~", "the remote name is empty"},
        {"host get a ~", "the local name is empty"},
        {"host get ~", "gives the local file no name"},
        {"host:0 get a", "port"},
        {"host:70000 get a", "port"},
        {"host:x get a", "port"},
        {"[::1 get a", "bracket"},
        {"[ get a", "bracket"},
        {"[::1]x get a", "bracket"},
        {"ho/st get a", "character"},
        {"@host get a", "character"},
        {"get", "the address is missing"},
        {"get h/a", "begins with tftp://"},
        {"get tftp://h", "the / behind"},
        {"get tftp:///a", "the host is missing"},
        {"get tftp://h/", "names no file"},
        {"get tftp://u@h/a", "character"},
        {"get tftp://h/a?b", "%3F"},
        {"get tftp://h/a#b", "%23"},
        {"get tftp://h/%00", "%00"},
        {"get tftp://h/%G1", "hexadecimal"},
        {"get tftp://h/a%4", "hexadecimal"},
        {"get tftp://h/a tftp://h/b -o c", "several files"},
        {"put a", "a put takes files"},
        {"put", "a put takes files"},
        {"put a b", "begins with tftp://"},
        {"put a b tftp://h/c", "several files"},
        {"-b", "followed by its value"},
        {"-b 7 host get a", "from 8 to 65464"},
        {"-b 65465 host get a", "from 8 to 65464"},
        {"-b x host get a", "from 8 to 65464"},
        {"-w 0 host get a", "from 1 to 65535"},
        {"-t 0 host get a", "from 1 to 255"},
        {"-r 101 host get a", "from 0 to 100"},
        {"-p 0 host get a", "from 1 to 65535"},
        {"--server-timeout 0 host get a", "from 1 to 255"},
        {"--server-timeout 256 host get a", "from 1 to 255"},
        {"--wait 0 host get a", "from 1 to 86400"},
        {"--wait 86401 host get a", "from 1 to 86400"},
        {"--max-size 0 host get a", "from 1 to 9223372036854775807"},
        {"--max-size 9223372036854775808 host get a", "from 1 to 9223372036854775807"},
        {"-w 65535 -b 65464 host get a", "more than 64 MiB: -w 1025 is the most"},
        {"-i -a host get a", "contradict"},
        {"-4 -6 host get a", "contradict"},
        {"-6 --interface 10.0.0.7 host get a", "contradict"},
        {"-4 --interface ::1 host get a", "contradict"},
        {"-n --options-only host get a", "contradict"},
        {"--blocksize 5 host get a", "--blksize"},
        {"--octett host get a", "--octet perhaps"},
        {"-octett host get a", "--octet perhaps"},
        {"-\x01 host get a", "is no option"},
        {"--qwertyuiop host get a", "tftp -?"},
        {"-z host get a", "is no option"},
        {"--i host get a", "is no option"},
        {"--json=1 host get a", "takes no value"},
        {"--local-port 5-4 host get a", "--local-port"},
        {"--local-port 0 host get a", "--local-port"},
        {"--local-port 5- host get a", "--local-port"},
        {"--interface eth0 host get a", "\"eth0\" is none"},
        {"--interface 10.0.0.7:5 host get a", "is none"},
        {"--sha256=12 host get a", "64 hexadecimal"},
        {"put --sha256 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f a tftp://h/", "for a get"},
        {"get --sha256 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f tftp://h/a tftp://h/b",
         "one file"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CHECK(!parse(&command, rows[i].line), "%s", rows[i].line);
        CHECK(strstr(command.problem, rows[i].problem) != NULL, "%s: %s", rows[i].line, command.problem);
    }
}

static void test_what_no_host_has(void **state)
{
    struct address address;
    char host[] = "a?";

    (void)state;
    for (const char *c = "\x01\x1f /\\@?#[]\"<>\x7f"; *c != 0; c++) {
        host[1] = *c;
        const char *problem = address_parse_host(&address, host);
        CHECK(problem != NULL && strstr(problem, "character") != NULL, "byte %02x", (unsigned char)*c);
    }
    assert_null(address_parse_host(&address, "!a.b-c_d~"));
    assert_string_equal(address_parse_host(&address, ""), "the host is missing");
}

/* A % at the very end is looked at, and nothing behind the text. */
static void test_escapes_at_the_end(void **state)
{
    static const char *const texts[] = {"tftp://h/%", "tftp://h/a%", "tftp://h/ab%", "tftp://h/a%4", "tftp://h/ab%4"};
    struct address address;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        const char *text = (const char *)guard_span(texts[i], strlen(texts[i]) + 1).bytes;
        const char *problem = address_parse_uri(&address, text);
        CHECK(problem != NULL && strstr(problem, "hexadecimal") != NULL, "%s", texts[i]);
    }
    assert_null(address_parse_uri(&address, (const char *)guard_span("tftp://h/a%41", 14).bytes));
    assert_string_equal(address.name, "aA");
}

static void test_options(void **state)
{
    static struct command c;

    (void)state;
    assert_true(parse(&c, "h get a"));
    assert_true(c.blksize == 0 && c.windowsize == 16 && c.timeout_s == 1 && c.retries == 5 && c.port == 0);
    assert_true(!c.is_bare && !c.is_json && c.progress == PROGRESS_CONSOLE && !c.wants_hash && c.is_windows_form);
    assert_true(parse(&c,
                      "-b 8 -w 65535 -t 255 -r 100 -p 65535 -n --no-tsize --server-timeout 7 --wait 9 -4 "
                      "--interface 10.0.0.7 --local-port 4000-4010 --no-clobber --max-size 5000000000 --sha256 -q -v "
                      "--trace --json --no-progress h get a"));
    assert_true(c.blksize == 8 && c.windowsize == 65535 && c.timeout_s == 255 && c.retries == 100 && c.port == 65535);
    assert_true(c.is_bare && c.has_no_tsize && c.server_timeout_s == 7 && c.wait_s == 9 && c.is_ipv4_only);
    struct endpoint own = endpoint_ipv4(10, 0, 0, 7, 0);
    assert_true(endpoint_equal(&c.interface, &own));
    assert_true(c.local_port_low == 4000 && c.local_port_high == 4010 && c.is_no_clobber && c.size_max == 5000000000u);
    assert_true(c.wants_hash && !c.has_hash && c.is_quiet && c.is_verbose && c.is_traced && c.is_json);
    assert_true(c.progress == PROGRESS_NONE);
    assert_true(parse(&c, "--blksize=1024 --WINDOWSIZE=2 --options-only -6 --local-port 77 --progress h get a"));
    assert_true(c.blksize == 1024 && c.windowsize == 2 && c.is_options_only && c.is_ipv6_only);
    assert_true(c.local_port_low == 77 && c.local_port_high == 77 && c.progress == PROGRESS_LINES);
    assert_true(parse(&c, "-r 0 --server-timeout 255 --wait 86400 --max-size 9223372036854775807 h get a"));
    assert_true(c.retries == 0 && c.server_timeout_s == 255 && c.wait_s == 86400 && c.size_max == INT64_MAX);
    assert_true(parse(&c, "--local-port 1-2 h get a"));
    assert_true(parse(&c, "--local-port 65535-65535 h get a"));
    assert_true(c.local_port_low == 65535 && c.local_port_high == 65535);
    assert_true(parse(&c, "--sha256 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1F h get a"));
    assert_true(c.has_hash && c.hash[0] == 0 && c.hash[10] == 10 && c.hash[31] == 0x1f);
    /* 64 letters that are no digits are a name. */
    assert_true(parse(&c, "get --sha256 tftp://h/0123456789012345678901234567890123456789012345678901234"));
    assert_true(c.wants_hash && !c.has_hash && c.name_count == 1 && strlen(c.names[0]) == 2 * COMMAND_HASH_SIZE);
}

/* What a shell makes of a \ before a quote, and what no file of Windows can be called. */
static void test_local_names(void **state)
{
    static const char quote[] = "double it";
    static const char no_name[] = "none of < > | * ? \"";
    static const struct {
        const char *words[5];
        const char *problem; /* NULL: it is good */
    } rows[] = {
        {{"get", "-o", "C:\\dir\" tftp://h/a"}, quote},
        {{"get", "-o", "C:\\dir\"", "tftp://h/a"}, quote},
        {{"put", "C:\\dir\" tftp://h/a"}, quote},
        {{"put", "C:\\dir\"", "tftp://h/a"}, quote},
        {{"h", "get", "a", "C:\\dir\""}, quote},
        {{"h", "put", "C:\\dir\""}, quote},
        {{"get", "-o", "a<b", "tftp://h/a"}, no_name},
        {{"get", "-o", "a>b", "tftp://h/a"}, no_name},
        {{"get", "-o", "a|b\\", "tftp://h/a"}, no_name},
        {{"h", "get", "a", "a*"}, no_name},
        {{"h", "get", "a", "\\\\?\\C:\\a?"}, no_name},
        {{"h", "get", "a", "\\\\?\\C:\\a"}, NULL},
        {{"h", "get", "a", "\\\\.\\pipe\\a"}, NULL},
        {{"put", "a*", "tftp://h/"}, NULL},
        /* What a server calls its files is its own. */
        {{"h", "get", "a\"b<*", "c"}, NULL},
        {{"h", "put", "c", "a\"b<*"}, NULL},
    };
    static struct command c;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t count = 0;
        while (count < COUNT_OF(rows[i].words) && rows[i].words[count] != NULL)
            count++;
        bool is_good = command_parse(&c, count, rows[i].words);
        CHECK(is_good == (rows[i].problem == NULL), "row %u: %s", (unsigned)i, c.problem);
        CHECK(is_good || strstr(c.problem, rows[i].problem) != NULL, "row %u: %s", (unsigned)i, c.problem);
    }
}

/* What is typed or pasted never drives a console, and its letters stay letters, wherever they are cut. */
static void test_problems_are_printable(void **state)
{
    static struct command c;
    static char long_name[300] = "x";
    static const char *words[] = {"get", "tftp://h/%1B]0;owned%07"};

    (void)state;
    assert_false(command_parse(&c, 2, words));
    CHECK(strpbrk(c.problem, "\x1b\x07") == NULL && strstr(c.problem, "\"?]0;owned?\"") != NULL, "%s", c.problem);
    for (int i = 0; i < 140; i++)
        strcat(long_name, "\xd0\xb6");
    words[0] = long_name;
    words[1] = "\xe2\x80\xae";
    assert_false(command_parse(&c, 2, words));
    CHECK(strstr(c.problem, "x\xd0\xb6\xd0\xb6") != NULL && strstr(c.problem, words[1]) == NULL, "%s", c.problem);
    assert_true(utf8_is_valid(span_of_text(c.problem)));
}

/* An own address is of one family, and so is who is asked from it. */
static void test_family(void **state)
{
    static const struct {
        const char *line;
        bool is_ipv4_only, is_ipv6_only;
    } rows[] = {
        {"h get a", false, false},
        {"-4 h get a", true, false},
        {"-6 h get a", false, true},
        {"--interface 10.0.0.7 h get a", true, false},
        {"--interface fd00::7 h get a", false, true},
        {"--interface 0.0.0.0 probe h", true, false},
        {"--interface :: h get a", false, false},
        {"-4 --interface :: h get a", true, false},
        {"-4 --interface 10.0.0.7 h get a", true, false},
    };
    static struct command c;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_true(parse(&c, rows[i].line));
        CHECK(c.is_ipv4_only == rows[i].is_ipv4_only && c.is_ipv6_only == rows[i].is_ipv6_only, "%s", rows[i].line);
    }
}

/* As long as goes in one packet, unless somebody said it. */
static void test_blksize(void **state)
{
    static const struct {
        const char *line;
        uint32_t mtu;
        uint32_t ipv4;
        uint32_t ipv6;
    } rows[] = {
        {"h get a", 0, 1428, 1428},    {"h get a", 1500, 1428, 1428},         {"h get a", 1460, 1428, 1408},
        {"h get a", 1400, 1368, 1348}, {"h get a", 65536, 1428, 1428},        {"h get a", 545, 513, 512},
        {"h get a", 68, 512, 512},     {"-b 1428 h get a", 1000, 1428, 1428}, {"-b 8 h get a", 1000, 8, 8},
    };
    const struct endpoint four = endpoint_ipv4(10, 0, 0, 1, 69);
    const struct endpoint six = {.address = {0xfd, [15] = 1}, .port = 69};
    static struct command c;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_true(parse(&c, rows[i].line));
        CHECK(command_blksize(&c, &four, rows[i].mtu) == rows[i].ipv4, "%s, %u", rows[i].line, rows[i].mtu);
        CHECK(command_blksize(&c, &six, rows[i].mtu) == rows[i].ipv6, "%s, %u, IPv6", rows[i].line, rows[i].mtu);
    }
}

/* Bytes, and units of 1024. */
static void test_sizes(void **state)
{
    static const struct {
        const char *line;
        uint64_t size_max;
        uint64_t rate;
    } rows[] = {
        {"-i h get a", 0, 0},
        {"--max-size 1 --limit-rate 2048 h get a", 1, 2048},
        {"--max-size 3k --limit-rate 2K h get a", 3072, 2048},
        {"--max-size 700m --limit-rate 1M h get a", 700ull << 20, 1 << 20},
        {"--max-size 5G --limit-rate=9223372036854775807 h get a", 5ull << 30, INT64_MAX},
        {"--max-size 8589934591g h get a", 8589934591ull << 30, 0},
    };
    static const char *const wrong[] = {"--max-size 0",
                                        "--max-size k",
                                        "--max-size 1kk",
                                        "--max-size 8589934592G",
                                        "--max-size 1t",
                                        "--max-size -1",
                                        "--max-size 1.5M",
                                        "--limit-rate 2047",
                                        "--limit-rate 1k",
                                        "--limit-rate 0",
                                        "--limit-rate 9223372036854775808",
                                        "-b 1k"};
    static struct command c;
    char line[80];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CHECK(parse(&c, rows[i].line), "%s: %s", rows[i].line, c.problem);
        CHECK(c.size_max == rows[i].size_max && c.rate == rows[i].rate, "%s", rows[i].line);
    }
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        snprintf(line, sizeof line, "%s h get a", wrong[i]);
        CHECK(!parse(&c, line), "%s", line);
    }
}

static void test_help(void **state)
{
    static struct command c;
    static const char *const helps[] = {"/?", "-?", "-h", "--help", "-i -?", "-h host get a"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(helps); i++) {
        assert_true(parse(&c, helps[i]));
        assert_int_equal(c.verb, COMMAND_HELP);
    }
    assert_true(parse(&c, ""));
    assert_int_equal(c.verb, COMMAND_USAGE);
    assert_true(parse(&c, "-V"));
    assert_int_equal(c.verb, COMMAND_VERSION);
    for (const char *line = command_help; *line != 0; line += strcspn(line, "\n") + 1)
        CHECK(strcspn(line, "\n") <= 110, "%s", line);
}

/* Verbs of ours alone; get and put in the second place are Windows' all the same. */
static void test_questions(void **state)
{
    static const struct {
        const char *line;
        enum command_verb verb;
        const char *host, *name;
        uint16_t port;
    } rows[] = {
        {"probe pxe", COMMAND_PROBE, "pxe", "", 69},
        {"probe pxe:6969 boot.wim", COMMAND_PROBE, "pxe", "boot.wim", 6969},
        {"-p 70 probe [fd00::9]:71 --quick a/b", COMMAND_PROBE, "fd00::9", "a/b", 70},
        {"probe tftp://pxe/boot.wim --put up.bin --deep", COMMAND_PROBE, "pxe", "boot.wim", 69},
        {"PROBE pxe a", COMMAND_PROBE, "pxe", "a", 69},
        {"size tftp://pxe/a%20b", COMMAND_SIZE, "pxe", "a b", 69},
        {"size pxe boot.wim", COMMAND_SIZE, "pxe", "boot.wim", 69},
        {"probe get a", COMMAND_GET, "probe", "a", 69},
        {"size put a b", COMMAND_PUT, "size", "b", 69},
    };
    static const struct {
        const char *line, *problem;
    } wrong[] = {
        {"probe", "the host is missing"},
        {"size", "the address is missing"},
        {"size pxe", "names no file"},
        {"probe a b c", "3 names"},
        {"probe tftp://pxe/a b", "names its file already"},
        {"probe tftp://pxe/%zz", "%zz"},
        {"probe pxe --quick --deep", "contradict"},
        {"--put a get tftp://h/a", "are for tftp probe"},
        {"size --quick tftp://h/a", "are for tftp probe"},
    };
    static struct command c;
    static const char *words[3] = {"probe", "h", ""};
    static char name[ADDRESS_NAME_MAX + 1];
    struct job job;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CHECK(parse(&c, rows[i].line), "%s: %s", rows[i].line, c.problem);
        assert_true(command_job_count(&c) == 1 && command_job(&c, 0, &job));
        CHECK(c.verb == rows[i].verb && strcmp(job.address.host, rows[i].host) == 0 &&
                  strcmp(job.address.name, rows[i].name) == 0 && job.address.port == rows[i].port,
              "%s: \"%s\" on \"%s\":%u", rows[i].line, job.address.name, job.address.host, job.address.port);
    }
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        assert_false(parse(&c, wrong[i].line));
        CHECK(strstr(c.problem, wrong[i].problem) != NULL, "%s: %s", wrong[i].line, c.problem);
    }
    assert_false(command_parse(&c, 3, words));
    memset(name, 'n', sizeof name - 1);
    words[2] = name;
    assert_false(command_parse(&c, 3, words));
    assert_true(parse(&c, "probe -?") && c.verb == COMMAND_HELP && c.is_help_of_probe);
    assert_true(parse(&c, "-?") && !c.is_help_of_probe);
    for (const char *line = command_help_probe; *line != 0; line += strcspn(line, "\n") + 1)
        CHECK(strcspn(line, "\n") <= 115, "%s", line);
}

static void test_too_many_and_too_long(void **state)
{
    static struct command c;
    static const char *words[WORDS_MAX];
    static char name[2000];

    (void)state;
    words[0] = "put";
    for (size_t i = 1; i < WORDS_MAX; i++)
        words[i] = "a";
    assert_false(command_parse(&c, WORDS_MAX, words));
    assert_non_null(strstr(c.problem, "more than 256 names"));
    memset(name, 'n', sizeof name - 1);
    words[0] = "h";
    words[1] = "get";
    words[2] = name;
    assert_false(command_parse(&c, 3, words));
    words[2] = "a";
    words[3] = name;
    assert_false(command_parse(&c, 4, words));
    words[1] = "put";
    assert_false(command_parse(&c, 4, words));
    words[2] = name;
    words[3] = "a";
    assert_false(command_parse(&c, 4, words));
    assert_non_null(strstr(c.problem, "the local name is longer than 1023 bytes"));
    words[0] = name;
    words[2] = "a";
    assert_false(command_parse(&c, 4, words));
    /* The longest local name, and one byte more. */
    words[0] = "h";
    words[1] = "put";
    words[2] = name + sizeof name - 1 - (COMMAND_LOCAL_MAX - 1);
    words[3] = "a";
    assert_true(command_parse(&c, 4, words));
    words[2]--;
    assert_false(command_parse(&c, 4, words));
    char uri[700];
    snprintf(uri, sizeof uri, "tftp://h/%.600s", name);
    words[0] = "get";
    words[1] = uri;
    assert_false(command_parse(&c, 2, words));
    assert_non_null(strstr(c.problem, "longer than a request"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_that_are_understood),
        cmocka_unit_test(test_lines_that_are_not),
        cmocka_unit_test(test_what_no_host_has),
        cmocka_unit_test(test_escapes_at_the_end),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_local_names),
        cmocka_unit_test(test_problems_are_printable),
        cmocka_unit_test(test_family),
        cmocka_unit_test(test_blksize),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_help),
        cmocka_unit_test(test_questions),
        cmocka_unit_test(test_too_many_and_too_long),
    };

    return cmocka_run_group_tests_name("client_command", tests, NULL, NULL);
}
