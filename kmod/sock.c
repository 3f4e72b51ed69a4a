// SPDX-License-Identifier: GPL-2.0
#include "sock.h"

#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/udp.h>
#include <linux/wait_bit.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/udp_tunnel.h>

#include "dev.h"
#include "shortcut.h"
#include "wire.h"

/* Any but UDP_ENCAP_ESPINUDP: of such sockets kernels from 6.7 on have IPsec's GRO take what would be joined for us. */
enum { ENCAP_TYPE = 1 };

/**
 * struct habits - what a socket of userspace's is like by itself
 * @no_check6_rx: takes datagrams without a checksum over IPv6
 * @gro: takes datagrams joined by the kernel
 */
struct habits {
	bool no_check6_rx;
	bool gro;
};

/**
 * struct vgw_sock - a UDP port that ESP comes by, for all tunnels of a namespace that use it; outer lock
 * @list: in vgw_net.socks
 * @vn: the namespace
 * @users: tunnels
 * @family: AF_INET or AF_INET6
 * @port: UDP
 * @ifindex: of the device or VRF that it is bound to, 0: none
 * @own: the module's socket, while nobody has handed over one
 * @adopted: a socket of userspace's, to which this holds a reference
 * @before: what @adopted was like before
 * @reuse: SO_REUSEADDR of the socket while share() overrides it
 *
 * There is one while it has users or an adopted socket. It has one of the two sockets, or, when none could be opened
 * after the owner of the adopted one had closed that, neither.
 */
struct vgw_sock {
	struct list_head list;
	struct vgw_net *vn;
	unsigned int users;
	sa_family_t family;
	__be16 port;
	int ifindex;
	struct socket *own;
	struct sock *adopted;
	struct habits before;
	unsigned char reuse;
};

/* Sockets of userspace's whose hooks lead here, and those just being closed by way of them. */
static atomic_t hooked = ATOMIC_INIT(0);

static void unhook_done(void)
{
	if (atomic_dec_and_test(&hooked))
		wake_up_var(&hooked);
}

static struct vgw_sock *find_sock(struct vgw_net *vn, sa_family_t family, __be16 port, int ifindex)
{
	struct vgw_sock *sock;

	lockdep_assert_held(&vn->lock);
	list_for_each_entry(sock, &vn->socks, list)
		if (sock->family == family && sock->port == port && sock->ifindex == ifindex)
			return sock;
	return NULL;
}

/* Of which port datagrams are taken before they come to a socket: where devices have sockets of their own, of none. */
static void choose_port(struct vgw_net *vn)
{
	struct vgw_sock *sock;
	__be16 port = 0;

	list_for_each_entry_reverse(sock, &vn->socks, list) {
		if (sock->ifindex) {
			port = 0;
			break;
		}
		port = sock->port;
	}
	WRITE_ONCE(vn->natt_port, port);
}

static struct vgw_sock *create_sock(struct vgw_net *vn, sa_family_t family, __be16 port, int ifindex)
{
	struct vgw_sock *sock = kzalloc(sizeof(*sock), GFP_KERNEL);

	if (!sock)
		return NULL;
	if (list_empty(&vn->socks) && vgw_shortcut_start(vn)) {
		kfree(sock);
		return NULL;
	}
	sock->vn = vn;
	sock->family = family;
	sock->port = port;
	sock->ifindex = ifindex;
	list_add(&sock->list, &vn->socks);
	choose_port(vn);
	return sock;
}

/* It has no socket any more. */
static void free_sock(struct vgw_sock *sock)
{
	list_del(&sock->list);
	choose_port(sock->vn);
	if (list_empty(&sock->vn->socks))
		vgw_shortcut_stop(sock->vn);
	kfree(sock);
}

/* NULL without memory. */
static struct vgw_sock *get_sock(struct vgw_net *vn, sa_family_t family, __be16 port, int ifindex)
{
	return find_sock(vn, family, port, ifindex) ?: create_sock(vn, family, port, ifindex);
}

static void free_unused(struct vgw_sock *sock)
{
	if (!sock->users && !sock->adopted)
		free_sock(sock);
}

/* ---- binding ---- */

static unsigned char set_reuse(struct sock *sk, unsigned char reuse)
{
	unsigned char before;

	lock_sock(sk);
	before = sk->sk_reuse;
	sk->sk_reuse = reuse;
	release_sock(sk);
	return before;
}

/*
 * Let one more socket of ours bind a port that some have: another VRF's, or a successor. Meanwhile others can who ask
 * for SO_REUSEADDR; SO_REUSEPORT, which compares users, puts an IPv6 successor last. Returns whether there are any.
 */
static bool share(struct vgw_net *vn, sa_family_t family, __be16 port)
{
	struct vgw_sock *sock;
	bool any = false;
	struct sock *sk;

	list_for_each_entry(sock, &vn->socks, list) {
		sk = sock->own ? sock->own->sk : sock->adopted;
		if (!sk || sock->family != family || sock->port != port)
			continue;
		sock->reuse = set_reuse(sk, SK_CAN_REUSE);
		any = true;
	}
	return any;
}

static void unshare(struct vgw_net *vn, sa_family_t family, __be16 port)
{
	struct vgw_sock *sock;
	struct sock *sk;

	list_for_each_entry(sock, &vn->socks, list) {
		sk = sock->own ? sock->own->sk : sock->adopted;
		if (sk && sock->family == family && sock->port == port)
			set_reuse(sk, sock->reuse);
	}
}

/* Bind to any address. Of several sockets that may have a packet, the stack takes the one that was bound last. */
static int bind_any(struct vgw_net *vn, struct socket *socket, __be16 port)
{
	struct sockaddr_in addr4 = { .sin_family = AF_INET, .sin_port = port };
	struct sockaddr_in6 addr6 = { .sin6_family = AF_INET6, .sin6_port = port };
	sa_family_t family = socket->sk->sk_family;
	unsigned char reuse = 0;
	bool shared;
	int err;

	shared = share(vn, family, port);
	if (shared)
		reuse = set_reuse(socket->sk, SK_CAN_REUSE);
	if (family == AF_INET)
		err = kernel_bind(socket, (struct sockaddr_unsized *)&addr4, sizeof(addr4));
	else
		err = kernel_bind(socket, (struct sockaddr_unsized *)&addr6, sizeof(addr6));
	if (shared)
		set_reuse(socket->sk, reuse);
	unshare(vn, family, port);
	return err;
}

/* ---- habits ---- */

/* Have the kernel join datagrams for it. May sleep; takes its lock. */
static void set_gro(struct sock *sk, bool gro)
{
	int value = gro;

	sk->sk_prot->setsockopt(sk, SOL_UDP, UDP_GRO, KERNEL_SOCKPTR(&value), sizeof(value));
}

static struct habits habits_of(struct sock *sk)
{
	return (struct habits){
		.no_check6_rx = udp_get_no_check6_rx(sk),
		.gro = udp_test_bit(GRO_ENABLED, sk),
	};
}

/* ---- the module's own sockets ---- */

/* A socket of the module's does not hold its namespace. It takes ESP from the moment it is bound. */
static struct socket *open_socket(const struct vgw_sock *sock)
{
	struct vgw_net *vn = sock->vn;
	struct udp_tunnel_sock_cfg how = {
		.sk_user_data = vn,
		.encap_type = ENCAP_TYPE,
		.encap_rcv = vgw_wire_udp_own,
		.encap_err_lookup = vgw_wire_udp_err,
	};
	struct socket *socket;
	int err;

	err = sock_create_kern(vn->net, sock->family, SOCK_DGRAM, IPPROTO_UDP, &socket);
	if (err)
		return ERR_PTR(err);
	setup_udp_tunnel_sock(vn->net, socket->sk, &how);
	if (sock->family == AF_INET6) {
		ip6_sock_set_v6only(socket->sk);
		/* Peers that send no checksum over IPv6 are not turned away: the ICV says more. */
		udp_set_no_check6_rx(socket->sk, true);
	}
	set_gro(socket->sk, true);
	if (sock->ifindex)
		err = sock_bindtoindex(socket->sk, sock->ifindex, true);
	if (!err)
		err = bind_any(vn, socket, sock->port);
	if (err) {
		udp_tunnel_sock_release(socket->sk);
		return ERR_PTR(err);
	}
	return socket;
}

static void close_own(struct vgw_sock *sock)
{
	struct socket *socket = sock->own;

	sock->own = NULL;
	if (socket)
		udp_tunnel_sock_release(socket->sk);
}

static int open_own(struct vgw_sock *sock)
{
	struct socket *socket = open_socket(sock);

	if (IS_ERR(socket))
		return PTR_ERR(socket);
	sock->own = socket;
	return 0;
}

/* ---- sockets of userspace's ---- */

/*
 * The owner closes a socket, which nobody else can use any more. Keep its port as long as a tunnel needs it: the own
 * socket is bound before this one is taken out of the stack's tables, so that there is no packet that finds none.
 * Process context, no locks.
 */
static void vgw_adopted_destroy(struct sock *sk)
{
	struct vgw_net *vn = vgw_net(sock_net(sk));
	struct vgw_sock *sock;
	int err;

	mutex_lock(&vn->lock);
	list_for_each_entry(sock, &vn->socks, list) {
		if (sock->adopted != sk)
			continue;
		err = sock->users ? open_own(sock) : 0;
		if (err)
			net_warn_ratelimited("vgw: keep UDP port %u: error %d\n", ntohs(sock->port), err);
		sock->adopted = NULL;
		sock_put(sk);
		free_unused(sock);
		break;
	}
	mutex_unlock(&vn->lock);
	/*
	 * Its hooks stay for packets that have found it. Once it is out of the tables no more can, so that a grace
	 * period is all that vgw_sock_exit() has to wait for after this.
	 */
	rcu_assign_sk_user_data(sk, NULL);
	sk->sk_prot->unhash(sk);
	unhook_done();
}

/* Caller holds the outer lock and the socket's. */
static int hook(struct vgw_net *vn, struct sock *sk)
{
	struct udp_sock *up = udp_sk(sk);
	int err = 0;

	write_lock_bh(&sk->sk_callback_lock);
	if (sk->sk_user_data)
		err = -EBUSY;
	else
		rcu_assign_sk_user_data(sk, vn);
	write_unlock_bh(&sk->sk_callback_lock);
	if (err)
		return err;
	atomic_inc(&hooked);
	WRITE_ONCE(up->encap_destroy, vgw_adopted_destroy);
	WRITE_ONCE(up->encap_rcv, vgw_wire_udp_adopted);
	WRITE_ONCE(up->encap_err_lookup, vgw_wire_udp_err);
	/* The stack looks at the others only when it sees this one. */
	smp_store_release(&up->encap_type, ENCAP_TYPE);
	/* Undone by the stack when the socket is closed. */
	udp_tunnel_encap_enable(sk);
	if (sk->sk_family == AF_INET6)
		udp_set_no_check6_rx(sk, true);
	return 0;
}

/* Make a plain socket of it again. Packets may be in the hooks until a grace period has passed. */
static void unhook(struct sock *sk, struct habits before)
{
	struct udp_sock *up = udp_sk(sk);
	bool closing;

	set_gro(sk, before.gro);
	lock_sock(sk);
	/* From here on its owner's close() goes through vgw_adopted_destroy(), or is there and waits for our lock. */
	closing = sock_flag(sk, SOCK_DEAD) && READ_ONCE(up->encap_type);
	if (!closing) {
		/* Its owner may have asked for the kernel's own IPsec meanwhile (UDP_ENCAP). */
		if (READ_ONCE(up->encap_rcv) == vgw_wire_udp_adopted) {
			WRITE_ONCE(up->encap_type, 0);
			WRITE_ONCE(up->encap_rcv, NULL);
		}
		WRITE_ONCE(up->encap_err_lookup, NULL);
		WRITE_ONCE(up->encap_destroy, NULL);
		if (sk->sk_family == AF_INET6)
			udp_set_no_check6_rx(sk, before.no_check6_rx);
		rcu_assign_sk_user_data(sk, NULL);
	}
	release_sock(sk);
	if (!closing)
		unhook_done();
}

static void unadopt(struct vgw_sock *sock, bool replaced)
{
	struct sock *sk = sock->adopted;

	sock->adopted = NULL;
	if (!sk)
		return;
	unhook(sk, sock->before);
	/* It keeps the port too: it must not be in the way of those that come after its successor. */
	if (replaced)
		set_reuse(sk, SK_CAN_REUSE);
	sock_put(sk);
}

/* Can ESP be taken from it? Caller holds its lock. */
static int check_socket(const struct vgw_net *vn, const struct sock *sk, __be16 port, struct netlink_ext_ack *extack)
{
	const struct inet_sock *inet = inet_sk(sk);

	if (!net_eq(sock_net(sk), vn->net)) {
		NL_SET_ERR_MSG_MOD(extack, "the socket is of another network namespace");
		return -EXDEV;
	}
	if (sk->sk_state == TCP_ESTABLISHED) {
		NL_SET_ERR_MSG_MOD(extack, "the socket is connected");
		return -EISCONN;
	}
	if (sk->sk_family == AF_INET6 && !ipv6_only_sock(sk)) {
		NL_SET_ERR_MSG_MOD(extack, "an IPv6 socket needs IPV6_V6ONLY");
		return -EINVAL;
	}
	if (sk->sk_reuseport) {
		NL_SET_ERR_MSG_MOD(extack, "the socket shares its packets with others (SO_REUSEPORT)");
		return -EINVAL;
	}
	if (udp_test_bit(GRO_ENABLED, sk)) {
		NL_SET_ERR_MSG_MOD(extack, "the socket takes packets joined (UDP_GRO)");
		return -EINVAL;
	}
	if (!inet->inet_num && !port) {
		NL_SET_ERR_MSG_MOD(extack, "the socket is not bound, and no port is named");
		return -EINVAL;
	}
	if (inet->inet_num && port && port != inet->inet_sport) {
		NL_SET_ERR_MSG_MOD(extack, "the socket is bound to another port");
		return -EINVAL;
	}
	if (sk->sk_family == AF_INET ? inet->inet_rcv_saddr != 0 : !ipv6_addr_any(&sk->sk_v6_rcv_saddr)) {
		NL_SET_ERR_MSG_MOD(extack, "the socket is bound to an address; it has to be bound to any");
		return -EINVAL;
	}
	return 0;
}

/* Check and take a socket that is not ours yet. Sets @bound when it is bound already. */
static int take_socket(struct vgw_net *vn, struct sock *sk, __be16 port, bool *bound, struct netlink_ext_ack *extack)
{
	int err;

	lock_sock(sk);
	err = check_socket(vn, sk, port, extack);
	if (!err) {
		err = READ_ONCE(udp_sk(sk)->encap_type) ? -EBUSY : hook(vn, sk);
		if (err)
			NL_SET_ERR_MSG_MOD(extack, "the socket is in use for another encapsulation");
	}
	*bound = inet_sk(sk)->inet_num;
	release_sock(sk);
	return err;
}

/* Is it what this port has already? */
static bool is_adopted(struct vgw_net *vn, const struct sock *sk, __be16 port)
{
	const struct vgw_sock *sock;

	list_for_each_entry(sock, &vn->socks, list)
		if (sock->adopted == sk)
			return !port || port == sock->port;
	return false;
}

/* Give a hooked socket its place. The one that was there before goes last, so that there is always one. */
static void place_socket(struct vgw_sock *sock, struct sock *sk, struct habits before)
{
	unadopt(sock, true);
	sock_hold(sk);
	sock->adopted = sk;
	sock->before = before;
	set_gro(sk, true);
	close_own(sock);
}

static int bind_there(struct vgw_net *vn, struct socket *socket, __be16 port, struct netlink_ext_ack *extack)
{
	int err = bind_any(vn, socket, port);

	if (err == -EADDRINUSE)
		NL_SET_ERR_MSG_MOD(extack, "another program has this UDP port");
	else if (err)
		NL_SET_ERR_MSG_MOD(extack, "cannot bind the socket to this port");
	return err;
}

static int adopt_locked(struct vgw_net *vn, struct socket *socket, __be16 port, struct netlink_ext_ack *extack)
{
	struct sock *sk = socket->sk;
	struct habits before = habits_of(sk);
	struct vgw_sock *sock;
	bool bound;
	int err;

	if (is_adopted(vn, sk, port))
		return 0;
	err = take_socket(vn, sk, port, &bound, extack);
	if (err)
		return err;
	/* Its place first, as nothing may fail after bind(): that cannot be undone. */
	sock = get_sock(vn, sk->sk_family, bound ? inet_sk(sk)->inet_sport : port, sk->sk_bound_dev_if);
	err = sock ? 0 : -ENOMEM;
	if (sock && !bound)
		err = bind_there(vn, socket, port, extack);
	if (!err) {
		place_socket(sock, sk, before);
		return 0;
	}
	if (sock)
		free_unused(sock);
	unhook(sk, before);
	return err;
}

/**
 * vgw_sock_adopt() - take ESP from a socket of userspace's
 * @vn: the outer namespace
 * @socket: the socket, which the caller keeps open meanwhile
 * @port: bind it to this one first; 0: it is bound
 * @extack: says why not
 *
 * May sleep. It takes the place of the one that had this port, the module's own or another one's; the latter is a plain
 * socket then. It is let go when its owner closes it.
 */
int vgw_sock_adopt(struct vgw_net *vn, struct socket *socket, __be16 port, struct netlink_ext_ack *extack)
{
	const struct sock *sk = socket->sk;
	int err;

	if ((sk->sk_family != AF_INET && sk->sk_family != AF_INET6) || sk->sk_type != SOCK_DGRAM ||
	    sk->sk_protocol != IPPROTO_UDP) {
		NL_SET_ERR_MSG_MOD(extack, "the socket is not a UDP socket");
		return -EPROTONOSUPPORT;
	}
	mutex_lock(&vn->lock);
	err = adopt_locked(vn, socket, port, extack);
	mutex_unlock(&vn->lock);
	return err;
}

/* ---- for tunnels ---- */

/* The VRF that packets of a device belong to, 0: none. A socket that is bound to none gets those of all devices. */
static int vrf_of(struct net *net, u32 link)
{
	struct net_device *netdev;
	int ifindex = 0;

	rcu_read_lock();
	netdev = dev_get_by_index_rcu(net, link);
	if (netdev)
		ifindex = l3mdev_master_ifindex_rcu(netdev);
	rcu_read_unlock();
	return ifindex;
}

/**
 * vgw_sock_get() - listen on a UDP port
 * @vn: the outer namespace
 * @family: AF_INET or AF_INET6
 * @port: the port
 * @link: index of the underlay device or VRF, 0: any
 * @extack: says why not
 *
 * May sleep; caller holds the outer lock. The socket is shared with other tunnels. Returns an ERR_PTR on failure.
 */
struct vgw_sock *vgw_sock_get(struct vgw_net *vn, sa_family_t family, __be16 port, u32 link,
			      struct netlink_ext_ack *extack)
{
	int vrf = vrf_of(vn->net, link);
	struct vgw_sock *sock;
	int err = 0;

	sock = find_sock(vn, family, port, link) ?: get_sock(vn, family, port, vrf);
	if (!sock)
		return ERR_PTR(-ENOMEM);
	if (!sock->own && !sock->adopted)
		err = open_own(sock);
	if (!err) {
		sock->users++;
		return sock;
	}
	if (err == -EADDRINUSE)
		NL_SET_ERR_MSG_MOD(extack, "another program has the UDP port sport");
	else
		NL_SET_ERR_MSG_MOD(extack, "cannot open the UDP port sport");
	free_unused(sock);
	return ERR_PTR(err);
}

/* May sleep; caller holds the outer lock. The last user closes the module's socket. */
void vgw_sock_put(struct vgw_sock *sock)
{
	lockdep_assert_held(&sock->vn->lock);
	if (--sock->users || sock->adopted)
		return;
	close_own(sock);
	free_sock(sock);
}

/* ---- the module ---- */

int vgw_sock_init(void)
{
	return vgw_wire_init();
}

static void unadopt_all(struct vgw_net *vn)
{
	struct vgw_sock *sock, *next;

	mutex_lock(&vn->lock);
	list_for_each_entry_safe(sock, next, &vn->socks, list) {
		unadopt(sock, false);
		if (!sock->users && !sock->own)
			free_sock(sock);
	}
	mutex_unlock(&vn->lock);
}

/**
 * vgw_sock_exit() - give back the sockets of userspace's and hear nothing any more
 *
 * May sleep; nobody can hand over one any more. When it returns no packet is in the hooks, and no owner who is closing
 * one.
 */
void vgw_sock_exit(void)
{
	struct net *net;

	down_read(&net_rwsem);
	for_each_net(net)
		unadopt_all(vgw_net(net));
	up_read(&net_rwsem);
	wait_var_event(&hooked, !atomic_read(&hooked));
	/* An owner may still be on the last steps out of vgw_adopted_destroy(). */
	synchronize_rcu_tasks();
	vgw_wire_exit();
}
