// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "iked/site_own.h"

int site_fail(struct why *why, const struct knl *knl, int err, const char *fmt, ...)
{
	char what[128];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	why_set(why, "%s: %s", what, knl->why.text);
	return err;
}

void site_warn(const struct sites *sites, const char *fmt, ...)
{
	struct why why;
	va_list args;

	if (!sites->warn)
		return;
	va_start(args, fmt);
	vsnprintf(why.text, sizeof(why.text), fmt, args);
	va_end(args);
	sites->warn(why.text);
}

int site_tell(struct site *site, uint8_t cmd, const struct vgw_tunnel *tunnel, struct why *why)
{
	struct knl *knl = &site->sites->vgw;
	int err = vgw_tunnel_change(knl, cmd, &site->where, tunnel);

	return err ? site_fail(why, knl, err, "tunnel %s", tunnel->name) : 0;
}

void site_added(struct site *site, const char *fmt, ...)
{
	struct site_mended *mended = &site->sites->mended;
	size_t len;
	va_list args;

	if (!site->up)
		return;
	mended->count++;
	snprintf(mended->what, sizeof(mended->what), "%s: ", site->conf.name);
	len = strlen(mended->what);
	va_start(args, fmt);
	vsnprintf(mended->what + len, sizeof(mended->what) - len, fmt, args);
	va_end(args);
}
