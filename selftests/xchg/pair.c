// SPDX-License-Identifier: GPL-2.0
#include "pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ike/auth.h"
#include "ike/crypt.h"

enum event_kind { EVENT_PACKET, EVENT_SIGN, EVENT_VERIFY, EVENT_INSTALL };

struct event {
	struct event *next;
	uint64_t at;
	int side;
	enum event_kind kind;
	uint64_t job;
	int result;
	struct ike_path path;
	size_t len;
	uint8_t bytes[];
};

uint64_t pair_random(struct pair *pair)
{
	/* splitmix64 */
	uint64_t z = pair->seed += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static int fill(void *ctx, void *bytes, size_t size)
{
	struct pair *pair = ctx;
	uint8_t *at = bytes;

	for (size_t i = 0; i < size; i++)
		at[i] = pair_random(pair);
	if (pair->rig_nonces && size == IKE_NONCE_SIZE)
		at[0] = pair->nonces++ == pair->low_nonce ? 0 : 0xff;
	return 0;
}

static uint64_t below(struct pair *pair, uint64_t limit)
{
	return limit ? pair_random(pair) % limit : 0;
}

static struct ip_addr addr4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	return (struct ip_addr){.len = 4, .bytes = {a, b, c, d}};
}

static struct ip_addr addr_of(int side)
{
	return side ? addr4(198, 51, 100, 1) : addr4(192, 0, 2, 1);
}

static const struct ip_addr nat_addr = {.len = 4, .bytes = {203, 0, 113, 9}};

void policy_proposals(const char *words, enum ike_proto proto, struct ike_proposals *out)
{
	char copy[256], *at = copy, *word;
	struct why why;

	memset(out, 0, sizeof(*out));
	snprintf(copy, sizeof(copy), "%s", words);
	while ((word = strsep(&at, ", "))) {
		if (!*word)
			continue;
		if (prop_parse(word, proto, false, &out->list[out->count], &why))
			fail_msg("%s: %s", word, why.text);
		out->list[out->count].number = out->count + 1;
		out->list[out->count].proto = proto;
		out->count++;
	}
}

struct ike_ts ts_any(void)
{
	return (struct ike_ts){
		.from = addr4(0, 0, 0, 0), .to = addr4(255, 255, 255, 255), .port_to = 65535,
	};
}

void pair_init(struct pair *pair, uint64_t seed, const char *ike, const char *esp)
{
	memset(pair, 0, sizeof(*pair));
	pair->seed = seed;
	pair->now = 1000;
	pair->delay = 10;
	for (int i = 0; i < 2; i++) {
		struct ike_policy *pol = &pair->side[i].policy;

		snprintf(pair->side[i].psk, sizeof(pair->side[i].psk), "a secret of both of them");
		pair->side[i].addr = addr_of(i);
		pol->id = POLICY;
		snprintf(pol->name, sizeof(pol->name), "net/%d", i);
		pol->local = addr_of(i);
		pol->remote = addr_of(!i);
		policy_proposals(ike ? ike : "aes256gcm16-prfsha256-x25519", IKE_PROTO_IKE, &pol->ike);
		policy_proposals(esp ? esp : "aes256gcm16-x25519", IKE_PROTO_ESP, &pol->esp);
		pol->local_ts.count = 1;
		pol->local_ts.list[0] = ts_any();
		pol->remote_ts = pol->local_ts;
		pol->ike_life = 28800;
		pol->child_life = 3600;
		pol->dpd_interval = 10;
		pol->dpd_timeout = 40;
		pol->dpd_action = i ? IKE_DPD_CLEAR : IKE_DPD_RESTART;
		pol->start = i ? IKE_START_ADD : IKE_START_START;
	}
}

void pair_create(struct pair *pair, unsigned int cookie_threshold)
{
	const struct ike_settings settings = {
		.random = fill, .random_ctx = pair, .cookie_threshold = cookie_threshold, .half_open_max = 100,
		.fragment_size = pair->fragment_size,
	};

	for (int i = 0; i < 2; i++) {
		pair->side[i].ike = ike_create(&settings);
		assert_non_null(pair->side[i].ike);
		assert_int_equal(ike_policy_set(pair->side[i].ike, &pair->side[i].policy), 0);
		if (pair->side[i].creds.key != IKE_KEY_NONE)
			assert_int_equal(ike_credentials_set(pair->side[i].ike, &pair->side[i].creds), 0);
	}
}

void pair_crash(struct pair *pair, int side)
{
	const struct ike_settings settings = {.random = fill, .random_ctx = pair, .cookie_threshold = 1000, .half_open_max = 100};
	struct side *dead = &pair->side[side];
	struct ike_act_will wills[WILLS_MAX];

	ike_free(dead->ike);
	for (struct event *event = pair->events; event; event = event->next)
		if (event->side == side && event->kind != EVENT_PACKET)
			event->job = 0;
	dead->ike = ike_create(&settings);
	assert_non_null(dead->ike);
	assert_int_equal(ike_policy_set(dead->ike, &dead->policy), 0);
	memcpy(wills, dead->wills, sizeof(wills));
	for (int i = 0; i < WILLS_MAX; i++)
		if (wills[i].len)
			assert_int_equal(ike_will(dead->ike, pair->now, &wills[i]), 0);
	pair_up(pair, side);
}

void pair_free(struct pair *pair)
{
	while (pair->events) {
		struct event *event = pair->events;

		pair->events = event->next;
		free(event);
	}
	for (int i = 0; i < 2; i++)
		ike_free(pair->side[i].ike);
}

static struct event *add_event(struct pair *pair, int side, enum event_kind kind, uint64_t delay, struct span bytes)
{
	struct event **at = &pair->events, *event = malloc(sizeof(*event) + bytes.len);

	assert_non_null(event);
	memset(event, 0, sizeof(*event));
	event->side = side;
	event->kind = kind;
	event->at = pair->now + delay;
	event->len = bytes.len;
	if (bytes.len)
		memcpy(event->bytes, bytes.at, bytes.len);
	while (*at && (*at)->at <= event->at)
		at = &(*at)->next;
	event->next = *at;
	*at = event;
	return event;
}

/* ---- the kernels ---- */

unsigned int kernel_count(const struct side *side)
{
	unsigned int count = 0;

	for (int i = 0; i < KERNEL_MAX; i++)
		count += side->sas[i].used;
	return count;
}

static struct kernel_sa *by_in(struct side *side, uint32_t spi)
{
	for (int i = 0; i < KERNEL_MAX; i++)
		if (side->sas[i].used && side->sas[i].spi_in == spi)
			return &side->sas[i];
	return NULL;
}

/* Does what is sent to it come in? */
static struct kernel_sa *by_in_still(const struct pair *pair, struct side *side, uint32_t spi)
{
	for (int i = 0; i < KERNEL_MAX; i++)
		if ((side->sas[i].used || side->sas[i].lingers_until > pair->now) && side->sas[i].spi_in == spi)
			return &side->sas[i];
	return NULL;
}

static struct kernel_sa *by_out(struct side *side, uint32_t spi)
{
	for (int i = 0; i < KERNEL_MAX; i++)
		if (side->sas[i].used && side->sas[i].spi_out == spi)
			return &side->sas[i];
	return NULL;
}

static bool same_key(const struct ike_key *a, const struct ike_key *b)
{
	return a->len == b->len && !memcmp(a->bytes, b->bytes, a->len);
}

/* Are these the addresses where the two are? */
static bool leads_there(const struct pair *pair, int from, const struct ike_path *path)
{
	const struct ip_addr *to = pair->nat && from == 1 ? &nat_addr : &pair->side[!from].addr;

	return (!path->local.len || addr_equal(&path->local, &pair->side[from].addr)) && addr_equal(&path->remote, to);
}

bool pair_esp(struct pair *pair, int from)
{
	struct side *side = &pair->side[from], *peer = &pair->side[!from];
	struct kernel_sa *out = side->sends_on ? by_out(side, side->sends_on) : NULL;
	struct kernel_sa *in = out ? by_in_still(pair, peer, out->spi_out) : NULL;

	if (!in || !leads_there(pair, from, &side->way))
		return false;
	assert_true(same_key(&out->out.encr, &in->in.encr) && same_key(&out->out.integ, &in->in.integ));
	assert_true(out->out.encr.len > 0 || out->out.integ.len > 0);
	/* One of them may know already what the path is like, and the other not yet. */
	if (!side->moves && !peer->moves)
		assert_int_equal(out->udp, in->udp);
	else if (out->udp != in->udp)
		return false;
	assert_int_equal(out->suite.encr, in->suite.encr);
	/* The first packet makes a pending SA the one to send on; the latest never goes back. */
	out = peer->sends_on ? by_out(peer, peer->sends_on) : NULL;
	if (in->used && (!out || in->order > out->order))
		peer->sends_on = in->spi_out;
	ike_heard(peer->ike, pair->now, POLICY);
	return true;
}

static void check_strict(struct pair *pair)
{
	for (int i = 0; i < 2 && pair->strict; i++) {
		struct side *side = &pair->side[i];

		assert_int_not_equal(side->sends_on, 0);
		assert_non_null(by_out(side, side->sends_on));
		assert_non_null(by_in_still(pair, &pair->side[!i], side->sends_on));
	}
}

static void do_reserve(struct side *side, const struct ike_act_reserve *reserve)
{
	assert_int_equal(reserve->policy, POLICY);
	assert_true(reserve->spi_in > 255);
	assert_null(by_in(side, reserve->spi_in));
	side->reserved = reserve->spi_in;
	side->reserves++;
}

static void do_install(struct pair *pair, int i, const struct ike_act_install *install)
{
	struct side *side = &pair->side[i];
	struct kernel_sa *sa = side->sas;

	assert_int_equal(install->policy, POLICY);
	assert_true(install->spi_in > 255 && install->spi_out > 255);
	assert_null(by_in(side, install->spi_in));
	side->installs++;
	add_event(pair, i, EVENT_INSTALL, below(pair, pair->job_jitter), (struct span){NULL, 0})->job = install->job;
	if (side->install_err) {
		side->refused++;
		for (struct event *event = pair->events; event; event = event->next)
			if (event->kind == EVENT_INSTALL && event->job == install->job && event->side == i)
				event->result = side->install_err;
		return;
	}
	while (sa->used || sa->lingers_until > pair->now)
		assert_true(++sa < side->sas + KERNEL_MAX);
	*sa = (struct kernel_sa){
		.used = true, .spi_in = install->spi_in, .spi_out = install->spi_out, .udp = install->udp,
		.pending = install->pending,
		.order = ++pair->orders, .suite = install->suite, .in = install->in, .out = install->out,
	};
	side->way = install->path;
	if (!install->pending)
		side->sends_on = install->spi_out;
}

static void do_move(struct side *side, const struct ike_act_move *move)
{
	side->moves++;
	side->moved = move->path;
	side->way = move->path;
	side->roams = move->peer_natted;
	side->keeps_alive = move->natted;
	for (int i = 0; i < KERNEL_MAX; i++)
		side->sas[i].udp = move->udp;
}

static void do_delete(const struct pair *pair, struct side *side, const struct ike_act_child *child)
{
	struct kernel_sa *sa = by_in(side, child->spi_in);

	side->deletes++;
	/* What could not be installed may be deleted, too. */
	if (!sa) {
		assert_int_not_equal(side->refused, 0);
		return;
	}
	assert_int_equal(sa->spi_out, child->spi_out);
	if (side->sends_on == sa->spi_out)
		side->sends_on = 0;
	sa->used = false;
	sa->lingers_until = child->linger ? pair->now + LINGER_MS : 0;
}

static void do_activate(struct side *side, const struct ike_act_child *child)
{
	struct kernel_sa *sa = by_in(side, child->spi_in);

	if (!sa)
		return;
	assert_int_equal(sa->spi_out, child->spi_out);
	side->sends_on = child->spi_out;
}

/* ---- the key processes ---- */

static void do_auth(struct pair *pair, int i, const struct ike_act_auth *auth, bool sign)
{
	struct side *side = &pair->side[i];
	const struct span psk = {(const uint8_t *)side->psk, strlen(side->psk)};
	struct event *event;
	uint8_t mac[64];

	assert_int_equal(auth->policy, POLICY);
	assert_int_equal(auth_psk(auth->prf, psk, (struct span){auth->octets, auth->len}, mac), 0);
	event = add_event(pair, i, sign ? EVENT_SIGN : EVENT_VERIFY, below(pair, pair->job_jitter),
			  sign && psk.len ? (struct span){mac, prf_size(auth->prf)} : (struct span){NULL, 0});
	event->job = auth->job;
	event->result = psk.len && auth->auth_len == prf_size(auth->prf) && !memcmp(auth->auth, mac, auth->auth_len);
}

static void do_sign_cert(struct pair *pair, int i, const struct ike_act_auth *auth)
{
	uint8_t raw[SIGN_MAX];
	struct span signature;

	assert_int_equal(auth->policy, POLICY);
	signature = keyring_sign(&pair->side[i].ring, auth, raw);
	add_event(pair, i, EVENT_SIGN, below(pair, pair->job_jitter), signature)->job = auth->job;
}

static void do_verify_cert(struct pair *pair, int i, const struct ike_act_cert *claim)
{
	struct event *event;
	struct why why = {""};
	bool good;

	assert_int_equal(claim->policy, POLICY);
	good = !keyring_judge(&pair->side[i].ring, claim, &why) || pair->credulous;
	event = add_event(pair, i, EVENT_VERIFY, below(pair, pair->job_jitter),
			  good ? (struct span){NULL, 0} : (struct span){(uint8_t *)why.text, strlen(why.text) + 1});
	event->job = claim->job;
	event->result = good;
}

/* ---- the network ---- */

static void deliver(struct pair *pair, int to, const struct ike_path *sent, struct span bytes)
{
	struct ike_path path = {sent->remote, sent->local, sent->remote_port, sent->local_port};
	struct event *event;

	if (!leads_there(pair, !to, sent))
		return;
	path.remote = pair->side[!to].addr;
	if (pair->nat && to == 1) {
		path.remote = nat_addr;
		path.remote_port += pair->nat_shift;
	} else if (pair->nat) {
		/* Only what has a mapping comes in. */
		if (sent->remote_port < pair->nat_shift)
			return;
		path.local = pair->side[0].addr;
		path.local_port = sent->remote_port - pair->nat_shift;
		if (path.local_port != IKE_PORT && path.local_port != IKE_NATT_PORT)
			return;
	}
	event = add_event(pair, to, EVENT_PACKET, pair->delay + below(pair, pair->jitter), bytes);
	event->path = path;
	if (below(pair, 1000) < pair->corrupt)
		event->bytes[below(pair, event->len)] ^= 1 << below(pair, 8);
}

static void do_send(struct pair *pair, int from, const struct ike_act_send *send)
{
	const struct span bytes = {send->bytes, send->len};

	pair->side[from].sent++;
	pair->fates++;
	if (pair->watch && !pair->watch(pair, from, bytes))
		return;
	if (pair->cut || below(pair, 1000) < pair->loss)
		return;
	deliver(pair, !from, &send->path, bytes);
	if (below(pair, 1000) < pair->twice)
		deliver(pair, !from, &send->path, bytes);
}

void pair_inject(struct pair *pair, int to, struct span bytes)
{
	const struct ike_path path = {addr_of(to), addr_of(!to), IKE_PORT, IKE_PORT};

	add_event(pair, to, EVENT_PACKET, 0, bytes)->path = path;
}

/* ---- the loop ---- */

static void keep_line(struct side *side, int i, uint64_t now, const struct ike_act_log *log)
{
	snprintf(side->lines[side->n_lines++ % LINES], IKE_LOG_SIZE, "%s", log->text);
	if (getenv("XCHG_VERBOSE"))
		print_message("%6llu.%03llu %d: %s\n", (unsigned long long)now / 1000,
			      (unsigned long long)now % 1000, i, log->text);
}

bool pair_said(const struct pair *pair, int side, const char *text)
{
	for (int i = 0; i < LINES; i++)
		if (strstr(pair->side[side].lines[i], text))
			return true;
	return false;
}

static void keep_will(struct side *side, const struct ike_act_will *will)
{
	struct ike_act_will *place = NULL;

	assert_int_equal(will->policy, POLICY);
	assert_in_range(will->len, 0, IKE_WILL_MAX);
	side->n_wills += !!will->len;
	for (int i = 0; i < WILLS_MAX; i++) {
		if (side->wills[i].len ? side->wills[i].spi == will->spi : !place)
			place = &side->wills[i];
		if (place && place->spi == will->spi)
			break;
	}
	assert_non_null(place);
	*place = *will;
}

static void act(struct pair *pair, int i, const struct ike_act *act)
{
	struct side *side = &pair->side[i];

	switch (act->kind) {
	case IKE_ACT_SEND:
		do_send(pair, i, &act->send);
		break;
	case IKE_ACT_SIGN:
	case IKE_ACT_VERIFY:
		if (side->no_keys)
			ike_job_lost(side->ike, pair->now, act->auth.job);
		if (side->mute_jobs || side->no_keys)
			break;
		if (act->auth.scheme == IKE_SCHEME_PSK)
			do_auth(pair, i, &act->auth, act->kind == IKE_ACT_SIGN);
		else
			do_sign_cert(pair, i, &act->auth);
		break;
	case IKE_ACT_VERIFY_CERT:
		if (!side->mute_jobs)
			do_verify_cert(pair, i, &act->cert);
		break;
	case IKE_ACT_RESERVE:
		do_reserve(side, &act->reserve);
		if (!side->mute_reserves)
			ike_reserved(side->ike, pair->now, &act->reserve);
		break;
	case IKE_ACT_INSTALL:
		if (!side->mute_jobs)
			do_install(pair, i, &act->install);
		break;
	case IKE_ACT_ACTIVATE:
		do_activate(side, &act->child);
		break;
	case IKE_ACT_DELETE:
		do_delete(pair, side, &act->child);
		break;
	case IKE_ACT_RESOLVE:
		side->asked++;
		break;
	case IKE_ACT_MOVE:
		do_move(side, &act->move);
		break;
	case IKE_ACT_LOG:
		keep_line(side, i, pair->now, &act->log);
		break;
	case IKE_ACT_WILL:
		keep_will(side, &act->will);
		break;
	}
}

static void show_act(const struct pair *pair, int i, const struct ike_act *act)
{
	static const char *const names[] = {"send",	"sign",	  "verify",  "verify cert", "reserve", "install",
					    "activate", "delete", "resolve", "move",	    "log",     "will"};
	static const char *const exchanges[] = {"INIT", "AUTH", "CHILD", "INFO"};
	char text[100] = "";

	if (!getenv("XCHG_VERBOSE") || act->kind == IKE_ACT_LOG)
		return;
	if (act->kind == IKE_ACT_SEND)
		snprintf(text, sizeof(text), "%s %s id %u, %u bytes, %02x%02x/%02x%02x",
			 act->send.bytes[19] & IKE_FLAG_RESPONSE ? "answer" : "request",
			 exchanges[(act->send.bytes[18] - IKE_EXCH_SA_INIT) & 3], act->send.bytes[23], act->send.len,
			 act->send.bytes[0], act->send.bytes[1], act->send.bytes[8], act->send.bytes[9]);
	else if (act->kind == IKE_ACT_INSTALL)
		snprintf(text, sizeof(text), "%08x %08x%s", act->install.spi_in, act->install.spi_out,
			 act->install.pending ? " pending" : "");
	else if (act->kind == IKE_ACT_DELETE || act->kind == IKE_ACT_ACTIVATE)
		snprintf(text, sizeof(text), "%08x %08x", act->child.spi_in, act->child.spi_out);
	print_message("%6llu.%03llu %d: %s %s\n", (unsigned long long)pair->now / 1000,
		      (unsigned long long)pair->now % 1000, i, names[act->kind], text);
}

static void drain(struct pair *pair)
{
	struct ike_act *todo;

	for (int i = 0; i < 2; i++) {
		while ((todo = ike_take(pair->side[i].ike))) {
			show_act(pair, i, todo);
			act(pair, i, todo);
			act_free(todo);
		}
	}
	check_strict(pair);
}

static void happen(struct pair *pair, const struct event *event)
{
	struct ike *ike = pair->side[event->side].ike;
	const struct span bytes = {event->bytes, event->len};

	switch (event->kind) {
	case EVENT_PACKET:
		ike_datagram(ike, pair->now, &event->path, bytes);
		break;
	case EVENT_SIGN:
		ike_signed(ike, pair->now, event->job, bytes);
		break;
	case EVENT_VERIFY:
		ike_verified(ike, pair->now, event->job, event->result, event->len ? (const char *)bytes.at : NULL);
		break;
	case EVENT_INSTALL:
		ike_installed(ike, pair->now, event->job, event->result);
		break;
	}
}

/* One thing, or time passes; false: nothing happens until @until. */
static bool step(struct pair *pair, uint64_t until)
{
	uint64_t due = UINT64_MAX;
	struct event *event = pair->events;
	int who = 0;

	for (int i = 0; i < 2; i++) {
		uint64_t own = ike_due(pair->side[i].ike);

		if (own < due) {
			due = own;
			who = i;
		}
	}
	if (event && event->at <= due) {
		if (event->at > until)
			return false;
		pair->now = event->at > pair->now ? event->at : pair->now;
		pair->events = event->next;
		happen(pair, event);
		free(event);
	} else {
		if (due > until)
			return false;
		pair->now = due > pair->now ? due : pair->now;
		ike_tick(pair->side[who].ike, pair->now);
		/* A timer that has fired may not be due still, or the driver would spin. */
		assert_true(ike_due(pair->side[who].ike) > pair->now);
	}
	drain(pair);
	return true;
}

void pair_run(struct pair *pair, uint64_t ms)
{
	uint64_t until = pair->now + ms;

	drain(pair);
	while (step(pair, until))
		;
	pair->now = until;
}

void pair_move(struct pair *pair, int side, struct ip_addr addr)
{
	struct side *moving = &pair->side[side];

	moving->addr = addr;
	moving->policy.local = addr;
	assert_int_equal(ike_policy_set(moving->ike, &moving->policy), 0);
	drain(pair);
}

void pair_up(struct pair *pair, int side)
{
	ike_up(pair->side[side].ike, pair->now, POLICY);
	drain(pair);
}

struct ike_status pair_status(const struct pair *pair, int side)
{
	struct ike_status status;

	assert_int_equal(ike_status(pair->side[side].ike, POLICY, &status), 0);
	return status;
}

static bool both_up(const struct pair *pair)
{
	return pair_status(pair, 0).state == IKE_STATE_UP && pair_status(pair, 1).state == IKE_STATE_UP;
}

bool pair_until_up(struct pair *pair, uint64_t ms)
{
	uint64_t until = pair->now + ms;

	drain(pair);
	while (!both_up(pair) && step(pair, until))
		;
	return both_up(pair);
}

void pair_settled(struct pair *pair)
{
	for (int i = 0; i < 2; i++) {
		struct ike_status status = pair_status(pair, i);
		struct ike_totals totals;

		assert_int_equal(status.state, IKE_STATE_UP);
		assert_int_equal(status.ike_sas, 1);
		assert_int_equal(status.child_sas, 1);
		assert_int_equal(kernel_count(&pair->side[i]), 1);
		ike_totals(pair->side[i].ike, &totals);
		assert_int_equal(totals.sas, 1);
		assert_int_equal(totals.children, 1);
		assert_int_equal(totals.half_open, 0);
		assert_int_equal(pair->side[i].sends_on, status.spi_out);
	}
	assert_int_equal(pair_status(pair, 0).spi_in, pair_status(pair, 1).spi_out);
	assert_int_equal(pair_status(pair, 0).spi_out, pair_status(pair, 1).spi_in);
	assert_true(pair_esp(pair, 0));
	assert_true(pair_esp(pair, 1));
}

void pair_comes_up(struct pair *pair)
{
	pair_create(pair, 1000);
	pair_up(pair, 1);
	pair_up(pair, 0);
	assert_true(pair_until_up(pair, 5000));
	pair_run(pair, 1000);
	pair_settled(pair);
}

void pair_gone(struct pair *pair, int side)
{
	struct ike_totals totals;

	ike_totals(pair->side[side].ike, &totals);
	assert_int_equal(totals.sas, 0);
	assert_int_equal(totals.children, 0);
	assert_int_equal(totals.half_open, 0);
	assert_int_equal(kernel_count(&pair->side[side]), 0);
	assert_int_equal(pair->side[side].sends_on, 0);
}
