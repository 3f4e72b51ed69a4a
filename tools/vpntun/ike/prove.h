/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_PROVE_H
#define IKE_PROVE_H

#include "ike/sa.h"

/*
 * Who is who, and how each side shows it: by a pre-shared key, or by a certificate and a signature. For IKE_SA_INIT, in
 * which both say what they take, and IKE_AUTH.
 */

void prove_own_ident(const struct ike_tunnel *tun, const struct ike_path *path, struct ike_ident *out);
void prove_peer_ident(const struct ike_tunnel *tun, const struct ike_path *path, struct ike_ident *out);

/* Has the tunnel what it needs to show who we are? False: a fault has been logged. */
bool prove_ready(struct ike *ike, struct ike_tunnel *tun);

/* IKE_SA_INIT: what goes into the request; into the response, when it is not known yet who asks; what the peer said. */
void prove_offer(const struct ike_tunnel *tun, struct chain *chain);
void prove_answer(const struct ike *ike, const struct ike_path *path, struct chain *chain);
void prove_learn(struct ike_sa *sa, const struct ike_msg *msg);

/* Has AUTH made, the answer is for @task. 0 or a negative errno; -ENOKEY: it cannot be, and a fault has been logged. */
int prove_sign(struct ike *ike, struct ike_sa *sa, struct ike_task *task);
/* What IKE_AUTH shows: certificates, and for which CAs we ask the peer; and AUTH with what was signed. */
void prove_put_certs(const struct ike_sa *sa, struct chain *chain);
void prove_put_auth(const struct ike_sa *sa, struct span raw, struct chain *chain);

/* May the peer authenticate as it does? -EINVAL: no. */
int prove_accept(struct ike_sa *sa, const struct ike_msg *msg, struct why *why);
/* Has it judged, the answer is for @task. Only for what was accepted. 0 or a negative errno. */
int prove_verify(struct ike *ike, struct ike_sa *sa, struct ike_task *task, const struct ike_msg *msg);

#endif /* IKE_PROVE_H */
