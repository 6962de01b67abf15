/*
 * Shell patterns: '*' is any run of characters, '?' is one character, everything else is itself without case, and both
 * separators are the same character. '*' crosses separators, as in the original service.
 */
#ifndef CORE_PATTERN_H
#define CORE_PATTERN_H

#include "core/base/endpoint.h"

/*
 * Both are valid UTF-8. Takes at most length(pattern) * length(text) steps and never recurses: after a mismatch only
 * the last '*' is tried again.
 */
bool pattern_matches(const char *pattern, const char *text);

/*
 * The same over a path as path_normalize makes it. Separators in front of the pattern mean the start directory, below
 * which all paths begin; a last component "*.*" means "*", as it does to `dir`: names without a dot, too.
 */
bool pattern_matches_path(const char *pattern, const char *path);

/*
 * True if the client is meant: a prefix ("10.0.0.0/8"), or a shell pattern over the address as text ("157.55.8?.*").
 */
bool pattern_matches_client(const char *pattern, const struct endpoint *client);

#endif
