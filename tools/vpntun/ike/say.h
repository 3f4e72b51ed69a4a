/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_SAY_H
#define IKE_SAY_H

#include "ike/sa.h"

/* Lines of the log. What a peer sent must have been escaped, and is cut. */
void say(struct ike *ike, const struct ike_tunnel *tun, enum ike_log_level level, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* A warning that `show` tells as the tunnel's last error, too, and that is counted, unless of no kind; @tun may be NULL. */
void say_fault(struct ike *ike, struct ike_tunnel *tun, enum ike_fault kind, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* What an error notify of the peer means; 0, none, is a refusal, too. */
enum ike_fault fault_of(uint16_t notify);

/*
 * May what has been heard cause one more line, or one more answer of the kind that nobody needs? Few a second, for
 * all together and for each network that it comes from, so that none takes the place of others.
 */
bool hint_allowed(struct ike *ike);

#endif /* IKE_SAY_H */
