// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/iked/sas.c tools/vpntun/iked/share.c tools/vpntun/ike/ts.c tools/vpntun/util/addr.c */
/* sources: tools/vpntun/util/clock.c */
/* sources: tools/vpntun/util/nearest.c tools/vpntun/util/num.c tools/vpntun/util/prefix.c tools/vpntun/util/text.c */
/* sources: tools/vpntun/util/why.c */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "iked/log.h"
#include "iked/sas.h"

/* What a compromised, or unlucky, network process may have the parent do. Site, log and processes are made up here. */
static struct {
	unsigned int reserved, told_reserved, installed, activated, deleted, expired, moved, lines, heard;
	uint32_t gone, last_reserved, last_deleted, last_expired;
	int32_t answer;
	uint64_t silence;
} seen;

int site_install(struct site *site, size_t tunnel, const struct ike_act_install *install, struct why *why)
{
	(void)site, (void)tunnel, (void)install, (void)why;
	seen.installed++;
	return 0;
}

int site_reserve(struct site *site, size_t tunnel, uint32_t spi, struct why *why)
{
	(void)site, (void)tunnel, (void)why;
	seen.reserved++;
	seen.last_reserved = spi;
	return 0;
}

int site_activate(struct site *site, size_t tunnel, const struct ike_act_child *child, struct why *why)
{
	(void)site, (void)tunnel, (void)child, (void)why;
	seen.activated++;
	return 0;
}

int site_delete(struct site *site, size_t tunnel, const struct ike_act_child *child, struct why *why)
{
	(void)site, (void)tunnel, (void)why;
	seen.deleted++;
	seen.last_deleted = child->spi_in;
	return 0;
}

int site_move(struct site *site, size_t tunnel, const struct ike_act_move *move, struct why *why)
{
	(void)site, (void)tunnel, (void)move, (void)why;
	seen.moved++;
	return 0;
}

void site_forget_old(struct site *site, size_t tunnel)
{
	(void)site, (void)tunnel;
}

bool site_has(struct site *site, size_t tunnel, uint32_t spi_in, uint32_t spi_out)
{
	(void)site, (void)tunnel, (void)spi_out;
	return spi_in != seen.gone;
}

void site_listen(struct site *site)
{
	(void)site;
}

uint64_t site_silence(const struct site *site, size_t tunnel)
{
	(void)site, (void)tunnel;
	return seen.silence;
}

void ilog(enum ike_log_level level, const char *name, const char *fmt, ...)
{
	(void)name, (void)fmt;
	seen.lines += level <= IKE_LOG_INFO;
}

static bool has_room;

bool procs_room(const struct procs *procs, enum proc_kind kind)
{
	(void)procs, (void)kind;
	return has_room;
}

void procs_send(struct procs *procs, enum proc_kind kind, enum imsg_type type, const void *body, int fd)
{
	(void)procs, (void)kind, (void)fd;
	seen.heard += type == IMSG_HEARD;
	seen.told_reserved += type == IMSG_RESERVED;
	if (type == IMSG_INSTALLED)
		seen.answer = ((const struct imsg_installed *)body)->err;
	if (type != IMSG_EXPIRED)
		return;
	assert_true(((const struct imsg_expired *)body)->hard);
	seen.expired++;
	seen.last_expired = ((const struct imsg_expired *)body)->spi;
}

static struct conn_tunnel tunnel;
static struct conn conn = { .tunnels = &tunnel, .conf = { .n_tunnels = 1 } };
static struct conns conns = { .first = &conn, .generation = 1 };

bool conns_locate(const struct conns *of, uint32_t policy, struct conn_place *place)
{
	*place = (struct conn_place){ of->first, 0 };
	return policy == tunnel.policy.id;
}

static struct ike_ts_list selectors(uint8_t from, uint8_t to)
{
	return (struct ike_ts_list){
		.count = 1,
		.list[0] = {
			.from = { .len = 4, .bytes = { from, 0, 0, 0 } }, .to = { .len = 4, .bytes = { to, 255, 255, 255 } },
			.port_to = UINT16_MAX,
		},
	};
}

static const struct ike_proposals proposals = {
	.count = 2,
	.list[0] = {
		.count = 3, .transforms = {
			{ IKE_T_ENCR, IKE_ENCR_AES_GCM_16, 256 }, { IKE_T_GROUP, IKE_GROUP_ECP384, 0 }, { IKE_T_ESN, 0, 0 },
		},
	},
	.list[1] = {
		.count = 4, .transforms = {
			{ IKE_T_ENCR, IKE_ENCR_AES_CBC, 256 }, { IKE_T_INTEG, IKE_INTEG_HMAC_SHA2_256_128, 0 },
			{ IKE_T_ESN, 1, 0 }, { IKE_T_ESN, 0, 0 },
		},
	},
};

static struct ike_suite suite = { .proto = IKE_PROTO_ESP, .encr = IKE_ENCR_AES_GCM_16, .key_bits = 256 };

static int begin(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof(seen));
	seen.silence = UINT64_MAX;
	has_room = true;
	memset(&tunnel, 0, sizeof(tunnel));
	tunnel.policy.id = 1;
	tunnel.policy.local_ts = selectors(10, 10);
	tunnel.policy.remote_ts = selectors(20, 29);
	tunnel.policy.esp = proposals;
	conns.generation = 1;
	return 0;
}

static int32_t install(uint32_t spi, struct ike_ts_list local, struct ike_ts_list remote)
{
	struct ike_act_install act = {
		.policy = 1, .spi_in = spi, .spi_out = spi, .path.remote.len = 4, .local_ts = local, .remote_ts = remote,
		.suite = suite,
	};

	sas_install(&conns, &act);
	return seen.answer;
}

static int32_t install_good(uint32_t spi)
{
	return install(spi, selectors(10, 10), selectors(21, 22));
}

static void selectors_stay_within_the_file(void **state)
{
	(void)state;
	assert_int_equal(install_good(0x100), 0);
	assert_int_equal(install(0x101, selectors(10, 11), selectors(21, 22)), -EINVAL);
	assert_int_equal(install(0x102, selectors(10, 10), selectors(0, 255)), -EINVAL);
	assert_int_equal(install(0x103, selectors(10, 10), (struct ike_ts_list){ 0 }), -EINVAL);
	assert_int_equal(install_good(0), -EINVAL);
	assert_int_equal(seen.installed, 1);
	assert_int_equal(tunnel.n_pairs, 1);
}

static int32_t install_suite(uint16_t encr, uint16_t key_bits, uint16_t integ, bool esn)
{
	struct ike_suite before = suite;
	int32_t answer;

	suite = (struct ike_suite){
		.proto = IKE_PROTO_ESP, .encr = encr, .key_bits = key_bits, .integ = integ, .esn = esn,
	};
	answer = install_good(0x100);
	suite = before;
	return answer;
}

static void suites_are_of_the_file(void **state)
{
	(void)state;
	assert_int_equal(install_suite(IKE_ENCR_AES_GCM_16, 256, 0, false), 0);
	assert_int_equal(install_suite(IKE_ENCR_AES_CBC, 256, IKE_INTEG_HMAC_SHA2_256_128, true), 0);
	assert_int_equal(install_suite(IKE_ENCR_AES_GCM_16, 128, 0, false), -EINVAL);
	assert_int_equal(install_suite(IKE_ENCR_AES_GCM_16, 256, 0, true), -EINVAL);
	assert_int_equal(install_suite(IKE_ENCR_NULL, 0, IKE_INTEG_HMAC_SHA2_256_128, false), -EINVAL);
	/* Not half of one proposal and half of another. */
	assert_int_equal(install_suite(IKE_ENCR_AES_CBC, 256, 0, false), -EINVAL);
	assert_int_equal(install_suite(IKE_ENCR_AES_GCM_16, 256, IKE_INTEG_HMAC_SHA2_256_128, false), -EINVAL);
}

static void work_is_bounded(void **state)
{
	const struct ike_act_move move = { .policy = 1, .path.remote.len = 4 };
	unsigned int i, busy = 0;

	(void)state;
	for (i = 0; i < 30; i++)
		assert_int_not_equal(install_good(0x100 + i), -EBUSY);
	for (i = 0; i < 1000; i++)
		sas_move(&conns, &move);
	assert_in_range(seen.moved, 10, 500);
	for (i = 0; i < 10; i++)
		busy += install_good(0x200) == -EBUSY;
	assert_true(busy);
	/* Another tunnel has its own share; this one has it again after a while. */
	tunnel.work_until = 0;
	assert_int_not_equal(install_good(0x200), -EBUSY);
}

/* Each of them is worth a line, and all of them would fill the disk. */
static void lines_are_bounded(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		tunnel.work_until = 0;
		assert_int_equal(install_good(0), -EINVAL);
	}
	assert_in_range(seen.lines, 5, 50);
	/* After a while there is one that tells of those, and there are new ones. */
	i = seen.lines;
	tunnel.log.since = 1;
	tunnel.work_until = 0;
	install_good(0);
	assert_int_equal(seen.lines, i + 2);
}

/* Who does not read is not sent more for that, of which it would be killed. */
static void hints_need_room(void **state)
{
	(void)state;
	assert_int_equal(install_good(0x100), 0);
	seen.silence = 0;
	sas_tick(&conns);
	assert_int_equal(seen.heard, 1);
	has_room = false;
	sas_tick(&conns);
	assert_int_equal(seen.heard, 1);
}

/* Of a pair that it has: as often as it likes to. */
static void activations_are_bounded(void **state)
{
	const struct ike_act_child pair = { .policy = 1, .spi_in = 0x100, .spi_out = 0x100 };
	unsigned int i;

	(void)state;
	assert_int_equal(install_good(0x100), 0);
	for (i = 0; i < 1000; i++)
		sas_activate(&conns, &pair);
	assert_in_range(seen.activated, 10, 500);
	tunnel.work_until = 0;
	i = seen.activated;
	sas_activate(&conns, &pair);
	assert_int_equal(seen.activated, i + 1);
}

static void reservations_are_bounded(void **state)
{
	struct ike_act_reserve reserve = { .policy = 1 };
	unsigned int i;

	(void)state;
	sas_reserve(&conns, &reserve);
	assert_int_equal(seen.reserved, 0);
	reserve.spi_in = 0x123;
	sas_reserve(&conns, &reserve);
	assert_int_equal(seen.reserved, 1);
	assert_int_equal(seen.last_reserved, 0x123);
	reserve.policy = 2;
	sas_reserve(&conns, &reserve);
	assert_int_equal(seen.reserved, 1);
	/* Its offer waits to be told, whatever came of it. */
	assert_int_equal(seen.told_reserved, 3);
	reserve.policy = 1;
	for (i = 0; i < 1000; i++)
		sas_reserve(&conns, &reserve);
	assert_in_range(seen.reserved, 10, 500);
	conn.ending = true;
	tunnel.work_until = 0;
	i = seen.reserved;
	sas_reserve(&conns, &reserve);
	assert_int_equal(seen.reserved, i);
	conn.ending = false;
}

static void a_dead_process_keeps_no_room(void **state)
{
	uint32_t spi;

	(void)state;
	for (spi = 1; spi <= CONN_PAIRS_MAX; spi++)
		assert_int_equal(install_good(spi), 0);
	assert_int_equal(install_good(spi), -ENOSPC);
	assert_int_equal(seen.deleted, 0);

	conns.generation++;
	assert_int_equal(install_good(spi), 0);
	assert_int_equal(seen.deleted, 1);
	assert_int_equal(seen.last_deleted, 1);
	assert_int_equal(tunnel.n_pairs, CONN_PAIRS_MAX);
}

static void lost_expiries_are_made_up_for(void **state)
{
	(void)state;
	assert_int_equal(install_good(0x100), 0);
	assert_int_equal(install_good(0x200), 0);
	sas_resync(&conns);
	assert_int_equal(seen.expired, 0);
	seen.gone = 0x200;
	sas_resync(&conns);
	assert_int_equal(seen.expired, 1);
	assert_int_equal(seen.last_expired, 0x200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(selectors_stay_within_the_file, begin),
		cmocka_unit_test_setup(suites_are_of_the_file, begin),
		cmocka_unit_test_setup(work_is_bounded, begin),
		cmocka_unit_test_setup(lines_are_bounded, begin),
		cmocka_unit_test_setup(hints_need_room, begin),
		cmocka_unit_test_setup(activations_are_bounded, begin),
		cmocka_unit_test_setup(reservations_are_bounded, begin),
		cmocka_unit_test_setup(a_dead_process_keeps_no_room, begin),
		cmocka_unit_test_setup(lost_expiries_are_made_up_for, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
