/* SPDX-License-Identifier: GPL-2.0 */
#ifndef EXPORT_OFFER_H
#define EXPORT_OFFER_H

#include "conf/conf.h"
#include "util/why.h"

enum { OFFER_TUNNELS = 2 };	/* that stand in for each other, as at AWS */

/* What a hub offers to a customer. */
struct offer {
	const char *name;		/* of the connection */
	struct ip_addr customer;	/* its gateway; len 0: anywhere */
	/* ours, one for each tunnel or one for both; len 0: whatever address we have towards the customer */
	struct ip_addr outside[OFFER_TUNNELS];
	size_t n_outside;
	bool behind_nat;		/* this host does not have @outside: somebody else's NAT leads to us */
	struct ip_prefixes routes;	/* the customer's networks, lent; none with BGP */
	uint32_t asn, customer_asn;	/* 0: no BGP */
	size_t n_blocks;		/* of each tunnel: IPv4, IPv6 or both */
	struct ip_prefix blocks[OFFER_TUNNELS][2];
};

/*
 * The hub's own connection, whose tunnels wait for the customer: of each block the first address is ours, the second
 * the customer's. Tunnels that no addresses keep apart get identities. 0, or -ENOMEM; conf_free() is the caller's.
 */
int offer_conf(const struct offer *offer, struct conf *out);

#endif /* EXPORT_OFFER_H */
