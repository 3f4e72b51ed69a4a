// SPDX-License-Identifier: GPL-2.0
#include "cli/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/hex.h"
#include "util/wipe.h"

enum { LINE_DIGITS = 1024 };	/* far more than any key has */

struct line {
	char text[LINE_DIGITS + 1];
	size_t len;
};

/* What the user calls it. */
static const char *title(const char *name)
{
	return strcmp(name, "-") ? name : "standard input";
}

static int check_key(int fd, const char *name, struct why *why)
{
	struct stat st;

	if (fstat(fd, &st))
		return why_set(why, "%s: %s", name, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return why_set(why, "%s: %s", name, strerror(EISDIR));
	if (st.st_mode & 0044)
		return why_set(why, "%s: others can read this key: chmod 600 %s",
			       name, name);
	return 0;
}

static int open_key(const char *name, struct why *why)
{
	int fd;

	if (!strcmp(name, "-"))
		return STDIN_FILENO;

	fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return why_set(why, "%s: %s", name, strerror(errno));

	if (!check_key(fd, name, why))
		return fd;
	close(fd);
	return -EINVAL;
}

/* strchr() would count the NUL of a file that holds no text. */
static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/*
 * By single bytes and without stdio: no buffer of another's keeps a copy, and
 * what follows the line is still there for the next key.
 */
static int read_line(int fd, struct line *line)
{
	ssize_t got;
	char c;

	while ((got = read(fd, &c, 1)) == 1 && c != '\n') {
		if (line->len == LINE_DIGITS)
			return -E2BIG;
		line->text[line->len++] = c;
	}
	if (got < 0)
		return -errno;

	/* A line end from elsewhere, or a blank that crept in. */
	while (line->len && is_blank(line->text[line->len - 1]))
		line->len--;
	return 0;
}

/* A second line would be forgotten silently. */
static bool more_follows(int fd)
{
	char c;

	while (read(fd, &c, 1) == 1)
		if (!is_blank(c) && c != '\n')
			return true;
	return false;
}

static int decode_line(int fd, bool single, uint8_t *out, size_t size,
		       struct why *why)
{
	struct line line = { 0 };
	int len;

	switch (read_line(fd, &line)) {
	case 0:
		break;
	case -E2BIG:
		len = why_set(why, "its line is far too long for a key");
		goto out_wipe;
	default:
		len = why_set(why, "%s", strerror(errno));
		goto out_wipe;
	}

	if (!line.len)
		len = why_set(why, "no key in it");
	else if (single && more_follows(fd))
		len = why_set(why, "more than one line");
	else
		len = hex_decode(line.text, line.len, out, size, why);
out_wipe:
	wipe(&line);
	return len;
}

int keyfile_read(const char *name, uint8_t *out, size_t size, struct why *why)
{
	int fd = open_key(name, why), len;

	if (fd < 0)
		return fd;

	len = decode_line(fd, fd != STDIN_FILENO, out, size, why);
	if (len < 0)
		why_prepend(why, title(name));
	if (fd != STDIN_FILENO)
		close(fd);
	return len;
}
