/* SPDX-License-Identifier: GPL-2.0 */
#ifndef UTIL_PSK_H
#define UTIL_PSK_H

#include <stddef.h>

enum { PSK_LENGTH = 48 };	/* characters, of 6 bits each but for the first */

struct psk {
	char text[PSK_LENGTH];	/* without a final zero */
};

/*
 * Makes a pre-shared key that AWS takes, too: letters, digits, '.' and '_', and
 * no '0' in front. @random fills a buffer of at most 256 bytes as getentropy()
 * does: 0, or -1 and errno. Returns the same, and on failure holds no secret.
 */
int psk_make(struct psk *psk, int (*random)(void *buffer, size_t size));

#endif /* UTIL_PSK_H */
