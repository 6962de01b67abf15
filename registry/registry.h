/*
 * The parameters' homes: HKLM\SYSTEM\CurrentControlSet\Services\<service>\Parameters and, winning over it, the policy key
 * HKLM\SOFTWARE\Policies\<service>. Reads values of any fitting type into a draft config; decides nothing about their
 * meaning (core/settings/config does).
 */
#ifndef REGISTRY_REGISTRY_H
#define REGISTRY_REGISTRY_H

#include "core/settings/config.h"
#include "win32/system/windows.h"

enum {
    REGISTRY_SERVICE_MAX = 257 * 3, /* bytes of a service's name, which has at most 256 UTF-16 units */
    REGISTRY_KEY_MAX = 512
};

/*
 * What there is to say about a value while parameters are loaded; the caller makes events of it. Any function may be
 * NULL. source says in which key the value is.
 */
struct registry_report {
    void (*rejected)(void *context, enum config_source source, const struct config_parameter *parameter,
                     const struct config_problem *problem);
    void (*unknown)(void *context, enum config_source source, const char *name);
    /* An argument has no effect because a policy sets the parameter; said by whoever lays arguments over the draft. */
    void (*overruled)(void *context, const struct config_parameter *parameter, const char *argument);
    void *context;
};

/*
 * The key that holds the values of CONFIG_FROM_PARAMETERS or CONFIG_FROM_POLICY, as reg.exe takes it. Returns text, empty
 * where the name is too long.
 */
char *registry_key(const char *service, enum config_source source, char text[REGISTRY_KEY_MAX]);

/* For registry calls below HKEY_LOCAL_MACHINE. False: the name is too long, or not valid UTF-8. */
bool registry_path(const char *service, enum config_source source, wchar_t path[REGISTRY_KEY_MAX]);

/*
 * Fills the draft with the defaults, over them the values found under the service's Parameters key, over those the
 * policies, and notes each one's source. A missing key or value changes nothing, and neither does a refused one; where
 * that leaves no value at all, it becomes that of last_good, or what config_fall_back has where that is NULL. rejected is
 * called when the draft has the value that is in force. Returns a Win32 error only if a key exists and cannot be read;
 * failed then says which.
 */
DWORD registry_load(struct config *draft, const char *service, const struct config *last_good,
                    const struct registry_report *report, enum config_source *failed);

#endif
