/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_SA_H
#define IKE_SA_H

#include "ike/crypt.h"
#include "ike/dh.h"
#include "ike/engine.h"
#include "ike/frag.h"
#include "ike/msg.h"
#include "ike/timer.h"

#define IKE_NEVER UINT64_MAX

enum {
	SAS_PER_POLICY = 4,
	CHILDREN_PER_SA = 8,
	ANSWER_MS = 30000,		/* for the key process and the kernel */
	SA_BUCKETS = 4096,
	CHILD_BUCKETS = 4096,
	TUNNEL_BUCKETS = 1024,
};

struct ike_nonce {
	uint16_t len;
	uint8_t bytes[IKE_NONCE_MAX];
};

static inline struct span nonce_span(const struct ike_nonce *nonce)
{
	return (struct span){nonce->bytes, nonce->len};
}

/* Bytes on the heap. */
struct blob {
	uint8_t *at;
	size_t len;
};

static inline struct span blob_span(const struct blob *blob)
{
	return (struct span){blob->at, blob->len};
}

enum child_state {
	CHILD_MAKING,		/* part of an exchange that has not ended */
	CHILD_UP,
	CHILD_REPLACED,		/* rekeyed by the peer, or made in vain: the peer is to delete it */
	CHILD_CLOSING,		/* the peer is to be told */
	CHILD_DELETING,		/* the peer has been told */
};

struct ike_child {
	struct ike_child *next;
	struct ike_child *spi_next, **spi_at;	/* in the table by SPI */
	uint8_t state;			/* enum child_state */
	bool reserving;			/* RESERVE has been asked for, and not been answered */
	bool installed;			/* INSTALL has been asked for, DELETE has not */
	bool linger;			/* a successor is there: packets may be under way */
	bool spare;			/* goes again as soon as it is there */
	bool unproven;			/* as responder: the peer may not have had our answer yet */
	uint32_t spi_in, spi_out;
	struct ike_suite suite;
	struct ike_proposal answer;	/* as responder: the choice, with our SPI */
	struct child_keys in, out;	/* until they are installed */
	struct ike_ts_list local_ts, remote_ts;
	uint64_t order;			/* larger: made later */
	uint64_t since, rekey_at, expires_at;
	uint32_t replaces;		/* spi_in of what the peer has rekeyed by it, or made beside it; 0: nothing */
};

enum sa_state {
	SA_INIT_SENT,		/* initiator */
	SA_INIT_ANSWERED,	/* responder: half-open */
	SA_AUTH_SIGNING,	/* initiator: the key process makes our AUTH */
	SA_AUTH_SENT,		/* initiator */
	SA_AUTH_CHECKING,	/* either side: the key process and the kernel are at it */
	SA_UP,
	SA_REPLACED,		/* rekeyed; its children have gone to the new one */
	SA_LEAVING,		/* initiator: AUTH_SENT, and it is not wanted any more: the answer is waited for */
	SA_DELETING,		/* the peer is told that it ends */
	SA_REFUSED,		/* responder: nothing but the cached answer is left */
	SA_DEAD,		/* goes when the event has been dealt with */
	SA_STATES,
};

enum task_kind {
	TASK_NONE,
	TASK_INIT,
	TASK_AUTH,
	TASK_CHILD,		/* new or rekeyed */
	TASK_REKEY,		/* of the IKE SA */
	TASK_DELETE_CHILD,
	TASK_DELETE,		/* of the IKE SA */
	TASK_UPDATE,		/* of our address */
	TASK_PING,
};

enum task_wait { WAIT_NONE, WAIT_SIGN, WAIT_VERIFY, WAIT_INSTALL };

/* Of a CREATE_CHILD_SA that the peer did not like. */
enum {
	TASK_ROUNDS_MAX = 3,	/* groups that it may ask for */
	TASK_AGAIN_SOON_MS = 2000,
	TASK_AGAIN_MS = 10000,
};

/* An exchange: each side has one at a time. */
struct ike_task {
	uint8_t kind;			/* enum task_kind */
	uint8_t wait;			/* enum task_wait: for the answer to @job */
	uint8_t rounds;			/* INVALID_KE_PAYLOAD has been answered so often */
	bool spare;			/* the peer has made a Child SA for the same end: ours goes */
	uint16_t refused;		/* the notify that says why there is no Child SA */
	uint32_t id;			/* of the request */
	uint32_t old_spi;		/* spi_in of the Child SA that is rekeyed, or deleted */
	uint64_t job;
	uint64_t answer_by;		/* the kernel is not waited for any longer */
	uint64_t new_spi;		/* ours, of the IKE SA in the making */
	struct dh *dh;
	struct ike_nonce ni, nr;
	struct ike_child *child;	/* in the making */
	uint32_t deleted_spi;		/* the peer has deleted it before we learnt that it is there */
	/* The peer has rekeyed the same Child SA while we were at it (section 2.8.1). */
	uint32_t rival_spi;		/* spi_in of its new one; 0: none */
	struct ike_nonce rival_nonce;	/* the lower one of that exchange */
};

/* What only IKE_SA_INIT and IKE_AUTH need. */
struct ike_setup {
	struct dh *dh;
	struct ike_nonce ni, nr;
	struct blob request, response;	/* of IKE_SA_INIT, as on the wire */
	struct ike_proposal chosen;
	uint8_t cookie[IKE_COOKIE_MAX];
	uint8_t cookie_len;
	uint8_t rounds;			/* cookies and groups that we were asked for */
	uint8_t copies;			/* of the peer's first message that were answered, too */
	bool hinted;			/* an unauthenticated error has been logged */
	bool signs;			/* the peer knows RFC 7427, with: */
	uint16_t hashes;		/* 1 << enum ike_hash each */
	bool strange_cas;		/* it asks for certificates of CAs that are none of the tunnel's */
	uint8_t scheme, peer_scheme;	/* enum ike_scheme: AUTH of ours, and of the peer's */
	uint16_t refusal;		/* the one that all answers so far were; 0: none, or others, too */
	uint8_t refusals;
	uint64_t refused_since;
};

struct ike_window {
	uint32_t next_out;		/* message ID of our next request */
	uint32_t next_in;		/* of the peer's */
	bool busy;			/* a request of ours is under way: */
	bool held;			/* it has not been sent yet, see window_request_held() */
	uint8_t exchange;
	uint32_t id;
	uint32_t wait;			/* milliseconds until the next retransmission */
	uint64_t since, due, give_up;	/* since: it was sent first */
	/* As on the wire; of a message in parts, one behind the other. */
	struct blob request;
	struct blob before;		/* a request given up for this one: the peer takes none without those before it */
	struct blob response;		/* to request next_in - 1 */
	/* What the peer sends in parts: a request, a response. */
	struct frag *parts[2];
};

/*
 * What is done together, and waits for one time: a tunnel with all its IKE SAs, or an IKE SA that has no tunnel. Every
 * event touches those that it may change something of; they are gone through once when it has been dealt with.
 */
struct ike_unit {
	struct timer timer;
	struct ike_unit *touched_next;
	bool touched;
	bool is_tunnel;
};

/* A timer is the first thing in its unit, and that in what it is of. */
static inline struct ike_unit *unit_of(struct timer *timer)
{
	return (struct ike_unit *)timer;
}

/* What was handed out last, see will.h. */
struct ike_testament {
	bool there;
	uint32_t id;			/* of the message */
	struct ike_path path;
};

struct ike_sa {
	struct ike_unit unit;		/* while it has no tunnel */
	struct ike_sa *next;		/* in its bucket */
	struct ike_sa *tun_next;	/* of the same tunnel */
	struct ike_sa *half_next, **half_at;	/* among the half-open ones */
	struct ike_sa *dead_next;
	struct ike_tunnel *tun;		/* NULL: not known yet, see sa_join() */
	uint8_t state;			/* enum sa_state */
	bool initiator;
	bool natted, peer_natted, udp;
	bool fragments;			/* both sides know RFC 7383 */
	bool mobike;			/* both sides know RFC 4555 */
	bool mover;			/* we began the first of its line: so we may move it, see mobike.h */
	bool update;			/* we have moved, the peer is to be told */
	bool stale;			/* another is to take its place, from an address that we have now */
	bool ping;			/* ask now if the peer is alive */
	bool lost;			/* the peer does not answer */
	bool child_later;		/* the peer could not have it now (TEMPORARY_FAILURE) */
	bool childless;			/* IKE_AUTH has brought no Child SA: it would not another time */
	bool initial_contact;		/* the peer says that it knows of no older IKE SA */
	bool rekeyed_here;		/* REPLACED: by us, so we delete it */
	uint64_t spi_i, spi_r;
	uint64_t order;			/* larger: authenticated later */
	struct ike_keys keys;
	uint64_t iv;			/* of AEADs: a counter */
	struct ip_addr origin;		/* responder: where its first message came from */
	struct ike_path path, reply;	/* reply: where the request came from */
	uint8_t seen_as[IKE_NAT_HASH];	/* MOBIKE: our address as the peer said last that it sees it; or zeroes */
	struct ike_window win;
	struct ike_testament will;
	struct ike_task out, in;
	struct ike_setup *setup;
	struct ike_child *children;
	struct ike_ident remote_id;
	uint64_t since, heard, rekey_at, deadline;
	uint64_t reauth_at;		/* the peer wants to be shown anew who we are (RFC 4478) */
	uint64_t pinged;		/* or told of a move: the peer's answer shows how it sees us; 0: not yet */
	uint64_t successor;		/* our SPI of the IKE SA that has its children */
	/* The peer has rekeyed this one while we were at it, too (section 2.8.2). */
	uint64_t rival_spi;		/* our SPI of its new one; that has: */
	uint64_t rival_of;
	struct ike_nonce rival_nonce;
};

/* A policy and how things stand with it. */
struct ike_tunnel {
	struct ike_unit unit;
	struct ike_tunnel *next, *id_next;
	struct ike_sa *sas;
	struct ike_policy pol;
	struct ike_credentials *creds;	/* NULL: none */
	struct ike_act_move told;	/* the way that the module was told last, by INSTALL or MOVE */
	bool enabled;			/* ike_up() */
	bool keep;			/* to be brought up by us */
	bool contacted;			/* an IKE SA has been up */
	bool asking, resolved;		/* by name: an address is asked for; is there for the next attempt */
	uint32_t attempts, child_attempts;
	uint32_t brief_sas, brief_children;	/* one after the other, ended by the peer when they had hardly been there */
	uint32_t ike_rekeys, child_rekeys;
	uint32_t handshakes, faults[IKE_FAULTS];
	uint8_t fault;			/* enum ike_fault, of last_error */
	uint64_t retry_at, child_retry_at;
	bool anew;			/* another IKE SA is wanted beside those there are, see reauth.h: */
	uint64_t anew_at;
	unsigned int anew_vain;		/* so many came up without a Child SA */
	uint64_t former, former_until;	/* those of a lower order go then */
	struct ike_last *lasts;		/* inherited, see will.h */
	uint64_t lasts_at;		/* they are said */
	unsigned int lasts_said;
	uint64_t current;		/* order of the Child SA that we made the one to send on */
	char last_error[IKE_LOG_SIZE];
};

enum { COOKIE_SECRET_SIZE = 32, HINT_BUCKETS = 256 };

/* Lines and answers that unauthenticated packets have caused lately. */
struct ike_hints {
	unsigned int spent;
	uint64_t at;
};

struct ike {
	struct ike_settings set;
	struct ike_acts acts;
	struct ike_tunnel *tunnels, **tunnels_end;	/* in the order in which they came */
	struct ike_tunnel *by_id[TUNNEL_BUCKETS];
	struct ike_sa *buckets[SA_BUCKETS];		/* by our SPI */
	struct ike_child *children[CHILD_BUCKETS];	/* by our SPI */
	struct ike_sa *half;		/* half-open: counted below */
	struct ike_sa *dead;		/* to be freed */
	struct timers timers;		/* of units */
	struct ike_unit *touched;
	uint64_t now;
	uint64_t job_count, orders;
	unsigned int half_open;		/* SAs of responders that are not authenticated */
	unsigned int refused;		/* first messages since then, see room.c */
	uint64_t refused_since;
	struct ip_addr from;		/* where the event that is dealt with comes from */
	struct ike_hints hints;		/* of all together, and by where they come from: */
	struct ike_hints hints_from[HINT_BUCKETS];
	uint64_t hints_seed;		/* nobody can choose whose bucket is shared */
	uint8_t cookie_secret[2][COOKIE_SECRET_SIZE];	/* of now and before */
	uint64_t cookie_at;
};

/* A message that came in. */
struct ike_in {
	const struct ike_path *path;
	const struct ike_hdr *hdr;
	struct span bytes;
	const struct ike_msg *msg;
	struct span sealed;		/* what was in SK */
	uint8_t sealed_first;		/* type of the first payload in it */
};

/* All IKE SAs: not for what every event does. @sa may be marked dead in the body, but not freed. */
#define for_each_sa(ike, sa) \
	for (unsigned int b_ = 0; b_ < SA_BUCKETS; b_++) \
		for ((sa) = (ike)->buckets[b_]; (sa); (sa) = (sa)->next)

/* Those of a tunnel, also the dead ones. */
#define for_each_sa_of(tunnel, sa) \
	for ((sa) = (tunnel)->sas; (sa); (sa) = (sa)->tun_next)

void ike_random(struct ike *ike, void *bytes, size_t size);
/* Of what lives from @since to @end (IKE_NEVER: for ever): by then it should long have been rekeyed. */
uint64_t ike_late_at(uint64_t since, uint64_t end);
uint64_t ike_jitter(struct ike *ike, uint64_t below);	/* 0 to below - 1 */
/* After so many attempts, in ms: 1, 2, 4 .. 60 s, and up to a quarter more, so that a host's tunnels do not go at once. */
uint64_t ike_pause(struct ike *ike, uint32_t attempts);
/* What has been up since then, and is gone, was there for so short a time that it counts as an attempt. */
bool ike_brief(const struct ike *ike, uint64_t since);
int nonce_make(struct ike *ike, struct ike_nonce *nonce);	/* 0 or -EIO */
int nonce_take(struct ike_nonce *nonce, struct span bytes);	/* 0 or -EINVAL: its length */
/* Section 2.8: the lower one of two, octet by octet. */
const struct ike_nonce *nonce_lower(const struct ike_nonce *a, const struct ike_nonce *b);
int blob_set(struct blob *blob, struct span bytes);	/* 0 or -ENOMEM */
void blob_clear(struct blob *blob);

void tunnel_add(struct ike *ike, struct ike_tunnel *tun);
void tunnel_remove(struct ike *ike, struct ike_tunnel *tun);	/* it has no IKE SAs any more */
struct ike_tunnel *tunnel_find(const struct ike *ike, uint32_t policy);
/* May a peer come up by this path: is it enabled, and do the addresses that its policy names fit? */
bool tunnel_takes(const struct ike_tunnel *tun, const struct ike_path *path);

/* Makes an SA with an SPI of ours (@spi, or 0: a fresh one); NULL: no memory. */
struct ike_sa *sa_create(struct ike *ike, struct ike_tunnel *tun, bool initiator, uint64_t spi);
/* It belongs to @tun from now on; NULL: to none. */
void sa_join(struct ike *ike, struct ike_sa *sa, struct ike_tunnel *tun);
/* Something of @sa, or of @tun, may have changed: they are gone through at the end of the event. */
void unit_touch(struct ike *ike, struct ike_unit *unit);
void sa_touch(struct ike *ike, struct ike_sa *sa);
void tunnel_touch(struct ike *ike, struct ike_tunnel *tun);
/* Names the answer to what @sa asks for; finds @sa again. */
uint64_t sa_job_new(struct ike *ike, const struct ike_sa *sa);
void sa_half_open_count(struct ike *ike, struct ike_sa *sa);	/* its state has changed */
int sa_setup(struct ike_sa *sa);			/* room for what the first exchanges need */
void sa_setup_free(struct ike_sa *sa);
void sa_free(struct ike *ike, struct ike_sa *sa);	/* its children must have been removed */
struct ike_sa *sa_find(const struct ike *ike, uint64_t spi);	/* by ours */
uint64_t sa_spi_new(struct ike *ike);
uint64_t sa_spi(const struct ike_sa *sa);		/* ours */
/* It is up, or made by a rekey: its lifetime begins. */
void sa_begin(struct ike *ike, struct ike_sa *sa);
void sa_move_children(struct ike_sa *from, struct ike_sa *to);
/* What the peer has made @sa of, while our own rekeying of it is under way: the Child SAs wait there. NULL: nothing. */
struct ike_sa *sa_rival_of(const struct ike *ike, const struct ike_sa *sa);
/* The peer deals with Child SAs over @sa: so its rekeying has succeeded, whatever becomes of ours. */
void sa_claim_children(struct ike *ike, struct ike_sa *sa);
bool sa_half_open(const struct ike_sa *sa);
/* The newest SA of a tunnel that is up; NULL: none. */
struct ike_sa *sa_newest(const struct ike *ike, const struct ike_tunnel *tun);

struct ike_child *child_by_in(const struct ike_sa *sa, uint32_t spi);
struct ike_child *child_by_out(const struct ike_sa *sa, uint32_t spi);
unsigned int child_count(const struct ike_sa *sa);
uint32_t child_spi_new(struct ike *ike);		/* not used by any of ours; 0: there was none */
void child_spi_add(struct ike *ike, struct ike_child *child);	/* child_free() takes it out again */
void child_free(struct ike_child *child);		/* wipes; NULL is fine */
void child_unlink(struct ike_sa *sa, struct ike_child *child);

void task_clear(struct ike_task *task);			/* frees what it holds, but not in the kernel */

#endif /* IKE_SA_H */
