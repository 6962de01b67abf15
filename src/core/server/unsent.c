#include "core/server/unsent.h"

const char *unsent_advice(enum unsent reason)
{
    static const char *const advice[UNSENT_REASONS] = {
        [UNSENT_DENIED] = "a firewall of this machine keeps it in; allow tftpd.exe to send UDP (an outbound rule)",
        [UNSENT_NO_ADDRESS] = "the address that it was to leave from is gone; look whether it comes back",
        [UNSENT_NO_ROUTE] = "no route leads there; look at the network adapter and at \"route print\"",
        [UNSENT_TOO_LONG] = "it is too long for the way; lower the parameter Mtu or MaxBlockSize",
        [UNSENT_NO_BUFFERS] = "the system is short of memory for packets; look what uses so much of it",
        [UNSENT_OTHER] = "look at the network adapter and at programs that filter its traffic",
    };

    return advice[reason];
}

bool unsent_is_to_be_told(struct unsent_told *told, enum unsent reason, uint64_t now_ms)
{
    if (now_ms < told->again_ms[reason])
        return false;
    told->again_ms[reason] = now_ms + UNSENT_TELL_MS;
    return true;
}
