/*
 * Who the service is to an access list: the SIDs that its token has once the Service Control Manager has started it. What
 * lies in the start directory must let one of them read it; a file that was moved there keeps the list of where it came
 * from, since a rename on the same volume leaves it as it is.
 */
#ifndef SERVICE_FACTS_READER_H
#define SERVICE_FACTS_READER_H

#include "service/facts/facts_service.h"

enum { FACTS_READER_SIDS_MAX = 12 };

struct facts_reader {
    size_t count; /* 0: the account is not known here */
    struct {
        BYTE bytes[SECURITY_MAX_SID_SIZE];
    } sids[FACTS_READER_SIDS_MAX];
    bool may_have_groups; /* it is no account of Windows' own, and may be in groups that are not among these */
};

/* name is the service's. Asks the system for the SIDs of accounts. */
void facts_reader_find(struct facts_reader *reader, const struct facts_service *service, const char *name);

/*
 * Whether one of the SIDs may read the data of a file, or list a folder, by the first entry that speaks of that and of one
 * of them. An entry with a condition counts as if the condition held.
 */
bool facts_acl_lets_read(const struct facts_reader *reader, SECURITY_DESCRIPTOR *descriptor);

#endif
