// SPDX-License-Identifier: GPL-2.0
/* Who begins IKE SAs and does not go on: what it costs, and whom it keeps out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "ike/room.h"
#include "pair.h"

static const struct ip_addr elsewhere = {4, {203, 0, 113, 7}};
static const struct ip_addr side_1 = {4, {198, 51, 100, 1}};

/* The last that side 0 has sent. */
static uint8_t last[4096];
static size_t last_len;

static bool keep(struct pair *pair, int from, struct span bytes)
{
	(void)pair;
	if (from)
		return true;
	memcpy(last, bytes.at, bytes.len);
	last_len = bytes.len;
	return true;
}

/* Side 1 takes whoever comes, and side 0 has sent its first message, which is lost. */
static void begin(struct pair *pair, uint64_t seed, unsigned int cookie_threshold)
{
	pair_init(pair, seed, NULL, NULL);
	pair->side[1].policy.remote.len = 0;
	pair->side[1].policy.remote_id = (struct ike_ident){.type = IKE_ID_IPV4, .len = 4, .bytes = {192, 0, 2, 1}};
	pair_create(pair, cookie_threshold);
	pair_up(pair, 1);
	pair->watch = keep;
	pair->cut = true;
	pair_up(pair, 0);
	pair->watch = NULL;
}

/* The message that was kept comes as a new one, from there. */
static void comes_from(struct pair *pair, const struct ip_addr *from)
{
	struct ike_path path = {.remote = *from, .local_port = IKE_PORT, .remote_port = IKE_PORT};
	static uint32_t number;

	path.local = side_1;
	number++;
	memcpy(last, &number, sizeof(number));
	ike_datagram(pair->side[1].ike, pair->now, &path, (struct span){last, last_len});
	pair_run(pair, 1);
}

static unsigned int half_open(struct pair *pair)
{
	struct ike_totals totals;

	ike_totals(pair->side[1].ike, &totals);
	return totals.half_open;
}

/* In the message that was kept: too short for its group, or none of its values. */
static void spoil_ke(bool size)
{
	uint8_t type = last[16], *at = last + IKE_HDR_SIZE;
	size_t len;

	while (type != IKE_PLD_KE) {
		assert_true(type && at < last + last_len);
		type = at[0];
		at += at[2] << 8 | at[3];
	}
	len = at[2] << 8 | at[3];
	memset(at + 8, 0, len - 8);
	if (!size)
		return;
	memmove(at + len - 1, at + len, last + last_len - (at + len));
	last_len--;
	at[2] = (len - 1) >> 8;
	at[3] = (len - 1) & 0xff;
	last[26] = last_len >> 8;
	last[27] = last_len & 0xff;
}

/* A value that is bad costs a key of ours; so from some on the sender's address has to be true. */
static void bad_values_are_counted(void **state)
{
	(void)state;
	for (int size = 0; size < 2; size++) {
		struct ip_addr from = elsewhere;
		struct pair pair;

		begin(&pair, 40 + size, 20);
		spoil_ke(size);
		for (int i = 0; i < 200; i++) {
			from.bytes[3] = i;
			comes_from(&pair, &from);
		}
		/* What cannot be a value is seen before anything is made for it. */
		assert_int_equal(half_open(&pair), size ? 0 : 20);
		/* Those beyond have been asked for a cookie, the others got nothing. */
		assert_int_equal(pair.side[1].sent, 180);
		assert_true(pair_said(&pair, 1, "bad Diffie-Hellman value of group"));
		pair.cut = false;
		assert_true(pair_until_up(&pair, 5000));
		pair_run(&pair, 30000);
		assert_int_equal(half_open(&pair), 0);
		pair_settled(&pair);
		pair_free(&pair);
	}
}

/* Who is nowhere near an address does not use up what that may have, by a second message in its name. */
static void others_do_not_use_up_a_share(void **state)
{
	struct ike_path path = {.remote = elsewhere, .local_port = IKE_PORT, .remote_port = IKE_PORT};
	const struct ip_addr begun = {4, {192, 0, 2, 1}};
	struct pair pair;

	(void)state;
	path.local = side_1;
	pair_init(&pair, 42, NULL, NULL);
	pair_create(&pair, 1000);
	pair_up(&pair, 1);
	pair.watch = keep;
	pair_up(&pair, 0);
	while (last[18] != IKE_EXCH_AUTH)
		pair_run(&pair, 1);
	/* IKE_AUTH is under way. It comes from elsewhere, where no tunnel is for. */
	pair.cut = true;
	ike_limits_set(pair.side[1].ike, 1000, 100, 1);
	ike_datagram(pair.side[1].ike, pair.now, &path, (struct span){last, last_len});
	assert_int_equal(half_open(&pair), 1);
	assert_int_equal(room_for(pair.side[1].ike, &begun), ROOM_NONE);
	assert_int_equal(room_for(pair.side[1].ike, &elsewhere), ROOM_FREE);
	pair_free(&pair);
}

/* Many hosts, each with its share, have all the room: whose address is true gets in, and those that have most lose. */
static void who_is_true_gets_in(void **state)
{
	struct ip_addr from = elsewhere;
	struct pair pair;

	(void)state;
	begin(&pair, 43, 1000);
	ike_limits_set(pair.side[1].ike, 1000, 20, 10);
	for (int i = 0; i < 100; i++) {
		from.bytes[3] = i % 5;
		comes_from(&pair, &from);
	}
	assert_int_equal(half_open(&pair), 20);
	pair.cut = false;
	assert_true(pair_until_up(&pair, 5000));
	assert_in_range(half_open(&pair), 18, 20);
	assert_true(pair_said(&pair, 1, "wait to be authenticated"));
	pair_run(&pair, 40000);
	assert_int_equal(half_open(&pair), 0);
	pair_settled(&pair);
	pair_free(&pair);
}

/* A small first message is not answered by a larger one for ever. */
static void copies_end(void **state)
{
	struct ike_path path = {.remote = elsewhere, .local_port = IKE_PORT, .remote_port = IKE_PORT};
	struct pair pair;

	(void)state;
	path.local = side_1;
	begin(&pair, 44, 1000);
	for (int i = 0; i < 100; i++) {
		ike_datagram(pair.side[1].ike, pair.now, &path, (struct span){last, last_len});
		pair_run(&pair, 1);
	}
	assert_int_equal(half_open(&pair), 1);
	assert_int_equal(pair.side[1].sent, 17);
	pair_free(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_values_are_counted),
		cmocka_unit_test(others_do_not_use_up_a_share),
		cmocka_unit_test(who_is_true_gets_in),
		cmocka_unit_test(copies_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
