/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Is a packet to be taken? Asked before it is opened and after.
 */
#ifndef _VGW_VERDICT_H
#define _VGW_VERDICT_H

#include "stats.h"

struct sk_buff;
struct vgw_sa;

enum vgw_drop vgw_verdict_before(struct vgw_sa *sa, const u8 *esp, unsigned int len, u64 *seq);
enum vgw_drop vgw_verdict_after(struct vgw_sa *sa, u64 seq, int err, const struct sk_buff *outer);

#endif /* _VGW_VERDICT_H */
