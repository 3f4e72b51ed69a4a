// SPDX-License-Identifier: GPL-2.0
#include "cli/cmds.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nl/vgw.h"
#include "util/addr.h"
#include "util/num.h"

#define COUNT(names) (sizeof(names) / sizeof(*(names)))

static int parse_encap(const char *text, void *out, struct why *why)
{
	uint8_t *encap = out;
	unsigned int value = 0;

	if (choice_parse(text, vgw_encap_names, COUNT(vgw_encap_names), &value, why))
		return -EINVAL;
	*encap = value;
	return 0;
}

static int parse_state(const char *text, void *out, struct why *why)
{
	uint8_t *state = out;
	unsigned int value = 0;

	if (choice_parse(text, vgw_state_names, COUNT(vgw_state_names), &value, why))
		return -EINVAL;
	*state = value;
	return 0;
}

static const struct word tunnel_words[] = {
	{ "local", "ADDRESS|auto", "own outer address; auto: as the route says",
	  addr_parse_auto, WORD_TO(vgw_tunnel, local), VGW_A_TUNNEL_LOCAL },
	{ "remote", "ADDRESS", "the peer's outer address",
	  addr_parse, WORD_TO(vgw_tunnel, remote), VGW_A_TUNNEL_REMOTE },
	{ "encap", "udp|none", "ESP in UDP, or natively as protocol 50",
	  parse_encap, WORD_TO(vgw_tunnel, encap), VGW_A_TUNNEL_ENCAP },
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
	{ "state", "up|down", "down: carries nothing, keeps its SAs",
	  parse_state, WORD_TO(vgw_tunnel, admin), VGW_A_TUNNEL_ADMIN },
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

static int change_tunnel(uint8_t cmd, const char *ifname,
			 const struct vgw_tunnel *tunnel, struct why *why)
{
	struct knl knl;
	int err;

	err = vgw_open(&knl);
	if (!err) {
		err = vgw_tunnel_change(&knl, cmd, ifname, tunnel);
		knl_close(&knl);
	}
	if (!err)
		return DONE;

	*why = knl.why;
	return FAILED;
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

	if (!words_parse(tunnel_words, request->words, &tunnel, &tunnel.has, why)) {
		zero_address(&tunnel.local, &tunnel.remote);
		zero_address(&tunnel.peer, &tunnel.local);
		status = change_tunnel(cmd, request->args[0], &tunnel, why);
	}
	prefixes_free(&tunnel.prefixes);
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

static const struct command cmd_add = {
	.name = "add",
	.syntax = "IFACE NAME [WORD VALUE]...",
	.summary = "Adds a tunnel to an interface.",
	.words = tunnel_words,
	.min_args = 2, .max_args = 2,
	.run = run_add,
};

static const struct command cmd_set = {
	.name = "set",
	.syntax = "IFACE NAME WORD VALUE...",
	.summary = "Changes a tunnel; what is not named stays.",
	.words = tunnel_words,
	.min_args = 2, .max_args = 2,
	.run = run_set,
};

static const struct command cmd_del = {
	.name = "del",
	.syntax = "IFACE NAME",
	.summary = "Removes a tunnel and its SAs.",
	.min_args = 2, .max_args = 2,
	.run = run_del,
};

static const struct command *const subs[] = { &cmd_add, &cmd_set, &cmd_del, NULL };

const struct command cmd_tunnel = {
	.name = "tunnel",
	.syntax = "COMMAND",
	.summary = "Adds, changes and removes the tunnels of an interface.",
	.subs = subs,
};
