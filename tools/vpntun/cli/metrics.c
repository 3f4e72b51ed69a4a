// SPDX-License-Identifier: GPL-2.0
#include "cli/metrics.h"

#include <inttypes.h>

#include "util/utf8.h"

/* OpenMetrics names the family without what its samples have behind it; Prometheus knows only names of samples. */
static const char *suffix(const struct metric *metric)
{
	switch (metric->type) {
	case METRIC_COUNTER:
		return "_total";
	case METRIC_INFO:
		return "_info";
	default:
		return "";
	}
}

static const char *type_word(const struct metrics *metrics, const struct metric *metric)
{
	switch (metric->type) {
	case METRIC_COUNTER:
		return "counter";
	case METRIC_INFO:
		return metrics->open_metrics ? "info" : "gauge";
	default:
		return "gauge";
	}
}

void metrics_head(const struct metrics *metrics, const struct metric *metric)
{
	const char *behind = metrics->open_metrics ? "" : suffix(metric);

	fprintf(metrics->to, "# HELP %s%s %s\n", metric->name, behind, metric->help);
	fprintf(metrics->to, "# TYPE %s%s %s\n", metric->name, behind, type_word(metrics, metric));
}

/* Both dialects are UTF-8, and know three escapes. What is no text is a question mark. */
static void put_value(FILE *to, const char *value)
{
	const char *at;
	int length;

	for (at = value; *at; at += length ? length : 1) {
		length = utf8_length(at);
		if (*at == '\n')
			fputs("\\n", to);
		else if (*at == '"' || *at == '\\')
			fprintf(to, "\\%c", *at);
		else if (!length || (unsigned char)*at < ' ' || *at == 0x7f)
			fputc('?', to);
		else
			fwrite(at, 1, length, to);
	}
}

static void put_labels(FILE *to, const struct metric_label *labels)
{
	const struct metric_label *label;

	for (label = labels; label->name; label++) {
		fprintf(to, "%s%s=\"", label == labels ? "{" : ",", label->name);
		put_value(to, label->value);
		fputc('"', to);
	}
	if (label != labels)
		fputc('}', to);
}

void metrics_sample(const struct metrics *metrics, const struct metric *metric, const struct metric_label *labels,
		    uint64_t value)
{
	fprintf(metrics->to, "%s%s", metric->name, suffix(metric));
	put_labels(metrics->to, labels);
	if (metric->scale)
		fprintf(metrics->to, " %.6f\n", (double)value / metric->scale);
	else
		fprintf(metrics->to, " %" PRIu64 "\n", value);
}

void metrics_end(const struct metrics *metrics)
{
	if (metrics->open_metrics)
		fputs("# EOF\n", metrics->to);
}
