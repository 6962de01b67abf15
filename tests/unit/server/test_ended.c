#include "unit.h"

#include "core/server/ended.h"

static struct ended ended;

static int set_up(void **state)
{
    (void)state;
    memset(&ended, 0, sizeof ended);
    return 0;
}

static struct endpoint peer_number(uint32_t number)
{
    return endpoint_ipv4(10, 0, (uint8_t)(number >> 8), (uint8_t)number, 2070);
}

static enum ended_answer judge(const struct endpoint *peer, enum opcode opcode, uint16_t block, uint64_t now_ms)
{
    struct packet packet = {.opcode = opcode, .block = block};

    return ended_judge(&ended, peer, &packet, now_ms);
}

/* One peer whose transfer ended at 1000, stored with block 7 or not; what comes then. */
static void test_what_comes_late(void **state)
{
    static const struct {
        bool is_stored;
        enum opcode opcode;
        uint16_t block;
        uint64_t now_ms;
        enum ended_answer answer;
    } rows[] = {
        {false, OPCODE_ACK, 7, 1000, ENDED_QUIET},
        {false, OPCODE_DATA, 7, 1000, ENDED_QUIET}, /* an upload that failed is not acknowledged */
        {false, OPCODE_ERROR, 0, 2999, ENDED_QUIET},
        {false, OPCODE_DATA, 7, 3000, ENDED_UNKNOWN},
        {false, OPCODE_ACK, 7, 3000, ENDED_UNKNOWN},
        {true, OPCODE_DATA, 7, 1000, ENDED_ACK},
        {true, OPCODE_DATA, 7, 3000, ENDED_ACK}, /* its timer may take long */
        {true, OPCODE_DATA, 7, 60999, ENDED_ACK},
        {true, OPCODE_DATA, 7, 61000, ENDED_UNKNOWN},
        {true, OPCODE_DATA, 6, 2999, ENDED_QUIET}, /* it is acknowledged with the last */
        {true, OPCODE_DATA, 8, 2999, ENDED_QUIET},
        {true, OPCODE_ACK, 7, 2999, ENDED_QUIET},
        {true, OPCODE_DATA, 6, 3000, ENDED_UNKNOWN},
        {true, OPCODE_ACK, 7, 3000, ENDED_UNKNOWN},
    };
    struct endpoint peer = peer_number(1);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        memset(&ended, 0, sizeof ended);
        if (rows[i].is_stored)
            ended_add_stored(&ended, &peer, 7, 1000);
        else
            ended_add(&ended, &peer, 1000);
        CHECK(judge(&peer, rows[i].opcode, rows[i].block, rows[i].now_ms) == rows[i].answer, "row %u", (unsigned)i);
    }
}

static void test_only_that_peer(void **state)
{
    struct endpoint peer = peer_number(1);
    struct endpoint other_port = peer;
    struct endpoint other = peer_number(2);

    (void)state;
    assert_int_equal(judge(&peer, OPCODE_DATA, 0, 0), ENDED_UNKNOWN);
    other_port.port++;
    ended_add_stored(&ended, &peer, 7, 1000);
    assert_int_equal(judge(&other_port, OPCODE_DATA, 7, 1000), ENDED_UNKNOWN);
    assert_int_equal(judge(&other, OPCODE_DATA, 7, 1000), ENDED_UNKNOWN);
}

/* The last transfer of a peer is the one that counts. */
static void test_one_place_for_each_peer(void **state)
{
    struct endpoint peer = peer_number(1);

    (void)state;
    ended_add_stored(&ended, &peer, 7, 1000);
    ended_add_stored(&ended, &peer, 9, 1500);
    assert_int_equal(judge(&peer, OPCODE_DATA, 7, 2000), ENDED_QUIET);
    assert_int_equal(judge(&peer, OPCODE_DATA, 9, 61499), ENDED_ACK);
    ended_add(&ended, &peer, 2000);
    assert_int_equal(judge(&peer, OPCODE_DATA, 9, 2000), ENDED_QUIET);
    assert_int_equal(judge(&peer, OPCODE_DATA, 9, 4000), ENDED_UNKNOWN);
}

static void find_of_one_set(struct endpoint *peers, size_t count)
{
    uint32_t number = 1;

    peers[0] = peer_number(0);
    for (size_t i = 1; i < count; number++) {
        struct endpoint peer = peer_number(number);
        if (endpoint_hash(&peer, 0) % ENDED_SETS == endpoint_hash(&peers[0], 0) % ENDED_SETS)
            peers[i++] = peer;
    }
}

/* A set that is full: whoever would be forgotten first gives way, so downloads never push out a stored upload. */
static void test_first_to_be_forgotten_gives_way(void **state)
{
    struct endpoint peers[3 * ENDED_WAYS];

    (void)state;
    find_of_one_set(peers, COUNT_OF(peers));
    ended_add_stored(&ended, &peers[0], 7, 1000);
    for (unsigned i = 1; i < COUNT_OF(peers); i++)
        ended_add(&ended, &peers[i], 1000 + i);
    assert_int_equal(judge(&peers[0], OPCODE_DATA, 7, 1100), ENDED_ACK);
    for (unsigned i = 1; i < COUNT_OF(peers); i++) {
        bool is_kept = i > COUNT_OF(peers) - ENDED_WAYS;
        CHECK(judge(&peers[i], OPCODE_ACK, 1, 1100) == (is_kept ? ENDED_QUIET : ENDED_UNKNOWN), "peer %u", i);
    }
    for (unsigned i = 1; i <= ENDED_WAYS; i++)
        ended_add_stored(&ended, &peers[i], 7, 2000 + i);
    assert_int_equal(judge(&peers[0], OPCODE_DATA, 7, 2100), ENDED_UNKNOWN);
    for (unsigned i = 1; i <= ENDED_WAYS; i++)
        CHECK(judge(&peers[i], OPCODE_DATA, 7, 2100) == ENDED_ACK, "peer %u", i);
}

/* So many peers that each set has some, the first and the last as well. */
static void test_every_set(void **state)
{
    enum { PEERS = 8 * ENDED_SETS };
    unsigned kept = 0;

    (void)state;
    for (uint32_t i = 0; i < PEERS; i++) {
        struct endpoint peer = peer_number(i);
        assert_int_equal(judge(&peer, OPCODE_ACK, 1, 1000), ENDED_UNKNOWN);
        ended_add(&ended, &peer, 1000);
        assert_int_equal(judge(&peer, OPCODE_ACK, 1, 1000), ENDED_QUIET);
    }
    for (uint32_t i = 0; i < PEERS; i++) {
        struct endpoint peer = peer_number(i);
        kept += judge(&peer, OPCODE_ACK, 1, 1000) == ENDED_QUIET;
    }
    assert_in_range(kept, ENDED_SETS * ENDED_WAYS * 3 / 4, ENDED_SETS * ENDED_WAYS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_what_comes_late, set_up),
        cmocka_unit_test_setup(test_only_that_peer, set_up),
        cmocka_unit_test_setup(test_one_place_for_each_peer, set_up),
        cmocka_unit_test_setup(test_every_set, set_up),
        cmocka_unit_test_setup(test_first_to_be_forgotten_gives_way, set_up),
    };

    return cmocka_run_group_tests_name("ended", tests, NULL, NULL);
}
