// SPDX-License-Identifier: GPL-2.0
#include "conf/keys.h"

#include <string.h>

#include "conf/lex.h"
#include "conf/value.h"
#include "util/num.h"

#define IN_CONF(member) offsetof(struct conf, member)
#define IN_TUNNEL(member) offsetof(struct conf_tunnel, member)

const struct key keys_interface[] = {
	{ "Name", value_iface, IN_CONF(ifname), false },
	{ "Address", value_insides, IN_CONF(address), true },
	{ "Source", value_sources, IN_CONF(source), true },
	{ "Routes", value_routes, IN_CONF(routes), true },
	{ "Table", value_table, IN_CONF(table), false },
	{ "Metric", u32_parse, IN_CONF(metric), false },
	{ "MTU", value_mtu, IN_CONF(mtu), false },
	{ "MSSClamp", mss_parse, IN_CONF(mss_clamp), false },
	{ "Carrier", value_carrier, IN_CONF(carrier), false },
	{ "VRF", value_iface, IN_CONF(vrf), false },
	{ "Namespace", value_text, IN_CONF(netns), false },
	{ "FWMark", mark_parse, IN_CONF(fwmark), false },
	{ "FailOpen", value_yesno, IN_CONF(fail_open), false },
	{ 0 }
};

const struct key keys_tunnel[] = {
	{ "Local", value_local, IN_TUNNEL(local), false },
	{ "Device", value_iface, IN_TUNNEL(device), false },
	{ "Remote", value_remote, 0, false },
	{ "Inside", value_insides, IN_TUNNEL(inside), true },
	{ "Peer", value_host, IN_TUNNEL(peer), false },
	{ "LocalTS", value_selectors, IN_TUNNEL(local_ts), true },
	{ "RemoteTS", value_selectors, IN_TUNNEL(remote_ts), true },
	{ "Prefixes", value_prefixes, 0, true },
	{ "Priority", u32_parse, IN_TUNNEL(priority), false },
	{ "Group", u32_parse, IN_TUNNEL(group), false },
	{ "PSKFile", value_text, IN_TUNNEL(psk_file), false },
	{ "LocalID", value_text, IN_TUNNEL(local_id), false },
	{ "RemoteID", value_text, IN_TUNNEL(remote_id), false },
	{ "IKEProposals", value_words, IN_TUNNEL(ike_proposals), true },
	{ "ESPProposals", value_words, IN_TUNNEL(esp_proposals), true },
	{ "IKELifetime", value_lifetime, IN_TUNNEL(ike_lifetime), false },
	{ "Lifetime", value_lifetime, IN_TUNNEL(lifetime), false },
	{ "LifeBytes", value_life_bytes, IN_TUNNEL(life_bytes), false },
	{ "ReplayWindow", window_parse, IN_TUNNEL(replay_window), false },
	{ "DPDInterval", value_dpd_interval, IN_TUNNEL(dpd_interval), false },
	{ "DPDTimeout", value_dpd_timeout, IN_TUNNEL(dpd_timeout), false },
	{ "DPDAction", value_dpd_action, IN_TUNNEL(dpd_action), false },
	{ "ProbeInterval", value_probe_interval, IN_TUNNEL(probe_interval), false },
	{ "ProbeMisses", misses_parse, IN_TUNNEL(probe_misses), false },
	{ "ProbeAction", value_probe_action, IN_TUNNEL(probe_action), false },
	{ "StartAction", value_start, IN_TUNNEL(start_action), false },
	{ "Encap", value_encap, IN_TUNNEL(encap), false },
	{ "Keepalive", keepalive_parse, IN_TUNNEL(keepalive), false },
	{ "ESN", value_yesno, IN_TUNNEL(esn), false },
	{ "DSCP", dscp_parse, IN_TUNNEL(dscp), false },
	{ "DF", value_df, IN_TUNNEL(df), false },
	{ "InnerDF", value_inner_df, IN_TUNNEL(inner_df), false },
	{ "TTL", ttl_parse, IN_TUNNEL(ttl), false },
	{ "IKEVersion", value_ike_version, 0, false },
	{ "AuthMethod", value_auth_method, IN_TUNNEL(auth_method), false },
	{ "Certificate", value_text, IN_TUNNEL(certificate), false },
	{ "PrivateKey", value_text, IN_TUNNEL(private_key), false },
	{ "CA", value_words, IN_TUNNEL(ca), true },
	{ "CRL", value_words, IN_TUNNEL(crl), true },
	{ "Mobike", value_yesno, IN_TUNNEL(mobike), false },
	{ "Fragmentation", value_yesno, IN_TUNNEL(fragmentation), false },
	{ "LocalASN", value_asn, IN_TUNNEL(local_asn), false },
	{ "RemoteASN", value_asn, IN_TUNNEL(remote_asn), false },
	{ "BGPHoldTime", value_bgp_hold, IN_TUNNEL(bgp_hold), false },
	{ 0 }
};

_Static_assert(sizeof(keys_interface) / sizeof(*keys_interface) <= CONF_KEYS_MAX, "too many keys");
_Static_assert(sizeof(keys_tunnel) / sizeof(*keys_tunnel) <= CONF_KEYS_MAX, "too many keys");

int keys_find(const struct key *keys, const char *name, struct nearest *nearest)
{
	int i;

	for (i = 0; keys[i].name; i++)
		if (!strcmp(keys[i].name, name))
			return i;
	for (i = 0; nearest && keys[i].name; i++)
		nearest_offer(nearest, keys[i].name);
	return -1;
}

unsigned int keys_line(const struct key *keys, const unsigned int *lines, const char *name)
{
	int number = keys_find(keys, name, NULL);

	return number < 0 ? 0 : lines[number];
}

int keys_take(const struct key *key, char *value, void *object, struct why *why)
{
	if (!*value)
		return why_set(why, "%s has no value", key->name);
	if (!key->list)
		lex_single(value);
	if (!key->list && strlen(value) >= CONF_TEXT_MAX)
		why_set(why, "the value is longer than %d bytes", CONF_TEXT_MAX - 1);
	else if (!key->parse(value, (char *)object + key->offset, why))
		return 0;
	return why_prepend(why, key->name);
}
