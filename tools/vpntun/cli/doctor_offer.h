/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_DOCTOR_OFFER_H
#define CLI_DOCTOR_OFFER_H

#include <stdbool.h>

#include "cli/finding.h"

/*
 * What to do about a tunnel of @connection whose last @error is that a peer's offer has nothing in common with ours. Only
 * what an authenticated peer offers, and what is not weak, is recommended. false: there is nothing to be said of it.
 */
bool doctor_offer(const char *error, const char *connection, char fix[FINDING_TEXT_MAX]);

#endif /* CLI_DOCTOR_OFFER_H */
