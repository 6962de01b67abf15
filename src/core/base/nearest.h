/*
 * Which of some words somebody may have meant who typed one that is none of them.
 *
 *   nearest_begin, nearest_offer for each word that there is, nearest_text for the message.
 */
#ifndef CORE_NEAREST_H
#define CORE_NEAREST_H

#include "core/base/bytes.h"

enum {
    NEAREST_WORD_MAX = 32, /* bytes; what is longer is near to nothing */
    NEAREST_COUNT_MAX = 3,
    NEAREST_FAR = NEAREST_WORD_MAX + 1,
    NEAREST_TEXT_MAX = NEAREST_COUNT_MAX * (NEAREST_WORD_MAX + 4) + 1
};

struct nearest {
    const char *typed; /* without the dashes or the slash in front */
    size_t count;
    const char *words[NEAREST_COUNT_MAX]; /* the nearest first; they belong to the caller */
    unsigned distances[NEAREST_COUNT_MAX];
};

/*
 * How many letters have to be put in, taken out, changed, or swapped with the next one, to make one word of the other;
 * a and A are the same. NEAREST_FAR where one is longer than NEAREST_WORD_MAX.
 */
unsigned nearest_distance(const char *a, const char *b);

void nearest_begin(struct nearest *nearest, const char *typed);
/* Keeps word if it is near: a letter in three may be wrong, or the end be missing. */
void nearest_offer(struct nearest *nearest, const char *word);
/* "a, b or c", empty if none is near. Returns text (NEAREST_TEXT_MAX). */
char *nearest_text(const struct nearest *nearest, char *text);

#endif
