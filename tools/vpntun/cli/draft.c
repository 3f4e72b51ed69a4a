// SPDX-License-Identifier: GPL-2.0
#include "cli/draft.h"

#include <errno.h>
#include <string.h>

#include "conf/report.h"
#include "iked/policy.h"

/* Each tunnel for itself, as each can have a way out of its own. */
static void check_host(const char *path, const struct host *host, const struct conf *conf, struct conf_report *report)
{
	struct conf one = *conf;
	struct why why = { "" };
	size_t i;

	one.n_tunnels = 1;
	for (i = 0; i < conf->n_tunnels; i++) {
		one.tunnels = &conf->tunnels[i];
		if (!host_refuse(host, &one, &why))
			continue;
		report_fault(report, path, 0, "%s", why.text);
		report_clash(report, one.tunnels, NULL);
	}
}

int draft_check(const char *path, const char *text, const struct host *host, struct conf *out,
		struct conf_report *report)
{
	unsigned int before = report->faults;

	if (conf_parse(path, text, strlen(text), out, report))
		return -EINVAL;
	conf_check(out, report);
	policy_report(out, report);
	conf_others(out, report);
	check_host(path, host, out, report);
	if (report->faults == before)
		return 0;
	conf_free(out);
	return -EINVAL;
}
