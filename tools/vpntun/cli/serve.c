// SPDX-License-Identifier: GPL-2.0
#include "cli/serve.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "iked/sandbox.h"
#include "util/log.h"

enum {
	BACKLOG = 16,
	HTTP_TIMEOUT = 10,		/* s */
	HEADERS_MAX = 8192,		/* bytes */
	TEXT_MAX_SIZE = 256 << 20,	/* bytes */
	ASK_PLAIN = 'p', ASK_OPEN = 'o',
};

static const char open_type[] = "application/openmetrics-text; version=1.0.0; charset=utf-8";
static const char plain_type[] = "text/plain; version=0.0.4; charset=utf-8";

/* 0 if the text had none. */
static in_port_t port_of(const struct sockaddr_storage *addr)
{
	return addr->ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)addr)->sin6_port :
					     ((const struct sockaddr_in *)addr)->sin_port;
}

int serve_listen(const char *at, struct why *why)
{
	struct sockaddr_storage addr;
	int fd, err, on = 1, size = sizeof(addr);

	if (evutil_parse_sockaddr_port(at, (struct sockaddr *)&addr, &size) || !port_of(&addr))
		return why_set(why, "'%s' is no address with a port, such as 127.0.0.1:9957 or [::1]:9957", at);
	fd = socket(addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		if (!bind(fd, (struct sockaddr *)&addr, size) && !listen(fd, BACKLOG))
			return fd;
	}
	err = -errno;
	why_set(why, "%s: %s", at, strerror(-err));
	if (fd >= 0)
		close(fd);
	return err;
}

/* All of it, or false. */
static bool transfer(int fd, void *bytes, size_t size, ssize_t (*once)(int, void *, size_t))
{
	char *at = bytes;

	while (size) {
		ssize_t did = once(fd, at, size);

		if (did < 0 && errno == EINTR)
			continue;
		if (did <= 0)
			return false;
		at += did;
		size -= did;
	}
	return true;
}

/* The other end may be gone: that is no reason for a signal. */
static ssize_t write_once(int fd, void *bytes, size_t size)
{
	return send(fd, bytes, size, MSG_NOSIGNAL);
}

/* ---- the process that meets the network ---- */

struct server {
	int channel;
	struct event_base *base;
	struct evhttp *http;
	struct event *gone;
};

/* The text from the other process; NULL: there is none. */
static char *fetch(int channel, char ask, uint32_t *size)
{
	char *text;

	if (!transfer(channel, &ask, sizeof(ask), write_once) || !transfer(channel, size, sizeof(*size), read) ||
	    !*size || *size > TEXT_MAX_SIZE)
		return NULL;
	text = malloc(*size);
	if (text && transfer(channel, text, *size, read))
		return text;
	free(text);
	return NULL;
}

static void free_text(const void *data, size_t size, void *text)
{
	(void)data;
	(void)size;
	free(text);
}

static void on_metrics(struct evhttp_request *request, void *arg)
{
	const char *accept = evhttp_find_header(evhttp_request_get_input_headers(request), "Accept");
	bool open_metrics = accept && strstr(accept, "application/openmetrics-text");
	struct server *server = arg;
	uint32_t size;
	char *text;

	text = fetch(server->channel, open_metrics ? ASK_OPEN : ASK_PLAIN, &size);
	if (!text) {
		evhttp_send_error(request, HTTP_INTERNAL, "the figures cannot be had");
		return;
	}
	evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
			  open_metrics ? open_type : plain_type);
	if (evbuffer_add_reference(evhttp_request_get_output_buffer(request), text, size, free_text, text))
		free(text);
	evhttp_send_reply(request, HTTP_OK, "OK", NULL);
}

static void on_other(struct evhttp_request *request, void *arg)
{
	static const char page[] = "vpntun exporter: see /metrics\n";
	bool root = !strcmp(evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request)), "/");

	(void)arg;
	evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type", "text/plain");
	evbuffer_add(evhttp_request_get_output_buffer(request), page, sizeof(page) - 1);
	evhttp_send_reply(request, root ? HTTP_OK : HTTP_NOTFOUND, root ? "OK" : "Not Found", NULL);
}

/* Nothing comes by itself: the other process has ended. */
static void on_gone(evutil_socket_t fd, short what, void *arg)
{
	struct server *server = arg;

	(void)fd;
	(void)what;
	event_base_loopbreak(server->base);
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	evconnlistener_enable(arg);
}

/* No descriptor is left for another connection: those there are end, or time out. @arg is evhttp's own. */
static void on_full(struct evconnlistener *listener, void *arg)
{
	static const struct timeval wait = { 1, 0 };

	(void)arg;
	if (!event_base_once(evconnlistener_get_base(listener), -1, EV_TIMEOUT, on_again, listener, &wait))
		evconnlistener_disable(listener);
}

static int prepare(struct server *server, int listener)
{
	struct evhttp_bound_socket *bound;

	server->base = event_base_new();
	server->http = server->base ? evhttp_new(server->base) : NULL;
	if (!server->http)
		return -ENOMEM;
	server->gone = event_new(server->base, server->channel, EV_READ, on_gone, server);
	bound = evhttp_accept_socket_with_handle(server->http, listener);
	if (!bound || !server->gone || event_add(server->gone, NULL))
		return -ENOMEM;
	evconnlistener_set_error_cb(evhttp_bound_socket_get_listener(bound), on_full);
	evhttp_set_allowed_methods(server->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	evhttp_set_timeout(server->http, HTTP_TIMEOUT);
	evhttp_set_max_headers_size(server->http, HEADERS_MAX);
	evhttp_set_max_body_size(server->http, 0);
	evhttp_set_gencb(server->http, on_other, server);
	return evhttp_set_cb(server->http, "/metrics", on_metrics, server);
}

/* Its end is that of the process. */
static void serve(int channel, int listener)
{
	struct server server = { .channel = channel };
	struct why why = { "" };

	/* Clients go when they like. */
	signal(SIGPIPE, SIG_IGN);
	if (prepare(&server, listener))
		log_error("exporter: no memory for the HTTP server");
	else if (sandbox_enter_server(&why))
		log_error("exporter: %s", why.text);
	else
		event_base_dispatch(server.base);
}

/* ---- the process that makes the text ---- */

static bool answer(int channel, char ask, serve_fn *fn, void *ctx)
{
	size_t length = 0;
	char *text = fn(ctx, ask == ASK_OPEN, &length);
	uint32_t size = text && length <= TEXT_MAX_SIZE ? length : 0;
	bool sent = transfer(channel, &size, sizeof(size), write_once) &&
		    (!size || transfer(channel, text, size, write_once));

	free(text);
	return sent;
}

int serve_run(int listener, serve_fn *fn, void *ctx, int (*drop)(struct why *why), struct why *why)
{
	int channel[2], status = 0, err;
	pid_t pid;
	char ask;

	if (sandbox_prepare(why))
		return -EINVAL;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel))
		return why_set(why, "%s", strerror(errno));
	pid = fork();
	if (pid < 0)
		return why_set(why, "%s", strerror(errno));
	if (!pid) {
		close(channel[0]);
		prctl(PR_SET_NAME, "http");
		serve(channel[1], listener);
		_exit(1);
	}
	close(channel[1]);
	close(listener);
	err = drop(why);
	while (!err && transfer(channel[0], &ask, sizeof(ask), read) && answer(channel[0], ask, fn, ctx))
		;
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	if (err)
		return err;
	return why_set(why, "the process that answers HTTP has ended (%s %d)",
		       WIFSIGNALED(status) ? "signal" : "status",
		       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}
