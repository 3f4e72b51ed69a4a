/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_ENGINE_H
#define IKE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ike/act.h"
#include "ike/buf.h"
#include "ike/policy.h"
#include "ike/sk.h"

/*
 * IKEv2 of a host, RFC 7296: events in, actions out (act.h). No socket, file, netlink or clock is in it; whoever drives
 * it tells the time with every event (@now: milliseconds of a monotonic clock) and empties the queue afterwards. It is
 * not for threads.
 */
struct ike;

struct ike_settings {
	ike_random_fn *random;		/* nonces, SPIs, IVs, jitter */
	void *random_ctx;
	unsigned int cookie_threshold;	/* half-open IKE SAs from which on cookies are asked for; 0: always */
	unsigned int half_open_max;	/* beyond these the oldest go, for who has shown a cookie */
	unsigned int source_max;	/* of those, that one address may have; 0: a quarter */
	/* Longer messages go in parts, as far as the peer can; 0: those that 1280 bytes with IP and UDP do not hold. */
	unsigned int fragment_size;
};

struct ike *ike_create(const struct ike_settings *settings);	/* NULL: no memory */
void ike_free(struct ike *ike);		/* wipes; sends nothing */

/* Other limits of half-open IKE SAs, for those who come from now on. */
void ike_limits_set(struct ike *ike, unsigned int cookie_threshold, unsigned int half_open_max, unsigned int source_max);

/* The oldest action; NULL: none. The caller ends it with act_free(). */
struct ike_act *ike_take(struct ike *ike);
/* When ike_tick() is due next, UINT64_MAX: never. */
uint64_t ike_due(const struct ike *ike);
void ike_tick(struct ike *ike, uint64_t now);

/* ---- what is to be ---- */

/*
 * A new policy, or a changed one in place of that with the same id. Nothing begins yet; but with another local address
 * what there is of it goes there. 0 or -ENOMEM.
 */
int ike_policy_set(struct ike *ike, const struct ike_policy *policy);
/* What it shows of itself by certificates: before ike_up(), and again when files have changed. 0, -ENOENT or -ENOMEM. */
int ike_credentials_set(struct ike *ike, const struct ike_credentials *credentials);
/* Forgets it at once: SAs are dropped without a word; ike_down() comes first for a polite end. */
void ike_policy_del(struct ike *ike, uint32_t policy);

/* Brings it up and keeps it up by its start and DPD actions, for ever, with growing pauses. */
void ike_up(struct ike *ike, uint64_t now, uint32_t policy);
/* Ends it: deletes are sent, and SAs go; peers that initiate are refused until ike_up(). */
void ike_down(struct ike *ike, uint64_t now, uint32_t policy);
/*
 * A will of the engine before this one, whose SAs are in the kernel still: before ike_up(). The tunnel is brought up at
 * once, beside those SAs, and then the peer is told. 0, -ENOENT (no such policy), -ENOSPC or -ENOMEM.
 */
int ike_will(struct ike *ike, uint64_t now, const struct ike_act_will *will);
/* Rekeys the Child SA, or the IKE SA, now. 0, -ENOENT (no such policy) or -ENOTCONN (nothing to rekey). */
int ike_rekey(struct ike *ike, uint64_t now, uint32_t policy, bool ike_sa);

/*
 * Another IKE SA by the policy as it is now, beside the one there is, which ends when that is up. What was on its way up by
 * another policy begins again. 0 or -ENOENT.
 */
int ike_reauth(struct ike *ike, uint64_t now, uint32_t policy);

/* ---- what happens ---- */

/* A datagram without its non-ESP marker. */
void ike_datagram(struct ike *ike, uint64_t now, const struct ike_path *path, struct span bytes);
void ike_signed(struct ike *ike, uint64_t now, uint64_t job, struct span auth);	/* empty: no key */
/* @why: a sentence for the log, or NULL. */
void ike_verified(struct ike *ike, uint64_t now, uint64_t job, bool good, const char *why);
/* SIGN or VERIFY: nobody is there to answer it. Says nothing of the secret; it is tried again like any failed attempt. */
void ike_job_lost(struct ike *ike, uint64_t now, uint64_t job);
/* Or it cannot be: then packets of the peer's that come too early are lost. Without an answer the offer leaves a second late. */
void ike_reserved(struct ike *ike, uint64_t now, const struct ike_act_reserve *reserve);
void ike_installed(struct ike *ike, uint64_t now, uint64_t job, int err);	/* 0 or a negative errno */
/*
 * The address of a peer that is known by name, and ours to it (len 0: the route's), as an answer to IKE_ACT_RESOLVE or as
 * news. Remote of len 0: there is none, and @why says it. SAs that are up stay what they are.
 */
void ike_remote_set(struct ike *ike, uint64_t now, uint32_t policy, const struct ike_path *path, const char *why);
/* The kernel wants an SA for a packet of a tunnel that starts on demand. */
void ike_acquire(struct ike *ike, uint64_t now, uint32_t policy);
/* An SA of ours has reached a lifetime (soft: rekey; hard: it is gone). */
void ike_expired(struct ike *ike, uint64_t now, uint32_t policy, uint32_t spi, bool hard);
/* An authentic ESP packet was heard from the peer lately: as good as an answer to DPD. */
void ike_heard(struct ike *ike, uint64_t now, uint32_t policy);
/*
 * The kernel sends a tunnel's ESP to this address and port now, as authentic packets came from there: IKE follows, unless
 * it must not (see nat_may_follow()).
 */
void ike_roamed(struct ike *ike, uint64_t now, uint32_t policy, const struct ip_addr *remote, uint16_t port);

/* ---- how it is ---- */

enum ike_state { IKE_STATE_DOWN, IKE_STATE_CONNECTING, IKE_STATE_UP };

struct ike_status {
	uint8_t state;			/* enum ike_state: of the policy */
	bool initiator;			/* of the newest IKE SA */
	bool natted, peer_natted;
	uint64_t spi_i, spi_r;
	struct ike_path path;
	struct ike_suite ike, esp;
	struct ike_ident remote_id;	/* authenticated */
	uint64_t ike_since, child_since;	/* @now of then */
	uint64_t ike_rekey_due, child_rekey_due;
	uint32_t ike_rekeys, child_rekeys;
	uint32_t spi_in, spi_out;
	uint32_t ike_sas, child_sas;	/* how many there are */
	uint32_t attempts;		/* failed ones since it was last up */
	uint32_t handshakes;		/* IKE SAs that came up, but for rekeyed ones */
	uint32_t faults[IKE_FAULTS];	/* how often */
	uint8_t fault;			/* the kind of @last_error */
	char last_error[IKE_LOG_SIZE];
};

/* 0 or -ENOENT. */
int ike_status(const struct ike *ike, uint32_t policy, struct ike_status *out);

/* Totals, for tests and metrics. */
struct ike_totals {
	unsigned int half_open;
	unsigned int sas;
	unsigned int children;
};
void ike_totals(const struct ike *ike, struct ike_totals *out);

#endif /* IKE_ENGINE_H */
