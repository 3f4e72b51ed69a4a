// SPDX-License-Identifier: GPL-2.0
#include "export/connection.h"

#include <linux/vgw.h>
#include <string.h>

#include "conf/inside.h"
#include "conf/value.h"

/* Quotes protect what would begin a comment or divide a list. */
static void write_text(struct export_text *out, const char *key, const char *value)
{
	const char *quote = strpbrk(value, "#, ") ? "\"" : "";

	if (*value)
		export_add(out, "%s = %s%s%s\n", key, quote, value, quote);
}

static void write_prefixes(struct export_text *out, const char *key, const struct ip_prefixes *prefixes)
{
	export_add(out, "%s = ", key);
	export_add_prefixes(out, prefixes, ", ");
	export_add(out, "\n");
}

static void write_ends(struct export_text *out, const struct conf_tunnel *tunnel)
{
	char text[ADDR_TEXT_MAX];

	if (tunnel->remote_any)
		export_add(out, "Remote = any\n");
	else
		export_add(out, "Remote = %s\n", tunnel->remote.len ? addr_text(&tunnel->remote, text) : tunnel->remote_name);
	export_add(out, "Local = %s\n", tunnel->local.len ? addr_text(&tunnel->local, text) : "auto");
	write_text(out, "LocalID", tunnel->local_id);
	write_text(out, "RemoteID", tunnel->remote_id);
}

static void write_inside(struct export_text *out, const struct conf_tunnel *tunnel)
{
	const struct conf_insides *insides = &tunnel->inside;
	char text[ADDR_TEXT_MAX];
	struct ip_addr other;
	size_t i;

	for (i = 0; i < insides->count; i++)
		export_add(out, "%s%s/%u", i ? ", " : "Inside = ", addr_text(&insides->list[i].addr, text),
			   insides->list[i].length);
	if (insides->count)
		export_add(out, "\n");
	if (tunnel->peer.len && (!insides->count || !inside_other(&insides->list[0], &other) ||
				 !addr_equal(&other, &tunnel->peer)))
		export_add(out, "Peer = %s\n", addr_text(&tunnel->peer, text));
	write_prefixes(out, "LocalTS", &tunnel->local_ts);
	write_prefixes(out, "RemoteTS", &tunnel->remote_ts);
}

static void write_lives(struct export_text *out, const struct conf_tunnel *tunnel)
{
	export_add(out, "IKELifetime = %u\nLifetime = %u\nReplayWindow = %u\n", tunnel->ike_lifetime, tunnel->lifetime,
		   tunnel->replay_window);
	export_add(out, "DPDInterval = %u\nDPDTimeout = %u\nDPDAction = %s\n", tunnel->dpd_interval, tunnel->dpd_timeout,
		   value_dpd_name(tunnel->dpd_action));
	export_add(out, "StartAction = %s\n", value_start_name(tunnel->start_action));
	if (tunnel->probe_interval)
		export_add(out, "ProbeInterval = %.7g\nProbeMisses = %u\n", tunnel->probe_interval / 1000.0,
			   tunnel->probe_misses);
}

static void write_ways(struct export_text *out, const struct conf_tunnel *tunnel)
{
	if (tunnel->encap != CONF_ENCAP_AUTO)
		export_add(out, "Encap = %s\n", value_encap_name(tunnel->encap));
	if (tunnel->esn)
		export_add(out, "ESN = yes\n");
	if (tunnel->mobike)
		export_add(out, "Mobike = yes\n");
	if (!tunnel->fragmentation)
		export_add(out, "Fragmentation = no\n");
	if (tunnel->inner_df == VGW_INNER_DF_CLEAR)
		export_add(out, "InnerDF = clear\n");
	if (tunnel->local_asn)
		export_add(out, "LocalASN = %u\nRemoteASN = %u\nBGPHoldTime = %u\n", tunnel->local_asn, tunnel->remote_asn,
			   tunnel->bgp_hold);
}

static void write_tunnel(struct export_text *out, const struct conf_tunnel *tunnel)
{
	export_add(out, "\n[Tunnel %s]\n", tunnel->name);
	write_ends(out, tunnel);
	write_inside(out, tunnel);
	export_add(out, "Priority = %u\n", tunnel->priority);
	write_text(out, "PSKFile", tunnel->psk_file);
	export_add_words(out, "IKEProposals", &tunnel->ike_proposals);
	export_add_words(out, "ESPProposals", &tunnel->esp_proposals);
	write_lives(out, tunnel);
	write_ways(out, tunnel);
}

void connection_write(const struct conf *conf, const char *title, struct export_text *out)
{
	size_t i;

	export_add(out, "# %s\n[Interface]\nName = %s\n", title, conf->ifname);
	if (conf->routes.count)
		write_prefixes(out, "Routes", &conf->routes);
	for (i = 0; i < conf->n_tunnels; i++)
		write_tunnel(out, &conf->tunnels[i]);
}
