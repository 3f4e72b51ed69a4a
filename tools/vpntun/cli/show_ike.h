/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_SHOW_IKE_H
#define CLI_SHOW_IKE_H

#include "cli/out.h"
#include "cli/status.h"

/* What the helper says of a tunnel, for people. */
void show_ike(const struct out *out, const struct status_tunnel *tunnel);

#endif /* CLI_SHOW_IKE_H */
