/* SPDX-License-Identifier: GPL-2.0 */
#ifndef UTIL_BASE64_H
#define UTIL_BASE64_H

#include <stddef.h>
#include <stdint.h>

#include "util/why.h"

/*
 * Decodes @len characters of base64 (RFC 4648 section 4, padded) into @out, at
 * most @size bytes; returns the number of bytes or -EINVAL. The text may be a
 * key, so @why never quotes it. On failure @out holds nothing of it.
 */
int base64_decode(const char *text, size_t len, uint8_t *out, size_t size, struct why *why);

#endif /* UTIL_BASE64_H */
