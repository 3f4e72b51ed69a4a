/* SPDX-License-Identifier: GPL-2.0 */
#ifndef UTIL_ADDR_H
#define UTIL_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/why.h"

struct ip_addr {
	uint8_t len;		/* 4, 16, or 0: no address */
	uint8_t bytes[16];	/* network byte order */
};

struct ip_prefix {
	struct ip_addr addr;	/* host bits are zero */
	uint8_t length;		/* bits */
};

struct ip_prefixes {
	struct ip_prefix *list;	/* on the heap */
	size_t count;
};

/* Enough for an address, a prefix, or "[address]:port". */
enum { ADDR_TEXT_MAX = INET6_ADDRSTRLEN + sizeof("[]:65535") };

/*
 * Value parsers. They all have one shape, so that a table of keywords, of the
 * command line or of a configuration file, can name them. @out is what the
 * comment says; on failure it is left alone, @why tells the reason and the
 * result is -EINVAL.
 */
int addr_parse(const char *text, void *out, struct why *why);	   /* struct ip_addr */
int addr_parse_auto(const char *text, void *out, struct why *why); /* the same, or "auto": len 0 */
int addr_parse_none(const char *text, void *out, struct why *why); /* the same, or "none": len 0 */
int addr_parse_off(const char *text, void *out, struct why *why);  /* the same, or "off": len 0 */
int prefix_parse(const char *text, void *out, struct why *why);	   /* struct ip_prefix */
int prefixes_parse(const char *text, void *out, struct why *why);  /* struct ip_prefixes: P,P.. or "none" */
int selectors_parse(const char *text, void *out, struct why *why); /* the same, or "any" or nothing: none */

void prefixes_free(struct ip_prefixes *prefixes);

bool addr_is_zero(const struct ip_addr *addr);
bool addr_equal(const struct ip_addr *a, const struct ip_addr *b);
bool prefix_equal(const struct ip_prefix *a, const struct ip_prefix *b);

/* These fill @text and return it, for use within a call of printf. */
const char *addr_text(const struct ip_addr *addr, char text[ADDR_TEXT_MAX]);
const char *addr_port_text(const struct ip_addr *addr, uint16_t port,
			   char text[ADDR_TEXT_MAX]);
const char *prefix_text(const struct ip_prefix *prefix, char text[ADDR_TEXT_MAX]);

#endif /* UTIL_ADDR_H */
