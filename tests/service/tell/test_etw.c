/* link: -Wl,--wrap=__imp_EventRegister,--wrap=__imp_EventProviderEnabled,--wrap=__imp_EventWriteTransfer */
/* Wine records nothing of ETW: what is handed to it is read here as a decoder of TraceLogging would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "service/tell/etw.h"

#include <evntprov.h>
#include <wincrypt.h>

enum { FIELDS_MAX = EVENT_INSERTS_MAX, SHA1_SIZE = 20, TEXT_MAX = 600 };

typedef ULONG(WINAPI *register_provider)(const GUID *, PENABLECALLBACK, void *, REGHANDLE *);
typedef BOOLEAN(WINAPI *is_enabled)(REGHANDLE, UCHAR, ULONGLONG);
typedef ULONG(WINAPI *write_transfer)(REGHANDLE, const EVENT_DESCRIPTOR *, const GUID *, const GUID *, ULONG,
                                      EVENT_DATA_DESCRIPTOR *);
extern register_provider __real___imp_EventRegister;
extern register_provider __wrap___imp_EventRegister;
extern is_enabled __wrap___imp_EventProviderEnabled;
extern write_transfer __wrap___imp_EventWriteTransfer;

static GUID registered;
static bool listens;

/* The last event, decoded. */
static struct {
    unsigned calls;
    EVENT_DESCRIPTOR descriptor;
    char provider[64];
    char name[64];
    size_t field_count;
    char fields[FIELDS_MAX][32];
    char values[FIELDS_MAX][TEXT_MAX];
} last;

static ULONG WINAPI keep_provider(const GUID *guid, PENABLECALLBACK callback, void *context, REGHANDLE *handle)
{
    registered = *guid;
    return __real___imp_EventRegister(guid, callback, context, handle);
}
register_provider __wrap___imp_EventRegister = keep_provider;

static BOOLEAN WINAPI tell_enabled(REGHANDLE handle, UCHAR level, ULONGLONG keyword)
{
    (void)handle;
    assert_in_range(level, 2, 5);
    assert_int_not_equal(keyword, 0);
    return listens;
}
is_enabled __wrap___imp_EventProviderEnabled = tell_enabled;

static const uint8_t *bytes_of(const EVENT_DATA_DESCRIPTOR *part)
{
    return (const uint8_t *)(uintptr_t)part->Ptr;
}

static void decode_metadata(const EVENT_DATA_DESCRIPTOR *part)
{
    const uint8_t *bytes = bytes_of(part);
    const uint8_t *end = bytes + part->Size;

    assert_int_equal(bytes[0] | bytes[1] << 8, part->Size);
    assert_int_equal(bytes[2], 0); /* no tags, and no more bytes of them */
    bytes += 3;
    strcpy(last.name, (const char *)bytes);
    bytes += strlen(last.name) + 1;
    while (bytes < end) {
        strcpy(last.fields[last.field_count], (const char *)bytes);
        bytes += strlen((const char *)bytes) + 1;
        assert_int_equal(bytes[0], 0x82); /* a text up to its NUL, and how to show it */
        assert_int_equal(bytes[1], 35);   /* UTF-8 */
        bytes += 2;
        last.field_count++;
    }
    assert_ptr_equal(bytes, end);
}

static ULONG WINAPI keep_event(REGHANDLE handle, const EVENT_DESCRIPTOR *descriptor, const GUID *activity,
                               const GUID *related, ULONG count, EVENT_DATA_DESCRIPTOR *parts)
{
    (void)handle;
    assert_null(activity);
    assert_null(related);
    last.calls++;
    last.descriptor = *descriptor;
    last.field_count = 0;
    assert_true(count >= 2);
    assert_int_equal(parts[0].Reserved & 0xff, 2);
    assert_int_equal(bytes_of(&parts[0])[0] | bytes_of(&parts[0])[1] << 8, parts[0].Size);
    strcpy(last.provider, (const char *)bytes_of(&parts[0]) + 2);
    assert_int_equal(parts[0].Size, 2 + strlen(last.provider) + 1);
    assert_int_equal(parts[1].Reserved & 0xff, 1);
    decode_metadata(&parts[1]);
    assert_int_equal(count, 2 + last.field_count);
    for (size_t i = 0; i < last.field_count; i++) {
        assert_int_equal(parts[2 + i].Reserved & 0xff, 0);
        assert_int_equal(parts[2 + i].Size, strlen((const char *)bytes_of(&parts[2 + i])) + 1);
        strcpy(last.values[i], (const char *)bytes_of(&parts[2 + i]));
    }
    return ERROR_SUCCESS;
}
write_transfer __wrap___imp_EventWriteTransfer = keep_event;

static void tell(const struct event *event)
{
    struct etw *etw = etw_open();
    SYSTEMTIME local = {0};

    assert_non_null(etw);
    struct journal_sink sink = etw_sink(etw);
    last.calls = 0;
    sink.write(sink.context, event, &local);
    etw_close(etw);
}

static void describes_every_event(void **state)
{
    (void)state;
    listens = true;
    for (size_t i = 0; i < event_kind_count; i++) {
        const struct event_kind *kind = &event_kinds[i];
        struct event event = event_of((enum event_id)kind->id, "gr\xc3\xbcn.cfg", "some detail");
        const char *names[EVENT_INSERTS_MAX];
        const char *values[EVENT_INSERTS_MAX];
        char buffer[EVENT_INSERT_BYTES_MAX];
        event.words = "words";
        event.client = endpoint_ipv4(10, 0, 0, 5, 2070);
        tell(&event);
        assert_int_equal(last.calls, 1);
        assert_string_equal(last.provider, "tftpd");
        assert_string_equal(last.name, kind->name);
        assert_int_equal(last.descriptor.Id, kind->id);
        assert_int_equal(last.descriptor.Channel, 11);
        assert_int_equal(last.descriptor.Level, kind->level == EVENT_ERROR ? 2 : 5 - (int)kind->level);
        assert_int_equal(last.descriptor.Keyword, 1ull << (kind->category - 1));
        assert_int_equal(event_field_names(kind, names), last.field_count);
        assert_int_equal(event_inserts(&event, values, buffer), last.field_count);
        for (size_t k = 0; k < last.field_count; k++) {
            assert_string_equal(last.fields[k], names[k]);
            assert_string_equal(last.values[k], values[k]);
        }
    }
}

static void makes_nothing_while_nobody_listens(void **state)
{
    struct event event = event_of(EVENT_STARTED, NULL, "x");

    (void)state;
    listens = false;
    tell(&event);
    assert_int_equal(last.calls, 0);
}

/* SHA-1 over a namespace and the name in upper case as UTF-16BE, its fifth version: the documented way of EventSource. */
static void has_the_identity_of_its_name(void **state)
{
    static const uint8_t hashed[] = {0x48, 0x2c, 0x2d, 0xb2, 0xc3, 0x90, 0x47, 0xc8, 0x87, 0xf8, 0x1a, 0x15, 0xbf,
                                     0xc1, 0x30, 0xfb, 0,    'T',  0,    'F',  0,    'T',  0,    'P',  0,    'D'};
    union {
        uint8_t bytes[SHA1_SIZE];
        GUID guid;
    } made;
    HCRYPTPROV crypto;
    HCRYPTHASH hash;
    DWORD size = SHA1_SIZE;

    (void)state;
    assert_true(CryptAcquireContextW(&crypto, NULL, NULL, PROV_RSA_FULL, CRYPT_VERIFYCONTEXT));
    assert_true(CryptCreateHash(crypto, CALG_SHA1, 0, 0, &hash));
    assert_true(CryptHashData(hash, hashed, sizeof hashed, 0));
    assert_true(CryptGetHashParam(hash, HP_HASHVAL, made.bytes, &size, 0));
    CryptDestroyHash(hash);
    CryptReleaseContext(crypto, 0);
    made.bytes[7] = (uint8_t)((made.bytes[7] & 0x0f) | 0x50);
    etw_close(etw_open());
    assert_memory_equal(&registered, &made.guid, sizeof registered);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(describes_every_event),
        cmocka_unit_test(makes_nothing_while_nobody_listens),
        cmocka_unit_test(has_the_identity_of_its_name),
    };

    return cmocka_run_group_tests_name("etw", tests, NULL, NULL) != 0;
}
