/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whose packet it is: the socket is charged for a packet until its last byte has left, TCP keeps its queues short by
 * that (TSQ). Only owners that count sk_wmem_alloc by truesize can be moved to a copy.
 */
#ifndef _VGW_OWNER_H
#define _VGW_OWNER_H

#include <linux/skbuff.h>
#include <net/sock.h>

/* Not those that have only a reference left, because a qdisc gave the charge back (netem), or they came in with it. */
static inline bool vgw_owner_is_charged(const struct sk_buff *skb)
{
	return skb->destructor && skb->destructor != sock_efree && skb->destructor != sock_pfree;
}

static inline bool vgw_owner_is_tcp(const struct sk_buff *skb)
{
	const struct sock *sk = skb->sk;

	return sk && sk_fullsock(sk) && sk->sk_protocol == IPPROTO_TCP && sk->sk_type == SOCK_STREAM &&
	       vgw_owner_is_charged(skb);
}

/* A packet goes on as another one: the charge goes over, and is made as large as that. */
static inline void vgw_owner_move(struct sk_buff *to, struct sk_buff *from)
{
	int more = to->truesize - from->truesize;

	if (!vgw_owner_is_tcp(from))
		return;
	swap(to->sk, from->sk);
	swap(to->destructor, from->destructor);
	if (more > 0)
		refcount_add(more, &to->sk->sk_wmem_alloc);
	else if (more < 0)
		WARN_ON_ONCE(refcount_sub_and_test(-more, &to->sk->sk_wmem_alloc));
}

/*
 * A part of a TCP socket's packet goes on as another one, whose truesize is final: it is charged beside the whole,
 * whose charge ends with it, after the last part has been made.
 */
static inline void vgw_owner_share(struct sk_buff *to, const struct sk_buff *from)
{
	to->sk = from->sk;
	to->destructor = from->destructor;
	refcount_add(to->truesize, &to->sk->sk_wmem_alloc);
}

#endif /* _VGW_OWNER_H */
