#include "core/names/path.h"

#include "core/base/utf8.h"

static const char *const problem_texts[PATH_PROBLEM_COUNT] = {
    [PATH_OK] = "the name is fine",
    [PATH_EMPTY] = "the name is empty",
    [PATH_TOO_LONG] = "the name is too long",
    [PATH_NOT_UTF8] = "the name is not valid UTF-8",
    [PATH_CONTROL_CHARACTER] = "the name has a control character",
    [PATH_DRIVE] = "the name is a whole path with a drive, but names begin at the start directory",
    [PATH_FORBIDDEN_CHARACTER] = "the name has one of the characters : * ? \" < > |, which no Windows file name has",
    [PATH_PARENT] = "the name has a \"..\" component",
    [PATH_TRAILING_DOT_OR_SPACE] = "a component of the name ends in a dot or a space, which Windows would drop",
    [PATH_DEVICE] = "a component of the name is a Windows device",
    [PATH_SERVER] = "the name is that of a file on another server",
    [PATH_COMPONENT_TOO_LONG] = "a component of the name is longer than 255 characters",
    [PATH_FOLDER] = "the name ends in a separator, so it is a folder's and no file's",
    [PATH_RESERVED] = "the name belongs to the service itself",
};

const char *path_problem_text(enum path_problem problem)
{
    ASSERT(problem < PATH_PROBLEM_COUNT);
    return problem_texts[problem];
}

/* The component up to its first dot, as Windows looks at it for devices: "con.txt" is CON, and "con .txt" too. */
static struct span device_stem(struct span component)
{
    const uint8_t *dot = memchr(component.bytes, '.', component.size);
    size_t size = dot ? (size_t)(dot - component.bytes) : component.size;

    while (size > 0 && component.bytes[size - 1] == ' ')
        size--;
    return span_of(component.bytes, size);
}

static bool is_device(struct span component)
{
    static const char *const words[] = {"con", "prn", "aux", "nul", "conin$", "conout$", "clock$"};
    struct span stem = device_stem(component);

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (span_is_word(stem, words[i]))
            return true;
    struct span letters = span_of(stem.bytes, stem.size < 3 ? stem.size : 3);
    if (!span_is_word(letters, "com") && !span_is_word(letters, "lpt"))
        return false;
    struct span digit = span_of(stem.bytes + 3, stem.size - 3);
    if (digit.size == 1)
        return digit.bytes[0] >= '0' && digit.bytes[0] <= '9';
    /* The superscripts one, two and three (U+00B9, U+00B2, U+00B3) count as digits there. */
    return digit.size == 2 && digit.bytes[0] == 0xc2 &&
           (digit.bytes[1] == 0xb9 || digit.bytes[1] == 0xb2 || digit.bytes[1] == 0xb3);
}

static enum path_problem judge_characters(struct span text)
{
    static const char forbidden[] = ":*?\"<>|";

    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.bytes[i];
        /* 0xC2 0x80..0x9F are the C1 controls; valid UTF-8 has the second byte there. */
        if (c < 0x20 || c == 0x7f || (c == 0xc2 && text.bytes[i + 1] < 0xa0))
            return PATH_CONTROL_CHARACTER;
        if (memchr(forbidden, c, sizeof forbidden - 1) != NULL)
            return PATH_FORBIDDEN_CHARACTER;
    }
    return PATH_OK;
}

static enum path_problem judge_component(struct span component)
{
    uint8_t last = component.bytes[component.size - 1];

    if (component.size == 2 && component.bytes[0] == '.' && component.bytes[1] == '.')
        return PATH_PARENT;
    if (last == '.' || last == ' ')
        return PATH_TRAILING_DOT_OR_SPACE;
    if (is_device(component))
        return PATH_DEVICE;
    if (utf8_units(component) > PATH_COMPONENT_MAX)
        return PATH_COMPONENT_TOO_LONG;
    return PATH_OK;
}

static bool begins_with(const char *text, const char *lower_word)
{
    while (*lower_word != 0)
        if (ascii_lower(*text++) != *lower_word++)
            return false;
    return true;
}

/* "tftpd.log" and "tftpd.log.1". */
static bool is_log(const char *name)
{
    size_t log_length = strlen(PATH_LOG_NAME);

    return begins_with(name, PATH_LOG_NAME) && (name[log_length] == 0 || name[log_length] == '.') &&
           strchr(name, '\\') == NULL;
}

/*
 * In any directory: the start directory of another instance may lie below this one's, and this one's may have been moved
 * to its parent.
 */
static bool is_reserved(const char *path)
{
    for (const char *component = path; component != NULL;) {
        if (begins_with(component, PATH_UPLOAD_PREFIX) || is_log(component))
            return true;
        component = strchr(component, '\\');
        component = component ? component + 1 : NULL;
    }
    return false;
}

/* Copies component after component; "." drops, and so do empty ones. */
static enum path_problem join_components(struct span name, char *path)
{
    size_t used = 0;

    for (size_t start = 0; start < name.size;) {
        size_t end = start;
        while (end < name.size && !path_is_separator(name.bytes[end]))
            end++;
        struct span component = span_of(name.bytes + start, end - start);
        start = end + 1;
        if (component.size == 0 || (component.size == 1 && component.bytes[0] == '.'))
            continue;
        enum path_problem problem = judge_component(component);
        if (problem != PATH_OK)
            return problem;
        if (used > 0)
            path[used++] = '\\';
        memcpy(path + used, component.bytes, component.size);
        used += component.size;
    }
    path[used] = 0;
    return used == 0 ? PATH_EMPTY : PATH_OK;
}

/* Windows takes whatever has a letter and a colon in front for one, "C:file" and "\\?\C:\file" too. */
static bool is_drive_path(struct span name)
{
    size_t at = 0;

    while (at < name.size && (path_is_separator(name.bytes[at]) || name.bytes[at] == '.' || name.bytes[at] == '?'))
        at++;
    if (at + 1 >= name.size || name.bytes[at + 1] != ':')
        return false;
    char letter = ascii_lower((char)name.bytes[at]);
    return letter >= 'a' && letter <= 'z';
}

/* "boot/", "boot\\", "boot/.": not "boot", which may be a file. */
static bool is_folder_name(struct span name)
{
    size_t last = name.size - 1;

    return path_is_separator(name.bytes[last]) ||
           (name.bytes[last] == '.' && last > 0 && path_is_separator(name.bytes[last - 1]));
}

/* "\\.\" opens devices on Windows; below the start directory it would be harmless, but nobody honest asks so. */
static bool is_device_space(struct span name)
{
    return name.size >= 4 && path_is_separator(name.bytes[0]) && path_is_separator(name.bytes[1]) &&
           name.bytes[2] == '.' && path_is_separator(name.bytes[3]);
}

/*
 * "\\server\share\file" as Windows writes it: two backslashes, then single ones, and three components. Any other mixture
 * is separators too many, which clients do send (CLIENTS.md, rule 7).
 */
static bool is_server_path(struct span name, const char *path)
{
    const char *first = strchr(path, '\\');
    bool has_three = first != NULL && strchr(first + 1, '\\') != NULL;

    /* What was left as it came has lost the two in front only. */
    return has_three && name.size == strlen(path) + 2 && name.bytes[0] == '\\' && name.bytes[1] == '\\' &&
           memcmp(name.bytes + 2, path, strlen(path)) == 0;
}

static enum path_problem normalize(struct span name, char *path)
{
    if (name.size == 0)
        return PATH_EMPTY;
    if (name.size >= PATH_TEXT_MAX)
        return PATH_TOO_LONG;
    if (!utf8_is_valid(name))
        return PATH_NOT_UTF8;
    if (is_drive_path(name))
        return PATH_DRIVE;
    enum path_problem problem = judge_characters(name);
    if (problem == PATH_OK)
        problem = join_components(name, path);
    if (problem == PATH_OK && is_reserved(path))
        problem = PATH_RESERVED;
    if (problem == PATH_OK && is_device_space(name))
        problem = PATH_DEVICE;
    else if (problem == PATH_OK && is_folder_name(name))
        problem = PATH_FOLDER;
    else if (problem == PATH_OK && is_server_path(name, path))
        problem = PATH_SERVER;
    return problem;
}

enum path_problem path_normalize(struct span wire_name, char *path)
{
    enum path_problem problem = normalize(wire_name, path);

    if (problem != PATH_OK)
        path[0] = 0;
    return problem;
}

char *path_printable(struct span wire_name, char *text, size_t size)
{
    utf8_printable(wire_name, text, size);
    for (char *c = text; *c != 0; c++)
        if (*c == '"')
            *c = '?';
    return text;
}

const char *path_leaf(const char *path)
{
    const char *separator = strrchr(path, '\\');

    return separator != NULL ? separator + 1 : path;
}

bool path_equal(const char *a, const char *b)
{
    for (;;) {
        uint32_t x = utf8_fold(utf8_next(&a));
        uint32_t y = utf8_fold(utf8_next(&b));
        if (x != y)
            return false;
        if (x == 0)
            return true;
    }
}
