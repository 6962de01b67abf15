/*
 * Accounts that services run as, by their names: those that every Windows has, in all their spellings, and the others
 * by kind.
 */
#ifndef SERVICE_ACCOUNT_H
#define SERVICE_ACCOUNT_H

/* As the Service Control Manager spells them. */
#define ACCOUNT_NAME_LOCAL_SYSTEM    "LocalSystem"
#define ACCOUNT_NAME_LOCAL_SERVICE   "NT AUTHORITY\\LocalService"
#define ACCOUNT_NAME_NETWORK_SERVICE "NT AUTHORITY\\NetworkService"

enum account_kind {
    ACCOUNT_KIND_SYSTEM,  /* may do anything, and is the machine to other machines */
    ACCOUNT_KIND_LOCAL,   /* LocalService: "presents anonymous credentials" to other machines (LocalService Account) */
    ACCOUNT_KIND_NETWORK, /* NetworkService: is the machine to other machines */
    ACCOUNT_KIND_VIRTUAL, /* NT SERVICE\name: the system makes it with the service */
    ACCOUNT_KIND_MANAGED, /* DOMAIN\name$: a domain keeps its password */
    ACCOUNT_KIND_WITH_PASSWORD,
    ACCOUNT_KINDS
};

enum account_kind account_kind(const char *name);
/* The spelling of the first three; another name as it is. */
const char *account_known_name(const char *name);
/* "*S-1-5-19", as icacls takes it, of the first three; NULL for another one. */
const char *account_known_sid(const char *name);

#endif
