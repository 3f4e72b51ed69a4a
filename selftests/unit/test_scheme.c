// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/ike/scheme.c tools/vpntun/ike/buf.c tools/vpntun/util/why.c */
/* libs: libcrypto */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bytes.h"
#include "ike/scheme.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

struct known {
	enum ike_scheme scheme;
	const char *algid;
};

/* As RFC 7427 appendix A and RFC 8420 appendix A print them; PSS without its trailer, which is the default. */
static const struct known sent[] = {
	{IKE_SCHEME_PKCS1_SHA256, "300d06092a864886f70d01010b0500"},
	{IKE_SCHEME_PKCS1_SHA384, "300d06092a864886f70d01010c0500"},
	{IKE_SCHEME_PKCS1_SHA512, "300d06092a864886f70d01010d0500"},
	{IKE_SCHEME_PSS_SHA256, "304106092a864886f70d01010a3034a00f300d06096086480165030402010500"
				"a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120"},
	{IKE_SCHEME_PSS_SHA384, "304106092a864886f70d01010a3034a00f300d06096086480165030402020500"
				"a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130"},
	{IKE_SCHEME_PSS_SHA512, "304106092a864886f70d01010a3034a00f300d06096086480165030402030500"
				"a11c301a06092a864886f70d010108300d06096086480165030402030500a203020140"},
	{IKE_SCHEME_ECDSA_SHA256, "300a06082a8648ce3d040302"},
	{IKE_SCHEME_ECDSA_SHA384, "300a06082a8648ce3d040303"},
	{IKE_SCHEME_ECDSA_SHA512, "300a06082a8648ce3d040304"},
	{IKE_SCHEME_ED25519, "300506032b6570"},
};

/* What others may write for the same, RFC 4055 sections 2.1, 3.1 and 5. */
static const struct known taken[] = {
	/* RFC 7427 appendix A.4.3 prints the trailer */
	{IKE_SCHEME_PSS_SHA256, "304606092a864886f70d01010a3039a00f300d06096086480165030402010500"
				"a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120a303020101"},
	/* hashes without NULL, as libcrypto writes them */
	{IKE_SCHEME_PSS_SHA256, "303d06092a864886f70d01010a3030a00d300b0609608648016503040201"
				"a11a301806092a864886f70d010108300b0609608648016503040201a203020120"},
	{IKE_SCHEME_PKCS1_SHA256, "300b06092a864886f70d01010b"},
	{IKE_SCHEME_PKCS1_SHA512, "300b06092a864886f70d01010d"},
};

static const char *const refused[] = {
	"",
	"30",
	"3000",
	"300d06092a864886f70d0101050500",		/* SHA-1 */
	"300d06092a864886f70d01010e0500",		/* SHA2-224 */
	"300d06092a864886f70d01010b0501",		/* NULL that is not */
	"300d06092a864886f70d01010b0400",
	"300f06092a864886f70d01010b05000500",		/* two parameters */
	"300d06092a864886f70d01010b050000",		/* trailing byte */
	"300e06092a864886f70d01010b0500",		/* longer than it is */
	"30810d06092a864886f70d01010b0500",		/* not the shortest length */
	"308006092a864886f70d01010b05000000",		/* BER */
	"3082000d06092a864886f70d01010b0500",
	"30ff06092a864886f70d01010b0500",
	"300c06082a8648ce3d0403020500",			/* ECDSA with parameters */
	"300a06082a8648ce3d040301",			/* SHA2-224 */
	"300906072a8648ce3d0401",			/* SHA-1 */
	"300706032b65700500",				/* Ed25519 with parameters */
	"300506032b6571",				/* Ed448 */
	"300d06092a864886f70d01010a3000",		/* PSS with defaults: SHA-1 */
	"300b06092a864886f70d01010a",			/* PSS without parameters */
	/* the mask's hash is another */
	"304106092a864886f70d01010a3034a00f300d06096086480165030402010500"
	"a11c301a06092a864886f70d010108300d06096086480165030402020500a203020120",
	/* mask by something else than MGF1 */
	"304106092a864886f70d01010a3034a00f300d06096086480165030402010500"
	"a11c301a06092a864886f70d010109300d06096086480165030402010500a203020120",
	/* salts of other lengths: shorter, longer, negative, of two bytes, of none */
	"304106092a864886f70d01010a3034a00f300d06096086480165030402010500"
	"a11c301a06092a864886f70d010108300d06096086480165030402010500a203020100",
	"304106092a864886f70d01010a3034a00f300d06096086480165030402010500"
	"a11c301a06092a864886f70d010108300d06096086480165030402010500a203020130",
	"304106092a864886f70d01010a3034a00f300d06096086480165030402010500"
	"a11c301a06092a864886f70d010108300d06096086480165030402010500a2030201e0",
	"304206092a864886f70d01010a3035a00f300d06096086480165030402010500"
	"a11c301a06092a864886f70d010108300d06096086480165030402010500a20402020020",
	"304006092a864886f70d01010a3033a00f300d06096086480165030402010500"
	"a11c301a06092a864886f70d010108300d06096086480165030402010500a2020200",
	/* the salt is left out: 20 */
	"303c06092a864886f70d01010a302fa00f300d06096086480165030402010500"
	"a11c301a06092a864886f70d010108300d06096086480165030402010500",
	/* another trailer */
	"304606092a864886f70d01010a3039a00f300d06096086480165030402010500"
	"a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120a303020102",
	/* a fifth field */
	"304b06092a864886f70d01010a303ea00f300d06096086480165030402010500"
	"a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120a303020101a403020101",
};

/* An AUTH payload's data, of method 14. */
static struct bytes auth_of(const char *algid, const char *signature)
{
	struct bytes alg = unhex(algid), raw = unhex(signature), all = { 0 };

	all.at[0] = alg.len;
	memcpy(all.at + 1, alg.at, alg.len);
	memcpy(all.at + 1 + alg.len, raw.at, raw.len);
	all.len = 1 + alg.len + raw.len;
	return all;
}

static void test_parse(void **state)
{
	enum ike_scheme scheme;
	struct span raw;
	struct why why;

	(void)state;
	for (size_t i = 0; i < LENGTH(sent) + LENGTH(taken); i++) {
		const struct known *known = i < LENGTH(sent) ? &sent[i] : &taken[i - LENGTH(sent)];
		struct bytes auth = auth_of(known->algid, "0102030405");

		assert_int_equal(scheme_parse(IKE_AUTH_SIGNATURE, bytes_span(&auth), &scheme, &raw, &why), 0);
		assert_int_equal(scheme, known->scheme);
		assert_hex(raw.at, raw.len, "0102030405");
	}
	for (size_t i = 0; i < LENGTH(refused); i++) {
		struct bytes auth = auth_of(refused[i], "0102030405");

		if (!scheme_parse(IKE_AUTH_SIGNATURE, bytes_span(&auth), &scheme, &raw, &why))
			fail_msg("%s is taken for %s", refused[i], scheme_name(scheme));
		assert_int_equal(scheme, IKE_SCHEME_NONE);
	}
}

/* Cut at every place, in memory of that size, and with every byte changed: nothing is read beyond, nothing new is found. */
static void test_hostile(void **state)
{
	enum ike_scheme scheme;
	struct span raw;
	struct why why;

	(void)state;
	for (size_t i = 0; i < LENGTH(sent); i++) {
		struct bytes auth = auth_of(sent[i].algid, "01");

		for (size_t len = 0; len < auth.len; len++) {
			uint8_t *copy = malloc(len ? len : 1);
			struct span cut = {copy, len};

			memcpy(copy, auth.at, len);
			assert_int_equal(scheme_parse(IKE_AUTH_SIGNATURE, cut, &scheme, &raw, &why), -EINVAL);
			free(copy);
		}
		for (size_t at = 0; at + 1 < auth.len; at++) {
			struct bytes other = auth;

			for (unsigned int change = 1; change < 256; change++) {
				other.at[at] = auth.at[at] ^ change;
				/* What is left is a name of another one's, or none at all. */
				if (!scheme_parse(IKE_AUTH_SIGNATURE, bytes_span(&other), &scheme, &raw, &why))
					assert_int_not_equal(scheme, sent[i].scheme);
			}
		}
	}
}

static void test_methods(void **state)
{
	static const enum ike_scheme by_method[256] = {
		[1] = IKE_SCHEME_RSA_SHA1, [2] = IKE_SCHEME_PSK, [9] = IKE_SCHEME_ECDSA_256,
		[10] = IKE_SCHEME_ECDSA_384, [11] = IKE_SCHEME_ECDSA_521,
	};
	const struct bytes auth = unhex("300a06082a8648ce3d04030201");
	enum ike_scheme scheme;
	struct span raw;
	struct why why;

	(void)state;
	for (unsigned int method = 0; method < 256; method++) {
		int err = scheme_parse(method, bytes_span(&auth), &scheme, &raw, &why);

		assert_int_equal(err, by_method[method] ? 0 : -EINVAL);
		assert_int_equal(scheme, by_method[method]);
		if (err)
			continue;
		assert_ptr_equal(raw.at, auth.at);
		assert_int_equal(raw.len, auth.len);
		assert_int_equal(scheme_method(scheme), method);
		assert_int_equal(scheme_algid(scheme).len, 0);
		assert_int_equal(scheme_parse(method, (struct span){NULL, 0}, &scheme, &raw, &why), -EINVAL);
	}
	assert_int_equal(scheme_method(IKE_SCHEMES), 0);
	assert_int_equal(scheme_method(IKE_SCHEME_NONE), 0);
}

static void test_put(void **state)
{
	const struct bytes raw = unhex("aabbcc");
	uint8_t buffer[100];

	(void)state;
	for (size_t i = 0; i < LENGTH(sent); i++) {
		struct bytes expected = auth_of(sent[i].algid, "aabbcc");
		struct wr wr = wr_init(buffer, sizeof(buffer));

		scheme_put(sent[i].scheme, bytes_span(&raw), &wr);
		assert_true(span_equal(wr_done(&wr), bytes_span(&expected)));
		assert_int_equal(scheme_method(sent[i].scheme), IKE_AUTH_SIGNATURE);
	}
	for (unsigned int scheme = IKE_SCHEME_PSK; scheme < IKE_SCHEME_PKCS1_SHA256; scheme++) {
		struct wr wr = wr_init(buffer, sizeof(buffer));

		scheme_put(scheme, bytes_span(&raw), &wr);
		assert_true(span_equal(wr_done(&wr), bytes_span(&raw)));
	}
}

static void test_hashes(void **state)
{
	const struct bytes odd = unhex("000200"), unknown = unhex("00000001000600100011ffff0003");
	uint8_t buffer[16];
	struct wr wr = wr_init(buffer, sizeof(buffer));

	(void)state;
	scheme_put_hashes(&wr);
	assert_hex(buffer, wr.len, "0002000300040005");
	assert_int_equal(scheme_read_hashes(wr_done(&wr)), SCHEME_HASHES);
	assert_int_equal(scheme_read_hashes(bytes_span(&odd)), 0);
	assert_int_equal(scheme_read_hashes(bytes_span(&unknown)), 1 << IKE_HASH_SHA2_384);
	assert_int_equal(scheme_read_hashes((struct span){NULL, 0}), 0);
}

struct choice {
	struct scheme_wish wish;
	enum ike_scheme scheme;
};

enum { S256 = 1 << IKE_HASH_SHA2_256, S384 = 1 << IKE_HASH_SHA2_384, S512 = 1 << IKE_HASH_SHA2_512 };
enum { ALL = SCHEME_HASHES };

static const struct choice choices[] = {
	{{IKE_BY_PSK, IKE_KEY_NONE, 0, false, 0}, IKE_SCHEME_PSK},
	{{IKE_BY_PSK, IKE_KEY_RSA, 0, true, ALL}, IKE_SCHEME_PSK},
	/* RSA */
	{{IKE_BY_AUTO, IKE_KEY_RSA, 0, true, ALL}, IKE_SCHEME_PSS_SHA256},
	{{IKE_BY_AUTO, IKE_KEY_RSA, 0, true, S384 | S512}, IKE_SCHEME_PSS_SHA384},
	{{IKE_BY_AUTO, IKE_KEY_RSA, 0, true, S512}, IKE_SCHEME_PSS_SHA512},
	{{IKE_BY_AUTO, IKE_KEY_RSA, IKE_SCHEME_PKCS1_SHA512, true, ALL}, IKE_SCHEME_PKCS1_SHA256},
	{{IKE_BY_AUTO, IKE_KEY_RSA, IKE_SCHEME_PSS_SHA256, true, ALL}, IKE_SCHEME_PSS_SHA256},
	{{IKE_BY_AUTO, IKE_KEY_RSA, IKE_SCHEME_ECDSA_SHA256, true, ALL}, IKE_SCHEME_PSS_SHA256},
	{{IKE_BY_AUTO, IKE_KEY_RSA, 0, true, 0}, IKE_SCHEME_NONE},
	{{IKE_BY_AUTO, IKE_KEY_RSA, 0, false, 0}, IKE_SCHEME_NONE},
	{{IKE_BY_RSA_PSS, IKE_KEY_RSA, IKE_SCHEME_PKCS1_SHA256, true, ALL}, IKE_SCHEME_PSS_SHA256},
	{{IKE_BY_RSA_PKCS1, IKE_KEY_RSA, 0, true, ALL}, IKE_SCHEME_PKCS1_SHA256},
	{{IKE_BY_RSA_PKCS1, IKE_KEY_RSA, IKE_SCHEME_PSS_SHA256, true, S512}, IKE_SCHEME_PKCS1_SHA512},
	{{IKE_BY_RSA_PKCS1, IKE_KEY_RSA, 0, false, 0}, IKE_SCHEME_NONE},
	{{IKE_BY_RSA_SHA1, IKE_KEY_RSA, 0, false, 0}, IKE_SCHEME_RSA_SHA1},
	{{IKE_BY_RSA_SHA1, IKE_KEY_RSA, 0, true, ALL}, IKE_SCHEME_RSA_SHA1},
	/* ECDSA */
	{{IKE_BY_AUTO, IKE_KEY_P256, 0, true, ALL}, IKE_SCHEME_ECDSA_SHA256},
	{{IKE_BY_AUTO, IKE_KEY_P384, 0, true, ALL}, IKE_SCHEME_ECDSA_SHA384},
	{{IKE_BY_ECDSA, IKE_KEY_P521, 0, true, ALL}, IKE_SCHEME_ECDSA_SHA512},
	{{IKE_BY_ECDSA, IKE_KEY_P384, 0, true, S256}, IKE_SCHEME_ECDSA_SHA256},
	{{IKE_BY_ECDSA, IKE_KEY_P384, 0, true, 0}, IKE_SCHEME_ECDSA_384},
	{{IKE_BY_AUTO, IKE_KEY_P256, 0, false, 0}, IKE_SCHEME_ECDSA_256},
	{{IKE_BY_ECDSA, IKE_KEY_P384, 0, false, 0}, IKE_SCHEME_ECDSA_384},
	{{IKE_BY_AUTO, IKE_KEY_P521, 0, false, 0}, IKE_SCHEME_ECDSA_521},
	/* Ed25519 */
	{{IKE_BY_AUTO, IKE_KEY_ED25519, 0, true, ALL}, IKE_SCHEME_ED25519},
	{{IKE_BY_ED25519, IKE_KEY_ED25519, 0, true, 1 << IKE_HASH_IDENTITY}, IKE_SCHEME_ED25519},
	{{IKE_BY_AUTO, IKE_KEY_ED25519, 0, true, S256 | S384 | S512}, IKE_SCHEME_NONE},
	{{IKE_BY_AUTO, IKE_KEY_ED25519, 0, false, 0}, IKE_SCHEME_NONE},
	/* a key of another kind than is configured, or none */
	{{IKE_BY_ECDSA, IKE_KEY_RSA, 0, true, ALL}, IKE_SCHEME_NONE},
	{{IKE_BY_ED25519, IKE_KEY_P256, 0, true, ALL}, IKE_SCHEME_NONE},
	{{IKE_BY_RSA_PSS, IKE_KEY_ED25519, 0, true, ALL}, IKE_SCHEME_NONE},
	{{IKE_BY_RSA_SHA1, IKE_KEY_P256, 0, true, ALL}, IKE_SCHEME_NONE},
	{{IKE_BY_AUTO, IKE_KEY_NONE, 0, true, ALL}, IKE_SCHEME_NONE},
};

static void test_choose(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(choices); i++) {
		const struct choice *choice = &choices[i];
		struct why why = {""};
		enum ike_scheme scheme = scheme_choose(&choice->wish, &why);

		if (scheme != choice->scheme)
			fail_msg("choice %zu is %s instead of %s", i, scheme_name(scheme), scheme_name(choice->scheme));
		/* A refusal has a reason; what is chosen can be made, and the same tunnel takes it from the peer. */
		assert_true((scheme == IKE_SCHEME_NONE) == (why.text[0] != 0));
		if (scheme == IKE_SCHEME_NONE)
			continue;
		assert_true(scheme == IKE_SCHEME_PSK || scheme_suits(scheme, choice->wish.key));
		assert_true(scheme_allowed(choice->wish.by, scheme));
	}
}

static void test_allowed(void **state)
{
	(void)state;
	for (unsigned int by = IKE_BY_PSK; by <= IKE_BY_ED25519; by++) {
		assert_false(scheme_allowed(by, IKE_SCHEME_NONE));
		assert_false(scheme_allowed(by, IKE_SCHEMES));
		assert_int_equal(scheme_allowed(by, IKE_SCHEME_PSK), by == IKE_BY_PSK);
		assert_int_equal(scheme_allowed(by, IKE_SCHEME_RSA_SHA1), by == IKE_BY_RSA_SHA1);
		for (unsigned int scheme = IKE_SCHEME_ECDSA_256; scheme < IKE_SCHEMES; scheme++)
			assert_int_equal(scheme_allowed(by, scheme), by != IKE_BY_PSK);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_methods),
		cmocka_unit_test(test_put),
		cmocka_unit_test(test_hashes),
		cmocka_unit_test(test_choose),
		cmocka_unit_test(test_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
