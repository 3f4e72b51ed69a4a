// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "pair.h"

/* From nothing to a tunnel. */

/* Makes the engines; side 1 listens, side 0 begins. */
static void begin(struct pair *pair, unsigned int cookie_threshold)
{
	pair_create(pair, cookie_threshold);
	pair_up(pair, 1);
	pair_up(pair, 0);
}

static void comes_up(struct pair *pair)
{
	assert_true(pair_until_up(pair, 5000));
	pair_run(pair, 1000);
	pair_settled(pair);
}

static void test_up(void **state)
{
	struct pair pair;

	(void)state;
	pair_init(&pair, 1, NULL, NULL);
	begin(&pair, 1000);
	comes_up(&pair);
	/* Four messages, and no more. */
	assert_int_equal(pair.side[0].sent, 2);
	assert_int_equal(pair.side[1].sent, 2);
	assert_true(pair_status(&pair, 0).initiator);
	assert_false(pair_status(&pair, 1).initiator);
	assert_int_equal(pair_status(&pair, 0).path.remote_port, 500);
	assert_false(pair.side[0].sas[0].udp);
	pair_free(&pair);
}

static void test_suites(void **state)
{
	static const char *const suites[][2] = {
		{"aes128gcm16-prfsha256-ecp256", "aes128gcm16-ecp256"},
		{"aes256gcm16-prfsha384-ecp384", "aes256gcm16-ecp384"},
		{"aes256-sha512-ecp521", "aes256-sha512-ecp521"},
		{"aes256-sha384-modp3072", "aes256-sha384-modp3072"},
		{"aes128-sha256-modp2048", "aes128-sha256-modp2048"},
		{"aes256-sha256-modp4096", "aes256-sha256"},
		{"chacha20poly1305-prfsha512-x25519", "chacha20poly1305-x25519"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
		struct pair pair;

		pair_init(&pair, i, suites[i][0], suites[i][1]);
		begin(&pair, 1000);
		comes_up(&pair);
		/* With the group that IKE_AUTH leaves out. */
		assert_int_equal(ike_rekey(pair.side[i & 1].ike, pair.now, POLICY, false), 0);
		pair_run(&pair, 2000);
		pair_settled(&pair);
		assert_int_equal(ike_rekey(pair.side[i & 1].ike, pair.now, POLICY, true), 0);
		pair_run(&pair, 2000);
		pair_settled(&pair);
		assert_int_equal(pair_status(&pair, 0).child_rekeys, 1);
		assert_int_equal(pair_status(&pair, 1).ike_rekeys, 1);
		pair_free(&pair);
	}
}

static void test_nat(void **state)
{
	struct ike_status status;
	struct pair pair;

	(void)state;
	pair_init(&pair, 3, NULL, NULL);
	pair.nat = true;
	pair.nat_shift = 1000;
	pair.side[0].policy.encap = IKE_ENCAP_NONE;
	pair.side[1].policy.remote.len = 0;
	pair.side[1].policy.remote_id = (struct ike_ident){.type = IKE_ID_IPV4, .len = 4, .bytes = {192, 0, 2, 1}};
	begin(&pair, 1000);
	comes_up(&pair);
	status = pair_status(&pair, 1);
	assert_true(status.peer_natted);
	assert_false(status.natted);
	assert_int_equal(status.path.remote_port, 5500);
	assert_int_equal(status.path.local_port, 4500);
	assert_true(pair_status(&pair, 0).natted);
	assert_true(pair.side[0].sas[0].udp);
	assert_true(pair_said(&pair, 0, "although encapsulation is off"));

	/* The mapping changes: the next authentic request tells. */
	pair.nat_shift = 2000;
	pair_run(&pair, 15000);
	assert_true(pair.side[1].moves >= 1);
	assert_int_equal(pair.side[1].moved.remote_port, 6500);
	pair_settled(&pair);
	pair_free(&pair);
}

/*
 * One that is told no address of its own gives a hash that does not fit (OpenIKED does so), sees no NAT itself and so
 * stays on port 500: the SA is native at both ends. One that really is behind NAT goes to port 4500 all the same.
 */
static void test_wrong_hash(void **state)
{
	(void)state;
	for (int nat = 0; nat < 2; nat++) {
		struct pair pair;

		pair_init(&pair, 5, NULL, NULL);
		pair.nat = nat;
		pair.side[0].policy.local.len = 0;
		if (nat) {
			pair.side[1].policy.remote.len = 0;
			pair.side[1].policy.remote_id = (struct ike_ident){
				.type = IKE_ID_IPV4, .len = 4, .bytes = {192, 0, 2, 1},
			};
		}
		begin(&pair, 1000);
		comes_up(&pair);
		for (int i = 0; i < 2; i++) {
			assert_int_equal(pair.side[i].sas[0].udp, nat);
			assert_int_equal(pair_status(&pair, i).path.local_port, nat ? IKE_NATT_PORT : IKE_PORT);
		}
		assert_int_equal(pair_status(&pair, 1).peer_natted, nat);
		assert_int_equal(pair_said(&pair, 1, "stays on port 500: no NAT, native ESP"), !nat);
		/* As it is after new keys, too. */
		assert_int_equal(ike_rekey(pair.side[1].ike, pair.now, POLICY, false), 0);
		assert_int_equal(ike_rekey(pair.side[1].ike, pair.now, POLICY, true), 0);
		pair_run(&pair, 3000);
		pair_settled(&pair);
		assert_int_equal(pair_status(&pair, 1).peer_natted, nat);
		pair_free(&pair);
	}
}

static void test_encap_udp(void **state)
{
	(void)state;
	for (int who = 0; who < 2; who++) {
		struct pair pair;

		pair_init(&pair, 4, NULL, NULL);
		pair.side[who].policy.encap = IKE_ENCAP_UDP;
		begin(&pair, 1000);
		comes_up(&pair);
		for (int i = 0; i < 2; i++) {
			assert_true(pair.side[i].sas[0].udp);
			assert_int_equal(pair_status(&pair, i).path.local_port, 4500);
		}
		pair_free(&pair);
	}
}

static void test_cookie(void **state)
{
	struct pair pair;

	(void)state;
	pair_init(&pair, 5, NULL, NULL);
	begin(&pair, 0);
	comes_up(&pair);
	assert_int_equal(pair.side[0].sent, 3);
	pair_free(&pair);
}

/* Section 2.6.1: both at once cost a round each, and no more. */
static void test_invalid_ke(void **state)
{
	struct pair pair;

	(void)state;
	pair_init(&pair, 6, "aes256gcm16-prfsha256-ecp256-x25519", "aes256gcm16-ecp256-x25519");
	policy_proposals("aes256gcm16-prfsha256-x25519", IKE_PROTO_IKE, &pair.side[1].policy.ike);
	policy_proposals("aes256gcm16-x25519", IKE_PROTO_ESP, &pair.side[1].policy.esp);
	begin(&pair, 0);
	comes_up(&pair);
	assert_in_range(pair.side[0].sent, 4, 5);
	assert_int_equal(pair_status(&pair, 0).ike.group, IKE_GROUP_X25519);
	/* The same for the Child SA, and the IKE SA. */
	assert_int_equal(ike_rekey(pair.side[0].ike, pair.now, POLICY, false), 0);
	pair_run(&pair, 2000);
	pair_settled(&pair);
	assert_int_equal(pair_status(&pair, 0).esp.group, IKE_GROUP_X25519);
	pair_free(&pair);
}

/* Two engines that do not come together: what both say, and that the initiator tries on. */
static void fails(struct pair *pair, const char *says0, const char *says1)
{
	begin(pair, 1000);
	assert_false(pair_until_up(pair, 200000));
	if (says0 && !pair_said(pair, 0, says0))
		fail_msg("side 0 did not say: %s", says0);
	if (says1 && !pair_said(pair, 1, says1))
		fail_msg("side 1 did not say: %s", says1);
	assert_true(pair_status(pair, 0).attempts >= 2);
	assert_int_equal(pair_status(pair, 0).state, IKE_STATE_CONNECTING);
	assert_int_equal(kernel_count(&pair->side[0]) + kernel_count(&pair->side[1]), 0);
	if (says0)
		assert_int_not_equal(pair_status(pair, 0).last_error[0], 0);
}

/* Of this kind alone, on both sides; the initiator counts each attempt once, but for the one under way. */
static void counted(struct pair *pair, enum ike_fault kind)
{
	for (int who = 0; who < 2; who++) {
		const struct ike_status status = pair_status(pair, who);

		for (unsigned int i = 0; i < IKE_FAULTS; i++)
			assert_int_equal(!!status.faults[i], i == kind);
		assert_int_equal(status.fault, kind);
		assert_int_equal(status.handshakes, 0);
	}
	assert_in_range(pair_status(pair, 0).faults[kind], pair_status(pair, 0).attempts, pair_status(pair, 0).attempts + 1);
}

/* What was wrong is put right: the initiator comes back by itself. */
static void mended(struct pair *pair)
{
	assert_true(pair_until_up(pair, 150000));
	pair_run(pair, 40000);
	pair_settled(pair);
	assert_int_equal(pair_status(pair, 0).attempts, 0);
	assert_true(pair_status(pair, 0).handshakes >= 1);
	pair_free(pair);
}

static void test_wrong_key(void **state)
{
	struct pair pair;

	(void)state;
	pair_init(&pair, 8, NULL, NULL);
	strcpy(pair.side[1].psk, "another secret");
	fails(&pair, "its pre-shared key differs", "pre-shared key differs: 192.0.2.1");
	counted(&pair, IKE_FAULT_AUTHENTICATION);
	strcpy(pair.side[1].psk, pair.side[0].psk);
	mended(&pair);
}

static void test_no_key(void **state)
{
	(void)state;
	for (int who = 0; who < 2; who++) {
		struct pair pair;

		pair_init(&pair, 9, NULL, NULL);
		pair.side[who].psk[0] = 0;
		fails(&pair, who ? NULL : "no pre-shared key", who ? "pre-shared key differs" : NULL);
		strcpy(pair.side[who].psk, pair.side[!who].psk);
		mended(&pair);
	}
}

/* An answer that is not authentic: told, and an attempt that has had no other for long enough ends. */
static void test_no_proposal(void **state)
{
	struct pair pair;

	(void)state;
	pair_init(&pair, 10, NULL, NULL);
	policy_proposals("aes128-sha256-modp2048", IKE_PROTO_IKE, &pair.side[1].policy.ike);
	fails(&pair, "accepts none of our IKE proposals", "no common IKE proposal");
	counted(&pair, IKE_FAULT_NO_PROPOSAL);
	assert_in_range(pair_status(&pair, 0).attempts, 6, 9);
	assert_true(pair_said(&pair, 0, "aes256gcm16-prfsha256-x25519"));
	assert_true(pair_said(&pair, 1, "aes256gcm16-prfsha256-x25519"));
	assert_non_null(strstr(pair_status(&pair, 0).last_error, "again and again"));
	/* Three lines an attempt, though every retransmission is answered. */
	assert_true(pair.side[0].n_lines <= 27);
	pair.side[1].policy.ike = pair.side[0].policy.ike;
	assert_int_equal(ike_policy_set(pair.side[1].ike, &pair.side[1].policy), 0);
	mended(&pair);
}

static void test_wrong_identity(void **state)
{
	struct pair pair;
	struct why why;

	(void)state;
	pair_init(&pair, 11, NULL, NULL);
	assert_int_equal(ident_parse("gw.example.com", &pair.side[0].policy.local_id, &why), 0);
	fails(&pair, "no tunnel for identity gw.example.com", "no tunnel for identity gw.example.com");
	pair.side[1].policy.remote_id = pair.side[0].policy.local_id;
	assert_int_equal(ike_policy_set(pair.side[1].ike, &pair.side[1].policy), 0);
	mended(&pair);

	/* The responder is somebody else. */
	pair_init(&pair, 12, NULL, NULL);
	assert_int_equal(ident_parse("gw.example.com", &pair.side[1].policy.local_id, &why), 0);
	fails(&pair, "the peer says it is gw.example.com, configured is 198.51.100.1", NULL);
	pair_free(&pair);
}

/* Only the Child SA fails: the IKE SA stays, and the child is tried again. */
static void child_fails(struct pair *pair, const char *says0, const char *says1)
{
	begin(pair, 1000);
	assert_false(pair_until_up(pair, 60000));
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pair_status(pair, i).ike_sas, 1);
		assert_int_equal(pair_status(pair, i).child_sas, 0);
		assert_int_equal(kernel_count(&pair->side[i]), 0);
	}
	assert_true(pair_said(pair, 0, says0));
	assert_true(pair_said(pair, 1, says1));
	pair->side[1].policy.esp = pair->side[0].policy.esp;
	pair->side[1].policy.local_ts = pair->side[0].policy.remote_ts;
	assert_int_equal(ike_policy_set(pair->side[1].ike, &pair->side[1].policy), 0);
	mended(pair);
}

static void test_child_proposal(void **state)
{
	struct pair pair;

	(void)state;
	pair_init(&pair, 13, NULL, NULL);
	policy_proposals("aes128-sha256", IKE_PROTO_ESP, &pair.side[1].policy.esp);
	child_fails(&pair, "refuses the tunnel: NO_PROPOSAL_CHOSEN", "the peer's tunnel is refused");
}

static void test_child_selectors(void **state)
{
	struct pair pair;

	(void)state;
	pair_init(&pair, 14, NULL, NULL);
	pair.side[0].policy.remote_ts.list[0].from = (struct ip_addr){.len = 4, .bytes = {10, 0, 0, 0}};
	pair.side[0].policy.remote_ts.list[0].to = (struct ip_addr){.len = 4, .bytes = {10, 0, 0, 255}};
	pair.side[1].policy.local_ts.list[0].from = (struct ip_addr){.len = 4, .bytes = {10, 1, 0, 0}};
	pair.side[1].policy.local_ts.list[0].to = (struct ip_addr){.len = 4, .bytes = {10, 1, 0, 255}};
	child_fails(&pair, "TS_UNACCEPTABLE", "no common traffic selectors");
}

static void test_kernel_refuses(void **state)
{
	(void)state;
	for (int who = 0; who < 2; who++) {
		struct pair pair;

		pair_init(&pair, 15, NULL, NULL);
		pair.side[who].install_err = -22;
		begin(&pair, 1000);
		assert_false(pair_until_up(&pair, 30000));
		assert_true(pair_said(&pair, who, "the kernel refuses"));
		assert_int_equal(pair_status(&pair, 0).ike_sas, 1);
		assert_non_null(strstr(pair_status(&pair, who).last_error, "the kernel refuses"));
		assert_int_equal(kernel_count(&pair.side[0]) + kernel_count(&pair.side[1]), 0);
		pair.side[who].install_err = 0;
		mended(&pair);
	}
}

/* Nobody answers, for hours; then somebody does. */
static void test_retries_for_ever(void **state)
{
	unsigned int sent;
	struct pair pair;

	(void)state;
	pair_init(&pair, 16, NULL, NULL);
	pair.cut = true;
	begin(&pair, 1000);
	pair_run(&pair, 4 * 3600 * 1000);
	assert_in_range(pair_status(&pair, 0).attempts, 100, 240);
	assert_true(pair_said(&pair, 0, "no answer from 198.51.100.1 to IKE_SA_INIT"));
	sent = pair.side[0].sent;
	assert_in_range(sent, 500, 2500);
	pair.cut = false;
	mended(&pair);
}

/* The key process and the kernel say nothing: the attempt ends, and there are others. */
static void test_mute_helpers(void **state)
{
	(void)state;
	for (int who = 0; who < 2; who++) {
		struct pair pair;

		pair_init(&pair, 17, NULL, NULL);
		pair.side[who].mute_jobs = true;
		begin(&pair, 1000);
		assert_false(pair_until_up(&pair, 150000));
		pair.side[who].mute_jobs = false;
		mended(&pair);
	}
}

/* Both begin at the same moment. */
static void test_both_begin(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct pair pair;

		pair_init(&pair, seed, NULL, NULL);
		pair.jitter = 50;
		pair.job_jitter = 20;
		pair.side[1].policy.start = IKE_START_START;
		begin(&pair, 1000);
		assert_true(pair_until_up(&pair, 10000));
		pair_run(&pair, 60000);
		for (int i = 0; i < 2; i++) {
			assert_in_range(pair_status(&pair, i).ike_sas, 1, 2);
			assert_int_equal(pair_status(&pair, 0).ike_sas, pair_status(&pair, i).ike_sas);
			assert_int_equal(kernel_count(&pair.side[i]), pair_status(&pair, i).ike_sas);
			assert_true(pair_esp(&pair, i));
		}
		pair_free(&pair);
	}
}

static void test_on_demand(void **state)
{
	struct pair pair;

	(void)state;
	pair_init(&pair, 18, NULL, NULL);
	pair.side[0].policy.start = IKE_START_TRAP;
	begin(&pair, 1000);
	pair_run(&pair, 60000);
	assert_int_equal(pair.side[0].sent, 0);
	ike_acquire(pair.side[0].ike, pair.now, POLICY);
	comes_up(&pair);
	pair_free(&pair);
}

/* Side 0 has sent so often, and no offer yet. */
static void waits_for_its_spi(struct pair *pair, unsigned int sent)
{
	pair_run(pair, 500);
	assert_int_equal(pair->side[0].sent, sent);
	/* Should nobody answer, the offer leaves all the same. */
	pair_run(pair, 1000);
	assert_in_range(pair->side[0].sent, sent + 1, sent + 2);
}

/* Until the kernel has the SPI, packets by it would be lost: the peer sends them as soon as it has the offer. */
static void test_reserved_before_offered(void **state)
{
	struct pair pair;

	(void)state;
	pair_init(&pair, 18, NULL, NULL);
	pair.side[0].mute_reserves = true;
	begin(&pair, 1000);
	waits_for_its_spi(&pair, 1);
	comes_up(&pair);
	pair.side[0].sent = 0;
	assert_int_equal(ike_rekey(pair.side[0].ike, pair.now, POLICY, false), 0);
	waits_for_its_spi(&pair, 0);
	pair_run(&pair, 2000);
	assert_int_equal(pair_status(&pair, 0).child_rekeys, 1);
	pair_settled(&pair);
	pair_free(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_up),
		cmocka_unit_test(test_suites),
		cmocka_unit_test(test_nat),
		cmocka_unit_test(test_wrong_hash),
		cmocka_unit_test(test_encap_udp),
		cmocka_unit_test(test_cookie),
		cmocka_unit_test(test_invalid_ke),
		cmocka_unit_test(test_wrong_key),
		cmocka_unit_test(test_no_key),
		cmocka_unit_test(test_no_proposal),
		cmocka_unit_test(test_wrong_identity),
		cmocka_unit_test(test_child_proposal),
		cmocka_unit_test(test_child_selectors),
		cmocka_unit_test(test_kernel_refuses),
		cmocka_unit_test(test_retries_for_ever),
		cmocka_unit_test(test_mute_helpers),
		cmocka_unit_test(test_both_begin),
		cmocka_unit_test(test_on_demand),
		cmocka_unit_test(test_reserved_before_offered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
