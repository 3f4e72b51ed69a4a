// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "ike/sa.h"
#include "ike/sk.h"
#include "pair.h"

/* RFC 7383: long messages go in parts, if both sides want to, and nobody else can spoil or abuse that. */

enum { NEXT_AT = 16, EXCHANGE_AT = 18, FLAGS_AT = 19, NUMBER_AT = 32, TOTAL_AT = 34, WHOLE_V4 = 1280 - 20 - 8 - 4 };

/* What went over the network, seen by watch(). */
static struct {
	unsigned int parts, wholes;	/* SKF, SK */
	unsigned int answers;		/* first parts of them, from side 1 */
	size_t longest;			/* of what is sealed */
	unsigned int announced[2];	/* by each side in IKE_SA_INIT */
} seen;

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

static bool is_part(struct span bytes)
{
	return bytes.at[NEXT_AT] == IKE_PLD_SKF;
}

static uint16_t number_of(struct span bytes)
{
	return bytes.at[NUMBER_AT] << 8 | bytes.at[NUMBER_AT + 1];
}

static bool watch(struct pair *pair, int from, struct span bytes)
{
	struct ike_msg msg;
	struct why why;

	(void)pair;
	if (bytes.at[EXCHANGE_AT] == IKE_EXCH_SA_INIT) {
		assert_int_equal(msg_decode(&msg, bytes.at[NEXT_AT], (struct span){bytes.at + 28, bytes.len - 28}, &why),
				 0);
		seen.announced[from] += msg_notify(&msg, IKE_N_FRAGMENTATION_SUPPORTED) != NULL;
		return true;
	}
	if (is_part(bytes))
		seen.parts++;
	else
		seen.wholes++;
	if (from == 1 && (bytes.at[FLAGS_AT] & IKE_FLAG_RESPONSE) && (!is_part(bytes) || number_of(bytes) == 1))
		seen.answers++;
	seen.longest = bytes.len > seen.longest ? bytes.len : seen.longest;
	return true;
}

/* Proposals that alone do not fit into a packet. */
static void make_long(struct pair *pair)
{
	for (int i = 0; i < 2; i++) {
		struct ike_proposals *esp = &pair->side[i].policy.esp;

		policy_proposals("aes256-aes192-aes128-sha256-sha384-sha512-modp2048-modp3072", IKE_PROTO_ESP, esp);
		for (esp->count = 1; esp->count < IKE_PROPOSALS_MAX; esp->count++) {
			esp->list[esp->count] = esp->list[0];
			esp->list[esp->count].number = esp->count + 1;
		}
	}
}

static void prepare(struct pair *pair, uint64_t seed, const char *ike)
{
	memset(&seen, 0, sizeof(seen));
	pair_init(pair, seed, ike, NULL);
	pair->watch = watch;
	pair->side[0].policy.fragmentation = pair->side[1].policy.fragmentation = true;
}

static void rekey(struct pair *pair, int side, bool ike_sa)
{
	unsigned int before = seen.parts;

	assert_int_equal(ike_rekey(pair->side[side].ike, pair->now, POLICY, ike_sa), 0);
	pair_run(pair, 2000);
	pair_settled(pair);
	if (!ike_sa)
		assert_true(seen.parts > before);
}

/* Nothing is longer than a packet that every link carries, also after the IKE SA has been rekeyed. */
static void test_in_parts(void **state)
{
	static const char *const suites[] = {"aes256gcm16-prfsha256-x25519", "aes256-sha512-x25519",
					     "chacha20poly1305-prfsha384-ecp384", "aes128-sha256-modp2048"};

	(void)state;
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
		struct pair pair;

		prepare(&pair, i, suites[i]);
		make_long(&pair);
		pair_comes_up(&pair);
		/* The request is long, the answer is not. */
		assert_int_equal(seen.parts, 2);
		assert_true(seen.wholes > 0);
		rekey(&pair, 0, false);
		rekey(&pair, 1, true);
		rekey(&pair, 1, false);
		rekey(&pair, 0, true);
		rekey(&pair, 0, false);
		assert_in_range(seen.longest, WHOLE_V4 - 16, WHOLE_V4);
		pair_free(&pair);
	}
}

/* Whoever does not want it neither sends nor is sent any. */
static void test_both_must_want_it(void **state)
{
	(void)state;
	for (int way = 0; way < 3; way++) {
		struct pair pair;

		prepare(&pair, way, NULL);
		make_long(&pair);
		pair.side[0].policy.fragmentation = way == 1;
		pair.side[1].policy.fragmentation = way == 2;
		pair_comes_up(&pair);
		assert_int_equal(ike_rekey(pair.side[1].ike, pair.now, POLICY, false), 0);
		pair_run(&pair, 2000);
		pair_settled(&pair);
		assert_int_equal(seen.announced[0], way == 1);
		assert_int_equal(seen.announced[1], 0);
		assert_int_equal(seen.parts, 0);
		assert_true(seen.longest > 1280);
		pair_free(&pair);
	}
}

/* The tunnel that the identity shows need not be the one that IKE_SA_INIT was answered for. */
static void test_other_tunnel(void **state)
{
	struct pair pair;

	(void)state;
	prepare(&pair, 1, NULL);
	pair.fragment_size = 100;
	pair_create(&pair, 1000);
	pair_up(&pair, 1);
	pair_up(&pair, 0);
	pair_run(&pair, 15);
	assert_int_equal(seen.announced[1], 1);
	pair.side[1].policy.fragmentation = false;
	assert_int_equal(ike_policy_set(pair.side[1].ike, &pair.side[1].policy), 0);
	pair_run(&pair, 2000);
	pair_settled(&pair);
	assert_true(seen.parts > 2);
	assert_int_equal(seen.wholes, 1);
	pair_free(&pair);
}

/* Parts get lost, come twice and in any order. */
static void test_bad_network(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 100; seed++) {
		struct pair pair;

		prepare(&pair, seed, seed & 1 ? "aes256-sha256-x25519" : NULL);
		pair.fragment_size = 62 + pair_random(&pair) % 200;
		pair.loss = 150;
		pair.twice = 200;
		pair.corrupt = 20;
		pair.jitter = 300;
		pair_create(&pair, 1000);
		pair_up(&pair, 1);
		pair_up(&pair, 0);
		if (!pair_until_up(&pair, 120000))
			fail_msg("seed %llu: not up", (unsigned long long)seed);
		ike_rekey(pair.side[0].ike, pair.now, POLICY, true);
		ike_rekey(pair.side[1].ike, pair.now, POLICY, false);
		pair_run(&pair, 60000);
		pair.loss = pair.twice = pair.corrupt = pair.jitter = 0;
		pair_run(&pair, 60000);
		pair_settled(&pair);
		pair_free(&pair);
	}
}

static struct {
	uint8_t bytes[IKE_FRAGMENTS_MAX][512];
	size_t len[IKE_FRAGMENTS_MAX];
	unsigned int count;
} kept;

static bool keep_requests(struct pair *pair, int from, struct span bytes)
{
	if (from == 0 && is_part(bytes) && !(bytes.at[FLAGS_AT] & IKE_FLAG_RESPONSE)) {
		assert_true(kept.count < IKE_FRAGMENTS_MAX && bytes.len <= sizeof(kept.bytes[0]));
		memcpy(kept.bytes[kept.count], bytes.at, bytes.len);
		kept.len[kept.count++] = bytes.len;
	}
	return watch(pair, from, bytes);
}

/* A request that comes again is answered once, however many parts it has, and done once. */
static void test_again(void **state)
{
	unsigned int before;
	struct pair pair;

	(void)state;
	prepare(&pair, 2, NULL);
	pair.fragment_size = 100;
	pair_comes_up(&pair);
	pair.watch = keep_requests;
	kept.count = 0;
	assert_int_equal(ike_rekey(pair.side[0].ike, pair.now, POLICY, false), 0);
	pair_run(&pair, 15);
	assert_true(kept.count > 3);
	pair.watch = watch;
	before = seen.answers;
	for (int i = 0; i < 20; i++)
		for (unsigned int part = 0; part < kept.count; part++)
			pair_inject(&pair, 1, (struct span){kept.bytes[part], kept.len[part]});
	pair_run(&pair, 5);
	assert_int_equal(seen.answers, before + 20);
	assert_int_equal(pair.side[1].installs, 2);
	assert_null(only_sa(&pair, 1)->win.parts[0]);
	pair_run(&pair, 2000);
	pair_settled(&pair);
	pair_free(&pair);
}

static unsigned int losses;

static bool lose_one(struct pair *pair, int from, struct span bytes)
{
	watch(pair, from, bytes);
	return !is_part(bytes) || number_of(bytes) != 2 || losses++;
}

/* What has come already is not needed again. */
static void test_lost_part(void **state)
{
	struct pair pair;

	(void)state;
	prepare(&pair, 3, NULL);
	pair.fragment_size = 100;
	pair_create(&pair, 1000);
	pair.watch = lose_one;
	losses = 0;
	pair_up(&pair, 1);
	pair_up(&pair, 0);
	pair_run(&pair, 900);
	assert_int_equal(losses, 1);
	assert_non_null(only_sa(&pair, 1)->win.parts[0]);
	assert_int_equal(seen.answers, 0);
	assert_true(pair_until_up(&pair, 500));
	assert_null(only_sa(&pair, 1)->win.parts[0]);
	pair_run(&pair, 1000);
	pair_settled(&pair);
	pair_free(&pair);
}

/* In front of every part come others like it that are not authentic. */
static bool forge(struct pair *pair, int from, struct span bytes)
{
	static const size_t places[] = {EXCHANGE_AT, 23, NUMBER_AT + 1, TOTAL_AT + 1, TOTAL_AT, 36, 50};
	uint8_t copy[IKE_DATAGRAM_MAX];

	if (!is_part(bytes))
		return true;
	memcpy(copy, bytes.at, bytes.len);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		copy[places[i]] ^= 1;
		pair_inject(pair, !from, (struct span){copy, bytes.len});
		copy[places[i]] ^= 3;
		pair_inject(pair, !from, (struct span){copy, bytes.len});
		copy[places[i]] ^= 2;
	}
	return watch(pair, from, bytes);
}

static void test_forged(void **state)
{
	struct pair pair;

	(void)state;
	prepare(&pair, 4, NULL);
	pair.fragment_size = 100;
	pair.watch = forge;
	pair_comes_up(&pair);
	rekey(&pair, 0, false);
	rekey(&pair, 1, true);
	rekey(&pair, 1, false);
	/* Every message was needed once. */
	assert_int_equal(pair_status(&pair, 0).attempts, 0);
	assert_true(pair.now < 20000);
	pair_free(&pair);
}

/* Side 0 sends a part that the engine would not. */
static void send_part(struct pair *pair, uint8_t exchange, uint32_t id, struct sk_part part)
{
	struct ike_sa *sa = only_sa(pair, 0);
	const struct sk_side side = {&sa->keys, true};
	const struct ike_hdr hdr = {
		.spi_i = sa->spi_i, .spi_r = sa->spi_r, .version = IKE_VERSION, .exchange = exchange,
		.flags = IKE_FLAG_INITIATOR, .id = id,
	};
	uint8_t bytes[IKE_DATAGRAM_MAX];
	struct wr out = wr_init(bytes, sizeof(bytes));
	static uint64_t iv = 1ull << 40;

	iv++;
	assert_int_equal(sk_seal_part(&side, SPAN(&iv), &hdr, &part, &out), 0);
	pair_inject(pair, 1, wr_done(&out));
	pair_run(pair, 1);
}

static bool half(struct pair *pair)
{
	return only_sa(pair, 1)->win.parts[0];
}

/* Only what could be answered is kept, and no more of it than of any message. */
static void test_hoard(void **state)
{
	static const uint8_t much[IKE_DATAGRAM_MAX - 200];
	const struct sk_part part = {.first = IKE_PLD_VENDOR, .number = 1, .total = 3, .bytes = {much, 100}};
	struct sk_part other = part;
	struct pair pair;
	uint32_t id;

	(void)state;
	prepare(&pair, 5, NULL);
	pair_create(&pair, 1000);
	pair_up(&pair, 1);
	pair.side[0].mute_jobs = true;
	pair_up(&pair, 0);
	pair_run(&pair, 100);
	/* Not authenticated yet: nothing but IKE_AUTH. */
	send_part(&pair, IKE_EXCH_INFORMATIONAL, 1, part);
	send_part(&pair, IKE_EXCH_CREATE_CHILD_SA, 1, part);
	assert_false(half(&pair));
	send_part(&pair, IKE_EXCH_AUTH, 1, part);
	assert_true(half(&pair));
	pair_free(&pair);

	prepare(&pair, 6, NULL);
	pair_comes_up(&pair);
	id = only_sa(&pair, 1)->win.next_in;
	send_part(&pair, IKE_EXCH_INFORMATIONAL, id + 1, part);
	send_part(&pair, IKE_EXCH_INFORMATIONAL, id - 1, part);
	send_part(&pair, IKE_EXCH_AUTH, id, part);
	assert_false(half(&pair));
	other.total = IKE_FRAGMENTS_MAX + 1;
	send_part(&pair, IKE_EXCH_INFORMATIONAL, id, other);
	assert_false(half(&pair));
	assert_true(pair_said(&pair, 1, "65 parts that is too large"));
	other.total = 3;
	other.bytes.len = sizeof(much);
	send_part(&pair, IKE_EXCH_INFORMATIONAL, id, other);
	assert_true(half(&pair));
	other.number = 2;
	send_part(&pair, IKE_EXCH_INFORMATIONAL, id, other);
	assert_true(pair_said(&pair, 1, "3 parts that is too large"));
	/* Another message with this number takes its place, and that one does not stay. */
	pair_run(&pair, 20000);
	assert_false(half(&pair));
	pair_settled(&pair);
	pair_free(&pair);
}

/* What is put together is judged as any other message. */
static void test_bad_content(void **state)
{
	struct sk_part part = {.first = IKE_PLD_SK, .number = 1, .total = 2, .bytes = {(const uint8_t *)"\0\0\0", 3}};
	struct pair pair;
	uint32_t id;

	(void)state;
	prepare(&pair, 7, NULL);
	pair_comes_up(&pair);
	id = only_sa(&pair, 1)->win.next_in;
	send_part(&pair, IKE_EXCH_INFORMATIONAL, id, part);
	part = (struct sk_part){.first = IKE_PLD_NONE, .number = 2, .total = 2, .bytes = {(const uint8_t *)"\4", 1}};
	send_part(&pair, IKE_EXCH_INFORMATIONAL, id, part);
	assert_true(pair_said(&pair, 1, "with 1 SK payloads, 0 at most"));
	pair_free(&pair);

	/* And nobody takes parts that were not agreed on. */
	prepare(&pair, 8, NULL);
	pair.side[1].policy.fragmentation = false;
	pair_comes_up(&pair);
	part.total = part.number = 1;
	part.bytes.len = 0;
	seen.answers = 0;
	send_part(&pair, IKE_EXCH_INFORMATIONAL, only_sa(&pair, 1)->win.next_in, part);
	assert_int_equal(seen.answers, 0);
	assert_false(half(&pair));
	pair_free(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_parts),
		cmocka_unit_test(test_both_must_want_it),
		cmocka_unit_test(test_other_tunnel),
		cmocka_unit_test(test_bad_network),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_lost_part),
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_hoard),
		cmocka_unit_test(test_bad_content),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
