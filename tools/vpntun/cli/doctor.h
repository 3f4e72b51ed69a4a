/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include "cli/finding.h"
#include "cli/roster.h"

/* What the doctor looks at. */
struct doctor {
	struct findings *findings;
	const struct roster_files *files;
	const struct roster *roster;	/* of all of them */
	const struct view *view;
	const char *named;		/* only this connection, or interface; NULL: all */
};

/* Is it asked about this one? */
bool doctor_wants(const struct doctor *doctor, const char *connection, const char *ifname);

/* The host: module, helper, clock, firewall; and what of it is in the way of connections. */
void doctor_host(const struct doctor *doctor);

/* Each tunnel: where it stops, and why; NAT; MTU; drops; ways that differ. */
void doctor_tunnels(const struct doctor *doctor);

/* Rekeys the Child SA of each tunnel that is up, to see whether both sides agree on that. Takes seconds a tunnel at most. */
void doctor_rekeys(const struct doctor *doctor);

#endif /* CLI_DOCTOR_H */
