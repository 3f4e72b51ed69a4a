// SPDX-License-Identifier: GPL-2.0
#include "cli/cmds.h"

#include <stdio.h>

#include "cli/helper.h"

/* How to remove an interface, here or in the namespace that Namespace= names. */
static const char *command(const char *ifname, const char *netns, char *text, size_t size)
{
	char there[STATUS_TEXT_MAX], name[STATUS_TEXT_MAX];
	const char *how = !netns || !*netns ? "" : *netns == '/' ? "nsenter --net=" : "ip netns exec ";

	snprintf(text, size, "%s%s%sip link del %s", how, *how ? status_text(netns, there) : "", *how ? " " : "",
		 status_text(ifname, name));
	return text;
}

/*
 * It may be one that the helper could not bring up again after a crash, and tries to since: of that it has no more than the
 * name and the interface. Any other is not up, as @why says already.
 */
static int end_waiting(struct ctl *ctl, const char *named, struct why *why)
{
	size_t length;
	const char *left, *name = helper_name_in(named, &length);
	char text[3 * STATUS_TEXT_MAX];
	json_t *answer = NULL;
	struct why other;

	if (helper_ask(ctl, json_pack("{s:i, s:s, s:s%}", "v", CTL_VERSION, "do", "down", "name", name, length), &answer,
		       &other) != DONE)
		return FAILED;
	left = json_string_value(json_object_get(answer, "left"));
	if (left)
		why_set(why, "%s could not be brought up again after a crash, and that is not tried any more; its interface is still there: %s",
			named,
			command(left, json_string_value(json_object_get(answer, "namespace")), text, sizeof(text)));
	json_decref(answer);
	return FAILED;
}

static int down(struct ctl *ctl, const struct status *status, const struct request *request, struct why *why)
{
	const char *name;

	if (helper_resolve(status, request->args[0], &name, why) != DONE)
		return end_waiting(ctl, request->args[0], why);
	return helper_ask(ctl, json_pack("{s:i, s:s, s:s}", "v", CTL_VERSION, "do", "down", "name", name), NULL, why);
}

static int run(const struct request *request, struct why *why)
{
	return helper_talk(request, down, why);
}

const struct command cmd_down = {
	.name = "down",
	.syntax = "NAME|IFACE|FILE",
	.summary = "Takes a connection down, with its interface and routes.",
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
