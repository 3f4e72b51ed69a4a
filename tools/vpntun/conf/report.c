// SPDX-License-Identifier: GPL-2.0
#include "conf/report.h"

#include <stdarg.h>
#include <stdio.h>

struct place {
	const char *path;
	unsigned int line;
};

static void tell(struct conf_report *report, bool fault, struct place place, const char *fmt, va_list args)
{
	char text[sizeof(((struct conf *)NULL)->path) + sizeof(((struct why *)NULL)->text) + 64];
	unsigned int *count = fault ? &report->faults : &report->warnings;
	int used;

	if (++*count > REPORT_MAX + 1 || !report->say)
		return;
	if (*count == REPORT_MAX + 1) {
		snprintf(text, sizeof(text), "%.500s: more %s than %d: the rest is left out", place.path,
			 fault ? "faults" : "warnings", REPORT_MAX);
		report->say(report->ctx, fault, text);
		return;
	}

	if (place.line)
		used = snprintf(text, sizeof(text), "%.500s:%u: ", place.path, place.line);
	else
		used = snprintf(text, sizeof(text), "%.500s: ", place.path);
	vsnprintf(text + used, sizeof(text) - used, fmt, args);
	report->say(report->ctx, fault, text);
}

void report_fault(struct conf_report *report, const char *path, unsigned int line, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tell(report, true, (struct place){ path, line }, fmt, args);
	va_end(args);
}

void report_warning(struct conf_report *report, const char *path, unsigned int line, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tell(report, false, (struct place){ path, line }, fmt, args);
	va_end(args);
}

void report_clash(const struct conf_report *report, const struct conf_tunnel *tunnel,
		  const struct conf_tunnel *rival)
{
	if (report->clash)
		report->clash(report->ctx, tunnel, rival);
}

bool report_full(const struct conf_report *report)
{
	return report->faults > REPORT_MAX;
}
