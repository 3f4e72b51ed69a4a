// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/import/compose.c tools/vpntun/import/edit.c tools/vpntun/import/save.c */
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
/* The files that an import writes, and how it changes those that are there. */
#include <dirent.h>
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
#include "import/recognise.h"
#include "import/save.h"
#include "import/target.h"
#include "import/verify.h"

static char folder[64], said[8192];
static struct import_connection conn;
static struct compose file;
static struct why why;
static const struct compose_certificate *certificate;

static void say(void *ctx, bool fault, const char *line)
{
	size_t used = strlen(said);

	(void)ctx;
	(void)fault;
	snprintf(said + used, sizeof(said) - used, "%s\n", line);
}

static void note(void *ctx, const char *line)
{
	say(ctx, false, line);
}

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

static int make_folder(void **state)
{
	(void)state;
	no_flags = 0;
	no_links = false;
	broken = NULL;
	meanwhile = NULL;
	snprintf(folder, sizeof(folder), "/tmp/test_import.XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int empty_folder(void **state)
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

static size_t files_there(void)
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
static const char *content(const char *in, const char *name)
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
static void change(const char *name, const char *from, const char *to)
{
	const char *text = content(folder, name), *at = strstr(text, from);
	char *more;

	assert_non_null(at);
	assert_true(asprintf(&more, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from)) > 0);
	put_file(folder, name, more);
	free(more);
}

static void change_office(void)
{
	change("office.conf", "Priority = 10", "Priority = 5");
}

static void make_home(void)
{
	put_file(folder, "home.conf", "# somebody else's\n");
}

static void unlink_home(void)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/home.conf", folder);
	assert_int_equal(unlink(path), 0);
}

static unsigned int mode_of(const char *name)
{
	char path[256];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

/* Imports the text, into the connection @name unless that is NULL; compose_exit() is the caller's. */
static int import_text(const char *text, const char *name, bool weak)
{
	const struct compose_notes notes = { .say = note };
	const struct target target = { .folder = folder, .name = name };
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
	if (target_find(&target, "", &file, &report))
		return -EINVAL;
	return compose_file(&file, &notes, &why);
}

static int save(const struct compose *files, size_t count)
{
	const struct compose_notes notes = { .say = note };

	return save_files(files, count, &notes, &why);
}

static void import_done(const char *name, const char *as)
{
	char *text = strdup(content("selftests/unit/data", name));

	assert_int_equal(import_text(text, as, false), 0);
	free(text);
	assert_int_equal(save(&file, 1), 0);
	compose_exit(&file);
}

/* Is the file right? Then @conf has it. */
static void load(const char *name, struct conf *conf)
{
	struct conf_report report = { .say = say };
	char path[256];

	said[0] = '\0';
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (conf_load(path, conf, &report))
		fail_msg("%s", said);
}

static void assert_tunnel(const struct conf *conf, size_t i, const char *name, const char *remote, const char *psk)
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

/* ---- a new file ---- */

static void fresh(void **state)
{
	const struct conf_tunnel *tunnel;
	struct conf conf;

	(void)state;
	import_done("aws.xml", NULL);
	assert_int_equal(files_there(), 3);
	assert_int_equal(mode_of("vpn-0aaaabbbbccccdddd-aws-1.psk"), 0600);
	assert_int_equal(mode_of("vpn-0aaaabbbbccccdddd-aws-2.psk"), 0600);
	assert_null(strstr(content(folder, "vpn-0aaaabbbbccccdddd.conf"), "Made.Up"));

	load("vpn-0aaaabbbbccccdddd.conf", &conf);
	assert_string_equal(conf.ifname, "vpn-ccccdddd");
	assert_int_equal(conf.n_tunnels, 2);
	assert_tunnel(&conf, 0, "aws-1", "198.51.100.21", "Made.Up_Psk_Tunnel1_NotReal01234");
	assert_tunnel(&conf, 1, "aws-2", "198.51.100.22", "Made.Up_Psk_Tunnel2_NotReal56789");
	tunnel = &conf.tunnels[0];
	assert_string_equal(tunnel->local_id, "203.0.113.10");
	assert_int_equal(tunnel->local.len, 0);		/* not an address of this host */
	assert_int_equal(tunnel->inner_df, VGW_INNER_DF_CLEAR);
	assert_int_equal(tunnel->probe_interval, 1000);
	assert_int_equal(tunnel->priority, 10);
	assert_int_equal(conf.tunnels[1].priority, 20);
	assert_int_equal(tunnel->local_asn, 65000);
	assert_int_equal(tunnel->remote_asn, 64512);
	assert_int_equal(tunnel->bgp_hold, 30);
	/* What AWS does at its own end is not what we do. */
	assert_int_equal(tunnel->start_action, CONF_START_START);
	assert_int_equal(tunnel->dpd_action, CONF_DPD_RESTART);
	assert_string_equal(tunnel->esp_proposals.list[0], "aes256gcm16-ecp384");
	conf_free(&conf);
}

/* ---- again ---- */

static void again(void **state)
{
	struct conf conf;
	char *before;

	(void)state;
	import_done("aws.xml", "office");
	before = strdup(content(folder, "office.conf"));
	import_done("aws.xml", NULL);
	assert_string_equal(said, "");
	assert_string_equal(content(folder, "office.conf"), before);
	free(before);

	/* In the other order, and with options: what AWS decides follows, whatever else somebody has written stays. */
	change("office.conf", "Local = auto", "Local = auto  # behind a NAT");
	change("office.conf", "Priority = 10", "Priority = 5");
	change("office.conf", "[Tunnel aws-2]", "[Tunnel mine]\nDSCP = 46");
	change("office.conf", "Name = office", "Name = vgw7\nRoutes = 10.20.0.0/16");
	import_done("aws-secrets-manager.json", NULL);
	assert_int_equal(files_there(), 3);
	assert_non_null(strstr(content(folder, "office.conf"), "Local = auto  # behind a NAT\n"));
	load("office.conf", &conf);
	assert_string_equal(conf.ifname, "vgw7");
	assert_int_equal(conf.routes.count, 1);
	assert_tunnel(&conf, 0, "aws-1", "198.51.100.21", "Made.Up_Psk_Tunnel1_NotReal01234");
	assert_tunnel(&conf, 1, "mine", "198.51.100.22", "Made.Up_Psk_Tunnel2_NotReal56789");
	assert_int_equal(conf.tunnels[0].priority, 5);
	assert_int_equal(conf.tunnels[1].dscp, 46);
	assert_int_equal(conf.tunnels[0].lifetime, 1800);
	assert_int_equal(conf.tunnels[1].lifetime, 1800);
	assert_int_equal(conf.tunnels[0].replay_window, 2048);
	assert_string_equal(conf.tunnels[0].ike_proposals.list[0], "aes256-sha384-ecp384");
	conf_free(&conf);
}

/* A text that has the minimum alone is no reason to change what was chosen. */
static void chosen_stays(void **state)
{
	struct conf conf;

	(void)state;
	import_done("aws.json", "office");
	change("office.conf", "ESPProposals = aes256gcm16-ecp384", "ESPProposals = aes256gcm16-ecp521");
	import_done("aws-generic-bgp.txt", NULL);
	load("office.conf", &conf);
	assert_string_equal(conf.tunnels[0].esp_proposals.list[0], "aes256gcm16-ecp521");
	assert_int_equal(conf.tunnels[0].esp_proposals.count, 1);
	conf_free(&conf);
}

/* --weak is asked for once; what it has written is told each time. */
static void weak_is_told(void **state)
{
	char *text = strdup(content("selftests/unit/data", "aws.xml"));

	(void)state;
	assert_int_equal(import_text(text, "office", true), 0);
	assert_non_null(strstr(said, ": weak, as --weak asks: IKE aes128-sha1-modp1024"));
	assert_int_equal(save(&file, 1), 0);
	compose_exit(&file);
	assert_int_equal(import_text(text, NULL, false), 0);
	assert_non_null(strstr(said, "[Tunnel aws-1]: stays weak, as its section says: IKE aes128-sha1-modp1024"));
	assert_string_equal(file.text, content(folder, "office.conf"));
	assert_true(file.tunnels[0].upgrade.weak);
	assert_string_equal(file.tunnels[1].upgrade.ike, "aes128-sha1-modp1024");
	compose_exit(&file);
	free(text);
}

/* AWS has made the connection anew, with another outside address of one tunnel. */
static void left_over(void **state)
{
	char *text = strdup(content("selftests/unit/data", "aws.xml"));

	(void)state;
	import_done("aws.xml", "office");
	memcpy(strstr(text, "198.51.100.22"), "198.51.100.29", 13);
	assert_int_equal(import_text(text, NULL, false), 0);
	assert_non_null(strstr(said, "office: [Tunnel aws-2]: not in AWS's file: take it out, if AWS has it no more\n"));
	assert_null(strstr(said, "[Tunnel aws-1]: not in"));
	compose_exit(&file);
	free(text);
}

/* Whose tunnels these are must be clear. */
static void whose_file(void **state)
{
	char *text = strdup(content("selftests/unit/data", "aws.xml")), path[256];

	(void)state;
	import_done("aws.xml", "office");
	import_done("aws.xml", "other");
	assert_int_not_equal(import_text(text, NULL, false), 0);
	assert_non_null(strstr(said, ".conf: import with --split, or leave each tunnel in one of them"));
	compose_exit(&file);
	snprintf(path, sizeof(path), "%s/other.conf", folder);
	unlink(path);
	change("office.conf", "Priority = 10", "Nonsense = 10");
	assert_int_equal(import_text(text, NULL, false), 0);
	assert_non_null(strstr(said, "office.conf: it is not right, so whether it has these tunnels already is not known"));
	compose_exit(&file);
	free(text);
}

static void another_key(void **state)
{
	struct conf conf;
	char *text;

	(void)state;
	import_done("aws.xml", "office");
	text = strdup(content("selftests/unit/data", "aws.xml"));
	memcpy(strstr(text, "Made.Up_Psk_Tunnel2"), "New_", 4);
	assert_int_equal(import_text(text, NULL, false), 0);
	free(text);
	assert_string_equal(said, "office: [Tunnel aws-2]: another pre-shared key\n");
	assert_int_equal(save(&file, 1), 0);
	compose_exit(&file);
	load("office.conf", &conf);
	assert_tunnel(&conf, 0, "aws-1", "198.51.100.21", "Made.Up_Psk_Tunnel1_NotReal01234");
	assert_tunnel(&conf, 1, "aws-2", "198.51.100.22", "New_.Up_Psk_Tunnel2_NotReal56789");
	assert_int_equal(mode_of("office-aws-2.psk"), 0600);
	conf_free(&conf);
}

/* ---- several into one ---- */

static void merged(void **state)
{
	char *text, *at;
	struct conf conf;

	(void)state;
	import_done("aws.xml", "office");
	text = strdup(content("selftests/unit/data", "aws-generic-bgp.txt"));
	for (at = text; (at = strstr(at, "198.51.100."));)
		memcpy(at, "198.51.200.", 11);
	for (at = text; (at = strstr(at, "169.254.1"));)
		memcpy(at, "169.254.2", 9);
	for (at = text; (at = strstr(at, "169.254.46"));)
		memcpy(at, "169.254.47", 10);
	for (at = text; (at = strstr(at, "169.254.281"));)
		memcpy(at, "169.254.182", 11);
	assert_int_equal(import_text(text, "office", false), 0);
	free(text);
	assert_int_equal(save(&file, 1), 0);
	compose_exit(&file);
	load("office.conf", &conf);
	assert_int_equal(conf.n_tunnels, 4);
	assert_tunnel(&conf, 2, "aws-3", "198.51.200.21", "Made.Up_Psk_Tunnel1_NotReal01234");
	assert_tunnel(&conf, 3, "aws-4", "198.51.200.22", "Made.Up_Psk_Tunnel2_NotReal56789");
	assert_int_equal(conf.tunnels[3].priority, 40);
	conf_free(&conf);
}

/* ---- what goes wrong ---- */

static void refused(void **state)
{
	char *text = strdup(content("selftests/unit/data", "aws-secrets-manager.json")), *at;
	char *xml = strdup(content("selftests/unit/data", "aws.xml"));

	(void)state;
	assert_int_equal(import_text(text, NULL, false), -EINVAL);
	assert_non_null(strstr(why.text, "the key of the tunnel to 198.51.100.21 is not in the file"));
	assert_null(file.text);
	compose_exit(&file);
	/* A name that cannot be one, and none at all. */
	assert_int_equal(import_text(xml, "../office", false), -EINVAL);
	assert_non_null(strstr(said, "'../office' cannot be a connection's name"));
	compose_exit(&file);
	assert_int_equal(import_text(xml, "a-name-that-is-far-too-long-for-it", false), -EINVAL);
	compose_exit(&file);
	assert_int_equal(import_text(xml, "daemon", false), -EINVAL);
	compose_exit(&file);
	at = strstr(xml, "vpn-0aaaabbbbccccdddd");
	memset(at, ' ', 21);
	assert_int_equal(import_text(xml, NULL, false), -EINVAL);
	assert_string_equal(said, "file: it has no VPN connection ID: give the connection a --name\n");
	compose_exit(&file);
	assert_int_equal(files_there(), 0);
	free(text);
	free(xml);
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
	/* The same key is no loss. */
	put_file(folder, "office-aws-2.psk", "Made.Up_Psk_Tunnel2_NotReal56789\n");
	assert_int_equal(import_text(xml, "office", false), 0);
	assert_int_equal(save(&file, 1), 0);
	compose_exit(&file);
	assert_int_equal(files_there(), 3);
	assert_int_equal(mode_of("office-aws-2.psk"), 0600);
	free(xml);
}

/* ---- certificates ---- */

static void by_certificate(void **state)
{
	static const struct compose_certificate ours = { "/etc/ssl/gw.pem", "/etc/ssl/gw.key", "/etc/ssl/aws.pem" };
	char *text = strdup(content("selftests/unit/data", "aws-secrets-manager.json"));
	struct conf conf;

	(void)state;
	certificate = &ours;
	assert_int_equal(import_text(text, "office", false), 0);
	certificate = NULL;
	assert_int_equal(save(&file, 1), 0);
	compose_exit(&file);
	assert_int_equal(files_there(), 1);
	load("office.conf", &conf);
	assert_string_equal(conf.tunnels[0].certificate, "/etc/ssl/gw.pem");
	assert_string_equal(conf.tunnels[0].private_key, "/etc/ssl/gw.key");
	assert_string_equal(conf.tunnels[0].psk_file, "");
	assert_string_equal(conf.tunnels[0].local_id, "");
	assert_string_equal(conf.tunnels[0].remote_id, "CN=vpn-0aaaabbbbccccdddd.endpoint-1");
	assert_string_equal(conf.tunnels[1].remote_id, "CN=vpn-0aaaabbbbccccdddd.endpoint-0");
	conf_free(&conf);

	/* What was exchanged by hand stays, and nobody is called by an address. */
	change("office.conf", "endpoint-1", "endpoint-0");
	assert_int_equal(import_text(text, "office", false), 0);
	assert_string_equal(file.text, content(folder, "office.conf"));
	compose_exit(&file);
	free(text);
}

/* It had a pre-shared key until now, and our name with it. */
static void to_certificate(void **state)
{
	static const struct compose_certificate ours = { "/etc/ssl/gw.pem", "/etc/ssl/gw.key", "/etc/ssl/aws.pem" };
	static const char *const names[] = { "LocalID = 203.0.113.10\n", "PSKFile = office-aws-1.psk\n", "PSKFile = office-aws-2.psk\n" };
	char *text = strdup(content("selftests/unit/data", "aws-secrets-manager.json"));
	struct conf conf;
	size_t i;

	(void)state;
	import_done("aws.xml", "office");
	certificate = &ours;
	assert_int_equal(import_text(text, "office", false), -EINVAL);
	compose_exit(&file);
	assert_non_null(strstr(why.text, "[Tunnel aws-1] has a PSKFile: take it out there"));
	for (i = 1; i < 3; i++)
		change("office.conf", names[i], "");
	assert_int_equal(import_text(text, "office", false), -EINVAL);
	compose_exit(&file);
	assert_non_null(strstr(why.text, "[Tunnel aws-1] has LocalID = 203.0.113.10, which no certificate is for: take it out there"));
	change("office.conf", names[0], "");
	change("office.conf", names[0], "LocalID = CN=gw\n");
	assert_int_equal(import_text(text, "office", false), 0);
	assert_int_equal(save(&file, 1), 0);
	compose_exit(&file);
	certificate = NULL;
	load("office.conf", &conf);
	assert_string_equal(conf.tunnels[0].local_id, "");
	assert_string_equal(conf.tunnels[1].local_id, "CN=gw");
	assert_string_equal(conf.tunnels[1].certificate, "/etc/ssl/gw.pem");
	conf_free(&conf);
	free(text);
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
	unlink_home();
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

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, empty_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(fresh), IN_FOLDER(again), IN_FOLDER(chosen_stays), IN_FOLDER(weak_is_told),
		IN_FOLDER(left_over), IN_FOLDER(whose_file), IN_FOLDER(another_key), IN_FOLDER(merged),
		IN_FOLDER(refused), IN_FOLDER(not_saved),
		IN_FOLDER(by_certificate), IN_FOLDER(made_meanwhile), IN_FOLDER(changed_meanwhile), IN_FOLDER(taken_back), IN_FOLDER(one_of_many),
		IN_FOLDER(shared_key), IN_FOLDER(without_exchange), IN_FOLDER(by_links), IN_FOLDER(changed_at_last),
		IN_FOLDER(locked), IN_FOLDER(to_certificate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
