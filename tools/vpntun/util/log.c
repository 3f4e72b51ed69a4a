// SPDX-License-Identifier: GPL-2.0
#include "util/log.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

void log_error(const char *fmt, ...)
{
	char line[1024];
	va_list args;
	char *c;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);

	/* Words of the command line are quoted here: one line stays one line. */
	for (c = line; *c; c++)
		if (iscntrl((unsigned char)*c))
			*c = '?';

	fprintf(stderr, "vpntun: %s\n", line);
}
