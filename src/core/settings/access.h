/*
 * Who may read or write what. The verdict carries the rule that decided, so that an event, an audit or an explanation
 * can name it.
 */
#ifndef CORE_ACCESS_H
#define CORE_ACCESS_H

#include "core/base/mac.h"
#include "core/settings/config.h"

enum access_rule {
    ACCESS_ALLOWED,
    ACCESS_NOT_A_CLIENT,  /* reading, and in neither Clients nor Masters */
    ACCESS_NOT_A_MASTER,  /* writing, and not in Masters */
    ACCESS_OTHERS_FOLDER, /* ClientDirectories, and the name begins with another client's address or MAC */
    ACCESS_NOT_READABLE,
    ACCESS_NOT_WRITABLE,
    ACCESS_NOT_ALLOWED, /* the parameter Access is there, and no allow line leads to the file */
    ACCESS_DENIED       /* by a deny line of it */
};

/* The rule, and the item of the parameter's list that decided, or NULL where it was that none did. */
struct access_verdict {
    enum access_rule rule;
    const char *item;
};

/*
 * path is relative, as path_normalize makes it. An address in Masters may read too. Judged twice for each request:
 * on the asked name, and on the final long name of the opened file.
 */
struct access_verdict access_judge(const struct config *config, const struct endpoint *client, const char *path,
                                   bool is_upload);

/* The same for reading as far as it depends on the name alone, where the client's address is not known yet. */
struct access_verdict access_judge_name(const struct config *config, const char *path);
/*
 * What access_judge leaves open: with ClientDirectories=mac, whose card's folder the path is in. mac is the client's; one that is
 * not proved has none.
 */
struct access_verdict access_judge_folder(const struct config *config, const struct mac *mac, const char *path);

/* May this client read at all. */
bool access_admits(const struct config *config, const struct endpoint *client);

/*
 * "every IPv4 address" or "every IPv6 address" where a list of client patterns admits that, in whatever spelling;
 * NULL where it does not.
 */
const char *access_admitted_world(const struct text_list *list);

/* In words, with the parameter's name. */
const char *access_rule_text(enum access_rule rule);

#endif
