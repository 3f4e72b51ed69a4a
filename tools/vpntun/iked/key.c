// SPDX-License-Identifier: GPL-2.0
#include "iked/key.h"

#include <errno.h>
#include <event2/event.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ike/auth.h"
#include "ike/crypt.h"
#include "ike/sign.h"
#include "iked/chan.h"
#include "iked/sandbox.h"
#include "util/wipe.h"

/* What a policy authenticates with: the one or the other. */
struct secret {
	struct secret *next;
	uint32_t policy;
	EVP_PKEY *key;		/* NULL: a pre-shared key */
	uint16_t len;
	uint8_t psk[IMSG_PSK_MAX];
};

struct keys {
	struct event_base *base;
	struct chan *parent, *network;
	struct secret *first;
};

static void forget(struct keys *keys, uint32_t policy)
{
	struct secret **at = &keys->first, *secret;

	while ((secret = *at)) {
		if (secret->policy != policy) {
			at = &secret->next;
			continue;
		}
		*at = secret->next;
		EVP_PKEY_free(secret->key);	/* wipes it */
		wipe(secret);
		free(secret);
	}
}

/* In place of what there was. Without memory every AUTH with it will be refused. */
static struct secret *add(struct keys *keys, uint32_t policy)
{
	struct secret *secret = calloc(1, sizeof(*secret));

	forget(keys, policy);
	if (!secret)
		return NULL;
	secret->policy = policy;
	secret->next = keys->first;
	keys->first = secret;
	return secret;
}

static void add_psk(struct keys *keys, const struct imsg_psk *from)
{
	struct secret *secret = add(keys, from->policy);

	if (!secret)
		return;
	secret->len = from->len;
	memcpy(secret->psk, from->bytes, from->len);
}

static void add_key(struct keys *keys, const struct imsg_private_key *from)
{
	const unsigned char *at = from->bytes;
	struct secret *secret = add(keys, from->policy);

	if (secret)
		secret->key = d2i_AutoPrivateKey(NULL, &at, from->len);
	ERR_clear_error();
}

static const struct secret *find(const struct keys *keys, uint32_t policy)
{
	const struct secret *secret;

	for (secret = keys->first; secret && secret->policy != policy; secret = secret->next)
		;
	return secret;
}

/* The AUTH payload's data by a pre-shared key: its length, 0 if there is none. */
static size_t make_psk(const struct secret *secret, const struct ike_act_auth *job, uint8_t out[IMSG_AUTH_MAX])
{
	size_t size = prf_size(job->prf);

	if (!secret || !secret->len || job->scheme != IKE_SCHEME_PSK || !size || size > IMSG_AUTH_MAX)
		return 0;
	return auth_psk(job->prf, (struct span){ secret->psk, secret->len }, (struct span){ job->octets, job->len },
			out) ? 0 : size;
}

static size_t make_signature(const struct secret *secret, const struct ike_act_auth *job, uint8_t out[IMSG_AUTH_MAX])
{
	int len = sign_make(secret->key, job->scheme, (struct span){ job->octets, job->len }, out);

	ERR_clear_error();
	return len < 0 ? 0 : len;
}

/* Who waits for an answer that got lost would wait for ever: the parent begins another process then. */
static void answer_network(const struct keys *keys, enum imsg_type type, const void *body)
{
	if (chan_send(keys->network, type, body, -1))
		event_base_loopbreak(keys->base);
}

static void sign(const struct keys *keys, const struct ike_act_auth *job)
{
	const struct secret *secret = find(keys, job->policy);
	struct imsg_signed answer = { .job = job->job };

	if (secret && secret->key)
		answer.len = make_signature(secret, job, answer.auth);
	else
		answer.len = make_psk(secret, job, answer.auth);
	answer_network(keys, IMSG_SIGNED, &answer);
	wipe(&answer);
}

static void verify(const struct keys *keys, const struct ike_act_auth *job)
{
	struct imsg_verified answer = { .job = job->job };
	uint8_t expected[IMSG_AUTH_MAX];
	size_t len = make_psk(find(keys, job->policy), job, expected);

	answer.good = len && span_equal_secret((struct span){ expected, len },
					       (struct span){ job->auth, job->auth_len });
	wipe(&expected);
	answer_network(keys, IMSG_VERIFIED, &answer);
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
		add_psk(keys, &msg->u.psk);
		break;
	case IMSG_PRIVATE_KEY:
		add_key(keys, &msg->u.key);
		break;
	case IMSG_PING:
		if (chan_send(keys->parent, IMSG_PONG, NULL, -1))
			event_base_loopbreak(keys->base);
		break;
	case IMSG_FORGET:
		forget(keys, msg->u.policy.policy);
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

/* A key as it will be read, and used once. */
static int try_key(const char *type, enum ike_scheme scheme)
{
	EVP_PKEY *made = EVP_PKEY_Q_keygen(NULL, NULL, type), *key = NULL;
	unsigned char *der = NULL;
	const unsigned char *at;
	uint8_t out[SIGN_MAX];
	int len = made ? i2d_PrivateKey(made, &der) : -1;

	at = der;
	if (len > 0)
		key = d2i_AutoPrivateKey(NULL, &at, len);
	len = key ? sign_make(key, scheme, (struct span){ out, 0 }, out) : -EIO;
	EVP_PKEY_free(made);
	EVP_PKEY_free(key);
	OPENSSL_free(der);
	return len < 0 ? -EIO : 0;
}

/* Whatever libcrypto sets up at first use is set up while that may still need what the sandbox takes away. */
static int warm_up(struct why *why)
{
	uint8_t out[IKE_KEY_MAX] = { 0 };

	if (!auth_psk(IKE_PRF_HMAC_SHA2_256, (struct span){ (const uint8_t *)"", 1 }, (struct span){ out, 0 }, out) &&
	    !try_key("ED25519", IKE_SCHEME_ED25519))
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
		forget(&keys, keys.first->policy);
	chan_free(keys.network);
	chan_free(keys.parent);
	if (keys.base)
		event_base_free(keys.base);
	return err;
}
