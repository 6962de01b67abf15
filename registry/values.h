/*
 * Single values for `tftpd import`: another server's as they stand, and our parameters written all or none.
 */
#ifndef REGISTRY_VALUES_H
#define REGISTRY_VALUES_H

#include "core/import/import.h"
#include "registry/raw.h"

/*
 * The value at this place, %variables% as they are; value points into room. A key or value that is not there is
 * IMPORT_ABSENT, a type or text that is none of ours IMPORT_UNREADABLE. Returns a Win32 error only where the key cannot
 * be read.
 */
DWORD values_read(const struct import_place *place, struct raw_value *room, struct import_value *value);

/*
 * Writes the values of these parameters under the service's Parameters key in the given order. Where one cannot be
 * written, those before it are put back to what they were, and a Win32 error returned.
 */
DWORD values_write(const char *service, const struct config *config, const struct config_parameter *const *parameters,
                   size_t count);

#endif
