// SPDX-License-Identifier: GPL-2.0
#include "cli/cmds.h"

#include "cli/helper.h"
#include "util/nearest.h"

static int unknown_tunnel(const struct status_connection *connection, const char *tunnel, struct why *why)
{
	struct nearest nearest;
	size_t i;

	nearest_init(&nearest, tunnel);
	for (i = 0; i < connection->n_tunnels; i++)
		nearest_offer(&nearest, connection->tunnels[i].name);
	nearest_why(&nearest, "tunnel", why);
	return FAILED;
}

/* @tunnel NULL: all of them. */
static int rekey(struct ctl *ctl, const struct status *status, const struct request *request, struct why *why)
{
	const char *tunnel = request->args[1], *name;
	int result;

	result = helper_resolve(status, request->args[0], &name, why);
	if (result != DONE)
		return result;
	if (tunnel && !status_tunnel(status_find(status, name), tunnel))
		return unknown_tunnel(status_find(status, name), tunnel, why);
	return helper_ask(ctl, json_pack("{s:i, s:s, s:s, s:b, s:s*}", "v", CTL_VERSION, "do", "rekey", "name", name,
					 "ike", !!(request->options & OPTION_IKE), "tunnel", tunnel), NULL, why);
}

static int run(const struct request *request, struct why *why)
{
	return helper_talk(request, rekey, why);
}

const struct command cmd_rekey = {
	.name = "rekey",
	.syntax = "NAME|IFACE [TUNNEL] [--ike]",
	.summary = "Negotiates new keys now, without a packet lost.",
	.text = "Those of the Child SAs, which carry the packets, or those of the IKE SA; of one tunnel or of all.\n"
		"It is begun when the command ends; vpntun show tells the rekeys made.\n",
	.options = OPTION_IKE,
	.min_args = 1,
	.max_args = 2,
	.run = run,
};
