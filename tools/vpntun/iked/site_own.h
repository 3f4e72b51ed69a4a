/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_SITE_OWN_H
#define IKED_SITE_OWN_H

#include "iked/site.h"
#include "iked/way.h"
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
	uint32_t link;			/* index of Device, 0: any */
	struct ip_addr way;		/* where it leads now: held beside the Remote of the file; len 0: none */
	struct vgw_tunnel now;		/* as the module was last told; owns its lists */
	struct site_old *old;		/* on the heap */
	size_t n_old;
};

struct site {
	struct site *next;
	struct sites *sites;
	struct conf conf;		/* our own copy */
	struct site_tunnel *tunnels;	/* conf.n_tunnels of them */
	uint32_t ifindex;
	uint32_t table;			/* of Routes */
	size_t n_marks;			/* held: SITE_MARK and FWMark */
	bool created;			/* the interface: was not there before */
	bool shut;			/* unreachable routes were added */
};

struct sites {
	struct knl vgw, rt;		/* for requests */
	struct knl vgw_events, rt_events;
	int fds[3];
	struct ways ways;
	struct site *first;
	void (*warn)(const char *sentence);
};

enum { SITE_LINGER = 5 };		/* seconds that packets may still be under way */

static inline uint32_t site_mark(const struct conf *conf)
{
	return conf->fwmark ? conf->fwmark : SITE_MARK;
}

/* "@what: reason", of a request on @knl that has failed with @err, which is returned. */
int site_fail(struct why *why, const struct knl *knl, int err, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* @cmd as in nl/vgw.h; 0 or a negative errno with @why. */
int site_tell(struct site *site, uint8_t cmd, const struct vgw_tunnel *tunnel, struct why *why);
/* Frees what @site holds, but for its interface, which another one has. */
void site_leave(struct site *site);
void site_warn(const struct sites *sites, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif /* IKED_SITE_OWN_H */
