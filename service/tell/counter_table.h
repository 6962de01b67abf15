/*
 * The performance counters, each a row: id, name in the sources, kind, what Performance Monitor calls it, what it means.
 * The manifests (installer/tftpd-counters.man), the texts in the exe's resources and the provider are made from this
 * table. An id never changes its meaning, and none is left out. RAW: the value itself; RATE: grows, and is shown per second.
 */
#ifndef SERVICE_COUNTER_TABLE_H
#define SERVICE_COUNTER_TABLE_H

#define COUNTER_TABLE(X)                                                                                             \
    X(1, RUNNING, RAW, "Transfers Running", "Transfers under way.")                                                  \
    X(2, UNANSWERED, RAW, "Transfers Unanswered",                                                                    \
      "Transfers under way whose client has not answered yet; many of them may be forged.")                          \
    X(3, STARTED, RATE, "Transfers Started/sec", "Transfers that began, in a second.")                               \
    X(4, FINISHED, RATE, "Transfers Finished/sec", "Transfers that ended well, in a second.")                        \
    X(5, FAILED, RATE, "Transfers Failed/sec", "Transfers that failed, in a second.")                                \
    X(6, REFUSED, RATE, "Requests Refused/sec", "Requests that were refused, in a second.")                          \
    X(7, DROPPED, RATE, "Datagrams Dropped/sec", "Datagrams at the service's port that got no answer, in a second.") \
    X(8, BYTES_SENT, RATE, "Bytes Sent/sec", "Bytes of files that clients have acknowledged, in a second.")          \
    X(9, BYTES_RECEIVED, RATE, "Bytes Received/sec", "Bytes of uploads received, in a second.")                      \
    X(10, RESENT, RATE, "Blocks Resent/sec", "Blocks and acknowledgments sent again, in a second.")                  \
    X(11, CACHE_READS, RATE, "Cache Reads/sec", "Chunks of files read from the disk, in a second.")                  \
    X(12, MEMORY, RAW, "Memory Bytes", "Memory that is private to the process, in bytes.")                           \
    X(13, BOOT_ANSWERED, RATE, "Boot Requests Answered/sec",                                                         \
      "Boot requests that were answered, or would have been while they are only watched, in a second.")              \
    X(14, BOOT_REFUSED, RATE, "Boot Requests Not Answered/sec",                                                      \
      "Boot requests that no answer was for, in a second; the events say why.")                                      \
    X(15, BOOT_WITHHELD, RATE, "Boot Replies Withheld/sec",                                                          \
      "Replies to boot requests that a limit kept back, in a second.")

/* Where the manifests lie among the resources of the exe: in today's form, and in that of Windows 8.1. */
#define COUNTER_MANIFEST       2
#define COUNTER_MANIFEST_OLDER 3

#define COUNTER_PROVIDER_TEXT "{a74c8944-f116-57c0-8ffb-29650efcd94c}"
#define COUNTER_SET_TEXT      "{b2ce3d62-7761-551c-b18e-eefb172fbb11}"

#define COUNTER_SET_TITLE   "TFTP Server"
#define COUNTER_SET_MEANING "Transfers, requests and memory of the TFTP services of this machine, one instance each."

/*
 * In the exe's string table: title and meaning of the set, then of each counter, in steps of two. Today's manifest names
 * the numbers; for the older one they are counted from its resourceBase in just this way.
 */
#define COUNTER_STRINGS     1000
#define COUNTER_TITLE(id)   (COUNTER_STRINGS + 4 * (id))
#define COUNTER_MEANING(id) (COUNTER_STRINGS + 4 * (id) + 2)

#ifndef RC_INVOKED

enum counter_id {
#define COUNTER_ID(id, name, kind, title, meaning) COUNTER_##name = (id),
    COUNTER_TABLE(COUNTER_ID)
#undef COUNTER_ID
};

enum {
#define COUNTER_PLACE(id, name, kind, title, meaning) COUNTER_PLACE_##name,
    COUNTER_TABLE(COUNTER_PLACE) COUNTER_COUNT
#undef COUNTER_PLACE
};

#endif

#endif
