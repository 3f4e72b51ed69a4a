/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_TS_H
#define IKE_TS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ike/wire.h"
#include "util/addr.h"

/* A traffic selector, RFC 7296 section 3.13.1. Plain data. */
struct ike_ts {
	struct ip_addr from, to;	/* of one family, both included */
	uint16_t port_from, port_to;
	uint8_t protocol;		/* 0: any */
};

struct ike_ts_list {
	uint8_t count;
	struct ike_ts list[IKE_TS_MAX];
};

struct ike_ts ts_of_prefix(const struct ip_prefix *prefix);	/* any protocol, all ports */

/*
 * Section 2.9: what is within both, in the order of @offered; a selector of single protocols or ports is passed over
 * (a tunnel of ours carries all of them), as is what another one in @out holds already. True if anything is left.
 */
bool ts_narrow(const struct ike_ts_list *offered, const struct ike_ts_list *configured, struct ike_ts_list *out);

/* Is all of @part in @whole: has the responder answered with what it may? */
bool ts_within(const struct ike_ts_list *part, const struct ike_ts_list *whole);

/*
 * The selectors as prefixes, at most @max; returns their number or -E2BIG.
 */
int ts_prefixes(const struct ike_ts_list *list, struct ip_prefix *out, size_t max);

/* "10.0.0.0/8, 192.0.2.1-192.0.2.7", cut to @size; returns @text. */
const char *ts_text(const struct ike_ts_list *list, char *text, size_t size);

#endif /* IKE_TS_H */
