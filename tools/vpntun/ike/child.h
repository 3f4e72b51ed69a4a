/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_CHILD_H
#define IKE_CHILD_H

#include "ike/sa.h"

/* One Child SA: negotiated, keyed, installed, removed. For IKE_AUTH and CREATE_CHILD_SA alike. */

struct ike_child *child_create(struct ike *ike);	/* with an SPI of ours; NULL: no memory */

/* The proposals of a policy, for IKE_AUTH (no groups) or CREATE_CHILD_SA. */
void child_proposals(const struct ike_tunnel *tun, bool pfs, struct ike_proposals *out);

/*
 * Initiator, before the offer leaves, which waits for ike_reserved(): the peer may send as soon as it has answered, and that
 * is before its answer is verified here.
 */
void child_reserve(struct ike *ike, const struct ike_tunnel *tun, struct ike_child *child);
/* Initiator: SA payload, and both selectors. */
void child_put_offer(const struct ike_tunnel *tun, const struct ike_child *child, bool pfs, struct chain *chain);
void child_put_offer_ts(const struct ike_tunnel *tun, struct chain *chain);
/* Of that offer, what a peer that refuses it by such a notify was not content with; returns @text. */
const char *child_offer_text(const struct ike_tunnel *tun, uint16_t refusal, char *text, size_t size);
/* Initiator: may the peer answer so? Fills in @child. 0 or -EINVAL. */
int child_accept(const struct ike_tunnel *tun, struct ike_child *child, const struct ike_msg *msg, bool pfs,
		 struct why *why);

/*
 * Responder: chooses; fills in @child. 0, or the notify that refuses: NO_PROPOSAL_CHOSEN, TS_UNACCEPTABLE,
 * INVALID_KE_PAYLOAD (@child->suite.group is what it has to be).
 */
uint16_t child_choose(const struct ike_tunnel *tun, struct ike_child *child, const struct ike_msg *msg, bool pfs,
		      struct why *why);
void child_put_answer(const struct ike_child *child, struct chain *chain);
void child_put_answer_ts(const struct ike_child *child, struct chain *chain);

/* Section 2.17; @initiator: we began the exchange. 0 or a negative errno. */
int child_key(const struct ike_sa *sa, struct ike_child *child, bool initiator, struct span shared,
	      const struct ike_nonces *nonces);

/* Asks for @task->child to be installed; the answer is for @task. */
void child_install(struct ike *ike, struct ike_sa *sa, struct ike_task *task, bool pending);
/* It is: from now on it is one of @sa's. */
struct ike_child *child_established(struct ike *ike, struct ike_sa *sa, struct ike_task *task);

/* The peer's next request is there: so it has had the answers to those before, as its window is 1. */
void child_prove_all(struct ike_sa *sa);

/* It is to go: if it is sent on, another one is from now on. */
void child_yield(struct ike *ike, struct ike_sa *sa, const struct ike_child *child);

/* Takes it out of the kernel; it stays in its list. */
void child_uninstall(struct ike *ike, struct ike_sa *sa, struct ike_child *child);
/* The same, and frees it. */
void child_remove(struct ike *ike, struct ike_sa *sa, struct ike_child *child);
/* Drops what an exchange was about to make, and all else that it holds. */
void child_abort(struct ike *ike, struct ike_sa *sa, struct ike_task *task);
void child_remove_all(struct ike *ike, struct ike_sa *sa);

/* Has this IKE SA one to send on? What was refused is there until the peer has been told, too. */
bool child_in_use(const struct ike_sa *sa);
/* Has the tunnel a Child SA to send on? */
bool child_any(const struct ike *ike, const struct ike_tunnel *tun);

#endif /* IKE_CHILD_H */
