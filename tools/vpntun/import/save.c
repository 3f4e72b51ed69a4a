// SPDX-License-Identifier: GPL-2.0
#include "import/save.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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
		dev_t dev;		/* of the file beside: by that it is known, however the place is named */
		ino_t inode;
		const char *expected;	/* what the old file has in it; NULL: whatever it may be */
		size_t expected_len;
		bool is_new;
		bool is_placed;
		bool is_exchanged;	/* the old one lies beside now */
	} list[PENDING_MAX];
	size_t count;
};

enum holding { HOLDS_SAME, HOLDS_OTHER, HOLDS_NOTHING };

/* Is this text, and no more, what the open file has in it? Closes it. */
static bool reads_as(int fd, const char *text, size_t len)
{
	struct why why = { "" };
	uint8_t *now = NULL;
	ssize_t got = file_read(fd, len + 1, &now, &why);
	const bool same = got == (ssize_t)len && (!got || !memcmp(now, text, len));

	close(fd);
	if (now)
		explicit_bzero(now, got);
	free(now);
	return same;
}

/* The same of a file by its name. HOLDS_NOTHING: there is none. */
static enum holding holds(const char *path, int flags, const char *text, size_t len)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags);

	if (fd < 0)
		return errno == ENOENT ? HOLDS_NOTHING : HOLDS_OTHER;
	return reads_as(fd, text, len) ? HOLDS_SAME : HOLDS_OTHER;
}

/* As the old file was, of which the owner is kept if that can be. */
static int make_like(int fd, const struct stat *old)
{
	if (old->st_uid != geteuid() && fchown(fd, old->st_uid, old->st_gid) && errno != EPERM)
		return -1;
	return fchmod(fd, old->st_mode & 07777);
}

/* The one that is written beside under this name already: two sections may name one file. */
static const struct pending *find_pending(const struct saver *saver, const char *fresh)
{
	struct stat there;
	size_t i;

	if (lstat(fresh, &there))
		return NULL;
	for (i = 0; i < saver->count; i++)
		if (saver->list[i].dev == there.st_dev && saver->list[i].inode == there.st_ino)
			return &saver->list[i];
	return NULL;
}

static int fill(struct pending *pending, int fd, const struct stat *old, const char *text, size_t len)
{
	struct stat fresh;

	if (fstat(fd, &fresh) || (old && make_like(fd, old)))
		return -1;
	pending->dev = fresh.st_dev;
	pending->inode = fresh.st_ino;
	return text_write(fd, text, len) || fsync(fd) ? -1 : 0;
}

/* Where it goes. A link stays one: what it leads to is replaced, of which @old tells then, unless the file is new. */
static int find_place(struct pending *pending, const char *path, struct stat *old, struct why *why)
{
	char real[PATH_MAX];

	*pending = (struct pending){ .is_new = lstat(path, old) };
	if (pending->is_new && errno != ENOENT)
		return why_set(why, "%s: %s", path, strerror(errno));
	if (!pending->is_new && S_ISLNK(old->st_mode)) {
		if (!realpath(path, real) || lstat(real, old))
			return why_set(why, "%s is a link, and where it leads to: %s", path, strerror(errno));
		path = real;
	}
	if ((size_t)snprintf(pending->path, sizeof(pending->path), "%s", path) >= sizeof(pending->path))
		return why_set(why, "%s: %s", path, strerror(ENAMETOOLONG));
	/* A name that nobody else gives a file: what is there was left by a program of this that was killed. */
	snprintf(pending->fresh, sizeof(pending->fresh), "%s.vpntun", pending->path);
	return 0;
}

/* @mode: of a file that is new, or must have it. The file is the last one pending then; it may be one that was already. */
static int write_beside(struct saver *saver, const char *path, const char *text, size_t len, mode_t mode,
			struct why *why)
{
	struct pending *pending = &saver->list[saver->count];
	struct stat old;
	int fd, err;

	if (saver->count == PENDING_MAX)
		return why_set(why, "too many files");
	if (find_place(pending, path, &old, why))
		return -EINVAL;
	if (find_pending(saver, pending->fresh)) {
		if (holds(pending->fresh, O_NOFOLLOW, text, len) == HOLDS_SAME)
			return 0;
		return why_set(why, "%s would have to hold two different things: two sections name this file", path);
	}
	unlink(pending->fresh);
	fd = open(pending->fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return why_set(why, "%s: %s", pending->fresh, strerror(errno));
	saver->count++;
	err = fill(pending, fd, !pending->is_new && mode != 0600 && S_ISREG(old.st_mode) ? &old : NULL, text, len);
	if (err)
		err = why_set(why, "%s: %s", pending->fresh, strerror(errno));
	close(fd);
	return err;
}

/* A key file that no section names may be another connection's, or the last trace of a key. */
static int check_free(const char *path, const char *psk, struct why *why)
{
	char line[IMPORT_PSK_MAX + 2];
	const int len = snprintf(line, sizeof(line), "%s\n", psk);
	/* with the end of the line, or without */
	const bool is_free = holds(path, O_NOFOLLOW, line, len) != HOLDS_OTHER ||
			     holds(path, O_NOFOLLOW, line, len - 1) != HOLDS_OTHER;

	wipe(&line);
	return is_free ? 0 : why_set(why, "%s is there already, with another key: move it away first", path);
}

/* A folder would be exchanged for the key like any file. */
static int check_kind(const char *path, struct why *why)
{
	struct stat st;

	if (stat(path, &st) || S_ISREG(st.st_mode))
		return 0;
	return why_set(why, "%s is %s, and a key is to be written there: move it away first", path,
		       S_ISDIR(st.st_mode) ? "a directory" : "no file");
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
	if (file_find(&beside, tunnel->psk_file, path, why) || check_kind(path, why))
		return -EINVAL;
	if (!names_key(&file->old, tunnel->psk_file) && check_free(path, tunnel->tunnel->psk, why))
		return -EINVAL;
	snprintf(line, sizeof(line), "%s\n", tunnel->tunnel->psk);
	err = write_beside(saver, path, line, strlen(line), 0600, why);
	wipe(&line);
	return err;
}

static int say_changed(const char *path, struct why *why)
{
	return why_set(why, "%s was changed by somebody else in the meantime: do that again", path);
}

/* Another program may have been at it since it was read. */
static int check_unchanged(const struct compose *file, struct why *why)
{
	int fd;

	if (!file->old_text) {
		if (access(file->path, F_OK) && errno == ENOENT)
			return 0;
		return why_set(why, "%s is there already, made by somebody else in the meantime: choose another name", file->path);
	}
	fd = file_open(file->path, false, why);
	if (fd < 0)
		return -EINVAL;
	return reads_as(fd, file->old_text, file->old_len) ? 0 : say_changed(file->path, why);
}

static int write_file(struct saver *saver, const struct compose *file, struct why *why)
{
	size_t before, i;

	if (check_unchanged(file, why))
		return -EINVAL;
	for (i = 0; i < file->n_tunnels; i++)
		if (*file->tunnels[i].psk_file && write_key(saver, file, &file->tunnels[i], why))
			return -EINVAL;
	if (compose_is_same(file))
		return 0;
	before = saver->count;
	if (write_beside(saver, file->path, file->text, strlen(file->text), 0644, why))
		return -EINVAL;
	if (saver->count > before) {
		saver->list[before].expected = file->old_text;
		saver->list[before].expected_len = file->old_len;
	}
	return 0;
}

/* Not every file system can do what renameat2() has flags for, and not every kernel has it. */
static bool is_unable(int error)
{
	return error == EINVAL || error == ENOSYS;
}

/* What is new never takes another one's place. Where there are no second names either, what can be done is to look first. */
static int place_new(const struct pending *pending)
{
	if (!renameat2(AT_FDCWD, pending->fresh, AT_FDCWD, pending->path, RENAME_NOREPLACE))
		return 0;
	if (!is_unable(errno))
		return -1;
	if (!link(pending->fresh, pending->path))
		return 0;
	if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
		return -1;
	if (!faccessat(AT_FDCWD, pending->path, F_OK, AT_SYMLINK_NOFOLLOW)) {
		errno = EEXIST;
		return -1;
	}
	return rename(pending->fresh, pending->path);
}

/* An old file is exchanged for its new one, so that it can come back. */
static int place_again(struct pending *pending)
{
	pending->is_exchanged = !renameat2(AT_FDCWD, pending->fresh, AT_FDCWD, pending->path, RENAME_EXCHANGE);
	if (pending->is_exchanged)
		return 0;
	return is_unable(errno) ? rename(pending->fresh, pending->path) : -1;
}

/* The old file shows what it was up to the very end. */
static bool was_expected(const struct pending *pending)
{
	return !pending->is_exchanged || !pending->expected ||
	       holds(pending->fresh, O_NOFOLLOW, pending->expected, pending->expected_len) == HOLDS_SAME;
}

static int put_in_place(struct saver *saver, struct why *why)
{
	struct pending *pending;

	for (pending = saver->list; pending < saver->list + saver->count; pending++) {
		if (pending->is_new ? place_new(pending) : place_again(pending))
			return why_set(why, "%s: %s", pending->path, strerror(errno));
		pending->is_placed = true;
		if (!was_expected(pending))
			return say_changed(pending->path, why);
	}
	return 0;
}

static void take_back(struct saver *saver)
{
	struct pending *pending;

	for (pending = saver->list; pending < saver->list + saver->count; pending++) {
		if (pending->is_placed && pending->is_new)
			unlink(pending->path);
		else if (pending->is_exchanged)
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
static int lock_folder(const char *path, const struct compose_notes *notes, struct why *why)
{
	char folder[FILE_PATH_MAX];
	const char *slash = strrchr(path, '/');
	int fd;

	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return why_set(why, "there is no folder %s yet: mkdir %s", folder, folder);
	if (fd < 0)
		return why_set(why, "%s: %s", folder, strerror(errno));
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return fd;
	if (errno == EWOULDBLOCK) {
		char line[FILE_PATH_MAX + 96];

		snprintf(line, sizeof(line), "waiting until another program is done with %s, which it has locked (lslocks tells who)",
			 folder);
		notes->say(notes->ctx, line);
		if (!flock(fd, LOCK_EX))
			return fd;
	}
	close(fd);
	return why_set(why, "%s: %s", folder, strerror(errno));
}

int save_files(const struct compose *files, size_t count, const struct compose_notes *notes, struct why *why)
{
	struct saver saver = { .count = 0 };
	size_t i;
	int err = 0, lock = count ? lock_folder(files->path, notes, why) : -EINVAL;

	if (lock < 0)
		return -EINVAL;
	for (i = 0; !err && i < count; i++)
		err = write_file(&saver, &files[i], why);
	if (!err)
		err = put_in_place(&saver, why);
	if (err)
		take_back(&saver);
	drop(&saver);
	/* Keys may be told to others next, who would use them: they must not be lost with the power. */
	fsync(lock);
	close(lock);
	return err;
}
