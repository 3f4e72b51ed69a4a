/* SPDX-License-Identifier: GPL-2.0 */
#ifndef UTIL_NUM_H
#define UTIL_NUM_H

#include <stddef.h>
#include <stdint.h>

#include "util/why.h"

/*
 * A whole decimal number, digits only: no sign, no blank, nothing after it.
 * Fails if it is not within @min..@max.
 */
int num_parse(const char *text, uint64_t min, uint64_t max, uint64_t *out,
	      struct why *why);

/*
 * Index of @text in @names, an array of @count words in which a hole is NULL;
 * an unknown word is an error that tells the nearest one.
 */
int choice_parse(const char *text, const char *const *names, size_t count,
		 unsigned int *out, struct why *why);

/* Value parsers, of the shape that util/addr.h describes. */
int u32_parse(const char *text, void *out, struct why *why);	/* uint32_t */
int u64_parse(const char *text, void *out, struct why *why);	/* uint64_t */
int port_parse(const char *text, void *out, struct why *why);	/* uint16_t, 1 to 65535 */
int spi_parse(const char *text, void *out, struct why *why);	/* uint32_t, decimal or 0x, from 256 */
int window_parse(const char *text, void *out, struct why *why);	/* uint32_t, 64 to 8192 packets */
int onoff_parse(const char *text, void *out, struct why *why);	/* uint8_t, "on": 1, "off": 0 */

#endif /* UTIL_NUM_H */
