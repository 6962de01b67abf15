/*
 * A dnsmasq.conf on its way to rows: lines NAME=FIELD,FIELD... The text is walked twice: first for the tags and who gets them
 * (import_dnsmasq.c), then for what depends on tags (import_dnsmasq_take.c). Only lines about TFTP and booting are looked at.
 */
#ifndef CORE_IMPORT_DNSMASQ_H
#define CORE_IMPORT_DNSMASQ_H

#include "core/import/import_parts.h"

enum { FIELDS_MAX = 16, FIELD_MAX = 256, TAGS_MAX = 48, HOSTS_MAX = 96, SERVICES_MAX = 24, MACHINES_MAX = 64 };

enum tag_kind { TAG_MACHINES, TAG_HOSTS };

/* What a client has to be to get a tag. */
struct tag {
    char name[FIELD_MAX / 4];
    enum tag_kind kind;
    char machines[MACHINES_MAX]; /* "x64,ia32", "ipxe" */
};

struct host {
    char mac[32];
    char tag[FIELD_MAX / 4]; /* empty: none */
};

struct service {
    char machine[16];
    char text[FIELD_MAX / 2];
    char file[FIELD_MAX]; /* "local": from the disk */
    char server[ENDPOINT_TEXT_MAX];
};

struct fields {
    size_t count;
    char text[FIELDS_MAX][FIELD_MAX];
};

struct dnsmasq {
    struct import *import;
    struct fields fields; /* of the line that is looked at */
    const char *name;     /* its own */
    size_t tag_count;
    struct tag tags[TAGS_MAX];
    size_t host_count;
    struct host hosts[HOSTS_MAX];
    size_t service_count;
    struct service services[SERVICES_MAX];
    bool ignores_unknown;
    unsigned others; /* lines that are about something else */
    struct import_lines rules, last, machines, menu;
};

/* Another line of d->fields is left out, and why. */
void dnsmasq_left(struct dnsmasq *d, const char *instead, const char *why);
/* What is behind the prefix ("set:"), or NULL. */
const char *dnsmasq_behind(const char *text, const char *prefix);
/* NULL if there is none of this name. */
const struct tag *dnsmasq_tag(const struct dnsmasq *d, const char *name);
/* "x64" for 7, "33" for one that has no word. Returns text. */
const char *dnsmasq_machine(const char *number, char text[16]);
bool dnsmasq_is_mac(const char *text);

/* One line of the second walk each. */
typedef void dnsmasq_taker(struct dnsmasq *d);
dnsmasq_taker dnsmasq_take_boot, dnsmasq_take_service, dnsmasq_take_prompt, dnsmasq_take_host, dnsmasq_take_root,
    dnsmasq_take_port_range, dnsmasq_take_max, dnsmasq_take_ignore, dnsmasq_take_range, dnsmasq_take_option,
    dnsmasq_take_file;
/* The rows of what has come together. */
void dnsmasq_conclude(struct dnsmasq *d);

#endif
