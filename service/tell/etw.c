#include "service/tell/etw.h"

#include <evntprov.h>
#include <stdlib.h>

/* From the name, as TraceLogging and EventSource make it: tools then find the provider as *tftpd. A test makes it again. */
static const GUID provider = {0x3f12f18b, 0xed0b, 0x5cfb, {0x55, 0x98, 0xee, 0xf8, 0x9a, 0x9e, 0xda, 0x12}};

/* The provider's metadata: their size, then its name with its NUL. */
static uint8_t traits[] = {8, 0, 't', 'f', 't', 'p', 'd', 0};

/* Of the self-describing form that TraceLogging writes; the SDK has no names for it outside its macros. */
enum {
    PROVIDER_TRAITS = 2, /* an EVENT_INFO_CLASS that MinGW-w64's headers lack */
    DESCRIPTOR_EVENT_METADATA = 1,
    DESCRIPTOR_PROVIDER_METADATA = 2,
    CHANNEL_SELF_DESCRIBING = 11,
    FIELD_TEXT = 2,        /* bytes up to a NUL */
    FIELD_HAS_FORM = 0x80, /* how to show it follows */
    FORM_UTF8 = 35,
    METADATA_MAX = 256,
    DESCRIPTORS_MAX = EVENT_INSERTS_MAX + 2
};

/* The trace levels of winmeta.h. */
static const UCHAR levels[] = {
    [EVENT_DETAIL] = 5,
    [EVENT_INFORMATION] = 4,
    [EVENT_WARNING] = 3,
    [EVENT_ERROR] = 2,
};

struct etw {
    REGHANDLE handle;
};

struct metadata {
    size_t size;
    uint8_t bytes[METADATA_MAX];
};

static void put(struct metadata *metadata, const void *bytes, size_t size)
{
    ASSERT(size <= METADATA_MAX - metadata->size);
    memcpy(metadata->bytes + metadata->size, bytes, size);
    metadata->size += size;
}

/* Size, no tags, the event's name, then each field's name and kind: all of them text in UTF-8. */
static void describe(struct metadata *metadata, const struct event_kind *kind)
{
    static const uint8_t text[] = {FIELD_TEXT | FIELD_HAS_FORM, FORM_UTF8};
    static const uint8_t head[] = {0, 0, 0};
    const char *names[EVENT_INSERTS_MAX];
    size_t count = event_field_names(kind, names);

    metadata->size = 0;
    put(metadata, head, sizeof head);
    put(metadata, kind->name, strlen(kind->name) + 1);
    for (size_t i = 0; i < count; i++) {
        put(metadata, names[i], strlen(names[i]) + 1);
        put(metadata, text, sizeof text);
    }
    metadata->bytes[0] = (uint8_t)metadata->size;
    metadata->bytes[1] = (uint8_t)(metadata->size >> 8);
}

static EVENT_DATA_DESCRIPTOR part(const void *bytes, size_t size, unsigned char type)
{
    EVENT_DATA_DESCRIPTOR part;

    EventDataDescCreate(&part, bytes, (ULONG)size);
    part.Reserved = type;
    return part;
}

static void write_event(void *context, const struct event *event, const SYSTEMTIME *local)
{
    const struct etw *etw = context;
    const struct event_kind *kind = event_kind(event->id);
    const char *values[EVENT_INSERTS_MAX];
    char buffer[EVENT_INSERT_BYTES_MAX];
    struct metadata metadata;
    EVENT_DATA_DESCRIPTOR parts[DESCRIPTORS_MAX];
    EVENT_DESCRIPTOR descriptor = {
        .Id = kind->id,
        .Channel = CHANNEL_SELF_DESCRIBING,
        .Level = levels[kind->level],
        .Keyword = 1ull << (kind->category - 1),
    };

    (void)local;
    if (!EventProviderEnabled(etw->handle, descriptor.Level, descriptor.Keyword))
        return;
    describe(&metadata, kind);
    parts[0] = part(traits, sizeof traits, DESCRIPTOR_PROVIDER_METADATA);
    parts[1] = part(metadata.bytes, metadata.size, DESCRIPTOR_EVENT_METADATA);
    size_t count = event_inserts(event, values, buffer);
    for (size_t i = 0; i < count; i++)
        parts[2 + i] = part(values[i], strlen(values[i]) + 1, 0);
    EventWriteTransfer(etw->handle, &descriptor, NULL, NULL, (ULONG)(2 + count), parts);
}

struct etw *etw_open(void)
{
    struct etw *etw = calloc(1, sizeof *etw);

    if (!etw)
        return NULL;
    if (EventRegister(&provider, NULL, NULL, &etw->handle) != ERROR_SUCCESS) {
        free(etw);
        return NULL;
    }
    /* Without it the events still carry their own description; with it, tools know the provider's name before the first. */
    /* NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange) */
    EventSetInformation(etw->handle, (EVENT_INFO_CLASS)PROVIDER_TRAITS, traits, sizeof traits);
    return etw;
}

struct journal_sink etw_sink(struct etw *etw)
{
    return (struct journal_sink){write_event, NULL, etw};
}

void etw_close(struct etw *etw)
{
    EventUnregister(etw->handle);
    free(etw);
}
