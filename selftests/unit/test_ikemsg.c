// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/ike/buf.c tools/vpntun/ike/chain.c tools/vpntun/ike/msg.c tools/vpntun/util/why.c */
/* sources: tools/vpntun/ike/propname.c tools/vpntun/util/text.c tools/vpntun/util/nearest.c */
/* libs: libcrypto */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ike/msg.h"

static struct why why;
static struct ike_msg msg;

#define BYTES(...)	((struct span){ (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }) })

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
	return msg_decode(&msg, first, (struct span){ copy, payloads.len }, &why);
}

/* One payload of a type with this body. */
static int decode_one(uint8_t type, struct span body)
{
	uint8_t bytes[4096];
	struct wr wr = wr_init(bytes, sizeof(bytes));

	wr_u16(&wr, 0);
	wr_u16(&wr, body.len + 4);
	wr_span(&wr, body);
	assert_false(wr.bad);
	return decode(type, wr_done(&wr));
}

static void refused(uint8_t type, struct span body, const char *reason)
{
	assert_int_equal(decode_one(type, body), -22);
	if (!strstr(why.text, reason))
		fail_msg("'%s' does not say '%s'", why.text, reason);
}

/* Decoding stops at every cut of a good message. */
static void refused_when_cut(uint8_t first, struct span payloads)
{
	size_t len;

	for (len = 0; len < payloads.len; len++)
		assert_int_equal(decode(first, (struct span){ payloads.at, len }), -22);
	assert_int_equal(decode(first, payloads), 0);
}

static const struct ike_proposals proposals = {
	.count = 2,
	.list = {
		{ .number = 1, .proto = IKE_PROTO_ESP, .spi_len = 4, .spi = { 0xc0, 1, 2, 3 }, .count = 2, .transforms = {
			{ IKE_T_ENCR, IKE_ENCR_AES_GCM_16, 256 }, { IKE_T_ESN, 0, 0 } } },
		{ .number = 2, .proto = IKE_PROTO_ESP, .spi_len = 4, .spi = { 0xc0, 1, 2, 3 }, .count = 4, .transforms = {
			{ IKE_T_ENCR, IKE_ENCR_AES_CBC, 128 }, { IKE_T_INTEG, IKE_INTEG_HMAC_SHA2_256_128, 0 },
			{ IKE_T_GROUP, IKE_GROUP_ECP256, 0 }, { IKE_T_ESN, 1, 0 } } },
	},
};

static const struct ike_ident ident = { IKE_ID_FQDN, 8, "gw.local" };

static const struct ike_ts_list selectors = {
	.count = 2,
	.list = {
		{ { 4, { 10, 0, 0, 0 } }, { 4, { 10, 255, 255, 255 } }, 0, 65535, 0 },
		{ { 16, { 0xfd } }, { 16, { 0xfd, 0xff } }, 80, 90, 6 },
	},
};

static void proposals_equal(const struct ike_proposals *a, const struct ike_proposals *b)
{
	unsigned int i, k;

	assert_int_equal(a->count, b->count);
	for (i = 0; i < a->count; i++) {
		assert_int_equal(a->list[i].number, b->list[i].number);
		assert_int_equal(a->list[i].proto, b->list[i].proto);
		assert_int_equal(a->list[i].spi_len, b->list[i].spi_len);
		assert_memory_equal(a->list[i].spi, b->list[i].spi, a->list[i].spi_len);
		assert_int_equal(a->list[i].count, b->list[i].count);
		for (k = 0; k < a->list[i].count; k++) {
			assert_int_equal(a->list[i].transforms[k].type, b->list[i].transforms[k].type);
			assert_int_equal(a->list[i].transforms[k].id, b->list[i].transforms[k].id);
			assert_int_equal(a->list[i].transforms[k].key_bits, b->list[i].transforms[k].key_bits);
		}
	}
}

static struct chain everything(void *buffer, size_t size)
{
	static const uint8_t nonce[32] = { 5 }, ke[64] = { 6 }, auth[32] = { 7 };
	static const uint32_t spis[] = { 0xc0000001, 0xc0000002 };
	struct chain chain = chain_init(buffer, size);

	chain_sa(&chain, &proposals);
	chain_ke(&chain, IKE_GROUP_ECP256, (struct span){ ke, sizeof(ke) });
	chain_nonce(&chain, (struct span){ nonce, sizeof(nonce) });
	chain_ident(&chain, IKE_PLD_IDI, &ident);
	chain_ident(&chain, IKE_PLD_IDR, &(struct ike_ident){ IKE_ID_IPV4, 4, { 192, 0, 2, 1 } });
	chain_auth(&chain, IKE_AUTH_PSK, (struct span){ auth, sizeof(auth) });
	chain_ts(&chain, IKE_PLD_TSI, &selectors);
	chain_ts(&chain, IKE_PLD_TSR, &selectors);
	chain_notify(&chain, IKE_N_COOKIE, BYTES(1, 2, 3));
	chain_notify_spi(&chain, IKE_N_REKEY_SA, IKE_PROTO_ESP, BYTES(9, 8, 7, 6), (struct span){ NULL, 0 });
	chain_delete_ike(&chain);
	chain_delete_esp(&chain, spis, 2);
	return chain;
}

static void payloads_come_back(void **state)
{
	uint8_t buffer[2048];
	struct chain chain = everything(buffer, sizeof(buffer));
	struct wr body = wr_init((uint8_t[12]){ 0 }, 12);
	const struct ike_notify_pld *notify;

	(void)state;
	assert_true(chain_ok(&chain));
	assert_int_equal(chain.first, IKE_PLD_SA);
	assert_int_equal(decode(chain.first, wr_done(&chain.wr)), 0);
	proposals_equal(&msg.sa, &proposals);
	assert_int_equal(msg.ke_group, IKE_GROUP_ECP256);
	assert_int_equal(msg.ke.len, 64);
	assert_int_equal(msg.ke.at[0], 6);
	assert_int_equal(msg.nonce.len, 32);
	assert_int_equal(msg.idi.type, IKE_ID_FQDN);
	assert_int_equal(msg.idi.len, 8);
	assert_memory_equal(msg.idi.bytes, "gw.local", 8);
	msg_ident_body(&ident, &body);
	assert_true(span_equal(msg.idi_body, wr_done(&body)));
	assert_int_equal(msg.idr.type, IKE_ID_IPV4);
	assert_int_equal(msg.idr_body.len, 8);
	assert_int_equal(msg.auth_method, IKE_AUTH_PSK);
	assert_int_equal(msg.auth.len, 32);
	assert_int_equal(msg.tsi.count, 2);
	assert_memory_equal(&msg.tsi.list[0].to, &selectors.list[0].to, sizeof(struct ip_addr));
	assert_int_equal(msg.tsr.list[1].from.len, 16);
	assert_int_equal(msg.tsr.list[1].port_to, 90);
	assert_int_equal(msg.tsr.list[1].protocol, 6);

	notify = msg_notify(&msg, IKE_N_COOKIE);
	assert_non_null(notify);
	assert_int_equal(notify->data.len, 3);
	notify = msg_notify(&msg, IKE_N_REKEY_SA);
	assert_non_null(notify);
	assert_int_equal(notify->proto, IKE_PROTO_ESP);
	assert_true(span_equal(notify->spi, BYTES(9, 8, 7, 6)));
	assert_null(msg_notify(&msg, IKE_N_INVALID_SYNTAX));
	assert_null(msg_error(&msg));

	assert_int_equal(msg.n_deletes, 2);
	assert_int_equal(msg.deletes[0].proto, IKE_PROTO_IKE);
	assert_int_equal(msg.deletes[0].count, 0);
	assert_int_equal(msg.deletes[1].count, 2);
	assert_true(span_equal(msg.deletes[1].spis, BYTES(0xc0, 0, 0, 1, 0xc0, 0, 0, 2)));
	assert_int_equal(msg.counts[IKE_PLD_NOTIFY], 2);
	assert_int_equal(msg.counts[IKE_PLD_DELETE], 2);
	assert_int_equal(msg.critical, 0);
	assert_false(msg.sealed);

	refused_when_cut(chain.first, wr_done(&chain.wr));
}

static void a_small_buffer_is_noticed(void **state)
{
	uint8_t large[2048], small[2048];
	struct chain chain = everything(large, sizeof(large));
	struct ike_hdr hdr = { .version = IKE_VERSION };
	size_t size, whole = chain.wr.len;
	struct wr wr;

	(void)state;
	for (size = 0; size < whole; size++) {
		struct chain cut = everything(small, size);

		assert_false(chain_ok(&cut));
		wr = wr_init(large, sizeof(large));
		assert_int_equal(msg_plain(&hdr, &cut, &wr), -90);
	}
	chain = everything(small, whole);
	assert_true(chain_ok(&chain));
	wr = wr_init(large, IKE_HDR_SIZE + whole - 1);
	assert_int_equal(msg_plain(&hdr, &chain, &wr), -90);
	wr = wr_init(large, IKE_HDR_SIZE + whole);
	assert_int_equal(msg_plain(&hdr, &chain, &wr), 0);
}

static void what_cannot_be_said_is_not_made(void **state)
{
	uint8_t buffer[1024];
	struct ike_proposals none = { 0 }, long_spi = proposals;
	struct ike_ts_list no_ts = { 0 }, odd = selectors;
	struct chain chain = chain_init(buffer, sizeof(buffer));

	(void)state;
	assert_true(chain_ok(&chain));
	assert_int_equal(chain.first, IKE_PLD_NONE);
	chain_sa(&chain, &none);
	assert_false(chain_ok(&chain));

	long_spi.list[0].spi_len = 9;
	chain = chain_init(buffer, sizeof(buffer));
	chain_sa(&chain, &long_spi);
	assert_false(chain_ok(&chain));

	chain = chain_init(buffer, sizeof(buffer));
	chain_ts(&chain, IKE_PLD_TSI, &no_ts);
	assert_false(chain_ok(&chain));

	odd.list[1].to.len = 4;
	chain = chain_init(buffer, sizeof(buffer));
	chain_ts(&chain, IKE_PLD_TSI, &odd);
	assert_false(chain_ok(&chain));
}

static void headers_come_back(void **state)
{
	const struct ike_hdr hdr = { 0x0102030405060708, 0x1112131415161718, 99, IKE_VERSION, IKE_EXCH_AUTH,
				     IKE_FLAG_INITIATOR, 0xfffefdfc, 12345 };
	uint8_t buffer[64], bytes[128];
	struct chain chain = chain_init(buffer, sizeof(buffer));
	struct wr wr = wr_init(bytes, sizeof(bytes));
	struct ike_hdr back;

	(void)state;
	chain_notify(&chain, IKE_N_INITIAL_CONTACT, (struct span){ NULL, 0 });
	assert_int_equal(msg_plain(&hdr, &chain, &wr), 0);
	assert_int_equal(wr.len, 28 + 8);
	assert_int_equal(msg_header(wr_done(&wr), &back, &why), 0);
	assert_true(back.spi_i == hdr.spi_i && back.spi_r == hdr.spi_r);
	assert_int_equal(back.next, IKE_PLD_NOTIFY);
	assert_int_equal(back.exchange, IKE_EXCH_AUTH);
	assert_int_equal(back.flags, IKE_FLAG_INITIATOR);
	assert_true(back.id == hdr.id);
	assert_int_equal(back.length, 36);

	assert_int_equal(msg_header((struct span){ bytes, 35 }, &back, &why), -22);
	assert_int_equal(msg_header((struct span){ bytes, 37 }, &back, &why), -22);
	assert_int_equal(msg_header((struct span){ bytes, 27 }, &back, &why), -22);
	assert_int_equal(msg_header((struct span){ NULL, 0 }, &back, &why), -22);
}

static void a_message_has_a_largest_size(void **state)
{
	static uint8_t bytes[IKE_DATAGRAM_MAX + 1];
	struct ike_hdr hdr = { .length = IKE_DATAGRAM_MAX }, back;
	struct wr wr = wr_init(bytes, sizeof(bytes));

	(void)state;
	msg_put_header(&hdr, &wr);
	assert_int_equal(msg_header((struct span){ bytes, IKE_DATAGRAM_MAX }, &back, &why), 0);
	hdr.length++;
	wr = wr_init(bytes, sizeof(bytes));
	msg_put_header(&hdr, &wr);
	assert_int_equal(msg_header((struct span){ bytes, IKE_DATAGRAM_MAX + 1 }, &back, &why), -22);
}

static void chains_that_do_not_end_well(void **state)
{
	(void)state;
	assert_int_equal(decode(IKE_PLD_NONE, BYTES()), 0);
	assert_int_equal(decode(IKE_PLD_NONE, BYTES(0)), -22);
	assert_int_equal(decode(IKE_PLD_VENDOR, BYTES()), -22);
	assert_int_equal(decode(IKE_PLD_VENDOR, BYTES(0, 0, 0, 4)), 0);
	assert_int_equal(decode(IKE_PLD_VENDOR, BYTES(0, 0, 0, 4, 0)), -22);
	assert_int_equal(decode(IKE_PLD_VENDOR, BYTES(43, 0, 0, 4)), -22);
	assert_int_equal(decode(IKE_PLD_VENDOR, BYTES(0, 0, 0, 0)), -22);
	assert_int_equal(decode(IKE_PLD_VENDOR, BYTES(0, 0, 0, 3)), -22);
	assert_int_equal(decode(IKE_PLD_VENDOR, BYTES(0, 0, 0, 5)), -22);
	assert_int_equal(decode(IKE_PLD_VENDOR, BYTES(0, 0, 0xff, 0xff)), -22);
}

/* @count payloads of one type and body. */
static int decode_many(uint8_t type, unsigned int count, struct span body)
{
	static uint8_t bytes[8192];
	struct wr wr = wr_init(bytes, sizeof(bytes));

	while (count--) {
		wr_u16(&wr, count ? type << 8 : 0);
		wr_u16(&wr, 4 + body.len);
		wr_span(&wr, body);
	}
	assert_false(wr.bad);
	return decode(type, wr_done(&wr));
}

static void nobody_sends_too_many(void **state)
{
	const struct span notify = BYTES(0, 0, 0x40, 0), delete = BYTES(1, 0, 0, 0);

	(void)state;
	assert_int_equal(decode_many(IKE_PLD_VENDOR, IKE_PLD_MAX, BYTES()), 0);
	assert_int_equal(msg.counts[IKE_PLD_VENDOR], IKE_PLD_MAX);
	assert_int_equal(decode_many(IKE_PLD_VENDOR, IKE_PLD_MAX + 1, BYTES()), -22);
	assert_int_equal(decode_many(200, IKE_UNKNOWN_MAX, BYTES()), 0);
	assert_int_equal(decode_many(200, IKE_UNKNOWN_MAX + 1, BYTES()), -22);
	assert_int_equal(decode_many(IKE_PLD_NOTIFY, IKE_NOTIFIES_MAX, notify), 0);
	assert_int_equal(msg.n_notifies, IKE_NOTIFIES_MAX);
	assert_int_equal(decode_many(IKE_PLD_NOTIFY, IKE_PLD_MAX, notify), 0);
	assert_int_equal(msg.n_notifies, IKE_NOTIFIES_MAX);
	assert_int_equal(decode_many(IKE_PLD_DELETE, IKE_DELETES_MAX, delete), 0);
	assert_int_equal(decode_many(IKE_PLD_DELETE, IKE_DELETES_MAX + 1, delete), -22);
	/* Two of what stands once are counted: rules.c refuses them. */
	assert_int_equal(decode_many(IKE_PLD_NONCE, 2, BYTES(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)), 0);
	assert_int_equal(msg.counts[IKE_PLD_NONCE], 2);
}

/* Notifies of these types, so many of each. */
static int decode_notifies(const uint16_t (*list)[2], unsigned int count)
{
	static uint8_t bytes[8192];
	struct wr wr = wr_init(bytes, sizeof(bytes));
	unsigned int i, k;

	for (i = 0; i < count; i++) {
		for (k = 0; k < list[i][1]; k++) {
			wr_u16(&wr, IKE_PLD_NOTIFY << 8);
			wr_u16(&wr, 12);
			wr_u16(&wr, 0);
			wr_u16(&wr, list[i][0]);
			wr_u32(&wr, list[i][0] * 1000u + k);
		}
	}
	assert_false(wr.bad);
	wr.at[wr.len - 12] = 0;
	return decode(IKE_PLD_NOTIFY, wr_done(&wr));
}

static void noted(uint16_t type, uint32_t number)
{
	const struct ike_notify_pld *notify = msg_notify(&msg, type);
	struct rd rd;

	assert_non_null(notify);
	rd = rd_init(notify->data);
	assert_int_equal(rd_u32(&rd), number);
}

/* A host with many addresses tells of each. What else is said has its place, wherever it stands. */
static void every_type_of_notify_is_kept(void **state)
{
	static const uint16_t many[][2] = {
		{ IKE_N_MOBIKE_SUPPORTED, 1 }, { IKE_N_ADDITIONAL_IP4_ADDRESS, 40 }, { IKE_N_ADDITIONAL_IP6_ADDRESS, 30 },
		{ IKE_N_INVALID_SPI, 2 }, { IKE_N_REKEY_SA, 1 }, { IKE_N_TS_UNACCEPTABLE, 1 },
	};
	uint16_t types[IKE_NOTIFIES_MAX + 1][2];
	unsigned int i;

	(void)state;
	assert_int_equal(decode_notifies(many, sizeof(many) / sizeof(*many)), 0);
	assert_int_equal(msg.counts[IKE_PLD_NOTIFY], 75);
	assert_int_equal(msg.n_notifies, IKE_NOTIFIES_MAX);
	for (i = 0; i < sizeof(many) / sizeof(*many); i++)
		noted(many[i][0], many[i][0] * 1000u);
	assert_int_equal(msg_error(&msg)->type, IKE_N_INVALID_SPI);	/* the first one of all that are errors */
	for (i = 0; i + 6 < IKE_NOTIFIES_MAX; i++)
		assert_int_equal(msg.notifies[1 + i].type, IKE_N_ADDITIONAL_IP4_ADDRESS);

	/* More types than there is room for are refused: one of them might matter. */
	for (i = 0; i <= IKE_NOTIFIES_MAX; i++) {
		types[i][0] = 40000 + i;
		types[i][1] = 1;
	}
	assert_int_equal(decode_notifies(types, IKE_NOTIFIES_MAX), 0);
	assert_int_equal(decode_notifies(types, IKE_NOTIFIES_MAX + 1), -22);
	types[0][1] = 3;
	assert_int_equal(decode_notifies(types, IKE_NOTIFIES_MAX), 0);
	noted(40000 + IKE_NOTIFIES_MAX - 1, (40000u + IKE_NOTIFIES_MAX - 1) * 1000);
}

static void strangers_are_passed_over_unless_critical(void **state)
{
	(void)state;
	assert_int_equal(decode(200, BYTES(201, 0, 0, 5, 1, 0, 0, 0, 4)), 0);
	assert_int_equal(msg.critical, 0);
	assert_int_equal(msg.counts[200], 1);
	assert_int_equal(msg.counts[201], 1);
	assert_int_equal(decode(200, BYTES(201, 0x7f, 0, 5, 1, 202, 0x80, 0, 4, 0, 0x80, 0, 4)), 0);
	assert_int_equal(msg.critical, 201);
	/* What we know is not made stranger by the bit. */
	assert_int_equal(decode(IKE_PLD_VENDOR, BYTES(0, 0x80, 0, 4)), 0);
	assert_int_equal(msg.critical, 0);
	assert_true(msg_known(IKE_PLD_SA) && msg_known(IKE_PLD_EAP) && msg_known(IKE_PLD_SKF));
	assert_false(msg_known(1) || msg_known(32) || msg_known(49) || msg_known(255));
}

static void sk_is_the_end(void **state)
{
	(void)state;
	assert_int_equal(decode(IKE_PLD_SK, BYTES(IKE_PLD_IDI, 0, 0, 7, 1, 2, 3)), 0);
	assert_true(msg.sealed);
	assert_int_equal(msg.sk_next, IKE_PLD_IDI);
	assert_true(span_equal(msg.sk, BYTES(1, 2, 3)));
	assert_int_equal(decode(IKE_PLD_VENDOR, BYTES(IKE_PLD_SK, 0, 0, 4, 0, 0, 0, 4)), 0);
	assert_true(msg.sealed);
	assert_int_equal(msg.sk.len, 0);
	assert_int_equal(decode(IKE_PLD_SK, BYTES(IKE_PLD_IDI, 0, 0, 7, 1, 2, 3, 4)), -22);
	assert_int_equal(decode(IKE_PLD_SK, BYTES(IKE_PLD_IDI, 0, 0, 8, 1, 2, 3)), -22);
}

static void a_part_says_which(void **state)
{
	(void)state;
	assert_int_equal(decode(IKE_PLD_SKF, BYTES(IKE_PLD_IDI, 0, 0, 11, 1, 2, 3, 4, 5, 6, 7)), 0);
	assert_true(msg.sealed);
	assert_int_equal(msg.sk_next, IKE_PLD_IDI);
	assert_int_equal(msg.number, 0x102);
	assert_int_equal(msg.total, 0x304);
	assert_true(span_equal(msg.sk, BYTES(5, 6, 7)));
	assert_int_equal(decode_one(IKE_PLD_SKF, BYTES(0, 2, 0, 2)), 0);
	assert_int_equal(msg.sk.len, 0);
	assert_int_equal(decode_one(IKE_PLD_SK, BYTES(0, 2, 0, 2)), 0);
	assert_int_equal(msg.number, 0);
	refused(IKE_PLD_SKF, BYTES(0, 0, 0, 1, 2, 3), "number 0 of 1");
	refused(IKE_PLD_SKF, BYTES(0, 3, 0, 2, 2, 3), "number 3 of 2");
	refused(IKE_PLD_SKF, BYTES(0, 1, 0), "malformed fragment");
	/* It is the end, too. */
	assert_int_equal(decode(IKE_PLD_SKF, BYTES(IKE_PLD_SK, 0, 0, 8, 0, 1, 0, 1, 0, 0, 0, 4)), -22);
}

/* A proposal of two transforms, whole and right. */
static const uint8_t good_sa[] = {
	0, 0, 0, 32, 1, 3, 4, 2, 0xc0, 0, 0, 1,
	3, 0, 0, 12, 1, 0, 0, 20, 0x80, 14, 0, 128,
	0, 0, 0, 8, 5, 0, 0, 0,
};

/* The same with one byte changed. */
static struct span sa_with(size_t at, uint8_t value)
{
	static uint8_t bytes[sizeof(good_sa)];

	memcpy(bytes, good_sa, sizeof(bytes));
	bytes[at] = value;
	return (struct span){ bytes, sizeof(bytes) };
}

static void proposals_that_lie(void **state)
{
	(void)state;
	assert_int_equal(decode_one(IKE_PLD_SA, sa_with(4, 1)), 0);
	assert_int_equal(msg.sa.count, 1);
	assert_int_equal(msg.sa.list[0].count, 2);

	refused(IKE_PLD_SA, BYTES(), "SA payload");
	refused(IKE_PLD_SA, sa_with(0, 2), "SA payload");	/* says that one more follows */
	refused(IKE_PLD_SA, sa_with(0, 1), "SA payload");
	refused(IKE_PLD_SA, sa_with(3, 31), "transform");	/* its length, too short */
	refused(IKE_PLD_SA, sa_with(3, 24), "transform");
	refused(IKE_PLD_SA, sa_with(3, 33), "SA payload");	/* and too long */
	refused(IKE_PLD_SA, sa_with(3, 7), "SA payload");
	refused(IKE_PLD_SA, sa_with(3, 0), "SA payload");
	refused(IKE_PLD_SA, sa_with(6, 0), "SPI");
	refused(IKE_PLD_SA, sa_with(6, 3), "SPI");
	refused(IKE_PLD_SA, sa_with(6, 8), "SPI");
	refused(IKE_PLD_SA, sa_with(6, 255), "SPI");
	refused(IKE_PLD_SA, sa_with(7, 0), "0 transforms");
	refused(IKE_PLD_SA, sa_with(7, 1), "number of transforms");
	refused(IKE_PLD_SA, sa_with(7, 3), "number of transforms");
	refused(IKE_PLD_SA, sa_with(7, 255), "number of transforms");
	refused(IKE_PLD_SA, sa_with(12, 0), "number of transforms");
	refused(IKE_PLD_SA, sa_with(12, 2), "number of transforms");
	refused(IKE_PLD_SA, sa_with(24, 3), "number of transforms");
	refused(IKE_PLD_SA, sa_with(15, 11), "transform");
	refused(IKE_PLD_SA, sa_with(15, 7), "transform");
	refused(IKE_PLD_SA, sa_with(15, 0), "transform");
	refused(IKE_PLD_SA, sa_with(15, 200), "transform");
	refused(IKE_PLD_SA, sa_with(27, 9), "transform");
	refused(IKE_PLD_SA, sa_with(27, 4), "transform");
}

static void spi_sizes_go_with_protocols(void **state)
{
	(void)state;
	/* A proposal of one transform for: IKE without an SPI, one of 8 bytes, one of 4 */
	assert_int_equal(decode_one(IKE_PLD_SA, BYTES(0, 0, 0, 16, 1, 1, 0, 1, 0, 0, 0, 8, 2, 0, 0, 5)), 0);
	assert_int_equal(decode_one(IKE_PLD_SA, BYTES(0, 0, 0, 24, 1, 1, 8, 1, 1, 2, 3, 4, 5, 6, 7, 8,
						      0, 0, 0, 8, 2, 0, 0, 5)), 0);
	assert_memory_equal(msg.sa.list[0].spi, ((uint8_t[]){ 1, 2, 3, 4, 5, 6, 7, 8 }), 8);
	refused(IKE_PLD_SA, BYTES(0, 0, 0, 20, 1, 1, 4, 1, 1, 2, 3, 4, 0, 0, 0, 8, 2, 0, 0, 5), "SPI of 4");
	refused(IKE_PLD_SA, BYTES(0, 0, 0, 16, 1, 2, 0, 1, 0, 0, 0, 8, 2, 0, 0, 5), "SPI of 0");
	/* A protocol that we do not know has what it wants, to a limit. */
	assert_int_equal(decode_one(IKE_PLD_SA, BYTES(0, 0, 0, 18, 1, 4, 2, 1, 9, 9, 0, 0, 0, 8, 2, 0, 0, 5)), 0);
}

static void strange_attributes_spoil_the_transform_only(void **state)
{
	(void)state;
	/* of type 14 in the long form; of another type; a second key length; a length of none */
	assert_int_equal(decode_one(IKE_PLD_SA, BYTES(0, 0, 0, 22, 1, 1, 0, 1, 0, 0, 0, 14, 1, 0, 0, 12,
						      0, 14, 0, 2, 0, 128)), 0);
	assert_int_equal(msg.sa.list[0].transforms[0].id, IKE_TRANSFORM_UNKNOWN);
	assert_int_equal(decode_one(IKE_PLD_SA, BYTES(0, 0, 0, 20, 1, 1, 0, 1, 0, 0, 0, 12, 1, 0, 0, 12,
						      0x80, 15, 0, 128)), 0);
	assert_int_equal(msg.sa.list[0].transforms[0].id, IKE_TRANSFORM_UNKNOWN);
	assert_int_equal(decode_one(IKE_PLD_SA, BYTES(0, 0, 0, 24, 1, 1, 0, 1, 0, 0, 0, 16, 1, 0, 0, 12,
						      0x80, 14, 0, 128, 0x80, 14, 1, 0)), 0);
	assert_int_equal(msg.sa.list[0].transforms[0].id, IKE_TRANSFORM_UNKNOWN);
	assert_int_equal(decode_one(IKE_PLD_SA, BYTES(0, 0, 0, 20, 1, 1, 0, 1, 0, 0, 0, 12, 1, 0, 0, 12,
						      0x80, 14, 0, 0)), 0);
	assert_int_equal(msg.sa.list[0].transforms[0].id, IKE_TRANSFORM_UNKNOWN);
	/* The long form with a length that lies */
	refused(IKE_PLD_SA, BYTES(0, 0, 0, 22, 1, 1, 0, 1, 0, 0, 0, 14, 1, 0, 0, 12, 0, 14, 0, 3, 0, 128), "transform");
	refused(IKE_PLD_SA, BYTES(0, 0, 0, 19, 1, 1, 0, 1, 0, 0, 0, 11, 1, 0, 0, 12, 0x80, 14, 0), "transform");
}

static void too_many_proposals(void **state)
{
	static const uint16_t groups[] = { 0, 2, 5, 14, 15, 16, 17, 18, 19, 20, 21, 31, 32 };
	struct ike_proposals many = { .count = IKE_PROPOSALS_MAX };
	static uint8_t buffer[16384];
	struct chain chain = chain_init(buffer, sizeof(buffer));
	struct wr wr;
	unsigned int i, k;

	(void)state;
	for (i = 0; i < many.count; i++) {
		many.list[i] = (struct ike_proposal){ .number = i + 1, .proto = IKE_PROTO_IKE,
						      .count = sizeof(groups) / sizeof(groups[0]) };
		for (k = 0; k < many.list[i].count; k++)
			many.list[i].transforms[k] = (struct ike_transform){ IKE_T_GROUP, groups[k], 0 };
	}
	chain_sa(&chain, &many);
	assert_true(chain_ok(&chain));
	assert_int_equal(decode(IKE_PLD_SA, wr_done(&chain.wr)), 0);
	proposals_equal(&msg.sa, &many);

	wr = wr_init(buffer, sizeof(buffer));
	for (i = 0; i <= IKE_PROPOSALS_MAX; i++) {
		wr_u32(&wr, (i == IKE_PROPOSALS_MAX ? 0 : 2u << 24) | 16);
		wr_u32(&wr, 0x01010001);
		wr_u64(&wr, 0x0000000802000005);
	}
	refused(IKE_PLD_SA, wr_done(&wr), "proposals");
}

/* A proposal for IKE of @count transforms, whatever of them we know. */
static int decode_proposal(const struct ike_transform *transforms, unsigned int count)
{
	uint8_t bytes[8 + 255 * 12];
	struct wr wr = wr_init(bytes, sizeof(bytes));
	unsigned int i;

	wr_u32(&wr, 0);
	wr_u32(&wr, 0x01010000 | count);
	for (i = 0; i < count; i++) {
		wr_u16(&wr, i + 1 < count ? 3 << 8 : 0);
		wr_u16(&wr, transforms[i].key_bits ? 12 : 8);
		wr_u16(&wr, transforms[i].type << 8);
		wr_u16(&wr, transforms[i].id);
		if (transforms[i].key_bits)
			wr_u32(&wr, 0x800e0000 | transforms[i].key_bits);
	}
	assert_false(wr.bad);
	bytes[2] = wr.len >> 8;
	bytes[3] = wr.len & 0xff;
	return decode_one(IKE_PLD_SA, wr_done(&wr));
}

static unsigned int kept(uint8_t type, uint16_t id, uint16_t key_bits)
{
	const struct ike_proposal *proposal = &msg.sa.list[0];
	unsigned int i, count = 0;

	for (i = 0; i < proposal->count; i++)
		count += proposal->transforms[i].type == type && proposal->transforms[i].id == id &&
			 proposal->transforms[i].key_bits == key_bits;
	return count;
}

/* What strongSwan 5.9.8 offers by default with all its plugins: ciphers of three sizes each, and 31 others. */
static unsigned int strongswan_default(struct ike_transform *out)
{
	static const uint8_t ciphers[] = { 12, 13, 23, 14, 15, 16 };
	static const struct ike_transform others[] = {
		{ 3, 12, 0 }, { 3, 13, 0 }, { 3, 14, 0 }, { 3, 2, 0 }, { 3, 5, 0 }, { 3, 8, 0 },
		{ 2, 5, 0 }, { 2, 6, 0 }, { 2, 7, 0 }, { 2, 4, 0 }, { 2, 8, 0 }, { 2, 2, 0 },
		{ 4, 31, 0 }, { 4, 32, 0 }, { 4, 19, 0 }, { 4, 20, 0 }, { 4, 21, 0 }, { 4, 28, 0 }, { 4, 29, 0 },
		{ 4, 30, 0 }, { 4, 15, 0 }, { 4, 16, 0 }, { 4, 17, 0 }, { 4, 18, 0 }, { 4, 14, 0 }, { 1, 3, 0 },
		{ 4, 23, 0 }, { 4, 24, 0 }, { 4, 26, 0 },
	};
	unsigned int i, count = 0;

	for (i = 0; i < 3 * sizeof(ciphers); i++)
		out[count++] = (struct ike_transform){ IKE_T_ENCR, ciphers[i / 3], 128 + i % 3 * 64 };
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		out[count++] = others[i];
	return count;
}

static void long_proposals_are_read(void **state)
{
	struct ike_transform offer[255];
	unsigned int i, count = strongswan_default(offer);

	(void)state;
	assert_int_equal(count, 47);
	assert_int_equal(decode_proposal(offer, 36), 0);
	assert_int_equal(decode_proposal(offer, 47), 0);
	assert_int_equal(kept(IKE_T_ENCR, IKE_ENCR_AES_CBC, 256), 1);
	assert_int_equal(kept(IKE_T_INTEG, IKE_INTEG_HMAC_SHA1_96, 0), 1);
	assert_int_equal(kept(IKE_T_PRF, IKE_PRF_HMAC_SHA1, 0), 1);
	assert_int_equal(kept(IKE_T_GROUP, IKE_GROUP_MODP2048, 0), 1);
	/* Of what is not ours there are two of each type, for the log. */
	assert_int_equal(kept(IKE_T_ENCR, 13, 128) + kept(IKE_T_ENCR, 13, 192), 2);
	assert_int_equal(kept(IKE_T_ENCR, 23, 128) + kept(IKE_T_ENCR, 3, 0), 0);

	/* As many as there can be, what is ours last. */
	for (i = 0; i < 255 - 47; i++)
		offer[i] = (struct ike_transform){ IKE_T_ENCR + i % 4, 1000 + i, 0 };
	strongswan_default(offer + i);
	assert_int_equal(decode_proposal(offer, 255), 0);
	assert_int_equal(kept(IKE_T_ENCR, 1000, 0), 1);
	assert_int_equal(kept(IKE_T_ENCR, IKE_ENCR_AES_CBC, 128), 1);
	assert_int_equal(kept(IKE_T_GROUP, IKE_GROUP_MODP2048, 0), 1);

	/* One of them a hundred times over. */
	for (i = 0; i < 255; i++)
		offer[i] = (struct ike_transform){ IKE_T_GROUP, i < 100 ? IKE_GROUP_ECP256 : 27, 0 };
	assert_int_equal(decode_proposal(offer, 255), 0);
	assert_int_equal(msg.sa.list[0].count, 2);
}

/* IKE_SA_INIT of charon-systemd 5.9.8 with "proposals = default", as it was on the wire: 38 and 47 transforms. */
static void strongswan_is_read(void **state)
{
	FILE *from = fopen("selftests/unit/data/strongswan-default.init", "r");
	static uint8_t bytes[2048];
	struct ike_hdr hdr;
	size_t len;

	(void)state;
	assert_non_null(from);
	len = fread(bytes, 1, sizeof(bytes), from);
	fclose(from);
	assert_int_equal(msg_header((struct span){ bytes, len }, &hdr, &why), 0);
	assert_int_equal(hdr.exchange, IKE_EXCH_SA_INIT);
	assert_int_equal(decode(hdr.next, (struct span){ bytes + IKE_HDR_SIZE, len - IKE_HDR_SIZE }), 0);
	assert_int_equal(msg.sa.count, 2);
	assert_int_equal(kept(IKE_T_ENCR, IKE_ENCR_AES_CBC, 256), 1);
	assert_int_equal(kept(IKE_T_INTEG, IKE_INTEG_HMAC_SHA2_256_128, 0), 1);
	assert_int_equal(kept(IKE_T_PRF, IKE_PRF_HMAC_SHA2_384, 0), 1);
	assert_int_equal(kept(IKE_T_GROUP, IKE_GROUP_MODP2048, 0), 1);
}

/* That there was one decides about the proposal (section 3.3.6). */
static void unknown_types_are_not_forgotten(void **state)
{
	struct ike_transform offer[60];
	unsigned int i, count = strongswan_default(offer);

	(void)state;
	for (i = 0; i < 10; i++)
		offer[count++] = (struct ike_transform){ 6 + i, 1, 0 };
	assert_int_equal(decode_proposal(offer, count), 0);
	assert_int_equal(kept(6, 1, 0), 1);
	assert_int_equal(kept(7, 1, 0), 1);
	assert_int_equal(kept(8, 1, 0), 0);
}

/* Every transform that we have in one proposal, and three strangers of each type in front: all of ours have room. */
static void everything_of_ours_fits(void **state)
{
	static const uint8_t ciphers[] = { IKE_ENCR_AES_CBC, IKE_ENCR_AES_GCM_8, IKE_ENCR_AES_GCM_12, IKE_ENCR_AES_GCM_16 };
	struct ike_transform offer[255];
	unsigned int count = 0, type, i;

	(void)state;
	for (type = 0; type <= IKE_T_ESN; type++)
		for (i = 0; i < 3; i++)
			offer[count++] = (struct ike_transform){ type, 900 + i, 0 };
	offer[count++] = (struct ike_transform){ IKE_T_ENCR, IKE_ENCR_CHACHA20_POLY1305, 0 };
	for (i = 0; i < 3 * sizeof(ciphers); i++)
		offer[count++] = (struct ike_transform){ IKE_T_ENCR, ciphers[i / 3], 128 + i % 3 * 64 };
	for (type = IKE_T_PRF; type <= IKE_T_GROUP; type++)
		for (i = 0; i <= IKE_GROUP_X448; i++)
			offer[count++] = (struct ike_transform){ type, i, 0 };
	assert_int_equal(decode_proposal(offer, count), 0);
	/* 13 ciphers, 4 PRFs, 4 algorithms of integrity and 12 groups, "none" of both, and the strangers. */
	assert_int_equal(msg.sa.list[0].count, 13 + 4 + 5 + 13 + 6 * IKE_FOREIGN_MAX);
	assert_int_equal(kept(IKE_T_GROUP, IKE_GROUP_X448, 0), 1);
}

static void ke_nonce_and_auth(void **state)
{
	static const uint8_t zeroes[IKE_KE_MAX + 5];

	(void)state;
	refused(IKE_PLD_KE, BYTES(), "KE");
	refused(IKE_PLD_KE, BYTES(0, 19, 0, 0), "KE");
	assert_int_equal(decode_one(IKE_PLD_KE, BYTES(0, 19, 0, 0, 1)), 0);
	assert_int_equal(decode_one(IKE_PLD_KE, (struct span){ zeroes, IKE_KE_MAX + 4 }), 0);
	refused(IKE_PLD_KE, (struct span){ zeroes, IKE_KE_MAX + 5 }, "KE");

	refused(IKE_PLD_NONCE, BYTES(), "nonce");
	refused(IKE_PLD_NONCE, (struct span){ zeroes, IKE_NONCE_MIN - 1 }, "nonce");
	assert_int_equal(decode_one(IKE_PLD_NONCE, (struct span){ zeroes, IKE_NONCE_MIN }), 0);
	assert_int_equal(decode_one(IKE_PLD_NONCE, (struct span){ zeroes, IKE_NONCE_MAX }), 0);
	refused(IKE_PLD_NONCE, (struct span){ zeroes, IKE_NONCE_MAX + 1 }, "nonce");

	refused(IKE_PLD_AUTH, BYTES(), "AUTH");
	refused(IKE_PLD_AUTH, BYTES(2, 0, 0), "AUTH");
	refused(IKE_PLD_AUTH, BYTES(2, 0, 0, 0), "AUTH");
	assert_int_equal(decode_one(IKE_PLD_AUTH, BYTES(2, 0, 0, 0, 1)), 0);
}

static void identities(void **state)
{
	uint8_t large[4 + IKE_ID_MAX + 1] = { IKE_ID_FQDN };

	(void)state;
	refused(IKE_PLD_IDI, BYTES(), "identity");
	refused(IKE_PLD_IDI, BYTES(2, 0, 0, 0), "identity");
	refused(IKE_PLD_IDI, BYTES(0, 0, 0, 0, 1), "identity");
	refused(IKE_PLD_IDR, BYTES(IKE_ID_IPV4, 0, 0, 0, 1, 2, 3), "identity");
	refused(IKE_PLD_IDR, BYTES(IKE_ID_IPV4, 0, 0, 0, 1, 2, 3, 4, 5), "identity");
	refused(IKE_PLD_IDR, BYTES(IKE_ID_IPV6, 0, 0, 0, 1, 2, 3, 4), "identity");
	assert_int_equal(decode_one(IKE_PLD_IDR, BYTES(IKE_ID_IPV4, 0, 0, 0, 1, 2, 3, 4)), 0);
	assert_int_equal(decode_one(IKE_PLD_IDI, (struct span){ large, 4 + IKE_ID_MAX }), 0);
	refused(IKE_PLD_IDI, (struct span){ large, 4 + IKE_ID_MAX + 1 }, "identity");
	/* AUTH covers the reserved bytes as they came (section 2.15). */
	assert_int_equal(decode_one(IKE_PLD_IDI, BYTES(2, 7, 7, 7, 'a')), 0);
	assert_true(span_equal(msg.idi_body, BYTES(2, 7, 7, 7, 'a')));
}

#define TS4(...)	7, 0, 0, 16, 0, 0, 255, 255, __VA_ARGS__

static void selectors_that_lie(void **state)
{
	(void)state;
	assert_int_equal(decode_one(IKE_PLD_TSI, BYTES(1, 0, 0, 0, TS4(10, 0, 0, 0, 10, 0, 0, 9))), 0);
	assert_int_equal(msg.tsi.count, 1);
	refused(IKE_PLD_TSI, BYTES(), "TS payload");
	refused(IKE_PLD_TSI, BYTES(0, 0, 0, 0), "TS payload");
	refused(IKE_PLD_TSI, BYTES(2, 0, 0, 0, TS4(10, 0, 0, 0, 10, 0, 0, 9)), "traffic selector");
	refused(IKE_PLD_TSI, BYTES(1, 0, 0, 0, TS4(10, 0, 0, 0, 10, 0, 0, 9), 0), "TS payload");
	refused(IKE_PLD_TSI, BYTES(255, 0, 0, 0), "traffic selector");
	refused(IKE_PLD_TSI, BYTES(1, 0, 0, 0, 7, 0, 0, 15, 0, 0, 255, 255, 10, 0, 0, 0, 10, 0, 0), "traffic selector");
	refused(IKE_PLD_TSI, BYTES(1, 0, 0, 0, 7, 0, 0, 0), "traffic selector");
	refused(IKE_PLD_TSI, BYTES(1, 0, 0, 0, 8, 0, 0, 16, 0, 0, 255, 255, 10, 0, 0, 0, 10, 0, 0, 9), "traffic selector");
	refused(IKE_PLD_TSI, BYTES(1, 0, 0, 0, TS4(10, 0, 0, 9, 10, 0, 0, 8)), "ends before it begins");
	refused(IKE_PLD_TSI, BYTES(1, 0, 0, 0, 7, 6, 0, 16, 0, 81, 0, 80, 10, 0, 0, 0, 10, 0, 0, 9), "ports 81 to 80");
	assert_int_equal(decode_one(IKE_PLD_TSI, BYTES(1, 0, 0, 0, 7, 6, 0, 16, 255, 255, 0, 0, 1, 0, 0, 0, 1, 0, 0, 9)), 0);
	/* One of a type that we do not know, then one that we do. */
	assert_int_equal(decode_one(IKE_PLD_TSI, BYTES(2, 0, 0, 0, 10, 0, 0, 9, 1, 2, 3, 4, 5,
						       TS4(10, 0, 0, 0, 10, 0, 0, 9))), 0);
	assert_int_equal(msg.tsi.count, 1);
	refused(IKE_PLD_TSI, BYTES(1, 0, 0, 0, 10, 0, 0, 9, 1, 2, 3, 4), "traffic selector");
	refused(IKE_PLD_TSI, BYTES(1, 0, 0, 0, 10, 0, 0, 7, 1, 2, 3), "traffic selector");
}

/* The first ones are kept, and that there were more is known; but all have to be sound. */
static void many_selectors(void **state)
{
	static const uint8_t selector[] = { TS4(10, 0, 0, 0, 10, 0, 0, 9) };
	uint8_t bytes[4 + 20 * sizeof(selector)] = { 20 };
	unsigned int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		memcpy(bytes + 4 + i * sizeof(selector), selector, sizeof(selector));
		bytes[4 + i * sizeof(selector) + 15] = 9 + i;
	}
	assert_int_equal(decode_one(IKE_PLD_TSR, (struct span){ bytes, sizeof(bytes) }), 0);
	assert_int_equal(msg.tsr.count, IKE_TS_MAX);
	assert_int_equal(msg.tsr.list[IKE_TS_MAX - 1].to.bytes[3], 9 + IKE_TS_MAX - 1);
	assert_true(msg.ts_cut);
	bytes[0] = IKE_TS_MAX;
	assert_int_equal(decode_one(IKE_PLD_TSR, (struct span){ bytes, 4 + IKE_TS_MAX * sizeof(selector) }), 0);
	assert_int_equal(msg.tsr.count, IKE_TS_MAX);
	assert_false(msg.ts_cut);
	bytes[0] = 20;
	bytes[4 + 18 * sizeof(selector) + 12] = 9;
	refused(IKE_PLD_TSR, (struct span){ bytes, sizeof(bytes) }, "ends before it begins");
}

static void notifies_and_deletes_that_lie(void **state)
{
	(void)state;
	refused(IKE_PLD_NOTIFY, BYTES(), "notify");
	refused(IKE_PLD_NOTIFY, BYTES(0, 0, 0), "notify");
	refused(IKE_PLD_NOTIFY, BYTES(3, 4, 0, 44, 1, 2, 3), "notify");
	refused(IKE_PLD_NOTIFY, BYTES(3, 3, 0, 44, 1, 2, 3), "SPI of 3");
	refused(IKE_PLD_NOTIFY, BYTES(0, 255, 0, 44, 1, 2, 3), "notify");
	assert_int_equal(decode_one(IKE_PLD_NOTIFY, BYTES(3, 4, 0, 44, 1, 2, 3, 4)), 0);
	assert_non_null(msg_error(&msg));
	assert_int_equal(msg_error(&msg)->type, IKE_N_CHILD_SA_NOT_FOUND);

	refused(IKE_PLD_DELETE, BYTES(), "delete");
	refused(IKE_PLD_DELETE, BYTES(1, 0, 0), "delete");
	refused(IKE_PLD_DELETE, BYTES(1, 8, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8), "delete");
	refused(IKE_PLD_DELETE, BYTES(1, 0, 0, 0, 1), "delete");
	refused(IKE_PLD_DELETE, BYTES(3, 4, 0, 2, 1, 2, 3, 4), "delete");
	refused(IKE_PLD_DELETE, BYTES(3, 4, 0, 0, 1, 2, 3, 4), "delete");
	refused(IKE_PLD_DELETE, BYTES(3, 0, 0, 1), "delete");
	refused(IKE_PLD_DELETE, BYTES(3, 4, 0xff, 0xff, 1, 2, 3, 4), "delete");
	assert_int_equal(decode_one(IKE_PLD_DELETE, BYTES(3, 4, 0, 1, 1, 2, 3, 4)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(payloads_come_back),
		cmocka_unit_test(a_small_buffer_is_noticed),
		cmocka_unit_test(what_cannot_be_said_is_not_made),
		cmocka_unit_test(headers_come_back),
		cmocka_unit_test(a_message_has_a_largest_size),
		cmocka_unit_test(chains_that_do_not_end_well),
		cmocka_unit_test(nobody_sends_too_many),
		cmocka_unit_test(strangers_are_passed_over_unless_critical),
		cmocka_unit_test(sk_is_the_end),
		cmocka_unit_test(a_part_says_which),
		cmocka_unit_test(proposals_that_lie),
		cmocka_unit_test(spi_sizes_go_with_protocols),
		cmocka_unit_test(strange_attributes_spoil_the_transform_only),
		cmocka_unit_test(too_many_proposals),
		cmocka_unit_test(long_proposals_are_read),
		cmocka_unit_test(strongswan_is_read),
		cmocka_unit_test(unknown_types_are_not_forgotten),
		cmocka_unit_test(everything_of_ours_fits),
		cmocka_unit_test(ke_nonce_and_auth),
		cmocka_unit_test(identities),
		cmocka_unit_test(every_type_of_notify_is_kept),
		cmocka_unit_test(selectors_that_lie),
		cmocka_unit_test(many_selectors),
		cmocka_unit_test(notifies_and_deletes_that_lie),
	};

	return cmocka_run_group_tests_name("ikemsg", tests, NULL, NULL);
}
