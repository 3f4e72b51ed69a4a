// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "held.h"

/*
 * Child SAs that are deleted, or whose IKE SA is rekeyed or deleted, while they are rekeyed: the rest of the list at
 * the head of test_collide.c. In the end there is one, and nothing is left beside it.
 */

static void ends(struct pair *pair, uint64_t ms)
{
	let_go(pair, ms);
	pair_settled(pair);
	pair_free(pair);
}

static void delete_regular(void **state)
{
	static struct held held;

	(void)state;
	for (int who = 0; who < 2; who++) {
		struct pair pair;

		held_up(&pair, &held, NULL, NULL);
		pair.strict = false;
		held_expire(&pair, who);
		assert_int_equal(kernel_count(&pair.side[who]), 0);
		pass(&pair, who, "delete-child");
		assert_int_equal(kernel_count(&pair.side[!who]), 0);
		pass(&pair, !who, "deleted");
		ends(&pair, 10000);
	}
}

/* Section 1.4.1: each names its own half in a request, and none in its answer. */
static void both_delete(void **state)
{
	static struct held held;

	(void)state;
	for (unsigned int lost = 0; lost < 16; lost++) {
		struct pair pair;

		held_up(&pair, &held, NULL, NULL);
		pair.strict = false;
		held_expire(&pair, 0);
		held_expire(&pair, 1);
		for (int i = 0; i < 2; i++) {
			struct held_msg msg = take(&pair, i, "delete-child");

			if (!(lost & 1 << i))
				late(&pair, &msg);
		}
		for (int i = 0; i < 2; i++) {
			struct held_msg msg;

			if (lost & 1 << !i)
				continue;
			msg = take(&pair, i, "empty");
			if (!(lost & 4 << i))
				late(&pair, &msg);
		}
		ends(&pair, 30000);
	}
}

/* One rekeys what the other deletes. */
static void delete_meets_rekey(void **state)
{
	static struct held held;

	(void)state;
	for (int way = 0; way < 6; way++) {
		int who = way & 1;
		struct pair pair;

		held_up(&pair, &held, NULL, NULL);
		pair.strict = false;
		held_rekey(&pair, who, false);
		held_expire(&pair, !who);
		switch (way / 2) {
		case 0:
			pass(&pair, who, "rekey-child");
			pass(&pair, !who, "delete-child");
			break;
		case 1:
			pass(&pair, !who, "delete-child");
			pass(&pair, who, "rekey-child");
			break;
		default:
			/* The delete is late: the refusal comes first. */
			pass(&pair, who, "rekey-child");
			pass(&pair, !who, "delete-child");
			take(&pair, who, "deleted");
		}
		/* Who hears of the delete first makes another one, with no more of a pause than for one that was there so briefly. */
		ends(&pair, way < 4 ? 1500 : 60000);
	}
}

static void delete_meets_rekey_dropped(void **state)
{
	static struct held held;

	(void)state;
	for (unsigned int lost = 0; lost < 32; lost++) {
		struct pair pair;

		held_up(&pair, &held, NULL, NULL);
		pair.strict = false;
		held_rekey(&pair, lost & 1, false);
		held_expire(&pair, !(lost & 1));
		for (unsigned int bit = 1; bit < 5 && held.count; bit++) {
			struct held_msg first = held.list[0];

			held.count--;
			memmove(held.list, held.list + 1, held.count * sizeof(first));
			if (!(lost & 1 << bit))
				late(&pair, &first);
		}
		ends(&pair, 60000);
	}
}

/* Section 2.25.2: one rekeys the IKE SA, the other the Child SA. Both are refused, and tried again. */
static void ike_rekey_meets_rekey(void **state)
{
	static struct held held;

	(void)state;
	for (int who = 0; who < 2; who++) {
		struct pair pair;

		held_up(&pair, &held, NULL, NULL);
		held_rekey(&pair, who, false);
		held_rekey(&pair, !who, true);
		pass(&pair, who, "rekey-child");
		pass(&pair, !who, "rekey-ike");
		pass(&pair, !who, "TEMPORARY_FAILURE");
		pass(&pair, who, "TEMPORARY_FAILURE");
		/* Neither at once. */
		quiet(&pair);
		let_go(&pair, 30000);
		assert_true(pair_status(&pair, 0).ike_rekeys == 1 && pair_status(&pair, 0).child_rekeys == 1);
		pair_settled(&pair);
		pair_free(&pair);
	}
}

static void ike_rekey_meets_new(void **state)
{
	static struct held held;
	struct pair pair;

	(void)state;
	held_up(&pair, &held, NULL, NULL);
	pair.strict = false;
	/* Side 0 has no Child SA any more, and asks for one. */
	held_expire(&pair, 0);
	pass(&pair, 0, "delete-child");
	pass(&pair, 1, "deleted");
	held_rekey(&pair, 1, true);
	pass(&pair, 0, "new-child");
	pass(&pair, 1, "rekey-ike");
	pass(&pair, 1, "TEMPORARY_FAILURE");
	pass(&pair, 0, "TEMPORARY_FAILURE");
	quiet(&pair);
	ends(&pair, 30000);
}

static void ike_rekey_meets_delete(void **state)
{
	static struct held held;

	(void)state;
	for (int way = 0; way < 4; way++) {
		int who = way & 1;
		struct pair pair;

		held_up(&pair, &held, NULL, NULL);
		pair.strict = false;
		held_expire(&pair, who);
		held_rekey(&pair, !who, true);
		if (way < 2) {
			pass(&pair, who, "delete-child");
			pass(&pair, !who, "rekey-ike");
			/* Deletes are always answered, rekeying has to wait. */
			pass(&pair, !who, "deleted");
			pass(&pair, who, "TEMPORARY_FAILURE");
		} else {
			pass(&pair, !who, "rekey-ike");
			pass(&pair, who, "delete-child");
			pass(&pair, who, "TEMPORARY_FAILURE");
			pass(&pair, !who, "deleted");
		}
		ends(&pair, 30000);
	}
}

/* The IKE SA ends while a Child SA is rekeyed: nothing is left, then the initiator comes back. */
static void ike_delete_meets_rekey(void **state)
{
	static struct held held;

	(void)state;
	for (int way = 0; way < 4; way++) {
		int who = way & 1;
		struct pair pair;

		held_up(&pair, &held, NULL, NULL);
		pair.strict = false;
		held_rekey(&pair, who, false);
		ike_down(pair.side[!who].ike, pair.now, POLICY);
		pair_run(&pair, 0);
		if (way < 2) {
			pass(&pair, who, "rekey-child");
			pass(&pair, !who, "delete-ike");
		} else {
			pass(&pair, !who, "delete-ike");
			pass(&pair, who, "rekey-child");
		}
		pass(&pair, !who, "TEMPORARY_FAILURE");
		pass(&pair, who, "empty");
		assert_int_equal(kernel_count(&pair.side[0]) + kernel_count(&pair.side[1]), 0);
		let_go(&pair, 1000);
		pair_up(&pair, !who);
		assert_true(pair_until_up(&pair, 60000));
		ends(&pair, 20000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delete_regular),
		cmocka_unit_test(both_delete),
		cmocka_unit_test(delete_meets_rekey),
		cmocka_unit_test(delete_meets_rekey_dropped),
		cmocka_unit_test(ike_rekey_meets_rekey),
		cmocka_unit_test(ike_rekey_meets_new),
		cmocka_unit_test(ike_rekey_meets_delete),
		cmocka_unit_test(ike_delete_meets_rekey),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
