// SPDX-License-Identifier: GPL-2.0
#include "iked/notify.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/num.h"

static struct {
	struct sockaddr_un address;
	socklen_t len;			/* 0: nobody wants to hear */
	uint64_t watchdog;		/* us, 0: there is none */
	struct event *tick;
	bool (*alive)(void *ctx);
	void *ctx;
} manager;

static uint64_t number(const char *name)
{
	const char *text = getenv(name);
	uint64_t value = 0;
	struct why why;

	return text && !num_parse(text, 1, INT64_MAX, &value, &why) ? value : 0;
}

void notify_init(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t size = path ? strlen(path) : 0;
	uint64_t pid = number("WATCHDOG_PID");

	/* A path, or "@" and a name of the abstract kind. */
	if (size > 1 && size < sizeof(manager.address.sun_path) && (*path == '/' || *path == '@')) {
		manager.address.sun_family = AF_UNIX;
		memcpy(manager.address.sun_path, path, size);
		if (*path == '@')
			manager.address.sun_path[0] = '\0';
		manager.len = offsetof(struct sockaddr_un, sun_path) + size;
	}
	if (!pid || pid == (uint64_t)getpid())
		manager.watchdog = number("WATCHDOG_USEC");
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_PID");
	unsetenv("WATCHDOG_USEC");
}

/* A lost word is repeated, or the manager's to make up for. */
static void tell(const char *text)
{
	int fd;

	if (!manager.len)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	sendto(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&manager.address, manager.len);
	close(fd);
}

void notify_ready(void)
{
	tell("READY=1");
}

void notify_reloading(void)
{
	char text[64];

	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, clock_ms(CLOCK_MONOTONIC) * 1000);
	tell(text);
}

void notify_stopping(void)
{
	tell("STOPPING=1");
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	if (manager.alive(manager.ctx))
		tell("WATCHDOG=1");
}

int notify_watchdog(struct event_base *base, bool (*alive)(void *ctx), void *ctx)
{
	uint64_t half = manager.watchdog / 2;
	const struct timeval pause = { half / 1000000, half % 1000000 };

	if (!manager.len || !half)
		return 0;
	manager.alive = alive;
	manager.ctx = ctx;
	manager.tick = event_new(base, -1, EV_PERSIST, on_tick, NULL);
	return manager.tick && !event_add(manager.tick, &pause) ? 0 : -ENOMEM;
}

void notify_free(void)
{
	if (manager.tick)
		event_free(manager.tick);
	manager.tick = NULL;
}
