// SPDX-License-Identifier: GPL-2.0
#include "conf/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/base64.h"
#include "util/hex.h"
#include "util/wipe.h"

static const char credential[] = "credential:";

struct psk_line {
	char text[2048];	/* more than any key has, in hex, too */
	size_t len;
};

/* Cuts nothing off: a path too long is refused by open(). */
static int find_psk(const struct conf *conf, const char *name, char *path, size_t size, struct why *why)
{
	const char *slash = strrchr(conf->path, '/'), *folder;
	int used;

	if (!strncmp(name, credential, sizeof(credential) - 1)) {
		folder = getenv("CREDENTIALS_DIRECTORY");
		if (!folder)
			return why_set(why, "%s: there are no credentials here ($CREDENTIALS_DIRECTORY is not set)",
				       name);
		used = snprintf(path, size, "%s/%s", folder, name + sizeof(credential) - 1);
	} else if (name[0] == '/' || !slash) {
		used = snprintf(path, size, "%s", name);
	} else {
		used = snprintf(path, size, "%.*s/%s", (int)(slash - conf->path), conf->path, name);
	}
	return used < 0 || (size_t)used >= size ? why_set(why, "%s: %s", name, strerror(ENAMETOOLONG)) : 0;
}

static int check_file(int fd, const char *path, struct why *why)
{
	struct stat st;

	if (fstat(fd, &st))
		return why_set(why, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return why_set(why, "%s: it is not a regular file", path);
	if (st.st_mode & 0066)
		return why_set(why, "%s: others can %s this key: chmod 600 %s", path,
			       st.st_mode & 0044 ? "read" : "write", path);
	return 0;
}

static int open_psk(const char *path, struct why *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return why_set(why, "%s: %s", path, strerror(errno));
	if (!check_file(fd, path, why))
		return fd;
	close(fd);
	return -EINVAL;
}

/* Without stdio, whose buffer would keep a copy. */
static int read_line(int fd, struct psk_line *line, struct why *why)
{
	const char *newline = NULL;
	ssize_t got;

	while (!newline && line->len < sizeof(line->text)) {
		got = read(fd, line->text + line->len, sizeof(line->text) - line->len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return why_set(why, "%s", strerror(errno));
		if (!got)
			break;
		newline = memchr(line->text + line->len, '\n', got);
		line->len += got;
	}
	if (newline)
		line->len = newline - line->text;
	else if (line->len == sizeof(line->text))
		return why_set(why, "its line is far too long for a key");
	if (line->len && line->text[line->len - 1] == '\r')
		line->len--;
	return 0;
}

static bool begins_with(const struct psk_line *line, const char *prefix)
{
	size_t len = strlen(prefix);

	return line->len >= len && !memcmp(line->text, prefix, len);
}

/* The text may be a key, so no sentence quotes it. */
static int decode(const struct psk_line *line, uint8_t *out, size_t size, struct why *why)
{
	int len;

	if (begins_with(line, "hex:")) {
		len = hex_decode(line->text + 4, line->len - 4, out, size, why);
	} else if (begins_with(line, "base64:")) {
		len = base64_decode(line->text + 7, line->len - 7, out, size, why);
	} else if (line->len > size) {
		len = why_set(why, "the key is longer than %zu bytes", size);
	} else {
		memcpy(out, line->text, line->len);
		len = line->len;
	}
	return len ? len : why_set(why, "no key in its first line");
}

int conf_psk(const struct conf *conf, const struct conf_tunnel *tunnel, uint8_t *out, size_t size, struct why *why)
{
	struct psk_line line = { .len = 0 };
	char path[1024];
	int fd, len;

	if (find_psk(conf, tunnel->psk_file, path, sizeof(path), why))
		return -EINVAL;
	fd = open_psk(path, why);
	if (fd < 0)
		return fd;

	len = read_line(fd, &line, why);
	if (!len)
		len = decode(&line, out, size, why);
	if (len < 0)
		why_prepend(why, path);
	wipe(&line);
	close(fd);
	return len;
}
