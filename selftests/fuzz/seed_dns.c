// SPDX-License-Identifier: GPL-2.0
/* Writes the seeds of fuzz_dns.c. */
#include "seed.h"

#define QUESTION "\3vpn\7example\3com\0"

struct seed {
	const char *name;
	const char *bytes;
	size_t len;
};

#define SEED(name, text) { name, text, sizeof(text) - 1 }

static const struct seed seeds[] = {
	SEED("address", "\0\x12\x34\x81\x80\0\1\0\1\0\0\0\0" QUESTION "\0\1\0\1"
	     "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc6\x33\x64\1"),
	SEED("address6", "\1\x12\x34\x81\x80\0\1\0\1\0\0\0\0" QUESTION "\0\x1c\0\1"
	     "\xc0\x0c\0\x1c\0\1\0\0\0\x3c\0\x10\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1"),
	SEED("alias", "\0\x12\x34\x81\x80\0\1\0\2\0\0\0\0" QUESTION "\0\1\0\1"
	     "\xc0\x0c\0\5\0\1\0\0\0\x3c\0\5\2gw\xc0\x10" "\xc0\x2d\0\1\0\1\0\0\0\x3c\0\4\xc6\x33\x64\1"),
	SEED("no-name", "\0\x12\x34\x81\x83\0\1\0\0\0\0\0\0" QUESTION "\0\1\0\1"),
};

int main(int argc, char *argv[])
{
	size_t i;

	if (argc != 2)
		return 2;
	for (i = 0; i < sizeof(seeds) / sizeof(*seeds); i++)
		seed_write(argv[1], seeds[i].name, seeds[i].bytes, seeds[i].len);
	return 0;
}
