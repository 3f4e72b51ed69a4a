// SPDX-License-Identifier: GPL-2.0
#include "iked/ctl_server.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "iked/ctl.h"
#include "iked/log.h"

enum {
	CLIENTS_MAX = 256,	/* with as many, the next ones wait until one is gone */
	CLIENTS_OTHERS = 24,	/* who are not root: more are refused, so that those of the group keep nobody waiting */
	BACKLOG = 1024,		/* connections that wait: as many as may be brought up at boot */
	UNREAD_MAX = 1024 * 1024,	/* bytes; who reads no faster than that is let go */
	SILENCE_MAX = 120,	/* s that a client may ask nothing, unless it follows the log */
	READING_MAX = 30,	/* s in which it has to read something of what it was sent */
	EXIT_FAILED = 1,
};

struct client {
	struct client *next;
	struct ctl_server *server;
	struct bufferevent *stream;
	uint64_t id;
	bool root;		/* may change things */
	bool busy;		/* waits for the answer of a request */
	bool follows;
	bool mute;		/* says no more, but may wait for answers */
	bool last;		/* goes once all is sent */
	char name[CONF_NAME_SIZE];	/* follows the log of this connection, "": all */
};

struct ctl_server {
	struct event_base *base;
	const struct ctl_server_ops *ops;
	void *ctx;
	struct event *listener;
	struct event *next;	/* requests that waited for the answer of another */
	struct client *clients;
	unsigned int count;
	unsigned int others;	/* of them who are not root */
	uint64_t next_id;
	char path[CTL_PATH_MAX];
};

static void client_free(struct client *client)
{
	struct client **at = &client->server->clients;

	while (*at != client)
		at = &(*at)->next;
	*at = client->next;
	client->server->count--;
	client->server->others -= !client->root;
	event_add(client->server->listener, NULL);
	bufferevent_free(client->stream);
	free(client);
}

static void send_json(struct client *client, json_t *json)
{
	struct evbuffer *out = bufferevent_get_output(client->stream);
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;

	if (text && evbuffer_get_length(out) < UNREAD_MAX) {
		evbuffer_add(out, text, strlen(text));
		evbuffer_add(out, "\n", 1);
	} else {
		client->last = true;
	}
	free(text);
	json_decref(json);
}

static json_t *refusal(int status, const char *sentence)
{
	return json_pack("{si sb ss si}", "v", CTL_VERSION, "ok", 0, "why", sentence, "code", status);
}

/* ---- the log ---- */

static bool is_about(const struct ilog_line *line, const char *name)
{
	size_t len = strlen(name);

	return !len || (!strncmp(line->name, name, len) && (!line->name[len] || line->name[len] == '/'));
}

static json_t *line_json(const struct ilog_line *line)
{
	const char *slash = strchr(line->name, '/');
	int len = slash ? slash - line->name : (int)strlen(line->name);
	char time[ILOG_TIME_SIZE];

	return json_pack("{ss ss so? ss? so?}", "time", ilog_time(line, time), "level", ilog_level_name(line->level),
			 "connection", len ? json_stringn(line->name, len) : NULL,
			 "tunnel", slash ? slash + 1 : NULL, "text", json_string(line->text));
}

static void send_line(void *ctx, const struct ilog_line *line)
{
	struct client *client = ctx;

	if (!client->last && is_about(line, client->name))
		send_json(client, line_json(line));
}

static void on_line(void *ctx, const struct ilog_line *line)
{
	struct ctl_server *server = ctx;
	struct client *client;

	for (client = server->clients; client; client = client->next)
		if (client->follows)
			send_line(client, line);
}

static void serve_log(struct client *client, const struct ctl_request *request)
{
	const struct timeval reading = { READING_MAX, 0 };

	snprintf(client->name, sizeof(client->name), "%s", request->name);
	send_json(client, json_pack("{si sb}", "v", CTL_VERSION, "ok", 1));
	ilog_each(send_line, client);
	client->follows = request->follow;
	client->last |= !request->follow;
	if (client->follows)
		bufferevent_set_timeouts(client->stream, NULL, &reading);
}

/* ---- requests ---- */

static void serve(struct client *client, const char *line, size_t len)
{
	struct ctl_server *server = client->server;
	struct ctl_request request;
	struct why why = { "" };

	if (ctl_request_parse(line, len, &request, &why)) {
		send_json(client, refusal(EXIT_FAILED, why.text));
		client->last = true;
	} else if (ctl_request_changes(&request) && !client->root) {
		send_json(client, refusal(EXIT_FAILED, "not permitted: that is for root alone"));
	} else if (request.what == CTL_PING) {
		send_json(client, json_pack("{si sb}", "v", CTL_VERSION, "ok", 1));
	} else if (request.what == CTL_LOG) {
		serve_log(client, &request);
	} else {
		client->busy = true;
		server->ops->request(server->ctx, client->id, &request);
	}
}

/* One request at a time: the next waits in the buffer, which has room for little more. True: @client is gone. */
static bool serve_next(struct client *client)
{
	struct evbuffer *in = bufferevent_get_input(client->stream);
	struct evbuffer *out = bufferevent_get_output(client->stream);
	char *line;
	size_t len;

	while (!client->busy && !client->last && !client->follows) {
		line = evbuffer_readln(in, &len, EVBUFFER_EOL_LF);
		if (!line && evbuffer_get_length(in) >= CTL_LINE_MAX) {
			send_json(client, refusal(EXIT_FAILED, "the request is too long"));
			client->last = true;
		}
		client->last |= !line && client->mute;
		if (!line)
			break;
		serve(client, line, len);
		free(line);
	}
	if (client->last && !evbuffer_get_length(out)) {
		client_free(client);
		return true;
	}
	return false;
}

static void on_read(struct bufferevent *stream, void *arg)
{
	(void)stream;
	serve_next(arg);
}

/* All is written. */
static void on_written(struct bufferevent *stream, void *arg)
{
	struct client *client = arg;

	(void)stream;
	if (client->last)
		client_free(client);
}

static void on_end(struct bufferevent *stream, short what, void *arg)
{
	struct client *client = arg;

	(void)stream;
	/* It says no more, but waits for an answer, or what is left of it. */
	if (what & BEV_EVENT_READING && what & (BEV_EVENT_EOF | BEV_EVENT_TIMEOUT) && (client->busy || client->last)) {
		client->mute |= !!(what & BEV_EVENT_EOF);
		if (what & BEV_EVENT_TIMEOUT)
			bufferevent_enable(client->stream, EV_READ);
		return;
	}
	client_free(client);
}

static struct client *client_add(struct ctl_server *server, int fd)
{
	const struct timeval silence = { SILENCE_MAX, 0 }, reading = { READING_MAX, 0 };
	struct client *client = calloc(1, sizeof(*client));
	socklen_t size = sizeof(struct ucred);
	struct ucred peer;

	if (!client || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) ||
	    (peer.uid && server->others >= CLIENTS_OTHERS))
		goto err_free;
	client->stream = bufferevent_socket_new(server->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!client->stream)
		goto err_free;

	client->server = server;
	client->id = ++server->next_id;
	client->root = peer.uid == 0;
	client->next = server->clients;
	server->clients = client;
	server->count++;
	server->others += !client->root;
	/* Root's requests are not refused: units of systemd would fail for good. */
	if (server->count >= CLIENTS_MAX)
		event_del(server->listener);
	bufferevent_setcb(client->stream, on_read, on_written, on_end, client);
	bufferevent_setwatermark(client->stream, EV_READ, 0, CTL_LINE_MAX);
	bufferevent_set_timeouts(client->stream, &silence, &reading);
	bufferevent_enable(client->stream, EV_READ | EV_WRITE);
	return client;

err_free:
	free(client);
	return NULL;
}

static void on_client(evutil_socket_t listener, short what, void *arg)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)what;
	if (fd >= 0 && !client_add(arg, fd)) {
		dprintf(fd, "{\"v\":%d,\"ok\":false,\"why\":\"the IKE helper has too many clients\",\"code\":%d}\n",
			CTL_VERSION, EXIT_FAILED);
		close(fd);
	}
}

static struct client *find(struct ctl_server *server, uint64_t id)
{
	struct client *client;

	for (client = server->clients; client; client = client->next)
		if (client->id == id)
			return client;
	return NULL;
}

static void on_next(evutil_socket_t fd, short what, void *arg)
{
	struct ctl_server *server = arg;
	struct client *client, *next;

	(void)fd;
	(void)what;
	for (client = server->clients; client; client = next) {
		next = client->next;
		serve_next(client);
	}
}

void ctl_server_answer(struct ctl_server *server, uint64_t id, json_t *answer)
{
	struct client *client = find(server, id);

	if (!client) {
		json_decref(answer);
		return;
	}
	client->busy = false;
	if (answer)
		json_object_set_new(answer, "v", json_integer(CTL_VERSION));
	send_json(client, answer);
	/* Its next request is not for now: whoever answers is perhaps in the middle of serving it. */
	event_active(server->next, EV_TIMEOUT, 0);
}

void ctl_server_refuse(struct ctl_server *server, uint64_t id, int status, const char *sentence)
{
	ctl_server_answer(server, id, refusal(status, sentence));
}

/* ---- the socket ---- */

static int listen_at(const char *path, struct why *why)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const struct group *group = getgrnam("vpntun");
	mode_t mask;
	int fd, bad;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	unlink(path);
	mask = umask(0117);
	bad = fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address));
	umask(mask);
	bad = bad || (group && chown(path, 0, group->gr_gid)) || listen(fd, BACKLOG);
	if (!bad)
		return fd;
	why_set(why, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

struct ctl_server *ctl_server_create(struct event_base *base, const struct ctl_server_ops *ops, void *ctx,
				     struct why *why)
{
	struct ctl_server *server = calloc(1, sizeof(*server));
	int fd;

	if (!server || ctl_path(server->path, sizeof(server->path))) {
		why_set(why, "the control socket has no path");
		goto err_free;
	}
	fd = listen_at(server->path, why);
	if (fd < 0)
		goto err_free;
	server->base = base;
	server->ops = ops;
	server->ctx = ctx;
	server->next = evtimer_new(base, on_next, server);
	server->listener = event_new(base, fd, EV_READ | EV_PERSIST, on_client, server);
	if (server->next && server->listener && !event_add(server->listener, NULL)) {
		ilog_follow(on_line, server);
		return server;
	}
	close(fd);
	why_set(why, "no memory for the control socket");
	if (server->next)
		event_free(server->next);
	if (server->listener)
		event_free(server->listener);
err_free:
	free(server);
	return NULL;
}

void ctl_server_free(struct ctl_server *server)
{
	ilog_follow(NULL, NULL);
	unlink(server->path);
	while (server->clients) {
		struct client *client = server->clients;

		evbuffer_write(bufferevent_get_output(client->stream), bufferevent_getfd(client->stream));
		client_free(client);
	}
	close(event_get_fd(server->listener));
	event_free(server->listener);
	event_free(server->next);
	free(server);
}
