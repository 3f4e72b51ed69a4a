// SPDX-License-Identifier: GPL-2.0
/* sources: tools/vpntun/iked/imsg.c tools/vpntun/iked/chan.c */
/* libs: libevent */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "iked/chan.h"

static const struct imsg_way from_network = { IMSG_NETWORK, IMSG_PARENT };
static const struct imsg_way from_parent = { IMSG_PARENT, IMSG_NETWORK };
static const struct imsg_way from_key = { IMSG_KEY, IMSG_NETWORK };

/* ---- what is let through ---- */

static bool fits(const struct imsg *msg, struct imsg_way way)
{
	return imsg_fits(msg, imsg_size(msg->type), imsg_has_fd(msg->type), way);
}

static void sizes_are_exact(void **state)
{
	struct imsg msg;
	uint32_t type;
	size_t size;

	(void)state;
	for (type = IMSG_NONE + 1; type < IMSG_TYPES; type++) {
		unsigned int fds = imsg_has_fd(type), fitting = 0, from, to;

		memset(&msg, 0, sizeof(msg));
		msg.type = type;
		size = imsg_size(type);
		assert_in_range(size, sizeof(msg.type), sizeof(msg));
		for (from = IMSG_PARENT; from <= IMSG_RESOLVER; from <<= 1) {
			for (to = IMSG_PARENT; to <= IMSG_RESOLVER; to <<= 1) {
				const struct imsg_way way = { from, to };

				fitting += imsg_fits(&msg, size, fds, way);
				assert_true(from != to || !imsg_fits(&msg, size, fds, way));
				assert_false(imsg_fits(&msg, size - 1, fds, way));
				assert_false(imsg_fits(&msg, size + 1, fds, way));
				assert_false(imsg_fits(&msg, size, fds + 1, way));
				assert_false(imsg_fits(&msg, size, !fds, way));
			}
		}
		assert_in_range(fitting, 1, 3);
	}
	msg.type = IMSG_TYPES;
	assert_int_equal(imsg_size(IMSG_TYPES), 0);
	assert_false(imsg_fits(&msg, sizeof(msg), 0, from_network));
	assert_false(imsg_fits(&msg, 3, 0, from_network));
	assert_false(imsg_fits(&msg, 0, 0, from_network));
}

/* The network process must not speak for others. */
static void each_says_its_own(void **state)
{
	static const uint32_t not_its[] = {
		IMSG_PSK, IMSG_POLICY, IMSG_UP, IMSG_INSTALLED, IMSG_RESERVED, IMSG_CHANNEL, IMSG_SIGNED, IMSG_CREDENTIALS,
		IMSG_TRUST, IMSG_PRIVATE_KEY,
	};
	struct imsg msg = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(not_its) / sizeof(*not_its); i++) {
		msg.type = not_its[i];
		assert_false(fits(&msg, from_network));
		assert_false(fits(&msg, (struct imsg_way){ IMSG_NETWORK, IMSG_KEY }));
	}
	msg.type = IMSG_RESERVE;
	assert_true(fits(&msg, from_network));
	assert_false(fits(&msg, from_key));
	msg.type = IMSG_INSTALL;
	assert_true(fits(&msg, from_network));
	assert_false(fits(&msg, from_key));
	assert_false(fits(&msg, from_parent));
	assert_false(fits(&msg, (struct imsg_way){ IMSG_KEY, IMSG_PARENT }));
}

static void an_address_is_one(void **state)
{
	struct imsg msg = { .type = IMSG_ROAMED };

	(void)state;
	msg.u.roamed.remote.len = 4;
	assert_true(fits(&msg, from_parent));
	assert_false(fits(&msg, from_network));
	msg.u.roamed.remote.len = 5;
	assert_false(fits(&msg, from_parent));
}

/* Puts @byte into an otherwise good message. */
static bool spoilt(uint32_t type, size_t at, uint8_t byte)
{
	struct imsg msg;

	memset(&msg, 0, sizeof(msg));
	msg.type = type;
	((uint8_t *)&msg.u)[at] = byte;
	return !fits(&msg, from_network);
}

#define SPOILT(type, member, byte) assert_true(spoilt(type, offsetof(union imsg_body, member), byte))
#define KEPT(type, member, byte) assert_false(spoilt(type, offsetof(union imsg_body, member), byte))

static void bodies_are_looked_at(void **state)
{
	struct imsg msg;

	(void)state;
	SPOILT(IMSG_INSTALL, install.pending, 2);
	KEPT(IMSG_INSTALL, install.pending, 1);
	SPOILT(IMSG_INSTALL, install.udp, 255);
	SPOILT(IMSG_INSTALL, install.suite.esn, 7);
	SPOILT(IMSG_INSTALL, install.in.encr.len, IKE_KEY_MAX + 1);
	KEPT(IMSG_INSTALL, install.in.encr.len, IKE_KEY_MAX);
	SPOILT(IMSG_INSTALL, install.out.integ.len, 255);
	SPOILT(IMSG_INSTALL, install.path.local.len, 5);
	KEPT(IMSG_INSTALL, install.path.local.len, 16);
	SPOILT(IMSG_INSTALL, install.remote_ts.count, IKE_TS_MAX + 1);
	SPOILT(IMSG_INSTALL, install.local_ts.count, 1);	/* of no family */
	SPOILT(IMSG_WILL, will.path.remote.len, 5);
	SPOILT(IMSG_WILL, will.len, 1);	/* to nobody */
	KEPT(IMSG_WILL, will.spi, 1);
	SPOILT(IMSG_MOVE, move.path.remote.len, 17);
	SPOILT(IMSG_DELETE, child.linger, 2);
	SPOILT(IMSG_LOG, log.level, IKE_LOG_DEBUG + 1);
	SPOILT(IMSG_LOG, log.phase1, IKE_PHASES);
	SPOILT(IMSG_LOG, log.phase2, 255);
	SPOILT(IMSG_STATUS, status.status.fault, IKE_FAULTS);
	SPOILT(IMSG_STATUS, status.known, 2);
	SPOILT(IMSG_STATUS, status.status.state, IKE_STATE_UP + 1);

	memset(&msg, 0, sizeof(msg));
	msg.type = IMSG_SIGNED;
	msg.u.sign.len = IMSG_AUTH_MAX;
	assert_true(fits(&msg, from_key));
	msg.u.sign.len = IMSG_AUTH_MAX + 1;
	assert_false(fits(&msg, from_key));

	memset(&msg, 0, sizeof(msg));
	msg.type = IMSG_LOG;
	memset(msg.u.log.text, 'x', sizeof(msg.u.log.text));
	assert_false(fits(&msg, from_network));
	msg.u.log.text[sizeof(msg.u.log.text) - 1] = '\0';
	assert_true(fits(&msg, from_network));

	msg.type = IMSG_INSTALL;
	memset(&msg.u, 0, sizeof(msg.u));
	msg.u.install.path.local.len = 16;
	msg.u.install.path.remote.len = 4;
	assert_false(fits(&msg, from_network));
	msg.u.install.path.local.len = 4;
	msg.u.install.local_ts.count = 1;
	msg.u.install.local_ts.list[0].from.len = 4;
	msg.u.install.local_ts.list[0].to.len = 4;
	assert_true(fits(&msg, from_network));
	msg.u.install.local_ts.list[0].from.bytes[3] = 1;	/* ends before it begins */
	assert_false(fits(&msg, from_network));

	msg.type = IMSG_STATUS;
	memset(&msg.u, 0, sizeof(msg.u));
	msg.u.status.status.remote_id.len = IKE_ID_MAX;
	assert_true(fits(&msg, from_network));
	msg.u.status.status.remote_id.len++;
	assert_false(fits(&msg, from_network));

	msg.type = IMSG_VERIFY;
	memset(&msg.u, 0, sizeof(msg.u));
	msg.u.auth.len = sizeof(msg.u.auth.octets);
	assert_true(fits(&msg, (struct imsg_way){ IMSG_NETWORK, IMSG_KEY }));
	msg.u.auth.len++;
	assert_false(fits(&msg, (struct imsg_way){ IMSG_NETWORK, IMSG_KEY }));
}

/* ---- the channel ---- */

struct side {
	struct event_base *base;
	struct chan *chan;
	int fd;			/* the other end, by hand */
	unsigned int heard, closed, drained;
	uint32_t last;
	bool gone;		/* closed without a fault */
	int got_fd;
};

static void on_message(void *ctx, const struct imsg *msg, int fd)
{
	struct side *side = ctx;

	side->heard++;
	side->last = msg->type == IMSG_UP ? msg->u.policy.policy : 0;
	side->got_fd = fd;
}

static void on_closed(void *ctx, const char *sentence)
{
	struct side *side = ctx;

	side->closed++;
	side->gone = !sentence;
}

static void on_drained(void *ctx)
{
	((struct side *)ctx)->drained++;
}

static const struct chan_ops ops = { .message = on_message, .closed = on_closed, .drained = on_drained };

static int setup(void **state)
{
	static struct side side;
	int fds[2];

	memset(&side, 0, sizeof(side));
	side.base = event_base_new();
	if (!side.base || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds))
		return -1;
	side.fd = fds[1];
	side.chan = chan_create(side.base, fds[0], from_parent, &ops, &side);
	*state = &side;
	return side.chan ? 0 : -1;
}

static int teardown(void **state)
{
	struct side *side = *state;

	chan_free(side->chan);
	if (side->fd >= 0)
		close(side->fd);
	event_base_free(side->base);
	return 0;
}

static void turn(struct side *side)
{
	event_base_loop(side->base, EVLOOP_NONBLOCK);
}

static void a_message_arrives(void **state)
{
	struct side *side = *state;
	struct imsg msg = { .type = IMSG_UP, .u.policy.policy = 7 };

	assert_int_equal(send(side->fd, &msg, imsg_size(IMSG_UP), 0), imsg_size(IMSG_UP));
	turn(side);
	assert_int_equal(side->heard, 1);
	assert_int_equal(side->last, 7);
	assert_int_equal(side->got_fd, -1);
	assert_int_equal(side->closed, 0);
}

static void a_wrong_one_ends_it(void **state)
{
	struct side *side = *state;
	struct imsg msg = { .type = IMSG_UP };

	assert_true(send(side->fd, &msg, imsg_size(IMSG_UP) + 1, 0) > 0);
	assert_true(send(side->fd, &msg, imsg_size(IMSG_UP), 0) > 0);
	turn(side);
	turn(side);
	assert_int_equal(side->heard, 0);
	assert_int_equal(side->closed, 1);
	assert_false(side->gone);
	assert_int_equal(chan_send(side->chan, IMSG_UP, &msg.u, -1), -EPIPE);
}

static void the_end_is_told_once(void **state)
{
	struct side *side = *state;

	close(side->fd);
	side->fd = -1;
	turn(side);
	turn(side);
	assert_int_equal(side->closed, 1);
	assert_true(side->gone);
}

/* More than the socket takes waits in order; more than the queue takes is refused. */
static void order_is_kept(void **state)
{
	struct side *side = *state;
	struct imsg_policy body = { 0 };
	struct imsg msg;
	uint32_t sent = 0, seen = 0;
	int err = 0;

	fcntl(side->fd, F_SETFL, O_NONBLOCK);
	while (!err && sent < 100000) {
		body.policy = sent + 1;
		err = chan_send(side->chan, IMSG_UP, &body, -1);
		sent += !err;
	}
	assert_int_equal(err, -ENOBUFS);
	assert_int_equal(chan_backlog(side->chan), CHAN_QUEUE_MAX);
	assert_int_equal(side->drained, 0);
	while (seen < sent) {
		turn(side);
		while (recv(side->fd, &msg, sizeof(msg), 0) > 0)
			assert_int_equal(msg.u.policy.policy, ++seen);
		assert_int_equal(errno, EAGAIN);
	}
	assert_int_equal(chan_backlog(side->chan), 0);
	assert_int_equal(side->drained, 1);
}

static void descriptors_are_for_those_who_have_one(void **state)
{
	struct side *side = *state;
	struct imsg_socket body = { .port = 500, .addr_len = 4 };
	struct event_base *base = event_base_new();
	struct side other = { .base = base };
	int fds[2];

	assert_int_equal(chan_send(side->chan, IMSG_SOCKET, &body, -1), -EINVAL);
	assert_int_equal(chan_send(side->chan, IMSG_UP, &body, side->fd), -EINVAL);
	assert_int_equal(chan_send(side->chan, IMSG_TYPES, &body, -1), -EINVAL);

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	other.chan = chan_create(base, fds[0], from_parent, &ops, &other);
	assert_non_null(other.chan);
	chan_free(side->chan);
	side->chan = chan_create(side->base, fds[1], from_network, &ops, side);
	assert_int_equal(chan_send(side->chan, IMSG_SOCKET, &body, side->fd), 0);
	turn(&other);
	assert_int_equal(other.heard, 1);
	assert_true(other.got_fd >= 0);
	assert_true(fcntl(other.got_fd, F_GETFD) & FD_CLOEXEC);
	close(other.got_fd);
	chan_free(other.chan);
	event_base_free(base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_exact),
		cmocka_unit_test(each_says_its_own),
		cmocka_unit_test(an_address_is_one),
		cmocka_unit_test(bodies_are_looked_at),
		cmocka_unit_test_setup_teardown(a_message_arrives, setup, teardown),
		cmocka_unit_test_setup_teardown(a_wrong_one_ends_it, setup, teardown),
		cmocka_unit_test_setup_teardown(the_end_is_told_once, setup, teardown),
		cmocka_unit_test_setup_teardown(order_is_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(descriptors_are_for_those_who_have_one, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
