/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKE_COOKIE_H
#define IKE_COOKIE_H

#include "ike/sa.h"

/*
 * Section 2.6: a responder that is busy has initiators show that they get what is sent to them, and keeps nothing
 * meanwhile. Our secret changes every minute; cookies of the one before are taken, too.
 */
enum { COOKIE_SIZE = 32 };

int cookie_make(struct ike *ike, const struct ike_in *in, uint8_t out[COOKIE_SIZE]);
bool cookie_good(struct ike *ike, const struct ike_in *in);

#endif /* IKE_COOKIE_H */
