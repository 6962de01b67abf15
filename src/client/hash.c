#include "client/hash.h"

#include "win32/system/delayload.h"

#include <bcrypt.h>
#include <stdio.h>

#define LIBRARY L"bcrypt.dll"

bool hash_begin(struct hash *hash)
{
    DELAYLOAD(LIBRARY, BCryptOpenAlgorithmProvider);
    DELAYLOAD(LIBRARY, BCryptCreateHash);

    hash_close(hash);
    if (BCryptOpenAlgorithmProvider_late == NULL || BCryptCreateHash_late == NULL ||
        BCryptOpenAlgorithmProvider_late(&hash->algorithm, BCRYPT_SHA256_ALGORITHM, NULL, 0) != 0)
        return false;
    if (BCryptCreateHash_late(hash->algorithm, &hash->handle, NULL, 0, NULL, 0, 0) == 0)
        return true;
    hash->handle = NULL;
    hash_close(hash);
    return false;
}

void hash_add(struct hash *hash, struct span bytes)
{
    DELAYLOAD(LIBRARY, BCryptHashData);

    if (hash->handle != NULL && bytes.size > 0)
        BCryptHashData_late(hash->handle, (PUCHAR)bytes.bytes, (ULONG)bytes.size, 0);
}

void hash_end(struct hash *hash, uint8_t digest[COMMAND_HASH_SIZE])
{
    DELAYLOAD(LIBRARY, BCryptFinishHash);

    BCryptFinishHash_late(hash->handle, digest, COMMAND_HASH_SIZE, 0);
    hash_close(hash);
}

void hash_close(struct hash *hash)
{
    DELAYLOAD(LIBRARY, BCryptDestroyHash);
    DELAYLOAD(LIBRARY, BCryptCloseAlgorithmProvider);

    if (hash->handle != NULL)
        BCryptDestroyHash_late(hash->handle);
    if (hash->algorithm != NULL)
        BCryptCloseAlgorithmProvider_late(hash->algorithm, 0);
    *hash = (struct hash){.handle = NULL};
}

char *hash_text(const uint8_t digest[COMMAND_HASH_SIZE], char text[RESULT_HASH_TEXT_MAX])
{
    for (size_t i = 0; i < COMMAND_HASH_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return text;
}
