#include "core/bootrules/rules_line.h"

enum { BITS_MIN = 8, BITS_MAX = 30 };

/* Where the line says the network. */
static bool is_of_host(struct line *line, const struct bootp_host *host)
{
    const uint8_t *bytes = endpoint_ipv4_bytes(&host->address);
    uint32_t last = UINT32_MAX >> host->bits;
    uint32_t place = ((uint32_t)read_u16(bytes) << 16 | read_u16(bytes + 2)) & last;

    return host->bits == 0 || (place != 0 && place != last) ||
           line_refuse(line,
                       "the first and the last address of a network are no machine's; write another one, or another "
                       "length than /%u",
                       (unsigned)host->bits);
}

/* "10.0.0.5/24". */
static bool take_address(struct line *line, struct bootp_host *host)
{
    uint64_t bits = 0;

    if (!line_need(line, "the address that the machine gets"))
        return false;
    char *slash = strchr(line->word, '/');
    if (slash != NULL) {
        *slash = 0;
        if (!span_to_number(span_of_text(slash + 1), BITS_MAX, &bits) || bits < BITS_MIN)
            return line_refuse(line, "\"/%.20s\" is no length of a network; write /%d to /%d", slash + 1, BITS_MIN,
                               BITS_MAX);
    }
    host->bits = (uint8_t)bits;
    return line_address(line, &host->address) &&
           (endpoint_is_ipv4(&host->address) || line_refuse(line, "BOOTP gives IPv4 addresses only")) &&
           is_of_host(line, host);
}

/* -- modifiers: each a word, what it takes and where that goes --------------------------------------------------------- */

enum { MODIFIERS = 7 };
static const struct {
    const char *word;
    size_t offset;
    bool is_address;
    const char *what;
} modifiers[MODIFIERS] = {
    {"file", offsetof(struct bootp_host, file), false, "the file behind \"file\""},
    {"name", offsetof(struct bootp_host, name), false, "the host's name behind \"name\""},
    {"domain", offsetof(struct bootp_host, domain), false, "the domain behind \"domain\""},
    {"root", offsetof(struct bootp_host, root), false, "the path behind \"root\""},
    {"router", offsetof(struct bootp_host, router), true, "the address behind \"router\""},
    {"dns", offsetof(struct bootp_host, dns), true, "the address behind \"dns\""},
    {"server", offsetof(struct bootp_host, server), true, "the address behind \"server\""},
};

static bool take_value(struct line *line, struct bootp_host *host, size_t which)
{
    uint8_t *value = (uint8_t *)host + modifiers[which].offset;

    if (!line_need(line, modifiers[which].what))
        return false;
    if (!modifiers[which].is_address)
        return line_file(line, (boot_place *)(void *)value);
    struct endpoint *address = (void *)value;
    return line_address(line, address) &&
           (endpoint_is_ipv4(address) || line_refuse(line, "BOOTP knows IPv4 addresses only"));
}

static bool take_modifiers(struct line *line, struct bootp_host *host)
{
    enum line_step step;
    unsigned taken = 0;

    while ((step = line_word(line)) == LINE_WORD) {
        size_t i = 0;
        while (i < MODIFIERS && !span_is_word(span_of_text(line->word), modifiers[i].word))
            i++;
        if (i == MODIFIERS)
            return line_refuse(
                line, "\"%.80s\" is not understood; write file, name, router, dns, root, domain or server", line->word);
        if (!line_once(line, &taken, i) || !take_value(line, host, i))
            return false;
    }
    return step == LINE_END;
}

static size_t text_option_size(const struct boot_rules *rules, boot_place place)
{
    return place != 0 ? TLV_HEADER_SIZE + strlen(boot_text(rules, place)) : 0;
}

size_t bootp_options_size(const struct boot_rules *rules, const struct bootp_host *host)
{
    enum { ADDRESS_OPTION = TLV_HEADER_SIZE + 4, END = 1 };
    size_t size = ADDRESS_OPTION + END; /* the mask is always told */

    size += endpoint_is_unspecified(&host->router) ? 0 : ADDRESS_OPTION;
    size += endpoint_is_unspecified(&host->dns) ? 0 : ADDRESS_OPTION;
    return size + text_option_size(rules, host->name) + text_option_size(rules, host->domain) +
           text_option_size(rules, host->root);
}

static bool add_host(struct line *line)
{
    struct boot_rules *rules = line->rules;
    struct endpoint nothing = endpoint_ipv4(0, 0, 0, 0, 0);
    struct bootp_host host = {.server = nothing, .router = nothing, .dns = nothing};

    if (rules->bootp_host_count == BOOTP_HOSTS_MAX)
        return line_refuse(line, "there are more than %d machines", BOOTP_HOSTS_MAX);
    if (!line_keep(line, line->text, &host.line) || !line_subject(line))
        return false;
    if (!who_parse(&host.who, span_of_text(line->word)) || !who_is_card(&host.who))
        return line_refuse(
            line, "\"%.80s\" is no MAC of one machine; write it as in 00:11:22:33:44:55, or \"file NAME = FILE\"",
            line->word);
    if (!take_address(line, &host) || !take_modifiers(line, &host))
        return false;
    if (bootp_options_size(rules, &host) > BOOTP_VENDOR_SIZE)
        return line_refuse(line,
                           "name, domain, root, router and dns take %u bytes, and BOOTP has room for %d; shorten them",
                           (unsigned)bootp_options_size(rules, &host), BOOTP_VENDOR_SIZE);
    host.number = rules->line_counts[BOOT_LIST_BOOTP];
    rules->bootp_hosts[rules->bootp_host_count++] = host;
    return true;
}

static bool is_same_name(const char *a, const char *b)
{
    while (*a != 0 && ascii_lower(*a) == ascii_lower(*b)) {
        a++;
        b++;
    }
    return ascii_lower(*a) == ascii_lower(*b);
}

/* The name before "=", which none of the lines before has: a client finds the first one. */
static bool take_name(struct line *line, struct bootp_file *file)
{
    const struct boot_rules *rules = line->rules;
    const char *name = line->word + strlen("file");

    name += strspn(name, " \t");
    if (*name == 0)
        return line_refuse(line, "the name behind \"file\" is missing; write it as in \"file unix = boot/vmunix\"");
    if (strlen(name) > BOOT_FILE_MAX)
        return line_refuse(line, "the name has %u bytes, and a machine asks with %d at most", (unsigned)strlen(name),
                           BOOT_FILE_MAX);
    for (size_t i = 0; i < rules->bootp_file_count; i++)
        if (is_same_name(boot_text(rules, rules->bootp_files[i].name), name))
            return line_refuse(line, "there is a line for \"%.80s\" already; leave one of them out", name);
    return line_keep(line, name, &file->name);
}

/* "file unix = boot/vmunix". */
static bool add_file(struct line *line)
{
    struct boot_rules *rules = line->rules;
    struct bootp_file file;

    if (rules->bootp_file_count == BOOTP_FILES_MAX)
        return line_refuse(line, "there are more than %d names of files", BOOTP_FILES_MAX);
    if (!line_subject(line) || !take_name(line, &file) || !line_need(line, "the file behind \"=\"") ||
        !line_file(line, &file.file))
        return false;
    if (line_word(line) != LINE_END)
        return line_refuse(line, "there is something behind the file; a word with blanks stands in \"quotes\"");
    rules->bootp_files[rules->bootp_file_count++] = file;
    return true;
}

bool rules_add_bootp(struct line *line)
{
    const char *start = line->text + strspn(line->text, " \t");
    bool is_file = strncmp(start, "file", strlen("file")) == 0 && strcspn(start + strlen("file"), " \t") == 0;

    return is_file ? add_file(line) : add_host(line);
}
