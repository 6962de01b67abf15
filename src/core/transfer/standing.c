#include "core/transfer/standing.h"

uint32_t standing_window_bytes(uint32_t unproven_bytes, uint32_t ports)
{
    uint32_t by_ports = ports * STANDING_BYTES_PER_PORT;

    return by_ports > unproven_bytes ? by_ports : unproven_bytes;
}

size_t standing_reply_max(size_t request_size)
{
    return STANDING_REPLY_FACTOR * (request_size + STANDING_HEADERS) - STANDING_HEADERS;
}

static uint32_t set_of(const struct known *known, const struct endpoint *host)
{
    return endpoint_hash(host, known->seed) % STANDING_KNOWN_SETS;
}

void standing_learn(struct known *known, const struct endpoint *address, uint64_t now_ms)
{
    struct endpoint host = endpoint_host(address);
    uint32_t set = set_of(known, &host);
    size_t place = 0;

    for (size_t way = 0; way < STANDING_KNOWN_WAYS; way++) {
        if (known->places[set][way].until_ms != 0 && endpoint_equal(&known->places[set][way].address, &host)) {
            place = way;
            break;
        }
        if (known->places[set][way].until_ms < known->places[set][place].until_ms)
            place = way;
    }
    known->places[set][place].address = host;
    known->places[set][place].until_ms = now_ms + STANDING_KNOWN_MS;
}

bool standing_knows(const struct known *known, const struct endpoint *address, uint64_t now_ms)
{
    struct endpoint host = endpoint_host(address);
    uint32_t set = set_of(known, &host);

    for (size_t way = 0; way < STANDING_KNOWN_WAYS; way++)
        if (now_ms < known->places[set][way].until_ms && endpoint_equal(&known->places[set][way].address, &host))
            return true;
    return false;
}
