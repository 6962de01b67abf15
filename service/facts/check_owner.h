/*
 * Who owns a thing, for check_acl.c. An owner may change the access list whenever he likes, whatever it says of him.
 */
#ifndef SERVICE_CHECK_OWNER_H
#define SERVICE_CHECK_OWNER_H

#include "service/facts/check_facts.h"

/* Fills in owner and is_service_owned; a descriptor without an owner tells nothing. */
void check_acl_judge_owner(struct check_acl *acl, SECURITY_DESCRIPTOR *descriptor);

#endif
