/* SPDX-License-Identifier: GPL-2.0 */
#ifndef EXPORT_CONNECTION_H
#define EXPORT_CONNECTION_H

#include "conf/conf.h"
#include "export/text.h"

/*
 * Adds what a connection's file, vpntun.conf(5), has of @conf, below the comment @title. Not what one end alone can
 * know and the views do not have: Device, Namespace, what outer packets look like and the like.
 */
void connection_write(const struct conf *conf, const char *title, struct export_text *out);

#endif /* EXPORT_CONNECTION_H */
