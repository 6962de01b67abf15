/* The audit's judgements, from made-up facts. Its eyes have a test of their own, test_check_eyes. */
#include "files.h"

#include "service/check/check_report.h"

#include <stdio.h>
#include <stdlib.h>

static struct facts facts;
static struct check_report report;

static void set(const char *name, const char *value)
{
    struct config_problem problem;

    CHECK(config_set_typed(&facts.config, config_find(name), value, &problem), "%s", problem.text);
}

/* An installation with which nothing is wrong. */
static int make_good(void **state)
{
    (void)state;
    memset(&facts, 0, sizeof facts);
    facts.name = "tftpd";
    facts.own_program = "C:\\new\\tftpd.exe";
    facts_image_read(&facts.service.image, "\"C:\\Program Files\\tftpd\\tftpd.exe\" -f");
    strcpy(facts.service.account, "NT AUTHORITY\\LocalService");
    strcpy(facts.service.version, TFTPD_VERSION);
    facts.service.start_type = SERVICE_AUTO_START;
    facts.service.state = SERVICE_RUNNING;
    facts.service.process = 500;
    config_defaults(&facts.config);
    facts.policy_acl.error = ERROR_FILE_NOT_FOUND;
    facts.directory.is_directory = true;
    strcpy(facts.directory.path, "D:\\tftproot");
    facts.directory.drive_type = DRIVE_FIXED;
    facts.directory.place_count = 1;
    facts.directory.places[0].name = "%SystemRoot%";
    strcpy(facts.directory.places[0].path, "C:\\Windows");
    facts.tree.entries = 7;
    facts.tree.has_log = true;
    facts.ports.count = 1;
    facts.ports.ports[0] = (struct facts_port){.port = 69, .process = 500, .program = "tftpd.exe", .service = "tftpd"};
    facts.firewall.rules[FACTS_RULE_ALLOWS].profiles = FACTS_PROFILES;
    strcpy(facts.firewall.rules[FACTS_RULE_ALLOWS].first.name, "our rule");
    facts.fast_send_bytes = 1500;
    facts.windows_major = 10;
    return 0;
}

static void judge(void)
{
    memset(&report, 0, sizeof report);
    check_judge(&facts, &report);
}

/* The check has a line in this state that says this and mends so; nothing else is worse than OK. */
static void assert_only(const char *check, enum check_state state, const char *meaning, const char *mend)
{
    bool is_found = false;

    judge();
    for (size_t i = 0; i < report.count; i++) {
        const struct check_line *line = &report.lines[i];
        bool is_it = strcmp(line->check, check) == 0;
        CHECK(is_it || line->state == CHECK_OK, "%s: %s", line->check, line->meaning);
        is_found = is_found || (is_it && line->state == state && strstr(line->meaning, meaning) != NULL &&
                                strstr(line->mend, mend) != NULL);
        CHECK(line->state == CHECK_OK || line->mend[0] != 0, "%s has nothing to mend it: %s", line->check,
              line->meaning);
    }
    if (!is_found)
        print_message("%s", check_report_text(&report));
    CHECK(is_found, "no line of %s has \"%s\" and \"%s\"", check, meaning, mend);
    assert_int_equal(report.worst, state);
}

/* While boot requests are not heard, and other servers are not asked. */
static bool has_nothing_to_say(const char *check)
{
    static const char *const silent[] = {"boot files", "boot ports", "boot firewall", "other servers"};

    for (size_t i = 0; i < COUNT_OF(silent); i++)
        if (strcmp(silent[i], check) == 0)
            return true;
    return false;
}

static void nothing_is_wrong(void **state)
{
    size_t lines = 0;

    (void)state;
    judge();
    assert_int_equal(report.worst, CHECK_OK);
    for (size_t i = 0; i < report.count; i++) {
        assert_string_equal(report.lines[i].mend, "");
        if (report.lines[i].is_quiet)
            continue;
        while (lines < check_count && has_nothing_to_say(checks[lines].name))
            lines++;
        assert_true(lines < check_count);
        assert_string_equal(report.lines[i].check, checks[lines++].name);
    }
    assert_int_equal(lines, check_count);
}

static void service_missing_or_hidden(void **state)
{
    facts.service.error = ERROR_SERVICE_DOES_NOT_EXIST;
    facts.ports.count = 0;
    assert_only("service", CHECK_FAIL, "no service tftpd is installed",
                "sc create tftpd binPath= \"\\\"C:\\new\\tftpd.exe\\\"\" start= auto");
    make_good(state);
    facts.service.error = ERROR_ACCESS_DENIED;
    facts.service.state = 0;
    facts.ports.count = 0;
    assert_only("service", CHECK_WARN, "does not say whether", "as an administrator");
}

static void program(void **state)
{
    facts_image_read(&facts.service.image, "C:\\Program Files\\tftpd\\tftpd.exe -f");
    assert_only("program path", CHECK_FAIL, "no quotation marks",
                "sc config tftpd binPath= \"\\\"C:\\Program Files\\tftpd\\tftpd.exe\\\" -f\"");
    make_good(state);
    facts_image_read(&facts.service.image, "C:\\tftpd\\tftpd.exe -dC:\\boot images");
    judge();
    assert_int_equal(report.worst, CHECK_OK); /* the program's path has no space */
    facts.program_acl.error = ERROR_FILE_NOT_FOUND;
    assert_only("program file", CHECK_FAIL, "is not there", "binPath=");
    make_good(state);
    facts.program_acl.error = ERROR_ACCESS_DENIED;
    assert_only("program file", CHECK_WARN, "cannot be seen", "icacls");
    make_good(state);
    facts.program_acl =
        (struct facts_acl){.lets_write = true, .who = "Users", .sids = "*S-1-5-32-545", .right = "write"};
    assert_only("program file", CHECK_FAIL, "Users may write", "/remove:g *S-1-5-32-545");
    make_good(state);
    facts.program_above = (struct facts_above){
        .acl = {.lets_write = true, .who = "Users", .sids = "*S-1-5-32-545", .right = "delete what is in it"},
        .path = "C:\\tftpd"};
    assert_only("program file", CHECK_FAIL,
                "Users may delete what is in it in C:\\tftpd, and so put another program in its place",
                "icacls \"C:\\tftpd\" /inheritance:d && icacls \"C:\\tftpd\" /remove:g *S-1-5-32-545");
    make_good(state);
    strcpy(facts.program_acl.owner, "PC\\mallory");
    assert_only("program file", CHECK_WARN, "tftpd.exe belongs to PC\\mallory, who may give himself any right",
                "tftpd.exe\" /setowner *S-1-5-32-544");
    make_good(state);
    facts.program_above = (struct facts_above){.acl = {.owner = "PC\\mallory"}, .path = "C:\\tftpd"};
    assert_only("program file", CHECK_WARN, "C:\\tftpd belongs to PC\\mallory", "icacls \"C:\\tftpd\" /setowner");
    make_good(state);
    strcpy(facts.service.version, "0.0.1");
    assert_only("version", CHECK_WARN, "is version 0.0.1",
                "net stop tftpd & ren \"C:\\Program Files\\tftpd\\tftpd.exe\" tftpd-0.0.1.exe && "
                "copy \"C:\\new\\tftpd.exe\" \"C:\\Program Files\\tftpd\\tftpd.exe\" & net start tftpd");
    facts.service.version[0] = 0;
    assert_only("version", CHECK_WARN, "does not tell", "sc qc tftpd");
}

static void start_and_state(void **state)
{
    facts.service.start_type = SERVICE_DEMAND_START;
    assert_only("start type", CHECK_WARN, "by hand", "sc config tftpd start= auto");
    facts.service.start_type = SERVICE_DISABLED;
    assert_only("start type", CHECK_WARN, "disabled", "sc config tftpd start= auto");
    make_good(state);
    facts.ports.count = 0;
    facts.service.process = 0;
    facts.service.state = SERVICE_STOPPED;
    assert_only("state", CHECK_WARN, "stopped", "sc start tftpd");
    facts.service.exit_code = ERROR_SERVICE_SPECIFIC_ERROR;
    facts.service.specific_exit_code = 12;
    assert_only("state", CHECK_FAIL, "exit code 12", "sc start tftpd");
    facts.service.exit_code = ERROR_ACCESS_DENIED;
    assert_only("state", CHECK_FAIL, "(5)", "sc start tftpd");
    make_good(state);
    facts.service.state = SERVICE_PAUSED;
    assert_only("state", CHECK_WARN, "paused", "sc continue tftpd");
    facts.service.state = SERVICE_STOP_PENDING;
    assert_only("state", CHECK_WARN, "look again", "sc query tftpd");
    make_good(state);
    facts.service.status_error = ERROR_ACCESS_DENIED;
    assert_only("state", CHECK_WARN, "cannot be seen", "sc query tftpd");
}

static void account(void **state)
{
    static const char *const few[] = {"NT AUTHORITY\\LocalService", "NT Authority\\Local Service",
                                      "NT AUTHORITY\\NETWORK SERVICE", "NT SERVICE\\tftpd"};
    static const char *const many[] = {"LocalSystem", "NT AUTHORITY\\SYSTEM", ".\\LocalSystem", ".\\admin", ""};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(few); i++) {
        strcpy(facts.service.account, few[i]);
        judge();
        assert_int_equal(report.worst, CHECK_OK);
    }
    for (size_t i = 0; i < COUNT_OF(many); i++) {
        strcpy(facts.service.account, many[i]);
        assert_only("account", CHECK_WARN, many[i][0] == '.' && many[i][2] == 'a' ? "cannot be seen" : "LocalSystem",
                    "sc config tftpd obj= \"NT AUTHORITY\\LocalService\"");
    }
}

static void parameters(void **state)
{
    facts.parameters.problem_count = 1;
    facts.parameters.problems[0] = (struct facts_problem){
        .source = CONFIG_FROM_PARAMETERS, .name = "Writeable", .text = "Writable is refused: why"};
    assert_only("parameters", CHECK_FAIL, "Writable is refused: why; after the next start it is \"*\"",
                "Services\\tftpd\\Parameters\" /v \"Writeable\" /f");
    facts.parameters.problems[0] =
        (struct facts_problem){.source = CONFIG_FROM_PARAMETERS, .name = "Access", .text = "Access is refused"};
    assert_only("parameters", CHECK_FAIL, "nothing at all is admitted", "/v \"Access\" /f");
    facts.parameters.problems[0] =
        (struct facts_problem){.is_unknown = true, .source = CONFIG_FROM_PARAMETERS, .name = "Prot"};
    assert_only("parameters", CHECK_WARN, "Prot: there is no such parameter", "/v \"Prot\" /f");
    facts.parameters.problems[0].source = CONFIG_FROM_POLICY;
    assert_only("parameters", CHECK_WARN, "the policy Prot: there is no such parameter",
                "reg delete \"HKLM\\SOFTWARE\\Policies\\tftpd\" /v \"Prot\" /f");
    /* A refused policy over a parameter that is there: that counts. */
    set("Access", "allow:/boot");
    facts.parameters.problems[0] =
        (struct facts_problem){.source = CONFIG_FROM_POLICY, .name = "Access", .text = "Access is refused"};
    assert_only("parameters", CHECK_FAIL, "the policy Access is refused; after the next start it is \"allow:/boot\"",
                "Policies\\tftpd\" /v \"Access\" /f");
    make_good(state);
    strcpy(facts.parameters.arguments, "-x is not understood");
    assert_only("parameters", CHECK_FAIL, "-x is not understood", "sc config tftpd binPath=");
}

static void policy_key(void **state)
{
    facts.policy_acl.error = ERROR_ACCESS_DENIED;
    assert_only("policy key", CHECK_WARN, "cannot be seen", "as an administrator");
    facts.policy_acl = (struct facts_acl){.lets_write = true, .who = "Users", .right = "set values"};
    assert_only("policy key", CHECK_FAIL, "Users may set values in HKLM\\SOFTWARE\\Policies\\tftpd",
                "reg delete \"HKLM\\SOFTWARE\\Policies\\tftpd\" /f & gpupdate");
    make_good(state);
    facts.policy_acl.error = 0;
    judge();
    assert_int_equal(report.worst, CHECK_OK);
}

/* What a policy sets is mended where it is set, and the lines say where each value comes from. */
static void values_and_their_sources(void **state)
{
    (void)state;
    set("Masters", "*");
    set("Writable", "up/*");
    config_set_source(&facts.config, config_find("Masters"), CONFIG_FROM_POLICY);
    config_set_source(&facts.config, config_find("Writable"), CONFIG_FROM_PARAMETERS);
    assert_only("Masters", CHECK_FAIL, "\"*\" (policy) means every IPv4 address",
                "reg add \"HKLM\\SOFTWARE\\Policies\\tftpd\" /v Masters /t REG_SZ /d \"\" /f");
    char *text = check_report_text(&report), *json = check_report_json(&report);
    assert_non_null(strstr(text, "Masters = \"*\" (policy)\n"));
    assert_non_null(strstr(text, "Writable = \"up/*\" (Parameters)\n"));
    assert_null(strstr(text, "Readable = "));
    assert_non_null(strstr(text, "the other "));
    assert_non_null(strstr(json, "\"parameter\": \"Masters\",\n    \"value\": \"*\",\n    \"source\": \"policy\""));
    assert_non_null(strstr(json, "\"parameter\": \"Readable\",\n    \"value\": \"*\",\n    \"source\": \"default\""));
    free(text);
    free(json);
}

static void rules_that_match_nothing(void **state)
{
    (void)state;
    config_set_text(&facts.config, config_find("Readable"), "boot\\*, *.cfg", &(struct config_problem){""});
    assert_only("rules", CHECK_WARN, "Readable: \"boot\\*, *.cfg\" is one pattern",
                "\"C:\\new\\tftpd.exe\" -? Readable");
    config_set_text(&facts.config, config_find("Readable"), "*", &(struct config_problem){""});
    set("Clients", "10.1.2;10.1.3.*");
    assert_only("rules", CHECK_WARN, "Clients: no address matches \"10.1.2\"; 10.1.2.* is", "-? Clients");
    set("Clients", "*");
    set("Access", "allow:/boot/*");
    assert_only("rules", CHECK_WARN, "Access: \"allow:/boot/*\" is no pattern", "-? Access");
}

/* However much there is to say, there is room for it. */
static void has_room_for_every_line(void **state)
{
    (void)state;
    facts.parameters.problem_count = FACTS_PROBLEMS_MAX;
    for (size_t i = 0; i < FACTS_PROBLEMS_MAX; i++)
        facts.parameters.problems[i] =
            (struct facts_problem){.is_unknown = true, .source = CONFIG_FROM_POLICY, .name = "x"};
    for (size_t i = 0; i < config_parameter_count; i++)
        config_set_source(&facts.config, &config_parameters[i], CONFIG_FROM_POLICY);
    set("Clients", "1;2;3;4;5;6;7;8;9;1.2;1.3;1.4");
    set("Masters", "1;2;3;4;5;6;7;8;9;1.2;1.3;1.4");
    judge();
    assert_in_range(report.count, FACTS_PROBLEMS_MAX + config_parameter_count + check_count - 1, CHECK_LINES_MAX - 1);
    assert_string_equal(report.lines[report.count - 1].check, "Windows");
}

/* Whoever may not read the parameters is told so, and no default is praised in their stead. */
static void parameters_hidden(void **state)
{
    (void)state;
    strcpy(facts.parameters.reason, "cannot be read");
    set("Masters", "*");
    judge();
    assert_int_equal(report.worst, CHECK_WARN);
    for (size_t i = 0; i < check_count; i++) {
        bool is_blind = checks[i].need >= CHECK_NEEDS_PARAMETERS || strcmp(checks[i].name, "parameters") == 0;
        assert_int_equal(report.lines[i].state, is_blind ? CHECK_WARN : CHECK_OK);
        assert_true(!is_blind || strstr(report.lines[i].mend, "as an administrator") != NULL);
    }
}

static void masters_for_the_world(void **state)
{
    static const char *const open[] = {"*",
                                       "*.*",
                                       "*.*.*.*",
                                       "0.0.0.0/0",
                                       "::/0",
                                       "0.0.0.0/1;128.0.0.0/1",
                                       "10.0.0.1;?*",
                                       "*:*",
                                       "::ffff:0:0/96",
                                       "0*;1*;2*;3*;4*;5*;6*;7*;8*;9*"};
    static const char *const closed[] = {"10.0.0.0/8", "157.55.8?.*", "fd00::/8",     "10.0.0.1;10.0.0.2",
                                         "1*",         "0.0.0.0/1",   "2001:db8::/32"};

    (void)state;
    set("Writable", "up/*");
    for (size_t i = 0; i < COUNT_OF(open); i++) {
        set("Masters", open[i]);
        assert_only(
            "Masters", CHECK_FAIL, "MS06-077",
            "reg add \"HKLM\\SYSTEM\\CurrentControlSet\\Services\\tftpd\\Parameters\" /v Masters /t REG_SZ /d \"\" /f");
    }
    for (size_t i = 0; i < COUNT_OF(closed); i++) {
        set("Masters", closed[i]);
        judge();
        CHECK(report.worst == CHECK_OK, "%s", closed[i]);
    }
    set("Masters", "10.0.0.0/8");
    for (const char *const *all = (const char *const[]){"up/*;/*", "*", "*.*", "up/*;?*", NULL}; *all != NULL; all++) {
        set("Writable", *all);
        assert_only("Writable", CHECK_WARN, "any free name", "/v Writable");
    }
}

static void directory(void **state)
{
    facts.directory.error = ERROR_FILE_NOT_FOUND;
    assert_only("start directory", CHECK_FAIL, "cannot be opened", "mkdir \"%SystemDrive%\\tftpdroot\"");
    facts.directory.error = ERROR_ACCESS_DENIED;
    assert_only("start directory", CHECK_WARN, "cannot be looked at", "as an administrator");
    make_good(state);
    facts.directory.is_directory = false;
    assert_only("start directory", CHECK_FAIL, "is a file", "/v Directory");
}

static const struct facts_acl open_acl = {
    .lets_write = true, .who = "Everyone, Users", .sids = "*S-1-1-0 *S-1-5-32-545", .right = "delete"};

static void owners(void **state)
{
    strcpy(facts.directory.acl.owner, "PC\\mallory");
    assert_only("its permissions", CHECK_WARN, "D:\\tftproot belongs to PC\\mallory, who may give himself any right",
                "icacls \"D:\\tftproot\" /setowner *S-1-5-32-544");
    make_good(state);
    facts.directory_above = (struct facts_above){.acl = open_acl, .path = "D:\\"};
    assert_only("its permissions", CHECK_FAIL,
                "Everyone, Users may delete in D:\\, and so put another folder in its place",
                "icacls \"D:\\\\\" /inheritance:d");
    make_good(state);
    facts.tree.owned = 3;
    strcpy(facts.tree.owned_first, "D:\\tftproot\\boot");
    strcpy(facts.tree.owner, "PC\\mallory");
    assert_only("files in it", CHECK_WARN, "belong to others, the first is D:\\tftproot\\boot of PC\\mallory",
                "icacls \"D:\\tftproot\\*\" /setowner *S-1-5-32-544 /T /C /L");
}

static void permissions(void **state)
{
    facts.directory.acl = open_acl;
    assert_only("its permissions", CHECK_FAIL, "Everyone, Users may delete in D:\\tftproot",
                "icacls \"D:\\tftproot\" /inheritance:d && icacls \"D:\\tftproot\" /remove:g *S-1-1-0 *S-1-5-32-545 && "
                "icacls \"D:\\tftproot\" /grant \"*S-1-5-19:(OI)(CI)RX\"");
    facts.parameters.wants_log_file = true;
    strcpy(facts.service.account, "NT SERVICE\\tftpd");
    assert_only("its permissions", CHECK_FAIL, "Everyone", "/grant \"NT SERVICE\\tftpd:(OI)(CI)M\"");
    make_good(state);
    facts.directory.acl.error = ERROR_ACCESS_DENIED;
    assert_only("its permissions", CHECK_WARN, "cannot be seen", "icacls \"D:\\tftproot\"");
}

static void files_and_links(void **state)
{
    facts.tree.writable = 2;
    facts.tree.writable_acl = open_acl;
    strcpy(facts.tree.writable_first, "D:\\tftproot\\boot.img");
    assert_only("files in it", CHECK_FAIL,
                "2 of 7 files and folders may be changed by others; Everyone, Users may delete "
                "D:\\tftproot\\boot.img",
                "icacls \"D:\\tftproot\\*\" /reset /T /C");
    make_good(state);
    facts.tree.unreadable = 2;
    strcpy(facts.tree.unreadable_first, "D:\\tftproot\\moved.img");
    assert_only("files in it", CHECK_FAIL,
                "2 of 7 may not be read by the service's account NT AUTHORITY\\LocalService, the first is "
                "D:\\tftproot\\moved.img; a file that was moved keeps the rights",
                "icacls \"D:\\tftproot\\*\" /reset /T /C");
    facts.reader.may_have_groups = true;
    assert_only("files in it", CHECK_WARN, ", unless a group of its own lets it, the first is", "/reset /T /C");
    make_good(state);
    facts.directory.acl.shuts_out = true;
    assert_only("its permissions", CHECK_FAIL, "account NT AUTHORITY\\LocalService may not read it",
                "icacls \"D:\\tftproot\" /grant \"*S-1-5-19:(OI)(CI)RX\"");
    facts.reader.may_have_groups = true;
    assert_only("its permissions", CHECK_WARN, "may not read it, unless a group of its own lets it", "/grant");
    make_good(state);
    facts.tree.unseen = 3;
    strcpy(facts.tree.unseen_first, "D:\\tftproot\\hidden");
    assert_only("files in it", CHECK_WARN, "3 of them could not be looked at", "as an administrator");
    make_good(state);
    facts.tree.is_stopped = true;
    assert_only("files in it", CHECK_WARN, "the others were not looked at", "icacls");
    make_good(state);
    facts.tree.leaving = 1;
    facts.tree.leaving_is_link = true;
    strcpy(facts.tree.leaving_first, "D:\\tftproot\\out");
    strcpy(facts.tree.leaving_target, "C:\\secret");
    assert_only("links in it", CHECK_WARN, "D:\\tftproot\\out, which leads to C:\\secret", "del \"D:\\tftproot\\out\"");
    facts.tree.leaving_is_directory = true;
    assert_only("links in it", CHECK_WARN, "C:\\secret", "rmdir \"D:\\tftproot\\out\"");
    /* What only behaves like a link is not to be deleted, for what it leads to would be. */
    facts.tree.leaving_is_link = false;
    assert_only("links in it", CHECK_WARN, "C:\\secret", "dir /al /s \"D:\\tftproot\"");
}

static void uploads_and_log(void **state)
{
    facts.tree.uploading = 5;
    judge();
    assert_int_equal(report.worst, CHECK_OK);
    facts.tree.unfinished = 1;
    strcpy(facts.tree.unfinished_first, "D:\\tftproot\\~tftpd-1.part");
    assert_only("unfinished uploads", CHECK_WARN, "~tftpd-1.part", "net stop tftpd & net start tftpd");
    make_good(state);
    facts.tree.log_acl = open_acl;
    assert_only("log file", CHECK_WARN, "proves nothing", "icacls \"D:\\tftproot\\tftpd.log\"");
    make_good(state);
    facts.tree.has_log = false;
    assert_only("log file", CHECK_OK, "the event log has everything", "");
    facts.parameters.wants_log_file = true;
    assert_only("log file", CHECK_WARN, "-f asks for it", "net stop tftpd & net start tftpd");
}

static void port(void **state)
{
    facts.ports.ports[0] = (struct facts_port){.port = 69, .process = 7, .program = "x.exe"};
    assert_only("port", CHECK_FAIL, "held by x.exe (process 7), which may take", "taskkill /pid 7 /f");
    strcpy(facts.ports.ports[0].service, "WDSServer");
    assert_only("port", CHECK_FAIL, "service WDSServer", "sc stop WDSServer & sc config WDSServer start= disabled");
    facts.ports.ports[0] = (struct facts_port){.port = 69};
    assert_only("port", CHECK_WARN, "it should be the service", "netstat");
    facts.service.state = SERVICE_STOP_PENDING;
    facts.service.process = 0;
    judge();
    assert_int_equal(report.worst, CHECK_FAIL); /* nobody's process is not the process of nobody */
    make_good(state);
    facts.ports.count = 0;
    assert_only("port", CHECK_WARN, "nobody listens", "net stop tftpd & net start tftpd");
    facts.ports.error = ERROR_ACCESS_DENIED;
    assert_only("port", CHECK_WARN, "cannot be seen", "netstat");
    make_good(state);
    facts.ports.count = 2;
    facts.ports.ports[1] = (struct facts_port){.port = 69, .process = 8, .program = "y.exe"};
    assert_only("port", CHECK_FAIL, "y.exe (process 8)", "taskkill /pid 8 /f");
}

static void port_range(void **state)
{
    (void)state;
    set("PortRange", "50000-50001");
    facts.ports.count = 2;
    facts.ports.ports[1] = (struct facts_port){.port = 50001, .process = 500};
    judge();
    assert_int_equal(report.worst, CHECK_OK); /* our own */
    facts.ports.ports[1].process = 8;
    assert_only("port range", CHECK_WARN, "1 of the UDP ports 50000-50001 are held by others", "taskkill /pid 8 /f");
    facts.ports.count = 3;
    facts.ports.ports[2] = (struct facts_port){.port = 50000, .process = 8};
    assert_only("port range", CHECK_FAIL, "2 of the UDP ports", "taskkill /pid 8 /f");
    set("SinglePort", "1");
    judge();
    assert_int_equal(report.worst, CHECK_OK);
}

static void windows(void **state)
{
    (void)state;
    facts.windows_major = 6;
    assert_only("Windows", CHECK_WARN, "no security updates", "winver");
}

static void reports_as_lines_and_as_json(void **state)
{
    char last[16];

    (void)state;
    memset(&report, 0, sizeof report);
    report.check = "one";
    check_say(&report, CHECK_FAIL, "it is %s", "\xe2\x80\xae");
    check_mend(&report, "del %s", "\xe2\x80\xae");
    assert_string_equal(report.lines[0].meaning, "it is ???");
    assert_string_equal(report.lines[0].mend, "del ???");
    report.count = 0;
    check_say(&report, CHECK_FAIL, "it is %s", "\"bad\"");
    check_mend(&report, "mend %u", 1u);
    report.check = "two";
    check_say(&report, CHECK_OK, "fine");
    char *text = check_report_text(&report), *json = check_report_json(&report);
    assert_string_equal(text, "FAIL  one - it is \"bad\" - mend 1\nOK    two - fine\n");
    assert_non_null(
        strstr(json, "\"state\": \"FAIL\",\n    \"meaning\": \"it is \\\"bad\\\"\",\n    \"mend\": \"mend 1\""));
    assert_non_null(strstr(json, "\"mend\": null"));
    free(text);
    free(json);
    /* What does not fit any more still counts. */
    memset(&report, 0, sizeof report);
    for (unsigned i = 0; i <= CHECK_LINES_MAX; i++)
        check_say(&report, i == CHECK_LINES_MAX ? CHECK_FAIL : CHECK_OK, "line %u", i);
    assert_int_equal(report.worst, CHECK_FAIL);
    snprintf(last, sizeof last, "line %u", CHECK_LINES_MAX);
    assert_string_equal(report.lines[CHECK_LINES_MAX - 1].meaning, last);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_is_wrong, make_good),
        cmocka_unit_test_setup(service_missing_or_hidden, make_good),
        cmocka_unit_test_setup(program, make_good),
        cmocka_unit_test_setup(start_and_state, make_good),
        cmocka_unit_test_setup(account, make_good),
        cmocka_unit_test_setup(parameters, make_good),
        cmocka_unit_test_setup(parameters_hidden, make_good),
        cmocka_unit_test_setup(policy_key, make_good),
        cmocka_unit_test_setup(values_and_their_sources, make_good),
        cmocka_unit_test_setup(rules_that_match_nothing, make_good),
        cmocka_unit_test_setup(has_room_for_every_line, make_good),
        cmocka_unit_test_setup(masters_for_the_world, make_good),
        cmocka_unit_test_setup(directory, make_good),
        cmocka_unit_test_setup(owners, make_good),
        cmocka_unit_test_setup(permissions, make_good),
        cmocka_unit_test_setup(files_and_links, make_good),
        cmocka_unit_test_setup(uploads_and_log, make_good),
        cmocka_unit_test_setup(port, make_good),
        cmocka_unit_test_setup(port_range, make_good),
        cmocka_unit_test_setup(windows, make_good),
        cmocka_unit_test(reports_as_lines_and_as_json),
    };

    return cmocka_run_group_tests_name("check", tests, NULL, NULL) != 0;
}
