/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_METRICS_H
#define CLI_METRICS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Metrics as text, in two dialects: that of Prometheus (0.0.4), which node_exporter's text files have, too, and
 * OpenMetrics 1.0. All samples of a metric come together, behind its head.
 */
enum metric_type { METRIC_GAUGE, METRIC_COUNTER, METRIC_INFO };

struct metric {
	const char *name;	/* without "_total" and "_info" */
	const char *help;
	enum metric_type type;
	uint32_t scale;		/* values are divided by it; 0: they are whole numbers */
};

struct metric_label {
	const char *name;
	const char *value;	/* any bytes */
};

struct metrics {
	FILE *to;
	bool open_metrics;
};

void metrics_head(const struct metrics *metrics, const struct metric *metric);
/* A label without a name ends @labels. */
void metrics_sample(const struct metrics *metrics, const struct metric *metric, const struct metric_label *labels,
		    uint64_t value);
/* After the last one. */
void metrics_end(const struct metrics *metrics);

#endif /* CLI_METRICS_H */
