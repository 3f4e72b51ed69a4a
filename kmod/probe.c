// SPDX-License-Identifier: GPL-2.0
#include "probe.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <net/ip6_checksum.h>

#include "dev.h"
#include "esp.h"
#include "inner.h"
#include "limits.h"
#include "outer.h"
#include "sa.h"
#include "tunnel.h"
#include "tx.h"

enum {
	NEVER = 0,			/* jiffies until the next look, or this */
	ROUTE_RETRY_S = 1,		/* seconds between looks for a way to the peer */
	ECHO_HOPS = 255,
};

static struct vgw_probe *probe_of(const struct vgw_tunnel *tunnel)
{
	return rcu_dereference_protected(tunnel->probe, lockdep_is_held(&tunnel->dev->outer->lock));
}

/* The earlier of two times to look again. */
static unsigned long sooner(unsigned long a, unsigned long b)
{
	return a == NEVER ? b : b == NEVER ? a : min(a, b);
}

/* Jiffies from now until then, at least one. */
static unsigned long until(u64 then)
{
	u64 now = get_jiffies_64();

	return time_before64(now, then) ? then - now : 1;
}

/* ---- the route ---- */

/* Is there a way to the peer now? Process context; caller holds the outer lock and updates the tunnel afterwards. */
void vgw_probe_route(struct vgw_tunnel *tunnel)
{
	struct vgw_way way;
	int err;

	local_bh_disable();
	rcu_read_lock();
	err = vgw_outer_route(tunnel, rcu_dereference(tunnel->endpoint), &way);
	if (!err)
		dst_release(way.dst);
	rcu_read_unlock();
	local_bh_enable();
	WRITE_ONCE(tunnel->route, !err ? VGW_REASON_NONE : err == -ELOOP ? VGW_REASON_LOOP : VGW_REASON_NO_ROUTE);
}

/* ---- the echo ---- */

/* What an echo request carries beside its headers: nothing, the time is kept here. */
static void put_echo4(struct sk_buff *skb, const struct vgw_probe *probe)
{
	struct icmphdr *icmp = skb_put_zero(skb, sizeof(*icmp));
	struct iphdr *iph;

	icmp->type = ICMP_ECHO;
	icmp->un.echo.id = probe->id;
	icmp->un.echo.sequence = htons(probe->seq);
	icmp->checksum = ip_compute_csum(icmp, sizeof(*icmp));
	iph = skb_push(skb, sizeof(*iph));
	*iph = (struct iphdr){
		.version = 4,
		.ihl = sizeof(*iph) / 4,
		.tot_len = htons(skb->len),
		.frag_off = htons(IP_DF),
		.ttl = ECHO_HOPS,
		.protocol = IPPROTO_ICMP,
		.saddr = probe->source.ip4,
		.daddr = probe->target.ip4,
	};
	iph->check = ip_fast_csum(iph, iph->ihl);
	skb->protocol = htons(ETH_P_IP);
}

static void put_echo6(struct sk_buff *skb, const struct vgw_probe *probe)
{
	struct icmp6hdr *icmp = skb_put_zero(skb, sizeof(*icmp));
	struct ipv6hdr *ip6h;

	icmp->icmp6_type = ICMPV6_ECHO_REQUEST;
	icmp->icmp6_identifier = probe->id;
	icmp->icmp6_sequence = htons(probe->seq);
	icmp->icmp6_cksum = csum_ipv6_magic(&probe->source.ip6, &probe->target.ip6, sizeof(*icmp), IPPROTO_ICMPV6,
					    csum_partial(icmp, sizeof(*icmp), 0));
	ip6h = skb_push(skb, sizeof(*ip6h));
	*ip6h = (struct ipv6hdr){
		.version = 6,
		.payload_len = htons(sizeof(*icmp)),
		.nexthdr = IPPROTO_ICMPV6,
		.hop_limit = ECHO_HOPS,
		.saddr = probe->source.ip6,
		.daddr = probe->target.ip6,
	};
	skb->protocol = htons(ETH_P_IPV6);
}

/* Past the queueing layer, which sends nothing without carrier. */
static void send_echo(struct vgw_tunnel *tunnel, struct vgw_probe *probe)
{
	struct net_device *netdev = tunnel->dev->netdev;
	unsigned int head = READ_ONCE(netdev->needed_headroom) + sizeof(struct ipv6hdr);
	struct sk_buff *skb;

	skb = alloc_skb(head + sizeof(struct icmp6hdr) + netdev->needed_tailroom, GFP_KERNEL);
	if (!skb)
		return;
	skb_reserve(skb, head);
	WRITE_ONCE(probe->seq, probe->seq + 1);
	if (probe->target.len == VGW_ADDR4_LEN)
		put_echo4(skb, probe);
	else
		put_echo6(skb, probe);
	skb->dev = netdev;
	skb_reset_network_header(skb);
	probe->sent++;
	probe->asked = get_jiffies_64();
	WRITE_ONCE(probe->asked_at, ktime_get_ns());
	local_bh_disable();
	rcu_read_lock();
	vgw_tx_through(tunnel, skb);
	rcu_read_unlock();
	local_bh_enable();
}

static bool is_answer4(const struct vgw_probe *probe, const struct sk_buff *skb)
{
	unsigned int offset = skb_network_offset(skb) + ip_hdr(skb)->ihl * 4;
	const struct icmphdr *icmp;
	struct icmphdr buf;

	if (ip_hdr(skb)->protocol != IPPROTO_ICMP || ip_hdr(skb)->saddr != probe->target.ip4 ||
	    ip_hdr(skb)->daddr != probe->source.ip4)
		return false;
	icmp = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	return icmp && icmp->type == ICMP_ECHOREPLY && icmp->un.echo.id == probe->id &&
	       icmp->un.echo.sequence == htons(READ_ONCE(probe->seq));
}

static bool is_answer6(const struct vgw_probe *probe, const struct sk_buff *skb)
{
	unsigned int offset = skb_network_offset(skb) + sizeof(struct ipv6hdr);
	const struct icmp6hdr *icmp;
	struct icmp6hdr buf;

	if (ipv6_hdr(skb)->nexthdr != IPPROTO_ICMPV6 || !ipv6_addr_equal(&ipv6_hdr(skb)->saddr, &probe->target.ip6) ||
	    !ipv6_addr_equal(&ipv6_hdr(skb)->daddr, &probe->source.ip6))
		return false;
	icmp = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	return icmp && icmp->icmp6_type == ICMPV6_ECHO_REPLY && icmp->icmp6_identifier == probe->id &&
	       icmp->icmp6_sequence == htons(READ_ONCE(probe->seq));
}

/**
 * vgw_probe_answer_rcu() - take a packet that answers the tunnel's last probe
 * @tunnel: it came by
 * @skb: the inner packet, its network header linear with options
 *
 * Softirq; caller is in an RCU read section. Returns true when nobody else needs to see the packet.
 */
bool vgw_probe_answer_rcu(struct vgw_tunnel *tunnel, const struct sk_buff *skb)
{
	struct vgw_probe *probe = rcu_dereference(tunnel->probe);
	bool ip4 = vgw_inner_is_ip4(skb);

	if (likely(!probe) || probe->target.len != (ip4 ? VGW_ADDR4_LEN : VGW_ADDR6_LEN))
		return false;
	if (!(ip4 ? is_answer4(probe, skb) : is_answer6(probe, skb)))
		return false;
	WRITE_ONCE(probe->rtt, ktime_get_ns() - READ_ONCE(probe->asked_at));
	atomic64_inc(&probe->answered);
	return true;
}

/* Draw the conclusion of the last round; any authentic packet since then is an answer. */
static void conclude(struct vgw_probe *probe, bool answered)
{
	bool contradicts = answered != (probe->state == VGW_PROBE_STATE_ALIVE);

	/* The first answer makes the silence after it mean something. */
	if (probe->state == VGW_PROBE_STATE_WAITING) {
		if (answered)
			probe->state = VGW_PROBE_STATE_ALIVE;
		return;
	}
	probe->row = contradicts ? probe->row + 1 : 0;
	if (probe->row < probe->misses)
		return;
	probe->state = answered ? VGW_PROBE_STATE_ALIVE : VGW_PROBE_STATE_DEAD;
	probe->row = 0;
}

/* One round of the probe, when it is time. Returns jiffies until the next one. */
static unsigned long do_probe(struct vgw_tunnel *tunnel)
{
	struct vgw_probe *probe = probe_of(tunnel);
	struct vgw_sa *out;

	if (!probe)
		return NEVER;
	if (time_before64(get_jiffies_64(), probe->due))
		return until(probe->due);
	out = rcu_dereference_protected(tunnel->out, lockdep_is_held(&tunnel->dev->outer->lock));
	if (!out || !vgw_sa_usable(out) || !tunnel->admin_up) {
		/* Nothing to say about a tunnel that cannot be asked. */
		probe->state = VGW_PROBE_STATE_WAITING;
		probe->row = 0;
		probe->asked = 0;
		return NEVER;
	}
	if (probe->asked)
		conclude(probe, time_after_eq64(READ_ONCE(tunnel->last_rx), probe->asked));
	send_echo(tunnel, probe);
	probe->due = get_jiffies_64() + msecs_to_jiffies(probe->interval);
	return until(probe->due);
}

/* ---- the rest ---- */

/* Remind the NAT when nothing was sent for long. Returns jiffies until the next look. */
static unsigned long do_keepalive(struct vgw_tunnel *tunnel)
{
	unsigned long seconds = tunnel->options.keepalive;
	struct vgw_endpoint *endpoint;
	struct vgw_way way;
	u64 due;

	endpoint = vgw_tunnel_endpoint(tunnel);
	if (!seconds || endpoint->encap != VGW_ENCAP_UDP || !tunnel->admin_up || !rcu_access_pointer(tunnel->out))
		return NEVER;
	due = READ_ONCE(tunnel->last_tx) + seconds * HZ;
	if (time_before64(get_jiffies_64(), due))
		return until(due);
	local_bh_disable();
	rcu_read_lock();
	if (!vgw_outer_route(tunnel, endpoint, &way)) {
		vgw_outer_keepalive(tunnel, &way);
		dst_release(way.dst);
	}
	rcu_read_unlock();
	local_bh_enable();
	return seconds * HZ;
}

/* Packets wait for an SA only so long. Returns jiffies until the next look. */
static unsigned long do_waiting(struct vgw_tunnel *tunnel)
{
	bool empty;
	u64 due;

	spin_lock_bh(&tunnel->waiting.lock);
	empty = skb_queue_empty(&tunnel->waiting);
	due = tunnel->waiting_since + VGW_WAITING_S * HZ;
	spin_unlock_bh(&tunnel->waiting.lock);
	if (empty)
		return NEVER;
	if (time_before64(get_jiffies_64(), due))
		return until(due);
	vgw_tunnel_drop_waiting(tunnel);
	return NEVER;
}

/* Jiffies until the next look at what is to be done again at that time (64-bit jiffies), if ever. */
static unsigned long next_at(u64 again)
{
	return again ? until(again) : NEVER;
}

/* Look after everything, and again when the next thing is due. Puts the reference that the work has. */
void vgw_probe_watch(struct work_struct *work)
{
	struct vgw_tunnel *tunnel = container_of(to_delayed_work(work), struct vgw_tunnel, watch);
	unsigned long next = NEVER;
	bool again;

	mutex_lock(&tunnel->dev->outer->lock);
	if (!tunnel->dead) {
		next = next_at(vgw_tunnel_follow_move(tunnel));
		vgw_probe_route(tunnel);
		if (READ_ONCE(tunnel->route) != VGW_REASON_NONE)
			next = sooner(next, ROUTE_RETRY_S * HZ);
		next = sooner(next, do_probe(tunnel));
		next = sooner(next, do_keepalive(tunnel));
		next = sooner(next, do_waiting(tunnel));
		vgw_tunnel_update(tunnel);
		next = sooner(next, next_at(vgw_tunnel_tell_wants(tunnel)));
	}
	/* With the lock, or a removal in between would not find it queued, and the device would wait for it. */
	again = next != NEVER && queue_delayed_work(vgw_wq, &tunnel->watch, next);
	mutex_unlock(&tunnel->dev->outer->lock);
	if (!again)
		vgw_tunnel_put(tunnel);
}
