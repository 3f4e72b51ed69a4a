// SPDX-License-Identifier: GPL-2.0
#include "nl_gen.h"

int vgw_nl_socket_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return -EOPNOTSUPP;
}
