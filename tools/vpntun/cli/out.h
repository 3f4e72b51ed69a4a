/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Enough for any of the texts below. */
enum { OUT_TEXT_MAX = 64 };

/* Where text goes, and whether it may be coloured. */
struct out {
	FILE *to;
	bool colour;
};

/* Colours are for terminals whose user does not object (NO_COLOR). */
bool out_wants_colour(void);

/* Prints a word in green or red, or plainly. */
void out_paint(const struct out *out, bool good, const char *word);
void out_bold(const struct out *out, const char *word);

/* These fill @text and return it: "1.21 GiB", "2h 5m". */
const char *out_bytes(uint64_t bytes, char text[OUT_TEXT_MAX]);
const char *out_duration(uint64_t ms, char text[OUT_TEXT_MAX]);

/* The time now: "2026-11-21 01:23:45.678" as on the wall, or in UTC for JSON. */
const char *out_time(char text[OUT_TEXT_MAX]);
const char *out_time_utc(char text[OUT_TEXT_MAX]);

/* The device of this index, as far as this network namespace knows it: "eth0", or "if7". */
const char *out_device(uint32_t ifindex, char text[OUT_TEXT_MAX]);

/* Why a tunnel is down (enum vgw_reason), in words for people. */
const char *out_reason(unsigned int reason);

/* A text; what in it is no UTF-8, as names of files may be, is a question mark, for JSON knows nothing else. NULL: no memory. */
json_t *out_json_text(const char *text);
/* The same, but null for an empty one. */
json_t *out_json_text_or_null(const char *text);

/* A number that JSON libraries of signed numbers can hold, too. */
json_t *out_json_u64(uint64_t number);
/* Milliseconds as seconds with a fraction. */
json_t *out_json_seconds(uint64_t ms);

/* Prints and frees @root, over many lines or on one; false if it is NULL. */
bool out_json(json_t *root, bool pretty);

#endif /* CLI_OUT_H */
