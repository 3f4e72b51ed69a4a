/* SPDX-License-Identifier: GPL-2.0 */
#ifndef UTIL_TEXT_H
#define UTIL_TEXT_H

#include <stddef.h>

/* Adds to the string in @text, a buffer of @size bytes; what does not fit is cut off. */
void text_add(char *text, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The same for @len bytes that a peer chose: what is not printable, and '\', becomes \xNN. */
void text_add_escaped(char *text, size_t size, const void *bytes, size_t len);

/* Writes all of it, however often that takes. 0, or -1 with errno. */
int text_write(int fd, const char *text, size_t len);

#endif /* UTIL_TEXT_H */
