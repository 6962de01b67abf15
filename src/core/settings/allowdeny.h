/*
 * The parameter Access: lines "allow:PATH" and "deny:PATH" with the meaning of AIX's /etc/tftpaccess.ctl. Paths begin
 * at the start directory ("/" is all of it) and count by whole components, without case.
 *
 * The longest allowed path that is the file's or leads to it is found first. Then a denied path that leads to the file
 * and is as long or longer refuses. Where no allowed path leads to the file, it is refused.
 */
#ifndef CORE_ALLOWDENY_H
#define CORE_ALLOWDENY_H

#include "core/settings/config.h"

/* A line of this form, the path empty or beginning with a separator, without "..". */
bool allowdeny_is_line(const char *line);

struct allowdeny_verdict {
    bool is_allowed;
    const char *line; /* the line that decided; NULL if no allow line leads to the file */
};

/* path is relative, as path_normalize makes it. */
struct allowdeny_verdict allowdeny_judge(const struct text_list *lines, const char *path);

#endif
