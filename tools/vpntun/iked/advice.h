/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IKED_ADVICE_H
#define IKED_ADVICE_H

#include "iked/site_own.h"
#include "nl/link.h"

/* Warns of settings of the host that keep packets from a connection, which are never changed, and of weak groups. */
void advise(const struct site *site, const struct links *links);

#endif /* IKED_ADVICE_H */
