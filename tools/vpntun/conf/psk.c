// SPDX-License-Identifier: GPL-2.0
#include "conf/conf.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "conf/file.h"
#include "util/base64.h"
#include "util/hex.h"
#include "util/wipe.h"

struct psk_line {
	char text[2048];	/* more than any key has, in hex, too */
	size_t len;
};

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
	char path[FILE_PATH_MAX];
	int fd, len;

	if (file_find(conf, tunnel->psk_file, path, why))
		return -EINVAL;
	fd = file_open(path, true, why);
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
