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
	DSCP_MAX = 63,
	MSS_MIN = 88,		/* bytes; the least that Linux itself would send */
	MSS_MAX = 65495,
	MTU_MIN = 68,		/* bytes; RFC 791 */
	MTU_MAX = 65535,
	KEEPALIVE_MAX = 3600,	/* seconds */
	INTERVAL_MIN = 100,	/* milliseconds */
	INTERVAL_MAX = 3600000,
	MISSES_MAX = 100,
	LIFE_TIME_MAX = 31536000, /* seconds: a year */
	LINGER_MAX = 60,	/* seconds */
	WAIT_MAX = 86400,	/* seconds */
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

static int range_fault(const char *text, uint64_t min, uint64_t max,
		       struct why *why)
{
	return why_set(why, "'%s' is not within %" PRIu64 " to %" PRIu64, text,
		       min, max);
}

int num_parse(const char *text, uint64_t min, uint64_t max, uint64_t *out,
	      struct why *why)
{
	uint64_t value = 0;
	int err;

	err = digits_parse(text, 10, &value);
	if (err == -EINVAL)
		return why_set(why, "'%s' is not a whole number", text);
	if (err || value < min || value > max)
		return range_fault(text, min, max, why);
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

int choice_u8_parse(const char *text, const char *const *names, size_t count,
		    uint8_t *out, struct why *why)
{
	unsigned int value = 0;

	if (choice_parse(text, names, count, &value, why))
		return -EINVAL;
	*out = value;
	return 0;
}

static int u32_within(const char *text, uint32_t min, uint32_t max,
		      uint32_t *out, struct why *why)
{
	uint64_t value = 0;

	if (num_parse(text, min, max, &value, why))
		return -EINVAL;
	*out = value;
	return 0;
}

static int u8_within(const char *text, uint8_t min, uint8_t max, uint8_t *out,
		     struct why *why)
{
	uint64_t value = 0;

	if (num_parse(text, min, max, &value, why))
		return -EINVAL;
	*out = value;
	return 0;
}

int u32_parse(const char *text, void *out, struct why *why)
{
	return u32_within(text, 0, UINT32_MAX, out, why);
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

/* Decimal, or hex behind 0x; what is too large even for 64 bits is the largest. */
static int any_base_parse(const char *text, uint64_t *out)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	int err = digits_parse(hex ? text + 2 : text, hex ? 16 : 10, out);

	if (err != -ERANGE)
		return err;
	*out = UINT64_MAX;
	return 0;
}

int spi_parse(const char *text, void *out, struct why *why)
{
	uint32_t *spi = out;
	uint64_t value = 0;

	if (any_base_parse(text, &value))
		return why_set(why, "'%s' is not an SPI (256 to 4294967295, or 0x100 to 0xffffffff)",
			       text);

	if (value < SPI_MIN)
		return why_set(why, "'%s': SPIs below 256 are reserved", text);
	if (value > UINT32_MAX)
		return range_fault(text, SPI_MIN, UINT32_MAX, why);
	*spi = value;
	return 0;
}

int mark_parse(const char *text, void *out, struct why *why)
{
	uint32_t *mark = out;
	uint64_t value = 0;

	if (any_base_parse(text, &value))
		return why_set(why, "'%s' is not a mark (decimal, or hex as 0x10)",
			       text);
	if (value > UINT32_MAX)
		return range_fault(text, 0, UINT32_MAX, why);
	*mark = value;
	return 0;
}

int window_parse(const char *text, void *out, struct why *why)
{
	return u32_within(text, WINDOW_MIN, WINDOW_MAX, out, why);
}

int onoff_parse(const char *text, void *out, struct why *why)
{
	static const char *const names[] = { "off", "on" };

	return choice_u8_parse(text, names, 2, out, why);
}

int dscp_parse(const char *text, void *out, struct why *why)
{
	uint8_t *dscp = out;

	if (strcmp(text, "copy"))
		return u8_within(text, 0, DSCP_MAX, out, why);
	*dscp = DSCP_COPY;
	return 0;
}

int ttl_parse(const char *text, void *out, struct why *why)
{
	return u8_within(text, 1, UINT8_MAX, out, why);
}

int mss_parse(const char *text, void *out, struct why *why)
{
	uint32_t *mss = out;

	if (!strcmp(text, "off"))
		*mss = MSS_OFF;
	else if (!strcmp(text, "on"))
		*mss = MSS_ON;
	else
		return u32_within(text, MSS_MIN, MSS_MAX, out, why);
	return 0;
}

int mtu_parse(const char *text, void *out, struct why *why)
{
	uint32_t *mtu = out;

	if (strcmp(text, "auto"))
		return u32_within(text, MTU_MIN, MTU_MAX, out, why);
	*mtu = 0;
	return 0;
}

int keepalive_parse(const char *text, void *out, struct why *why)
{
	uint32_t *seconds = out;

	if (strcmp(text, "off"))
		return u32_within(text, 0, KEEPALIVE_MAX, out, why);
	*seconds = 0;
	return 0;
}

int interval_parse(const char *text, void *out, struct why *why)
{
	return u32_within(text, INTERVAL_MIN, INTERVAL_MAX, out, why);
}

int misses_parse(const char *text, void *out, struct why *why)
{
	return u32_within(text, 1, MISSES_MAX, out, why);
}

int life_parse(const char *text, void *out, struct why *why)
{
	return num_parse(text, 1, UINT64_MAX, out, why);
}

int life_bytes_parse(const char *text, void *out, struct why *why)
{
	static const char suffixes[] = "KMGT";
	size_t len = strlen(text);
	const char *suffix = len ? strchr(suffixes, text[len - 1]) : NULL;
	unsigned int shift = suffix ? 10 * (suffix - suffixes + 1) : 0;
	uint64_t *bytes = out, value = 0;
	char digits[24];

	/* Longer ones, however many zeros they begin with, are not worth a case. */
	if (!suffix || len > sizeof(digits))
		return life_parse(text, out, why);

	memcpy(digits, text, len - 1);
	digits[len - 1] = '\0';
	if (num_parse(digits, 1, UINT64_MAX >> shift, &value, why))
		return why_set(why, "'%s' is not 1 to 18446744073709551615 bytes (also as 64M, 2G, 1T)",
			       text);
	*bytes = value << shift;
	return 0;
}

int life_time_parse(const char *text, void *out, struct why *why)
{
	return u32_within(text, 1, LIFE_TIME_MAX, out, why);
}

int linger_parse(const char *text, void *out, struct why *why)
{
	return u32_within(text, 0, LINGER_MAX, out, why);
}

int wait_parse(const char *text, void *out, struct why *why)
{
	return u32_within(text, 0, WAIT_MAX, out, why);
}
