/* SPDX-License-Identifier: GPL-2.0 */
#ifndef UTIL_NAME_H
#define UTIL_NAME_H

#include <stddef.h>

#include "util/why.h"

enum {
	IFACE_NAME_SIZE = 16,	/* bytes with the final zero, as IFNAMSIZ */
	TUNNEL_NAME_SIZE = 32,
};

/*
 * Is @text fit for a name in a buffer of @size bytes? Letters, digits and
 * punctuation that no shell, terminal or report trips over.
 */
int name_check(const char *text, size_t size, struct why *why);

/* Index of the network device called @text, 0 for "none"; see util/addr.h. */
int device_parse(const char *text, void *out, struct why *why);	/* uint32_t */

/* Copies @len bytes that another program chose; what is not printable turns into '?'. */
void name_copy(char *out, size_t size, const char *bytes, size_t len);

#endif /* UTIL_NAME_H */
