// SPDX-License-Identifier: GPL-2.0
/* sources: kmod/prefix.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <linux/errno.h>
#include <linux/slab.h>

#include "limits.h"
#include "prefix.h"

enum { MODEL_MAX = 256, STEPS = 20000 };

/* Tunnels are opaque to the table: small numbers do. */
static struct vgw_tunnel *tunnel(uintptr_t number)
{
	return (struct vgw_tunnel *)number;
}

static struct vgw_cidr cidr4(uint32_t addr, u8 bits)
{
	struct vgw_cidr cidr = { .addr.len = VGW_ADDR4_LEN, .bits = bits };
	int i;

	for (i = 0; i < 4; i++)
		cidr.addr.bytes[i] = addr >> (24 - 8 * i);
	return cidr;
}

static int add(struct vgw_prefixes *table, struct vgw_cidr cidr, uintptr_t number, u32 priority, u32 group)
{
	struct vgw_member member = { tunnel(number), priority, group };

	return vgw_prefix_add(table, &cidr, &member, GFP_KERNEL);
}

static void del(struct vgw_prefixes *table, struct vgw_cidr cidr, uintptr_t number)
{
	vgw_prefix_del(table, &cidr, tunnel(number));
}

/* The first tunnel of the longest match, 0 for none. */
static uintptr_t find(const struct vgw_prefixes *table, struct vgw_cidr cidr)
{
	const struct vgw_prefix *prefix = vgw_prefix_lookup_rcu(table, cidr.addr.bytes, cidr.addr.len);

	return prefix ? (uintptr_t)prefix->members[0].tunnel : 0;
}

static void longest_match_wins(void **state)
{
	struct vgw_prefixes table = {};

	(void)state;
	assert_int_equal(add(&table, cidr4(0, 0), 1, 0, 0), 0);
	assert_int_equal(add(&table, cidr4(0x0a000000, 8), 2, 0, 0), 0);
	assert_int_equal(add(&table, cidr4(0x0a010000, 16), 3, 0, 0), 0);
	assert_int_equal(add(&table, cidr4(0x0a010101, 32), 4, 0, 0), 0);
	assert_int_equal(find(&table, cidr4(0x0a010101, 32)), 4);
	assert_int_equal(find(&table, cidr4(0x0a010102, 32)), 3);
	assert_int_equal(find(&table, cidr4(0x0a020101, 32)), 2);
	assert_int_equal(find(&table, cidr4(0xc0000001, 32)), 1);
	del(&table, cidr4(0x0a010000, 16), 3);
	assert_int_equal(find(&table, cidr4(0x0a010102, 32)), 2);
	del(&table, cidr4(0, 0), 9);	/* not a member: nothing happens */
	assert_int_equal(find(&table, cidr4(0xc0000001, 32)), 1);
	del(&table, cidr4(0, 0), 1);
	assert_int_equal(find(&table, cidr4(0xc0000001, 32)), 0);
	del(&table, cidr4(0x0a000000, 8), 2);
	del(&table, cidr4(0x0a010101, 32), 4);
	assert_int_equal(unit_slab_objects, 0);
}

static void families_are_apart(void **state)
{
	struct vgw_cidr all6 = { .addr.len = VGW_ADDR6_LEN, .bits = 0 };
	struct vgw_cidr host6 = { .addr.len = VGW_ADDR6_LEN, .bits = 128 };
	struct vgw_prefixes table = {};

	(void)state;
	host6.addr.bytes[0] = 0xfd;
	host6.addr.bytes[15] = 1;
	assert_int_equal(add(&table, all6, 1, 0, 0), 0);
	assert_int_equal(add(&table, host6, 2, 0, 0), 0);
	assert_int_equal(find(&table, cidr4(0x0a000001, 32)), 0);
	assert_int_equal(find(&table, host6), 2);
	host6.addr.bytes[15] = 0;
	assert_int_equal(find(&table, host6), 1);
	host6.addr.bytes[15] = 1;
	del(&table, host6, 2);
	del(&table, all6, 1);
	assert_int_equal(unit_slab_objects, 0);
}

static void members_are_sorted_and_of_one_group(void **state)
{
	struct vgw_cidr cidr = cidr4(0x0a000000, 8), more = cidr4(0x0a000000, 16);
	const struct vgw_prefix *prefix;
	struct vgw_prefixes table = {};

	(void)state;
	assert_int_equal(add(&table, cidr, 1, 20, 7), 0);
	assert_int_equal(add(&table, cidr, 2, 10, 7), 0);
	assert_int_equal(add(&table, cidr, 3, 15, 7), 0);
	assert_int_equal(add(&table, cidr, 4, 5, 8), -EEXIST);
	prefix = vgw_prefix_lookup_rcu(&table, cidr.addr.bytes, cidr.addr.len);
	assert_int_equal(prefix->count, 3);
	assert_ptr_equal(prefix->members[0].tunnel, tunnel(2));
	assert_ptr_equal(prefix->members[1].tunnel, tunnel(3));
	assert_ptr_equal(prefix->members[2].tunnel, tunnel(1));
	assert_int_equal(add(&table, cidr, 1, 1, 7), 0);	/* a new priority, not a new member */
	assert_int_equal(find(&table, cidr), 1);
	assert_int_equal(add(&table, more, 4, 5, 8), 0);
	assert_int_equal(find(&table, more), 4);
	prefix = vgw_prefix_lookup_group_rcu(&table, more.addr.bytes, more.addr.len, 7);
	assert_ptr_equal(prefix->members[0].tunnel, tunnel(1));
	assert_null(vgw_prefix_lookup_group_rcu(&table, more.addr.bytes, more.addr.len, 9));
	del(&table, more, 4);
	del(&table, cidr, 1);
	del(&table, cidr, 2);
	del(&table, cidr, 3);
	assert_int_equal(unit_slab_objects, 0);
}

static void a_prefix_takes_so_many_tunnels(void **state)
{
	struct vgw_cidr cidr = cidr4(0x0a000000, 8);
	struct vgw_prefixes table = {};
	uintptr_t i;

	(void)state;
	for (i = 1; i <= VGW_MEMBERS_MAX; i++)
		assert_int_equal(add(&table, cidr, i, i, 0), 0);
	assert_int_equal(add(&table, cidr, i, 0, 0), -E2BIG);
	assert_int_equal(find(&table, cidr), 1);
	for (i = 1; i <= VGW_MEMBERS_MAX; i++)
		del(&table, cidr, i);
	assert_int_equal(unit_slab_objects, 0);
}

static void host_bits_are_seen(void **state)
{
	struct vgw_cidr cidr = cidr4(0x0a000100, 24);

	(void)state;
	assert_false(vgw_prefix_host_bits(&cidr));
	cidr.bits = 23;
	assert_true(vgw_prefix_host_bits(&cidr));
	cidr.bits = 0;
	assert_true(vgw_prefix_host_bits(&cidr));
	cidr = cidr4(0, 0);
	assert_false(vgw_prefix_host_bits(&cidr));
}

/* ---- against a list ---- */

struct model {
	uint32_t addr;
	u8 bits;
	uintptr_t number;
};

static uint32_t mask(u8 bits)
{
	return bits ? ~0u << (32 - bits) : 0;
}

static uintptr_t model_find(const struct model *model, int count, uint32_t addr)
{
	uintptr_t best = 0;
	int i, bits = -1;

	for (i = 0; i < count; i++) {
		if ((addr & mask(model[i].bits)) == model[i].addr && model[i].bits > bits) {
			bits = model[i].bits;
			best = model[i].number;
		}
	}
	return best;
}

/* Few different addresses, so that prefixes meet, fork and cover each other all the time. */
static uint32_t random_addr(void)
{
	return (uint32_t)(rand() & 7) << 29 | (uint32_t)(rand() & 7) << 14 | (uint32_t)(rand() & 3);
}

static void random_work_matches_a_list(void **state)
{
	struct vgw_prefixes table = {};
	struct model model[MODEL_MAX];
	int count = 0, step, i;

	(void)state;
	srand(1);
	for (step = 0; step < STEPS; step++) {
		u8 bits = rand() % 33;
		uint32_t addr = random_addr() & mask(bits);

		for (i = 0; i < count && (model[i].addr != addr || model[i].bits != bits); i++)
			;
		if (i < count) {
			del(&table, cidr4(addr, bits), model[i].number);
			model[i] = model[--count];
		} else if (count < MODEL_MAX) {
			/* Memory may end anywhere: then nothing has changed. */
			unit_slab_left = rand() % 4;
			if (!add(&table, cidr4(addr, bits), step + 1, 0, 0))
				model[count++] = (struct model){ addr, bits, step + 1 };
			unit_slab_left = -1;
		}
		for (i = 0; i < 8; i++) {
			addr = random_addr();
			assert_int_equal(find(&table, cidr4(addr, 32)), model_find(model, count, addr));
		}
	}
	while (count--)
		del(&table, cidr4(model[count].addr, model[count].bits), model[count].number);
	assert_int_equal(unit_slab_objects, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(longest_match_wins),
		cmocka_unit_test(families_are_apart),
		cmocka_unit_test(members_are_sorted_and_of_one_group),
		cmocka_unit_test(a_prefix_takes_so_many_tunnels),
		cmocka_unit_test(host_bits_are_seen),
		cmocka_unit_test(random_work_matches_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
