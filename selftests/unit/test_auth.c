// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/ike/auth.c tools/vpntun/ike/crypt.c tools/vpntun/ike/buf.c */
/* libs: libcrypto */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>

#include <cmocka.h>

#include "bytes.h"
#include "ike/auth.h"
#include "ike/crypt.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Made in Python with the standard library's hmac, as section 2.15 says. */
static const char message_hex[] =
	"c426d0252ee211b3a52a487e8262c2905ced07754ea85a853373df672596b1732270e0a0c2e510dece89162c43b975cb"
	"a14d8861556a178fdde8f794507b79cb9a0d256c75f3495c35cfcee6cfda2b420592708ad7c4350178cc8eaf3d997a3e"
	"e74d6a5fe63a17ac60dfae68212b8d84fadeed2f91efbcb1923420cf81efcfdd9ba1c57283bfdab252c62876cc11adf1"
	"5a1f398688ca9143f4af57788525ddc4fdb45868123b13c4a4bf05c970355d1724245e71f647ec6c0d1bd9978cc76765"
	"610844cc0569e7e9036a027f76c0b8d560fdc75fc3f98c7b17be43ca5e6a7fa90584943f9bfb51cc29f4e1af7842f6bf"
	"40e1d3fce3a0a172f18a8b462532a585a65460bfb715693d780f133853aa0b52612421d57aacac7e0a6fecec1992eaa9"
	"30199601842755c9579c1f12";
static const char nonce_hex[] = "00112233445566778899aabbccddeeff0f1e2d3c4b5a6978";
static const char ident_hex[] = "01000000cb00710a";	/* 203.0.113.10 */
static const char psk[] = "a pre-shared key of some length";

struct vector {
	uint16_t prf;
	const char *key, *maced_id, *auth;
};

static const struct vector vectors[] = {
	{2,
	 "65e6b5238e5bd1fbc7e410fa5d16a5bc56030ba3",
	 "4b03145974c5df346a5fdee1dba7662fe6f3514a",
	 "06c9bc497f35c047a71e3c3b7528bc1762d54d70"},
	{5,
	 "e7a51692f4f7cba581e9e052fb0e5dec7bbaa39d135c007f67595c4565d92f91",
	 "2749c44633b25445aca8a44fcb9ac6f91f19cf4992b62b46081ffbe608255c2c",
	 "4443cc5ad209ee30e6348968b8bd184908ec971e10917fd141f996118ffe2db2"},
	{6,
	 "b491f7b269470017c9103d1285189b48e5cd414c8e76522c69d8df1c7b90564826f28f4db5fa7a70f23f58ace71932f2",
	 "266655f062127048242f78a823b8fa3f8cd1bf1789e20029dba2e531a43925b3a94e4b1679565ca8f8e6fa9c81b554c5",
	 "00ed57b5510c755813f904fe3f285711991cc8f22caa2d23bef73e78687284d9bf5c87ef95af0f24f30b9e8609554b37"},
	{7,
	 "745eeb5866bbb91369f2637ad3614decc2ae7b70b265bd2e6a86d84ad0c90fbe957b1b9c417ed58fdab58e2643d5bbdd"
	 "4c6956dc422d095b1bab13bb90d25ecf",
	 "f8f89d249129f241379092c458a2e040ed75e267812d7d9716f022182187f4a12dc33bafa25a05eaaabb758e84a551f0"
	 "c97dea7bd190f271ae34a435f814ad2a",
	 "455b2c5806bb8cda71ef45969e00d17e3e54a3db28399bf9c91d1974ebc3a627cc4e05e68496e4dad7246a261f8187cd"
	 "61ffc12facdccc2580b24e0b16594606"},
};

struct inputs {
	struct bytes message, nonce, ident;
	struct ike_key key;
	struct auth_parts parts;
};

static void inputs_of(const struct vector *vector, struct inputs *in)
{
	struct bytes key = unhex(vector->key);

	in->message = unhex(message_hex);
	in->nonce = unhex(nonce_hex);
	in->ident = unhex(ident_hex);
	in->key.len = (uint8_t)key.len;
	memcpy(in->key.bytes, key.at, key.len);
	in->parts = (struct auth_parts){
		.message = bytes_span(&in->message),
		.nonce = bytes_span(&in->nonce),
		.ident_body = bytes_span(&in->ident),
		.key = &in->key,
		.prf = vector->prf,
	};
}

static void octets_are_message_nonce_and_maced_identity(void **state)
{
	static uint8_t buffer[AUTH_OCTETS_MAX];
	struct inputs in;

	(void)state;
	for (size_t i = 0; i < LENGTH(vectors); i++) {
		struct wr out = wr_init(buffer, sizeof(buffer));
		size_t fixed;

		inputs_of(&vectors[i], &in);
		fixed = in.message.len + in.nonce.len;
		assert_int_equal(auth_octets(&in.parts, &out), 0);
		assert_int_equal(out.len, fixed + prf_size(vectors[i].prf));
		assert_memory_equal(buffer, in.message.at, in.message.len);
		assert_memory_equal(buffer + in.message.len, in.nonce.at, in.nonce.len);
		assert_hex(buffer + fixed, out.len - fixed, vectors[i].maced_id);
	}
}

static void auth_of_a_shared_key(void **state)
{
	static uint8_t buffer[AUTH_OCTETS_MAX];
	uint8_t auth[IKE_KEY_MAX];
	struct inputs in;

	(void)state;
	for (size_t i = 0; i < LENGTH(vectors); i++) {
		struct wr out = wr_init(buffer, sizeof(buffer));

		inputs_of(&vectors[i], &in);
		assert_int_equal(auth_octets(&in.parts, &out), 0);
		assert_int_equal(auth_psk(vectors[i].prf, text_span(psk), wr_done(&out), auth), 0);
		assert_hex(auth, prf_size(vectors[i].prf), vectors[i].auth);

		/* Another key, another value. */
		assert_int_equal(auth_psk(vectors[i].prf, text_span(psk + 1), wr_done(&out), auth), 0);
		assert_memory_not_equal(auth, unhex(vectors[i].auth).at, prf_size(vectors[i].prf));
	}
}

static void the_longest_parts_fit(void **state)
{
	static uint8_t buffer[AUTH_OCTETS_MAX], message[IKE_DATAGRAM_MAX], nonce[IKE_NONCE_MAX], ident[IKE_ID_MAX];
	struct wr out = wr_init(buffer, sizeof(buffer)), small = wr_init(buffer, sizeof(buffer) - 1);
	struct inputs in;

	(void)state;
	inputs_of(&vectors[LENGTH(vectors) - 1], &in);
	in.parts.message = (struct span){message, sizeof(message)};
	in.parts.nonce = (struct span){nonce, sizeof(nonce)};
	in.parts.ident_body = (struct span){ident, sizeof(ident)};
	assert_int_equal(auth_octets(&in.parts, &out), 0);
	assert_int_equal(out.len, AUTH_OCTETS_MAX);
	assert_int_equal(auth_octets(&in.parts, &small), -EMSGSIZE);
}

static void an_unknown_prf_is_refused(void **state)
{
	uint8_t buffer[1024], auth[IKE_KEY_MAX];
	struct wr out = wr_init(buffer, sizeof(buffer));
	struct inputs in;

	(void)state;
	inputs_of(&vectors[0], &in);
	in.parts.prf = 1;
	assert_int_equal(auth_octets(&in.parts, &out), -EOPNOTSUPP);
	assert_int_equal(auth_psk(1, text_span(psk), text_span("octets"), auth), -EOPNOTSUPP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(octets_are_message_nonce_and_maced_identity),
		cmocka_unit_test(auth_of_a_shared_key),
		cmocka_unit_test(the_longest_parts_fit),
		cmocka_unit_test(an_unknown_prf_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
