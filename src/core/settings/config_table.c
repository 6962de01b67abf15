#include "core/settings/config.h"

#include "core/settings/allowdeny.h"
#include "core/settings/boot_lines.h"
#include "core/wire/options.h"

static bool is_client_pattern(const char *text)
{
    struct prefix prefix;

    if (strchr(text, '/') != NULL)
        return prefix_parse(&prefix, span_of_text(text));
    return text[strspn(text, "0123456789abcdefABCDEF.:*?")] == 0;
}

static bool is_address(const char *text)
{
    struct endpoint endpoint;

    return endpoint_parse_address(&endpoint, span_of_text(text));
}

static bool is_option_name(const char *text)
{
    return options_find(span_of_text(text)) != OPTION_COUNT;
}

static bool is_directory_name(const char *text)
{
    return text[0] != 0;
}

/* clang-format's releases disagree about a macro that is an initializer. */
/* clang-format off */
#define NUMBER(name, field, low, high, standard, restart, meaning) \
    {name, NULL, CONFIG_NUMBER, offsetof(struct config, field), low, high, standard, NULL, NULL, NULL, standard, \
     restart, NULL, meaning}
#define BYTES(name, field, high, standard, meaning) \
    {name, NULL, CONFIG_BYTES, offsetof(struct config, field), 0, high, standard, NULL, NULL, NULL, standard, false, \
     NULL, meaning}
#define LIST(name, alias, field, standard, accepts, expects, example, restart, meaning) \
    {name, alias, CONFIG_PATTERNS, offsetof(struct config, field), 0, 0, standard, accepts, NULL, expects, example, \
     restart, NULL, meaning}
#define LINES(name, field, expects, example, meaning) \
    {name, NULL, CONFIG_PATTERNS, offsetof(struct config, field), 0, 0, "", NULL, boot_lines_judge, expects, example, \
     false, NULL, meaning}
#define CHOICE(name, field, choices, standard, expects, example, restart, meaning) \
    {name, NULL, CONFIG_CHOICE, offsetof(struct config, field), 0, 0, standard, NULL, NULL, expects, example, restart, \
     choices, meaning}
/* clang-format on */

static const char *const when_exists_choices[] = {[WHEN_EXISTS_REFUSE] = "refuse",
                                                  [WHEN_EXISTS_KEEP_BOTH] = "keep-both",
                                                  [WHEN_EXISTS_RENAME_OLD] = "rename-old",
                                                  NULL};
static const char *const client_directories_choices[] = {
    [CLIENT_DIRECTORIES_NONE] = "none", [CLIENT_DIRECTORIES_IP] = "ip", [CLIENT_DIRECTORIES_MAC] = "mac", NULL};

static const char *const log_format_choices[] = {[LOG_FORMAT_TEXT] = "text", [LOG_FORMAT_JSON] = "json", NULL};

static const char *const pxe_choices[] = {[PXE_OFF] = "off", [PXE_WATCH] = "watch", [PXE_ANSWER] = "answer", NULL};
static const char *const pxe_unknown_choices[] = {
    [BOOT_UNKNOWN_ANSWER] = "answer", [BOOT_UNKNOWN_IGNORE] = "ignore", [BOOT_UNKNOWN_WAIT] = "wait", NULL};
static const char *const pxe_style_choices[] = {
    [BOOT_STYLE_DIRECT] = "direct", [BOOT_STYLE_BINL] = "binl", [BOOT_STYLE_MENU] = "menu", NULL};
static const char *const pxe_ports_choices[] = {[PXE_PORTS_BOTH] = "both", [PXE_PORTS_4011] = "4011", NULL};
static const char *const pxe_v6_choices[] = {[PXE_V6_OFF] = "off", [PXE_V6_ANSWER] = "answer", NULL};
static const char *const bootp_choices[] = {[BOOTP_OFF] = "off", [BOOTP_ON] = "bootp", NULL};

static const char client_form[] = "an address pattern such as 10.1.*.* or a prefix such as 10.0.0.0/8";

const struct config_parameter config_parameters[] = {
    {"Directory", NULL, CONFIG_TEXT, offsetof(struct config, directory), 0, 0, "%SystemDrive%\\tftpdroot",
     is_directory_name, NULL, "the path of a directory", "D:\\images", false, NULL,
     "The start directory. Clients see what is in it and below it, and nothing else. Environment variables are "
     "expanded. What is put in its place, or pointed to by a link in its place, is served without a restart; so is one "
     "whose share or disk was away. The log file stays where it was until the service is restarted."},
    LIST(
        "Clients", NULL, clients, "*", is_client_pattern, client_form, "10.1.*.*;fd00::/8", false,
        "Addresses that may read: shell patterns over the address as text (157.55.8?.*) or prefixes (10.0.0.0/8, "
        "fd00::/8). A prefix written with colons means IPv6 only: ::/0 admits no IPv4 address, 0.0.0.0/0 all of them."),
    LIST(
        "Masters", NULL, masters, "", is_client_pattern, client_form, "10.1.2.3", false,
        "Addresses that may write, and read too; patterns and prefixes as in Clients. Empty, or a REG_DWORD of 0: nobody "
        "can write."),
    LIST(
        "Readable", NULL, readable, "*", NULL, NULL, "boot\\*;*.cfg", false,
        "Files that may be read: shell patterns over the whole relative path, with either separator, without case. A REG_SZ "
        "is one pattern; several go into a REG_MULTI_SZ. A last *.* is a last * here: names without a dot, too."),
    LIST("Writable", "Writeable", writable, "*", NULL, NULL, "backup\\*.cfg;*-boot.log", false,
         "Names that Masters may create: patterns as in Readable. An existing file is never overwritten."),
    LIST(
        "Access", NULL, access, NULL, allowdeny_is_line, "lines such as allow:/boot or deny:/boot/private",
        "allow:/boot;deny:/boot/private", false,
        "Lines allow:PATH and deny:PATH over paths that begin at the start directory, for reading and writing, beside "
        "Readable and Writable. The longest allowed path that leads to the file counts; a denied one as long or longer "
        "refuses. Where the value is there and no allow line leads to the file, it is refused."),
    CHOICE(
        "ClientDirectories", client_directories, client_directories_choices, "none", "none, ip or mac", "ip", false,
        "ip: each client's own sub-folder, named by its address (of IPv6 with - in place of :), is looked in first, "
        "and its uploads go there if the folder exists. A name in the start directory that is such an address is that "
        "client's: nobody else reaches it, nor what is in it, Masters included. mac: the same by the client's MAC, as "
        "aa-bb-cc-dd-ee-ff, which the system's neighbour table has for clients of the same link, and BootpHosts for "
        "those that it gives an address to; what a client says of itself counts for nothing. A client whose MAC is "
        "not known so, such as one behind a router, has no folder of its own."),
    CHOICE(
        "WhenExists", when_exists, when_exists_choices, "refuse", "refuse, keep-both or rename-old", "keep-both", false,
        "What becomes of an upload whose name is taken. refuse: ERROR 6. keep-both: it is stored beside the old file "
        "under a time-stamped name, so that a switch can back up every night; who reads the name gets the old file as "
        "before. rename-old: the old file is renamed, by the time it was last written, and the new one takes the name, "
        "for telephones and the like that read back what they stored; so Masters decide what the name stands for. "
        "Nothing is ever overwritten."),
    LIST("Addresses", NULL, addresses, "", is_address, "an IPv4 or IPv6 address", "10.1.0.5;fd00::5", true,
         "Local addresses to listen on. Empty: all of them, IPv4 and IPv6. One that is not up yet is tried again "
         "until it is."),
    NUMBER("Port", port, 1, 65535, "69", true, "The UDP port that requests come to."),
    {"PortRange", NULL, CONFIG_RANGE, offsetof(struct config, port_range), 0, 65535, "0", NULL, NULL, NULL,
     "50000-50063", true, NULL,
     "Ports that transfers answer from, as low-high, for firewalls, drawn at random, no more than 4096 open at a time. Few "
     "ports are easily guessed by who forges addresses. 0: any port, see TransferPorts."},
    NUMBER("SinglePort", single_port, 0, 1, "0", true,
           "1: whole transfers run over the service's port, for clients behind NAT or strict firewalls."),
    NUMBER("Mtu", mtu, 0, 65535, "0", false,
           "Bytes of the largest IP packet; blksize is lowered so that a block fits into one. 0: as the interface "
           "says that the request came in on; 65535: never lowered."),
    NUMBER("MaxBlockSize", block_size_max, BLKSIZE_MIN, BLKSIZE_MAX, "65464", false,
           "The largest blksize that is agreed to, in bytes."),
    NUMBER("MaxWindowSize", window_size_max, 1, WINDOWSIZE_MAX, "64", false,
           "The largest windowsize that is agreed to, in blocks."),
    LIST("DisableOptions", NULL, disable_options, "", is_option_name, "the name of a TFTP option",
         "windowsize;msftwindow", false,
         "Options that are treated as unknown: blksize, blksize2, tsize, timeout, utimeout, windowsize, rollover, "
         "msftwindow."),
    NUMBER("MsftWindow", msft_window, 0, 1, "1", false,
           "1: Windows Boot Manager may vary its window with each acknowledgment (option msftwindow)."),
    NUMBER(
        "Segmentation", segmentation, 0, 1, "1", false,
        "1: the blocks of a window leave in one call, which Windows (10 2004, Server 2022 and later) or the network "
        "adapter cuts into datagrams; it costs less of the processor. Where that is refused or loses them the service "
        "notices and sends them one by one (event 141). 0: always one by one, for adapters and filters that do it badly."),
    NUMBER(
        "Timeout", timeout_s, 1, 255, "1", false,
        "Seconds before something unanswered is sent again, where the client names none. Once the round trip is known "
        "the wait is that and some more, 0.25 s at least and never more than this. It doubles each time, up to 16 s."),
    NUMBER("FirstSends", first_sends_max, 1, 10, "3", false,
           "How often the first answer is sent to a client that has not answered yet. Low, so that forged requests "
           "cannot make the service flood a third party."),
    NUMBER("SilenceSeconds", silence_s, 1, 3600, "120", false,
           "Seconds without progress after which a transfer is given up, whatever timeout its client named, whatever "
           "round trip was measured and however often something was sent again."),
    NUMBER("UnprovenSeconds", unproven_s, 1, 3600, "20", false,
           "The same for a client that has never acknowledged data: its address may be forged, and it must not hold a "
           "place for long."),
    NUMBER(
        "UnprovenBytes", unproven_bytes, 512, 1048576, "12288", false,
        "Bytes of data, headers included, that may be under way to a client that has proven nothing; 192 for each port "
        "that transfers answer from, if that is more. The window that it is granted is no larger. An address that "
        "has finished a transfer in the last ten minutes gets the window it asks for."),
    NUMBER("TransferPorts", transfer_ports, 1, CONFIG_TRANSFER_PORTS_MAX, "768", true,
           "Ports of each local address that transfers answer from, drawn at random and opened when first drawn. Who "
           "forges a client's address has to guess the port: the more there are, the more a guess costs. PortRange and "
           "SinglePort take their place."),
    NUMBER("MaxTransfers", transfers_max, 1, 100000, "10000", true, "Transfers at the same time, in all."),
    NUMBER(
        "MaxTransfersPerClient", transfers_per_client_max, 1, 100000, "256", false,
        "Transfers at the same time for one address. One whose last data or last ACK is out no longer counts, for its "
        "client may ask for the next file at once; there may be as many such again. An IPv6 network (/64, link-local "
        "ones excepted) may have 16 times as many."),
    NUMBER("FirstResendsPerSecond", first_resends_per_second, 1, 1000000, "1000", false,
           "First answers sent again in a second, in all, to clients that have not answered yet; further ones are left "
           "out. A storm of forged requests then costs the others little; an honest client asks again itself."),
    NUMBER(
        "ErrorsPerSecond", errors_per_second, 1, 100000, "100", false,
        "ERROR packets to one address in a second, from all ports of the service; 16 times as many to an IPv6 network "
        "(/64, link-local ones excepted). Further ones are not sent, and what the address asks for is dropped unread "
        "until it may have one again. A packet that belongs to no transfer gets one a second at most."),
    BYTES("MaxUploadBytes", upload_bytes_max, UINT64_MAX, "0",
          "The largest upload in bytes. 0: as large as the disk allows."),
    BYTES("MinFreeBytes", free_bytes_min, UINT64_MAX, "67108864",
          "Bytes that an upload must leave free on the disk of the start directory. Each upload looks every second and "
          "every 16 MiB, so several at once may take that much more each."),
    NUMBER("Workers", workers, 0, 64, "0", true, "Threads that run transfers. 0: twice the processors, 4 to 16."),
    NUMBER("Listeners", listeners, 1, 16, "4", true, "Threads that take requests and open files."),
    NUMBER("FileThreads", file_threads, 1, 64, "8", true,
           "Threads that read and write files; more help where the start directory is on a slow share."),
    NUMBER("CacheSize", cache_mib, 4, 65536, "64", true, "MiB of memory for file contents that all transfers share."),
    NUMBER("Verbose", verbose, 0, 3, "2", false,
           "What is told in the logs. 0: errors only; 1: warnings too; 2: each transfer and refusal; 3: also each "
           "transfer as it begins, requests that came again, and what was no request."),
    NUMBER(
        "RefusalEventsPerSecond", refusal_events_per_second, 1, 100000, "100", false,
        "Events that are told in a second of requests that were refused and of transfers whose client may be forged, of "
        "one address half as many; further ones are counted and their number told, so that no flood fills the logs."),
    CHOICE("LogFormat", log_format, log_format_choices, "text", "text or json", "json", true,
           "How tftpd.log is written. text: a line for people. json: a JSON object a line, with the same facts."),
    NUMBER("LogMaxBytes", log_bytes_max, 65536, UINT32_MAX, "10485760", true,
           "Bytes after which tftpd.log is renamed to tftpd.log.1 and a new one is begun."),
    NUMBER("LogFiles", log_files, 1, 99, "5", true, "Old log files that are kept."),
    NUMBER("DrainSeconds", drain_s, 0, 3600, "5", false,
           "Seconds that a stop waits for running transfers before it ends them."),
    CHOICE(
        "Pxe", pxe, pxe_choices, "off", "off, watch or answer", "answer", false,
        "Whether machines that boot from the network are told their boot file, beside any DHCP server, which goes on giving "
        "them their addresses. off: nothing listens. watch: requests are heard and what would be answered is told "
        "(event 242), but nothing is sent, to BOOTP clients neither. answer: they are answered, by PxeHosts and PxeBoot."),
    LINES(
        "PxeBoot", pxe_boot, "lines such as x64 = boot/bootx64.efi",
        "bios = undionly.kpxe;x64 = snponly.efi;ipxe = boot.ipxe",
        "What each kind of machine boots; the first line that fits counts. MACHINES = FILE, and behind it, as needed: on "
        "NETWORK, server ADDRESS (of another TFTP server), style direct, binl or menu, option NUMBER=VALUE. MACHINES: bios, "
        "x64, ia32, arm64, riscv64, ipxe, rpi, any and more, or numbers of option 93, with commas between them. In place of "
        "FILE: an http:// URL for ipxe or x64-http and the like; local (boot from the disk); ignore; wait (see PxeUnknown). "
        "docs/booting.md has examples."),
    LINES(
        "PxeHosts", pxe_hosts, "lines such as 52:54:00:12:34:56 = answer",
        "52:54:00:12:34:56 = answer;001122* = ignore",
        "Single machines, by MAC or GUID, or the first digits of MACs and *; before PxeBoot, GUIDs before MACs. As in "
        "PxeBoot, and also: answer (by PxeBoot; such a machine is a known one), once FILE (in one boot, from then on "
        "local, until the service is restarted: take the line out when the machine is installed), shared (the MAC of a dongle or a dock: it says nothing about the machine)."),
    CHOICE(
        "PxeUnknown", pxe_unknown, pxe_unknown_choices, "answer", "answer, ignore or wait", "wait", false,
        "What becomes of machines that no line of PxeHosts names. answer: PxeBoot says. ignore: they are not answered. "
        "wait: not before tftpd approve MAC. A machine says itself who it is, so this is a convenience and no "
        "protection."),
    CHOICE(
        "PxeStyle", pxe_style, pxe_style_choices, "direct", "direct, binl or menu", "binl", false,
        "How the boot file is told where its line does not say. direct: in the first answer, which all known firmware "
        "takes. binl: when the machine asks again on port 4011, as Microsoft's servers do. menu: after PxeMenu was "
        "shown."),
    LINES(
        "PxeMenu", pxe_menu, "lines such as Install = boot/bootx64.efi", "Disk = local;Install = answer",
        "The entries of the menu of style menu, the first is the default: TEXT = FILE, local or answer (by PxeBoot), and "
        "behind it for MACHINES where an entry is not for all. What one machine is shown has 255 bytes: the texts of its "
        "entries and of PxePrompt, 10 for each entry, 3 if it is local, and 11."),
    {"PxePrompt", NULL, CONFIG_TEXT, offsetof(struct config, pxe_prompt), 0, 0, "10 Press F8 for the boot menu",
     boot_lines_is_prompt, NULL, "seconds up to 254, or wait, and a text of 70 bytes at most behind it",
     "wait Choose one", false, NULL,
     "How long the menu waits before its first entry is taken, and what is shown meanwhile. 0: it is taken at once. "
     "wait: the menu stands until a key is pressed."},
    LINES("PxeInterfaces", pxe_interfaces, "addresses or prefixes of this machine", "10.1.0.5;192.168.7.0/24",
          "Addresses of ours, or their networks, on which boot requests are heard. Empty: on all interfaces."),
    LINES(
        "PxeRelays", pxe_relays, "addresses or prefixes of relays", "10.1.0.1;10.2.0.0/16",
        "Relays (routers with a helper address, giaddr) whose clients are answered. Empty: none, for an answer goes to "
        "whatever address such a packet names; event 241 tells of one that is not admitted."),
    CHOICE(
        "PxePorts", pxe_ports, pxe_ports_choices, "both", "both or 4011", "4011", false,
        "both: UDP 67 and 4011. 4011: for a DHCP server on this very machine, which needs port 67 for itself and has "
        "to send option 60 as PXEClient; docs/booting.md says how. BOOTP, which has no other port, is then not heard "
        "beside PXE."),
    NUMBER(
        "PxeRepliesPerSecond", pxe_replies_per_second, 1, 1000000, "500", false,
        "Answers that leave by one interface in a second, by all of them four times as many; further requests are not "
        "answered and their number told (event 243). One machine gets 4 a second, one address 8, one relay 200."),
    CHOICE(
        "PxeV6", pxe_v6, pxe_v6_choices, "off", "off or answer", "answer", false,
        "answer: while Pxe is on, machines that boot by DHCPv6 (UDP 547 and 4011) are told their boot file as well, by "
        "the same rules. A server in a rule counts for machines of its own family only."),
    CHOICE(
        "Bootp", bootp, bootp_choices, "off", "off or bootp", "bootp", false,
        "bootp: machines that ask by BOOTP (RFC 951) are given their address and boot file, if BootpHosts has them."),
    LINES(
        "BootpHosts", bootp_hosts, "lines such as 00:11:22:33:44:55 = 10.1.0.7/24 file boot/terminal",
        "00:11:22:33:44:55 = 10.1.0.7/24 file boot/terminal router 10.1.0.1",
        "Machines that boot by BOOTP: MAC = ADDRESS, with /BITS of its network or that of the interface, and behind "
        "it, as needed: file FILE, name NAME, router ADDRESS, dns ADDRESS, domain NAME, root PATH, server ADDRESS. Or "
        "file NAME = FILE: what a client is told that asks for NAME. Nobody else is given an address."),
};

const size_t config_parameter_count = sizeof config_parameters / sizeof config_parameters[0];
_Static_assert(sizeof config_parameters / sizeof config_parameters[0] <= CONFIG_PARAMETERS_MAX, "a source for each");
