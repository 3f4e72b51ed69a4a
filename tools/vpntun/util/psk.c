// SPDX-License-Identifier: GPL-2.0
#include "util/psk.h"

#include <stdint.h>

#include "util/wipe.h"

/* 64 of them: six random bits choose one, and none is likelier than another. */
static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";

int psk_make(struct psk *psk, int (*random)(void *buffer, size_t size))
{
	uint8_t bytes[PSK_LENGTH];
	int err, i;

	/* As a whole again if it begins with '0', so that the rest stays even. */
	do {
		err = random(bytes, sizeof(bytes));
		if (err)
			break;
		for (i = 0; i < PSK_LENGTH; i++)
			psk->text[i] = alphabet[bytes[i] % 64];
	} while (psk->text[0] == '0');

	if (err)
		wipe(psk);
	wipe(&bytes);
	return err;
}
