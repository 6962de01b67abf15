/*
 * The rules of Windows that Wine does not have, one line each: RULE(constant, name, how, rate, pace_ms).
 *
 *   ALWAYS  holds at every call, whatever the seed
 *   WORLD   the seed draws whether it holds in this process, or for this peer: in rate of 100
 *   CALL    the seed draws at every call: in rate of 10,000, and not twice within pace_ms
 *
 * The rate of what is drawn leaves to the protocol's repeats what they are made for: a send that fails is a datagram that
 * was lost. The sources stand beside each rule; docs/testing.md names the test that holds it.
 */
#ifndef WINDOWS_RULES_H
#define WINDOWS_RULES_H

/*
 * FD_READ: the event of a socket is set once, and then not again until recv, recvfrom, WSARecv, WSARecvEx or WSARecvFrom was
 * called, even where that fails. WSARecvMsg is not in the list.
 * https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-wsaeventselect
 *
 * ICMP_ERROR: what ICMP says of a datagram that was sent fails a later receive of the socket: 10065 and 10051, and 10054 and
 * 10052 where SIO_UDP_CONNRESET and SIO_UDP_NETRESET were not switched off. recvfrom's page; IsUnreachableErrorCode of msquic
 * (src/platform/datapath_winuser.c), which expects them on sockets that are not connected.
 * https://learn.microsoft.com/windows/win32/winsock/winsock-ioctls
 *
 * INTERFACE_LOST: a receive fails with 10050 where the network has gone. recvfrom's page.
 *
 * NO_CONTROL_DATA: under memory pressure a datagram comes without IP_PKTINFO or IPV6_PKTINFO. The receive of msquic's
 * src/platform/datapath_winuser.c says so, and drops such a datagram.
 */
#define RULES_OF_RECEIVING(RULE)                            \
    RULE(FD_READ, "fd-read", ALWAYS, 0, 0)                  \
    RULE(ICMP_ERROR, "icmp-error", CALL, 50, 0)             \
    RULE(INTERFACE_LOST, "interface-lost", CALL, 50, 20000) \
    RULE(NO_CONTROL_DATA, "no-control-data", CALL, 100, 500)

/*
 * BUFFER_FULL: a non-blocking send gives 10035 while the adapter is slower than the sender: for 1 to 4 ms here. FD_WRITE
 * tells when there is room again.
 * https://learn.microsoft.com/windows/win32/api/winsock2/nf-winsock2-wsasendto, and WSAEventSelect's page
 *
 * SEND_ERROR: a send fails with 10055 (no buffers), 10013 (a filter forbids it), 10049 (the address has gone) or 10040 (longer
 * than the path takes). The same page. An ERROR of TFTP is spared: nobody repeats it (RFC 1350, section 7).
 *
 * SEGMENTS: the system cuts a message by UDP_SEND_MSG_SIZE (Windows 10 2004); an older one does not know the option.
 * SEGMENTS_REFUSED: "the send will fail" where a segment is longer than the path takes.
 * https://learn.microsoft.com/windows/win32/winsock/ipproto-udp-socket-options
 *
 * SEGMENTS_LOST: a driver takes segmented sends and none arrives: LizardByte/Sunshine #5443, quinn-rs/quinn #2202.
 *
 * SEGMENTS_BROKEN: every segmented send fails with 10022: firezone/firezone #11580.
 *
 * SOURCE_REFUSED: WSASendMsg with a source address fails with 10022 for some peers: LizardByte/Sunshine #5443.
 */
#define RULES_OF_SENDING(RULE)                               \
    RULE(BUFFER_FULL, "buffer-full", CALL, 30, 200)          \
    RULE(SEND_ERROR, "send-error", CALL, 20, 200)            \
    RULE(SEGMENTS, "segments", WORLD, 75, 0)                 \
    RULE(SEGMENTS_REFUSED, "segments-refused", WORLD, 20, 0) \
    RULE(SEGMENTS_LOST, "segments-lost", WORLD, 20, 0)       \
    RULE(SEGMENTS_BROKEN, "segments-broken", WORLD, 15, 0)   \
    RULE(SOURCE_REFUSED, "source-refused", WORLD, 30, 0)

/*
 * CLOCK_TICK: the time of day and the time since the start move in steps of the system timer, 15.625 ms, and waits end at one.
 * QueryPerformanceCounter and GetSystemTimePreciseAsFileTime do not.
 * https://learn.microsoft.com/windows/win32/api/sysinfoapi/nf-sysinfoapi-gettickcount64
 * https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-sleep
 */
#define RULES_OF_TIME(RULE) RULE(CLOCK_TICK, "clock-tick", ALWAYS, 0, 0)

/*
 * ONE_READER: all operations on a handle that was opened for synchronous use wait for each other; one that was not needs an
 * OVERLAPPED.
 * https://devblogs.microsoft.com/oldnewthing/20130822-00/?p=3433; ReadFile's page
 *
 * SLOW_READ: a read waits for its disk.
 *
 * READ_PENDS: an overlapped read completes at once or later, as the system likes. ReadFile's page.
 *
 * ROOT_LOST: a handle of a share that was reset, or of a volume that was dismounted, gives STATUS_NETWORK_NAME_DELETED,
 * STATUS_FILE_CLOSED, STATUS_VOLUME_DISMOUNTED or one of their like from then on, until its path is opened once more.
 * [MS-ERREF] 2.3; https://learn.microsoft.com/windows/win32/api/winioctl/ni-winioctl-fsctl_dismount_volume
 *
 * PATH_AS_OPENED: on a share one of whose upper folders the account may not see the normalized final path cannot be had
 * (ERROR_ACCESS_DENIED); the path as it was opened can, with short names as they were given.
 * https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getfinalpathnamebyhandlew
 *
 * RENAME_ON_SHARE: a RootDirectory that is not zero is refused with STATUS_INVALID_PARAMETER in a rename over the network.
 * [MS-FSCC] 2.4.41
 *
 * ACCESS_LIST: a file is opened for reading only by whom its access list lets read it, the administrator too. Wine's comes
 * from Unix' permissions, which its root passes over.
 * https://learn.microsoft.com/windows/win32/secauthz/how-dacls-control-access-to-an-object
 */
#define RULES_OF_FILES(RULE)                               \
    RULE(ONE_READER, "one-reader", ALWAYS, 0, 0)           \
    RULE(SLOW_READ, "slow-read", CALL, 100, 0)             \
    RULE(READ_PENDS, "read-pends", CALL, 5000, 0)          \
    RULE(ROOT_LOST, "root-lost", CALL, 100, 15000)         \
    RULE(PATH_AS_OPENED, "path-as-opened", WORLD, 40, 0)   \
    RULE(RENAME_ON_SHARE, "rename-on-share", WORLD, 50, 0) \
    RULE(ACCESS_LIST, "access-list", ALWAYS, 0, 0)

/*
 * POLICY_GONE: where Group Policy writes its values anew it deletes them first: for a moment the key is not there. No document
 * says so; whether it is seen on a real machine is open.
 *
 * SERVICE_PAGES: EnumServicesStatusEx gives what its limit of 256 KB takes, then ERROR_MORE_DATA and where to go on: two
 * services at a time here.
 * https://learn.microsoft.com/windows/win32/api/winsvc/nf-winsvc-enumservicesstatusexw
 *
 * CONSOLE_PIECES: a console refuses more than its heap holds (ERROR_NOT_ENOUGH_MEMORY): more than 8,000 units here.
 * https://learn.microsoft.com/windows/console/writeconsole
 */
#define RULES_OF_THE_HOUSE(RULE)                       \
    RULE(POLICY_GONE, "policy-gone", CALL, 3000, 5000) \
    RULE(SERVICE_PAGES, "service-pages", ALWAYS, 0, 0) \
    RULE(CONSOLE_PIECES, "console-pieces", ALWAYS, 0, 0)

#define STRICT_RULES(RULE)   \
    RULES_OF_RECEIVING(RULE) \
    RULES_OF_SENDING(RULE)   \
    RULES_OF_TIME(RULE)      \
    RULES_OF_FILES(RULE)     \
    RULES_OF_THE_HOUSE(RULE)

#endif
