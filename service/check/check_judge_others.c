#include "service/check/check_report.h"

#include "win32/system/text.h"

enum { SHOWN_MAX = 16 };

/* A DHCP server on this machine, which has port 67, is to send its machines to our port 4011. */
static void judge_local(const struct facts *facts, const struct others_offer *offer, const char *server,
                        struct check_report *report)
{
    if (offer->kind == OTHERS_CLASS) {
        check_say(report, CHECK_OK,
                  "the DHCP server of this machine, %s, says PXEClient in option 60: machines ask UDP port "
                  "4011 here",
                  server);
    } else if (facts->boot.is_wanted && !facts->boot.ports.has_67) {
        check_say(
            report, CHECK_FAIL,
            "the DHCP server of this machine, %s, does not say PXEClient in option 60, so no machine asks UDP port "
            "4011, and PxePorts has nothing else listened on",
            server);
        check_mend(report,
                   "netsh dhcp server add optiondef 60 PXEClient STRING 0 & netsh dhcp server set optionvalue 60 "
                   "STRING PXEClient");
    } else {
        check_say(report, CHECK_OK, "the DHCP server of this machine, %s, gives addresses", server);
    }
}

static void judge_file(const struct others_offer *offer, const char *server, struct check_report *report)
{
    check_say(
        report, CHECK_WARN,
        "the DHCP server %s names a boot file of its own (\"%s\"%s%s): iPXE takes that, and not what this service "
        "says; take options 66 and 67 out of it",
        server, offer->file, offer->tftp_server[0] != 0 ? ", server " : "", offer->tftp_server);
    check_mend(report,
               "netsh dhcp server \\\\%s delete optionvalue 67 & netsh dhcp server \\\\%s delete optionvalue 66",
               server, server);
}

static void judge_offer(const struct facts *facts, const struct facts_offer *found, struct check_report *report)
{
    const struct others_offer *offer = &found->offer;
    char server[ENDPOINT_TEXT_MAX];

    endpoint_address_text(&offer->server, server);
    if (offer->kind == OTHERS_PROXY && found->is_local) {
        check_say(report, CHECK_OK, "a boot server of this machine, %s, answers, with \"%s\"", server, offer->file);
    } else if (offer->kind == OTHERS_PROXY) {
        check_say(report, CHECK_WARN,
                  "another boot server, %s, answers machines, too, with \"%s\": it is chance whose file they start",
                  server, offer->file);
        check_mend(report, "ping -a -n 1 %s & arp -a %s", server, server);
    } else if (offer->kind == OTHERS_FILE) {
        judge_file(offer, server, report);
    } else if (found->is_local) {
        judge_local(facts, offer, server, report);
    } else if (offer->kind == OTHERS_CLASS) {
        check_say(
            report, CHECK_FAIL,
            "the DHCP server %s says PXEClient in option 60: machines then ask UDP port 4011 of that server, and hear "
            "no other; take option 60 out of it",
            server);
        check_mend(report, "netsh dhcp server \\\\%s delete optionvalue 60", server);
    } else {
        check_say(report, CHECK_OK, "the DHCP server %s gives addresses, and leaves booting to others", server);
    }
}

void check_others(const struct facts *facts, struct check_report *report)
{
    const struct facts_others *others = &facts->others;

    if (!others->is_asked)
        return;
    if (others->failed > 0) {
        check_say(report, CHECK_WARN,
                  "%u of %u interfaces could not be asked on, the first because of: %s (UDP port 68, which Windows' "
                  "own DHCP client may have, and 67, which the service has while it answers)",
                  others->failed, others->failed + others->interfaces, text_of_error(others->error).text);
        check_mend(report, "netstat -abno -p udp");
    }
    for (size_t i = 0; i < others->count && i < SHOWN_MAX; i++)
        judge_offer(facts, &others->offers[i], report);
    if (others->count > SHOWN_MAX)
        check_say(report, CHECK_OK, "%u more have answered", (unsigned)(others->count - SHOWN_MAX));
    if (others->count == 0 && others->interfaces > 0) {
        check_say(report, CHECK_WARN,
                  "nobody has answered a machine that asked (interfaces: %u): who gets no address boots nothing",
                  others->interfaces);
        check_mend(report, "ipconfig /all");
    } else if (others->interfaces + others->failed == 0) {
        check_say(report, CHECK_WARN, "no interface is up on which machines could be met");
        check_mend(report, "ipconfig /all");
    }
}
