// SPDX-License-Identifier: GPL-2.0
/* libs: libcrypto */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/param_build.h>
#include <openssl/sha.h>

#include "bytes.h"
#include "ike/dh.c"	/* a vector's private key has no other way in */

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

struct vector {
	uint16_t group;
	const char *private_a, *public_a;
	const char *private_b, *public_b;
	const char *shared;
};

static const struct vector vectors[] = {
	/* RFC 5903 section 8.1 */
	{IKE_GROUP_ECP256,
	 "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
	 "dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c37725811805271a0461cdb8252d61f1c456fa3e59a"
	 "b1f45b33accf5f58389e0577b8990bb3",
	 "c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53",
	 "d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc23e8157854c13c58d6a"
	 "ac23f046ada30f8353e74f33039872ab",
	 "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de"},
	/* RFC 5903 section 8.2 */
	{IKE_GROUP_ECP384,
	 "099f3c7034d4a2c699884d73a375a67f7624ef7c6b3c0f160647b67414dce655e35b538041e649ee3faef896783ab194",
	 "667842d7d180ac2cde6f74f37551f55755c7645c20ef73e31634fe72b4c55ee6de3ac808acb4bdb4c88732aee95f41aa"
	 "9482ed1fc0eeb9cafc4984625ccfc23f65032149e0e144ada024181535a0f38eeb9fcff3c2c947dae69b4c634573a81c",
	 "41cb0779b4bdb85d47846725fbec3c9430fab46cc8dc5060855cc9bda0aa2942e0308312916b8ed2960e4bd55a7448fc",
	 "e558dbef53eecde3d3fccfc1aea08a89a987475d12fd950d83cfa41732bc509d0d1ac43a0336def96fda41d0774a3571"
	 "dcfbec7aacf3196472169e838430367f66eebe3c6e70c416dd5f0c68759dd1fff83fa40142209dff5eaad96db9e6386c",
	 "11187331c279962d93d604243fd592cb9d0a926f422e47187521287e7156c5c4d603135569b9e9d09cf5d4a270f59746"},
	/* RFC 5903 section 8.3 */
	{IKE_GROUP_ECP521,
	 "0037ade9319a89f4dabdb3ef411aaccca5123c61acab57b5393dce47608172a095aa85a30fe1c2952c6771d937ba9777"
	 "f5957b2639bab072462f68c27a57382d4a52",
	 "0015417e84dbf28c0ad3c278713349dc7df153c897a1891bd98bab4357c9ecbee1e3bf42e00b8e380aeae57c2d107564"
	 "941885942af5a7f4601723c4195d176ced3e017cae20b6641d2eeb695786d8c946146239d099e18e1d5a514c739d7cb4"
	 "a10ad8a788015ac405d7799dc75e7b7d5b6cf2261a6a7f1507438bf01beb6ca3926f9582",
	 "0145ba99a847af43793fdd0e872e7cdfa16be30fdc780f97bccc3f078380201e9c677d600b343757a3bdbf2a3163e4c2"
	 "f869cca7458aa4a4effc311f5cb151685eb9",
	 "00d0b3975ac4b799f5bea16d5e13e9af971d5e9b984c9f39728b5e5739735a219b97c356436adc6e95bb0352f6be64a6"
	 "c2912d4ef2d0433ced2b6171640012d9460f015c68226383956e3bd066e797b623c27ce0eac2f551a10c2c724d985207"
	 "7b87220b6536c5c408a1d2aebb8e86d678ae49cb57091f4732296579ab44fcd17f0fc56a",
	 "01144c7d79ae6956bc8edb8e7c787c4521cb086fa64407f97894e5e6b2d79b04d1427e73ca4baa240a34786859810c06"
	 "b3c715a3a8cc3151f2bee417996d19f3ddea"},
	/* The secret begins with a zero octet; by the textbook's formulas, in Python. */
	{IKE_GROUP_ECP256,
	 "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
	 "dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c37725811805271a0461cdb8252d61f1c456fa3e59a"
	 "b1f45b33accf5f58389e0577b8990bb3",
	 "c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476beed4",
	 "708dccefdc3ac5f02010b3c921bb360488b9c0944f29501bbffc4389ee3c1fbb16de5671d71c1a006c56686c8f00cba9"
	 "b969f6d41e467470092d98301c6b680b",
	 "0068c636748def95599e3e77d50aee95752acc350b6d10ecd3844627d3ef4f89"},
	/* RFC 7748 section 6.1 */
	{IKE_GROUP_X25519,
	 "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
	 "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
	 "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
	 "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
	 "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"},
	/* RFC 7748 section 6.2 */
	{IKE_GROUP_X448,
	 "9a8f4925d1519f5775cf46b04b5800d4ee9ee8bae8bc5565d498c28dd9c9baf574a9419744897391006382a6f127ab1d"
	 "9ac2d8c0a598726b",
	 "9b08f7cc31b7e3e67d22d5aea121074a273bd2b83de09c63faa73d2c22c5d9bbc836647241d953d40c5b12da88120d53"
	 "177f80e532c41fa0",
	 "1c306a7ac2a0e2e0990b294470cba339e6453772b075811d8fad0d1d6927c120bb5ee8972b0d3e21374c9c921b09d1b0"
	 "366f10b65173992d",
	 "3eb7a829b0cd20f5bcfc0b599b6feccf6da4627107bdb0d4f345b43027d8b972fc3e34fb4232a13ca706dcb57aec3dae"
	 "07bdc1c67bf33609",
	 "07fff4181ac6cc95ec1c16a94a0f74d12da232ce40a77552281d282bb60c0b56fd2464c335543936521c24403085d59a"
	 "449a5037514a879d"},
};

/*
 * Made in Python: the primes from the formulas of RFC 2409 and RFC 3526 with pi by Machin's arctangents, the rest by pow(). SHA-256
 * of the modulus, both public values and the secret, each padded to the size of the modulus.
 */
struct modp_vector {
	uint16_t group;
	const char *private_a, *private_b;
	const char *prime, *public_a, *public_b, *shared;
};

static const struct modp_vector modp_vectors[] = {
	{IKE_GROUP_MODP1024,
	 "6aa2eea09a2c3ccfef11dec5eae1e4f319ff1be3d512b9c856ea2e343950c44a",
	 "02dcc21f99d7ac063103863aa197f006f66a70f1f5c0afef57620c9d8dfc7379",
	 "3f35a3f5f6c4376a744acad409bb22f8d897f949d2311d885adaa890981b67a0",
	 "28e743fa99f64ac133c62cdb521f2e424ab8343ccfc80a182fa3acf88a5e3f4a",
	 "cfb0ae655bfba6cd81a94cf9fe2dac65135eba39a551c41c7a794665fae3eeb0",
	 "2cd87eb0a9dc2d6497f1feabab372c499816c0d337a028a5394e538ff82aa905"},
	{IKE_GROUP_MODP1536,
	 "cd7579a9fa0e20e244cbb128c7947a1197cc76ebc9797e350fbbfffd696a050b",
	 "0ce0d0ccfb729043b258a0d7a0878244cbbdcf9e74862401ed7bcf9f3ab9380f",
	 "64fcc83ec403930bf18393dbc883ccaa1fbb08ac876f77f7aa99748ca945019b",
	 "22067a5ad0c9be49e1a2a4384b265e460d5642d055b7171691a84ce2a062e27b",
	 "89320d57e509af19c9871328eb3b7150b60aabd2c5d2859fda195d6c6d33ba8c",
	 "66723350a73a09cb50f70ae7c4a89ec03016482790b18bc52acd1ce90e32fabb"},
	{IKE_GROUP_MODP2048,
	 "5ba9b35d5c874ff2308a2cbe725a2d2db9baa54ebef9d8288b602caa1647ec8e",
	 "64d5ae137307fc642e642ee711fcceba0f719e82d211f55e6be4430e19e5790b",
	 "d66436f79bbd6b2e38c0ffbd079be904d2641415e2e67140e09448be9a60890e",
	 "b5833e71571d28db9e6bcb09ffbf45d7f1a2bc5a2fbb44e976cc1f5909393c12",
	 "4df2c0c13eead898dcf7510d85b8cff7e762ecbbc585a730d4054c01366b083b",
	 "6178d9d1444c015d1c68c9c6ce556fb44865d4c12012621d66bda919439398c0"},
	{IKE_GROUP_MODP3072,
	 "bf15f82437d8e2228c2a0356abf792fd3a55f6ae9f047ec9818f67d74d999e6a",
	 "f4af8456438947d119de30886caaf833fa68939870638a9db3a2bb28d8df2056",
	 "48cf8b092fbce4359d9871abf74f98e25b6163379eaa15cd9087e800c6d1c55c",
	 "cb08cd787214015e2e0764c29b28f058b15cb57edc72025b7f26c8ed086fcfcd",
	 "3b1e3dd22d93b983fed6a019c67744f5b1f257b63caa00a641c87a32921b5560",
	 "5e93d04f8412304e85d5594b5de80d56414da348a9e7b0b72c96e670eb0b433b"},
	{IKE_GROUP_MODP4096,
	 "129970083fbae567ab01a0f8f442fcd16bb2623ab4edb54b7178788668b77eb3",
	 "1d648f2ed78ffb6a2e6f3f9eb6148bd4d08cf3efacc5e383f5fd8ee557a69dcd",
	 "4ee95187682bcb230ad26a95205f6920e84708f6251b3894329b09ec23919e33",
	 "6a5ebd2ae1f4ba4624401d0871528d2a6063f2aeca2716f729028f10eecc044c",
	 "581cdccd71fb24471a6f77982a988cbe663fc74eac2dcebbd68f945ac004954a",
	 "4a79e525f742a679f0c264f369c3df1747d972fa8a383342145bc5073793ca57"},
	{IKE_GROUP_MODP6144,
	 "c926040703e9856282d5cc09834722623d271b6b31d4a54345d6011a2f3769e3",
	 "97f566c15f415cf8cfe32f93b1a4e171274d20c982fe956f93d692299195f0ea",
	 "d1bfe6d0925ce7e4da262b62861514a7755e35831e429f343e7b864848657efd",
	 "0b3d39a9b464a0cdafc011266f56ba6816ef6a9d43277d422c7bf56634732e63",
	 "5f0a54f00372d72288e19aa4206463ce9cddfa98edc6da2d5a400b187f63a25c",
	 "cb1faf7fd3171dfdd6c5c54b1543322b40aa2b09ded204202c69a2630348dad9"},
	{IKE_GROUP_MODP8192,
	 "c0beb4e48041c75370086960b209d45446121401de89f78d7afda9cf5566a460",
	 "2cfecc450ba717d5981973704d5390085a92f966953af3079ab7a525f4a0cea9",
	 "39ab4feab950a3128fb71accb9fc3965d857012e081998a85996e3ea8b3c3bcf",
	 "688d431f573f6d020c6e6a19e257116222108f1b47cc73f550b19179a8efa5b7",
	 "8fbb74c425a70b9b6781b8e2afc840c96a93c481a93dd134054d269e6b47cdfa",
	 "4bef56679782e90ca2ff832dc11a86d06ec0c5dcaf58d0a12111445add1509ef"},
	/* Both the public value and the secret begin with a zero octet. */
	{IKE_GROUP_MODP2048,
	 "413dbff23234072f26df0b47c4dae4c701a3568de30ac405707b5dae636f9cbd",
	 "1ee2fc7854aa9bf0b05c8d888ef8b7d35902778c66460ebc1bb10b69e2cda2c8",
	 "d66436f79bbd6b2e38c0ffbd079be904d2641415e2e67140e09448be9a60890e",
	 "65d6018167cb9c664b912c20354543727d171d4d8803bc5a2b36ec407e53bde8",
	 "9779426fdbb968577c521e9675609cd652571405b9766eeb65898a6f526a7350",
	 "f09855fbb3ab2b4f4050d4e79fd693f6d924743c4e2484574488db87ecd702f1"},
};

static const uint16_t all_groups[] = {
	IKE_GROUP_MODP1024, IKE_GROUP_MODP1536, IKE_GROUP_MODP2048, IKE_GROUP_MODP3072, IKE_GROUP_MODP4096, IKE_GROUP_MODP6144, IKE_GROUP_MODP8192,
	IKE_GROUP_ECP256, IKE_GROUP_ECP384, IKE_GROUP_ECP521, IKE_GROUP_X25519, IKE_GROUP_X448,
};

/* With this private key; @public is only needed by ECP. */
static struct dh *dh_with(uint16_t id, const char *private, const char *public)
{
	const struct group *group = group_find(id);
	struct bytes secret = unhex(private), point = unhex(public), encoded = { 1 + point.len, { EC_UNCOMPRESSED } };
	BIGNUM *number = BN_bin2bn(secret.at, (int)secret.len, NULL), *prime = NULL, *value = BN_new();
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY *key = NULL, *any = NULL;
	EVP_PKEY_CTX *ctx = NULL;
	OSSL_PARAM *params = NULL;

	if (group->family == ECX) {
		key = EVP_PKEY_new_raw_private_key_ex(NULL, group->type, NULL, secret.at, secret.len);
		goto out;
	}
	if (group->name)
		OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, group->name, 0);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, number);
	if (group->family == ECP) {
		memcpy(encoded.at + 1, point.at, point.len);
		OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, encoded.at, encoded.len);
	} else {
		BN_CTX *bn = BN_CTX_new();
		BIGNUM *two = BN_new();

		any = make_key(group);
		assert_int_equal(EVP_PKEY_get_bn_param(any, OSSL_PKEY_PARAM_FFC_P, &prime), 1);
		BN_set_word(two, 2);
		BN_mod_exp(value, two, number, prime, bn);
		if (!group->name) {
			OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_FFC_P, prime);
			OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_FFC_G, two);
		}
		OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PUB_KEY, value);
		params = OSSL_PARAM_BLD_to_param(build);
		BN_free(two);
		BN_CTX_free(bn);
	}
	if (group->family == ECP)
		params = OSSL_PARAM_BLD_to_param(build);
	ctx = EVP_PKEY_CTX_new_from_name(NULL, group->type, NULL);
	EVP_PKEY_fromdata_init(ctx);
	EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params);
	OSSL_PARAM_free(params);
out:
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(any);
	OSSL_PARAM_BLD_free(build);
	BN_free(number);
	BN_free(prime);
	BN_free(value);
	assert_non_null(key);
	return dh_wrap(group, key);
}

static void published_vectors_come_out(void **state)
{
	uint8_t shared[IKE_KE_MAX];

	(void)state;
	for (size_t i = 0; i < LENGTH(vectors); i++) {
		const struct vector *v = &vectors[i];
		struct dh *a = dh_with(v->group, v->private_a, v->public_a);
		struct dh *b = dh_with(v->group, v->private_b, v->public_b);
		int len;

		assert_non_null(a);
		assert_non_null(b);
		assert_hex(dh_public(a).at, dh_public(a).len, v->public_a);
		assert_hex(dh_public(b).at, dh_public(b).len, v->public_b);
		len = dh_shared(a, dh_public(b), shared);
		assert_hex(shared, len, v->shared);
		len = dh_shared(b, dh_public(a), shared);
		assert_hex(shared, len, v->shared);
		dh_free(a);
		dh_free(b);
	}
}

static void assert_digest(struct span bytes, const char *expected)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];

	SHA256(bytes.at, bytes.len, digest);
	assert_hex(digest, sizeof(digest), expected);
}

/* p + @add, as a public value. */
static struct bytes near_prime(const struct dh *dh, int add)
{
	struct bytes bytes = { .len = dh_public(dh).len };
	BIGNUM *prime = NULL;

	assert_int_equal(EVP_PKEY_get_bn_param(dh->key, OSSL_PKEY_PARAM_FFC_P, &prime), 1);
	if (add < 0)
		BN_sub_word(prime, (BN_ULONG)-add);
	else
		BN_add_word(prime, (BN_ULONG)add);
	assert_int_equal(BN_bn2binpad(prime, bytes.at, (int)bytes.len), bytes.len);
	BN_free(prime);
	return bytes;
}

static void modp_agrees_with_plain_powers(void **state)
{
	uint8_t shared[IKE_KE_MAX];

	(void)state;
	for (size_t i = 0; i < LENGTH(modp_vectors); i++) {
		const struct modp_vector *v = &modp_vectors[i];
		struct dh *a = dh_with(v->group, v->private_a, "");
		struct dh *b = dh_with(v->group, v->private_b, "");
		struct bytes prime = near_prime(a, 0);
		int len;

		assert_digest(bytes_span(&prime), v->prime);
		assert_digest(dh_public(a), v->public_a);
		assert_digest(dh_public(b), v->public_b);
		len = dh_shared(a, dh_public(b), shared);
		assert_int_equal(len, group_size(v->group));
		assert_digest((struct span){shared, (size_t)len}, v->shared);
		len = dh_shared(b, dh_public(a), shared);
		assert_digest((struct span){shared, (size_t)len}, v->shared);
		dh_free(a);
		dh_free(b);
	}
}

static void every_group_agrees_with_itself(void **state)
{
	static const uint16_t sizes[] = { 128, 192, 256, 384, 512, 768, 1024, 64, 96, 132, 32, 56 };
	static const int secrets[] = { 128, 192, 256, 384, 512, 768, 1024, 32, 48, 66, 32, 56 };
	uint8_t one[IKE_KE_MAX], other[IKE_KE_MAX];

	(void)state;
	for (size_t i = 0; i < LENGTH(all_groups); i++) {
		struct dh *a = dh_create(all_groups[i]), *b = dh_create(all_groups[i]);

		assert_non_null(a);
		assert_non_null(b);
		assert_int_equal(dh_group(a), all_groups[i]);
		assert_int_equal(group_size(all_groups[i]), sizes[i]);
		assert_int_equal(dh_public(a).len, sizes[i]);
		assert_memory_not_equal(dh_public(a).at, dh_public(b).at, sizes[i]);
		assert_int_equal(dh_shared(a, dh_public(b), one), secrets[i]);
		assert_int_equal(dh_shared(b, dh_public(a), other), secrets[i]);
		assert_memory_equal(one, other, secrets[i]);
		dh_free(a);
		dh_free(b);
	}
}

static void unknown_groups_are_none(void **state)
{
	static const uint16_t unknown[] = { 0, 1, 3, 4, 6, 13, 22, 23, 24, 25, 27, 30, 33, 65535 };

	(void)state;
	for (size_t i = 0; i < LENGTH(unknown); i++) {
		assert_null(dh_create(unknown[i]));
		assert_int_equal(group_size(unknown[i]), 0);
	}
	dh_free(NULL);
}

static void assert_refused(const struct dh *dh, struct span value)
{
	uint8_t shared[IKE_KE_MAX];

	assert_int_equal(dh_shared(dh, value, shared), -EINVAL);
}

static void wrong_lengths_are_refused(void **state)
{
	static const uint8_t longer[IKE_KE_MAX + 1] = { 0, 2 };

	(void)state;
	for (size_t i = 0; i < LENGTH(all_groups); i++) {
		struct dh *dh = dh_create(all_groups[i]), *peer = dh_create(all_groups[i]);
		struct span value = dh_public(peer);
		size_t len = value.len;
		uint8_t padded[IKE_KE_MAX + 1] = { 0 };

		assert_refused(dh, (struct span){NULL, 0});
		assert_refused(dh, (struct span){longer, 1});
		assert_refused(dh, (struct span){longer, sizeof(longer)});
		assert_refused(dh, (struct span){value.at, len - 1});
		assert_refused(dh, (struct span){value.at, len / 2});
		/* The same number with a zero in front, and a point with the octet that RFC 5903 leaves out. */
		memcpy(padded + 1, value.at, len);
		assert_refused(dh, (struct span){padded, len + 1});
		padded[0] = 4;
		assert_refused(dh, (struct span){padded, len + 1});
		dh_free(dh);
		dh_free(peer);
	}
}

static void modp_values_out_of_range_are_refused(void **state)
{
	uint8_t shared[IKE_KE_MAX];

	(void)state;
	for (size_t i = 0; i < LENGTH(all_groups) && group_find(all_groups[i])->family == MODP; i++) {
		struct dh *dh = dh_create(all_groups[i]);
		struct bytes value = { .len = group_size(all_groups[i]) };
		int len = (int)value.len;

		for (int number = 0; number < 3; number++) {
			value.at[len - 1] = (uint8_t)number;
			/* By itself: libcrypto refuses most of these once more. */
			assert_int_equal(modp_in_range(dh, bytes_span(&value)), number == 2);
			assert_int_equal(dh_shared(dh, bytes_span(&value), shared), number < 2 ? -EINVAL : len);
		}
		for (int add = -2; add < 3; add++) {
			value = near_prime(dh, add);
			assert_int_equal(modp_in_range(dh, bytes_span(&value)), add == -2);
			assert_int_equal(dh_shared(dh, bytes_span(&value), shared), add == -2 ? len : -EINVAL);
		}
		memset(value.at, 0xff, value.len);
		assert_refused(dh, bytes_span(&value));
		dh_free(dh);
	}
}

static void points_off_the_curve_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(vectors) && group_find(vectors[i].group)->family == ECP; i++) {
		struct dh *dh = dh_create(vectors[i].group);
		struct bytes good = unhex(vectors[i].public_b), value = good;
		BIGNUM *prime = NULL;

		for (size_t at = 0; at < value.len; at++) {
			value.at[at] ^= 1;
			assert_refused(dh, bytes_span(&value));
			value.at[at] ^= 1;
		}
		assert_true(dh_shared(dh, bytes_span(&value), value.at) > 0);

		/* What other encodings would make of the point at infinity, and x beyond the field. */
		memset(value.at, 0, value.len);
		assert_refused(dh, bytes_span(&value));
		memset(value.at, 0xff, value.len);
		assert_refused(dh, bytes_span(&value));
		assert_int_equal(EVP_PKEY_get_bn_param(dh->key, OSSL_PKEY_PARAM_EC_P, &prime), 1);
		value = good;
		BN_bn2binpad(prime, value.at, (int)value.len / 2);
		assert_refused(dh, bytes_span(&value));
		BN_free(prime);
		dh_free(dh);
	}
}

static void montgomery_points_of_small_order_are_refused(void **state)
{
	/* Little endian: 0, 1, two points of order 8, p - 1, p and p + 1. */
	static const char *const x25519[] = {
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	};
	/* 0, 1, p - 1, p and p + 1. */
	static const char *const x448[] = {
		"0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
		"fefffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"fffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"00000000000000000000000000000000000000000000000000000000ffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	};
	struct dh *dh = dh_create(IKE_GROUP_X25519);
	struct bytes value;

	(void)state;
	for (size_t i = 0; i < LENGTH(x25519); i++) {
		value = unhex(x25519[i]);
		assert_refused(dh, bytes_span(&value));
		value.at[31] |= 0x80;	/* not looked at */
		assert_refused(dh, bytes_span(&value));
	}
	dh_free(dh);
	dh = dh_create(IKE_GROUP_X448);
	for (size_t i = 0; i < LENGTH(x448); i++) {
		value = unhex(x448[i]);
		assert_int_equal(value.len, 56);
		assert_refused(dh, bytes_span(&value));
	}
	dh_free(dh);
}

static void a_refused_value_leaves_no_secret(void **state)
{
	struct dh *dh = dh_create(IKE_GROUP_X25519);
	uint8_t shared[IKE_KE_MAX], zero[IKE_KE_MAX] = { 0 };

	(void)state;
	memset(shared, 0xaa, sizeof(shared));
	assert_int_equal(dh_shared(dh, (struct span){zero, 32}, shared), -EINVAL);
	assert_memory_equal(shared, zero, sizeof(zero));
	dh_free(dh);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors_come_out),
		cmocka_unit_test(modp_agrees_with_plain_powers),
		cmocka_unit_test(every_group_agrees_with_itself),
		cmocka_unit_test(unknown_groups_are_none),
		cmocka_unit_test(wrong_lengths_are_refused),
		cmocka_unit_test(modp_values_out_of_range_are_refused),
		cmocka_unit_test(points_off_the_curve_are_refused),
		cmocka_unit_test(montgomery_points_of_small_order_are_refused),
		cmocka_unit_test(a_refused_value_leaves_no_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
