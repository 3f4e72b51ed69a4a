/* SPDX-License-Identifier: GPL-2.0 */
#ifndef UNIT_BYTES_H
#define UNIT_BYTES_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "ike/buf.h"

/* Bytes from hex, for test vectors. */
struct bytes {
	size_t len;
	uint8_t at[1200];
};

static inline struct bytes unhex(const char *hex)
{
	struct bytes bytes = { 0 };
	unsigned int byte;

	for (; *hex && bytes.len < sizeof(bytes.at) && sscanf(hex, "%2x", &byte) == 1; hex += 2)
		bytes.at[bytes.len++] = (uint8_t)byte;
	return bytes;
}

static inline struct span bytes_span(const struct bytes *bytes)
{
	return (struct span){bytes->at, bytes->len};
}

static inline struct span text_span(const char *text)
{
	return (struct span){(const uint8_t *)text, strlen(text)};
}

/* Fails the test unless @at holds what @hex says. */
#define assert_hex(at_, len_, hex_)							\
	do {										\
		struct bytes expected_ = unhex(hex_);					\
		assert_int_equal(len_, expected_.len);					\
		if (expected_.len)							\
			assert_memory_equal(at_, expected_.at, expected_.len);		\
	} while (0)

#endif /* UNIT_BYTES_H */
