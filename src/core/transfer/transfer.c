#include "core/transfer/transfer_parts.h"

static const struct {
    uint16_t code; /* of the ERROR to the client, where one is owed */
    const char *text;
} outcomes[OUTCOME_COUNT] = {
    [OUTCOME_DONE] = {ERROR_CODE_UNDEFINED, "done"},
    [OUTCOME_UNCONFIRMED] = {ERROR_CODE_UNDEFINED, "everything was sent, the last acknowledgment never came"},
    [OUTCOME_PROBE] = {ERROR_CODE_UNDEFINED, "the client only asked for the size"},
    [OUTCOME_CLIENT_ERROR] = {ERROR_CODE_UNDEFINED, "the client ended it with ERROR"},
    [OUTCOME_NEVER_ANSWERED] =
        {ERROR_CODE_UNDEFINED,
         "the client never answered; a firewall may be dropping replies from ports other than 69"},
    [OUTCOME_NEVER_TOOK_DATA] = {ERROR_CODE_UNDEFINED, "the client answered, but never acknowledged a data packet"},
    [OUTCOME_MISUNDERSTOOD] = {ERROR_CODE_UNDEFINED, "packets came from the client, but none that answers the offer"},
    [OUTCOME_SILENT] = {ERROR_CODE_UNDEFINED, "the client stopped answering"},
    [OUTCOME_STUCK] = {ERROR_CODE_UNDEFINED,
                       "the client went on sending, but got no further; what it is sent may not reach it"},
    [OUTCOME_OVERSIZED] = {ERROR_CODE_ILLEGAL, "the data packet is larger than the block size that was agreed"},
    [OUTCOME_TOO_LARGE] = {ERROR_CODE_FULL, "the upload is larger than the parameter MaxUploadBytes allows"},
    [OUTCOME_WRONG_SIZE] = {ERROR_CODE_UNDEFINED, "the upload is not of the size that the client announced"},
    [OUTCOME_FILE_ERROR] = {ERROR_CODE_UNDEFINED, "the file could not be read or written"},
    [OUTCOME_STOPPED] = {ERROR_CODE_UNDEFINED, "the service is stopping"},
    [OUTCOME_ENDED] = {ERROR_CODE_UNDEFINED, "an administrator ended the transfer"},
    [OUTCOME_SUPERSEDED] = {ERROR_CODE_UNDEFINED, "the client began anew"},
    [OUTCOME_EVICTED] = {ERROR_CODE_UNDEFINED, "it made room for others, as MaxTransfers was reached"},
};

const char *transfer_outcome_text(enum transfer_outcome outcome)
{
    return outcomes[outcome].text;
}

bool transfer_outcome_is_failure(enum transfer_outcome outcome)
{
    return outcome != OUTCOME_DONE && outcome != OUTCOME_UNCONFIRMED && outcome != OUTCOME_PROBE &&
           outcome != OUTCOME_SUPERSEDED;
}

uint64_t transfer_bytes(const struct transfer *t)
{
    return t->is_upload ? t->bytes : download_bytes(t);
}

uint16_t transfer_wire_block(const struct transfer *t, uint64_t block)
{
    if (t->agreement.rollover == 0 || block == 0)
        return (uint16_t)block;
    return (uint16_t)((block - 1) % UINT16_MAX + 1);
}

uint64_t transfer_block_from_wire(const struct transfer *t, uint64_t from, uint64_t span, uint16_t wire)
{
    uint32_t period = t->agreement.rollover == 0 ? 65536 : 65535;

    /* Where 65535 is followed by 1, the number 0 is used once only: for the block before the first. */
    if (t->agreement.rollover == 1 && wire == 0)
        return from == 0 ? 0 : UINT64_MAX;
    if (t->agreement.rollover == 1 && from == 0) {
        if (span == 0)
            return UINT64_MAX;
        from++;
        span--;
    }
    uint64_t ahead = ((uint32_t)wire + period - transfer_wire_block(t, from)) % period;
    return ahead <= span ? from + ahead : UINT64_MAX;
}

void transfer_refuse(struct transfer *t, enum transfer_outcome outcome, enum status status)
{
    t->phase = PHASE_REFUSING;
    t->outcome = (uint8_t)outcome;
    t->status = (uint8_t)status;
}

void transfer_finish(struct transfer *t, enum transfer_outcome outcome)
{
    t->phase = PHASE_FINISHED;
    t->outcome = (uint8_t)outcome;
}

void transfer_ask_control(struct action *action, size_t size)
{
    ASSERT(size <= TRANSFER_CONTROL_MAX);
    action->kind = ACTION_SEND;
    action->send.bytes = span_of(action->control, size);
}

/* The first answer: an OACK if any option was granted, else an upload's ACK 0 (RFC 1350, 2347). */
static bool offer(struct transfer *t, struct action *action)
{
    if (!t->owes_reply)
        return false;
    if (t->agreement.granted_count > 0)
        transfer_ask_control(action, options_encode_oack(action->control, &t->agreement));
    else
        transfer_ask_control(action, packet_encode_ack(action->control, 0));
    t->owes_reply = transfer_spend(t, action);
    return t->owes_reply;
}

static bool ask_error(struct transfer *t, struct action *action)
{
    bool is_file = t->outcome == OUTCOME_FILE_ERROR;
    uint16_t code = is_file ? status_error_code(t->status) : outcomes[t->outcome].code;

    transfer_ask_control(action, packet_encode_error(action->control, code,
                                                     is_file ? status_text(t->status) : outcomes[t->outcome].text));
    return transfer_spend(t, action);
}

static void report(const struct transfer *t, uint64_t now_ms, struct action *action)
{
    uint64_t end_ms = t->is_upload && t->ended_ms != 0 ? t->ended_ms : now_ms;

    action->kind = ACTION_FINISH;
    action->finish = (struct transfer_report){
        .outcome = t->outcome,
        .status = t->status,
        .oversize = t->is_upload ? t->oversize : 0,
        .bytes = transfer_bytes(t),
        .blocks_sent = t->blocks_sent,
        .blocks_resent = t->blocks_resent,
        /* Its beginning may have been timed by another thread. */
        .duration_ms = end_ms > t->begun_ms ? end_ms - t->begun_ms : 0,
    };
}

/* The one planner: phase and facts become the next action. */
static void next(struct transfer *t, uint64_t now_ms, struct action *action)
{
    bool has_action = true;

    switch (t->phase) {
    case PHASE_OFFERING: has_action = offer(t, action); break;
    case PHASE_SENDING: has_action = download_next(t, action); break;
    case PHASE_RECEIVING:
    case PHASE_COMMITTING:
    case PHASE_DALLYING: has_action = upload_next(t, now_ms, action); break;
    case PHASE_REFUSING:
        if (!ask_error(t, action)) {
            t->phase = PHASE_FINISHED;
            report(t, now_ms, action);
        }
        break;
    default: report(t, now_ms, action); break;
    }
    if (!has_action) {
        action->kind = ACTION_WAIT;
        action->wait.until_ms = t->deadline_ms;
    }
    t->asked = (uint8_t)action->kind;
}

size_t transfer_memory_size(const struct transfer_setup *setup)
{
    const struct agreement *a = &setup->agreement;
    size_t window_bytes = (size_t)a->blksize * a->windowsize;

    if (!setup->is_upload)
        return setup->is_netascii ? sizeof(struct netascii_work) + PACKET_HEADER_SIZE + a->blksize : 0;
    return (window_bytes > TRANSFER_WRITE_SIZE ? window_bytes : TRANSFER_WRITE_SIZE) + UPLOAD_SPARE_BYTES;
}

void transfer_begin(struct transfer *t, const struct transfer_setup *setup, uint64_t now_ms, struct action *action)
{
    memset(t, 0, sizeof *t);
    t->agreement = setup->agreement;
    t->memory = setup->memory;
    t->memory_size = (uint32_t)transfer_memory_size(setup);
    t->file_size = setup->file_size;
    t->first_sends_max = setup->first_sends_max;
    t->request_bytes = setup->request_bytes;
    t->silence_s = setup->silence_s;
    t->unproven_s = setup->unproven_s;
    t->progress_ms = now_ms;
    t->is_upload = setup->is_upload;
    t->is_netascii = setup->is_netascii;
    t->begun_ms = now_ms;
    t->rewound_at = UINT64_MAX;
    t->window = t->agreement.windowsize;
    t->wait_ms = t->agreement.timeout_ms;
    t->owes_reply = true;
    t->phase = t->is_upload || t->agreement.granted_count > 0 ? PHASE_OFFERING : PHASE_SENDING;
    ASSERT(t->memory_size == 0 || t->memory != NULL);
    if (t->is_upload)
        t->upload_bytes_max = setup->upload_bytes_max;
    else
        download_begin(t);
    t->unproven_bytes = transfer_budget(t, setup->unproven_bytes);
    transfer_pay(t, t->first_sends_max);
    transfer_arm(t, now_ms);
    next(t, now_ms, action);
}

static void on_sent(struct transfer *t, uint32_t count, uint64_t now_ms)
{
    if (t->phase == PHASE_REFUSING)
        t->phase = PHASE_FINISHED;
    else if (t->phase == PHASE_SENDING)
        download_on_sent(t, count, now_ms);
    else {
        /* A download's OACK is no block; and an offer sent again counts here, for it may not have been paid for. */
        t->blocks_resent += t->is_upload && t->phase == PHASE_OFFERING && t->blocks_sent > 0;
        t->blocks_sent += t->is_upload;
        t->timed_ms = now_ms;
        t->owes_reply = false;
    }
    /* Dallying lasts one timeout from the commit, however often the client repeats its last block. */
    if (t->phase != PHASE_DALLYING)
        transfer_arm(t, now_ms);
}

static void on_committed(struct transfer *t, uint64_t now_ms)
{
    t->phase = PHASE_DALLYING;
    t->ended_ms = now_ms;
    t->wait_ms = TRANSFER_DALLY_MS;
    transfer_arm(t, now_ms);
}

void transfer_answer(struct transfer *t, enum status status, uint32_t count, uint64_t now_ms, struct action *action)
{
    enum action_kind asked = t->asked;

    if (status != STATUS_OK && (asked == ACTION_SEND_BLOCKS || asked == ACTION_WRITE || asked == ACTION_COMMIT)) {
        transfer_refuse(t, OUTCOME_FILE_ERROR, status);
        next(t, now_ms, action);
        return;
    }
    switch (asked) {
    case ACTION_SEND:
    case ACTION_SEND_BLOCKS: on_sent(t, asked == ACTION_SEND ? 1 : count, now_ms); break;
    case ACTION_WRITE: upload_on_written(t); break;
    case ACTION_COMMIT: on_committed(t, now_ms); break;
    default: ASSERT(false); /* an answer to a question that was not asked */
    }
    next(t, now_ms, action);
}

void transfer_answer_read(struct transfer *t, enum status status, struct span bytes, uint64_t now_ms,
                          struct action *action)
{
    ASSERT(t->asked == ACTION_READ);
    if (status != STATUS_OK)
        transfer_refuse(t, OUTCOME_FILE_ERROR, status);
    else
        download_on_read(t, bytes);
    next(t, now_ms, action);
}

void transfer_ask_again(struct transfer *t, uint64_t now_ms, struct action *action)
{
    ASSERT(t->asked == ACTION_SEND_BLOCKS || t->asked == ACTION_READ || t->asked == ACTION_SEND);
    ASSERT(transfer_may_be_asked_again(t));
    next(t, now_ms, action);
}

/*
 * ERROR 0 or 8 right after the OACK is how PXE ROMs, EDK2 and the Raspberry Pi ask for a size (CLIENTS.md, rule 2). Who was
 * told no size has refused the options.
 */
static enum transfer_outcome outcome_of_error(const struct transfer *t, uint16_t code)
{
    if (t->phase == PHASE_DALLYING)
        return OUTCOME_DONE;
    bool is_told_size = t->phase == PHASE_OFFERING && !t->is_upload && t->agreement.has_tsize;
    bool is_probe = code == ERROR_CODE_UNDEFINED || code == ERROR_CODE_OPTIONS;
    return is_told_size && is_probe ? OUTCOME_PROBE : OUTCOME_CLIENT_ERROR;
}

static void on_error(struct transfer *t, const struct packet *packet, uint64_t now_ms, struct action *action)
{
    transfer_finish(t, outcome_of_error(t, packet->code));
    next(t, now_ms, action);
    action->finish.client_code = packet->code;
    action->finish.client_text = packet->data;
}

void transfer_on_datagram(struct transfer *t, const struct packet *packet, uint64_t now_ms, struct action *action)
{
    ASSERT(transfer_is_waiting(t));
    if (packet->opcode == OPCODE_ERROR) {
        on_error(t, packet, now_ms, action);
        return;
    }
    t->is_heard = true;
    if (packet->opcode == OPCODE_ACK && !t->is_upload)
        download_on_ack(t, packet, now_ms);
    if (packet->opcode == OPCODE_DATA && t->is_upload)
        upload_on_data(t, packet, now_ms);
    next(t, now_ms, action);
}

static enum transfer_outcome give_up(const struct transfer *t)
{
    if (t->phase == PHASE_DALLYING)
        return OUTCOME_DONE;
    if (t->standing == STANDING_STRANGER)
        return t->is_heard ? OUTCOME_MISUNDERSTOOD : OUTCOME_NEVER_ANSWERED;
    if (!t->is_upload)
        return download_give_up(t);
    return t->is_heard ? OUTCOME_STUCK : OUTCOME_SILENT;
}

static void send_again(struct transfer *t)
{
    if (t->phase == PHASE_SENDING) {
        download_rewind(t);
    } else {
        t->owes_reply = true;
        t->blocks_resent += t->is_upload && t->phase != PHASE_OFFERING;
    }
}

/* A stranger is sent little, and not for long; for anybody else patience is a time, whatever round trip was measured. */
static bool is_given_up(const struct transfer *t, uint64_t now_ms)
{
    bool is_sent_enough = t->standing == STANDING_STRANGER && t->retries + 1 >= t->first_sends_max;

    return t->phase == PHASE_DALLYING || is_sent_enough || now_ms >= transfer_silence_ends_ms(t);
}

void transfer_on_timer(struct transfer *t, uint64_t now_ms, struct action *action)
{
    ASSERT(transfer_is_waiting(t));
    if (now_ms >= t->deadline_ms) {
        if (is_given_up(t, now_ms)) {
            transfer_finish(t, give_up(t));
        } else {
            if (t->retries < UINT8_MAX)
                t->retries++;
            send_again(t);
            transfer_back_off(t);
            /* What is not paid for is not sent, and waited for all the same. */
            transfer_arm(t, now_ms);
        }
    }
    next(t, now_ms, action);
}

void transfer_on_repeat(struct transfer *t, uint64_t now_ms, struct action *action)
{
    ASSERT(transfer_is_waiting(t));
    if (t->standing == STANDING_STRANGER && t->repeats < t->first_sends_max) {
        t->repeats++;
        transfer_pay(t, 1);
        send_again(t);
    }
    next(t, now_ms, action);
}

void transfer_abort(struct transfer *t, enum transfer_outcome outcome, uint64_t now_ms, struct action *action)
{
    ASSERT(transfer_is_waiting(t));
    if (t->phase == PHASE_DALLYING)
        transfer_finish(t, OUTCOME_DONE);
    else if (outcome == OUTCOME_SUPERSEDED || outcome == OUTCOME_EVICTED)
        transfer_finish(t, outcome);
    else
        transfer_refuse(t, outcome, STATUS_OK);
    next(t, now_ms, action);
}

void transfer_abandon(struct transfer *t, enum transfer_outcome outcome, uint64_t now_ms, struct action *action)
{
    ASSERT(t->phase != PHASE_FINISHED);
    transfer_finish(t, t->phase == PHASE_DALLYING ? OUTCOME_DONE : outcome);
    next(t, now_ms, action);
}
