/*
 * The events, each a row: id, name, level, category, text, and what an administrator should do about it.
 *
 * An id never changes its meaning, and one that is no longer told is not used again. {braces} in a text are the event's
 * fields; the order of their appearance is the order of the insert strings in the Windows event log. A row whose advice
 * is empty needs nothing done.
 */
#ifndef CORE_EVENT_TABLE_H
#define CORE_EVENT_TABLE_H

#define EVENT_TABLE(X)                                                                                                 \
    X(100, STARTED, INFORMATION, SERVICE, "TFTP service started: {detail}", "")                                        \
    X(101, STOPPED, INFORMATION, SERVICE, "TFTP service stopped: {detail}", "")                                        \
    X(102, PAUSED, INFORMATION, SERVICE,                                                                               \
      "TFTP service paused: running transfers go on, new requests are not answered",                                   \
      "When you want it to serve again: `sc continue tftpd`.")                                                         \
    X(103, CONTINUED, INFORMATION, SERVICE, "TFTP service continued: new requests are answered again", "")             \
    X(104, DRAINING, INFORMATION, SERVICE,                                                                             \
      "TFTP service is draining: {number} running transfers may finish, then it stops; new requests are not "          \
      "answered",                                                                                                      \
      "Nothing, or `sc stop tftpd` to have it stop sooner.")                                                           \
    X(105, DIRECTORY_LOST, ERROR, SERVICE,                                                                             \
      "the start directory {name} cannot be reached: {detail}; requests are refused until it can be opened again, "    \
      "which they try, once a second at most",                                                                         \
      "Look at the disk or share it is on, or whether it was renamed; the service need not be restarted. Event 106 "   \
      "says when it is back.")                                                                                         \
    X(106, DIRECTORY_FOUND, INFORMATION, SERVICE,                                                                      \
      "the start directory {name} was opened anew: {detail}; requests are served from it",                             \
      "Nothing, if you replaced it, or its share or disk was away; running transfers keep the files that they have.")  \
    X(107, LISTENER_BROKEN, WARNING, SERVICE,                                                                          \
      "the socket that listens on {client} broke: {detail}; it is closed and opened again",                            \
      "Nothing, if event 115 follows. Else look at the network adapter and at programs that filter its traffic.")      \
    X(108, STOP_GIVEN_UP, ERROR, SERVICE,                                                                              \
      "the stop of the TFTP service was given up and its process ended, because nothing got done for {number} "        \
      "seconds; it was waiting for {detail}",                                                                          \
      "Look at the disk or share that does not answer. Uploads that were acknowledged are stored; what others have "   \
      "left the next start deletes.")                                                                                  \
    X(109, LOCKDOWN_UNKNOWN, DETAIL, SERVICE,                                                                          \
      "this Windows is too old to know some of the limits that TFTP service sets itself: {detail}", "")                \
    X(110, DIRECTORY_FAILED, ERROR, SERVICE,                                                                           \
      "cannot open the start directory {name}: {detail}; create it, or set the parameter Directory to one that "       \
      "exists",                                                                                                        \
      "Create the directory, let the service's account read it, or correct `Directory`. A running service keeps the "  \
      "directory it had.")                                                                                             \
    X(111, PORT_TAKEN, ERROR, SERVICE,                                                                                 \
      "cannot listen on {client}: the port is in use by {detail}; stop that program, or set the parameter Port or "    \
      "Addresses",                                                                                                     \
      "Stop the other program, or give each an address of its own with `Addresses`. WDS and the DNS Server's range "   \
      "of reserved ports are the usual ones.")                                                                         \
    X(112, LISTEN_FAILED, ERROR, SERVICE,                                                                              \
      "cannot listen on {client}: {detail}; check the parameters Port and Addresses",                                  \
      "Check `Port` and `Addresses` against `ipconfig`.")                                                              \
    X(113, START_FAILED, ERROR, SERVICE, "TFTP service cannot start: {detail}",                                        \
      "The text says why; [exit-codes.md](exit-codes.md) has the code that `sc query` shows.")                         \
    X(114, ADDRESS_AWAITED, WARNING, SERVICE,                                                                          \
      "the address {client} is not up yet; it is tried again until it is, nothing needs to be done if it comes "       \
      "later",                                                                                                         \
      "Nothing, if the address comes up later; event 115 then says so. Else correct `Addresses`.")                     \
    X(115, ADDRESS_UP, INFORMATION, SERVICE, "now listening on {client}", "")                                          \
    X(116, BAD_ARGUMENT, ERROR, SERVICE, "argument {name} is not understood: {detail}",                                \
      "Correct the service's ImagePath or what was typed behind `sc start tftpd`; `tftpd -? service` lists the "       \
      "arguments.")                                                                                                    \
    X(117, LOCKDOWN_PARTIAL, WARNING, SERVICE,                                                                         \
      "TFTP service runs with more rights than it needs, because this system did not grant: {detail}",                 \
      "Look for a program that takes such rights away.")                                                               \
    X(118, SWEPT, INFORMATION, SERVICE, "{number} unfinished uploads that an earlier end had left were deleted",       \
      "Nothing: a power cut had left them. Whoever sent them has to send them again.")                                 \
    X(119, STATUS_UNAVAILABLE, WARNING, SERVICE,                                                                       \
      "`tftpd status` will get no answer, because its pipe cannot be made: {detail}",                                  \
      "Look which program has a pipe of that name; requests are served all the same.")                                 \
    X(120, PARAMETER_REJECTED, WARNING, PARAMETERS, "{detail}; the value in force is {name}",                          \
      "Correct the value; the text says what it may be. [parameters.md](parameters.md) has all of them.")              \
    X(121, PARAMETER_UNKNOWN, WARNING, PARAMETERS,                                                                     \
      "the parameter {name} is not known and has no effect; see docs/parameters.md for the names",                     \
      "Correct its name or delete it.")                                                                                \
    X(122, PARAMETER_CHANGED, INFORMATION, PARAMETERS, "the parameter {name} changed: {detail}", "")                   \
    X(123, PARAMETER_NEEDS_RESTART, WARNING, PARAMETERS,                                                               \
      "the parameter {name} changed: {detail}; restart the service for it to take effect",                             \
      "`net stop tftpd` and `net start tftpd`, when it suits.")                                                        \
    X(124, PARAMETERS_READ, INFORMATION, PARAMETERS, "the parameters were read again: {detail}", "")                   \
    X(125, WATCH_LOST, WARNING, PARAMETERS,                                                                            \
      "the registry no longer tells of changes; after a change run \"sc control\" with the service's name and "        \
      "paramchange",                                                                                                   \
      "After each change `sc control tftpd paramchange`, or restart the service.")                                     \
    X(126, ARGUMENT_OVERRULED, WARNING, PARAMETERS, "the argument {detail} has no effect: {name} is set by a policy",  \
      "Take the argument away, or the policy; `tftpd check` shows which value comes from where.")                      \
    X(130, LOG_FAILED, ERROR, LOGGING,                                                                                 \
      "cannot write the log file {name}: {detail}; free space or grant the service's account the right to write "      \
      "there",                                                                                                         \
      "Free space, or let the service's account write there; a link in its place is refused. Transfers go on "         \
      "meanwhile, untold.")                                                                                            \
    X(131, EVENTS_DROPPED, WARNING, LOGGING,                                                                           \
      "{number} events were left out because they came faster than they could be written",                             \
      "Look at the disk of the log, or lower `Verbose`. `tftpd status` has counted everything.")                       \
    X(132, REFUSALS_LEFT_OUT, WARNING, LOGGING,                                                                        \
      "{number} events of refused or unproven requests were left out because more came in a second, or from one "      \
      "address more than half as many, than the parameter RefusalEventsPerSecond allows",                              \
      "Somebody scans, floods or boots in masses; `tftpd status` has counted everything.")                             \
    X(133, TRANSFERS_LEFT_OUT, WARNING, LOGGING,                                                                       \
      "{number} events of transfers were left out because one address had more than 50 of them in a second",           \
      "Look what that address fetches so often; `tftpd status` has counted everything.")                               \
    X(140, SEND_FAILED, WARNING, SERVICE,                                                                              \
      "this machine refused to send to {client}: {detail}; {words}; it refused {number} datagrams for this reason "    \
      "since the start",                                                                                               \
      "What the text says. Such clients look as if they never answered. Told once a minute at most; `tftpd status` "   \
      "has counted all by reason.")                                                                                    \
    X(141, SEGMENTATION_OFF, WARNING, SERVICE, "blocks are sent one by one from now on, because {words}",              \
      "Nothing must be done; it costs more of the processor. Look for a newer driver of the network adapter, or a "    \
      "filter on it. `Segmentation` 0 spares each start the attempt; a change of it to 0 and 1 is a new one.")         \
    X(142, SOURCE_REFUSED, WARNING, SERVICE,                                                                           \
      "the system does not let answers to {client} leave from {name}, which was asked; they leave from an address "    \
      "of its own choice, and a client that was not told of it will not hear them",                                    \
      "Where a machine has several addresses, list them in `Addresses`, or take `SinglePort` back; then each has a "   \
      "socket of its own. Told once.")                                                                                 \
    X(150, BOOT_HEARS, INFORMATION, SERVICE, "boot requests are heard on {client}, {detail}", "")                      \
    X(151, BOOT_DEAF, INFORMATION, SERVICE, "boot requests are heard no more on {client}: {detail}",                   \
      "Nothing, if you changed `Pxe`, `Bootp`, `PxePorts`, `PxeInterfaces` or the network.")                           \
    X(152, BOOT_PORT_TAKEN, WARNING, SERVICE,                                                                          \
      "boot requests cannot be heard on {client}: the port is in use by {detail}; it is tried again each minute",      \
      "A DHCP server on this machine needs port 67, which BOOTP clients have no other for. Is `Bootp` off, set "       \
      "`PxePorts` to 4011 and have the DHCP server send option 60 ([booting.md](booting.md)). Else stop the other "    \
      "program: WDS, ConfigMgr's responder, Internet Connection Sharing.")                                             \
    X(153, BOOT_LISTEN_FAILED, WARNING, SERVICE,                                                                       \
      "boot requests cannot be heard on {client}: {detail}; it is tried again {words}",                                \
      "Look at the network adapter, and at programs that filter its traffic.")                                         \
    X(154, BOOT_RULES_REFUSED, ERROR, PARAMETERS, "the boot parameters have no effect, {words}: {detail}",             \
      "Correct the parameter that the text names; [parameters.md](parameters.md) has all of them.")                    \
    X(155, BOOT_NOWHERE, WARNING, SERVICE,                                                                             \
      "boot requests are heard nowhere: no interface that is up has an IPv4 address that PxeInterfaces admits",        \
      "Look at `ipconfig` and at `PxeInterfaces`; event 150 follows when there is one.")                               \
    X(156, BOOT_FAILED, ERROR, SERVICE, "boot requests cannot be heard: {detail}",                                     \
      "End other programs, then have the parameters read again: `sc control tftpd paramchange`.")                      \
    X(157, BOOT_APPROVED, INFORMATION, SERVICE,                                                                        \
      "the machine {name} was approved: its boot requests are answered until the service is restarted",                \
      "For good: a line \"{name} = answer\" in `PxeHosts`.")                                                           \
    X(200, FETCHED, INFORMATION, TRANSFER,                                                                             \
      "sent \"{name}\" to {client}: {mode}, {options}, {bytes} bytes in {duration}, {resent} blocks resent{mac}",      \
      "Many resent blocks: packets are lost; a smaller `MaxWindowSize` helps slow networks.")                          \
    X(201, STORED, INFORMATION, TRANSFER,                                                                              \
      "stored \"{name}\" from {client}: {mode}, {options}, {bytes} bytes in {duration}, {resent} blocks resent{mac}",  \
      "")                                                                                                              \
    X(202, PROBED, INFORMATION, TRANSFER, "told {client} the size of \"{name}\": {mode}, {options}{mac}",              \
      "Nothing: boot ROMs ask for the size first.")                                                                    \
    X(203, FETCHED_UNCONFIRMED, INFORMATION, TRANSFER,                                                                 \
      "sent \"{name}\" to {client} without a last acknowledgment: {mode}, {options}, {bytes} bytes acknowledged in "   \
      "{duration}, {resent} blocks resent; normal for a client that starts what it fetched at once{mac}",              \
      "Nothing: many boot loaders start what they have fetched without a last word.")                                  \
    X(210, FETCH_FAILED, WARNING, TRANSFER,                                                                            \
      "sending \"{name}\" to {client} failed: {words}{detail}; {mode}, {options}, {bytes} bytes acknowledged in "      \
      "{duration}, {resent} blocks resent{mac}",                                                                       \
      "The text says why. Never answered: a firewall, see `PortRange` and `SinglePort`. Data never acknowledged: "     \
      "fragments, lower `MaxBlockSize`. Stopped answering: the client's side, or a network that loses much.")          \
    X(211, STORE_FAILED, WARNING, TRANSFER,                                                                            \
      "storing \"{name}\" from {client} failed, nothing was kept: {words}{detail}; {mode}, {options}, {bytes} bytes "  \
      "received in {duration}, {resent} blocks resent{mac}",                                                           \
      "As 210. The client has to send it again.")                                                                      \
    X(212, ENDED_EARLY, INFORMATION, TRANSFER,                                                                         \
      "{client} began anew, its earlier transfer of \"{name}\" was ended{mac}", "")                                    \
    X(213, DISK_FULL, ERROR, TRANSFER,                                                                                 \
      "no room for \"{name}\" from {client}: {words}; free space on the disk of the start directory, or lower the "    \
      "parameter MinFreeBytes",                                                                                        \
      "Free space. Nothing of the upload was kept, and nothing that was there is touched.")                            \
    X(214, EVICTED, WARNING, TRANSFER,                                                                                 \
      "the transfer of \"{name}\" with {client} was ended to make room for others, as MaxTransfers was reached{mac}",  \
      "Raise `MaxTransfers` if so many clients are honest; else somebody floods the service with requests.")           \
    X(220, NOT_FOUND, INFORMATION, REQUEST, "{client} asked for \"{name}\": no such file{mac}",                        \
      "Often nothing: PXELINUX and phones try one name after another.")                                                \
    X(221, READ_REFUSED, WARNING, REQUEST, "{client} was refused to read \"{name}\": {words}{mac}",                    \
      "`tftpd explain get NAME --client ADDRESS` names the rule.")                                                     \
    X(222, WRITE_REFUSED, WARNING, REQUEST, "{client} was refused to write \"{name}\": {words}{detail}{mac}",          \
      "`tftpd explain put NAME --client ADDRESS` names the rule.")                                                     \
    X(223, REQUEST_ILLEGAL, WARNING, REQUEST, "{client} sent an illegal request: {words}",                             \
      "A broken client, or somebody who tries what the service does.")                                                 \
    X(224, TOO_BUSY, WARNING, REQUEST, "{client} was turned away: {words}",                                            \
      "Raise the parameter that the text names, if such a load is honest.")                                            \
    X(225, FILE_TROUBLE, WARNING, REQUEST, "{client} asked for \"{name}\", which could not be read: {words}",          \
      "In use: another program is writing it; the client tries again. Else look at the disk.")                         \
    X(226, NO_ROOM, WARNING, REQUEST,                                                                                  \
      "{client} was refused to write \"{name}\": {words}; free space on the disk of the start directory, or lower "    \
      "the parameter MinFreeBytes",                                                                                    \
      "Free space, unless the upload was announced larger than it can be.")                                            \
    X(227, UNHEARD, WARNING, REQUEST,                                                                                  \
      "{client} has drawn more ERRORs than the parameter ErrorsPerSecond allows one address; what it asks beyond "     \
      "that is dropped",                                                                                               \
      "Look what asks so often for what it does not get. Raise `ErrorsPerSecond` if many machines share the address.") \
    X(230, FETCH_BEGUN, DETAIL, TRANSFER, "{client} asked for \"{name}\": {mode}, {options}{mac}", "")                 \
    X(231, STORE_BEGUN, DETAIL, TRANSFER, "{client} begins to send \"{name}\": {mode}, {options}{mac}", "")            \
    X(232, REQUEST_REPEATED, DETAIL, REQUEST, "{client} asked for \"{name}\" once more", "")                           \
    X(233, DATAGRAM_DROPPED, DETAIL, REQUEST, "{client} sent what is not answered: {words}", "")                       \
    X(240, BOOT_ANSWERED, DETAIL, REQUEST, "boot request of {name}: {words}{detail}", "")                              \
    X(241, BOOT_REFUSED, INFORMATION, REQUEST, "boot request of {name} is not answered: {words}{detail}",              \
      "The text says why, and what to do if you want it otherwise.")                                                   \
    X(242, BOOT_WATCHED, INFORMATION, REQUEST,                                                                         \
      "boot request of {name} would be answered if Pxe were answer: {words}{detail}",                                  \
      "Set `Pxe` to answer when what you see is what you want.")                                                       \
    X(243, BOOT_LIMITED, WARNING, SERVICE,                                                                             \
      "{number} boot requests of the last minute were not answered, because so many came at once: {detail}",           \
      "Raise `PxeRepliesPerSecond` if so many machines start at once; the limits of one machine, one "                 \
      "address and one relay are fixed.")                                                                              \
    X(244, BOOT_HINT, WARNING, REQUEST,                                                                                \
      "{name} was offered its boot file, took an address of a DHCP server and never came for the file: {words}",       \
      "Look whether a DHCP server sends option 60, 66 or 67 (left over from WDS, perhaps), and whether a "             \
      "switch drops DHCP offers from this machine's port (DHCP snooping).")

#endif
