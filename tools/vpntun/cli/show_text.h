/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CLI_SHOW_TEXT_H
#define CLI_SHOW_TEXT_H

#include "cli/out.h"
#include "cli/view.h"

/* `show` for people. */
void show_text(const struct out *out, const struct view *view);

#endif /* CLI_SHOW_TEXT_H */
