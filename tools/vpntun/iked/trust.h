/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_TRUST_H
#define IKED_TRUST_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "ike/act.h"
#include "ike/buf.h"
#include "util/why.h"

/*
 * Whom the tunnels trust: for each policy its own CAs and revocation lists, and the judgement of a certificate that a
 * peer has sent. No file, no clock.
 */
struct trusts;

/* What is handed over of a policy's CAs and lists: a byte of this, a length of four bytes, and the DER; one after another. */
enum trust_part { TRUST_CA = 1, TRUST_CRL = 2 };
enum { TRUST_HEAD = 5, TRUST_BYTES_MAX = 24 * 1024 * 1024 };

struct trusts *trusts_create(void);	/* NULL: no memory */
void trusts_free(struct trusts *trusts);

/* In place of what the policy had. 0, or -EINVAL with @why, and then it trusts nobody. */
int trust_set(struct trusts *trusts, uint32_t policy, struct span parts, struct why *why);
void trust_forget(struct trusts *trusts, uint32_t policy);

/*
 * Has the peer shown with @job that it is who it has to be, at the time @now of the wall clock? @why: why not, one
 * sentence, escaped.
 */
bool trust_verify(const struct trusts *trusts, const struct ike_act_cert *job, time_t now, struct why *why);

#endif /* IKED_TRUST_H */
