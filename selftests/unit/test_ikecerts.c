// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/ike/buf.c tools/vpntun/ike/chain.c tools/vpntun/ike/msg.c tools/vpntun/util/why.c */
/* sources: tools/vpntun/ike/propname.c tools/vpntun/util/text.c tools/vpntun/util/nearest.c */
/* libs: libcrypto */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "ike/msg.h"

/* CERT and CERTREQ, RFC 7296 sections 3.6 and 3.7. */

static const uint8_t cas[2][IKE_CA_HASH] = {"nineteen and a zero", "another one of them"};
static struct ike_msg msg;
static struct why why;

/* Decodes a copy on the heap, just as long: what reads beyond it is caught. */
static int decode(uint8_t first, struct span payloads)
{
	static uint8_t *copy;

	free(copy);
	copy = malloc(payloads.len ? payloads.len : 1);
	assert_non_null(copy);
	if (payloads.len)
		memcpy(copy, payloads.at, payloads.len);
	memset(&why, 0, sizeof(why));
	return msg_decode(&msg, first, (struct span){copy, payloads.len}, &why);
}

static int decode_hex(uint8_t type, const char *hex)
{
	struct bytes bytes = unhex(hex);

	return decode(type, bytes_span(&bytes));
}

static void test_come_back(void **state)
{
	uint8_t bytes[400];
	struct chain chain = chain_init(bytes, sizeof(bytes));

	(void)state;
	chain_cert(&chain, text_span("first"));
	chain_certreq(&chain, cas, 2);
	chain_cert(&chain, text_span("the second"));
	chain_certreq(&chain, cas + 1, 1);
	assert_true(chain_ok(&chain));
	/* Next payload CERTREQ, 5 + 5 bytes, X.509. */
	assert_hex(bytes, 10, "2600000a046669727374");
	assert_int_equal(decode(chain.first, wr_done(&chain.wr)), 0);
	assert_int_equal(msg.n_certs, 2);
	assert_true(span_equal(msg.certs[0], text_span("first")));
	assert_true(span_equal(msg.certs[1], text_span("the second")));
	assert_int_equal(msg.cas.len, sizeof(cas));
	assert_memory_equal(msg.cas.at, cas, sizeof(cas));
	for (size_t len = 0; len < chain.wr.len; len++)
		assert_int_equal(decode(chain.first, (struct span){bytes, len}), -22);
}

static void test_does_not_fit(void **state)
{
	uint8_t bytes[64];

	(void)state;
	for (size_t size = 0; size < 30; size++) {
		struct chain chain = chain_init(bytes, size);

		chain_certreq(&chain, cas, 1);
		assert_int_equal(chain_ok(&chain), size >= 4 + 1 + IKE_CA_HASH);
		chain = chain_init(bytes, size);
		chain_cert(&chain, text_span("0123456789"));
		assert_int_equal(chain_ok(&chain), size >= 4 + 1 + 10);
	}
}

/* A hash and URL, a CRL, a certificate in PKCS#7: counted, but nothing to us. */
static void test_other_encodings(void **state)
{
	(void)state;
	assert_int_equal(decode_hex(IKE_PLD_CERT, "250000060c01250000060702000000060403"), 0);
	assert_int_equal(msg.counts[IKE_PLD_CERT], 3);
	assert_int_equal(msg.n_certs, 1);
	assert_hex(msg.certs[0].at, msg.certs[0].len, "03");
	/* Of what is asked for by others not even the length is judged. */
	assert_int_equal(decode_hex(IKE_PLD_CERTREQ, "260000070c010200000005" "04"), 0);
	assert_int_equal(msg.cas.len, 0);
}

static void test_lies(void **state)
{
	(void)state;
	assert_int_equal(decode_hex(IKE_PLD_CERT, "00000004"), -22);
	assert_int_equal(decode_hex(IKE_PLD_CERT, "0000000504"), -22);
	assert_int_equal(decode_hex(IKE_PLD_CERTREQ, "00000004"), -22);
	assert_int_equal(decode_hex(IKE_PLD_CERTREQ, "000000060401"), -22);
	assert_string_equal(why.text, "malformed CERTREQ payload: the lengths in it do not agree");
}

static void test_too_many(void **state)
{
	uint8_t bytes[200];
	struct chain chain = chain_init(bytes, sizeof(bytes));

	(void)state;
	for (int i = 0; i < IKE_CERTS_MAX; i++)
		chain_cert(&chain, text_span("x"));
	assert_int_equal(decode(chain.first, wr_done(&chain.wr)), 0);
	assert_int_equal(msg.n_certs, IKE_CERTS_MAX);
	chain_cert(&chain, text_span("x"));
	assert_int_equal(decode(chain.first, wr_done(&chain.wr)), -22);
	assert_string_equal(why.text, "more than 8 certificates");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_come_back),
		cmocka_unit_test(test_does_not_fit),
		cmocka_unit_test(test_other_encodings),
		cmocka_unit_test(test_lies),
		cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
