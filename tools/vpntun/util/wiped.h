/* SPDX-License-Identifier: GPL-2.0 */
#ifndef UTIL_WIPED_H
#define UTIL_WIPED_H

#include <stddef.h>

/*
 * Memory that is cleared when it is given back, for libraries that let keys go through theirs. It is of the heap: free()
 * takes it, too, but does not clear it.
 */
void *wiped_malloc(size_t size);
void *wiped_realloc(void *old, size_t size);
void wiped_free(void *memory);

#endif /* UTIL_WIPED_H */
