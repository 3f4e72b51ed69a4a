// SPDX-License-Identifier: GPL-2.0
#include "util/why.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

int why_set(struct why *why, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	/* cppcheck-suppress ctuuninitvar ; only written to */
	vsnprintf(why->text, sizeof(why->text), fmt, args);
	va_end(args);
	return -EINVAL;
}

int why_prepend(struct why *why, const char *subject)
{
	struct why old = *why;

	return why_set(why, "%s: %s", subject, old.text);
}
