// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/ike/crypt.c */
/* libs: libcrypto */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>

#include <cmocka.h>
#include <openssl/sha.h>

#include "bytes.h"
#include "ike/crypt.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

enum { PRF_COUNT = 4 };

static const uint16_t prfs_known[PRF_COUNT] = {
	IKE_PRF_HMAC_SHA1, IKE_PRF_HMAC_SHA2_256, IKE_PRF_HMAC_SHA2_384, IKE_PRF_HMAC_SHA2_512,
};

static const uint16_t integs_known[PRF_COUNT] = {
	IKE_INTEG_HMAC_SHA1_96, IKE_INTEG_HMAC_SHA2_256_128, IKE_INTEG_HMAC_SHA2_384_192, IKE_INTEG_HMAC_SHA2_512_256,
};

/* RFC 4231 cases 1 to 4, 6 and 7; SHA-1 of the same by Python's hmac (cases 1 to 4 also in RFC 2202). */
struct hmac_vector {
	const char *key, *data;
	const char *out[PRF_COUNT];
};

static const struct hmac_vector hmac_vectors[] = {
	{"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
	 "4869205468657265",
	 {
		 "b617318655057264e28bc0b6fb378c8ef146be00",
		 "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
		 "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6",
		 "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4"
		 "be9d914eeb61f1702e696c203a126854",
	 }},
	{"4a656665",
	 "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
	 {
		 "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
		 "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
		 "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
		 "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fd"
		 "caeab1a34d4a6b4b636e070a38bce737",
	 }},
	{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	 "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
	 "dddd",
	 {
		 "125d7342b9ac11cd91a39af48aa17b4f63f175d3",
		 "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
		 "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b2a5ab39dc13814b94e3ab6e101a34f27",
		 "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39bf3e848279a722c806b485a47e67c807"
		 "b946a337bee8942674278859e13292fb",
	 }},
	{"0102030405060708090a0b0c0d0e0f10111213141516171819",
	 "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
	 "cdcd",
	 {
		 "4c9007f4026250c6bc8414f9bf50c86c2d7235da",
		 "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
		 "3e8a69b7783c25851933ab6290af6ca77a9981480850009cc5577c6e1f573b4e6801dd23c4a7d679ccf8a386c674cffb",
		 "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3dba91ca5c11aa25eb4d679275cc5788063"
		 "a5f19741120c4f2de2adebeb10a298dd",
	 }},
	{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	 "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579"
	 "204669727374",
	 {
		 "90d0dace1c1bdc957339307803160335bde6df2b",
		 "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
		 "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952",
		 "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e52"
		 "95e64f73f63f0aec8b915a985d786598",
	 }},
	{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	 "5468697320697320612074657374207573696e672061206c6172676572207468616e20626c6f636b2d73697a65206b65"
	 "7920616e642061206c6172676572207468616e20626c6f636b2d73697a6520646174612e20546865206b6579206e6565"
	 "647320746f20626520686173686564206265666f7265206265696e6720757365642062792074686520484d414320616c"
	 "676f726974686d2e",
	 {
		 "217e44bb08b6e06a2d6c30f3cb9f537f97c63356",
		 "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
		 "6617178e941f020d351e2f254e8fd32c602420feb0b8fb9adccebb82461e99c5a678cc31e799176d3860e6110c46523e",
		 "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944b6022cac3c4982b10d5eeb55c3e4de15"
		 "134676fb6de0446065c97440fa8c6a58",
	 }},
};

/* Made with Python's hmac: key "Jefe", seed below; the first 150 bytes, and SHA-256 of all that may be asked for. */
static const char plus_seed[] = "what do ya want for nothing?";

struct plus_vector {
	uint16_t prf;
	const char *out, *digest_of_all;
};

static const struct plus_vector plus_vectors[] = {
	{IKE_PRF_HMAC_SHA1,
	 "46a305fd17f1f67638856591e4dd8266f280d102ea98a57c55eaea0cfdc0babcb4354414cfdeda1d69d3de0cc08420bc"
	 "358dade62e9ec5e19eb274c6c81f3d4b12f846a0cc61dbdef5dc563a82d2b52157c3aad59bcaa328626943cd0cf3a8ac"
	 "b8bb9250992e64ee031a3f34173fd1362ee674e71fa152ce201a58f26247f06e4d42c55bf478331ff1cee7bdd99f1eee"
	 "f189c0a827c6",
	 "d6d27bbbe8f4de82550a513f816f0cfe7c0a6941544de976ee49c826b37951bd"},
	{IKE_PRF_HMAC_SHA2_256,
	 "86a83299a0c0da43781616672c35abfe1b7fc6bb39ee07989fde386bd120b9d0e033caafabcd10f22f194b4f7c8b6a0c"
	 "60d10bdd34648387a35f2331ea3e0ade7cc5e0720d8b4b967a957edf850235860e3fb083744b0691d315b774667d95cc"
	 "623dbbaf2b6fc1321e4cc35fdc3eb313b76de6c9e1bb198decb19f29c3021e0fb76f5ee2c32b70deb6b2eeb2f1827664"
	 "9ba312931a5e",
	 "c3b79c376072a35484683200aa1c9a14f2ce900742df3b6dde04084fad2eb490"},
	{IKE_PRF_HMAC_SHA2_384,
	 "85b6ff9f75ab5576382efa4966746849e833078e9bf70d2153fe86ed5bb50f5b20aa22fa655881f8ccbb7d76334b9d5f"
	 "6fbd8ecac0e9e1807c7e5cc514040d38b6799cc008916ed8662470fff65b88dbfa7f64dceadab74476386c9251a0bd29"
	 "ebe70a368651377bd989931c9bdf1684a3c57a8bbb4a096af9cbbb1f750cd94b285b8bb646c6873d00f2c02f5fc982ae"
	 "ce47573691ba",
	 "674282089c500ca807ca5a1f26b2ead5925b146bf6671c05274c639ff2e534e9"},
	{IKE_PRF_HMAC_SHA2_512,
	 "ad37b604ff9fe5a4c53d2389f4403ed215824f3085d491e19bee3c2e5104af364356ed24027cc2dbd8ee28d993b1ff40"
	 "69f5109cbc04051d14c64aa49877ea71490b96075eb0fe3c1d62bce2fd3f9e1124d5393c2b8f134de78552b7aff1a08c"
	 "ec5d5e8a9733528e4b06b9b352a6d14d93c97c11e28f8f3f2004cc2907676946cb97e717451b47b7f2c9c51c2b5ae0de"
	 "6f4151644798",
	 "78604d175836501b312b5ba1854f40a6f33cfcc35f1e1416d94139e21799dc55"},
};

/* The test cases 4, 10 and 16 of the GCM submission, RFC 8439 section 2.8.2, and SP 800-38A F.2 without an ICV. */
static const char gcm_text[] =
	"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
	"b16aedf5aa0de657ba637b39";
static const char gcm_aad[] = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
static const char chacha_text[] =
	"4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a20496620492063"
	"6f756c64206f6666657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73"
	"637265656e20776f756c642062652069742e";
static const char cbc_text[] =
	"6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52ef"
	"f69f2445df4f9b17ad2b417be66c3710";

struct cipher_vector {
	uint16_t encr, key_bits;
	const char *key, *iv, *aad, *text, *sealed, *icv;
};

static const struct cipher_vector cipher_vectors[] = {
	{IKE_ENCR_AES_GCM_16, 128, "feffe9928665731c6d6a8f9467308308" "cafebabe", "facedbaddecaf888", gcm_aad, gcm_text,
	 "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa05"
	 "1ba30b396a0aac973d58e091", "5bc94fbc3221a5db94fae95ae7121a47"},
	{IKE_ENCR_AES_GCM_16, 192, "feffe9928665731c6d6a8f9467308308feffe9928665731c" "cafebabe", "facedbaddecaf888",
	 gcm_aad, gcm_text,
	 "3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c7d773d00c144c525ac619d18c84a3f47"
	 "18e2448b2fe324d9ccda2710", "2519498e80f1478f37ba55bd6d27618c"},
	{IKE_ENCR_AES_GCM_16, 256, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308" "cafebabe",
	 "facedbaddecaf888", gcm_aad, gcm_text,
	 "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
	 "c5f61e6393ba7a0abcc9f662", "76fc6ece0f4e1768cddf8853bb2d551b"},
	{IKE_ENCR_AES_GCM_12, 128, "feffe9928665731c6d6a8f9467308308" "cafebabe", "facedbaddecaf888", gcm_aad, gcm_text,
	 "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa05"
	 "1ba30b396a0aac973d58e091", "5bc94fbc3221a5db94fae95a"},
	{IKE_ENCR_AES_GCM_8, 256, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308" "cafebabe",
	 "facedbaddecaf888", gcm_aad, gcm_text,
	 "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
	 "c5f61e6393ba7a0abcc9f662", "76fc6ece0f4e1768"},
	{IKE_ENCR_CHACHA20_POLY1305, 0, "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f" "07000000",
	 "4041424344454647", "50515253c0c1c2c3c4c5c6c7", chacha_text,
	 "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b"
	 "1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
	 "3ff4def08e4b7a9de576d26586cec64b6116", "1ae10b594f09e26a7e902ecbd0600691"},
	{IKE_ENCR_AES_CBC, 128, "2b7e151628aed2a6abf7158809cf4f3c", "000102030405060708090a0b0c0d0e0f", "", cbc_text,
	 "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b273bed6b8e3c1743b7116e69e22229516"
	 "3ff1caa1681fac09120eca307586e1a7", ""},
	{IKE_ENCR_AES_CBC, 192, "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", "000102030405060708090a0b0c0d0e0f",
	 "", cbc_text,
	 "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a571b242012fb7ae07fa9baac3df102e0"
	 "08b0e27988598881d920a9e64f5615cd", ""},
	{IKE_ENCR_AES_CBC, 256, "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
	 "000102030405060708090a0b0c0d0e0f", "", cbc_text,
	 "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d39f23369a9d9bacfa530e26304231461"
	 "b2eb05e2c39be9fcda6c19078c6a9d1b", ""},
};

static void prfs_are_hmacs(void **state)
{
	uint8_t out[IKE_KEY_MAX];

	(void)state;
	for (size_t i = 0; i < LENGTH(hmac_vectors) * PRF_COUNT; i++) {
		const struct hmac_vector *v = &hmac_vectors[i / PRF_COUNT];
		struct bytes key = unhex(v->key), data = unhex(v->data);
		struct span whole = bytes_span(&data);
		/* In parts it is the same, and empty ones are nothing. */
		const struct span parts[] = {
			{data.at, 3}, {NULL, 0}, {data.at + 3, 1}, {data.at + 4, 0}, {data.at + 4, data.len - 4},
		};
		uint16_t prf = prfs_known[i % PRF_COUNT];

		assert_int_equal(crypt_prf(prf, bytes_span(&key), &whole, 1, out), 0);
		assert_hex(out, prf_size(prf), v->out[i % PRF_COUNT]);
		memset(out, 0, sizeof(out));
		assert_int_equal(crypt_prf(prf, bytes_span(&key), parts, LENGTH(parts), out), 0);
		assert_hex(out, prf_size(prf), v->out[i % PRF_COUNT]);
	}
}

/* Nothing of an earlier key stays: also an empty one is a key. */
static void an_empty_key_is_a_key(void **state)
{
	struct span data = text_span("data");
	uint8_t out[IKE_KEY_MAX];

	(void)state;
	assert_int_equal(crypt_prf(IKE_PRF_HMAC_SHA2_256, text_span("another key"), &data, 1, out), 0);
	assert_int_equal(crypt_prf(IKE_PRF_HMAC_SHA2_256, (struct span){NULL, 0}, &data, 1, out), 0);
	/* hmac.new(b"", b"data", "sha256") */
	assert_hex(out, 32, "e528c4d99e6177f5841f712a143b90843299a4aa181a06501422d9ca862bd2a5");
}

static void integrity_is_a_cut_hmac(void **state)
{
	static const size_t icvs[PRF_COUNT] = { 12, 16, 24, 32 }, keys[PRF_COUNT] = { 20, 32, 48, 64 };
	struct span data = text_span("what is covered");
	uint8_t key[IKE_KEY_MAX], full[IKE_KEY_MAX], icv[IKE_KEY_MAX];

	(void)state;
	memset(key, 0x42, sizeof(key));
	for (size_t i = 0; i < PRF_COUNT; i++) {
		struct sk_cipher cipher = { .integ = integs_known[i], .auth_key = {key, keys[i]} };

		memset(icv, 0xee, sizeof(icv));
		assert_int_equal(integ_size(integs_known[i]), icvs[i]);
		assert_int_equal(integ_key_size(integs_known[i]), keys[i]);
		assert_int_equal(crypt_prf(prfs_known[i], cipher.auth_key, &data, 1, full), 0);
		assert_int_equal(crypt_integ(&cipher, &data, 1, icv), 0);
		assert_memory_equal(icv, full, icvs[i]);
		assert_int_equal(icv[icvs[i]], 0xee);
		cipher.auth_key.len--;
		assert_int_equal(crypt_integ(&cipher, &data, 1, icv), -EINVAL);
	}
	assert_int_equal(crypt_integ(&(struct sk_cipher){ .integ = IKE_INTEG_NONE }, &data, 1, icv), -EOPNOTSUPP);
}

static void prf_plus_of_every_length(void **state)
{
	static uint8_t all[255 * IKE_KEY_MAX + 1];
	struct span seed = text_span(plus_seed), key = text_span("Jefe");
	const struct span parts[] = { {seed.at, 10}, {seed.at + 10, seed.len - 10} };
	uint8_t out[151], digest[SHA256_DIGEST_LENGTH];

	(void)state;
	for (size_t i = 0; i < LENGTH(plus_vectors); i++) {
		const struct plus_vector *v = &plus_vectors[i];
		struct bytes expected = unhex(v->out);
		size_t most = 255 * prf_size(v->prf);

		assert_int_equal(expected.len, 150);
		for (size_t len = 0; len <= expected.len; len++) {
			memset(out, 0xee, sizeof(out));
			assert_int_equal(crypt_prf_plus(v->prf, key, parts, LENGTH(parts), out, len), 0);
			assert_memory_equal(out, expected.at, len);
			assert_int_equal(out[len], 0xee);
		}
		assert_int_equal(crypt_prf_plus(v->prf, key, &seed, 1, all, most), 0);
		SHA256(all, most, digest);
		assert_hex(digest, sizeof(digest), v->digest_of_all);
		assert_int_equal(crypt_prf_plus(v->prf, key, &seed, 1, all, most + 1), -EINVAL);
	}
}

static void parts_are_bounded(void **state)
{
	const struct span parts[CRYPT_PARTS_MAX + 1] = { text_span("a") };
	uint8_t out[IKE_KEY_MAX];

	(void)state;
	assert_int_equal(crypt_prf(5, parts[0], parts, CRYPT_PARTS_MAX, out), 0);
	assert_int_equal(crypt_prf(5, parts[0], parts, CRYPT_PARTS_MAX + 1, out), -EINVAL);
	assert_int_equal(crypt_prf_plus(5, parts[0], parts, CRYPT_PARTS_MAX, out, 40), 0);
	assert_int_equal(crypt_prf_plus(5, parts[0], parts, CRYPT_PARTS_MAX + 1, out, 40), -EINVAL);
	assert_int_equal(crypt_prf(1, parts[0], parts, 1, out), -EOPNOTSUPP);
	assert_int_equal(crypt_prf_plus(1, parts[0], parts, 1, out, 40), -EOPNOTSUPP);
}

static void sha1_of_parts(void **state)
{
	const struct span parts[] = { text_span("a"), {NULL, 0}, text_span("bc") };
	uint8_t out[20];

	(void)state;
	assert_int_equal(crypt_sha1(parts, LENGTH(parts), out), 0);
	assert_hex(out, sizeof(out), "a9993e364706816aba3e25717850c26c9cd0d89d");	/* FIPS 180 */
}

struct sealed {
	struct sk_cipher cipher;
	struct bytes key, iv, aad, text, icv;
};

static void sealed_of(const struct cipher_vector *v, struct sealed *s)
{
	s->key = unhex(v->key);
	s->iv = unhex(v->iv);
	s->aad = unhex(v->aad);
	s->text = unhex(v->text);
	s->icv = unhex(v->icv);
	s->cipher = (struct sk_cipher){ .encr = v->encr, .key_bits = v->key_bits, .key = bytes_span(&s->key) };
}

static int open_sealed(struct sealed *s)
{
	return crypt_open(&s->cipher, bytes_span(&s->iv), bytes_span(&s->aad), s->text.at, s->text.len,
			  bytes_span(&s->icv));
}

static void ciphers_seal_and_open(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cipher_vectors); i++) {
		const struct cipher_vector *v = &cipher_vectors[i];
		uint8_t icv[17];
		struct sealed s;

		sealed_of(v, &s);
		memset(icv, 0xee, sizeof(icv));
		assert_int_equal(crypt_seal(&s.cipher, bytes_span(&s.iv), bytes_span(&s.aad), s.text.at, s.text.len, icv),
				 0);
		assert_hex(s.text.at, s.text.len, v->sealed);
		assert_hex(icv, encr_icv_size(v->encr), v->icv);
		assert_int_equal(icv[encr_icv_size(v->encr)], 0xee);
		assert_int_equal(open_sealed(&s), 0);
		assert_hex(s.text.at, s.text.len, v->text);
	}
}

/* Every bit of @flipped, which is a part of @s. */
static void assert_flips_refused(const struct cipher_vector *v, struct sealed *s, struct bytes *flipped)
{
	static const uint8_t zero[256];

	for (size_t bit = 0; bit < 8 * flipped->len; bit++) {
		s->text = unhex(v->sealed);
		flipped->at[bit / 8] ^= 1 << bit % 8;
		assert_int_equal(open_sealed(s), -EBADMSG);
		assert_memory_equal(s->text.at, zero, s->text.len);
		if (flipped != &s->text)
			flipped->at[bit / 8] ^= 1 << bit % 8;
	}
}

static void aeads_refuse_every_flipped_bit(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cipher_vectors); i++) {
		const struct cipher_vector *v = &cipher_vectors[i];
		struct sealed s;

		if (!encr_is_aead(v->encr))
			continue;
		sealed_of(v, &s);
		assert_flips_refused(v, &s, &s.text);
		assert_flips_refused(v, &s, &s.icv);
		assert_flips_refused(v, &s, &s.aad);
		assert_flips_refused(v, &s, &s.iv);
		assert_flips_refused(v, &s, &s.key);
	}
}

static void wrong_sizes_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cipher_vectors); i++) {
		const struct cipher_vector *v = &cipher_vectors[i];
		uint8_t icv[16];
		struct sealed s;
		struct span iv;

		sealed_of(v, &s);
		iv = bytes_span(&s.iv);
		iv.len--;
		assert_int_equal(crypt_seal(&s.cipher, iv, bytes_span(&s.aad), s.text.at, s.text.len, icv), -EINVAL);
		s.cipher.key.len--;
		assert_int_equal(crypt_seal(&s.cipher, bytes_span(&s.iv), bytes_span(&s.aad), s.text.at, s.text.len, icv),
				 -EINVAL);
		assert_int_equal(open_sealed(&s), -EINVAL);
		s.cipher.key.len++;
		s.icv.len++;
		assert_int_equal(open_sealed(&s), -EINVAL);
		s.icv.len--;
		assert_hex(s.text.at, s.text.len, v->text);
		s.text.len--;
		assert_int_equal(open_sealed(&s), encr_is_aead(v->encr) ? -EBADMSG : -EINVAL);
	}
}

static void what_is_no_cipher_of_messages_is_refused(void **state)
{
	static const struct {
		uint16_t encr, key_bits;
	} bad[] = {
		{IKE_ENCR_NULL, 0}, {IKE_ENCR_AES_GMAC, 128}, {IKE_ENCR_AES_CBC, 0}, {IKE_ENCR_AES_GCM_16, 64},
		{IKE_ENCR_CHACHA20_POLY1305, 256}, {3, 192}, {0, 0},
	};
	uint8_t bytes[64] = { 0 };

	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		struct sk_cipher cipher = { .encr = bad[i].encr, .key_bits = bad[i].key_bits };
		struct span iv = { bytes, encr_iv_size(bad[i].encr) }, icv = { bytes, encr_icv_size(bad[i].encr) };

		cipher.key = (struct span){bytes, encr_key_size(bad[i].encr, bad[i].key_bits)};
		assert_int_equal(crypt_seal(&cipher, iv, icv, bytes + 32, 16, bytes), -EOPNOTSUPP);
		assert_int_equal(crypt_open(&cipher, iv, icv, bytes + 32, 16, icv), -EOPNOTSUPP);
	}
}

static void sizes_of_ciphers(void **state)
{
	static const struct {
		uint16_t encr, key_bits;
		bool known;
		size_t key, iv, icv;
	} rows[] = {
		{IKE_ENCR_NULL, 0, true, 0, 0, 0},
		{IKE_ENCR_NULL, 128, false, 0, 0, 0},
		{IKE_ENCR_AES_CBC, 128, true, 16, 16, 0},
		{IKE_ENCR_AES_CBC, 192, true, 24, 16, 0},
		{IKE_ENCR_AES_CBC, 256, true, 32, 16, 0},
		{IKE_ENCR_AES_CBC, 0, false, 0, 16, 0},
		{IKE_ENCR_AES_CBC, 512, false, 0, 16, 0},
		{IKE_ENCR_AES_GCM_8, 128, true, 20, 8, 8},
		{IKE_ENCR_AES_GCM_12, 192, true, 28, 8, 12},
		{IKE_ENCR_AES_GCM_16, 256, true, 36, 8, 16},
		{IKE_ENCR_AES_GCM_16, 0, false, 0, 8, 16},
		{IKE_ENCR_AES_GMAC, 128, true, 20, 8, 16},
		{IKE_ENCR_CHACHA20_POLY1305, 0, true, 36, 8, 16},
		{IKE_ENCR_CHACHA20_POLY1305, 256, false, 0, 8, 16},
		{3, 0, false, 0, 0, 0},
	};
	static const size_t prf_sizes[PRF_COUNT] = { 20, 32, 48, 64 };

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		assert_int_equal(encr_known(rows[i].encr, rows[i].key_bits), rows[i].known);
		assert_int_equal(encr_key_size(rows[i].encr, rows[i].key_bits), rows[i].key);
		assert_int_equal(encr_iv_size(rows[i].encr), rows[i].iv);
		assert_int_equal(encr_icv_size(rows[i].encr), rows[i].icv);
		assert_int_equal(encr_is_aead(rows[i].encr), rows[i].icv > 0);
	}
	for (size_t i = 0; i < PRF_COUNT; i++)
		assert_int_equal(prf_size(prfs_known[i]), prf_sizes[i]);
	assert_int_equal(prf_size(1), 0);
	assert_int_equal(integ_size(IKE_INTEG_NONE), 0);
	assert_int_equal(integ_key_size(1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prfs_are_hmacs),
		cmocka_unit_test(an_empty_key_is_a_key),
		cmocka_unit_test(integrity_is_a_cut_hmac),
		cmocka_unit_test(prf_plus_of_every_length),
		cmocka_unit_test(parts_are_bounded),
		cmocka_unit_test(sha1_of_parts),
		cmocka_unit_test(ciphers_seal_and_open),
		cmocka_unit_test(aeads_refuse_every_flipped_bit),
		cmocka_unit_test(wrong_sizes_are_refused),
		cmocka_unit_test(what_is_no_cipher_of_messages_is_refused),
		cmocka_unit_test(sizes_of_ciphers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
