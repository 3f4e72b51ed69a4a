// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/iked/trust.c tools/vpntun/ike/certid.c tools/vpntun/ike/dn.c tools/vpntun/ike/ident.c */
/* sources: tools/vpntun/ike/sign.c tools/vpntun/ike/scheme.c tools/vpntun/ike/buf.c tools/vpntun/util/when.c */
/* sources: tools/vpntun/util/addr.c tools/vpntun/util/hex.c tools/vpntun/util/num.c tools/vpntun/util/nearest.c */
/* sources: tools/vpntun/util/text.c tools/vpntun/util/why.c */
/* libs: libcrypto */
/*
 * Certificates of a peer that is not to be trusted. The input: identity (type, length, bytes), scheme, signature (length,
 * bytes), what is trusted (length of two bytes, and as trust.h has it), number of certificates, their sizes of two bytes
 * each, and they themselves. Whoever is refused is refused with a sentence fit for a log.
 */
#include <stdlib.h>
#include <string.h>

#include "iked/trust.h"

enum { POLICY = 1, NOW = 1800000000 };

static void take(struct rd *rd, void *out, size_t size, size_t len)
{
	struct span bytes = rd_span(rd, len < size ? len : size);

	if (bytes.len)
		memcpy(out, bytes.at, bytes.len);
}

static void check_sentence(const char *text)
{
	if (!*text)
		abort();
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			abort();
}

static void read_job(struct rd *rd, struct ike_act_cert *job)
{
	size_t i;

	job->policy = POLICY;
	job->chain.count = rd_u8(rd);
	for (i = 0; i < job->chain.count && i < IKE_CERTS_MAX; i++)
		job->chain.sizes[i] = rd_u16(rd);
	take(rd, job->chain.bytes, sizeof(job->chain.bytes), rd->left);
	job->len = 4;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ike_act_cert *job = calloc(1, sizeof(*job));
	struct rd rd = rd_init((struct span){ data, size });
	struct trusts *trusts = trusts_create();
	struct why why = { "" };

	if (!job || !trusts)
		abort();
	job->id.type = rd_u8(&rd);
	job->id.len = rd_u8(&rd);
	take(&rd, job->id.bytes, sizeof(job->id.bytes), job->id.len);
	job->scheme = rd_u8(&rd);
	job->auth_len = rd_u8(&rd);
	take(&rd, job->auth, sizeof(job->auth), job->auth_len);
	if (!trust_set(trusts, POLICY, rd_span(&rd, rd_u16(&rd)), &why)) {
		read_job(&rd, job);
		if (!trust_verify(trusts, job, NOW, &why))
			check_sentence(why.text);
	}
	trusts_free(trusts);
	free(job);
	return 0;
}
