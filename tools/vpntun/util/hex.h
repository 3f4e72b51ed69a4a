/* SPDX-License-Identifier: GPL-2.0 */
#ifndef UTIL_HEX_H
#define UTIL_HEX_H

#include <stddef.h>
#include <stdint.h>

#include "util/why.h"

/*
 * Decodes @digits characters of hex into @out, at most @size bytes; returns
 * the number of bytes or -EINVAL. The text may be a key, so @why never quotes
 * it. On failure @out holds nothing of it.
 */
int hex_decode(const char *text, size_t digits, uint8_t *out, size_t size,
	       struct why *why);

#endif /* UTIL_HEX_H */
