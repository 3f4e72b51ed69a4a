/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_INSIDE_H
#define IKED_INSIDE_H

#include "iked/site_own.h"
#include "nl/link.h"

/* The inner side of a connection: addresses of its interface, and the routes into it. */

/* What an address of this host claims of the blocks that tunnels have inside, as @out; false: nothing. */
bool inside_claim(const struct link_addr *addr, struct ip_prefix *out);

/*
 * Is an inside block of @conf at odds with the address of another interface? -EINVAL with @why, which names both.
 * Interfaces of another VRF do not count. @own: index of the connection's interface, 0: not made yet.
 */
int inside_refuse(const struct conf *conf, const struct links *links, const struct link_addrs *addrs, uint32_t own,
		  struct why *why);

/*
 * The addresses of the file, and no others; routes to the peers and of the file, for each of them and each network of ours
 * one that says unreachable while the interface is down. What is there already is not touched. 0 or a negative errno with @why.
 */
int inside_make(struct site *site, const struct link_addrs *present, struct why *why);

/* Add what somebody else has deleted. 0 or a negative errno with @why. */
int inside_addresses_again(struct site *site, struct why *why);
int inside_routes_again(struct site *site, struct why *why);

/* Removes the routes that would outlive the interface. */
void inside_open(struct site *site);

#endif /* IKED_INSIDE_H */
