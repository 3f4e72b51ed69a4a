/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an ESP packet has around the packet in it (RFC 4303 section 2).
 */
#ifndef _VGW_ESP_FRAME_H
#define _VGW_ESP_FRAME_H

#include <linux/math.h>
#include <linux/types.h>

#include "alg.h"
#include "esp.h"

struct vgw_sa;

void vgw_esp_frame(const struct vgw_sa *sa, u8 *esp, unsigned int inner_len, u64 seq, u8 next_header);

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
