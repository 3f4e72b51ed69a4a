// SPDX-License-Identifier: GPL-2.0
#include "iked/dns.h"

#include <arpa/nameser.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

enum {
	HEAD_SIZE = 12,
	RECURSE = 0x01,		/* RD, in the third byte */
	RECORDS_MAX = 64,	/* of one answer that are looked at */
};

static uint16_t type_of(const struct dns_question *question)
{
	return question->addr_len == 4 ? ns_t_a : ns_t_aaaa;
}

int dns_ask(const struct dns_question *question, uint8_t out[DNS_QUESTION_MAX])
{
	uint8_t *at = out + HEAD_SIZE;
	int len;

	memset(out, 0, HEAD_SIZE);
	out[0] = question->id >> 8;
	out[1] = question->id;
	out[2] = RECURSE;
	out[5] = 1;		/* questions */
	len = ns_name_compress(question->name, at, DNS_QUESTION_MAX - HEAD_SIZE - 4, NULL, NULL);
	if (len < 0)
		return -EINVAL;
	at += len;
	*at++ = 0;
	*at++ = type_of(question);
	*at++ = 0;
	*at++ = ns_c_in;
	return at - out;
}

/* It repeats our question; whoever cannot see that has to guess all of it. */
static bool repeats(ns_msg *msg, const struct dns_question *question)
{
	ns_rr rr;

	return ns_msg_id(*msg) == question->id && ns_msg_getflag(*msg, ns_f_qr) &&
	       ns_msg_getflag(*msg, ns_f_opcode) == ns_o_query && ns_msg_count(*msg, ns_s_qd) == 1 &&
	       !ns_parserr(msg, ns_s_qd, 0, &rr) && ns_rr_type(rr) == type_of(question) &&
	       ns_rr_class(rr) == ns_c_in && !strcasecmp(ns_rr_name(rr), question->name);
}

static void take_addr(const ns_rr *rr, uint8_t len, struct dns_answer *out)
{
	struct ip_addr *addr = &out->addrs[out->count];

	if (out->count == DNS_ADDRESSES_MAX || ns_rr_rdlen(*rr) != len)
		return;
	memset(addr, 0, sizeof(*addr));
	addr->len = len;
	memcpy(addr->bytes, ns_rr_rdata(*rr), len);
	out->count++;
}

/* Aliases come before what they stand for: only what belongs to the name asked for, or to its alias, counts. */
int dns_read(struct span bytes, const struct dns_question *question, struct dns_answer *out)
{
	char name[NS_MAXDNAME];
	ns_msg msg;
	ns_rr rr;
	int i;

	memset(out, 0, sizeof(*out));
	if (bytes.len > DNS_ANSWER_MAX || ns_initparse(bytes.at, bytes.len, &msg) || !repeats(&msg, question))
		return -EBADMSG;
	out->code = ns_msg_getflag(msg, ns_f_rcode);
	out->ttl = UINT32_MAX;
	strncpy(name, question->name, sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (i = 0; !out->code && i < ns_msg_count(msg, ns_s_an) && i < RECORDS_MAX; i++) {
		if (ns_parserr(&msg, ns_s_an, i, &rr))
			return -EBADMSG;
		if (ns_rr_class(rr) != ns_c_in || strcasecmp(ns_rr_name(rr), name))
			continue;
		if (ns_rr_type(rr) == type_of(question))
			take_addr(&rr, question->addr_len, out);
		else if (ns_rr_type(rr) != ns_t_cname)
			continue;
		else if (ns_name_uncompress(bytes.at, bytes.at + bytes.len, ns_rr_rdata(rr), name, sizeof(name)) < 0)
			return -EBADMSG;
		if (ns_rr_ttl(rr) < out->ttl)
			out->ttl = ns_rr_ttl(rr);
	}
	return 0;
}
