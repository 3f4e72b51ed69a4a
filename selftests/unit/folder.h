/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TEST_FOLDER_H
#define TEST_FOLDER_H

#include <stdio.h>
#include <sys/stat.h>

/* A file that only its owner reads, in a folder of the test's. */
static inline void put_file(const char *folder, const char *name, const char *text)
{
	char path[256];
	FILE *to;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	to = fopen(path, "w");
	assert_non_null(to);
	fputs(text, to);
	fclose(to);
	assert_int_equal(chmod(path, 0600), 0);
}

#endif /* TEST_FOLDER_H */
