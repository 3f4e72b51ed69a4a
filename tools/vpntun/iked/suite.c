// SPDX-License-Identifier: GPL-2.0
#include "iked/suite.h"

#include <stddef.h>

struct row {
	uint16_t encr, key_bits, integ;
	enum vgw_suite suite;
};

#define GCM(id, name)								\
	{ id, 128, IKE_INTEG_NONE, VGW_SUITE_AES128##name },			\
	{ id, 192, IKE_INTEG_NONE, VGW_SUITE_AES192##name },			\
	{ id, 256, IKE_INTEG_NONE, VGW_SUITE_AES256##name }

#define CBC(id, name)								\
	{ IKE_ENCR_AES_CBC, 128, id, VGW_SUITE_AES128_##name },			\
	{ IKE_ENCR_AES_CBC, 192, id, VGW_SUITE_AES192_##name },			\
	{ IKE_ENCR_AES_CBC, 256, id, VGW_SUITE_AES256_##name }

static const struct row rows[] = {
	GCM(IKE_ENCR_AES_GCM_16, GCM16),
	GCM(IKE_ENCR_AES_GCM_12, GCM12),
	GCM(IKE_ENCR_AES_GCM_8, GCM8),
	GCM(IKE_ENCR_AES_GMAC, GMAC),
	{ IKE_ENCR_CHACHA20_POLY1305, 0, IKE_INTEG_NONE, VGW_SUITE_CHACHA20POLY1305 },
	CBC(IKE_INTEG_HMAC_SHA1_96, SHA1),
	CBC(IKE_INTEG_HMAC_SHA2_256_128, SHA256),
	CBC(IKE_INTEG_HMAC_SHA2_384_192, SHA384),
	CBC(IKE_INTEG_HMAC_SHA2_512_256, SHA512),
	{ IKE_ENCR_NULL, 0, IKE_INTEG_HMAC_SHA2_256_128, VGW_SUITE_NULL_SHA256 },
	{ IKE_ENCR_NULL, 0, IKE_INTEG_HMAC_SHA2_384_192, VGW_SUITE_NULL_SHA384 },
	{ IKE_ENCR_NULL, 0, IKE_INTEG_HMAC_SHA2_512_256, VGW_SUITE_NULL_SHA512 },
};

uint32_t suite_of(const struct ike_suite *suite)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].encr == suite->encr && rows[i].key_bits == suite->key_bits &&
		    rows[i].integ == suite->integ)
			return rows[i].suite;
	return 0;
}
