// SPDX-License-Identifier: GPL-2.0
#include "event.h"

#include <net/genetlink.h>

#include "dev.h"
#include "sa.h"

enum { GROUP_EVENTS };

static const struct genl_family *event_family;

/**
 * vgw_event_bind() - say which family the events belong to
 * @family: registered, with the multicast group of events as its first
 */
void vgw_event_bind(const struct genl_family *family)
{
	event_family = family;
}

/* Say in a message which interface it is about. Returns -EMSGSIZE when it is full. */
int vgw_event_put_dev(struct sk_buff *msg, const struct vgw_dev *dev)
{
	if (nla_put_u32(msg, VGW_A_IFINDEX, dev->netdev->ifindex) ||
	    nla_put_string(msg, VGW_A_IFNAME, dev->netdev->name))
		return -EMSGSIZE;
	return 0;
}

static int put_tunnel(struct sk_buff *msg, const struct vgw_event *event)
{
	struct nlattr *nest = nla_nest_start(msg, VGW_A_TUNNEL);

	if (!nest || nla_put_string(msg, VGW_A_TUNNEL_NAME, event->name) ||
	    nla_put_u32(msg, VGW_A_TUNNEL_ID, event->id) ||
	    nla_put_u8(msg, VGW_A_TUNNEL_STATE, event->state) ||
	    nla_put_u8(msg, VGW_A_TUNNEL_REASON, event->reason) ||
	    nla_put(msg, VGW_A_TUNNEL_REMOTE, event->remote->len, event->remote->bytes) ||
	    nla_put_u8(msg, VGW_A_TUNNEL_ENCAP, event->encap))
		return -EMSGSIZE;
	if (event->encap == VGW_ENCAP_UDP && nla_put_u16(msg, VGW_A_TUNNEL_DPORT, ntohs(event->dport)))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int put_sa(struct sk_buff *msg, enum vgw_direction dir, __be32 spi, enum vgw_expiry expiry)
{
	struct nlattr *nest = nla_nest_start(msg, VGW_A_SA);

	if (!nest || nla_put_u8(msg, VGW_A_SA_DIRECTION, dir) ||
	    nla_put_u32(msg, VGW_A_SA_SPI, be32_to_cpu(spi)) ||
	    (expiry && nla_put_u8(msg, VGW_A_SA_EXPIRY, expiry)))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static struct sk_buff *start_event(u8 cmd, const struct vgw_dev *dev, void **head)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);

	if (!msg)
		return NULL;
	*head = genlmsg_put(msg, 0, 0, event_family, 0, cmd);
	if (!*head || vgw_event_put_dev(msg, dev)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

/* Tell the interface's namespace, and have @msg say which one that is as the outer one numbers it. */
static void send_inner(struct sk_buff *msg, void *head, struct net *inner, struct net *outer)
{
	struct sk_buff *copy = skb_copy(msg, GFP_KERNEL);
	int id = peernet2id_alloc(outer, inner, GFP_KERNEL);

	if (copy)
		genlmsg_multicast_netns(event_family, inner, copy, 0, GROUP_EVENTS, GFP_KERNEL);
	if (id >= 0 && !nla_put_u32(msg, VGW_A_NETNSID, id))
		genlmsg_end(msg, head);
}

/* Events may be lost: nothing can be done about it, and listeners know how to resynchronise. */
static void send_event(struct sk_buff *msg, void *head, const struct vgw_dev *dev)
{
	struct net *inner, *outer = dev->outer->net;

	genlmsg_end(msg, head);
	/* The device may be on the move to another namespace. */
	rcu_read_lock();
	inner = maybe_get_net(dev_net(dev->netdev));
	rcu_read_unlock();
	if (inner && !net_eq(inner, outer))
		send_inner(msg, head, inner, outer);
	if (inner)
		put_net(inner);
	genlmsg_multicast_netns(event_family, outer, msg, 0, GROUP_EVENTS, GFP_KERNEL);
}

static void send_tunnel(u8 cmd, const struct vgw_event *event)
{
	struct sk_buff *msg;
	void *head;

	msg = start_event(cmd, event->dev, &head);
	if (!msg)
		return;
	if (put_tunnel(msg, event))
		nlmsg_free(msg);
	else
		send_event(msg, head, event->dev);
}

/**
 * vgw_event_tunnel() - a tunnel was made, changed its state, has moved or is gone
 * @event: the tunnel
 *
 * May sleep.
 */
void vgw_event_tunnel(const struct vgw_event *event)
{
	send_tunnel(VGW_CMD_TUNNEL_NTF, event);
}

/* A packet waits for a tunnel that starts on demand. May sleep. */
void vgw_event_acquire(const struct vgw_event *event)
{
	send_tunnel(VGW_CMD_ACQUIRE_NTF, event);
}

/**
 * vgw_event_sa_expire() - an SA reached a limit
 * @event: its tunnel
 * @sa: the SA
 * @expiry: which limit
 *
 * May sleep.
 */
void vgw_event_sa_expire(const struct vgw_event *event, const struct vgw_sa *sa, enum vgw_expiry expiry)
{
	struct sk_buff *msg;
	void *head;

	msg = start_event(VGW_CMD_SA_EXPIRE_NTF, event->dev, &head);
	if (!msg)
		return;
	if (put_tunnel(msg, event) || put_sa(msg, sa->dir, sa->spi, expiry))
		nlmsg_free(msg);
	else
		send_event(msg, head, event->dev);
}

/* A packet that names an inbound SA of the tunnel was forged, or sealed with another key. May sleep. */
void vgw_event_auth_fail(const struct vgw_event *event, __be32 spi)
{
	struct sk_buff *msg;
	void *head;

	msg = start_event(VGW_CMD_AUTH_FAIL_NTF, event->dev, &head);
	if (!msg)
		return;
	if (put_tunnel(msg, event) || put_sa(msg, VGW_DIRECTION_IN, spi, 0))
		nlmsg_free(msg);
	else
		send_event(msg, head, event->dev);
}
