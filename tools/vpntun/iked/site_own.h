/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_SITE_OWN_H
#define IKED_SITE_OWN_H

#include "iked/site.h"
#include "iked/way.h"
#include "nl/link.h"
#include "nl/snap.h"
#include "nl/vgw.h"

/* What the files that make up a connection on the host share; nobody else includes it. */

/* An SA that was in the module before this process. */
struct site_old {
	uint8_t direction;
	uint32_t spi;
};

struct site_tunnel {
	bool made;			/* the module has it */
	bool held;			/* the way outside to the Remote of the file */
	uint32_t link;			/* index of Device, 0: any; of none: it is not there yet */
	uint32_t vrf;			/* that it is, or is in; 0: none */
	struct ip_addr way;		/* where it leads now: held beside the Remote of the file; len 0: none */
	struct ip_addr named;		/* what the host name of the file stands for now: held, too; len 0: nothing */
	struct vgw_tunnel now;		/* as the module was last told; owns its lists */
	uint64_t silence;		/* when the module was last asked, see site_silence() */
	struct site_old *old;		/* on the heap */
	size_t n_old;
};

struct site {
	struct site *next;
	struct sites *sites;
	struct conf conf;		/* our own copy */
	struct site_tunnel *tunnels;	/* conf.n_tunnels of them */
	struct vgw_where where;		/* the interface, for requests to the module */
	uint32_t ifindex;
	uint32_t table;			/* of Routes, and of routes to Peers */
	uint32_t home;			/* table of the kernel's own routes into the interface: main, or the VRF's */
	struct knl *rt;			/* of the interface's namespace, between site_enter() and site_leave() */
	struct knl rt_far;		/* it, if that is another one */
	int netns;			/* that namespace's descriptor meanwhile, or LINK_HERE */
	size_t n_marks;			/* held: SITE_MARK and FWMark */
	bool created;			/* the interface: was not there before */
	bool shut;			/* unreachable routes were added */
	bool standing_in;		/* IPv4 routes that are added go by a nexthop object, for a moment */
	bool sourceless;		/* IPv6 routes have lost their source address */
	bool up;			/* it has been made: what has to be added from now on was taken away by others */
	bool missing;			/* the interface was not there when it was looked for last */
	bool away;			/* somebody has moved the interface: its addresses and routes are theirs to make */
	bool trouble;			/* not all could be put back, and that was said */
};

/* What somebody else has taken away, until it is told of. */
struct site_mended {
	uint64_t said;			/* ms, CLOCK_MONOTONIC; 0: never */
	unsigned int count;
	char what[128];			/* the last of them */
};

enum { SITE_SOCKETS_MAX = 2 + 2 * 64 };	/* of both families; and of marks and VRFs, see outlet.c */

struct sites {
	struct knl vgw, rt;		/* for requests */
	struct knl vgw_events, rt_events;
	struct knl far_events;		/* of other namespaces; opened when an interface is in one */
	int socks[SITE_SOCKETS_MAX];	/* that the module was given; their owner closes them */
	size_t n_socks;
	int poll;			/* an epoll instance of all that is waited for */
	int timer;			/* of the next look at what should be there */
	bool timer_set;
	bool absent;			/* the module is not there, and that was said */
	bool remade;			/* interfaces were made anew, without SAs; not told yet */
	uint64_t looked;		/* when we last did; ms, CLOCK_MONOTONIC */
	uint64_t took;			/* how long that took, ms */
	int fds[2];
	struct site_mended mended;
	struct ways ways;
	struct site *first;
	struct site *before;		/* while it is made anew by its changed file, site_again() */
	void (*warn)(const char *sentence);
};

/* No device has it: what is to leave by that one goes nowhere. */
enum { SITE_LINK_NONE = INT32_MAX };
enum { SITE_LINGER = 5 };		/* seconds that packets may still be under way */

static inline uint32_t site_mark(const struct conf *conf)
{
	return conf->fwmark ? conf->fwmark : SITE_MARK;
}

/* site_say.c: "@what: reason", of a request on @knl that has failed with @err, which is returned. */
int site_fail(struct why *why, const struct knl *knl, int err, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* @cmd as in nl/vgw.h; 0 or a negative errno with @why. */
int site_tell(struct site *site, uint8_t cmd, const struct vgw_tunnel *tunnel, struct why *why);
/* Frees what @site holds, but for its interface, which another one has. */
void site_drop(struct site *site);
void site_warn(const struct sites *sites, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Something of @site was added. If it should have been there, that will be told. */
void site_added(struct site *site, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* site.c: has the module lost some of its tunnels? Then they are made with their next SAs. */
void site_check_made(struct site *site);

/* site_conf.c: that tunnel of the file, or NULL */
struct site_tunnel *site_tunnel(const struct site *site, const char *name);
struct site *site_new(struct sites *sites, const struct conf *conf, struct why *why);
void site_free(struct site *site);

/* sites.c */
/* From now on the interface's namespace can be changed. 0 or a negative errno with @why. */
int site_enter(struct site *site, struct why *why);
void site_leave(struct site *site);
/* Hears what happens to interfaces in other namespaces. */
int sites_hear_far(struct sites *sites, struct why *why);
/*
 * The namespace of that number is gone, and the kernel gives the number to another one: connections that have their
 * interface in it have none, until it is found by its name. With @away also those whose interface was moved there by hand.
 */
void sites_lose_far(struct sites *sites, int32_t netnsid, bool away);
/* Is the module there? If it was removed and has come back, it is asked for all that it has forgotten about sockets. */
bool sites_revive(struct sites *sites);
/* Have sites_events() tell that sites_follow() is due in so many milliseconds, or sooner. */
void sites_look_in(struct sites *sites, unsigned int ms);

/* site_device.c: @links and @link are of our own namespace; @link may be NULL: there is no such device. */
void site_set_device(struct site *site, size_t tunnel, const struct links *links, const struct link_info *link);
/* Device is a name: it may be that of another device now. 0 or a negative errno with @why. */
int site_follow_devices(struct site *site, const struct links *links, struct why *why);

/* site_mend.c: the interface of @site is in another namespace now, as our own one numbers it. */
void site_moved(struct site *site, uint32_t index, int32_t netnsid);

/* site_make.c */
/* What is seen of the interface's namespace before it is changed. */
struct site_host {
	struct links links;
	struct link_addrs addrs;
	struct snap snap;		/* of the interface, if it is there */
	const struct link_info *own;	/* it, or NULL */
};

int site_see(struct site *site, struct site_host *host, struct why *why);
void site_unsee(struct site_host *host);
int site_make_interface(struct site *site, struct site_host *host, struct why *why);
int site_set_interface(struct site *site, struct why *why);
int site_set_master(struct site *site, const struct links *links, struct why *why);

#endif /* IKED_SITE_OWN_H */
