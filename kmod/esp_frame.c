// SPDX-License-Identifier: GPL-2.0
#include "esp_frame.h"

#include <linux/random.h>

#include "sa.h"

/* RFC 4303 section 2.4: pad with 1, 2, 3, ...; then pad length and next header. */
static void put_trailer(u8 *trailer, unsigned int pad, u8 next_header)
{
	unsigned int i;

	for (i = 0; i < pad; i++)
		trailer[i] = i + 1;
	trailer[pad] = pad;
	trailer[pad + 1] = next_header;
}

/**
 * vgw_esp_frame() - write what is around the inner packet
 * @sa: outbound SA
 * @esp: vgw_esp_len() bytes, the inner packet already in its place after vgw_esp_head()
 * @inner_len: its bytes
 * @seq: extended sequence number
 * @noise: of vgw_esp_noise(), when the number was taken or later
 * @next_header: what it is
 *
 * The ICV is left to sealing.
 */
void vgw_esp_frame(const struct vgw_sa *sa, u8 *esp, unsigned int inner_len, u64 seq, u64 noise, u8 next_header)
{
	unsigned int pad = -(inner_len + VGW_ESP_TRAILER_LEN) & (sa->alg->block - 1);
	struct vgw_esp_hdr *hdr = (struct vgw_esp_hdr *)esp;
	__be64 counter = cpu_to_be64(seq | noise);

	hdr->esp_spi = sa->spi;
	hdr->esp_seq = cpu_to_be32(seq);
	if (sa->alg->random_iv)
		get_random_bytes(hdr + 1, sa->alg->iv_len);
	else
		memcpy(hdr + 1, &counter, sa->alg->iv_len);
	put_trailer(esp + vgw_esp_head(sa->alg) + inner_len, pad, next_header);
}
