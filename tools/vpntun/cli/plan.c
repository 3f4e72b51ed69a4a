// SPDX-License-Identifier: GPL-2.0
#include "cli/plan.h"

#include <jansson.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/out.h"

static const char *start_word(enum conf_start start)
{
	static const char *const words[] = {
		[CONF_START_ADD] = "add",
		[CONF_START_START] = "start",
		[CONF_START_TRAP] = "trap",
	};

	return words[start];
}

/* Where it leads: an address, a host name, or "any". */
static const char *remote_text(const struct conf_tunnel *tunnel, char text[ADDR_TEXT_MAX])
{
	if (tunnel->remote_any)
		return "any";
	if (!tunnel->remote.len)
		return tunnel->remote_name;
	return addr_text(&tunnel->remote, text);
}

static json_t *plan_tunnels(const struct conf *conf)
{
	json_t *list = json_array();
	char remote[ADDR_TEXT_MAX];
	size_t i;

	for (i = 0; list && i < conf->n_tunnels; i++) {
		const struct conf_tunnel *tunnel = &conf->tunnels[i];
		json_t *one = json_pack("{s:s, s:s, s:s}", "name", tunnel->name, "remote",
					remote_text(tunnel, remote), "start", start_word(tunnel->start_action));

		if (json_array_append_new(list, one) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static int plan_json(const struct conf *conf, struct why *why)
{
	json_t *tunnels = plan_tunnels(conf), *routes = json_array(), *plan = NULL;
	char text[ADDR_TEXT_MAX];
	size_t i;

	for (i = 0; routes && i < conf->routes.count; i++)
		json_array_append_new(routes, json_string(prefix_text(&conf->routes.list[i], text)));
	if (tunnels && routes)
		plan = json_pack("{s:o, s:s, s:O, s:O}", "connection", out_json_text(conf->name), "interface",
				 conf->ifname, "routes", routes, "tunnels", tunnels);
	json_decref(tunnels);
	json_decref(routes);
	if (out_json(plan, true))
		return DONE;
	why_set(why, "out of memory");
	return FAILED;
}

static void plan_text(const struct conf *conf)
{
	char text[ADDR_TEXT_MAX];
	size_t i;

	printf("%s: would make interface %s\n", conf->name, conf->ifname);
	for (i = 0; i < conf->n_tunnels; i++)
		printf("  tunnel %s to %s (%s)\n", conf->tunnels[i].name, remote_text(&conf->tunnels[i], text),
		       start_word(conf->tunnels[i].start_action));
	for (i = 0; i < conf->routes.count; i++)
		printf("  route %s\n", prefix_text(&conf->routes.list[i], text));
}

int plan_print(const struct conf *conf, bool json, struct why *why)
{
	if (json)
		return plan_json(conf, why);
	plan_text(conf);
	return DONE;
}
