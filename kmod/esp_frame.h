/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an ESP packet has around the packet in it (RFC 4303 section 2).
 */
#ifndef _VGW_ESP_FRAME_H
#define _VGW_ESP_FRAME_H

#include <linux/math.h>
#include <linux/timex.h>
#include <linux/types.h>

#include "alg.h"
#include "esp.h"

struct vgw_sa;

void vgw_esp_frame(const struct vgw_sa *sa, u8 *esp, unsigned int inner_len, u64 seq, u64 noise, u8 next_header);

/*
 * The upper bits of an IV whose lower ones count. Within a machine the number alone makes each IV another one. But a
 * virtual machine that is begun twice from one image sends before the kernel has heard of it (machine.h), and that with
 * the same numbers: then the cycle counter very likely differs. Any context.
 */
static inline u64 vgw_esp_noise(void)
{
	return (u64)random_get_entropy() << VGW_ESN_BITS;
}

/* Bytes before the inner packet. */
static inline unsigned int vgw_esp_head(const struct vgw_alg *alg)
{
	return VGW_ESP_HDR_LEN + alg->iv_len;
}

/* Bytes of the whole. */
static inline unsigned int vgw_esp_len(const struct vgw_alg *alg, unsigned int inner_len)
{
	return vgw_esp_head(alg) + round_up(inner_len + VGW_ESP_TRAILER_LEN, (unsigned int)alg->block) + alg->icv_len;
}

#endif /* _VGW_ESP_FRAME_H */
