// SPDX-License-Identifier: GPL-2.0
/* What all connections of a network namespace share: netlink, the module, and when to look whether all is there. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "iked/site_own.h"
#include "nl/link.h"
#include "nl/netns.h"

enum { LOSS_TOLD = 100 };	/* ms, after which it is told of and looked for */

/* ---- netlink ---- */

static int wait_for(struct sites *sites, int fd, struct why *why)
{
	struct epoll_event event = { .events = EPOLLIN };

	if (!epoll_ctl(sites->poll, EPOLL_CTL_ADD, fd, &event))
		return 0;
	why_set(why, "epoll: %s", strerror(errno));
	return -errno;
}

/* Only making an interface loads the module by itself: generic netlink does not. */
static int load_module(struct knl *rt)
{
	const char *name = "vgw-load";
	const struct link_info *link;
	struct links links;
	int err;

	err = link_make(rt, name, "vgw", LINK_HERE);
	if (err && err != -EEXIST)
		return err;
	err = links_fetch(rt, &links);
	if (err)
		return err;
	link = links_by_name(&links, name);
	if (link && !strcmp(link->kind, "vgw"))
		link_delete(rt, link->index, LINK_HERE);
	links_free(&links);
	return 0;
}

static int open_events(struct knl *events)
{
	int err = vgw_open(events);

	return err ? err : knl_subscribe(events, "events");
}

/* What was there before goes on failing until this succeeds. */
static int open_vgw(struct sites *sites, struct why *why)
{
	struct knl vgw, events;
	int err;

	err = vgw_open(&vgw);
	if (err) {
		*why = vgw.why;
		return err;
	}
	err = open_events(&events);
	if (err)
		*why = events.why;
	else
		err = wait_for(sites, knl_fd(&events), why);
	if (err) {
		knl_close(&events);
		knl_close(&vgw);
		return err;
	}
	knl_close(&sites->vgw);
	knl_close(&sites->vgw_events);	/* which leaves the epoll instance */
	sites->vgw = vgw;
	sites->vgw_events = events;
	return 0;
}

static int subscribe(struct knl *knl, const int *groups, size_t count)
{
	size_t i;
	int err = knl_open_route(knl);

	for (i = 0; !err && i < count; i++)
		err = knl_subscribe_route(knl, groups[i]);
	return err;
}

static int open_host(struct sites *sites, struct why *why)
{
	static const int groups[] = {
		RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,
		RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE,
	};
	int err;

	err = knl_open_route(&sites->rt);
	if (err) {
		*why = sites->rt.why;
		return err;
	}
	err = subscribe(&sites->rt_events, groups, sizeof(groups) / sizeof(*groups));
	if (!err)
		return wait_for(sites, knl_fd(&sites->rt_events), why);
	*why = sites->rt_events.why;
	return err;
}

int sites_hear_far(struct sites *sites, struct why *why)
{
	static const int groups[] = {
		RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,
		RTNLGRP_NSID,
	};
	int err;

	if (sites->far_events.sock)
		return 0;
	err = subscribe(&sites->far_events, groups, sizeof(groups) / sizeof(*groups));
	if (!err)
		err = knl_subscribe_far(&sites->far_events);
	if (!err)
		return wait_for(sites, knl_fd(&sites->far_events), why);
	*why = sites->far_events.why;
	knl_close(&sites->far_events);
	return err;
}

static int open_waiting(struct sites *sites, struct why *why)
{
	sites->poll = epoll_create1(EPOLL_CLOEXEC);
	sites->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (sites->poll < 0 || sites->timer < 0) {
		why_set(why, "epoll: %s", strerror(errno));
		return -errno;
	}
	sites->fds[0] = sites->poll;
	sites->fds[1] = -1;
	return wait_for(sites, sites->timer, why);
}

struct sites *sites_create(void (*warn)(const char *sentence), struct why *why)
{
	struct sites *sites = calloc(1, sizeof(*sites));
	int err;

	if (!sites) {
		why_set(why, "out of memory");
		return NULL;
	}
	sites->warn = warn;
	sites->poll = sites->timer = -1;
	err = open_waiting(sites, why);
	if (!err)
		err = open_host(sites, why);
	if (!err)
		err = open_vgw(sites, why);
	if (err == -ENOENT && !load_module(&sites->rt))
		err = open_vgw(sites, why);
	if (!err)
		return sites;
	sites_free(sites);
	return NULL;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void sites_free(struct sites *sites)
{
	while (sites->first) {
		struct site *site = sites->first;

		sites->first = site->next;
		site_free(site);
	}
	ways_free(&sites->ways);
	knl_close(&sites->vgw);
	knl_close(&sites->rt);
	knl_close(&sites->vgw_events);
	knl_close(&sites->rt_events);
	knl_close(&sites->far_events);
	close_fd(sites->timer);
	close_fd(sites->poll);
	free(sites);
}

const int *sites_fds(const struct sites *sites)
{
	return sites->fds;
}

void sites_look_in(struct sites *sites, unsigned int ms)
{
	struct itimerspec set = { 0 }, due = { .it_value = { ms / 1000, ms % 1000 * 1000000L } };

	if (sites->timer_set && !timerfd_gettime(sites->timer, &set) &&
	    set.it_value.tv_sec * 1000 + set.it_value.tv_nsec / 1000000 <= (long)ms)
		return;
	sites->timer_set = !timerfd_settime(sites->timer, 0, &due, NULL);
}

/* ---- the module ---- */

int sites_socket(struct sites *sites, int fd, struct why *why)
{
	int err = vgw_socket_set(&sites->vgw, fd, IKE_NATT_PORT);

	if (err)
		return site_fail(why, &sites->vgw, err, "the socket of UDP port 4500");
	if (sites->n_socks < SITE_SOCKETS_MAX)
		sites->socks[sites->n_socks++] = fd;
	return 0;
}

/* The same port is not bound again: the sockets have kept it. */
static void hand_over_again(struct sites *sites)
{
	size_t i;

	for (i = 0; i < sites->n_socks; i++)
		if (vgw_socket_set(&sites->vgw, sites->socks[i], IKE_NATT_PORT))
			site_warn(sites, "the socket of UDP port 4500: %s", sites->vgw.why.text);
}

bool sites_revive(struct sites *sites)
{
	struct why why = { "" };

	if (vgw_is_there(&sites->vgw))
		return true;
	if (open_vgw(sites, &why)) {
		if (!sites->absent)
			site_warn(sites, "the vgw module was removed: connections come back when it is loaded again");
		sites->absent = true;
		return false;
	}
	site_warn(sites, "the vgw module was loaded anew");
	sites->absent = false;
	hand_over_again(sites);
	return true;
}

/* ---- the interface's namespace ---- */

/* Until it is found by its name again, requests to the module are of an interface that is nowhere: index 0 would be all. */
static void lose(struct site *site)
{
	site->ifindex = SITE_LINK_NONE;
	site->where.index = SITE_LINK_NONE;
	site->sites->remade = true;
	sites_look_in(site->sites, LOSS_TOLD);
}

/* Is that the number of the namespace that its file names? */
static bool has_number(const struct site *site, int32_t netnsid)
{
	int32_t number;
	struct why why;
	bool same;
	int netns;

	netns = *site->conf.netns ? netns_open(site->conf.netns, &why) : -1;
	if (netns < 0)
		return false;
	same = !netns_number(&site->sites->rt, netns, &number) && number == netnsid;
	close(netns);
	return same;
}

void sites_lose_far(struct sites *sites, int32_t netnsid, bool away)
{
	struct site *site;

	for (site = sites->first; site; site = site->next)
		if (!site->where.ifname && site->where.netnsid == netnsid && (away || !site->away) &&
		    !has_number(site, netnsid))
			lose(site);
}

static int take_number(struct site *site, int netns, struct why *why)
{
	struct knl *rt = &site->sites->rt;
	int32_t number;
	int err;

	err = netns_number(rt, netns, &number);
	if (err)
		return site_fail(why, rt, err, "Namespace %s", site->conf.netns);
	/* The index is of a namespace that was before this one. */
	if (site->where.index && site->where.netnsid != number)
		lose(site);
	site->where.netnsid = number;
	/* It may be that of another one, whose end has yet to be read. */
	sites_lose_far(site->sites, number, false);
	return 0;
}

static int enter_far(struct site *site, int netns, struct why *why)
{
	int err;

	err = take_number(site, netns, why);
	if (err)
		return err;
	err = netns_open_route(netns, &site->rt_far);
	if (err)
		return site_fail(why, &site->rt_far, err, "Namespace %s", site->conf.netns);
	err = sites_hear_far(site->sites, why);
	if (err)
		knl_close(&site->rt_far);
	return err;
}

/* Not for longer than needed: with our descriptors and sockets a namespace that is deleted would stay. */
int site_enter(struct site *site, struct why *why)
{
	int err, netns;

	site->rt = &site->sites->rt;
	site->netns = LINK_HERE;
	if (!*site->conf.netns)
		return 0;
	netns = netns_open(site->conf.netns, why);
	if (netns < 0)
		return netns;
	err = enter_far(site, netns, why);
	if (err) {
		close(netns);
		return err;
	}
	site->rt = &site->rt_far;
	site->netns = netns;
	return 0;
}

void site_leave(struct site *site)
{
	if (site->netns != LINK_HERE) {
		close(site->netns);
		knl_close(&site->rt_far);
	}
	site->netns = LINK_HERE;
	site->rt = NULL;
}
