/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NL_XFRM_H
#define NL_XFRM_H

#include <stdint.h>

#include "nl/knl.h"
#include "util/addr.h"

/* Policies of the kernel's own IPsec; @xfrm is of knl_open_xfrm(). */
struct xfrm_policy {
	uint8_t direction;	/* XFRM_POLICY_IN, _OUT, _FWD */
	uint32_t if_id;		/* not 0: only for an xfrm interface of that id */
	uint32_t mark_mask;	/* not 0: only for packets with a mark */
	struct ip_prefix source, destination;
};

/* A negative result ends the reading with it. */
typedef int xfrm_fn(const struct xfrm_policy *policy, void *arg);
int xfrm_policies_read(struct knl *xfrm, xfrm_fn *fn, void *arg);

#endif /* NL_XFRM_H */
