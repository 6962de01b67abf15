#include "core/server/admission.h"

#include "core/names/path.h"

uint32_t admission_slots(uint32_t transfers)
{
    uint32_t slots = 16;

    while (slots < (transfers + ADMISSION_SPARE) * 2)
        slots *= 2;
    return slots;
}

uint32_t admission_hosts(uint32_t transfers)
{
    return transfers * ADMISSION_SCOPES; /* those on their way out count for no host */
}

void admission_init(struct admission *admission, const struct admission_memory *memory)
{
    uint32_t slots = admission_slots(memory->transfers);

    memset(admission, 0, sizeof *admission);
    peers_init(&admission->peers, memory->peer_slots, slots, memory->seed);
    for (int scope = 0; scope < ADMISSION_SCOPES; scope++)
        peers_init(&admission->hosts[scope], memory->host_slots[scope], slots, memory->seed);
    admission->transfers_max = memory->transfers;
    for (uint32_t i = admission_hosts(memory->transfers); i > 0; i--) {
        memory->hosts[i - 1].next_free = admission->free_hosts;
        admission->free_hosts = &memory->hosts[i - 1];
    }
}

static struct endpoint host_address(const struct entry *entry, enum admission_scope scope)
{
    const struct endpoint *at = &entry->peer.at;

    return scope == ADMISSION_OF_NETWORK ? endpoint_network(at) : endpoint_host(at);
}

static struct host *host_find(const struct admission *admission, const struct entry *entry, enum admission_scope scope)
{
    struct endpoint address = host_address(entry, scope);

    return (struct host *)peers_find(&admission->hosts[scope], &address);
}

static void host_count(struct admission *admission, const struct entry *entry, enum admission_scope scope)
{
    struct host *host = host_find(admission, entry, scope);

    if (host == NULL) {
        host = admission->free_hosts;
        ASSERT(host != NULL);
        admission->free_hosts = host->next_free;
        host->count = 0;
        host->ending = 0;
        host->peer.at = host_address(entry, scope);
        bool is_added = peers_add(&admission->hosts[scope], &host->peer);
        ASSERT(is_added);
    }
    host->count++;
}

static void host_uncount(struct admission *admission, const struct entry *entry, enum admission_scope scope)
{
    struct host *host = host_find(admission, entry, scope);

    ASSERT(host != NULL && host->count > 0 && host->ending >= entry->is_ending);
    host->ending -= entry->is_ending;
    if (--host->count > 0)
        return;
    peers_remove(&admission->hosts[scope], &host->peer);
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

/* -- who makes room -- */

static void enter_rank(struct admission *admission, struct entry *entry, enum standing standing)
{
    struct rank *rank = &admission->ranks[standing];

    entry->rank = (uint8_t)standing;
    entry->older = rank->newest;
    entry->newer = NULL;
    *(rank->newest != NULL ? &rank->newest->newer : &rank->oldest) = entry;
    rank->newest = entry;
}

static void leave_rank(struct admission *admission, struct entry *entry)
{
    struct rank *rank = &admission->ranks[entry->rank];

    *(entry->older != NULL ? &entry->older->newer : &rank->oldest) = entry->newer;
    *(entry->newer != NULL ? &entry->newer->older : &rank->newest) = entry->older;
}

/* The oldest that is still of this rank; those that have risen go to where they belong. */
static struct entry *find_of_rank(struct admission *admission, enum standing standing, admission_look *look)
{
    for (struct entry *entry = admission->ranks[standing].oldest, *next; entry != NULL; entry = next) {
        next = entry->newer;
        if (!entry->is_running)
            continue;
        enum standing now = look(entry).standing;
        if (now <= standing)
            return entry;
        leave_rank(admission, entry);
        enter_rank(admission, entry, now);
    }
    return NULL;
}

/* Looks at some in turn, so that a full house costs a request no more than that. */
static struct entry *find_stalled(struct admission *admission, admission_look *look, uint64_t now_ms)
{
    for (int i = 0; i < ADMISSION_LOOKS; i++) {
        struct entry *entry = admission->ranks[STANDING_PROVEN].oldest;
        if (entry == NULL)
            return NULL;
        if (entry->is_running && now_ms >= look(entry).progress_ms + ADMISSION_STALLED_MS)
            return entry;
        leave_rank(admission, entry);
        enter_rank(admission, entry, STANDING_PROVEN);
    }
    return NULL;
}

static struct entry *find_room(struct admission *admission, admission_look *look, uint64_t now_ms)
{
    struct entry *entry = find_of_rank(admission, STANDING_STRANGER, look);

    if (entry == NULL)
        entry = find_of_rank(admission, STANDING_ANSWERED, look);
    return entry != NULL ? entry : find_stalled(admission, look, now_ms);
}

static void supersede(struct admission *admission, struct entry *entry)
{
    entry->is_doomed = true;
    peers_remove(&admission->peers, &entry->peer);
    leave_rank(admission, entry);
    for (int scope = 0; scope < ADMISSION_SCOPES; scope++)
        host_uncount(admission, entry, (enum admission_scope)scope);
    admission->serving--;
}

/* What entering would bring about, as far as it is known before. */
struct plan {
    struct entry *other;  /* of the same peer, to be superseded */
    struct entry *upload; /* the client's own unfinished one of the same name */
    struct entry *evicted;
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
                                           const struct entry *entry, struct plan *plan, admission_look *look,
                                           uint64_t now_ms)
{
    const struct entry *other = plan->other != NULL ? plan->other : plan->upload;
    uint32_t given_up = other != NULL ? 1 : 0;

    for (int scope = 0; scope < ADMISSION_SCOPES; scope++) {
        uint32_t share = scope == ADMISSION_OF_NETWORK ? ENDPOINT_NETWORK_SHARE : 1;
        if (is_too_many_of_client(host_find(admission, entry, (enum admission_scope)scope), other,
                                  config->transfers_per_client_max * share))
            return ADMISSION_TOO_MANY_OF_CLIENT;
    }
    if (admission->running >= admission->transfers_max + ADMISSION_SPARE)
        return ADMISSION_TOO_MANY;
    if (admission->serving - given_up < config->transfers_max &&
        admission->serving - given_up < admission->transfers_max)
        return ADMISSION_ENTERED;
    /* A storm of forged requests fills the house with guests that take nothing: they make room for an honest one. */
    plan->evicted = find_room(admission, look, now_ms);
    if (plan->evicted != NULL)
        return ADMISSION_ENTERED;
    /* Who is left among those that never answered is being opened, and will make room in a moment. */
    return admission->ranks[STANDING_STRANGER].oldest != NULL ? ADMISSION_NOT_NOW : ADMISSION_TOO_MANY;
}

static void enter(struct admission *admission, struct entry *entry)
{
    bool is_added = peers_add(&admission->peers, &entry->peer);

    ASSERT(is_added);
    if (entry->is_upload)
        enter_upload(admission, entry);
    enter_rank(admission, entry, STANDING_STRANGER);
    for (int scope = 0; scope < ADMISSION_SCOPES; scope++)
        host_count(admission, entry, (enum admission_scope)scope);
    entry->is_entered = true;
    entry->is_ending = false;
    entry->is_doomed = false;
    admission->running++;
    admission->serving++;
}

static uint32_t *last_fingerprint(struct admission *admission, const struct entry *entry)
{
    return &admission->lately[endpoint_hash(&entry->peer.at, admission->peers.seed) % ADMISSION_LATELY_MAX];
}

static enum admission_likeness likeness_of(struct admission *admission, const struct entry *other,
                                           const struct entry *entry)
{
    if (endpoint_equal(&other->peer.at, &entry->peer.at) && other->fingerprint == entry->fingerprint)
        return REQUEST_SAME;
    return *last_fingerprint(admission, entry) == entry->fingerprint ? REQUEST_LATE : REQUEST_OTHER;
}

/*
 * Whether this request leaves that transfer alone until its worker has found out what it means: the client goes on, as far
 * as anybody can tell. One that may have all it wants is given up for the next file; but never for a late copy.
 */
static bool is_doubtful(const struct entry *other, enum admission_likeness likeness, admission_look *look)
{
    if (likeness == REQUEST_SAME)
        return true;
    /* A stored upload has nothing to lose. */
    if (!other->is_running || (other->is_ending && other->is_upload))
        return false;
    return likeness == REQUEST_LATE || (!other->is_ending && look(other).standing != STANDING_STRANGER);
}

/*
 * The transfer that is to be left alone: its peer's own, or the client's unfinished upload of the same name. NULL: there is
 * none, or its worker has found the client silent.
 */
static struct entry *find_doubted(struct admission *admission, const struct plan *plan, const struct entry *entry,
                                  admission_look *look, enum admission_likeness *likeness)
{
    struct entry *others[] = {plan->other, plan->upload};

    for (size_t i = 0; i < sizeof others / sizeof others[0] && !entry->begins_anew; i++) {
        if (others[i] == NULL)
            continue;
        *likeness = likeness_of(admission, others[i], entry);
        if (is_doubtful(others[i], *likeness, look))
            return others[i];
    }
    return NULL;
}

struct admission_result admission_enter(struct admission *admission, const struct config *config, struct entry *entry,
                                        admission_look *look, uint64_t now_ms)
{
    struct entry *other = (struct entry *)peers_find(&admission->peers, &entry->peer.at);
    struct plan plan = {.other = other};

    if (entry->is_upload)
        plan.upload = find_own_upload(admission, entry);
    if (plan.upload == other)
        plan.upload = NULL;
    enum admission_likeness likeness;
    struct entry *doubted = find_doubted(admission, &plan, entry, look, &likeness);
    if (doubted != NULL)
        return (struct admission_result){
            .verdict = doubted->is_running ? ADMISSION_REPEATED : ADMISSION_BEING_OPENED,
            .likeness = likeness,
            .other = doubted,
        };
    bool is_unanswered = other != NULL && look(other).standing == STANDING_STRANGER;
    entry->unanswered = is_unanswered ? (uint8_t)(other->unanswered + 1) : 0;
    if (entry->unanswered > ADMISSION_UNANSWERED_MAX)
        return (struct admission_result){.verdict = ADMISSION_TOO_HASTY, .other = other};
    struct admission_result result = {
        .verdict = judge_limits(admission, config, entry, &plan, look, now_ms),
    };
    if (result.verdict != ADMISSION_ENTERED)
        return result;

    result.superseded = plan.other;
    result.superseded_upload = plan.upload;
    if (plan.other != NULL)
        supersede(admission, plan.other);
    if (plan.upload != NULL)
        supersede(admission, plan.upload);
    if (plan.evicted != NULL && !plan.evicted->is_doomed) {
        result.evicted = plan.evicted;
        supersede(admission, plan.evicted);
    }
    enter(admission, entry);
    return result;
}

void admission_end_soon(struct admission *admission, struct entry *entry)
{
    ASSERT(entry->is_entered);
    if (entry->is_doomed || entry->is_ending)
        return;
    entry->is_ending = true;
    for (int scope = 0; scope < ADMISSION_SCOPES; scope++)
        host_find(admission, entry, (enum admission_scope)scope)->ending++;
}

void admission_leave(struct admission *admission, struct entry *entry)
{
    ASSERT(entry->is_entered);
    entry->is_entered = false;
    *last_fingerprint(admission, entry) = entry->fingerprint;
    if (!entry->is_doomed)
        supersede(admission, entry);
    if (entry->is_upload)
        leave_upload(admission, entry);
    admission->running--;
}
