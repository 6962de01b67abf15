#include "win32/server/intake_parts.h"

#include "win32/disk/locate.h"
#include "win32/server/sends.h"

#include <stdlib.h>

enum {
    FIRST_SENDS_FULL_MAX = 16, /* of a first answer that finds no room */
    FULL_WAIT_MS = 1
};

/*
 * Another worker than that of the peer's last transfer, so that no late packet of that one reaches this one: another
 * worker is another TID. The caller holds the admission lock.
 */
static struct worker *choose_worker(struct intake *intake, const struct endpoint *from)
{
    uint8_t *last = &intake->last_worker[endpoint_hash(from, intake->shared->hash_seed) % INTAKE_LAST_MAX];
    uint32_t number = intake_next_worker(intake);

    if (number == *last)
        number = intake_next_worker(intake);
    *last = (uint8_t)number;
    return intake->workers[number];
}

/* Single words of what belongs to its worker, each as it is at some moment. */
static struct admission_view look(const struct entry *entry)
{
    const struct session *session = (const struct session *)entry;

    return (struct admission_view){
        .standing = atomic_load_explicit(&session->standing, memory_order_relaxed),
        .progress_ms = session->transfer.progress_ms,
    };
}

static void post_to(struct entry *entry, enum session_mail mail)
{
    struct session *session = (struct session *)entry;

    worker_post(session->worker, session, mail, 0);
}

static void take(struct intake *intake, const struct endpoint *from, const struct udp_arrival *arrival,
                 struct span datagram, bool begins_anew);

static void run_retake_job(struct job *job)
{
    struct repeated_request *request = CONTAINING_RECORD(job, struct repeated_request, job);
    struct shared *shared = request->shared;

    if (!shared->is_paused)
        take(request->intake, &request->from, &request->arrival, span_of(request->bytes, request->size),
             request->begins_anew);
    free(request);
    InterlockedDecrement(&shared->retakes);
}

/* For the worker to decide: it alone knows what of the old transfer still lies in its socket. */
static void post_repeat(struct arrival_story *story, const struct admission_result *result)
{
    struct session *session = (struct session *)result->other;
    struct repeated_request *none = NULL;

    if (story->datagram.size > INTAKE_REPEAT_MAX)
        return;
    struct repeated_request *request = malloc(sizeof *request + story->datagram.size);
    if (request == NULL)
        return;
    *request = (struct repeated_request){
        .job.run = run_retake_job,
        .shared = story->intake->shared,
        .intake = story->intake,
        .from = *story->from,
        .arrival = *story->arrival,
        .likeness = result->likeness,
        .size = story->datagram.size,
    };
    memcpy(request->bytes, story->datagram.bytes, story->datagram.size);
    if (atomic_compare_exchange_strong(&session->repeat, &none, request))
        post_to(&session->entry, MAIL_REPEAT);
    else
        free(request);
}

/* One that is still being opened sees by itself that it is doomed. */
static void supersede(struct entry *entry, uint16_t anew_port)
{
    if (entry == NULL || !entry->is_running)
        return;
    ((struct session *)entry)->anew_port = anew_port;
    atomic_store(&((struct session *)entry)->is_superseded, true);
    post_to(entry, MAIL_SUPERSEDED);
}

static void evict(struct shared *shared, struct entry *entry)
{
    if (entry == NULL)
        return;
    InterlockedIncrement64(&shared->counts.gave_way);
    post_to(entry, MAIL_EVICTED);
}

/* Enters the session among those being served, and lets others know what that means for them. */
static enum admission_verdict enter(struct arrival_story *story, struct session *session)
{
    struct shared *shared = story->intake->shared;

    uint64_t now_ms = GetTickCount64();
    AcquireSRWLockExclusive(&shared->admission_lock);
    struct admission_result result = admission_enter(&shared->admission, story->config, &session->entry, look, now_ms);
    story->is_known = standing_knows(&shared->known, story->from, now_ms);
    if (result.verdict == ADMISSION_REPEATED)
        post_repeat(story, &result);
    if (result.verdict == ADMISSION_ENTERED)
        session->worker = choose_worker(story->intake, story->from);
    supersede(result.superseded, story->from->port);
    supersede(result.superseded_upload, story->from->port);
    evict(shared, result.evicted);
    ReleaseSRWLockExclusive(&shared->admission_lock);
    return result.verdict;
}

void intake_leave(struct arrival_story *story)
{
    struct session *session = story->session;
    struct shared *shared = story->intake->shared;

    if (session == NULL)
        return;
    story->session = NULL;
    if (session->outlet != NULL)
        outlets_leave(worker_outlets(session->worker), session->outlet);
    AcquireSRWLockExclusive(&shared->admission_lock);
    admission_leave(&shared->admission, &session->entry);
    ReleaseSRWLockExclusive(&shared->admission_lock);
    session_dispose(session);
}

/* These return false when the request was refused: the client has been told, and the session is gone. */

static bool open_upload(struct arrival_story *story, struct session *session)
{
    char detail[EVENT_DETAIL_MAX];
    struct upload *upload = &session->upload->upload;
    enum status status = locate_upload(&story->request, story->config, story->root, story->from, &story->mac, upload);

    if (status == STATUS_OK) {
        status = upload_create(upload);
        if (status != STATUS_OK)
            upload_close(upload);
    }
    if (story->request.verdict != REQUEST_OK)
        intake_refuse_request(story);
    else if (status != STATUS_OK)
        intake_refuse_file(story, status, locate_detail(status, upload, detail, sizeof detail));
    return status == STATUS_OK;
}

static bool open_download(struct arrival_story *story, struct session *session)
{
    struct opened_file opened;

    companion_came(&story->intake->shared->companion, story->from);
    enum status status =
        locate_download(&story->request, story->config, story->root, story->from, &story->mac, &opened);

    if (status == STATUS_OK) {
        session->file = cache_attach(story->intake->shared->cache, &opened);
        if (session->file == NULL)
            status = STATUS_BROKEN;
    }
    if (story->request.verdict != REQUEST_OK)
        intake_refuse_request(story);
    else if (status != STATUS_OK)
        intake_refuse_file(story, status, "");
    return status == STATUS_OK;
}

static bool find_outlet(struct arrival_story *story, struct session *session)
{
    DWORD error = 0;

    session->outlet = outlets_draw(worker_outlets(session->worker), &story->interface.source, &error);
    if (session->outlet != NULL)
        return true;
    if (error == 0)
        intake_put_off(story, "all ports for transfers are in use this very moment (TransferPorts); it will ask again");
    else
        intake_refuse(story, EVENT_TOO_BUSY, ERROR_CODE_UNDEFINED,
                      "no port is free for the transfer; widen the parameter PortRange", "");
    return false;
}

static bool begin(struct arrival_story *story, struct session *session, struct first_answer *answer)
{
    const struct request *request = &story->request;
    struct option_limits limits =
        request_option_limits(request, story->config, story->from, story->interface.mtu, story->is_known);
    struct option_facts facts = {
        .is_upload = request->is_upload,
        .is_netascii = request->is_netascii,
        .file_size = request->is_upload ? 0 : cached_file_size(session->file),
    };
    struct agreement agreement = options_agree(&request->packet, &limits, &facts);

    enum life_performed begun = session_begin(session, request, story->config, &agreement, GetTickCount64(), answer);
    if (begun == PERFORMED_STARVES)
        intake_put_off(story, "all memory for files is in use this very moment (CacheSize); it will ask again");
    else if (begun != PERFORMED_WAITS)
        intake_refuse_file(story, session->io_status, "");
    return begun == PERFORMED_WAITS;
}

/* From here on the session belongs to its worker, unless it was superseded while it was being opened. */
static bool hand_over(struct session *session)
{
    struct shared *shared = session->shared;

    AcquireSRWLockExclusive(&shared->admission_lock);
    bool is_wanted = !session->entry.is_doomed;
    if (is_wanted) {
        session->entry.is_running = true;
        shared->counts.started++;
        worker_post(session->worker, session, MAIL_START, session->transfer.deadline_ms);
    }
    ReleaseSRWLockExclusive(&shared->admission_lock);
    return is_wanted;
}

static void tell_beginning(const struct session *session)
{
    const struct transfer *t = &session->transfer;
    struct journal *journal = session->shared->journal;

    if (!journal_wants(journal, EVENT_DETAIL))
        return;
    struct event event = event_of_beginning(session_file_name(session), &session->entry.peer.at, t->is_upload,
                                            t->is_netascii, &t->agreement);
    event.mac = session->mac;
    journal_put(journal, &event);
}

/* Its worker would repeat it after a second only, while a listener may wait a moment, as it does for disks. */
static void send_first(const struct arrival_story *story, const struct outlet *outlet,
                       const struct first_answer *answer)
{
    struct span part = span_of(answer->bytes, answer->size);
    struct udp_sent sent = udp_send(outlet->udp, story->from, &outlet->source, &part, 1);

    for (int i = 0; i < FIRST_SENDS_FULL_MAX && sent.is_full; i++) {
        Sleep(FULL_WAIT_MS);
        sent = udp_send(outlet->udp, story->from, &outlet->source, &part, 1);
    }
    sends_hear(story->intake->shared, story->from, &outlet->source, &sent);
}

static void serve(struct arrival_story *story, struct session *session)
{
    struct first_answer answer;
    story->session = session;
    story->mac = shared_who(story->intake->shared, story->config, story->from, story->arrival->interface_index);
    session->mac = story->mac;
    bool is_open = story->request.is_upload ? open_upload(story, session) : open_download(story, session);

    if (!is_open || !find_outlet(story, session) || !begin(story, session, &answer)) {
        intake_leave(story);
        return;
    }
    /* The worker may end the session as soon as it has it; the outlet stays until the answer is out. */
    const struct outlet *outlet = session->outlet;
    struct outlets *outlets = worker_outlets(session->worker);
    outlets_share(outlets, outlet);
    tell_beginning(session);
    if (hand_over(session)) {
        story->session = NULL;
        send_first(story, outlet, &answer);
    } else {
        intake_leave(story);
    }
    outlets_leave(outlets, outlet);
}

static void admit(struct arrival_story *story)
{
    struct session *session = session_create(story->intake->shared, &story->request, story->from);

    if (session == NULL) {
        intake_refuse_file(story, STATUS_BROKEN, "");
        return;
    }
    session->entry.begins_anew = story->begins_anew;
    switch (enter(story, session)) {
    case ADMISSION_ENTERED: serve(story, session); return;
    case ADMISSION_NOT_NOW: intake_put_off(story, "MaxTransfers is reached this very moment; it will ask again"); break;
    case ADMISSION_TOO_MANY:
        intake_refuse(story, EVENT_TOO_BUSY, ERROR_CODE_UNDEFINED,
                      "Too many transfers at once (MaxTransfers), try again", "");
        break;
    case ADMISSION_TOO_MANY_OF_CLIENT:
        intake_refuse(story, EVENT_TOO_BUSY, ERROR_CODE_UNDEFINED,
                      "Too many transfers at once for this client (MaxTransfersPerClient), try again", "");
        break;
    case ADMISSION_TOO_HASTY: intake_drop(story, "one request after another, and never an answer to ours"); break;
    default: intake_tell_small(story, EVENT_REQUEST_REPEATED, NULL); break;
    }
    session_dispose(session);
}

static void answer(struct arrival_story *story)
{
    story->interface = interfaces_look_up(story->intake->shared->interfaces, story->arrival);
    if (story->request.verdict == REQUEST_OK)
        admit(story);
    else
        intake_refuse_request(story);
}

static void take(struct intake *intake, const struct endpoint *from, const struct udp_arrival *arrival,
                 struct span datagram, bool begins_anew)
{
    struct settings *settings = settings_acquire(intake->shared);
    struct arrival_story story = {
        .intake = intake,
        .config = &settings->config,
        .root = settings->root,
        .from = from,
        .arrival = arrival,
        .datagram = datagram,
        .begins_anew = begins_anew,
    };

    request_judge(&story.request, story.config, from, datagram);
    if (story.request.verdict == REQUEST_DROP)
        intake_drop(&story, story.request.why);
    else if (endpoint_is_unspecified(&arrival->local))
        intake_drop(&story, "the system did not tell which address it was sent to, so where to answer from");
    else
        answer(&story);
    settings_release(settings);
}

void intake_take(struct intake *intake, const struct endpoint *from, const struct udp_arrival *arrival,
                 struct span datagram)
{
    take(intake, from, arrival, datagram, false);
}
