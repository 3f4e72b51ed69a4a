/* SPDX-License-Identifier: GPL-2.0 */
#ifndef EXPORT_VENDORS_H
#define EXPORT_VENDORS_H

#include "export/text.h"
#include "export/view.h"
#include "util/why.h"

/*
 * Each writes the configuration of one kind of device, or program, for the view's end, and is the whole of its file.
 * 0, or -EINVAL with @why: something in it cannot be said there.
 */
typedef int export_fn(const struct export_view *view, struct export_text *out, struct why *why);

export_fn export_aws_xml;
export_fn export_generic;
export_fn export_iked;
export_fn export_libreswan;
export_fn export_strongswan;
export_fn export_vpntun;

#endif /* EXPORT_VENDORS_H */
