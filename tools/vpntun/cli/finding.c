// SPDX-License-Identifier: GPL-2.0
#include "cli/finding.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"

static const char *const words[] = {
	[FINDING_ERROR] = "error", [FINDING_WARNING] = "warning", [FINDING_NOTE] = "note",
};

/* What peers have said may be in it. */
static void print_to(char *text, size_t size, const char *fmt, va_list args)
{
	char *c;

	vsnprintf(text, size, fmt, args);
	for (c = text; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
}

void finding_add(struct findings *findings, enum finding_severity severity, const char *check, const char *about,
		 const char *fmt, ...)
{
	struct finding *list = reallocarray(findings->list, findings->count + 1, sizeof(*list));
	struct finding *finding;
	va_list args;

	if (!list) {
		findings->no_memory = true;
		return;
	}
	findings->list = list;
	finding = &list[findings->count++];
	*finding = (struct finding){ .severity = severity, .check = check };
	snprintf(finding->about, sizeof(finding->about), "%s", about);
	va_start(args, fmt);
	print_to(finding->text, sizeof(finding->text), fmt, args);
	va_end(args);
}

void finding_fix(struct findings *findings, const char *fmt, ...)
{
	struct finding *finding = findings->count ? &findings->list[findings->count - 1] : NULL;
	va_list args;

	if (!finding || findings->no_memory)
		return;
	va_start(args, fmt);
	print_to(finding->fix, sizeof(finding->fix), fmt, args);
	va_end(args);
}

void findings_free(struct findings *findings)
{
	free(findings->list);
	*findings = (struct findings){ 0 };
}

static size_t count_of(const struct findings *findings, enum finding_severity severity)
{
	size_t i, count = 0;

	for (i = 0; i < findings->count; i++)
		count += findings->list[i].severity == severity;
	return count;
}

/* The worst first. */
static void text_of(const struct findings *findings, enum finding_severity severity, const struct out *out)
{
	size_t i;

	for (i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];

		if (finding->severity != severity)
			continue;
		out_paint(out, severity == FINDING_NOTE, words[severity]);
		fprintf(out->to, " [%s] %s%s%s\n", finding->check, finding->about, *finding->about ? ": " : "",
			finding->text);
		if (*finding->fix)
			fprintf(out->to, "    %s\n", finding->fix);
	}
}

void findings_text(const struct findings *findings, const struct out *out)
{
	enum finding_severity severity;

	for (severity = FINDING_ERROR; severity <= FINDING_NOTE; severity++)
		text_of(findings, severity, out);
	if (!count_of(findings, FINDING_ERROR) && !count_of(findings, FINDING_WARNING))
		fputs("nothing is wrong that could be seen from here\n", out->to);
}

json_t *findings_json(const struct findings *findings)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];

		json_array_append_new(list, json_pack("{ss ss so so so}", "severity", words[finding->severity],
						      "check", finding->check, "about", out_json_text_or_null(finding->about),
						      "text", out_json_text(finding->text),
						      "fix", out_json_text_or_null(finding->fix)));
	}
	return json_pack("{si si so}", "errors", (int)count_of(findings, FINDING_ERROR),
			 "warnings", (int)count_of(findings, FINDING_WARNING), "findings", list);
}

int findings_status(const struct findings *findings, struct why *why)
{
	size_t errors = count_of(findings, FINDING_ERROR), warnings = count_of(findings, FINDING_WARNING);

	if (findings->no_memory) {
		why_set(why, "out of memory");
		return FAILED;
	}
	if (!errors && !warnings)
		return DONE;
	why_set(why, "%zu error%s, %zu warning%s", errors, errors == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s");
	return errors ? NOT_UP : PARTLY;
}
