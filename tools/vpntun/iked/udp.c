// SPDX-License-Identifier: GPL-2.0
#include "iked/udp.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

union control {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

enum { MARKER_SIZE = 4 };	/* the non-ESP marker, RFC 3948 section 2.2 */

static const uint8_t marker[MARKER_SIZE];

static socklen_t address_make(union address *out, const struct ip_addr *addr, uint16_t port)
{
	memset(out, 0, sizeof(*out));
	if (addr->len == 4) {
		out->v4.sin_family = AF_INET;
		out->v4.sin_port = htons(port);
		memcpy(&out->v4.sin_addr, addr->bytes, 4);
		return sizeof(out->v4);
	}
	out->v6.sin6_family = AF_INET6;
	out->v6.sin6_port = htons(port);
	memcpy(&out->v6.sin6_addr, addr->bytes, 16);
	return sizeof(out->v6);
}

/* Returns the port. */
static uint16_t address_take(const union address *from, struct ip_addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	if (from->any.sa_family == AF_INET) {
		addr->len = 4;
		memcpy(addr->bytes, &from->v4.sin_addr, 4);
		return ntohs(from->v4.sin_port);
	}
	addr->len = 16;
	memcpy(addr->bytes, &from->v6.sin6_addr, 16);
	return ntohs(from->v6.sin6_port);
}

/* What a socket has to be told before it is bound. Large IKE messages may be fragmented: no path-MTU discovery. */
static int set_options(int fd, uint8_t addr_len, uint32_t mark)
{
	int on = 1, dont4 = IP_PMTUDISC_DONT, dont6 = IPV6_PMTUDISC_DONT, err = 0;

	err |= setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark));
	if (addr_len == 4) {
		err |= setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
		err |= setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &dont4, sizeof(dont4));
		return err;
	}
	err |= setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	err |= setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
	err |= setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &dont6, sizeof(dont6));
	return err;
}

int udp_open(uint8_t addr_len, uint32_t mark, struct why *why)
{
	int err, fd;

	fd = socket(addr_len == 4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && !set_options(fd, addr_len, mark))
		return fd;
	err = errno;
	if (fd >= 0)
		close(fd);
	why_set(why, "UDP socket: %s", strerror(err));
	return -err;
}

int udp_bind(int fd, uint8_t addr_len, uint16_t port, struct why *why)
{
	const struct ip_addr any = { .len = addr_len };
	union address address;
	socklen_t len = address_make(&address, &any, port);
	int err;

	if (!bind(fd, &address.any, len))
		return 0;
	err = errno;
	if (err == EADDRINUSE)
		why_set(why, "UDP port %u is taken: does another IKE daemon run?", port);
	else
		why_set(why, "UDP port %u: %s", port, strerror(err));
	return -err;
}

void udp_share(int fd, bool share)
{
	int on = share;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
}

static int set_free(int fd, uint8_t addr_len)
{
	int on = 1;

	if (addr_len == 4)
		return setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof(on));
	return setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof(on));
}

/* To an address that nothing from outside can be for, not even where a VRF does not have it. */
int udp_bind_deaf(int fd, uint8_t addr_len, uint16_t port, struct why *why)
{
	struct ip_addr nowhere = { .len = addr_len };
	union address address;
	socklen_t len;
	int err;

	if (addr_len == 4)
		memcpy(nowhere.bytes, (uint8_t[]){ 127, 0, 0, 2 }, 4);
	else
		nowhere.bytes[15] = 1;
	len = address_make(&address, &nowhere, port);
	udp_share(fd, true);
	if (!set_free(fd, addr_len) && !bind(fd, &address.any, len))
		return 0;
	err = errno;
	why_set(why, "UDP port %u, to send with a mark: %s", port, strerror(err));
	return -err;
}

int udp_device(int fd, uint32_t device, struct why *why)
{
	int index = device, err;

	if (!setsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, &index, sizeof(index)))
		return 0;
	err = errno;
	why_set(why, "UDP socket of a device: %s", strerror(err));
	return -err;
}

int udp_connected(const struct ip_addr *to, uint16_t port, uint32_t mark)
{
	union address address;
	socklen_t len = address_make(&address, to, port);
	int fd, err;

	fd = socket(address.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (!setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) && !connect(fd, &address.any, len))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

int udp_source(const struct ip_addr *remote, uint32_t mark, uint32_t device, struct ip_addr *local)
{
	union address address;
	socklen_t len = address_make(&address, remote, IKE_PORT);
	int fd, err = 0, index = device;

	fd = socket(address.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) ||
	    (index && setsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, &index, sizeof(index))) || connect(fd, &address.any, len) ||
	    getsockname(fd, &address.any, &len))
		err = -errno;
	else
		address_take(&address, local);
	close(fd);
	return err;
}

static void take_local(struct msghdr *header, struct ip_addr *local)
{
	struct in6_pktinfo info6;
	struct in_pktinfo info4;
	struct cmsghdr *cmsg;

	memset(local, 0, sizeof(*local));
	for (cmsg = CMSG_FIRSTHDR(header); cmsg; cmsg = CMSG_NXTHDR(header, cmsg)) {
		if (cmsg->cmsg_level == IPPROTO_IP && cmsg->cmsg_type == IP_PKTINFO) {
			memcpy(&info4, CMSG_DATA(cmsg), sizeof(info4));
			local->len = 4;
			memcpy(local->bytes, &info4.ipi_spec_dst, 4);
		} else if (cmsg->cmsg_level == IPPROTO_IPV6 && cmsg->cmsg_type == IPV6_PKTINFO) {
			memcpy(&info6, CMSG_DATA(cmsg), sizeof(info6));
			local->len = 16;
			memcpy(local->bytes, &info6.ipi6_addr, 16);
		}
	}
}

int udp_receive(const struct udp_socket *sock, struct ike_path *path, void *bytes, size_t size, struct span *span)
{
	union address from = { 0 };
	union control control = { 0 };
	struct iovec part = { .iov_base = bytes, .iov_len = size };
	struct msghdr header = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &part, .msg_iovlen = 1,
		.msg_control = control.room, .msg_controllen = sizeof(control.room),
	};
	ssize_t len = recvmsg(sock->fd, &header, MSG_DONTWAIT);

	if (len < 0)
		return -errno;
	path->remote_port = address_take(&from, &path->remote);
	path->local_port = sock->port;
	take_local(&header, &path->local);
	*span = (struct span){ bytes, len };
	if (header.msg_flags & MSG_TRUNC || !path->local.len || !path->remote_port)
		return 0;
	if (sock->port != IKE_NATT_PORT)
		return 1;
	if (len < MARKER_SIZE || memcmp(bytes, marker, MARKER_SIZE))
		return 0;
	*span = (struct span){ (uint8_t *)bytes + MARKER_SIZE, len - MARKER_SIZE };
	return 1;
}

/* The control message that chooses the source address and the device; either may be none. */
static void choose_way(struct msghdr *header, union control *control, const struct ip_addr *local, uint32_t device)
{
	struct in6_pktinfo info6 = { .ipi6_ifindex = device };
	struct in_pktinfo info4 = { .ipi_ifindex = device };
	struct cmsghdr *cmsg = &control->head;

	header->msg_control = control->room;
	if (local->len == 4) {
		cmsg->cmsg_level = IPPROTO_IP;
		cmsg->cmsg_type = IP_PKTINFO;
		cmsg->cmsg_len = CMSG_LEN(sizeof(info4));
		header->msg_controllen = CMSG_SPACE(sizeof(info4));
		memcpy(&info4.ipi_spec_dst, local->bytes, 4);
		memcpy(CMSG_DATA(cmsg), &info4, sizeof(info4));
		return;
	}
	cmsg->cmsg_level = IPPROTO_IPV6;
	cmsg->cmsg_type = IPV6_PKTINFO;
	cmsg->cmsg_len = CMSG_LEN(sizeof(info6));
	header->msg_controllen = CMSG_SPACE(sizeof(info6));
	memcpy(&info6.ipi6_addr, local->bytes, 16);
	memcpy(CMSG_DATA(cmsg), &info6, sizeof(info6));
}

int udp_send(const struct udp_socket *sock, const struct ike_path *path, uint32_t device, struct span bytes)
{
	union address to;
	union control control = { 0 };
	struct iovec parts[] = {
		{ .iov_base = (void *)marker, .iov_len = MARKER_SIZE },
		{ .iov_base = (void *)bytes.at, .iov_len = bytes.len },
	};
	bool marked = sock->port == IKE_NATT_PORT || path->remote_port == IKE_NATT_PORT;
	struct msghdr header = {
		.msg_name = &to, .msg_namelen = address_make(&to, &path->remote, path->remote_port),
		.msg_iov = marked ? parts : parts + 1, .msg_iovlen = marked ? 2 : 1,
	};

	if (path->local.len == sock->addr_len)
		choose_way(&header, &control, &path->local, device);
	else if (device)
		choose_way(&header, &control, &(struct ip_addr){ .len = sock->addr_len }, device);
	return sendmsg(sock->fd, &header, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}
