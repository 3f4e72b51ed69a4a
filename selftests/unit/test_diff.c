// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/conf/diff.c tools/vpntun/conf/parse.c tools/vpntun/conf/lex.c tools/vpntun/conf/keys.c */
/* sources: tools/vpntun/conf/value.c tools/vpntun/conf/defaults.c tools/vpntun/conf/report.c tools/vpntun/util/prefix.c */
/* sources: tools/vpntun/util/addr.c tools/vpntun/util/name.c tools/vpntun/util/nearest.c tools/vpntun/util/num.c */
/* sources: tools/vpntun/util/why.c */
/* sources: tools/vpntun/conf/inside.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "conf/diff.h"
#include "conf/keys.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Two values of each key, or one where only one is right. */
struct sample {
	const char *key, *a, *b;
};

static const struct sample interface_samples[] = {
	{ "Name", "vgw1", "vgw2" }, { "Address", "10.0.0.1/32", "10.0.0.1/32, 10.0.0.2/32" },
	{ "Source", "10.0.0.1", "10.0.0.2" }, { "Routes", "10.1.0.0/16", "10.2.0.0/16" }, { "Table", "100", "101" },
	{ "Metric", "5", "6" }, { "MTU", "1400", "auto" }, { "MSSClamp", "on", "off" }, { "Carrier", "auto", "on" },
	{ "VRF", "red", "blue" }, { "Namespace", "red", "blue" }, { "FWMark", "1", "2" }, { "FailOpen", "yes", "no" },
};

static const struct sample tunnel_samples[] = {
	{ "Local", "192.0.2.1", "auto" }, { "Device", "eth0", "eth1" }, { "Remote", "192.0.2.2", "gw.example.org" },
	{ "Inside", "169.254.1.1/30", "169.254.1.2/30" }, { "Peer", "10.0.0.1", "10.0.0.2" },
	{ "LocalTS", "10.0.0.0/8", "10.0.0.0/9" }, { "RemoteTS", "10.0.0.0/8", "10.0.0.0/8, 10.1.0.0/16" },
	{ "Prefixes", "10.0.0.0/8", "10.1.0.0/16" }, { "Priority", "1", "2" }, { "Group", "1", "2" },
	{ "PSKFile", "a", "b" }, { "LocalID", "a", "b" }, { "RemoteID", "a", "b" },
	{ "IKEProposals", "aes256gcm16-prfsha256-x25519", "aes256-sha256-x25519" },
	{ "ESPProposals", "aes256gcm16", "aes256gcm16, aes128gcm16" }, { "IKELifetime", "7200", "3600" },
	{ "Lifetime", "3600", "1800" }, { "LifeBytes", "1000000000", "2000000000" }, { "ReplayWindow", "64", "128" },
	{ "DPDInterval", "10", "20" }, { "DPDTimeout", "40", "60" }, { "DPDAction", "clear", "restart" },
	{ "ProbeInterval", "1", "2" }, { "ProbeMisses", "3", "4" }, { "ProbeAction", "down", "prefer" },
	{ "StartAction", "start", "trap" }, { "Encap", "auto", "udp" }, { "Keepalive", "20", "10" },
	{ "ESN", "yes", "no" }, { "DSCP", "copy", "4" }, { "DF", "set", "copy" }, { "InnerDF", "honour", "clear" },
	{ "TTL", "64", "32" }, { "IKEVersion", "2", NULL }, { "AuthMethod", "psk", "ecdsa" },
	{ "Certificate", "a", "b" }, { "PrivateKey", "a", "b" }, { "CA", "a", "a, b" }, { "CRL", "a", "b" },
	{ "Mobike", "yes", "no" }, { "Fragmentation", "yes", "no" }, { "LocalASN", "65000", "64512" },
	{ "RemoteASN", "64512", "65000" }, { "BGPHoldTime", "30", "90" },
};

static const struct sample *sample_of(const struct sample *samples, size_t count, const char *key)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!strcmp(samples[i].key, key))
			return &samples[i];
	fail_msg("no sample of the key %s here", key);
	return NULL;
}

static void hear(void *ctx, bool fault, const char *line)
{
	(void)ctx;
	if (fault)
		fail_msg("%s", line);
}

static void parse(const char *text, struct conf *out)
{
	struct conf_report report = { .say = hear };

	assert_int_equal(conf_parse("office.conf", text, strlen(text), out, &report), 0);
}

/* A line each: "TUNNEL KEY CLASS". */
static char found[4096];

static void note(void *ctx, const struct diff_change *change)
{
	static const char *const kinds[] = { "", "added", "removed" };
	size_t used = strlen(found);

	(void)ctx;
	if (change->kind == DIFF_KEY)
		snprintf(found + used, sizeof(found) - used, "%s %s %d\n", change->tunnel ? change->tunnel : "-",
			 change->key, change->class);
	else
		snprintf(found + used, sizeof(found) - used, "%s %s\n", change->tunnel, kinds[change->kind]);
}

static const char *diff(const char *from, const char *to)
{
	struct conf a, b;

	parse(from, &a);
	parse(to, &b);
	found[0] = '\0';
	conf_diff(&a, &b, note, NULL);
	conf_free(&a);
	conf_free(&b);
	return found;
}

static void write_file(char *out, size_t size, bool interface, const char *key, const char *value)
{
	char line[256];

	snprintf(line, sizeof(line), "%s = %s\n", key, value);
	/* What has its default by another key is not the one in question. */
	snprintf(out, size, "[Interface]\n%s%s%s%s[Tunnel a]\n%s%s%s%s%s", interface ? line : "",
		 strcmp(key, "Routes") ? "Routes = 10.0.0.0/8\n" : "", strcmp(key, "Source") ? "Source = 10.9.9.9\n" : "",
		 strcmp(key, "Name") ? "Name = vgw7\n" : "",
		 interface ? "" : line, strcmp(key, "Remote") ? "Remote = 198.51.100.1\n" : "",
		 strcmp(key, "Peer") ? "Peer = 169.254.9.9\n" : "",
		 strcmp(key, "StartAction") ? "StartAction = start\n" : "",
		 strcmp(key, "DPDAction") ? "DPDAction = restart\n" : "");
}

static void check_keys(const struct key *keys, const struct sample *samples, size_t count)
{
	bool interface = keys == keys_interface;
	char from[1024], to[1024], expected[256];

	for (; keys->name; keys++) {
		const struct sample *sample = sample_of(samples, count, keys->name);
		int class = diff_class_of(interface ? keys_interface : keys_tunnel, keys->name);

		if (class < 0)
			fail_msg("the key %s has no class", keys->name);
		write_file(from, sizeof(from), interface, keys->name, sample->a);
		assert_string_equal(diff(from, from), "");
		if (!sample->b)
			continue;
		write_file(to, sizeof(to), interface, keys->name, sample->b);
		snprintf(expected, sizeof(expected), "%s %s %d\n", interface ? "-" : "a", keys->name, class);
		assert_string_equal(diff(from, to), expected);
		assert_string_equal(diff(to, from), expected);
	}
}

static void every_key_has_a_class(void **state)
{
	(void)state;
	check_keys(keys_interface, interface_samples, COUNT(interface_samples));
	check_keys(keys_tunnel, tunnel_samples, COUNT(tunnel_samples));
}

/* A line moved, a comment: nothing of that counts. */
static void values_count_not_lines(void **state)
{
	(void)state;
	assert_string_equal(diff("[Interface]\nName = vgw7\n[Tunnel a]\nRemote = 198.51.100.1\nLifetime = 3600\n",
				 "# new\n[Interface]\nName = vgw7\n[Tunnel a]\nRemote = 198.51.100.1\n"), "");
}

static void tunnels_come_and_go(void **state)
{
	static const char one[] = "[Interface]\nName = vgw7\n[Tunnel a]\nRemote = 198.51.100.1\nPriority = 1\n";
	static const char two[] = "[Interface]\nName = vgw7\n[Tunnel b]\nRemote = 198.51.100.2\n[Tunnel a]\n"
				  "Remote = 198.51.100.1\nPriority = 2\n";

	(void)state;
	assert_string_equal(diff(one, two), "a Priority 0\nb added\n");
	assert_string_equal(diff(two, one), "a Priority 0\nb removed\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_has_a_class),
		cmocka_unit_test(values_count_not_lines),
		cmocka_unit_test(tunnels_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
