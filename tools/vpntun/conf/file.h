/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CONF_FILE_H
#define CONF_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "conf/conf.h"

/* Files that a configuration names: keys, certificates. @name as written there, see conf.h. */
#define FILE_CREDENTIAL "credential:"

enum { FILE_PATH_MAX = 1024 };

/* Where it lies: absolute, in the folder of @conf, or a systemd credential. 0 or -EINVAL with @why. */
int file_find(const struct conf *conf, const char *name, char path[FILE_PATH_MAX], struct why *why);

/* Has @tunnel files that only the helper can read: credentials, and this process was given none? */
bool file_helper_only(const struct conf_tunnel *tunnel);

/*
 * Opens it for reading: its descriptor or -EINVAL with @why. With @secret it is refused when anybody can read or write it
 * but its owner, who has to be root or the user who asks; without, when everybody can write to it.
 */
int file_open(const char *path, bool secret, struct why *why);

/* All of it, at most @max bytes, on the heap; @*out is NULL if there is nothing. Their number, or -EINVAL with @why. */
ssize_t file_read(int fd, size_t max, uint8_t **out, struct why *why);

#endif /* CONF_FILE_H */
