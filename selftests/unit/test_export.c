// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/export/view.c tools/vpntun/export/text.c tools/vpntun/export/connection.c */
/* sources: tools/vpntun/export/key.c tools/vpntun/export/aws.c tools/vpntun/export/aws_xml.c */
/* sources: tools/vpntun/export/generic.c tools/vpntun/export/strongswan.c tools/vpntun/export/device.c */
/* sources: tools/vpntun/export/libreswan.c tools/vpntun/export/iked.c tools/vpntun/export/words.c */
/* sources: tools/vpntun/export/vpntun.c tools/vpntun/export/offer.c tools/vpntun/export/blocks.c */
/* sources: tools/vpntun/import/compose.c tools/vpntun/import/edit.c tools/vpntun/import/recognise.c */
/* sources: tools/vpntun/import/bare.c */
/* sources: tools/vpntun/import/aws_xml.c tools/vpntun/import/aws_json.c tools/vpntun/import/generic.c */
/* sources: tools/vpntun/import/swan.c tools/vpntun/import/lines.c tools/vpntun/import/take.c */
/* sources: tools/vpntun/import/verify.c tools/vpntun/import/upgrade.c tools/vpntun/ike/prop.c */
/* sources: tools/vpntun/ike/propname.c tools/vpntun/ike/ident.c tools/vpntun/ike/dn.c tools/vpntun/ike/buf.c */
/* sources: tools/vpntun/conf/check.c tools/vpntun/conf/daemon.c tools/vpntun/conf/defaults.c tools/vpntun/conf/diff.c */
/* sources: tools/vpntun/import/bare.c */
/* sources: tools/vpntun/conf/file.c tools/vpntun/conf/inside.c tools/vpntun/conf/keys.c tools/vpntun/conf/lex.c */
/* sources: tools/vpntun/conf/load.c */
/* sources: tools/vpntun/conf/parse.c tools/vpntun/conf/psk.c tools/vpntun/conf/report.c tools/vpntun/conf/value.c */
/* sources: tools/vpntun/util/addr.c tools/vpntun/util/base64.c tools/vpntun/util/hex.c tools/vpntun/util/name.c */
/* sources: tools/vpntun/util/nearest.c tools/vpntun/util/num.c tools/vpntun/util/prefix.c tools/vpntun/util/text.c */
/* sources: tools/vpntun/util/why.c tools/vpntun/util/wiped.c */
/* libs: expat jansson libcrypto */
/* What a hub offers to a customer, and what of it is printed for the customer's device. */
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

#include "conf/diff.h"
#include "export/blocks.h"
#include "export/connection.h"
#include "export/offer.h"
#include "export/vendors.h"
#include "folder.h"
#include "import/compose.h"
#include "import/recognise.h"
#include "import/verify.h"
#include "util/prefix.h"

#define KEY_1 "Made.Up_Psk_Tunnel1_NotReal01234"
#define KEY_2 "Made.Up_Psk_Tunnel2_NotReal56789"
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static char folder[64], said[4096];
static struct why why;
static struct export_view view;
static struct export_text text;

static void say(void *ctx, bool fault, const char *line)
{
	size_t used = strlen(said);

	(void)ctx;
	snprintf(said + used, sizeof(said) - used, "%s%s\n", fault ? "" : "warning: ", line);
}

static void note(void *ctx, const char *line)
{
	(void)ctx;
	(void)line;
}

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/test_export.XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	put_file(folder, "office-tunnel-1.psk", KEY_1 "\n");
	put_file(folder, "office-tunnel-2.psk", KEY_2 "\n");
	put_file(folder, "odd.psk", "hex:22005c\n");
	return 0;
}

static int drop_folder(void **state)
{
	static const char *const names[] = { "office-tunnel-1.psk", "office-tunnel-2.psk", "odd.psk" };
	char path[128];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	return rmdir(folder);
}

/* ---- what a test begins with ---- */

static struct ip_addr addr(const char *name)
{
	struct ip_addr out;

	assert_int_equal(addr_parse(name, &out, &why), 0);
	return out;
}

static struct ip_prefix prefix(const char *name)
{
	struct ip_prefix out;

	assert_int_equal(prefix_parse(name, &out, &why), 0);
	return out;
}

/* To 203.0.113.10, with two addresses; of which the rest is a test's own. */
static struct offer two_addresses(void)
{
	return (struct offer){
		.name = "office", .customer = addr("203.0.113.10"),
		.outside = { addr("198.51.100.21"), addr("198.51.100.22") }, .n_outside = 2, .n_blocks = 1,
		.blocks = { { prefix("169.254.46.40/30") }, { prefix("169.254.181.52/30") } },
	};
}

/* Parses and checks; nothing may be wrong with it, though one may be warned. */
static void parse_doubtful(const char *content, struct conf *out)
{
	struct conf_report report = { .say = say };
	char path[128];

	*said = '\0';
	snprintf(path, sizeof(path), "%s/office.conf", folder);
	if (conf_parse(path, content, strlen(content), out, &report) || conf_check(out, &report))
		fail_msg("%s\n%s", said, content);
}

static void parse(const char *content, struct conf *out)
{
	parse_doubtful(content, out);
	assert_string_equal(said, "");
}

/* What connection new would write of the offer, read again. */
static void offered(const struct offer *offer, struct conf *out)
{
	struct export_text file = { .text = NULL };
	struct conf conf;

	assert_int_equal(offer_conf(offer, &conf), 0);
	connection_write(&conf, "office", &file);
	parse(file.text, out);
	conf_free(&conf);
	export_text_exit(&file);
}

/* The vendor's text of the far end, in @text; end() ends it. */
static int export_wished(const struct offer *offer, const struct export_wish *wish, export_fn *vendor)
{
	struct conf conf;

	why.text[0] = '\0';
	offered(offer, &conf);
	if (view_make(&conf, wish, &view, &why))
		return -EINVAL;
	return vendor(&view, &text, &why);
}

static const char *export_of(const struct offer *offer, export_fn *vendor)
{
	const struct export_wish wish = { .secrets = true };

	if (export_wished(offer, &wish, vendor))
		fail_msg("%s", why.text);
	return text.text;
}

static void end(void)
{
	export_text_exit(&text);
	view_exit(&view);
}

static void has(const char *content, const char *what)
{
	if (!strstr(content, what))
		fail_msg("no '%s' in:\n%s", what, content);
}

static void has_not(const char *content, const char *what)
{
	if (strstr(content, what))
		fail_msg("'%s' in:\n%s", what, content);
}

/* ---- inside blocks ---- */

static uint8_t chance[16];

static int by_chance(void *buffer, size_t size)
{
	assert_true(size <= sizeof(chance));
	memcpy(buffer, chance, size);
	chance[size - 1]++;
	return 0;
}

static int no_chance(void *buffer, size_t size)
{
	(void)buffer;
	(void)size;
	errno = ENOSYS;
	return -1;
}

static void blocks_are_free_and_not_reserved(void **state)
{
	struct ip_prefixes used = { 0 };
	struct ip_prefix block;
	char name[ADDR_TEXT_MAX];

	(void)state;
	/* The first is 169.254.0.0/30, which AWS keeps for itself. */
	memset(chance, 0, sizeof(chance));
	assert_int_equal(blocks_choose(&used, false, by_chance, &block, &why), 0);
	assert_string_equal(prefix_text(&block, name), "169.254.0.4/30");

	block = prefix("169.254.0.0/24");
	assert_int_equal(prefixes_add(&used, &block), 0);
	memset(chance, 0, sizeof(chance));
	assert_int_equal(blocks_choose(&used, false, by_chance, &block, &why), 0);
	assert_string_equal(prefix_text(&block, name), "169.254.1.4/30");

	/* Of all but one the one is found, wherever the search begins. */
	used.count = 0;
	block = prefix("169.254.128.0/17");
	assert_int_equal(prefixes_add(&used, &block), 0);
	for (unsigned int i = 0; i < 1 << 13; i++) {
		block = (struct ip_prefix){ { 4, { 169, 254, i >> 6, (i & 63) << 2 } }, 30 };
		if (i != 4711)
			assert_int_equal(prefixes_add(&used, &block), 0);
	}
	assert_int_equal(blocks_choose(&used, false, by_chance, &block, &why), 0);
	assert_string_equal(prefix_text(&block, name), "169.254.73.156/30");
	assert_int_equal(prefixes_add(&used, &block), 0);
	assert_int_equal(blocks_choose(&used, false, by_chance, &block, &why), -EINVAL);
	assert_string_equal(why.text, "no /30 of 169.254.0.0/16 is free");
	prefixes_free(&used);
}

static void blocks_of_ipv6(void **state)
{
	struct ip_prefixes used = { 0 };
	struct ip_prefix block;
	char name[ADDR_TEXT_MAX];

	(void)state;
	memset(chance, 0, sizeof(chance));
	assert_int_equal(blocks_choose(&used, true, by_chance, &block, &why), 0);
	assert_string_equal(prefix_text(&block, name), "fd00::/126");
	assert_int_equal(prefixes_add(&used, &block), 0);
	memset(chance, 0, sizeof(chance));
	assert_int_equal(blocks_choose(&used, true, by_chance, &block, &why), 0);
	assert_string_equal(prefix_text(&block, name), "fd00::4/126");
	block = prefix("fd00::/8");
	assert_int_equal(prefixes_add(&used, &block), 0);
	assert_int_equal(blocks_choose(&used, true, by_chance, &block, &why), -EINVAL);
	assert_string_equal(why.text, "found no /126 of fd00::/8 that is free");
	assert_int_equal(blocks_choose(&used, false, no_chance, &block, &why), -EINVAL);
	has(why.text, "no random numbers");
	prefixes_free(&used);
}

/* ---- the hub's own file ---- */

static void the_hub_waits_for_the_customer(void **state)
{
	struct offer offer = two_addresses();
	struct ip_prefix routes[] = { prefix("10.1.0.0/16") };
	char name[ADDR_TEXT_MAX];
	struct conf conf;

	(void)state;
	offer.routes = (struct ip_prefixes){ routes, 1 };
	offered(&offer, &conf);
	assert_string_equal(conf.ifname, "office");
	assert_int_equal(conf.routes.count, 1);
	assert_int_equal(conf.n_tunnels, 2);
	assert_string_equal(conf.tunnels[1].name, "tunnel-2");
	assert_string_equal(addr_text(&conf.tunnels[1].local, name), "198.51.100.22");
	assert_string_equal(addr_text(&conf.tunnels[1].remote, name), "203.0.113.10");
	/* As at AWS: the first address is ours, the second the customer's. */
	assert_string_equal(addr_text(&conf.tunnels[1].inside.list[0].addr, name), "169.254.181.53");
	assert_string_equal(addr_text(&conf.tunnels[1].peer, name), "169.254.181.54");
	assert_int_equal(conf.tunnels[0].start_action, CONF_START_ADD);
	assert_int_equal(conf.tunnels[0].dpd_action, CONF_DPD_CLEAR);
	assert_string_equal(conf.tunnels[0].remote_id, "");
	assert_string_equal(conf.tunnels[0].psk_file, "office-tunnel-1.psk");
	assert_string_equal(prefix_text(&conf.tunnels[0].local_ts.list[0], name), "0.0.0.0/0");
	assert_int_equal(conf.tunnels[0].local_ts.count, 1);
	assert_true(conf.tunnels[0].priority < conf.tunnels[1].priority);
	conf_free(&conf);
}

static void one_address_needs_identities(void **state)
{
	struct offer offer = two_addresses();
	struct conf conf;

	(void)state;
	offer.n_outside = 1;
	offer.n_blocks = 2;
	offer.blocks[0][1] = prefix("fd00::/126");
	offer.blocks[1][1] = prefix("fd00::4/126");
	offered(&offer, &conf);
	assert_string_equal(conf.tunnels[0].remote_id, "office-1.site");
	assert_string_equal(conf.tunnels[1].local_id, "office-2.hub");
	assert_int_equal(conf.tunnels[0].inside.count, 2);
	assert_int_equal(conf.tunnels[0].remote_ts.count, 2);
	conf_free(&conf);

	/* A customer who may be anywhere. */
	offer.n_outside = 2;
	offer.customer.len = 0;
	offered(&offer, &conf);
	assert_true(conf.tunnels[0].remote_any);
	assert_string_equal(conf.tunnels[1].remote_id, "office-2.site");
	assert_string_equal(conf.tunnels[1].local_id, "");
	conf_free(&conf);
}

/* ---- the far end, for vpntun ---- */

static void the_far_end_begins(void **state)
{
	struct offer offer = two_addresses();
	char name[ADDR_TEXT_MAX];
	struct conf conf;

	(void)state;
	offer.asn = 64512;
	offer.customer_asn = 65000;
	parse(export_of(&offer, export_vpntun), &conf);
	assert_string_equal(addr_text(&conf.tunnels[0].remote, name), "198.51.100.21");
	assert_int_equal(conf.tunnels[0].local.len, 0);
	assert_string_equal(conf.tunnels[0].local_id, "203.0.113.10");
	assert_string_equal(conf.tunnels[0].remote_id, "");
	assert_string_equal(addr_text(&conf.tunnels[0].inside.list[0].addr, name), "169.254.46.42");
	assert_string_equal(addr_text(&conf.tunnels[0].peer, name), "169.254.46.41");
	assert_int_equal(conf.tunnels[0].start_action, CONF_START_START);
	assert_int_equal(conf.tunnels[0].dpd_action, CONF_DPD_RESTART);
	assert_int_equal(conf.tunnels[0].probe_interval, 1000);
	assert_int_equal(conf.tunnels[0].local_asn, 65000);
	assert_int_equal(conf.tunnels[0].remote_asn, 64512);
	conf_free(&conf);
	has(text.text, "\n# key office-tunnel-2.psk " KEY_2 "\n");
	end();
}

/* Twice around is where it was, but for what the far end alone can choose. */
static void around_and_back(void **state)
{
	const struct export_wish wish = { .outside = "203.0.113.10" };
	const struct offer offer = two_addresses();
	char name[ADDR_TEXT_MAX];
	struct conf conf;

	(void)state;
	parse(export_of(&offer, export_vpntun), &conf);
	end();
	assert_int_equal(view_make(&conf, &wish, &view, &why), 0);
	assert_string_equal(addr_text(&view.conf.tunnels[1].remote, name), "203.0.113.10");
	assert_string_equal(addr_text(&view.conf.tunnels[1].inside.list[0].addr, name), "169.254.181.53");
	assert_string_equal(view.conf.tunnels[1].remote_id, "");
	assert_string_equal(view.conf.tunnels[1].local_id, "198.51.100.22");
	end();
}

static void networks_at_our_end(void **state)
{
	struct export_wish wish = { .routes = "10.20.0.0/16,10.30.0.0/16" };
	const struct offer offer = two_addresses();
	char name[ADDR_TEXT_MAX];
	struct conf conf;

	(void)state;
	assert_int_equal(export_wished(&offer, &wish, export_vpntun), 0);
	has(text.text, "\nRoutes = 10.20.0.0/16, 10.30.0.0/16\n");
	end();

	/* Selectors that are narrower than everything tell. */
	offered(&offer, &conf);
	conf.tunnels[0].local_ts.list[0] = prefix("10.20.0.0/16");
	conf.tunnels[1].local_ts.list[0] = prefix("10.20.0.0/16");
	wish.routes = NULL;
	assert_int_equal(view_make(&conf, &wish, &view, &why), 0);
	assert_int_equal(view.conf.routes.count, 1);
	assert_string_equal(prefix_text(&view.conf.routes.list[0], name), "10.20.0.0/16");
	end();
}

/* ---- secrets ---- */

static export_fn *const vendors[] = { export_vpntun, export_generic, export_aws_xml, export_strongswan,
				      export_libreswan, export_iked };

static void keys_are_told_when_asked_for(void **state)
{
	struct export_wish wish = { .secrets = false };
	const struct offer offer = two_addresses();
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(vendors); i++) {
		wish.secrets = false;
		assert_int_equal(export_wished(&offer, &wish, vendors[i]), 0);
		has_not(text.text, "Made.Up");
		has(text.text, EXPORT_NO_KEY);
		end();
		wish.secrets = true;
		assert_int_equal(export_wished(&offer, &wish, vendors[i]), 0);
		has(text.text, KEY_1);
		has(text.text, KEY_2);
		has_not(text.text, EXPORT_NO_KEY);
		end();
	}
}

/* One that would end a string of theirs. */
static void an_odd_key_is_in_hex(void **state)
{
	static const struct { export_fn *vendor; const char *what; } expected[] = {
		{ export_vpntun, "# key office-tunnel-1.psk hex:22005c\n" },
		{ export_strongswan, "secret = 0x22005c\n" },
		{ export_libreswan, "203.0.113.10 198.51.100.21 : PSK 0x22005c\n" }, { export_iked, "psk 0x22005c\n" },
	};
	const struct export_wish wish = { .secrets = true };
	const struct offer offer = two_addresses();
	struct conf conf;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(expected); i++) {
		offered(&offer, &conf);
		strcpy(conf.tunnels[0].psk_file, "odd.psk");
		assert_int_equal(view_make(&conf, &wish, &view, &why), 0);
		assert_int_equal(expected[i].vendor(&view, &text, &why), 0);
		has(text.text, expected[i].what);
		end();
	}
	offered(&offer, &conf);
	strcpy(conf.tunnels[0].psk_file, "odd.psk");
	assert_int_equal(view_make(&conf, &wish, &view, &why), 0);
	assert_int_equal(export_aws_xml(&view, &text, &why), -EINVAL);
	assert_string_equal(why.text, "[Tunnel tunnel-1]: AWS's form has no place for a key that is no text");
	end();
}

/* ---- AWS's forms ---- */

static void aws_xml_as_aws_has_it(void **state)
{
	struct offer offer = two_addresses();
	const char *xml;

	(void)state;
	xml = export_of(&offer, export_aws_xml);
	has(xml, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<vpn_connection id=\"office\">\n");
	has(xml, "  <vpn_connection_attributes>NoBGPVPNConnection</vpn_connection_attributes>\n");
	has(xml, "    <customer_gateway>\n      <tunnel_outside_address>\n        <ip_address>203.0.113.10</ip_address>\n");
	has(xml, "        <ip_address>169.254.46.42</ip_address>\n        <network_mask>255.255.255.252</network_mask>\n"
		 "        <network_cidr>30</network_cidr>\n");
	has(xml, "      <authentication_protocol>sha2-384</authentication_protocol>\n"
		 "      <encryption_protocol>aes-256-gcm-16</encryption_protocol>\n      <lifetime>28800</lifetime>\n"
		 "      <perfect_forward_secrecy>group20</perfect_forward_secrecy>\n");
	/* 1500 - 20 - 8 - 8 - 8 - 16 = 1440, whole words, less the trailer's two bytes; AWS's table has the same. */
	has(xml, "      <tcp_mss_adjustment>1398</tcp_mss_adjustment>\n");
	has(xml, "        <interval>10</interval>\n        <retries>3</retries>\n");
	has_not(xml, "<bgp>");
	end();

	offer.asn = 64512;
	offer.customer_asn = 4200000001;
	xml = export_of(&offer, export_aws_xml);
	has_not(xml, "NoBGP");
	has(xml, "      <bgp>\n        <asn>4200000001</asn>\n        <hold_time>30</hold_time>\n      </bgp>\n    </customer_gateway>\n");
	end();
}

/* AWS's own table of what fits (S2S cgw-best-practice), behind a NAT. */
static void what_fits(void **state)
{
	static const struct { const char *esp; unsigned int mtu, mss; } rows[] = {
		{ "aes128gcm16-ecp256", 1438, 1398 }, { "aes128-sha1-modp2048", 1422, 1382 },
		{ "aes256-sha256-modp2048", 1422, 1382 }, { "aes256-sha384-modp2048", 1422, 1382 },
		{ "aes256-sha512-modp2048", 1406, 1366 },
	};
	const struct export_wish wish = { .secrets = true };
	const struct offer offer = two_addresses();
	char expected[128];
	struct conf conf;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		offered(&offer, &conf);
		strcpy(conf.tunnels[0].esp_proposals.list[0], rows[i].esp);
		assert_int_equal(view_make(&conf, &wish, &view, &why), 0);
		assert_int_equal(export_generic(&view, &text, &why), 0);
		snprintf(expected, sizeof(expected), "  - Tunnel interface MTU     : %u bytes\n", rows[i].mtu);
		has(text.text, expected);
		snprintf(expected, sizeof(expected), "  - TCP MSS Adjustment       : %u bytes\n", rows[i].mss);
		has(text.text, expected);
		end();
	}
}

static void what_aws_has_no_place_for(void **state)
{
	const struct export_wish wish = { .secrets = true };
	struct offer offer = two_addresses();
	struct conf conf;

	(void)state;
	offer.n_outside = 1;
	assert_int_equal(export_wished(&offer, &wish, export_generic), -EINVAL);
	assert_string_equal(why.text, "[Tunnel tunnel-1]: AWS's form has no place for an identity of ours that is not our outside address: give each tunnel an address of its own");
	end();

	offer = two_addresses();
	offer.customer.len = 0;
	assert_int_equal(export_wished(&offer, &wish, export_aws_xml), -EINVAL);
	has(why.text, "a customer that is known by anything else than an address");
	end();

	offer = two_addresses();
	offered(&offer, &conf);
	conf.tunnels[0].ike_proposals.count = 1;
	strcpy(conf.tunnels[0].ike_proposals.list[0], "chacha20poly1305-prfsha256-x25519");
	assert_int_equal(view_make(&conf, &wish, &view, &why), 0);
	assert_int_equal(export_aws_xml(&view, &text, &why), -EINVAL);
	has(why.text, "tunnel-1: none of the proposals for IKE is one that AWS has");
	end();
}

/* ---- there and back ---- */

static void on_change(void *ctx, const struct diff_change *change)
{
	char *changes = ctx;

	sprintf(changes + strlen(changes), "%s %s\n", change->tunnel ? change->tunnel : "-",
		change->kind == DIFF_KEY ? change->key : "comes or goes");
}

/* The connection that `import aws` makes of @content. */
static void import(const char *content, struct conf *out)
{
	const struct compose_notes notes = { .say = note };
	struct conf_report report = { .say = say };
	static struct import_connection conn;
	static struct compose file;
	size_t i;

	*said = '\0';
	memset(&file, 0, sizeof(file));
	if (recognise_read("file", content, strlen(content), &conn, &report) || verify_connection(&conn, &report))
		fail_msg("%s\n%s", said, content);
	assert_string_equal(said, "");
	assert_string_equal(conn.id, "office");
	assert_string_equal(conn.tunnels[0].psk, KEY_1);
	assert_string_equal(conn.tunnels[1].psk, KEY_2);
	file.conn = &conn;
	strcpy(file.name, "office");
	for (i = 0; i < conn.n_tunnels; i++) {
		file.tunnels[file.n_tunnels].tunnel = &conn.tunnels[i];
		assert_int_equal(upgrade_tunnel(&conn.tunnels[i], false, &file.tunnels[file.n_tunnels++].upgrade, &why), 0);
	}
	assert_int_equal(compose_file(&file, &notes, &why), 0);
	parse(file.text, out);
	compose_exit(&file);
}

static void comes_back(const struct offer *offer, export_fn *vendor)
{
	struct conf far, imported;
	char changes[4096] = "";
	size_t i;

	parse(export_of(offer, export_vpntun), &far);
	end();
	import(export_of(offer, vendor), &imported);
	end();
	for (i = 0; i < far.n_tunnels; i++)
		strcpy(imported.tunnels[i].name, far.tunnels[i].name);
	conf_diff(&far, &imported, on_change, changes);
	/* Of another name, and the same in it. */
	assert_string_equal(changes, "tunnel-1 PSKFile\ntunnel-2 PSKFile\n");
	conf_free(&far);
	conf_free(&imported);
}

static void import_gives_it_back(void **state)
{
	struct offer offer = two_addresses();

	(void)state;
	comes_back(&offer, export_aws_xml);
	comes_back(&offer, export_generic);
	offer.asn = 64512;
	offer.customer_asn = 65000;
	comes_back(&offer, export_aws_xml);
	comes_back(&offer, export_generic);

	/* IPv6 inside, and outside. */
	offer.blocks[0][0] = prefix("fd00:1::/126");
	offer.blocks[1][0] = prefix("fd00:2::/126");
	comes_back(&offer, export_aws_xml);
	comes_back(&offer, export_generic);
	offer.customer = addr("2001:db8:1::1");
	offer.outside[0] = addr("2001:db8:2::1");
	offer.outside[1] = addr("2001:db8:2::2");
	comes_back(&offer, export_aws_xml);
	comes_back(&offer, export_generic);
}

static void a_placeholder_is_no_key(void **state)
{
	const struct export_wish wish = { .secrets = false };
	struct conf_report report = { .say = say };
	const struct offer offer = two_addresses();
	static struct import_connection conn;

	(void)state;
	assert_int_equal(export_wished(&offer, &wish, export_aws_xml), 0);
	*said = '\0';
	assert_int_equal(recognise_read("file", text.text, text.used, &conn, &report), -EINVAL);
	has(said, "is a placeholder, which somebody has to fill in");
	end();
}

/* ---- strongSwan ---- */

static void strongswan_as_it_is_written(void **state)
{
	const struct export_wish wish = { .secrets = true, .routes = "10.20.0.0/16" };
	struct offer offer = two_addresses();

	(void)state;
	assert_int_equal(export_wished(&offer, &wish, export_strongswan), 0);
	has(text.text, "  office-tunnel-1 {\n    version = 2\n    remote_addrs = 198.51.100.21\n"
		       "    proposals = aes256gcm16-prfsha384-ecp384, aes256-sha256-modp2048\n"
		       "    rekey_time = 25920s\n    over_time = 2880s\n    keyingtries = 0\n    dpd_delay = 10s\n"
		       "    mobike = no\n    local {\n      auth = psk\n      id = \"203.0.113.10\"\n    }\n    remote {\n"
		       "      auth = psk\n      id = \"198.51.100.21\"\n    }\n    children {\n      office-tunnel-1 {\n"
		       "        local_ts = 0.0.0.0/0\n        remote_ts = 0.0.0.0/0\n");
	has(text.text, "        if_id_in = 102\n        if_id_out = 102\n");
	has(text.text, "  ike-office-tunnel-2 {\n    secret = \"" KEY_2 "\"\n    id-1 = \"203.0.113.10\"\n    id-2 = \"198.51.100.22\"\n  }\n");
	has(text.text, "#   ip link add ipsec102 type xfrm if_id 102\n#   ip link set ipsec102 up\n"
		       "#   ip addr add 169.254.181.54/30 dev ipsec102\n"
		       "#   ip route add 10.20.0.0/16 dev ipsec102 metric 102\n");
	end();

	offer.n_outside = 1;
	has(export_of(&offer, export_strongswan), "      id = \"fqdn:office-1.site\"\n");
	has(text.text, "      id = \"fqdn:office-2.hub\"\n");
	end();
}

static void identities_elsewhere(void **state)
{
	static const struct { const char *id, *written; } ids[] = {
		{ "keyid:a b", "id = \"keyid:#612062\"\n" }, { "gw@example.com", "id = \"email:gw@example.com\"\n" },
		{ "ipv4:192.0.2.1", "id = \"192.0.2.1\"\n" }, { "fqdn:a;b", NULL }, { "dn:CN=gw", NULL },
	};
	const struct export_wish wish = { .secrets = false };
	const struct offer offer = two_addresses();
	struct conf conf;
	size_t i;
	int err;

	(void)state;
	for (i = 0; i < COUNT(ids); i++) {
		offered(&offer, &conf);
		strcpy(conf.tunnels[0].remote_id, ids[i].id);
		assert_int_equal(view_make(&conf, &wish, &view, &why), 0);
		err = export_strongswan(&view, &text, &why);
		assert_int_equal(err, ids[i].written ? 0 : -EINVAL);
		if (ids[i].written)
			has(text.text, ids[i].written);
		else
			has(why.text, "cannot be said there");
		end();
	}
}

/* What is asked for one by one fits together. */
static void one_tunnel_of_two(void **state)
{
	const struct export_wish wish = { .tunnel = "tunnel-2", .outside = "192.0.2.1,192.0.2.2" };
	const struct offer offer = two_addresses();

	(void)state;
	assert_int_equal(export_wished(&offer, &wish, export_strongswan), 0);
	has(text.text, "    remote_addrs = 192.0.2.2\n");
	has(text.text, "        if_id_in = 102\n");
	assert_null(strstr(text.text, "office-tunnel-1"));
	end();
	assert_int_equal(export_wished(&offer, &wish, export_libreswan), 0);
	has(text.text, "    ipsec-interface=102\n");
	end();
}

/* Other programs take fewer characters in a name, and there two may be one. */
static void names_that_differ_here_only(void **state)
{
	static export_fn *const vendors[] = { export_strongswan, export_libreswan, export_iked };
	const struct export_wish wish = { .secrets = false };
	const struct offer offer = two_addresses();
	struct conf conf;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(vendors); i++) {
		offered(&offer, &conf);
		strcpy(conf.tunnels[0].name, "a.b");
		strcpy(conf.tunnels[1].name, "a_b");
		assert_int_equal(view_make(&conf, &wish, &view, &why), 0);
		assert_int_equal(vendors[i](&view, &text, &why), -EINVAL);
		assert_string_equal(why.text, "[Tunnel a.b] and [Tunnel a_b] would both be office-a_b there: rename one of them");
		end();
	}
}

/* Whom the far end expects is not whom we say we are, where nobody has said it. */
static void who_says_its_address(void **state)
{
	const struct export_wish wish = { .outside = "192.0.2.1,192.0.2.2" };
	const struct offer offer = two_addresses();
	struct conf conf;

	(void)state;
	offered(&offer, &conf);
	conf.tunnels[1].local.len = 0;
	assert_int_equal(view_make(&conf, &wish, &view, &why), 0);
	assert_false(view.says_address[0]);
	assert_true(view.says_address[1]);
	end();
	offered(&offer, &conf);
	conf.tunnels[1].local.len = 0;
	strcpy(conf.tunnels[1].local_id, "192.0.2.2");
	assert_int_equal(view_make(&conf, &wish, &view, &why), 0);
	assert_false(view.says_address[1]);
	end();
}

/* No digit of what the far end goes by is lost. */
static void milliseconds_stay(void **state)
{
	const struct export_wish wish = { .secrets = false };
	const struct offer offer = two_addresses();
	struct conf conf;

	(void)state;
	offered(&offer, &conf);
	conf.tunnels[0].probe_interval = 3599999;
	conf.tunnels[1].probe_interval = 1500;
	assert_int_equal(view_make(&conf, &wish, &view, &why), 0);
	assert_int_equal(export_vpntun(&view, &text, &why), 0);
	has(text.text, "\nProbeInterval = 3599.999\n");
	has(text.text, "\nProbeInterval = 1.5\n");
	end();
}

/* The far end speaks to the address of the block that we speak to it in. */
static void peer_of_either_block(void **state)
{
	const struct export_wish wish = { .secrets = false };
	struct offer offer = two_addresses();
	struct conf conf;

	(void)state;
	offer.n_blocks = 2;
	offer.blocks[0][1] = prefix("fd00::/126");
	offer.blocks[1][1] = prefix("fd00::4/126");
	offered(&offer, &conf);
	conf.tunnels[0].peer = addr("fd00::2");
	assert_int_equal(view_make(&conf, &wish, &view, &why), 0);
	assert_true(addr_equal(&view.conf.tunnels[0].peer, &(struct ip_addr){ .len = 16, .bytes = { 0xfd, [15] = 1 } }));
	end();
	offered(&offer, &conf);
	conf.tunnels[0].inside.count = 0;
	assert_int_equal(view_make(&conf, &wish, &view, &why), 0);
	assert_int_equal(view.conf.tunnels[0].peer.len, 0);
	end();
}

/* ---- Libreswan ---- */

static void libreswan_as_it_is_written(void **state)
{
	const struct export_wish wish = { .secrets = true, .routes = "10.20.0.0/16" };
	struct offer offer = two_addresses();
	struct conf conf;

	(void)state;
	assert_int_equal(export_wished(&offer, &wish, export_libreswan), 0);
	has(text.text, "\nconn office-tunnel-2\n    left=%defaultroute\n    leftid=203.0.113.10\n    right=198.51.100.22\n"
		       "    rightid=198.51.100.22\n    leftsubnet=0.0.0.0/0\n    rightsubnet=0.0.0.0/0\n"
		       "    authby=secret\n    ikev2=insist\n    ike=aes_gcm256-sha2_384;dh20,aes256-sha2_256;dh14\n"
		       "    esp=aes_gcm256;dh20\n    ikelifetime=28800s\n    salifetime=3600s\n");
	has(text.text, "    overlapip=yes\n    ipsec-interface=102\n    leftupdown=%disabled\n");
	has(text.text, "\n203.0.113.10 198.51.100.22 : PSK \"" KEY_2 "\"\n");
	has(text.text, "#   ip addr add 169.254.181.54/30 dev ipsec102\n");
	end();

	/* A group without a word is not left out. */
	offered(&offer, &conf);
	conf.tunnels[0].esp_proposals.count = 1;
	strcpy(conf.tunnels[0].esp_proposals.list[0], "aes256-sha256-modp1024");
	assert_int_equal(view_make(&conf, &wish, &view, &why), 0);
	assert_int_equal(export_libreswan(&view, &text, &why), -EINVAL);
	has(why.text, "none of the proposals for ESP can be said there");
	end();

	/* Two families would be two Child SAs. */
	offer.n_outside = 1;
	has(export_of(&offer, export_libreswan), "    leftid=@office-1.site\n");
	has(text.text, "@office-2.site @office-2.hub : PSK");
	end();
	offer.n_blocks = 2;
	offer.blocks[0][1] = prefix("fd00::/126");
	offer.blocks[1][1] = prefix("fd00::4/126");
	assert_int_equal(export_wished(&offer, &wish, export_libreswan), -EINVAL);
	has(why.text, "[Tunnel tunnel-1]: Libreswan has one prefix at each end of a tunnel");
	end();
}

/* ---- OpenIKED ---- */

static void iked_as_it_is_written(void **state)
{
	const struct export_wish wish = { .secrets = true, .routes = "10.20.0.0/16,fd20::/64" };
	struct ip_prefix routes[] = { prefix("10.1.0.0/16") };
	struct offer offer = two_addresses();

	(void)state;
	offer.routes = (struct ip_prefixes){ routes, 1 };
	assert_int_equal(export_wished(&offer, &wish, export_iked), 0);
	has(text.text, "#   ip addr add 169.254.46.42 dev lo\n#   ip addr add 169.254.181.54 dev lo\n");
	has(text.text, "\nset nomobike\nset fragmentation\nset enforcesingleikesa\nset dpd_check_interval 10\n");
	has(text.text, "\nikev2 \"office-tunnel-1\" active esp \\\n\tfrom 169.254.46.42 to 169.254.46.41 \\\n"
		       "\tfrom 10.1.0.0/16 to 10.20.0.0/16 \\\n\tlocal 203.0.113.10 peer 198.51.100.21 \\\n"
		       "\tikesa enc aes-256-gcm prf hmac-sha2-384 group ecp384 \\\n"
		       "\tikesa enc aes-256 auth hmac-sha2-256 prf hmac-sha2-256 group modp2048 \\\n"
		       "\tchildsa enc aes-256-gcm group ecp384 \\\n"
		       "\tchildsa enc aes-256 auth hmac-sha2-256 group modp2048 \\\n"
		       "\tsrcid \"203.0.113.10\" dstid \"198.51.100.21\" \\\n\tikelifetime 28800 lifetime 3600 \\\n"
		       "\tpsk \"" KEY_1 "\"\n");
	/* The same networks cannot lead through both. */
	has(text.text, "\nikev2 \"office-tunnel-2\" active esp \\\n\tfrom 169.254.181.54 to 169.254.181.53 \\\n\tlocal");
	end();

	offer.customer.len = 0;
	has(export_of(&offer, export_iked), "\tlocal YOUR_ADDRESS peer 198.51.100.21 ");
	has(text.text, "# What networks are at both ends is not known");
	end();
}

static void take_words(const char *list, struct conf_words *words)
{
	char copy[256], *rest = copy, *word;

	words->count = 0;
	snprintf(copy, sizeof(copy), "%s", list);
	while ((word = strsep(&rest, ",")))
		strcpy(words->list[words->count++], word + strspn(word, " "));
}

/* Of several proposals those that a program has words for. */
static void proposals_elsewhere(void **state)
{
	static const struct { export_fn *vendor; const char *esp, *written; } rows[] = {
		{ export_libreswan, "aes256-aes128-sha256-sha512-modp2048-ecp256", "esp=aes256+aes128-sha2_256+sha2_512;dh14\n" },
		{ export_libreswan, "aes128gcm16-ecp256, aes256-sha256-modp2048, aes256gcm16-modp2048-ecp256, aes256gcm16",
		  "esp=aes_gcm128;dh19,aes_gcm256;dh19\n" },
		{ export_libreswan, "aes128gcm16, aes256gcm16-ecp256", "esp=aes_gcm128\n" },
		{ export_libreswan, "null-sha256", NULL }, { export_libreswan, "aes128gcm16", "esp=aes_gcm128\n" },
		{ export_iked, "chacha20poly1305", NULL },
		{ export_iked, "aes256-aes128-sha256", "\tchildsa enc aes-256 enc aes-128 auth hmac-sha2-256 \\\n" },
	};
	const struct export_wish wish = { .secrets = false };
	const struct offer offer = two_addresses();
	struct conf conf;
	size_t i;
	int err;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		offered(&offer, &conf);
		take_words(rows[i].esp, &conf.tunnels[0].esp_proposals);
		assert_int_equal(view_make(&conf, &wish, &view, &why), 0);
		err = rows[i].vendor(&view, &text, &why);
		assert_int_equal(err, rows[i].written ? 0 : -EINVAL);
		if (rows[i].written)
			has(text.text, rows[i].written);
		else
			assert_string_equal(why.text, "tunnel-1: none of the proposals for ESP can be said there");
		end();
	}
}

/* ---- what there is no far end of ---- */

static void refused(struct conf *conf, const char *tunnel, const char *sentence)
{
	const struct export_wish wish = { .tunnel = tunnel };

	assert_int_equal(view_make(conf, &wish, &view, &why), -EINVAL);
	assert_string_equal(why.text, sentence);
	end();
}

static void what_cannot_be_exported(void **state)
{
	const struct offer offer = two_addresses();
	const struct export_wish one = { .tunnel = "tunnel-2" }, elsewhere = { .outside = "2001:db8::7" };
	struct conf conf;

	(void)state;
	offered(&offer, &conf);
	conf.tunnels[1].group = 2;
	refused(&conf, NULL, "the tunnels tunnel-1 and tunnel-2 are of different groups, that is they lead to different sites: name the tunnel");
	offered(&offer, &conf);
	conf.tunnels[1].group = 2;
	assert_int_equal(view_make(&conf, &one, &view, &why), 0);
	assert_int_equal(view.conf.n_tunnels, 1);
	assert_string_equal(view.conf.tunnels[0].name, "tunnel-2");
	end();

	offered(&offer, &conf);
	conf.tunnels[0].psk_file[0] = '\0';
	refused(&conf, NULL, "[Tunnel tunnel-1] authenticates by certificate: what the far end has of its own for that is not known here");
	offered(&offer, &conf);
	conf.tunnels[0].local.len = 0;
	refused(&conf, NULL, "[Tunnel tunnel-1]: 'Local = auto' does not tell at which address the far end finds us: say it with --outside");
	offered(&offer, &conf);
	assert_int_equal(view_make(&conf, &elsewhere, &view, &why), -EINVAL);
	assert_string_equal(why.text, "--outside: 2001:db8::7 and [Tunnel tunnel-1]'s Remote 203.0.113.10 are not of one family");
	end();
	offered(&offer, &conf);
	conf.tunnels[0].inside.list[0].length = 24;
	conf.tunnels[0].peer.len = 0;
	refused(&conf, NULL, "[Tunnel tunnel-1]: the block of Inside has room for more than two: write the Peer, the far end's address in it");
}

/* ---- what a file of one's own may say ---- */

#define SIDE "Local = 203.0.113.10\nRemote = 198.51.100.1\nPSKFile = k.psk\n"

/* The vendor's text for the far end of such a file, of that tunnel or all. */
static const char *export_file(const char *content, const char *tunnel, export_fn *vendor)
{
	const struct export_wish wish = { .tunnel = tunnel };
	struct conf conf;

	parse_doubtful(content, &conf);
	why.text[0] = '\0';
	if (view_make(&conf, &wish, &view, &why) || vendor(&view, &text, &why))
		fail_msg("%s", why.text);
	return text.text;
}

static void lacks(const char *content, const char *what)
{
	if (strstr(content, what))
		fail_msg("'%s' in:\n%s", what, content);
}

static void the_preferred_is_preferred_there(void **state)
{
	static const struct {
		const char *a, *b, *first;
	} cases[] = {
		{ "", "Priority = 20\n", "101" },
		{ "Priority = 20\n", "Priority = 10\n", "102" },
		{ "Priority = 10\n", "Priority = 10\n", "101" },
		{ "Priority = 4294967295\n", "", "102" },
	};
	char content[512], want[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		snprintf(content, sizeof(content), "[Tunnel a]\n" SIDE "LocalTS = 10.9.0.0/16\n%s[Tunnel b]\n" SIDE
			 "RemoteID = b.example\nLocalTS = 10.9.0.0/16\n%s", cases[i].a, cases[i].b);
		export_file(content, NULL, export_libreswan);
		snprintf(want, sizeof(want), "dev ipsec101 metric %s\n", cases[i].first);
		has(text.text, want);
		snprintf(want, sizeof(want), "dev ipsec102 metric %s\n", strcmp(cases[i].first, "101") ? "101" : "102");
		has(text.text, want);
		end();
		/* By itself each has the metric that it has beside the other. */
		export_file(content, "a", export_strongswan);
		snprintf(want, sizeof(want), "dev ipsec101 metric %s\n", cases[i].first);
		has(text.text, want);
		end();
	}
}

static void libreswan_rekeys_as_it_came_up(void **state)
{
	(void)state;
	has(export_file("[Tunnel a]\n" SIDE "ESPProposals = aes256-sha256\n", NULL, export_libreswan),
	    "esp=aes256-sha2_256\n    pfs=no\n");
	end();
	lacks(export_file("[Tunnel a]\n" SIDE "ESPProposals = aes256-sha256-modp2048\n", NULL, export_libreswan), "pfs=");
	end();
}

/* Where there is one word for the integrity algorithm and the PRF. */
static void a_prf_of_its_own_is_left_out(void **state)
{
	static const char *const content = "[Tunnel a]\n" SIDE "RemoteID = 198.51.100.1\nInside = 169.254.6.1/30\n"
		"Peer = 169.254.6.2\nIKEProposals = aes256-sha256-prfsha384-modp2048, aes128-sha512-modp3072\n";

	(void)state;
	has(export_file(content, NULL, export_libreswan), "ike=aes128-sha2_512;dh15\n");
	end();
	has(export_file(content, NULL, export_iked), "enc aes-256 auth hmac-sha2-256 prf hmac-sha2-384 group modp2048");
	end();
}

static void a_window_that_linux_has(void **state)
{
	static const char *const content = "[Tunnel a]\n" SIDE "ReplayWindow = 8192\n";

	(void)state;
	has(export_file(content, NULL, export_libreswan), "replay-window=4096\n");
	end();
	has(export_file(content, NULL, export_strongswan), "replay_window = 4096\n");
	end();
}

static void dead_is_not_at_once(void **state)
{
	(void)state;
	has(export_file("[Tunnel a]\n" SIDE "Inside = 169.254.6.1/30\nPeer = 169.254.6.2\nDPDInterval = 60\nDPDTimeout = 40\n",
			NULL, export_generic), "DPD Retries              : 1\n");
	end();
}

static void iked_of_each_group(void **state)
{
	static const char *const content = "[Interface]\nRoutes = 10.1.0.0/16, 10.2.0.0/16\n"
		"[Tunnel north]\nLocal = 203.0.113.10\nRemote = 198.51.100.1\nRemoteID = north.example\nPSKFile = k.psk\n"
		"Group = 1\nRemoteTS = 10.1.0.0/16\nLocalTS = 10.0.0.0/16\nInside = 169.254.6.1/30\nPeer = 169.254.6.2\n"
		"[Tunnel south]\nLocal = 203.0.113.10\nRemote = 198.51.100.2\nRemoteID = south.example\nPSKFile = k.psk\n"
		"Group = 2\nRemoteTS = 10.2.0.0/16\nLocalTS = 10.0.0.0/16\nInside = 169.254.7.1/30\nPeer = 169.254.7.2\n";

	(void)state;
	has(export_file(content, "north", export_iked), "from 10.1.0.0/16 to 10.0.0.0/16");
	lacks(text.text, "10.2.0.0/16");
	end();
	has(export_file(content, "south", export_iked), "from 10.2.0.0/16 to 10.0.0.0/16");
	lacks(text.text, "10.1.0.0/16");
	end();
	has(export_file("[Tunnel a]\n" SIDE "RemoteID = a.example\nRemoteTS = 10.1.0.0/16\nLocalTS = 10.0.0.0/16\n"
			"Inside = 169.254.6.1/30\nPeer = 169.254.6.2\n", NULL, export_iked), "from 10.1.0.0/16 to 10.0.0.0/16");
	end();
}

static void iked_keeps_both_of_one_name(void **state)
{
	static const char *const each = "Remote = 198.51.100.1\nPSKFile = k.psk\n";
	char content[1024];

	(void)state;
	for (int same = 0; same < 2; same++) {
		snprintf(content, sizeof(content), "[Tunnel a]\nLocal = 203.0.113.10\n%sLocalID = hub.example\nRemoteID = a.example\n"
			 "Inside = 169.254.6.1/30\nPeer = 169.254.6.2\n"
			 "[Tunnel b]\nLocal = 203.0.113.11\n%sLocalID = %s.example\nRemoteID = b.example\n"
			 "Inside = 169.254.7.1/30\nPeer = 169.254.7.2\n", each, each,
			 same ? "hub" : "spare");
		export_file(content, NULL, export_iked);
		(same ? lacks : has)(text.text, "set enforcesingleikesa\n");
		end();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_are_free_and_not_reserved),
		cmocka_unit_test(blocks_of_ipv6),
		cmocka_unit_test(the_hub_waits_for_the_customer),
		cmocka_unit_test(one_address_needs_identities),
		cmocka_unit_test(the_far_end_begins),
		cmocka_unit_test(around_and_back),
		cmocka_unit_test(networks_at_our_end),
		cmocka_unit_test(keys_are_told_when_asked_for),
		cmocka_unit_test(an_odd_key_is_in_hex),
		cmocka_unit_test(aws_xml_as_aws_has_it),
		cmocka_unit_test(what_fits),
		cmocka_unit_test(what_aws_has_no_place_for),
		cmocka_unit_test(import_gives_it_back),
		cmocka_unit_test(a_placeholder_is_no_key),
		cmocka_unit_test(strongswan_as_it_is_written),
		cmocka_unit_test(identities_elsewhere),
		cmocka_unit_test(one_tunnel_of_two),
		cmocka_unit_test(names_that_differ_here_only),
		cmocka_unit_test(who_says_its_address),
		cmocka_unit_test(milliseconds_stay),
		cmocka_unit_test(peer_of_either_block),
		cmocka_unit_test(libreswan_as_it_is_written),
		cmocka_unit_test(iked_as_it_is_written),
		cmocka_unit_test(proposals_elsewhere),
		cmocka_unit_test(what_cannot_be_exported),
		cmocka_unit_test(the_preferred_is_preferred_there),
		cmocka_unit_test(libreswan_rekeys_as_it_came_up),
		cmocka_unit_test(a_prf_of_its_own_is_left_out),
		cmocka_unit_test(a_window_that_linux_has),
		cmocka_unit_test(dead_is_not_at_once),
		cmocka_unit_test(iked_of_each_group),
		cmocka_unit_test(iked_keeps_both_of_one_name),
	};

	return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
