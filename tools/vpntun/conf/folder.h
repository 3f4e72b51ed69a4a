/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CONF_FOLDER_H
#define CONF_FOLDER_H

/* Where connections have their files. */
#define CONF_FOLDER "/etc/vpntun"

/*
 * Tells of every connection's file in @folder, in the order of their names: its path, and its name without the folder.
 * The helper's own file is none. At most 4096 are told of. 0 or a negative errno.
 */
typedef void folder_fn(void *ctx, const char *path, const char *file);
int folder_each(const char *folder, folder_fn *fn, void *ctx);

#endif /* CONF_FOLDER_H */
