// SPDX-License-Identifier: GPL-2.0
#include "cli/metrics.h"

#include <inttypes.h>

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

/* How many bytes of UTF-8 begin at @at, which a zero ends; 0: none. */
static int utf8_length(const unsigned char *at)
{
	/* The least that a sequence of that many bytes may stand for. */
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	int i, length = *at < 0x80 ? 1 : *at >> 5 == 6 ? 2 : *at >> 4 == 14 ? 3 : *at >> 3 == 30 ? 4 : 0;
	uint32_t code = length > 1 ? *at & (0xff >> (length + 1)) : *at;

	for (i = 1; i < length; i++) {
		if (at[i] >> 6 != 2)
			return 0;
		code = code << 6 | (at[i] & 0x3f);
	}
	if (!length || code < least[length] || code > 0x10ffff || code >> 11 == 0x1b)
		return 0;
	return length;
}

/* Both dialects are UTF-8, and know three escapes. What is no text is a question mark. */
static void put_value(FILE *to, const char *value)
{
	const unsigned char *at = (const unsigned char *)value;
	int length;

	for (; *at; at += length ? length : 1) {
		length = utf8_length(at);
		if (*at == '\n')
			fputs("\\n", to);
		else if (*at == '"' || *at == '\\')
			fprintf(to, "\\%c", *at);
		else if (!length || *at < ' ' || *at == 0x7f)
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
