/* Decisions in words say what was decided and show what is sent, whatever the rules and the machines (PXE.md 6.1 rule 23). */
#include "unit.h"

#include "boot_scene.h"
#include "core/base/utf8.h"
#include "core/boot/boot.h"
#include "core/boot/boot_explain.h"
#include "guard.h"

#include <stdio.h>

static struct boot_problem problem;
static char text[BOOT_EXPLAIN_TEXT_MAX];
static uint64_t seed;

static const uint8_t our_duid[] = {0, 4, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9};

static enum boot_file_state look(void *context, const char *file, const struct endpoint *client)
{
    (void)context;
    (void)client;
    return file[0] == '!' ? BOOT_FILE_ABSENT : file_state;
}

static int set_up(void **state)
{
    scene_set_up(state);
    rules.is_bootp_on = true;
    question.files = (struct boot_files){look, NULL};
    question.arrival.server_duid = span_of(our_duid, sizeof our_duid);
    return 0;
}

static void explain(struct span datagram)
{
    question.datagram = datagram;
    boot_decide(&question, &decision);
    boot_explain(&question, &decision, text, sizeof text);
}

/* -- random rules, random packets: what is told is what was decided --------------------------------------------------- */

#define PICK(array) ((array)[random_below(&seed, COUNT_OF(array))])

static void random_rules(void)
{
    static const char *const lines[] = {"x64 = x64.efi",
                                        "any = any.0 on 10.88.0.0/16",
                                        "ia32,arm64 = a.efi style binl option 209=x option 210=y",
                                        "bios = !missing",
                                        "x64 = menu.efi style menu option 66=t",
                                        "ipxe = http://a/b.ipxe",
                                        "ipxe = s.ipxe server 10.0.0.9",
                                        "x64-http = http://a/x.efi",
                                        "rpi = bootcode.bin",
                                        "any = local",
                                        "any = ignore on 10.88.0.0/16",
                                        "x64 = wait",
                                        "0 = n.0 option 252=b option 211=9"};
    static const char *const hosts[] = {"525400* = answer",
                                        "52:54:00:12:34:56 = once o.efi",
                                        "52:54:00:12:34:56 x64 = h.efi style menu",
                                        "4c4c4544-0042-3510-8052-b4c04f4e3332 = ignore",
                                        "4c4c4544-0042-3510-8052-b4c04f4e3332 = wait",
                                        "525400* = local on 10.88.0.0/16",
                                        "525400* = shared"};

    set_up(NULL);
    for (unsigned i = 1 + random_below(&seed, 6); i > 0; i--)
        scene_add(BOOT_LIST_RULES, PICK(lines));
    for (unsigned i = random_below(&seed, 2); i > 0; i--)
        scene_add(BOOT_LIST_HOSTS, PICK(hosts));
    scene_add(BOOT_LIST_MENU, "Disk = local");
    scene_add(BOOT_LIST_MENU, "Net = answer for x64,bios");
    scene_add(BOOT_LIST_MENU, "Test = memtest.efi");
    if (random_below(&seed, 4) != 0)
        scene_add(BOOT_LIST_RELAYS, "10.88.0.0/16");
    if (random_below(&seed, 2) == 0)
        scene_add(BOOT_LIST_BOOTP, "52:54:00:12:34:56 = 10.77.0.50 file b router 10.77.0.1");
    rules.style = (uint8_t)random_below(&seed, 3);
    rules.unknown = (uint8_t)(random_below(&seed, 8) == 0 ? 1 + random_below(&seed, 2) : 0);
    file_state = (enum boot_file_state)(random_below(&seed, 8) == 0 ? 1 + random_below(&seed, 2) : 0);
}

static void random_packet(struct ask *ask)
{
    bool is_4011 = random_below(&seed, 3) == 0;
    enum ask_client client =
        (enum ask_client)random_below(&seed, random_below(&seed, 8) == 0 ? ASK_CLIENTS : ASK_UBOOT_ARM64);
    static const uint8_t messages[] = {1, 1, 1, 1, 1, 1, 1, 3, 8};

    question.arrival.address.port = is_4011 ? 4011 : 67;
    question.arrival.source = is_4011 ? endpoint_ipv4(10, 77, 0, 100, 4011) : endpoint_ipv4(0, 0, 0, 0, 68);
    bool is_bootp = random_below(&seed, 8) == 0;
    if (is_bootp)
        ask_bootp(ask, ask_mac, random_below(&seed, 2) == 0);
    else if (is_4011)
        ask_4011(ask, client);
    else
        ask_dhcp(ask, client, PICK(messages));
    if (random_below(&seed, 5) == 0)
        ask_address(ask, DHCP4_GIADDR, 10, 88, 0, 1);
    if (!is_bootp && random_below(&seed, 4) == 0) {
        uint8_t item[] = {71, 4, 0x80, (uint8_t)random_below(&seed, 4), 0, 0, 255};
        while (ask->bytes[ask->size - 1] != 255)
            ask->size--;
        ask_add(ask, 43, item, sizeof item);
    }
    if (random_below(&seed, 16) == 0)
        ask->bytes[random_below(&seed, (uint32_t)ask->size)] ^= (uint8_t)(1u << random_below(&seed, 8));
}

/* The rest of the line that begins so, in a room of its own; NULL if there is none; it fails if there are two. */
static const char *line_of(const char *start)
{
    static char line[1024];
    const char *found = NULL;

    for (const char *at = text; *at != 0; at = strchr(at, '\n') + 1)
        if (strncmp(at, start, strlen(start)) == 0) {
            CHECK(found == NULL, "two lines \"%s\" in:\n%s", start, text);
            found = at + strlen(start);
        }
    if (found == NULL)
        return NULL;
    snprintf(line, sizeof line, "%.*s", (int)strcspn(found, "\n"), found);
    return line;
}

static void assert_line(const char *start, const char *expected)
{
    const char *line = line_of(start);

    CHECK((line == NULL) == (expected == NULL), "the line \"%s\" is %s in:\n%s", start,
          line == NULL ? "missing" : "too much", text);
    CHECK(line == NULL || strcmp(line, expected) == 0, "\"%s%s\", and not \"%s\"", start, line, expected);
}

static const char *rule_line(const struct boot_rule *rule)
{
    static char line[1024];

    return rule != NULL ? boot_rule_text(&rules, rule, line, sizeof line) : NULL;
}

static const char *address_of(const uint8_t *bytes)
{
    static char line[ENDPOINT_TEXT_MAX];
    struct endpoint address = endpoint_ipv4(bytes[0], bytes[1], bytes[2], bytes[3], 0);

    return endpoint_is_unspecified(&address) ? NULL : endpoint_address_text(&address, line);
}

static const char *printable(const char *word)
{
    static char line[1024];

    snprintf(line, sizeof line, "%s", word);
    utf8_make_printable(line);
    return line;
}

static void assert_told(void)
{
    const struct boot_reply *reply = &decision.reply;
    bool is_answered = reply->size > 0;
    char where[128] = "";
    char to[ENDPOINT_TEXT_MAX];

    assert_line("answered: ", is_answered ? boot_reason_text(decision.reason) : NULL);
    assert_line("not answered: ", is_answered ? NULL : boot_reason_text(decision.reason));
    const struct boot_rule *rule = decision.choice.rule;
    assert_line("rule: ", rule_line(rule != decision.choice.host ? rule : NULL));
    assert_line("entry: ", rule_line(decision.entry));
    if (decision.bootp_host == NULL)
        assert_line("host: ", rule_line(decision.choice.host));
    assert_line("would load: ", decision.file[0] != 0 ? printable(decision.file) : NULL);
    snprintf(where, sizeof where, "%u bytes to %s%s", (unsigned)reply->size, endpoint_text(&reply->to, to),
             reply->is_broadcast ? ", a broadcast" : "");
    assert_line("reply: ", is_answered ? where : NULL);
    if (!is_answered)
        return;
    assert_line("  next server: ", address_of(reply->bytes + 20));
    assert_line("  your address: ", address_of(reply->bytes + 16));
    assert_line("  client's address: ", address_of(reply->bytes + 12));
    assert_line("  file: ", reply->bytes[108] != 0 ? printable((const char *)reply->bytes + 108) : NULL);
    for (unsigned tag = 1; tag < 255; tag++) {
        struct span data;
        char start[32];
        snprintf(start, sizeof start, "  option %u,", tag);
        bool is_there = reply->bytes[236] == 0x63 && ask_find(span_of(reply->bytes, reply->size), (uint8_t)tag, &data);
        CHECK((line_of(start) != NULL) == is_there, "option %u in:\n%s", tag, text);
    }
}

static void test_rule_23_it_tells_what_was_decided(void **state)
{
    unsigned met[BOOT_REASON_COUNT] = {0};
    unsigned answers = 0;
    struct ask ask;

    (void)state;
    seed = 23;
    for (int i = 0; i < 8000; i++) {
        if (i % 4 == 0)
            random_rules();
        random_packet(&ask);
        explain(guard_span(ask.bytes, ask.size));
        assert_told();
        met[decision.reason]++;
        answers += decision.reply.size > 0;
    }
    /* What never happens proves nothing. */
    assert_true(answers > 1500);
    unsigned kinds = 0;
    for (int i = 0; i < BOOT_REASON_COUNT; i++)
        kinds += met[i] > 0;
    CHECK(kinds >= 20, "only %u reasons were met", kinds);
}

/* -- random machines: what is shown is what the companion would send ------------------------------------------------- */

static struct boot boot;

/* A machine that somebody types, on one of the ports. Returns the size of its request. */
static size_t random_machine(uint8_t bytes[BOOT_EXPLAIN_REQUEST_MAX])
{
    static const char *const macs[] = {"52:54:00:12:34:56", "525400999999", "dc:a6:32:01:02:03", NULL};
    static const char *const machines[] = {"x64",  "x64",   "x64-http", "ipxe", "rpi",
                                           "ia32", "arm64", "27",       "bios", NULL};
    bool is_v6 = random_below(&seed, 4) == 0;
    struct boot_explain_machine machine = {
        .mac = PICK(macs),
        .machine = PICK(machines),
        .user_class = random_below(&seed, 8) == 0 ? "iPXE" : NULL,
        .class_id = random_below(&seed, 16) == 0 ? "PXEClient" : NULL,
        .relay = !is_v6 && random_below(&seed, 4) == 0 ? "10.88.0.1" : NULL,
        .is_bootp = !is_v6 && random_below(&seed, 4) == 0,
        .is_on_pxe_port = random_below(&seed, 3) == 0,
    };

    if (machine.mac == NULL || random_below(&seed, 2) == 0)
        machine.guid = "4c4c4544-0042-3510-8052-b4c04f4e3332";
    question.arrival.address = endpoint_ipv4(10, 77, 0, 2, machine.is_on_pxe_port ? 4011 : 67);
    question.arrival.source = machine.is_on_pxe_port  ? endpoint_ipv4(10, 77, 0, 100, 4011)
                              : machine.relay != NULL ? endpoint_ipv4(10, 88, 0, 1, 67)
                                                      : endpoint_ipv4(0, 0, 0, 0, 68);
    if (is_v6) {
        assert_true(endpoint_parse_address(&question.arrival.address, span_of_text("fd77::2")));
        assert_true(endpoint_parse_address(&question.arrival.source, span_of_text("fe80::9%3")));
        question.arrival.address.port = machine.is_on_pxe_port ? 4011 : 547;
        question.arrival.source.port = machine.is_on_pxe_port ? 4011 : 546;
        return boot_explain_encode6(&machine, question.arrival.server_duid, bytes, &problem);
    }
    struct endpoint client = endpoint_ipv4(10, 77, 0, 100, 0);
    return boot_explain_encode(&machine, &client, bytes, &problem);
}

/* The listing, read back. */
static void assert_shown(struct span bytes)
{
    static char listing[BOOT_REPLY_MAX * 4];
    const char *at = boot_explain_bytes(bytes, listing, sizeof listing);

    for (size_t i = 0; i < bytes.size; i++) {
        unsigned value = 0;
        if (i % 16 == 0)
            at = strstr(at, "  ");
        assert_non_null(at);
        assert_int_equal(sscanf(at, "%x", &value), 1);
        assert_int_equal(value, bytes.bytes[i]);
        at += strspn(at, " ") + 2;
    }
    assert_string_equal(at, bytes.size > 0 ? "\n" : "");
}

static void test_rule_23_it_shows_what_is_sent(void **state)
{
    static struct boot_decision heard;
    uint8_t bytes[BOOT_EXPLAIN_REQUEST_MAX];
    unsigned answers[4] = {0};
    unsigned made = 0;

    (void)state;
    seed = 2323;
    for (int i = 0; i < 6000; i++) {
        if (i % 4 == 0)
            random_rules();
        size_t size = random_machine(bytes);
        if (size == 0) {
            CHECK(problem.text[0] != 0, "round %d", i); /* a Raspberry Pi without its MAC, and the like */
            continue;
        }
        made++;
        explain(guard_span(bytes, size));
        assert_shown(span_of(decision.reply.bytes, decision.reply.size));
        /* One that has heard nothing so far: no limit, no approval, no spent boot. */
        boot_init(&boot, &rules, question.files, seed);
        boot_hear(&boot, &question.arrival, question.datagram, question.now_ms, &heard);
        CHECK(heard.reason == decision.reason && heard.choice.rule == decision.choice.rule &&
                  strcmp(heard.file, decision.file) == 0,
              "round %d: explained %s, heard %s", i, boot_reason_name(decision.reason), boot_reason_name(heard.reason));
        assert_int_equal(heard.reply.size, decision.reply.size);
        assert_memory_equal(heard.reply.bytes, decision.reply.bytes, heard.reply.size);
        CHECK(heard.reply.is_broadcast == decision.reply.is_broadcast &&
                  endpoint_equal(&heard.reply.to, &decision.reply.to),
              "round %d", i);
        answers[heard.protocol] += heard.reply.size > 0;
    }
    CHECK(made > 5000 && answers[BOOT_BY_DHCP4] > 800 && answers[BOOT_BY_DHCP6] > 200 && answers[BOOT_BY_BOOTP] > 40,
          "%u requests, %u, %u and %u answers", made, answers[BOOT_BY_DHCP4], answers[BOOT_BY_DHCP6],
          answers[BOOT_BY_BOOTP]);
}
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_rule_23_it_tells_what_was_decided, set_up),
        cmocka_unit_test_setup(test_rule_23_it_shows_what_is_sent, set_up),
    };

    return cmocka_run_group_tests_name("boot explain random", tests, NULL, NULL);
}
