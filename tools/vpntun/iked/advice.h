/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_ADVICE_H
#define IKED_ADVICE_H

#include "iked/site_own.h"
#include "nl/link.h"

/*
 * Warns of settings of the host that keep packets from a connection, which are never changed, and of weak groups.
 * Between site_enter() and site_leave(); @links: of our own namespace.
 */
void advise(const struct site *site, const struct links *links);

#endif /* IKED_ADVICE_H */
