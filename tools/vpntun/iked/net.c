// SPDX-License-Identifier: GPL-2.0
#include "iked/net.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "ike/crypt.h"
#include "ike/engine.h"
#include "iked/chan.h"
#include "iked/sandbox.h"
#include "iked/trust.h"
#include "iked/udp.h"
#include "iked/via.h"
#include "util/clock.h"
#include "util/wipe.h"

enum {
	SOCKETS_MAX = 4 + 4 * 64,	/* ports 500 and 4500, IPv4 and IPv6; and of marks and VRFs */
	FILES_MAX = SOCKETS_MAX + 32,
	JOBS_MAX = 256,		/* questions to the key process */
	DATAGRAMS_TURN = 32,	/* of a socket, before others have their turn */
	LOG_BACKLOG = CHAN_QUEUE_MAX / 2,	/* with more than that unread, lines are lost rather than answers */
	SLEEP_MAX = 3600 * 1000,	/* ms */
};

struct net;

struct sock {
	struct net *net;
	struct udp_socket udp;
	uint32_t mark, vrf;		/* as in struct imsg_socket */
	struct event *readable;		/* NULL: it only sends */
};

/* A question that the key process has not answered yet. */
struct job {
	uint64_t id;
	bool there, verify;
};

/* A policy that was told to end, and of which the parent wants to hear when its deletes have gone. */
struct ending {
	struct ending *next;
	uint32_t policy;
};

struct net {
	struct event_base *base;
	struct chan *parent, *key;
	struct ike *ike;
	struct trusts *trusts;
	struct event *timer;
	struct sock socks[SOCKETS_MAX];
	size_t n_socks;
	struct vias vias;
	struct job jobs[JOBS_MAX];
	struct ending *ending;
	struct imsg_settings settings;
	uint8_t datagram[IKE_DATAGRAM_MAX + 4];
};

/* Suspended time counts: SAs grow old in it. */
static uint64_t now_ms(void)
{
	return clock_ms(CLOCK_BOOTTIME);
}

static int fill_random(void *ctx, void *bytes, size_t size)
{
	(void)ctx;
	while (size) {
		ssize_t got = getrandom(bytes, size, 0);

		if (got < 0 && errno != EINTR)
			return -errno;
		if (got > 0) {
			bytes = (uint8_t *)bytes + got;
			size -= got;
		}
	}
	return 0;
}

/* ---- the key process ---- */

static struct job *find_job(struct net *net, uint64_t id)
{
	size_t i;

	for (i = 0; i < JOBS_MAX; i++)
		if (net->jobs[i].there && net->jobs[i].id == id)
			return &net->jobs[i];
	return NULL;
}

static struct job *new_job(struct net *net, uint64_t id, bool verify)
{
	size_t i;

	for (i = 0; i < JOBS_MAX; i++) {
		if (net->jobs[i].there)
			continue;
		net->jobs[i] = (struct job){ .id = id, .there = true, .verify = verify };
		return &net->jobs[i];
	}
	return NULL;
}

static void ask_key(struct net *net, const struct ike_act_auth *auth, bool verify)
{
	struct job *job = net->key ? new_job(net, auth->job, verify) : NULL;

	if (job && !chan_send(net->key, verify ? IMSG_VERIFY : IMSG_SIGN, auth, -1))
		return;
	if (job)
		job->there = false;
	ike_job_lost(net->ike, now_ms(), auth->job);
}

/* ---- what the engine wants ---- */

static void send_datagram(struct net *net, const struct ike_act_send *send)
{
	uint16_t port = send->path.local_port == IKE_NATT_PORT ? IKE_NATT_PORT : IKE_PORT;
	struct ike_via via = vias_find(&net->vias, &send->path);
	/* One that is bound to a VRF needs no word of it. */
	uint32_t device = via.device == via.vrf ? 0 : via.device;
	size_t i;

	/* Those with marks have no address of their own. */
	if (!send->path.local.len)
		via.mark = 0;
	/* Errors are as good as loss: the engine sends again. */
	for (i = 0; i < net->n_socks; i++) {
		const struct sock *sock = &net->socks[i];

		if (sock->udp.port == port && sock->udp.addr_len == send->path.remote.len &&
		    sock->mark == via.mark && sock->vrf == via.vrf)
			udp_send(&sock->udp, &send->path, device, (struct span){ send->bytes, send->len });
	}
}

static void tell_parent(struct net *net, enum imsg_type type, const void *body)
{
	/* Without these messages our view of the kernel's SAs is worth nothing: a new process begins anew. */
	if (chan_send(net->parent, type, body, -1))
		event_base_loopbreak(net->base);
}

static void judge_cert(struct net *net, const struct ike_act_cert *job)
{
	struct why why = { "" };
	bool good = trust_verify(net->trusts, job, clock_ms(CLOCK_REALTIME) / 1000, &why);

	ike_verified(net->ike, now_ms(), job->job, good, good ? NULL : why.text);
}

static void carry_out(struct net *net, const struct ike_act *act)
{
	switch (act->kind) {
	case IKE_ACT_SEND:
		send_datagram(net, &act->send);
		break;
	case IKE_ACT_SIGN:
		ask_key(net, &act->auth, false);
		break;
	case IKE_ACT_VERIFY:
		ask_key(net, &act->auth, true);
		break;
	case IKE_ACT_VERIFY_CERT:
		judge_cert(net, &act->cert);
		break;
	case IKE_ACT_RESERVE:
		tell_parent(net, IMSG_RESERVE, &act->reserve);
		break;
	case IKE_ACT_INSTALL:
		tell_parent(net, IMSG_INSTALL, &act->install);
		break;
	case IKE_ACT_ACTIVATE:
		tell_parent(net, IMSG_ACTIVATE, &act->child);
		break;
	case IKE_ACT_DELETE:
		tell_parent(net, IMSG_DELETE, &act->child);
		break;
	case IKE_ACT_RESOLVE:
		tell_parent(net, IMSG_ASK_REMOTE, &(struct imsg_policy){ act->resolve.policy });
		break;
	case IKE_ACT_MOVE:
		tell_parent(net, IMSG_MOVE, &act->move);
		break;
	case IKE_ACT_WILL:
		tell_parent(net, IMSG_WILL, &act->will);
		break;
	case IKE_ACT_LOG:
		if (chan_backlog(net->parent) < LOG_BACKLOG)
			tell_parent(net, IMSG_LOG, &act->log);
		break;
	}
}

static bool has_ended(const struct net *net, uint32_t policy)
{
	struct ike_status status;

	return ike_status(net->ike, policy, &status) || (!status.ike_sas && !status.child_sas);
}

static void report_ended(struct net *net)
{
	struct ending **at = &net->ending, *ending;

	while ((ending = *at)) {
		struct imsg_policy body = { .policy = ending->policy };

		if (!has_ended(net, ending->policy)) {
			at = &ending->next;
			continue;
		}
		*at = ending->next;
		free(ending);
		tell_parent(net, IMSG_ENDED, &body);
	}
}

static void set_timer(struct net *net)
{
	uint64_t due = ike_due(net->ike), now = now_ms(), pause;
	struct timeval wait;

	if (due == UINT64_MAX) {
		event_del(net->timer);
		return;
	}
	pause = due > now ? due - now : 0;
	if (pause > SLEEP_MAX)
		pause = SLEEP_MAX;
	wait = (struct timeval){ pause / 1000, pause % 1000 * 1000 };
	event_add(net->timer, &wait);
}

/* After every event: what the engine wants done is done, until it wants nothing more. */
static void drain(struct net *net)
{
	struct ike_act *act;

	while ((act = ike_take(net->ike))) {
		carry_out(net, act);
		act_free(act);
	}
	report_ended(net);
	set_timer(net);
}

/* ---- events ---- */

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct net *net = arg;

	(void)fd;
	(void)what;
	ike_tick(net->ike, now_ms());
	drain(net);
}

/* Somebody begins at an address where nobody may: a first message has no SPI of ours. */
static bool uninvited(const struct net *net, const struct ip_addr *local, struct span bytes)
{
	static const uint8_t no_spi[8];
	unsigned int i;

	if (!net->settings.n_listen || bytes.len < 16 || memcmp(bytes.at + 8, no_spi, sizeof(no_spi)))
		return false;
	for (i = 0; i < net->settings.n_listen; i++)
		if (addr_equal(local, &net->settings.listen[i]))
			return false;
	return true;
}

static void on_datagram(evutil_socket_t fd, short what, void *arg)
{
	struct sock *sock = arg;
	struct net *net = sock->net;
	struct ike_path path;
	struct span bytes;
	int turn, got;

	(void)fd;
	(void)what;
	for (turn = 0; turn < DATAGRAMS_TURN; turn++) {
		got = udp_receive(&sock->udp, &path, net->datagram, sizeof(net->datagram), &bytes);
		if (got == -EAGAIN)
			break;
		if (got > 0 && !uninvited(net, &path.local, bytes)) {
			ike_datagram(net->ike, now_ms(), &path, bytes);
			drain(net);
		}
	}
}

static void on_key(void *ctx, const struct imsg *msg, int fd)
{
	bool verified = msg->type == IMSG_VERIFIED;
	uint64_t id = verified ? msg->u.verified.job : msg->u.sign.job;
	struct net *net = ctx;
	struct job *job = find_job(net, id);

	(void)fd;
	if (!job || job->verify != verified)
		return;
	job->there = false;
	if (verified)
		ike_verified(net->ike, now_ms(), id, msg->u.verified.good, NULL);
	else
		ike_signed(net->ike, now_ms(), id, (struct span){ msg->u.sign.auth, msg->u.sign.len });
	drain(net);
}

static void lose_key(struct net *net)
{
	size_t i;

	chan_free(net->key);
	net->key = NULL;
	for (i = 0; i < JOBS_MAX; i++) {
		if (!net->jobs[i].there)
			continue;
		net->jobs[i].there = false;
		ike_job_lost(net->ike, now_ms(), net->jobs[i].id);
	}
	drain(net);
}

static void key_closed(void *ctx, const char *sentence)
{
	(void)sentence;
	lose_key(ctx);
}

static const struct chan_ops key_ops = { .message = on_key, .closed = key_closed };

static void take_key(struct net *net, int fd)
{
	static const struct imsg_way in = { .from = IMSG_KEY, .to = IMSG_NETWORK };

	lose_key(net);
	net->key = chan_create(net->base, fd, in, &key_ops, net);
}

static void take_socket(struct net *net, const struct imsg_socket *from, int fd)
{
	struct sock *sock = &net->socks[net->n_socks];

	if (net->n_socks == SOCKETS_MAX) {
		close(fd);
		return;
	}
	sock->net = net;
	sock->udp = (struct udp_socket){ .fd = fd, .port = from->port, .addr_len = from->addr_len };
	sock->mark = from->mark;
	sock->vrf = from->vrf;
	if (!from->mark)
		sock->readable = event_new(net->base, fd, EV_READ | EV_PERSIST, on_datagram, sock);
	if (sock->readable)
		event_add(sock->readable, NULL);
	net->n_socks++;
}

static void warn(struct net *net, uint32_t policy, const char *sentence)
{
	struct ike_act_log log = { .policy = policy, .level = IKE_LOG_ERROR };

	snprintf(log.text, sizeof(log.text), "%s", sentence);
	tell_parent(net, IMSG_LOG, &log);
}

/* It is sealed: nobody can shorten what is mapped here. */
static void take_trust(struct net *net, const struct imsg_trust *from, int fd)
{
	struct why why = { "" };
	void *bytes;

	bytes = from->size && from->size <= TRUST_BYTES_MAX ? mmap(NULL, from->size, PROT_READ, MAP_PRIVATE, fd, 0) :
							      MAP_FAILED;
	close(fd);
	if (bytes == MAP_FAILED) {
		trust_forget(net->trusts, from->policy);
		warn(net, from->policy, "CAs cannot be read");
		return;
	}
	if (trust_set(net->trusts, from->policy, (struct span){ bytes, from->size }, &why))
		warn(net, from->policy, why.text);
	munmap(bytes, from->size);
}

static void take_down(struct net *net, uint32_t policy)
{
	struct ending *ending = calloc(1, sizeof(*ending));

	/* Without memory the parent hears nothing, and does not wait for long. */
	if (ending) {
		ending->policy = policy;
		ending->next = net->ending;
		net->ending = ending;
	}
	ike_down(net->ike, now_ms(), policy);
}

static void rekey(struct net *net, const struct imsg_ask *ask)
{
	struct imsg_rekeyed answer = { .ticket = ask->ticket, .policy = ask->policy };

	answer.err = ike_rekey(net->ike, now_ms(), ask->policy, ask->ike_sa);
	tell_parent(net, IMSG_REKEYED, &answer);
}

static void tell_status(struct net *net, const struct imsg_ask *ask)
{
	struct imsg_status answer;

	memset(&answer, 0, sizeof(answer));
	answer.ticket = ask->ticket;
	answer.policy = ask->policy;
	answer.now = now_ms();
	answer.known = !ike_status(net->ike, ask->policy, &answer.status);
	tell_parent(net, IMSG_STATUS, &answer);
}

static void on_parent(void *ctx, const struct imsg *msg, int fd)
{
	uint32_t policy = msg->u.policy.policy;	/* where there is one */
	struct net *net = ctx;

	switch (msg->type) {
	case IMSG_CHANNEL:
		take_key(net, fd);
		break;
	case IMSG_SOCKET:
		take_socket(net, &msg->u.socket, fd);
		break;
	case IMSG_POLICY:
		if (vias_set(&net->vias, &msg->u.setting) || ike_policy_set(net->ike, &msg->u.setting))
			event_base_loopbreak(net->base);	/* no memory: begin anew */
		break;
	case IMSG_CREDENTIALS:
		if (ike_credentials_set(net->ike, &msg->u.credentials) == -ENOMEM)
			event_base_loopbreak(net->base);
		break;
	case IMSG_TRUST:
		take_trust(net, &msg->u.trust, fd);
		break;
	case IMSG_FORGET:
		trust_forget(net->trusts, policy);
		ike_policy_del(net->ike, policy);
		vias_forget(&net->vias, policy);
		break;
	case IMSG_INHERIT:
		/* Without memory the peer finds out by itself. */
		ike_will(net->ike, now_ms(), &msg->u.will);
		break;
	case IMSG_UP:
		ike_up(net->ike, now_ms(), policy);
		break;
	case IMSG_DOWN:
		take_down(net, policy);
		break;
	case IMSG_REKEY:
		rekey(net, &msg->u.ask);
		break;
	case IMSG_REAUTH:
		ike_reauth(net->ike, now_ms(), policy);
		break;
	case IMSG_ASK_STATUS:
		tell_status(net, &msg->u.ask);
		break;
	case IMSG_RESERVED:
		ike_reserved(net->ike, now_ms(), &msg->u.reserve);
		break;
	case IMSG_INSTALLED:
		ike_installed(net->ike, now_ms(), msg->u.installed.job, msg->u.installed.err);
		break;
	case IMSG_ACQUIRE:
		ike_acquire(net->ike, now_ms(), policy);
		break;
	case IMSG_EXPIRED:
		ike_expired(net->ike, now_ms(), policy, msg->u.expired.spi, msg->u.expired.hard);
		break;
	case IMSG_SETTINGS:
		net->settings = msg->u.settings;
		ike_limits_set(net->ike, net->settings.cookie_threshold, net->settings.half_open_max,
			       net->settings.source_max);
		break;
	case IMSG_REMOTE:
		vias_ends(&net->vias, msg->u.remote.policy, &msg->u.remote.path.local, &msg->u.remote.path.remote);
		ike_remote_set(net->ike, now_ms(), msg->u.remote.policy, &msg->u.remote.path, msg->u.remote.why);
		break;
	case IMSG_PING:
		tell_parent(net, IMSG_PONG, NULL);
		break;
	case IMSG_ROAMED:
		ike_roamed(net->ike, now_ms(), policy, &msg->u.roamed.remote, msg->u.roamed.port);
		break;
	case IMSG_HEARD:
		ike_heard(net->ike, now_ms(), policy);
		break;
	}
	drain(net);
}

static void parent_closed(void *ctx, const char *sentence)
{
	struct net *net = ctx;

	(void)sentence;
	event_base_loopbreak(net->base);
}

static const struct chan_ops parent_ops = { .message = on_parent, .closed = parent_closed };

/* ---- the process ---- */

/* Whatever libcrypto sets up at first use is set up while that may still need what the sandbox takes away. */
static int warm_up(void)
{
	uint8_t digest[20];
	struct dh *dh = dh_create(IKE_GROUP_ECP256);
	int err = crypt_sha1(NULL, 0, digest);

	dh_free(dh);
	return dh ? err : -EIO;
}

static int begin(struct net *net, int parent, struct why *why)
{
	static const struct imsg_way in = { .from = IMSG_PARENT, .to = IMSG_NETWORK };
	/* Until the parent says otherwise nobody begins. */
	const struct ike_settings settings = { .random = fill_random };

	net->base = event_base_new();
	net->ike = ike_create(&settings);
	net->trusts = trusts_create();
	if (net->base) {
		net->timer = evtimer_new(net->base, on_timer, net);
		net->parent = chan_create(net->base, parent, in, &parent_ops, net);
	}
	if (!net->ike || !net->trusts || !net->timer || !net->parent)
		return why_set(why, "no memory for the network process");
	if (warm_up())
		return why_set(why, "libcrypto does not work");
	return sandbox_enter_wide(FILES_MAX, why);
}

static void finish(struct net *net)
{
	struct ending *ending;
	size_t i;

	while ((ending = net->ending)) {
		net->ending = ending->next;
		free(ending);
	}
	for (i = 0; i < net->n_socks; i++) {
		if (net->socks[i].readable)
			event_free(net->socks[i].readable);
		close(net->socks[i].udp.fd);
	}
	vias_free(&net->vias);
	chan_free(net->key);
	chan_free(net->parent);
	if (net->ike)
		ike_free(net->ike);
	trusts_free(net->trusts);
	if (net->timer)
		event_free(net->timer);
	if (net->base)
		event_base_free(net->base);
	wipe(net);
	free(net);
}

int net_run(int parent, struct why *why)
{
	struct net *net = calloc(1, sizeof(*net));
	int err;

	if (!net)
		return why_set(why, "no memory for the network process");
	err = begin(net, parent, why);
	if (!err)
		event_base_dispatch(net->base);
	finish(net);
	return err;
}
