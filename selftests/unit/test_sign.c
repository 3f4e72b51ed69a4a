// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/ike/sign.c tools/vpntun/ike/scheme.c tools/vpntun/ike/buf.c tools/vpntun/util/why.c */
/* libs: libcrypto */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "bytes.h"
#include "ike/sign.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/*
 * Made by the openssl command for the message "sample": genpkey -algorithm RSA, and dgst -sign with -sigopt
 * rsa_padding_mode:pss and rsa_pss_saltlen:digest or 20.
 */
static const char rsa_key[] =
	"308204be020100300d06092a864886f70d0101010500048204a8308204a40201000282010100c8d3e20ae5372920d69083ad"
	"6ea8188b253f1dfdffbd1a86867e5424e5c4fb97429e4c63567e8700918d758e17dc2b1d809cfcdfd43964b554ca4c9f3a13"
	"208371a1ecbf0a6c2bdd9d3c4859a8b3a52b1946952087483ed2a07ffeb2588b309ed22771ef99622bc705a8dcaf538cf83e"
	"e1b1c7937f4e9decc59de39fcbdab9d02e2b56d9b812d471eeed855fce32b9b571d059e49e60f3ebc6105a45f509f7c29909"
	"8e20db71b23c575ef7d29a7133c39da5a00e21d9df07d4b128e79cdc3ba02db396a03631cdfa08a48e371f51437cee84df67"
	"037987132d05bc830677d511261603dd0dd65d1582a4a2368ecc542df04bb4ef25980b3852d0f661f3c46837020301000102"
	"820100423bf364b1855848aecb59ca64e106bb398d1008ba0435cfe1629fc0cd9102833822fa419700c2e8b2988b89522038"
	"8e11e174db2364cc6cabaacecb82fd54ef551658fd06e477312f8ef6b3af5a94625b0336e2d40b4540f553517ea38a407e59"
	"044e64fddaed6245e113ebb52c1ca1ac911427f6c8487893128844a7189bc85122c750ede66e93cdda669fdc8759fad40bd5"
	"8125872714ca7e48f52edf4442da05718bbf4dbd0c55eb736ba5aa46471d92ab828f1bcdcebb722d29b066b9069a502b4709"
	"4971cd839d642a3401b0095f9ee9384a6ea116fab555d031d46bf3f3c9230a0f012b33bbb5d9c8aad77bb5aa94d46734c762"
	"0c181a31513b95d9a902818100fee7112369e239adf663a4b61280b9cbe1027a17fe1d404bfb7701e51f4e9cd3ba6e0e573d"
	"8f0e4b381ebf45b5a3e2e5c8ba0aa75799a0a4ffa63c4989a119010668d36a89673684e60ae0541f0c3edc52222eaf32059d"
	"343fc3be15784d1e7739709b4fc8194e485fd4cd5f56938d2e2c91c8ed77f31124531adaa4ab650f2f02818100c9b13810c4"
	"3edeeca3410fc1d6f213373e59d847571e707fe20f955e6a321cc7e34fd6ebbf29323ed79600932e8e0eebc61516edfc9ce3"
	"3f2f5a7f0a0fa635fd10d0a5199c2e372dd16de3977e80d1427943d53977340578c3811a949ee9a9c9a401a5156dec135e48"
	"b619c114f5f10c907a4d752f0cc2d827e1e9fa65fcb57902818100c1fb728d72bcd88c4cdf53afc3b0f6b3f30e817fd4c0c9"
	"f788ecee22418affca192c3bf9a43d43f17649dfe1daf3576eeb2cb982d425739d5d785294dc0a1f0f2aa38790a1f44c0723"
	"51cf99f4eecabfbc398b31846dc54ec7dfdcbe5608ca508d03e70df6075c0db3f02c428b8e4a78832e86ac4106575b3f6b46"
	"4cdeaa4fbd0281806ce603c881bd146e1e434db7b24fa7f266f6e9a0b3381b33e121dadb4c695c42ccc7d9da15afaf9260a2"
	"7c12fbcaf5e1756503a961806fee38aa1af79ab57a66f60241724f7260969b8242a514478734e5f6ab14c8f8cc8f84b79b5b"
	"6d65ea279626d1347dd23e2ee501756c5bdde2d58ed88a23e0507a8f6d113c5cd75e17b902818100e157060c51965d0aa3ff"
	"f6614b83fd3a57092dda2b74ed87567120272427fcd5704a634b2b39f98fb414923d78274122336260875e24242b9fe8fc70"
	"97da1365833a3708d382029b26bc1b1dbb9a3985a19d71e05afb4b8c90881527e6ff77b3dc77e54a5ce5dec7471ef316fcdf"
	"2db21f94bef9d8b2ed95d8b6bac4569fff71";
static const char small_key[] =
	"3081df300d06092a864886f70d01010105000381cd003081c90281c100bf993c8378acbac49d6d78be3216102c7cf1df0413"
	"c12f2290c67e75f6d86e00c0383d2c334ddc92a8fcff46241a811c87edcf7f2b4353cb9173e1024f8530f1e9da038474d261"
	"62dd11ad4aaa486cd2ee8d0b4ed9bb687e5358af5c61a9866c36c858f92f1af0c2fef807bc50fe521080527b0e68a2259d22"
	"255422b6072107e10a858d909bb0d589b1fc71c6d20a3cf14a8531ca7a988caea00ff59e91e936f378f52250e728e95f5dd4"
	"507257d9e13eb3dd4d52bc0067268e15514e47fe690203010001";
static const char pkcs1_sha1[] =
	"9ccd49f2ea534a9285f20ba58cab4b7895d75be0044ae6f1c4c0b6048efb765e32f2209059e4b972112be5786a316b10526a"
	"c56267c63946c3ab3bda4ce77b6fb616359b613d3b82459fd49ba05013bcf824d92afefa3a4fa4ec8d996d5774df967441b0"
	"5452462ce69501dcb261ac98863c02429fb19390879a17bf73eaf8bae4bcd7fccecb523a0a169e1917ae287839c66567d878"
	"9121a55bcaf364db1c35ef6f49441d8cb5d89849edc26f5f96dea65181acfc4f079a1ab01a713d9357cfa91111e885e56e7e"
	"75c52e34fa0645c19082df7fd00ea347aee83ce1fcc2534bbabd1089d2f3fa14876463d897f7d5605de3ed8eeafecb26a1ae"
	"a0296f6ace35";
static const char pkcs1_sha256[] =
	"1c9de2f178ee00987777d72de73522cab4e0a836797faa22b45f35a597d58f11233c775f9d4384117778024f5e2009eb8db9"
	"72efd8485c1a5953feffc0abacd3925ff566625e7938475fba2f7af79943fe52c01948406a63481424ba62733e5e8fab94cd"
	"e6a39c27d48982c017d98acfdc33a36588ac32466f745b08269f79685008f6acc97c8885f49eac7a174f96c813a26f76503d"
	"1409e0c611c00278ed9e4b16f46dded9cf1a3c72749cdf0e1712fabd083175b462311d2e74e7251e607153e0859241a67e82"
	"3abb5a87e8a5398233901a37af7d32b50fc68d7e2b6e3ea59399d13894498d932aef7cb86836845df6e3790038427e93d76a"
	"c0ac760bc6ad";
static const char pkcs1_sha384[] =
	"75ff4e3f86eef1a451d7226af661d0339f3b31e587d5f9f5cde64cd025961ac683ba9d0ddf9a83233359c5226390ff31de70"
	"34897e4ba4de2ec993857d65d0f5b821163fd01abcf5592b5a6ed78f75efb090c916bbb569a8d8db266bf5367a31bded648e"
	"bf4207eb5f3a2da4ba36740b21c0bf5b6227ac1e509c6d71ebac90bbbc16ff48c91242da6c1c79959f5027c1f2bc0415e54c"
	"a84eef9bb08a31171860f8d222ffff76fe3d21ea723afbe3567af818fc44fd043c9d3319baa8b81da814ec68e80ea8cf990b"
	"5d71bf0d437db6fa8505e6b4bded803c9e369d954881000915d6ff50c86204ead6a96b88bc2d6d89b21d40279bd95c7396a0"
	"a4863fbb6423";
static const char pkcs1_sha512[] =
	"b68e641722362955cea63fea40d63b3270422d39e8c221e04f028c8270c8519e0447b22f57d77affbf6fdf00d1bf3f448d5c"
	"d1d7f20f740ff23381352f694ded8e117760520e7dd32aebd1bb9bb28bfa159ea9436ad914f060802afdfa3e8392f6c36e99"
	"8a098c1b9625b2215d87303579281125ec80bcc116d2d941bc60925d8573ad3b1c7a04746d8f3cb5cf4c19240e114c382f10"
	"8796c0adefcb68bf735cc9d189e68c09b35302c413fa1f06a13b0f8515d95ae29e479e37b58767897efbd687aace38430c7f"
	"ad3574b26ad4694418681d0cd488ac2bf4d78df38101d3ea33a2cb19a55bf58a6a8ffb422ecf2f7cf697d2a11cb63f8edafb"
	"8cc11fdde280";
static const char pss_sha256[] =
	"236c11c81e49a2fe667a3f097da556e2f496dd767f612126a270e4df18054c9230d97fc26caaed1f449e6996e2e485eebaa9"
	"9f92747b3b2759937df0ef8c02f397cefc67550dd25072b446b36ed2725db786fef243be45b0369beb28ee30c39cd47b0da3"
	"87eda781040a0fd407e5b2493cc736c43dd07571de14838b672265f398b0d209337a006b3cb51fa146edc403a591543d17ed"
	"0a6962aea5fc574a20f65c945ebfcf3c197297947698b07d6d0b73985951802dd32ab2c68854189cd1f6f9050d4dddd200f0"
	"6457a1f7ec5fc6c942c94a7acc8231a503a8930a45348d703770d902ef218c1ad300bdb6d14e750fb66bb29993512b9a10f9"
	"5bdcd7d908a2";
static const char pss_sha384[] =
	"abacbe925a9713abe01c643921346c0e6469e5ab9bfb1eee00eed0c491f1dac2f2d7be6037c3a0d14df42e50b5e522684a95"
	"aba03485afe4c25c732ed87ee92b7bbffcc9e001e003886a95d29190c850eea6b01edc997e0d5ccc3e2e754396735260d15e"
	"3f65fb2bbc8011b9a3a826c961db589faa213e1a274be886d930f49ca167a1f3df64ddc5c9f4ef8f5602ab8506d71d975745"
	"76fa079821f9e3ef96a5f925edfb03f4e0e945a18576882b3c727ca3b0f5d715810a768f37cdca3dc7e8f801af703ec16b6a"
	"d12239b737b8a0d79d687ad7b1e0029fe8567c2073d42625f71de949d5d4952ec64ac41e881434d4b432c6c0cc4425285379"
	"c60549886149";
static const char pss_sha512[] =
	"0172c810af5d6a8081254abbfa63fe009433f3d512853827f76165c5d75c69d063e5d5b1574af18a43721a545c7eb45d6929"
	"88a870c26c2aed20fa7a3d03c4d98cb6bce2bee35ea9024350aef6d7da2a279f8acad97b9f29b8b87140c46413c0197aa751"
	"3b95f25705a076abfa59b6795c06d6b930b69eccfdad92f6a19a798165425ac69cf0e52726fe9dca56cfa250ac11f837d105"
	"d1f291274a6e9469e649fe6be3cd2d663598cd9455a6ad0f77fc7d6189334b2ca70907eaae08ffde7ed6b1aae66a99e002e4"
	"abc97b04e3a598a620d8402ae20c306acd622668be6820c5b9e9b33ae4b9261d5cc08dc0996f3f694d545bd174bf20e3cd29"
	"d4c351e4ea30";
static const char pss_salt20[] =
	"15b50db08621517721a932fd623c9f5ea95cc6bab57703c832fd79e05f28874467c351006ae5745c5135d1a62d3bbc3cc4ae"
	"ce176f5fefd506666cdd2befd037517e856da5b731aa340ef31ce4747e15d344915e5a82e0b09e88b9c5f825ba5a9ca65c79"
	"80d52ca74fa4150d7b376c0cf4d327240b453ad9d523186aac9f6ffb45bfc88e60442725e8d887d9c24cd90daa40a1d9367a"
	"3fd3dab21c3d506e3912f348f9625d62f0160fde409bcc604494444ac142e8220a18f44de779d792314544fb5b9efa583254"
	"a79c965909e1246c7d9b37789f1e888918df78a88f09d72e4aaf9642f9d25585b5ce0a653740d4f293bd8c9601c8059b84d1"
	"2af02bf376b5";

/* RFC 6979 appendices A.2.5 to A.2.7: message "sample" with SHA2-256, 384 and 512. */
struct curve_vector {
	enum ike_scheme raw, der;
	enum ike_key_kind kind;
	const char *spki;	/* the head of a SubjectPublicKeyInfo for that curve, up to the point */
	const char *x, *y, *r, *s;
};

static const struct curve_vector curve_vectors[] = {
	{IKE_SCHEME_ECDSA_256, IKE_SCHEME_ECDSA_SHA256, IKE_KEY_P256,
	 "3059301306072a8648ce3d020106082a8648ce3d03010703420004",
	 "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
	 "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
	 "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
	 "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"},
	{IKE_SCHEME_ECDSA_384, IKE_SCHEME_ECDSA_SHA384, IKE_KEY_P384,
	 "3076301006072a8648ce3d020106052b8104002203620004",
	 "ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea9055866064a254515480bc13",
	 "8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720",
	 "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46",
	 "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8"},
	{IKE_SCHEME_ECDSA_521, IKE_SCHEME_ECDSA_SHA512, IKE_KEY_P521,
	 "30819b301006072a8648ce3d020106052b810400230381860004",
	 "01894550d0785932e00eaa23b694f213f8c3121f86dc97a04e5a7167db4e5bcd371123d46e45db6b5d5370a7f20fb633155d"
	 "38ffa16d2bd761dcac474b9a2f5023a4",
	 "00493101c962cd4d2fddf782285e64584139c2f91b47f87ff82354d6630f746a28a0db25741b5b34a828008b22acc23f924f"
	 "aafbd4d33f81ea66956dfeaa2bfdfcf5",
	 "00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1ee9017b5d450606add152b534931"
	 "d7d4e8455cc91f9b15bf05ec36e377fa",
	 "00617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af282623eaa63e5b5c0723d8b8c37ff0777b1a"
	 "20f8ccb1dccc43997f1ee0e44da4a67a"},
};

/* RFC 8032 section 7.1, tests 2 and 3. */
static const struct {
	const char *secret, *message, *signature;
} ed25519_vectors[] = {
	{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "72",
	 "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
	 "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
	{"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "af82",
	 "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
	 "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
};

static const uint8_t sample[] = {'s', 'a', 'm', 'p', 'l', 'e'};
static const struct span octets = {sample, sizeof(sample)};

/* A key in a form that a test can write down; the caller frees it. */
static EVP_PKEY *key_of(const char *hex, bool secret)
{
	uint8_t der[2048];
	const unsigned char *at = der;
	unsigned int byte;
	EVP_PKEY *key;
	size_t len = 0;

	for (; *hex && sscanf(hex, "%2x", &byte) == 1; hex += 2) {
		assert_true(len < sizeof(der));
		der[len++] = byte;
	}
	key = secret ? d2i_AutoPrivateKey(NULL, &at, len) : d2i_PUBKEY(NULL, &at, len);
	assert_non_null(key);
	return key;
}

static EVP_PKEY *curve_key(const struct curve_vector *vector)
{
	char hex[600];

	snprintf(hex, sizeof(hex), "%s%s%s", vector->spki, vector->x, vector->y);
	return key_of(hex, false);
}

/* Good as it is, and not when a bit of it or of the message is another, or when it is shorter or longer. */
static void judge(EVP_PKEY *key, enum ike_scheme scheme, struct span message, struct span signature)
{
	uint8_t other[SIGN_MAX + 1] = { 0 }, text[64];

	assert_true(sign_good(key, scheme, message, signature));
	memcpy(other, signature.at, signature.len);
	assert_false(sign_good(key, scheme, message, (struct span){other, signature.len + 1}));
	assert_false(sign_good(key, scheme, message, (struct span){other, signature.len - 1}));
	assert_false(sign_good(key, scheme, message, (struct span){other, 0}));
	for (size_t i = 0; i < signature.len; i += 7) {
		other[i] ^= 1;
		assert_false(sign_good(key, scheme, message, (struct span){other, signature.len}));
		other[i] ^= 1;
	}
	memcpy(text, message.at, message.len);
	text[0] ^= 0x80;
	assert_false(sign_good(key, scheme, (struct span){text, message.len}, signature));
}

/* By no other scheme than its own. */
static void judge_others(EVP_PKEY *key, enum ike_scheme own, struct span signature)
{
	for (unsigned int scheme = 0; scheme <= IKE_SCHEMES; scheme++)
		if (scheme != own)
			assert_false(sign_good(key, scheme, octets, signature));
}

static void test_rsa_vectors(void **state)
{
	static const struct {
		enum ike_scheme scheme;
		const char *signature;
		bool fixed;
	} vectors[] = {
		{IKE_SCHEME_RSA_SHA1, pkcs1_sha1, true},
		{IKE_SCHEME_PKCS1_SHA256, pkcs1_sha256, true},
		{IKE_SCHEME_PKCS1_SHA384, pkcs1_sha384, true},
		{IKE_SCHEME_PKCS1_SHA512, pkcs1_sha512, true},
		{IKE_SCHEME_PSS_SHA256, pss_sha256, false},
		{IKE_SCHEME_PSS_SHA384, pss_sha384, false},
		{IKE_SCHEME_PSS_SHA512, pss_sha512, false},
	};
	EVP_PKEY *key = key_of(rsa_key, true);
	struct bytes salt20 = unhex(pss_salt20);
	uint8_t made[SIGN_MAX];

	(void)state;
	assert_int_equal(sign_key_kind(key), IKE_KEY_RSA);
	for (size_t i = 0; i < LENGTH(vectors); i++) {
		struct bytes signature = unhex(vectors[i].signature);

		judge(key, vectors[i].scheme, octets, bytes_span(&signature));
		judge_others(key, vectors[i].scheme, bytes_span(&signature));
		assert_int_equal(sign_make(key, vectors[i].scheme, octets, made), 256);
		assert_int_equal(!memcmp(made, signature.at, 256), vectors[i].fixed);
		judge(key, vectors[i].scheme, octets, (struct span){made, 256});
	}
	judge_others(key, IKE_SCHEME_NONE, bytes_span(&salt20));
	EVP_PKEY_free(key);
}

/*
 * What only loose readers take for RFC 8017's encoding of a digest (section 9.2), signed all the same: with a small exponent
 * a signature of such a block is made without the key.
 */
static void test_forged_blocks(void **state)
{
	enum { SIZE = 256 };
	static const struct {
		const char *head;	/* before the padding */
		size_t padding;		/* bytes of ff; 0: as many as the rest leaves */
		const char *info;	/* between padding and digest */
		bool digest;
		const char *behind;
	} blocks[] = {
		/* the right one */
		{"0001", 0, "003031300d060960864801650304020105000420", true, ""},
		/* what is behind it does not count (CVE-2006-4339), with little padding and with much */
		{"0001", 8, "003031300d060960864801650304020105000420", true, ""},
		{"0001", 200, "003031300d060960864801650304020105000420", true, "00"},
		{"0001", 0, "003031300d060960864801650304020105000420", true, "0500"},
		{"0001", 0, "003033300d060960864801650304020105000420", true, "0500"},
		/* something in the parameters (CVE-2006-4340), none, or another NULL */
		{"0001", 0, "003033300f060960864801650304020104020000" "0420", true, ""},
		{"0001", 0, "00302f300b06096086480165030402010420", true, ""},
		{"0001", 0, "003032300e06096086480165030402010581000420", true, ""},
		/* lengths in more bytes than they need (CVE-2014-1568), or that lie */
		{"0001", 0, "00308131300d060960864801650304020105000420", true, ""},
		{"0001", 0, "003032300d06096086480165030402010500048120", true, ""},
		{"0001", 0, "003031300d060960864801650304020105000421", true, ""},
		{"0001", 0, "003081ff300d060960864801650304020105000420", true, ""},
		{"0001", 0, "003080300d060960864801650304020105000420", true, "0000"},
		/* another digest's name, or none */
		{"0001", 0, "003021300906052b0e03021a05000420", true, ""},
		{"0001", 0, "003031300d060960864801650304020205000420", true, ""},
		{"0001", 0, "00", true, ""},
		{"0001", 0, "000420", true, ""},
		/* no digest, or another one */
		{"0001", 0, "003031300d060960864801650304020105000400", false, ""},
		{"0001", 0, "003031300d060960864801650304020105000420", false,
		 "0000000000000000000000000000000000000000000000000000000000000000"},
		/* another kind of block, padding that is not ff, its end missing */
		{"0002", 0, "003031300d060960864801650304020105000420", true, ""},
		{"0000", 0, "003031300d060960864801650304020105000420", true, ""},
		{"0101", 0, "003031300d060960864801650304020105000420", true, ""},
		{"000100", 0, "003031300d060960864801650304020105000420", true, ""},
		{"0001fffe", 0, "003031300d060960864801650304020105000420", true, ""},
		{"0001", 0, "3031300d060960864801650304020105000420", true, ""},
		{"0001", 0, "00003031300d060960864801650304020105000420", true, ""},
	};
	EVP_PKEY *key = key_of(rsa_key, true);
	EVP_PKEY_CTX *raw = EVP_PKEY_CTX_new(key, NULL);
	uint8_t digest[32], made[SIZE];
	size_t len = sizeof(made);

	(void)state;
	assert_true(EVP_Digest(sample, sizeof(sample), digest, NULL, EVP_sha256(), NULL));
	assert_true(EVP_PKEY_sign_init(raw) > 0 && EVP_PKEY_CTX_set_rsa_padding(raw, RSA_NO_PADDING) > 0);
	for (size_t i = 0; i < LENGTH(blocks); i++) {
		struct bytes head = unhex(blocks[i].head), info = unhex(blocks[i].info), behind = unhex(blocks[i].behind);
		const size_t digest_len = blocks[i].digest ? sizeof(digest) : 0;
		const size_t padding = blocks[i].padding ? blocks[i].padding :
							   SIZE - head.len - info.len - digest_len - behind.len;
		/* What does not fill it ends with what the forger likes. */
		uint8_t block[SIZE] = { 0 }, *at = block;

		memcpy(at, head.at, head.len);
		memset(at += head.len, 0xff, padding);
		memcpy(at += padding, info.at, info.len);
		memcpy(at += info.len, digest, digest_len);
		memcpy(at + digest_len, behind.at, behind.len);
		assert_int_equal(EVP_PKEY_sign(raw, made, &len, block, sizeof(block)), 1);
		assert_int_equal(sign_good(key, IKE_SCHEME_PKCS1_SHA256, octets, (struct span){made, len}), !i);
	}
	EVP_PKEY_CTX_free(raw);
	EVP_PKEY_free(key);
}

/* The same signature as r and s, and in DER. */
static void test_ecdsa_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(curve_vectors); i++) {
		const struct curve_vector *vector = &curve_vectors[i];
		EVP_PKEY *key = curve_key(vector);
		struct bytes raw, half;
		char hex[600];

		snprintf(hex, sizeof(hex), "%s%s", vector->r, vector->s);
		raw = unhex(hex);
		assert_int_equal(sign_key_kind(key), vector->kind);
		judge(key, vector->raw, octets, bytes_span(&raw));
		judge_others(key, vector->raw, bytes_span(&raw));
		/* Zeroes are no signature, whatever the message. */
		memset(raw.at, 0, raw.len);
		assert_false(sign_good(key, vector->raw, octets, bytes_span(&raw)));
		half = unhex(vector->r);
		assert_false(sign_good(key, vector->raw, octets, bytes_span(&half)));
		EVP_PKEY_free(key);
	}
}

static void test_ed25519_vectors(void **state)
{
	uint8_t made[SIGN_MAX];

	(void)state;
	for (size_t i = 0; i < LENGTH(ed25519_vectors); i++) {
		struct bytes secret = unhex(ed25519_vectors[i].secret);
		struct bytes message = unhex(ed25519_vectors[i].message);
		struct bytes signature = unhex(ed25519_vectors[i].signature);
		EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret.at, secret.len);

		assert_non_null(key);
		assert_int_equal(sign_key_kind(key), IKE_KEY_ED25519);
		assert_int_equal(sign_make(key, IKE_SCHEME_ED25519, bytes_span(&message), made), 64);
		assert_memory_equal(made, signature.at, 64);
		judge(key, IKE_SCHEME_ED25519, bytes_span(&message), bytes_span(&signature));
		EVP_PKEY_free(key);
	}
}

/* Every kind of key with every scheme: what goes together works, and nothing else does. */
static void test_all(void **state)
{
	EVP_PKEY *keys[] = {
		EVP_RSA_gen(2048), EVP_EC_gen("P-256"), EVP_EC_gen("P-384"), EVP_EC_gen("P-521"),
		EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"),
	};
	static const int sizes[][2] = {{0, 0}, {IKE_KEY_P256, 64}, {IKE_KEY_P384, 96}, {IKE_KEY_P521, 132}};
	static const unsigned int expected[] = {7, 4, 4, 4, 1};
	uint8_t made[SIGN_MAX];

	(void)state;
	for (size_t i = 0; i < LENGTH(keys); i++) {
		unsigned int count = 0;

		assert_int_equal(sign_key_kind(keys[i]), IKE_KEY_RSA + i);
		for (unsigned int scheme = 0; scheme <= IKE_SCHEMES; scheme++) {
			int len = sign_make(keys[i], scheme, octets, made);

			if (len < 0)
				continue;
			count++;
			if (scheme >= IKE_SCHEME_ECDSA_256 && scheme <= IKE_SCHEME_ECDSA_521)
				assert_int_equal(len, sizes[i][1]);
			for (size_t other = 0; other < LENGTH(keys); other++)
				assert_int_equal(sign_good(keys[other], scheme, octets, (struct span){made, len}),
						 other == i);
		}
		assert_int_equal(count, expected[i]);
	}
	for (size_t i = 0; i < LENGTH(keys); i++)
		EVP_PKEY_free(keys[i]);
}

static void test_bad_keys(void **state)
{
	EVP_PKEY *keys[] = {
		key_of(small_key, false), EVP_EC_gen("secp256k1"), EVP_EC_gen("P-224"),
		EVP_PKEY_Q_keygen(NULL, NULL, "ED448"), EVP_PKEY_Q_keygen(NULL, NULL, "X25519"),
	};
	uint8_t made[SIGN_MAX];

	(void)state;
	for (size_t i = 0; i < LENGTH(keys); i++) {
		assert_int_equal(sign_key_kind(keys[i]), IKE_KEY_NONE);
		for (unsigned int scheme = 0; scheme <= IKE_SCHEMES; scheme++) {
			assert_int_equal(sign_make(keys[i], scheme, octets, made), -EINVAL);
			assert_false(sign_good(keys[i], scheme, octets, octets));
		}
		EVP_PKEY_free(keys[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rsa_vectors),
		cmocka_unit_test(test_forged_blocks),
		cmocka_unit_test(test_ecdsa_vectors),
		cmocka_unit_test(test_ed25519_vectors),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_bad_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
