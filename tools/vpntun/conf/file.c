// SPDX-License-Identifier: GPL-2.0
#include "conf/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_credential(const char *name)
{
	return !strncmp(name, FILE_CREDENTIAL, sizeof(FILE_CREDENTIAL) - 1);
}

/* Cuts nothing off: a path too long is refused. */
int file_find(const struct conf *conf, const char *name, char path[FILE_PATH_MAX], struct why *why)
{
	const size_t prefix = sizeof(FILE_CREDENTIAL) - 1;
	const char *slash = strrchr(conf->path, '/'), *folder;
	int used;

	if (is_credential(name)) {
		folder = getenv("CREDENTIALS_DIRECTORY");
		if (!folder)
			return why_set(why, "%s: there are no credentials here ($CREDENTIALS_DIRECTORY is not set)",
				       name);
		used = snprintf(path, FILE_PATH_MAX, "%s/%s", folder, name + prefix);
	} else if (name[0] == '/' || !slash) {
		used = snprintf(path, FILE_PATH_MAX, "%s", name);
	} else {
		used = snprintf(path, FILE_PATH_MAX, "%.*s/%s", (int)(slash - conf->path), conf->path, name);
	}
	return used < 0 || used >= FILE_PATH_MAX ? why_set(why, "%s: %s", name, strerror(ENAMETOOLONG)) : 0;
}

static bool has_credential(const struct conf_words *names)
{
	size_t i;

	for (i = 0; i < names->count; i++)
		if (is_credential(names->list[i]))
			return true;
	return false;
}

bool file_helper_only(const struct conf_tunnel *tunnel)
{
	return !getenv("CREDENTIALS_DIRECTORY") &&
	       (is_credential(tunnel->psk_file) || is_credential(tunnel->certificate) ||
		is_credential(tunnel->private_key) || has_credential(&tunnel->ca) || has_credential(&tunnel->crl));
}

/* Whose file it is can give himself the right to read it. */
static int check_secret(const struct stat *st, const char *path, struct why *why)
{
	if (st->st_mode & 0066)
		return why_set(why, "%s: others can %s this key: chmod 600 %s", path,
			       st->st_mode & 0044 ? "read" : "write", path);
	if (st->st_uid && st->st_uid != geteuid())
		return why_set(why, "%s: this key belongs to another user (%lu): chown root %s", path,
			       (unsigned long)st->st_uid, path);
	return 0;
}

static int check_file(int fd, const char *path, bool secret, struct why *why)
{
	struct stat st;

	if (fstat(fd, &st))
		return why_set(why, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return why_set(why, "%s: it is not a regular file", path);
	if (secret)
		return check_secret(&st, path, why);
	if (st.st_mode & S_IWOTH)
		return why_set(why, "%s: everybody can write to it: chmod o-w %s", path, path);
	return 0;
}

/* A pipe without a writer must not keep us, and another's device not be touched. */
int file_open(const char *path, bool secret, struct why *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return why_set(why, "%s: %s", path, strerror(errno));
	if (!check_file(fd, path, secret, why))
		return fd;
	close(fd);
	return -EINVAL;
}

/* Without stdio and realloc(), which would leave copies of a key behind: one buffer, one byte more than may be there. */
ssize_t file_read(int fd, size_t max, uint8_t **out, struct why *why)
{
	struct stat st;
	size_t size, used = 0;
	ssize_t got = 1;

	*out = NULL;
	if (fstat(fd, &st))
		return why_set(why, "%s", strerror(errno));
	if (st.st_size < 0 || (size_t)st.st_size > max)
		return why_set(why, "it is longer than %zu bytes", max);
	size = st.st_size + 1;
	*out = malloc(size);
	if (!*out)
		return why_set(why, "out of memory");

	while (used < size && got) {
		got = read(fd, *out + used, size - used);
		if (got > 0)
			used += got;
		else if (got < 0 && errno != EINTR)
			break;
	}
	if (got >= 0 && used && used < size)
		return used;
	why_set(why, "%s", got < 0 ? strerror(errno) : used ? "it is being written to" : "it is empty");
	explicit_bzero(*out, used);
	free(*out);
	*out = NULL;
	return -EINVAL;
}
