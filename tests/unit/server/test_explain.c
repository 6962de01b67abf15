#include "unit.h"

#include "core/server/explain.h"

#include <stdio.h>

static void set(struct config *config, const char *name, const char *value)
{
    struct config_problem problem;

    CHECK(config_set_typed(config, config_find(name), value, &problem), "%s", problem.text);
}

static void assert_encoded(const char *options, const void *tail, size_t tail_size)
{
    struct explain_question question = {.name = "x", .mode = "octet", .options = options};
    uint8_t bytes[EXPLAIN_DATAGRAM_MAX];
    const char *problem;
    static const uint8_t head[] = {0, 1, 'x', 0, 'o', 'c', 't', 'e', 't', 0};

    assert_int_equal(explain_encode(&question, bytes, &problem), sizeof head + tail_size);
    assert_null(problem);
    assert_memory_equal(bytes, head, sizeof head);
    assert_memory_equal(bytes + sizeof head, tail, tail_size);
}

static void encodes_what_a_client_would_send(void **state)
{
    static const char tail[] = "blksize\0"
                               "1468\0"
                               "windowsize\0"
                               "4";

    (void)state;
    assert_encoded(NULL, "", 0);
    assert_encoded("", "", 0);
    assert_encoded("   ", "", 0);
    assert_encoded("blksize 1468 windowsize 4", tail, sizeof tail);
    assert_encoded(" blksize=1468  windowsize = 4 ", tail, sizeof tail);
    struct explain_question question = {.is_upload = true, .name = "", .mode = ""};
    uint8_t bytes[EXPLAIN_DATAGRAM_MAX];
    const char *problem;
    assert_int_equal(explain_encode(&question, bytes, &problem), 4);
    assert_memory_equal(bytes, "\0\2\0", 4);
}

static void says_what_cannot_be_encoded(void **state)
{
    static char name[EXPLAIN_DATAGRAM_MAX + 1];
    struct explain_question question = {.name = name, .mode = "octet"};
    uint8_t bytes[EXPLAIN_DATAGRAM_MAX];
    const char *problem;

    (void)state;
    memset(name, 'n', EXPLAIN_DATAGRAM_MAX - 9);
    assert_int_equal(explain_encode(&question, bytes, &problem), EXPLAIN_DATAGRAM_MAX);
    name[EXPLAIN_DATAGRAM_MAX - 9] = 'n';
    assert_int_equal(explain_encode(&question, bytes, &problem), 0);
    assert_non_null(strstr(problem, "1024 bytes"));
    question = (struct explain_question){.name = "x", .mode = "octet", .options = "blksize 512 tsize"};
    assert_int_equal(explain_encode(&question, bytes, &problem), 0);
    assert_non_null(strstr(problem, "needs its value"));
}

static void names_the_rule(void **state)
{
    static const struct {
        const char *parameters[6]; /* name, value, ... */
        bool is_upload;
        const char *name, *client, *rule;
    } rows[] = {
        {{NULL}, false, "a", "10.0.0.5", "Readable: *"},
        {{NULL}, true, "a", "10.0.0.5", "Masters is empty"},
        {{"Masters", "11.*"}, true, "a", "10.0.0.5", "Masters has no item that means this address"},
        {{"Masters", "11.*;10.*"}, true, "a", "10.0.0.5", "Writable: *"},
        {{"Clients", ""}, false, "a", "10.0.0.5", "Clients is empty"},
        {{"Clients", "11.*"}, false, "a", "10.0.0.5", "Clients has no item that means this address"},
        {{"Readable", "b;*.efi"}, false, "x.EFI", "10.0.0.5", "Readable: *.efi"},
        {{"Readable", "b"}, false, "a", "10.0.0.5", "Readable has no item that means this name"},
        {{"Masters", "*", "Writable", "up/*"}, true, "a", "10.0.0.5", "Writable has no item that means this name"},
        {{"Access", "allow:/boot;deny:/boot/private"},
         false,
         "boot/private/k",
         "10.0.0.5",
         "Access: deny:/boot/private"},
        {{"Access", "deny:/x;allow:/boot"}, false, "/boot/k", "10.0.0.5", "Access: allow:/boot"},
        {{"Access", "allow:/boot"}, false, "other", "10.0.0.5", "Access has no allow line that leads to this name"},
        {{"Access", ""}, false, "other", "10.0.0.5", "Access is empty"},
        {{NULL}, false, "../x", "10.0.0.5", "the name has a \"..\" component"},
        {{NULL}, false, "a", "255.255.255.255", "it comes from an address or port that no client can have"},
        {{NULL}, false, "a", "::", "it comes from an address or port that no client can have"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct config config;
        struct request request;
        struct endpoint client;
        struct explain_question question = {.is_upload = rows[i].is_upload, .name = rows[i].name, .mode = "octet"};
        uint8_t bytes[EXPLAIN_DATAGRAM_MAX];
        const char *problem;
        char text[256];
        config_defaults(&config);
        for (size_t k = 0; rows[i].parameters[k] != NULL; k += 2)
            set(&config, rows[i].parameters[k], rows[i].parameters[k + 1]);
        assert_true(endpoint_parse_address(&client, span_of_text(rows[i].client)));
        client.port = EXPLAIN_CLIENT_PORT;
        request_judge(&request, &config, &client, span_of(bytes, explain_encode(&question, bytes, &problem)));
        CHECK(strcmp(explain_rule(&request, &config, text, sizeof text), rows[i].rule) == 0, "row %u: %s", (unsigned)i,
              text);
    }
}

static void names_a_policy_behind_the_rule_that_it_sets(void **state)
{
    static const struct {
        const char *parameter, *value, *client, *rule;
        enum config_source source;
    } rows[] = {
        {"Readable", "*.efi", "10.0.0.5", "Readable: *.efi (policy)", CONFIG_FROM_POLICY},
        {"Readable", "*.efi", "10.0.0.5", "Readable: *.efi", CONFIG_FROM_PARAMETERS},
        {"Readable", "*.efi", "10.0.0.5", "Readable: *.efi", CONFIG_FROM_ARGUMENTS},
        {"Readable", "", "10.0.0.5", "Readable is empty (policy)", CONFIG_FROM_POLICY},
        {"Clients", "11.*", "10.0.0.5", "Clients has no item that means this address (policy)", CONFIG_FROM_POLICY},
        {"Masters", "11.*", "10.0.0.5", "Readable: *", CONFIG_FROM_POLICY}, /* another than the one that decides */
        {"Access", "deny:/", "10.0.0.5", "Access: deny:/ (policy)", CONFIG_FROM_POLICY},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct explain_question question = {.name = "x.efi", .mode = "octet"};
        uint8_t bytes[EXPLAIN_DATAGRAM_MAX];
        struct endpoint client;
        struct request request;
        struct config config;
        const char *problem;
        char text[256];
        config_defaults(&config);
        set(&config, rows[i].parameter, rows[i].value);
        config_set_source(&config, config_find(rows[i].parameter), rows[i].source);
        assert_true(endpoint_parse_address(&client, span_of_text(rows[i].client)));
        client.port = EXPLAIN_CLIENT_PORT;
        request_judge(&request, &config, &client, span_of(bytes, explain_encode(&question, bytes, &problem)));
        CHECK(strcmp(explain_rule(&request, &config, text, sizeof text), rows[i].rule) == 0, "row %u: %s", (unsigned)i,
              text);
    }
}

static void reads_the_oack_back_and_tells_what_is_not_in_it(void **state)
{
    struct explain_question question = {
        .name = "x", .mode = "octet", .options = "multicast 1 blksize 9999 timeout 300 windowsize 4 blksize2 512"};
    struct option_limits limits = {
        .blksize_max = 1468, .windowsize_max = 64, .window_bytes_max = 1 << 30, .timeout_ms = 1};
    struct option_facts facts = {.file_size = 10};
    struct packet packet;
    uint8_t bytes[EXPLAIN_DATAGRAM_MAX], oack[PACKET_CONTROL_SIZE_MAX];
    const char *problem;
    char text[128], small[8];

    (void)state;
    packet_decode(&packet, span_of(bytes, explain_encode(&question, bytes, &problem)));
    struct agreement agreement = options_agree(&packet, &limits, &facts);
    struct span encoded = span_of(oack, options_encode_oack(oack, &agreement));
    assert_string_equal(explain_oack(encoded, text, sizeof text), "blksize=1468 windowsize=4");
    assert_string_equal(explain_oack(encoded, small, sizeof small), "blksize");
    assert_string_equal(explain_ungranted(&packet, &agreement, text, sizeof text), "multicast, timeout, blksize2");
    assert_string_equal(explain_ungranted(&packet, &agreement, small, sizeof small), "multica");
    question.options = "x 1 y 2 blksize 512 z 3";
    packet_decode(&packet, span_of(bytes, explain_encode(&question, bytes, &problem)));
    agreement = options_agree(&packet, &limits, &facts);
    assert_string_equal(explain_ungranted(&packet, &agreement, text, sizeof text), "x, y, z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_what_a_client_would_send),
        cmocka_unit_test(says_what_cannot_be_encoded),
        cmocka_unit_test(names_the_rule),
        cmocka_unit_test(names_a_policy_behind_the_rule_that_it_sets),
        cmocka_unit_test(reads_the_oack_back_and_tells_what_is_not_in_it),
    };

    return cmocka_run_group_tests_name("explain", tests, NULL, NULL) != 0;
}
