/*
 * Who owns a thing, for facts_acl.c. An owner may change the access list whenever he likes, whatever it says of him.
 */
#ifndef SERVICE_FACTS_OWNER_H
#define SERVICE_FACTS_OWNER_H

#include "service/facts/facts.h"

/* Fills in owner and is_service_owned; a descriptor without an owner tells nothing. */
void facts_acl_judge_owner(struct facts_acl *acl, SECURITY_DESCRIPTOR *descriptor);

#endif
