// SPDX-License-Identifier: GPL-2.0
#include "iked/lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "iked/hosts.h"
#include "iked/log.h"
#include "iked/share.h"
#include "iked/udp.h"
#include "util/clock.h"

#define HOSTS_FILE "/etc/hosts"
#define SERVERS_FILE "/etc/resolv.conf"

enum {
	DNS_PORT = 53,
	SERVERS_MAX = 3,
	FILE_MAX = 1024 * 1024,
	FRESH_MIN = 5, FRESH_MAX = 60,		/* s that an answer is good for the next attempt */
	AGAIN_MIN = 60, AGAIN_MAX = 300,	/* s until it is asked for once more anyway */
	BUSY_MAX = 8,				/* questions to the resolver at once */
	ANSWER_MS = 30000,			/* for the resolver's answer */
};

/* A tunnel whose Remote is a host name. */
struct lookup {
	struct lookup *next;
	uint32_t policy;
	char name[CONF_TEXT_MAX];	/* all below is about this one */
	uint32_t ticket;	/* of the question to the resolver; 0: none */
	bool asked;		/* the network process waits */
	bool due;		/* to be looked up */
	uint64_t sent, fresh_until, again_at;	/* ms */
	size_t count, turn;	/* addresses, and whose turn it is */
	struct ip_addr addrs[IMSG_ADDRESSES_MAX];
};

struct lookups {
	struct conns *conns;
	struct lookup *first;
	uint32_t last_ticket;
	size_t n_servers;
	struct ip_addr servers[SERVERS_MAX];
	bool is_held[SERVERS_MAX];		/* the way to it is, or it needs none */
};

static uint64_t now_ms(void)
{
	return clock_ms(CLOCK_BOOTTIME);
}

static const char *name_of(const struct conn_place *place)
{
	return place->conn->conf.tunnels[place->tunnel].remote_name;
}

static struct conn_tunnel *tunnel_of(const struct conn_place *place)
{
	return &place->conn->tunnels[place->tunnel];
}

/* ---- files ---- */

/* A file of names, on the heap; NULL: there is none. */
static char *read_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char *text = NULL;
	ssize_t got = -1;
	struct stat st;

	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size <= FILE_MAX)
		text = malloc(st.st_size + 1);
	if (text)
		got = read(fd, text, st.st_size);
	close(fd);
	if (text)
		text[got > 0 ? got : 0] = '\0';
	return text;
}

/* ---- name servers ---- */

static bool is_loopback(const struct ip_addr *addr)
{
	static const struct ip_addr loopback6 = { .len = 16, .bytes = { [15] = 1 } };

	return addr->len == 4 ? addr->bytes[0] == 127 : addr_equal(addr, &loopback6);
}

static void release_servers(struct lookups *lookups)
{
	while (lookups->n_servers) {
		const size_t last = --lookups->n_servers;

		if (lookups->is_held[last] && !is_loopback(&lookups->servers[last]))
			sites_release(lookups->conns->sites, &lookups->servers[last]);
		lookups->is_held[last] = false;
	}
}

/* Those that could not be held are tried again each time; it is told once. */
static void hold_servers(struct lookups *lookups, bool are_new)
{
	struct why why;
	size_t i;

	for (i = 0; i < lookups->n_servers; i++) {
		const struct ip_addr *server = &lookups->servers[i];

		if (lookups->is_held[i])
			continue;
		lookups->is_held[i] = is_loopback(server) || !sites_hold(lookups->conns->sites, server, &why);
		if (!lookups->is_held[i] && are_new)
			ilog(IKE_LOG_WARNING, NULL, "the way to a name server: %s", why.text);
	}
}

/* As the file has them now. */
static void follow_servers(struct lookups *lookups)
{
	struct ip_addr servers[SERVERS_MAX];
	char *text = read_file(SERVERS_FILE);
	size_t count;
	bool same;

	memset(servers, 0, sizeof(servers));
	count = hosts_servers(text ? text : "", servers, SERVERS_MAX);
	free(text);
	same = count == lookups->n_servers && !memcmp(servers, lookups->servers, count * sizeof(*servers));
	if (!same) {
		release_servers(lookups);
		memcpy(lookups->servers, servers, sizeof(servers));
		lookups->n_servers = count;
	}
	hold_servers(lookups, !same);
}

/* ---- the addresses of a name ---- */

/* Addresses that lead to no peer: those of nobody, of many, of this very host. */
static bool is_peer(const struct ip_addr *addr)
{
	if (addr_is_zero(addr) || is_loopback(addr))
		return false;
	return addr->len == 4 ? addr->bytes[0] && addr->bytes[0] < 224 : addr->bytes[0] != 0xff;
}

/* Of our own address's family, or with a route to them: the others cannot be tried. */
static size_t keep_usable(const struct conn_tunnel *tunnel, struct ip_addr *addrs, size_t count)
{
	size_t kept = 0, i;
	struct ip_addr source;

	for (i = 0; i < count; i++) {
		if (!is_peer(&addrs[i]))
			continue;
		if (tunnel->local_auto ? conn_source(tunnel, &addrs[i], &source) :
					 addrs[i].len != tunnel->policy.local.len)
			continue;
		addrs[kept++] = addrs[i];
	}
	return kept;
}

/* IPv6 first, RFC 6724; and servers give the same ones in any order. */
static int compare(const void *a, const void *b)
{
	const struct ip_addr *one = a, *other = b;

	if (one->len != other->len)
		return other->len - one->len;
	return memcmp(one->bytes, other->bytes, one->len);
}

static bool has(const struct lookup *lookup, const struct ip_addr *addr)
{
	size_t i;

	for (i = 0; i < lookup->count; i++)
		if (addr_equal(&lookup->addrs[i], addr))
			return true;
	return false;
}

static void begin(struct lookup *lookup, const struct conn_place *place)
{
	*lookup = (struct lookup){ .next = lookup->next, .policy = tunnel_of(place)->policy.id,
				   .asked = lookup->asked, .due = true };
	snprintf(lookup->name, sizeof(lookup->name), "%s", name_of(place));
}

/* The tunnel of this policy, if it has a name. */
static bool locate_named(const struct lookups *lookups, uint32_t policy, struct conn_place *place)
{
	return conns_locate(lookups->conns, policy, place) && !place->conn->ending && tunnel_of(place)->policy.by_name;
}

/* A reload may have given the tunnel another name, of which nothing is known yet. */
static void follow_name(struct lookup *lookup, const struct conn_place *place)
{
	if (strcmp(lookup->name, name_of(place)))
		begin(lookup, place);
}

static bool locate(const struct lookups *lookups, struct lookup *lookup, struct conn_place *place)
{
	if (!locate_named(lookups, lookup->policy, place))
		return false;
	follow_name(lookup, place);
	return true;
}

static void send_remote(struct lookups *lookups, struct imsg_remote *body)
{
	procs_send(lookups->conns->procs, PROC_NETWORK, IMSG_REMOTE, body, -1);
}

/* From now on the peer is there. */
static void settle(struct lookups *lookups, const struct conn_place *place, const struct ip_addr *addr)
{
	struct conn_tunnel *tunnel = tunnel_of(place);
	struct imsg_remote body = { .policy = tunnel->policy.id };
	char text[ADDR_TEXT_MAX];
	struct why why;

	if (!addr_equal(addr, &tunnel->policy.remote) && share_log(tunnel))
		ilog(IKE_LOG_INFO, tunnel->policy.name, "%s is %s", name_of(place), addr_text(addr, text));
	if (site_named(place->conn->site, place->tunnel, addr, &why) && share_log(tunnel))
		ilog(IKE_LOG_WARNING, tunnel->policy.name, "the way to %s: %s", addr_text(addr, text), why.text);
	tunnel->policy.remote = *addr;
	if (tunnel->local_auto && conn_source(tunnel, addr, &tunnel->policy.local))
		tunnel->policy.local = (struct ip_addr){ 0 };
	body.path.local = tunnel->policy.local;
	body.path.remote = *addr;
	send_remote(lookups, &body);
}

/* The next address for an attempt. */
static void give(struct lookups *lookups, struct lookup *lookup, const struct conn_place *place)
{
	lookup->asked = false;
	settle(lookups, place, &lookup->addrs[lookup->turn++ % lookup->count]);
}

static void fail(struct lookups *lookups, struct lookup *lookup, const struct conn_place *place, const char *why)
{
	struct imsg_remote body = { .policy = lookup->policy };

	lookup->fresh_until = 0;
	if (lookup->asked) {
		lookup->asked = false;
		snprintf(body.why, sizeof(body.why), "cannot resolve %s: %s", name_of(place), why);
		send_remote(lookups, &body);
	} else {
		ilog(IKE_LOG_DEBUG, tunnel_of(place)->policy.name, "cannot resolve %s: %s", name_of(place), why);
	}
}

static uint64_t within(uint32_t ttl, uint32_t min, uint32_t max)
{
	uint32_t seconds = ttl < min ? min : ttl;

	return (seconds > max ? max : seconds) * (uint64_t)1000;
}

static void take(struct lookups *lookups, struct lookup *lookup, const struct conn_place *place,
		 struct imsg_resolved *found)
{
	struct conn_tunnel *tunnel = tunnel_of(place);
	uint64_t now = now_ms();
	bool same;

	found->count = keep_usable(tunnel, found->addrs, found->count);
	if (!found->count) {
		fail(lookups, lookup, place, "none of its addresses can be reached from here");
		return;
	}
	qsort(found->addrs, found->count, sizeof(*found->addrs), compare);
	same = found->count == lookup->count &&
	       !memcmp(found->addrs, lookup->addrs, found->count * sizeof(*found->addrs));
	memcpy(lookup->addrs, found->addrs, sizeof(lookup->addrs));
	lookup->count = found->count;
	if (!same)
		lookup->turn = 0;
	lookup->fresh_until = now + within(found->ttl, FRESH_MIN, FRESH_MAX);
	lookup->again_at = now + within(found->ttl, AGAIN_MIN, AGAIN_MAX);
	/* What is up stays up: another address is for the next attempt, and for a peer that begins by itself. */
	if (lookup->asked)
		give(lookups, lookup, place);
	else if (!has(lookup, &tunnel->policy.remote))
		settle(lookups, place, &lookup->addrs[0]);
}

/* ---- looking up ---- */

static bool in_hosts(const char *name, struct imsg_resolved *out)
{
	char *text = read_file(HOSTS_FILE);

	memset(out, 0, sizeof(*out));
	if (text)
		out->count = hosts_find(text, name, out->addrs, IMSG_ADDRESSES_MAX);
	free(text);
	return out->count;
}

static void ask_resolver(struct lookups *lookups, struct lookup *lookup, const struct conn_place *place)
{
	const struct conn_tunnel *tunnel = tunnel_of(place);
	uint8_t own = tunnel->local_auto ? 0 : tunnel->policy.local.len;
	struct imsg_resolve body = { .want4 = own != 16, .want6 = own != 4 };
	size_t i;
	int fd;

	if (!++lookups->last_ticket)
		++lookups->last_ticket;
	lookup->ticket = body.ticket = lookups->last_ticket;
	lookup->sent = now_ms();
	snprintf(body.name, sizeof(body.name), "%s", name_of(place));
	follow_servers(lookups);
	for (i = 0; i < lookups->n_servers; i++) {
		fd = lookups->is_held[i] ? udp_connected(&lookups->servers[i], DNS_PORT, SITE_MARK) : -1;
		if (fd < 0)
			continue;
		procs_send(lookups->conns->procs, PROC_RESOLVER, IMSG_SERVER, NULL, fd);
		close(fd);
	}
	procs_send(lookups->conns->procs, PROC_RESOLVER, IMSG_RESOLVE, &body, -1);
}

static void look_up(struct lookups *lookups, struct lookup *lookup, const struct conn_place *place)
{
	struct imsg_resolved found;

	lookup->due = false;
	lookup->again_at = now_ms() + AGAIN_MIN * 1000;
	if (in_hosts(name_of(place), &found))
		take(lookups, lookup, place, &found);
	else
		ask_resolver(lookups, lookup, place);
}

static void begin_due(struct lookups *lookups)
{
	struct conn_place place;
	struct lookup *lookup;
	unsigned int busy = 0;

	for (lookup = lookups->first; lookup; lookup = lookup->next)
		busy += lookup->ticket != 0;
	for (lookup = lookups->first; lookup && busy < BUSY_MAX; lookup = lookup->next) {
		if (!lookup->due || lookup->ticket || !locate(lookups, lookup, &place))
			continue;
		look_up(lookups, lookup, &place);
		busy++;
	}
}

void lookups_take(struct lookups *lookups, const struct imsg_resolved *resolved)
{
	static const char *const reasons[] = {
		[RESOLVE_SILENT] = "no name server answers",
		[RESOLVE_NO_NAME] = "there is no such name",
		[RESOLVE_NO_ADDRESS] = "the name has no address",
		[RESOLVE_REFUSED] = "the name servers cannot tell",
		[RESOLVE_BUSY] = "too many names at once",
	};
	struct imsg_resolved found = *resolved;
	struct conn_place place;
	struct lookup *lookup;

	for (lookup = lookups->first; lookup; lookup = lookup->next)
		if (lookup->ticket && lookup->ticket == resolved->ticket)
			break;
	if (!lookup || !locate(lookups, lookup, &place))
		return;
	/* Else it was about another name. */
	if (lookup->ticket) {
		lookup->ticket = 0;
		if (found.count)
			take(lookups, lookup, &place, &found);
		else
			fail(lookups, lookup, &place, reasons[found.err]);
	}
	begin_due(lookups);
}

/* ---- who is looked up ---- */

static struct lookup *find(const struct lookups *lookups, uint32_t policy)
{
	struct lookup *lookup;

	for (lookup = lookups->first; lookup; lookup = lookup->next)
		if (lookup->policy == policy)
			return lookup;
	return NULL;
}

static struct lookup *add(struct lookups *lookups, const struct conn_place *place)
{
	struct lookup *lookup = calloc(1, sizeof(*lookup));

	if (!lookup)
		return NULL;	/* the network process asks again */
	begin(lookup, place);
	lookup->next = lookups->first;
	lookups->first = lookup;
	return lookup;
}

static void add_new(struct lookups *lookups)
{
	struct conn *conn;
	size_t i;

	for (conn = lookups->conns->first; conn; conn = conn->next)
		for (i = 0; !conn->ending && i < conn->conf.n_tunnels; i++)
			if (conn->tunnels[i].policy.by_name && !find(lookups, conn->tunnels[i].policy.id))
				add(lookups, &(struct conn_place){ .conn = conn, .tunnel = i });
}

static void drop_gone(struct lookups *lookups)
{
	struct lookup **at = &lookups->first, *lookup;
	struct conn_place place;

	while ((lookup = *at)) {
		if (locate(lookups, lookup, &place)) {
			at = &lookup->next;
			continue;
		}
		*at = lookup->next;
		free(lookup);
	}
	if (!lookups->first)
		release_servers(lookups);
}

void lookups_tick(struct lookups *lookups)
{
	uint64_t now = now_ms();
	struct lookup *lookup;

	drop_gone(lookups);
	add_new(lookups);
	for (lookup = lookups->first; lookup; lookup = lookup->next) {
		if (lookup->ticket && now > lookup->sent + ANSWER_MS)
			lookup->ticket = 0;
		lookup->due |= now >= lookup->again_at;
	}
	begin_due(lookups);
}

void lookups_ask(struct lookups *lookups, uint32_t policy)
{
	struct conn_place place;
	struct lookup *lookup;
	bool share;

	if (!locate_named(lookups, policy, &place))
		return;
	lookup = find(lookups, policy);
	if (!lookup)
		lookup = add(lookups, &place);
	if (!lookup)
		return;
	follow_name(lookup, &place);
	lookup->asked = true;
	/* Who asks without end waits for the next tick. */
	share = share_take(tunnel_of(&place));
	/* Those that were not tried yet have their turn before all are looked up again. */
	if (share && lookup->turn < lookup->count && now_ms() < lookup->fresh_until) {
		give(lookups, lookup, &place);
		return;
	}
	lookup->due = !lookup->ticket;
	if (share)
		begin_due(lookups);
}

void lookups_again(struct lookups *lookups)
{
	struct lookup *lookup;

	for (lookup = lookups->first; lookup; lookup = lookup->next) {
		lookup->due |= lookup->ticket != 0;
		lookup->ticket = 0;
	}
	begin_due(lookups);
}

struct lookups *lookups_create(struct conns *conns)
{
	struct lookups *lookups = calloc(1, sizeof(*lookups));

	if (lookups)
		lookups->conns = conns;
	return lookups;
}

void lookups_free(struct lookups *lookups)
{
	struct lookup *lookup;

	while ((lookup = lookups->first)) {
		lookups->first = lookup->next;
		free(lookup);
	}
	release_servers(lookups);
	free(lookups);
}
