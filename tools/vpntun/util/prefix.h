/* SPDX-License-Identifier: GPL-2.0 */
#ifndef UTIL_PREFIX_H
#define UTIL_PREFIX_H

#include <stdbool.h>

#include "util/addr.h"

/* The network of @length bits that @addr is in; a host's own is as long as the address. */
struct ip_prefix prefix_of(const struct ip_addr *addr, uint8_t length);

bool prefix_holds(const struct ip_prefix *prefix, const struct ip_addr *addr);
bool prefix_within(const struct ip_prefix *inner, const struct ip_prefix *outer);	/* or the same */
bool prefix_overlap(const struct ip_prefix *a, const struct ip_prefix *b);

bool prefixes_have(const struct ip_prefixes *list, const struct ip_prefix *prefix);
bool prefixes_equal(const struct ip_prefixes *a, const struct ip_prefixes *b);	/* in the same order */
int prefixes_copy(const struct ip_prefixes *from, struct ip_prefixes *to);	/* 0 or -ENOMEM */

/* What is in both, each prefix once; on the heap. 0 or -ENOMEM. */
int prefixes_meet(const struct ip_prefixes *a, const struct ip_prefixes *b, struct ip_prefixes *out);

/* One more, at the end. 0, or -ENOMEM and the list is as it was. */
int prefixes_add(struct ip_prefixes *prefixes, const struct ip_prefix *prefix);

#endif /* UTIL_PREFIX_H */
