/*
 * Why a boot request was answered, or was not: a name for each, its words for events and core/boot/boot_explain, and what an
 * administrator who wanted it otherwise should do.
 */
#ifndef CORE_REASON_H
#define CORE_REASON_H

#include "core/base/bytes.h"

/* X(NAME, in words, what to do). Every decision ends in one of those behind the first; the answers stand before MALFORMED. */
#define BOOT_REASONS(X)                                                                                               \
    X(NOTHING_AGAINST, "nothing is against an answer so far", "")                                                     \
    X(OFFERED, "it was offered a boot file", "")                                                                      \
    X(ACKNOWLEDGED, "it asked for its boot file and was told it", "")                                                 \
    X(SENT_TO_DISK, "it was told to boot from its disk", "")                                                          \
    X(GIVEN_ADDRESS, "BootpHosts has its address", "")                                                                \
    X(MALFORMED, "the packet is not one of BOOTP, DHCP or DHCPv6", "")                                                \
    X(NOT_A_REQUEST, "it is a reply, and those are for clients", "")                                                  \
    X(NOT_PXE, "it is an ordinary DHCP request, which a DHCP server answers", "")                                     \
    X(OTHER_SERVER, "it speaks to another server", "")                                                                \
    X(OTHER_MESSAGE, "it is a message that is not answered on this port", "")                                         \
    X(PXE_OFF, "Pxe is off", "Set Pxe to answer.")                                                                    \
    X(BOOTP_OFF, "it asks by BOOTP, and Bootp is off", "Set Bootp to bootp and write the machine into BootpHosts.")   \
    X(OTHER_INTERFACE, "PxeInterfaces does not name the address it came in on", "Add that address to PxeInterfaces.") \
    X(RELAY_REFUSED, "it came through a relay that PxeRelays does not name", "Add the relay's address to PxeRelays.") \
    X(RELAY_IMPOSSIBLE, "the address of its relay is none that a relay can have", "")                                 \
    X(SOURCE_IMPOSSIBLE, "it came from an address or a port that no client sends from", "")                           \
    X(ADDRESS_IMPOSSIBLE, "the address that it says it has is none of this network",                                  \
      "Have the machine ask for its address, or mend the one that it has.")                                           \
    X(NOT_A_CLIENT, "Clients does not admit its address", "Add its address to Clients.")                              \
    X(UNKNOWN_MACHINE, "PxeUnknown is ignore, and PxeHosts does not name it",                                         \
      "Write it into PxeHosts, as in \"52:54:00:12:34:56 = answer\".")                                                \
    X(IGNORED, "a rule says ignore", "Change or remove the rule.")                                                    \
    X(WAITING, "it waits for approval", "Approve it: tftpd approve with its MAC or GUID.")                            \
    X(NO_RULE, "no rule of PxeBoot is for it", "Add a line to PxeBoot that names its machine.")                       \
    X(NO_RULE_FOR_IPXE, "iPXE asks, and no rule is for iPXE; its own binary would only start it again",               \
      "Add a line to PxeBoot, as in \"ipxe = boot.ipxe\".")                                                           \
    X(NO_ARCHITECTURE, "it does not say what machine it is", "")                                                      \
    X(LOCAL_BY_SILENCE, "a rule says local, and a machine that asks this way hears that by silence", "")              \
    X(FILE_MISSING, "the file of its rule is not there", "Put the file into the start directory, or mend the rule.")  \
    X(FILE_FORBIDDEN, "TFTP would not give it the file of its rule",                                                  \
      "Look at Clients, Readable and Access; tftpd explain says which.")                                              \
    X(NO_SUCH_ITEM, "it asks for an entry that PxeMenu does not have", "")                                            \
    X(CREDENTIALS, "it asks for signed credentials (BIS), which nobody has", "Turn BIS off in its firmware.")         \
    X(TOO_LONG, "the reply would be longer than it can take", "Shorten the rule's options or the menu.")              \
    X(NOT_SENT, "this machine refused to send the answer", "Event 140 says why.")                                     \
    X(NOT_IN_TABLE, "it asks by BOOTP, and BootpHosts does not have its MAC", "Add a line to BootpHosts.")            \
    X(OTHER_NAME, "it asks by BOOTP for a server of another name", "")                                                \
    X(OTHER_NETWORK, "its address in BootpHosts is not of the network that it asks from",                             \
      "Mend the address, or add a line for that network.")                                                            \
    X(CLIENT_LIMIT, "the same machine had so many answers in this second already", "")                                \
    X(ADDRESS_LIMIT, "so many answers went to its address in this second already", "")                                \
    X(RELAY_LIMIT, "its relay had so many answers in this second already", "")                                        \
    X(INTERFACE_LIMIT, "so many answers left by this interface in this second already",                               \
      "Raise PxeRepliesPerSecond if so many machines start at once.")                                                 \
    X(TOTAL_LIMIT, "so many answers left in this second already", "")

#define BOOT_REASON_NAME(name, words, advice) BOOT_##name,
enum boot_reason { BOOT_REASONS(BOOT_REASON_NAME) BOOT_REASON_COUNT };

/* Is it one of those that answer. */
bool boot_reason_answers(enum boot_reason reason);
/* Is it worth telling: a machine asked to be booted, and was not. Other silences are the rule on any network. */
bool boot_reason_is_refusal(enum boot_reason reason);
/* Is it one of those of core/boot/limits, which stand last. */
bool boot_reason_is_limit(enum boot_reason reason);
/* Constant texts; advice is empty where nothing needs doing. */
const char *boot_reason_text(enum boot_reason reason);
const char *boot_reason_advice(enum boot_reason reason);
/* "NO_RULE": for JSON and tests. */
const char *boot_reason_name(enum boot_reason reason);

#endif
