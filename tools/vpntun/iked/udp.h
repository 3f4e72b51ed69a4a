/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_UDP_H
#define IKED_UDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "ike/act.h"
#include "ike/buf.h"
#include "util/addr.h"
#include "util/why.h"

/* UDP sockets of IKE: each knows, and chooses, the local address of every datagram. */

/* For a family (@addr_len 4 or 16), not bound. A descriptor, or a negative errno with @why. */
int udp_open(uint8_t addr_len, uint32_t mark, struct why *why);

/* To all addresses. 0 or a negative errno with @why. */
int udp_bind(int fd, uint8_t addr_len, uint16_t port, struct why *why);

/* So that it receives nothing that comes from outside: it is for sending, with a local address chosen each time. */
int udp_bind_deaf(int fd, uint8_t addr_len, uint16_t port, struct why *why);

/* Binds it to a device (a VRF), by index. */
int udp_device(int fd, uint32_t device, struct why *why);

/* May others that do so too be bound to its port? */
void udp_share(int fd, bool share);

/* The address from which @remote would be reached by @device (index, 0: any); 0 or a negative errno. */
int udp_source(const struct ip_addr *remote, uint32_t mark, uint32_t device, struct ip_addr *local);

/* A socket that speaks with @to alone. A descriptor or a negative errno. */
int udp_connected(const struct ip_addr *to, uint16_t port, uint32_t mark);

struct udp_socket {
	int fd;
	uint16_t port;
	uint8_t addr_len;
};

/*
 * Takes one datagram: @span lies in @bytes, without its non-ESP marker. 1; 0 if it is to be passed over (a keepalive, ESP
 * that nobody knows, one that was cut); -EAGAIN if there is none; another negative errno (news of an earlier datagram).
 */
int udp_receive(const struct udp_socket *sock, struct ike_path *path, void *bytes, size_t size, struct span *span);

/* From @path's local address, if any, by @device (index, 0: any); on port 4500 with the marker. 0 or a negative errno. */
int udp_send(const struct udp_socket *sock, const struct ike_path *path, uint32_t device, struct span bytes);

#endif /* IKED_UDP_H */
