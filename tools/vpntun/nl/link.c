// SPDX-License-Identifier: GPL-2.0
#include "nl/link.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

/* The list with room for one more object, or NULL; it doubles each time its size has become a power of two. */
static void *grow(void *list, size_t count, size_t size)
{
	if (count & (count - 1))
		return list;
	return reallocarray(list, count ? count * 2 : 1, size);
}

/* ---- devices ---- */

static void read_vrf(struct nlattr *data, struct link_info *link)
{
	struct nlattr *table = nla_find(nla_data(data), nla_len(data), IFLA_VRF_TABLE);

	if (table && nla_len(table) == sizeof(uint32_t))
		link->vrf_table = nla_get_u32(table);
}

static void read_kind(struct nlattr *info, struct link_info *link)
{
	struct nlattr *kind = nla_find(nla_data(info), nla_len(info), IFLA_INFO_KIND);
	struct nlattr *data = nla_find(nla_data(info), nla_len(info), IFLA_INFO_DATA);

	if (kind)
		name_copy(link->kind, sizeof(link->kind), nla_data(kind), nla_len(kind));
	if (data && !strcmp(link->kind, "vrf"))
		read_vrf(data, link);
}

static int add_link(const struct nlmsghdr *nlh, void *arg)
{
	const struct ifinfomsg *head = nlmsg_data(nlh);
	struct links *links = arg;
	struct link_info *link;
	struct nlattr *attr;

	if (nlh->nlmsg_type != RTM_NEWLINK || !nlmsg_valid_hdr(nlh, sizeof(*head)))
		return 0;
	link = grow(links->list, links->count, sizeof(*link));
	if (!link)
		return -ENOMEM;
	links->list = link;
	link += links->count++;

	memset(link, 0, sizeof(*link));
	link->index = head->ifi_index;
	link->up = head->ifi_flags & IFF_UP;
	attr = nlmsg_find_attr((void *)nlh, sizeof(*head), IFLA_IFNAME);
	if (attr)
		name_copy(link->name, sizeof(link->name), nla_data(attr), nla_len(attr));
	attr = nlmsg_find_attr((void *)nlh, sizeof(*head), IFLA_MASTER);
	if (attr && nla_len(attr) == sizeof(uint32_t))
		link->master = nla_get_u32(attr);
	attr = nlmsg_find_attr((void *)nlh, sizeof(*head), IFLA_LINKINFO);
	if (attr)
		read_kind(attr, link);
	return 0;
}

int links_fetch(struct knl *rt, struct links *out)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC };
	struct nl_msg *msg;
	int err;

	memset(out, 0, sizeof(*out));
	msg = knl_request_route(rt, RTM_GETLINK, NLM_F_DUMP, &head, sizeof(head));
	if (!msg)
		return -ENOMEM;
	err = knl_call(rt, msg, add_link, out);
	if (!err || err == -EINTR)	/* what changes meanwhile is told by an event */
		return 0;
	links_free(out);
	return err;
}

void links_free(struct links *links)
{
	free(links->list);
	memset(links, 0, sizeof(*links));
}

const struct link_info *links_by_name(const struct links *links, const char *name)
{
	size_t i;

	for (i = 0; i < links->count; i++)
		if (!strcmp(links->list[i].name, name))
			return &links->list[i];
	return NULL;
}

const struct link_info *links_by_index(const struct links *links, uint32_t index)
{
	size_t i;

	for (i = 0; i < links->count; i++)
		if (links->list[i].index == index)
			return &links->list[i];
	return NULL;
}

bool links_is_kind(const struct links *links, uint32_t index, const char *kind)
{
	const struct link_info *link = links_by_index(links, index);

	return link && !strcmp(link->kind, kind);
}

int link_make(struct knl *rt, const char *name, const char *kind, int netns)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC };
	struct nlattr *info;
	struct nl_msg *msg;
	bool filled;

	msg = knl_request_route(rt, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head));
	if (!msg)
		return -ENOMEM;
	filled = !nla_put_string(msg, IFLA_IFNAME, name) &&
		 (netns == LINK_HERE || !nla_put_u32(msg, IFLA_NET_NS_FD, netns));
	info = nla_nest_start(msg, IFLA_LINKINFO);
	filled = filled && info && !nla_put_string(msg, IFLA_INFO_KIND, kind) && !nla_nest_end(msg, info);
	return knl_call_filled(rt, msg, filled);
}

int link_delete(struct knl *rt, uint32_t index, int32_t netnsid)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC, .ifi_index = index };
	struct nl_msg *msg = knl_request_route(rt, RTM_DELLINK, 0, &head, sizeof(head));

	if (!msg)
		return -ENOMEM;
	return knl_call_filled(rt, msg, netnsid == LINK_HERE || !nla_put_s32(msg, IFLA_TARGET_NETNSID, netnsid));
}

int link_up(struct knl *rt, uint32_t index)
{
	struct ifinfomsg head = {
		.ifi_family = AF_UNSPEC, .ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP,
	};
	struct nl_msg *msg = knl_request_route(rt, RTM_NEWLINK, 0, &head, sizeof(head));

	return msg ? knl_call(rt, msg, NULL, NULL) : -ENOMEM;
}

int link_enslave(struct knl *rt, uint32_t index, uint32_t master)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC, .ifi_index = index };
	struct nl_msg *msg = knl_request_route(rt, RTM_NEWLINK, 0, &head, sizeof(head));

	return msg ? knl_call_filled(rt, msg, !nla_put_u32(msg, IFLA_MASTER, master)) : -ENOMEM;
}

/* ---- addresses ---- */

static int add_addr(const struct nlmsghdr *nlh, void *arg)
{
	const struct ifaddrmsg *head = nlmsg_data(nlh);
	struct link_addrs *addrs = arg;
	struct link_addr *addr;
	struct nlattr *attr;

	if (nlh->nlmsg_type != RTM_NEWADDR || !nlmsg_valid_hdr(nlh, sizeof(*head)))
		return 0;
	/* IFA_ADDRESS is the far end's where there is an IFA_LOCAL. */
	attr = nlmsg_find_attr((void *)nlh, sizeof(*head), IFA_LOCAL);
	if (!attr)
		attr = nlmsg_find_attr((void *)nlh, sizeof(*head), IFA_ADDRESS);
	if (!attr || (nla_len(attr) != 4 && nla_len(attr) != 16))
		return 0;
	addr = grow(addrs->list, addrs->count, sizeof(*addr));
	if (!addr)
		return -ENOMEM;
	addrs->list = addr;
	addr += addrs->count++;

	memset(addr, 0, sizeof(*addr));
	addr->index = head->ifa_index;
	addr->length = head->ifa_prefixlen;
	addr->addr.len = nla_len(attr);
	memcpy(addr->addr.bytes, nla_data(attr), addr->addr.len);
	addr->link_local = head->ifa_family == AF_INET6 && head->ifa_scope == RT_SCOPE_LINK;
	return 0;
}

int link_addrs_fetch(struct knl *rt, struct link_addrs *out)
{
	struct ifaddrmsg head = { .ifa_family = AF_UNSPEC };
	struct nl_msg *msg;
	int err;

	memset(out, 0, sizeof(*out));
	msg = knl_request_route(rt, RTM_GETADDR, NLM_F_DUMP, &head, sizeof(head));
	if (!msg)
		return -ENOMEM;
	err = knl_call(rt, msg, add_addr, out);
	if (!err || err == -EINTR)
		return 0;
	link_addrs_free(out);
	return err;
}

void link_addrs_free(struct link_addrs *addrs)
{
	free(addrs->list);
	memset(addrs, 0, sizeof(*addrs));
}

static int change_addr(struct knl *rt, uint16_t type, int flags, const struct link_addr *addr)
{
	struct ifaddrmsg head = {
		.ifa_family = addr->addr.len == 4 ? AF_INET : AF_INET6,
		.ifa_prefixlen = addr->length,
		/* Nobody else can have it at the end of a tunnel: usable at once. */
		.ifa_flags = addr->addr.len == 16 ? IFA_F_NODAD : 0,
		.ifa_index = addr->index,
	};
	struct nl_msg *msg = knl_request_route(rt, type, flags, &head, sizeof(head));

	if (!msg)
		return -ENOMEM;
	return knl_call_filled(rt, msg, !nla_put(msg, IFA_LOCAL, addr->addr.len, addr->addr.bytes) &&
				       !nla_put(msg, IFA_ADDRESS, addr->addr.len, addr->addr.bytes));
}

int link_addr_add(struct knl *rt, const struct link_addr *addr)
{
	return change_addr(rt, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, addr);
}

int link_addr_del(struct knl *rt, const struct link_addr *addr)
{
	int err = change_addr(rt, RTM_DELADDR, 0, addr);

	return err == -EADDRNOTAVAIL ? 0 : err;
}
