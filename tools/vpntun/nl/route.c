// SPDX-License-Identifier: GPL-2.0
#include "nl/route.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>
#include <sys/socket.h>

static int family_of(uint8_t len)
{
	return len == 4 ? AF_INET : AF_INET6;
}

/* ---- reading ---- */

static void add_hop(struct route *route, uint32_t index, uint32_t flags)
{
	if (route->n_hops < ROUTE_HOPS_MAX)
		route->hops[route->n_hops++] = index;
	route->flags |= flags;
}

static void read_multipath(const struct nlattr *attr, struct route *route)
{
	const struct rtnexthop *hop = nla_data(attr);
	int left = nla_len(attr);

	while (RTNH_OK(hop, left)) {
		add_hop(route, hop->rtnh_ifindex, hop->rtnh_flags);
		left -= RTNH_ALIGN(hop->rtnh_len);
		hop = RTNH_NEXT(hop);
	}
}

static void read_u32(const struct nlattr *attr, uint32_t *out)
{
	if (nla_len(attr) == sizeof(*out))
		*out = nla_get_u32(attr);
}

static void read_addr(const struct nlattr *attr, struct ip_addr *out)
{
	if (nla_len(attr) != 4 && nla_len(attr) != 16)
		return;
	out->len = nla_len(attr);
	memcpy(out->bytes, nla_data(attr), out->len);
}

static void read_attr(const struct nlattr *attr, struct route *route)
{
	switch (nla_type(attr)) {
	case RTA_DST:
		read_addr(attr, &route->dst.addr);
		break;
	case RTA_PREFSRC:
		read_addr(attr, &route->source);
		break;
	case RTA_TABLE:
		read_u32(attr, &route->table);
		break;
	case RTA_PRIORITY:
		read_u32(attr, &route->metric);
		break;
	case RTA_OIF:
		read_u32(attr, &route->oif);
		break;
	case RTA_MULTIPATH:
		read_multipath(attr, route);
		break;
	}
}

bool route_decode(const struct nlmsghdr *nlh, struct route *out)
{
	const struct rtmsg *head = nlmsg_data(nlh);
	const struct nlattr *attr;
	int left;

	memset(out, 0, sizeof(*out));
	if (nlh->nlmsg_type != RTM_NEWROUTE && nlh->nlmsg_type != RTM_DELROUTE)
		return false;
	if (!nlmsg_valid_hdr(nlh, sizeof(*head)) || (head->rtm_family != AF_INET && head->rtm_family != AF_INET6))
		return false;

	out->dst.addr.len = head->rtm_family == AF_INET ? 4 : 16;
	out->dst.length = head->rtm_dst_len;
	out->table = head->rtm_table;
	out->flags = head->rtm_flags;
	out->type = head->rtm_type;
	out->protocol = head->rtm_protocol;
	out->nlh = nlh;
	attr = nlmsg_attrdata(nlh, sizeof(*head));
	left = nlmsg_attrlen(nlh, sizeof(*head));
	for (; nla_ok(attr, left); attr = nla_next(attr, &left))
		read_attr(attr, out);
	if (out->oif)
		add_hop(out, out->oif, 0);
	return out->dst.addr.len == (head->rtm_family == AF_INET ? 4 : 16) && out->dst.length <= out->dst.addr.len * 8;
}

struct reading {
	uint32_t table;
	route_fn *fn;
	void *arg;
};

static int on_route(const struct nlmsghdr *nlh, void *arg)
{
	struct reading *reading = arg;
	struct route route;

	/* Entries of IPv6's cache are no routes; older kernels dump all tables. */
	if (!route_decode(nlh, &route) || route.flags & RTM_F_CLONED || route.table != reading->table)
		return 0;
	return reading->fn(&route, reading->arg);
}

int routes_read(struct knl *rt, uint32_t table, uint8_t len, route_fn *fn, void *arg)
{
	struct reading reading = { .table = table, .fn = fn, .arg = arg };
	struct rtmsg head = { .rtm_family = family_of(len) };
	struct nl_msg *msg;
	int err;

	msg = knl_request_route(rt, RTM_GETROUTE, NLM_F_DUMP, &head, sizeof(head));
	if (!msg)
		return -ENOMEM;
	if (nla_put_u32(msg, RTA_TABLE, table))
		return knl_call_filled(rt, msg, false);
	err = knl_call(rt, msg, on_route, &reading);
	/* No such table, no IPv6: no routes. What changes meanwhile is told by an event. */
	return err == -ENOENT || err == -EAFNOSUPPORT || err == -EOPNOTSUPP || err == -EINTR ? 0 : err;
}

/* ---- writing ---- */

enum { HOP_ID = 0x76677701 };		/* "vgw", 1 */

static void head_of(const struct route *route, struct rtmsg *head)
{
	head->rtm_family = family_of(route->dst.addr.len);
	head->rtm_dst_len = route->dst.length;
	head->rtm_table = RT_TABLE_UNSPEC;
	head->rtm_protocol = ROUTE_PROTOCOL;
}

static bool put_name(struct nl_msg *msg, const struct route *route)
{
	return !nla_put(msg, RTA_DST, route->dst.addr.len, route->dst.addr.bytes) &&
	       !nla_put_u32(msg, RTA_TABLE, route->table) &&
	       (!route->metric || !nla_put_u32(msg, RTA_PRIORITY, route->metric));
}

static bool put_device(struct nl_msg *msg, const struct route *route)
{
	if (route->by_hop)
		return !nla_put_u32(msg, RTA_NH_ID, HOP_ID);
	if (route->oif && nla_put_u32(msg, RTA_OIF, route->oif))
		return false;
	return !route->source.len || !nla_put(msg, RTA_PREFSRC, route->source.len, route->source.bytes);
}

int route_add(struct knl *rt, const struct route *route, bool first)
{
	/* Without NLM_F_EXCL IPv4 puts it before others of its metric; it still refuses the very same route. */
	int flags = NLM_F_CREATE | (first ? 0 : NLM_F_EXCL);
	struct rtmsg head = { .rtm_type = route->type };
	struct nl_msg *msg;

	head_of(route, &head);
	head.rtm_scope = route->type == RTN_UNICAST && route->dst.addr.len == 4 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
	msg = knl_request_route(rt, RTM_NEWROUTE, flags, &head, sizeof(head));
	if (!msg)
		return -ENOMEM;
	return knl_call_filled(rt, msg, put_name(msg, route) && put_device(msg, route));
}

int route_del(struct knl *rt, const struct route *route)
{
	struct rtmsg head = { .rtm_type = route->type, .rtm_scope = RT_SCOPE_NOWHERE };
	struct nl_msg *msg;
	int err;

	head_of(route, &head);
	msg = knl_request_route(rt, RTM_DELROUTE, 0, &head, sizeof(head));
	if (!msg)
		return -ENOMEM;
	err = knl_call_filled(rt, msg, put_name(msg, route) && put_device(msg, route));
	return err == -ESRCH || err == -ENOENT ? 0 : err;
}

/* What tells where a route leads, and is taken along. A nexthop object stands for all the rest of it. */
static bool put_lead(struct nl_msg *msg, const struct nlmsghdr *nlh)
{
	enum { OF_OBJECTS = 6 };	/* index of what a nexthop object has not */
	static const uint16_t types[] = {
		RTA_OIF, RTA_GATEWAY, RTA_VIA, RTA_MULTIPATH, RTA_ENCAP_TYPE, RTA_ENCAP, RTA_PREFSRC, RTA_METRICS,
	};
	struct nlattr *object = nlmsg_find_attr((void *)nlh, sizeof(struct rtmsg), RTA_NH_ID);
	size_t i;

	if (object && nla_put(msg, RTA_NH_ID, nla_len(object), nla_data(object)))
		return false;
	for (i = object ? OF_OBJECTS : 0; i < sizeof(types) / sizeof(*types); i++) {
		struct nlattr *attr = nlmsg_find_attr((void *)nlh, sizeof(struct rtmsg), types[i]);

		if (attr && nla_put(msg, attr->nla_type, nla_len(attr), nla_data(attr)))
			return false;
	}
	return true;
}

int route_copy(struct knl *rt, const struct nlmsghdr *nlh, const struct route *as)
{
	const struct rtmsg *from = nlmsg_data(nlh);
	struct rtmsg head = {
		.rtm_type = from->rtm_type, .rtm_scope = from->rtm_scope, .rtm_flags = from->rtm_flags & RTNH_F_ONLINK,
	};
	struct nl_msg *msg;

	head_of(as, &head);
	msg = knl_request_route(rt, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, &head, sizeof(head));
	if (!msg)
		return -ENOMEM;
	return knl_call_filled(rt, msg, put_name(msg, as) && put_lead(msg, nlh));
}

/* ---- nexthop objects ---- */

static int change_hop(struct knl *rt, uint16_t type, int flags, uint32_t oif)
{
	struct nhmsg head = { .nh_family = oif ? AF_INET : AF_UNSPEC, .nh_protocol = oif ? ROUTE_PROTOCOL : 0 };
	struct nl_msg *msg;

	msg = knl_request_route(rt, type, flags, &head, sizeof(head));
	if (!msg)
		return -ENOMEM;
	return knl_call_filled(rt, msg, !nla_put_u32(msg, NHA_ID, HOP_ID) && (!oif || !nla_put_u32(msg, NHA_OIF, oif)));
}

int route_hop_set(struct knl *rt, uint32_t oif)
{
	return change_hop(rt, RTM_NEWNEXTHOP, NLM_F_CREATE | NLM_F_REPLACE, oif);
}

void route_hop_del(struct knl *rt)
{
	change_hop(rt, RTM_DELNEXTHOP, 0, 0);
}

/* ---- rules ---- */

static int change_rule(struct knl *rt, uint16_t type, int family, const struct route_rule *rule)
{
	struct fib_rule_hdr head = { .family = family, .table = RT_TABLE_UNSPEC, .action = FR_ACT_TO_TBL };
	int flags = type == RTM_NEWRULE ? NLM_F_CREATE | NLM_F_EXCL : 0;
	struct nl_msg *msg;

	msg = knl_request_route(rt, type, flags, &head, sizeof(head));
	if (!msg)
		return -ENOMEM;
	return knl_call_filled(rt, msg, !nla_put_u32(msg, FRA_PRIORITY, rule->priority) &&
				       !nla_put_u32(msg, FRA_FWMARK, rule->mark) &&
				       !nla_put_u32(msg, FRA_FWMASK, UINT32_MAX) &&
				       !nla_put_u32(msg, FRA_TABLE, rule->table) &&
				       !nla_put_u8(msg, FRA_PROTOCOL, ROUTE_PROTOCOL));
}

int route_rule_add(struct knl *rt, const struct route_rule *rule)
{
	int err = change_rule(rt, RTM_NEWRULE, AF_INET, rule), err6;

	if (err && err != -EEXIST)
		return err;
	err6 = change_rule(rt, RTM_NEWRULE, AF_INET6, rule);
	if (err6 == -EEXIST || err6 == -EAFNOSUPPORT || err6 == -EOPNOTSUPP)
		return err;
	return err6;
}

int route_rule_del(struct knl *rt, const struct route_rule *rule)
{
	int err = change_rule(rt, RTM_DELRULE, AF_INET, rule);
	int err6 = change_rule(rt, RTM_DELRULE, AF_INET6, rule);

	if (err && err != -ENOENT)
		return err;
	return err6 == -ENOENT || err6 == -EAFNOSUPPORT || err6 == -EOPNOTSUPP ? 0 : err6;
}
