#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "files.h"

#include "win32/disk/walk.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

struct seen {
    unsigned entries;
    unsigned unseen;
    unsigned most; /* after which the walk is to end */
    unsigned deepest;
    size_t root_length;
    char paths[32][64]; /* behind the directory's */
};

static bool visit(void *context, const wchar_t *path, unsigned depth, const WIN32_FIND_DATAW *entry)
{
    struct seen *seen = context;

    if (depth > seen->deepest)
        seen->deepest = depth;
    if (entry == NULL) {
        seen->unseen++;
        return true;
    }
    if (seen->entries < COUNT_OF(seen->paths))
        snprintf(seen->paths[seen->entries], sizeof seen->paths[0], "%.60ls", path + seen->root_length);
    seen->entries++;
    return seen->most == 0 || seen->entries < seen->most;
}

static struct seen walk(const char *root, unsigned most)
{
    static wchar_t path[WALK_PATH_MAX];
    struct seen seen = {.most = most, .root_length = strlen(root)};
    wchar_t before[FILES_PATH_MAX];

    swprintf(path, WALK_PATH_MAX, L"%s", root);
    wcscpy(before, path);
    walk_tree(path, visit, &seen);
    assert_int_equal(wcscmp(path, before), 0);
    return seen;
}

static unsigned count(const struct seen *seen, const char *path)
{
    unsigned found = 0;

    for (unsigned i = 0; i < seen->entries; i++)
        found += strcmp(seen->paths[i], path) == 0;
    return found;
}

static void sees_each_entry_once(void **state)
{
    static const char *const paths[] = {"\\a", "\\sub", "\\sub\\a", "\\sub\\deep", "\\sub\\deep\\x", "\\empty"};
    const char *root = files_directory();

    (void)state;
    CreateDirectoryA(files_path(root, "sub"), NULL);
    CreateDirectoryA(files_path(root, "sub\\deep"), NULL);
    CreateDirectoryA(files_path(root, "empty"), NULL);
    files_make(files_path(root, "a"), 1, 1);
    files_make(files_path(root, "sub\\a"), 1, 1);
    files_make(files_path(root, "sub\\deep\\x"), 1, 1);
    struct seen seen = walk(root, 0);
    assert_int_equal(seen.entries, COUNT_OF(paths));
    assert_int_equal(seen.unseen, 0);
    assert_int_equal(seen.deepest, 2);
    for (size_t i = 0; i < COUNT_OF(paths); i++)
        assert_int_equal(count(&seen, paths[i]), 1);
    for (unsigned most = 1; most < COUNT_OF(paths); most++)
        assert_int_equal(walk(root, most).entries, most);
    assert_int_equal(walk(files_path(root, "empty"), 0).entries, 0);
    assert_int_equal(walk(files_path(root, "none"), 0).unseen, 1);
}

static void goes_so_deep_and_no_deeper(void **state)
{
    const char *root = files_directory();
    char path[FILES_PATH_MAX];

    (void)state;
    snprintf(path, sizeof path, "%s", root);
    for (unsigned i = 0; i < WALK_DEPTH_MAX + 3; i++) {
        strcat(path, "\\d");
        assert_true(CreateDirectoryA(path, NULL));
    }
    struct seen seen = walk(root, 0);
    assert_int_equal(seen.deepest, WALK_DEPTH_MAX);
    assert_int_equal(seen.entries, WALK_DEPTH_MAX + 1);
}

static void tells_of_a_path_too_long(void **state)
{
    static wchar_t path[WALK_PATH_MAX];
    const char *root = files_directory();
    struct seen seen = {0};

    (void)state;
    files_make(files_path(root, "a-name-of-some-length"), 1, 1);
    files_make(files_path(root, "b"), 1, 1);
    swprintf(path, WALK_PATH_MAX, L"%s", root);
    while (wcslen(path) < WALK_PATH_MAX - 12)
        wcscat(path, L"\\.");
    walk_tree(path, visit, &seen);
    assert_int_equal(seen.entries, 1);
    assert_int_equal(seen.unseen, 1);
}

/* Such a final path may be a start directory's: all of its room is used. */
static void tells_of_a_beginning_too_long(void **state)
{
    static struct {
        wchar_t path[WALK_PATH_MAX];
        wchar_t behind[4];
    } room;
    struct seen seen = {0};

    (void)state;
    for (size_t length = WALK_PATH_MAX - 4; length < WALK_PATH_MAX; length++) {
        wmemset(room.path, L'a', length);
        room.path[length] = 0;
        wmemset(room.behind, L'!', COUNT_OF(room.behind));
        walk_tree(room.path, visit, &seen);
        assert_int_equal(wcslen(room.path), length);
        for (size_t i = 0; i < COUNT_OF(room.behind); i++)
            assert_int_equal(room.behind[i], L'!');
    }
    assert_int_equal(seen.entries, 0);
    assert_int_equal(seen.unseen, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sees_each_entry_once),
        cmocka_unit_test(goes_so_deep_and_no_deeper),
        cmocka_unit_test(tells_of_a_path_too_long),
        cmocka_unit_test(tells_of_a_beginning_too_long),
    };

    return cmocka_run_group_tests_name("walk", tests, NULL, NULL) != 0;
}
