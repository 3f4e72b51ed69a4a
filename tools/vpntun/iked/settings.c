// SPDX-License-Identifier: GPL-2.0
#include "iked/settings.h"

#include <errno.h>
#include <string.h>

#include "iked/log.h"

/* The first fault is the reason, without those behind it. */
static void on_report(void *ctx, bool fault, const char *line)
{
	struct why *why = ctx;

	if (!fault)
		ilog(IKE_LOG_WARNING, NULL, "%s", line);
	else if (!*why->text)
		why_set(why, "%s", line);
}

int settings_read(struct daemon_conf *settings, struct why *why)
{
	struct conf_report report = { .say = on_report, .ctx = why };

	why->text[0] = '\0';
	if (daemon_load(DAEMON_FILE, settings, &report))
		return -EINVAL;
	ilog_set(settings);
	return 0;
}

void settings_send(const struct daemon_conf *settings, struct procs *procs)
{
	struct imsg_settings body = {
		.cookie_threshold = settings->cookie_threshold, .half_open_max = settings->half_open_max,
		.source_max = settings->source_max, .n_listen = settings->listen.count,
	};

	_Static_assert((int)CONF_LIST_MAX <= (int)IMSG_LISTEN_MAX, "a list of the file may be too long");
	memcpy(body.listen, settings->listen.list, sizeof(settings->listen.list));
	procs_send(procs, PROC_NETWORK, IMSG_SETTINGS, &body, -1);
}
