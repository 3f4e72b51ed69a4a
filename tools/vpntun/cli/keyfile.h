/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_KEYFILE_H
#define CLI_KEYFILE_H

#include <stddef.h>
#include <stdint.h>

#include "util/why.h"

/*
 * Reads a key, hex on one line, from the file @name, or from standard input
 * if it is "-" (which may hold one key a line). Others may not be able to read
 * the file. Returns the number of bytes put into @out or a negative errno, and
 * then @out holds nothing secret.
 */
int keyfile_read(const char *name, uint8_t *out, size_t size, struct why *why);

#endif /* CLI_KEYFILE_H */
