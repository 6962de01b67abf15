#include "core/base/utf8.h"
#include "core/boot/decide_parts.h"
#include "core/boot/menu.h"
#include "core/dhcp/offer.h"

enum { ITEM_CREDENTIALS = 0x8000 };

/* One DHCPv4 request on its way to an answer. */
struct question4 {
    const struct boot_question *asked;
    struct dhcp4 packet;
    struct boot_asker asker;
    bool is_on_pxe_port;
};

/* -- is it for us ---------------------------------------------------------------------------------------------------- */

static bool is_our_name(const struct question4 *q)
{
    struct endpoint ours = q->asked->arrival.address;

    return endpoint_is_unspecified(&q->packet.server) || endpoint_same_address(&q->packet.server, &ours);
}

/* On port 67 DHCP is other servers'. Ours are the first question of a boot, and one for an item of our menu. */
static enum boot_reason judge_message(const struct question4 *q)
{
    const struct dhcp4 *packet = &q->packet;

    if (q->asker.machine.asks == MACHINE_ASKS_NOTHING)
        return BOOT_NOT_PXE;
    if (q->is_on_pxe_port && q->asker.machine.asks != MACHINE_ASKS_PXE)
        return BOOT_NOT_PXE;
    if (q->is_on_pxe_port)
        return packet->message == DHCP4_REQUEST || packet->message == DHCP4_INFORM ? BOOT_NOTHING_AGAINST
                                                                                   : BOOT_OTHER_MESSAGE;
    if (packet->message == DHCP4_REQUEST)
        return packet->has_item && is_our_name(q) ? BOOT_NOTHING_AGAINST : BOOT_OTHER_SERVER;
    return packet->message == DHCP4_DISCOVER ? BOOT_NOTHING_AGAINST : BOOT_OTHER_MESSAGE;
}

static enum boot_reason judge_sender(const struct question4 *q)
{
    enum boot_reason against = decide_interface(q->asked);

    if (against != BOOT_NOTHING_AGAINST)
        return against;
    if (q->is_on_pxe_port)
        return decide_source(q->asked);
    return endpoint_is_unspecified(&q->packet.giaddr) ? decide_neighbour(q->asked)
                                                      : decide_relay(q->asked, &q->packet.giaddr);
}

/* -- what it is told ------------------------------------------------------------------------------------------------- */

/* Option 43 of the reply. */
struct vendor {
    bool is_menu; /* the choice is the user's, so no file is told yet */
    size_t size;
    uint8_t bytes[TLV_DATA_MAX];
};

static void write_vendor(const struct question4 *q, const struct boot_choice *choice, struct vendor *vendor)
{
    const struct machine *machine = &q->asker.machine;

    vendor->is_menu = false;
    vendor->size = 0;
    if (machine->asks == MACHINE_ASKS_HTTP)
        return;
    if (choice->verdict == BOOT_VERDICT_LOCAL)
        vendor->size = menu_local(vendor->bytes);
    else if (machine->is_raspberry_pi)
        vendor->size = menu_raspberry_pi(vendor->bytes);
    else if (q->packet.has_item)
        vendor->size = menu_item(&q->packet, vendor->bytes);
    else if (choice->style == BOOT_STYLE_MENU)
        vendor->size = menu_write(q->asked->rules, &q->asker, &q->asked->arrival.address, vendor->bytes);
    vendor->is_menu = vendor->size != 0 && choice->style == BOOT_STYLE_MENU && !q->packet.has_item;
    /* Where no entry of the menu is for this machine, its rule's file is. */
    if (vendor->size == 0 && !q->is_on_pxe_port && choice->style != BOOT_STYLE_BINL)
        vendor->size = menu_direct(vendor->bytes);
}

/* The rule that says which file: of PxeMenu's entry, unless that says answer. NULL with the reason if it has none. */
static const struct boot_rule *file_rule(const struct question4 *q, struct boot_decision *decision,
                                         enum boot_reason *reason)
{
    const struct dhcp4 *packet = &q->packet;

    if (!packet->has_item)
        return decision->choice.rule;
    *reason = (packet->item_layer & ITEM_CREDENTIALS) != 0 ? BOOT_CREDENTIALS : BOOT_NO_SUCH_ITEM;
    if (packet->item_layer != 0)
        return NULL;
    /* Asked directly, and there is no menu: a client's own idea of one. On port 67 it may be meant for anybody. */
    if (decision->choice.style != BOOT_STYLE_MENU && q->is_on_pxe_port)
        return decision->choice.rule;
    if (decision->choice.style == BOOT_STYLE_MENU)
        decision->entry = menu_find(q->asked->rules, &q->asker, packet->item_type);
    if (decision->entry == NULL && !q->is_on_pxe_port)
        *reason = BOOT_OTHER_SERVER;
    if (decision->entry == NULL)
        return NULL;
    return decision->entry->action == BOOT_ANSWER ? decision->choice.rule : decision->entry;
}

static void take_options(struct offer *offer, const struct boot_rules *rules, const struct boot_rule *rule)
{
    for (size_t i = 0; i < rule->option_count; i++) {
        const struct boot_option *option = &rule->options[i];
        offer->options[offer->option_count++] =
            (struct offer_option){option->tag, span_of(boot_text(rules, option->bytes), option->size)};
    }
}

static void address_reply(const struct question4 *q, struct boot_reply *reply)
{
    if (q->is_on_pxe_port) {
        reply->to = q->asked->arrival.source;
    } else if (!endpoint_is_unspecified(&q->packet.giaddr)) {
        reply->to = q->packet.giaddr;
        reply->to.port = BOOT_PORT_SERVER;
    } else {
        reply->to = endpoint_ipv4(255, 255, 255, 255, BOOT_PORT_CLIENT);
        reply->is_broadcast = true;
    }
}

/* rule is the one that says which file, or NULL where there is nothing to load. */
static enum boot_reason write_reply(const struct question4 *q, const struct boot_rule *rule,
                                    struct boot_decision *decision)
{
    const struct boot_choice *choice = &decision->choice;
    bool is_first = q->packet.message == DHCP4_DISCOVER;
    bool says_later = choice->style == BOOT_STYLE_BINL && is_first && q->asker.machine.asks == MACHINE_ASKS_PXE;
    struct vendor vendor;
    struct offer offer = {
        .message = is_first ? DHCP4_OFFER : DHCP4_ACK,
        .keeps_ciaddr = q->is_on_pxe_port,
        .is_http = q->asker.machine.asks == MACHINE_ASKS_HTTP,
        .server = q->asked->arrival.address,
        .next_server = q->asked->arrival.address,
        .file = "",
    };

    write_vendor(q, choice, &vendor);
    offer.vendor = span_of(vendor.bytes, vendor.size);
    /* Until the file is told, siaddr is whom to ask for it on port 4011: us, whoever serves the file. */
    if (!vendor.is_menu && !says_later) {
        offer.file = decision->file;
        if (rule != NULL && rule->has_server)
            offer.next_server = rule->server;
    }
    if (rule != NULL)
        take_options(&offer, q->asked->rules, rule);
    address_reply(q, &decision->reply);
    /* A relay would send what gives no address to nobody (RFC 1542 section 4.1.2). */
    offer.is_broadcast = !q->is_on_pxe_port;
    decision->reply.size =
        offer_write(&offer, &q->packet, decision->reply.bytes, dhcp4_reply_room(&q->packet, BOOT_REPLY_MAX));
    if (decision->reply.size == 0)
        return BOOT_TOO_LONG;
    if (rule == NULL)
        return BOOT_SENT_TO_DISK;
    return is_first ? BOOT_OFFERED : BOOT_ACKNOWLEDGED;
}

static enum boot_reason answer(const struct question4 *q, struct boot_decision *decision)
{
    enum boot_reason reason = BOOT_NOTHING_AGAINST;
    const struct boot_choice *choice = &decision->choice;

    if (choice->verdict == BOOT_VERDICT_SILENT)
        return (enum boot_reason)choice->reason;
    if (choice->verdict == BOOT_VERDICT_LOCAL)
        return q->asker.machine.asks == MACHINE_ASKS_HTTP ? BOOT_LOCAL_BY_SILENCE : write_reply(q, NULL, decision);
    const struct boot_rule *rule = file_rule(q, decision, &reason);
    if (rule == NULL)
        return reason;
    const char *file = boot_text(q->asked->rules, rule->file);
    utf8_copy(decision->file, sizeof decision->file, file);
    if (!rule->is_url && !rule->has_server)
        reason = decide_file(q->asked, file, q->is_on_pxe_port ? &q->asked->arrival.source : NULL);
    else
        reason = BOOT_NOTHING_AGAINST;
    return reason == BOOT_NOTHING_AGAINST ? write_reply(q, rule, decision) : reason;
}

/* -- from the datagram to the answer ---------------------------------------------------------------------------------- */

static void take_facts(struct question4 *q, struct boot_decision *decision)
{
    const struct boot_arrival *arrival = &q->asked->arrival;
    const struct dhcp4 *packet = &q->packet;
    bool is_relayed = !endpoint_is_unspecified(&packet->giaddr);

    decision->protocol = packet->message == DHCP4_BOOTP ? BOOT_BY_BOOTP : BOOT_BY_DHCP4;
    decision->message = packet->message;
    decision->is_on_pxe_port = q->is_on_pxe_port;
    /* Port 4011 is asked by the client itself, whatever relay it was found through. */
    if (!q->is_on_pxe_port)
        decision->relay = packet->giaddr;
    decision->client = packet->ciaddr;
    if (packet->message == DHCP4_REQUEST && !endpoint_is_unspecified(&packet->requested))
        decision->client = packet->requested;
    if (q->is_on_pxe_port)
        decision->client = arrival->source;
    decision->machine = machine_of_dhcp4(packet);
    q->asker = (struct boot_asker){.machine = decision->machine, .is_ipv4 = true};
    q->asker.place = q->is_on_pxe_port ? arrival->source : is_relayed ? packet->giaddr : arrival->address;
}

static enum boot_reason decide_dhcp4(struct question4 *q, struct boot_decision *decision)
{
    if (!dhcp4_read(&q->packet, q->asked->datagram))
        return BOOT_MALFORMED;
    take_facts(q, decision);
    if (q->packet.is_reply)
        return BOOT_NOT_A_REQUEST;
    if (q->packet.message == DHCP4_REQUEST || q->packet.message == DHCP4_INFORM)
        decision->claim = decide_claim(q->asked, decision);
    if (q->packet.message == DHCP4_BOOTP)
        return q->is_on_pxe_port ? BOOT_OTHER_MESSAGE : decide_bootp(q->asked, &q->packet, decision);
    enum boot_reason against = judge_message(q);
    if (against != BOOT_NOTHING_AGAINST)
        return against;
    if (!q->asked->rules->is_pxe_on)
        return BOOT_PXE_OFF;
    against = judge_sender(q);
    if (against != BOOT_NOTHING_AGAINST)
        return against;
    decision->choice = boot_match(q->asked->rules, q->asked->marks, &q->asker, q->asked->now_ms);
    return answer(q, decision);
}

void boot_decide(const struct boot_question *question, struct boot_decision *decision)
{
    const struct endpoint *address = &question->arrival.address;
    struct question4 q = {.asked = question, .is_on_pxe_port = address->port == BOOT_PORT_PXE};

    memset(decision, 0, sizeof *decision);
    decision->relay = decision->client = decision->reply.to = endpoint_ipv4(0, 0, 0, 0, 0);
    decision->reason = endpoint_is_ipv4(address) ? decide_dhcp4(&q, decision) : decide_dhcp6(question, decision);
    ASSERT(decision->reason != BOOT_NOTHING_AGAINST);
    ASSERT(boot_reason_answers(decision->reason) == (decision->reply.size > 0));
}
