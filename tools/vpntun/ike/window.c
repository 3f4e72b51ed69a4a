// SPDX-License-Identifier: GPL-2.0
#include "ike/window.h"

#include <errno.h>
#include <string.h>

#include "ike/sk.h"

enum { RESEND_FIRST_MS = 1000, RESEND_MAX_MS = 16000, PATIENCE_DEFAULT_S = 60 };

enum {
	LENGTH_AT = 24,		/* in the IKE header */
	IV_MAX = 32,
	/* For a message in parts, each of which has headers, IV, padding and ICV of its own. */
	PARTS_SIZE = IKE_DATAGRAM_MAX + IKE_FRAGMENTS_MAX * 128,
	LINK_MTU = 1280,
	IPV4_SIZE = 20,
	IPV6_SIZE = 40,
	UDP_SIZE = 8,
	MARKER_SIZE = 4,
};

void send_bytes(struct ike *ike, const struct ike_path *path, struct span bytes)
{
	struct ike_act *act;

	if (!bytes.len || bytes.len > IKE_DATAGRAM_MAX)
		return;
	act = acts_add(&ike->acts, IKE_ACT_SEND);
	if (!act)
		return;
	act->send.path = *path;
	act->send.len = bytes.len;
	memcpy(act->send.bytes, bytes.at, bytes.len);
}

/* Message after message, as their headers say where each ends: they are ours. */
static void send_parts(struct ike *ike, const struct ike_path *path, struct span bytes)
{
	struct rd rd = rd_init(bytes);

	while (rd.left) {
		struct rd at = rd;
		struct span message;

		rd_span(&at, LENGTH_AT);
		message = rd_span(&rd, rd_u32(&at));
		if (at.bad || !message.len)
			return;
		send_bytes(ike, path, message);
	}
}

/* An AEAD's must never repeat with one key, a block cipher's must not be foreseen. */
static int make_iv(struct ike *ike, struct ike_sa *sa, uint8_t *iv, size_t size)
{
	if (!encr_is_aead(sa->keys.suite.encr))
		return ike->set.random(ike->set.random_ctx, iv, size) ? -EIO : 0;
	memcpy(iv, &sa->iv, size < sizeof(sa->iv) ? size : sizeof(sa->iv));
	sa->iv++;
	return 0;
}

static int seal_part(struct ike *ike, struct ike_sa *sa, const struct ike_hdr *hdr, const struct sk_part *part,
		     struct wr *out)
{
	const struct sk_side side = {.keys = &sa->keys, .initiator = sa->initiator};
	size_t size = encr_iv_size(sa->keys.suite.encr);
	uint8_t iv[IV_MAX] = {0};
	int err;

	if (size > sizeof(iv))
		return -EMSGSIZE;
	err = make_iv(ike, sa, iv, size);
	return err ? err : sk_seal_part(&side, (struct span){iv, size}, hdr, part, out);
}

/*
 * How long a message may be that goes as one. RFC 7383 section 2.5.1 has 1280 bytes for IPv6, less IP and UDP headers
 * and the non-ESP marker; over IPv4 many links do not carry more, either.
 */
static size_t whole_size(const struct ike *ike, const struct ike_sa *sa)
{
	size_t headers = (sa->path.remote.len == 4 ? IPV4_SIZE : IPV6_SIZE) + UDP_SIZE + MARKER_SIZE;

	return ike->set.fragment_size ? ike->set.fragment_size : LINK_MTU - headers;
}

static bool goes_in_parts(const struct ike *ike, const struct ike_sa *sa, const struct chain *chain)
{
	if (!sa->fragments || (sa->tun && !sa->tun->pol.fragmentation))
		return false;
	return sk_size(&sa->keys.suite, chain->wr.len) > whole_size(ike, sa);
}

/* One message, or several that are parts of it. */
static int seal(struct ike *ike, struct ike_sa *sa, struct ike_hdr *hdr, const struct chain *chain, struct wr *out)
{
	const struct span whole = wr_done(&chain->wr);
	struct sk_part part = {.first = chain->first, .bytes = whole};
	struct frag_cut cut;
	int err = 0;

	if (!chain_ok(chain))
		return -EMSGSIZE;
	hdr->spi_i = sa->spi_i;
	hdr->spi_r = sa->spi_r;
	hdr->version = IKE_VERSION;
	if (sa->initiator)
		hdr->flags |= IKE_FLAG_INITIATOR;
	if (!goes_in_parts(ike, sa, chain))
		return seal_part(ike, sa, hdr, &part, out);
	cut = frag_cut(whole.len, sk_part_room(&sa->keys.suite, whole_size(ike, sa)));
	part.total = cut.total;
	for (part.number = 1; !err && part.number <= part.total; part.number++) {
		part.bytes = frag_part(&cut, whole, part.number);
		err = seal_part(ike, sa, hdr, &part, out);
		part.first = IKE_PLD_NONE;
	}
	return err;
}

static void send_request(struct ike *ike, const struct ike_sa *sa)
{
	send_parts(ike, &sa->path, blob_span(&sa->win.before));
	send_parts(ike, &sa->path, blob_span(&sa->win.request));
}

/* Does not send it yet. */
static void begin(struct ike *ike, struct ike_sa *sa, enum ike_exchange exchange, uint64_t patience)
{
	struct ike_window *win = &sa->win;

	win->busy = true;
	win->held = true;
	win->exchange = exchange;
	win->id = win->next_out;
	win->since = ike->now;
	win->wait = RESEND_FIRST_MS;
	win->due = ike->now + win->wait;
	win->give_up = ike->now + patience;
}

void window_release(struct ike *ike, struct ike_sa *sa)
{
	struct ike_window *win = &sa->win;

	if (!win->busy || !win->held)
		return;
	win->held = false;
	win->due = ike->now + win->wait;
	send_request(ike, sa);
}

uint64_t window_patience(const struct ike_sa *sa)
{
	uint32_t seconds = sa->tun->pol.dpd_timeout;

	return (seconds ? seconds : PATIENCE_DEFAULT_S) * (uint64_t)1000;
}

int window_request_held(struct ike *ike, struct ike_sa *sa, enum ike_exchange exchange, const struct chain *chain,
			uint64_t patience)
{
	struct ike_hdr hdr = {.exchange = exchange, .id = sa->win.next_out};
	uint8_t buffer[PARTS_SIZE];
	struct wr out = wr_init(buffer, sizeof(buffer));
	int err;

	err = seal(ike, sa, &hdr, chain, &out);
	if (!err)
		err = blob_set(&sa->win.request, wr_done(&out));
	if (err)
		return err;
	begin(ike, sa, exchange, patience);
	sa->win.next_out++;
	return 0;
}

int window_request(struct ike *ike, struct ike_sa *sa, enum ike_exchange exchange, const struct chain *chain,
		   uint64_t patience)
{
	int err = window_request_held(ike, sa, exchange, chain, patience);

	if (!err)
		window_release(ike, sa);
	return err;
}

int window_seal_next(struct ike *ike, struct ike_sa *sa, enum ike_exchange exchange, const struct chain *chain,
		     struct wr *out)
{
	struct ike_hdr hdr = {.exchange = exchange, .id = sa->win.next_out};

	return seal(ike, sa, &hdr, chain, out);
}

int window_request_plain(struct ike *ike, struct ike_sa *sa, struct span message, uint64_t patience)
{
	struct ike_window *win = &sa->win;
	uint64_t since = win->since, give_up = win->give_up;
	bool again = win->busy;
	int err;

	err = blob_set(&win->request, message);
	if (err)
		return err;
	win->next_out = 0;
	begin(ike, sa, IKE_EXCH_SA_INIT, patience);
	window_release(ike, sa);
	win->next_out = 1;
	if (again) {
		win->since = since;
		win->give_up = give_up;
	}
	return 0;
}

static int answer(struct ike *ike, struct ike_sa *sa, uint32_t id, struct span message)
{
	int err;

	err = blob_set(&sa->win.response, message);
	if (err)
		return err;
	sa->win.next_in = id + 1;
	window_answer_again(ike, sa, &sa->reply);
	return 0;
}

int window_answer(struct ike *ike, struct ike_sa *sa, enum ike_exchange exchange, uint32_t id,
		  const struct chain *chain)
{
	struct ike_hdr hdr = {.exchange = exchange, .id = id, .flags = IKE_FLAG_RESPONSE};
	uint8_t buffer[PARTS_SIZE];
	struct wr out = wr_init(buffer, sizeof(buffer));
	int err;

	err = seal(ike, sa, &hdr, chain, &out);
	return err ? err : answer(ike, sa, id, wr_done(&out));
}

int window_answer_notify(struct ike *ike, struct ike_sa *sa, const struct ike_hdr *hdr, uint16_t type,
			 struct span data)
{
	uint8_t payloads[256];
	struct chain chain = chain_init(payloads, sizeof(payloads));

	chain_notify(&chain, type, data);
	return window_answer(ike, sa, hdr->exchange, hdr->id, &chain);
}

int window_answer_plain(struct ike *ike, struct ike_sa *sa, struct span message)
{
	return answer(ike, sa, 0, message);
}

void window_answer_again(struct ike *ike, struct ike_sa *sa, const struct ike_path *path)
{
	send_parts(ike, path, blob_span(&sa->win.response));
}

bool window_matches(const struct ike_sa *sa, const struct ike_hdr *hdr)
{
	return sa->win.busy && hdr->id == sa->win.id && hdr->exchange == sa->win.exchange;
}

void window_done(struct ike_sa *sa)
{
	sa->win.busy = false;
	blob_clear(&sa->win.request);
	blob_clear(&sa->win.before);
}

void window_give_up(struct ike_sa *sa)
{
	struct blob request = sa->win.request;

	sa->win.request = (struct blob){NULL, 0};
	window_done(sa);
	sa->win.before = request;
}

enum window_place window_place(const struct ike_sa *sa, uint32_t id)
{
	if (id == sa->win.next_in)
		return sa->in.kind == TASK_NONE ? WINDOW_NEW : WINDOW_OTHER;
	if (sa->win.next_in && id == sa->win.next_in - 1 && sa->win.response.len)
		return WINDOW_AGAIN;
	return WINDOW_OTHER;
}

bool window_tick(struct ike *ike, struct ike_sa *sa)
{
	struct ike_window *win = &sa->win;

	if (!win->busy)
		return true;
	if (ike->now >= win->give_up)
		return false;
	if (ike->now < win->due)
		return true;
	win->held = false;
	send_request(ike, sa);
	win->wait = win->wait * 2 > RESEND_MAX_MS ? RESEND_MAX_MS : win->wait * 2;
	win->due = ike->now + win->wait;
	return true;
}

void window_wait_on(struct ike *ike, struct ike_sa *sa, uint64_t give_up)
{
	sa->win.give_up = give_up;
	window_tick(ike, sa);
}
