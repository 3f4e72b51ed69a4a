// SPDX-License-Identifier: GPL-2.0
/* sources: selftests/unit/importing.c tools/vpntun/import/compose.c tools/vpntun/import/edit.c tools/vpntun/import/save.c */
/* sources: tools/vpntun/import/target.c tools/vpntun/import/recognise.c tools/vpntun/import/aws_xml.c */
/* sources: tools/vpntun/import/bare.c */
/* sources: tools/vpntun/import/aws_json.c tools/vpntun/import/generic.c tools/vpntun/import/swan.c */
/* sources: tools/vpntun/import/lines.c tools/vpntun/import/take.c tools/vpntun/import/verify.c */
/* sources: tools/vpntun/import/upgrade.c tools/vpntun/conf/check.c tools/vpntun/conf/daemon.c */
/* sources: tools/vpntun/conf/defaults.c tools/vpntun/conf/file.c tools/vpntun/conf/inside.c */
/* sources: tools/vpntun/conf/keys.c tools/vpntun/conf/lex.c tools/vpntun/conf/load.c tools/vpntun/conf/parse.c */
/* sources: tools/vpntun/conf/psk.c tools/vpntun/conf/report.c tools/vpntun/conf/value.c tools/vpntun/util/addr.c */
/* sources: tools/vpntun/util/base64.c tools/vpntun/util/hex.c tools/vpntun/util/name.c tools/vpntun/util/nearest.c */
/* sources: tools/vpntun/util/num.c tools/vpntun/util/prefix.c tools/vpntun/util/text.c tools/vpntun/util/why.c tools/vpntun/util/wiped.c */
/* libs: expat jansson */
/* link: -Wl,--wrap=renameat2 -Wl,--wrap=link */
/* How an import's files come to their places: all of them or none, whoever else is at it and whatever lies below. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "folder.h"
#include "import/save.h"
#include "importing.h"

/* What file systems can, and what happens at the last moment: see "link:" above. */
static int no_flags;			/* the error of one that has none for renaming */
static bool no_links;
static const char *broken;		/* how a name ends for which there is an error */
static void (*meanwhile)(void);		/* once, before the next file is put in its place */

int __real_renameat2(int old_dir, const char *old, int new_dir, const char *new, unsigned int flags);
int __wrap_renameat2(int old_dir, const char *old, int new_dir, const char *new, unsigned int flags);
int __real_link(const char *old, const char *new);
int __wrap_link(const char *old, const char *new);

static int fails(int error)
{
	errno = error;
	return -1;
}

int __wrap_renameat2(int old_dir, const char *old, int new_dir, const char *new, unsigned int flags)
{
	void (*now)(void) = meanwhile;

	meanwhile = NULL;
	if (now)
		now();
	if (broken && strlen(new) > strlen(broken) && !strcmp(new + strlen(new) - strlen(broken), broken))
		return fails(EIO);
	return no_flags ? fails(no_flags) : __real_renameat2(old_dir, old, new_dir, new, flags);
}

int __wrap_link(const char *old, const char *new)
{
	return no_links ? fails(EPERM) : __real_link(old, new);
}

static int make_plain_folder(void **state)
{
	no_flags = 0;
	no_links = false;
	broken = NULL;
	meanwhile = NULL;
	return make_folder(state);
}

static void change_office(void)
{
	change("office.conf", "Priority = 10", "Priority = 5");
}

static void make_home(void)
{
	put_file(folder, "home.conf", "# somebody else's\n");
}

static const char *path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

/* Nothing is half done: no file without its keys, no key of somebody else's overwritten. */
static void not_saved(void **state)
{
	char *xml = strdup(content("selftests/unit/data", "aws.xml"));

	(void)state;
	put_file(folder, "office-aws-2.psk", "Another.Key_That_Is_Here\n");
	assert_int_equal(import_text(xml, "office", false), 0);
	assert_int_equal(save(&file, 1), -EINVAL);
	assert_non_null(strstr(why.text, "office-aws-2.psk is there already, with another key: move it away first"));
	compose_exit(&file);
	assert_int_equal(files_there(), 1);
	assert_string_equal(content(folder, "office-aws-2.psk"), "Another.Key_That_Is_Here\n");
	/* What is no key at all. */
	assert_int_equal(unlink(path_of("office-aws-2.psk")), 0);
	assert_int_equal(mkdir(path_of("office-aws-2.psk"), 0755), 0);
	assert_int_equal(import_text(xml, "office", false), 0);
	assert_int_equal(save(&file, 1), -EINVAL);
	assert_non_null(strstr(why.text, "office-aws-2.psk is a directory, and a key is to be written there: move it away first"));
	compose_exit(&file);
	assert_int_equal(files_there(), 1);
	assert_int_equal(rmdir(path_of("office-aws-2.psk")), 0);
	/* The same key is no loss. */
	put_file(folder, "office-aws-2.psk", "Made.Up_Psk_Tunnel2_NotReal56789\n");
	assert_int_equal(import_text(xml, "office", false), 0);
	assert_int_equal(save(&file, 1), 0);
	compose_exit(&file);
	assert_int_equal(files_there(), 3);
	assert_int_equal(mode_of("office-aws-2.psk"), 0600);
	free(xml);
}

/* ---- somebody else is at it, too ---- */

static void prepare(const char *name, const char *with_key)
{
	char *xml = strdup(content("selftests/unit/data", "aws.xml")), *at = strstr(xml, "Made.Up_Psk_Tunnel1");

	memcpy(at, with_key, strlen(with_key));
	assert_int_equal(import_text(xml, name, false), 0);
	free(xml);
}

/* It was free when it was looked at. */
static void made_meanwhile(void **state)
{
	(void)state;
	prepare("office", "Made");
	put_file(folder, "office.conf", "# somebody else's\n");
	assert_int_equal(save(&file, 1), -EINVAL);
	assert_non_null(strstr(why.text, "office.conf is there already, made by somebody else"));
	compose_exit(&file);
	assert_string_equal(content(folder, "office.conf"), "# somebody else's\n");
	assert_int_equal(files_there(), 1);
}

static void changed_meanwhile(void **state)
{
	(void)state;
	import_done("aws.xml", "office");
	prepare("office", "New_");
	change("office.conf", "Priority = 10", "Priority = 5");
	assert_int_equal(save(&file, 1), -EINVAL);
	assert_non_null(strstr(why.text, "office.conf was changed by somebody else"));
	compose_exit(&file);
	assert_non_null(strstr(content(folder, "office.conf"), "Priority = 5\n"));
	assert_string_equal(content(folder, "office-aws-1.psk"), "Made.Up_Psk_Tunnel1_NotReal01234\n");
	assert_int_equal(files_there(), 3);
}

/* The last of several files cannot be put in its place: those before it are as they were. */
static void taken_back(void **state)
{
	struct compose other = { .text = "# new\n" }, files[2];

	(void)state;
	import_done("aws.xml", "office");
	prepare("office", "New_");
	snprintf(other.path, sizeof(other.path), "%s/other.conf", folder);
	files[0] = file;
	files[1] = other;
	broken = "/other.conf";
	assert_int_equal(save(files, 2), -EINVAL);
	compose_exit(&file);
	assert_string_equal(content(folder, "office-aws-1.psk"), "Made.Up_Psk_Tunnel1_NotReal01234\n");
	assert_int_equal(files_there(), 3);
}

/* Of many that make the same connection at the same time one does, with its own keys. */
static void one_of_many(void **state)
{
	enum { WRITERS = 8 };
	char key[WRITERS][5], expected[64];
	int done = -1, status, go[2];
	pid_t pids[WRITERS];
	size_t i;
	char byte;

	(void)state;
	assert_int_equal(pipe(go), 0);
	for (i = 0; i < WRITERS; i++) {
		snprintf(key[i], sizeof(key[i]), "Key%zu", i);
		prepare("office", key[i]);
		pids[i] = fork();
		if (!pids[i]) {
			close(go[1]);
			_exit(read(go[0], &byte, 1) || save(&file, 1));
		}
		assert_true(pids[i] > 0);
		compose_exit(&file);
	}
	close(go[0]);
	close(go[1]);
	for (i = 0; i < WRITERS; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		if (status)
			continue;
		assert_int_equal(done, -1);
		done = i;
	}
	assert_int_not_equal(done, -1);
	snprintf(expected, sizeof(expected), "%s.Up_Psk_Tunnel1_NotReal01234\n", key[done]);
	assert_string_equal(content(folder, "office-aws-1.psk"), expected);
	assert_int_equal(files_there(), 3);
}

/* ---- one key file for two tunnels ---- */

static int import_keys(const char *one, const char *two)
{
	char *xml = strdup(content("selftests/unit/data", "aws.xml"));
	int err;

	memcpy(strstr(xml, "Made.Up_Psk_Tunnel1"), one, strlen(one));
	memcpy(strstr(xml, "Made.Up_Psk_Tunnel2"), two, strlen(two));
	/* the rest differs */
	memcpy(strstr(xml, "_NotReal56789"), "_NotReal01234", 13);
	assert_int_equal(import_text(xml, NULL, false), 0);
	free(xml);
	err = save(&file, 1);
	compose_exit(&file);
	return err;
}

static void shared_key(void **state)
{
	(void)state;
	import_done("aws.xml", "office");
	change("office.conf", "office-aws-2.psk", "office-aws-1.psk");
	assert_int_equal(import_keys("One.For_Both_Tunnel", "One.For_Both_Tunnel"), 0);
	assert_string_equal(content(folder, "office-aws-1.psk"), "One.For_Both_Tunnel_NotReal01234\n");
	assert_int_equal(import_keys("One.For_Ours_Tunnel", "Two.For_Ours_Tunnel"), -EINVAL);
	assert_non_null(strstr(why.text, "office-aws-1.psk would have to hold two different things: two sections name this file"));
	assert_string_equal(content(folder, "office-aws-1.psk"), "One.For_Both_Tunnel_NotReal01234\n");
	/* The same file by another name. */
	change("office.conf", "office-aws-1.psk", "./office-aws-1.psk");
	assert_int_equal(import_keys("New.For_Both_Tunnel", "New.For_Both_Tunnel"), 0);
	assert_string_equal(content(folder, "office-aws-1.psk"), "New.For_Both_Tunnel_NotReal01234\n");
	assert_int_equal(import_keys("One.For_Ours_Tunnel", "Two.For_Ours_Tunnel"), -EINVAL);
	assert_string_equal(content(folder, "office-aws-1.psk"), "New.For_Both_Tunnel_NotReal01234\n");
	assert_int_equal(files_there(), 3);
}

/* ---- links ---- */

static void put_away(const char *name, const char *to)
{
	char away[256];

	snprintf(away, sizeof(away), "%s", path_of(to));
	assert_int_equal(rename(path_of(name), away), 0);
	assert_int_equal(symlink(to, path_of(name)), 0);
}

static bool is_link(const char *name)
{
	struct stat st;

	assert_int_equal(lstat(path_of(name), &st), 0);
	return S_ISLNK(st.st_mode);
}

/* Whoever keeps the files elsewhere has them there afterwards, with their modes. */
static void links_stay(void **state)
{
	(void)state;
	import_done("aws.xml", "office");
	put_away("office.conf", "kept");
	put_away("office-aws-1.psk", "key");
	change("office.conf", "Lifetime = 3600", "Lifetime = 1800");
	assert_int_equal(chmod(path_of("kept"), 0640), 0);
	assert_int_equal(import_keys("New.For_Both_Tunnel", "New.For_Both_Tunnel"), 0);
	assert_true(is_link("office.conf") && is_link("office-aws-1.psk"));
	assert_int_equal(mode_of("kept"), 0640);
	assert_int_equal(mode_of("key"), 0600);
	assert_non_null(strstr(content(folder, "kept"), "Lifetime = 3600"));
	assert_string_equal(content(folder, "key"), "New.For_Both_Tunnel_NotReal01234\n");
	/* two names of one file, by a link */
	assert_int_equal(unlink(path_of("office-aws-2.psk")), 0);
	assert_int_equal(symlink("key", path_of("office-aws-2.psk")), 0);
	assert_int_equal(import_keys("One.For_Ours_Tunnel", "Two.For_Ours_Tunnel"), -EINVAL);
	assert_non_null(strstr(why.text, "would have to hold two different things"));
	assert_string_equal(content(folder, "key"), "New.For_Both_Tunnel_NotReal01234\n");
	/* one that leads nowhere */
	assert_int_equal(unlink(path_of("key")), 0);
	assert_int_equal(import_keys("One.For_Both_Tunnel", "One.For_Both_Tunnel"), -EINVAL);
	assert_non_null(strstr(why.text, "office-aws-1.psk is a link, and where it leads to: No such file"));
	assert_int_equal(files_there(), 4);
}

/* ---- what lies below ---- */

/* Neither exchanging nor second names: vfat. The last way has to look before it leaps. */
static void without_exchange(void **state)
{
	(void)state;
	no_links = true;
	no_flags = EINVAL;
	import_done("aws.xml", "office");
	assert_int_equal(files_there(), 3);
	assert_int_equal(import_keys("New.For_Both_Tunnel", "New.For_Both_Tunnel"), 0);
	assert_string_equal(content(folder, "office-aws-2.psk"), "New.For_Both_Tunnel_NotReal01234\n");
	no_flags = ENOSYS;
	assert_int_equal(import_keys("Old.For_Both_Tunnel", "Old.For_Both_Tunnel"), 0);
	assert_string_equal(content(folder, "office-aws-2.psk"), "Old.For_Both_Tunnel_NotReal01234\n");
	assert_int_equal(files_there(), 3);
}

/* Links only: NFS. */
static void by_links(void **state)
{
	(void)state;
	no_flags = EINVAL;
	import_done("aws.xml", "office");
	assert_int_equal(files_there(), 3);
	prepare("home", "Made");
	meanwhile = make_home;
	assert_int_equal(save(&file, 1), -EINVAL);
	compose_exit(&file);
	assert_string_equal(content(folder, "home.conf"), "# somebody else's\n");
	no_links = true;
	assert_int_equal(unlink(path_of("home.conf")), 0);
	prepare("home", "Made");
	meanwhile = make_home;
	assert_int_equal(save(&file, 1), -EINVAL);
	compose_exit(&file);
	assert_string_equal(content(folder, "home.conf"), "# somebody else's\n");
	assert_int_equal(files_there(), 4);
}

/* After everything was looked at, and before it is replaced. */
static void changed_at_last(void **state)
{
	(void)state;
	import_done("aws.xml", "office");
	change("office.conf", "Lifetime = 3600", "Lifetime = 1800");
	prepare(NULL, "New_");
	meanwhile = change_office;
	assert_int_equal(save(&file, 1), -EINVAL);
	compose_exit(&file);
	assert_non_null(strstr(why.text, "office.conf was changed by somebody else"));
	assert_non_null(strstr(content(folder, "office.conf"), "Priority = 5\n"));
	assert_string_equal(content(folder, "office-aws-1.psk"), "Made.Up_Psk_Tunnel1_NotReal01234\n");
	assert_int_equal(files_there(), 3);
}

static int lock_of_another = -1;

static void give_way(void *ctx, const char *line)
{
	note(ctx, line);
	close(lock_of_another);
}

/* Whoever has to wait says for what. */
static void locked(void **state)
{
	const struct compose_notes notes = { .say = give_way };

	(void)state;
	prepare("office", "Made");
	lock_of_another = open(folder, O_RDONLY | O_DIRECTORY);
	assert_int_equal(flock(lock_of_another, LOCK_EX), 0);
	assert_int_equal(save_files(&file, 1, &notes, &why), 0);
	compose_exit(&file);
	assert_non_null(strstr(said, "waiting until another program is done with"));
	assert_non_null(strstr(said, folder));
	assert_int_equal(files_there(), 3);
}

#define IN_PLAIN(test) cmocka_unit_test_setup_teardown(test, make_plain_folder, empty_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLAIN(not_saved), IN_PLAIN(made_meanwhile), IN_PLAIN(changed_meanwhile), IN_PLAIN(taken_back),
		IN_PLAIN(one_of_many), IN_PLAIN(shared_key), IN_PLAIN(links_stay), IN_PLAIN(without_exchange), IN_PLAIN(by_links),
		IN_PLAIN(changed_at_last), IN_PLAIN(locked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
