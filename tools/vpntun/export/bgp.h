/* SPDX-License-Identifier: GPL-2.0 */
#ifndef EXPORT_BGP_H
#define EXPORT_BGP_H

#include <stdbool.h>

#include "conf/conf.h"
#include "export/text.h"

/*
 * What a routing daemon has to know of connections: who its neighbors in the tunnels are, and which routes go to and fro.
 * export/frr.c and export/bird.c write that in the daemons' languages; vpntun(8), "ROUTING", is what they follow.
 */
enum {
	BGP_RETRY = 10,			/* seconds until a neighbor that does not answer is called again */
	BGP_PRIMARY_LOCAL_PREF = 200, BGP_SECONDARY_LOCAL_PREF = 100,	/* the higher is taken */
	BGP_PRIMARY_MED = 100, BGP_SECONDARY_MED = 200,		/* the lower is taken */
	BGP_BFD_INTERVAL = 1000,	/* milliseconds */
	BGP_BFD_MISSES = 3,
	BGP_NAME_SIZE = CONF_NAME_SIZE + TUNNEL_NAME_SIZE,
};

/* What the command line wants. */
struct bgp_wish {
	bool has_announce, has_accept;
	struct ip_prefixes announce;	/* what this side has */
	struct ip_prefixes accept;	/* from neighbors, with what is within them */
	const char *primary;		/* tunnel that is preferred both ways, or NULL: all are equal */
	bool ecmp;			/* several routes share the flows */
	bool bfd;
	bool transit;			/* routes of one neighbor go to the others */
};

enum bgp_rank { BGP_EQUAL, BGP_PRIMARY, BGP_SECONDARY };

/* The far end of a tunnel. */
struct bgp_neighbor {
	const struct conf *conf;
	const struct conf_tunnel *tunnel;	/* its Peer is the neighbor's address */
	struct ip_addr own;
	char name[BGP_NAME_SIZE];	/* "CONNECTION-TUNNEL" */
	enum bgp_rank rank;
	bool ipv4, ipv6;		/* routes of these families */
	struct ip_prefixes accept;	/* without the default route unless @wish asks for it */
	struct ip_prefixes sites;	/* those of them that are parts of a summary */
};

struct bgp {
	const struct bgp_wish *wish;
	const struct conf *confs;
	size_t n_confs;
	uint32_t asn;
	struct ip_addr router_id;
	struct ip_prefixes announce;
	struct ip_prefixes never;	/* no neighbor has these, nor what is within them */
	struct ip_prefixes summaries;	/* nor these, nor what is within them but its own sites */
	struct ip_prefixes statics;	/* Routes of connections without a neighbor: announced while their interface is up */
	struct bgp_neighbor *neighbors;	/* on the heap */
	size_t n_neighbors;
};

/* @confs and @wish stay the caller's, and are needed as long as @bgp. 0 or -EINVAL with @why, and then @bgp is empty. */
int bgp_take(struct bgp *bgp, const struct conf *confs, size_t n_confs, const struct bgp_wish *wish, struct why *why);
void bgp_free(struct bgp *bgp);

/* Lengths of addresses, IPv4 first: what daemons have a section each for. */
enum { BGP_FAMILIES = 2 };
extern const uint8_t bgp_families[BGP_FAMILIES];

/* Are there routes of addresses of @len bytes at all? */
bool bgp_has_family(const struct bgp *bgp, uint8_t len);
bool bgp_neighbor_has(const struct bgp_neighbor *neighbor, uint8_t len);
/* Has the connection a neighbor? */
bool bgp_conf_has(const struct bgp *bgp, const struct conf *conf);
/* Are Routes announced of connections that have none, for addresses of @len bytes? */
bool bgp_has_static(const struct bgp *bgp, uint8_t len);
/* Of addresses of that length. */
bool bgp_has_summary(const struct bgp *bgp, uint8_t len);
bool bgp_neighbor_has_site(const struct bgp_neighbor *neighbor, uint8_t len);

/* Comments for a text's head: whose BGP it is; and which connections have no Source. A line begins with @mark. */
void bgp_tell_names(const struct bgp *bgp, const char *mark, struct export_text *to);
void bgp_tell_sourceless(const struct bgp *bgp, const char *mark, struct export_text *to);

/*
 * Each is the whole of its file. 0, or -EINVAL with @why: something cannot be said there. The text says itself if there was
 * no memory.
 */
typedef int bgp_fn(const struct bgp *bgp, struct export_text *to, struct why *why);

bgp_fn export_frr;
bgp_fn export_bird;

#endif /* EXPORT_BGP_H */
