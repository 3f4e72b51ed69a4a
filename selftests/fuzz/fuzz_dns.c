// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/iked/dns.c */
/* link: -lresolv */
/*
 * What a name server says. First byte: the family that was asked for. The seeds have the number of our question: without
 * it nothing would get any further.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "iked/dns.h"

static volatile size_t sink;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_question question = { "vpn.example.com", 0x1234, 4 };
	struct dns_answer answer;
	uint8_t *copy;
	unsigned int i;

	if (!size)
		return 0;
	question.addr_len = data[0] & 1 ? 16 : 4;
	/* As large as what came: what is read beyond shows. */
	copy = malloc(size - 1 ? size - 1 : 1);
	if (!copy)
		return 0;
	memcpy(copy, data + 1, size - 1);
	if (!dns_read((struct span){ copy, size - 1 }, &question, &answer)) {
		if (answer.count > DNS_ADDRESSES_MAX)
			abort();
		for (i = 0; i < answer.count; i++)
			sink += answer.addrs[i].bytes[answer.addrs[i].len - 1];
	}
	free(copy);
	return 0;
}
