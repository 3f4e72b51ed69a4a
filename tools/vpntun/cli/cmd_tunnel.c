// SPDX-License-Identifier: GPL-2.0
#include "cli/cmds.h"

#include <errno.h>
#include <string.h>

#include "cli/rival.h"
#include "nl/snap.h"
#include "util/addr.h"
#include "util/num.h"

static const struct word tunnel_words[] = {
	{ "local", "ADDRESS|auto", "own outer address; auto: as the route says",
	  addr_parse_auto, WORD_TO(vgw_tunnel, local), VGW_A_TUNNEL_LOCAL },
	{ "remote", "ADDRESS", "the peer's outer address",
	  addr_parse, WORD_TO(vgw_tunnel, remote), VGW_A_TUNNEL_REMOTE },
	{ "encap", NULL, "ESP in UDP, or natively as protocol 50", NULL,
	  WORD_TO(vgw_tunnel, encap), VGW_A_TUNNEL_ENCAP, WORD_CHOICES(vgw_encap_names) },
	{ "sport", "N", "own UDP port (4500)",
	  port_parse, WORD_TO(vgw_tunnel, sport), VGW_A_TUNNEL_SPORT },
	{ "dport", "N", "the peer's UDP port (4500)",
	  port_parse, WORD_TO(vgw_tunnel, dport), VGW_A_TUNNEL_DPORT },
	{ "prefix", "P,P..|none", "inner destinations, in place of the former",
	  prefixes_parse, WORD_TO(vgw_tunnel, prefixes), VGW_A_TUNNEL_PREFIXES },
	{ "peer", "ADDRESS|none", "the far end's inside address",
	  addr_parse_none, WORD_TO(vgw_tunnel, peer), VGW_A_TUNNEL_PEER },
	{ "group", "N", "tunnels that lead to the same site (0)",
	  u32_parse, WORD_TO(vgw_tunnel, group), VGW_A_TUNNEL_GROUP },
	{ "priority", "N", "the lowest one that is up is used",
	  u32_parse, WORD_TO(vgw_tunnel, priority), VGW_A_TUNNEL_PRIORITY },
	{ "state", NULL, "down: carries nothing, keeps its SAs", NULL,
	  WORD_TO(vgw_tunnel, admin), VGW_A_TUNNEL_ADMIN, WORD_CHOICES(vgw_state_names) },
	{ "dscp", "N|copy", "0 to 63, of outer packets; copy: as inside",
	  dscp_parse, WORD_TO(vgw_tunnel, dscp), VGW_A_TUNNEL_DSCP },
	{ "df", NULL, "don't-fragment bit of outer packets (set)", NULL,
	  WORD_TO(vgw_tunnel, df), VGW_A_TUNNEL_DF, WORD_CHOICES(vgw_df_names) },
	{ "inner-df", NULL, "clear: fragment in spite of it (honour)", NULL,
	  WORD_TO(vgw_tunnel, inner_df), VGW_A_TUNNEL_INNER_DF,
	  WORD_CHOICES(vgw_inner_df_names) },
	{ "ttl", "N", "1 to 255, of outer packets (64)",
	  ttl_parse, WORD_TO(vgw_tunnel, ttl), VGW_A_TUNNEL_TTL },
	{ "fwmark", "N", "mark of outer packets; 0: the interface's",
	  mark_parse, WORD_TO(vgw_tunnel, fwmark), VGW_A_TUNNEL_FWMARK },
	{ "dev", "IFACE|none", "underlay device or VRF of outer packets",
	  device_parse, WORD_TO(vgw_tunnel, link), VGW_A_TUNNEL_LINK },
	{ "ts-local", "P,P..|any", "negotiated inner sources of what is sent",
	  selectors_parse, WORD_TO(vgw_tunnel, ts_local), VGW_A_TUNNEL_TS_LOCAL },
	{ "ts-remote", "P,P..|any", "negotiated inner destinations",
	  selectors_parse, WORD_TO(vgw_tunnel, ts_remote), VGW_A_TUNNEL_TS_REMOTE },
	{ "multicast", "on|off", "carry multicast and IPv6 link-local (off)",
	  onoff_parse, WORD_TO(vgw_tunnel, multicast), VGW_A_TUNNEL_MULTICAST },
	{ "rx-mark", "N", "mark of inner packets received (0)",
	  mark_parse, WORD_TO(vgw_tunnel, rx_mark), VGW_A_TUNNEL_RX_MARK },
	{ "roam", "on|off", "follow the peer's address and port, in UDP (off)",
	  onoff_parse, WORD_TO(vgw_tunnel, roam), VGW_A_TUNNEL_ROAM },
	{ "keepalive", "S|off", "idle seconds until a NAT keepalive (off)",
	  keepalive_parse, WORD_TO(vgw_tunnel, keepalive), VGW_A_TUNNEL_KEEPALIVE },
	{ "demand", "on|off", "without an SA packets ask for one (off)",
	  onoff_parse, WORD_TO(vgw_tunnel, demand), VGW_A_TUNNEL_DEMAND },
	{ "probe", "ADDRESS|off", "inside address that answers liveness probes",
	  addr_parse_off, WORD_IN(vgw_tunnel, probe, target), VGW_A_PROBE_TARGET },
	{ "from", "ADDRESS", "own inside address that probes come from",
	  addr_parse, WORD_IN(vgw_tunnel, probe, source), VGW_A_PROBE_SOURCE },
	{ "interval", "MS", "of probes, 100 to 3600000 ms (1000)",
	  interval_parse, WORD_IN(vgw_tunnel, probe, interval), VGW_A_PROBE_INTERVAL },
	{ "misses", "N", "so many probes unanswered: dead (3)",
	  misses_parse, WORD_IN(vgw_tunnel, probe, misses), VGW_A_PROBE_MISSES },
	{ "action", NULL, "what a dead tunnel becomes: down, or the last choice", NULL,
	  WORD_IN(vgw_tunnel, probe, action), VGW_A_PROBE_ACTION,
	  WORD_CHOICES(vgw_probe_action_names) },
	{ 0 }
};

/*
 * On the wire "auto" and "none" are an address of zeros, of the family that
 * the tunnel's other addresses have where we know it.
 */
static void zero_address(struct ip_addr *addr, const struct ip_addr *like)
{
	if (!addr->len)
		addr->len = like->len ? like->len : 4;
}

/* The probe's words belong together; "off" is a probe without anything. */
static int finish_probe(struct vgw_tunnel *tunnel, struct why *why)
{
	struct vgw_probe *probe = &tunnel->probe;

	if (!probe->has)
		return 0;
	if (!VGW_HAS(probe, VGW_A_PROBE_TARGET))
		return why_set(why, "from, interval, misses and action belong to a probe: name its address");

	tunnel->has |= ATTR_BIT(VGW_A_TUNNEL_PROBE);
	if (probe->target.len)
		return 0;
	if (probe->has != ATTR_BIT(VGW_A_PROBE_TARGET))
		return why_set(why, "probe: off, and then nothing more of it");
	probe->has = 0;
	return 0;
}

static int parse_words(const struct request *request, struct vgw_tunnel *tunnel,
		       struct why *why)
{
	if (words_parse(tunnel_words, request->words, tunnel, why) ||
	    finish_probe(tunnel, why))
		return -EINVAL;
	zero_address(&tunnel->local, &tunnel->remote);
	zero_address(&tunnel->peer, &tunnel->local);
	return 0;
}

/* The kernel says that a prefix is taken, but cannot say by whom. */
static void name_rival(struct knl *knl, const char *ifname,
		       const struct vgw_tunnel *tunnel, struct why *why)
{
	const struct vgw_tunnel *rival;
	char text[ADDR_TEXT_MAX];
	struct ip_prefix prefix;
	struct why old = *why;
	struct snap snap;

	if (snap_fetch_tunnels(knl, ifname, &snap))
		return;
	rival = rival_find(&snap, tunnel, &prefix);
	if (rival)
		why_set(why, "%s: tunnel '%s' of group %u has %s", old.text,
			rival->name, rival->group, prefix_text(&prefix, text));
	snap_free(&snap);
}

static int change_tunnel(uint8_t cmd, const char *ifname,
			 const struct vgw_tunnel *tunnel, struct why *why)
{
	struct knl knl;
	int err;

	if (vgw_open(&knl)) {
		*why = knl.why;
		return FAILED;
	}

	err = vgw_tunnel_change(&knl, cmd, &(struct vgw_where){ .ifname = ifname }, tunnel);
	*why = knl.why;
	/* It may also be the tunnel's own name that exists. */
	if (err == -EEXIST && strcmp(knl.attr, "tunnel.name"))
		name_rival(&knl, ifname, tunnel, why);
	knl_close(&knl);
	return err ? FAILED : DONE;
}

static int run_change(uint8_t cmd, const struct request *request, struct why *why)
{
	struct vgw_tunnel tunnel = { .has = ATTR_BIT(VGW_A_TUNNEL_NAME) };
	int status = USAGE;

	if (name_check(request->args[0], IFACE_NAME_SIZE, why) ||
	    name_check(request->args[1], TUNNEL_NAME_SIZE, why))
		return USAGE;
	name_copy(tunnel.name, sizeof(tunnel.name), request->args[1],
		  sizeof(tunnel.name));

	if (!parse_words(request, &tunnel, why))
		status = change_tunnel(cmd, request->args[0], &tunnel, why);
	vgw_tunnel_free(&tunnel);
	return status;
}

static int run_add(const struct request *request, struct why *why)
{
	return run_change(VGW_CMD_TUNNEL_NEW, request, why);
}

static int run_set(const struct request *request, struct why *why)
{
	if (!*request->words) {
		why_set(why, "nothing to set: name a word and its value");
		return USAGE;
	}
	return run_change(VGW_CMD_TUNNEL_SET, request, why);
}

static int run_del(const struct request *request, struct why *why)
{
	return run_change(VGW_CMD_TUNNEL_DEL, request, why);
}

static const struct command sub_add = {
	.name = "add",
	.syntax = "IFACE NAME [WORD VALUE]...",
	.summary = "Adds a tunnel to an interface.",
	.words = tunnel_words,
	.min_args = 2, .max_args = 2,
	.run = run_add,
};

static const struct command sub_set = {
	.name = "set",
	.syntax = "IFACE NAME WORD VALUE...",
	.summary = "Changes a tunnel; what is not named stays.",
	.words = tunnel_words,
	.min_args = 2, .max_args = 2,
	.run = run_set,
};

static const struct command sub_del = {
	.name = "del",
	.syntax = "IFACE NAME",
	.summary = "Removes a tunnel and its SAs.",
	.min_args = 2, .max_args = 2,
	.run = run_del,
};

static const struct command *const subs[] = { &sub_add, &sub_set, &sub_del, NULL };

const struct command cmd_tunnel = {
	.name = "tunnel",
	.syntax = "COMMAND",
	.summary = "Adds, changes and removes the tunnels of an interface.",
	.subs = subs,
};
