// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/cli/metrics.c tools/vpntun/util/utf8.c tools/vpntun/cli/export.c tools/vpntun/cli/roster.c tools/vpntun/cli/status.c tools/vpntun/cli/view.c tools/vpntun/conf/psk.c tools/vpntun/util/base64.c tools/vpntun/util/hex.c */
/* sources: tools/vpntun/conf/check.c tools/vpntun/conf/daemon.c tools/vpntun/conf/defaults.c tools/vpntun/conf/file.c tools/vpntun/conf/folder.c */
/* sources: tools/vpntun/conf/inside.c tools/vpntun/conf/keys.c tools/vpntun/conf/lex.c tools/vpntun/conf/load.c tools/vpntun/conf/parse.c */
/* sources: tools/vpntun/conf/report.c tools/vpntun/conf/value.c tools/vpntun/nl/snap.c tools/vpntun/nl/vgw.c tools/vpntun/nl/attr.c */
/* sources: tools/vpntun/nl/knl.c tools/vpntun/nl/names_gen.c tools/vpntun/util/addr.c tools/vpntun/util/name.c tools/vpntun/util/num.c */
/* sources: tools/vpntun/util/nearest.c tools/vpntun/util/prefix.c tools/vpntun/util/text.c tools/vpntun/util/why.c */
/* libs: libnl-3.0 libnl-genl-3.0 jansson */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/export.h"
#include "folder.h"
#include "values.h"

static char folder[] = "/tmp/vpntun-metrics-XXXXXX";

/* ---- the writer ---- */

/* What it writes, to be freed. */
static char *written(bool open_metrics, const struct metric *metric, const struct metric_label *labels, uint64_t value)
{
	struct metrics metrics = { .open_metrics = open_metrics };
	char *text = NULL;
	size_t size;

	metrics.to = open_memstream(&text, &size);
	assert_non_null(metrics.to);
	metrics_head(&metrics, metric);
	metrics_sample(&metrics, metric, labels, value);
	metrics_end(&metrics);
	fclose(metrics.to);
	return text;
}

static void two_dialects(void **state)
{
	static const struct metric counter = { "a_bytes", "Bytes.", METRIC_COUNTER, 0 };
	static const struct metric info = { "b", "What it is.", METRIC_INFO, 0 };
	static const struct metric gauge = { "c_seconds", "Time.", METRIC_GAUGE, 1000 };
	const struct metric_label none[] = { { NULL, NULL } }, two[] = { { "x", "1" }, { "y", "" }, { NULL, NULL } };
	const struct {
		bool open_metrics;
		const struct metric *metric;
		const struct metric_label *labels;
		uint64_t value;
		const char *text;
	} cases[] = {
		{ false, &counter, none, UINT64_MAX,
		  "# HELP a_bytes_total Bytes.\n# TYPE a_bytes_total counter\na_bytes_total 18446744073709551615\n" },
		{ true, &counter, two, 7,
		  "# HELP a_bytes Bytes.\n# TYPE a_bytes counter\na_bytes_total{x=\"1\",y=\"\"} 7\n# EOF\n" },
		{ false, &info, two, 1,
		  "# HELP b_info What it is.\n# TYPE b_info gauge\nb_info{x=\"1\",y=\"\"} 1\n" },
		{ true, &info, two, 1, "# HELP b What it is.\n# TYPE b info\nb_info{x=\"1\",y=\"\"} 1\n# EOF\n" },
		{ true, &gauge, none, 1234, "# HELP c_seconds Time.\n# TYPE c_seconds gauge\nc_seconds 1.234000\n# EOF\n" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *text = written(cases[i].open_metrics, cases[i].metric, cases[i].labels, cases[i].value);

		assert_string_equal(text, cases[i].text);
		free(text);
	}
}

static void labels_are_escaped(void **state)
{
	static const struct metric metric = { "m", "M.", METRIC_GAUGE, 0 };
	static const char *const cases[][2] = {
		{ "plain", "plain" },
		{ "a\"b\\c\nd", "a\\\"b\\\\c\\nd" },
		{ "\033[31m\r\t\177", "?[31m???" },
		{ "b\303\274ro \342\202\254 \360\237\230\200", "b\303\274ro \342\202\254 \360\237\230\200" },
		/* no UTF-8: a lone byte, a cut one, one too long for what it says, a surrogate, beyond Unicode */
		{ "\374x", "?x" }, { "x\342\202", "x??" }, { "\300\257", "??" }, { "\355\240\200", "???" },
		{ "\364\220\200\200", "????" },
	};
	char expected[128], *text;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct metric_label labels[] = { { "l", cases[i][0] }, { NULL, NULL } };

		text = written(false, &metric, labels, 0);
		snprintf(expected, sizeof(expected), "# HELP m M.\n# TYPE m gauge\nm{l=\"%s\"} 0\n", cases[i][1]);
		assert_string_equal(text, expected);
		free(text);
	}
}

/* ---- all there is ---- */

static const char office[] =
	"[Interface]\nName = vgw0\n"
	"[Tunnel a]\nRemote = 198.51.100.21\nInside = 169.254.46.42/30\nPSKFile = a.psk\n"
	"[Tunnel b]\nRemote = hub.example.net\nInside = 169.254.47.42/30\nPSKFile = b.psk\n";
static const char answer[] =
	"{\"connections\":[{\"name\":\"office\",\"interface\":\"vgw0\",\"file\":\"/x\",\"tunnels\":["
	"{\"name\":\"a\",\"start\":\"start\",\"state\":\"up\",\"attempts\":0,\"last_error\":\"\",\"handshakes\":4,\"rekeys\":2,"
	"\"child_rekeys\":9,\"failures\":{\"no-answer\":3,\"authentication\":0},\"ike\":{\"age\":77,\"suite\":\"aes\"}},"
	"{\"name\":\"b\",\"start\":\"start\",\"state\":\"connecting\",\"attempts\":5,\"last_error\":\"x\",\"ike\":null,"
	"\"cert_not_after\":1800000000}]},"
	"{\"name\":\"gone\",\"interface\":\"vgw5\",\"file\":\"/y\",\"tunnels\":["
	"{\"name\":\"c\",\"start\":\"add\",\"state\":\"down\",\"attempts\":0,\"last_error\":\"\",\"ike\":null}]}]}";

static char *exported(const struct view *view)
{
	struct roster_files files;
	struct roster roster;
	struct metrics metrics = { .open_metrics = true };
	char *text = NULL;
	size_t size;

	roster_read(folder, &files);
	assert_int_equal(roster_make(&roster, &files, view), 0);
	metrics.to = open_memstream(&text, &size);
	export_all(&metrics, &(struct export){ &files, &roster, view, "1.2.3" });
	fclose(metrics.to);
	roster_free(&roster);
	roster_files_free(&files);
	return text;
}

/* One whole line of @text. */
static void has_line(const char *text, const char *line)
{
	const size_t length = strlen(line);
	const char *at = text;

	for (; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
		if (!strncmp(at, line, length) && at[length] == '\n')
			return;
	fail_msg("no line '%s' in\n%s", line, text);
}

#define OF(c, i, t) "{connection=\"" c "\",interface=\"" i "\",tunnel=\"" t "\""

static void configured_tunnels_are_always_there(void **state)
{
	const struct snap nothing = { 0 };
	const struct view view = { .snap = &nothing, .module_note = "not loaded" };
	char *text = exported(&view);

	(void)state;
	has_line(text, "vpntun_module_loaded 0");
	has_line(text, "vpntun_helper_running 0");
	has_line(text, "vpntun_config_valid{connection=\"office\"} 1");
	has_line(text, "vpntun_config_valid{connection=\"wrong\"} 0");
	has_line(text, "vpntun_tunnel_state" OF("office", "vgw0", "a") "} 0");
	has_line(text, "vpntun_tunnel_state" OF("office", "vgw0", "b") "} 0");
	has_line(text, "vpntun_tunnel_phase" OF("office", "vgw0", "b") ",phase=\"inactive\"} 1");
	has_line(text, "vpntun_tunnel_from_peer_bytes_total" OF("office", "vgw0", "a") "} 0");
	has_line(text, "vpntun_tunnel_info" OF("office", "vgw0", "b")
		 ",remote=\"hub.example.net\",local=\"\",encap=\"\",ike=\"\",esp=\"\"} 1");
	assert_null(strstr(text, "tunnel=\"c\""));
	free(text);
}

/* The module has a of office, and a tunnel with fixed keys; the helper knows more. */
static void three_sources_are_one(void **state)
{
	struct snap_iface iface = { .ifindex = 7, .name = "vgw0", .iface = { .mtu = 1400, .carrier = 1 } };
	struct snap_tunnel tunnels[] = {
		{ .ifindex = 7, .ifname = "vgw0", .tunnel = { .name = "a", .id = 1, .remote = addr("198.51.100.21"),
			.state = VGW_STATE_UP, .rx_bytes = 1ull << 60, .tx_packets = 5,
			.has = ATTR_BIT(VGW_A_TUNNEL_LAST_CHANGE), .last_change = 1500,
			.probe = { .has = ATTR_BIT(VGW_A_PROBE_RTT), .rtt = 2500, .sent = 10, .answered = 9 } } },
		{ .ifindex = 8, .ifname = "vgw9", .tunnel = { .name = "fixed", .id = 1, .reason = VGW_REASON_PROBE } },
	};
	struct snap_sa sa = { .ifindex = 7, .tunnel_id = 1,
		.sa = { .direction = VGW_DIRECTION_OUT, .current = 1, .age = 61000 } };
	const struct snap snap = { .ifaces = &iface, .n_ifaces = 1, .tunnels = tunnels, .n_tunnels = 2, .sas = &sa, .n_sas = 1 };
	struct view view = { .snap = &snap };
	struct status status;
	struct why why;
	char *text;

	(void)state;
	tunnels[0].tunnel.drops.count[VGW_DROP_REPLAYED] = 2;
	tunnels[0].tunnel.drops.count[VGW_DROP_SELECTOR] = 1;
	assert_int_equal(status_read(&status, json_loads(answer, 0, NULL), &why), 0);
	view.status = &status;
	text = exported(&view);
	has_line(text, "vpntun_tunnel_state" OF("office", "vgw0", "a") "} 1");
	has_line(text, "vpntun_tunnel_from_peer_bytes_total" OF("office", "vgw0", "a") "} 1152921504606846976");
	has_line(text, "vpntun_tunnel_to_peer_packets_total" OF("office", "vgw0", "a") "} 5");
	has_line(text, "vpntun_tunnel_last_change_age_seconds" OF("office", "vgw0", "a") "} 1.500000");
	has_line(text, "vpntun_tunnel_probe_rtt_seconds" OF("office", "vgw0", "a") "} 0.002500");
	has_line(text, "vpntun_tunnel_dropped_packets_total" OF("office", "vgw0", "a") "} 3");
	has_line(text, "vpntun_tunnel_drops_total" OF("office", "vgw0", "a") ",cause=\"replayed\"} 2");
	has_line(text, "vpntun_tunnel_sa_age_seconds" OF("office", "vgw0", "a") "} 61.000000");
	has_line(text, "vpntun_tunnel_ike_sa_age_seconds" OF("office", "vgw0", "a") "} 77");
	has_line(text, "vpntun_tunnel_child_rekeys_total" OF("office", "vgw0", "a") "} 9");
	has_line(text, "vpntun_tunnel_ike_failures_total" OF("office", "vgw0", "a") ",reason=\"no-answer\"} 3");
	has_line(text, "vpntun_tunnel_phase" OF("office", "vgw0", "b") ",phase=\"connecting\"} 1");
	has_line(text, "vpntun_tunnel_certificate_expiry_timestamp_seconds" OF("office", "vgw0", "b") "} 1800000000");
	has_line(text, "vpntun_tunnel_state" OF("gone", "vgw5", "c") "} 0");
	has_line(text, "vpntun_tunnel_down_reason" OF("", "vgw9", "fixed") ",reason=\"probe\"} 1");
	has_line(text, "vpntun_interface_carrier{interface=\"vgw0\"} 1");
	free(text);
	status_free(&status);
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	put_file(folder, "office.conf", office);
	put_file(folder, "wrong.conf", "[Interface]\nColour = blue\n");
	put_file(folder, "daemon.conf", "[Daemon]\n");
	put_file(folder, "office.conf.old", office);
	return 0;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_dialects),
		cmocka_unit_test(labels_are_escaped),
		cmocka_unit_test(configured_tunnels_are_always_there),
		cmocka_unit_test(three_sources_are_one),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
