/* SPDX-License-Identifier: GPL-2.0 */
#ifndef UTIL_UTF8_H
#define UTIL_UTF8_H

/* How many bytes of UTF-8 (RFC 3629) begin at @at, which a zero ends; 0: none. */
int utf8_length(const char *at);

/* Makes a question mark of each byte of @text that is no UTF-8; what else is in it stays. */
void utf8_mend(char *text);

#endif /* UTIL_UTF8_H */
