/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_SK_H
#define IKE_SK_H

#include <stdbool.h>

#include "ike/keymat.h"
#include "ike/msg.h"

/* Fills @size bytes; 0 or a negative errno. */
typedef int ike_random_fn(void *ctx, void *bytes, size_t size);

/* The keys, seen from one side: does it send as the original initiator? */
struct sk_side {
	const struct ike_keys *keys;
	bool initiator;
};

/*
 * A whole message: header, and the chain sealed in an SK payload (section 3.14; RFC 5282 for AEADs). hdr->next and
 * hdr->length are filled in here; @iv has room for encr_iv_size() fresh random bytes or, with AEADs, a counter that
 * never repeats with these keys. 0 or a negative errno.
 */
int sk_seal(const struct sk_side *side, struct span iv, const struct ike_hdr *hdr, const struct chain *chain,
	    struct wr *out);

/*
 * Opens the SK payload that msg_decode() found in @datagram into @out (at least as large). 0, -EBADMSG if it is not
 * authentic, -EINVAL if its length or padding cannot be. @text is where the inner payloads are, their first is
 * outer->sk_next.
 */
int sk_open(const struct sk_side *side, struct span datagram, const struct ike_msg *outer, struct wr *out,
	    struct span *text);

#endif /* IKE_SK_H */
