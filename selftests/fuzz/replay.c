// SPDX-License-Identifier: GPL-2.0
/* Runs a fuzz target over the files that are named: a corpus is a test wherever there is a compiler. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 1 << 20 };

/* The target gets memory of just that size: what reads beyond it is caught. */
static int replay(const char *path)
{
	static uint8_t buffer[INPUT_MAX];
	FILE *file = fopen(path, "rb");
	uint8_t *bytes;
	size_t size, i;

	if (!file) {
		perror(path);
		return -1;
	}
	size = fread(buffer, 1, sizeof(buffer), file);
	fclose(file);
	bytes = malloc(size ? size : 1);
	if (!bytes)
		return -1;
	for (i = 0; i < size; i++)
		bytes[i] = buffer[i];
	LLVMFuzzerTestOneInput(bytes, size);
	free(bytes);
	return 0;
}

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (replay(argv[i]))
			return 1;
	printf("%d files\n", argc - 1);
	return argc > 1 ? 0 : 1;
}
