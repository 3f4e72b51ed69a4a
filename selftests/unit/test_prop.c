// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/ike/prop.c tools/vpntun/ike/propname.c tools/vpntun/ike/names.c */
/* sources: tools/vpntun/util/text.c tools/vpntun/util/why.c tools/vpntun/util/nearest.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ike/names.h"
#include "ike/prop.h"

static struct why why;

static struct ike_proposal parsed(const char *text, enum ike_proto proto, bool esn)
{
	struct ike_proposal proposal;

	why.text[0] = '\0';
	if (prop_parse(text, proto, esn, &proposal, &why))
		fail_msg("%s: %s", text, why.text);
	return proposal;
}

/* A list out of "aes256-.., aes128-..". */
static struct ike_proposals list(enum ike_proto proto, const char *text)
{
	struct ike_proposals made = { 0 };
	char copy[1024], *rest = copy, *part;

	assert_true(strlen(text) < sizeof(copy));
	strcpy(copy, text);
	while ((part = strsep(&rest, ","))) {
		made.list[made.count] = parsed(part + strspn(part, " "), proto, false);
		made.list[made.count].number = made.count + 1;
		made.count++;
	}
	return made;
}

static void transform_is(const struct ike_proposal *proposal, unsigned int i, uint8_t type, uint16_t id, uint16_t bits)
{
	assert_true(i < proposal->count);
	assert_int_equal(proposal->transforms[i].type, type);
	assert_int_equal(proposal->transforms[i].id, id);
	assert_int_equal(proposal->transforms[i].key_bits, bits);
}

static void refused(const char *text, enum ike_proto proto, const char *reason)
{
	struct ike_proposal proposal;

	assert_int_equal(prop_parse(text, proto, false, &proposal, &why), -22);
	if (!strstr(why.text, reason))
		fail_msg("%s: '%s' does not say '%s'", text, why.text, reason);
}

static void words_become_transforms(void **state)
{
	struct ike_proposal p = parsed("aes256gcm16-prfsha384-ecp384", IKE_PROTO_IKE, false);

	(void)state;
	assert_int_equal(p.number, 1);
	assert_int_equal(p.proto, IKE_PROTO_IKE);
	assert_int_equal(p.spi_len, 0);
	assert_int_equal(p.count, 3);
	transform_is(&p, 0, IKE_T_ENCR, 20, 256);
	transform_is(&p, 1, IKE_T_PRF, 6, 0);
	transform_is(&p, 2, IKE_T_GROUP, 20, 0);

	p = parsed("chacha20poly1305-prfsha256-curve25519", IKE_PROTO_IKE, false);
	transform_is(&p, 0, IKE_T_ENCR, 28, 0);
	transform_is(&p, 2, IKE_T_GROUP, 31, 0);
	p = parsed("aes128gcm-aes128gcm12-aes128gcm8-sha256-modp2048", IKE_PROTO_IKE, false);
	assert_int_equal(p.count, 5);
	transform_is(&p, 0, IKE_T_ENCR, 20, 128);
	transform_is(&p, 1, IKE_T_ENCR, 19, 128);
	transform_is(&p, 2, IKE_T_ENCR, 18, 128);
}

static void integrity_implies_the_prf(void **state)
{
	struct ike_proposal p = parsed("aes256-sha256-modp2048", IKE_PROTO_IKE, false);

	(void)state;
	assert_int_equal(p.count, 4);
	transform_is(&p, 1, IKE_T_PRF, IKE_PRF_HMAC_SHA2_256, 0);
	transform_is(&p, 2, IKE_T_INTEG, IKE_INTEG_HMAC_SHA2_256_128, 0);

	p = parsed("aes256-aes128-sha1-sha384-sha512-modp2048-ecp256", IKE_PROTO_IKE, false);
	assert_int_equal(p.count, 10);
	transform_is(&p, 2, IKE_T_PRF, IKE_PRF_HMAC_SHA1, 0);
	transform_is(&p, 3, IKE_T_PRF, IKE_PRF_HMAC_SHA2_384, 0);
	transform_is(&p, 4, IKE_T_PRF, IKE_PRF_HMAC_SHA2_512, 0);

	/* One that is named is meant. */
	p = parsed("aes256-sha256-prfsha512-modp2048", IKE_PROTO_IKE, false);
	assert_int_equal(p.count, 4);
	transform_is(&p, 1, IKE_T_PRF, IKE_PRF_HMAC_SHA2_512, 0);

	/* An AEAD takes nothing else of it. */
	p = parsed("aes256gcm16-sha384-ecp384", IKE_PROTO_IKE, false);
	assert_int_equal(p.count, 3);
	transform_is(&p, 1, IKE_T_PRF, IKE_PRF_HMAC_SHA2_384, 0);
	transform_is(&p, 2, IKE_T_GROUP, IKE_GROUP_ECP384, 0);
}

static void esp_has_esn_and_no_prf(void **state)
{
	struct ike_proposal p = parsed("aes256gcm16", IKE_PROTO_ESP, false);

	(void)state;
	assert_int_equal(p.count, 2);
	transform_is(&p, 1, IKE_T_ESN, 0, 0);
	p = parsed("aes256gcm16", IKE_PROTO_ESP, true);
	assert_int_equal(p.count, 3);
	transform_is(&p, 1, IKE_T_ESN, 1, 0);
	transform_is(&p, 2, IKE_T_ESN, 0, 0);
	p = parsed("aes256gcm16-noesn", IKE_PROTO_ESP, true);
	assert_int_equal(p.count, 2);
	transform_is(&p, 1, IKE_T_ESN, 0, 0);
	p = parsed("aes128-sha256-ecp256-esn", IKE_PROTO_ESP, false);
	assert_int_equal(p.count, 4);
	transform_is(&p, 3, IKE_T_ESN, 1, 0);
	p = parsed("noesn-esn-aes128gmac", IKE_PROTO_ESP, false);
	assert_int_equal(p.count, 3);
	transform_is(&p, 0, IKE_T_ENCR, 21, 128);
	transform_is(&p, 1, IKE_T_ESN, 0, 0);
	p = parsed("aes256gcm16-sha256-modp2048-modpnone", IKE_PROTO_ESP, false);
	assert_int_equal(p.count, 4);
	transform_is(&p, 2, IKE_T_GROUP, 0, 0);
}

/* Every suite that the module has (uapi/vgw.yaml) can be named. */
static void esp_has_the_modules_suites(void **state)
{
	static const char *const suites[] = {
		"aes128gcm16", "aes192gcm16", "aes256gcm16", "aes128-sha256", "aes192-sha256", "aes256-sha256",
		"chacha20poly1305", "aes128gcm8", "aes192gcm8", "aes256gcm8", "aes128gcm12", "aes192gcm12",
		"aes256gcm12", "aes128-sha1", "aes192-sha1", "aes256-sha1", "aes128-sha384", "aes192-sha384",
		"aes256-sha384", "aes128-sha512", "aes192-sha512", "aes256-sha512", "aes128gmac", "aes192gmac",
		"aes256gmac", "null-sha256", "null-sha384", "null-sha512",
	};
	struct ike_proposal p;
	char text[64];
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
		p = parsed(suites[i], IKE_PROTO_ESP, false);
		assert_string_equal(prop_text(&p, text, sizeof(text)), suites[i]);
	}
}

static void what_cannot_be_is_refused(void **state)
{
	char large[1200] = "aes256";
	unsigned int i;

	(void)state;
	refused("", IKE_PROTO_IKE, "empty");
	refused("-", IKE_PROTO_IKE, "empty");
	refused("aes256--sha256", IKE_PROTO_IKE, "empty");
	refused("aes256-sha256-modp2048-", IKE_PROTO_IKE, "empty");
	refused("aes265-sha256-modp2048", IKE_PROTO_IKE, "did you mean 'aes256'?");
	refused("AES256-sha256-modp2048", IKE_PROTO_IKE, "unknown");
	refused("aes256gcm16-ecp384", IKE_PROTO_IKE, "no PRF");
	refused("aes256gcm16-prfsha384", IKE_PROTO_IKE, "no Diffie-Hellman group");
	refused("aes256-prfsha256-modp2048", IKE_PROTO_IKE, "no integrity");
	refused("sha256-modp2048", IKE_PROTO_IKE, "no encryption");
	refused("aes256gcm16-aes256-sha256-ecp384", IKE_PROTO_IKE, "a proposal each");
	refused("aes256gcm16-aes256-sha256", IKE_PROTO_ESP, "a proposal each");
	refused("aes256-sha256-modp2048-esn", IKE_PROTO_IKE, "no place in a proposal for IKE");
	refused("aes256gmac-prfsha256-modp2048", IKE_PROTO_IKE, "no place in a proposal for IKE");
	refused("null-sha256-modp2048", IKE_PROTO_IKE, "no place in a proposal for IKE");
	refused("aes256-sha256-modp2048-modpnone", IKE_PROTO_IKE, "no place in a proposal for IKE");
	refused("aes256-prfsha256-sha256", IKE_PROTO_ESP, "no place in a proposal for ESP");
	refused("aes256", IKE_PROTO_ESP, "no integrity");
	refused("null-sha1", IKE_PROTO_ESP, "'null'");
	refused("aes256-sha256-modp768", IKE_PROTO_IKE, "'modp768' is too weak: modp2048 is what everybody has");
	refused("aes256-sha256-modp1024s160", IKE_PROTO_ESP, "'modp1024s160' is too weak");
	refused("3des-sha1-modp2048", IKE_PROTO_IKE, "'3des' is too weak");
	refused("aes256-md5-modp2048", IKE_PROTO_IKE, "'md5' is too weak");
	refused("camellia256-sha256-modp2048", IKE_PROTO_IKE, "not supported");
	refused("aes256-aes256-sha256", IKE_PROTO_ESP, "twice");
	refused("aes256-sha256-sha2_256", IKE_PROTO_ESP, "twice");
	for (i = 0; i < 100; i++)
		strcat(large, "-aes256");
	refused(large, IKE_PROTO_ESP, "longer");
}

static void text_goes_there_and_back(void **state)
{
	static const char *const texts[] = {
		"aes256gcm16-prfsha384-ecp384", "aes256-sha256-modp2048", "aes256-aes128-sha256-sha1-modp2048-ecp256",
		"aes256-sha256-prfsha512-modp2048", "chacha20poly1305-prfsha256-x25519-x448",
		"aes256-sha256-prfsha256-prfsha512-modp2048",
	};
	struct ike_proposal p = { .count = 2, .transforms = { { IKE_T_GROUP, 99, 0 }, { 7, 3, 0 } } };
	struct ike_proposals two = list(IKE_PROTO_ESP, "aes256gcm16-ecp384, aes256-sha1-esn-noesn");
	struct ike_suite suite = { IKE_PROTO_IKE, IKE_ENCR_AES_CBC, 256, IKE_PRF_HMAC_SHA2_256,
				   IKE_INTEG_HMAC_SHA2_256_128, IKE_GROUP_MODP2048, false };
	char text[128];
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct ike_proposal back = parsed(texts[i], IKE_PROTO_IKE, false);

		assert_string_equal(prop_text(&back, text, sizeof(text)), texts[i]);
	}
	assert_string_equal(prop_text(&p, text, sizeof(text)), "group(99)-type7(3)");
	assert_string_equal(prop_text(&two.list[1], text, 8), "aes256-");
	assert_string_equal(prop_list_text(&two, text, sizeof(text)), "aes256gcm16-ecp384, aes256-sha1-esn-noesn");
	assert_string_equal(prop_list_text(&two, text, 6), "aes25");
	assert_string_equal(suite_text(&suite, text, sizeof(text)), "aes256-sha256-modp2048");
	suite = (struct ike_suite){ .proto = IKE_PROTO_ESP, .encr = IKE_ENCR_CHACHA20_POLY1305, .esn = true };
	assert_string_equal(suite_text(&suite, text, sizeof(text)), "chacha20poly1305-esn");
	assert_string_equal(name_group(IKE_GROUP_ECP384), "ecp384");
	assert_string_equal(name_group(2), "modp1024");
	assert_string_equal(name_group(999), "group(999)");
	assert_string_equal(name_notify(IKE_N_NO_PROPOSAL_CHOSEN), "NO_PROPOSAL_CHOSEN");
	assert_string_equal(name_notify(40000), "notify 40000");
	assert_string_equal(name_exchange(34), "IKE_SA_INIT");
	assert_string_equal(name_exchange(1), "exchange 1");
	assert_string_equal(name_payload(33), "SA");
	assert_string_equal(name_payload(255), "payload 255");
	assert_string_equal(name_auth_method(2), "pre-shared key");
}

/* Chooses, and has the initiator accept what was chosen. Returns the suite's text, or what is missing. */
static const char *choose(const struct ike_proposals *offered, const struct ike_proposals *ours, uint16_t ke_group)
{
	static char text[512];
	struct ike_suite suite, accepted;
	struct ike_proposals answer = { .count = 1 };

	if (prop_choose(offered, ours, ke_group, &suite, &answer.list[0], &why))
		return why.text;
	if (prop_accept(offered, &answer, &accepted, &why))
		fail_msg("the answer is not accepted: %s", why.text);
	assert_string_equal(suite_text(&accepted, text, sizeof(text)), suite_text(&suite, (char[128]){ "" }, 128));
	snprintf(text + strlen(text), sizeof(text) - strlen(text), " #%u", answer.list[0].number);
	return text;
}

static const char *choose_text(enum ike_proto proto, const char *offered, const char *ours, uint16_t ke_group)
{
	struct ike_proposals a = list(proto, offered), b = list(proto, ours);

	return choose(&a, &b, ke_group);
}

static void the_first_of_ours_is_chosen(void **state)
{
	const char *both = "aes128-sha256-modp2048, aes256gcm16-prfsha384-ecp384";

	(void)state;
	assert_string_equal(choose_text(IKE_PROTO_IKE, both, "aes256gcm16-prfsha384-ecp384, aes128-sha256-modp2048", 0),
			    "aes256gcm16-prfsha384-ecp384 #2");
	assert_string_equal(choose_text(IKE_PROTO_IKE, both, both, 0), "aes128-sha256-modp2048 #1");
	assert_string_equal(choose_text(IKE_PROTO_IKE, "aes256-aes128-sha1-sha256-modp2048-modp3072",
					"aes128-aes256-sha256-sha1-modp3072-modp2048", 0),
			    "aes128-sha256-modp3072 #1");
	assert_string_equal(choose_text(IKE_PROTO_IKE, "aes256-sha256-prfsha512-modp2048",
					"aes256-sha256-prfsha256-prfsha512-modp2048", 0),
			    "aes256-sha256-prfsha512-modp2048 #1");
}

static void the_group_of_the_ke_payload_is_preferred(void **state)
{
	const char *offered = "aes256-sha256-modp2048-ecp256-x25519", *ours = "aes256-sha256-x25519-ecp256";

	(void)state;
	assert_string_equal(choose_text(IKE_PROTO_IKE, offered, ours, 0), "aes256-sha256-x25519 #1");
	assert_string_equal(choose_text(IKE_PROTO_IKE, offered, ours, IKE_GROUP_ECP256), "aes256-sha256-ecp256 #1");
	/* One that we have not is not taken for it. */
	assert_string_equal(choose_text(IKE_PROTO_IKE, offered, ours, IKE_GROUP_MODP2048), "aes256-sha256-x25519 #1");
}

static void esn_is_chosen_with_care(void **state)
{
	(void)state;
	assert_string_equal(choose_text(IKE_PROTO_ESP, "aes128gcm16-esn-noesn", "aes128gcm16-noesn", 0), "aes128gcm16 #1");
	assert_string_equal(choose_text(IKE_PROTO_ESP, "aes128gcm16-noesn-esn", "aes128gcm16-esn-noesn", 0),
			    "aes128gcm16-esn #1");
	assert_string_equal(choose_text(IKE_PROTO_ESP, "aes128gcm16-esn", "aes128gcm16-noesn", 0),
			    "no common ESN: offered esn; configured noesn");
	assert_string_equal(choose_text(IKE_PROTO_ESP, "aes128gcm16-noesn", "aes128gcm16-esn", 0),
			    "no common ESN: offered noesn; configured esn");
}

static void a_refusal_names_what_is_missing(void **state)
{
	(void)state;
	assert_string_equal(choose_text(IKE_PROTO_IKE, "aes128-aes192-sha256-modp2048", "aes256gcm16-prfsha384-ecp384", 0),
			    "no common encryption: offered aes128, aes192; configured aes256gcm16");
	assert_string_equal(choose_text(IKE_PROTO_IKE, "aes128-sha256-modp3072",
					"aes128-sha256-modp2048, aes128-sha256-ecp256", 0),
			    "no common group: offered modp3072; configured modp2048, ecp256");
	assert_string_equal(choose_text(IKE_PROTO_IKE, "aes128-sha1-prfsha256-modp3072", "aes128-sha256-modp3072", 0),
			    "no common integrity: offered sha1; configured sha256");
	assert_string_equal(choose_text(IKE_PROTO_IKE, "aes128-sha1-modp3072", "aes128-sha1-prfsha256-modp3072", 0),
			    "no common PRF: offered prfsha1; configured prfsha256");
	assert_string_equal(choose_text(IKE_PROTO_IKE, "aes128-sha256-modp2048, aes256-sha256-ecp256",
					"aes128-sha256-ecp256", 0),
			    "no common proposal: offered aes128-sha256-modp2048, aes256-sha256-ecp256; configured aes128-sha256-ecp256");
	assert_string_equal(choose_text(IKE_PROTO_ESP, "aes128gcm16-ecp256", "aes128gcm16", 0),
			    "no common group: offered ecp256; configured none");
	assert_string_equal(choose_text(IKE_PROTO_ESP, "aes128gcm16", "aes128gcm16-ecp256", 0),
			    "no common group: offered none; configured ecp256");
}

static void strangers_are_not_chosen(void **state)
{
	struct ike_proposals ours = list(IKE_PROTO_ESP, "aes256gcm16, aes256-sha256"), offer = ours;

	(void)state;
	/* A type that we do not know spoils the proposal (section 3.3.6), the next one will do. */
	offer.list[0].transforms[offer.list[0].count++] = (struct ike_transform){ 6, 35, 0 };
	assert_string_equal(choose(&offer, &ours, 0), "aes256-sha256 #2");
	offer = ours;
	offer.list[0].proto = IKE_PROTO_AH;
	assert_string_equal(choose(&offer, &ours, 0), "aes256-sha256 #2");
	/* Transforms that we do not know are passed over. */
	offer = ours;
	offer.list[0].transforms[offer.list[0].count++] = (struct ike_transform){ IKE_T_ENCR, 999, 256 };
	assert_string_equal(choose(&offer, &ours, 0), "aes256gcm16 #1");
	/* A key length is part of what is the same. */
	offer = list(IKE_PROTO_ESP, "aes256gcm16");
	offer.list[0].transforms[0].key_bits = 0;
	assert_non_null(strstr(choose(&offer, &ours, 0), "no common encryption: offered encr(20)"));
	offer.count = 0;
	assert_non_null(strstr(choose(&offer, &ours, 0), "no common encryption: offered none"));
	offer = ours;
	ours.count = 0;
	assert_non_null(strstr(choose(&offer, &ours, 0), "no common encryption"));
}

static void an_aead_has_no_integrity_or_none(void **state)
{
	struct ike_proposals ours = list(IKE_PROTO_ESP, "aes256gcm16"), offer = ours;
	struct ike_proposal answer;
	struct ike_suite suite;

	(void)state;
	/* "None" in so many words, as some peers have it, is then said in the answer, too. */
	offer.list[0].transforms[offer.list[0].count++] = (struct ike_transform){ IKE_T_INTEG, IKE_INTEG_NONE, 0 };
	assert_int_equal(prop_choose(&offer, &ours, 0, &suite, &answer, &why), 0);
	assert_int_equal(suite.integ, 0);
	assert_int_equal(answer.count, 3);
	transform_is(&answer, 1, IKE_T_INTEG, IKE_INTEG_NONE, 0);

	offer = ours;
	offer.list[0].transforms[offer.list[0].count++] =
		(struct ike_transform){ IKE_T_INTEG, IKE_INTEG_HMAC_SHA2_256_128, 0 };
	assert_string_equal(choose(&offer, &ours, 0), "no common integrity: offered sha256; configured none");

	/* CBC without integrity is nothing that anybody wants. */
	ours = list(IKE_PROTO_ESP, "aes256-sha256");
	offer = ours;
	offer.list[0].transforms[1] = offer.list[0].transforms[--offer.list[0].count];
	assert_string_equal(choose(&offer, &ours, 0), "no common integrity: offered none; configured sha256");
}

static void an_offer_without_esn_means_none(void **state)
{
	struct ike_proposals ours = list(IKE_PROTO_ESP, "aes256gcm16-esn-noesn"), offer = ours;
	struct ike_proposal answer;
	struct ike_suite suite;

	(void)state;
	offer.list[0].count = 1;
	assert_int_equal(prop_choose(&offer, &ours, 0, &suite, &answer, &why), 0);
	assert_false(suite.esn);
	assert_int_equal(answer.count, 1);
	ours = list(IKE_PROTO_ESP, "aes256gcm16-esn");
	assert_int_equal(prop_choose(&offer, &ours, 0, &suite, &answer, &why), -22);
}

static void the_answer_keeps_number_and_spi(void **state)
{
	struct ike_proposals ours = list(IKE_PROTO_ESP, "aes256gcm16"), offer = list(IKE_PROTO_ESP, "aes128gcm16, aes256gcm16");
	struct ike_proposal answer;
	struct ike_suite suite;

	(void)state;
	offer.list[1].spi_len = 4;
	memcpy(offer.list[1].spi, "\xc0\1\2\3", 4);
	offer.list[1].number = 7;
	assert_int_equal(prop_choose(&offer, &ours, 0, &suite, &answer, &why), 0);
	assert_int_equal(answer.number, 7);
	assert_int_equal(answer.spi_len, 4);
	assert_memory_equal(answer.spi, "\xc0\1\2\3", 4);
	assert_int_equal(suite.proto, IKE_PROTO_ESP);
	assert_int_equal(suite.encr, IKE_ENCR_AES_GCM_16);
	assert_int_equal(suite.key_bits, 256);
}

static void answers_that_were_not_offered(void **state)
{
	struct ike_proposals offer = list(IKE_PROTO_IKE, "aes256-aes128-sha256-modp2048-ecp256"), answer;
	struct ike_suite suite;

	(void)state;
	answer = list(IKE_PROTO_IKE, "aes128-sha256-ecp256");
	assert_int_equal(prop_accept(&offer, &answer, &suite, &why), 0);
	assert_int_equal(suite.key_bits, 128);
	assert_int_equal(suite.prf, IKE_PRF_HMAC_SHA2_256);
	assert_int_equal(suite.group, IKE_GROUP_ECP256);

	answer.count = 0;
	assert_int_equal(prop_accept(&offer, &answer, &suite, &why), -22);
	answer.count = 2;
	assert_int_equal(prop_accept(&offer, &answer, &suite, &why), -22);
	answer = list(IKE_PROTO_IKE, "aes192-sha256-ecp256");
	assert_int_equal(prop_accept(&offer, &answer, &suite, &why), -22);
	assert_non_null(strstr(why.text, "aes192-sha256-ecp256 (number 1) was not offered"));
	answer = list(IKE_PROTO_IKE, "aes256-aes128-sha256-ecp256");
	assert_int_equal(prop_accept(&offer, &answer, &suite, &why), -22);
	answer = list(IKE_PROTO_IKE, "aes128-sha256-ecp256");
	answer.list[0].number = 2;
	assert_int_equal(prop_accept(&offer, &answer, &suite, &why), -22);
	answer.list[0].number = 1;
	answer.list[0].proto = IKE_PROTO_ESP;
	assert_int_equal(prop_accept(&offer, &answer, &suite, &why), -22);
	answer.list[0].proto = IKE_PROTO_IKE;
	answer.list[0].count--;
	assert_int_equal(prop_accept(&offer, &answer, &suite, &why), -22);
	answer.list[0].count++;
	answer.list[0].transforms[answer.list[0].count++] = (struct ike_transform){ 9, 0, 0 };
	assert_int_equal(prop_accept(&offer, &answer, &suite, &why), -22);
	/* The same transform twice */
	answer.list[0].transforms[answer.list[0].count - 1] = answer.list[0].transforms[0];
	assert_int_equal(prop_accept(&offer, &answer, &suite, &why), -22);
	/* "None" where nothing was offered is the same as nothing; of a cipher it is not. */
	offer = list(IKE_PROTO_ESP, "aes256gcm16");
	answer = offer;
	answer.list[0].transforms[answer.list[0].count++] = (struct ike_transform){ IKE_T_INTEG, 0, 0 };
	assert_int_equal(prop_accept(&offer, &answer, &suite, &why), 0);
	answer.list[0].transforms[0] = (struct ike_transform){ IKE_T_ENCR, 0, 0 };
	assert_int_equal(prop_accept(&offer, &answer, &suite, &why), -22);
}

static void groups_come_and_go(void **state)
{
	struct ike_proposals all = list(IKE_PROTO_ESP, "aes256gcm16-modpnone-ecp384-modp2048, aes256-sha256-x25519"), none;

	(void)state;
	assert_int_equal(prop_first_group(&all), IKE_GROUP_ECP384);
	assert_true(prop_has_group(&all, IKE_GROUP_X25519));
	assert_false(prop_has_group(&all, IKE_GROUP_ECP256));
	prop_without_groups(&all, &none);
	assert_int_equal(none.count, 2);
	assert_int_equal(none.list[0].count, 2);
	assert_int_equal(none.list[1].count, 3);
	assert_int_equal(none.list[1].number, 2);
	assert_int_equal(prop_first_group(&none), 0);
	assert_false(prop_has_group(&none, IKE_GROUP_ECP384));
}

/* In the manner of strongSwan's defaults: all classic ciphers in one proposal, all AEADs in the next, much besides. */
static struct ike_proposals strongswan_like(void)
{
	static const struct ike_transform cbc[] = {
		{ 1, 12, 128 }, { 1, 12, 192 }, { 1, 12, 256 }, { 1, 13, 128 }, { 1, 23, 256 },
		{ 3, 12, 0 }, { 3, 13, 0 }, { 3, 14, 0 }, { 3, 2, 0 }, { 3, 5, 0 },
		{ 2, 5, 0 }, { 2, 6, 0 }, { 2, 7, 0 }, { 2, 4, 0 }, { 2, 2, 0 },
		{ 4, 31, 0 }, { 4, 19, 0 }, { 4, 20, 0 }, { 4, 21, 0 }, { 4, 15, 0 }, { 4, 14, 0 },
	}, aead[] = {
		{ 1, 20, 128 }, { 1, 20, 192 }, { 1, 20, 256 }, { 1, 28, 0 }, { 1, 16, 128 },
		{ 2, 5, 0 }, { 2, 6, 0 }, { 2, 7, 0 }, { 2, 4, 0 }, { 2, 2, 0 },
		{ 4, 31, 0 }, { 4, 19, 0 }, { 4, 20, 0 }, { 4, 21, 0 }, { 4, 15, 0 }, { 4, 14, 0 },
	};
	struct ike_proposals made = { .count = 2 };

	made.list[0] = (struct ike_proposal){ .number = 1, .proto = 1, .count = sizeof(cbc) / sizeof(cbc[0]) };
	memcpy(made.list[0].transforms, cbc, sizeof(cbc));
	made.list[1] = (struct ike_proposal){ .number = 2, .proto = 1, .count = sizeof(aead) / sizeof(aead[0]) };
	memcpy(made.list[1].transforms, aead, sizeof(aead));
	return made;
}

static void lists_like_strongswans_defaults_have_ours(void **state)
{
	struct ike_proposals offered = strongswan_like(), ours;

	(void)state;
	ours = list(IKE_PROTO_IKE, "aes256gcm16-prfsha384-ecp384, aes256-sha256-modp2048");
	assert_string_equal(choose(&offered, &ours, IKE_GROUP_X25519), "aes256gcm16-prfsha384-ecp384 #2");
	ours = list(IKE_PROTO_IKE, "aes256-sha256-modp2048-x25519");
	assert_string_equal(choose(&offered, &ours, IKE_GROUP_X25519), "aes256-sha256-x25519 #1");
	ours = list(IKE_PROTO_IKE, "chacha20poly1305-prfsha512-ecp521");
	assert_string_equal(choose(&offered, &ours, IKE_GROUP_X25519), "chacha20poly1305-prfsha512-ecp521 #2");
	ours = list(IKE_PROTO_IKE, "aes256gcm8-prfsha384-ecp384");
	assert_non_null(strstr(choose(&offered, &ours, 0),
			       "no common encryption: offered aes128, aes192, aes256, aes128ctr, camellia256, aes128gcm16"));
}

/* Taken from who names them, and told apart from all others. */
static void weak_groups_are_doubtful(void **state)
{
	struct ike_proposals good = list(IKE_PROTO_IKE, "aes256gcm16-prfsha384-ecp384, aes256-sha1-modp2048");
	struct ike_proposals bad = list(IKE_PROTO_IKE, "aes256-sha256-modp2048, aes128-sha256-modp2048-modp1536");
	struct ike_proposals esp = list(IKE_PROTO_ESP, "aes128-sha256-modp1024");

	(void)state;
	assert_null(prop_doubtful(&good));
	assert_string_equal(prop_doubtful(&bad), "modp1536");
	assert_string_equal(prop_doubtful(&esp), "modp1024");
}

static void same_or_not(void **state)
{
	struct ike_proposals a = list(IKE_PROTO_ESP, "aes256gcm16-ecp384, aes256-sha256"), b = a, none = { 0 };

	(void)state;
	assert_true(prop_same(&a, &b) && prop_same(&none, &none));
	assert_false(prop_same(&a, &none) || prop_same(&none, &a));
	b.list[1].transforms[0].key_bits = 128;
	assert_false(prop_same(&a, &b));
	b = a;
	b.list[1].count--;
	assert_false(prop_same(&a, &b));
	b = list(IKE_PROTO_ESP, "aes256-sha256, aes256gcm16-ecp384");
	assert_false(prop_same(&a, &b));
	b = list(IKE_PROTO_IKE, "aes256gcm16-prfsha256-ecp384, aes256-sha256-ecp384");
	assert_false(prop_same(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_or_not),
		cmocka_unit_test(words_become_transforms),
		cmocka_unit_test(integrity_implies_the_prf),
		cmocka_unit_test(esp_has_esn_and_no_prf),
		cmocka_unit_test(esp_has_the_modules_suites),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(text_goes_there_and_back),
		cmocka_unit_test(the_first_of_ours_is_chosen),
		cmocka_unit_test(the_group_of_the_ke_payload_is_preferred),
		cmocka_unit_test(esn_is_chosen_with_care),
		cmocka_unit_test(a_refusal_names_what_is_missing),
		cmocka_unit_test(strangers_are_not_chosen),
		cmocka_unit_test(an_aead_has_no_integrity_or_none),
		cmocka_unit_test(an_offer_without_esn_means_none),
		cmocka_unit_test(the_answer_keeps_number_and_spi),
		cmocka_unit_test(answers_that_were_not_offered),
		cmocka_unit_test(groups_come_and_go),
		cmocka_unit_test(lists_like_strongswans_defaults_have_ours),
		cmocka_unit_test(weak_groups_are_doubtful),
	};

	return cmocka_run_group_tests_name("prop", tests, NULL, NULL);
}
