// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "ike/crypt.h"
#include "ike/keymat.h"
#include "util/wipe.h"

/* SK_d, SK_pi, SK_pr and two of each cipher's; more than the four keys of a Child SA. */
enum { MATERIAL_MAX = 7 * IKE_KEY_MAX };

static size_t encr_len(const struct ike_suite *suite)
{
	return encr_key_size(suite->encr, suite->key_bits);
}

static size_t integ_len(const struct ike_suite *suite)
{
	return integ_key_size(suite->integ);
}

/* A cipher known here, and something that authenticates: either itself or an integrity algorithm. */
static bool suite_keyed(const struct ike_suite *suite)
{
	if (!encr_known(suite->encr, suite->key_bits))
		return false;
	return encr_is_aead(suite->encr) ? suite->integ == IKE_INTEG_NONE : integ_len(suite) > 0;
}

/* The next @len bytes. */
static void take(struct rd *material, size_t len, struct ike_key *key)
{
	struct span bytes = rd_span(material, len);

	key->len = (uint8_t)bytes.len;
	if (bytes.len)
		memcpy(key->bytes, bytes.at, bytes.len);
}

/* {SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr} = prf+(SKEYSEED, Ni | Nr | SPIi | SPIr) */
static int expand(struct span skeyseed, const struct ike_nonces *nonces, uint64_t spi_i, uint64_t spi_r,
		  struct ike_keys *out)
{
	size_t prf_len = prf_size(out->suite.prf), integ = integ_len(&out->suite), encr = encr_len(&out->suite);
	uint8_t material[MATERIAL_MAX], spis[16];
	struct wr spi_wr = wr_init(spis, sizeof(spis));
	size_t len = 3 * prf_len + 2 * integ + 2 * encr;
	struct rd rd = rd_init((struct span){material, len});
	int err;

	wr_u64(&spi_wr, spi_i);
	wr_u64(&spi_wr, spi_r);
	err = crypt_prf_plus(out->suite.prf, skeyseed,
			     (const struct span[]){nonces->i, nonces->r, {spis, sizeof(spis)}}, 3, material, len);
	if (!err) {
		take(&rd, prf_len, &out->d);
		take(&rd, integ, &out->ai);
		take(&rd, integ, &out->ar);
		take(&rd, encr, &out->ei);
		take(&rd, encr, &out->er);
		take(&rd, prf_len, &out->pi);
		take(&rd, prf_len, &out->pr);
	}
	wipe(&material);
	return err;
}

static int check(const struct ike_suite *suite, const struct ike_nonces *nonces)
{
	if (!prf_size(suite->prf) || !suite_keyed(suite))
		return -EOPNOTSUPP;
	return nonces->i.len > IKE_NONCE_MAX || nonces->r.len > IKE_NONCE_MAX ? -EINVAL : 0;
}

int keymat_ike(const struct ike_suite *suite, struct span shared, const struct ike_nonces *nonces,
	       uint64_t spi_i, uint64_t spi_r, struct ike_keys *out)
{
	uint8_t both[2 * IKE_NONCE_MAX], skeyseed[IKE_KEY_MAX];
	struct wr key = wr_init(both, sizeof(both));
	int err = check(suite, nonces);

	memset(out, 0, sizeof(*out));
	if (err)
		return err;
	out->suite = *suite;
	wr_span(&key, nonces->i);
	wr_span(&key, nonces->r);
	err = crypt_prf(suite->prf, wr_done(&key), &shared, 1, skeyseed);
	if (!err)
		err = expand((struct span){skeyseed, prf_size(suite->prf)}, nonces, spi_i, spi_r, out);
	wipe(&skeyseed);
	if (err)
		wipe(out);
	return err;
}

int keymat_rekey(const struct ike_keys *old, const struct ike_suite *suite, struct span shared,
		 const struct ike_nonces *nonces, uint64_t spi_i, uint64_t spi_r, struct ike_keys *out)
{
	uint8_t skeyseed[IKE_KEY_MAX];
	int err = check(suite, nonces);

	memset(out, 0, sizeof(*out));
	if (err)
		return err;
	out->suite = *suite;
	/* Section 2.18: SKEYSEED by the old SA's PRF, the keys from it by the new one's. */
	err = crypt_prf(old->suite.prf, key_span(&old->d),
			(const struct span[]){shared, nonces->i, nonces->r}, 3, skeyseed);
	if (!err)
		err = expand((struct span){skeyseed, prf_size(old->suite.prf)}, nonces, spi_i, spi_r, out);
	wipe(&skeyseed);
	if (err)
		wipe(out);
	return err;
}

/* All of the initiator's direction first; in each the encryption key, then the integrity key. */
int keymat_child(const struct ike_keys *ike, const struct ike_suite *esp, struct span shared,
		 const struct ike_nonces *nonces, struct child_keys *i, struct child_keys *r)
{
	uint8_t material[MATERIAL_MAX];
	size_t len = 2 * (encr_len(esp) + integ_len(esp));
	struct rd rd = rd_init((struct span){material, len});
	int err;

	wipe(i);
	wipe(r);
	if (!suite_keyed(esp))
		return -EOPNOTSUPP;
	err = crypt_prf_plus(ike->suite.prf, key_span(&ike->d),
			     (const struct span[]){shared, nonces->i, nonces->r}, 3, material, len);
	if (!err) {
		take(&rd, encr_len(esp), &i->encr);
		take(&rd, integ_len(esp), &i->integ);
		take(&rd, encr_len(esp), &r->encr);
		take(&rd, integ_len(esp), &r->integ);
	}
	wipe(&material);
	return err;
}
