/* link: -Wl,--wrap=__imp_recv,--wrap=__imp_recvfrom,--wrap=__imp_WSASocketW,--wrap=__imp_WSASendTo,--wrap=WSASendMsg,--wrap=__imp_WSAEventSelect,--wrap=__imp_getsockname */
#include "udp_lab.h"

/* The one control message: its level and type, and where its data begins. */
static const uint8_t *control_of(int level, int type, size_t data_size)
{
    WSACMSGHDR header;

    memcpy(&header, lab.control, sizeof header);
    assert_int_equal(header.cmsg_level, level);
    assert_int_equal(header.cmsg_type, type);
    assert_int_equal(header.cmsg_len, WSA_CMSGHDR_ALIGN(sizeof header) + data_size);
    assert_int_equal(lab.control_size, WSA_CMSGHDR_ALIGN(sizeof header) + WSA_CMSGHDR_ALIGN(data_size));
    return lab.control + WSA_CMSGDATA_ALIGN(sizeof header);
}

static void names_the_source_on_a_wildcard_socket(void **state)
{
    struct udp udp = open_at("::", 0);
    struct span parts[] = {span_of("ab", 2), span_of("c", 2)};
    struct endpoint to = at("10.1.2.3", 2070);
    struct udp_arrival source = {.local = at("10.77.0.2", 0), .interface_index = 9};
    const uint8_t v4[] = {10, 77, 0, 2, 9, 0, 0, 0}; /* the address, and its interface */
    uint8_t v6[20] = {0xfe, 0x80, [15] = 7, [16] = 5};

    (void)state;
    assert_true(is_sent(udp_send(&udp, &to, &source, parts, 2)));
    assert_memory_equal(control_of(IPPROTO_IP, IP_PKTINFO, sizeof v4), v4, sizeof v4);
    assert_string_equal(lab.payload, "abc");
    assert_int_equal(ntohs(lab.to.sin6_port), 2070);
    assert_memory_equal(&lab.to.sin6_addr, to.address, 16);

    source = (struct udp_arrival){.local = at("fe80::7%5", 0), .interface_index = 5};
    to = at("fe80::9%5", 2071);
    assert_true(is_sent(udp_send(&udp, &to, &source, parts, 2)));
    assert_memory_equal(control_of(IPPROTO_IPV6, IPV6_PKTINFO, sizeof v6), v6, sizeof v6);
    assert_int_equal(lab.to.sin6_scope_id, 5);
    assert_int_equal(lab.messages, 2);
    assert_int_equal(lab.plain_sends, 0);
    lab.message_error = WSAENETUNREACH;
    struct udp_sent sent = udp_send(&udp, &to, &source, parts, 2);
    assert_int_equal(sent.refused, 1);
    assert_int_equal(sent.error, WSAENETUNREACH);
    assert_int_equal(lab.plain_sends, 0);
    udp_close(&udp);
}

static void leaves_the_source_to_the_system_where_none_is_known(void **state)
{
    struct udp udp = open_at("::", 0);
    struct udp_arrival unknown = {.local = at("::", 0)};
    struct endpoint to = at("127.0.0.1", 9);
    struct span part = span_of_text("x");

    (void)state;
    assert_true(is_sent(udp_send(&udp, &to, &unknown, &part, 1)));
    assert_true(is_sent(udp_send(&udp, &to, NULL, &part, 1)));
    assert_int_equal(lab.messages, 0);
    assert_int_equal(lab.plain_sends, 2);
    udp_close(&udp);
}

static void says_when_a_datagram_was_not_taken(void **state)
{
    struct udp udp = open_at("127.0.0.1", 0);
    struct span part = span_of(received, PAYLOAD_MAX + 1);

    (void)state;
    struct udp_sent sent = udp_send(&udp, &udp.local, NULL, &part, 1);
    assert_int_equal(sent.refused, 1);
    assert_int_equal(sent.error, WSAEMSGSIZE);
    lab.send_error = WSAENOBUFS;
    assert_false(send_text(&udp, "127.0.0.1", udp.local.port, "x"));
    lab.send_error = 0;
    assert_true(send_text(&udp, "127.0.0.1", udp.local.port, "x"));
    udp_close(&udp);
}

/* LizardByte/Sunshine 5443: to peers behind a router some systems answer a source with WSAEINVAL. */
static void leaves_from_where_it_may_if_not_from_where_it_should(void **state)
{
    static const int errors[] = {WSAEINVAL, WSAEADDRNOTAVAIL};
    struct udp udp = open_at("::", 0);
    struct udp client = open_at("127.0.0.1", 0);
    struct udp_arrival source = {.local = at("127.0.0.1", 0), .interface_index = 1};
    struct span part = span_of_text("after all");

    (void)state;
    for (unsigned i = 0; i < COUNT_OF(errors); i++) {
        lab.message_error = errors[i];
        struct udp_sent sent = udp_send(&udp, &client.local, &source, &part, 1);
        assert_true(is_sent(sent));
        assert_true(sent.has_lost_source);
        assert_int_equal(lab.messages, i + 1);
        assert_int_equal(lab.plain_sends, i + 1);
        receive(&client, NULL);
        assert_string_equal((char *)received, "after all");
    }
    lab.send_error = WSAEINVAL; /* it was not the source */
    struct udp_sent sent = udp_send(&udp, &client.local, &source, &part, 1);
    assert_int_equal(sent.refused, 1);
    assert_false(sent.has_lost_source);
    udp_close(&client);
    udp_close(&udp);
}

/* Six datagrams of two bytes each; the fourth meets the error. */
static struct udp_sent send_six(struct udp *udp, int error)
{
    static const char text[] = "001122334455";
    struct udp_run run = {.parts = &(struct span){NULL, 0}, .count = 6, .datagram_size = 2};
    struct span parts[6];

    for (size_t i = 0; i < COUNT_OF(parts); i++)
        parts[i] = span_of(text + 2 * i, 2);
    run.parts = parts;
    lab.plain_sends = 0;
    lab.refused_send = 4;
    lab.send_error = error;
    return udp_send_run(udp, &udp->local, NULL, &run);
}

static void stops_at_the_first_that_finds_no_room(void **state)
{
    struct udp udp = open_at("127.0.0.1", 0);

    (void)state;
    assert_int_equal(lab.selected, FD_READ);
    assert_int_equal(WaitForSingleObject(event, 0), WAIT_TIMEOUT);
    struct udp_sent sent = send_six(&udp, WSAEWOULDBLOCK);
    assert_true(sent.is_full);
    assert_int_equal(lab.selected, FD_READ | FD_WRITE);
    assert_int_equal(WaitForSingleObject(event, PATIENCE_MS), WAIT_OBJECT_0); /* there is room already */
    assert_int_equal(sent.datagrams, 3);
    assert_int_equal(sent.refused, 0);
    assert_int_equal(lab.plain_sends, 4);
    for (int i = 0; i < 3; i++)
        receive(&udp, NULL);
    assert_string_equal((char *)received, "22");
    sent = send_six(&udp, WSAENETUNREACH);
    assert_false(sent.is_full);
    assert_int_equal(sent.datagrams, 6);
    assert_int_equal(sent.refused, 1);
    assert_int_equal(sent.error, WSAENETUNREACH);
    assert_int_equal(lab.plain_sends, 6);
    udp_close(&udp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(names_the_source_on_a_wildcard_socket), TEST(leaves_the_source_to_the_system_where_none_is_known),
        TEST(says_when_a_datagram_was_not_taken),    TEST(leaves_from_where_it_may_if_not_from_where_it_should),
        TEST(stops_at_the_first_that_finds_no_room),
    };

    return cmocka_run_group_tests_name("udp_send", tests, start_winsock, NULL) != 0;
}
