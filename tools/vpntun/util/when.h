/* SPDX-License-Identifier: GPL-2.0 */
#ifndef UTIL_WHEN_H
#define UTIL_WHEN_H

#include <openssl/types.h>
#include <time.h>

enum { WHEN_TEXT_MAX = 40, WHEN_DAY = 24 * 3600 };

/* Seconds since 1970 of a certificate's time; 0 if it is none. */
time_t when_of(const ASN1_TIME *time);
/* "2026-11-21 15:15:16 UTC"; returns @text. */
const char *when_text(time_t when, char text[WHEN_TEXT_MAX]);

#endif /* UTIL_WHEN_H */
