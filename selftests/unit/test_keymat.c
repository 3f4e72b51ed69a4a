// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/ike/keymat.c tools/vpntun/ike/crypt.c tools/vpntun/ike/buf.c */
/* libs: libcrypto */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>

#include <cmocka.h>

#include "bytes.h"
#include "ike/crypt.h"
#include "ike/keymat.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/*
 * The transcript of an IKE_SA_INIT, a rekey of its SA and children, made in Python with the standard library's hmac:
 * prf(k, m) = hmac.new(k, m, hash); prf+ as section 2.13 has it, T(n) = prf(k, T(n - 1) + s + bytes([n])); the order of
 * the keys from sections 2.14, 2.17 and 2.18. Nonces and secrets are SHA-256 digests of words.
 */
static const char nonce_i_hex[] =
	"aecd48c1c4fa97b7ca22b66bae946120ed1e73cbabb16a8b7b18af4f19c9005b";
static const char nonce_r_hex[] =
	"55ba04f1321b33d44a418f7a29c54b6ed6ceac4215bbb7903c986c8c6af84ec0e62a7fe70d19a15a";
static const char shared_hex[] =
	"c6f6ef088a8157b9405a93af947947cbec6c4e23d3f648888df7ae3e83225a89931f5a9ec624a5521cd7d6a4c3dcd1da"
	"52995672cc9339f61f826a60951fd8fcf573641f89ba545d3b8177ae802b658dffa39547a290ad30d0b73ee03ef22005";
static const char next_nonce_i_hex[] =
	"38729a050296615b5db97504fb824950";
static const char next_nonce_r_hex[] =
	"1fa95468c4ea1b751d134f36283b79dab1b8662700fbe7149cd8694a956200d260f816f44d733bc71a9446094bcc52fa"
	"0a6714dcfe9d458b6f8b0a8311141e5822528c4103bc76d28f878b48e394b0a86029f1af3a03e3599698a5bc3960b3b7"
	"80b28c4595b9944f425e94401d5531147b89bebfc980bada9ec8efc09ab590b82a6c226edf42c7618a3ea4f90f4cf57b"
	"461ba15ff4d39b4630f000961fb84d778477774c5a33734e66a1247c6567c126799a36fe9cb64e8bec705d88d2bd78cb"
	"b7d4323549c073a809cc925ee2697802cbb05bd4baa873ec2682f2be6d4ea6ba12bb2b571d755a5f984bdfe9dfdf6284"
	"b91a10d502aebf70341058b5082be815";
static const char next_shared_hex[] =
	"f2b809e7373200189f5c71f57238ef64d9648203c334fdffbeb9506fbacc1a1e";

static const uint64_t spi_i = 0x0123456789abcdef, spi_r = 0xfedcba9876543210;
static const uint64_t next_spi_i = 0x1122334455667788, next_spi_r = 0x99aabbccddeeff00;

struct ike_vector {
	struct ike_suite suite;
	const char *keys;	/* SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr */
};

static const struct ike_vector ike_vectors[] = {
	{{IKE_PROTO_IKE, 20, 256, 6, 0, 0, false},
	 "bff681929f85fc571f09c79033fa5155244adf5fab24b9534cbc64195ea1223b320ed7a1d670e6d3bc68c2bf5e51813b"
	 "6d6ae5574ea36b50726a13e4734b1815ec8e276ec0054a2df06bf9ffc97f1b8d7fcd8b93b9f695432e7b2555ad3b10c3"
	 "cb82f31ec0697858983d37b45b7c42ba98542d3a017ef2c4ec71f7f463f3fc7ba5a69ad25ba06630e221317e4c482556"
	 "7b5a2b410734377e7b1541aa969229009046ca25902fe7df9480a5182f8cff8570aeb6037acb5b626db727d9c4457f04"
	 "6809d5b44cadf460f1ed872aa1cdfc2ef378243477db6e60"},
	{{IKE_PROTO_IKE, 12, 128, 5, 12, 0, false},
	 "f39c030127c93eb35a8319967cb213658db617c1e9f430dfbeea6b6dec588ee2a6d727351c607089c252998bb11ef5b8"
	 "80b032f8b7ed942432b937a6d6cb3375c5b4ee6de0ebf28bcd91eb1aa597e38a3113c1d02b8eed564defb291f26b197d"
	 "778592b54e1985c154cfdbe6bd2b249b4a5727408675d15730560051aa405b1f8f3c1c078b6888ee7968cdfbbf28cd0e"
	 "a9d560058c6e7468aaeaf07e60a10db26b0a588d80ff1dde70dce224849a8f740f451d961a9b567a73517a87e471f8ea"},
	{{IKE_PROTO_IKE, 28, 0, 7, 0, 0, false},
	 "2122a4a4ebce12f1c08f60c1c9655c369b4fd9671f264cd4df9c61361db9d3ed7265f81b996d4dc49a2743b68798402c"
	 "36337615a07d5660c617048c81f855ab0607c19334c2a5731816a774687293e32db07f81ae1a168b9aa16545c57a3766"
	 "cc65f9b705682a257d80a029db1e0b0824f7072d1dd3eaa0b8d9d296d32c2bf2a4fc9ccbd26719c54b84018a42a7851f"
	 "adce50fa820c954b35668d459b067e13edd908caea66c3b33991d94ceb32331ddbb0f74a0ecf705296944d9d62fc8beb"
	 "99acfb95c96462afa42b989d8d95979d294e5bc0a64756579f9e26934066208e288cc6b836cac9622cfebfc698125d52"
	 "a2e9d01b5499827a3bae13b9efccd783ee72c8e4bd559ba0"},
	{{IKE_PROTO_IKE, 12, 192, 2, 2, 0, false},
	 "2c2b5de3e01bd73a7c2bc8ba802c192a2d090a8128831973aa3c44368976157c8af3b7e12a197ccc150e35e3c7cbd71c"
	 "2c55b97eb93464cdcb1a597a20f3ab11ba3c0d14ffce0c06937dbbeba8c07afcf92fe7d0df5732570ac5a58e03a0a321"
	 "6dae975b13ae0078568acd05a96822dade041a9672abe5b692a1727a799155257bec629d6857c8958c2c951ea298fea0"
	 "8f3920fe"},
	{{IKE_PROTO_IKE, 18, 128, 5, 0, 0, false},
	 "f39c030127c93eb35a8319967cb213658db617c1e9f430dfbeea6b6dec588ee2a6d727351c607089c252998bb11ef5b8"
	 "80b032f8b7ed942432b937a6d6cb3375c5b4ee6de0ebf28bcd91eb1aa597e38a3113c1d02b8eed564defb291f26b197d"
	 "778592b54e1985c154cfdbe6bd2b249b4a5727408675d15730560051aa405b1f8f3c1c078b6888ee"},
	{{IKE_PROTO_IKE, 19, 192, 7, 0, 0, false},
	 "2122a4a4ebce12f1c08f60c1c9655c369b4fd9671f264cd4df9c61361db9d3ed7265f81b996d4dc49a2743b68798402c"
	 "36337615a07d5660c617048c81f855ab0607c19334c2a5731816a774687293e32db07f81ae1a168b9aa16545c57a3766"
	 "cc65f9b705682a257d80a029db1e0b0824f7072d1dd3eaa0b8d9d296d32c2bf2a4fc9ccbd26719c54b84018a42a7851f"
	 "adce50fa820c954b35668d459b067e13edd908caea66c3b33991d94ceb32331ddbb0f74a0ecf705296944d9d62fc8beb"
	 "99acfb95c96462afa42b989d8d95979d294e5bc0a64756579f9e26934066208e288cc6b836cac9622cfebfc698125d52"
	 "a2e9d01b5499827a"},
	{{IKE_PROTO_IKE, 12, 256, 6, 13, 0, false},
	 "bff681929f85fc571f09c79033fa5155244adf5fab24b9534cbc64195ea1223b320ed7a1d670e6d3bc68c2bf5e51813b"
	 "6d6ae5574ea36b50726a13e4734b1815ec8e276ec0054a2df06bf9ffc97f1b8d7fcd8b93b9f695432e7b2555ad3b10c3"
	 "cb82f31ec0697858983d37b45b7c42ba98542d3a017ef2c4ec71f7f463f3fc7ba5a69ad25ba06630e221317e4c482556"
	 "7b5a2b410734377e7b1541aa969229009046ca25902fe7df9480a5182f8cff8570aeb6037acb5b626db727d9c4457f04"
	 "6809d5b44cadf460f1ed872aa1cdfc2ef378243477db6e607336b30ca432d7d3f478e9cbf784c84bba0c5f32675f94f3"
	 "ef895592bd3289d6c9a8b693d9a7cb4426609413f9281e970c736422e06b34f1eb9db83322dc629df3b26ddf02d46304"
	 "1801e639ebf84c2ec502e3e55a25c89a"},
	{{IKE_PROTO_IKE, 12, 256, 7, 14, 0, false},
	 "2122a4a4ebce12f1c08f60c1c9655c369b4fd9671f264cd4df9c61361db9d3ed7265f81b996d4dc49a2743b68798402c"
	 "36337615a07d5660c617048c81f855ab0607c19334c2a5731816a774687293e32db07f81ae1a168b9aa16545c57a3766"
	 "cc65f9b705682a257d80a029db1e0b0824f7072d1dd3eaa0b8d9d296d32c2bf2a4fc9ccbd26719c54b84018a42a7851f"
	 "adce50fa820c954b35668d459b067e13edd908caea66c3b33991d94ceb32331ddbb0f74a0ecf705296944d9d62fc8beb"
	 "99acfb95c96462afa42b989d8d95979d294e5bc0a64756579f9e26934066208e288cc6b836cac9622cfebfc698125d52"
	 "a2e9d01b5499827a3bae13b9efccd783ee72c8e4bd559ba013041ecf8f0f182b2272497bf2be964ef892c6fc48c249e9"
	 "17e38e464d9b69dfa0e6a986c254866a24cc437be3856685b5aaeed716c95fc5d867ac3e922916d54bc3ba0808ff0728"
	 "790d175076cde01f5acb5be35bee4eeb501505bed6abc7ae7eac00f27aa879b93afc85d4a20f434e99da0b84016fc07b"},
};

/* Of the SA of the first row above. */
static const struct ike_vector rekey_vectors[] = {
	{{IKE_PROTO_IKE, 12, 128, 5, 12, 0, false},
	 "e15396ff10cc2ad061012a07000701c9efc5f3ebbe9a876163e31cde8c4c8ba1eed69dd74ec777bdef8b54a49eea5176"
	 "d4629971c96b5678ca172a90299219d84487900eb9f691a1bcf133bf76a47f41d2c87a8045d1c32b9380118b7835f7d3"
	 "878a4caa4bdedf3cda8a4c8e20e881f3cb854326750a9e6ed2f6d863fe46b26be77fbb05ae52d3c700ec375252e55bc9"
	 "6dd367cdea57063be8e1fbf4929d5afb498cccc3c2ffe5266350994b38586d8fb2d3321916a6e75c186ebf47e5adf8ad"},
	{{IKE_PROTO_IKE, 28, 0, 7, 0, 0, false},
	 "6cc8a1d2791f2537e21324f9c7c0aa56ea6d8ed1f45dc95c51a69432d2a69b5d2c485196ca136ddca95f2b63e54a67ee"
	 "74fdadd226cff5bdbf2c67cdae926996744551ac32acb2eb0077ebeb31a58d69dbfd096c679bd7ab3ca92064981e6700"
	 "9a23834cdaa4368cb11f0b3c99c698eaa436c1bef18b8f1368c71b931093af8f48cbef4ec591f355c60aa21899711571"
	 "41bd648aa15cd6f92cba6d8c721aa18e93d45d6bd27ab191dd362de11141d60426c725fc23d18138f67c136143582c2f"
	 "404d774fd6df69a0ea1eafe9ab4cf2bf8469ba4afa359fce1bd7e8c6279d18852c00c60ae09dba9f56c9dda70684b2b1"
	 "86dea939519c4fbb052d9a6cd16adc5764459a1ace417245"},
	{{IKE_PROTO_IKE, 20, 256, 6, 0, 0, false},
	 "71f164d8be67a42c20d0a5ca7d41bc787f12dec1c96f7e939df0967f81fe1256f6ca5d5cd6645b722bf6636f5699aab1"
	 "4c425d421bcf39344e897489a7a0904edc9ccc5d266c243e1b1dc0e89d19dc61c66947e0a48c8fdc2f85d9cd673578bb"
	 "80f3497bfce4c38deffd9d9d6e934b7a5a0b7ca56f9386fa12e614c0cc16b10b45b03f57ed3a365f0bdecf8e6ec7aa52"
	 "0f09cca5127130257398a7db8e98a91c692f6a5d873dacbe98b89ba7b008ef2cc4bef844ce9774d30ec170bd4a145a4c"
	 "e7f47e54f20b438182f59c3fa18042bda331f686ecf71531"},
};

/* Also of that SA: without and with a Diffie-Hellman exchange. */
struct child_vector {
	struct ike_suite suite;
	const char *alone, *exchanged;	/* encryption and integrity of i, then of r */
};

static const struct child_vector child_vectors[] = {
	{{IKE_PROTO_ESP, 20, 128, 0, 0, 0, false},
	 "efdd9ee6cbc25c7002dbd5219c419a717ce39273495b326033a134c17f46f8d596f80e0f37ea9e25",
	 "15d7f6dd91f837a37c5085ed5b776d5a5cde1d3aca038f5f2691fc5dd2c851905ad09857211b95a6"},
	{{IKE_PROTO_ESP, 20, 256, 0, 0, 0, false},
	 "efdd9ee6cbc25c7002dbd5219c419a717ce39273495b326033a134c17f46f8d596f80e0f37ea9e25ed3b4e1c9a393829"
	 "c855f06f7a1a76a8a2abb1293bc8b3f8b731f1336c051b8e",
	 "15d7f6dd91f837a37c5085ed5b776d5a5cde1d3aca038f5f2691fc5dd2c851905ad09857211b95a64af0b06ee9554efb"
	 "2b32a8547718e6a66b6c2a878616f8d762b63d1c693964ab"},
	{{IKE_PROTO_ESP, 18, 192, 0, 0, 0, false},
	 "efdd9ee6cbc25c7002dbd5219c419a717ce39273495b326033a134c17f46f8d596f80e0f37ea9e25ed3b4e1c9a393829"
	 "c855f06f7a1a76a8",
	 "15d7f6dd91f837a37c5085ed5b776d5a5cde1d3aca038f5f2691fc5dd2c851905ad09857211b95a64af0b06ee9554efb"
	 "2b32a8547718e6a6"},
	{{IKE_PROTO_ESP, 19, 256, 0, 0, 0, false},
	 "efdd9ee6cbc25c7002dbd5219c419a717ce39273495b326033a134c17f46f8d596f80e0f37ea9e25ed3b4e1c9a393829"
	 "c855f06f7a1a76a8a2abb1293bc8b3f8b731f1336c051b8e",
	 "15d7f6dd91f837a37c5085ed5b776d5a5cde1d3aca038f5f2691fc5dd2c851905ad09857211b95a64af0b06ee9554efb"
	 "2b32a8547718e6a66b6c2a878616f8d762b63d1c693964ab"},
	{{IKE_PROTO_ESP, 28, 0, 0, 0, 0, false},
	 "efdd9ee6cbc25c7002dbd5219c419a717ce39273495b326033a134c17f46f8d596f80e0f37ea9e25ed3b4e1c9a393829"
	 "c855f06f7a1a76a8a2abb1293bc8b3f8b731f1336c051b8e",
	 "15d7f6dd91f837a37c5085ed5b776d5a5cde1d3aca038f5f2691fc5dd2c851905ad09857211b95a64af0b06ee9554efb"
	 "2b32a8547718e6a66b6c2a878616f8d762b63d1c693964ab"},
	{{IKE_PROTO_ESP, 21, 128, 0, 0, 0, false},
	 "efdd9ee6cbc25c7002dbd5219c419a717ce39273495b326033a134c17f46f8d596f80e0f37ea9e25",
	 "15d7f6dd91f837a37c5085ed5b776d5a5cde1d3aca038f5f2691fc5dd2c851905ad09857211b95a6"},
	{{IKE_PROTO_ESP, 12, 128, 0, 2, 0, false},
	 "efdd9ee6cbc25c7002dbd5219c419a717ce39273495b326033a134c17f46f8d596f80e0f37ea9e25ed3b4e1c9a393829"
	 "c855f06f7a1a76a8a2abb1293bc8b3f8b731f1336c051b8e",
	 "15d7f6dd91f837a37c5085ed5b776d5a5cde1d3aca038f5f2691fc5dd2c851905ad09857211b95a64af0b06ee9554efb"
	 "2b32a8547718e6a66b6c2a878616f8d762b63d1c693964ab"},
	{{IKE_PROTO_ESP, 12, 256, 0, 12, 0, false},
	 "efdd9ee6cbc25c7002dbd5219c419a717ce39273495b326033a134c17f46f8d596f80e0f37ea9e25ed3b4e1c9a393829"
	 "c855f06f7a1a76a8a2abb1293bc8b3f8b731f1336c051b8e61c06f4e9de1fa95539ccaba03aff370a3437660553add93"
	 "669ae5777b9a0eb2b5ef3d65e8bd093e7f51e7f8b6d7fb169c6feb9b3d607f04",
	 "15d7f6dd91f837a37c5085ed5b776d5a5cde1d3aca038f5f2691fc5dd2c851905ad09857211b95a64af0b06ee9554efb"
	 "2b32a8547718e6a66b6c2a878616f8d762b63d1c693964abfb3a8b0d68d7544aec855bcf439b3a97cd506a5ed981f364"
	 "414d1cc74707e15a1476e9f84ccfa5ecfc9d58d9d5a77e5aad18970089e7f814"},
	{{IKE_PROTO_ESP, 12, 192, 0, 13, 0, false},
	 "efdd9ee6cbc25c7002dbd5219c419a717ce39273495b326033a134c17f46f8d596f80e0f37ea9e25ed3b4e1c9a393829"
	 "c855f06f7a1a76a8a2abb1293bc8b3f8b731f1336c051b8e61c06f4e9de1fa95539ccaba03aff370a3437660553add93"
	 "669ae5777b9a0eb2b5ef3d65e8bd093e7f51e7f8b6d7fb169c6feb9b3d607f04c34da7d379475de815854e5987bd74d3",
	 "15d7f6dd91f837a37c5085ed5b776d5a5cde1d3aca038f5f2691fc5dd2c851905ad09857211b95a64af0b06ee9554efb"
	 "2b32a8547718e6a66b6c2a878616f8d762b63d1c693964abfb3a8b0d68d7544aec855bcf439b3a97cd506a5ed981f364"
	 "414d1cc74707e15a1476e9f84ccfa5ecfc9d58d9d5a77e5aad18970089e7f8149807c6c93377faa15d0a4b7690e32606"},
	{{IKE_PROTO_ESP, 12, 256, 0, 14, 0, false},
	 "efdd9ee6cbc25c7002dbd5219c419a717ce39273495b326033a134c17f46f8d596f80e0f37ea9e25ed3b4e1c9a393829"
	 "c855f06f7a1a76a8a2abb1293bc8b3f8b731f1336c051b8e61c06f4e9de1fa95539ccaba03aff370a3437660553add93"
	 "669ae5777b9a0eb2b5ef3d65e8bd093e7f51e7f8b6d7fb169c6feb9b3d607f04c34da7d379475de815854e5987bd74d3"
	 "1d344720c184dc72a92bf88a696d0631eae8f0272721e761786751fef9a752055800f360b3db02e509687a65095459f0",
	 "15d7f6dd91f837a37c5085ed5b776d5a5cde1d3aca038f5f2691fc5dd2c851905ad09857211b95a64af0b06ee9554efb"
	 "2b32a8547718e6a66b6c2a878616f8d762b63d1c693964abfb3a8b0d68d7544aec855bcf439b3a97cd506a5ed981f364"
	 "414d1cc74707e15a1476e9f84ccfa5ecfc9d58d9d5a77e5aad18970089e7f8149807c6c93377faa15d0a4b7690e32606"
	 "b14274008b088aa63c9b6504422895909683cf721d2128129003c4a92f5485c01190d2570377f98bbc4bcf23b262d7fb"},
	{{IKE_PROTO_ESP, 11, 0, 0, 12, 0, false},
	 "efdd9ee6cbc25c7002dbd5219c419a717ce39273495b326033a134c17f46f8d596f80e0f37ea9e25ed3b4e1c9a393829"
	 "c855f06f7a1a76a8a2abb1293bc8b3f8",
	 "15d7f6dd91f837a37c5085ed5b776d5a5cde1d3aca038f5f2691fc5dd2c851905ad09857211b95a64af0b06ee9554efb"
	 "2b32a8547718e6a66b6c2a878616f8d7"},
};

struct inputs {
	struct bytes i, r, shared;
	struct ike_nonces nonces;
};

static void inputs_first(struct inputs *in)
{
	in->i = unhex(nonce_i_hex);
	in->r = unhex(nonce_r_hex);
	in->shared = unhex(shared_hex);
	in->nonces = (struct ike_nonces){bytes_span(&in->i), bytes_span(&in->r)};
}

static void inputs_next(struct inputs *in)
{
	in->i = unhex(next_nonce_i_hex);
	in->r = unhex(next_nonce_r_hex);
	in->shared = unhex(next_shared_hex);
	in->nonces = (struct ike_nonces){bytes_span(&in->i), bytes_span(&in->r)};
}

static struct bytes joined(const struct ike_key *const *keys, size_t count)
{
	struct bytes all = { 0 };

	for (size_t i = 0; i < count; i++) {
		memcpy(all.at + all.len, keys[i]->bytes, keys[i]->len);
		all.len += keys[i]->len;
	}
	return all;
}

static void assert_ike_keys(const struct ike_keys *keys, const struct ike_vector *vector)
{
	const struct ike_key *const parts[] = {
		&keys->d, &keys->ai, &keys->ar, &keys->ei, &keys->er, &keys->pi, &keys->pr,
	};
	struct bytes all = joined(parts, LENGTH(parts));
	size_t prf = prf_size(vector->suite.prf), integ = integ_key_size(vector->suite.integ);
	size_t encr = encr_key_size(vector->suite.encr, vector->suite.key_bits);
	const size_t sizes[] = { prf, integ, integ, encr, encr, prf, prf };

	for (size_t i = 0; i < LENGTH(parts); i++)
		assert_int_equal(parts[i]->len, sizes[i]);
	assert_hex(all.at, all.len, vector->keys);
	assert_int_equal(keys->suite.encr, vector->suite.encr);
	assert_int_equal(keys->suite.prf, vector->suite.prf);
}

static void first_keys(struct ike_keys *keys)
{
	struct inputs in;

	inputs_first(&in);
	assert_int_equal(keymat_ike(&ike_vectors[0].suite, bytes_span(&in.shared), &in.nonces, spi_i, spi_r, keys), 0);
}

static void keys_of_a_first_exchange(void **state)
{
	struct ike_keys keys;
	struct inputs in;

	(void)state;
	inputs_first(&in);
	for (size_t i = 0; i < LENGTH(ike_vectors); i++) {
		assert_int_equal(keymat_ike(&ike_vectors[i].suite, bytes_span(&in.shared), &in.nonces, spi_i, spi_r,
					    &keys), 0);
		assert_ike_keys(&keys, &ike_vectors[i]);
	}
}

static void keys_of_a_rekeyed_sa_with_the_old_prf(void **state)
{
	struct ike_keys old, keys;
	struct inputs in;

	(void)state;
	first_keys(&old);
	inputs_next(&in);
	for (size_t i = 0; i < LENGTH(rekey_vectors); i++) {
		assert_int_equal(keymat_rekey(&old, &rekey_vectors[i].suite, bytes_span(&in.shared), &in.nonces,
					      next_spi_i, next_spi_r, &keys), 0);
		assert_ike_keys(&keys, &rekey_vectors[i]);
	}
}

static void keys_of_children(void **state)
{
	struct child_keys i_keys, r_keys;
	const struct ike_key *const parts[] = { &i_keys.encr, &i_keys.integ, &r_keys.encr, &r_keys.integ };
	struct ike_keys ike;
	struct inputs in;

	(void)state;
	first_keys(&ike);
	inputs_next(&in);
	for (size_t i = 0; i < LENGTH(child_vectors); i++) {
		const struct child_vector *v = &child_vectors[i];
		struct bytes all;

		assert_int_equal(keymat_child(&ike, &v->suite, (struct span){NULL, 0}, &in.nonces, &i_keys, &r_keys), 0);
		all = joined(parts, LENGTH(parts));
		assert_hex(all.at, all.len, v->alone);
		assert_int_equal(i_keys.encr.len, encr_key_size(v->suite.encr, v->suite.key_bits));
		assert_int_equal(r_keys.integ.len, integ_key_size(v->suite.integ));

		assert_int_equal(keymat_child(&ike, &v->suite, bytes_span(&in.shared), &in.nonces, &i_keys, &r_keys), 0);
		all = joined(parts, LENGTH(parts));
		assert_hex(all.at, all.len, v->exchanged);
	}
}

/* Nothing that could be sent with keys of nothing. */
static void suites_that_cannot_be_are_refused(void **state)
{
	static const struct ike_suite bad[] = {
		{IKE_PROTO_IKE, 0, 0, 5, 12, 0, false},
		{IKE_PROTO_IKE, IKE_ENCR_AES_CBC, 128, 5, IKE_INTEG_NONE, 0, false},
		{IKE_PROTO_IKE, IKE_ENCR_AES_CBC, 0, 5, 12, 0, false},
		{IKE_PROTO_IKE, IKE_ENCR_AES_CBC, 129, 5, 12, 0, false},
		{IKE_PROTO_IKE, IKE_ENCR_AES_CBC, 128, 5, 1, 0, false},
		{IKE_PROTO_IKE, IKE_ENCR_AES_GCM_16, 0, 5, 0, 0, false},
		{IKE_PROTO_IKE, IKE_ENCR_AES_GCM_16, 128, 5, 12, 0, false},
		{IKE_PROTO_IKE, IKE_ENCR_CHACHA20_POLY1305, 128, 5, 0, 0, false},
		{IKE_PROTO_IKE, IKE_ENCR_NULL, 0, 5, 0, 0, false},
		{IKE_PROTO_IKE, 3, 0, 5, 12, 0, false},
	};
	static const struct ike_suite no_prf = {IKE_PROTO_IKE, IKE_ENCR_AES_GCM_16, 128, 4, 0, 0, false};
	struct child_keys i_keys, r_keys;
	struct ike_keys ike, keys;
	struct inputs in;

	(void)state;
	first_keys(&ike);
	inputs_first(&in);
	for (size_t i = 0; i < LENGTH(bad); i++) {
		assert_int_equal(keymat_ike(&bad[i], bytes_span(&in.shared), &in.nonces, 1, 2, &keys), -EOPNOTSUPP);
		assert_int_equal(keymat_rekey(&ike, &bad[i], bytes_span(&in.shared), &in.nonces, 1, 2, &keys),
				 -EOPNOTSUPP);
		assert_int_equal(keys.d.len, 0);
		assert_int_equal(keymat_child(&ike, &bad[i], bytes_span(&in.shared), &in.nonces, &i_keys, &r_keys),
				 -EOPNOTSUPP);
		assert_int_equal(i_keys.encr.len, 0);
	}
	assert_int_equal(keymat_ike(&no_prf, bytes_span(&in.shared), &in.nonces, 1, 2, &keys), -EOPNOTSUPP);
}

static void nonces_longer_than_may_be_are_refused(void **state)
{
	static const uint8_t longer[IKE_NONCE_MAX + 1];
	const struct ike_suite *suite = &ike_vectors[0].suite;
	struct ike_keys keys;
	struct inputs in;

	(void)state;
	inputs_first(&in);
	in.nonces.i = (struct span){longer, IKE_NONCE_MAX};
	in.nonces.r = in.nonces.i;
	assert_int_equal(keymat_ike(suite, bytes_span(&in.shared), &in.nonces, 1, 2, &keys), 0);
	in.nonces.r.len++;
	assert_int_equal(keymat_ike(suite, bytes_span(&in.shared), &in.nonces, 1, 2, &keys), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_of_a_first_exchange),
		cmocka_unit_test(keys_of_a_rekeyed_sa_with_the_old_prf),
		cmocka_unit_test(keys_of_children),
		cmocka_unit_test(suites_that_cannot_be_are_refused),
		cmocka_unit_test(nonces_longer_than_may_be_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
