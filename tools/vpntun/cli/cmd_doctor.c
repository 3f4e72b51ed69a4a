// SPDX-License-Identifier: GPL-2.0
#include "cli/cmds.h"

#include <string.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "cli/helper.h"
#include "conf/folder.h"
#include "util/nearest.h"

/* Does anybody know the connection, or interface, that is asked about? */
static bool is_known(const struct doctor *doctor, struct why *why)
{
	struct nearest nearest;
	size_t i;

	if (!doctor->named)
		return true;
	nearest_init(&nearest, doctor->named);
	for (i = 0; i < doctor->files->count; i++) {
		if (!strcmp(doctor->files->list[i].name, doctor->named))
			return true;
		nearest_offer(&nearest, doctor->files->list[i].name);
	}
	for (i = 0; i < doctor->roster->count; i++)
		if (doctor_wants(doctor, doctor->roster->list[i].connection, doctor->roster->list[i].ifname))
			return true;
	nearest_why(&nearest, "connection", why);
	return false;
}

static int print(const struct findings *findings, const struct request *request, struct why *why)
{
	const struct out out = { .to = stdout, .colour = out_wants_colour() };

	if (!(request->options & OPTION_JSON)) {
		findings_text(findings, &out);
	} else if (!out_json(findings_json(findings), true)) {
		why_set(why, "out of memory");
		return FAILED;
	}
	return findings_status(findings, why);
}

static int examine(const struct view *view, const struct request *request, struct why *why)
{
	struct roster_files files;
	struct findings findings = { 0 };
	struct roster roster;
	struct doctor doctor = {
		.findings = &findings, .files = &files, .roster = &roster, .view = view, .named = request->args[0],
	};
	int status = FAILED;

	roster_read(CONF_FOLDER, &files);
	if (roster_make(&roster, &files, view)) {
		why_set(why, "out of memory");
	} else {
		if (is_known(&doctor, why)) {
			doctor_host(&doctor);
			doctor_tunnels(&doctor);
			if (request->options & OPTION_REKEY)
				doctor_rekeys(&doctor);
			status = print(&findings, request, why);
		}
		roster_free(&roster);
	}
	findings_free(&findings);
	roster_files_free(&files);
	return status;
}

static int run(const struct request *request, struct why *why)
{
	struct snap snap = { 0 };
	struct view view = { .snap = &snap };
	struct why note = { "" }, module_note;
	struct status status;
	struct knl knl;
	bool runs, has_module;
	int result;

	if (geteuid()) {
		why_set(why, "not permitted: it looks at firewall, policies and keys, as root");
		return FAILED;
	}
	result = helper_look(&status, CTL_PATIENCE, &runs, &note, why);
	if (result == DONE && runs)
		view.status = &status;
	view.helper_note = result != DONE ? why->text : *note.text ? note.text : NULL;
	has_module = !vgw_open(&knl);
	module_note = knl.why;
	if (!has_module)
		view.module_note = module_note.text;
	else if (!snap_fetch(&knl, NULL, NULL, &snap))
		view_add_far(&view, &knl, &snap);

	result = examine(&view, request, why);
	snap_free(&snap);
	if (has_module)
		knl_close(&knl);
	if (view.status)
		status_free(&status);
	return result;
}

const struct command cmd_doctor = {
	.name = "doctor",
	.syntax = "[NAME|IFACE] [--rekey] [--json]",
	.summary = "What is wrong with this host or connection, and what mends it.",
	.text = "Nothing is changed, but with --rekey: tunnels that are up get new keys. Exit status: 0 nothing is wrong,\n"
		"3 there are warnings, 4 there are errors.\n",
	.options = OPTION_REKEY | OPTION_JSON,
	.max_args = 1,
	.run = run,
};
