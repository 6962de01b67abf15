#include "boot_scene.h"

#include "guard.h"
#include "unit.h"

#include <stdio.h>

struct boot_rules rules;
struct boot_marks marks;
static struct boot_problem problem;
struct boot_question question;
struct boot_decision decision;
enum boot_file_state file_state;
char looked_for[256];
unsigned looks;

static enum boot_file_state look(void *context, const char *file, const struct endpoint *client)
{
    char text[ENDPOINT_TEXT_MAX] = "nobody";

    assert_ptr_equal(context, &file_state);
    looks++;
    if (client != NULL)
        endpoint_address_text(client, text);
    snprintf(looked_for, sizeof looked_for, "%s for %s", file, text);
    return file_state;
}

int scene_set_up(void **state)
{
    (void)state;
    boot_rules_init(&rules);
    rules.is_pxe_on = true;
    memset(&marks, 0, sizeof marks);
    memset(&question, 0, sizeof question);
    question = (struct boot_question){.rules = &rules, .marks = &marks, .files = {look, &file_state}, .now_ms = 1000};
    question.arrival = (struct boot_arrival){.address = endpoint_ipv4(10, 77, 0, 2, 67),
                                             .source = endpoint_ipv4(0, 0, 0, 0, 68),
                                             .prefix_bits = 24,
                                             .is_client = true};
    file_state = BOOT_FILE_READABLE;
    looked_for[0] = 0;
    looks = 0;
    return 0;
}

void scene_add(enum boot_list list, const char *line)
{
    CHECK(boot_rules_add(&rules, list, line, &problem), "%s", problem.text);
}

void scene_boot(const char *line)
{
    scene_add(BOOT_LIST_RULES, line);
}

const char *scene_decide(const struct ask *ask)
{
    question.datagram = guard_span(ask->bytes, ask->size);
    boot_decide(&question, &decision);
    return boot_reason_name(decision.reason);
}

void scene_on_4011(uint16_t source_port)
{
    question.arrival.address.port = 4011;
    question.arrival.source = endpoint_ipv4(10, 77, 0, 100, source_port);
}

const char *scene_to(void)
{
    static char text[ENDPOINT_TEXT_MAX];

    return endpoint_text(&decision.reply.to, text);
}

static void put_address(uint8_t *place, const char *text)
{
    struct endpoint address;

    assert_true(endpoint_parse_address(&address, span_of_text(text)));
    memcpy(place, address.address + 12, 4);
}

void scene_check(const struct ask *ask, const struct expected *expected)
{
    uint8_t bytes[1024] = {2, ask->bytes[1], ask->bytes[2], 0};
    size_t size = 240;

    CHECK(decision.reply.size > 0, "silence: %s", boot_reason_name(decision.reason));
    memcpy(bytes + 4, ask->bytes + 4, 4);
    write_u16(bytes + 10, expected->flags);
    if (expected->has_ciaddr)
        memcpy(bytes + 12, ask->bytes + 12, 4);
    put_address(bytes + 20, expected->next_server);
    if (expected->relay != NULL)
        put_address(bytes + 24, expected->relay);
    memcpy(bytes + 28, ask->bytes + 28, 16);
    strcpy((char *)bytes + 44, expected->next_server);
    strcpy((char *)bytes + 108, expected->file);
    size += ask_hex("63825363", bytes + 236, 4) - 4;
    size += ask_hex(expected->options, bytes + size, sizeof bytes - size);
    if (expected->agent != NULL)
        size += ask_hex(expected->agent, bytes + size, sizeof bytes - size);
    bytes[size++] = 255;
    size = size < 300 ? 300 : size;
    CHECK(decision.reply.size == size, "%u bytes, and not %u", (unsigned)decision.reply.size, (unsigned)size);
    for (size_t i = 0; i < size; i++)
        CHECK(decision.reply.bytes[i] == bytes[i], "byte %u is %02x, and not %02x", (unsigned)i,
              decision.reply.bytes[i], bytes[i]);
}
