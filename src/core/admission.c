#include "core/admission.h"

#include "core/path.h"

uint32_t admission_slots(uint32_t transfers)
{
    uint32_t slots = 16;

    while (slots < (transfers + ADMISSION_SPARE) * 2)
        slots *= 2;
    return slots;
}

void admission_init(struct admission *admission, const struct admission_memory *memory)
{
    memset(admission, 0, sizeof *admission);
    peers_init(&admission->peers, memory->peer_slots, admission_slots(memory->transfers));
    peers_init(&admission->hosts, memory->host_slots, admission_slots(memory->transfers));
    admission->transfers_max = memory->transfers;
    for (uint32_t i = memory->transfers + ADMISSION_SPARE; i > 0; i--) {
        memory->hosts[i - 1].next_free = admission->free_hosts;
        admission->free_hosts = &memory->hosts[i - 1];
    }
}

bool admission_is_bogus_source(const struct endpoint *from)
{
    return from->port == 0 || endpoint_is_unspecified(from) || endpoint_is_broadcast(from) ||
           endpoint_is_multicast(from);
}

static struct endpoint host_address(const struct entry *entry)
{
    struct endpoint address = entry->peer.at;

    address.port = 0;
    return address;
}

static struct host *host_find(const struct admission *admission, const struct entry *entry)
{
    struct endpoint address = host_address(entry);

    return (struct host *)peers_find(&admission->hosts, &address);
}

static void host_count(struct admission *admission, const struct entry *entry)
{
    struct host *host = host_find(admission, entry);

    if (host == NULL) {
        host = admission->free_hosts;
        ASSERT(host != NULL);
        admission->free_hosts = host->next_free;
        host->count = 0;
        host->ending = 0;
        host->peer.at = host_address(entry);
        bool is_added = peers_add(&admission->hosts, &host->peer);
        ASSERT(is_added);
    }
    host->count++;
}

static void host_uncount(struct admission *admission, const struct entry *entry)
{
    struct host *host = host_find(admission, entry);

    ASSERT(host != NULL && host->count > 0 && host->ending >= entry->is_ending);
    host->ending -= entry->is_ending;
    if (--host->count > 0)
        return;
    peers_remove(&admission->hosts, &host->peer);
    host->next_free = admission->free_hosts;
    admission->free_hosts = host;
}

static void enter_upload(struct admission *admission, struct entry *entry)
{
    entry->previous_upload = NULL;
    entry->next_upload = admission->uploads;
    if (admission->uploads != NULL)
        admission->uploads->previous_upload = entry;
    admission->uploads = entry;
}

static void leave_upload(struct admission *admission, struct entry *entry)
{
    if (entry->previous_upload != NULL)
        entry->previous_upload->next_upload = entry->next_upload;
    else
        admission->uploads = entry->next_upload;
    if (entry->next_upload != NULL)
        entry->next_upload->previous_upload = entry->previous_upload;
}

/* The client's own unfinished upload of the same name, begun from another port before it rebooted (CLIENTS.md, 4). */
static struct entry *find_own_upload(const struct admission *admission, const struct entry *entry)
{
    for (struct entry *upload = admission->uploads; upload != NULL; upload = upload->next_upload)
        if (!upload->is_doomed && endpoint_same_address(&upload->peer.at, &entry->peer.at) &&
            path_equal(upload->path, entry->path))
            return upload;
    return NULL;
}

/* -- in the order they came -- */

static void enter_unanswered(struct admission *admission, struct entry *entry)
{
    entry->older = admission->newest;
    entry->newer = NULL;
    *(admission->newest != NULL ? &admission->newest->newer : &admission->oldest) = entry;
    admission->newest = entry;
}

static void leave_unanswered(struct admission *admission, struct entry *entry)
{
    bool is_listed = entry->older != NULL || entry->newer != NULL || admission->oldest == entry;

    if (!is_listed)
        return;
    *(entry->older != NULL ? &entry->older->newer : &admission->oldest) = entry->newer;
    *(entry->newer != NULL ? &entry->newer->older : &admission->newest) = entry->older;
    entry->older = NULL;
    entry->newer = NULL;
}

/* The one that has waited longest without ever being answered; those that have answered drop out of the list here. */
static struct entry *find_unanswered(struct admission *admission, bool (*has_answered)(const struct entry *))
{
    for (struct entry *entry = admission->oldest, *next; entry != NULL; entry = next) {
        next = entry->newer;
        if (!entry->is_running)
            continue;
        if (!has_answered(entry))
            return entry;
        leave_unanswered(admission, entry);
    }
    return NULL;
}

static void supersede(struct admission *admission, struct entry *entry)
{
    entry->is_doomed = true;
    peers_remove(&admission->peers, &entry->peer);
    leave_unanswered(admission, entry);
    host_uncount(admission, entry);
    admission->serving--;
}

/* What entering would bring about, as far as it is known before. */
struct plan {
    struct entry *other;  /* of the same peer, to be superseded */
    struct entry *upload; /* the client's own unfinished one of the same name */
    struct entry *gives_way;
};

/* A client that begins anew gives up a transfer for it, so its limit does not stand in the way. */
static bool is_too_many_of_client(const struct host *host, const struct entry *given_up, uint32_t most)
{
    if (host == NULL)
        return false;
    uint32_t count = host->count - (given_up != NULL);
    uint32_t ending = host->ending - (given_up != NULL && given_up->is_ending);

    return count - (ending < most ? ending : most) >= most;
}

static enum admission_verdict judge_limits(struct admission *admission, const struct config *config,
                                           const struct entry *entry, struct plan *plan,
                                           bool (*has_answered)(const struct entry *))
{
    const struct entry *other = plan->other != NULL ? plan->other : plan->upload;
    uint32_t given_up = other != NULL ? 1 : 0;

    if (is_too_many_of_client(host_find(admission, entry), other, config->transfers_per_client_max))
        return ADMISSION_TOO_MANY_OF_CLIENT;
    if (admission->running >= admission->transfers_max + ADMISSION_SPARE)
        return ADMISSION_TOO_MANY;
    if (admission->serving - given_up < config->transfers_max &&
        admission->serving - given_up < admission->transfers_max)
        return ADMISSION_ENTERED;
    /* A storm of forged requests fills the house with guests that never answer: they make room for an honest one. */
    plan->gives_way = find_unanswered(admission, has_answered);
    return plan->gives_way != NULL ? ADMISSION_ENTERED : ADMISSION_TOO_MANY;
}

static void enter(struct admission *admission, struct entry *entry)
{
    bool is_added = peers_add(&admission->peers, &entry->peer);

    ASSERT(is_added);
    if (entry->is_upload)
        enter_upload(admission, entry);
    enter_unanswered(admission, entry);
    host_count(admission, entry);
    entry->is_entered = true;
    entry->is_ending = false;
    entry->is_doomed = false;
    admission->running++;
    admission->serving++;
}

struct admission_result admission_enter(struct admission *admission, const struct config *config, struct entry *entry,
                                        bool (*has_answered)(const struct entry *))
{
    struct entry *other = (struct entry *)peers_find(&admission->peers, &entry->peer.at);
    struct plan plan = {.other = other};

    if (other != NULL && other->fingerprint == entry->fingerprint && !entry->begins_anew)
        return (struct admission_result){
            .verdict = other->is_running ? ADMISSION_REPEATED : ADMISSION_BEING_OPENED,
            .other = other,
        };
    entry->unanswered = other != NULL && !has_answered(other) ? (uint8_t)(other->unanswered + 1) : 0;
    if (entry->unanswered > ADMISSION_UNANSWERED_MAX)
        return (struct admission_result){.verdict = ADMISSION_TOO_HASTY, .other = other};
    if (entry->is_upload)
        plan.upload = find_own_upload(admission, entry);
    if (plan.upload == other)
        plan.upload = NULL;
    struct admission_result result = {
        .verdict = judge_limits(admission, config, entry, &plan, has_answered),
    };
    if (result.verdict != ADMISSION_ENTERED)
        return result;

    result.superseded = plan.other;
    result.superseded_upload = plan.upload;
    result.gave_way = plan.gives_way;
    if (plan.other != NULL)
        supersede(admission, plan.other);
    if (plan.upload != NULL)
        supersede(admission, plan.upload);
    if (plan.gives_way != NULL && !plan.gives_way->is_doomed)
        supersede(admission, plan.gives_way);
    enter(admission, entry);
    return result;
}

void admission_end_soon(struct admission *admission, struct entry *entry)
{
    ASSERT(entry->is_entered);
    if (entry->is_doomed || entry->is_ending)
        return;
    entry->is_ending = true;
    host_find(admission, entry)->ending++;
}

void admission_leave(struct admission *admission, struct entry *entry)
{
    ASSERT(entry->is_entered);
    entry->is_entered = false;
    if (!entry->is_doomed)
        supersede(admission, entry);
    if (entry->is_upload)
        leave_upload(admission, entry);
    admission->running--;
}
