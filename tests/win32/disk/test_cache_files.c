/* link: -Wl,--wrap=file_read,--wrap=malloc,--wrap=calloc,--wrap=free,--wrap=__imp_GetTickCount64 */
/* Which files, and which states of them, the cache takes for one. */
#include "cache_lab.h"

static void shares_one_object_among_all(void **state)
{
    (void)state;
    make("a.img", 100000, 1);
    make("b.img", 100000, 1);
    unsigned before = counts_handles();
    struct cached_file *first = attach("a.img");
    assert_ptr_equal(attach("A.IMG"), first);
    assert_ptr_equal(attach("a.img"), first);
    struct cached_file *other = attach("b.img");
    assert_ptr_not_equal(other, first);
    assert_int_equal(counts_handles(), before + 2); /* the spare ones were closed */
    assert_string_equal(cached_file_path(first), "a.img");
    assert_int_equal(cached_file_size(first), 100000);
    check_whole(first, 100000, 1);
    LONG reads = lab.reads;
    assert_int_equal(reads, 2);
    check_whole(first, 100000, 1);
    assert_int_equal(lab.reads, reads);
    for (int i = 0; i < 3; i++)
        cache_release(cache, first);
    cache_release(cache, other);
}

static void keeps_contents_but_no_handle_of_an_idle_file(void **state)
{
    (void)state;
    make("a.img", 200000, 1);
    unsigned before = counts_handles();
    struct cached_file *file = attach("a.img");
    check_whole(file, 200000, 1);
    cache_release(cache, file);
    assert_true(counts_await_handles(before));
    LONG reads = lab.reads;
    assert_ptr_equal(attach("a.img"), file);
    check_whole(file, 200000, 1);
    assert_int_equal(lab.reads, reads);
    assert_int_equal(counts_handles(), before + 1);
    cache_release(cache, file);
    assert_true(counts_await_handles(before));
    assert_true(DeleteFileA(files_path(directory, "a.img")));
}

/* Whoever attached before goes on with what was there; whoever comes later gets what is there now. */
static void a_replaced_file_is_another(void **state)
{
    (void)state;
    make("a.img", 300000, 1);
    struct cached_file *old = attach("a.img");
    struct chunk_hint hint = {NULL, 0, 0};
    check_chunk(old, 0, &hint, 300000, 1);
    assert_true(MoveFileA(files_path(directory, "a.img"), files_path(directory, "b.img")));
    make("a.img", 300000, 2);
    struct cached_file *new = attach("a.img");
    assert_ptr_not_equal(new, old);
    check_whole(new, 300000, 2);
    check_whole(old, 300000, 1);
    cache_release(cache, old);
    cache_release(cache, new);
}

static void a_changed_file_is_another(void **state)
{
    (void)state;
    make("a.img", 300000, 1);
    struct cached_file *old = attach("a.img");
    check_whole(old, 300000, 1);
    files_set_age(files_path(directory, "a.img"), FILES_AGE_S / 2);
    struct cached_file *new = attach("a.img");
    assert_ptr_not_equal(new, old);
    check_whole(old, 300000, 1);
    cache_release(cache, old);
    cache_release(cache, new);
}

static void forgets_the_contents_of_a_file_that_changed(void **state)
{
    (void)state;
    make("a.img", 300000, 1);
    unsigned before = counts_handles();
    struct cached_file *file = attach("a.img");
    check_whole(file, 300000, 1);
    cache_release(cache, file);
    assert_true(counts_await_handles(before));
    make("a.img", 300000, 2); /* the same file to the file system, and of the same size */
    files_set_age(files_path(directory, "a.img"), FILES_AGE_S / 2);
    file = attach("a.img");
    check_whole(file, 300000, 2);
    cache_release(cache, file);
}

/* Lets the cache close what nobody uses, and returns how often it has read. */
static LONG reads_when_closed(unsigned handles_before)
{
    assert_true(counts_await_handles(handles_before));
    return lab.reads;
}

static LONG fetch(const char *name, size_t size, unsigned seed)
{
    unsigned before = counts_handles();
    struct cached_file *file = attach(name);

    check_whole(file, size, seed);
    cache_release(cache, file);
    return reads_when_closed(before);
}

static void two_names_of_one_file_do_not_put_each_other_out(void **state)
{
    (void)state;
    make("a.img", 300000, 1);
    assert_true(CreateHardLinkA(files_path(directory, "b.img"), files_path(directory, "a.img"), NULL));
    for (int i = 0; i < 4; i++) {
        LONG reads = fetch("a.img", 300000, 1);
        CHECK(reads == (i == 0 ? 5 : 10), "%ld reads", reads);
        assert_int_equal(fetch("b.img", 300000, 1), 10);
    }
    struct cached_file *first = attach("a.img");
    struct cached_file *second = attach("b.img");
    assert_string_equal(cached_file_path(first), "a.img");
    assert_string_equal(cached_file_path(second), "b.img");
    cache_release(cache, first);
    cache_release(cache, second);
}

/* As a clock that was set back makes them, or a file server in another zone. */
static void keeps_young_files_when_their_state_was_seen_for_a_while(void **state)
{
    static const int ages_s[] = {-3600, 0, 60};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ages_s); i++) {
        stopped_ms = 1000000;
        lab.reads = 0;
        make("a.img", 300000, (unsigned)i);
        files_set_age(files_path(directory, "a.img"), ages_s[i]);
        assert_int_equal(fetch("a.img", 300000, (unsigned)i), 5);
        stopped_ms += CACHE_SETTLE_MS - 1;
        assert_int_equal(fetch("a.img", 300000, (unsigned)i), 10);
        stopped_ms += 1;
        assert_int_equal(fetch("a.img", 300000, (unsigned)i), 15);
        for (int again = 0; again < 5; again++)
            assert_int_equal(fetch("a.img", 300000, (unsigned)i), 15);
    }
}

/* Nobody can write it while it is open. */
static void shares_what_was_just_written_among_those_who_read_it(void **state)
{
    (void)state;
    stopped_ms = 1000000;
    make("a.img", 100000, 1);
    files_set_age(files_path(directory, "a.img"), 0);
    unsigned before = counts_handles();
    struct cached_file *first = attach("a.img");
    check_whole(first, 100000, 1);
    assert_ptr_equal(attach("a.img"), first);
    check_whole(first, 100000, 1);
    cache_release(cache, first);
    HANDLE writer = CreateFileA(files_path(directory, "a.img"), GENERIC_WRITE, 7, NULL, OPEN_EXISTING, 0, NULL);
    assert_true(writer == INVALID_HANDLE_VALUE);
    check_whole(first, 100000, 1);
    stopped_ms += CACHE_SETTLE_MS;
    cache_release(cache, first);
    assert_int_equal(reads_when_closed(before), 2);
    assert_int_equal(fetch("a.img", 100000, 1), 2);
}

/* FAT's ticks every two seconds, and has no other time: the file system shows nothing of the second write. */
static void sees_a_second_write_in_the_same_tick_of_the_disks_clock(void **state)
{
    struct opened_file opened;

    (void)state;
    stopped_ms = 1000000;
    for (int held_ms = 0; held_ms < CACHE_SETTLE_MS; held_ms += CACHE_SETTLE_MS - 1) {
        unsigned before = counts_handles();
        make("a.img", 100000, 1);
        files_set_age(files_path(directory, "a.img"), 0);
        assert_int_equal(file_open(root, "a.img", &opened), STATUS_OK);
        struct file_identity identity = opened.identity;
        struct cached_file *file = cache_attach(cache, &opened);
        check_whole(file, 100000, 1);
        stopped_ms += (uint64_t)held_ms;
        cache_release(cache, file);
        assert_true(counts_await_handles(before));
        make("a.img", 100000, 2);
        assert_int_equal(file_open(root, "a.img", &opened), STATUS_OK);
        opened.identity = identity;
        file = cache_attach(cache, &opened);
        check_whole(file, 100000, 2);
        cache_release(cache, file);
        assert_true(counts_await_handles(before));
        assert_true(DeleteFileA(files_path(directory, "a.img")));
    }
}

static bool is_closing(const struct cached_file *file)
{
    AcquireSRWLockShared(&cache->lock);
    bool is_closing = file->is_closing;
    ReleaseSRWLockShared(&cache->lock);
    return is_closing;
}

/* One of so many files that look different and are one. */
static void fetch_one_of_many(unsigned number)
{
    struct chunk_hint hint = {NULL, 0, 0};
    struct opened_file opened;

    assert_int_equal(file_open(root, "a.img", &opened), STATUS_OK);
    opened.identity.index = number;
    struct cached_file *file = cache_attach(cache, &opened);
    check_chunk(file, 0, &hint, 1000, 1);
    cache_release(cache, file);
    while (is_closing(file))
        Sleep(0);
}

static void remembers_so_many_states(void **state)
{
    const unsigned count = CACHE_REMEMBERED_MAX + 10;

    (void)state;
    stopped_ms = 1000000;
    make("a.img", 1000, 1);
    files_set_age(files_path(directory, "a.img"), 0);
    for (unsigned i = 0; i < count; i++)
        fetch_one_of_many(i);
    assert_int_equal(cache->remembered, CACHE_REMEMBERED_MAX);
    stopped_ms += CACHE_SETTLE_MS;
    LONG reads = lab.reads;
    fetch_one_of_many(10); /* the last that was not forgotten */
    fetch_one_of_many(10);
    assert_int_equal(lab.reads, reads + 1);
    fetch_one_of_many(9);
    fetch_one_of_many(9);
    assert_int_equal(lab.reads, reads + 3);
}

/* Of what has changed nothing is kept, and of others all. */
static void makes_room_of_what_has_changed(void **state)
{
    const size_t half = CHUNKS / 2 * CACHE_CHUNK_SIZE;

    (void)state;
    make("a.img", half, 1);
    make("b.img", half, 2);
    assert_int_equal(fetch("b.img", half, 2), CHUNKS / 2);
    assert_int_equal(fetch("a.img", half, 1), CHUNKS);
    assert_int_equal(cache->unused, CHUNKS);
    files_set_age(files_path(directory, "a.img"), FILES_AGE_S / 2);
    assert_int_equal(fetch("a.img", half, 1), CHUNKS * 3 / 2);
    assert_int_equal(fetch("b.img", half, 2), CHUNKS * 3 / 2);
}

static void bears_an_empty_file(void **state)
{
    (void)state;
    make("empty", 0, 0);
    unsigned before = counts_handles();
    struct cached_file *file = attach("empty");
    assert_int_equal(cached_file_size(file), 0);
    cache_release(cache, file);
    assert_true(counts_await_handles(before));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(shares_one_object_among_all),
        TEST(keeps_contents_but_no_handle_of_an_idle_file),
        TEST(a_replaced_file_is_another),
        TEST(a_changed_file_is_another),
        TEST(forgets_the_contents_of_a_file_that_changed),
        TEST(two_names_of_one_file_do_not_put_each_other_out),
        TEST(keeps_young_files_when_their_state_was_seen_for_a_while),
        TEST(shares_what_was_just_written_among_those_who_read_it),
        TEST(sees_a_second_write_in_the_same_tick_of_the_disks_clock),
        TEST(remembers_so_many_states),
        TEST(makes_room_of_what_has_changed),
        TEST(bears_an_empty_file),
    };

    return cmocka_run_group_tests_name("cache files", tests, NULL, NULL) != 0;
}
