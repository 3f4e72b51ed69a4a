/* SPDX-License-Identifier: GPL-2.0 */
#ifndef IMPORT_SAVE_H
#define IMPORT_SAVE_H

#include "import/compose.h"

/*
 * Writes the files of @count connections and the keys of their tunnels, keys 0600. All are written beside the old ones
 * before the first of those is replaced: a failure leaves everything as it was. So does a file that somebody else has made
 * or changed since it was read. All of them lie in one folder, which one such program has at a time.
 * 0 or -EINVAL with @why.
 */
int save_files(const struct compose *files, size_t count, struct why *why);

#endif /* IMPORT_SAVE_H */
