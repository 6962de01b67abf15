#include "transfer_model.h"

#include "core/transfer/transfer_parts.h"

#include <stdlib.h>

enum {
    START_MS = 1000000,
    ACTIONS_MAX = 1000000, /* of one event */
    CONTROL_MAX = 256,
    UDP_HEADERS = 28,
    DATA_HEADERS = UDP_HEADERS + 4,
    FIRST_WAIT_MS_MAX = 6000,
    DALLY_MS = 1000
};

const uint8_t *model_content(void)
{
    static const uint8_t line_ends[] = {'\r', '\n', 0, '\r'};
    static uint8_t bytes[CONTENT_SIZE];

    if (bytes[0] == 0)
        for (uint32_t i = 0; i < CONTENT_SIZE; i++) {
            uint32_t mixed = (i + 1) * 2654435761u >> 13;
            bytes[i] = mixed % 3 == 0 ? line_ends[mixed / 3 % 4] : (uint8_t)(mixed ^ i);
        }
    bytes[0] = 'x';
    return bytes;
}

uint16_t model_wire_number(const struct model *m, uint64_t block)
{
    if (m->setup.agreement.rollover == 0 || block == 0)
        return (uint16_t)(block % 65536);
    return (uint16_t)((block - 1) % 65535 + 1);
}

/* Netascii as a whole; the machine has it in pieces. Each byte of the input may become two. */
static size_t to_netascii(const uint8_t *bytes, size_t size, uint8_t *out)
{
    size_t used = 0;

    for (size_t i = 0; i < size; i++) {
        bool is_end_of_pair = bytes[i] == '\n' && i > 0 && bytes[i - 1] == '\r';
        if (bytes[i] == '\n' && !is_end_of_pair)
            out[used++] = '\r';
        out[used++] = bytes[i];
        if (bytes[i] == '\r' && (i + 1 == size || bytes[i + 1] != '\n'))
            out[used++] = 0;
    }
    return used;
}

static size_t from_netascii(const uint8_t *bytes, size_t size, uint8_t *out)
{
    size_t used = 0;

    for (size_t i = 0; i < size; i++) {
        out[used++] = bytes[i];
        if (bytes[i] == '\r' && i + 1 < size && bytes[i + 1] == 0)
            i++;
    }
    return used;
}

/* -- what the machine does ----------------------------------------------------------------------------------------- */

/* What leaves before proof is paid for: all of it to a stranger, to others the data. */
static void spend(struct model *m, uint64_t bytes)
{
    MUST(bytes <= m->allowed_bytes);
    m->allowed_bytes -= bytes;
}

static void on_error_sent(struct model *m, struct span datagram)
{
    MUST(!m->has_sent_error && read_u16(datagram.bytes + 2) <= ERROR_CODE_OPTIONS);
    MUST(memchr(datagram.bytes + 4, 0, datagram.size - 4) == datagram.bytes + datagram.size - 1);
    m->has_sent_error = true;
}

/* What a block holds: all of them are full but the last. */
static void check_place(const struct model *m, uint64_t block, uint64_t offset, size_t size)
{
    uint32_t blksize = m->setup.agreement.blksize;

    MUST(offset == (block - 1) * blksize);
    MUST(size == (block < m->last ? blksize : m->size - offset));
}

/* DATA packets in a row: of the window, in order, again only for a reason. */
static void on_run_sent(struct model *m, uint64_t first, uint32_t count)
{
    uint64_t end = first + count - 1;
    bool is_restart = first == m->acked + 1 && m->may_resend && m->sends == 0;

    MUST(!m->setup.is_upload && !m->is_offering && !m->has_sent_error);
    MUST(count > 0 && first > m->acked && end <= m->last && end - m->acked <= m->window);
    MUST(first == m->sent + 1 || is_restart);
    MUST(first > m->high || m->may_resend || m->has_grown);
    m->sends += count;
    MUST(m->sends <= m->window);
    /* After silence a block at a time, but for the first window of a client that takes data. */
    MUST(m->silences <= (m->is_proven ? 1u : 0u) || end == m->acked + 1);
    if (!m->is_proven)
        spend(m, (uint64_t)count * (DATA_HEADERS + m->setup.agreement.blksize));
    if (end > m->high)
        m->progress_ms = m->now_ms;
    if (!m->has_answered)
        MUST((m->unanswered_sends += count) <= 2 * m->setup.first_sends_max);
    m->sent = end;
    m->high = end > m->high ? end : m->high;
}

static void on_block_sent(struct model *m, struct span datagram)
{
    uint16_t number = read_u16(datagram.bytes + 2);
    bool is_restart = m->sends == 0 && m->may_resend && number == model_wire_number(m, m->acked + 1);
    uint64_t block = is_restart ? m->acked + 1 : m->sent + 1;
    uint64_t offset = (block - 1) * m->setup.agreement.blksize;
    struct span payload = span_of(datagram.bytes + 4, datagram.size - 4);

    MUST(m->setup.is_netascii && number == model_wire_number(m, block));
    on_run_sent(m, block, 1);
    check_place(m, block, offset, payload.size);
    MUST(payload.size == 0 || memcmp(payload.bytes, m->expected + offset, payload.size) == 0);
}

static void on_ack_sent(struct model *m, uint16_t number)
{
    MUST(m->setup.is_upload && ++m->sends == 1);
    MUST(number == model_wire_number(m, m->received));
    MUST(!m->is_complete || m->is_committed);
    if (m->confirmed != m->received)
        m->progress_ms = m->now_ms;
    m->confirmed = m->received;
    m->confirmed_ms = m->now_ms;
}

static void on_datagram_sent(struct model *m, struct span datagram)
{
    unsigned opcode = read_u16(datagram.bytes);

    MUST(!m->has_sent_error);
    if (!m->has_answered && opcode != OPCODE_DATA)
        spend(m, UDP_HEADERS + datagram.size);
    if (opcode == OPCODE_ERROR) {
        on_error_sent(m, datagram);
        return;
    }
    if (opcode == OPCODE_DATA) {
        on_block_sent(m, datagram);
        return;
    }
    if (!m->has_answered)
        MUST(++m->unanswered_sends <= 2 * m->setup.first_sends_max);
    if (opcode == OPCODE_ACK) {
        MUST(datagram.size == 4);
        on_ack_sent(m, read_u16(datagram.bytes + 2));
    } else {
        MUST(opcode == OPCODE_OACK && m->is_offering && m->setup.agreement.granted_count > 0);
        MUST(++m->sends == 1 && datagram.size <= CONTROL_MAX);
    }
}

static uint32_t on_blocks_sent(struct model *m)
{
    uint32_t count = m->action.blocks.count;

    MUST(!m->setup.is_netascii);
    count = count >> m->blocks_shift > 0 ? count >> m->blocks_shift : 1;
    on_run_sent(m, m->action.blocks.first, count);
    const uint64_t samples[] = {m->action.blocks.first, m->action.blocks.first + count / 2, m->sent};
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct block_place place = transfer_block_place(&m->transfer, samples[i]);
        MUST(transfer_wire_block(&m->transfer, samples[i]) == model_wire_number(m, samples[i]));
        check_place(m, samples[i], place.offset, place.size);
    }
    return count;
}

static void on_write(struct model *m)
{
    struct span bytes = m->action.write.bytes;

    MUST(m->setup.is_upload && !m->is_committed && bytes.size > 0 && m->action.write.offset == m->stored_size);
    MUST(m->stored_size + bytes.size <= UPLOAD_MAX);
    if (m->status != STATUS_OK)
        return;
    memcpy(m->stored + m->stored_size, bytes.bytes, bytes.size);
    m->stored_size += bytes.size;
}

static void on_commit(struct model *m)
{
    static uint8_t decoded[UPLOAD_MAX];
    const uint8_t *expected = m->accepted;
    size_t size = m->accepted_size;

    if (m->setup.is_netascii) {
        size = from_netascii(m->accepted, m->accepted_size, decoded);
        expected = decoded;
    }
    MUST(m->setup.is_upload && m->is_complete && !m->is_committed);
    MUST(m->stored_size == size && (size == 0 || memcmp(m->stored, expected, size) == 0));
    m->is_committed = m->status == STATUS_OK;
    m->committed_ms = m->now_ms;
}

static void on_finish(struct model *m)
{
    const struct transfer_report *report = &m->action.finish;
    bool is_done = report->outcome == OUTCOME_DONE;

    m->is_finished = true;
    MUST(!transfer_is_waiting(&m->transfer) && transfer_outcome_text(report->outcome)[0] != 0);
    MUST(report->blocks_resent <= report->blocks_sent && report->bytes == transfer_bytes(&m->transfer));
    MUST(report->duration_ms <= m->now_ms);
    MUST(!is_done || !transfer_outcome_is_failure(report->outcome));
    if (m->setup.is_upload) {
        MUST(report->outcome != OUTCOME_UNCONFIRMED && report->bytes == m->accepted_size);
        MUST(!is_done || m->is_committed);
    } else {
        MUST(!is_done || (m->acked == m->last && report->bytes == m->size));
        MUST(report->outcome != OUTCOME_UNCONFIRMED || m->high == m->last);
        MUST(m->acked == m->last || report->bytes == m->acked * m->setup.agreement.blksize);
    }
    MUST(report->outcome != OUTCOME_NEVER_ANSWERED || !m->has_heard);
    MUST(report->outcome != OUTCOME_MISUNDERSTOOD || (m->has_heard && !m->has_answered));
    MUST(report->outcome != OUTCOME_FILE_ERROR || report->status != STATUS_OK);
}

static void answer_read(struct model *m)
{
    uint64_t offset = m->action.read.offset;
    size_t size = m->action.read.size;
    enum status status = m->status;

    MUST(m->setup.is_netascii && !m->setup.is_upload && size > 0 && offset <= m->setup.file_size);
    m->status = STATUS_OK;
    size = m->setup.file_size - offset < size ? (size_t)(m->setup.file_size - offset) : size;
    size = m->read_max != 0 && size > m->read_max ? m->read_max : size;
    /* A copy of its own, so that a sanitizer sees who reads beyond what was lent. */
    uint8_t *lent = malloc(size > 0 ? size : 1);
    memcpy(lent, model_content() + offset, size);
    transfer_answer_read(&m->transfer, status, span_of(lent, size), m->now_ms, &m->action);
    free(lent);
}

static void ask_again(struct model *m)
{
    struct action before = m->action;

    transfer_ask_again(&m->transfer, m->now_ms, &m->action);
    MUST(m->action.kind == before.kind);
    MUST(before.kind != ACTION_READ || (m->action.read.offset == before.read.offset && m->action.read.size > 0));
    MUST(before.kind != ACTION_SEND_BLOCKS ||
         (m->action.blocks.first == before.blocks.first && m->action.blocks.count == before.blocks.count));
    MUST(before.kind != ACTION_SEND || (m->action.send.bytes.size == before.send.bytes.size &&
                                        m->action.send.bytes.bytes == before.send.bytes.bytes));
}

static void answer(struct model *m)
{
    enum action_kind kind = m->action.kind;
    enum status status = STATUS_OK;
    uint32_t count = 1;

    if (kind != ACTION_SEND) {
        status = m->status;
        if (status != STATUS_OK)
            m->must_fail = true;
    }
    if (kind == ACTION_SEND)
        on_datagram_sent(m, m->action.send.bytes);
    else if (kind == ACTION_SEND_BLOCKS && status == STATUS_OK)
        count = on_blocks_sent(m);
    else if (kind == ACTION_WRITE)
        on_write(m);
    else if (kind == ACTION_COMMIT)
        on_commit(m);
    if (kind == ACTION_READ) {
        answer_read(m);
        return;
    }
    if (kind != ACTION_SEND)
        m->status = STATUS_OK;
    transfer_answer(&m->transfer, status, count, m->now_ms, &m->action);
}

/* Does what is asked until the machine waits or ends. */
static void perform(struct model *m)
{
    for (unsigned actions = 0; m->action.kind != ACTION_WAIT && m->action.kind != ACTION_FINISH; actions++) {
        MUST(actions < ACTIONS_MAX && !transfer_is_waiting(&m->transfer));
        if (m->abandon_in > 0 && --m->abandon_in == 0) {
            transfer_abandon(&m->transfer, OUTCOME_ENDED, m->now_ms, &m->action);
            MUST(m->action.kind == ACTION_FINISH);
            break;
        }
        bool is_job = m->action.kind == ACTION_WRITE || m->action.kind == ACTION_COMMIT;
        if (m->asks_again && !is_job && transfer_may_be_asked_again(&m->transfer))
            ask_again(m);
        answer(m);
    }
    if (m->action.kind == ACTION_FINISH) {
        on_finish(m);
        return;
    }
    MUST(transfer_is_waiting(&m->transfer) && !m->has_sent_error && !m->must_fail);
    MUST(!m->is_complete || m->is_committed);
    MUST(!m->is_committed || m->action.wait.until_ms == m->committed_ms + DALLY_MS);
}

/* -- what happens to it -------------------------------------------------------------------------------------------- */

static void begin_event(struct model *m)
{
    MUST(!m->is_finished);
    m->sends = 0;
    m->has_grown = false;
    m->may_resend = false;
    m->is_gap = false;
}

/* A request pays for answers of three times its bytes; one without options for the first block, whatever that measures. */
static void pay(struct model *m, unsigned blocks)
{
    const struct transfer_setup *setup = &m->setup;
    bool is_bare = !setup->is_upload && setup->agreement.granted_count == 0;

    m->allowed_bytes += is_bare ? (uint64_t)blocks * (DATA_HEADERS + setup->agreement.blksize)
                                : 3 * (UDP_HEADERS + (uint64_t)setup->request_bytes);
}

/* Three times unproven_bytes, but the largest window that was agreed and first_sends_max blocks more at least. */
static uint64_t allowed_before_proof(const struct model *m)
{
    const struct transfer_setup *setup = &m->setup;
    uint64_t block = DATA_HEADERS + (uint64_t)setup->agreement.blksize;
    uint64_t window = setup->agreement.has_msftwindow ? setup->agreement.windowsize_max : setup->agreement.windowsize;
    uint64_t least = block * (window + setup->first_sends_max);
    uint64_t most = 3 * (uint64_t)setup->unproven_bytes;

    return most > least ? most : least;
}

static void moves_on(struct model *m, bool is_proof)
{
    if (!m->has_answered)
        m->allowed_bytes = allowed_before_proof(m);
    m->has_answered = true;
    m->is_proven = m->is_proven || is_proof;
    m->is_offering = false;
    m->timers = 0;
    m->silences = 0;
    m->progress_ms = m->now_ms;
}

/* When patience is over. */
static uint64_t given_up_ms(const struct model *m)
{
    bool has_data = m->is_proven || m->received > 0;

    return m->progress_ms + (uint64_t)(has_data ? m->setup.silence_s : m->setup.unproven_s) * 1000;
}

/* The block that an acknowledgment can only mean, UINT64_MAX if none. */
static uint64_t meant_block(const struct model *m, uint16_t number)
{
    uint64_t block = number;

    if (number == 0 && m->setup.agreement.rollover == 1)
        return m->acked == 0 ? 0 : UINT64_MAX;
    while (block < m->acked)
        block += m->setup.agreement.rollover == 0 ? 65536 : 65535;
    return block <= m->high ? block : UINT64_MAX;
}

static void expect_ack(struct model *m, const struct packet *packet)
{
    uint64_t block = meant_block(m, packet->block);

    if (block == UINT64_MAX)
        return;
    if (m->setup.agreement.has_msftwindow && packet->data.size > 0 && packet->data.bytes[0] != 0) {
        uint32_t window = packet->data.bytes[0];
        uint32_t most = m->setup.agreement.windowsize_max;
        window = window < most ? window : most;
        m->has_grown = window > m->window;
        m->window = window;
    }
    if (m->is_offering) {
        moves_on(m, false);
    } else if (block > m->acked) {
        m->may_resend = block < m->high;
        m->sent = block > m->sent ? block : m->sent;
        m->acked = block;
        m->has_answered_gap = false;
        moves_on(m, true);
    } else {
        m->may_resend = m->window > 1 && !m->has_answered_gap;
    }
}

/* Whether an upload's packet may be answered at all. */
static bool expect_data(struct model *m, const struct packet *packet)
{
    const struct agreement *a = &m->setup.agreement;
    size_t size = packet->data.size;

    bool is_next = packet->block == model_wire_number(m, m->received + 1) && !m->is_complete;
    if (size > a->blksize) {
        m->must_fail |= is_next;
        if (is_next)
            moves_on(m, false);
        return is_next;
    }
    if (is_next) {
        uint64_t total = m->accepted_size + size;
        bool is_last = size < a->blksize;
        bool is_too_much = m->setup.upload_bytes_max != 0 && total > m->setup.upload_bytes_max;
        bool is_announced = a->has_tsize && a->tsize != 0 && !m->setup.is_netascii;
        moves_on(m, m->confirmed > 0);
        if (is_too_much || (is_announced && (total > a->tsize || (is_last && total != a->tsize)))) {
            m->must_fail = true;
            return true;
        }
        if (size > 0)
            memcpy(m->accepted + m->accepted_size, packet->data.bytes, size);
        m->accepted_size = total;
        m->received++;
        m->is_complete = is_last;
        m->has_answered_gap = false;
        return is_last || m->received - m->confirmed >= a->windowsize;
    }
    if (m->received > 0 && packet->block == model_wire_number(m, m->received)) {
        bool is_echo = !m->is_complete && m->now_ms < m->confirmed_ms + UPLOAD_ECHO_MS;
        return m->confirmed == m->received && !is_echo;
    }
    m->is_gap = true;
    return a->windowsize > 1 && !m->has_answered_gap;
}

void model_deliver(struct model *m, struct span datagram)
{
    struct packet packet;
    bool may_answer = false;
    uint64_t acked = m->acked;
    uint64_t received = m->received;

    if (packet_decode(&packet, datagram) != DECODING_OK)
        return;
    begin_event(m);
    bool was_offering = m->is_offering;
    if (m->setup.is_upload && packet.opcode == OPCODE_DATA)
        may_answer = expect_data(m, &packet);
    if (!m->setup.is_upload && packet.opcode == OPCODE_ACK)
        expect_ack(m, &packet);
    m->has_heard = true;
    transfer_on_datagram(&m->transfer, &packet, m->now_ms, &m->action);
    if (packet.opcode == OPCODE_ERROR)
        MUST(m->action.kind == ACTION_FINISH && m->action.finish.client_code == packet.code);
    /* Who sends data ahead has seen the offer, and is owed ACK 0. */
    if (m->setup.is_upload && was_offering && m->action.kind == ACTION_SEND && !m->must_fail && m->is_gap)
        moves_on(m, false);
    perform(m);
    if (m->setup.is_upload) {
        MUST(m->sends == 0 || may_answer);
        MUST(m->is_finished || m->received == received || !may_answer || m->sends == 1);
        m->has_answered_gap = m->has_answered_gap || (m->sends > 0 && m->is_gap);
    } else if (m->acked == acked && !was_offering && m->sends > 0) {
        MUST(packet.opcode == OPCODE_ACK && (m->has_grown || !m->has_answered_gap));
        m->has_answered_gap = m->has_answered_gap || !m->has_grown;
    }
}

/* Nothing spins, nothing is put off for ever, and nobody is waited for longer than patience lasts. */
static void check_deadline(const struct model *m)
{
    uint32_t timeout_ms = m->setup.agreement.timeout_ms;
    uint32_t longest_ms = timeout_ms > TRANSFER_TIMEOUT_MS_MAX ? timeout_ms : TRANSFER_TIMEOUT_MS_MAX;
    uint64_t wait_ms = m->action.wait.until_ms - m->now_ms;

    MUST(m->action.wait.until_ms > m->now_ms && wait_ms <= longest_ms);
    MUST(m->has_answered || wait_ms <= FIRST_WAIT_MS_MAX);
}

void model_come_due(struct model *m, uint64_t late_ms)
{
    begin_event(m);
    MUST(m->is_committed || m->action.wait.until_ms <= given_up_ms(m));
    if (m->now_ms < m->action.wait.until_ms)
        m->now_ms = m->action.wait.until_ms;
    m->now_ms += late_ms;
    m->may_resend = true;
    m->timers++;
    m->silences++;
    MUST(m->has_answered || m->timers <= m->setup.first_sends_max);
    bool is_given_up = m->is_committed || m->now_ms >= given_up_ms(m);
    transfer_on_timer(&m->transfer, m->now_ms, &m->action);
    MUST(!is_given_up || m->action.kind == ACTION_FINISH);
    perform(m);
    if (!m->is_finished)
        check_deadline(m);
    if (!m->setup.is_upload && !m->is_offering)
        m->has_answered_gap = true;
}

void model_come_early(struct model *m)
{
    if (m->now_ms >= m->action.wait.until_ms) {
        model_come_due(m, 0);
        return;
    }
    begin_event(m);
    transfer_on_timer(&m->transfer, m->now_ms, &m->action);
    MUST(m->action.kind == ACTION_WAIT);
}

void model_ask_once_more(struct model *m)
{
    begin_event(m);
    m->may_resend = !m->has_answered;
    if (!m->has_answered && m->repeats++ < m->setup.first_sends_max)
        pay(m, 1);
    transfer_on_repeat(&m->transfer, m->now_ms, &m->action);
    MUST(!m->has_answered || m->action.kind == ACTION_WAIT);
    perform(m);
}

void model_end(struct model *m, unsigned choice)
{
    static const enum transfer_outcome outcomes[] = {OUTCOME_STOPPED, OUTCOME_ENDED, OUTCOME_SUPERSEDED,
                                                     OUTCOME_EVICTED};
    enum transfer_outcome outcome = outcomes[choice % 4];
    bool is_told = outcome == OUTCOME_STOPPED || outcome == OUTCOME_ENDED;

    begin_event(m);
    m->must_fail = !m->is_committed;
    m->abandon_in = 0;
    transfer_abort(&m->transfer, outcome, m->now_ms, &m->action);
    perform(m);
    MUST(m->is_finished && (!m->has_sent_error || (is_told && !m->is_committed)));
    /* A stranger may have had all that he paid for. */
    MUST(m->has_sent_error || !is_told || m->is_committed || (!m->has_answered && m->allowed_bytes < CONTROL_MAX));
    MUST(m->action.finish.outcome == (m->is_committed ? OUTCOME_DONE : outcome));
}

void model_begin(struct model *m, uint8_t *wire)
{
    const struct agreement *a = &m->setup.agreement;

    m->setup.memory = malloc(transfer_memory_size(&m->setup) + 1);
    m->size = m->setup.file_size;
    if (m->setup.is_netascii)
        m->size = to_netascii(model_content(), (size_t)m->setup.file_size, wire);
    m->expected = wire;
    m->last = m->size / a->blksize + 1;
    m->window = a->windowsize;
    m->is_offering = a->granted_count > 0 || m->setup.is_upload;
    m->now_ms = START_MS;
    m->may_resend = true;
    m->progress_ms = m->now_ms;
    pay(m, m->setup.first_sends_max);
    transfer_begin(&m->transfer, &m->setup, m->now_ms, &m->action);
    perform(m);
}
