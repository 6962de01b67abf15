/* link: -Wl,--wrap=realloc */
#include "unit.h"

#include "service/tell/page.h"

#include <stdlib.h>

enum { PIECES = 2000 };

static int calls_until_refused; /* 0: none is refused */

void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size)
{
    return calls_until_refused > 0 && --calls_until_refused == 0 ? NULL : __real_realloc(memory, size);
}

static int forget(void **state)
{
    (void)state;
    calls_until_refused = 0;
    return 0;
}

/* "0123456789" so many times. */
static char *written(size_t pieces)
{
    struct page page = {0};

    for (size_t i = 0; i < pieces; i++)
        page_put(&page, "0123456789", 10);
    return page_end(&page);
}

static void grows_with_what_is_put(void **state)
{
    (void)state;
    for (size_t pieces = 0; pieces < PIECES; pieces += 97) {
        char *text = written(pieces);
        assert_non_null(text);
        assert_int_equal(strlen(text), pieces * 10);
        for (size_t i = 0; i < pieces * 10; i++)
            assert_int_equal(text[i], '0' + (char)(i % 10));
        free(text);
    }
}

static void a_piece_may_be_larger_than_all_before(void **state)
{
    static char large[100000];
    struct page page = {0};

    (void)state;
    memset(large, 'x', sizeof large);
    page_put(&page, "a", 1);
    page_put(&page, large, sizeof large);
    page_put(&page, "b", 1);
    char *text = page_end(&page);
    assert_non_null(text);
    assert_int_equal(strlen(text), sizeof large + 2);
    assert_int_equal(text[0], 'a');
    assert_int_equal(text[sizeof large + 1], 'b');
    free(text);
}

/* Whichever growth fails, and though later pieces would have room again. */
static void a_part_never_passes_for_the_whole(void **state)
{
    (void)state;
    for (int call = 1; call <= 2; call++) {
        calls_until_refused = call;
        assert_null(written(PIECES));
        assert_int_equal(calls_until_refused, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(grows_with_what_is_put, forget),
        cmocka_unit_test_setup(a_piece_may_be_larger_than_all_before, forget),
        cmocka_unit_test_setup(a_part_never_passes_for_the_whole, forget),
    };

    return cmocka_run_group_tests_name("page", tests, NULL, NULL) != 0;
}
