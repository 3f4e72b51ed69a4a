/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _VGW_COMPAT_LINUX_UDP_H
#define _VGW_COMPAT_LINUX_UDP_H

#include_next <linux/udp.h>

#ifndef udp_test_bit
/* Each was a field of its own. */
#define udp_test_bit(name, sk)	compat_udp_##name(sk)

static inline bool compat_udp_GRO_ENABLED(const struct sock *sk)
{
	return udp_sk(sk)->gro_enabled;
}
#endif

#endif /* _VGW_COMPAT_LINUX_UDP_H */
