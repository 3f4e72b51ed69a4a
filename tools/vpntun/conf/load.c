// SPDX-License-Identifier: GPL-2.0
#include "conf/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/folder.h"
#include "conf/load.h"
#include "conf/report.h"

enum { FILE_MAX = 256 * 1024 };	/* bytes; 64 tunnels with every key at its longest are less */

/* "office" is a file of our folder; what looks like a path is one. */
static int find_file(const char *name, char *path, size_t size)
{
	size_t len = strlen(name);
	bool is_path = strchr(name, '/') || (len > 5 && !strcmp(name + len - 5, ".conf"));
	int used;

	used = snprintf(path, size, is_path ? "%s" : CONF_FOLDER "/%s.conf", name);
	return used < 0 || (size_t)used >= size ? -ENAMETOOLONG : 0;
}

/* A pipe without a writer must not keep us, and another's device not be touched. */
static int open_file(const char *path, struct conf_report *report)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		report_fault(report, path, 0, "%s", strerror(errno));
	else if (!S_ISREG(st.st_mode))
		report_fault(report, path, 0, "it is not a regular file");
	else if (st.st_size > FILE_MAX)
		report_fault(report, path, 0, "it is longer than %d bytes", FILE_MAX);
	else if (st.st_mode & S_IWOTH)
		report_fault(report, path, 0, "everybody can write to it: chmod o-w %s", path);
	else
		return fd;
	if (fd >= 0)
		close(fd);
	return -EINVAL;
}

/* At most @size bytes; the number of them or a negative errno. */
static ssize_t read_all(int fd, char *text, size_t size)
{
	size_t used = 0;
	ssize_t got;

	while (used < size) {
		got = read(fd, text + used, size - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			break;
		used += got;
	}
	return used;
}

char *load_text(const char *path, size_t *len, struct conf_report *report)
{
	int fd = open_file(path, report);
	char *text;
	ssize_t got;

	if (fd < 0)
		return NULL;
	text = malloc(FILE_MAX);
	got = text ? read_all(fd, text, FILE_MAX) : -ENOMEM;
	close(fd);
	if (got >= 0 && !memchr(text, '\0', got)) {
		*len = got;
		return text;
	}
	report_fault(report, path, 0, "%s", got < 0 ? strerror(-got) : "it is no text: it has a NUL byte in it");
	free(text);
	return NULL;
}

int conf_load(const char *name, struct conf *out, struct conf_report *report)
{
	char path[sizeof(out->path)], *text;
	size_t len;
	int err;

	memset(out, 0, sizeof(*out));
	if (find_file(name, path, sizeof(path))) {
		report_fault(report, name, 0, "%s", strerror(ENAMETOOLONG));
		return -EINVAL;
	}
	text = load_text(path, &len, report);
	if (!text)
		return -EINVAL;
	err = conf_parse(path, text, len, out, report);
	free(text);
	if (err)
		return err;
	if (!conf_check(out, report))
		return 0;
	conf_free(out);
	return -EINVAL;
}
