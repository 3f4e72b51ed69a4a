// SPDX-License-Identifier: GPL-2.0
#include "nl/xfrm.h"

#include <errno.h>
#include <linux/xfrm.h>
#include <netlink/msg.h>
#include <string.h>

#include "util/prefix.h"

struct reading {
	xfrm_fn *fn;
	void *arg;
};

static struct ip_prefix selector(const xfrm_address_t *from, uint16_t family, uint8_t length)
{
	struct ip_addr addr = { .len = family == AF_INET6 ? 16 : 4 };

	memcpy(addr.bytes, from, addr.len);
	return prefix_of(&addr, length > addr.len * 8 ? addr.len * 8 : length);
}

static int on_policy(const struct nlmsghdr *nlh, void *arg)
{
	const struct xfrm_userpolicy_info *info = nlmsg_data(nlh);
	const struct reading *reading = arg;
	struct nlattr *attrs[XFRMA_MAX + 1];
	struct xfrm_policy policy = { 0 };

	if (nlh->nlmsg_type != XFRM_MSG_NEWPOLICY ||
	    nlmsg_parse((struct nlmsghdr *)nlh, sizeof(*info), attrs, XFRMA_MAX, NULL) < 0)
		return 0;
	policy.direction = info->dir;
	policy.source = selector(&info->sel.saddr, info->sel.family, info->sel.prefixlen_s);
	policy.destination = selector(&info->sel.daddr, info->sel.family, info->sel.prefixlen_d);
	if (attrs[XFRMA_IF_ID] && nla_len(attrs[XFRMA_IF_ID]) >= (int)sizeof(uint32_t))
		policy.if_id = nla_get_u32(attrs[XFRMA_IF_ID]);
	if (attrs[XFRMA_MARK] && nla_len(attrs[XFRMA_MARK]) >= (int)sizeof(struct xfrm_mark))
		policy.mark_mask = ((const struct xfrm_mark *)nla_data(attrs[XFRMA_MARK]))->m;
	return reading->fn(&policy, reading->arg);
}

int xfrm_policies_read(struct knl *xfrm, xfrm_fn *fn, void *arg)
{
	const struct xfrm_userpolicy_id head = { 0 };
	struct reading reading = { fn, arg };
	struct nl_msg *msg = knl_request_route(xfrm, XFRM_MSG_GETPOLICY, NLM_F_DUMP, &head, sizeof(head));

	return msg ? knl_call(xfrm, msg, on_policy, &reading) : -ENOMEM;
}
