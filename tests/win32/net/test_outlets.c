/* The sockets that transfers answer from: each is told of by its event, however many there are. */
#include "caller.h"

#include "win32/net/outlets.h"

enum { MANY = OUTLETS_EVENTS * 32 + 100 };

static struct config config;
static HANDLE changed;

static struct outlets *open_pool(const char *parameter, const char *value)
{
    struct config_problem problem;

    config_defaults(&config);
    assert_true(config_set_typed(&config, config_find(parameter), value, &problem));
    changed = CreateEventW(NULL, FALSE, FALSE, NULL);
    struct outlets *outlets =
        outlets_open(&(struct outlets_setup){.changed = changed, .config = &config, .workers = 1});
    assert_non_null(outlets);
    return outlets;
}

static void close_pool(struct outlets *outlets)
{
    outlets_close(outlets);
    CloseHandle(changed);
}

/* So many ports are open, each with a transfer. */
static void draw_many(struct outlets *outlets)
{
    const struct udp_arrival asked = {.local = endpoint_ipv4(127, 0, 0, 1, 0)};
    static const struct outlet *seen[MANY];
    size_t count = 0;

    while (count < MANY) {
        DWORD error;
        const struct outlet *outlet = outlets_draw(outlets, &asked, &error);
        bool is_new = true;
        assert_non_null(outlet);
        for (size_t i = 0; i < count && is_new; i++)
            is_new = seen[i] != outlet;
        if (is_new)
            seen[count++] = outlet;
    }
}

static void every_socket_is_told_of(void **state)
{
    static const char *const ways[][2] = {{"TransferPorts", "4096"}, {"PortRange", "1025-65535"}};

    (void)state;
    for (size_t way = 0; way < COUNT_OF(ways); way++) {
        struct outlets *outlets = open_pool(ways[way][0], ways[way][1]);
        struct udp *sockets[OUTLETS_SHARE_MAX];
        size_t told = 0;
        uint16_t highest = 0;
        draw_many(outlets);
        for (uint32_t event = 0; event < OUTLETS_EVENTS; event++) {
            size_t with_transfers;
            size_t count = outlets_of_event(outlets, event, sockets, &with_transfers);
            assert_int_equal(with_transfers, count);
            told += count;
            for (size_t i = 0; i < count; i++)
                highest = sockets[i]->local.port > highest ? sockets[i]->local.port : highest;
        }
        CHECK(told == MANY, "%s: %u of %u are told of", ways[way][0], (unsigned)told, (unsigned)MANY);
        CHECK(highest > 60000, "%s: no port is above %u", ways[way][0], (unsigned)highest);
        close_pool(outlets);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_socket_is_told_of),
    };

    return cmocka_run_group_tests_name("outlets", tests, caller_group_setup, NULL) != 0;
}
