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
int choice_u8_parse(const char *text, const char *const *names, size_t count,
		    uint8_t *out, struct why *why);

enum {
	DSCP_COPY = 255,	/* "copy": as in the inner packet */
	MSS_OFF = 0,
	MSS_ON = 1,		/* by the tunnel's MTU; more are bytes */
};

/* Value parsers, of the shape that util/addr.h describes. */
int u32_parse(const char *text, void *out, struct why *why);	/* uint32_t */
int port_parse(const char *text, void *out, struct why *why);	/* uint16_t, 1 to 65535 */
int spi_parse(const char *text, void *out, struct why *why);	/* uint32_t, decimal or 0x, from 256 */
int mark_parse(const char *text, void *out, struct why *why);	/* uint32_t, decimal or 0x */
int window_parse(const char *text, void *out, struct why *why);	/* uint32_t, 64 to 8192 packets */
int onoff_parse(const char *text, void *out, struct why *why);	/* uint8_t, "on": 1, "off": 0 */
int dscp_parse(const char *text, void *out, struct why *why);	/* uint8_t, 0 to 63 or "copy" */
int ttl_parse(const char *text, void *out, struct why *why);	/* uint8_t, 1 to 255 */
int mss_parse(const char *text, void *out, struct why *why);	/* uint32_t, "off", "on" or 88 to 65495 bytes */
int mtu_parse(const char *text, void *out, struct why *why);	/* uint32_t, 68 to 65535 bytes or "auto": 0 */
int keepalive_parse(const char *text, void *out, struct why *why); /* uint32_t, 0 to 3600 s or "off": 0 */
int interval_parse(const char *text, void *out, struct why *why); /* uint32_t, 100 to 3600000 ms */
int misses_parse(const char *text, void *out, struct why *why);	/* uint32_t, 1 to 100 */
int life_parse(const char *text, void *out, struct why *why);	/* uint64_t, from 1 */
int life_bytes_parse(const char *text, void *out, struct why *why); /* the same, K, M, G or T behind it */
int life_time_parse(const char *text, void *out, struct why *why); /* uint32_t, 1 to 31536000 s */
int linger_parse(const char *text, void *out, struct why *why);	/* uint32_t, 0 to 60 s */
int wait_parse(const char *text, void *out, struct why *why);	/* uint32_t, 0 to 86400 s */

#endif /* UTIL_NUM_H */
