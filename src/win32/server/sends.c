#include "win32/server/sends.h"

#include "win32/system/text.h"

#include <stdio.h>

void sends_configure(struct shared *shared, bool is_segmentation_wanted)
{
    struct sends *sends = &shared->sends;

    AcquireSRWLockExclusive(&sends->lock);
    if (sends->is_segmentation_wanted != is_segmentation_wanted) {
        sends->is_segmentation_wanted = is_segmentation_wanted;
        sends->segmentation = (struct segmentation){.losses = 0};
        atomic_store(&sends->is_segmentation_well, true);
        atomic_store(&sends->may_segment, is_segmentation_wanted);
    }
    ReleaseSRWLockExclusive(&sends->lock);
}

bool sends_may_segment(struct shared *shared)
{
    return atomic_load_explicit(&shared->sends.may_segment, memory_order_relaxed);
}

static void tell_end_of_segmentation(struct shared *shared, enum segmentation_news news)
{
    struct event event = event_of(EVENT_SEGMENTATION_OFF, NULL, NULL);

    event.words = news == SEGMENTATION_LOST
                      ? "what the system or the network adapter was to cut into datagrams was lost as a whole, and "
                        "arrived when it was sent again one by one"
                      : "the system refuses to cut what it is given into datagrams";
    journal_put(shared->journal, &event);
}

void sends_hear_of_segmentation(struct shared *shared, enum segmentation_news news)
{
    struct sends *sends = &shared->sends;

    if (news == SEGMENTATION_NO_NEWS || !sends_may_segment(shared))
        return;
    if (news == SEGMENTATION_ARRIVED && atomic_load_explicit(&sends->is_segmentation_well, memory_order_relaxed))
        return;
    AcquireSRWLockExclusive(&sends->lock);
    bool is_over = segmentation_hear(&sends->segmentation, news);
    atomic_store(&sends->is_segmentation_well, segmentation_is_well(&sends->segmentation));
    if (is_over)
        atomic_store(&sends->may_segment, false);
    ReleaseSRWLockExclusive(&sends->lock);
    if (is_over)
        tell_end_of_segmentation(shared, news);
}

enum unsent sends_reason(int error)
{
    switch (error) {
    case WSAEACCES: return UNSENT_DENIED;
    case WSAEADDRNOTAVAIL: return UNSENT_NO_ADDRESS;
    case WSAENETDOWN:
    case WSAENETUNREACH:
    case WSAEHOSTDOWN:
    case WSAEHOSTUNREACH: return UNSENT_NO_ROUTE;
    case WSAEMSGSIZE: return UNSENT_TOO_LONG;
    case WSAENOBUFS: return UNSENT_NO_BUFFERS;
    default: return UNSENT_OTHER;
    }
}

static void hear_of_refusal(struct shared *shared, const struct endpoint *to, const struct udp_sent *sent)
{
    enum unsent reason = sends_reason(sent->error);
    LONG64 count = InterlockedAdd64(&shared->counts.unsent[reason], (LONG64)sent->refused);

    AcquireSRWLockExclusive(&shared->sends.lock);
    bool is_told = unsent_is_to_be_told(&shared->sends.told, reason, GetTickCount64());
    ReleaseSRWLockExclusive(&shared->sends.lock);
    if (!is_told)
        return;
    struct event event = event_of(EVENT_SEND_FAILED, NULL, text_of_error((DWORD)sent->error).text);
    event.client = *to;
    event.words = unsent_advice(reason);
    event.number = (uint64_t)count;
    journal_put(shared->journal, &event);
}

static void hear_of_lost_source(struct shared *shared, const struct endpoint *to, const struct udp_arrival *source)
{
    char address[ENDPOINT_TEXT_MAX];

    if (atomic_exchange(&shared->sends.is_source_told, true))
        return;
    struct event event = event_of(EVENT_SOURCE_REFUSED, endpoint_address_text(&source->local, address), NULL);
    event.client = *to;
    journal_put(shared->journal, &event);
}

void sends_hear(struct shared *shared, const struct endpoint *to, const struct udp_arrival *source,
                const struct udp_sent *sent)
{
    if (sent->refused > 0)
        hear_of_refusal(shared, to, sent);
    if (sent->has_lost_source)
        hear_of_lost_source(shared, to, source);
}
