// SPDX-License-Identifier: GPL-2.0
#include "ike/room.h"

#include <string.h>

#include "ike/say.h"

enum {
	SHARE = 4,		/* one host has no more than this part of them, unless told otherwise */
	IPV6_LEN = 16, IPV6_NET_LEN = 8,	/* bytes */
	LOOKS = 16,		/* of so many, which have waited longest, one goes */
};

/* Of late. */
static unsigned int refusals(const struct ike *ike)
{
	return ike->now - ike->refused_since < HALF_OPEN_MS ? ike->refused : 0;
}

void room_refused(struct ike *ike)
{
	if (!refusals(ike)) {
		ike->refused = 0;
		ike->refused_since = ike->now;
	}
	ike->refused++;
}

/* One host has all addresses of an IPv6 network. */
static bool same_host(const struct ip_addr *a, const struct ip_addr *b)
{
	if (a->len == IPV6_LEN && b->len == IPV6_LEN)
		return !memcmp(a->bytes, b->bytes, IPV6_NET_LEN);
	return addr_equal(a, b);
}

/* Where they began counts: where one says to be later, others may be. */
static unsigned int count_of(const struct ike *ike, const struct ip_addr *from)
{
	const struct ike_sa *sa;
	unsigned int count = 0;

	for (sa = ike->half; sa; sa = sa->half_next)
		count += same_host(&sa->origin, from);
	return count;
}

/*
 * One host must not have all the room (RFC 8019 section 4). Half of what it may have is had without a cookie. The other
 * half is kept for the address itself: others may say that they are there.
 */
enum room room_for(const struct ike *ike, const struct ip_addr *from)
{
	const unsigned int count = count_of(ike, from);
	unsigned int most = ike->set.source_max;

	if (!most)
		most = (ike->set.half_open_max + SHARE - 1) / SHARE;
	if (count >= most)
		return ROOM_NONE;
	if (count * 2 >= most || ike->half_open >= ike->set.half_open_max ||
	    ike->half_open + refusals(ike) >= ike->set.cookie_threshold)
		return ROOM_FOR_TRUE;
	return ROOM_FREE;
}

/*
 * Of those that have waited longest one whose host has the most. So hosts that have many, each its share, do not keep out
 * all others.
 */
struct ike_sa *room_excess(struct ike *ike)
{
	struct ike_sa *last[LOOKS], *sa, *found = NULL;
	unsigned int n = 0, count, most = 0;

	if (ike->half_open <= ike->set.half_open_max)
		return NULL;
	for (sa = ike->half; sa; sa = sa->half_next)
		last[n++ % LOOKS] = sa;
	for (unsigned int i = 1; i <= LOOKS && i <= n; i++) {
		sa = last[(n - i) % LOOKS];
		count = count_of(ike, &sa->origin);
		if (count <= most)
			continue;
		most = count;
		found = sa;
	}
	if (hint_allowed(ike))
		say(ike, NULL, IKE_LOG_WARNING, "more than %u IKE SAs wait to be authenticated: the oldest go",
		    ike->set.half_open_max);
	return found;
}
