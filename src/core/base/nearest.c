#include "core/base/nearest.h"

#include "core/base/sheet.h"

enum { LETTERS_A_MISTAKE = 3, BEGINNING_MIN = 2 };

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static bool is_same(char a, char b)
{
    return ascii_lower(a) == ascii_lower(b);
}

/* rows[0] belongs to the first i letters of a, rows[1] and rows[2] to one and two fewer. */
static void next_row(unsigned rows[3][NEAREST_WORD_MAX + 1], const char *a, size_t i, const char *b, size_t b_length)
{
    rows[0][0] = (unsigned)i;
    for (size_t k = 1; k <= b_length; k++) {
        unsigned changed = rows[1][k - 1] + !is_same(a[i - 1], b[k - 1]);
        rows[0][k] = smaller(changed, smaller(rows[1][k], rows[0][k - 1]) + 1);
        if (i > 1 && k > 1 && is_same(a[i - 1], b[k - 2]) && is_same(a[i - 2], b[k - 1]))
            rows[0][k] = smaller(rows[0][k], rows[2][k - 2] + 1);
    }
}

unsigned nearest_distance(const char *a, const char *b)
{
    unsigned rows[3][NEAREST_WORD_MAX + 1] = {{0}};
    size_t a_length = strlen(a), b_length = strlen(b);

    if (a_length > NEAREST_WORD_MAX || b_length > NEAREST_WORD_MAX)
        return NEAREST_FAR;
    for (size_t k = 0; k <= b_length; k++)
        rows[0][k] = (unsigned)k;
    for (size_t i = 1; i <= a_length; i++) {
        memmove(rows[1], rows[0], 2 * sizeof rows[0]);
        next_row(rows, a, i, b, b_length);
    }
    return rows[0][b_length];
}

void nearest_begin(struct nearest *nearest, const char *typed)
{
    *nearest = (struct nearest){.typed = typed + strspn(typed, "-/")};
}

static bool is_beginning(const char *typed, const char *word)
{
    size_t i = 0;

    while (typed[i] != 0 && is_same(typed[i], word[i]))
        i++;
    return typed[i] == 0 && i >= BEGINNING_MIN;
}

void nearest_offer(struct nearest *nearest, const char *word)
{
    unsigned distance = nearest_distance(nearest->typed, word);
    unsigned mistakes = (unsigned)strlen(nearest->typed) / LETTERS_A_MISTAKE;
    size_t place = nearest->count;

    if (distance == NEAREST_FAR)
        return;
    if (is_beginning(nearest->typed, word))
        distance = smaller(distance, 1);
    else if (distance > mistakes)
        return;
    while (place > 0 && distance < nearest->distances[place - 1])
        place--;
    if (place == NEAREST_COUNT_MAX)
        return;
    if (nearest->count < NEAREST_COUNT_MAX)
        nearest->count++;
    for (size_t i = nearest->count - 1; i > place; i--) {
        nearest->words[i] = nearest->words[i - 1];
        nearest->distances[i] = nearest->distances[i - 1];
    }
    nearest->words[place] = word;
    nearest->distances[place] = distance;
}

char *nearest_text(const struct nearest *nearest, char *text)
{
    struct sheet line = sheet_in(text, NEAREST_TEXT_MAX);

    for (size_t i = 0; i < nearest->count; i++)
        sheet_print(&line, "%s%s", i == 0 ? "" : i + 1 < nearest->count ? ", " : " or ", nearest->words[i]);
    return text;
}
