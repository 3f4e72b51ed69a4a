// SPDX-License-Identifier: GPL-2.0
#include "iked/ctl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

struct ctl {
	FILE *stream;
	unsigned int patience;
	char *line;
	size_t size;
};

int ctl_path(char *path, size_t size)
{
	struct stat ns;

	if (stat("/proc/self/ns/net", &ns))
		return -errno;
	if (snprintf(path, size, "/run/vpntun/ctl-%lu", (unsigned long)ns.st_ino) >= (int)size)
		return -ENAMETOOLONG;
	return 0;
}

/* 0: for ever. Connecting counts as sending. */
static void be_patient(int fd, int what, time_t seconds)
{
	const struct timeval patience = { .tv_sec = seconds };

	setsockopt(fd, SOL_SOCKET, what, &patience, sizeof(patience));
}

static int refuse(int err, struct why *why)
{
	if (err == EAGAIN)
		why_set(why, "the IKE helper does not answer");
	else if (err == ENOENT || err == ECONNREFUSED)
		why_set(why, "the IKE helper does not run in this network namespace");
	else if (err == EACCES || err == EPERM)
		why_set(why, "the IKE helper's control socket is for root and the group vpntun");
	else
		why_set(why, "the IKE helper's control socket: %s", strerror(err));
	return -err;
}

int ctl_connect(struct ctl **ctl, unsigned int patience, struct why *why)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int err, fd;

	err = ctl_path(address.sun_path, sizeof(address.sun_path));
	if (err)
		return refuse(-err, why);
	*ctl = calloc(1, sizeof(**ctl));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		be_patient(fd, SO_SNDTIMEO, patience);
	if (*ctl && fd >= 0 && !connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		(*ctl)->patience = patience;
		(*ctl)->stream = fdopen(fd, "r+");
		if ((*ctl)->stream)
			return 0;
	}
	err = errno;
	if (fd >= 0)
		close(fd);
	free(*ctl);
	*ctl = NULL;
	return refuse(err, why);
}

void ctl_close(struct ctl *ctl)
{
	fclose(ctl->stream);
	free(ctl->line);
	free(ctl);
}

json_t *ctl_line(struct ctl *ctl, struct why *why)
{
	ssize_t len = getline(&ctl->line, &ctl->size, ctl->stream);
	json_t *root;

	if (len <= 0) {
		if (ferror(ctl->stream))
			why_set(why, "%s", errno == EAGAIN ? "the IKE helper does not answer" : strerror(errno));
		else
			why->text[0] = '\0';
		return NULL;
	}
	root = json_loadb(ctl->line, len, 0, NULL);
	if (json_is_object(root))
		return root;
	json_decref(root);
	why_set(why, "the IKE helper answered what is no JSON object");
	return NULL;
}

static bool send_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t sent = send(fd, text, len, MSG_NOSIGNAL);

		if (sent < 0 && errno != EINTR)
			return false;
		if (sent > 0) {
			text += sent;
			len -= sent;
		}
	}
	return true;
}

json_t *ctl_ask(struct ctl *ctl, json_t *request, struct why *why)
{
	char *text = request ? json_dumps(request, JSON_COMPACT) : NULL;
	json_t *answer;
	bool sent;

	json_decref(request);
	if (!text) {
		why_set(why, "out of memory");
		return NULL;
	}
	sent = send_all(fileno(ctl->stream), text, strlen(text)) && send_all(fileno(ctl->stream), "\n", 1);
	free(text);
	/* A helper that refuses at once may close before it has read: its answer is there all the same. */
	if (!sent && errno != EPIPE) {
		why_set(why, "the IKE helper's control socket: %s", strerror(errno));
		return NULL;
	}
	be_patient(fileno(ctl->stream), SO_RCVTIMEO, ctl->patience);
	answer = ctl_line(ctl, why);
	be_patient(fileno(ctl->stream), SO_RCVTIMEO, 0);
	if (!answer && !*why->text)
		why_set(why, "the IKE helper went away");
	return answer;
}
