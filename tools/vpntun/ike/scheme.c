// SPDX-License-Identifier: GPL-2.0
#include "ike/scheme.h"

#include <errno.h>

enum { DER_OID = 0x06, DER_INTEGER = 0x02, DER_NULL = 0x05, DER_SEQUENCE = 0x30, DER_FIELD = 0xa0 };
enum { HASH_SHA256_LAST = 1, HASH_SHA384_LAST = 2, HASH_SHA512_LAST = 3 };

/* RFC 7427 appendix A, RFC 8420 appendix A. Of PSS the trailer is left out: DER has no fields with default values. */
#define RSA_OID(last) 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, last
#define HASH_ALG(last) 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, last, 0x05, 0x00
#define PKCS1_ALG(last) { 0x30, 0x0d, RSA_OID(last), 0x05, 0x00 }
#define PSS_ALG(hash, salt) {								\
	0x30, 0x41, RSA_OID(0x0a), 0x30, 0x34, 0xa0, 0x0f, HASH_ALG(hash),		\
	0xa1, 0x1c, 0x30, 0x1a, RSA_OID(0x08), HASH_ALG(hash), 0xa2, 0x03, 0x02, 0x01, salt }
#define ECDSA_ALG(last) { 0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, last }

static const uint8_t pkcs1_sha256[] = PKCS1_ALG(0x0b);
static const uint8_t pkcs1_sha384[] = PKCS1_ALG(0x0c);
static const uint8_t pkcs1_sha512[] = PKCS1_ALG(0x0d);
static const uint8_t pss_sha256[] = PSS_ALG(HASH_SHA256_LAST, 32);
static const uint8_t pss_sha384[] = PSS_ALG(HASH_SHA384_LAST, 48);
static const uint8_t pss_sha512[] = PSS_ALG(HASH_SHA512_LAST, 64);
static const uint8_t ecdsa_sha256[] = ECDSA_ALG(0x02);
static const uint8_t ecdsa_sha384[] = ECDSA_ALG(0x03);
static const uint8_t ecdsa_sha512[] = ECDSA_ALG(0x04);
static const uint8_t ed25519[] = { 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70 };

static const uint8_t oid_pss[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a };
static const uint8_t oid_mgf1[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08 };
static const uint8_t oid_hash[] = { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02 };	/* without its last */

#define BYTES(array) ((struct span){ array, sizeof(array) })
#define ALG(array) { array, sizeof(array) }

struct scheme {
	const char *name;
	uint8_t method;
	uint8_t form;
	uint8_t hash;
	struct span algid;
};

static const struct scheme schemes[IKE_SCHEMES] = {
	[IKE_SCHEME_NONE] = { "nothing", 0, SCHEME_FORM_NONE, 0, { NULL, 0 } },
	[IKE_SCHEME_PSK] = { "pre-shared key", IKE_AUTH_PSK, SCHEME_FORM_MAC, 0, { NULL, 0 } },
	[IKE_SCHEME_RSA_SHA1] = { "RSA with SHA-1", IKE_AUTH_RSA, SCHEME_FORM_PKCS1, IKE_HASH_SHA1, { NULL, 0 } },
	[IKE_SCHEME_ECDSA_256] = { "ECDSA on P-256", IKE_AUTH_ECDSA_256, SCHEME_FORM_ECDSA_RAW, IKE_HASH_SHA2_256,
				   { NULL, 0 } },
	[IKE_SCHEME_ECDSA_384] = { "ECDSA on P-384", IKE_AUTH_ECDSA_384, SCHEME_FORM_ECDSA_RAW, IKE_HASH_SHA2_384,
				   { NULL, 0 } },
	[IKE_SCHEME_ECDSA_521] = { "ECDSA on P-521", IKE_AUTH_ECDSA_521, SCHEME_FORM_ECDSA_RAW, IKE_HASH_SHA2_512,
				   { NULL, 0 } },
	[IKE_SCHEME_PKCS1_SHA256] = { "RSA (PKCS#1 v1.5) with SHA2-256", IKE_AUTH_SIGNATURE, SCHEME_FORM_PKCS1,
				      IKE_HASH_SHA2_256, ALG(pkcs1_sha256) },
	[IKE_SCHEME_PKCS1_SHA384] = { "RSA (PKCS#1 v1.5) with SHA2-384", IKE_AUTH_SIGNATURE, SCHEME_FORM_PKCS1,
				      IKE_HASH_SHA2_384, ALG(pkcs1_sha384) },
	[IKE_SCHEME_PKCS1_SHA512] = { "RSA (PKCS#1 v1.5) with SHA2-512", IKE_AUTH_SIGNATURE, SCHEME_FORM_PKCS1,
				      IKE_HASH_SHA2_512, ALG(pkcs1_sha512) },
	[IKE_SCHEME_PSS_SHA256] = { "RSA-PSS with SHA2-256", IKE_AUTH_SIGNATURE, SCHEME_FORM_PSS, IKE_HASH_SHA2_256,
				    ALG(pss_sha256) },
	[IKE_SCHEME_PSS_SHA384] = { "RSA-PSS with SHA2-384", IKE_AUTH_SIGNATURE, SCHEME_FORM_PSS, IKE_HASH_SHA2_384,
				    ALG(pss_sha384) },
	[IKE_SCHEME_PSS_SHA512] = { "RSA-PSS with SHA2-512", IKE_AUTH_SIGNATURE, SCHEME_FORM_PSS, IKE_HASH_SHA2_512,
				    ALG(pss_sha512) },
	[IKE_SCHEME_ECDSA_SHA256] = { "ECDSA with SHA2-256", IKE_AUTH_SIGNATURE, SCHEME_FORM_ECDSA,
				      IKE_HASH_SHA2_256, ALG(ecdsa_sha256) },
	[IKE_SCHEME_ECDSA_SHA384] = { "ECDSA with SHA2-384", IKE_AUTH_SIGNATURE, SCHEME_FORM_ECDSA,
				      IKE_HASH_SHA2_384, ALG(ecdsa_sha384) },
	[IKE_SCHEME_ECDSA_SHA512] = { "ECDSA with SHA2-512", IKE_AUTH_SIGNATURE, SCHEME_FORM_ECDSA,
				      IKE_HASH_SHA2_512, ALG(ecdsa_sha512) },
	[IKE_SCHEME_ED25519] = { "Ed25519", IKE_AUTH_SIGNATURE, SCHEME_FORM_PURE, IKE_HASH_IDENTITY, ALG(ed25519) },
};

static const struct scheme *get(enum ike_scheme scheme)
{
	return &schemes[(unsigned int)scheme < IKE_SCHEMES ? scheme : IKE_SCHEME_NONE];
}

enum scheme_form scheme_form(enum ike_scheme scheme)
{
	return get(scheme)->form;
}

enum ike_auth_method scheme_method(enum ike_scheme scheme)
{
	return get(scheme)->method;
}

uint8_t scheme_hash(enum ike_scheme scheme)
{
	return get(scheme)->hash;
}

struct span scheme_algid(enum ike_scheme scheme)
{
	return get(scheme)->algid;
}

const char *scheme_name(enum ike_scheme scheme)
{
	return get(scheme)->name;
}

bool scheme_suits(enum ike_scheme scheme, enum ike_key_kind key)
{
	switch (get(scheme)->form) {
	case SCHEME_FORM_PKCS1:
	case SCHEME_FORM_PSS:
		return key == IKE_KEY_RSA;
	case SCHEME_FORM_ECDSA_RAW:
		return (scheme == IKE_SCHEME_ECDSA_256 && key == IKE_KEY_P256) ||
		       (scheme == IKE_SCHEME_ECDSA_384 && key == IKE_KEY_P384) ||
		       (scheme == IKE_SCHEME_ECDSA_521 && key == IKE_KEY_P521);
	case SCHEME_FORM_ECDSA:
		return key == IKE_KEY_P256 || key == IKE_KEY_P384 || key == IKE_KEY_P521;
	case SCHEME_FORM_PURE:
		return key == IKE_KEY_ED25519;
	default:
		return false;
	}
}

/* ---- on the wire ---- */

void scheme_put(enum ike_scheme scheme, struct span raw, struct wr *out)
{
	struct span algid = scheme_algid(scheme);

	if (algid.len) {
		wr_u8(out, algid.len);
		wr_span(out, algid);
	}
	wr_span(out, raw);
}

/* The contents of the next element of DER, which has to have this tag. AlgorithmIdentifiers here have 255 bytes at most. */
static struct rd der_take(struct rd *rd, uint8_t tag)
{
	size_t len;

	if (rd_u8(rd) != tag)
		rd->bad = true;
	len = rd_u8(rd);
	if (len == 0x81) {
		len = rd_u8(rd);
		/* The short form would have done. */
		rd->bad |= len < 0x80;
	} else {
		rd->bad |= len > 0x80;
	}
	return rd_sub(rd, rd->bad ? SIZE_MAX : len);
}

static bool der_is(struct rd *rd, uint8_t tag, struct span value)
{
	struct rd body = der_take(rd, tag);

	return span_equal(rd_rest(&body), value) && !rd->bad;
}

/* RFC 4055 section 2.1: parameters that are NULL or not there mean the same. */
static bool no_parameters(struct rd *rd)
{
	return rd_done(rd) || (der_is(rd, DER_NULL, (struct span){NULL, 0}) && rd_done(rd));
}

/* An AlgorithmIdentifier of SHA2; 0: another one. */
static uint8_t read_hash(struct rd *rd)
{
	struct rd alg = der_take(rd, DER_SEQUENCE);
	struct rd oid = der_take(&alg, DER_OID);
	struct span stem = rd_span(&oid, sizeof(oid_hash));
	uint8_t last = rd_u8(&oid);

	if (!span_equal(stem, BYTES(oid_hash)) || !rd_done(&oid) || !no_parameters(&alg))
		return 0;
	if (last == HASH_SHA256_LAST)
		return IKE_HASH_SHA2_256;
	if (last == HASH_SHA384_LAST)
		return IKE_HASH_SHA2_384;
	return last == HASH_SHA512_LAST ? IKE_HASH_SHA2_512 : 0;
}

/* RSASSA-PSS-params, RFC 4055 section 3.1: what is left out stands for SHA-1, so all but the trailer has to be there. */
static enum ike_scheme read_pss(struct rd *rd)
{
	struct rd params = der_take(rd, DER_SEQUENCE), field, mgf;
	uint8_t hash, salt;
	unsigned int i;

	field = der_take(&params, DER_FIELD);
	hash = read_hash(&field);
	if (!hash || !rd_done(&field))
		return IKE_SCHEME_NONE;

	field = der_take(&params, DER_FIELD + 1);
	mgf = der_take(&field, DER_SEQUENCE);
	if (!der_is(&mgf, DER_OID, BYTES(oid_mgf1)) || read_hash(&mgf) != hash || !rd_done(&mgf) || !rd_done(&field))
		return IKE_SCHEME_NONE;

	field = der_take(&params, DER_FIELD + 2);
	mgf = der_take(&field, DER_INTEGER);
	salt = rd_u8(&mgf);
	if (!rd_done(&mgf) || !rd_done(&field))
		return IKE_SCHEME_NONE;

	if (params.left) {
		field = der_take(&params, DER_FIELD + 3);
		if (!der_is(&field, DER_INTEGER, (struct span){(const uint8_t[]){1}, 1}) || !rd_done(&field))
			return IKE_SCHEME_NONE;
	}
	if (!rd_done(&params) || !rd_done(rd))
		return IKE_SCHEME_NONE;
	for (i = IKE_SCHEME_PSS_SHA256; i <= IKE_SCHEME_PSS_SHA512; i++)
		if (schemes[i].hash == hash)
			return salt == 32 + 16 * (i - IKE_SCHEME_PSS_SHA256) ? i : IKE_SCHEME_NONE;
	return IKE_SCHEME_NONE;
}

static enum ike_scheme read_algid(struct span bytes)
{
	struct rd all = rd_init(bytes), alg, oid, own;
	struct span name;
	unsigned int i;

	/* All but PSS are what they are, byte by byte; but PKCS#1 may have lost its NULL (RFC 4055 section 5). */
	for (i = IKE_SCHEME_PKCS1_SHA256; i < IKE_SCHEMES; i++)
		if (span_equal(bytes, schemes[i].algid))
			return i;
	alg = der_take(&all, DER_SEQUENCE);
	oid = der_take(&alg, DER_OID);
	name = rd_rest(&oid);
	if (all.bad || alg.bad || !rd_done(&all))
		return IKE_SCHEME_NONE;
	if (span_equal(name, BYTES(oid_pss)))
		return read_pss(&alg);
	for (i = IKE_SCHEME_PKCS1_SHA256; i <= IKE_SCHEME_PKCS1_SHA512; i++) {
		own = rd_init(schemes[i].algid);
		own = der_take(&own, DER_SEQUENCE);
		if (der_is(&own, DER_OID, name))
			return rd_done(&alg) ? i : IKE_SCHEME_NONE;
	}
	return IKE_SCHEME_NONE;
}

static int parse_signature(struct span auth, enum ike_scheme *scheme, struct span *raw, struct why *why)
{
	struct rd rd = rd_init(auth);
	struct span algid = rd_span(&rd, rd_u8(&rd));

	*raw = rd_rest(&rd);
	if (rd.bad || !algid.len || !raw->len)
		return why_set(why, "malformed digital signature: the lengths in it do not agree");
	*scheme = read_algid(algid);
	if (*scheme == IKE_SCHEME_NONE)
		return why_set(why, "a digital signature of a kind that is not supported");
	return 0;
}

int scheme_parse(uint8_t method, struct span auth, enum ike_scheme *scheme, struct span *raw, struct why *why)
{
	unsigned int i;

	*scheme = IKE_SCHEME_NONE;
	if (method == IKE_AUTH_SIGNATURE)
		return parse_signature(auth, scheme, raw, why);
	*raw = auth;
	if (!auth.len)
		return why_set(why, "an empty AUTH payload");
	for (i = IKE_SCHEME_PSK; i < IKE_SCHEME_PKCS1_SHA256; i++) {
		if (schemes[i].method != method)
			continue;
		*scheme = i;
		return 0;
	}
	return why_set(why, "authentication method %u is not supported", method);
}

void scheme_put_hashes(struct wr *out)
{
	for (unsigned int hash = 0; hash < 16; hash++)
		if (SCHEME_HASHES & 1 << hash)
			wr_u16(out, hash);
}

uint16_t scheme_read_hashes(struct span data)
{
	struct rd rd = rd_init(data);
	uint16_t hashes = 0;

	while (!rd.bad && rd.left) {
		uint16_t hash = rd_u16(&rd);

		if (hash < 16)
			hashes |= 1 << hash;
	}
	return rd.bad ? 0 : hashes & SCHEME_HASHES;
}

/* ---- which one ---- */

bool scheme_allowed(uint8_t by, enum ike_scheme scheme)
{
	switch (scheme) {
	case IKE_SCHEME_NONE:
	case IKE_SCHEMES:
		return false;
	case IKE_SCHEME_PSK:
		return by == IKE_BY_PSK;
	case IKE_SCHEME_RSA_SHA1:
		return by == IKE_BY_RSA_SHA1;
	default:
		return by != IKE_BY_PSK;
	}
}

/* The first of three, by SHA2-256, 384 and 512, whose hash the peer takes. */
static enum ike_scheme by_hash(enum ike_scheme first, uint16_t hashes)
{
	for (unsigned int i = 0; i < 3; i++)
		if (hashes & 1 << scheme_hash(first + i))
			return first + i;
	return IKE_SCHEME_NONE;
}

static enum ike_scheme choose_rsa(const struct scheme_wish *wish, struct why *why)
{
	bool pkcs1 = wish->by == IKE_BY_RSA_PKCS1 ||
		     (wish->by == IKE_BY_AUTO && scheme_form(wish->peer) == SCHEME_FORM_PKCS1);
	enum ike_scheme scheme;

	if (wish->by == IKE_BY_RSA_SHA1)
		return IKE_SCHEME_RSA_SHA1;
	if (!wish->announced) {
		why_set(why, "the peer knows RSA only with SHA-1, which is used when AuthMethod = rsa-sha1 says so");
		return IKE_SCHEME_NONE;
	}
	scheme = by_hash(pkcs1 ? IKE_SCHEME_PKCS1_SHA256 : IKE_SCHEME_PSS_SHA256, wish->hashes);
	if (scheme == IKE_SCHEME_NONE)
		why_set(why, "the peer takes signatures with none of SHA2-256, SHA2-384 and SHA2-512");
	return scheme;
}

/* Methods 9 to 11 are older than RFC 7427, and a peer may have these alone. */
static enum ike_scheme choose_ecdsa(const struct scheme_wish *wish)
{
	unsigned int curve = wish->key - IKE_KEY_P256;
	enum ike_scheme scheme = IKE_SCHEME_NONE;

	if (wish->announced && wish->hashes & 1 << scheme_hash(IKE_SCHEME_ECDSA_SHA256 + curve))
		return IKE_SCHEME_ECDSA_SHA256 + curve;
	if (wish->announced)
		scheme = by_hash(IKE_SCHEME_ECDSA_SHA256, wish->hashes);
	return scheme != IKE_SCHEME_NONE ? scheme : IKE_SCHEME_ECDSA_256 + curve;
}

static enum ike_scheme choose_ed25519(const struct scheme_wish *wish, struct why *why)
{
	if (wish->announced && wish->hashes & 1 << IKE_HASH_IDENTITY)
		return IKE_SCHEME_ED25519;
	why_set(why, "the peer does not take Ed25519 signatures (RFC 8420)");
	return IKE_SCHEME_NONE;
}

/* Is our key of the kind that the configuration names? */
static bool key_fits(uint8_t by, uint8_t key)
{
	switch (by) {
	case IKE_BY_AUTO:
		return key != IKE_KEY_NONE;
	case IKE_BY_ECDSA:
		return key >= IKE_KEY_P256 && key <= IKE_KEY_P521;
	case IKE_BY_ED25519:
		return key == IKE_KEY_ED25519;
	default:
		return key == IKE_KEY_RSA;
	}
}

enum ike_scheme scheme_choose(const struct scheme_wish *wish, struct why *why)
{
	if (wish->by == IKE_BY_PSK)
		return IKE_SCHEME_PSK;
	if (!key_fits(wish->by, wish->key)) {
		why_set(why, "our private key is not of the kind that AuthMethod names");
		return IKE_SCHEME_NONE;
	}
	switch (wish->key) {
	case IKE_KEY_RSA:
		return choose_rsa(wish, why);
	case IKE_KEY_ED25519:
		return choose_ed25519(wish, why);
	default:
		return choose_ecdsa(wish);
	}
}
