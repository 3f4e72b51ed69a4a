/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_FINDING_H
#define CLI_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/out.h"
#include "util/why.h"

/* What `doctor` has found, each with the command that mends it. */
enum finding_severity {
	FINDING_ERROR,		/* something does not work */
	FINDING_WARNING,	/* something may not, or is weak */
	FINDING_NOTE,		/* good to know */
};

enum { FINDING_TEXT_MAX = 640 };

struct finding {
	enum finding_severity severity;
	const char *check;	/* a word that does not change: "forwarding" */
	char about[96];		/* "office/aws-1", or "": the host */
	char text[FINDING_TEXT_MAX];
	char fix[FINDING_TEXT_MAX];	/* "": there is nothing to be done */
};

struct findings {
	struct finding *list;
	size_t count;
	bool no_memory;
};

void finding_add(struct findings *findings, enum finding_severity severity, const char *check, const char *about,
		 const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* What mends the last one. */
void finding_fix(struct findings *findings, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void findings_free(struct findings *findings);

void findings_text(const struct findings *findings, const struct out *out);
json_t *findings_json(const struct findings *findings);

/* An exit status (cli/command.h): PARTLY if there are warnings, NOT_UP if there are errors; then @why sums them up. */
int findings_status(const struct findings *findings, struct why *why);

#endif /* CLI_FINDING_H */
