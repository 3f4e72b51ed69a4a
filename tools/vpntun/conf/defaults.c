// SPDX-License-Identifier: GPL-2.0
#include "conf/defaults.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <linux/vgw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/inside.h"
#include "conf/keys.h"
#include "util/num.h"

/* The third of each is for gateways that know nothing newer. */
static const char *const ike_proposals[] = {
	"aes256gcm16-prfsha384-ecp384", "aes128gcm16-prfsha256-x25519", "aes256-sha256-modp2048"
};
static const char *const esp_proposals[] = {
	"aes256gcm16-ecp384", "aes128gcm16-x25519", "aes256-sha256-modp2048"
};

void defaults_interface(struct conf *conf)
{
	conf->mss_clamp = MSS_ON;
	conf->carrier = VGW_CARRIER_POLICY_AUTO;
}

void defaults_tunnel(struct conf_tunnel *tunnel)
{
	/* As at AWS, but for the lifetimes' use: we rekey before it does. */
	tunnel->ike_lifetime = 28800;
	tunnel->lifetime = 3600;
	tunnel->replay_window = 1024;
	tunnel->dpd_interval = 10;
	tunnel->dpd_timeout = 40;
	tunnel->probe_misses = 3;
	tunnel->probe_action = VGW_PROBE_ACTION_DOWN;
	tunnel->encap = CONF_ENCAP_AUTO;
	tunnel->fragmentation = true;
	tunnel->keepalive = 20;		/* RFC 3948 section 4 */
	tunnel->dscp = DSCP_COPY;
	tunnel->df = VGW_DF_SET;
	tunnel->inner_df = VGW_INNER_DF_HONOUR;
	tunnel->ttl = 64;
	tunnel->bgp_hold = 30;
}

static void propose(struct conf_words *words, const char *const *list, size_t count)
{
	size_t i;

	if (words->count)
		return;
	for (i = 0; i < count; i++)
		snprintf(words->list[i], sizeof(words->list[i]), "%s", list[i]);
	words->count = count;
}

static bool has_ipv6(const struct conf_insides *insides)
{
	size_t i;

	for (i = 0; i < insides->count; i++)
		if (insides->list[i].addr.len == 16)
			return true;
	return false;
}

static bool routes_ipv6(const struct ip_prefixes *prefixes)
{
	size_t i;

	for (i = 0; i < prefixes->count; i++)
		if (prefixes->list[i].addr.len == 16)
			return true;
	return false;
}

/* Everything, in IPv4 and, where it is used, in IPv6. */
static int select_all(struct ip_prefixes *prefixes, bool ipv6)
{
	if (prefixes->count)
		return 0;
	prefixes->list = calloc(2, sizeof(*prefixes->list));
	if (!prefixes->list)
		return -ENOMEM;
	prefixes->list[0].addr.len = 4;
	prefixes->list[1].addr.len = 16;
	prefixes->count = ipv6 ? 2 : 1;
	return 0;
}

static void find_peer(struct conf_tunnel *tunnel)
{
	struct ip_addr other;
	size_t i;

	for (i = 0; i < tunnel->inside.count && !tunnel->peer.len; i++)
		if (inside_other(&tunnel->inside.list[i], &other))
			tunnel->peer = other;
}

static bool given(const struct conf_tunnel *tunnel, const char *key)
{
	return keys_line(keys_tunnel, tunnel->lines, key);
}

static int finish_tunnel(const struct conf *conf, struct conf_tunnel *tunnel)
{
	bool ipv6 = routes_ipv6(&conf->routes) || has_ipv6(&conf->address) || has_ipv6(&tunnel->inside);

	/* A peer that may be anywhere can only be waited for. */
	if (!given(tunnel, "StartAction"))
		tunnel->start_action = tunnel->remote_any ? CONF_START_ADD : CONF_START_START;
	if (!given(tunnel, "DPDAction"))
		tunnel->dpd_action = tunnel->remote_any ? CONF_DPD_CLEAR : CONF_DPD_RESTART;
	propose(&tunnel->ike_proposals, ike_proposals, sizeof(ike_proposals) / sizeof(*ike_proposals));
	propose(&tunnel->esp_proposals, esp_proposals, sizeof(esp_proposals) / sizeof(*esp_proposals));
	find_peer(tunnel);
	if (select_all(&tunnel->local_ts, ipv6))
		return -ENOMEM;
	return select_all(&tunnel->remote_ts, ipv6);
}

int defaults_finish(struct conf *conf)
{
	size_t i;

	for (i = 0; i < conf->n_tunnels; i++)
		if (finish_tunnel(conf, &conf->tunnels[i]))
			return -ENOMEM;
	return 0;
}

uint32_t conf_table(const struct conf *conf)
{
	return conf->table || *conf->vrf ? conf->table : RT_TABLE_MAIN;
}
