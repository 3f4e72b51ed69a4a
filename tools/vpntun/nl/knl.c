// SPDX-License-Identifier: GPL-2.0
#include "nl/knl.h"

#include <errno.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum {
	REQUEST_SIZE = 66 * 1024,	/* bytes; a nest is at most 65,535 */
	ROUTE_REQUEST_SIZE = 16 * 1024,	/* bytes; a route of many hops is the longest */
	SEND_BUFFER = 256 * 1024,	/* bytes; the kernel takes a message whole or not at all */
	EVENT_BUFFER = 1024 * 1024,	/* bytes; more bursts survived without ENOBUFS */
	DRAIN_MAX = 16 * 1024,		/* events; more than that buffer holds */
};

/* One request under way. */
struct call {
	struct knl *knl;
	const struct nlmsghdr *request;
	knl_fn *fn;
	void *arg;
	int err;
	bool done;
};

/* What the kernel may add to an error. */
struct extack {
	char msg[256];
	const struct nlattr *offset;
	const struct nlattr *miss_type;
	const struct nlattr *miss_nest;
};

static int libnl_fail(struct knl *knl, const char *what, int nlerr)
{
	why_set(&knl->why, "netlink: %s: %s", what, nl_geterror(nlerr));
	return -EIO;
}

static void extack_read(struct extack *ext, const struct nlattr *attr, int left)
{
	for (; nla_ok(attr, left); attr = nla_next(attr, &left)) {
		size_t len = nla_len(attr);

		switch (nla_type(attr)) {
		case NLMSGERR_ATTR_MSG:
			if (len >= sizeof(ext->msg))
				len = sizeof(ext->msg) - 1;
			memcpy(ext->msg, nla_data(attr), len);
			ext->msg[len] = '\0';
			break;
		case NLMSGERR_ATTR_OFFS:
			if (len == sizeof(uint32_t))
				ext->offset = attr;
			break;
		case NLMSGERR_ATTR_MISS_TYPE:
			if (len == sizeof(uint32_t))
				ext->miss_type = attr;
			break;
		case NLMSGERR_ATTR_MISS_NEST:
			if (len == sizeof(uint32_t))
				ext->miss_nest = attr;
			break;
		}
	}
}

/* Offsets count from the head of the request as we sent it. */
static bool place_offset(struct attr_place *place, const struct call *call,
			 const struct nlattr *offset)
{
	place->set = call->knl->attrs;
	place->path[0] = '\0';
	return offset && place->set && attr_locate(place, call->request, nla_get_u32(offset));
}

static bool place_missing(struct attr_place *place, const struct call *call,
			  const struct extack *ext)
{
	if (!ext->miss_type)
		return false;
	if (!place_offset(place, call, ext->miss_nest) && ext->miss_nest)
		return false;
	return attr_append(place, nla_get_u32(ext->miss_type));
}

static const char *errno_sentence(int error)
{
	if (error == EPERM)
		return "not permitted: it takes CAP_NET_ADMIN (run it as root)";
	return strerror(error);
}

/* Makes one sentence of an error number and what came with it. */
static void explain(const struct call *call, int error, const struct extack *ext)
{
	const char *own = call->knl->name;
	struct why *why = &call->knl->why;
	const char *msg = ext->msg;
	struct attr_place place;
	bool missing, placed;

	missing = place_missing(&place, call, ext);
	placed = missing || place_offset(&place, call, ext->offset);
	if (placed)
		strcpy(call->knl->attr, place.path);

	/* The family's own sentences begin with its name and say it all. */
	if (!strncmp(msg, own, strlen(own)) &&
	    !strncmp(msg + strlen(own), ": ", 2)) {
		why_set(why, "%s", msg + strlen(own) + 2);
		return;
	}

	/* Those of netlink's policy checks ("integer out of range") do not. */
	if (!*msg)
		msg = errno_sentence(error);
	if (missing)
		why_set(why, "attribute %s is missing", place.path);
	else if (placed)
		why_set(why, "attribute %s: %s", place.path, msg);
	else
		why_set(why, "%s", msg);
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *error, void *arg)
{
	/* libnl hands over the payload; its header stands right before it. */
	const struct nlmsghdr *nlh =
		(const void *)((const char *)error - NLMSG_HDRLEN);
	size_t skip = NLMSG_ALIGN(sizeof(*error));
	struct extack ext = { 0 };
	struct call *call = arg;

	(void)from;
	/* An uncapped error echoes the whole request, header included in *error. */
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED) &&
	    error->msg.nlmsg_len > sizeof(error->msg))
		skip += NLMSG_ALIGN(error->msg.nlmsg_len) - sizeof(error->msg);
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS && skip < (size_t)nlmsg_datalen(nlh))
		extack_read(&ext, (const void *)((const char *)error + skip),
			    nlmsg_datalen(nlh) - skip);

	explain(call, -error->error, &ext);
	call->err = error->error;
	call->done = true;
	return NL_STOP;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	struct call *call = arg;

	(void)msg;
	call->done = true;
	return NL_STOP;
}

/* The end of a dump carries its error, which libnl does not look at. */
static int on_finish(struct nl_msg *msg, void *arg)
{
	const struct nlmsghdr *nlh = nlmsg_hdr(msg);
	const char *data = nlmsg_data(nlh);
	int len = nlmsg_datalen(nlh);
	struct extack ext = { 0 };
	struct call *call = arg;
	int err = 0;

	call->done = true;
	if (len >= (int)sizeof(err))
		memcpy(&err, data, sizeof(err));
	if (err >= 0)
		return NL_STOP;

	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS)
		extack_read(&ext, (const void *)(data + NLMSG_ALIGN(sizeof(err))),
			    len - (int)NLMSG_ALIGN(sizeof(err)));
	explain(call, -err, &ext);
	call->err = err;
	return NL_STOP;
}

static int on_valid(struct nl_msg *msg, void *arg)
{
	struct call *call = arg;

	/* After a failure go on reading: the rest must leave the socket. */
	if (call->fn && !call->err)
		call->err = call->fn(nlmsg_hdr(msg), call->arg);
	return NL_OK;
}

/*
 * libnl counts its requests and the answers to them: after one that failed midway it would take no answer at all. What is
 * left of an answer to an earlier request is passed over instead.
 */
static int on_sequence(struct nl_msg *msg, void *arg)
{
	const struct call *call = arg;

	return nlmsg_hdr(msg)->nlmsg_seq == call->request->nlmsg_seq ? NL_OK : NL_SKIP;
}

static struct nl_cb *call_callbacks(struct call *call)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);

	if (!cb)
		return NULL;
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, call);
	nl_cb_set(cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, on_sequence, call);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, call);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, call);
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, call);
	return cb;
}

static int receive_all(struct call *call)
{
	struct nl_cb *cb = call_callbacks(call);
	bool changed = false;
	int rc = 0;

	if (!cb)
		return libnl_fail(call->knl, "receive", -NLE_NOMEM);

	while (!call->done) {
		rc = nl_recvmsgs(call->knl->sock, cb);
		if (rc == -NLE_DUMP_INTR)
			changed = true;
		else if (rc < 0)
			break;
	}
	nl_cb_put(cb);

	if (!call->done)
		return libnl_fail(call->knl, "receive", rc);
	if (!call->err && changed)
		return -EINTR;
	return call->err;
}

void knl_drop(struct nl_msg *msg)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);

	explicit_bzero(nlh, nlh->nlmsg_len);
	nlmsg_free(msg);
}

int knl_call(struct knl *knl, struct nl_msg *msg, knl_fn *fn, void *arg)
{
	struct call call = {
		.knl = knl, .request = nlmsg_hdr(msg), .fn = fn, .arg = arg,
	};
	int rc;

	why_set(&knl->why, "out of memory");	/* the one way for @fn to fail */
	knl->attr[0] = '\0';
	rc = nl_send_auto(knl->sock, msg);
	if (rc < 0)
		rc = libnl_fail(knl, "send", rc);
	else
		rc = receive_all(&call);

	knl_drop(msg);
	return rc;
}

int knl_call_filled(struct knl *knl, struct nl_msg *msg, bool filled)
{
	if (filled)
		return knl_call(knl, msg, NULL, NULL);
	knl_drop(msg);
	why_set(&knl->why, "more than fits into one netlink message");
	return -EMSGSIZE;
}

struct nl_msg *knl_request(struct knl *knl, uint8_t cmd, int flags)
{
	struct nl_msg *msg = nlmsg_alloc_size(REQUEST_SIZE);

	if (!msg || !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, knl->family, 0,
				 flags, cmd, 1)) {
		nlmsg_free(msg);
		why_set(&knl->why, "out of memory");
		return NULL;
	}
	return msg;
}

struct nl_msg *knl_request_route(struct knl *knl, uint16_t type, int flags, const void *head, size_t size)
{
	struct nl_msg *msg = nlmsg_alloc_size(ROUTE_REQUEST_SIZE);
	struct nlmsghdr *nlh;

	nlh = msg ? nlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, type, size, flags) : NULL;
	if (!nlh) {
		nlmsg_free(msg);
		why_set(&knl->why, "out of memory");
		return NULL;
	}
	memcpy(nlmsg_data(nlh), head, size);
	return msg;
}

static void socket_options(struct nl_sock *sock)
{
	int fd = nl_socket_get_fd(sock), on = 1;

	/*
	 * Sentences and offsets with errors, please, and no echo of the request:
	 * it may hold keys, and libnl frees its buffers unwiped. Kernels that
	 * know neither just say less.
	 */
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));

	/* A dump's messages may be larger than a page. */
	nl_socket_enable_msg_peek(sock);
	nl_socket_set_buffer_size(sock, EVENT_BUFFER, SEND_BUFFER);
}

int knl_open(struct knl *knl, const char *family, const struct attr_set *attrs)
{
	int rc;

	memset(knl, 0, sizeof(*knl));
	knl->name = family;
	knl->attrs = attrs;
	knl->sock = nl_socket_alloc();
	if (!knl->sock)
		return libnl_fail(knl, "socket", -NLE_NOMEM);

	rc = genl_connect(knl->sock);
	if (rc < 0) {
		rc = libnl_fail(knl, "socket", rc);
		goto err_close;
	}
	socket_options(knl->sock);

	knl->family = genl_ctrl_resolve(knl->sock, family);
	if (knl->family >= 0)
		return 0;

	why_set(&knl->why, "the %s module is not loaded: modprobe %s", family,
		family);
	rc = -ENOENT;
err_close:
	knl_close(knl);
	return rc;
}

static int open_plain(struct knl *knl, const char *name, int protocol)
{
	int rc;

	memset(knl, 0, sizeof(*knl));
	knl->name = name;
	knl->sock = nl_socket_alloc();
	if (!knl->sock)
		return libnl_fail(knl, "socket", -NLE_NOMEM);

	rc = nl_connect(knl->sock, protocol);
	if (rc < 0) {
		rc = libnl_fail(knl, "socket", rc);
		knl_close(knl);
		return rc;
	}
	socket_options(knl->sock);
	return 0;
}

int knl_open_route(struct knl *knl)
{
	int on = 1, rc = open_plain(knl, "rtnetlink", NETLINK_ROUTE);

	if (rc)
		return rc;
	/* Dumps of one table alone; kernels that cannot say more, and we look at each route anyway. */
	setsockopt(knl_fd(knl), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	return 0;
}

int knl_open_xfrm(struct knl *knl)
{
	return open_plain(knl, "xfrm", NETLINK_XFRM);
}

void knl_close(struct knl *knl)
{
	nl_socket_free(knl->sock);
	knl->sock = NULL;
}

int knl_fd(const struct knl *knl)
{
	return nl_socket_get_fd(knl->sock);
}

static int join(struct knl *knl, int id)
{
	int size = EVENT_BUFFER, rc;

	rc = nl_socket_add_membership(knl->sock, id);
	if (rc < 0)
		return libnl_fail(knl, "join", rc);

	/* Events answer nothing, so their sequence numbers follow nothing. */
	nl_socket_disable_seq_check(knl->sock);
	/* Those who may go beyond the system's limit for sockets do. */
	setsockopt(nl_socket_get_fd(knl->sock), SOL_SOCKET, SO_RCVBUFFORCE,
		   &size, sizeof(size));
	return 0;
}

int knl_subscribe(struct knl *knl, const char *group)
{
	int id = genl_ctrl_resolve_grp(knl->sock, knl->name, group);

	return id < 0 ? libnl_fail(knl, "multicast group", id) : join(knl, id);
}

int knl_subscribe_route(struct knl *knl, int group)
{
	return join(knl, group);
}

int knl_subscribe_far(struct knl *knl)
{
	int on = 1;

	if (!setsockopt(knl_fd(knl), SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, &on, sizeof(on)))
		return 0;
	why_set(&knl->why, "events of other network namespaces: %s", strerror(errno));
	return -errno;
}

int knl_wait(struct knl *knl, knl_fn *fn, void *arg)
{
	struct call call = { .knl = knl, .fn = fn, .arg = arg };
	int rc;

	why_set(&knl->why, "out of memory");	/* the one way for @fn to fail */
	nl_socket_modify_cb(knl->sock, NL_CB_VALID, NL_CB_CUSTOM, on_valid,
			    &call);
	rc = nl_recvmsgs_default(knl->sock);
	if (rc == -NLE_NOMEM)	/* libnl's word for ENOBUFS */
		return -ENOBUFS;
	if (rc < 0)
		return libnl_fail(knl, "receive", rc);
	return call.err;
}

int knl_read(struct knl *knl, knl_fn *fn, void *arg)
{
	struct pollfd fd = { .fd = knl_fd(knl), .events = POLLIN };
	bool lost = false;
	int reads, rc;

	/* Bounded: whoever sends faster than we read does not keep us here. */
	for (reads = 0; reads < DRAIN_MAX && poll(&fd, 1, 0) > 0; reads++) {
		rc = knl_wait(knl, fn, arg);
		if (rc && rc != -ENOBUFS)
			return rc;
		lost |= rc == -ENOBUFS;
	}
	return lost ? -ENOBUFS : 0;
}

int knl_drain(struct knl *knl, knl_fn *fn, void *arg)
{
	int rc = knl_read(knl, fn, arg);

	return rc == -ENOBUFS ? 0 : rc;
}
