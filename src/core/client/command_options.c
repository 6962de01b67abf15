#include "core/client/command_parts.h"

#include "core/base/nearest.h"
#include "core/client/exchange.h"

#include <stdio.h>

enum { RETRIES = 5, WINDOWSIZE = 16 };

enum kind {
    KIND_FLAG,
    KIND_NUMBER,
    KIND_NUMBER16,
    KIND_SIZE,
    KIND_TEXT,
    KIND_ADDRESS,
    KIND_PORTS,
    KIND_HASH,
    KIND_PROGRESS,
    KIND_VERB
};

/* clang-format's releases disagree about a macro that is an initializer. */
/* clang-format off */
#define FLAG(letter, word, field) {letter, word, KIND_FLAG, offsetof(struct command, field), 0, 0}
#define NUMBER(letter, word, kind, field, low, high) {letter, word, kind, offsetof(struct command, field), low, high}
#define VALUE(letter, word, kind, field) {letter, word, kind, offsetof(struct command, field), 0, 0}
#define OTHER(letter, word, kind) {letter, word, kind, 0, 0, 0}
#define BECOMES(letter, word, kind, what) {letter, word, kind, 0, what, 0}
/* clang-format on */

enum { NO_LETTER = 0 };

static const struct option_row {
    char letter;
    const char *word;
    enum kind kind;
    size_t place; /* in struct command */
    uint64_t low; /* KIND_PROGRESS and KIND_VERB: what it becomes */
    uint64_t high;
} rows[] = {
    FLAG('i', "octet", is_octet),
    FLAG('a', "netascii", is_netascii),
    NUMBER('b', "blksize", KIND_NUMBER, blksize, BLKSIZE_MIN, BLKSIZE_MAX),
    NUMBER('w', "windowsize", KIND_NUMBER, windowsize, 1, WINDOWSIZE_MAX),
    NUMBER('t', "timeout", KIND_NUMBER, timeout_s, 1, 255),
    NUMBER('r', "retries", KIND_NUMBER, retries, 0, EXCHANGE_RETRIES_MAX),
    NUMBER('p', "port", KIND_NUMBER16, port, 1, UINT16_MAX),
    FLAG('n', "no-options", is_bare),
    FLAG(NO_LETTER, "no-tsize", has_no_tsize),
    FLAG(NO_LETTER, "options-only", is_options_only),
    NUMBER(NO_LETTER, "server-timeout", KIND_NUMBER, server_timeout_s, 1, 255),
    NUMBER(NO_LETTER, "wait", KIND_NUMBER, wait_s, 1, 86400),
    FLAG('4', "ipv4", is_ipv4_only),
    FLAG('6', "ipv6", is_ipv6_only),
    VALUE(NO_LETTER, "interface", KIND_ADDRESS, interface),
    OTHER(NO_LETTER, "local-port", KIND_PORTS),
    VALUE('o', "output", KIND_TEXT, output),
    FLAG(NO_LETTER, "no-clobber", is_no_clobber),
    NUMBER(NO_LETTER, "max-size", KIND_SIZE, size_max, 1, INT64_MAX),
    NUMBER(NO_LETTER, "limit-rate", KIND_SIZE, rate, PACE_RATE_MIN, INT64_MAX),
    OTHER(NO_LETTER, "sha256", KIND_HASH),
    FLAG('q', "quiet", is_quiet),
    FLAG('v', "verbose", is_verbose),
    FLAG(NO_LETTER, "trace", is_traced),
    FLAG(NO_LETTER, "json", is_json),
    BECOMES(NO_LETTER, "progress", KIND_PROGRESS, PROGRESS_LINES),
    BECOMES(NO_LETTER, "no-progress", KIND_PROGRESS, PROGRESS_NONE),
    FLAG(NO_LETTER, "quick", is_quick),
    FLAG(NO_LETTER, "deep", is_deep),
    VALUE(NO_LETTER, "put", KIND_TEXT, put_name),
    BECOMES('h', "help", KIND_VERB, COMMAND_HELP),
    BECOMES('?', "?", KIND_VERB, COMMAND_HELP),
    BECOMES('V', "version", KIND_VERB, COMMAND_VERSION),
};

void command_defaults(struct command *command)
{
    *command = (struct command){
        .windowsize = WINDOWSIZE,
        .timeout_s = 1,
        .retries = RETRIES,
    };
}

bool command_is_option(const char *word)
{
    return (word[0] == '-' && word[1] != 0) || strcmp(word, "/?") == 0;
}

static bool takes_value(const struct option_row *row)
{
    return row->kind == KIND_NUMBER || row->kind == KIND_NUMBER16 || row->kind == KIND_SIZE || row->kind == KIND_TEXT ||
           row->kind == KIND_ADDRESS || row->kind == KIND_PORTS;
}

/* "-i", "-b", "--blksize", "--blksize=1428", and "-blksize", as some type it; "/?" as well. */
static const struct option_row *find(const char *word, const char **value)
{
    const char *name = word + 1 + (word[1] == '-');
    size_t length = strcspn(name, "=");

    *value = name[length] == '=' ? name + length + 1 : NULL;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool is_letter = word[1] != '-' && length == 1 && name[0] == rows[i].letter;
        if (is_letter || span_is_word(span_of(name, length), rows[i].word))
            return &rows[i];
    }
    return NULL;
}

static bool fail_unknown(struct command *command, const char *word)
{
    struct nearest nearest;
    char text[NEAREST_TEXT_MAX];

    nearest_begin(&nearest, word);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        nearest_offer(&nearest, rows[i].word);
    nearest_text(&nearest, text);
    if (text[0] == 0)
        return command_fail(command, "\"%s\" is no option: tftp -? lists them", word);
    return command_fail(command, "\"%s\" is no option; --%s perhaps", word, text);
}

/* "4000", "500k", "2M", "1G": in units of 1024, as others have it. */
static bool parse_size(const char *value, uint64_t high, uint64_t *size)
{
    static const char units[] = "kmg";
    size_t length = strlen(value);
    char last = length > 1 ? (char)(value[length - 1] | 0x20) : 0;
    const char *unit = last != 0 ? strchr(units, last) : NULL;
    unsigned shift = unit != NULL ? 10 * (unsigned)(unit - units + 1) : 0;

    if (!span_to_number(span_of(value, length - (unit != NULL)), high >> shift, size))
        return false;
    *size <<= shift;
    return true;
}

static bool parse_number(const struct option_row *row, const char *value, uint64_t *number)
{
    bool is_number = row->kind == KIND_SIZE ? parse_size(value, row->high, number)
                                            : span_to_number(span_of_text(value), row->high, number);

    return is_number && *number >= row->low;
}

static bool set_number(struct command *command, const struct option_row *row, const char *value)
{
    uint8_t *place = (uint8_t *)command + row->place;
    uint64_t number;

    if (!parse_number(row, value, &number))
        return command_fail(command, "--%s is a number from %llu to %llu, and \"%s\" is none", row->word,
                            (unsigned long long)row->low, (unsigned long long)row->high, value);
    uint32_t small = (uint32_t)number;
    uint16_t smaller = (uint16_t)number;
    if (row->kind == KIND_NUMBER)
        memcpy(place, &small, sizeof small);
    else if (row->kind == KIND_NUMBER16)
        memcpy(place, &smaller, sizeof smaller);
    else
        memcpy(place, &number, sizeof number);
    return true;
}

/* "4000" or "4000-4010" */
static bool set_ports(struct command *command, const char *value)
{
    size_t dash = strcspn(value, "-");
    uint64_t low, high;
    bool is_low = span_to_number(span_of(value, dash), UINT16_MAX, &low) && low > 0;

    high = low;
    if (!is_low || (value[dash] == '-' && !span_to_number(span_of_text(value + dash + 1), UINT16_MAX, &high)) ||
        high < low)
        return command_fail(command, "--local-port is a port or a range of ports, as 4000-4010, and \"%s\" is none",
                            value);
    command->local_port_low = (uint16_t)low;
    command->local_port_high = (uint16_t)high;
    return true;
}

static bool set_address(struct command *command, const struct option_row *row, const char *value)
{
    struct endpoint address;

    if (!endpoint_parse_address(&address, span_of_text(value)))
        return command_fail(command, "--%s is an address of this machine, and \"%s\" is none", row->word, value);
    memcpy((uint8_t *)command + row->place, &address, sizeof address);
    return true;
}

/* Its value may be left out, so only 64 hexadecimal digits are one. */
static bool set_hash(struct command *command, const char *value)
{
    uint8_t hash[COMMAND_HASH_SIZE];

    command->wants_hash = true;
    if (value == NULL || strlen(value) != (size_t)2 * COMMAND_HASH_SIZE)
        return false;
    for (size_t i = 0; i < COMMAND_HASH_SIZE; i++) {
        int byte = hex_byte(value + 2 * i);
        if (byte < 0)
            return false;
        hash[i] = (uint8_t)byte;
    }
    memcpy(command->hash, hash, sizeof hash);
    command->has_hash = true;
    return true;
}

static bool set_value(struct command *command, const struct option_row *row, const char *value)
{
    if (row->kind == KIND_PORTS)
        return set_ports(command, value);
    if (row->kind == KIND_ADDRESS)
        return set_address(command, row, value);
    if (row->kind != KIND_TEXT)
        return set_number(command, row, value);
    memcpy((uint8_t *)command + row->place, &value, sizeof value);
    return true;
}

static void set_flag(struct command *command, const struct option_row *row)
{
    bool yes = true;

    if (row->kind == KIND_PROGRESS)
        command->progress = (enum command_progress)row->low;
    else if (row->kind == KIND_VERB)
        command->verb = (enum command_verb)row->low;
    else
        memcpy((uint8_t *)command + row->place, &yes, sizeof yes);
}

size_t command_take_option(struct command *command, size_t count, const char *const *words)
{
    const char *value;
    const struct option_row *row = find(words[0], &value);
    const char *next = count > 1 ? words[1] : NULL;

    if (row == NULL)
        return fail_unknown(command, words[0]);
    if (row->kind == KIND_HASH && value != NULL)
        return set_hash(command, value)
                   ? 1
                   : command_fail(command, "--sha256 is 64 hexadecimal digits, and \"%s\" is not", value);
    if (row->kind == KIND_HASH)
        return set_hash(command, next) ? 2 : 1;
    if (!takes_value(row) && value != NULL)
        return command_fail(command, "--%s takes no value", row->word);
    if (!takes_value(row)) {
        set_flag(command, row);
        return 1;
    }
    if (value == NULL && next == NULL)
        return command_fail(command, "--%s is to be followed by its value", row->word);
    if (!set_value(command, row, value != NULL ? value : next))
        return 0;
    return value != NULL ? 1 : 2;
}

uint32_t command_blksize(const struct command *command, const struct endpoint *server, uint32_t mtu)
{
    uint32_t fitting = mtu != 0 ? options_blksize_within_mtu(mtu, server) : COMMAND_BLKSIZE;

    if (command->blksize != 0)
        return command->blksize;
    if (fitting < BLKSIZE_DEFAULT)
        return BLKSIZE_DEFAULT;
    return fitting < COMMAND_BLKSIZE ? fitting : COMMAND_BLKSIZE;
}

/* An own address is of one family, and so is who is asked from it. */
static bool judge_family(struct command *command)
{
    bool is_own_ipv4 = endpoint_is_ipv4(&command->interface);
    bool is_own_ipv6 = !is_own_ipv4 && !endpoint_is_unspecified(&command->interface);

    command->is_ipv4_only |= is_own_ipv4;
    command->is_ipv6_only |= is_own_ipv6;
    return !(command->is_ipv4_only && command->is_ipv6_only) ||
           command_fail(command, "-4, -6 and the address of --interface contradict each other");
}

bool command_judge_options(struct command *command)
{
    if (command->is_octet && command->is_netascii)
        return command_fail(command, "-i and -a contradict each other");
    if (command->verb != COMMAND_PROBE && (command->is_quick || command->is_deep || command->put_name != NULL))
        return command_fail(command, "--quick, --deep and --put are for tftp probe");
    if (command->is_quick && command->is_deep)
        return command_fail(command, "--quick and --deep contradict each other");
    if (!judge_family(command))
        return false;
    if (command->is_bare && command->is_options_only)
        return command_fail(command, "-n and --options-only contradict each other");
    uint32_t blksize = command->blksize != 0 ? command->blksize : COMMAND_BLKSIZE;
    if (command->windowsize > exchange_window_max(blksize))
        return command_fail(command, "a window of %u blocks of %u bytes is more than %d MiB: -w %u is the most",
                            command->windowsize, blksize, EXCHANGE_WINDOW_BYTES_MAX / 1024 / 1024,
                            exchange_window_max(blksize));
    if (command->has_hash && command->verb == COMMAND_PUT)
        return command_fail(command, "--sha256 with digits is for a get: what a server has stored cannot be looked at");
    if (command->has_hash && command_job_count(command) > 1)
        return command_fail(command, "--sha256 names one file, and there are %u", (unsigned)command_job_count(command));
    return true;
}
