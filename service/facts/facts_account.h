/*
 * Accounts that services run as, by their names: those that every Windows has, in all their spellings, and the others by kind.
 */
#ifndef SERVICE_FACTS_ACCOUNT_H
#define SERVICE_FACTS_ACCOUNT_H

/* As the Service Control Manager spells them. */
#define FACTS_LOCAL_SYSTEM    "LocalSystem"
#define FACTS_LOCAL_SERVICE   "NT AUTHORITY\\LocalService"
#define FACTS_NETWORK_SERVICE "NT AUTHORITY\\NetworkService"

enum facts_account {
    FACTS_ACCOUNT_SYSTEM,  /* may do anything, and is the machine to other machines */
    FACTS_ACCOUNT_LOCAL,   /* LocalService: "presents anonymous credentials" to other machines (LocalService Account) */
    FACTS_ACCOUNT_NETWORK, /* NetworkService: is the machine to other machines */
    FACTS_ACCOUNT_VIRTUAL, /* NT SERVICE\name: the system makes it with the service */
    FACTS_ACCOUNT_MANAGED, /* DOMAIN\name$: a domain keeps its password */
    FACTS_ACCOUNT_WITH_PASSWORD,
    FACTS_ACCOUNT_KINDS
};

enum facts_account facts_account_of(const char *name);
/* The spelling of the first three; another name as it is. */
const char *facts_account_name(const char *name);
/* "*S-1-5-19", as icacls takes it, of the first three; NULL for another one. */
const char *facts_account_sid(const char *name);

#endif
