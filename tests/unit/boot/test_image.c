/* What a file is by its own bytes: headers of the PE format, the names in its signatures, and any bytes at all. */
#include "unit.h"

#include "core/boot/image.h"
#include "guard.h"

#include <string.h>

static uint8_t file[IMAGE_HEAD_MAX];

static void put16(size_t place, unsigned value)
{
    file[place] = (uint8_t)value;
    file[place + 1] = (uint8_t)(value >> 8);
}

static void put32(size_t place, uint32_t value)
{
    put16(place, value & 0xffff);
    put16(place + 2, value >> 16);
}

/* A program of this machine, whose signatures are 0x300 bytes from 0x1000 on. Returns its size. */
static size_t make_program(unsigned machine, unsigned magic)
{
    enum { HEADER = 0x80, OPTIONAL = HEADER + 24 };
    size_t directories = OPTIONAL + (magic == 0x20b ? 112 : 96);

    memset(file, 0, sizeof file);
    memcpy(file, "MZ", 2);
    put32(0x3c, HEADER);
    memcpy(file + HEADER, "PE\0\0", 4);
    put16(HEADER + 4, machine);
    put16(HEADER + 20, (unsigned)(directories - OPTIONAL) + 16 * 8);
    put16(OPTIONAL, magic);
    put32(directories - 4, 16);
    put32(directories + 4 * 8, 0x1000);
    put32(directories + 4 * 8 + 4, 0x300);
    return directories + 16 * 8;
}

static struct image image_of(size_t size)
{
    return image_read(guard_span(file, size));
}

static void test_programs(void **state)
{
    static const unsigned magics[] = {0x10b, 0x20b};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(magics); i++) {
        size_t size = make_program(0xaa64, magics[i]);
        struct image image = image_of(size);
        assert_true(image.is_pe);
        assert_int_equal(image.machine, 0xaa64);
        assert_int_equal(image.signatures_offset, 0x1000);
        assert_int_equal(image.signatures_size, 0x300);
    }
}

static void test_no_programs(void **state)
{
    size_t size = make_program(0x8664, 0x20b);

    (void)state;
    /* What is cut is known as far as it goes. */
    for (size_t cut = 0; cut < size; cut++) {
        struct image image = image_of(cut);
        assert_int_equal(image.is_pe, cut >= 0x80 + 24);
        assert_int_equal(image.signatures_size, cut >= 0x80 + 24 + 112 + 5 * 8 ? 0x300 : 0);
    }
    file[0] = 'N';
    assert_false(image_of(size).is_pe);
    make_program(0x8664, 0x20b);
    put32(0x3c, 0xffffffff);
    assert_false(image_of(size).is_pe);
    put32(0x3c, (uint32_t)size - 23);
    assert_false(image_of(size).is_pe);
    make_program(0x8664, 0x20b);
    file[0x81] = 'e';
    assert_false(image_of(size).is_pe);
    make_program(0x8664, 0x107); /* a ROM */
    assert_int_equal(image_of(size).signatures_size, 0);
    make_program(0x8664, 0x20b);
    put32(0x80 + 24 + 108, 4); /* four directories, and the signatures' is the fifth */
    assert_int_equal(image_of(size).signatures_size, 0);
    put32(0x80 + 24 + 108, 5);
    assert_int_equal(image_of(size).signatures_size, 0x300);
    put16(0x80 + 20, 112 + 4 * 8 + 7); /* the optional header ends before it */
    assert_int_equal(image_of(size).signatures_size, 0);
    assert_true(image_of(size).is_pe);
}

static struct image_signers signers_of(const void *bytes, size_t size)
{
    return image_signers(guard_span(bytes, size));
}

#define NAME(tag, length, text) "\x30\x2e\x06\x03\x55\x04\x03" tag length text
#define OLD                     NAME("\x13", "\x25", "Microsoft Windows Production PCA 2011")
#define NEW                     NAME("\x0c", "\x14", "Windows UEFI CA 2023")

static void test_signers(void **state)
{
    static const struct {
        const char *bytes;
        bool has_2011, has_2023;
    } rows[] = {
        {"", false, false},
        {OLD, true, false},
        {NEW, false, true},
        {"0\x82\1\2" NEW "more" OLD "and more", true, true},
        {NAME("\x13", "\x19", "Microsoft Windows PCA 2010") OLD, true, false},
        {NAME("\x13", "\x14", "Windows UEFI CA 2023"), false, true},
        {NAME("\x04", "\x14", "Windows UEFI CA 2023"), false, false},       /* no text */
        {NAME("\x0c", "\x13", "Windows UEFI CA 2023"), false, false},       /* cut */
        {NAME("\x0c", "\x15", "Windows UEFI CA 2023"), false, false},       /* longer than there is */
        {NAME("\x0c", "\x94", "Windows UEFI CA 2023"), false, false},       /* a length of more bytes */
        {NAME("\x0c", "\x15", "Windows UEFI CA 2023!"), false, false},      /* another name */
        {"\x06\x03\x55\x04\x0a\x0c\x14Windows UEFI CA 2023", false, false}, /* an organization */
        {"Windows UEFI CA 2023", false, false},
        {"\x06\x03\x55\x04\x03", false, false},
        {"\x06\x03\x55\x04\x03\x0c", false, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct image_signers signers = signers_of(rows[i].bytes, strlen(rows[i].bytes));
        CHECK(signers.has_2011 == rows[i].has_2011 && signers.has_2023 == rows[i].has_2023, "row %u: %d, %d",
              (unsigned)i, signers.has_2011, signers.has_2023);
    }
    /* Cut anywhere it is not there, and nothing behind the end is read. */
    for (size_t cut = 0; cut < sizeof OLD - 1; cut++)
        assert_false(signers_of(OLD, cut).has_2011);
}

static void add(struct machine_set *set, const char *words)
{
    memset(set, 0, sizeof *set);
    for (const char *at = words; *at != 0;) {
        size_t length = strcspn(at, ",");
        assert_int_equal(machine_set_add(set, span_of(at, length)), MACHINE_WORD_ADDED);
        at += length + (at[length] == ',');
    }
}

static void test_fits(void **state)
{
    static const struct {
        const char *machines;
        unsigned machine; /* 0: no program */
        enum image_fit fit;
        unsigned number;
    } rows[] = {
        {"x64", 0x8664, IMAGE_FITS, 0},
        {"x64", 0xaa64, IMAGE_OTHER_MACHINE, 7},
        {"x64,arm64", 0x8664, IMAGE_OTHER_MACHINE, 11},
        {"ia32", 0x14c, IMAGE_FITS, 0},
        {"riscv64", 0x5064, IMAGE_FITS, 0},
        {"riscv64", 0x5032, IMAGE_OTHER_MACHINE, 27},
        {"arm64", 0, IMAGE_NO_PROGRAM, 11},
        {"bios", 0, IMAGE_FITS, 0},
        {"bios", 0x14c, IMAGE_A_PROGRAM, 0},
        {"bios,x64", 0x8664, IMAGE_A_PROGRAM, 0},
        {"20", 0x8664, IMAGE_A_PROGRAM, 20},
        {"22", 0x8664, IMAGE_FITS, 0}, /* U-Boot starts scripts, and images of all kinds */
        {"22", 0, IMAGE_FITS, 0},
        {"999", 0x8664, IMAGE_FITS, 0},
        {"any", 0x8664, IMAGE_FITS, 0},
        {"ipxe", 0, IMAGE_FITS, 0},
    };
    struct machine_set set;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct image image = {.is_pe = rows[i].machine != 0, .machine = (uint16_t)rows[i].machine};
        uint16_t number = 0;
        add(&set, rows[i].machines);
        enum image_fit fit = image_fits(&image, &set, &number);
        CHECK(fit == rows[i].fit && (fit == IMAGE_FITS || number == rows[i].number), "row %u: %u, %u", (unsigned)i, fit,
              number);
    }
}

static void test_machine_names(void **state)
{
    char text[MACHINE_TEXT_MAX];

    (void)state;
    assert_string_equal(image_machine_text(0x8664, text), "x64 UEFI");
    assert_string_equal(image_machine_text(0x6264, text), "LoongArch64 UEFI");
    assert_string_equal(image_machine_text(0, text), "another machine (0x0000)");
    assert_string_equal(image_machine_text(0x166, text), "another machine (0x0166)");
}

/* Any bytes, and programs with some of them changed: whatever comes out stays within what went in. */
static void test_any_bytes(void **state)
{
    uint64_t seed = 7;
    unsigned programs = 0;
    unsigned signed_ones = 0;

    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        size_t size = make_program(0x8664, random_below(&seed, 2) == 0 ? 0x10b : 0x20b);
        for (unsigned k = random_below(&seed, 4); k > 0; k--)
            file[random_below(&seed, (uint32_t)size)] = (uint8_t)random_below(&seed, 256);
        struct image image = image_of(random_below(&seed, 4) == 0 ? random_below(&seed, (uint32_t)size) : size);
        programs += image.is_pe;
        signed_ones += image.signatures_size == 0x300;
        assert_true(image.is_pe || image.signatures_size == 0);
        /* A name with a byte or two changed is another name, or cut: it is found or not, within its bytes. */
        memcpy(file, OLD NEW, sizeof OLD NEW);
        for (unsigned k = random_below(&seed, 3); k > 0; k--)
            file[random_below(&seed, sizeof OLD NEW)] = (uint8_t)random_below(&seed, 256);
        signers_of(file, random_below(&seed, sizeof OLD NEW));
    }
    CHECK(programs > 12000 && programs < 20000 && signed_ones > 8000, "%u, %u", programs, signed_ones);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_programs), cmocka_unit_test(test_no_programs),   cmocka_unit_test(test_signers),
        cmocka_unit_test(test_fits),     cmocka_unit_test(test_machine_names), cmocka_unit_test(test_any_bytes),
    };

    return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
