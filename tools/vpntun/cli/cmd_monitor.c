// SPDX-License-Identifier: GPL-2.0
#include "cli/cmds.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/json.h"
#include "cli/known.h"
#include "cli/out.h"
#include "nl/snap.h"
#include "nl/vgw.h"

struct monitor {
	struct knl events;	/* only listens */
	struct knl asks;	/* only asks: an answer among events would be hard to tell */
	struct known known;
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

/* @change: an enum known_change, or NO_CHANGE if only the state is told. */
enum { NO_CHANGE = -1 };

static void print_change(int change, const struct vgw_tunnel *tunnel)
{
	char text[ADDR_TEXT_MAX];

	switch (change) {
	case KNOWN_REMOVED:
		printf("removed");
		return;
	case KNOWN_MOVED:
		printf("moved to %s", VGW_HAS(tunnel, VGW_A_TUNNEL_DPORT) ?
		       addr_port_text(&tunnel->remote, tunnel->dport, text) :
		       addr_text(&tunnel->remote, text));
		return;
	case KNOWN_NEW:
		printf("new, ");
		break;
	}
	printf("%s", VGW_WORD(state, tunnel->state));
	if (tunnel->state != VGW_STATE_UP && tunnel->reason != VGW_REASON_NONE)
		printf(" (%s)", out_reason(tunnel->reason));
}

static int print_tunnel(const struct monitor *monitor, int change,
			const char *ifname, const struct vgw_tunnel *tunnel)
{
	static const char *const words[] = {
		[KNOWN_NEW] = "new", [KNOWN_UP] = "up", [KNOWN_DOWN] = "down",
		[KNOWN_MOVED] = "moved", [KNOWN_REMOVED] = "removed",
	};
	char time[OUT_TEXT_MAX];

	if (monitor->json)
		return print_json(json_tunnel_event(change < 0 ? NULL : words[change],
						    ifname, tunnel));

	printf("%s %s %s ", out_time(time), ifname, tunnel->name);
	print_change(change, tunnel);
	putchar('\n');
	return finish_line();
}

static int tell_tunnel(struct monitor *monitor, const struct vgw_message *msg)
{
	enum known_change change;
	int err = known_update(&monitor->known, msg, &change);

	return err ? err : print_tunnel(monitor, change, msg->ifname, &msg->tunnel);
}

static int tell_expiry(struct monitor *monitor, const struct vgw_message *msg)
{
	const struct vgw_sa *sa = &msg->sa;
	char time[OUT_TEXT_MAX];

	if (monitor->json)
		return print_json(json_sa_event("sa-expire", msg->ifname,
						msg->tunnel.name, sa));

	printf("%s %s %s sa %s 0x%08x %s limit reached\n", out_time(time),
	       msg->ifname, msg->tunnel.name, VGW_WORD(direction, sa->direction),
	       sa->spi, VGW_WORD(expiry, sa->expiry));
	return finish_line();
}

static int tell_acquire(struct monitor *monitor, const struct vgw_message *msg)
{
	char time[OUT_TEXT_MAX];

	if (monitor->json)
		return print_json(json_bare_event("acquire", msg->ifname,
						  msg->tunnel.name));

	printf("%s %s %s acquire: a packet waits for an SA\n", out_time(time),
	       msg->ifname, msg->tunnel.name);
	return finish_line();
}

static int tell_auth_fail(struct monitor *monitor, const struct vgw_message *msg)
{
	char time[OUT_TEXT_MAX];

	if (monitor->json)
		return print_json(json_sa_event("auth-fail", msg->ifname,
						msg->tunnel.name, &msg->sa));

	printf("%s %s %s sa %s 0x%08x got a packet that is not authentic\n",
	       out_time(time), msg->ifname, msg->tunnel.name,
	       VGW_WORD(direction, msg->sa.direction), msg->sa.spi);
	return finish_line();
}

static int on_event(const struct nlmsghdr *nlh, void *arg)
{
	struct monitor *monitor = arg;
	struct vgw_message msg;
	int err;

	err = vgw_decode(nlh, &msg);
	if (err)
		return err;

	switch (msg.cmd) {
	case VGW_CMD_TUNNEL_NTF:
		err = tell_tunnel(monitor, &msg);
		break;
	case VGW_CMD_SA_EXPIRE_NTF:
		err = tell_expiry(monitor, &msg);
		break;
	case VGW_CMD_ACQUIRE_NTF:
		err = tell_acquire(monitor, &msg);
		break;
	case VGW_CMD_AUTH_FAIL_NTF:
		err = tell_auth_fail(monitor, &msg);
		break;
	default:	/* what a newer module tells besides is for newer programs */
		break;
	}
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

/* Asks for all tunnels, and knows them from now on. */
static int learn(struct monitor *monitor, struct snap *snap)
{
	int err;

	if (snap_fetch_tunnels(&monitor->asks, NULL, snap)) {
		monitor->events.why = monitor->asks.why;
		return -EIO;
	}
	err = known_init(&monitor->known, snap);
	if (err) {
		why_set(&monitor->events.why, "out of memory");
		snap_free(snap);
	}
	return err;
}

/* Tells of tunnels whose removal was among the events that were lost. */
static int print_gone(const struct monitor *monitor, const struct known *before)
{
	struct vgw_tunnel tunnel = {
		.state = VGW_STATE_DOWN, .reason = VGW_REASON_REMOVED,
	};
	const struct known_tunnel *was = before->list;
	size_t left;
	int err = 0;

	for (left = before->count; left && !err; was++, left--) {
		if (known_find(&monitor->known, was->ifindex, was->id))
			continue;
		memcpy(tunnel.name, was->name, sizeof(tunnel.name));
		err = print_tunnel(monitor, KNOWN_REMOVED, was->ifname, &tunnel);
	}
	return err;
}

/*
 * Too slow a reader misses events; the tunnels' states make up for them. What
 * the socket still holds happened before the loss: printed after the states,
 * it would contradict them.
 */
static int resync(struct monitor *monitor)
{
	struct known before;
	struct snap snap;
	size_t i;
	int err;

	err = knl_drain(&monitor->events, on_event, monitor);
	if (!err)
		err = print_bare(monitor, "lost",
				 "events were lost; the tunnels' states are now:");
	if (err)
		return err;

	before = monitor->known;
	monitor->known = (struct known){ 0 };
	err = learn(monitor, &snap);
	if (err)
		goto out_forget;

	err = print_gone(monitor, &before);
	for (i = 0; i < snap.n_tunnels && !err; i++)
		err = print_tunnel(monitor, NO_CHANGE, snap.tunnels[i].ifname,
				   &snap.tunnels[i].tunnel);
	snap_free(&snap);
out_forget:
	known_exit(&before);
	return err;
}

static int listen_for_ever(struct monitor *monitor)
{
	struct snap snap;
	int err;

	err = knl_subscribe(&monitor->events, VGW_MCGRP_EVENTS);
	if (!err)
		err = learn(monitor, &snap);
	if (err)
		return err;
	snap_free(&snap);

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
	known_exit(&monitor.known);
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
