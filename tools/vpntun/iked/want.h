/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_WANT_H
#define IKED_WANT_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"
#include "ike/act.h"
#include "iked/site.h"
#include "nl/vgw.h"
#include "util/why.h"

/* What the module is to be told of a tunnel. Pure. vgw_tunnel_free() frees the lists. */

enum { WANT_SELECTORS_MAX = 64 };	/* the module's own bound */

/* What does not depend on what is negotiated. @link: index of Device, 0: none. */
void want_options(const struct conf *conf, const struct conf_tunnel *tunnel, uint32_t link, struct vgw_tunnel *out);

/* The same, and endpoint, prefixes and selectors: as configured, as negotiated. 0 or a negative errno with @why. */
int want_configured(const struct conf_tunnel *tunnel, struct vgw_tunnel *out, struct why *why);
int want_negotiated(const struct conf_tunnel *tunnel, const struct ike_act_install *install, struct vgw_tunnel *out,
		    struct why *why);

/* The outer addresses, ports, encapsulation and what NAT on the way asks for. */
void want_moved(const struct conf_tunnel *tunnel, const struct ike_act_move *move, struct vgw_tunnel *out);

/* Endpoint, prefixes and selectors of @there, a tunnel that the module has. 0 or -ENOMEM. */
int want_kept(const struct vgw_tunnel *there, struct vgw_tunnel *out);

/* Are endpoint, prefixes and selectors the same? */
bool want_same(const struct vgw_tunnel *a, const struct vgw_tunnel *b);

/* Is all the same? */
bool want_equal(const struct vgw_tunnel *a, const struct vgw_tunnel *b);

#endif /* IKED_WANT_H */
