// SPDX-License-Identifier: GPL-2.0
#include "util/wiped.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

void *wiped_malloc(size_t size)
{
	return malloc(size);
}

void wiped_free(void *memory)
{
	if (memory)
		explicit_bzero(memory, malloc_usable_size(memory));
	free(memory);
}

/* Not by realloc(), which leaves what it moves where it was. */
void *wiped_realloc(void *old, size_t size)
{
	const size_t before = old ? malloc_usable_size(old) : 0;
	void *now = wiped_malloc(size);

	if (!now)
		return NULL;
	if (old)
		memcpy(now, old, before < size ? before : size);
	wiped_free(old);
	return now;
}
