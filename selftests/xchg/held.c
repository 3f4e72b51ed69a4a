// SPDX-License-Identifier: GPL-2.0
#include "held.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "ike/names.h"
#include "ike/sk.h"

/* Either end's IKE SA of a message: who answers a delete has forgotten it. */
static struct ike_sa *sa_of(struct pair *pair, int from, const struct ike_hdr *hdr)
{
	bool initiator = hdr->flags & IKE_FLAG_INITIATOR;
	struct ike_sa *sa = sa_find(pair->side[from].ike, initiator ? hdr->spi_i : hdr->spi_r);

	return sa ? sa : sa_find(pair->side[!from].ike, initiator ? hdr->spi_r : hdr->spi_i);
}

static const char *kind_of_request(const struct ike_hdr *hdr, const struct ike_msg *msg)
{
	if (hdr->exchange == IKE_EXCH_CREATE_CHILD_SA) {
		if (msg->sa.list[0].proto == IKE_PROTO_IKE)
			return "rekey-ike";
		return msg_notify(msg, IKE_N_REKEY_SA) ? "rekey-child" : "new-child";
	}
	if (!msg->n_deletes)
		return "ping";
	return msg->deletes[0].proto == IKE_PROTO_IKE ? "delete-ike" : "delete-child";
}

static const char *kind_of_answer(const struct ike_hdr *hdr, const struct ike_msg *msg)
{
	if (msg_error(msg))
		return name_notify(msg_error(msg)->type);
	if (hdr->exchange == IKE_EXCH_CREATE_CHILD_SA)
		return "yes";
	return msg->n_deletes ? "deleted" : "empty";
}

const char *held_peek(struct pair *pair, int from, struct span bytes, struct ike_msg *msg, struct wr *text)
{
	struct ike_msg outer;
	struct sk_side side;
	struct ike_hdr hdr;
	struct ike_sa *sa;
	struct span inner;
	struct why why;

	assert_int_equal(msg_header(bytes, &hdr, &why), 0);
	if (hdr.exchange == IKE_EXCH_SA_INIT)
		return "plain";
	assert_int_equal(msg_decode(&outer, hdr.next, (struct span){bytes.at + IKE_HDR_SIZE, bytes.len - IKE_HDR_SIZE},
				    &why), 0);
	sa = sa_of(pair, from, &hdr);
	if (!outer.sealed || !sa)
		return outer.sealed ? "unknown" : "plain";
	side = (struct sk_side){&sa->keys, !(hdr.flags & IKE_FLAG_INITIATOR)};
	assert_int_equal(sk_open(&side, bytes, &outer, text, &inner), 0);
	assert_int_equal(msg_decode(msg, outer.sk_next, inner, &why), 0);
	return hdr.flags & IKE_FLAG_RESPONSE ? kind_of_answer(&hdr, msg) : kind_of_request(&hdr, msg);
}

void held_reseal(struct pair *pair, struct held_msg *msg, const struct chain *chain)
{
	static uint64_t counter = 1ull << 60;
	struct wr out = wr_init(msg->bytes, sizeof(msg->bytes));
	uint8_t iv[16] = {0};
	struct sk_side side;
	struct ike_hdr hdr;
	struct ike_sa *sa;
	struct why why;

	assert_int_equal(msg_header((struct span){msg->bytes, msg->len}, &hdr, &why), 0);
	sa = sa_of(pair, msg->from, &hdr);
	assert_non_null(sa);
	side = (struct sk_side){&sa->keys, hdr.flags & IKE_FLAG_INITIATOR};
	counter++;
	memcpy(iv, &counter, sizeof(counter));
	assert_int_equal(sk_seal(&side, (struct span){iv, encr_iv_size(sa->keys.suite.encr)}, &hdr, chain, &out), 0);
	msg->len = out.len;
}

static bool keep(struct pair *pair, int from, struct span bytes)
{
	struct held *held = pair->ctx;
	struct held_msg *msg = &held->list[held->count];
	uint8_t buffer[IKE_DATAGRAM_MAX];
	struct wr text = wr_init(buffer, sizeof(buffer));
	struct ike_msg inner;

	assert_true(held->count < HELD_MAX && bytes.len <= HELD_SIZE);
	msg->from = from;
	snprintf(msg->kind, sizeof(msg->kind), "%s", held_peek(pair, from, bytes, &inner, &text));
	msg->len = bytes.len;
	memcpy(msg->bytes, bytes.at, bytes.len);
	held->count++;
	return false;
}

void hold(struct pair *pair, struct held *held)
{
	held->count = 0;
	pair->ctx = held;
	pair->watch = keep;
	pair_run(pair, 0);
}

void held_up(struct pair *pair, struct held *held, const char *ike, const char *esp)
{
	pair_init(pair, 1, ike, esp);
	pair_comes_up(pair);
	pair->strict = true;
	hold(pair, held);
}

void held_rekey(struct pair *pair, int side, bool ike_sa)
{
	assert_int_equal(ike_rekey(pair->side[side].ike, pair->now, POLICY, ike_sa), 0);
	pair_run(pair, 0);
}

void held_expire(struct pair *pair, int side)
{
	ike_expired(pair->side[side].ike, pair->now, POLICY, pair_status(pair, side).spi_in, true);
	pair_run(pair, 0);
}

void held_rig(struct pair *pair, unsigned int low)
{
	pair->rig_nonces = true;
	pair->nonces = 0;
	pair->low_nonce = low;
}

int held_maker(const struct pair *pair)
{
	for (int i = 0; i < KERNEL_MAX; i++)
		if (pair->side[0].sas[i].used)
			return pair->side[0].sas[i].pending;
	fail_msg("there is no Child SA");
	return -1;
}

struct held_msg take(struct pair *pair, int from, const char *kind)
{
	struct held *held = pair->ctx;
	struct held_msg msg;
	unsigned int i;

	for (i = 0; i < held->count && held->list[i].from != from; i++)
		;
	if (i == held->count)
		fail_msg("side %d has sent nothing, rather than %s", from, kind);
	msg = held->list[i];
	held->count--;
	memmove(&held->list[i], &held->list[i + 1], (held->count - i) * sizeof(msg));
	if (strcmp(msg.kind, kind))
		fail_msg("side %d has sent %s, rather than %s", from, msg.kind, kind);
	return msg;
}

void late(struct pair *pair, const struct held_msg *msg)
{
	pair_inject(pair, !msg->from, (struct span){msg->bytes, msg->len});
	pair_run(pair, 0);
}

void pass(struct pair *pair, int from, const char *kind)
{
	struct held_msg msg = take(pair, from, kind);

	late(pair, &msg);
}

void quiet(const struct pair *pair)
{
	const struct held *held = pair->ctx;

	if (held->count)
		fail_msg("side %d has sent %s", held->list[0].from, held->list[0].kind);
}

void let_go(struct pair *pair, uint64_t ms)
{
	struct held *held = pair->ctx;

	pair->watch = NULL;
	for (unsigned int i = 0; i < held->count; i++)
		pair_inject(pair, !held->list[i].from, (struct span){held->list[i].bytes, held->list[i].len});
	held->count = 0;
	pair_run(pair, ms);
}

struct ike_sa *held_sa(const struct pair *pair, int side)
{
	struct ike_sa *sa, *found = NULL;

	for_each_sa(pair->side[side].ike, sa)
		if (sa->state == SA_UP && (!found || sa->order > found->order))
			found = sa;
	assert_non_null(found);
	return found;
}
