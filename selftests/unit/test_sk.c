// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/ike/sk.c tools/vpntun/ike/crypt.c tools/vpntun/ike/chain.c tools/vpntun/ike/msg.c */
/* sources: tools/vpntun/ike/buf.c tools/vpntun/ike/propname.c tools/vpntun/util/why.c */
/* sources: tools/vpntun/util/text.c tools/vpntun/util/nearest.c */
/* libs: libcrypto */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>

#include <cmocka.h>

#include "bytes.h"
#include "ike/crypt.h"
#include "ike/sk.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* An AUTH payload and a notify: what is sealed. */
static const char inner_hex[] = "2900000c02000000" "41555448" "0000000800004002";
enum { INNER_FIRST = IKE_PLD_AUTH };

/*
 * Whole messages, made in Python: AESGCM, ChaCha20Poly1305 and AES-CBC of python3-cryptography with nonce = salt | IV
 * and the IKE and SK headers as associated data (RFC 5282, RFC 7634), or with the standard library's hmac over all that
 * comes before the ICV (RFC 7296 section 3.14).
 */
struct vector {
	struct ike_suite suite;
	bool initiator;
	const char *key, *auth_key, *iv, *message;
};

static const struct vector vectors[] = {
	{{IKE_PROTO_IKE, 20, 256, 6, 0, 0, false}, true,
	 "6d6ae5574ea36b50726a13e4734b1815ec8e276ec0054a2df06bf9ffc97f1b8d7fcd8b93",
	 "",
	 "a97d3bff53ce24da",
	 "0123456789abcdeffedcba98765432102e202308000000010000004d27000031a97d3bff53ce24da8df3b30dbf2c2588"
	 "2eff4fbac2caa28166e6938cfa4bfcf1631a58a8e2c73a860e9e869881"},
	{{IKE_PROTO_IKE, 20, 256, 6, 0, 0, false}, false,
	 "b9f695432e7b2555ad3b10c3cb82f31ec0697858983d37b45b7c42ba98542d3a017ef2c4",
	 "",
	 "7a3b8bd6c2260f3c",
	 "0123456789abcdeffedcba98765432102e202320000000010000004d270000317a3b8bd6c2260f3c88368ae31d92c794"
	 "71f540a78f5241a80c34f89cac2ba30c4d4ba02977b23f00f46523710c"},
	{{IKE_PROTO_IKE, 18, 128, 5, 0, 0, false}, true,
	 "a6d727351c607089c252998bb11ef5b880b032f8",
	 "",
	 "5c238f612ec00a02",
	 "0123456789abcdeffedcba98765432102e2023080000000100000045270000295c238f612ec00a0287e7cfc79af282bb"
	 "dcaef0b2fcccc96e6ddaa145ab24e4a2c4040a65f6"},
	{{IKE_PROTO_IKE, 18, 128, 5, 0, 0, false}, false,
	 "b7ed942432b937a6d6cb3375c5b4ee6de0ebf28b",
	 "",
	 "98ec324b8f720f25",
	 "0123456789abcdeffedcba98765432102e20232000000001000000452700002998ec324b8f720f25845e7821412afe10"
	 "9d05e69a2929dd0ae0ad8d3860101dffd155fc83b4"},
	{{IKE_PROTO_IKE, 19, 192, 7, 0, 0, false}, true,
	 "0607c19334c2a5731816a774687293e32db07f81ae1a168b9aa16545",
	 "",
	 "a43dbf221161bd22",
	 "0123456789abcdeffedcba98765432102e20230800000001000000492700002da43dbf221161bd22d699ab28fe71c361"
	 "479a6818c478d13d6a30a20c41015990e99557c2bc60fbf994"},
	{{IKE_PROTO_IKE, 19, 192, 7, 0, 0, false}, false,
	 "c57a3766cc65f9b705682a257d80a029db1e0b0824f7072d1dd3eaa0",
	 "",
	 "0d14cdafa8020ad3",
	 "0123456789abcdeffedcba98765432102e20232000000001000000492700002d0d14cdafa8020ad390e2baa04545a11a"
	 "0b5ec4f7ff93b9d781cbb40dd558b7b716c24713ff484a0817"},
	{{IKE_PROTO_IKE, 28, 0, 7, 0, 0, false}, true,
	 "0607c19334c2a5731816a774687293e32db07f81ae1a168b9aa16545c57a3766cc65f9b7",
	 "",
	 "4808bb375fef43eb",
	 "0123456789abcdeffedcba98765432102e202308000000010000004d270000314808bb375fef43eb373a2775ff4d036a"
	 "c32861e33044b284b07f31f345668771004c461d57d35025569ad21eaa"},
	{{IKE_PROTO_IKE, 28, 0, 7, 0, 0, false}, false,
	 "05682a257d80a029db1e0b0824f7072d1dd3eaa0b8d9d296d32c2bf2a4fc9ccbd26719c5",
	 "",
	 "338709c95199e25f",
	 "0123456789abcdeffedcba98765432102e202320000000010000004d27000031338709c95199e25fcad2c5ef8c7e0199"
	 "309bc1956c671138c92ec2746a67f3310af2022cd084d4fd7bebe8c86f"},
	{{IKE_PROTO_IKE, 12, 128, 5, 12, 0, false}, true,
	 "778592b54e1985c154cfdbe6bd2b249b",
	 "a6d727351c607089c252998bb11ef5b880b032f8b7ed942432b937a6d6cb3375",
	 "ac171e7dae929eeceb447baa67c89840",
	 "0123456789abcdeffedcba98765432102e202308000000010000006027000044ac171e7dae929eeceb447baa67c89840"
	 "1f3cc75992af67bb3c2224597b28ad75a0b3a853141857d46a86c2ab8fb75bfd1c355af2288fc1d2b684dfc9a5e99514"},
	{{IKE_PROTO_IKE, 12, 128, 5, 12, 0, false}, false,
	 "4a5727408675d15730560051aa405b1f",
	 "c5b4ee6de0ebf28bcd91eb1aa597e38a3113c1d02b8eed564defb291f26b197d",
	 "a4aea3eb8c24e5fb839b08e560a9c1f3",
	 "0123456789abcdeffedcba98765432102e202320000000010000006027000044a4aea3eb8c24e5fb839b08e560a9c1f3"
	 "622f079d9fcbed06e02aa8db567e3fbe77a2fdcb3ac3b6698df24522ba21da28e561f282279ad9002d10fceb5c901a9d"},
	{{IKE_PROTO_IKE, 12, 256, 7, 14, 0, false}, true,
	 "99acfb95c96462afa42b989d8d95979d294e5bc0a64756579f9e26934066208e",
	 "0607c19334c2a5731816a774687293e32db07f81ae1a168b9aa16545c57a3766cc65f9b705682a257d80a029db1e0b08"
	 "24f7072d1dd3eaa0b8d9d296d32c2bf2",
	 "ac171e7dae929eeceb447baa67c89840",
	 "0123456789abcdeffedcba98765432102e202308000000010000007027000054ac171e7dae929eeceb447baa67c89840"
	 "a3aeab490c7661c18b9f90b85d416c870f51209e6659320bb03c41a2252e19d59cf1b2ad6ec4e363edc11fd7a6f7975f"
	 "2e97f0af7e263db5142e41d9527dfca7"},
	{{IKE_PROTO_IKE, 12, 256, 7, 14, 0, false}, false,
	 "288cc6b836cac9622cfebfc698125d52a2e9d01b5499827a3bae13b9efccd783",
	 "a4fc9ccbd26719c54b84018a42a7851fadce50fa820c954b35668d459b067e13edd908caea66c3b33991d94ceb32331d"
	 "dbb0f74a0ecf705296944d9d62fc8beb",
	 "a4aea3eb8c24e5fb839b08e560a9c1f3",
	 "0123456789abcdeffedcba98765432102e202320000000010000007027000054a4aea3eb8c24e5fb839b08e560a9c1f3"
	 "d299d9254723f8ea9fbd6bc16521379d15f75af3e89f6833054af81d5daeeb3b82d468c5eb6b5ba99c05868f402c67f9"
	 "eb6657ffebd0be808e6b10bac6d6af36"},
	{{IKE_PROTO_IKE, 12, 192, 6, 13, 0, false}, true,
	 "7b5a2b410734377e7b1541aa969229009046ca25902fe7df",
	 "6d6ae5574ea36b50726a13e4734b1815ec8e276ec0054a2df06bf9ffc97f1b8d7fcd8b93b9f695432e7b2555ad3b10c3",
	 "ac171e7dae929eeceb447baa67c89840",
	 "0123456789abcdeffedcba98765432102e20230800000001000000682700004cac171e7dae929eeceb447baa67c89840"
	 "a8182639cbf87621b6bd7f2ca458883c0cc5e68acdcf678344bb5579fc103e78f92a504cb37e567db480db8750c2667e"
	 "0cb035f2bc1799cf"},
	{{IKE_PROTO_IKE, 12, 192, 6, 13, 0, false}, false,
	 "9480a5182f8cff8570aeb6037acb5b626db727d9c4457f04",
	 "cb82f31ec0697858983d37b45b7c42ba98542d3a017ef2c4ec71f7f463f3fc7ba5a69ad25ba06630e221317e4c482556",
	 "a4aea3eb8c24e5fb839b08e560a9c1f3",
	 "0123456789abcdeffedcba98765432102e20232000000001000000682700004ca4aea3eb8c24e5fb839b08e560a9c1f3"
	 "a0be6039aad0cb09403e0b453b7e6ec5cd4b91bb6ee7f76a81033cd72a103533d67db3fcf98d1dd92c826753427b3d44"
	 "beb0b8e7df668bc6"},
	{{IKE_PROTO_IKE, 12, 128, 2, 2, 0, false}, true,
	 "20f3ab11ba3c0d14ffce0c06937dbbeb",
	 "28831973aa3c44368976157c8af3b7e12a197ccc",
	 "ac171e7dae929eeceb447baa67c89840",
	 "0123456789abcdeffedcba98765432102e202308000000010000005c27000040ac171e7dae929eeceb447baa67c89840"
	 "dc1dcd71464ea9181866c21f7525d18a2faff2f629db65a8dd3493d748bbf307871c1e99871569ad3536d9a6"},
	{{IKE_PROTO_IKE, 12, 128, 2, 2, 0, false}, false,
	 "a8c07afcf92fe7d0df5732570ac5a58e",
	 "150e35e3c7cbd71c2c55b97eb93464cdcb1a597a",
	 "a4aea3eb8c24e5fb839b08e560a9c1f3",
	 "0123456789abcdeffedcba98765432102e202320000000010000005c27000040a4aea3eb8c24e5fb839b08e560a9c1f3"
	 "899b057f95b9c8cb4f12d064fd26cb725bc1ba44691e2409fd5d919be8e239c2c94da1ac0cda099980009c41"},
};

static struct ike_key key_of(const char *hex)
{
	struct bytes bytes = unhex(hex);
	struct ike_key key = { .len = (uint8_t)bytes.len };

	memcpy(key.bytes, bytes.at, bytes.len);
	return key;
}

/* The other direction's keys are others. */
static struct ike_keys keys_of(const struct vector *v)
{
	struct ike_key encr = key_of(v->key), integ = key_of(v->auth_key), other_encr = encr, other_integ = integ;

	other_encr.bytes[0] ^= 1;
	other_integ.bytes[0] ^= 1;
	return (struct ike_keys){
		.suite = v->suite,
		.ei = v->initiator ? encr : other_encr,
		.er = v->initiator ? other_encr : encr,
		.ai = v->initiator ? integ : other_integ,
		.ar = v->initiator ? other_integ : integ,
	};
}

static struct ike_hdr header_of(const struct vector *v)
{
	return (struct ike_hdr){
		.spi_i = 0x0123456789abcdef,
		.spi_r = 0xfedcba9876543210,
		.version = IKE_VERSION,
		.exchange = IKE_EXCH_AUTH,
		.flags = v->initiator ? IKE_FLAG_INITIATOR : IKE_FLAG_RESPONSE,
		.id = 1,
	};
}

/* A chain of these bytes, whoever encoded them. */
static struct chain chain_of(struct bytes *bytes, uint8_t first)
{
	struct chain chain = chain_init(bytes->at, sizeof(bytes->at));

	chain.wr.len = bytes->len;
	chain.first = first;
	return chain;
}

/* As the engine does: header, chain, SK payload. */
static int decode(struct span datagram, struct ike_msg *msg)
{
	struct ike_hdr hdr;
	struct why why;

	if (msg_header(datagram, &hdr, &why))
		return -EINVAL;
	datagram.at += IKE_HDR_SIZE;
	datagram.len -= IKE_HDR_SIZE;
	return msg_decode(msg, hdr.next, datagram, &why);
}

static void messages_made_elsewhere_come_out(void **state)
{
	struct bytes inner = unhex(inner_hex);
	struct chain chain = chain_of(&inner, INNER_FIRST);

	(void)state;
	for (size_t i = 0; i < LENGTH(vectors); i++) {
		const struct vector *v = &vectors[i];
		struct ike_keys keys = keys_of(v);
		struct sk_side side = { &keys, v->initiator };
		struct ike_hdr hdr = header_of(v);
		struct bytes iv = unhex(v->iv);
		uint8_t buffer[512];
		struct wr out = wr_init(buffer, sizeof(buffer));

		assert_int_equal(sk_seal(&side, bytes_span(&iv), &hdr, &chain, &out), 0);
		assert_hex(out.at, out.len, v->message);
	}
}

static void messages_made_elsewhere_are_opened(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(vectors); i++) {
		const struct vector *v = &vectors[i];
		struct ike_keys keys = keys_of(v);
		struct sk_side receiver = { &keys, !v->initiator }, sender = { &keys, v->initiator };
		struct bytes message = unhex(v->message);
		struct ike_msg outer, msg;
		struct why why;
		uint8_t buffer[512];
		struct wr out = wr_init(buffer, sizeof(buffer));
		struct span text;

		assert_int_equal(decode(bytes_span(&message), &outer), 0);
		assert_int_equal(outer.sk_next, INNER_FIRST);
		assert_int_equal(sk_open(&receiver, bytes_span(&message), &outer, &out, &text), 0);
		assert_hex(text.at, text.len, inner_hex);
		assert_int_equal(msg_decode(&msg, outer.sk_next, text, &why), 0);
		assert_non_null(msg_notify(&msg, IKE_N_ADDITIONAL_TS_POSSIBLE));

		/* Reflected to its sender it is not authentic. */
		assert_int_equal(sk_open(&sender, bytes_span(&message), &outer, &out, &text), -EBADMSG);
	}
}

static void every_flipped_bit_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(vectors); i++) {
		const struct vector *v = &vectors[i];
		struct ike_keys keys = keys_of(v);
		struct sk_side side = { &keys, !v->initiator };
		struct bytes message = unhex(v->message);
		struct ike_msg outer;

		assert_int_equal(decode(bytes_span(&message), &outer), 0);
		for (size_t bit = 0; bit < 8 * message.len; bit++) {
			uint8_t buffer[512], zero[512] = { 0 };
			struct wr out = wr_init(buffer, sizeof(buffer));
			struct span text;

			memset(buffer, 0, sizeof(buffer));
			message.at[bit / 8] ^= 1 << bit % 8;
			assert_int_equal(sk_open(&side, bytes_span(&message), &outer, &out, &text), -EBADMSG);
			message.at[bit / 8] ^= 1 << bit % 8;
			assert_null(text.at);
			assert_int_equal(out.len, 0);
			assert_memory_equal(buffer, zero, sizeof(zero));
		}
	}
}

static void payloads_of_any_length_go_round(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(vectors); i++) {
		const struct vector *v = &vectors[i];
		struct ike_keys keys = keys_of(v);
		struct sk_side sender = { &keys, v->initiator }, receiver = { &keys, !v->initiator };
		struct ike_hdr hdr = header_of(v);
		struct bytes iv = unhex(v->iv), inner = { 0 };

		for (inner.len = 0; inner.len < 70; inner.len++) {
			struct chain chain = chain_of(&inner, inner.len ? IKE_PLD_VENDOR : IKE_PLD_NONE);
			uint8_t buffer[512], opened[512];
			struct wr out = wr_init(buffer, sizeof(buffer)), plain;
			struct ike_msg outer;
			struct span text;

			inner.at[inner.len] = (uint8_t)(inner.len * 7);
			assert_int_equal(sk_seal(&sender, bytes_span(&iv), &hdr, &chain, &out), 0);
			assert_int_equal(decode(wr_done(&out), &outer), 0);
			assert_int_equal(outer.sk_next, chain.first);
			plain = wr_init(opened, out.len);
			assert_int_equal(sk_open(&receiver, wr_done(&out), &outer, &plain, &text), 0);
			assert_int_equal(text.len, inner.len);
			assert_memory_equal(text.at, inner.at, inner.len);
		}
	}
}

/* RFC 7383 section 2.5. */
static void parts_go_round(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(vectors); i++) {
		const struct vector *v = &vectors[i];
		struct ike_keys keys = keys_of(v);
		struct sk_side sender = { &keys, v->initiator }, receiver = { &keys, !v->initiator };
		struct ike_hdr hdr = header_of(v);
		struct bytes iv = unhex(v->iv), inner = { .len = 40 };
		struct sk_part part = { IKE_PLD_IDI, 3, 770, bytes_span(&inner) };
		uint8_t buffer[512], opened[512];
		struct wr out = wr_init(buffer, sizeof(buffer)), plain = wr_init(opened, sizeof(opened));
		struct ike_msg outer;
		struct span text;

		memset(inner.at, 0x5a, inner.len);
		assert_int_equal(sk_seal_part(&sender, bytes_span(&iv), &hdr, &part, &out), 0);
		assert_int_equal(buffer[16], IKE_PLD_SKF);
		assert_memory_equal(buffer + 32, "\x00\x03\x03\x02", 4);
		assert_int_equal(decode(wr_done(&out), &outer), 0);
		assert_int_equal(outer.number, 3);
		assert_int_equal(outer.total, 770);
		assert_int_equal(outer.sk_next, IKE_PLD_IDI);
		assert_int_equal(sk_open(&receiver, wr_done(&out), &outer, &plain, &text), 0);
		assert_true(span_equal(text, part.bytes));

		/* Number and total are authenticated, and so is what kind of payload it is. */
		for (size_t bit = 0; bit < 8 * out.len; bit++) {
			plain = wr_init(opened, sizeof(opened));
			buffer[bit / 8] ^= 1 << bit % 8;
			assert_int_equal(sk_open(&receiver, wr_done(&out), &outer, &plain, &text), -EBADMSG);
			buffer[bit / 8] ^= 1 << bit % 8;
		}
	}
}

static void sizes_are_foretold(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(vectors); i++) {
		const struct vector *v = &vectors[i];
		struct ike_keys keys = keys_of(v);
		struct sk_side side = { &keys, v->initiator };
		struct ike_hdr hdr = header_of(v);
		struct bytes iv = unhex(v->iv), inner = { 0 };

		for (inner.len = 0; inner.len < 40; inner.len++) {
			struct chain chain = chain_of(&inner, IKE_PLD_VENDOR);
			uint8_t buffer[512];
			struct wr out = wr_init(buffer, sizeof(buffer));

			assert_int_equal(sk_seal(&side, bytes_span(&iv), &hdr, &chain, &out), 0);
			assert_int_equal(out.len, sk_size(&v->suite, inner.len));
		}
		/* As much as fits, and not a byte more. */
		for (size_t size = 0; size < 300; size++) {
			struct sk_part part = { 0, 1, 1, { inner.at, sk_part_room(&v->suite, size) } };
			uint8_t buffer[512];
			struct wr out = wr_init(buffer, sizeof(buffer));

			if (!part.bytes.len)
				continue;
			assert_int_equal(sk_seal_part(&side, bytes_span(&iv), &hdr, &part, &out), 0);
			assert_true(out.len <= size);
			out = wr_init(buffer, sizeof(buffer));
			part.bytes.len++;
			assert_int_equal(sk_seal_part(&side, bytes_span(&iv), &hdr, &part, &out), 0);
			assert_true(out.len > size);
		}
		assert_true(sk_part_room(&v->suite, 299) > 150);
		assert_int_equal(sk_part_room(&v->suite, 0), 0);
	}
}

/* An authentic message with this text, padding and all; its layout goes to @outer. */
static struct bytes sealed_by_hand(const struct vector *v, const struct ike_keys *keys, const uint8_t *text,
				   size_t len, struct ike_msg *outer)
{
	const struct sk_cipher cipher = {
		.encr = v->suite.encr,
		.key_bits = v->suite.key_bits,
		.integ = v->suite.integ,
		.key = key_span(v->initiator ? &keys->ei : &keys->er),
		.auth_key = key_span(v->initiator ? &keys->ai : &keys->ar),
	};
	size_t head = IKE_HDR_SIZE + IKE_PLD_HDR_SIZE;
	struct bytes made = { 0 }, iv = unhex(v->iv);
	struct span covered = { made.at, 0 };
	uint8_t *at = made.at + head;

	memcpy(at, iv.at, iv.len);
	at += iv.len;
	memcpy(at, text, len);
	covered.len = head + iv.len + len;
	assert_int_equal(crypt_seal(&cipher, bytes_span(&iv), (struct span){made.at, head}, at, len, at + len), 0);
	if (v->suite.integ)
		assert_int_equal(crypt_integ(&cipher, &covered, 1, at + len), 0);
	made.len = covered.len + (v->suite.integ ? integ_size(v->suite.integ) : encr_icv_size(v->suite.encr));
	memset(outer, 0, sizeof(*outer));
	outer->sealed = true;
	return made;
}

/* Opens such a message; the text's length, or what is wrong. */
static int open_by_hand(const struct vector *v, const uint8_t *text, size_t len)
{
	struct ike_keys keys = keys_of(v);
	struct sk_side side = { &keys, !v->initiator };
	struct ike_msg outer;
	struct bytes made = sealed_by_hand(v, &keys, text, len, &outer);
	uint8_t buffer[512];
	struct wr out = wr_init(buffer, sizeof(buffer));
	struct span opened;
	int err;

	outer.sk = (struct span){made.at + IKE_HDR_SIZE + IKE_PLD_HDR_SIZE,
				 made.len - IKE_HDR_SIZE - IKE_PLD_HDR_SIZE};
	err = sk_open(&side, bytes_span(&made), &outer, &out, &opened);
	if (err)
		assert_int_equal(out.len, 0);
	return err ? err : (int)opened.len;
}

static void padding_is_what_its_length_says(void **state)
{
	uint8_t text[256];

	(void)state;
	memset(text, 0x5a, sizeof(text));	/* what it holds does not matter */
	for (size_t i = 0; i < LENGTH(vectors); i++) {
		text[47] = 0;
		assert_int_equal(open_by_hand(&vectors[i], text, 48), 47);
		text[47] = 40;
		assert_int_equal(open_by_hand(&vectors[i], text, 48), 7);
		text[47] = 47;
		assert_int_equal(open_by_hand(&vectors[i], text, 48), 0);
		text[47] = 48;
		assert_int_equal(open_by_hand(&vectors[i], text, 48), -EINVAL);
		text[47] = 255;
		assert_int_equal(open_by_hand(&vectors[i], text, 48), -EINVAL);
		text[255] = 255;
		assert_int_equal(open_by_hand(&vectors[i], text, 256), 0);
		text[47] = 0x5a;
	}
}

static void lengths_that_cannot_be_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(vectors); i++) {
		const struct vector *v = &vectors[i];
		struct ike_keys keys = keys_of(v);
		struct sk_side side = { &keys, !v->initiator };
		struct bytes message = unhex(v->message);
		size_t head = IKE_HDR_SIZE + IKE_PLD_HDR_SIZE, full = message.len;
		size_t icv = v->suite.integ ? integ_size(v->suite.integ) : encr_icv_size(v->suite.encr);
		size_t least = encr_iv_size(v->suite.encr) + icv + (v->suite.integ ? 16 : 1);
		struct ike_msg outer = { .sealed = true };

		for (message.len = head; message.len < full; message.len++) {
			size_t len = message.len - head, text = len - encr_iv_size(v->suite.encr) - icv;
			bool whole = len >= least && (!v->suite.integ || !(text % 16));
			uint8_t buffer[512];
			struct wr out = wr_init(buffer, sizeof(buffer));
			struct span opened;

			outer.sk = (struct span){message.at + head, len};
			assert_int_equal(sk_open(&side, bytes_span(&message), &outer, &out, &opened),
					 whole ? -EBADMSG : -EINVAL);
		}
	}
}

static void an_sk_payload_that_is_elsewhere_is_refused(void **state)
{
	const struct vector *v = &vectors[0];
	struct ike_keys keys = keys_of(v);
	struct sk_side side = { &keys, !v->initiator };
	struct bytes message = unhex(v->message), copy = message;
	uint8_t buffer[512];
	struct wr out = wr_init(buffer, sizeof(buffer)), small = wr_init(buffer, 20);
	struct ike_msg outer;
	struct span text;

	(void)state;
	assert_int_equal(decode(bytes_span(&message), &outer), 0);
	assert_int_equal(sk_open(&side, bytes_span(&message), &outer, &small, &text), -EMSGSIZE);
	assert_int_equal(sk_open(&side, bytes_span(&copy), &outer, &out, &text), -EINVAL);
	outer.sk.len--;
	assert_int_equal(sk_open(&side, bytes_span(&message), &outer, &out, &text), -EINVAL);
	outer.sk.len++;
	outer.sealed = false;
	assert_int_equal(sk_open(&side, bytes_span(&message), &outer, &out, &text), -EINVAL);
	outer.sealed = true;
	assert_int_equal(sk_open(&side, bytes_span(&message), &outer, &out, &text), 0);
}

static void what_cannot_be_sealed_is_not_sent_in_clear(void **state)
{
	const struct vector *v = &vectors[0];
	struct ike_keys keys = keys_of(v);
	struct sk_side side = { &keys, v->initiator };
	struct bytes iv = unhex(v->iv), inner = unhex(inner_hex);
	struct chain chain = chain_of(&inner, INNER_FIRST);
	struct ike_hdr hdr = header_of(v);
	uint8_t buffer[512] = { 0 }, zero[512] = { 0 };
	size_t need = unhex(v->message).len;
	struct wr out = wr_init(buffer, need - 1);

	(void)state;
	assert_int_equal(sk_seal(&side, bytes_span(&iv), &hdr, &chain, &out), -EMSGSIZE);
	assert_int_equal(out.len, 0);
	assert_memory_equal(buffer, zero, sizeof(zero));

	out = wr_init(buffer, sizeof(buffer));
	assert_int_equal(sk_seal(&side, (struct span){iv.at, 7}, &hdr, &chain, &out), -EINVAL);
	chain.wr.bad = true;
	assert_int_equal(sk_seal(&side, bytes_span(&iv), &hdr, &chain, &out), -EMSGSIZE);
	chain.wr.bad = false;
	keys.suite.encr = IKE_ENCR_AES_GMAC;	/* authenticates only */
	assert_int_equal(sk_seal(&side, bytes_span(&iv), &hdr, &chain, &out), -EOPNOTSUPP);
	assert_memory_equal(buffer, zero, sizeof(zero));
	keys.suite.encr = IKE_ENCR_NULL;
	out = wr_init(buffer, sizeof(buffer));
	assert_int_equal(sk_seal(&side, (struct span){NULL, 0}, &hdr, &chain, &out), -EOPNOTSUPP);
	assert_memory_equal(buffer, zero, sizeof(zero));
}

static void a_message_goes_behind_what_is_there(void **state)
{
	const struct vector *v = &vectors[0];
	struct ike_keys keys = keys_of(v);
	struct sk_side side = { &keys, v->initiator };
	struct bytes iv = unhex(v->iv), inner = unhex(inner_hex);
	struct chain chain = chain_of(&inner, INNER_FIRST);
	struct ike_hdr hdr = header_of(v);
	uint8_t buffer[512];
	struct wr out = wr_init(buffer, sizeof(buffer));

	(void)state;
	wr_u32(&out, 0);
	assert_int_equal(sk_seal(&side, bytes_span(&iv), &hdr, &chain, &out), 0);
	assert_hex(out.at + 4, out.len - 4, v->message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_made_elsewhere_come_out),
		cmocka_unit_test(messages_made_elsewhere_are_opened),
		cmocka_unit_test(every_flipped_bit_is_refused),
		cmocka_unit_test(payloads_of_any_length_go_round),
		cmocka_unit_test(parts_go_round),
		cmocka_unit_test(sizes_are_foretold),
		cmocka_unit_test(padding_is_what_its_length_says),
		cmocka_unit_test(lengths_that_cannot_be_are_refused),
		cmocka_unit_test(an_sk_payload_that_is_elsewhere_is_refused),
		cmocka_unit_test(what_cannot_be_sealed_is_not_sent_in_clear),
		cmocka_unit_test(a_message_goes_behind_what_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
