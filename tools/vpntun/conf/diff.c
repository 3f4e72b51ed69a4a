// SPDX-License-Identifier: GPL-2.0
#include "conf/diff.h"

#include <string.h>

#include "conf/keys.h"
#include "util/prefix.h"

typedef bool same_fn(const void *a, const void *b);

struct rule {
	const char *key;
	enum diff_class class;
	size_t offset;
	same_fn *same;
};

/* ---- values ---- */

static bool same_u8(const void *a, const void *b)
{
	return *(const uint8_t *)a == *(const uint8_t *)b;
}

static bool same_u32(const void *a, const void *b)
{
	return *(const uint32_t *)a == *(const uint32_t *)b;
}

static bool same_u64(const void *a, const void *b)
{
	return *(const uint64_t *)a == *(const uint64_t *)b;
}

static bool same_bool(const void *a, const void *b)
{
	return *(const bool *)a == *(const bool *)b;
}

/* Enumerations have the size of an int. */
static bool same_enum(const void *a, const void *b)
{
	return !memcmp(a, b, sizeof(enum conf_start));
}

static bool same_text(const void *a, const void *b)
{
	return !strcmp(a, b);
}

static bool same_addr(const void *a, const void *b)
{
	return addr_equal(a, b);
}

static bool same_sources(const void *a, const void *b)
{
	const struct ip_addr *left = a, *right = b;

	return addr_equal(&left[0], &right[0]) && addr_equal(&left[1], &right[1]);
}

static bool same_insides(const void *a, const void *b)
{
	const struct conf_insides *left = a, *right = b;
	uint8_t i;

	for (i = 0; i < left->count && i < right->count; i++)
		if (left->list[i].length != right->list[i].length ||
		    !addr_equal(&left->list[i].addr, &right->list[i].addr))
			return false;
	return left->count == right->count;
}

static bool same_prefixes(const void *a, const void *b)
{
	return prefixes_equal(a, b);
}

static bool same_words(const void *a, const void *b)
{
	const struct conf_words *left = a, *right = b;
	uint8_t i;

	for (i = 0; i < left->count && i < right->count; i++)
		if (strcmp(left->list[i], right->list[i]))
			return false;
	return left->count == right->count;
}

/* The whole tunnel: keys that fill several members. */
static bool same_remote(const void *a, const void *b)
{
	const struct conf_tunnel *left = a, *right = b;

	return left->remote_any == right->remote_any && addr_equal(&left->remote, &right->remote) &&
	       !strcmp(left->remote_name, right->remote_name);
}

static bool same_narrowing(const void *a, const void *b)
{
	const struct conf_tunnel *left = a, *right = b;

	return left->has_prefixes == right->has_prefixes && prefixes_equal(&left->prefixes, &right->prefixes);
}

/* Only one value is right. */
static bool always_same(const void *a, const void *b)
{
	(void)a;
	(void)b;
	return true;
}

/* ---- the table ---- */

#define RULE(name, in, member, how, what) { name, what, offsetof(struct in, member), how }

static const struct rule interface_rules[] = {
	RULE("Name", conf, ifname, same_text, DIFF_RESTART),
	RULE("Address", conf, address, same_insides, DIFF_LIVE),
	RULE("Source", conf, source, same_sources, DIFF_RESTART),
	RULE("Routes", conf, routes, same_prefixes, DIFF_LIVE),
	RULE("Table", conf, table, same_u32, DIFF_RESTART),
	RULE("Metric", conf, metric, same_u32, DIFF_RESTART),
	RULE("MTU", conf, mtu, same_u32, DIFF_LIVE),
	RULE("MSSClamp", conf, mss_clamp, same_u32, DIFF_LIVE),
	RULE("Carrier", conf, carrier, same_u8, DIFF_LIVE),
	RULE("VRF", conf, vrf, same_text, DIFF_RESTART),
	RULE("Namespace", conf, netns, same_text, DIFF_RESTART),
	RULE("FWMark", conf, fwmark, same_u32, DIFF_LIVE),
	RULE("FailOpen", conf, fail_open, same_bool, DIFF_LIVE),
	{ 0 }
};

static const struct rule tunnel_rules[] = {
	RULE("Local", conf_tunnel, local, same_addr, DIFF_IKE),
	RULE("Device", conf_tunnel, device, same_text, DIFF_IKE),
	{ "Remote", DIFF_IKE, 0, same_remote },
	RULE("Inside", conf_tunnel, inside, same_insides, DIFF_LIVE),
	RULE("Peer", conf_tunnel, peer, same_addr, DIFF_LIVE),
	RULE("LocalTS", conf_tunnel, local_ts, same_prefixes, DIFF_CHILD),
	RULE("RemoteTS", conf_tunnel, remote_ts, same_prefixes, DIFF_CHILD),
	{ "Prefixes", DIFF_CHILD, 0, same_narrowing },
	RULE("Priority", conf_tunnel, priority, same_u32, DIFF_LIVE),
	RULE("Group", conf_tunnel, group, same_u32, DIFF_LIVE),
	RULE("PSKFile", conf_tunnel, psk_file, same_text, DIFF_LIVE),
	RULE("LocalID", conf_tunnel, local_id, same_text, DIFF_IKE),
	RULE("RemoteID", conf_tunnel, remote_id, same_text, DIFF_IKE),
	RULE("IKEProposals", conf_tunnel, ike_proposals, same_words, DIFF_IKE),
	RULE("ESPProposals", conf_tunnel, esp_proposals, same_words, DIFF_CHILD),
	RULE("IKELifetime", conf_tunnel, ike_lifetime, same_u32, DIFF_LIVE),
	RULE("Lifetime", conf_tunnel, lifetime, same_u32, DIFF_CHILD),
	RULE("LifeBytes", conf_tunnel, life_bytes, same_u64, DIFF_CHILD),
	RULE("ReplayWindow", conf_tunnel, replay_window, same_u32, DIFF_CHILD),
	RULE("DPDInterval", conf_tunnel, dpd_interval, same_u32, DIFF_LIVE),
	RULE("DPDTimeout", conf_tunnel, dpd_timeout, same_u32, DIFF_LIVE),
	RULE("DPDAction", conf_tunnel, dpd_action, same_enum, DIFF_LIVE),
	RULE("ProbeInterval", conf_tunnel, probe_interval, same_u32, DIFF_LIVE),
	RULE("ProbeMisses", conf_tunnel, probe_misses, same_u32, DIFF_LIVE),
	RULE("ProbeAction", conf_tunnel, probe_action, same_u8, DIFF_LIVE),
	RULE("StartAction", conf_tunnel, start_action, same_enum, DIFF_LIVE),
	RULE("Encap", conf_tunnel, encap, same_enum, DIFF_IKE),
	RULE("Keepalive", conf_tunnel, keepalive, same_u32, DIFF_CHILD),
	RULE("ESN", conf_tunnel, esn, same_bool, DIFF_CHILD),
	RULE("DSCP", conf_tunnel, dscp, same_u8, DIFF_LIVE),
	RULE("DF", conf_tunnel, df, same_u8, DIFF_LIVE),
	RULE("InnerDF", conf_tunnel, inner_df, same_u8, DIFF_LIVE),
	RULE("TTL", conf_tunnel, ttl, same_u8, DIFF_LIVE),
	{ "IKEVersion", DIFF_LIVE, 0, always_same },
	RULE("AuthMethod", conf_tunnel, auth_method, same_enum, DIFF_IKE),
	RULE("Certificate", conf_tunnel, certificate, same_text, DIFF_LIVE),
	RULE("PrivateKey", conf_tunnel, private_key, same_text, DIFF_LIVE),
	RULE("CA", conf_tunnel, ca, same_words, DIFF_LIVE),
	RULE("CRL", conf_tunnel, crl, same_words, DIFF_LIVE),
	RULE("Mobike", conf_tunnel, mobike, same_bool, DIFF_IKE),
	RULE("Fragmentation", conf_tunnel, fragmentation, same_bool, DIFF_IKE),
	RULE("LocalASN", conf_tunnel, local_asn, same_u32, DIFF_LIVE),
	RULE("RemoteASN", conf_tunnel, remote_asn, same_u32, DIFF_LIVE),
	RULE("BGPHoldTime", conf_tunnel, bgp_hold, same_u32, DIFF_LIVE),
	{ 0 }
};

int diff_class_of(const struct key *keys, const char *name)
{
	const struct rule *rule = keys == keys_interface ? interface_rules : tunnel_rules;

	for (; rule->key; rule++)
		if (!strcmp(rule->key, name))
			return rule->class;
	return -1;
}

/* ---- two files ---- */

struct diffing {
	void (*fn)(void *ctx, const struct diff_change *change);
	void *ctx;
};

/* @from and @to: what the rules' offsets are of. */
static void compare(const struct rule *rule, const char *tunnel, const void *from, const void *to,
		    const struct diffing *diffing)
{
	for (; rule->key; rule++) {
		const struct diff_change change = { DIFF_KEY, tunnel, rule->key, rule->class };

		if (!rule->same((const char *)from + rule->offset, (const char *)to + rule->offset))
			diffing->fn(diffing->ctx, &change);
	}
}

static const struct conf_tunnel *find(const struct conf *conf, const char *name)
{
	size_t i;

	for (i = 0; i < conf->n_tunnels; i++)
		if (!strcmp(conf->tunnels[i].name, name))
			return &conf->tunnels[i];
	return NULL;
}

/* Tunnels of @these that @those have not. */
static void lacking(const struct conf *these, const struct conf *those, enum diff_kind kind,
		    const struct diffing *diffing)
{
	size_t i;

	for (i = 0; i < these->n_tunnels; i++) {
		const struct diff_change change = { .kind = kind, .tunnel = these->tunnels[i].name };

		if (!find(those, change.tunnel))
			diffing->fn(diffing->ctx, &change);
	}
}

void conf_diff(const struct conf *from, const struct conf *to,
	       void (*fn)(void *ctx, const struct diff_change *change), void *ctx)
{
	const struct diffing diffing = { fn, ctx };
	size_t i;

	compare(interface_rules, NULL, from, to, &diffing);
	for (i = 0; i < to->n_tunnels; i++) {
		const struct conf_tunnel *old = find(from, to->tunnels[i].name);

		if (old)
			compare(tunnel_rules, to->tunnels[i].name, old, &to->tunnels[i], &diffing);
	}
	lacking(to, from, DIFF_ADDED, &diffing);
	lacking(from, to, DIFF_REMOVED, &diffing);
}
