// SPDX-License-Identifier: GPL-2.0
#include "importing.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "folder.h"
#include "import/recognise.h"
#include "import/save.h"
#include "import/target.h"
#include "import/verify.h"

char folder[64], said[8192];
struct import_connection conn;
struct compose file;
struct why why;
const struct compose_certificate *certificate;

static void say(void *ctx, bool fault, const char *line)
{
	size_t used = strlen(said);

	(void)ctx;
	(void)fault;
	snprintf(said + used, sizeof(said) - used, "%s\n", line);
}

void note(void *ctx, const char *line)
{
	say(ctx, false, line);
}

int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/test_import.XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

int empty_folder(void **state)
{
	char path[sizeof(folder) + 300];
	struct dirent *entry;
	DIR *dir = opendir(folder);

	(void)state;
	while ((entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		unlink(path);
	}
	closedir(dir);
	return rmdir(folder);
}

size_t files_there(void)
{
	struct dirent *entry;
	DIR *dir = opendir(folder);
	size_t count = 0;

	while ((entry = readdir(dir)))
		count += *entry->d_name != '.';
	closedir(dir);
	return count;
}

/* The text of a file here or in the folder; a zero ends it. */
const char *content(const char *in, const char *name)
{
	static char text[65536];
	char path[256];
	FILE *from;
	size_t len;

	snprintf(path, sizeof(path), "%s/%s", in, name);
	from = fopen(path, "r");
	assert_non_null(from);
	len = fread(text, 1, sizeof(text) - 1, from);
	fclose(from);
	text[len] = '\0';
	return text;
}

/* The text in it that @from begins is @to from now on. */
void change(const char *name, const char *from, const char *to)
{
	const char *text = content(folder, name), *at = strstr(text, from);
	char *more;

	assert_non_null(at);
	assert_true(asprintf(&more, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from)) > 0);
	put_file(folder, name, more);
	free(more);
}

unsigned int mode_of(const char *name)
{
	char path[256];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static int import(const char *text, const struct target *target, bool weak)
{
	const struct compose_notes notes = { .say = note };
	struct conf_report report = { .say = say };
	size_t i;

	said[0] = why.text[0] = '\0';
	memset(&file, 0, sizeof(file));
	assert_int_equal(recognise_read("file", text, strlen(text), &conn, &report), 0);
	assert_int_equal(verify_connection(&conn, &report), 0);
	said[0] = '\0';
	file.conn = &conn;
	file.weak = weak;
	file.certificate = certificate;
	for (i = 0; i < conn.n_tunnels; i++) {
		file.tunnels[i].tunnel = &conn.tunnels[i];
		assert_int_equal(upgrade_tunnel(&conn.tunnels[i], weak, &file.tunnels[i].upgrade, &why), 0);
	}
	file.n_tunnels = conn.n_tunnels;
	if (target_find(target, "", &file, &report))
		return -EINVAL;
	return compose_file(&file, &notes, &why);
}

int import_text(const char *text, const char *name, bool weak)
{
	const struct target target = { .folder = folder, .name = name };

	return import(text, &target, weak);
}

int import_into(const char *text, const char *name)
{
	const struct target target = { .folder = folder, .name = name, .must_exist = true };

	return import(text, &target, false);
}

int save(const struct compose *files, size_t count)
{
	const struct compose_notes notes = { .say = note };

	return save_files(files, count, &notes, &why);
}

void import_done(const char *name, const char *as)
{
	char *text = strdup(content("selftests/unit/data", name));

	assert_int_equal(import_text(text, as, false), 0);
	free(text);
	assert_int_equal(save(&file, 1), 0);
	compose_exit(&file);
}

/* Is the file right? Then @conf has it. */
void load(const char *name, struct conf *conf)
{
	struct conf_report report = { .say = say };
	char path[256];

	said[0] = '\0';
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (conf_load(path, conf, &report))
		fail_msg("%s", said);
}

void assert_tunnel(const struct conf *conf, size_t i, const char *name, const char *remote, const char *psk)
{
	const struct conf_tunnel *tunnel = &conf->tunnels[i];
	char text[ADDR_TEXT_MAX];
	uint8_t key[64];
	int len;

	assert_string_equal(tunnel->name, name);
	assert_string_equal(addr_text(&tunnel->remote, text), remote);
	len = conf_psk(conf, tunnel, key, sizeof(key), &why);
	assert_int_equal(len, strlen(psk));
	assert_memory_equal(key, psk, len);
}
