// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/conf/parse.c tools/vpntun/conf/check.c tools/vpntun/conf/lex.c tools/vpntun/conf/keys.c */
/* sources: tools/vpntun/conf/value.c tools/vpntun/conf/defaults.c tools/vpntun/conf/report.c */
/* sources: tools/vpntun/iked/policy.c tools/vpntun/ike/prop.c tools/vpntun/ike/propname.c tools/vpntun/ike/ident.c tools/vpntun/ike/dn.c */
/* sources: tools/vpntun/ike/ts.c tools/vpntun/ike/buf.c tools/vpntun/util/addr.c tools/vpntun/util/hex.c */
/* sources: tools/vpntun/util/name.c tools/vpntun/util/nearest.c tools/vpntun/util/num.c */
/* sources: tools/vpntun/util/text.c tools/vpntun/util/why.c */
/* sources: tools/vpntun/conf/inside.c tools/vpntun/util/prefix.c */
/* libs: libcrypto */
/* words: tools/vpntun/conf/keys.c tools/vpntun/conf/value.c tools/vpntun/ike/propname.c tools/vpntun/ike/ident.c */
/*
 * A configuration file, and the policies of its tunnels: whatever it holds is either right or refused with a sentence,
 * and what is told is fit for a terminal.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "iked/policy.h"

static void hear(void *ctx, bool fault, const char *line)
{
	unsigned int *told = ctx;
	const char *c;

	*told += fault;
	for (c = line; *c; c++)
		if (*c < ' ' || *c > '~')
			abort();
	if (strncmp(line, "etc/fuzz.conf:", 14))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int told = 0;
	struct conf_report report = { .say = hear, .ctx = &told };
	struct ike_policy policy;
	struct conf conf;
	struct why why;
	size_t i;

	if (conf_parse("etc/fuzz.conf", (const char *)data, size, &conf, &report)) {
		/* A refusal is never silent, and leaves nothing. */
		if (!told || conf.tunnels)
			abort();
		return 0;
	}
	if (told || !conf.n_tunnels || !conf.ifname[0])
		abort();
	if (!conf_check(&conf, &report) != !told)
		abort();
	for (i = 0; i < conf.n_tunnels; i++)
		if (policy_make(&conf, &conf.tunnels[i], &policy, &why) && !why.text[0])
			abort();
	conf_free(&conf);
	return 0;
}
