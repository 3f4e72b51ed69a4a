// SPDX-License-Identifier: GPL-2.0
#include "ike/window.h"

#include <errno.h>
#include <string.h>

#include "ike/sk.h"

enum { RESEND_FIRST_MS = 1000, RESEND_MAX_MS = 16000, PATIENCE_DEFAULT_S = 60 };

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

static int seal(struct ike *ike, struct ike_sa *sa, struct ike_hdr *hdr, const struct chain *chain, struct wr *out)
{
	const struct sk_side side = {.keys = &sa->keys, .initiator = sa->initiator};
	const struct ike_suite *suite = &sa->keys.suite;
	size_t size = encr_iv_size(suite->encr);
	uint8_t iv[32] = {0};

	if (!chain_ok(chain) || size > sizeof(iv))
		return -EMSGSIZE;
	hdr->spi_i = sa->spi_i;
	hdr->spi_r = sa->spi_r;
	hdr->version = IKE_VERSION;
	if (sa->initiator)
		hdr->flags |= IKE_FLAG_INITIATOR;
	/* An AEAD's must never repeat with one key, a block cipher's must not be foreseen. */
	if (encr_is_aead(suite->encr)) {
		memcpy(iv, &sa->iv, size < sizeof(sa->iv) ? size : sizeof(sa->iv));
		sa->iv++;
	} else if (ike->set.random(ike->set.random_ctx, iv, size)) {
		return -EIO;
	}
	return sk_seal(&side, (struct span){iv, size}, hdr, chain, out);
}

static void begin(struct ike *ike, struct ike_sa *sa, enum ike_exchange exchange, uint64_t patience)
{
	struct ike_window *win = &sa->win;

	win->busy = true;
	win->exchange = exchange;
	win->id = win->next_out;
	win->wait = RESEND_FIRST_MS;
	win->due = ike->now + win->wait;
	win->give_up = ike->now + patience;
	send_bytes(ike, &sa->path, blob_span(&win->request));
}

uint64_t window_patience(const struct ike_sa *sa)
{
	uint32_t seconds = sa->tun->pol.dpd_timeout;

	return (seconds ? seconds : PATIENCE_DEFAULT_S) * (uint64_t)1000;
}

int window_request(struct ike *ike, struct ike_sa *sa, enum ike_exchange exchange, const struct chain *chain,
		   uint64_t patience)
{
	struct ike_hdr hdr = {.exchange = exchange, .id = sa->win.next_out};
	uint8_t buffer[IKE_DATAGRAM_MAX];
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

int window_seal_next(struct ike *ike, struct ike_sa *sa, enum ike_exchange exchange, const struct chain *chain,
		     struct wr *out)
{
	struct ike_hdr hdr = {.exchange = exchange, .id = sa->win.next_out};

	return seal(ike, sa, &hdr, chain, out);
}

int window_request_plain(struct ike *ike, struct ike_sa *sa, struct span message, uint64_t patience)
{
	struct ike_window *win = &sa->win;
	uint64_t give_up = win->give_up;
	bool again = win->busy;
	int err;

	err = blob_set(&win->request, message);
	if (err)
		return err;
	win->next_out = 0;
	begin(ike, sa, IKE_EXCH_SA_INIT, patience);
	win->next_out = 1;
	if (again)
		win->give_up = give_up;
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
	uint8_t buffer[IKE_DATAGRAM_MAX];
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
	send_bytes(ike, path, blob_span(&sa->win.response));
}

bool window_matches(const struct ike_sa *sa, const struct ike_hdr *hdr)
{
	return sa->win.busy && hdr->id == sa->win.id && hdr->exchange == sa->win.exchange;
}

void window_done(struct ike_sa *sa)
{
	sa->win.busy = false;
	blob_clear(&sa->win.request);
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
	send_bytes(ike, &sa->path, blob_span(&win->request));
	win->wait = win->wait * 2 > RESEND_MAX_MS ? RESEND_MAX_MS : win->wait * 2;
	win->due = ike->now + win->wait;
	return true;
}
