// SPDX-License-Identifier: GPL-2.0
#include "iked/parent.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "iked/ask.h"
#include "iked/conn.h"
#include "iked/ctl.h"
#include "iked/ctl_server.h"
#include "iked/kept.h"
#include "iked/log.h"
#include "iked/lookup.h"
#include "iked/notify.h"
#include "iked/outlet.h"
#include "iked/proc.h"
#include "iked/reload.h"
#include "iked/sandbox.h"
#include "iked/sas.h"
#include "iked/settings.h"
#include "iked/share.h"
#include "iked/site.h"
#include "iked/udp.h"

enum {
	SOCKETS = 4,
	SITE_FDS_MAX = 8,
	DOWN_WAIT = 3,		/* s for the deletes of a connection to go */
	LOG_BURST = 200,	/* lines of the network process at most in */
	LOG_EACH = 1000,	/* ms */
	EXIT_FAILED = 1,
};

static const struct {
	uint8_t addr_len;
	uint16_t port;
} socket_list[SOCKETS] = { { 4, IKE_PORT }, { 4, IKE_NATT_PORT }, { 16, IKE_PORT }, { 16, IKE_NATT_PORT } };

struct parent {
	struct event_base *base;
	int lock;
	int socks[SOCKETS];		/* -1: there is no such family */
	struct daemon_conf settings;
	struct conns conns;
	struct asks *asks;
	struct lookups *lookups;
	struct ctl_server *ctl;
	struct event *term, *interrupt, *hangup, *tick;
	struct event *site_events[SITE_FDS_MAX];
	bool stopping;
	bool reloading;			/* SIGHUP: not all files have been read again yet */
	struct share_lines log;		/* of what the network process says */
};

/* A connection that is going down. */
struct leaving {
	struct parent *parent;
	struct conn *conn;
};

/* ---- down ---- */

static void remove_conn(struct parent *parent, struct conn *conn)
{
	uint64_t client = conn->client;

	ilog(IKE_LOG_INFO, conn->conf.name, "is down");
	if (conn->deadline) {
		free(event_get_callback_arg(conn->deadline));
		event_free(conn->deadline);
	}
	conns_remove(&parent->conns, conn);
	if (client)
		ctl_server_answer(parent->ctl, client, json_pack("{sb}", "ok", 1));
	if (parent->stopping && !parent->conns.first)
		event_base_loopbreak(parent->base);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct leaving leaving = *(struct leaving *)arg;

	(void)fd;
	(void)what;
	remove_conn(leaving.parent, leaving.conn);
}

/* Its deletes are sent, and for a while answers awaited. */
static void begin_down(struct parent *parent, struct conn *conn)
{
	static const struct timeval wait = { DOWN_WAIT, 0 };
	struct leaving *leaving = malloc(sizeof(*leaving));

	if (conn->ending) {
		free(leaving);
		return;
	}
	conns_down(&parent->conns, conn);
	if (leaving) {
		*leaving = (struct leaving){ parent, conn };
		conn->deadline = evtimer_new(parent->base, on_deadline, leaving);
	}
	if (conn->deadline)
		event_add(conn->deadline, &wait);
	else
		free(leaving);
}

static void serve_down(struct parent *parent, uint64_t client, const char *name)
{
	struct conn *conn = conns_find(&parent->conns, name);
	struct why why = { "" };
	struct kept_place left;

	if (!conn && kept_end(&parent->conns, name, &left)) {
		ilog(IKE_LOG_INFO, name, "is not to be up: it is not tried any more to bring it up again");
		ctl_server_answer(parent->ctl, client, json_pack("{sbssss}", "ok", 1, "left", left.ifname, "namespace", left.netns));
		return;
	}
	if (!conn || conn->ending) {
		why_set(&why, "%s is %s", name, conn ? "going down already" : "not up");
		ctl_server_refuse(parent->ctl, client, EXIT_FAILED, why.text);
		return;
	}
	conn->client = client;
	begin_down(parent, conn);
	kept_save(&parent->conns);
}

/* As many as the other processes have room for; the rest when they have again. */
static void go_on_stopping(struct parent *parent)
{
	struct conn *conn;

	for (conn = parent->conns.first; conn && conns_room(&parent->conns); conn = conn->next)
		begin_down(parent, conn);
	kept_save(&parent->conns);
}

/* ---- requests ---- */

static void serve_up(struct parent *parent, uint64_t client, const char *file)
{
	struct why why = { "" };
	int err;

	if (parent->stopping) {
		ctl_server_refuse(parent->ctl, client, EXIT_FAILED, "the IKE helper is about to end");
		return;
	}
	err = conns_up(&parent->conns, file, &why);
	if (err && err != -EALREADY) {
		ctl_server_refuse(parent->ctl, client, EXIT_FAILED, why.text);
		return;
	}
	if (!err) {
		ilog(IKE_LOG_INFO, parent->conns.first->conf.name, "is brought up on %s, by %s",
		     parent->conns.first->conf.ifname, file);
		kept_save(&parent->conns);
	}
	ctl_server_answer(parent->ctl, client, json_pack("{sbsb}", "ok", 1, "already", !!err));
}

static void on_request(void *ctx, uint64_t client, const struct ctl_request *request)
{
	struct parent *parent = ctx;

	switch (request->what) {
	case CTL_UP:
		serve_up(parent, client, request->file);
		break;
	case CTL_DOWN:
		serve_down(parent, client, request->name);
		break;
	case CTL_RELOAD:
		reload_serve(&parent->conns, parent->ctl, client, request);
		break;
	case CTL_REKEY:
		asks_rekey(parent->asks, parent->ctl, client, request);
		break;
	default:
		asks_status(parent->asks, parent->ctl, client, request);
	}
}

static const struct ctl_server_ops ctl_ops = { .request = on_request };

static void go_on_reloading(struct parent *parent)
{
	if (!parent->reloading || !reload_more(&parent->conns))
		return;
	parent->reloading = false;
	notify_ready();
}

/* What there was no room for. */
static void go_on(struct parent *parent)
{
	if (parent->stopping)
		go_on_stopping(parent);
	else
		go_on_reloading(parent);
}

/* ---- the other processes ---- */

static void started(void *ctx, enum proc_kind kind)
{
	struct parent *parent = ctx;
	int i;

	if (kind == PROC_NETWORK)
		settings_send(&parent->settings, parent->conns.procs);
	for (i = 0; kind == PROC_NETWORK && i < SOCKETS; i++) {
		const struct imsg_socket body = { .port = socket_list[i].port, .addr_len = socket_list[i].addr_len };

		if (parent->socks[i] >= 0)
			procs_send(parent->conns.procs, kind, IMSG_SOCKET, &body, parent->socks[i]);
	}
	if (kind == PROC_NETWORK && parent->conns.outlets)
		outlets_tell(parent->conns.outlets, parent->conns.procs);
	if (kind == PROC_RESOLVER)
		lookups_again(parent->lookups);
	else
		conns_tell(&parent->conns, kind);
	go_on(parent);
	ilog(IKE_LOG_DEBUG, NULL, "the %s process has started", proc_name(kind));
}

static void ended(void *ctx, enum proc_kind kind, const char *how)
{
	struct parent *parent = ctx;

	ilog(IKE_LOG_ERROR, NULL, "the %s process %s; a new one is started", proc_name(kind), how);
	if (kind == PROC_NETWORK)
		asks_give_up(parent->asks);
}

static void take_log(struct parent *parent, const struct ike_act_log *log)
{
	struct conn_place place;
	const char *name = NULL;

	if (!share_line(&parent->log, LOG_BURST, LOG_EACH, NULL, "of the network process"))
		return;
	if (conns_locate(&parent->conns, log->policy, &place))
		name = place.conn->tunnels[place.tunnel].policy.name;
	ilog_event(name, log);
}

static void take_ended(struct parent *parent, uint32_t policy)
{
	struct conn *conn = conns_ended(&parent->conns, policy);

	if (conn)
		remove_conn(parent, conn);
}

static void on_message(void *ctx, enum proc_kind kind, const struct imsg *msg)
{
	struct parent *parent = ctx;

	(void)kind;	/* imsg_fits() has seen that it may say this */
	switch (msg->type) {
	case IMSG_RESERVE:
		sas_reserve(&parent->conns, &msg->u.reserve);
		break;
	case IMSG_INSTALL:
		sas_install(&parent->conns, &msg->u.install);
		break;
	case IMSG_ACTIVATE:
		sas_activate(&parent->conns, &msg->u.child);
		break;
	case IMSG_DELETE:
		sas_delete(&parent->conns, &msg->u.child);
		break;
	case IMSG_MOVE:
		sas_move(&parent->conns, &msg->u.move);
		break;
	case IMSG_LOG:
		take_log(parent, &msg->u.log);
		break;
	case IMSG_WILL:
		conns_will(&parent->conns, &msg->u.will);
		break;
	case IMSG_ENDED:
		take_ended(parent, msg->u.policy.policy);
		break;
	case IMSG_ASK_REMOTE:
		lookups_ask(parent->lookups, msg->u.policy.policy);
		break;
	case IMSG_RESOLVED:
		lookups_take(parent->lookups, &msg->u.resolved);
		break;
	case IMSG_REKEYED:
		asks_take_rekeyed(parent->asks, &msg->u.rekeyed);
		break;
	case IMSG_STATUS:
		asks_take_status(parent->asks, &msg->u.status);
		break;
	}
}

static void on_drained(void *ctx)
{
	struct parent *parent = ctx;

	conns_feed(&parent->conns);
	go_on(parent);
}

static const struct procs_ops procs_ops = {
	.started = started, .ended = ended, .message = on_message, .drained = on_drained,
};

/* ---- the host ---- */

/* The policy of a site's tunnel; 0: it is going down. */
static uint32_t policy_of(const struct parent *parent, const struct site_event *event)
{
	const struct conn *conn;

	for (conn = parent->conns.first; conn; conn = conn->next)
		if (conn->site == event->site && event->tunnel < conn->conf.n_tunnels && !conn->ending)
			return conn->tunnels[event->tunnel].policy.id;
	return 0;
}

static void on_site_event(void *ctx, const struct site_event *event)
{
	struct parent *parent = ctx;
	uint32_t policy = event->site ? policy_of(parent, event) : 0;
	const struct imsg_policy acquire = { .policy = policy };
	const struct imsg_expired expired = { .policy = policy, .spi = event->spi, .hard = event->kind == SITE_HARD };
	const struct imsg_roamed roamed = { .policy = policy, .remote = event->remote, .port = event->dport };

	switch (event->kind) {
	case SITE_ACQUIRE:
		if (policy)
			procs_send(parent->conns.procs, PROC_NETWORK, IMSG_ACQUIRE, &acquire, -1);
		break;
	case SITE_SOFT:
	case SITE_HARD:
		if (policy)
			procs_send(parent->conns.procs, PROC_NETWORK, IMSG_EXPIRED, &expired, -1);
		break;
	case SITE_ROAMED:
		if (policy)
			procs_send(parent->conns.procs, PROC_NETWORK, IMSG_ROAMED, &roamed, -1);
		break;
	case SITE_RESYNC:
		ilog(IKE_LOG_WARNING, NULL, "events of the kernel were lost");
		sas_resync(&parent->conns);
		conns_follow(&parent->conns);
		break;
	case SITE_ROUTES:
		conns_follow(&parent->conns);
		break;
	case SITE_REMADE:
		sas_resync(&parent->conns);
		break;
	}
}

static void on_site(evutil_socket_t fd, short what, void *arg)
{
	struct parent *parent = arg;

	(void)fd;
	(void)what;
	sites_events(parent->conns.sites, on_site_event, parent);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct parent *parent = arg;

	(void)fd;
	(void)what;
	sas_tick(&parent->conns);
	lookups_tick(parent->lookups);
	conns_age(&parent->conns);
	if (!parent->stopping)
		kept_tick(&parent->conns);
}

static void warn(const char *sentence)
{
	ilog(IKE_LOG_WARNING, NULL, "%s", sentence);
}

/* Asked to end: all connections go down first. Asked once more: at once. */
static void on_term(evutil_socket_t fd, short what, void *arg)
{
	struct parent *parent = arg;

	(void)fd;
	(void)what;
	notify_stopping();
	if (parent->stopping || !parent->conns.first) {
		event_base_loopbreak(parent->base);
		return;
	}
	parent->stopping = true;
	go_on_stopping(parent);
}

/* All files are read again. */
static void on_hangup(evutil_socket_t fd, short what, void *arg)
{
	struct parent *parent = arg;

	(void)fd;
	(void)what;
	notify_reloading();
	reload_all(&parent->conns);
	parent->reloading = true;
	go_on(parent);
}

/* The loop is, or nobody would ask. */
static bool all_alive(void *ctx)
{
	const struct parent *parent = ctx;

	return procs_alive(parent->conns.procs);
}

/* ---- begin and end ---- */

/* One helper in a network namespace. */
static int take_lock(struct parent *parent, struct why *why)
{
	char ctl[CTL_PATH_MAX], path[CTL_PATH_MAX];
	const char *inode;
	int err;

	err = sandbox_prepare(why);
	if (err)
		return err;
	err = ctl_path(ctl, sizeof(ctl));
	if (err)
		return why_set(why, "/proc/self/ns/net: %s", strerror(-err));
	inode = strrchr(ctl, '-') + 1;
	snprintf(path, sizeof(path), "/run/vpntun/lock-%s", inode);
	parent->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (parent->lock < 0)
		return why_set(why, "%s: %s", path, strerror(errno));
	if (flock(parent->lock, LOCK_EX | LOCK_NB))
		return why_set(why, "an IKE helper runs in this network namespace already");
	return 0;
}

/* Port 4500 is bound by the module, which keeps it when a helper dies. */
static int open_socket(struct parent *parent, int i, struct why *why)
{
	uint8_t addr_len = socket_list[i].addr_len;
	uint16_t port = socket_list[i].port;
	int fd = udp_open(addr_len, SITE_MARK, why);

	/* A kernel may have been built, or booted, without IPv6. */
	if (fd == -EAFNOSUPPORT && addr_len == 16)
		return 0;
	if (fd < 0)
		return fd;
	parent->socks[i] = fd;
	return port == IKE_NATT_PORT ? sites_socket(parent->conns.sites, fd, why) : udp_bind(fd, addr_len, port, why);
}

static int open_sockets(struct parent *parent, struct why *why)
{
	int i, err = 0;

	for (i = 0; i < SOCKETS && !err; i++)
		err = open_socket(parent, i, why);
	return err;
}

static int watch_site(struct parent *parent)
{
	const int *fds = sites_fds(parent->conns.sites);
	struct event *event;
	int i;

	for (i = 0; fds[i] >= 0; i++) {
		if (i == SITE_FDS_MAX)
			return -E2BIG;
		event = event_new(parent->base, fds[i], EV_READ | EV_PERSIST, on_site, parent);
		parent->site_events[i] = event;
		if (!event || event_add(event, NULL))
			return -ENOMEM;
	}
	return 0;
}

static int watch(struct parent *parent, struct why *why)
{
	static const struct timeval tick = { SAS_TICK / 1000, SAS_TICK % 1000 * 1000 };

	parent->term = evsignal_new(parent->base, SIGTERM, on_term, parent);
	parent->interrupt = evsignal_new(parent->base, SIGINT, on_term, parent);
	parent->hangup = evsignal_new(parent->base, SIGHUP, on_hangup, parent);
	parent->tick = event_new(parent->base, -1, EV_PERSIST, on_tick, parent);
	parent->asks = asks_create(parent->base, &parent->conns);
	parent->lookups = lookups_create(&parent->conns);
	if (!parent->term || !parent->interrupt || !parent->hangup || !parent->tick || !parent->asks || !parent->lookups ||
	    event_add(parent->term, NULL) || event_add(parent->interrupt, NULL) || event_add(parent->hangup, NULL) ||
	    event_add(parent->tick, &tick) || watch_site(parent))
		return why_set(why, "no memory for the IKE helper's events");
	return 0;
}

static int begin(struct parent *parent, struct why *why)
{
	static const struct rlimit no_core;
	int err;

	/* Keys pass through here: no core files, nor cores for core_pattern's program, which no limit holds back. */
	setrlimit(RLIMIT_CORE, &no_core);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return why_set(why, "cannot forbid core files: %s", strerror(errno));
	signal(SIGPIPE, SIG_IGN);
	umask(022);
	err = settings_read(&parent->settings, why);
	if (!err)
		err = take_lock(parent, why);
	if (err)
		return err;
	if (!sandbox_has_user())
		ilog(IKE_LOG_INFO, NULL, "there is no user " SANDBOX_USER ": the processes without rights are nobody, as others may be");
	parent->conns.sites = sites_create(warn, why);
	if (!parent->conns.sites)
		return -EIO;
	err = open_sockets(parent, why);
	if (err)
		return err;
	parent->conns.outlets = outlets_create(parent->conns.sites, parent->socks, SOCKETS);
	if (!parent->conns.outlets)
		return why_set(why, "no memory for the table of sockets");
	parent->base = event_base_new();
	if (!parent->base)
		return why_set(why, "no memory for an event loop");
	err = watch(parent, why);
	if (err)
		return err;
	parent->conns.procs = procs_create(parent->base, &procs_ops, parent);
	if (!parent->conns.procs)
		return why_set(why, "no memory for the table of processes");
	err = procs_start(parent->conns.procs, why);
	if (err)
		return err;
	parent->ctl = ctl_server_create(parent->base, &ctl_ops, parent, why);
	if (!parent->ctl)
		return -EIO;
	kept_load(&parent->conns);
	return notify_watchdog(parent->base, all_alive, parent) ? why_set(why, "no memory for the watchdog") : 0;
}

static void free_event(struct event *event)
{
	if (event)
		event_free(event);
}

static void finish(struct parent *parent)
{
	struct conn *conn;
	int i;

	/* Left over if it had to end at once: their interfaces go all the same. */
	while ((conn = parent->conns.first))
		remove_conn(parent, conn);
	kept_free(&parent->conns);
	if (parent->conns.procs)
		procs_free(parent->conns.procs);
	if (parent->asks)
		asks_free(parent->asks);
	if (parent->lookups)
		lookups_free(parent->lookups);
	if (parent->ctl)
		ctl_server_free(parent->ctl);
	notify_free();
	for (i = 0; i < SITE_FDS_MAX; i++)
		free_event(parent->site_events[i]);
	free_event(parent->term);
	free_event(parent->interrupt);
	free_event(parent->hangup);
	free_event(parent->tick);
	if (parent->base)
		event_base_free(parent->base);
	if (parent->conns.outlets)
		outlets_free(parent->conns.outlets);
	for (i = 0; i < SOCKETS; i++)
		if (parent->socks[i] >= 0)
			close(parent->socks[i]);
	if (parent->conns.sites)
		sites_free(parent->conns.sites);
	if (parent->lock >= 0)
		close(parent->lock);
}

int parent_run(void (*ready)(void *ctx), void *ctx, struct why *why)
{
	struct parent parent = { .lock = -1, .socks = { -1, -1, -1, -1 } };
	int err = begin(&parent, why);

	if (!err) {
		ilog(IKE_LOG_INFO, NULL, "the IKE helper is ready");
		ready(ctx);
		notify_ready();
		event_base_dispatch(parent.base);
		ilog(IKE_LOG_INFO, NULL, "the IKE helper ends");
	}
	finish(&parent);
	return err;
}
