/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NL_ROUTE_H
#define NL_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nl/knl.h"
#include "util/addr.h"

struct nlmsghdr;

/* Routes and policy rules; @rt is of knl_open_route(). Results as in nl/knl.h. */

enum {
	ROUTE_HOPS_MAX = 32,		/* that are looked at */
	ROUTE_PROTOCOL = 118,		/* marks routes of ours ("proto 118"), see rtnetlink(7) */
};

#define ROUTE_METRIC_WORST UINT32_MAX

struct route {
	struct ip_prefix dst;
	uint32_t table;
	uint32_t metric;		/* IPv6: 0 is 1024 to the kernel */
	uint32_t flags;			/* RTNH_F_*; of any hop */
	uint8_t type;			/* RTN_* */
	uint8_t protocol;		/* RTPROT_* */
	uint32_t oif;			/* index, 0: none, or several hops */
	bool by_hop;			/* to add: by the nexthop of route_hop_set(), whatever oif and source */
	struct ip_addr source;		/* preferred, len 0: none */
	size_t n_hops;
	uint32_t hops[ROUTE_HOPS_MAX];	/* indexes of devices */
	const struct nlmsghdr *nlh;	/* as the kernel told it, for route_copy() */
};

/* A negative result ends the reading with it. */
typedef int route_fn(const struct route *route, void *arg);

/* All routes of @table and of addresses of @len bytes. */
int routes_read(struct knl *rt, uint32_t table, uint8_t len, route_fn *fn, void *arg);

/* False if @nlh is no message about a route. */
bool route_decode(const struct nlmsghdr *nlh, struct route *out);

/* Into the device @oif, or of a type without one. -EEXIST: it is there. @first: before those of equal metric (IPv4). */
int route_add(struct knl *rt, const struct route *route, bool first);
int route_del(struct knl *rt, const struct route *route);	/* 0, too, when it is not there */

/* A route as @nlh tells, gateways and all, but for destination, table, metric and protocol. Replaces what is there. */
int route_copy(struct knl *rt, const struct nlmsghdr *nlh, const struct route *as);

/*
 * A nexthop object of ours, into the device. IPv4 routes by it stay when the device loses its last address, which takes all
 * others along. Without it they go, too. Fails while the device has no carrier.
 */
int route_hop_set(struct knl *rt, uint32_t oif);
void route_hop_del(struct knl *rt);

/* "fwmark @mark lookup @table", of both families; IPv4 alone where the host has no IPv6. */
struct route_rule {
	uint32_t mark, table, priority;
};

int route_rule_add(struct knl *rt, const struct route_rule *rule);	/* -EEXIST: it is there */
int route_rule_del(struct knl *rt, const struct route_rule *rule);	/* 0, too, when it is not there */

#endif /* NL_ROUTE_H */
