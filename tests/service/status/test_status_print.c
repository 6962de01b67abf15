/*
 * A reply of the service as people and programs see it: figures, columns, what is cut and what is counted.
 */
#include "files.h"

#include "core/base/utf8.h"
#include "core/bootrules/rules.h"
#include "service/status/status_print.h"

#include <stdio.h>
#include <stdlib.h>

static struct pipe_conversation now, before;
static char *text;

static int reset(void **state)
{
    (void)state;
    memset(&now, 0, sizeof now);
    memset(&before, 0, sizeof before);
    strcpy(now.reply.version, "1.2.3");
    strcpy(now.reply.directory, "C:\\tftpdroot");
    now.reply.port = 69;
    now.reply.process = 4711;
    now.reply.uptime_ms = ((2 * 24 + 3) * 3600 + 4 * 60 + 5) * 1000ull;
    return 0;
}

static int free_text(void **state)
{
    (void)state;
    free(text);
    text = NULL;
    return 0;
}

static struct snapshot_transfer *add(struct pipe_conversation *conversation, uint32_t id, const char *name)
{
    struct snapshot_transfer *t = &conversation->list[conversation->reply.snapshot.transfer_count++];

    conversation->reply.snapshot.running++;
    *t = (struct snapshot_transfer){.id = id,
                                    .has_size = 1,
                                    .has_answered = 1,
                                    .size = 1000000,
                                    .bytes = 250000,
                                    .age_ms = 10000,
                                    .blksize = 1456,
                                    .windowsize = 4,
                                    .blocks_resent = 3};
    t->client = endpoint_ipv4(10, 0, 0, 5, 2070);
    strcpy(t->name, name);
    return t;
}

static void check_has(const char *wanted)
{
    CHECK(strstr(text, wanted) != NULL, "no \"%s\" in:\n%s", wanted, text);
}

static void tells_what_it_is_and_has_done(void **state)
{
    (void)state;
    now.reply.memory_bytes = 1536;
    now.reply.handles = 123;
    now.reply.snapshot.totals.finished = 7;
    now.reply.snapshot.totals.failed = 2;
    now.reply.snapshot.totals.outcomes[OUTCOME_DONE] = 7;
    now.reply.snapshot.totals.outcomes[OUTCOME_SILENT] = 2;
    now.reply.snapshot.totals.refused = 4;
    now.reply.snapshot.totals.refusals[REFUSAL_NOT_FOUND] = 4;
    now.reply.snapshot.totals.bytes_sent = 5ull << 30;
    text = status_print_text(&now, NULL, 0, 0);
    check_has("tftpd 1.2.3, process 4711, up 2 d 03:04:05, serves C:\\tftpdroot on UDP port 69\n");
    check_has("running   0 transfers, 0 of them never answered; 5.0 GiB sent, 0 B received");
    check_has("ended     7 finished, 2 failed: 7 done, 2 stopped_answering\n");
    check_has("refused   4 requests: 4 not_found; 0 dropped");
    check_has("memory    1.5 KiB, 123 handles; cache");
    assert_null(strstr(text, "CLIENT")); /* no head of a table without one */
}

static void tells_that_it_is_paused_or_draining(void **state)
{
    (void)state;
    now.reply.snapshot.is_paused = 1;
    text = status_print_text(&now, NULL, 0, 0);
    check_has("tftpd 1.2.3, paused, process");
    free_text(state);
    now.reply.is_draining = 1;
    text = status_print_text(&now, NULL, 0, 0);
    check_has("tftpd 1.2.3, draining, process");
}

static void shows_each_transfer(void **state)
{
    (void)state;
    add(&now, 12, "boot\\boot.wim");
    struct snapshot_transfer *upload = add(&now, 3, "backup\\switch.cfg");
    upload->is_upload = 1;
    upload->has_size = 0;
    upload->client = endpoint_ipv4(192, 168, 100, 200, 65535);
    upload->mac = (struct mac){{0x52, 0x54, 0, 0x12, 0x34, 0x56}, MAC_BY_DHCP};
    add(&now, 14, "c")->mac = (struct mac){{0x52, 0x54, 0, 0x12, 0x34, 0x57}, MAC_BY_NEIGHBOUR};
    text = status_print_text(&now, NULL, 0, 0);
    check_has(
        "    12  10.0.0.5:2070         -> boot\\boot.wim     [##--------]  25 %   244.1 KiB  24.4 KiB/s    1456      4      3\n");
    check_has(" RESENT  MAC\n");
    check_has("      3  52:54:00:12:34:56?\n"); /* its own word */
    check_has("      3  52:54:00:12:34:57\n");
    check_has("     3  192.168.100.200:65535 <- backup\\switch.cfg [..........]   ? %");
    assert_true(strstr(text, "     3  ") < strstr(text, "    12  ")); /* in the order they came */
}

static void knows_the_rate_of_the_last_moment(void **state)
{
    (void)state;
    add(&before, 5, "a");
    struct snapshot_transfer *t = add(&now, 5, "a");
    t->bytes += 1024000;
    t->size = 10000000;
    t->age_ms += 2000;
    text = status_print_text(&now, &before, 0, 0);
    check_has("500.0 KiB/s");
    free_text(state);
    t->id = 6; /* another one: its own average */
    text = status_print_text(&now, &before, 0, 0);
    assert_null(strstr(text, "500.0 KiB/s"));
}

static void fits_the_window(void **state)
{
    enum { COLUMNS = 120, ROWS = 25, TRANSFERS = 40 };

    (void)state;
    for (uint32_t i = 0; i < TRANSFERS; i++)
        add(&now, i + 1, "a\\very\\long\\path\\of\\many\\components\\to\\the\\image\\of\\the\\system\\gr\xc3\xbcn.wim");
    text = status_print_text(&now, NULL, COLUMNS, ROWS);
    unsigned lines = 0;
    for (const char *line = text; *line != 0; line = strchr(line, '\n') + 1, lines++)
        assert_true(strchr(line, '\n') - line <= COLUMNS);
    assert_true(lines < ROWS);
    check_has("gr\xc3\xbcn.wim [##"); /* the end of the path, where the name is */
    check_has("more\n");
}

static unsigned characters_in(const char *line, size_t size)
{
    unsigned count = 0;

    for (size_t i = 0; i < size; i++)
        count += ((uint8_t)line[i] & 0xc0) != 0x80;
    return count;
}

/* Half a character would make the console refuse all of it. */
static void cuts_no_character_in_two_at_any_width(void **state)
{
    add(&now, 1, "gr\xc3\xbcn\\\xe2\x82\xac\\\xf0\x9f\x98\x80\xf0\x9f\x98\x80.wim");
    add(&now, 2, "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc.bin");
    for (size_t i = 0; i + 3 < sizeof now.reply.directory; i += 2)
        memcpy(now.reply.directory + i, "\xc3\xa4", 3);
    for (unsigned columns = 0; columns <= 1100; columns += columns < 200 ? 1 : 97) {
        text = status_print_text(&now, NULL, columns, 0);
        CHECK(utf8_is_valid(span_of_text(text)), "%u columns", columns);
        for (const char *line = text; *line != 0; line = strchr(line, '\n') + 1) {
            unsigned width = characters_in(line, strcspn(line, "\n"));
            CHECK(columns == 0 || width <= columns, "%u of %u columns", width, columns);
        }
        free_text(state);
    }
}

static void columns_are_counted_in_characters(void **state)
{
    (void)state;
    add(&now, 1, "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc.bin");
    add(&now, 2, "plain.bin");
    text = status_print_text(&now, NULL, 0, 0);
    const char *first = strstr(text, "     1  "), *second = strstr(text, "     2  ");
    assert_non_null(first);
    assert_non_null(second);
    assert_int_equal(characters_in(first, (size_t)(strchr(first, '[') - first)),
                     characters_in(second, (size_t)(strchr(second, '[') - second)));
}

static void is_json_as_well(void **state)
{
    (void)state;
    add(&now, 12, "boot\\\"x\".wim");
    now.reply.snapshot.totals.outcomes[OUTCOME_PROBE] = 9;
    now.list[0].mac = (struct mac){{0x52, 0x54, 0, 0x12, 0x34, 0x56}, MAC_BY_BOOTP};
    add(&now, 13, "b");
    text = status_print_json(&now);
    check_has("\"mac\": \"52:54:00:12:34:56\"");
    check_has("\"mac_source\": \"bootp\"");
    check_has("\"mac\": null");
    check_has("\"mac_source\": \"unknown\"");
    check_has("\"version\": \"1.2.3\"");
    check_has("\"state\": \"running\"");
    check_has("\"size_probe\": 9");
    check_has("\"file\": \"boot\\\\\\\"x\\\".wim\"");
    check_has("\"percent\": 25");
    assert_null(strstr(text, "handles")); /* the system did not tell */
}

static struct companion_machine *add_machine(const char *identity)
{
    struct companion_machine *machine = &now.machines[now.reply.boot.machine_count++];

    *machine = (struct companion_machine){.age_ms = 3000, .requests = 4, .answers = 3};
    snprintf(machine->identity, sizeof machine->identity, "%s", identity);
    snprintf(machine->kind, sizeof machine->kind, "x64 UEFI (architecture 7)");
    return machine;
}

static void add_some_machines(void)
{
    struct companion_machine *machine;

    now.reply.boot = (struct companion_state){.is_on = true, .sockets = 4, .answered = 7, .refused = 2, .limited = 1};
    machine = add_machine("52:54:00:00:00:01 4c4c4544-0042-3510-8052-b4c04f4e3332");
    machine->is_waiting = true;
    machine->reason = BOOT_WAITING;
    machine = add_machine("52:54:00:00:00:05");
    machine->reason = BOOT_WAITING;
    machine = add_machine("4c4c4544-0042-3510-8052-b4c04f4e3332");
    machine->is_waiting = true;
    machine->reason = BOOT_WAITING;
    machine = add_machine("52:54:00:00:00:02");
    machine->reason = BOOT_OFFERED;
    machine->course = COURSE_HINTED;
    machine->rule_list = BOOT_LIST_HOSTS;
    machine->rule_line = 5;
    machine->has_address = true;
    machine->address = endpoint_ipv4(10, 1, 0, 7, 0);
    snprintf(machine->file, sizeof machine->file, "a\\b.efi");
    machine = add_machine("52:54:00:00:00:03");
    machine->reason = 255; /* of another version, were that not found out before */
    machine->age_ms = 3 * 3600 * 1000;
}

static void shows_machines_that_boot(void **state)
{
    (void)state;
    text = status_print_text(&now, NULL, 0, 0);
    assert_null(strstr(text, "Boot"));
    free_text(state);
    add_some_machines();
    text = status_print_text(&now, NULL, 0, 0);
    check_has("Boot requests are answered on 4 sockets: 7 answered, 2 not answered, 1 over a limit\n");
    check_has("52:54:00:00:00:01  x64 UEFI (architecture 7)  -");
    check_has("3 s ago      3 of 4  waits: tftpd approve 52:54:00:00:00:01\n");
    check_has("3 s ago      3 of 4  it was approved, and is answered when it asks again\n");
    check_has("3 s ago      3 of 4  waits: tftpd approve 4c4c4544-0042-3510-8052-b4c04f4e3332\n");
    check_has("10.1.0.7");
    check_has("it was offered a boot file, \"a\\b.efi\" by PxeHosts 5; it never came for it\n");
    check_has("3 h ago");
    free_text(state);
    now.reply.boot.is_watch = true;
    text = status_print_text(&now, NULL, 0, 0);
    check_has("Boot requests are watched on 4 sockets: 7 would be answered");
    for (unsigned rows = 1; rows < 20; rows++) {
        free_text(state);
        text = status_print_text(&now, NULL, 80, rows);
        size_t lines = 0;
        for (const char *c = text; *c != 0; c++)
            lines += *c == '\n';
        CHECK(lines <= (rows < 6 ? 6 : rows), "%u lines in %u rows", (unsigned)lines, rows);
    }
}

static void has_machines_in_json(void **state)
{
    (void)state;
    text = status_print_json(&now);
    check_has("\"mode\": \"off\"");
    free_text(state);
    add_some_machines();
    text = status_print_json(&now);
    check_has("\"mode\": \"answer\"");
    check_has("\"machine\": \"52:54:00:00:00:01 4c4c4544-0042-3510-8052-b4c04f4e3332\"");
    check_has("\"waiting\": true");
    check_has("\"reason\": \"OFFERED\"");
    check_has("\"course\": \"never_came\"");
    check_has("\"rule\": \"PxeHosts 5\"");
    check_has("\"file\": \"a\\\\b.efi\"");
    check_has("\"address\": \"10.1.0.7\"");
    check_has("\"address\": null");
}

static void survives_the_largest_figures(void **state)
{
    struct snapshot_transfer *t;

    (void)state;
    memset(&now.reply.snapshot.totals, 0xff, sizeof now.reply.snapshot.totals);
    t = add(&now, UINT32_MAX, "x");
    t->size = t->bytes = t->blocks_resent = UINT64_MAX;
    t->age_ms = 1;
    text = status_print_text(&now, NULL, 80, 24);
    assert_non_null(text);
    free_text(state);
    text = status_print_json(&now);
    check_has("18446744073709551615");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, reset, free_text)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tells_what_it_is_and_has_done),
        TEST(tells_that_it_is_paused_or_draining),
        TEST(shows_each_transfer),
        TEST(knows_the_rate_of_the_last_moment),
        TEST(fits_the_window),
        TEST(cuts_no_character_in_two_at_any_width),
        TEST(columns_are_counted_in_characters),
        TEST(is_json_as_well),
        TEST(shows_machines_that_boot),
        TEST(has_machines_in_json),
        TEST(survives_the_largest_figures),
    };

    return cmocka_run_group_tests_name("status_print", tests, NULL, NULL) != 0;
}
