// SPDX-License-Identifier: GPL-2.0
#include "cli/out.h"

#include <inttypes.h>
#include <linux/vgw.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "util/utf8.h"

bool out_wants_colour(void)
{
	const char *no = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (no && *no)
		return false;
	if (term && !strcmp(term, "dumb"))
		return false;
	return isatty(STDOUT_FILENO);
}

static void print_escaped(const struct out *out, const char *code, const char *word)
{
	if (out->colour)
		fprintf(out->to, "\033[%sm%s\033[0m", code, word);
	else
		fputs(word, out->to);
}

void out_paint(const struct out *out, bool good, const char *word)
{
	print_escaped(out, good ? "32" : "31", word);
}

void out_bold(const struct out *out, const char *word)
{
	print_escaped(out, "1", word);
}

const char *out_bytes(uint64_t bytes, char text[OUT_TEXT_MAX])
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double value = bytes / 1024.0;
	size_t unit = 0;

	if (bytes < 1024) {
		snprintf(text, OUT_TEXT_MAX, "%" PRIu64 " B", bytes);
		return text;
	}
	/* 1023.995 would be printed as 1024.00: that is the next unit's one. */
	for (; value >= 1023.995 && unit < 5; unit++)
		value /= 1024;
	snprintf(text, OUT_TEXT_MAX, "%.2f %s", value, units[unit]);
	return text;
}

const char *out_duration(uint64_t ms, char text[OUT_TEXT_MAX])
{
	uint64_t s = ms / 1000, m = s / 60, h = m / 60, d = h / 24;

	if (d)
		snprintf(text, OUT_TEXT_MAX, "%" PRIu64 "d %" PRIu64 "h", d, h % 24);
	else if (h)
		snprintf(text, OUT_TEXT_MAX, "%" PRIu64 "h %" PRIu64 "m", h, m % 60);
	else if (m)
		snprintf(text, OUT_TEXT_MAX, "%" PRIu64 "m %" PRIu64 "s", m, s % 60);
	else if (s >= 10)
		snprintf(text, OUT_TEXT_MAX, "%" PRIu64 "s", s);
	else
		snprintf(text, OUT_TEXT_MAX, "%" PRIu64 ".%" PRIu64 "s", s,
			 ms % 1000 / 100);
	return text;
}

static const char *time_text(const struct timespec *now, const struct tm *tm,
			     bool utc, char text[OUT_TEXT_MAX])
{
	char day[24], clock[16];

	strftime(day, sizeof(day), "%Y-%m-%d", tm);
	strftime(clock, sizeof(clock), "%H:%M:%S", tm);
	snprintf(text, OUT_TEXT_MAX, "%s%c%s.%03ld%s", day, utc ? 'T' : ' ',
		 clock, now->tv_nsec / 1000000, utc ? "Z" : "");
	return text;
}

const char *out_time(char text[OUT_TEXT_MAX])
{
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	return time_text(&now, localtime_r(&now.tv_sec, &tm), false, text);
}

const char *out_time_utc(char text[OUT_TEXT_MAX])
{
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	return time_text(&now, gmtime_r(&now.tv_sec, &tm), true, text);
}

const char *out_device(uint32_t ifindex, char text[OUT_TEXT_MAX])
{
	if (!if_indextoname(ifindex, text))
		snprintf(text, OUT_TEXT_MAX, "if%" PRIu32, ifindex);
	return text;
}

const char *out_reason(unsigned int reason)
{
	static const char *const words[VGW_REASON_MAX + 1] = {
		[VGW_REASON_NONE] = "none",
		[VGW_REASON_ADMIN] = "set down",
		[VGW_REASON_NO_SA] = "no outbound SA",
		[VGW_REASON_SA_EXPIRED] = "the outbound SA has reached its limit",
		[VGW_REASON_REMOVED] = "removed",
		[VGW_REASON_NO_ROUTE] = "no route to the peer",
		[VGW_REASON_LOOP] = "the route to the peer leads into a vgw interface",
		[VGW_REASON_PROBE] = "the probe is not answered",
	};

	return reason <= VGW_REASON_MAX && words[reason] ? words[reason] : "unknown";
}

json_t *out_json_text(const char *text)
{
	char *copy = strdup(text);
	json_t *json;

	if (!copy)
		return NULL;
	utf8_mend(copy);
	json = json_string(copy);
	free(copy);
	return json;
}

json_t *out_json_text_or_null(const char *text)
{
	return *text ? out_json_text(text) : json_null();
}

json_t *out_json_u64(uint64_t number)
{
	return json_integer(number > INT64_MAX ? INT64_MAX : (json_int_t)number);
}

json_t *out_json_seconds(uint64_t ms)
{
	return json_real(ms / 1000.0);
}

bool out_json(json_t *root, bool pretty)
{
	if (!root)
		return false;
	/*
	 * 15 digits: enough for any of our times, and 0.1 stays 0.1. What peers
	 * have written is escaped, as terminals show this, too.
	 */
	json_dumpf(root, stdout, (pretty ? JSON_INDENT(2) : JSON_COMPACT) |
		   JSON_REAL_PRECISION(15) | JSON_ENSURE_ASCII);
	putchar('\n');
	json_decref(root);
	return true;
}
