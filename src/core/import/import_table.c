#include "core/import/import_parts.h"

#define RIS      "TFTPD\\Parameters"
#define WDS      "WDSServer\\Providers\\WDSTFTP"
#define WDS_MAIN "WDSServer\\Parameters"

#define SET_DIRECTORY "reg add " IMPORT_PARAMETERS " /v Directory /t REG_EXPAND_SZ /d \"D:\\images\" /f"

static const struct import_setting ris[] = {
    {{RIS, "Directory", NULL}, import_copy, "Directory", NULL, NULL, NULL, false},
    {{RIS, "Clients", NULL}, import_copy, "Clients", NULL, NULL, NULL, false},
    {{RIS, "Masters", NULL}, import_masters, "Masters", NULL, NULL, NULL, true},
    {{RIS, "Readable", NULL}, import_copy, "Readable", NULL, NULL, NULL, false},
    {{RIS, "Writable", "Writeable"}, import_copy, "Writable", NULL, NULL, NULL, false},
};

static const struct import_setting wds[] = {
    {{WDS, "RootFolder", NULL},
     import_root_folder,
     "Directory",
     NULL,
     "WDS has none set, so it has not been configured",
     "set the start directory yourself: " SET_DIRECTORY,
     true},
    {{WDS, "ReadFilter", NULL},
     import_read_filter,
     "Readable",
     NULL,
     "it is not there; this is what WDS sets up, and keeps the images and answer files below the same folder unread",
     NULL,
     true},
    {{WDS, "MaximumBlockSize", NULL}, import_block_size, "MaxBlockSize", NULL, NULL, NULL, false},
    {{WDS, "EnableVariableWindowExtension", NULL}, import_switch, "MsftWindow", NULL, NULL, NULL, false},
    {{WDS_MAIN, "UdpPortPolicy", NULL},
     import_wds_ports,
     "PortRange",
     NULL,
     "it is neither 0 nor 1 with a range, so the ports stay as they are here",
     "where a firewall needs a range, set PortRange",
     false},
    {{WDS_MAIN, "UdpStartPort", NULL}, import_leave, NULL, "*", NULL, NULL, false},
    {{WDS_MAIN, "UdpEndPort", NULL}, import_leave, NULL, "*", NULL, NULL, false},
};

/* clang-format off */
/* A number or text that maps as it is, where it is not empty. */
#define COPIED(name, parameter) {{NULL, name, NULL}, import_copy, parameter, "", NULL, NULL, false}
#define LEFT(name, silent, why, instead) {{NULL, name, NULL}, NULL, NULL, silent, why, instead, false}
/* clang-format on */
/* Of the window, or of another server in the same program. */
#define FOREIGN(name) LEFT(name, "*", NULL, NULL)

static const struct import_setting tftpd64[] = {
    {{NULL, "BaseDirectory", NULL},
     import_directory,
     "Directory",
     NULL,
     "it depends on the folder that tftpd64 was started in",
     "set the start directory yourself: " SET_DIRECTORY,
     false},
    COPIED("TftpPort", "Port"),
    {{NULL, "LocalIP", NULL},
     import_local_address,
     "Addresses",
     NULL,
     "it is the name of an interface, and Addresses takes addresses",
     "find its address with: netsh interface ip show addresses",
     false},
    {{NULL, "SecurityLevel", NULL}, import_security, "Masters", NULL, NULL, NULL, true},
    {{NULL, "Negociate", NULL}, import_options, "DisableOptions", NULL, NULL, NULL, true},
    LEFT("PXECompatibility", "*", NULL, NULL),
    COPIED("Timeout", "Timeout"),
    LEFT("MaxRetransmit", "6", "patience is a time here, however often something was sent again",
         "set SilenceSeconds where 120 s are too few or too many"),
    {{NULL, "Max Simultaneous Transfers", NULL},
     import_transfers,
     "MaxTransfers",
     "",
     "100 is what tftpd64 has where nobody chose a number, so MaxTransfers stays as it is here",
     NULL,
     false},
    {{NULL, "LowestUDPPort", NULL},
     import_ports,
     "PortRange",
     NULL,
     "one of the two is missing, so any port was used, and is used here",
     "where a firewall needs a range, set PortRange",
     true},
    LEFT("HighestUDPPort", "*", NULL, NULL),
    {{NULL, "Services", NULL},
     import_services,
     NULL,
     NULL,
     "tftpd is a TFTP server and nothing else",
     "where these were in use, let another program serve them",
     false},
    LEFT("WinSize", "0", "blocks were sent ahead of acknowledgments unasked, which breaks many clients",
         "let clients ask for windowsize (RFC 7440); MaxWindowSize limits it"),
    LEFT("VirtualRoot", "*", NULL, NULL),
    LEFT("UnixStrings", "*", NULL, NULL),
    LEFT("Reduce TFTP Path", "*", NULL, NULL),
    LEFT("MD5", "0", "no file with a checksum is written beside those that are served",
         "make it with: certutil -hashfile FILE MD5"),
    LEFT("DirText", "0", "no list of the files is written, so that clients cannot read one",
         "make it with: dir /b > dir.txt"),
    LEFT("Support for port Option", "0", "the option port is in no standard and is not known here",
         "set PortRange or SinglePort where a firewall is the reason"),
    LEFT("Ignore ack for last TFTP packet", "0", "the last block is sent until it is acknowledged, or given up", NULL),
    LEFT("MulticastPort", "0", "multicast (RFC 2090) is not served", NULL),
    LEFT("MulticastAddress", "", "multicast (RFC 2090) is not served", NULL),
    LEFT("TftpLogFile", "", "the log has a place of its own: tftpd.log in the start directory, with the argument -f",
         "sc config @ binPath= \"\\\"C:\\Program Files\\tftpd\\tftpd.exe\\\" -f\""),
    LEFT("UseEventLog", "0", "without -f everything is in the event log anyway", NULL),
    LEFT("Enable IPv4", "1", "Addresses says what is listened on", "set Addresses to the IPv6 addresses"),
    LEFT("Enable IPv6", "1", "IPv6 is listened on where the machine has it",
         "to leave it out, set Addresses to the IPv4 addresses"),
    FOREIGN("Hide"),
    FOREIGN("ShowProgressBar"),
    FOREIGN("Beep"),
    FOREIGN("Keep transfer Gui"),
    FOREIGN("Console Password"),
    FOREIGN("SaveSyslogFile"),
    FOREIGN("PipeSyslogMsg"),
    FOREIGN("PersistantLeases"),
    FOREIGN("UnicastBOOTP"),
    FOREIGN("DHCP Ping"),
    FOREIGN("DHCP Double Answer"),
    FOREIGN("DHCP LocalIP"),
    FOREIGN("HttpBaseDirectory"),
    FOREIGN("Donot verify firewall"),
};

/* clang-format off */
#define TABLE(word, settings) {word, settings, sizeof(settings) / sizeof *(settings)}
/* clang-format on */
const struct import_table import_tables[IMPORT_SOURCE_COUNT] = {
    [IMPORT_RIS] = TABLE("ris", ris),
    [IMPORT_WDS] = TABLE("wds", wds),
    [IMPORT_TFTPD64] = TABLE("tftpd64", tftpd64),
};
