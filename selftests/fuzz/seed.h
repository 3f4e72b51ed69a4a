/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SEED_H
#define SEED_H

#include <stdio.h>
#include <stdlib.h>

/* Writes a seed as the file @name of @folder, or ends the program. */
static inline void seed_write(const char *folder, const char *name, const void *bytes, size_t len)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "wb");
	if (!file || fwrite(bytes, 1, len, file) != len || fclose(file)) {
		fprintf(stderr, "%s: not written\n", path);
		exit(1);
	}
}

#endif /* SEED_H */
