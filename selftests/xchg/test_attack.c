// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "ike/child.h"
#include "ike/sa.h"
#include "ike/sk.h"
#include "ike/window.h"
#include "pair.h"

/* What a peer may not do, and what others may not. */

static struct ike_sa *only_sa(struct pair *pair, int side)
{
	struct ike_sa *sa, *found = NULL;

	for_each_sa(pair->side[side].ike, sa) {
		assert_null(found);
		found = sa;
	}
	assert_non_null(found);
	return found;
}

static void begin(struct pair *pair, uint64_t seed)
{
	pair_init(pair, seed, NULL, NULL);
	pair_create(pair, 1000);
	pair_up(pair, 1);
	pair_up(pair, 0);
}

static void up(struct pair *pair, uint64_t seed)
{
	begin(pair, seed);
	assert_true(pair_until_up(pair, 5000));
	pair_run(pair, 1000);
	pair_settled(pair);
}

/* Side 0 sends what it should not, sealed with the keys that it has. */
static void send_sealed(struct pair *pair, enum ike_exchange exchange, const struct chain *chain)
{
	struct ike_sa *sa = only_sa(pair, 0);

	assert_int_equal(window_request(pair->side[0].ike, sa, exchange, chain, 500), 0);
}

static void put_child(const struct pair *pair, struct chain *chain)
{
	static const uint8_t nonce[32] = {1, 2, 3};
	struct ike_proposals offer;

	prop_without_groups(&pair->side[0].policy.esp, &offer);
	offer.list[0].spi_len = 4;
	memset(offer.list[0].spi, 0x55, 4);
	chain_sa(chain, &offer);
	chain_nonce(chain, (struct span){nonce, sizeof(nonce)});
	chain_ts(chain, IKE_PLD_TSI, &pair->side[0].policy.local_ts);
	chain_ts(chain, IKE_PLD_TSR, &pair->side[0].policy.remote_ts);
}

/* CREATE_CHILD_SA or INFORMATIONAL in place of IKE_AUTH, or while that is being judged: no answer, no SA. */
static void test_before_auth(void **state)
{
	(void)state;
	for (int way = 0; way < 4; way++) {
		uint8_t payloads[2048];
		struct chain chain = chain_init(payloads, sizeof(payloads));
		unsigned int answers;
		struct pair pair;

		begin(&pair, 1);
		/* One says no more after IKE_SA_INIT; or its IKE_AUTH hangs at the other's key process. */
		pair.side[way < 2 ? 0 : 1].mute_jobs = true;
		pair_run(&pair, 200);
		answers = pair.side[1].sent;
		only_sa(&pair, 0)->win.busy = false;
		if (way & 1)
			chain_delete_ike(&chain);
		else
			put_child(&pair, &chain);
		send_sealed(&pair, way & 1 ? IKE_EXCH_INFORMATIONAL : IKE_EXCH_CREATE_CHILD_SA, &chain);
		pair_run(&pair, 300);
		assert_int_equal(pair.side[1].sent, answers);
		assert_int_equal(pair.side[1].installs, 0);
		assert_int_equal(only_sa(&pair, 1)->state, way < 2 ? SA_INIT_ANSWERED : SA_AUTH_CHECKING);
		pair_run(&pair, 40000);
		assert_int_equal(kernel_count(&pair.side[1]), 0);
		pair_free(&pair);
	}
}

/* What the responder says of itself is not judged yet. It hears of no Delete; how often it is answered counts. */
static unsigned int answered;

static bool no_goodbye(struct pair *pair, int from, struct span bytes)
{
	if (bytes.at[18] == IKE_EXCH_AUTH)
		pair->side[0].mute_jobs = from;
	if (from || bytes.at[18] != IKE_EXCH_INFORMATIONAL)
		return true;
	answered += !!(bytes.at[19] & IKE_FLAG_RESPONSE);
	return false;
}

/* Nor is a responder dealt with that is not who it should be: it gets our Delete, and no answers. */
static void test_before_auth_of_a_responder(void **state)
{
	uint8_t payloads[64];
	struct chain chain = chain_init(payloads, sizeof(payloads));
	struct pair pair;

	(void)state;
	pair_init(&pair, 16, NULL, NULL);
	pair_create(&pair, 1000);
	pair.watch = no_goodbye;
	pair_up(&pair, 1);
	pair_up(&pair, 0);
	pair_run(&pair, 500);
	assert_int_equal(only_sa(&pair, 0)->state, SA_AUTH_CHECKING);
	ike_verified(pair.side[0].ike, pair.now, only_sa(&pair, 0)->out.job, false, NULL);
	pair_run(&pair, 10);
	assert_int_equal(only_sa(&pair, 0)->state, SA_DELETING);
	assert_int_equal(only_sa(&pair, 1)->state, SA_UP);
	answered = 0;
	assert_int_equal(window_request(pair.side[1].ike, only_sa(&pair, 1), IKE_EXCH_INFORMATIONAL, &chain, 500), 0);
	pair_run(&pair, 300);
	assert_int_equal(answered, 0);
	pair_free(&pair);
}

static uint8_t last[IKE_DATAGRAM_MAX];
static size_t last_len;
static unsigned int answers_seen;

static bool keep_request(struct pair *pair, int from, struct span bytes)
{
	(void)pair;
	if (from == 0) {
		memcpy(last, bytes.at, bytes.len);
		last_len = bytes.len;
	} else if (bytes.at[19] & IKE_FLAG_RESPONSE) {
		answers_seen++;
	}
	return true;
}

/* A request heard twice is answered with the same bytes, and done once. */
static void test_replay(void **state)
{
	struct pair pair;

	(void)state;
	up(&pair, 2);
	pair.watch = keep_request;
	assert_int_equal(ike_rekey(pair.side[0].ike, pair.now, POLICY, false), 0);
	pair_run(&pair, 15);
	answers_seen = 0;
	for (int i = 0; i < 20; i++)
		pair_inject(&pair, 1, (struct span){last, last_len});
	pair_run(&pair, 5);
	assert_int_equal(answers_seen, 20);
	assert_int_equal(pair.side[1].installs, 2);
	pair_run(&pair, 2000);
	pair_settled(&pair);
	/* Two requests later nobody answers it. */
	answers_seen = 0;
	assert_int_equal(ike_rekey(pair.side[0].ike, pair.now, POLICY, false), 0);
	pair.watch = NULL;
	pair_run(&pair, 2000);
	pair.watch = keep_request;
	pair_inject(&pair, 1, (struct span){last, last_len});
	pair_run(&pair, 100);
	assert_int_equal(answers_seen, 0);
	pair_settled(&pair);
	pair_free(&pair);
}

/* Every bit of a request and of an answer counts. */
static void test_broken_bits(void **state)
{
	struct pair pair;

	(void)state;
	up(&pair, 3);
	pair.watch = keep_request;
	pair_run(&pair, 10500);
	assert_true(last_len > 0);
	for (size_t bit = 0; bit < last_len * 8; bit++) {
		last[bit / 8] ^= 1 << bit % 8;
		pair_inject(&pair, 1, (struct span){last, last_len});
		pair_inject(&pair, 0, (struct span){last, last_len});
		last[bit / 8] ^= 1 << bit % 8;
	}
	pair.watch = NULL;
	pair_run(&pair, 1000);
	pair_settled(&pair);
	pair_free(&pair);
}

static void put_raw(struct chain *chain, uint8_t type, uint8_t flags, struct span body)
{
	if (chain->next_at == (size_t)-1)
		chain->first = type;
	else
		chain->wr.at[chain->next_at] = type;
	chain->next_at = chain->wr.len;
	wr_u8(&chain->wr, 0);
	wr_u8(&chain->wr, flags);
	wr_u16(&chain->wr, 4 + body.len);
	wr_span(&chain->wr, body);
}

static uint16_t refusal;	/* what side 0 has had as an answer */

static bool open_answer(struct pair *pair, int from, struct span bytes)
{
	struct ike_sa *sa = only_sa(pair, 0);
	const struct sk_side side = {&sa->keys, true};
	uint8_t text[IKE_DATAGRAM_MAX];
	struct wr out = wr_init(text, sizeof(text));
	struct ike_msg outer, inner;
	struct why why;
	struct span in;

	if (from != 1 || !(bytes.at[19] & IKE_FLAG_RESPONSE))
		return true;
	assert_int_equal(msg_decode(&outer, bytes.at[16], (struct span){bytes.at + 28, bytes.len - 28}, &why), 0);
	assert_int_equal(sk_open(&side, bytes, &outer, &out, &in), 0);
	assert_int_equal(msg_decode(&inner, outer.sk_next, in, &why), 0);
	refusal = msg_error(&inner) ? msg_error(&inner)->type : 0;
	return true;
}

static void refused_with(enum ike_exchange exchange, const struct chain *chain, uint16_t type)
{
	struct pair pair;

	up(&pair, 4);
	refusal = 0xffff;
	pair.watch = open_answer;
	send_sealed(&pair, exchange, chain);
	pair_run(&pair, 100);
	assert_int_equal(refusal, type);
	assert_int_equal(kernel_count(&pair.side[1]), 1);
	pair_free(&pair);
}

static void test_bad_content(void **state)
{
	static const uint8_t spi[8] = {9, 9, 9, 9, 9, 9, 9, 9}, nonce[32] = {1};
	static const uint8_t cfg_request[] = {1, 0, 0, 0, 0, 1, 0, 0};	/* INTERNAL_IP4_ADDRESS, whichever */
	uint8_t payloads[2048];
	struct chain chain;
	struct pair pair;

	(void)state;
	/* Unknown payloads: one that is critical, one that is not. */
	chain = chain_init(payloads, sizeof(payloads));
	put_raw(&chain, 200, 0x80, (struct span){spi, 8});
	refused_with(IKE_EXCH_INFORMATIONAL, &chain, IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD);
	chain = chain_init(payloads, sizeof(payloads));
	put_raw(&chain, 200, 0, (struct span){spi, 8});
	refused_with(IKE_EXCH_INFORMATIONAL, &chain, 0);

	/* Nothing where an SA payload has to be; a payload that cannot be. */
	chain = chain_init(payloads, sizeof(payloads));
	chain_nonce(&chain, (struct span){nonce, sizeof(nonce)});
	refused_with(IKE_EXCH_CREATE_CHILD_SA, &chain, IKE_N_INVALID_SYNTAX);
	chain = chain_init(payloads, sizeof(payloads));
	put_raw(&chain, IKE_PLD_DELETE, 0, (struct span){spi, 3});
	refused_with(IKE_EXCH_INFORMATIONAL, &chain, IKE_N_INVALID_SYNTAX);

	/* A Child SA to rekey that there is not, with SPIs of any length. */
	for (size_t len = 0; len <= sizeof(spi); len += 4) {
		chain = chain_init(payloads, sizeof(payloads));
		chain_notify_spi(&chain, IKE_N_REKEY_SA, IKE_PROTO_ESP, (struct span){spi, len},
				 (struct span){NULL, 0});
		pair_init(&pair, 0, NULL, NULL);
		put_child(&pair, &chain);
		refused_with(IKE_EXCH_CREATE_CHILD_SA, &chain, IKE_N_CHILD_SA_NOT_FOUND);
	}
	/* PFS is configured: a request without it is none that we have. */
	chain = chain_init(payloads, sizeof(payloads));
	put_child(&pair, &chain);
	refused_with(IKE_EXCH_CREATE_CHILD_SA, &chain, IKE_N_NO_PROPOSAL_CHOSEN);
	/* Appendix C.3: beside that it may ask for an address, which is no reason to refuse the rest. */
	chain = chain_init(payloads, sizeof(payloads));
	put_raw(&chain, IKE_PLD_CP, 0, (struct span){cfg_request, sizeof(cfg_request)});
	put_child(&pair, &chain);
	refused_with(IKE_EXCH_CREATE_CHILD_SA, &chain, IKE_N_NO_PROPOSAL_CHOSEN);
	/* Deleting what is not there is no fault. */
	chain = chain_init(payloads, sizeof(payloads));
	chain_delete_esp(&chain, (const uint32_t[]){1, 2, 3}, 3);
	refused_with(IKE_EXCH_INFORMATIONAL, &chain, 0);
}

/* A public value of X25519 that leads to nothing but zeroes (RFC 7748, section 6.1). */
static void put_bad_value(struct chain *chain)
{
	static const uint8_t zeroes[32];

	chain_ke(chain, IKE_GROUP_X25519, (struct span){zeroes, sizeof(zeroes)});
}

enum bad_for { BAD_NEW_CHILD, BAD_CHILD, BAD_IKE, BAD_ENDS };

static void put_bad_request(const struct pair *pair, enum bad_for what, struct chain *chain)
{
	static const uint8_t nonce[32] = {1, 2, 3};
	const struct ike_policy *pol = &pair->side[0].policy;
	struct ike_proposals offer = what == BAD_IKE ? pol->ike : pol->esp;
	uint32_t spi_in = pair_status(pair, 0).spi_in;
	const uint8_t spi[4] = {spi_in >> 24, spi_in >> 16, spi_in >> 8, spi_in};

	offer.list[0].spi_len = what == BAD_IKE ? 8 : 4;
	memset(offer.list[0].spi, 0x55, offer.list[0].spi_len);
	if (what == BAD_CHILD)
		chain_notify_spi(chain, IKE_N_REKEY_SA, IKE_PROTO_ESP, (struct span){spi, 4}, (struct span){NULL, 0});
	chain_sa(chain, &offer);
	chain_nonce(chain, (struct span){nonce, sizeof(nonce)});
	put_bad_value(chain);
	if (what == BAD_IKE)
		return;
	chain_ts(chain, IKE_PLD_TSI, &pol->local_ts);
	chain_ts(chain, IKE_PLD_TSR, &pol->remote_ts);
}

/* For a Child SA, for one in place of that there is, for an IKE SA: refused, and nothing is left of it. */
static void test_bad_values(void **state)
{
	(void)state;
	for (int what = 0; what < BAD_ENDS; what++) {
		uint8_t payloads[2048];
		struct chain chain = chain_init(payloads, sizeof(payloads));
		struct pair pair;

		up(&pair, 30 + what);
		put_bad_request(&pair, what, &chain);
		refusal = 0;
		pair.watch = open_answer;
		send_sealed(&pair, IKE_EXCH_CREATE_CHILD_SA, &chain);
		pair_run(&pair, 100);
		assert_int_equal(refusal, IKE_N_INVALID_SYNTAX);
		assert_int_equal(pair.side[1].installs, 1);
		assert_int_equal(only_sa(&pair, 1)->state, SA_UP);
		pair.watch = NULL;
		pair_run(&pair, 1000);
		pair_settled(&pair);
		pair_free(&pair);
	}
}

/* Who floods with first messages gets cookies, then nothing; our memory and our log stay small. */
static void test_flood(void **state)
{
	struct ike_totals totals;
	struct pair pair;
	unsigned int sent;

	(void)state;
	pair_init(&pair, 5, NULL, NULL);
	pair_create(&pair, 20);
	pair_up(&pair, 1);
	pair.watch = keep_request;
	pair_up(&pair, 0);
	pair.cut = true;
	pair_run(&pair, 0);
	pair.watch = NULL;
	sent = pair.side[1].sent;
	for (int i = 0; i < 2000; i++) {
		last[0] = i;
		last[1] = i >> 8;
		pair_inject(&pair, 1, (struct span){last, last_len});
		pair_run(&pair, 1);
	}
	ike_totals(pair.side[1].ike, &totals);
	assert_int_equal(totals.half_open, 13);
	assert_true(pair.side[1].sent - sent >= 1900);
	assert_true(pair.side[1].n_lines < 40);
	/* The flood over, they go; and meanwhile an honest peer comes in. */
	pair.cut = false;
	assert_true(pair_until_up(&pair, 40000));
	pair_run(&pair, 60000);
	pair_settled(&pair);
	pair_free(&pair);
}

/* An answer that somebody else has made up changes nothing. */
static void test_forged_init(void **state)
{
	static const uint16_t types[] = {IKE_N_NO_PROPOSAL_CHOSEN, IKE_N_AUTHENTICATION_FAILED, IKE_N_INVALID_SYNTAX,
					 IKE_N_COOKIE, IKE_N_INVALID_KE_PAYLOAD, IKE_N_INVALID_IKE_SPI};

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		uint8_t payloads[256], message[512];
		struct chain chain = chain_init(payloads, sizeof(payloads));
		struct wr out = wr_init(message, sizeof(message));
		struct ike_hdr hdr = {.version = IKE_VERSION, .exchange = IKE_EXCH_SA_INIT, .flags = IKE_FLAG_RESPONSE};
		struct pair pair;

		begin(&pair, 6);
		hdr.spi_i = only_sa(&pair, 0)->spi_i;
		chain_notify(&chain, types[i], (struct span){(const uint8_t *)"ab", 2});
		assert_int_equal(msg_plain(&hdr, &chain, &out), 0);
		for (int n = 0; n < 100; n++)
			pair_inject(&pair, 0, wr_done(&out));
		assert_true(pair_until_up(&pair, 5000));
		/* A cookie at the wrong moment may cost an attempt, as the peer answers the first of our requests. */
		pair_run(&pair, 15000);
		pair_settled(&pair);
		/* At most as many cookies as we let ourselves be asked for. */
		assert_true(pair.side[0].sent <= 6 + 3 + 4);
		assert_true(pair.side[0].n_lines < 8);
		pair_free(&pair);
	}
}

/* Messages that belong to nothing: few answers, and no harm. */
static void test_strays(void **state)
{
	uint8_t message[64] = {[0] = 1, [8] = 2, [16] = IKE_PLD_SK, [17] = 0x20, [18] = 37, [19] = 8, [27] = 64,
			       [31] = 36};
	struct pair pair;
	unsigned int sent;

	(void)state;
	up(&pair, 7);
	sent = pair.side[1].sent;
	for (int i = 0; i < 1000; i++) {
		message[0] = i;
		message[17] = i & 1 ? 0x20 : 0x30;
		pair_inject(&pair, 1, (struct span){message, sizeof(message)});
	}
	pair_run(&pair, 10);
	assert_in_range(pair.side[1].sent - sent, 1, 40);
	for (size_t len = 0; len < sizeof(message); len++)
		pair_inject(&pair, 1, (struct span){message, len});
	pair_run(&pair, 10);
	pair_settled(&pair);
	pair_free(&pair);
}

static unsigned int answers_to(struct pair *pair, uint8_t host, uint8_t network, unsigned int count)
{
	const uint8_t message[64] = {[0] = 1, [8] = 2, [16] = IKE_PLD_SK, [17] = 0x20, [18] = 37, [19] = 8, [27] = 64,
				     [31] = 36};
	const struct ike_path path = {
		pair->side[1].addr, {.len = 4, .bytes = {network, 0, 2, host}}, 500, 500,
	};
	struct ike_act *act;
	unsigned int answers = 0;

	while (count--) {
		ike_datagram(pair->side[1].ike, pair->now, &path, (struct span){message, sizeof(message)});
		while ((act = ike_take(pair->side[1].ike))) {
			answers += act->kind == IKE_ACT_SEND;
			act_free(act);
		}
	}
	return answers;
}

/* Who sends many takes the answers of their own network only. */
static void test_fair(void **state)
{
	struct pair pair;

	(void)state;
	up(&pair, 20);
	assert_in_range(answers_to(&pair, 7, 10, 500), 1, 10);
	assert_int_equal(answers_to(&pair, 8, 10, 500), 0);
	assert_int_equal(answers_to(&pair, 7, 11, 1), 1);
	/* But many networks together do not get more than some. */
	for (uint8_t network = 12; network < 200; network++)
		answers_to(&pair, 7, network, 1);
	assert_int_equal(answers_to(&pair, 7, 210, 1), 0);
	pair_run(&pair, 2000);
	assert_int_equal(answers_to(&pair, 7, 210, 1), 1);
	pair_settled(&pair);
	pair_free(&pair);
}

/* An answer to our offer: of single ports only what is for all ports is taken, and nothing is refused. */
static void test_narrowed_answer(void **state)
{
	struct ike_child child = {.spi_in = 1000};
	struct why why = {""};
	struct ike_msg msg;
	struct pair pair;
	struct ike_tunnel tun = {0};

	(void)state;
	pair_init(&pair, 8, NULL, NULL);
	tun.pol = pair.side[0].policy;
	memset(&msg, 0, sizeof(msg));
	prop_without_groups(&tun.pol.esp, &msg.sa);
	msg.sa.list[0].spi_len = 4;
	memset(msg.sa.list[0].spi, 0x55, 4);
	msg.tsi = tun.pol.local_ts;
	msg.tsr = tun.pol.remote_ts;
	assert_int_equal(child_accept(&tun, &child, &msg, false, &why), 0);
	msg.tsr.list[0].protocol = 6;
	msg.tsr.list[0].port_from = msg.tsr.list[0].port_to = 80;
	assert_int_not_equal(child_accept(&tun, &child, &msg, false, &why), 0);
	assert_non_null(strstr(why.text, "single protocols or ports"));
	msg.tsr.list[1] = ts_any();
	msg.tsr.list[1].from.bytes[0] = 10;
	msg.tsr.count = 2;
	assert_int_equal(child_accept(&tun, &child, &msg, false, &why), 0);
	assert_int_equal(child.remote_ts.count, 1);
	assert_int_equal(child.remote_ts.list[0].from.bytes[0], 10);
	assert_int_equal(child.remote_ts.list[0].port_to, 65535);
	/* SPIs that are reserved. */
	msg.sa.list[0].spi[0] = msg.sa.list[0].spi[1] = msg.sa.list[0].spi[2] = 0;
	assert_int_not_equal(child_accept(&tun, &child, &msg, false, &why), 0);
}

enum { SELECTORS = 20 };

/* A payload of more selectors than we keep: 192.168.0.0/24 and so on. */
static void put_selectors(struct chain *chain, uint8_t type)
{
	uint8_t bytes[4 + SELECTORS * 16];
	struct wr wr = wr_init(bytes, sizeof(bytes));

	wr_u32(&wr, (uint32_t)SELECTORS << 24);
	for (unsigned int i = 0; i < SELECTORS; i++) {
		wr_u32(&wr, IKE_TS_IPV4 << 24 | 16);
		wr_u32(&wr, UINT16_MAX);
		wr_u32(&wr, 0xc0a80000 + (i << 9));	/* every second one, so that none touch */
		wr_u32(&wr, 0xc0a800ff + (i << 9));
	}
	put_raw(chain, type, 0, wr_done(&wr));
}

/* Of an offer of many selectors we agree to as many as we keep; an answer may not have more, as the peer would use them. */
static void test_many_selectors(void **state)
{
	const struct ike_child *made;
	uint8_t payloads[2048], spi[4];
	struct chain chain = chain_init(payloads, sizeof(payloads));
	struct ike_child child = {.spi_in = 1000};
	struct ike_tunnel tun = {0};
	struct ike_msg msg;
	struct wr wr = wr_init(spi, sizeof(spi));
	struct why why = {""};
	struct pair pair;

	(void)state;
	pair_init(&pair, 16, NULL, "aes256gcm16");
	pair_comes_up(&pair);
	wr_u32(&wr, pair_status(&pair, 0).spi_in);
	chain_notify_spi(&chain, IKE_N_REKEY_SA, IKE_PROTO_ESP, wr_done(&wr), (struct span){NULL, 0});
	put_child(&pair, &chain);
	chain.wr.len -= 4 + 4 + 16;	/* TSr, the last one, has one selector of IPv4 */
	chain.next_at = chain.wr.len - (4 + 4 + 16);
	put_selectors(&chain, IKE_PLD_TSR);
	refusal = 0xffff;
	pair.watch = open_answer;
	send_sealed(&pair, IKE_EXCH_CREATE_CHILD_SA, &chain);
	only_sa(&pair, 0)->win.exchange = 0;	/* its engine has no task for the answer */
	pair_run(&pair, 100);
	assert_int_equal(refusal, 0);
	made = only_sa(&pair, 1)->children;
	assert_int_equal(made->spi_out, 0x55555555);
	assert_int_equal(made->local_ts.count, IKE_TS_MAX);
	assert_int_equal(made->local_ts.list[0].from.bytes[2], 0);
	assert_int_equal(made->local_ts.list[IKE_TS_MAX - 1].from.bytes[2], 2 * (IKE_TS_MAX - 1));

	tun.pol = pair.side[0].policy;
	chain = chain_init(payloads, sizeof(payloads));
	put_child(&pair, &chain);
	assert_int_equal(msg_decode(&msg, chain.first, (struct span){payloads, chain.wr.len}, &why), 0);
	assert_int_equal(child_accept(&tun, &child, &msg, false, &why), 0);
	msg.ts_cut = true;
	assert_int_not_equal(child_accept(&tun, &child, &msg, false, &why), 0);
	assert_string_equal(why.text, "the peer's traffic selectors are more than 16 of a side");
	pair_free(&pair);
}

/* What we send, sent back to us, is nothing that we deal with. */
static void test_reflected(void **state)
{
	struct ike_totals totals;
	struct pair pair;

	(void)state;
	pair_init(&pair, 9, NULL, NULL);
	pair_create(&pair, 1000);
	pair.watch = keep_request;
	pair_up(&pair, 0);
	pair.watch = NULL;
	assert_int_equal(pair.side[0].sent, 1);
	pair_inject(&pair, 0, (struct span){last, last_len});
	pair_run(&pair, 5);
	assert_int_equal(pair.side[0].sent, 1);
	ike_totals(pair.side[0].ike, &totals);
	assert_int_equal(totals.sas, 1);
	assert_int_equal(totals.half_open, 0);
	pair_free(&pair);
}

/* An initiator to which our AUTH is no good says so in an exchange of its own, and has no IKE SA any more. */
static void test_late_refusal(void **state)
{
	uint8_t payloads[64];
	struct chain chain = chain_init(payloads, sizeof(payloads));
	struct pair pair;

	(void)state;
	up(&pair, 10);
	chain_notify(&chain, IKE_N_AUTHENTICATION_FAILED, (struct span){NULL, 0});
	send_sealed(&pair, IKE_EXCH_INFORMATIONAL, &chain);
	pair_run(&pair, 15);
	pair_gone(&pair, 1);
	pair_free(&pair);
}

static bool no_deletes(struct pair *pair, int from, struct span bytes)
{
	(void)pair;
	return from || bytes.at[18] != IKE_EXCH_INFORMATIONAL;
}

/* A peer that rekeys the IKE SA again and again, and deletes none: there is an end to it, and not to the tunnel. */
static void test_rekey_flood(void **state)
{
	struct ike_totals totals;
	struct pair pair;

	(void)state;
	up(&pair, 11);
	pair.watch = no_deletes;
	for (int i = 0; i < 50; i++) {
		ike_rekey(pair.side[0].ike, pair.now, POLICY, true);
		pair_run(&pair, 100);
	}
	ike_totals(pair.side[1].ike, &totals);
	assert_in_range(totals.sas, 5, 12);
	pair.watch = NULL;
	pair_run(&pair, 120000);
	pair_settled(&pair);
	pair_free(&pair);
}

/* A peer behind NAT is followed, but not by one that is behind NAT, too. */
static void test_both_natted(void **state)
{
	(void)state;
	for (int both = 0; both < 2; both++) {
		struct pair pair;
		uint16_t port;

		pair_init(&pair, 12, NULL, NULL);
		pair.nat = true;
		pair.side[1].policy.remote.len = 0;
		pair.side[1].policy.remote_id =
			(struct ike_ident){.type = IKE_ID_IPV4, .len = 4, .bytes = {192, 0, 2, 1}};
		pair_create(&pair, 1000);
		pair_up(&pair, 1);
		pair_up(&pair, 0);
		assert_true(pair_until_up(&pair, 5000));
		only_sa(&pair, 1)->natted = both;
		port = pair.side[1].way.remote_port;
		pair.nat_shift = 100;
		pair_run(&pair, 15000);
		assert_int_equal(pair.side[1].moves, 1);	/* or told that we are behind NAT, too */
		assert_int_equal(pair.side[1].keeps_alive, both);
		assert_int_equal(pair.side[1].way.remote_port, both ? port : port + 100);
		pair_free(&pair);
	}
}

/* Nor does a peer that we know fill the log: every request is refused, some lines say why. */
static void test_refused_flood(void **state)
{
	static const uint8_t nonce[32] = {1};
	struct pair pair;

	(void)state;
	up(&pair, 13);
	for (int i = 0; i < 300; i++) {
		uint8_t payloads[2048];
		struct chain chain = chain_init(payloads, sizeof(payloads));
		struct ike_proposals offer = pair.side[0].policy.ike;

		if (i % 3 == 0)
			put_child(&pair, &chain);
		else if (i % 3 == 1)
			chain_sa(&chain, &offer);
		if (i % 3)
			chain_nonce(&chain, (struct span){nonce, sizeof(nonce)});
		if (i % 3 == 1)
			chain_ke(&chain, offer.list[0].transforms[0].id, (struct span){nonce, sizeof(nonce)});
		send_sealed(&pair, IKE_EXCH_CREATE_CHILD_SA, &chain);
		pair_run(&pair, 25);
	}
	assert_in_range(pair.side[1].n_lines, 20, 70);
	assert_int_equal(kernel_count(&pair.side[1]), 1);
	pair_free(&pair);
}

/*
 * One host does not take the room of all. Without a cookie it has half of its share; so whoever says that it is there
 * does not keep it out.
 */
static void test_greedy(void **state)
{
	struct ike_totals totals;
	struct pair pair;

	(void)state;
	pair_init(&pair, 14, NULL, NULL);
	pair_create(&pair, 1000);
	pair_up(&pair, 1);
	pair.watch = keep_request;
	pair_up(&pair, 0);
	pair.cut = true;
	for (int i = 0; i < 200; i++) {
		last[0] = i;
		pair_inject(&pair, 1, (struct span){last, last_len});
	}
	pair_run(&pair, 5);
	ike_totals(pair.side[1].ike, &totals);
	assert_int_equal(totals.half_open, 13);
	pair.cut = false;
	pair.watch = NULL;
	assert_true(pair_until_up(&pair, 5000));
	pair_free(&pair);
}

/* One host has all addresses of an IPv6 network: they count as one. */
static void test_greedy_network(void **state)
{
	struct ike_path path = {
		.local = {16, {0x20, 0x01, 0x0d, 0xb8, 2}}, .remote = {16, {0x20, 0x01, 0x0d, 0xb8, 1}},
		.local_port = 500, .remote_port = 500,
	};
	struct ike_totals totals;
	struct pair pair;

	(void)state;
	pair_init(&pair, 15, NULL, NULL);
	pair.side[1].policy.remote.len = 0;
	pair.side[1].policy.local.len = 0;
	pair_create(&pair, 1000);
	pair_up(&pair, 1);
	pair.watch = keep_request;
	pair_up(&pair, 0);
	pair.cut = true;
	for (int i = 0; i < 200; i++) {
		last[0] = i;
		path.remote.bytes[15] = i;
		ike_datagram(pair.side[1].ike, pair.now, &path, (struct span){last, last_len});
	}
	ike_totals(pair.side[1].ike, &totals);
	assert_int_equal(totals.half_open, 13);
	pair_free(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_before_auth),
		cmocka_unit_test(test_before_auth_of_a_responder),
		cmocka_unit_test(test_replay),
		cmocka_unit_test(test_broken_bits),
		cmocka_unit_test(test_bad_content),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_forged_init),
		cmocka_unit_test(test_bad_values),
		cmocka_unit_test(test_fair),
		cmocka_unit_test(test_strays),
		cmocka_unit_test(test_narrowed_answer),
		cmocka_unit_test(test_many_selectors),
		cmocka_unit_test(test_reflected),
		cmocka_unit_test(test_late_refusal),
		cmocka_unit_test(test_rekey_flood),
		cmocka_unit_test(test_both_natted),
		cmocka_unit_test(test_refused_flood),
		cmocka_unit_test(test_greedy),
		cmocka_unit_test(test_greedy_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
