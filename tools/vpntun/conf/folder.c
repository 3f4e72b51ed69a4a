// SPDX-License-Identifier: GPL-2.0
#include "conf/folder.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/daemon.h"

enum { FILES_MAX = 4096 };

static int is_connection(const struct dirent *entry)
{
	const char *name = entry->d_name;
	size_t len = strlen(name);

	return len > 5 && !strcmp(name + len - 5, ".conf") && name[0] != '.' && !daemon_is_file(name);
}

int folder_each(const char *folder, folder_fn *fn, void *ctx)
{
	char path[PATH_MAX];
	struct dirent **entries;
	int i, count;

	count = scandir(folder, &entries, is_connection, alphasort);
	if (count < 0)
		return -errno;
	for (i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		if (i < FILES_MAX)
			fn(ctx, path, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return 0;
}
