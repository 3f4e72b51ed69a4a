// SPDX-License-Identifier: GPL-2.0
#include "import/save.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/file.h"
#include "util/text.h"
#include "util/wipe.h"

enum { PENDING_MAX = IMPORT_TUNNELS_MAX * 2 };

/* Files that are written beside their places: those of files that are there, or free ones. */
struct saver {
	struct pending {
		char path[FILE_PATH_MAX], fresh[FILE_PATH_MAX + 8];
		bool is_new;
		bool is_placed;
	} list[PENDING_MAX];
	size_t count;
};

/* As the old file was, of which the owner is kept if that can be. */
static int make_like(int fd, const struct stat *old)
{
	if (old->st_uid != geteuid() && fchown(fd, old->st_uid, old->st_gid) && errno != EPERM)
		return -1;
	return fchmod(fd, old->st_mode & 07777);
}

/* @mode: of a file that is new, or must have it. */
static int write_beside(struct saver *saver, const char *path, const char *text, size_t len, mode_t mode,
			struct why *why)
{
	struct pending *pending = &saver->list[saver->count];
	struct stat old;
	bool kept;
	int fd, err;

	*pending = (struct pending){ .is_new = false };

	if (saver->count == PENDING_MAX)
		return why_set(why, "too many files");
	if ((size_t)snprintf(pending->path, sizeof(pending->path), "%s", path) >= sizeof(pending->path))
		return why_set(why, "%s: %s", path, strerror(ENAMETOOLONG));
	snprintf(pending->fresh, sizeof(pending->fresh), "%s.new", path);
	unlink(pending->fresh);
	fd = open(pending->fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return why_set(why, "%s: %s", pending->fresh, strerror(errno));
	saver->count++;
	pending->is_new = lstat(path, &old) && errno == ENOENT;
	kept = !pending->is_new && mode != 0600 && S_ISREG(old.st_mode);
	err = kept ? make_like(fd, &old) : 0;
	if (err || text_write(fd, text, len) || fsync(fd))
		err = why_set(why, "%s: %s", pending->fresh, strerror(errno));
	close(fd);
	return err;
}

/* A key file that no section names may be another connection's, or the last trace of a key. */
static int check_free(const char *path, const char *psk, struct why *why)
{
	char there[IMPORT_PSK_MAX + 2] = "";
	size_t len = strlen(psk);
	ssize_t got = -1;
	bool same;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd >= 0) {
		got = read(fd, there, sizeof(there));
		close(fd);
	}
	same = got >= (ssize_t)len && !memcmp(there, psk, len) && (got == (ssize_t)len || there[len] == '\n');
	wipe(&there);
	return same ? 0 : why_set(why, "%s is there already, with another key: move it away first", path);
}

static bool names_key(const struct conf *conf, const char *file)
{
	size_t i;

	for (i = 0; i < conf->n_tunnels; i++)
		if (!strcmp(conf->tunnels[i].psk_file, file))
			return true;
	return false;
}

static int write_key(struct saver *saver, const struct compose *file, const struct compose_tunnel *tunnel,
		     struct why *why)
{
	char line[IMPORT_PSK_MAX + 2], path[FILE_PATH_MAX];
	struct conf beside = { 0 };
	int err;

	memcpy(beside.path, file->path, sizeof(beside.path));
	if (!strncmp(tunnel->psk_file, FILE_CREDENTIAL, strlen(FILE_CREDENTIAL)))
		return why_set(why, "[Tunnel %s] has another key now, and its PSKFile is a systemd credential, which is not mine to write",
			       tunnel->name);
	if (file_find(&beside, tunnel->psk_file, path, why))
		return -EINVAL;
	if (!names_key(&file->old, tunnel->psk_file) && check_free(path, tunnel->tunnel->psk, why))
		return -EINVAL;
	snprintf(line, sizeof(line), "%s\n", tunnel->tunnel->psk);
	err = write_beside(saver, path, line, strlen(line), 0600, why);
	wipe(&line);
	return err;
}

static bool is_same(const struct compose *file)
{
	return file->old_text && strlen(file->text) == file->old_len &&
	       !memcmp(file->text, file->old_text, file->old_len);
}

/* Another program may have been at it since it was read. */
static int check_unchanged(const struct compose *file, struct why *why)
{
	uint8_t *now = NULL;
	ssize_t len;
	bool same;
	int fd;

	if (!file->old_text) {
		if (access(file->path, F_OK) && errno == ENOENT)
			return 0;
		return why_set(why, "%s is there already, made by somebody else in the meantime: choose another name", file->path);
	}
	fd = file_open(file->path, false, why);
	if (fd < 0)
		return -EINVAL;
	len = file_read(fd, file->old_len + 1, &now, why);
	close(fd);
	same = len == (ssize_t)file->old_len && (!len || !memcmp(now, file->old_text, len));
	free(now);
	return same ? 0 : why_set(why, "%s was changed by somebody else in the meantime: do that again", file->path);
}

static int write_file(struct saver *saver, const struct compose *file, struct why *why)
{
	size_t i;

	if (check_unchanged(file, why))
		return -EINVAL;
	for (i = 0; i < file->n_tunnels; i++)
		if (*file->tunnels[i].psk_file && write_key(saver, file, &file->tunnels[i], why))
			return -EINVAL;
	return is_same(file) ? 0 : write_beside(saver, file->path, file->text, strlen(file->text), 0644, why);
}

/* What is new never takes another one's place. An old file is exchanged for its new one, so that it can come back. */
static int place(struct pending *pending)
{
	if (pending->is_new)
		return link(pending->fresh, pending->path);
	if (!renameat2(AT_FDCWD, pending->fresh, AT_FDCWD, pending->path, RENAME_EXCHANGE))
		return 0;
	/* File systems that cannot do that can do without. */
	if (errno != EINVAL)
		return -1;
	return rename(pending->fresh, pending->path);
}

static int put_in_place(struct saver *saver, struct why *why)
{
	struct pending *pending;

	for (pending = saver->list; pending < saver->list + saver->count; pending++) {
		if (place(pending))
			return why_set(why, "%s: %s", pending->path, strerror(errno));
		pending->is_placed = true;
	}
	return 0;
}

static void take_back(struct saver *saver)
{
	struct pending *pending;

	for (pending = saver->list; pending < saver->list + saver->count; pending++) {
		if (!pending->is_placed)
			continue;
		if (pending->is_new)
			unlink(pending->path);
		else
			renameat2(AT_FDCWD, pending->fresh, AT_FDCWD, pending->path, RENAME_EXCHANGE);
	}
}

/* The names beside: by now those of new files' second names, of old files, or of nothing. */
static void drop(struct saver *saver)
{
	struct pending *pending;

	for (pending = saver->list; pending < saver->list + saver->count; pending++)
		unlink(pending->fresh);
}

/* Two of these programs write one after the other. Returns the descriptor that holds the folder of @path, or -EINVAL. */
static int lock_folder(const char *path, struct why *why)
{
	char folder[FILE_PATH_MAX];
	const char *slash = strrchr(path, '/');
	int fd;

	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return why_set(why, "%s: %s", folder, strerror(errno));
	if (!flock(fd, LOCK_EX))
		return fd;
	close(fd);
	return why_set(why, "%s: %s", folder, strerror(errno));
}

int save_files(const struct compose *files, size_t count, struct why *why)
{
	struct saver saver = { .count = 0 };
	size_t i;
	int err = 0, lock = count ? lock_folder(files->path, why) : -EINVAL;

	if (lock < 0)
		return -EINVAL;
	for (i = 0; !err && i < count; i++)
		err = write_file(&saver, &files[i], why);
	if (!err)
		err = put_in_place(&saver, why);
	if (err)
		take_back(&saver);
	drop(&saver);
	close(lock);
	return err;
}
