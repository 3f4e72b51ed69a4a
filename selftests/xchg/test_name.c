// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "pair.h"

/* A peer that is known by name: nothing begins without an address, and each attempt asks for it. */

static struct ike_path path_of(const struct ike_policy *policy)
{
	return (struct ike_path){.local = policy->local, .remote = policy->remote};
}

/* Side 0 knows side 1 by name; @path is what that would be. */
static void begin(struct pair *pair, struct ike_path *path)
{
	pair_init(pair, 1, NULL, NULL);
	*path = path_of(&pair->side[0].policy);
	pair->side[0].policy.by_name = true;
	pair->side[0].policy.remote = (struct ip_addr){0};
	pair_create(pair, 1000);
	pair_up(pair, 1);
	pair_up(pair, 0);
	pair_run(pair, 10);
}

static void answer(struct pair *pair, const struct ike_path *path, const char *why)
{
	ike_remote_set(pair->side[0].ike, pair->now, POLICY, path, why);
	pair_run(pair, 10);
}

static void test_asked_first(void **state)
{
	struct ike_path path;
	struct pair pair;

	(void)state;
	begin(&pair, &path);
	assert_int_equal(pair.side[0].asked, 1);
	assert_int_equal(pair.side[0].sent, 0);
	assert_int_equal(pair_status(&pair, 0).state, IKE_STATE_CONNECTING);
	/* Nobody answers: asked again, not too often. */
	pair_run(&pair, 130000);
	assert_in_range(pair.side[0].asked, 2, 3);
	assert_int_equal(pair.side[0].sent, 0);
	answer(&pair, &path, "");
	assert_true(pair_until_up(&pair, 5000));
	pair_run(&pair, 1000);
	pair_settled(&pair);
	pair_free(&pair);
}

static void test_no_address(void **state)
{
	const struct ike_path none = {0};
	struct ike_path path;
	struct pair pair;

	(void)state;
	begin(&pair, &path);
	answer(&pair, &none, "cannot resolve it: no such name");
	assert_true(pair_said(&pair, 0, "cannot resolve it: no such name"));
	assert_string_equal(pair_status(&pair, 0).last_error, "cannot resolve it: no such name");
	assert_int_equal(pair_status(&pair, 0).state, IKE_STATE_CONNECTING);
	assert_int_equal(pair_status(&pair, 0).attempts, 1);
	pair_run(&pair, 1500);
	assert_int_equal(pair.side[0].asked, 2);
	answer(&pair, &none, "cannot resolve it: no such name");
	pair_run(&pair, 1500);
	assert_int_equal(pair.side[0].asked, 2);	/* the pauses grow */
	pair_run(&pair, 1500);
	assert_int_equal(pair.side[0].asked, 3);
	answer(&pair, &path, "");
	assert_true(pair_until_up(&pair, 5000));
	assert_int_equal(pair_status(&pair, 0).attempts, 0);
	assert_string_equal(pair_status(&pair, 0).last_error, "");
	pair_free(&pair);
}

/* News do no harm to what is up; the next attempt asks again, and goes to the new address. */
static void test_news(void **state)
{
	struct ike_path path, other;
	struct pair pair;
	unsigned int sent;

	(void)state;
	begin(&pair, &path);
	answer(&pair, &path, "");
	assert_true(pair_until_up(&pair, 5000));
	other = path;
	other.remote.bytes[3]++;
	answer(&pair, &other, "");
	pair_run(&pair, 30000);
	pair_settled(&pair);
	assert_int_equal(pair.side[0].asked, 1);

	pair.cut = true;
	pair_run(&pair, 120000);
	assert_in_range(pair.side[0].asked, 2, 3);
	sent = pair.side[0].sent;
	pair.cut = false;
	answer(&pair, &path, "");
	assert_true(pair.side[0].sent > sent);
	assert_true(pair_until_up(&pair, 60000));
	pair_free(&pair);
}

/* As responder: without an address nobody is taken for the peer, then only the right one. */
static void test_responder(void **state)
{
	struct ike_path path, other;
	struct pair pair;

	(void)state;
	pair_init(&pair, 2, NULL, NULL);
	path = path_of(&pair.side[1].policy);
	pair.side[1].policy.by_name = true;
	pair.side[1].policy.remote = (struct ip_addr){0};
	pair.side[1].policy.start = IKE_START_ADD;
	pair_create(&pair, 1000);
	pair_up(&pair, 1);
	pair_up(&pair, 0);
	assert_false(pair_until_up(&pair, 10000));
	assert_int_equal(pair.side[1].asked, 0);
	other = path;
	other.remote.bytes[3] ^= 1;
	ike_remote_set(pair.side[1].ike, pair.now, POLICY, &other, "");
	assert_false(pair_until_up(&pair, 60000));
	ike_remote_set(pair.side[1].ike, pair.now, POLICY, &path, "");
	assert_true(pair_until_up(&pair, 120000));
	pair_settled(&pair);
	pair_free(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_asked_first),
		cmocka_unit_test(test_no_address),
		cmocka_unit_test(test_news),
		cmocka_unit_test(test_responder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
