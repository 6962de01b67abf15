/*
 * SHA-256 by the system's own (bcrypt.dll, loaded from System32 when it is wanted).
 */
#ifndef CLIENT_HASH_H
#define CLIENT_HASH_H

#include "core/client/result.h"
#include "win32/system/windows.h"

struct hash {
    void *algorithm;
    void *handle; /* NULL: nothing is hashed */
};

/* Of nothing so far. False: the system cannot do it. */
bool hash_begin(struct hash *hash);
void hash_add(struct hash *hash, struct span bytes);
/* Ends it, and gives its memory back. */
void hash_end(struct hash *hash, uint8_t digest[COMMAND_HASH_SIZE]);
void hash_close(struct hash *hash);
/* Returns text, in small hexadecimal digits. */
char *hash_text(const uint8_t digest[COMMAND_HASH_SIZE], char text[RESULT_HASH_TEXT_MAX]);

#endif
