// SPDX-License-Identifier: GPL-2.0
#include "iked/chan.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/wipe.h"

enum { TURN_MAX = 32 };		/* messages read at once, before others have their turn */

/* A message that waits for room in the socket. */
struct parcel {
	struct parcel *next;
	int fd;			/* a duplicate, or -1 */
	size_t len;
	struct imsg msg;	/* only @len bytes of it are there */
};

struct chan {
	int fd;
	bool over;		/* closed() was called */
	struct imsg_way in;
	const struct chan_ops *ops;
	void *ctx;
	struct event *readable, *writable;
	struct parcel *first, **last;
	size_t queued;
};

union control {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int))];
};

static void parcel_free(struct parcel *parcel)
{
	explicit_bzero(&parcel->msg, parcel->len);
	if (parcel->fd >= 0)
		close(parcel->fd);
	free(parcel);
}

static void end(struct chan *chan, const char *sentence)
{
	if (chan->over)
		return;
	chan->over = true;
	event_del(chan->readable);
	event_del(chan->writable);
	chan->ops->closed(chan->ctx, sentence);
}

static int put(struct chan *chan, const struct imsg *msg, size_t len, int fd)
{
	struct iovec part = { .iov_base = (void *)msg, .iov_len = len };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };
	union control control = { 0 };
	ssize_t sent;

	if (fd >= 0) {
		header.msg_control = control.room;
		header.msg_controllen = sizeof(control.room);
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	}
	do {
		sent = sendmsg(chan->fd, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct chan *chan = arg;
	struct parcel *parcel;
	int err = 0;

	(void)fd;
	(void)what;
	while ((parcel = chan->first)) {
		err = put(chan, &parcel->msg, parcel->len, parcel->fd);
		if (err)
			break;
		chan->first = parcel->next;
		if (!chan->first)
			chan->last = &chan->first;
		chan->queued--;
		parcel_free(parcel);
	}
	if (chan->first) {
		if (err != -EAGAIN)
			end(chan, "cannot be written to");	/* which may free it */
		return;
	}
	event_del(chan->writable);
	if (chan->ops->drained)
		chan->ops->drained(chan->ctx);
}

static int enqueue(struct chan *chan, const struct imsg *msg, size_t len, int fd)
{
	struct parcel *parcel;

	if (chan->queued >= CHAN_QUEUE_MAX)
		return -ENOBUFS;
	parcel = malloc(offsetof(struct parcel, msg) + len);
	if (!parcel)
		return -ENOMEM;
	parcel->next = NULL;
	parcel->len = len;
	parcel->fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	memcpy(&parcel->msg, msg, len);
	if (fd >= 0 && parcel->fd < 0) {
		parcel_free(parcel);
		return -EMFILE;
	}
	*chan->last = parcel;
	chan->last = &parcel->next;
	chan->queued++;
	event_add(chan->writable, NULL);
	return 0;
}

/* The order is kept: nothing overtakes the queue. */
int chan_send(struct chan *chan, enum imsg_type type, const void *body, int fd)
{
	size_t len = imsg_size(type);
	struct imsg msg;
	int err = -EAGAIN;

	if (chan->over)
		return -EPIPE;
	if (!len || imsg_has_fd(type) != (fd >= 0))
		return -EINVAL;

	msg.type = type;
	memset((char *)&msg + sizeof(msg.type), 0, offsetof(struct imsg, u) - sizeof(msg.type));
	if (len > offsetof(struct imsg, u))
		memcpy(&msg.u, body, len - offsetof(struct imsg, u));
	if (!chan->first)
		err = put(chan, &msg, len, fd);
	if (err == -EAGAIN)
		err = enqueue(chan, &msg, len, fd);
	explicit_bzero(&msg, len);
	return err;
}

size_t chan_backlog(const struct chan *chan)
{
	return chan->queued;
}

/* Takes what descriptors came out of @header: at most one is kept, the others are closed. Returns how many came. */
static unsigned int take_fds(struct msghdr *header, int *fd)
{
	struct cmsghdr *cmsg;
	unsigned int count = 0;
	size_t i, n;
	int one;

	*fd = -1;
	for (cmsg = CMSG_FIRSTHDR(header); cmsg; cmsg = CMSG_NXTHDR(header, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		n = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < n; i++) {
			memcpy(&one, CMSG_DATA(cmsg) + i * sizeof(int), sizeof(one));
			if (count++)
				close(one);
			else
				*fd = one;
		}
	}
	return count;
}

/* Reads one message: 1, or 0 if there is none (now, or ever again). */
static int read_one(struct chan *chan, struct imsg *msg)
{
	struct iovec part = { .iov_base = msg, .iov_len = sizeof(*msg) };
	union control control = { 0 };
	struct msghdr header = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof(control.room),
	};
	unsigned int fds;
	ssize_t len;
	int fd;

	len = recvmsg(chan->fd, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (len <= 0) {
		end(chan, NULL);
		return 0;
	}

	fds = take_fds(&header, &fd);
	if (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC) || !imsg_fits(msg, len, fds, chan->in)) {
		if (fd >= 0)
			close(fd);
		end(chan, "sent what it may not send");
		return 0;
	}
	chan->ops->message(chan->ctx, msg, fd);
	return 1;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct imsg msg;
	int turns;

	(void)fd;
	(void)what;
	for (turns = 0; turns < TURN_MAX; turns++)
		if (!read_one(arg, &msg))
			break;
	wipe(&msg);
}

struct chan *chan_create(struct event_base *base, int fd, struct imsg_way in, const struct chan_ops *ops, void *ctx)
{
	struct chan *chan = calloc(1, sizeof(*chan));

	if (!chan) {
		close(fd);
		return NULL;
	}
	chan->fd = fd;
	chan->in = in;
	chan->ops = ops;
	chan->ctx = ctx;
	chan->last = &chan->first;
	chan->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, chan);
	chan->writable = event_new(base, fd, EV_WRITE | EV_PERSIST, on_writable, chan);
	if (chan->readable && chan->writable && !event_add(chan->readable, NULL))
		return chan;
	chan_free(chan);
	return NULL;
}

void chan_free(struct chan *chan)
{
	struct parcel *parcel;

	if (!chan)
		return;
	while ((parcel = chan->first)) {
		chan->first = parcel->next;
		parcel_free(parcel);
	}
	if (chan->readable)
		event_free(chan->readable);
	if (chan->writable)
		event_free(chan->writable);
	close(chan->fd);
	free(chan);
}
