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
 * What an SKF payload holds (RFC 7383 section 2.5): part @number, from 1, of @total of a chain, cut anywhere. @first is
 * the type of the chain's first payload in part 1, and 0 in the others.
 */
struct sk_part {
	uint8_t first;
	uint16_t number, total;
	struct span bytes;
};

/*
 * A whole message: header, and the chain sealed in an SK payload (section 3.14; RFC 5282 for AEADs). hdr->next and
 * hdr->length are filled in here; @iv has room for encr_iv_size() fresh random bytes or, with AEADs, a counter that
 * never repeats with these keys. 0 or a negative errno.
 */
int sk_seal(const struct sk_side *side, struct span iv, const struct ike_hdr *hdr, const struct chain *chain,
	    struct wr *out);

/* The same with a part of a chain, in an SKF payload. */
int sk_seal_part(const struct sk_side *side, struct span iv, const struct ike_hdr *hdr, const struct sk_part *part,
		 struct wr *out);

/* How long a message with so many bytes of payloads is. */
size_t sk_size(const struct ike_suite *suite, size_t payloads);
/* How many bytes of payloads a part holds whose message is to have at most @size bytes; 0: none. */
size_t sk_part_room(const struct ike_suite *suite, size_t size);

/*
 * Opens the SK or SKF payload that msg_decode() found in @datagram into @out (at least as large). 0, -EBADMSG if it is
 * not authentic, -EINVAL if its length or padding cannot be. @text is where the inner payloads are, their first is
 * outer->sk_next.
 */
int sk_open(const struct sk_side *side, struct span datagram, const struct ike_msg *outer, struct wr *out,
	    struct span *text);

#endif /* IKE_SK_H */
