// SPDX-License-Identifier: GPL-2.0
#include "cli/cmds.h"

#include "nl/vgw.h"
#include "util/num.h"

static const struct word iface_words[] = {
	{ "carrier", NULL, "auto: while a tunnel is up; on: always", NULL,
	  WORD_TO(vgw_iface, carrier_policy), VGW_A_IFACE_CARRIER_POLICY,
	  WORD_CHOICES(vgw_carrier_policy_names) },
	{ "mss-clamp", "N|on|off", "largest TCP segments, 88 to 65495; on: by the MTU",
	  mss_parse, WORD_TO(vgw_iface, mss_clamp), VGW_A_IFACE_MSS_CLAMP },
	{ "mtu", "N|auto", "auto: what the tunnels can carry",
	  mtu_parse, WORD_TO(vgw_iface, mtu), VGW_A_IFACE_MTU },
	{ "fwmark", "N", "mark of outer packets of tunnels without their own",
	  mark_parse, WORD_TO(vgw_iface, fwmark), VGW_A_IFACE_FWMARK },
	{ 0 }
};

static int run(const struct request *request, struct why *why)
{
	const char *ifname = request->args[0];
	struct vgw_iface iface = { 0 };
	struct knl knl;
	int err;

	if (name_check(ifname, IFACE_NAME_SIZE, why) ||
	    words_parse(iface_words, request->words, &iface, why))
		return USAGE;
	if (!iface.has) {
		why_set(why, "nothing to set: name a word and its value");
		return USAGE;
	}

	err = vgw_open(&knl);
	if (!err) {
		err = vgw_iface_set(&knl, &(struct vgw_where){ .ifname = ifname }, &iface);
		knl_close(&knl);
	}
	*why = knl.why;
	return err ? FAILED : DONE;
}

const struct command cmd_set = {
	.name = "set",
	.syntax = "IFACE WORD VALUE...",
	.summary = "Changes an interface; what is not named stays.",
	.words = iface_words,
	.min_args = 1, .max_args = 1,
	.run = run,
};
