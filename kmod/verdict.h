/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What becomes of a packet by its SA: asked before it is opened, told how that ended, asked when its turn has come.
 */
#ifndef _VGW_VERDICT_H
#define _VGW_VERDICT_H

#include <linux/types.h>

#include "stats.h"

struct sk_buff;
struct vgw_sa;

enum vgw_drop vgw_verdict_before(struct vgw_sa *sa, const u8 *esp, unsigned int len, u64 *seq);
void vgw_verdict_note(const struct vgw_sa *sa, struct sk_buff *outer);
enum vgw_drop vgw_verdict_opened(struct vgw_sa *sa, int err);
u64 vgw_verdict_fresh(struct vgw_sa *sa, struct sk_buff *skb);

#endif /* _VGW_VERDICT_H */
