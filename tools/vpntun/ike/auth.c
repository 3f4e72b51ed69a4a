// SPDX-License-Identifier: GPL-2.0

#include <errno.h>

#include "ike/auth.h"
#include "ike/crypt.h"
#include "util/wipe.h"

static const char key_pad[] = "Key Pad for IKEv2";	/* section 2.15; without its NUL */

int auth_octets(const struct auth_parts *parts, struct wr *out)
{
	uint8_t maced[IKE_KEY_MAX];
	int err;

	err = crypt_prf(parts->prf, key_span(parts->key), &parts->ident_body, 1, maced);
	if (err)
		return err;
	wr_span(out, parts->message);
	wr_span(out, parts->nonce);
	wr_span(out, (struct span){maced, prf_size(parts->prf)});
	wipe(&maced);
	return out->bad ? -EMSGSIZE : 0;
}

int auth_psk(uint16_t prf, struct span psk, struct span octets, uint8_t *out)
{
	const struct span pad = {(const uint8_t *)key_pad, sizeof(key_pad) - 1};
	uint8_t key[IKE_KEY_MAX];
	int err;

	err = crypt_prf(prf, psk, &pad, 1, key);
	if (!err)
		err = crypt_prf(prf, (struct span){key, prf_size(prf)}, &octets, 1, out);
	wipe(&key);
	return err;
}
