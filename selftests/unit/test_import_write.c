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
/* The files that an import makes, and how it changes those that are there. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/vgw.h>

#include "importing.h"

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

/* AWS is restricted to networks that inside addresses are not in: probes would be, too. */
static void restricted(void **state)
{
	char *text = strdup(content("selftests/unit/data", "aws.json")), *at = strstr(text, "\"RemoteIpv4NetworkCidr\": \"0.0.0.0/0");
	struct conf conf;

	(void)state;
	assert_non_null(at);
	memcpy(strstr(at, "0.0.0.0/0"), "9.0.0.0/8", 9);
	assert_int_equal(import_text(text, "office", false), 0);
	assert_int_equal(save(&file, 1), 0);
	compose_exit(&file);
	load("office.conf", &conf);
	assert_int_equal(conf.tunnels[0].probe_interval, 0);
	conf_free(&conf);
	free(text);
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
	assert_true(compose_is_same(&file));
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
	/* Those of another connection, which was added to the file, are nothing of this one's. */
	change("office.conf", "[Tunnel aws-2]\n# of vpn-0aaaabbbbccccdddd", "[Tunnel aws-2]\n# of vpn-0eeeeffffccccdddd");
	assert_int_equal(import_text(text, NULL, false), 0);
	assert_null(strstr(said, "not in AWS's file"));
	compose_exit(&file);
	free(text);
}

/* AWS says otherwise now; whose these lines are by now nobody knows. */
static void what_stays(void **state)
{
	char *text = strdup(content("selftests/unit/data", "aws-generic.txt"));
	char *dash = strdup(content("selftests/unit/data", "aws-strongswan.txt"));
	struct conf conf;

	(void)state;
	import_done("aws.xml", "office");
	memcpy(strstr(text, "Bit : enabled"), "Bit : no     ", 13);
	assert_int_equal(import_text(text, NULL, false), 0);
	assert_non_null(strstr(said, "office: [Tunnel aws-1]: InnerDF = clear stays, and AWS's file does not ask for it: take it out, unless you want it\n"));
	assert_null(strstr(said, "[Tunnel aws-2]: InnerDF"));
	assert_non_null(strstr(said, "office: [Tunnel aws-2]: LocalASN = 65000 and RemoteASN = 64512 stay, and AWS's file is for static routes: take them out, if it speaks BGP no more\n"));
	assert_int_equal(save(&file, 1), 0);
	compose_exit(&file);
	load("office.conf", &conf);
	assert_int_equal(conf.tunnels[0].inner_df, VGW_INNER_DF_CLEAR);
	assert_int_equal(conf.tunnels[0].local_asn, 65000);
	conf_free(&conf);
	/* The text for strongSwan tells neither. */
	assert_int_equal(import_text(dash, NULL, false), 0);
	assert_null(strstr(said, "stay"));
	compose_exit(&file);
	free(text);
	free(dash);
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
	assert_int_equal(import_into(xml, "nosuch"), -EINVAL);
	assert_non_null(strstr(said, "/nosuch.conf: No such file or directory: --into adds to a connection that is there; --name makes a new one\n"));
	compose_exit(&file);
	assert_int_equal(files_there(), 0);
	free(text);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(fresh), IN_FOLDER(restricted), IN_FOLDER(again), IN_FOLDER(chosen_stays), IN_FOLDER(weak_is_told),
		IN_FOLDER(left_over), IN_FOLDER(what_stays), IN_FOLDER(whose_file), IN_FOLDER(another_key), IN_FOLDER(merged),
		IN_FOLDER(refused), IN_FOLDER(by_certificate), IN_FOLDER(to_certificate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
