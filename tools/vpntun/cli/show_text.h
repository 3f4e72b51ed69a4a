/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_SHOW_TEXT_H
#define CLI_SHOW_TEXT_H

#include "cli/out.h"
#include "nl/snap.h"

/* `show` for people. */
void show_text(const struct out *out, const struct snap *snap);

#endif /* CLI_SHOW_TEXT_H */
