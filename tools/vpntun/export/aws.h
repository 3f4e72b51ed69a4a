/* SPDX-License-Identifier: GPL-2.0 */
#ifndef EXPORT_AWS_H
#define EXPORT_AWS_H

#include "export/view.h"
#include "util/why.h"

/* A phase in AWS's words: "aes-256-cbc", "sha2-256", group 14. */
struct aws_phase {
	const char *cipher, *hash;
	unsigned int group;
	uint32_t lifetime;	/* seconds */
};

/* What AWS's forms have of a tunnel; the far end is the customer's gateway. */
struct aws_tunnel {
	struct ip_addr customer, gateway;		/* outside */
	struct conf_inside customer_inside, gateway_inside;
	struct aws_phase ike, esp;
	uint32_t dpd_interval, dpd_retries;
	uint32_t mtu, mss;				/* bytes; of a path that takes 1500, behind a NAT */
	bool clear_df;
	uint32_t customer_asn, gateway_asn, hold;	/* 0: static routes */
	char key[EXPORT_KEY_MAX + 1];			/* wipe it */
};

/*
 * The @at-th tunnel of the far view. -EINVAL: these forms have no place for it, @why says for what. They have one
 * proposal for each phase: the first that AWS has words for.
 */
int aws_tunnel(const struct export_view *view, size_t at, struct aws_tunnel *out, struct why *why);

#endif /* EXPORT_AWS_H */
