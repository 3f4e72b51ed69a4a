// SPDX-License-Identifier: GPL-2.0
#include "cli/draft.h"

#include <errno.h>
#include <string.h>

#include "conf/report.h"
#include "iked/policy.h"

int draft_check(const char *path, const char *text, const struct host *host, struct conf *out,
		struct conf_report *report)
{
	unsigned int before = report->faults;
	struct why why = { "" };

	if (conf_parse(path, text, strlen(text), out, report))
		return -EINVAL;
	conf_check(out, report);
	policy_report(out, report);
	conf_others(out, report);
	if (host_refuse(host, out, &why))
		report_fault(report, path, 0, "%s", why.text);
	if (report->faults == before)
		return 0;
	conf_free(out);
	return -EINVAL;
}
