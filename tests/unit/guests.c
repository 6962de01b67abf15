#include "guests.h"

#include "unit.h"

struct guests guests;

struct admission_view guests_look(const struct entry *entry)
{
    return entry == guests.odd_one ? guests.odd_view : guests.view;
}

void guests_see(enum standing standing, uint64_t progress_ms)
{
    guests.view = (struct admission_view){standing, progress_ms};
}

int guests_set_up(void **state)
{
    struct admission_memory memory = {.peer_slots = guests.peer_slots,
                                      .host_slots = {guests.host_slots[0], guests.host_slots[1]},
                                      .hosts = guests.hosts,
                                      .transfers = TRANSFERS,
                                      .seed = 1};

    (void)state;
    memset(&guests, 0, sizeof guests);
    config_defaults(&guests.config);
    guests.config.transfers_max = TRANSFERS;
    admission_init(&guests.admission, &memory);
    guests_see(STANDING_STRANGER, NOW_MS);
    guests.odd_one = NULL;
    return 0;
}

struct entry guests_entry(uint8_t host, uint16_t port, const char *upload_path, uint32_t fingerprint)
{
    return (struct entry){.peer = {.at = endpoint_ipv4(10, 0, 0, host, port)},
                          .path = upload_path,
                          .is_upload = upload_path != NULL,
                          .fingerprint = fingerprint};
}

struct admission_result guests_enter(struct entry *entry)
{
    return admission_enter(&guests.admission, &guests.config, entry, guests_look, NOW_MS);
}

void guests_expect_entered(struct entry *entry)
{
    struct admission_result result = guests_enter(entry);

    assert_int_equal(result.verdict, ADMISSION_ENTERED);
    assert_null(result.other);
    assert_null(result.superseded);
    assert_null(result.superseded_upload);
    assert_null(result.evicted);
    assert_true(entry->is_entered);
    entry->is_running = true;
}

void guests_expect_superseding(struct entry *entry, struct entry *old)
{
    struct admission_result result = guests_enter(entry);

    assert_int_equal(result.verdict, ADMISSION_ENTERED);
    assert_ptr_equal(result.superseded, old);
    assert_int_equal(entry->unanswered, 0);
}

void guests_expect_empty(void)
{
    assert_int_equal(guests.admission.running, 0);
    assert_int_equal(guests.admission.peers.count, 0);
    for (int scope = 0; scope < ADMISSION_SCOPES; scope++)
        assert_int_equal(guests.admission.hosts[scope].count, 0);
    assert_null(guests.admission.uploads);
}
