// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/export/bgp.c tools/vpntun/export/frr.c tools/vpntun/export/bird.c tools/vpntun/export/text.c */
/* sources: tools/vpntun/conf/check.c tools/vpntun/conf/defaults.c tools/vpntun/conf/file.c tools/vpntun/conf/inside.c */
/* sources: tools/vpntun/conf/keys.c tools/vpntun/conf/lex.c tools/vpntun/conf/parse.c tools/vpntun/conf/report.c */
/* sources: tools/vpntun/conf/value.c tools/vpntun/util/addr.c tools/vpntun/util/name.c tools/vpntun/util/num.c */
/* sources: tools/vpntun/util/nearest.c tools/vpntun/util/prefix.c tools/vpntun/util/text.c tools/vpntun/util/why.c */

/* What routing daemons are told; interop/bgp.sh and bgp-hub.sh show that these understand it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "export/bgp.h"
#include "values.h"

#define DATA "selftests/unit/data/"

static const char office[] =
	"[Interface]\nName = vgw0\nSource = 192.168.1.1\n"
	"[Tunnel aws-1]\nRemote = 198.51.100.21\nInside = 169.254.46.42/30\nPSKFile = x\nLocalASN = 65000\nRemoteASN = 64512\n"
	"[Tunnel aws-2]\nRemote = 198.51.100.22\nInside = 169.254.46.46/30\nPSKFile = x\nLocalASN = 65000\nRemoteASN = 64512\n";

static const char north[] =
	"[Interface]\nName = north\nSource = 192.168.2.1, fd02::1\n"
	"[Tunnel site]\nRemote = any\nRemoteID = north.example\nInside = fd00:50::1/126\nPrefixes = 192.168.1.0/24, fd01::/64\n"
	"PSKFile = x\nLocalASN = 64512\nRemoteASN = 65001\nBGPHoldTime = 9\n";

static const char south[] =
	"[Tunnel a@1]\nRemote = any\nRemoteID = south.example\nInside = 169.254.51.1/30\nRemoteTS = 192.168.3.0/24\n"
	"LocalTS = 192.168.0.0/16\nPSKFile = x\nLocalASN = 64512\nRemoteASN = 65002\n";

static const char west[] =
	"[Interface]\nRoutes = 192.168.5.0/24, fd05::/64\nMetric = 4261412864\nSource = 192.168.2.1\n"
	"[Tunnel site]\nRemote = any\nRemoteID = west.example\nPSKFile = x\n";

static void say(void *ctx, bool fault, const char *line)
{
	(void)ctx;
	if (fault)
		fail_msg("%s", line);
}

static void read_conf(const char *name, const char *text, struct conf *out)
{
	struct conf_report report = { .say = say };

	assert_int_equal(conf_parse(name, text, strlen(text), out, &report), 0);
	assert_int_equal(conf_check(out, &report), 0);
}

static char *content(const char *name)
{
	char path[256], *text = calloc(1, 65536);
	FILE *file;

	snprintf(path, sizeof(path), DATA "%s", name);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_true(fread(text, 1, 65535, file) > 0);
	fclose(file);
	return text;
}

static void assert_writes(bgp_fn *writer, const struct bgp *bgp, const char *file)
{
	struct export_text text = { .text = NULL };
	struct why why = { "" };
	char *want = content(file);

	assert_int_equal(writer(bgp, &text, &why), 0);
	assert_false(text.failed);
	assert_string_equal(text.text, want);
	export_text_exit(&text);
	free(want);
}

static void two_tunnels_to_aws(void **state)
{
	struct bgp_wish wish = { .has_announce = true, .announce = prefixes("192.168.1.0/24") };
	struct why why = { "" };
	struct conf conf;
	struct bgp bgp;

	(void)state;
	read_conf("office.conf", office, &conf);
	assert_int_equal(bgp_take(&bgp, &conf, 1, &wish, &why), 0);
	assert_writes(export_frr, &bgp, "bgp-office.frr");
	assert_writes(export_bird, &bgp, "bgp-office.bird");
	bgp_free(&bgp);
	conf_free(&conf);
	prefixes_free(&wish.announce);
}

/* IPv6 neighbors, static routes, transit, BFD, a default route. */
static void a_hub(void **state)
{
	struct bgp_wish wish = {
		.has_announce = true, .announce = prefixes("192.168.0.0/16,fd02::/64"), .transit = true, .bfd = true, .ecmp = true,
	};
	struct why why = { "" };
	struct conf confs[3];
	struct bgp bgp;
	size_t i;

	(void)state;
	read_conf("north.conf", north, &confs[0]);
	read_conf("south.conf", south, &confs[1]);
	read_conf("west.conf", west, &confs[2]);
	assert_int_equal(bgp_take(&bgp, confs, 3, &wish, &why), 0);
	assert_writes(export_frr, &bgp, "bgp-hub.frr");
	assert_writes(export_bird, &bgp, "bgp-hub.bird");
	bgp_free(&bgp);
	for (i = 0; i < 3; i++)
		conf_free(&confs[i]);
	prefixes_free(&wish.announce);
}

/* Who may announce everything may not announce what is ours, though somebody else may have a part of it. */
static void a_summary_is_nobodys(void **state)
{
	static const char all[] =
		"[Tunnel all]\nRemote = 192.0.2.9\nInside = 169.254.52.1/30\nPSKFile = x\nLocalASN = 64512\nRemoteASN = 65009\n"
		"Peer = 169.254.52.2\n";
	struct bgp_wish wish = { .has_announce = true, .announce = prefixes("192.168.0.0/16") };
	const struct ip_prefix site = prefix("192.168.3.0/24"), summary = prefix("192.168.0.0/16");
	struct why why = { "" };
	struct conf confs[2];
	struct bgp bgp;

	(void)state;
	read_conf("south.conf", south, &confs[0]);
	read_conf("all.conf", all, &confs[1]);
	assert_int_equal(bgp_take(&bgp, confs, 2, &wish, &why), 0);
	assert_int_equal(bgp.summaries.count, 1);
	assert_true(prefix_equal(&bgp.summaries.list[0], &summary));
	assert_int_equal(bgp.neighbors[0].sites.count, 1);
	assert_true(prefix_equal(&bgp.neighbors[0].sites.list[0], &site));
	assert_int_equal(bgp.neighbors[1].sites.count, 0);
	bgp_free(&bgp);
	/* Nor the whole of it, even if that is what is accepted. */
	wish.has_accept = true;
	wish.accept = prefixes("192.168.0.0/16");
	assert_int_equal(bgp_take(&bgp, confs, 2, &wish, &why), 0);
	assert_int_equal(bgp.summaries.count, 0);
	assert_true(prefix_equal(&bgp.never.list[bgp.never.count - 1], &summary));
	bgp_free(&bgp);
	conf_free(&confs[0]);
	conf_free(&confs[1]);
	prefixes_free(&wish.announce);
	prefixes_free(&wish.accept);
}

/* Who announces a default route still learns what the neighbors have, whether all is accepted or a list. */
static void a_default_route_is_no_summary(void **state)
{
	struct bgp_wish wish = { .has_announce = true, .announce = prefixes("192.168.2.0/24,0.0.0.0/0") };
	const struct ip_prefix ours = prefix("192.168.2.0/24");
	struct why why = { "" };
	struct conf conf;
	struct bgp bgp;
	size_t i;

	(void)state;
	read_conf("office.conf", office, &conf);
	assert_int_equal(bgp_take(&bgp, &conf, 1, &wish, &why), 0);
	assert_int_equal(bgp.summaries.count, 0);
	for (i = 0; i < bgp.never.count; i++)
		assert_int_not_equal(bgp.never.list[i].length, 0);
	assert_true(prefix_equal(&bgp.never.list[bgp.never.count - 1], &ours));
	assert_int_equal(bgp.neighbors[0].sites.count, 0);
	bgp_free(&bgp);
	conf_free(&conf);
	prefixes_free(&wish.announce);
}

static void one_is_preferred(void **state)
{
	struct bgp_wish wish = {
		.has_announce = true, .announce = prefixes("192.168.1.0/24"), .has_accept = true, .accept = prefixes("0.0.0.0/0"),
		.primary = "aws-2",
	};
	struct why why = { "" };
	struct conf conf;
	struct bgp bgp;

	(void)state;
	read_conf("office.conf", office, &conf);
	assert_int_equal(bgp_take(&bgp, &conf, 1, &wish, &why), 0);
	assert_writes(export_frr, &bgp, "bgp-primary.frr");
	assert_writes(export_bird, &bgp, "bgp-primary.bird");
	bgp_free(&bgp);
	conf_free(&conf);
	prefixes_free(&wish.announce);
	prefixes_free(&wish.accept);
}

/* What LocalTS names, where it names something. */
static void announced_by_itself(void **state)
{
	struct bgp_wish wish = { .primary = NULL };
	struct why why = { "" };
	struct ip_prefix want = prefix("192.168.0.0/16");
	struct conf conf;
	struct bgp bgp;

	(void)state;
	read_conf("south.conf", south, &conf);
	assert_int_equal(bgp_take(&bgp, &conf, 1, &wish, &why), 0);
	assert_int_equal(bgp.announce.count, 1);
	assert_true(prefix_equal(&bgp.announce.list[0], &want));
	bgp_free(&bgp);
	conf_free(&conf);
}

/* The neighbor's block is IPv6, and there is another one. */
static void identifier_of_either_block(void **state)
{
	static const char both[] =
		"[Tunnel a]\nRemote = 192.0.2.1\nInside = fd00::1/126, 169.254.1.1/30\nPeer = fd00::2\nPSKFile = x\n"
		"LocalASN = 1\nRemoteASN = 2\n";
	const struct bgp_wish wish = { .has_announce = true };
	struct ip_addr want = prefix("169.254.1.1/32").addr;
	struct why why = { "" };
	struct conf conf;
	struct bgp bgp;

	(void)state;
	read_conf("both.conf", both, &conf);
	assert_int_equal(bgp_take(&bgp, &conf, 1, &wish, &why), 0);
	assert_true(addr_equal(&bgp.router_id, &want));
	bgp_free(&bgp);
	conf_free(&conf);
}

/* FRR would announce them for ever; BIRD has no such trouble. */
static void static_routes_before_frrs_own(void **state)
{
	struct bgp_wish wish = { .has_announce = true };
	struct export_text text = { .text = NULL };
	struct why why = { "" };
	struct conf confs[2];
	struct bgp bgp;

	(void)state;
	read_conf("south.conf", south, &confs[0]);
	read_conf("west.conf", west, &confs[1]);
	confs[1].metric = 0x1ffffff;
	assert_int_equal(bgp_take(&bgp, confs, 2, &wish, &why), 0);
	assert_int_equal(export_bird(&bgp, &text, &why), 0);
	assert_int_not_equal(export_frr(&bgp, &text, &why), 0);
	assert_string_equal(why.text, "west: FRR does not see when its Routes go with the carrier, and needs its own to go before "
			    "them: write 'Metric = 4261412864'");
	export_text_exit(&text);
	bgp_free(&bgp);
	conf_free(&confs[0]);
	conf_free(&confs[1]);
}

static void refusals(void **state)
{
	static const struct {
		const char *first, *second;	/* files */
		struct bgp_wish wish;
		const char *announce, *why;
	} cases[] = {
		{ office, NULL, { 0 }, NULL,
		  "what networks does this side have? say it with --announce P,.. ('none': it announces nothing)" },
		{ west, NULL, { 0 }, "none", "first: no tunnel has LocalASN and RemoteASN, so there is no BGP" },
		{ office, north, { 0 }, "none",
		  "second: [Tunnel site] has LocalASN 64512, but first-aws-1 has 65000: a daemon has one" },
		{ office, NULL, { .bfd = true }, "none", "first: [Tunnel aws-1] leads to AWS, which has no BFD: leave out --bfd" },
		{ office, NULL, { .primary = "aws-3" }, "none",
		  "--primary: there is no tunnel 'aws-3' with LocalASN and RemoteASN" },
		{ office, NULL, { 0 }, "fd01::/64",
		  "--announce fd01::/64: no neighbor takes IPv6 routes, which needs an IPv6 address as Peer" },
		{ "[Tunnel a]\nRemote = 192.0.2.1\nInside = 169.254.1.1/32\nPeer = 169.254.1.9\nPSKFile = x\nLocalASN = 1\n"
		  "RemoteASN = 2\n", NULL, { 0 }, "none",
		  "first: [Tunnel a] has no Inside address in one block with its Peer 169.254.1.9" },
		{ "[Interface]\nVRF = red\n[Tunnel a]\nRemote = 192.0.2.1\nInside = 169.254.1.1/30\nPSKFile = x\nLocalASN = 1\n"
		  "RemoteASN = 2\n", NULL, { 0 }, "none",
		  "first: its VRF's is not the main table, and these daemons' configuration is written for that one" },
		{ "[Tunnel a-b]\nRemote = 192.0.2.1\nInside = 169.254.1.1/30\nPSKFile = x\nLocalASN = 1\nRemoteASN = 2\n"
		  "[Tunnel a_b]\nRemote = 192.0.2.2\nInside = 169.254.1.5/30\nPSKFile = x\nLocalASN = 1\nRemoteASN = 2\n",
		  NULL, { 0 }, "none", "first-a_b would be the name of two neighbors" },
		{ "[Tunnel a]\nRemote = 192.0.2.1\nInside = fd00::1/126\nPSKFile = x\nLocalASN = 1\nRemoteASN = 2\n", NULL, { 0 },
		  "none",
		  "first: no IPv4 address to take the router's identifier from: write one as Address in [Interface]" },
	};
	struct conf confs[2];
	struct bgp bgp;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct bgp_wish wish = cases[i].wish;
		struct why why = { "" };

		wish.has_announce = cases[i].announce;
		if (cases[i].announce)
			wish.announce = prefixes(cases[i].announce);
		read_conf("first.conf", cases[i].first, &confs[0]);
		n = 1;
		if (cases[i].second)
			read_conf("second.conf", cases[i].second, &confs[n++]);
		assert_int_not_equal(bgp_take(&bgp, confs, n, &wish, &why), 0);
		assert_string_equal(why.text, cases[i].why);
		while (n)
			conf_free(&confs[--n]);
		prefixes_free(&wish.announce);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_tunnels_to_aws),
		cmocka_unit_test(a_hub),
		cmocka_unit_test(a_summary_is_nobodys),
		cmocka_unit_test(a_default_route_is_no_summary),
		cmocka_unit_test(one_is_preferred),
		cmocka_unit_test(announced_by_itself),
		cmocka_unit_test(identifier_of_either_block),
		cmocka_unit_test(static_routes_before_frrs_own),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
