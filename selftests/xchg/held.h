/* SPDX-License-Identifier: GPL-2.0 */
#ifndef XCHG_HELD_H
#define XCHG_HELD_H

#include "ike/sa.h"
#include "pair.h"

/*
 * The network between a pair, by hand: every message is held, and let through, late or never, as the test says. No time
 * passes meanwhile. Messages are called by what is in them:
 *
 * requests: rekey-child, new-child, rekey-ike, delete-child, delete-ike, ping
 * answers:  yes (to what makes an SA), deleted (Child SAs), empty, or the name of the notify that refuses
 * others:   plain (not sealed), unknown (of an IKE SA that both sides have forgotten)
 */
enum { HELD_MAX = 32, HELD_SIZE = 4096, HELD_KIND = 40 };

struct held_msg {
	int from;
	char kind[HELD_KIND];
	size_t len;
	uint8_t bytes[HELD_SIZE];
};

struct held {
	unsigned int count;
	struct held_msg list[HELD_MAX];
};

void hold(struct pair *pair, struct held *held);
/* A pair that is up, with these proposals or the default; from now on it is held, and strict. */
void held_up(struct pair *pair, struct held *held, const char *ike, const char *esp);
void held_rekey(struct pair *pair, int side, bool ike_sa);
void held_expire(struct pair *pair, int side);	/* its Child SA's life is over: it is deleted */
/* Of the nonces made from now on the one with this number, from 0, is the lowest. */
void held_rig(struct pair *pair, unsigned int low);
/* Whose request has made the one Child SA that is left? */
int held_maker(const struct pair *pair);
/* The oldest message of @from, which has to be of this kind, arrives. */
void pass(struct pair *pair, int from, const char *kind);
/* The same, but it is taken out: to be lost, or to be late(). */
struct held_msg take(struct pair *pair, int from, const char *kind);
void late(struct pair *pair, const struct held_msg *msg);
void quiet(const struct pair *pair);		/* asserts: nothing is held */
/* Whatever is held goes on its way, and so does all that follows. */
void let_go(struct pair *pair, uint64_t ms);

/* What a message is called; its payloads are in @msg, and @text is what they point into. */
const char *held_peek(struct pair *pair, int from, struct span bytes, struct ike_msg *msg, struct wr *text);
/* The payloads of a sealed message are replaced; it is sealed again as its sender would. */
void held_reseal(struct pair *pair, struct held_msg *msg, const struct chain *chain);

/* The IKE SA of a side that is up, and its newest Child SA. */
struct ike_sa *held_sa(const struct pair *pair, int side);

#endif /* XCHG_HELD_H */
