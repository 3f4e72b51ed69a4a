/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_WINDOW_H
#define IKE_WINDOW_H

#include "ike/sa.h"

/*
 * Message IDs, retransmission and the answers to duplicates (sections 2.1 to 2.3). Both windows have the size 1. Times
 * are in milliseconds.
 */

/* Sends a request sealed, and again with growing pauses until it is answered or @patience is over. 0 or an errno. */
int window_request(struct ike *ike, struct ike_sa *sa, enum ike_exchange exchange, const struct chain *chain,
		   uint64_t patience);
/* The same, but it is sent by window_release(), or when it would be sent for the second time. */
int window_request_held(struct ike *ike, struct ike_sa *sa, enum ike_exchange exchange, const struct chain *chain,
			uint64_t patience);
void window_release(struct ike *ike, struct ike_sa *sa);
/* The same with IKE_SA_INIT, which is a whole message already and may be replaced by another: @patience goes on. */
int window_request_plain(struct ike *ike, struct ike_sa *sa, struct span message, uint64_t patience);

/* Seals into @out what may be sent as the next request, but by somebody else. 0 or an errno. */
int window_seal_next(struct ike *ike, struct ike_sa *sa, enum ike_exchange exchange, const struct chain *chain,
		     struct wr *out);

/* For a request on an SA that is up: after so long without an answer the peer is dead. */
uint64_t window_patience(const struct ike_sa *sa);

/* Answers request @id, for good. @sa->reply is where to. */
int window_answer(struct ike *ike, struct ike_sa *sa, enum ike_exchange exchange, uint32_t id,
		  const struct chain *chain);
int window_answer_notify(struct ike *ike, struct ike_sa *sa, const struct ike_hdr *hdr, uint16_t type,
			 struct span data);
int window_answer_plain(struct ike *ike, struct ike_sa *sa, struct span message);
void window_answer_again(struct ike *ike, struct ike_sa *sa, const struct ike_path *path);

/* Is it the answer to our request? window_done() then ends the retransmission. */
bool window_matches(const struct ike_sa *sa, const struct ike_hdr *hdr);
void window_done(struct ike_sa *sa);

/* Nobody waits for the answer any more, but the request may be missing: it goes in front of the next one. */
void window_give_up(struct ike_sa *sa);

enum window_place {
	WINDOW_NEW,
	WINDOW_AGAIN,		/* the last one, which has been answered */
	WINDOW_OTHER,		/* too old, too new, or the one that is being dealt with */
};
enum window_place window_place(const struct ike_sa *sa, uint32_t id);

/* Retransmits if that is due. False: there has been no answer for too long. */
bool window_tick(struct ike *ike, struct ike_sa *sa);
/* The answer may take until @give_up, which is to come yet: what is due to be sent again meanwhile, is. */
void window_wait_on(struct ike *ike, struct ike_sa *sa, uint64_t give_up);

/* A message that belongs to no SA. */
void send_bytes(struct ike *ike, const struct ike_path *path, struct span bytes);

#endif /* IKE_WINDOW_H */
