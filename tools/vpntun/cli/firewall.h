/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_FIREWALL_H
#define CLI_FIREWALL_H

#include <jansson.h>
#include <stdint.h>

#include "util/addr.h"
#include "util/why.h"

/* A packet that comes in from outside, as a firewall sees it. */
struct firewall_packet {
	struct ip_addr from;	/* len 0: from anywhere */
	uint8_t len;		/* of its addresses: the family */
	uint8_t protocol;	/* IPPROTO_UDP or _ESP */
	uint16_t port;		/* destination, of UDP */
	bool established;	/* the answer to one of ours */
};

/* UNSURE: it depends on what is not known of the packet, or not understood of the rules. */
enum firewall_verdict { FIREWALL_PASSES, FIREWALL_DROPS, FIREWALL_UNSURE };

/* The rules of this network namespace, as "nft -j list ruleset" tells them; NULL: they cannot be read, see @why. */
json_t *firewall_read(struct why *why);

/* What becomes of it on its way into this host. @text, if it is dropped: where, "table inet filter, chain input". */
enum firewall_verdict firewall_judge(const json_t *rules, const struct firewall_packet *packet, char *text,
				     size_t size);

#endif /* CLI_FIREWALL_H */
