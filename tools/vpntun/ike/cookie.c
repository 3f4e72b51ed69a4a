// SPDX-License-Identifier: GPL-2.0
#include "ike/cookie.h"

#include <errno.h>
#include <string.h>

enum { SECRET_MS = 60000 };

static int renew(struct ike *ike)
{
	if (ike->cookie_at && ike->now - ike->cookie_at < SECRET_MS)
		return 0;
	memcpy(ike->cookie_secret[1], ike->cookie_secret[0], COOKIE_SECRET_SIZE);
	if (ike->set.random(ike->set.random_ctx, ike->cookie_secret[0], COOKIE_SECRET_SIZE))
		return -EIO;
	/* The first one has no forerunner but zeroes, which everybody knows. */
	if (!ike->cookie_at)
		memcpy(ike->cookie_secret[1], ike->cookie_secret[0], COOKIE_SECRET_SIZE);
	ike->cookie_at = ike->now ? ike->now : 1;
	return 0;
}

static int compute(const uint8_t *secret, const struct ike_in *in, uint8_t out[COOKIE_SIZE])
{
	const struct ip_addr *from = &in->path->remote;
	const struct span parts[] = {
		in->msg->nonce,
		{from->bytes, from->len},
		SPAN(&in->path->remote_port),
		SPAN(&in->hdr->spi_i),
	};

	return crypt_prf(IKE_PRF_HMAC_SHA2_256, (struct span){secret, COOKIE_SECRET_SIZE}, parts,
			 sizeof(parts) / sizeof(parts[0]), out);
}

int cookie_make(struct ike *ike, const struct ike_in *in, uint8_t out[COOKIE_SIZE])
{
	int err = renew(ike);

	return err ? err : compute(ike->cookie_secret[0], in, out);
}

bool cookie_good(struct ike *ike, const struct ike_in *in)
{
	const struct ike_notify_pld *got = msg_notify(in->msg, IKE_N_COOKIE);
	uint8_t expected[COOKIE_SIZE];

	if (!got || renew(ike))
		return false;
	for (int i = 0; i < 2; i++)
		if (!compute(ike->cookie_secret[i], in, expected) &&
		    span_equal_secret(got->data, (struct span){expected, sizeof(expected)}))
			return true;
	return false;
}
