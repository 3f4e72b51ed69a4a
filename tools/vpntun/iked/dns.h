/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_DNS_H
#define IKED_DNS_H

#include <stddef.h>
#include <stdint.h>

#include "ike/buf.h"
#include "util/addr.h"

/*
 * Questions to a name server for the addresses of a host, and its answers, RFC 1035 and RFC 3596. The C library takes
 * the messages apart; nothing here asks anybody.
 */
enum { DNS_QUESTION_MAX = 512, DNS_ANSWER_MAX = 4096, DNS_ADDRESSES_MAX = 8 };
enum { DNS_GOOD = 0, DNS_NO_NAME = 3 };	/* RFC 1035 section 4.1.1, the rest is a fault of the server */

struct dns_question {
	const char *name;
	uint16_t id;
	uint8_t addr_len;	/* 4: A, 16: AAAA */
};

struct dns_answer {
	uint8_t code;		/* DNS_GOOD, .. */
	uint8_t count;
	uint32_t ttl;		/* seconds: of what lives shortest */
	struct ip_addr addrs[DNS_ADDRESSES_MAX];
};

/* Its length, or -EINVAL: no such name can be. */
int dns_ask(const struct dns_question *question, uint8_t out[DNS_QUESTION_MAX]);

/* 0, or -EBADMSG: it is no answer to this question, or cannot be read. */
int dns_read(struct span bytes, const struct dns_question *question, struct dns_answer *out);

#endif /* IKED_DNS_H */
