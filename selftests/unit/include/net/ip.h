/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _UNIT_NET_IP_H
#define _UNIT_NET_IP_H

#include <linux/ip.h>
#include <net/checksum.h>
#include <net/tcp.h>

static inline bool ip_is_fragment(const struct iphdr *iph)
{
	return iph->frag_off & htons(IP_MF | IP_OFFSET);
}

static inline void ip_send_check(struct iphdr *iph)
{
	iph->check = 0;
	iph->check = ip_fast_csum(iph, iph->ihl);
}

#endif /* _UNIT_NET_IP_H */
