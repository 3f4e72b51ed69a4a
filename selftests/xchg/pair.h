/* SPDX-License-Identifier: GPL-2.0 */
#ifndef XCHG_PAIR_H
#define XCHG_PAIR_H

#include "certs.h"
#include "ike/engine.h"

/*
 * Two engines, a network between them, and beside each a model of the kernel and of the key process. Time is virtual
 * and everything that is random comes from a seed, so a failing test can be repeated; but for keys and certificates.
 */

enum { POLICY = 7, KERNEL_MAX = 64, LINES = 64, LINGER_MS = 5000, WILLS_MAX = 16 };

/* A pair of ESP SAs, as INSTALL describes it. */
struct kernel_sa {
	bool used;
	uint64_t lingers_until;		/* deleted, but what is under way still comes in */
	uint32_t spi_in, spi_out;
	bool udp;
	bool pending;			/* when it was installed: made by the peer's request */
	uint64_t order;
	struct ike_suite suite;
	struct child_keys in, out;
};

struct side {
	struct ike *ike;
	struct ike_policy policy;
	char psk[64];
	struct ip_addr addr;		/* where it is: what goes elsewhere does not arrive */
	struct ike_credentials creds;	/* for the engine, when there is a key: */
	struct keyring ring;
	struct kernel_sa sas[KERNEL_MAX];
	uint32_t sends_on;		/* spi_out of the outbound SA in use; 0: none */
	uint32_t reserved;		/* the SPI that was the last to be reserved */
	unsigned int sent, reserves, installs, deletes, moves;
	unsigned int asked;		/* for the address of a peer that is known by name */
	int install_err;		/* for what is installed from now on */
	unsigned int refused;		/* so many have had it */
	bool mute_reserves;		/* RESERVE is never answered */
	bool mute_jobs;			/* SIGN, VERIFY and INSTALL are never answered */
	bool no_keys;			/* the key process is not there */
	struct ike_path moved;
	struct ike_act_will wills[WILLS_MAX];	/* those that stand; len 0: free */
	unsigned int n_wills;		/* so many were handed out */
	struct ike_path way;		/* of ESP */
	bool roams, keeps_alive;	/* as MOVE said last */
	char lines[LINES][IKE_LOG_SIZE];
	unsigned int n_lines;
};

struct event;

struct pair {
	struct side side[2];
	uint64_t now, seed, orders;
	uint64_t fates;				/* packets, each of which is lost, doubled, broken or late by chance */
	struct event *events;
	unsigned int loss, twice, corrupt;	/* of 1000 packets */
	uint64_t delay, jitter;			/* ms on the way */
	uint64_t job_jitter;			/* ms for SIGN, VERIFY and INSTALL */
	bool nat;				/* side 0 is behind one */
	uint16_t nat_shift;			/* its mapping: what is added to the port */
	bool cut;				/* nothing gets through */
	bool rig_nonces;			/* of those made from now on, @low_nonce, from 0, is the lowest */
	unsigned int nonces, low_nonce;
	unsigned int fragment_size;		/* of the engines, see there */
	bool credulous;				/* every signature is taken for good */
	bool strict;				/* what is sent on must be known to the peer at every moment */
	/* Sees every packet before it is sent; false: it is lost. */
	bool (*watch)(struct pair *pair, int from, struct span bytes);
	void *ctx;
};

/* A seed, and policies with these proposals; NULL: a common default. Both are for one another. */
void pair_init(struct pair *pair, uint64_t seed, const char *ike, const char *esp);
void pair_create(struct pair *pair, unsigned int cookie_threshold);	/* the engines, with side[].policy */
void pair_crash(struct pair *pair, int side);	/* a new engine in place of it, that knows only what stands; the kernel is as it was */
void pair_free(struct pair *pair);	/* and sees that nothing is left */

void pair_up(struct pair *pair, int side);
void pair_run(struct pair *pair, uint64_t ms);
/* Runs until both have a Child SA, for at most @ms. */
bool pair_until_up(struct pair *pair, uint64_t ms);
void pair_settled(struct pair *pair);	/* asserts: one Child SA each, that fit, and ESP gets through both ways */
void pair_comes_up(struct pair *pair);	/* from pair_init() to pair_settled(), without cookies */
void pair_gone(struct pair *pair, int side);	/* asserts: nothing is left in the kernel of this side */
bool pair_esp(struct pair *pair, int from);	/* a packet: does it arrive? */
/* It is somewhere else from now on. */
void pair_move(struct pair *pair, int side, struct ip_addr addr);
bool pair_said(const struct pair *pair, int side, const char *text);
void pair_inject(struct pair *pair, int to, struct span bytes);	/* a packet as if from the peer */
struct ike_status pair_status(const struct pair *pair, int side);
unsigned int kernel_count(const struct side *side);
uint64_t pair_random(struct pair *pair);

void policy_proposals(const char *words, enum ike_proto proto, struct ike_proposals *out);
struct ike_ts ts_any(void);

#endif /* XCHG_PAIR_H */
