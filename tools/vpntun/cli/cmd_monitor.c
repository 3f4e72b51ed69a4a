// SPDX-License-Identifier: GPL-2.0
#include "cli/cmds.h"

#include <errno.h>
#include <stdio.h>

#include "cli/json.h"
#include "cli/out.h"
#include "nl/snap.h"
#include "nl/vgw.h"

struct monitor {
	struct knl events;	/* only listens */
	struct knl asks;	/* only asks: an answer among events would be hard to tell */
	bool json;
};

/* Each line leaves at once: who reads it may be a program that waits. */
static int finish_line(void)
{
	return fflush(stdout) ? -EIO : 0;
}

/* Prints and frees @event, with the time in front. */
static int print_json(json_t *event)
{
	char time[OUT_TEXT_MAX];
	json_t *line;

	line = json_pack("{ss}", "time", out_time_utc(time));
	if (json_object_update(line, event)) {
		json_decref(line);
		line = NULL;
	}
	json_decref(event);
	return out_json(line, false) ? finish_line() : -ENOMEM;
}

static int print_tunnel(const struct monitor *monitor, const char *ifname,
			const struct vgw_tunnel *tunnel)
{
	char time[OUT_TEXT_MAX];

	if (monitor->json)
		return print_json(json_tunnel_event(ifname, tunnel));

	printf("%s %s %s %s", out_time(time), ifname, tunnel->name,
	       VGW_WORD(state, tunnel->state));
	if (tunnel->state != VGW_STATE_UP && tunnel->reason != VGW_REASON_NONE)
		printf(" (%s)", VGW_WORD(reason, tunnel->reason));
	putchar('\n');
	return finish_line();
}

static int print_expiry(const struct monitor *monitor,
			const struct vgw_message *msg)
{
	const struct vgw_sa *sa = &msg->sa;
	char time[OUT_TEXT_MAX];

	if (monitor->json)
		return print_json(json_sa_event(msg->ifname, msg->tunnel.name, sa));

	printf("%s %s %s sa %s 0x%08x %s limit reached\n", out_time(time),
	       msg->ifname, msg->tunnel.name, VGW_WORD(direction, sa->direction),
	       sa->spi, VGW_WORD(expiry, sa->expiry));
	return finish_line();
}

static int on_event(const struct nlmsghdr *nlh, void *arg)
{
	const struct monitor *monitor = arg;
	struct vgw_message msg;
	int err;

	err = vgw_decode(nlh, &msg);
	if (err)
		return err;

	/* What a newer module tells besides is for newer programs. */
	if (msg.cmd == VGW_CMD_TUNNEL_NTF)
		err = print_tunnel(monitor, msg.ifname, &msg.tunnel);
	else if (msg.cmd == VGW_CMD_SA_EXPIRE_NTF)
		err = print_expiry(monitor, &msg);
	vgw_message_free(&msg);
	return err;
}

static int print_bare(const struct monitor *monitor, const char *event,
		      const char *text)
{
	char time[OUT_TEXT_MAX];

	if (monitor->json)
		return print_json(json_pack("{ss}", "event", event));
	if (text)
		printf("%s %s\n", out_time(time), text);
	return finish_line();
}

/*
 * Too slow a reader misses events; the tunnels' states make up for them. What
 * the socket still holds happened before the loss: printed after the states,
 * it would contradict them.
 */
static int resync(struct monitor *monitor)
{
	struct snap snap;
	size_t i;
	int err;

	err = knl_drain(&monitor->events, on_event, monitor);
	if (!err)
		err = print_bare(monitor, "lost",
				 "events were lost; the tunnels' states are now:");
	if (err)
		return err;
	if (snap_fetch_tunnels(&monitor->asks, NULL, &snap)) {
		monitor->events.why = monitor->asks.why;
		return -EIO;
	}

	for (i = 0; i < snap.n_tunnels && !err; i++)
		err = print_tunnel(monitor, snap.tunnels[i].ifname,
				   &snap.tunnels[i].tunnel);
	snap_free(&snap);
	return err;
}

static int listen_for_ever(struct monitor *monitor)
{
	int err;

	err = knl_subscribe(&monitor->events, VGW_MCGRP_EVENTS);
	if (err)
		return err;

	/* From here on nothing is missed; whoever started us may act now. */
	if (monitor->json)
		err = print_bare(monitor, "listening", NULL);
	else
		err = puts("listening for events") < 0 ? -EIO : finish_line();

	while (!err) {
		err = knl_wait(&monitor->events, on_event, monitor);
		if (err == -ENOBUFS)
			err = resync(monitor);
	}
	return err;
}

static int run(const struct request *request, struct why *why)
{
	struct monitor monitor = { .json = request->options & OPTION_JSON };

	if (vgw_open(&monitor.events)) {
		*why = monitor.events.why;
		return FAILED;
	}
	if (vgw_open(&monitor.asks)) {
		*why = monitor.asks.why;
		goto out_close;
	}

	listen_for_ever(&monitor);
	*why = monitor.events.why;
	knl_close(&monitor.asks);
out_close:
	knl_close(&monitor.events);
	return FAILED;
}

const struct command cmd_monitor = {
	.name = "monitor",
	.syntax = "[--json]",
	.summary = "Prints events as they happen.",
	.options = OPTION_JSON,
	.run = run,
};
