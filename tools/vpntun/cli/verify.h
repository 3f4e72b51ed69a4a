/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_VERIFY_H
#define CLI_VERIFY_H

#include "iked/ctl.h"
#include "util/why.h"

/*
 * `up --verify`: IKE_AUTH carries no Diffie-Hellman for the Child SA, so what both sides have to agree on for a rekey (PFS,
 * above all) shows only when that is due. Rekeys each tunnel of the connection that is up, its Child SA and its IKE SA,
 * and waits for what becomes of it. Returns an exit status; unless DONE @why has the sentence.
 */
int verify_rekeys(struct ctl *ctl, const char *name, struct why *why);

/* The same for one tunnel's Child SA, if that tunnel is up (NOT_UP: it is not). @why does not name the tunnel. */
int verify_child(struct ctl *ctl, const char *name, const char *tunnel, struct why *why);

#endif /* CLI_VERIFY_H */
