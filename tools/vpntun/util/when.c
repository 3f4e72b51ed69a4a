// SPDX-License-Identifier: GPL-2.0
#include "util/when.h"

#include <openssl/asn1.h>
#include <stdio.h>

time_t when_of(const ASN1_TIME *time)
{
	struct tm tm;

	return time && ASN1_TIME_to_tm(time, &tm) ? timegm(&tm) : 0;
}

const char *when_text(time_t when, char text[WHEN_TEXT_MAX])
{
	struct tm tm;

	if (!gmtime_r(&when, &tm) || !strftime(text, WHEN_TEXT_MAX, "%Y-%m-%d %H:%M:%S UTC", &tm))
		snprintf(text, WHEN_TEXT_MAX, "an unknown time");
	return text;
}
