// SPDX-License-Identifier: GPL-2.0
#include "iked/resolve.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "iked/chan.h"
#include "iked/dns.h"
#include "iked/sandbox.h"

enum {
	SERVERS_MAX = 3,	/* as resolv.conf(5) has them */
	LOOKUPS_MAX = 12,	/* at once; the sandbox allows 64 descriptors */
	PATIENCE = 2,		/* s for an answer */
	ROUNDS = 2,		/* through all servers */
	DATAGRAMS_TURN = 16,
};

struct resolver;

/* One family of addresses. */
struct part {
	struct dns_question question;
	bool wanted, done;
	struct dns_answer answer;
};

struct lookup {
	struct lookup *next;
	struct resolver *resolver;
	struct imsg_resolve what;
	int servers[SERVERS_MAX];
	unsigned int n_servers, tries;
	bool refused;		/* a server said that it cannot tell */
	struct part parts[2];
	struct event *readable, *patience;
};

struct resolver {
	struct event_base *base;
	struct chan *parent;
	int servers[SERVERS_MAX];	/* for the next one */
	unsigned int n_servers;
	struct lookup *first;
	unsigned int count;
};

static void tell(struct resolver *resolver, const struct imsg_resolved *resolved)
{
	if (chan_send(resolver->parent, IMSG_RESOLVED, resolved, -1))
		event_base_loopbreak(resolver->base);
}

/* ---- the end of one ---- */

static void lookup_free(struct lookup *lookup)
{
	struct lookup **at = &lookup->resolver->first;
	unsigned int i;

	while (*at != lookup)
		at = &(*at)->next;
	*at = lookup->next;
	lookup->resolver->count--;
	if (lookup->readable)
		event_free(lookup->readable);
	if (lookup->patience)
		event_free(lookup->patience);
	for (i = 0; i < lookup->n_servers; i++)
		close(lookup->servers[i]);
	free(lookup);
}

static void collect(const struct part *part, struct imsg_resolved *out)
{
	unsigned int i;

	if (!part->wanted || !part->done || !part->answer.count)
		return;
	for (i = 0; i < part->answer.count && out->count < IMSG_ADDRESSES_MAX; i++)
		out->addrs[out->count++] = part->answer.addrs[i];
	if (part->answer.ttl < out->ttl)
		out->ttl = part->answer.ttl;
}

static enum imsg_resolve_err reason(const struct lookup *lookup)
{
	bool no_name = false, answered = false;
	int i;

	for (i = 0; i < 2; i++) {
		answered |= lookup->parts[i].done && lookup->parts[i].wanted;
		no_name |= lookup->parts[i].done && lookup->parts[i].answer.code == DNS_NO_NAME;
	}
	if (no_name)
		return RESOLVE_NO_NAME;
	if (lookup->refused)
		return RESOLVE_REFUSED;
	return answered ? RESOLVE_NO_ADDRESS : RESOLVE_SILENT;
}

static void conclude(struct lookup *lookup)
{
	struct imsg_resolved resolved = { .ticket = lookup->what.ticket, .ttl = UINT32_MAX };

	collect(&lookup->parts[0], &resolved);
	collect(&lookup->parts[1], &resolved);
	if (!resolved.count) {
		resolved.err = reason(lookup);
		resolved.ttl = 0;
	}
	tell(lookup->resolver, &resolved);
	lookup_free(lookup);
}

/* ---- asking ---- */

static bool all_done(const struct lookup *lookup)
{
	return (!lookup->parts[0].wanted || lookup->parts[0].done) && (!lookup->parts[1].wanted || lookup->parts[1].done);
}

/* By the server whose turn it is. False: it cannot be asked. */
static bool ask(struct lookup *lookup)
{
	int server = lookup->servers[lookup->tries % lookup->n_servers], len, i;
	uint8_t bytes[DNS_QUESTION_MAX];

	for (i = 0; i < 2; i++) {
		struct part *part = &lookup->parts[i];

		if (!part->wanted || part->done)
			continue;
		/* A fresh number each time: an answer to an older one is too late. */
		if (getrandom(&part->question.id, sizeof(part->question.id), 0) != sizeof(part->question.id))
			return false;
		len = dns_ask(&part->question, bytes);
		if (len < 0 || sendmsg(server, &(struct msghdr){
				.msg_iov = &(struct iovec){ bytes, len }, .msg_iovlen = 1 }, MSG_DONTWAIT) < 0)
			return false;
	}
	return true;
}

static void on_readable(evutil_socket_t fd, short what, void *arg);

static bool watch(struct lookup *lookup)
{
	static const struct timeval patience = { PATIENCE, 0 };
	int server = lookup->servers[lookup->tries % lookup->n_servers];

	if (lookup->readable)
		event_free(lookup->readable);
	lookup->readable = event_new(lookup->resolver->base, server, EV_READ | EV_PERSIST, on_readable, lookup);
	return lookup->readable && !event_add(lookup->readable, NULL) && !event_add(lookup->patience, &patience);
}

/* From server to server, until one takes the questions. */
static void go_on(struct lookup *lookup)
{
	for (; lookup->tries < ROUNDS * lookup->n_servers; lookup->tries++)
		if (watch(lookup) && ask(lookup))
			return;
	conclude(lookup);
}

static void next_server(struct lookup *lookup)
{
	lookup->tries++;
	go_on(lookup);
}

static void on_patience(evutil_socket_t fd, short what, void *arg)
{
	struct lookup *lookup = arg;

	(void)fd;
	(void)what;
	/* Addresses of one family are better than waiting for others. */
	if (lookup->parts[0].answer.count || lookup->parts[1].answer.count)
		conclude(lookup);
	else
		next_server(lookup);
}

/* True: this server will not help, another may. */
static bool take(struct lookup *lookup, struct span bytes)
{
	struct dns_answer answer;
	int i;

	for (i = 0; i < 2; i++) {
		struct part *part = &lookup->parts[i];

		if (!part->wanted || part->done || dns_read(bytes, &part->question, &answer))
			continue;
		if (answer.code != DNS_GOOD && answer.code != DNS_NO_NAME) {
			lookup->refused = true;
			return true;
		}
		part->answer = answer;
		part->done = true;
	}
	return false;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct lookup *lookup = arg;
	uint8_t bytes[DNS_ANSWER_MAX];
	struct iovec iov = { bytes, sizeof(bytes) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t got;
	int turn;

	(void)what;
	for (turn = 0; turn < DATAGRAMS_TURN; turn++) {
		got = recvmsg(fd, &msg, MSG_DONTWAIT);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (got < 0 || take(lookup, (struct span){ bytes, got })) {
			next_server(lookup);
			return;
		}
		if (all_done(lookup)) {
			conclude(lookup);
			return;
		}
	}
}

/* ---- the parent ---- */

static void take_server(struct resolver *resolver, int fd)
{
	if (resolver->n_servers == SERVERS_MAX)
		close(fd);
	else
		resolver->servers[resolver->n_servers++] = fd;
}

static void refuse(struct resolver *resolver, const struct imsg_resolve *what, enum imsg_resolve_err err)
{
	const struct imsg_resolved resolved = { .ticket = what->ticket, .err = err };

	while (resolver->n_servers)
		close(resolver->servers[--resolver->n_servers]);
	tell(resolver, &resolved);
}

static void begin_lookup(struct resolver *resolver, const struct imsg_resolve *what)
{
	struct lookup *lookup;

	if (!resolver->n_servers) {
		refuse(resolver, what, RESOLVE_SILENT);
		return;
	}
	lookup = resolver->count < LOOKUPS_MAX ? calloc(1, sizeof(*lookup)) : NULL;
	if (lookup)
		lookup->patience = evtimer_new(resolver->base, on_patience, lookup);
	if (!lookup || !lookup->patience) {
		free(lookup);
		refuse(resolver, what, RESOLVE_BUSY);
		return;
	}
	lookup->resolver = resolver;
	lookup->what = *what;
	memcpy(lookup->servers, resolver->servers, sizeof(lookup->servers));
	lookup->n_servers = resolver->n_servers;
	resolver->n_servers = 0;
	/* IPv6 first, RFC 6724; the parent leaves out what has no route. */
	lookup->parts[0] = (struct part){ { lookup->what.name, 0, 16 }, .wanted = what->want6 };
	lookup->parts[1] = (struct part){ { lookup->what.name, 0, 4 }, .wanted = what->want4 };
	lookup->next = resolver->first;
	resolver->first = lookup;
	resolver->count++;
	go_on(lookup);
}

static void on_parent(void *ctx, const struct imsg *msg, int fd)
{
	struct resolver *resolver = ctx;

	switch (msg->type) {
	case IMSG_SERVER:
		take_server(resolver, fd);
		break;
	case IMSG_RESOLVE:
		begin_lookup(resolver, &msg->u.resolve);
		break;
	case IMSG_PING:
		if (chan_send(resolver->parent, IMSG_PONG, NULL, -1))
			event_base_loopbreak(resolver->base);
		break;
	}
}

static void parent_closed(void *ctx, const char *sentence)
{
	struct resolver *resolver = ctx;

	(void)sentence;
	event_base_loopbreak(resolver->base);
}

static const struct chan_ops parent_ops = { .message = on_parent, .closed = parent_closed };

int resolve_run(int parent, struct why *why)
{
	static const struct imsg_way in = { .from = IMSG_PARENT, .to = IMSG_RESOLVER };
	struct resolver resolver = { .base = event_base_new() };
	int err;

	if (resolver.base)
		resolver.parent = chan_create(resolver.base, parent, in, &parent_ops, &resolver);
	err = resolver.parent ? sandbox_enter(why) : why_set(why, "no memory for an event loop");
	if (!err)
		event_base_dispatch(resolver.base);

	while (resolver.first)
		lookup_free(resolver.first);
	while (resolver.n_servers)
		close(resolver.servers[--resolver.n_servers]);
	chan_free(resolver.parent);
	if (resolver.base)
		event_base_free(resolver.base);
	return err;
}
