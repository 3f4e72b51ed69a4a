// SPDX-License-Identifier: GPL-2.0
#include "cli/doctor.h"

#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/verify.h"

/* The group is what IKE_AUTH has not shown; anything else that a rekeying fails by has to do with something else. */
static bool is_of_group(const char *error)
{
	return strstr(error, "NO_PROPOSAL_CHOSEN") || strstr(error, "INVALID_KE_PAYLOAD");
}

static void check_rekey(const struct doctor *doctor, struct ctl *ctl, const struct roster_tunnel *tunnel)
{
	struct why why = { "" };
	char about[96];
	int result;

	snprintf(about, sizeof(about), "%s/%s", tunnel->connection, tunnel->name);
	result = verify_child(ctl, tunnel->connection, tunnel->name, &why);
	if (result == DONE) {
		finding_add(doctor->findings, FINDING_NOTE, "rekey", about,
			    "its Child SA was rekeyed now, so both sides agree on that, too");
	} else if (result == FAILED) {
		finding_add(doctor->findings, FINDING_ERROR, "rekey", about, "%s", why.text);
		if (is_of_group(why.text))
			finding_fix(doctor->findings,
				    "set the groups in ESPProposals to those that the far end has for PFS (its phase 2), then: vpntun reload %s",
				    tunnel->connection);
		else
			finding_fix(doctor->findings, "vpntun log %s", tunnel->connection);
	}
}

void doctor_rekeys(const struct doctor *doctor)
{
	struct why why = { "" };
	struct ctl *ctl;
	size_t i;

	/* That no helper runs is said already. */
	if (!doctor->view->status || ctl_connect(&ctl, CTL_PATIENCE, &why))
		return;
	for (i = 0; i < doctor->roster->count; i++) {
		const struct roster_tunnel *tunnel = &doctor->roster->list[i];

		if (tunnel->known && doctor_wants(doctor, tunnel->connection, tunnel->ifname))
			check_rekey(doctor, ctl, tunnel);
	}
	ctl_close(ctl);
}
