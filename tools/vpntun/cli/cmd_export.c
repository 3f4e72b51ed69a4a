// SPDX-License-Identifier: GPL-2.0
#include "cli/cmds.h"

#include <stdio.h>

#include "cli/given.h"
#include "cli/host.h"
#include "export/vendors.h"

/* What a vendor's command stands for. */
struct vendor {
	export_fn *print;
	bool routes;		/* static routes have a place in it */
};

static void tell_of_keys(const struct export_view *view)
{
	fprintf(stderr, "the pre-shared key%s left out, %s stands there instead: --secrets tells %s\n",
		view->conf.n_tunnels == 1 ? " is" : "s are", EXPORT_NO_KEY, view->conf.n_tunnels == 1 ? "it" : "them");
}

static void tell_of_routes(const struct export_view *view)
{
	if (!view->conf.routes.count && !view_has_bgp(view))
		fprintf(stderr, "what networks are at this end is nowhere said, so no routes lead here: --routes tells them\n");
}

/* Behind a NAT we would call ourselves by an address that the far end does not expect. */
static void tell_of_identities(const struct export_view *view)
{
	struct why why = { "" };
	struct host host;
	char text[ADDR_TEXT_MAX];
	size_t i;

	if (host_see(&host, &why))
		return;
	for (i = 0; i < view->conf.n_tunnels; i++) {
		const struct conf_tunnel *tunnel = &view->conf.tunnels[i];

		if (view->says_address[i] && !host_has(&host, &tunnel->remote))
			fprintf(stderr, "warning: the far end expects %s as our identity, an address that this host does not have: write 'LocalID = %s' in [Tunnel %s] of %s\n",
				addr_text(&tunnel->remote, text), text, tunnel->name, view->conf.path);
	}
	host_exit(&host);
}

static int export_to(const struct vendor *vendor, const struct export_view *view, bool secrets, struct why *why)
{
	struct export_text out = { .text = NULL };
	int err = given_print(&out, vendor->print(view, &out, why), why);

	if (!err && !secrets)
		tell_of_keys(view);
	if (!err && vendor->routes)
		tell_of_routes(view);
	if (!err)
		tell_of_identities(view);
	return err;
}

static int run(const struct request *request, struct why *why)
{
	const struct vendor *vendor = request->of;
	const struct export_wish wish = {
		.secrets = request->options & OPTION_SECRETS, .tunnel = request->args[1],
		.outside = request->outside, .routes = request->routes,
	};
	/* Large, and the only one. */
	static struct export_view view;
	struct conf conf;
	int err;

	if (given_load(request->args[0], &conf, why))
		return FAILED;
	err = view_make(&conf, &wish, &view, why);
	if (!err)
		err = export_to(vendor, &view, wish.secrets, why);
	view_exit(&view);
	return err ? FAILED : DONE;
}

/* ---- the table ---- */

#define VENDOR_OPTIONS (OPTION_SECRETS | OPTION_OUTSIDE | OPTION_OUR_ROUTES)

/* For the device at the far end. */
#define VENDOR(vendor_name, what, function, has_routes)							     \
	&(const struct command){									     \
		.name = vendor_name,									     \
		.syntax = "NAME|FILE [TUNNEL] [--secrets] [--outside A,..] [--routes P,..]",		     \
		.summary = what,									     \
		.text = vendor_text, .options = VENDOR_OPTIONS, .min_args = 1, .max_args = 2, .run = run,	     \
		.of = &(const struct vendor){ .print = function, .routes = has_routes },		     \
	}

static const char vendor_text[] =
	"The other end of the connection NAME: what its administrator needs. Without --secrets a placeholder\n"
	"stands where a pre-shared key belongs. --outside: this host's addresses as the far end sees them, where\n"
	"Local does not tell. --routes: networks at this end that the far end is to reach, where LocalTS does not.\n";

static const struct command *const vendors[] = {
	VENDOR("vpntun", "A connection's file for vpntun", export_vpntun, true),
	VENDOR("generic", "Text in AWS's form for the vendor 'Generic'", export_generic, false),
	VENDOR("aws-xml", "XML in AWS's form (CustomerGatewayConfiguration)", export_aws_xml, false),
	VENDOR("strongswan", "swanctl.conf of strongSwan", export_strongswan, true),
	VENDOR("libreswan", "ipsec.conf and ipsec.secrets of Libreswan", export_libreswan, true),
	VENDOR("iked", "iked.conf of OpenIKED", export_iked, true),
	&cmd_export_frr,
	&cmd_export_bird,
	NULL
};

const struct command cmd_export = {
	.name = "export",
	.syntax = "VENDOR",
	.summary = "Prints the configuration of a connection's other end, or of this end's routing daemon.",
	.subs = vendors,
};
