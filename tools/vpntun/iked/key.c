// SPDX-License-Identifier: GPL-2.0
#include "iked/key.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ike/auth.h"
#include "ike/crypt.h"
#include "iked/chan.h"
#include "iked/sandbox.h"
#include "util/wipe.h"

struct psk {
	struct psk *next;
	uint32_t policy;
	uint16_t len;
	uint8_t bytes[IMSG_PSK_MAX];
};

struct keys {
	struct event_base *base;
	struct chan *parent, *network;
	struct psk *first;
};

static void psk_forget(struct keys *keys, uint32_t policy)
{
	struct psk **at = &keys->first, *psk;

	while ((psk = *at)) {
		if (psk->policy != policy) {
			at = &psk->next;
			continue;
		}
		*at = psk->next;
		wipe(psk);
		free(psk);
	}
}

static void psk_add(struct keys *keys, const struct imsg_psk *from)
{
	struct psk *psk;

	psk_forget(keys, from->policy);
	psk = malloc(sizeof(*psk));
	if (!psk)
		return;		/* every AUTH with it will be refused */
	psk->policy = from->policy;
	psk->len = from->len;
	memcpy(psk->bytes, from->bytes, sizeof(psk->bytes));
	psk->next = keys->first;
	keys->first = psk;
}

/* The AUTH payload's data by the policy's secret: its length, 0 if there is none. */
static size_t make_auth(const struct keys *keys, const struct ike_act_auth *job, uint8_t out[IMSG_AUTH_MAX])
{
	size_t size = prf_size(job->prf);
	const struct psk *psk;

	for (psk = keys->first; psk && psk->policy != job->policy; psk = psk->next)
		;
	if (!psk || !psk->len || job->scheme != IKE_SCHEME_PSK || !size || size > IMSG_AUTH_MAX)
		return 0;
	return auth_psk(job->prf, (struct span){ psk->bytes, psk->len }, (struct span){ job->octets, job->len }, out) ?
	       0 : size;
}

static void sign(const struct keys *keys, const struct ike_act_auth *job)
{
	struct imsg_signed answer = { .job = job->job };

	answer.len = make_auth(keys, job, answer.auth);
	chan_send(keys->network, IMSG_SIGNED, &answer, -1);
	wipe(&answer);
}

static void verify(const struct keys *keys, const struct ike_act_auth *job)
{
	struct imsg_verified answer = { .job = job->job };
	uint8_t expected[IMSG_AUTH_MAX];
	size_t len = make_auth(keys, job, expected);

	answer.good = len && span_equal_secret((struct span){ expected, len },
					       (struct span){ job->auth, job->auth_len });
	wipe(&expected);
	chan_send(keys->network, IMSG_VERIFIED, &answer, -1);
}

static void on_network(void *ctx, const struct imsg *msg, int fd)
{
	(void)fd;	/* none of its messages has one */
	if (msg->type == IMSG_SIGN)
		sign(ctx, &msg->u.auth);
	else if (msg->type == IMSG_VERIFY)
		verify(ctx, &msg->u.auth);
}

/* A new one comes from the parent. */
static void network_closed(void *ctx, const char *sentence)
{
	struct keys *keys = ctx;

	(void)sentence;
	chan_free(keys->network);
	keys->network = NULL;
}

static const struct chan_ops network_ops = { .message = on_network, .closed = network_closed };

static void on_parent(void *ctx, const struct imsg *msg, int fd)
{
	static const struct imsg_way in = { .from = IMSG_NETWORK, .to = IMSG_KEY };
	struct keys *keys = ctx;

	switch (msg->type) {
	case IMSG_CHANNEL:
		chan_free(keys->network);
		keys->network = chan_create(keys->base, fd, in, &network_ops, keys);
		break;
	case IMSG_PSK:
		psk_add(keys, &msg->u.psk);
		break;
	case IMSG_PING:
		chan_send(keys->parent, IMSG_PONG, NULL, -1);
		break;
	case IMSG_FORGET:
		psk_forget(keys, msg->u.policy.policy);
		break;
	}
}

static void parent_closed(void *ctx, const char *sentence)
{
	struct keys *keys = ctx;

	(void)sentence;
	event_base_loopbreak(keys->base);
}

static const struct chan_ops parent_ops = { .message = on_parent, .closed = parent_closed };

/* Whatever libcrypto sets up at first use is set up while that may still need what the sandbox takes away. */
static int warm_up(struct why *why)
{
	uint8_t out[IKE_KEY_MAX] = { 0 };

	if (!auth_psk(IKE_PRF_HMAC_SHA2_256, (struct span){ (const uint8_t *)"", 1 }, (struct span){ out, 0 }, out))
		return 0;
	return why_set(why, "libcrypto does not work");
}

int key_run(int parent, struct why *why)
{
	static const struct imsg_way in = { .from = IMSG_PARENT, .to = IMSG_KEY };
	struct keys keys = { .base = event_base_new() };
	int err;

	if (keys.base)
		keys.parent = chan_create(keys.base, parent, in, &parent_ops, &keys);
	err = keys.parent ? warm_up(why) : why_set(why, "no memory for an event loop");
	if (!err)
		err = sandbox_enter(why);
	if (!err)
		event_base_dispatch(keys.base);

	while (keys.first)
		psk_forget(&keys, keys.first->policy);
	chan_free(keys.network);
	chan_free(keys.parent);
	if (keys.base)
		event_base_free(keys.base);
	return err;
}
