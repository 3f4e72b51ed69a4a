/* SPDX-License-Identifier: GPL-2.0 */
#ifndef UNIT_VALUES_H
#define UNIT_VALUES_H

#include "util/addr.h"

/* Values as a test writes them; what cannot be read fails the test. Include cmocka.h first. */
static inline struct ip_addr addr(const char *text)
{
	struct ip_addr out;
	struct why why;

	assert_int_equal(addr_parse(text, &out, &why), 0);
	return out;
}

static inline struct ip_prefix prefix(const char *text)
{
	struct ip_prefix out;
	struct why why;

	assert_int_equal(prefix_parse(text, &out, &why), 0);
	return out;
}

/* The caller frees the list. */
static inline struct ip_prefixes prefixes(const char *text)
{
	struct ip_prefixes out;
	struct why why;

	assert_int_equal(prefixes_parse(text, &out, &why), 0);
	return out;
}

#endif /* UNIT_VALUES_H */
