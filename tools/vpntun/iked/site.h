/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_SITE_H
#define IKED_SITE_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"
#include "ike/act.h"
#include "util/why.h"

/*
 * What a connection is on this host: the vgw interface, its addresses and routes, its tunnels in the module, their SAs,
 * and the way to each Remote kept outside. Only the parent process has it. All of this may wait for the kernel's answers
 * (netlink), not for anybody else.
 *
 * The way outside: IKE and ESP packets carry SITE_MARK (or FWMark); a rule sends that mark to SITE_TABLE first, where each
 * Remote has a route copied from the best one that does not lead into a vgw interface. Without such a route there the
 * lookup goes on as usual. sites_follow() is called when routes of the host have changed.
 */
enum { SITE_MARK = 0x7667, SITE_TABLE = 30311, SITE_RULE_PRIORITY = 30311 };

struct sites;			/* of one network namespace */
struct site;			/* one connection */

/* Opens netlink. @warn hears sentences for the log. NULL: @why says what is missing (such as the module). */
struct sites *sites_create(void (*warn)(const char *sentence), struct why *why);
void sites_free(struct sites *sites);	/* leaves everything as it is in the kernel */

/*
 * Makes the connection's interface, tunnels, addresses, routes, rules, or takes over what is there from before (an
 * interface of that name that is a vgw one; tunnels that the file has not are removed). @conf is copied as far as needed.
 * NULL: @why, and nothing is left half made; an interface from before stays, with its SAs.
 * A tunnel whose Remote has no address yet (any, a host name) comes to the module with its first SAs.
 */
struct site *site_up(struct sites *sites, const struct conf *conf, struct why *why);
/*
 * The same connection by another file, with the SAs that it has: interface, addresses, routes and tunnels become what
 * @conf says. Returns what is there instead of @site; NULL: @why, and all is as before, as far as the kernel lets it.
 */
struct site *site_again(struct site *site, const struct conf *conf, struct why *why);
/* Removes all of it, and frees. */
void site_down(struct site *site);
const char *site_name(const struct site *site);
/* Is the interface in another namespace? Then its index there, and how ours numbers that. */
bool site_far(const struct site *site, uint32_t *index, int32_t *netnsid);
/* The way that outer packets of tunnel @tunnel are to take, IKE's too. */
void site_via(const struct site *site, size_t tunnel, struct ike_via *via);

/* The host name of a tunnel's Remote stands for @remote now: the way to it is kept outside. 0 or a negative errno. */
int site_named(struct site *site, size_t tunnel, const struct ip_addr *remote, struct why *why);
/* The same for a name server, which belongs to no tunnel, until it is released. */
int sites_hold(struct sites *sites, const struct ip_addr *server, struct why *why);
void sites_release(struct sites *sites, const struct ip_addr *server);

/*
 * What comes by this SPI waits, for a while, for the SA that site_install() makes of it. A tunnel that is not in the
 * module yet cannot. 0 or a negative errno with @why.
 */
int site_reserve(struct site *site, size_t tunnel, uint32_t spi, struct why *why);
/*
 * An SA pair of tunnel @tunnel (an index of the file's). The tunnel in the module takes endpoint, encapsulation, prefixes
 * and selectors along before the SAs come. 0 or a negative errno with @why; then neither SA is there.
 */
int site_install(struct site *site, size_t tunnel, const struct ike_act_install *install, struct why *why);
int site_activate(struct site *site, size_t tunnel, const struct ike_act_child *child, struct why *why);
int site_delete(struct site *site, size_t tunnel, const struct ike_act_child *child, struct why *why);
int site_move(struct site *site, size_t tunnel, const struct ike_act_move *move, struct why *why);
/* Drops the SAs of the tunnel that this process did not install itself: of one before it, once new ones are there. */
void site_forget_old(struct site *site, size_t tunnel);
/* Are both SAs of a pair in the module? True, too, if that cannot be told. */
bool site_has(struct site *site, size_t tunnel, uint32_t spi_in, uint32_t spi_out);
/* Asks the module, once for all tunnels, when they last heard their peers. */
void site_listen(struct site *site);
/* At that time: milliseconds since the tunnel heard an authentic packet, UINT64_MAX: never, or it cannot be told. */
uint64_t site_silence(const struct site *site, size_t tunnel);

/*
 * Looks at the routes to every Remote again, and whether all that makes up the connections is still there: what somebody
 * else has taken away is put back, and what cannot be is tried again. Interfaces that had to be made anew have no SAs:
 * SITE_REMADE tells.
 */
void sites_follow(struct sites *sites);

/* Hands a UDP socket to the module, which binds it to port 4500. 0 or a negative errno. */
int sites_socket(struct sites *sites, int fd, struct why *why);

/* What the module and the host tell. */
enum site_event_kind { SITE_ACQUIRE, SITE_SOFT, SITE_HARD, SITE_ROAMED, SITE_RESYNC, SITE_ROUTES, SITE_REMADE };
struct site_event {
	enum site_event_kind kind;
	struct site *site;	/* NULL with RESYNC (events were lost), ROUTES (sites_follow() is due), REMADE */
	size_t tunnel;
	uint32_t spi;		/* SOFT, HARD: of an inbound or outbound SA */
	struct ip_addr remote;	/* ROAMED: where the tunnel's packets go now, in UDP, */
	uint16_t dport;		/* and to which port; perhaps the same as before */
};
/* Descriptors to wait on, -1 at the end; sites_events() reads them without waiting and calls @fn for each event. */
const int *sites_fds(const struct sites *sites);
void sites_events(struct sites *sites, void (*fn)(void *ctx, const struct site_event *event), void *ctx);

#endif /* IKED_SITE_H */
