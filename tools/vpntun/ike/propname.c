// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>

#include "ike/prop.h"
#include "util/nearest.h"
#include "util/text.h"

/* What a word is good for. */
enum {
	FOR_IKE = 1,
	FOR_ESP = 2,
	FOR_BOTH = FOR_IKE | FOR_ESP,
	FOREIGN = 4,		/* has a name, so that a log can say it, and no code */
	WEAK = 8,		/* the same, and never will have */
	AEAD = 16,		/* needs no integrity algorithm beside it */
	DOUBTFUL = 32,		/* only for who names it, and that is warned of */
};

struct prop_word {
	const char *text;
	uint8_t type;
	uint16_t id;
	uint16_t key_bits;
	uint8_t use;
};

/* strongSwan's words; of several for the same transform the first is the one that is written. */
static const struct prop_word words[] = {
	{ "aes128gcm16", IKE_T_ENCR, IKE_ENCR_AES_GCM_16, 128, FOR_BOTH | AEAD },
	{ "aes192gcm16", IKE_T_ENCR, IKE_ENCR_AES_GCM_16, 192, FOR_BOTH | AEAD },
	{ "aes256gcm16", IKE_T_ENCR, IKE_ENCR_AES_GCM_16, 256, FOR_BOTH | AEAD },
	{ "aes128gcm12", IKE_T_ENCR, IKE_ENCR_AES_GCM_12, 128, FOR_BOTH | AEAD },
	{ "aes192gcm12", IKE_T_ENCR, IKE_ENCR_AES_GCM_12, 192, FOR_BOTH | AEAD },
	{ "aes256gcm12", IKE_T_ENCR, IKE_ENCR_AES_GCM_12, 256, FOR_BOTH | AEAD },
	{ "aes128gcm8", IKE_T_ENCR, IKE_ENCR_AES_GCM_8, 128, FOR_BOTH | AEAD },
	{ "aes192gcm8", IKE_T_ENCR, IKE_ENCR_AES_GCM_8, 192, FOR_BOTH | AEAD },
	{ "aes256gcm8", IKE_T_ENCR, IKE_ENCR_AES_GCM_8, 256, FOR_BOTH | AEAD },
	{ "chacha20poly1305", IKE_T_ENCR, IKE_ENCR_CHACHA20_POLY1305, 0, FOR_BOTH | AEAD },
	{ "aes128", IKE_T_ENCR, IKE_ENCR_AES_CBC, 128, FOR_BOTH },
	{ "aes192", IKE_T_ENCR, IKE_ENCR_AES_CBC, 192, FOR_BOTH },
	{ "aes256", IKE_T_ENCR, IKE_ENCR_AES_CBC, 256, FOR_BOTH },
	{ "aes128gmac", IKE_T_ENCR, IKE_ENCR_AES_GMAC, 128, FOR_ESP | AEAD },
	{ "aes192gmac", IKE_T_ENCR, IKE_ENCR_AES_GMAC, 192, FOR_ESP | AEAD },
	{ "aes256gmac", IKE_T_ENCR, IKE_ENCR_AES_GMAC, 256, FOR_ESP | AEAD },
	{ "null", IKE_T_ENCR, IKE_ENCR_NULL, 0, FOR_ESP },
	{ "aes128gcm", IKE_T_ENCR, IKE_ENCR_AES_GCM_16, 128, FOR_BOTH | AEAD },
	{ "aes192gcm", IKE_T_ENCR, IKE_ENCR_AES_GCM_16, 192, FOR_BOTH | AEAD },
	{ "aes256gcm", IKE_T_ENCR, IKE_ENCR_AES_GCM_16, 256, FOR_BOTH | AEAD },
	{ "aes128gcm128", IKE_T_ENCR, IKE_ENCR_AES_GCM_16, 128, FOR_BOTH | AEAD },
	{ "aes192gcm128", IKE_T_ENCR, IKE_ENCR_AES_GCM_16, 192, FOR_BOTH | AEAD },
	{ "aes256gcm128", IKE_T_ENCR, IKE_ENCR_AES_GCM_16, 256, FOR_BOTH | AEAD },
	{ "aes", IKE_T_ENCR, IKE_ENCR_AES_CBC, 128, FOR_BOTH },
	{ "des", IKE_T_ENCR, 2, 0, WEAK },
	{ "3des", IKE_T_ENCR, 3, 0, WEAK },
	{ "cast128", IKE_T_ENCR, 6, 128, FOREIGN },
	{ "blowfish128", IKE_T_ENCR, 7, 128, FOREIGN },
	{ "blowfish192", IKE_T_ENCR, 7, 192, FOREIGN },
	{ "blowfish256", IKE_T_ENCR, 7, 256, FOREIGN },
	{ "aes128ctr", IKE_T_ENCR, 13, 128, FOREIGN },
	{ "aes192ctr", IKE_T_ENCR, 13, 192, FOREIGN },
	{ "aes256ctr", IKE_T_ENCR, 13, 256, FOREIGN },
	{ "aes128ccm8", IKE_T_ENCR, 14, 128, FOREIGN },
	{ "aes192ccm8", IKE_T_ENCR, 14, 192, FOREIGN },
	{ "aes256ccm8", IKE_T_ENCR, 14, 256, FOREIGN },
	{ "aes128ccm12", IKE_T_ENCR, 15, 128, FOREIGN },
	{ "aes192ccm12", IKE_T_ENCR, 15, 192, FOREIGN },
	{ "aes256ccm12", IKE_T_ENCR, 15, 256, FOREIGN },
	{ "aes128ccm16", IKE_T_ENCR, 16, 128, FOREIGN },
	{ "aes192ccm16", IKE_T_ENCR, 16, 192, FOREIGN },
	{ "aes256ccm16", IKE_T_ENCR, 16, 256, FOREIGN },
	{ "camellia128", IKE_T_ENCR, 23, 128, FOREIGN },
	{ "camellia192", IKE_T_ENCR, 23, 192, FOREIGN },
	{ "camellia256", IKE_T_ENCR, 23, 256, FOREIGN },

	{ "sha256", IKE_T_INTEG, IKE_INTEG_HMAC_SHA2_256_128, 0, FOR_BOTH },
	{ "sha384", IKE_T_INTEG, IKE_INTEG_HMAC_SHA2_384_192, 0, FOR_BOTH },
	{ "sha512", IKE_T_INTEG, IKE_INTEG_HMAC_SHA2_512_256, 0, FOR_BOTH },
	{ "sha1", IKE_T_INTEG, IKE_INTEG_HMAC_SHA1_96, 0, FOR_BOTH },
	{ "sha2_256", IKE_T_INTEG, IKE_INTEG_HMAC_SHA2_256_128, 0, FOR_BOTH },
	{ "sha2_384", IKE_T_INTEG, IKE_INTEG_HMAC_SHA2_384_192, 0, FOR_BOTH },
	{ "sha2_512", IKE_T_INTEG, IKE_INTEG_HMAC_SHA2_512_256, 0, FOR_BOTH },
	{ "sha", IKE_T_INTEG, IKE_INTEG_HMAC_SHA1_96, 0, FOR_BOTH },
	{ "md5", IKE_T_INTEG, 1, 0, WEAK },
	{ "aesxcbc", IKE_T_INTEG, 5, 0, FOREIGN },
	{ "aescmac", IKE_T_INTEG, 8, 0, FOREIGN },

	{ "prfsha256", IKE_T_PRF, IKE_PRF_HMAC_SHA2_256, 0, FOR_IKE },
	{ "prfsha384", IKE_T_PRF, IKE_PRF_HMAC_SHA2_384, 0, FOR_IKE },
	{ "prfsha512", IKE_T_PRF, IKE_PRF_HMAC_SHA2_512, 0, FOR_IKE },
	{ "prfsha1", IKE_T_PRF, IKE_PRF_HMAC_SHA1, 0, FOR_IKE },
	{ "prfmd5", IKE_T_PRF, 1, 0, WEAK },
	{ "prfaesxcbc", IKE_T_PRF, 4, 0, FOREIGN },
	{ "prfaescmac", IKE_T_PRF, 8, 0, FOREIGN },

	{ "modp2048", IKE_T_GROUP, IKE_GROUP_MODP2048, 0, FOR_BOTH },
	{ "modp3072", IKE_T_GROUP, IKE_GROUP_MODP3072, 0, FOR_BOTH },
	{ "modp4096", IKE_T_GROUP, IKE_GROUP_MODP4096, 0, FOR_BOTH },
	{ "modp6144", IKE_T_GROUP, IKE_GROUP_MODP6144, 0, FOR_BOTH },
	{ "modp8192", IKE_T_GROUP, IKE_GROUP_MODP8192, 0, FOR_BOTH },
	{ "ecp256", IKE_T_GROUP, IKE_GROUP_ECP256, 0, FOR_BOTH },
	{ "ecp384", IKE_T_GROUP, IKE_GROUP_ECP384, 0, FOR_BOTH },
	{ "ecp521", IKE_T_GROUP, IKE_GROUP_ECP521, 0, FOR_BOTH },
	{ "x25519", IKE_T_GROUP, IKE_GROUP_X25519, 0, FOR_BOTH },
	{ "x448", IKE_T_GROUP, IKE_GROUP_X448, 0, FOR_BOTH },
	{ "curve25519", IKE_T_GROUP, IKE_GROUP_X25519, 0, FOR_BOTH },
	{ "curve448", IKE_T_GROUP, IKE_GROUP_X448, 0, FOR_BOTH },
	{ "modpnone", IKE_T_GROUP, IKE_GROUP_NONE, 0, FOR_ESP },
	{ "modp768", IKE_T_GROUP, 1, 0, WEAK },
	{ "modp1024", IKE_T_GROUP, IKE_GROUP_MODP1024, 0, FOR_BOTH | DOUBTFUL },
	{ "modp1536", IKE_T_GROUP, IKE_GROUP_MODP1536, 0, FOR_BOTH | DOUBTFUL },
	{ "modp1024s160", IKE_T_GROUP, 22, 0, WEAK },
	{ "modp2048s224", IKE_T_GROUP, 23, 0, FOREIGN },
	{ "modp2048s256", IKE_T_GROUP, 24, 0, FOREIGN },
	{ "ecp192", IKE_T_GROUP, 25, 0, WEAK },
	{ "ecp224", IKE_T_GROUP, 26, 0, FOREIGN },
	{ "ecp224bp", IKE_T_GROUP, 27, 0, FOREIGN },
	{ "ecp256bp", IKE_T_GROUP, 28, 0, FOREIGN },
	{ "ecp384bp", IKE_T_GROUP, 29, 0, FOREIGN },
	{ "ecp512bp", IKE_T_GROUP, 30, 0, FOREIGN },
	{ "mlkem512", IKE_T_GROUP, 35, 0, FOREIGN },
	{ "mlkem768", IKE_T_GROUP, 36, 0, FOREIGN },
	{ "mlkem1024", IKE_T_GROUP, 37, 0, FOREIGN },

	{ "noesn", IKE_T_ESN, 0, 0, FOR_ESP },
	{ "esn", IKE_T_ESN, 1, 0, FOR_ESP },
};

enum { WORD_COUNT = sizeof(words) / sizeof(words[0]), PROP_TEXT_MAX = 512 };

/* In which they stand in a proposal, and in its words. */
static const uint8_t wire_order[] = { IKE_T_ENCR, IKE_T_PRF, IKE_T_INTEG, IKE_T_GROUP, IKE_T_ESN };
static const uint8_t text_order[] = { IKE_T_ENCR, IKE_T_INTEG, IKE_T_PRF, IKE_T_GROUP, IKE_T_ESN };

static const struct prop_word *word_of(const struct ike_transform *transform)
{
	unsigned int i;

	for (i = 0; i < WORD_COUNT; i++)
		if (words[i].type == transform->type && words[i].id == transform->id &&
		    words[i].key_bits == transform->key_bits)
			return &words[i];
	return NULL;
}

static const struct prop_word *word_find(const char *text)
{
	unsigned int i;

	for (i = 0; i < WORD_COUNT; i++)
		if (!strcmp(words[i].text, text))
			return &words[i];
	return NULL;
}

/* An unknown word, or one that cannot stand here. */
static int refuse_word(const char *text, const struct prop_word *word, enum ike_proto proto, struct why *why)
{
	struct nearest nearest;
	unsigned int i;

	if (!*text)
		return why_set(why, "a proposal, or a word of it, is empty");
	if (word && word->use == WEAK)
		return why_set(why, word->type == IKE_T_GROUP ? "the group '%s' is too weak: modp2048 is what everybody has" :
							       "'%s' is too weak to be used",
			       text);
	if (word && word->use == FOREIGN)
		return why_set(why, "'%s' is not supported", text);
	if (word)
		return why_set(why, "'%s' has no place in a proposal for %s", text,
			       proto == IKE_PROTO_IKE ? "IKE" : "ESP");

	nearest_init(&nearest, text);
	for (i = 0; i < WORD_COUNT; i++)
		if (words[i].use & (proto == IKE_PROTO_IKE ? FOR_IKE : FOR_ESP))
			nearest_offer(&nearest, words[i].text);
	return nearest_why(&nearest, "algorithm", why);
}

static int add_transform(struct ike_proposal *proposal, const struct ike_transform *transform, struct why *why)
{
	if (proposal->count == IKE_TRANSFORMS_MAX)
		return why_set(why, "more than %d algorithms in one proposal", IKE_TRANSFORMS_MAX);
	proposal->transforms[proposal->count++] = *transform;
	return 0;
}

/* Splits @text at "-" into transforms, in the order of the words. */
static int read_words(const char *text, enum ike_proto proto, struct ike_proposal *out, struct why *why)
{
	char copy[PROP_TEXT_MAX], *rest = copy, *part;
	const struct prop_word *word;
	struct ike_transform transform;
	unsigned int i;

	if (strlen(text) >= sizeof(copy))
		return why_set(why, "a proposal is longer than %zu characters", sizeof(copy) - 1);
	strcpy(copy, text);
	while ((part = strsep(&rest, "-"))) {
		word = word_find(part);
		if (!word || !(word->use & (proto == IKE_PROTO_IKE ? FOR_IKE : FOR_ESP)))
			return refuse_word(part, word, proto, why);
		transform = (struct ike_transform){ word->type, word->id, word->key_bits };
		for (i = 0; i < out->count; i++)
			if (word_of(&out->transforms[i]) == word_of(&transform))
				return why_set(why, "'%s' is given twice", part);
		if (add_transform(out, &transform, why))
			return -EINVAL;
	}
	return 0;
}

/* strongSwan's rule: without a PRF of its own a proposal for IKE uses the hash of its integrity algorithm. */
static uint16_t prf_of_integ(uint16_t integ)
{
	switch (integ) {
	case IKE_INTEG_HMAC_SHA1_96:
		return IKE_PRF_HMAC_SHA1;
	case IKE_INTEG_HMAC_SHA2_256_128:
		return IKE_PRF_HMAC_SHA2_256;
	case IKE_INTEG_HMAC_SHA2_384_192:
		return IKE_PRF_HMAC_SHA2_384;
	case IKE_INTEG_HMAC_SHA2_512_256:
		return IKE_PRF_HMAC_SHA2_512;
	default:
		return 0;
	}
}

static unsigned int count_of(const struct ike_proposal *proposal, uint8_t type)
{
	unsigned int i, count = 0;

	for (i = 0; i < proposal->count; i++)
		count += proposal->transforms[i].type == type;
	return count;
}

static bool has(const struct ike_proposal *proposal, uint8_t type, uint16_t id)
{
	unsigned int i;

	for (i = 0; i < proposal->count; i++)
		if (proposal->transforms[i].type == type && proposal->transforms[i].id == id)
			return true;
	return false;
}

/* Of its ciphers, how many need no integrity algorithm? */
static unsigned int count_aeads(const struct ike_proposal *proposal)
{
	const struct prop_word *word;
	unsigned int i, count = 0;

	for (i = 0; i < proposal->count; i++) {
		word = word_of(&proposal->transforms[i]);
		count += word && (word->use & AEAD);
	}
	return count;
}

/* Appends to @out those of a type; an AEAD makes integrity algorithms superfluous, strongSwan leaves them out, too. */
static int copy_type(const struct ike_proposal *from, uint8_t type, struct ike_proposal *out, struct why *why)
{
	unsigned int i;

	if (type == IKE_T_INTEG && count_aeads(from))
		return 0;
	for (i = 0; i < from->count; i++)
		if (from->transforms[i].type == type && add_transform(out, &from->transforms[i], why))
			return -EINVAL;
	return 0;
}

static int add_implied_prfs(const struct ike_proposal *from, struct ike_proposal *out, struct why *why)
{
	struct ike_transform prf = { .type = IKE_T_PRF };
	unsigned int i;

	for (i = 0; i < from->count; i++) {
		if (from->transforms[i].type != IKE_T_INTEG)
			continue;
		prf.id = prf_of_integ(from->transforms[i].id);
		if (add_transform(out, &prf, why))
			return -EINVAL;
	}
	return 0;
}

static int add_default_esn(bool esn, struct ike_proposal *out, struct why *why)
{
	static const struct ike_transform on = { IKE_T_ESN, 1, 0 }, off = { IKE_T_ESN, 0, 0 };

	if (esn && add_transform(out, &on, why))
		return -EINVAL;
	return add_transform(out, &off, why);
}

/* Are the words together a proposal? */
static int check_words(const struct ike_proposal *said, struct why *why)
{
	unsigned int ciphers = count_of(said, IKE_T_ENCR), aeads = count_aeads(said);
	unsigned int integs = count_of(said, IKE_T_INTEG);

	if (!ciphers)
		return why_set(why, "no encryption algorithm is named");
	if (aeads && aeads != ciphers)
		return why_set(why, "ciphers with integrity of their own (as aes256gcm16) and without (as aes256) need a proposal each");
	if (!aeads && !integs)
		return why_set(why, "no integrity algorithm is named, such as sha256");
	if (has(said, IKE_T_ENCR, IKE_ENCR_NULL) && has(said, IKE_T_INTEG, IKE_INTEG_HMAC_SHA1_96))
		return why_set(why, "'null' goes with sha256, sha384 or sha512 only");
	if (said->proto != IKE_PROTO_IKE)
		return 0;

	if (!integs && !count_of(said, IKE_T_PRF))
		return why_set(why, "no PRF is named, such as prfsha384");
	if (!count_of(said, IKE_T_GROUP))
		return why_set(why, "no Diffie-Hellman group is named, such as ecp384 or modp2048");
	return 0;
}

int prop_parse(const char *text, enum ike_proto proto, bool esn, struct ike_proposal *out, struct why *why)
{
	struct ike_proposal said = { .proto = proto }, made = { .proto = proto, .number = 1 };
	unsigned int i;

	if (read_words(text, proto, &said, why) || check_words(&said, why))
		return -EINVAL;
	for (i = 0; i < sizeof(wire_order); i++) {
		if (copy_type(&said, wire_order[i], &made, why))
			return -EINVAL;
		if (wire_order[i] == IKE_T_PRF && proto == IKE_PROTO_IKE && !count_of(&said, IKE_T_PRF) &&
		    add_implied_prfs(&said, &made, why))
			return -EINVAL;
	}
	if (proto == IKE_PROTO_ESP && !count_of(&said, IKE_T_ESN) && add_default_esn(esn, &made, why))
		return -EINVAL;

	*out = made;
	return 0;
}

/* Has it code, in a proposal for @proto, or is it "none"? */
static bool is_ours(const struct ike_transform *transform, uint8_t proto)
{
	const struct prop_word *word = word_of(transform);

	if (word && (word->use & (proto == IKE_PROTO_IKE ? FOR_IKE : FOR_ESP)))
		return true;
	return transform->type >= IKE_T_INTEG && transform->type <= IKE_T_ESN && !transform->id && !transform->key_bits;
}

static bool same_type(uint8_t a, uint8_t b)
{
	return a == b || ((a < IKE_T_ENCR || a > IKE_T_ESN) && (b < IKE_T_ENCR || b > IKE_T_ESN));
}

void prop_keep(struct ike_proposal *to, const struct ike_transform *transform)
{
	bool ours = is_ours(transform, to->proto);
	const struct ike_transform *at;
	unsigned int i, foreign = 0;

	for (i = 0; i < to->count; i++) {
		at = &to->transforms[i];
		if (at->type == transform->type && at->id == transform->id && at->key_bits == transform->key_bits)
			return;
		foreign += !ours && same_type(at->type, transform->type) && !is_ours(at, to->proto);
	}
	if (foreign < IKE_FOREIGN_MAX && to->count < IKE_TRANSFORMS_MAX)
		to->transforms[to->count++] = *transform;
}

const char *prop_doubtful(const struct ike_proposals *list)
{
	const struct prop_word *word;
	unsigned int i, j;

	for (i = 0; i < list->count; i++) {
		for (j = 0; j < list->list[i].count; j++) {
			word = word_of(&list->list[i].transforms[j]);
			if (word && (word->use & DOUBTFUL))
				return word->text;
		}
	}
	return NULL;
}

const char *transform_text(const struct ike_transform *transform, char *text, size_t size)
{
	static const char *const kinds[] = { "type", "encr", "prf", "integ", "group", "esn" };
	const struct prop_word *word = word_of(transform);
	uint8_t type = transform->type;

	text[0] = '\0';
	if (word)
		text_add(text, size, "%s", word->text);
	else if (type == IKE_T_INTEG && transform->id == IKE_INTEG_NONE)
		text_add(text, size, "nointeg");
	else if (type < sizeof(kinds) / sizeof(kinds[0]))
		text_add(text, size, "%s(%u)", kinds[type], transform->id);
	else
		text_add(text, size, "type%u(%u)", type, transform->id);
	if (!word && transform->key_bits)
		text_add(text, size, "/%u", transform->key_bits);
	return text;
}

/* Are its PRFs just what the integrity algorithms imply? Then nobody wrote them. */
static bool prfs_implied(const struct ike_proposal *proposal)
{
	unsigned int i;

	for (i = 0; i < proposal->count; i++)
		if (proposal->transforms[i].type == IKE_T_INTEG &&
		    !has(proposal, IKE_T_PRF, prf_of_integ(proposal->transforms[i].id)))
			return false;
	return count_of(proposal, IKE_T_PRF) == count_of(proposal, IKE_T_INTEG);
}

/* Is there nothing to be said of it? No ESN is what everybody expects, where it is the only choice. */
static bool silent(const struct ike_proposal *proposal, const struct ike_transform *transform)
{
	switch (transform->type) {
	case IKE_T_PRF:
		return prfs_implied(proposal);
	case IKE_T_INTEG:
		return transform->id == IKE_INTEG_NONE;
	case IKE_T_ESN:
		return !transform->id && count_of(proposal, IKE_T_ESN) == 1;
	default:
		return false;
	}
}

static void add_type_text(const struct ike_proposal *proposal, uint8_t type, char *text, size_t size)
{
	const struct ike_transform *transform;
	char word[40];
	unsigned int i;

	for (i = 0; i < proposal->count; i++) {
		transform = &proposal->transforms[i];
		if (transform->type == type && !silent(proposal, transform))
			text_add(text, size, "%s%s", *text ? "-" : "", transform_text(transform, word, sizeof(word)));
	}
}

const char *prop_text(const struct ike_proposal *proposal, char *text, size_t size)
{
	unsigned int i;

	text[0] = '\0';
	for (i = 0; i < sizeof(text_order); i++)
		add_type_text(proposal, text_order[i], text, size);
	/* Types that we do not know come last. */
	for (i = 0; i < proposal->count; i++)
		if (proposal->transforms[i].type < IKE_T_ENCR || proposal->transforms[i].type > IKE_T_ESN)
			add_type_text(&(struct ike_proposal){ .count = 1, .transforms = { proposal->transforms[i] } },
				      proposal->transforms[i].type, text, size);
	return text;
}

const char *prop_list_text(const struct ike_proposals *list, char *text, size_t size)
{
	char one[PROP_TEXT_MAX];
	unsigned int i;

	text[0] = '\0';
	for (i = 0; i < list->count; i++)
		text_add(text, size, "%s%s", i ? ", " : "", prop_text(&list->list[i], one, sizeof(one)));
	return text;
}

const char *suite_text(const struct ike_suite *suite, char *text, size_t size)
{
	struct ike_proposal proposal = { .proto = suite->proto };
	struct ike_transform *next = proposal.transforms;

	*next++ = (struct ike_transform){ IKE_T_ENCR, suite->encr, suite->key_bits };
	if (suite->prf)
		*next++ = (struct ike_transform){ IKE_T_PRF, suite->prf, 0 };
	if (suite->integ)
		*next++ = (struct ike_transform){ IKE_T_INTEG, suite->integ, 0 };
	if (suite->group)
		*next++ = (struct ike_transform){ IKE_T_GROUP, suite->group, 0 };
	if (suite->esn)
		*next++ = (struct ike_transform){ IKE_T_ESN, 1, 0 };
	proposal.count = next - proposal.transforms;
	return prop_text(&proposal, text, size);
}
