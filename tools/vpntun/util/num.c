// SPDX-License-Identifier: GPL-2.0
#include "util/num.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "util/nearest.h"

enum {
	SPI_MIN = 256,		/* below are reserved (RFC 4303 section 2.1) */
	WINDOW_MIN = 64,	/* packets; the kernel has the same limits */
	WINDOW_MAX = 8192,
};

static int hex_digit(char c)
{
	return isxdigit((unsigned char)c);
}

static int dec_digit(char c)
{
	return isdigit((unsigned char)c);
}

/* strtoull() would let pass blanks, a sign, and what follows the number. */
static int digits_parse(const char *text, int base, uint64_t *out)
{
	int (*is_digit)(char c) = base == 16 ? hex_digit : dec_digit;
	const char *c;

	for (c = text; *c; c++)
		if (!is_digit(*c))
			return -EINVAL;
	if (c == text)
		return -EINVAL;

	errno = 0;
	*out = strtoull(text, NULL, base);
	return -errno;
}

static int range_check(const char *text, uint64_t value, uint64_t min,
		       uint64_t max, struct why *why)
{
	if (value >= min && value <= max)
		return 0;
	return why_set(why, "'%s' is not within %" PRIu64 " to %" PRIu64, text,
		       min, max);
}

int num_parse(const char *text, uint64_t min, uint64_t max, uint64_t *out,
	      struct why *why)
{
	uint64_t value = 0;

	switch (digits_parse(text, 10, &value)) {
	case 0:
		break;
	case -ERANGE:
		value = UINT64_MAX;
		break;
	default:
		return why_set(why, "'%s' is not a whole number", text);
	}

	if (range_check(text, value, min, max, why))
		return -EINVAL;
	*out = value;
	return 0;
}

int choice_parse(const char *text, const char *const *names, size_t count,
		 unsigned int *out, struct why *why)
{
	struct nearest nearest;
	size_t i;

	nearest_init(&nearest, text);
	for (i = 0; i < count; i++) {
		if (!names[i])
			continue;
		if (!strcmp(text, names[i])) {
			*out = i;
			return 0;
		}
		nearest_offer(&nearest, names[i]);
	}
	return nearest_why(&nearest, "value", why);
}

int u32_parse(const char *text, void *out, struct why *why)
{
	uint32_t *number = out;
	uint64_t value = 0;

	if (num_parse(text, 0, UINT32_MAX, &value, why))
		return -EINVAL;
	*number = value;
	return 0;
}

int u64_parse(const char *text, void *out, struct why *why)
{
	return num_parse(text, 0, UINT64_MAX, out, why) ? -EINVAL : 0;
}

int port_parse(const char *text, void *out, struct why *why)
{
	uint16_t *port = out;
	uint64_t value = 0;

	if (num_parse(text, 1, UINT16_MAX, &value, why))
		return -EINVAL;
	*port = value;
	return 0;
}

int spi_parse(const char *text, void *out, struct why *why)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	uint32_t *spi = out;
	uint64_t value = 0;
	int err;

	err = digits_parse(hex ? text + 2 : text, hex ? 16 : 10, &value);
	if (err == -ERANGE)
		value = UINT64_MAX;
	else if (err)
		return why_set(why, "'%s' is not an SPI (256 to 4294967295, or 0x100 to 0xffffffff)",
			       text);

	if (value < SPI_MIN)
		return why_set(why, "'%s': SPIs below 256 are reserved", text);
	if (range_check(text, value, SPI_MIN, UINT32_MAX, why))
		return -EINVAL;
	*spi = value;
	return 0;
}

int window_parse(const char *text, void *out, struct why *why)
{
	uint32_t *window = out;
	uint64_t value = 0;

	if (num_parse(text, WINDOW_MIN, WINDOW_MAX, &value, why))
		return -EINVAL;
	*window = value;
	return 0;
}

int onoff_parse(const char *text, void *out, struct why *why)
{
	static const char *const names[] = { "off", "on" };
	uint8_t *flag = out;
	unsigned int value = 0;

	if (choice_parse(text, names, 2, &value, why))
		return -EINVAL;
	*flag = value;
	return 0;
}
