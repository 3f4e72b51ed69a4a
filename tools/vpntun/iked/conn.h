/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_CONN_H
#define IKED_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "conf/conf.h"
#include "ike/policy.h"
#include "iked/proc.h"
#include "iked/share.h"
#include "iked/site.h"
#include "iked/wills.h"
#include "util/why.h"

struct event;
struct kept;
struct outlets;

/*
 * The connections that are up, in the parent: what their files say, what they are on this host, and the ids under which
 * the other processes know their tunnels. An id is never given twice.
 */
enum { CONN_PAIRS_MAX = 8 };

/* A pair of SAs that is in the module. */
struct conn_pair {
	uint32_t spi_in, spi_out;
	uint32_t generation;	/* of the network process that made it */
	uint64_t since;		/* ms, CLOCK_MONOTONIC */
};

struct conn_tunnel {
	struct ike_policy policy;
	bool local_auto;	/* policy.local is the route's choice */
	bool ended;		/* conn_down(): its deletes have gone */
	bool policy_due;	/* the network process has still to hear of a change */
	time_t not_after;	/* of our certificate; 0: there is none */
	uint8_t cert_age;	/* enum creds_age: what was last warned of */
	bool old_dropped;	/* site_forget_old() is done */
	uint64_t work_until;	/* share.c: up to when its share of our work is used up; ms, CLOCK_MONOTONIC */
	uint64_t busy_said;	/* when it was said that it wants more */
	struct share_lines log;	/* of share_log() */
	struct will *wills;	/* of the network process, whether it lives or not */
	size_t n_pairs;
	struct conn_pair pairs[CONN_PAIRS_MAX];
};

struct conn {
	struct conn *next;
	struct conf conf;
	struct site *site;
	struct conn_tunnel *tunnels;	/* conf.n_tunnels of them */
	bool told[PROC_KINDS];		/* the process that runs knows it; of those that have to */
	bool ending;
	bool reload_due;		/* reload.c: its file is to be read again */
	uint64_t client;		/* who wants to hear that it is down; 0: nobody */
	struct event *deadline;		/* its owner is whoever called conn_down() */
};

struct conns {
	struct sites *sites;
	struct procs *procs;
	struct outlets *outlets;
	struct conn *first;
	struct kept *kept;		/* kept.c: not taken over yet after a crash */
	uint64_t kept_next;		/* when that is tried again; ms, CLOCK_MONOTONIC */
	uint32_t last_id;
	uint32_t generation;		/* of the network process */
};

/* Brings up the connection of a file. 0 or a negative errno; then nothing is left of it. -EALREADY: it is up. */
int conns_up(struct conns *conns, const char *file, struct why *why);
struct conn *conns_find(const struct conns *conns, const char *name);

/* A process is new: it is told what it has to know, as fast as it reads. */
void conns_tell(struct conns *conns, enum proc_kind kind);
/* Have the processes room for one more? One that does not run is told when it starts. */
bool conns_room(const struct conns *conns);
/* Goes on with what the processes had no room for. To be called when one of them has room again. */
void conns_feed(struct conns *conns);

/* Warns of certificates that come near their end. Cheap. */
void conns_age(struct conns *conns);

/* Begins to end it; conns_ended() tells when the last of its tunnels has: then, or after a while, conns_remove(). */
void conns_down(struct conns *conns, struct conn *conn);
struct conn *conns_ended(struct conns *conns, uint32_t policy);
void conns_remove(struct conns *conns, struct conn *conn);

/* The tunnel of an id. */
struct conn_place {
	struct conn *conn;
	size_t tunnel;
};
bool conns_locate(const struct conns *conns, uint32_t policy, struct conn_place *place);

/* Our own address towards @remote, by the tunnel's device and mark. 0 or a negative errno. */
int conn_source(const struct conn_tunnel *tunnel, const struct ip_addr *remote, struct ip_addr *local);
/* What is to be said in the name of a network process that has died. */
void conns_will(struct conns *conns, const struct ike_act_will *will);

/* The host's routes have changed. */
void conns_follow(struct conns *conns);

#endif /* IKED_CONN_H */
