// SPDX-License-Identifier: GPL-2.0
#include "util/sysctl.h"

#include <stdio.h>

enum { RP_FILTER_STRICT = 1 };

int sysctl_net(const char *path)
{
	char name[96];
	FILE *file;
	int value;

	snprintf(name, sizeof(name), "/proc/sys/net/%s", path);
	file = fopen(name, "re");
	if (!file)
		return -1;
	if (fscanf(file, "%d", &value) != 1)
		value = -1;
	fclose(file);
	return value;
}

bool sysctl_rp_strict(const char *device)
{
	char path[64];
	int own, all = sysctl_net("ipv4/conf/all/rp_filter");

	snprintf(path, sizeof(path), "ipv4/conf/%s/rp_filter", device);
	own = sysctl_net(path);
	return (own > all ? own : all) == RP_FILTER_STRICT;
}
