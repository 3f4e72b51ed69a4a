// SPDX-License-Identifier: GPL-2.0
#include "export/blocks.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "import/verify.h"
#include "util/prefix.h"

enum {
	N_IPV4 = 1 << 14,	/* /30 blocks in a /16 */
	IPV6_TRIES = 100,	/* of 2^118 blocks one that is in use is not met twice */
};

static bool is_free(const struct ip_prefixes *used, const struct ip_prefix *block)
{
	size_t i;

	for (i = 0; i < used->count; i++)
		if (prefix_overlap(block, &used->list[i]))
			return false;
	return !verify_reserved(block);
}

/* From somewhere on each of them in turn, so that the last free one is found, too. */
static int choose_ipv4(const struct ip_prefixes *used, uint16_t start, struct ip_prefix *out, struct why *why)
{
	unsigned int i, number;

	for (i = 0; i < N_IPV4; i++) {
		number = (start + i) % N_IPV4;
		*out = (struct ip_prefix){ { 4, { 169, 254, number >> 6, (number & 63) << 2 } }, 30 };
		if (is_free(used, out))
			return 0;
	}
	return why_set(why, "no /30 of 169.254.0.0/16 is free");
}

static int choose_ipv6(const struct ip_prefixes *used, int (*random)(void *buffer, size_t size), struct ip_prefix *out,
		       struct why *why)
{
	struct ip_addr addr = { .len = 16 };
	unsigned int i;

	for (i = 0; i < IPV6_TRIES; i++) {
		if (random(addr.bytes, sizeof(addr.bytes)))
			return why_set(why, "no random numbers: %s", strerror(errno));
		addr.bytes[0] = 0xfd;
		*out = prefix_of(&addr, 126);
		if (is_free(used, out))
			return 0;
	}
	return why_set(why, "found no /126 of fd00::/8 that is free");
}

int blocks_choose(const struct ip_prefixes *used, bool ipv6, int (*random)(void *buffer, size_t size),
		  struct ip_prefix *out, struct why *why)
{
	uint16_t start;

	if (ipv6)
		return choose_ipv6(used, random, out, why);
	if (random(&start, sizeof(start)))
		return why_set(why, "no random numbers: %s", strerror(errno));
	return choose_ipv4(used, start, out, why);
}
