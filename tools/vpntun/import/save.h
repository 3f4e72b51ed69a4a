/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IMPORT_SAVE_H
#define IMPORT_SAVE_H

#include "import/compose.h"

/*
 * Writes the files of @count connections and the keys of their tunnels, keys 0600. All are written beside the old ones
 * before the first of those is replaced: a failure leaves everything as it was. So does a file that somebody else has made
 * or changed since it was read. The exception are file systems that cannot exchange two files, such as vfat: there an old
 * file that is replaced by then does not come back, and nobody can tell what was written to it in the very last moment.
 *
 * All of them lie in one folder, which one such program has at a time; @notes hears when another one has it.
 * 0 or -EINVAL with @why.
 */
int save_files(const struct compose *files, size_t count, const struct compose_notes *notes, struct why *why);

#endif /* IMPORT_SAVE_H */
