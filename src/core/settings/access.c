#include "core/settings/access.h"

#include "core/names/pattern.h"
#include "core/settings/allowdeny.h"

static const char *const rule_texts[] = {
    [ACCESS_ALLOWED] = "allowed",
    [ACCESS_NOT_A_CLIENT] = "the address is not in the parameter Clients",
    [ACCESS_NOT_A_MASTER] = "the address is not in the parameter Masters, so it may not write",
    [ACCESS_OTHERS_FOLDER] = "the name begins with another client's address or MAC (parameter ClientDirectories)",
    [ACCESS_NOT_READABLE] = "the name is not in the parameter Readable",
    [ACCESS_NOT_WRITABLE] = "the name is not in the parameter Writable",
    [ACCESS_NOT_ALLOWED] = "no allow line of the parameter Access leads to the name",
    [ACCESS_DENIED] = "a deny line of the parameter Access leads to the name",
};

const char *access_rule_text(enum access_rule rule)
{
    return rule_texts[rule];
}

static const char *find_client(const struct text_list *list, const struct endpoint *client)
{
    for (const char *item = text_list_next(list, NULL); item != NULL; item = text_list_next(list, item))
        if (pattern_matches_client(item, client))
            return item;
    return NULL;
}

static const char *find_path(const struct text_list *list, const char *path)
{
    for (const char *item = text_list_next(list, NULL); item != NULL; item = text_list_next(list, item))
        if (pattern_matches_path(item, path))
            return item;
    return NULL;
}

static struct access_verdict judge_lines(const struct config *config, const char *path, const char *item)
{
    if (!config->access.is_present)
        return (struct access_verdict){ACCESS_ALLOWED, item};
    struct allowdeny_verdict verdict = allowdeny_judge(&config->access, path);
    if (verdict.is_allowed)
        return (struct access_verdict){ACCESS_ALLOWED, verdict.line};
    return (struct access_verdict){verdict.line != NULL ? ACCESS_DENIED : ACCESS_NOT_ALLOWED, verdict.line};
}

/* Only what is spelt as a client's folder would be is one: "127.0.0.1", "fe80--1", and not "127.000.0.1". */
static bool is_others_folder(const struct endpoint *client, const char *path)
{
    char text[ENDPOINT_TEXT_MAX], folder[ENDPOINT_TEXT_MAX], own[ENDPOINT_TEXT_MAX];
    size_t size = strcspn(path, "\\");
    struct endpoint owner;

    if (size >= sizeof text)
        return false;
    for (size_t i = 0; i < size; i++)
        text[i] = path[i] == '-' ? ':' : path[i];
    if (!endpoint_parse_address(&owner, span_of((const uint8_t *)text, size)) ||
        !span_is_word(span_of((const uint8_t *)path, size), endpoint_file_name(&owner, folder)))
        return false;
    return strcmp(folder, endpoint_file_name(client, own)) != 0;
}

struct access_verdict access_judge_folder(const struct config *config, const struct mac *mac, const char *path)
{
    struct span first = span_of((const uint8_t *)path, strcspn(path, "\\"));
    char own[MAC_TEXT_MAX];
    bool is_free = config->client_directories != CLIENT_DIRECTORIES_MAC || !mac_is_folder(first) ||
                   (mac_is_proved(mac) && span_is_word(first, mac_folder(mac->bytes, own)));

    return (struct access_verdict){is_free ? ACCESS_ALLOWED : ACCESS_OTHERS_FOLDER, NULL};
}

static struct access_verdict judge_path(const struct config *config, const char *path, bool is_upload)
{
    const char *pattern = find_path(is_upload ? &config->writable : &config->readable, path);

    if (pattern == NULL)
        return (struct access_verdict){is_upload ? ACCESS_NOT_WRITABLE : ACCESS_NOT_READABLE, NULL};
    return judge_lines(config, path, pattern);
}

struct access_verdict access_judge_name(const struct config *config, const char *path)
{
    return judge_path(config, path, false);
}

bool access_admits(const struct config *config, const struct endpoint *client)
{
    return find_client(&config->masters, client) != NULL || find_client(&config->clients, client) != NULL;
}

struct access_verdict access_judge(const struct config *config, const struct endpoint *client, const char *path,
                                   bool is_upload)
{
    if (is_upload && find_client(&config->masters, client) == NULL)
        return (struct access_verdict){ACCESS_NOT_A_MASTER, NULL};
    if (!is_upload && !access_admits(config, client))
        return (struct access_verdict){ACCESS_NOT_A_CLIENT, NULL};
    if (config->client_directories == CLIENT_DIRECTORIES_IP && is_others_folder(client, path))
        return (struct access_verdict){ACCESS_OTHERS_FOLDER, NULL};
    return judge_path(config, path, is_upload);
}

static bool admits(const struct text_list *list, const char *address)
{
    struct endpoint client;

    return endpoint_parse_address(&client, span_of_text(address)) && find_client(list, &client) != NULL;
}

/*
 * Whoever admits addresses from all over the Internet admits everybody, whichever way it is written: "*", "0.0.0.0/0",
 * "*.*.*.*", two halves. Probes are cheaper to trust than a list of spellings.
 */
const char *access_admitted_world(const struct text_list *list)
{
    static const struct {
        const char *name;
        const char *probes[6];
    } worlds[] = {
        {"every IPv4 address",
         {"1.2.3.4", "23.198.7.101", "88.77.166.250", "133.44.5.9", "198.51.100.17", "222.9.111.3"}},
        {"every IPv6 address",
         {"2001:db8:1::7", "2400:cb00:2048:1::c629", "2607:f8b0::93", "2a00:1450:4001::5", "2804:14d::8",
          "2c0f:fb50::1"}},
    };

    for (size_t i = 0; i < sizeof worlds / sizeof *worlds; i++) {
        size_t admitted = 0;
        for (size_t k = 0; k < sizeof worlds[i].probes / sizeof *worlds[i].probes; k++)
            admitted += admits(list, worlds[i].probes[k]);
        if (admitted == sizeof worlds[i].probes / sizeof *worlds[i].probes)
            return worlds[i].name;
    }
    return NULL;
}
