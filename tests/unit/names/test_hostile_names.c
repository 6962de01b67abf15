/*
 * Names that must never reach a file system of Windows, each family with the reason, and harmless names that look like
 * them and must pass. Judged by path_normalize, and as a whole request, for its ERROR code.
 */
#include "unit.h"

#include "core/server/request.h"
#include "guard.h"
#include "wire.h"

#include <stdio.h>

/* At least this many rows, whatever becomes of the tables. */
enum { HOSTILE_MIN = 300, HARMLESS_MIN = 80 };

struct family {
    const char *why; /* it must be refused on Windows */
    enum path_problem problem;
    const char *const *names; /* up to NULL; bytes beyond ASCII are octal, so that a letter may follow */
};

#define FAMILY(why, problem, ...)           \
    {                                       \
        why, problem, (const char *const[]) \
        {                                   \
            __VA_ARGS__, NULL,              \
        }                                   \
    }

static const struct family families[] = {
    /* -- to another place -- */
    FAMILY("a drive letter makes the name absolute", PATH_FORBIDDEN_CHARACTER, "C:\\boot.ini", "c:/boot.ini",
           "C:\\\\windows\\win.ini", "D:\\", "z:\\etc\\passwd", "Z:/etc/shadow", "C:/windows/system32/config/SAM",
           "c:\\windows/system32\\drivers/etc\\hosts", "/C:/windows/win.ini", "\\C:\\windows\\win.ini",
           "//c:/windows/win.ini", "boot/C:/windows/win.ini", "boot\\c:\\windows\\win.ini", "./C:/x", "a:b/c"),
    FAMILY("a drive letter alone is that drive's current directory", PATH_FORBIDDEN_CHARACTER, "C:", "c:", "C:boot.ini",
           "c:..\\x", "C:.", "z:", "C:a/b", "boot/c:x"),
    FAMILY("\\\\?\\ switches the checks of Win32 off", PATH_FORBIDDEN_CHARACTER, "\\\\?\\C:\\boot.ini",
           "//?/C:/boot.ini", "\\\\?\\UNC\\server\\share\\x", "//?/UNC/server/share/x",
           "\\\\?\\GLOBALROOT\\Device\\HarddiskVolume1\\x", "\\\\?\\Volume{01234567-89ab-cdef-0123-456789abcdef}\\x",
           "\\\\?\\pipe\\x", "/\\?/x", "\\/?\\x", "//?//x", "?/x", "a/?/b", "\\\\?\\HarddiskVolume1\\x",
           "\\\\?\\GLOBALROOT\\SystemRoot\\win.ini", "\\\\?\\unix\\etc\\passwd"),
    FAMILY("\\?\?\\ is the directory of devices and drives", PATH_FORBIDDEN_CHARACTER, "\\?\?\\C:\\boot.ini",
           "/?\?/C:/boot.ini", "\\?\?\\UNC\\server\\share", "\\?\?\\pipe\\x", "\\?\?\\PhysicalDrive0", "?\?\\x",
           "//?\?//x", "a\\?\?\\b", "\\?\?\\unix\\etc\\passwd"),
    FAMILY("\\\\.\\ leads to a drive", PATH_FORBIDDEN_CHARACTER, "\\\\.\\C:", "//./C:/x", "\\\\.\\c:\\windows\\win.ini",
           "\\\\.\\Z:\\etc\\passwd", "\\\\.\\C:\\\\x", "/\\./\\C:x"),
    FAMILY("\\\\.\\ leads to a device", PATH_DEVICE, "\\\\.\\CON", "//./nul", "\\\\.\\COM1", "\\\\.\\LPT1\\x",
           "\\\\.\\aux.txt", "\\\\.\\CONIN$"),
    FAMILY("a server's name in brackets, with a port or with a drive", PATH_FORBIDDEN_CHARACTER,
           "\\\\server:80\\share\\x", "\\\\server\\C:\\x", "//[fe80::1]/share/x", "\\\\fe80::1\\share",
           "file:///C:/boot.ini", "http://server/x", "tftp://server/x", "file:\\\\server\\share"),
    FAMILY("a shell's folder", PATH_FORBIDDEN_CHARACTER, "shell:startup", "::{20D04FE0-3AEA-1069-A2D8-08002B30309D}",
           "shell:::{645FF040-5081-101B-9F08-00AA002F954E}"),

    /* -- up and out -- */
    FAMILY("\"..\" is the directory above", PATH_PARENT, "..", "../", "..\\", "/..", "\\..", "../x", "..\\x", "/../x",
           "\\..\\x", "//../x", "\\\\..\\x", "/\\../x", "\\/..\\x", "../..", "..\\..", "../../x", "..\\..\\x",
           "..\\../x", "../..\\x", "..//x", "..\\\\x", "../\\x", "./../x", ".\\..\\x", "././../x", ".//..//x", "../.",
           "..\\.\\x", "../../../../../../../../windows/win.ini", "..\\..\\..\\..\\..\\..\\..\\..\\windows\\win.ini",
           "..\\tftpdroot2\\x", "../tftpd/tftpd.exe"),
    FAMILY("\"..\" in the middle or at the end", PATH_PARENT, "a/..", "a\\..", "a/../", "a\\..\\", "a/../x", "a\\..\\x",
           "a/../../x", "a\\..\\..\\x", "a/..\\../x", "a\\../..\\x", "a/b/../../../x", "a\\b\\..\\..\\..\\x", "a//../x",
           "a\\\\..\\\\x", "a/./../x", "a/.././x", "a/.\\..\\./x", "a/..//x", "a/b/..", "a\\b\\..", "/a/../../x",
           "\\a\\..\\..\\x", "a b/../x", "pxelinux.cfg/../../x"),
    FAMILY("\"..\" with a space or more dots is \"..\" to Win32, which drops them", PATH_TRAILING_DOT_OR_SPACE, ".. ",
           ".. /x", "..  \\x", "...", ".../x", "...\\x", "....", "..../x", ".. .", ".. ./x", ". .", ". ./x", "a/.. /x",
           "a\\.. \\x", "a/.../x", "a\\...\\..", "/.. /x", "\\...\\x", "..  ", ".  .", "... ", "a/....", ". . /x"),
    FAMILY("\"..\" before a stream", PATH_FORBIDDEN_CHARACTER, "..:x", "../x:y", "..::$DATA",
           "a/..::$INDEX_ALLOCATION/x", "..:$I30:$INDEX_ALLOCATION\\x"),

    /* -- what is no file -- */
    FAMILY("a device, whatever the folder and the case", PATH_DEVICE, "con", "CON", "Con", "cOn", "prn", "PRN", "aux",
           "AUX", "nul", "NUL", "nUL", "/con", "\\nul", "a/con", "a\\nul", "a/b/aux", "con/a", "nul\\a", "a/prn/b",
           "./con", "con/", "nul\\"),
    FAMILY("a serial or parallel port", PATH_DEVICE, "com0", "com1", "com2", "com3", "com4", "com5", "com6", "com7",
           "com8", "com9", "COM1", "Com9", "lpt0", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8",
           "lpt9", "LPT1", "Lpt9", "a/com1", "a\\lpt1", "com1/a", "LPT9\\a"),
    FAMILY("the superscripts 1, 2 and 3 are digits of a port", PATH_DEVICE, "com\302\271", "com\302\262", "com\302\263",
           "COM\302\271", "COM\302\262", "COM\302\263", "lpt\302\271", "lpt\302\262", "lpt\302\263", "LPT\302\271",
           "com\302\271.txt", "LPT\302\263.bin", "a/COM\302\262", "a\\com\302\263.x\\b", "com\302\271 .txt"),
    FAMILY("the console's other names", PATH_DEVICE, "conin$", "conout$", "CONIN$", "CONOUT$", "ConIn$", "ConOut$",
           "conin$.txt", "CONOUT$.log", "a/conin$", "a\\CONOUT$", "conout$ .txt", "clock$", "CLOCK$", "Clock$",
           "clock$.txt", "a/clock$", "a\\CLOCK$.x"),
    FAMILY("a device stays one with an extension", PATH_DEVICE, "con.txt", "CON.TXT", "nul.bin", "NUL.tar.gz", "aux.c",
           "AUX.h", "prn.log", "com1.bin", "COM9.x", "lpt1.txt", "LPT9.a.b.c", "a/con.txt", "a\\nul.bin", "nul.a/b",
           "aux.0", "con.con", "nul.\303\244", "com1.com1"),
    FAMILY("a device stays one with spaces before the dot", PATH_DEVICE, "con .txt", "con  .txt", "nul .bin",
           "NUL   .a.b", "aux .c", "com1 .x", "COM9  .bin", "lpt1 .txt", "prn .a", "a/con .x", "a\\nul .x\\b"),
    FAMILY("a device with a dot or a space behind it", PATH_TRAILING_DOT_OR_SPACE, "con.", "nul.", "con ", "aux  ",
           "nul. ", "com1.", "lpt1 ", "a/con./b", "a\\nul \\b", "nul..", "conin$ "),
    FAMILY("a device with a colon", PATH_FORBIDDEN_CHARACTER, "con:", "nul:", "NUL:x", "com1:", "lpt1:.txt", "aux:\\x",
           "prn::$DATA"),

    /* -- what is another name of a file -- */
    FAMILY("a stream of a file", PATH_FORBIDDEN_CHARACTER, "x:s", "x.txt:s", "x::$DATA", "x.txt::$DATA", "x::$data",
           "x:s:$DATA", "x.txt:Zone.Identifier", "a/x::$DATA", "a\\x:s", "x:", "x::", ":x", ":", "::", "::$DATA",
           "x: s", "x:$DATA", "tftpd.log::$DATA", "TFTPD.LOG:s", "tftpd.log.1::$DATA", "x:\303\244"),
    FAMILY("a stream of a folder", PATH_FORBIDDEN_CHARACTER, "a::$INDEX_ALLOCATION", "a::$INDEX_ALLOCATION/x",
           "a:$I30:$INDEX_ALLOCATION\\x", "a::$i30:$index_allocation", "::$INDEX_ALLOCATION", "a/b:$BITMAP",
           "a::$ATTRIBUTE_LIST", "$Extend:$I30:$INDEX_ALLOCATION", "$MFT::$DATA", "a::$REPARSE_POINT", "a:$EA",
           "a:$LOGGED_UTILITY_STREAM"),
    FAMILY("Win32 drops a dot at the end, so a rule would see another name", PATH_TRAILING_DOT_OR_SPACE, "x.", "x.txt.",
           "x..", "x.txt..", "x. .", "a./x", "a.\\x", "a../x", "a..\\x", "a/x.", "a/b./c", "tftpd.log.", "TFTPD.LOG..",
           "tftpd.log.1.", ".x.", "x.txt...."),
    FAMILY("Win32 drops a space at the end, so a rule would see another name", PATH_TRAILING_DOT_OR_SPACE, "x ",
           "x.txt ", "x  ", "x. ", "x .", " ", "  ", "a /x", "a \\x", "a/x ", "a/ /x", "a\\ \\x", "tftpd.log ",
           "TFTPD.LOG  ", "tftpd.log .", "/ ", "\\ \\"),
    FAMILY("a wildcard opens whatever matches", PATH_FORBIDDEN_CHARACTER, "*", "?", "*.*", "x*", "*x", "x?y", "a/*",
           "a\\?", "*/x", "?\\x", "boot.?\??", "tftpd.lo?", "tftpd.*", "~tftpd-*.part", "..*", "*..",
           "?\?\?\?\?\?\?\?.?\?\?"),
    FAMILY("a wildcard of DOS", PATH_FORBIDDEN_CHARACTER, "<", ">", "\"", "x<", "x>y", "x\"y", "a/<.>", "<.<",
           "tftpd>log", "tftpd\"log", "\"C\"", "\"x y\"", "a\\\">\""),
    FAMILY("no name has this character, a command line does", PATH_FORBIDDEN_CHARACTER, "|", "x|y", "|cmd", "a/|", "x|",
           "a|b\\c"),

    /* -- what is no text -- */
    FAMILY("a control character ends lines and steers screens", PATH_CONTROL_CHARACTER, "\001", "\002", "\003", "\004",
           "\005", "\006", "\007", "\b", "\t", "\n", "\v", "\f", "\r", "\016", "\017", "\020", "\021", "\022", "\023",
           "\024", "\025", "\026", "\027", "\030", "\031", "\032", "\033", "\034", "\035", "\036", "\037", "\177",
           "x\n", "x\r\ny", "a/\t/b", "x\033[2J", "con\t", "nul\n.txt", "x\177y", "..\t/x", "\n../x"),
    FAMILY("C1 controls: a new line, a control sequence", PATH_CONTROL_CHARACTER, "\302\200", "\302\205", "\302\215",
           "\302\220", "\302\233", "\302\235", "\302\237", "x\302\205y", "a/\302\233", "x\302\2332J", "x\302\237"),
    FAMILY("an over-long '/', '.' or '\\' becomes one behind the check", PATH_NOT_UTF8, "\300\257", "..\300\257x",
           "\300\256\300\256/x", "\300\256\300\256\300\257x", "a\300\257b", "a\301\234b", "..\301\234x", "\340\200\257",
           "\340\200\256\340\200\256/x", "..\340\200\257x", "..\340\201\234x", "\360\200\200\257",
           "\360\200\200\256\360\200\200\256\\x", "\370\200\200\200\257", "\374\200\200\200\200\256x", "\300\272",
           "C\300\272\\x", "x\300\200", "x\300\200.txt", "\340\200\200", "\360\200\200\200"),
    FAMILY("not UTF-8: every reader guesses another name", PATH_NOT_UTF8, "\200", "\277", "x\200", "\302", "x\303",
           "\303x", "\303/x", "\342\202", "\342\202x", "\360\237\230", "\360\237\230/", "\377", "\376", "name\377",
           "\365\200\200\200", "\364\220\200\200", "\303\303\244", "\344\366\374", "boot\344.bin", "a/\377/b",
           "\301\277", "\370\210\200\200\200", "\374\204\200\200\200\200"),
    FAMILY("half of a surrogate pair", PATH_NOT_UTF8, "\355\240\200", "\355\277\277", "x\355\240\275", "\355\260\200",
           "\355\240\275\355\270\200", "a/\355\260\200/b"),

    /* -- nothing, and the service's own -- */
    FAMILY("no name at all: the start directory itself", PATH_EMPTY, "", "/", "\\", "//", "\\\\", "/\\/", ".", "./",
           ".\\", "/.", "\\.", "././.", ".//.\\", "\\\\.\\", "//./"),
    FAMILY("a folder's name", PATH_FOLDER, "hk.bin/", "hk.bin\\", "hk.bin\\.", "hk.bin/.", "new/", "new//", "a/b\\",
           "a/./", "./a/", "a\\.\\.", "a b/\\/", "/a/", "\\\\server\\share\\x\\"),
    FAMILY("the service's log", PATH_RESERVED, "tftpd.log", "TFTPD.LOG", "Tftpd.Log", "tFTPD.lOG", "/tftpd.log",
           "\\tftpd.log", "//tftpd.log", "./tftpd.log", ".\\TFTPD.LOG", "/./\\tftpd.log", "tftpd.log/", "tftpd.log\\",
           "\\\\.\\tftpd.log"),
    /* Of another instance, or of this one before its Directory was moved to the parent. */
    FAMILY("a log in another directory", PATH_RESERVED, "logs/tftpd.log", "images\\TFTPD.LOG.1", "a/b/tftpd.log.17",
           "tftpd.log/tftpd.log", "./images//tftpd.log"),
    FAMILY("an older log of the service", PATH_RESERVED, "tftpd.log.1", "TFTPD.LOG.1", "tftpd.log.2", "tftpd.log.99",
           "/tftpd.log.5", "\\TFTPD.log.10", "tftpd.log.old", "tftpd.log.x.y"),
    FAMILY("an upload that is not finished", PATH_RESERVED, "~tftpd-x.part", "~TFTPD-X.PART", "~Tftpd-1", "~tftpd-",
           "/~tftpd-x.part", "\\~tftpd-x.part", "a/~tftpd-x.part", "a\\b\\~TFTPD-x.part", "./~tftpd-0001.part",
           "~tftpd-x.part/y", "a/~tftpd-x/b", "~tftpd-000000200000000100000000deadbeef.part"),
};

static const struct {
    const char *name;
    const char *path;
} harmless[] = {
    {"a..b", "a..b"},
    {"..a", "..a"},
    {"...a", "...a"},
    {"a..b/c..d", "a..b\\c..d"},
    {"..a/b", "..a\\b"},
    {"a/..b", "a\\..b"},
    {". a", ". a"},
    {".. a", ".. a"},
    {".htaccess", ".htaccess"},
    {".a/.b", ".a\\.b"},
    {".config/x", ".config\\x"},
    {"./a/./b", "a\\b"},
    /* No digit, another digit, a word that only begins like a device's. */
    {"COM", "COM"},
    {"LPT", "LPT"},
    {"com.txt", "com.txt"},
    {"COM10", "COM10"},
    {"com10.txt", "com10.txt"},
    {"com01", "com01"},
    {"LPT10", "LPT10"},
    {"lpt99.bin", "lpt99.bin"},
    {"coma", "coma"},
    {"com-1", "com-1"},
    {"com 1", "com 1"},
    {"com_1.x", "com_1.x"},
    {"COM\302\264", "COM\302\264"},
    {"com\302\271\302\262", "com\302\271\302\262"},
    {"com\342\201\264", "com\342\201\264"},
    {"com\302\271x", "com\302\271x"},
    {"com\357\274\221", "com\357\274\221"},
    {"CONSOLE.txt", "CONSOLE.txt"},
    {"console", "console"},
    {"conin", "conin"},
    {"conout", "conout"},
    {"conin$x", "conin$x"},
    {"con-1.bin", "con-1.bin"},
    {"xcon", "xcon"},
    {"x.con", "x.con"},
    {"a.nul", "a.nul"},
    {"con1", "con1"},
    {"concom1", "concom1"},
    {"contents/com1x", "contents\\com1x"},
    {"nullx", "nullx"},
    {"null", "null"},
    {"nul-modem.bin", "nul-modem.bin"},
    {"nul1.txt", "nul1.txt"},
    {"annul", "annul"},
    {"aux-files\\x", "aux-files\\x"},
    {"auxiliary/x", "auxiliary\\x"},
    {"aux1", "aux1"},
    {"prn1", "prn1"},
    {"prnx.log", "prnx.log"},
    {"clock", "clock"},
    {"clock$x", "clock$x"},
    {"lptx", "lptx"},
    {" con", " con"},
    {"c on", "c on"},
    {".con", ".con"},
    {".nul.txt", ".nul.txt"},
    {"kon", "kon"},
    {"\357\275\203\357\275\217\357\275\216", "\357\275\203\357\275\217\357\275\216"},
    /* No client and no server takes these apart: they are letters of a name. */
    {"%2e%2e/x", "%2e%2e\\x"},
    {"%2e%2e%2fx", "%2e%2e%2fx"},
    {"..%2fx", "..%2fx"},
    {"..%5cx", "..%5cx"},
    {"%2e%2e%5c%2e%2e%5cx", "%2e%2e%5c%2e%2e%5cx"},
    {"%252e%252e%252fx", "%252e%252e%252fx"},
    {"%c0%af", "%c0%af"},
    {"%00", "%00"},
    {"x%00.txt", "x%00.txt"},
    {"c%3a%5cx", "c%3a%5cx"},
    {"%u002e%u002e/x", "%u002e%u002e\\x"},
    {"%SystemRoot%\\win.ini", "%SystemRoot%\\win.ini"},
    {"%COMSPEC%", "%COMSPEC%"},
    {"$HOME/x", "$HOME\\x"},
    {"~/x", "~\\x"},
    {"~root/x", "~root\\x"},
    {"`id`", "`id`"},
    {"$(id)", "$(id)"},
    {"x;y", "x;y"},
    {"x&y", "x&y"},
    /* Signs that look like separators, dots and colons, and are none to NTFS. */
    {"\342\200\245/x", "\342\200\245\\x"},
    {"\342\200\246", "\342\200\246"},
    {"\357\274\217etc", "\357\274\217etc"},
    {"..\357\274\217x", "..\357\274\217x"},
    {"..\342\210\225x", "..\342\210\225x"},
    {"..\342\201\204x", "..\342\201\204x"},
    {"\357\274\216\357\274\216/x", "\357\274\216\357\274\216\\x"},
    {"c\357\274\232x", "c\357\274\232x"},
    {"a\302\245b", "a\302\245b"},
    {"a\342\202\251b", "a\342\202\251b"},
    {"a\302\240", "a\302\240"},
    {"x\302\240.y", "x\302\240.y"},
    /* Names of a server and of a pipe, as what they are to a service that opens below its own directory only. */
    {"//server/share/x", "server\\share\\x"},
    {"\\\\server\\x", "server\\x"},
    {"//localhost/C$/x", "localhost\\C$\\x"},
    {"\\Device\\Harddisk0\\x", "Device\\Harddisk0\\x"},
    {"\\SystemRoot\\x", "SystemRoot\\x"},
    {"$MFT", "$MFT"},
    {"c$", "c$"},
    /* Short names are judged by the long name behind them, see tests/e2e/names.sh. */
    {"PROGRA~1", "PROGRA~1"},
    {"a~1/b~2.txt", "a~1\\b~2.txt"},
    {"TFTPD~1.LOG", "TFTPD~1.LOG"},
    {"tftpd.log/x", "tftpd.log\\x"},
    {"tftpd.logs", "tftpd.logs"},
    {"tftpd.log1", "tftpd.log1"},
    {"tftpd.lo", "tftpd.lo"},
    {"xtftpd.log", "xtftpd.log"},
    {"tftpd.log-1", "tftpd.log-1"},
    {"tftpd log", "tftpd log"},
    {"~tftpd", "~tftpd"},
    {"~tftp-x.part", "~tftp-x.part"},
    {"x~tftpd-1.part", "x~tftpd-1.part"},
    {"tftpd-x.part", "tftpd-x.part"},
    /* What clients really ask for. */
    {"pxelinux.cfg/01-88-99-aa-bb-cc-dd", "pxelinux.cfg\\01-88-99-aa-bb-cc-dd"},
    {"Boot\\x64\\wdsnbp.com", "Boot\\x64\\wdsnbp.com"},
    {"\\Boot\\BCD", "Boot\\BCD"},
    {"router-confg", "router-confg"},
    {"SEP001122334455.cnf.xml", "SEP001122334455.cnf.xml"},
    {"switch1-config;1", "switch1-config;1"},
    {"a b/c d.txt", "a b\\c d.txt"},
    {"\303\244\303\266\303\274.bin", "\303\244\303\266\303\274.bin"},
    {"\360\237\230\200.png", "\360\237\230\200.png"},
    {"[a](b){c}'d'!e@f#g^h+i=j,k", "[a](b){c}'d'!e@f#g^h+i=j,k"},
};

/* -- what comes of them -- */

static struct config config;

static int set_up(void **state)
{
    struct config_problem problem;

    (void)state;
    config_defaults(&config);
    CHECK(config_set_typed(&config, config_find("Masters"), "*", &problem), "%s", problem.text);
    return 0;
}

static void judge(struct request *request, unsigned opcode, const char *name)
{
    static uint8_t bytes[WIRE_SIZE_MAX];
    struct endpoint from = endpoint_ipv4(10, 0, 0, 5, 2070);
    size_t size = wire_request(bytes, opcode, name, "octet", "");

    memset(request, 0xEE, sizeof *request);
    request_judge(request, &config, &from, guard_span(bytes, size));
}

/* Windows takes what begins so for a drive, though it may be the stream of a file with one letter. */
static bool has_drive(const char *name)
{
    name += strspn(name, "/\\.?");
    return ((*name >= 'A' && *name <= 'Z') || (*name >= 'a' && *name <= 'z')) && name[1] == ':';
}

static enum path_problem expected(enum path_problem problem, const char *name)
{
    return problem == PATH_FORBIDDEN_CHARACTER && has_drive(name) ? PATH_DRIVE : problem;
}

/* For reading and for writing: ERROR 1 where the name is nobody's business, otherwise ERROR 2, with words that fit. */
static void refused(const char *name, enum path_problem problem, const char *why)
{
    uint16_t code = problem == PATH_EMPTY || problem == PATH_FOLDER || problem == PATH_RESERVED ? 1 : 2;
    char *path = (char *)guard_room(PATH_TEXT_MAX);
    char shown[256];
    struct request request;

    path_printable(span_of_text(name), shown, sizeof shown);
    memset(path, 'x', PATH_TEXT_MAX);
    enum path_problem got = path_normalize(guard_text(name), path);
    CHECK(got == problem, "\"%s\" (%s): %s", shown, why, path_problem_text(got));
    CHECK(path[0] == 0, "\"%s\" (%s) left \"%s\"", shown, why, path);
    for (unsigned opcode = 1; opcode <= 2; opcode++) {
        judge(&request, opcode, name);
        CHECK(request.verdict == REQUEST_BAD_NAME && request.error_code == code, "\"%s\" (%s): verdict %d, ERROR %u",
              shown, why, (int)request.verdict, request.error_code);
        CHECK(strcmp(request.why, path_problem_text(problem)) == 0, "\"%s\" (%s): %s", shown, why, request.why);
        CHECK(request.path[0] == 0, "\"%s\" (%s) left \"%s\" in the request", shown, why, request.path);
    }
}

static void allowed(const char *name, const char *wanted)
{
    char *path = (char *)guard_room(PATH_TEXT_MAX);
    struct request request;

    enum path_problem got = path_normalize(guard_text(name), path);
    CHECK(got == PATH_OK, "\"%s\": %s", name, path_problem_text(got));
    CHECK(strcmp(path, wanted) == 0, "\"%s\" became \"%s\"", name, path);
    for (unsigned opcode = 1; opcode <= 2; opcode++) {
        judge(&request, opcode, name);
        CHECK(request.verdict == REQUEST_OK && strcmp(request.path, wanted) == 0, "\"%s\": %s", name,
              request.why ? request.why : "another path");
    }
}

static void test_hostile(void **state)
{
    unsigned count = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(families); i++)
        for (const char *const *name = families[i].names; *name != NULL; name++, count++)
            refused(*name, expected(families[i].problem, *name), families[i].why);
    CHECK(count >= HOSTILE_MIN, "only %u names", count);
}

static void test_harmless(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(harmless); i++)
        allowed(harmless[i].name, harmless[i].path);
    CHECK(COUNT_OF(harmless) >= HARMLESS_MIN, "only %u names", (unsigned)COUNT_OF(harmless));
}

/* A name twice would make the tables look longer than they are. */
static void test_no_name_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(families); i++)
        for (const char *const *name = families[i].names; *name != NULL; name++)
            for (size_t k = i; k < COUNT_OF(families); k++)
                for (const char *const *other = families[k].names; *other != NULL; other++)
                    CHECK(other == name || strcmp(*other, *name) != 0, "\"%s\" is there twice", *name);
}

/* "\\\\.\\" means devices only at the beginning; behind it anything is one. */
static void test_device_space(void **state)
{
    static const char *const names[] = {"\\\\.\\pipe\\x", "//./PhysicalDrive0", "\\/.\\GLOBALROOT\\x",
                                        "\\\\.\\unix\\etc\\passwd"};
    char path[PATH_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        CHECK(path_normalize(guard_text(names[i]), path) == PATH_DEVICE, "%s", names[i]);
}

/* Two backslashes and three components are a file on another server; it is so only at the beginning. */
static void test_server(void **state)
{
    static const char *const names[] = {"\\\\server\\share\\x", "\\\\10.0.0.1\\C$\\boot.ini",
                                        "\\\\localhost\\admin$\\x", "\\\\fe80--1.ipv6-literal.net\\share\\a\\b"};
    char path[PATH_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        CHECK(path_normalize(guard_text(names[i]), path) == PATH_SERVER, "%s", names[i]);
}

/* What stands in front of a hostile part, or behind it as another component, makes no difference. */
static void test_hostile_anywhere(void **state)
{
    static const char *const befores[] = {"", "/", "\\\\", "./", "boot/", "boot\\x64\\", "a b/\303\244\\"};
    static const char *const behinds[] = {"", "/x", "\\x", "//", "/./x"};
    char name[WIRE_SIZE_MAX], path[PATH_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(families); i++) {
        enum path_problem problem = families[i].problem;
        if (problem == PATH_EMPTY || problem == PATH_FOLDER || problem == PATH_RESERVED)
            continue; /* these depend on the place */
        for (const char *const *one = families[i].names; *one != NULL; one++)
            for (size_t k = 0; k < COUNT_OF(befores) * COUNT_OF(behinds); k++) {
                int size = snprintf(name, sizeof name, "%s%s%s", befores[k % COUNT_OF(befores)], *one,
                                    behinds[k / COUNT_OF(befores)]);
                enum path_problem got = path_normalize(guard_span(name, (size_t)size), path);
                CHECK(got == expected(problem, name), "\"%s\" (%s): %s", name, families[i].why, path_problem_text(got));
            }
    }
}

/* -- lengths: NTFS has 255 UTF-16 units a component, the service PATH_TEXT_MAX bytes in all -- */

/* name becomes before, count times piece, behind. */
static const char *repeated(const char *before, const char *piece, unsigned count, const char *behind)
{
    static char name[WIRE_SIZE_MAX];

    strcpy(name, before);
    for (unsigned i = 0; i < count; i++)
        strcat(name, piece);
    return strcat(name, behind);
}

static void test_lengths(void **state)
{
    static const struct {
        const char *piece;
        unsigned fits; /* so many of it are 255 units, or the last even number below */
    } pieces[] = {{"x", 255}, {"\303\244", 255}, {"\342\202\254", 170}, {"\360\237\230\200", 127}};
    static const char *const befores[] = {"", "/", "\\", "./"};
    char *path = (char *)guard_room(PATH_TEXT_MAX);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        const char *fits = repeated("", pieces[i].piece, pieces[i].fits, "");
        CHECK(path_normalize(guard_text(fits), path) == PATH_OK && strcmp(path, fits) == 0, "row %u", (unsigned)i);
    }
    for (size_t i = 0; i < COUNT_OF(befores); i++) {
        refused(repeated(befores[i], "x", 256, ""), PATH_COMPONENT_TOO_LONG, "256 units");
        refused(repeated(befores[i], "x", 256, "/y"), PATH_COMPONENT_TOO_LONG, "256 units, and a file in it");
        refused(repeated(befores[i], "x", 252, ".txt"), PATH_COMPONENT_TOO_LONG, "256 units with the extension");
        refused(repeated(befores[i], "x", 500, ""), PATH_COMPONENT_TOO_LONG, "a component of almost all");
        refused(repeated(befores[i], "x", PATH_TEXT_MAX, ""), PATH_TOO_LONG, "more than a path may have");
        refused(repeated(befores[i], "a/", PATH_TEXT_MAX / 2, "b"), PATH_TOO_LONG, "many short components");
        refused(repeated(befores[i], "../", PATH_TEXT_MAX / 3, "b"), i == 0 ? PATH_PARENT : PATH_TOO_LONG,
                "both wrongs");
        refused(repeated(befores[i], "./", PATH_TEXT_MAX / 2, "b"), PATH_TOO_LONG, "judged before \".\" drops");
    }
    refused(repeated("y", "\360\237\230\200", 127, "z"), PATH_COMPONENT_TOO_LONG, "a pair of surrogates is two units");
    refused(repeated("a/", "\303\244", 255, ""), PATH_TOO_LONG, "bytes count, not letters");
    refused(repeated("", "/", PATH_TEXT_MAX, "x"), PATH_TOO_LONG, "separators count too");
    allowed(repeated("", "/", PATH_TEXT_MAX - 2, "x"), "x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_hostile, set_up), cmocka_unit_test_setup(test_harmless, set_up),
        cmocka_unit_test(test_no_name_twice),         cmocka_unit_test(test_hostile_anywhere),
        cmocka_unit_test(test_device_space),          cmocka_unit_test(test_server),
        cmocka_unit_test_setup(test_lengths, set_up),
    };

    return cmocka_run_group_tests_name("hostile names", tests, NULL, NULL);
}
