/*
 * What intake.c and intake_answer.c share. Nobody else includes this.
 */
#ifndef WIN32_INTAKE_PARTS_H
#define WIN32_INTAKE_PARTS_H

#include "win32/server/intake.h"

/* What one request needs on its way. */
struct arrival_story {
    struct intake *intake;
    const struct config *config;
    struct root *root;
    const struct endpoint *from;
    const struct udp_arrival *arrival;
    struct span datagram;
    bool begins_anew;
    struct mac mac;          /* its card, as far as it is known */
    bool is_known;           /* its address has finished a transfer lately */
    struct session *session; /* while it is being opened here; NULL before, and once it has been left */
    struct interface_answer interface;
    struct request request;
};

uint32_t intake_next_worker(struct intake *intake);

/*
 * Gives up what is being opened, if anything is. Before the client hears of it: it may ask again at once, and must not
 * find itself still at it.
 */
void intake_leave(struct arrival_story *story);

/* intake_answer.c: what a request hears, and what is told of it, when it is not served */

/* What is worth knowing only to whoever wants every detail. */
void intake_tell_small(const struct arrival_story *story, enum event_id id, const char *words);
/* It is no request, or none that gets an answer. */
void intake_drop(const struct arrival_story *story, const char *words);
/* An ERROR to the client and an event, with the words and what follows them; neither where its source has had its share. */
void intake_refuse(struct arrival_story *story, enum event_id id, uint16_t code, const char *words, const char *detail);
/* The client hears nothing, asks again, and then there may be room; many give up at an ERROR. */
void intake_put_off(struct arrival_story *story, const char *words);
/* As request_judge, or the rules on the final name, have it. */
void intake_refuse_request(struct arrival_story *story);
/* What was asked for could not be opened. detail follows the words of the status; it may be empty. */
void intake_refuse_file(struct arrival_story *story, enum status status, const char *detail);

#endif
