// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/cli/json.c tools/vpntun/cli/out.c tools/vpntun/util/utf8.c tools/vpntun/cli/show_ike.c tools/vpntun/cli/show_text.c tools/vpntun/cli/status.c tools/vpntun/cli/view.c tools/vpntun/nl/snap.c tools/vpntun/nl/vgw.c tools/vpntun/nl/attr.c tools/vpntun/nl/knl.c tools/vpntun/nl/names_gen.c tools/vpntun/util/addr.c tools/vpntun/util/when.c tools/vpntun/util/name.c tools/vpntun/util/num.c tools/vpntun/util/nearest.c tools/vpntun/util/why.c */
/* libs: libnl-3.0 libnl-genl-3.0 jansson libcrypto */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/json.h"
#include "cli/out.h"
#include "cli/show_text.h"
#include "values.h"

#define BIT(attr) ATTR_BIT(attr)

/* An interface whose tunnel has every option, and one that has none. */
static struct snap_iface ifaces[2];
static struct snap_tunnel tunnels[2];
static struct snap_sa sas[2];
static const struct snap snap = {
	.ifaces = ifaces, .n_ifaces = 2,
	.tunnels = tunnels, .n_tunnels = 2,
	.sas = sas, .n_sas = 2,
};
/* With the helper down; what a case is about is asked for in a copy. */
static const struct view view = { .snap = &snap };

/* A helper's answer: the first interface and more, and another interface. */
static const char answer[] =
	"{'v':1,'ok':true,'connections':["
	"{'name':'office','interface':'vgw0','file':'/etc/vpntun/office.conf','tunnels':["
	"{'name':'full','start':'start','state':'connecting','ike':null,'attempts':3,'last_error':'no answer'},"
	"{'name':'spare','start':'trap','state':'down','ike':null,'attempts':0,'last_error':''}]},"
	"{'name':'lab','interface':'vgw9','file':'/x','tunnels':["
	"{'name':'t','start':'start','state':'up','attempts':1,'last_error':'','ike':{'initiator':false,"
	"'local':'203.0.113.10:4500','remote':'198.51.100.21:4500','spi_i':'1','spi_r':'2',"
	"'suite':'aes256-sha256-modp2048','esp':'aes256gcm16','age':90,'child_age':3700,'rekey_in':86400,"
	"'child_rekey_in':5,'rekeys':1,'child_rekeys':12,'natted':true,'peer_natted':true,"
	"'remote_id':'\\u001bfoo','spi_in':'0x1','spi_out':'0x2','ike_sas':2,'child_sas':1}}]}]}";

/* jansson wants its quotes double. */
static void read_answer(const char *from, struct status *status)
{
	char text[2048];
	struct why why;
	char *c;

	assert_true(strlen(from) < sizeof(text));
	strcpy(text, from);
	for (c = text; *c; c++)
		if (*c == '\'')
			*c = '"';
	assert_int_equal(status_read(status, json_loads(text, 0, NULL), &why), 0);
}

static void fill_ifaces(void)
{
	ifaces[0] = (struct snap_iface){ .ifindex = 7, .name = "vgw0", .iface = {
		.has = BIT(VGW_A_IFACE_MSS_CLAMP), .mtu = 1422, .mtu_auto = 1, .carrier = 1,
		.carrier_policy = VGW_CARRIER_POLICY_ON, .dormant = 1, .mss_clamp = 1360,
		.fwmark = 0x10,
	} };
	ifaces[0].iface.drops.count[VGW_DROP_NO_TUNNEL] = 3;
	ifaces[1] = (struct snap_iface){ .ifindex = 8, .name = "vgw1", .iface = {
		.has = BIT(VGW_A_IFACE_MSS_CLAMP), .mtu = 1400, .mss_clamp = 1,
	} };
}

static void fill_tunnels(void)
{
	tunnels[0] = (struct snap_tunnel){ .ifindex = 7, .ifname = "vgw0", .tunnel = {
		.has = BIT(VGW_A_TUNNEL_DSCP) | BIT(VGW_A_TUNNEL_DF) | BIT(VGW_A_TUNNEL_TTL) |
		       BIT(VGW_A_TUNNEL_ENCAP) | BIT(VGW_A_TUNNEL_SPORT) | BIT(VGW_A_TUNNEL_DPORT),
		.name = "full", .id = 1, .remote = addr("198.51.100.21"), .encap = VGW_ENCAP_UDP,
		.sport = 4500, .dport = 4501, .prefixes = prefixes("10.2.0.0/16"),
		.ts_local = prefixes("10.1.0.0/16"), .state = VGW_STATE_DOWN,
		.reason = VGW_REASON_NO_SA, .dscp = 46, .df = VGW_DF_COPY,
		.inner_df = VGW_INNER_DF_CLEAR, .ttl = 32, .fwmark = 0x20, .link = 1, .multicast = 1,
		.rx_mark = 5, .roam = 1, .keepalive = 20, .demand = 1,
		.probe = {
			.has = BIT(VGW_A_PROBE_RTT), .target = addr("169.254.46.41"),
			.source = addr("169.254.46.42"), .interval = 500, .misses = 3,
			.action = VGW_PROBE_ACTION_PREFER, .state = VGW_PROBE_STATE_ALIVE,
			.rtt = 1234, .sent = 100, .answered = 98,
		},
	} };
	tunnels[1] = (struct snap_tunnel){ .ifindex = 8, .ifname = "vgw1", .tunnel = {
		.has = BIT(VGW_A_TUNNEL_DSCP) | BIT(VGW_A_TUNNEL_DF) | BIT(VGW_A_TUNNEL_TTL) |
		       BIT(VGW_A_TUNNEL_ENCAP),
		.name = "plain", .id = 1, .remote = addr("2001:db8::1"), .state = VGW_STATE_UP,
		.dscp = 255, .df = VGW_DF_SET, .ttl = 64,
	} };
}

static int set_up(void **state)
{
	(void)state;
	fill_ifaces();
	fill_tunnels();
	sas[0] = (struct snap_sa){ .ifindex = 7, .tunnel_id = 1, .sa = {
		.has = BIT(VGW_A_SA_AGE), .direction = VGW_DIRECTION_OUT, .spi = 0x2001,
		.suite = VGW_SUITE_AES256GCM16, .pending_on = 0x1001, .life_time = 60,
		.life_bytes = 2048, .life_packets = 10, .packets = 11, .bytes = 1024, .age = 15000,
	} };
	sas[1] = (struct snap_sa){ .ifindex = 8, .tunnel_id = 1, .sa = {
		.has = BIT(VGW_A_SA_LINGER) | BIT(VGW_A_SA_REPLAY_WINDOW),
		.direction = VGW_DIRECTION_IN, .spi = 0x1001, .suite = VGW_SUITE_NULL_SHA256,
		.replay_window = 64, .linger = 5,
	} };
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	vgw_tunnel_free(&tunnels[0].tunnel);
	vgw_tunnel_free(&tunnels[1].tunnel);
	return 0;
}

/* To be freed. */
static char *text_of(const struct view *of)
{
	struct out out = { 0 };
	char *text = NULL;
	size_t size;

	out.to = open_memstream(&text, &size);
	assert_non_null(out.to);
	show_text(&out, of);
	fclose(out.to);
	return text;
}

static void text_shows_what_is_not_default(void **state)
{
	char *text = text_of(&view);

	(void)state;
	assert_string_equal(text,
		"interface vgw0: carrier on (always), dormant, mtu 1422 (auto), mss-clamp 1360, fwmark 0x10\n"
		"  drops: no-tunnel 3\n"
		"\n"
		"  tunnel full: down (no outbound SA), group 0, priority 0\n"
		"    endpoints: auto:4500 -> 198.51.100.21:4501 (udp)\n"
		"    prefixes: 10.2.0.0/16\n"
		"    selectors: 10.1.0.0/16 -> any\n"
		"    options: dscp 46, df copy, inner-df clear, ttl 32, fwmark 0x20, dev lo, multicast on, "
		"rx-mark 0x5, roam on, keepalive 20s, demand on\n"
		"    probe: 169.254.46.41 from 169.254.46.42 every 500 ms, 3 misses: prefer; alive, "
		"rtt 1.234 ms, 2 of 100 lost\n"
		"    traffic: 0 B received, 0 B sent (0 and 0 packets)\n"
		"    sa out 0x00002001 aes256gcm16, seq 0, 1.00 KiB in 11 packets, age 15s, "
		"pending on 0x00001001, left: 45s, 1.00 KiB, 0 packets\n"
		"\n"
		"interface vgw1: carrier off, mtu 1400\n"
		"\n"
		"  tunnel plain: up, group 0, priority 0\n"
		"    endpoints: auto -> 2001:db8::1 (native)\n"
		"    prefixes: none\n"
		"    traffic: 0 B received, 0 B sent (0 and 0 packets)\n"
		"    sa in  0x00001001 null-sha256 window 64, seq 0, 0 B in 0 packets, age 0.0s, "
		"deleted, lingers 5s\n");
	free(text);
}

/* The part of @json that these keys and numbers lead to, as text. */
static void check_part(json_t *json, const char *path, const char *as)
{
	char copy[128], *rest = copy, *key, *text;

	assert_true(strlen(path) < sizeof(copy));
	strcpy(copy, path);
	while (json && (key = strsep(&rest, ".")))
		json = json_is_array(json) ? json_array_get(json, atoi(key)) :
					     json_object_get(json, key);
	assert_non_null(json);
	text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(9));
	assert_string_equal(text, as);
	free(text);
}

static void json_shows_everything(void **state)
{
	static const struct {
		const char *path;
		const char *as;
	} parts[] = {
		{ "daemon", "false" },
		{ "interfaces.0.carrier_policy", "\"on\"" },
		{ "interfaces.0.dormant", "true" },
		{ "interfaces.0.mss_clamp", "1360" },
		{ "interfaces.0.fwmark", "16" },
		{ "interfaces.0.drops", "{\"no-tunnel\":3}" },
		{ "interfaces.0.tunnels.0.reason", "\"no-sa\"" },
		{ "interfaces.0.tunnels.0.dport", "4501" },
		{ "interfaces.0.tunnels.0.dscp", "46" },
		{ "interfaces.0.tunnels.0.df", "\"copy\"" },
		{ "interfaces.0.tunnels.0.inner_df", "\"clear\"" },
		{ "interfaces.0.tunnels.0.ttl", "32" },
		{ "interfaces.0.tunnels.0.fwmark", "32" },
		{ "interfaces.0.tunnels.0.dev", "\"lo\"" },
		{ "interfaces.0.tunnels.0.ts_local", "[\"10.1.0.0/16\"]" },
		{ "interfaces.0.tunnels.0.ts_remote", "[]" },
		{ "interfaces.0.tunnels.0.multicast", "true" },
		{ "interfaces.0.tunnels.0.rx_mark", "5" },
		{ "interfaces.0.tunnels.0.roam", "true" },
		{ "interfaces.0.tunnels.0.keepalive", "20" },
		{ "interfaces.0.tunnels.0.demand", "true" },
		{ "interfaces.0.tunnels.0.probe",
		  "{\"target\":\"169.254.46.41\",\"source\":\"169.254.46.42\",\"interval\":0.5,"
		  "\"misses\":3,\"action\":\"prefer\",\"state\":\"alive\",\"sent\":100,"
		  "\"answered\":98,\"lost\":2,\"rtt\":0.001234}" },
		{ "interfaces.0.tunnels.0.sas.0.spi", "\"0x00002001\"" },
		{ "interfaces.0.tunnels.0.sas.0.pending_on", "\"0x00001001\"" },
		{ "interfaces.0.tunnels.0.sas.0.linger", "null" },
		{ "interfaces.0.tunnels.0.sas.0.life_time", "60" },
		{ "interfaces.0.tunnels.0.sas.0.life_bytes", "2048" },
		{ "interfaces.0.tunnels.0.sas.0.life_packets", "10" },
		{ "interfaces.1.carrier_policy", "\"auto\"" },
		{ "interfaces.1.mss_clamp", "1" },
		{ "interfaces.1.tunnels.0.sport", "null" },
		{ "interfaces.1.tunnels.0.dscp", "null" },
		{ "interfaces.1.tunnels.0.dev", "null" },
		{ "interfaces.1.tunnels.0.probe", "null" },
		{ "interfaces.1.tunnels.0.sas.0.pending_on", "null" },
		{ "interfaces.1.tunnels.0.sas.0.linger", "5" },
		{ "interfaces.1.tunnels.0.sas.0.life_bytes", "null" },
	};
	json_t *json = json_view(&view);
	size_t i;

	(void)state;
	assert_non_null(json);
	for (i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		check_part(json, parts[i].path, parts[i].as);
	json_decref(json);
}

static void check_parts(json_t *json, const char *const parts[][2], size_t count)
{
	size_t i;

	assert_non_null(json);
	for (i = 0; i < count; i++)
		check_part(json, parts[i][0], parts[i][1]);
	json_decref(json);
}

static void json_holds_what_the_helper_says(void **state)
{
	static const char *const parts[][2] = {
		{ "daemon", "true" },
		{ "interfaces.0.connection", "\"office\"" },
		{ "interfaces.0.tunnels.0.state", "\"connecting\"" },
		{ "interfaces.0.tunnels.0.reason", "\"no-sa\"" },
		{ "interfaces.0.tunnels.0.start", "\"start\"" },
		{ "interfaces.0.tunnels.0.attempts", "3" },
		{ "interfaces.0.tunnels.0.last_error", "\"no answer\"" },
		{ "interfaces.0.tunnels.0.ike", "null" },
		{ "interfaces.0.tunnels.1.name", "\"spare\"" },
		{ "interfaces.0.tunnels.1.state", "\"down\"" },
		{ "interfaces.0.tunnels.1.active", "false" },
		{ "interfaces.0.tunnels.1.start", "\"trap\"" },
		{ "interfaces.0.tunnels.1.last_error", "null" },
		{ "interfaces.0.tunnels.1.remote", "null" },
		{ "interfaces.0.tunnels.1.rx_bytes", "null" },
		{ "interfaces.0.tunnels.1.sas", "null" },
		{ "interfaces.1.connection", "null" },
		{ "interfaces.1.tunnels.0.state", "\"up\"" },
		{ "interfaces.1.tunnels.0.attempts", "null" },
		{ "interfaces.2.name", "\"vgw9\"" },
		{ "interfaces.2.connection", "\"lab\"" },
		{ "interfaces.2.carrier", "false" },
		{ "interfaces.2.mtu", "null" },
		{ "interfaces.2.host_drops", "null" },
		/* The module has the last word. */
		{ "interfaces.2.tunnels.0.state", "\"down\"" },
		{ "interfaces.2.tunnels.0.ike.esp", "\"aes256gcm16\"" },
		{ "interfaces.2.tunnels.0.ike.child_rekey_in", "5" },
	};
	struct view with = view;
	struct status status;

	(void)state;
	read_answer(answer, &status);
	with.status = &status;
	check_parts(json_view(&with), parts, sizeof(parts) / sizeof(*parts));
	status_free(&status);
}

/* One tunnel that the module lacks, of an interface that it has. */
static void json_shows_one(void **state)
{
	static const char *const parts[][2] = {
		{ "interfaces.0.tunnels.0.name", "\"spare\"" },
	};
	struct snap of_one = snap;
	struct view with = { .snap = &of_one, .ifname = "vgw0", .tunnel = "spare" };
	struct status status;
	json_t *json;

	(void)state;
	of_one.n_ifaces = 1;
	read_answer(answer, &status);
	with.status = &status;
	json = json_view(&with);
	assert_int_equal(json_array_size(json_object_get(json, "interfaces")), 1);
	check_parts(json, parts, 1);
	status_free(&status);
}

static void json_says_whether_the_helper_was_asked(void **state)
{
	static const struct snap empty;
	struct view with = { .snap = &empty };

	(void)state;
	check_parts(json_view(&with), (const char *const[][2]){ { "daemon", "false" } }, 1);
	with.helper_note = "not permitted";
	check_parts(json_view(&with), (const char *const[][2]){ { "daemon", "null" } }, 1);
}

static void text_shows_what_the_helper_says(void **state)
{
	static const struct snap empty;
	struct view with = { .snap = &empty, .module_note = "no module" };
	struct status status;
	char *text;

	(void)state;
	read_answer(answer, &status);
	with.status = &status;
	text = text_of(&with);
	assert_string_equal(text,
		"interface vgw0: not there, connection office\n"
		"\n"
		"  tunnel full: connecting (the interface has no such tunnel)\n"
		"    attempts: 3\n"
		"    last error: no answer\n"
		"\n"
		"  tunnel spare: down (the interface has no such tunnel)\n"
		"    start: trap\n"
		"\n"
		"interface vgw9: not there, connection lab\n"
		"\n"
		"  tunnel t: down (the interface has no such tunnel)\n"
		"    ike: 203.0.113.10:4500 -> 198.51.100.21:4500, responder, aes256-sha256-modp2048, "
		"peer is ?foo, both behind NAT, age 1m 30s, rekey in 1d 0h, 1 rekey made\n"
		"    esp: aes256gcm16, age 1h 1m, rekey in 5.0s, 12 rekeys made\n"
		"    ike has: 2 IKE SAs, 1 Child SAs\n"
		"\n"
		"(no module)\n");
	free(text);
	status_free(&status);
}

static void text_shows_both(void **state)
{
	struct view with = view;
	struct status status;
	char *text;

	(void)state;
	read_answer(answer, &status);
	with.status = &status;
	text = text_of(&with);
	assert_non_null(strstr(text, "fwmark 0x10, connection office\n"));
	assert_non_null(strstr(text, "  tunnel full: connecting (no outbound SA), group 0"));
	assert_non_null(strstr(text, "2 of 100 lost\n    attempts: 3\n    last error: no answer\n    traffic: "));
	assert_non_null(strstr(text, "\n  tunnel spare: down (the interface has no such tunnel)\n    start: trap\n"
				     "\ninterface vgw1: carrier off, mtu 1400\n"));
	assert_non_null(strstr(text, "\n\ninterface vgw9: not there, connection lab\n"));
	free(text);
	status_free(&status);
}

static void check_event(json_t *event, const char *as)
{
	char *text = json_dumps(event, JSON_COMPACT);

	assert_string_equal(text, as);
	free(text);
	json_decref(event);
}

static void events_hold_what_is_known(void **state)
{
	const struct vgw_tunnel bare = { .name = "t", .state = VGW_STATE_UP };
	struct vgw_sa sa = { .direction = VGW_DIRECTION_IN, .spi = 0x1001 };

	(void)state;
	check_event(json_tunnel_event("up", "vgw0", &bare),
		    "{\"event\":\"tunnel\",\"interface\":\"vgw0\",\"tunnel\":\"t\",\"change\":\"up\","
		    "\"admin\":null,\"state\":\"up\",\"reason\":null,\"local\":null,\"remote\":null,"
		    "\"encap\":null,\"sport\":null,\"dport\":null,\"mtu\":null}");
	check_event(json_bare_event("acquire", "vgw0", "t"),
		    "{\"event\":\"acquire\",\"interface\":\"vgw0\",\"tunnel\":\"t\"}");
	check_event(json_sa_event("auth-fail", "vgw0", "t", &sa),
		    "{\"event\":\"auth-fail\",\"interface\":\"vgw0\",\"tunnel\":\"t\",\"dir\":\"in\","
		    "\"spi\":\"0x00001001\",\"expiry\":null}");
	sa.has = BIT(VGW_A_SA_EXPIRY);
	sa.expiry = VGW_EXPIRY_HARD;
	check_event(json_sa_event("sa-expire", "vgw0", "t", &sa),
		    "{\"event\":\"sa-expire\",\"interface\":\"vgw0\",\"tunnel\":\"t\",\"dir\":\"in\","
		    "\"spi\":\"0x00001001\",\"expiry\":\"hard\"}");
}

static void every_reason_has_words(void **state)
{
	unsigned int reason;

	(void)state;
	for (reason = 0; reason <= VGW_REASON_MAX; reason++)
		assert_string_not_equal(out_reason(reason), "unknown");
	assert_string_equal(out_reason(VGW_REASON_MAX + 1), "unknown");
}

static void strange_devices_have_numbers(void **state)
{
	char text[OUT_TEXT_MAX];

	(void)state;
	assert_string_equal(out_device(1, text), "lo");
	assert_string_equal(out_device(4000000000u, text), "if4000000000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_shows_what_is_not_default),
		cmocka_unit_test(json_shows_everything),
		cmocka_unit_test(json_holds_what_the_helper_says),
		cmocka_unit_test(json_shows_one),
		cmocka_unit_test(json_says_whether_the_helper_was_asked),
		cmocka_unit_test(text_shows_what_the_helper_says),
		cmocka_unit_test(text_shows_both),
		cmocka_unit_test(events_hold_what_is_known),
		cmocka_unit_test(every_reason_has_words),
		cmocka_unit_test(strange_devices_have_numbers),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
