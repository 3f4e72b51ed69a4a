// SPDX-License-Identifier: GPL-2.0
/* `export frr` and `export bird`: for the routing daemon of this end. */
#include "cli/cmds.h"

#include <stdlib.h>

#include "cli/given.h"
#include "export/bgp.h"

enum { NAMES_MAX = 64 };

struct daemon_language {
	bgp_fn *write;
};

/* ---- what is asked for ---- */

static int take_prefixes(const char *option, const char *text, bool *has, struct ip_prefixes *out, struct why *why)
{
	*has = text;
	if (!text || !prefixes_parse(text, out, why))
		return 0;
	return why_prepend(why, option);
}

static int take_wish(const struct request *request, struct bgp_wish *wish, struct why *why)
{
	*wish = (struct bgp_wish){
		.primary = request->primary, .ecmp = request->options & OPTION_ECMP, .bfd = request->options & OPTION_BFD,
		.transit = request->options & OPTION_TRANSIT,
	};
	if (take_prefixes("--announce", request->announce, &wish->has_announce, &wish->announce, why))
		return -1;
	return take_prefixes("--accept", request->accept, &wish->has_accept, &wish->accept, why);
}

static void wish_exit(struct bgp_wish *wish)
{
	prefixes_free(&wish->announce);
	prefixes_free(&wish->accept);
}

/* ---- the connections ---- */

/* Those that are read are counted in @count, also when one cannot be. */
static int load_all(char *const names[], struct conf confs[NAMES_MAX], size_t *count, struct why *why)
{
	for (*count = 0; names[*count]; (*count)++)
		if (given_load(names[*count], &confs[*count], why))
			return -1;
	return 0;
}

static int print(const struct daemon_language *language, const struct bgp *bgp, struct why *why)
{
	struct export_text out = { .text = NULL };

	return given_print(&out, language->write(bgp, &out, why), why);
}

static int run_on(const struct request *request, struct conf *confs, struct why *why)
{
	struct bgp_wish wish;
	struct bgp bgp;
	size_t count = 0;
	int err = take_wish(request, &wish, why);

	if (!err)
		err = load_all(request->args, confs, &count, why);
	if (!err)
		err = bgp_take(&bgp, confs, count, &wish, why);
	if (!err) {
		err = print(request->of, &bgp, why);
		bgp_free(&bgp);
	}
	while (count)
		conf_free(&confs[--count]);
	wish_exit(&wish);
	return err ? FAILED : DONE;
}

static int run(const struct request *request, struct why *why)
{
	struct conf *confs = calloc(NAMES_MAX, sizeof(*confs));
	int status;

	if (!confs) {
		why_set(why, "out of memory");
		return FAILED;
	}
	status = run_on(request, confs, why);
	free(confs);
	return status;
}

/* ---- the commands ---- */

static const char text[] =
	"For this host's routing daemon: BGP with the far end's inside address of every tunnel that has LocalASN and\n"
	"RemoteASN. Connections without them are announced while they are up, by their Routes. All that one daemon\n"
	"is to know of goes into one command. Routes go to and fro only as policies say:\n"
	"--announce is what this side has, by default what LocalTS names; 'none' is nothing. --accept is what\n"
	"neighbors may have, by default what their tunnels carry, but no default route. See vpntun(8), ROUTING.\n";

#define BGP_OPTIONS (OPTION_ANNOUNCE | OPTION_ACCEPT | OPTION_PRIMARY | OPTION_ECMP | OPTION_BFD | OPTION_TRANSIT)
#define BGP_SYNTAX "NAME|FILE.. [--announce P,..] [--accept P,..] [--primary TUNNEL] [--ecmp] [--bfd] [--transit]"

const struct command cmd_export_frr = {
	.name = "frr",
	.syntax = BGP_SYNTAX,
	.summary = "BGP of this end, for FRR",
	.text = text,
	.options = BGP_OPTIONS,
	.min_args = 1,
	.max_args = NAMES_MAX,
	.run = run,
	.of = &(const struct daemon_language){ .write = export_frr },
};

const struct command cmd_export_bird = {
	.name = "bird",
	.syntax = BGP_SYNTAX,
	.summary = "BGP of this end, for BIRD 2",
	.text = text,
	.options = BGP_OPTIONS,
	.min_args = 1,
	.max_args = NAMES_MAX,
	.run = run,
	.of = &(const struct daemon_language){ .write = export_bird },
};
