#include "core/dhcp/machine.h"

#include <stdio.h>

enum { BIOS = 0, RPIBOOT = 41 };

/* The order is that in which words are listed to people. x64 has two numbers: firmware that follows RFC 4578's text, where 7 and
 * 9 are swapped (erratum 2016), says 9. */
const struct architecture architectures[] = {
    {0, "bios", "x86 BIOS", 0, false},
    {7, "x64", "x64 UEFI", 0x8664, false},
    {9, "x64", "x64 UEFI", 0x8664, false},
    {6, "ia32", "ia32 UEFI", 0x014c, false},
    {10, "arm32", "ARM32 UEFI", 0x01c2, false},
    {11, "arm64", "ARM64 UEFI", 0xaa64, false},
    {27, "riscv64", "RISC-V64 UEFI", 0x5064, false},
    {39, "loong64", "LoongArch64 UEFI", 0x6264, false},
    {20, "bios-http", "x86 BIOS by HTTP", 0, true},
    {16, "x64-http", "x64 UEFI by HTTP", 0x8664, true},
    {15, "ia32-http", "ia32 UEFI by HTTP", 0x014c, true},
    {18, "arm32-http", "ARM32 UEFI by HTTP", 0x01c2, true},
    {19, "arm64-http", "ARM64 UEFI by HTTP", 0xaa64, true},
    {28, "riscv64-http", "RISC-V64 UEFI by HTTP", 0x5064, true},
    {40, "loong64-http", "LoongArch64 UEFI by HTTP", 0x6264, true},
    {1, NULL, "NEC PC-98", 0, false},
    {2, NULL, "Itanium EFI", 0x0200, false},
    {3, NULL, "Alpha", 0, false},
    {4, NULL, "Arc x86", 0, false},
    {5, NULL, "Intel Lean Client", 0, false},
    {8, NULL, "Xscale", 0, false},
    {12, NULL, "PowerPC Open Firmware", 0, false},
    {13, NULL, "PowerPC ePAPR", 0, false},
    {14, NULL, "POWER OPAL v3", 0, false},
    {17, NULL, "EBC by HTTP", 0x0ebc, true},
    {21, NULL, "ARM32 U-Boot", 0, false},
    {22, NULL, "ARM64 U-Boot", 0, false},
    {23, NULL, "ARM32 U-Boot by HTTP", 0, true},
    {24, NULL, "ARM64 U-Boot by HTTP", 0, true},
    {25, NULL, "RISC-V32 UEFI", 0x5032, false},
    {26, NULL, "RISC-V32 UEFI by HTTP", 0x5032, true},
    {29, NULL, "RISC-V128 UEFI", 0x5128, false},
    {30, NULL, "RISC-V128 UEFI by HTTP", 0x5128, true},
    {31, NULL, "s390 Basic", 0, false},
    {32, NULL, "s390 Extended", 0, false},
    {33, NULL, "MIPS32 UEFI", 0, false},
    {34, NULL, "MIPS64 UEFI", 0, false},
    {35, NULL, "Sunway32 UEFI", 0, false},
    {36, NULL, "Sunway64 UEFI", 0, false},
    {37, NULL, "LoongArch32 UEFI", 0x6232, false},
    {38, NULL, "LoongArch32 UEFI by HTTP", 0x6232, true},
    {41, NULL, "ARM rpiboot", 0, false},
};
const size_t architecture_count = sizeof architectures / sizeof architectures[0];

static const char *const other_words[] = {"ipxe", "rpi", "any"};

const struct architecture *architecture_find(uint16_t number)
{
    for (size_t i = 0; i < architecture_count; i++)
        if (architectures[i].number == number)
            return &architectures[i];
    return NULL;
}

bool machine_says_ipxe(struct span user_class)
{
    static const char name[] = {'i', 'P', 'X', 'E'};

    for (size_t i = 0; i + sizeof name <= user_class.size; i++)
        if (memcmp(user_class.bytes + i, name, sizeof name) == 0)
            return true;
    return false;
}

static void take_numbers(struct machine *machine, struct span numbers)
{
    for (size_t i = 0; i + 1 < numbers.size && machine->count < MACHINE_ARCHITECTURES_MAX; i += 2)
        machine->architectures[machine->count++] = read_u16(numbers.bytes + i);
}

/* "PXEClient:Arch:00007:UNDI:003000". */
static void take_class_number(struct machine *machine, struct span class_id)
{
    enum { DIGITS = 5 };
    static const char before[] = ":Arch:";
    const uint8_t *colon = class_id.size > 0 ? memchr(class_id.bytes, ':', class_id.size) : NULL;
    struct span rest =
        colon != NULL ? span_of(colon, class_id.size - (size_t)(colon - class_id.bytes)) : span_nothing();
    uint64_t number;

    if (rest.size >= sizeof before - 1 + DIGITS && span_starts_with(rest, before) &&
        span_to_number(span_of(rest.bytes + sizeof before - 1, DIGITS), UINT16_MAX, &number))
        machine->architectures[machine->count++] = (uint16_t)number;
}

/* By the makers' part of the MAC; their class and architecture are those of an x86 BIOS. */
static bool has_raspberry_mac(const struct identity *identity)
{
    static const uint8_t makers[][3] = {{0xb8, 0x27, 0xeb}, {0xdc, 0xa6, 0x32}, {0xe4, 0x5f, 0x01},
                                        {0xd8, 0x3a, 0xdd}, {0x28, 0xcd, 0xc1}, {0x2c, 0xcf, 0x67}};

    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++)
        if (identity->has_mac && memcmp(identity->mac, makers[i], sizeof makers[i]) == 0)
            return true;
    return false;
}

struct machine machine_of(const struct identity *identity, struct span class_id, struct span numbers, bool is_ipxe)
{
    struct machine machine = {.identity = *identity, .is_ipxe = is_ipxe};

    if (span_starts_with(class_id, "PXEClient"))
        machine.asks = MACHINE_ASKS_PXE;
    else if (span_starts_with(class_id, "HTTPClient"))
        machine.asks = MACHINE_ASKS_HTTP;
    take_numbers(&machine, numbers);
    if (machine.count == 0)
        take_class_number(&machine, class_id);
    if (machine.count == 0 && machine.asks == MACHINE_ASKS_PXE)
        machine.architectures[machine.count++] = BIOS;
    if (machine.count > 0 && !is_ipxe)
        machine.is_raspberry_pi =
            machine.architectures[0] == RPIBOOT || (machine.architectures[0] == BIOS && has_raspberry_mac(identity));
    return machine;
}

struct machine machine_of_dhcp4(const struct dhcp4 *packet)
{
    struct identity identity = identity_of_dhcp4(packet);
    bool is_ipxe = dhcp4_has(packet, DHCP4_IPXE) || machine_says_ipxe(packet->kept[DHCP4_USER_CLASS]);

    return machine_of(&identity, packet->kept[DHCP4_CLASS], packet->kept[DHCP4_ARCHITECTURES], is_ipxe);
}

char *machine_text(const struct machine *machine, char *text)
{
    const struct architecture *known = machine->count > 0 ? architecture_find(machine->architectures[0]) : NULL;

    if (machine->is_ipxe)
        snprintf(text, MACHINE_TEXT_MAX, "iPXE");
    else if (machine->is_raspberry_pi)
        snprintf(text, MACHINE_TEXT_MAX, "Raspberry Pi");
    else if (machine->count == 0)
        snprintf(text, MACHINE_TEXT_MAX, "a machine without architecture");
    else
        snprintf(text, MACHINE_TEXT_MAX, "%s (architecture %u)", known != NULL ? known->title : "unknown machine",
                 (unsigned)machine->architectures[0]);
    return text;
}

const char *machine_word_at(size_t place)
{
    const char *last = NULL;

    for (size_t i = 0; i < architecture_count; i++) {
        const char *word = architectures[i].word;
        if (word == NULL || (last != NULL && strcmp(word, last) == 0))
            continue;
        if (place == 0)
            return word;
        place--;
        last = word;
    }
    return place < sizeof other_words / sizeof other_words[0] ? other_words[place] : NULL;
}

static bool add_number(struct machine_set *set, uint16_t number)
{
    if (set->count == MACHINE_SET_MAX)
        return false;
    set->numbers[set->count++] = number;
    return true;
}

enum machine_word machine_set_add(struct machine_set *set, struct span word)
{
    bool *const flags[] = {&set->is_ipxe, &set->is_raspberry_pi, &set->is_any};
    uint64_t number;
    bool is_known = false;

    for (size_t i = 0; i < sizeof other_words / sizeof other_words[0]; i++)
        if (span_is_word(word, other_words[i])) {
            *flags[i] = true;
            return MACHINE_WORD_ADDED;
        }
    if (span_to_number(word, UINT16_MAX, &number))
        return add_number(set, (uint16_t)number) ? MACHINE_WORD_ADDED : MACHINE_WORD_TOO_MANY;
    for (size_t i = 0; i < architecture_count; i++) {
        if (architectures[i].word == NULL || !span_is_word(word, architectures[i].word))
            continue;
        is_known = true;
        if (!add_number(set, architectures[i].number))
            return MACHINE_WORD_TOO_MANY;
        set->has_http = set->has_http || architectures[i].is_http;
        set->has_plain = set->has_plain || !architectures[i].is_http;
    }
    return is_known ? MACHINE_WORD_ADDED : MACHINE_WORD_UNKNOWN;
}

bool machine_set_has(const struct machine_set *set, uint16_t number)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->numbers[i] == number)
            return true;
    return false;
}
