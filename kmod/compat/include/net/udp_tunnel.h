/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VGW_COMPAT_NET_UDP_TUNNEL_H
#define _VGW_COMPAT_NET_UDP_TUNNEL_H

#include_next <net/udp_tunnel.h>

/* These were given a socket of userspace's kind once, one after the other, and now the network's. */
#define setup_udp_tunnel_sock(netns, sk, cfg)						\
	setup_udp_tunnel_sock(netns, _Generic(&(setup_udp_tunnel_sock),			\
		void (*)(struct net *, struct socket *, struct udp_tunnel_sock_cfg *): (sk)->sk_socket, \
		default: (sk)), cfg)
#define udp_tunnel_sock_release(sk)							\
	udp_tunnel_sock_release(_Generic(&(udp_tunnel_sock_release),			\
		void (*)(struct socket *): (sk)->sk_socket,				\
		default: (sk)))
#define udp_tunnel_encap_enable(sk)							\
	udp_tunnel_encap_enable(_Generic(&(udp_tunnel_encap_enable),			\
		void (*)(struct socket *): (sk)->sk_socket,				\
		default: (sk)))

#endif /* _VGW_COMPAT_NET_UDP_TUNNEL_H */
