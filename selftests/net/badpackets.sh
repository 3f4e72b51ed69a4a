#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
#
# Malformed, truncated, forged, oversized packets, with every fault that a trailer or an inner packet can have: nothing
# is delivered, one counter says why, and the kernel's log stays silent.
#
#   left (vgw0) ---- right (lib/badpackets.py makes the packets)

# shellcheck source=../lib/vgw.sh
. "$(dirname "$0")/../lib/vgw.sh"

left=""

# With another IPsec on the host strangers are its own affair; see net/limits.
modprobe -r esp4 esp6 esp4_offload esp6_offload 2> /dev/null || true
! grep -q '^esp[46] ' /proc/modules || skip "esp4 or esp6 is in use here"

# kernel_says: its log, without what a machine that was held up for a moment makes any kernel say.
kernel_says()
{
	dmesg | sed -E '/(hrtimer|perf): interrupt took|clocksource: |RT throttling|hogged CPU/d'
}

modprobe tun
setup_ns left right
link_ns left right 10.0.0
make_vgw left
v left tunnel add vgw0 native local 10.0.0.1 remote 10.0.0.2 encap none prefix 192.168.2.0/24,fd02::/64
v left tunnel add vgw0 natt local 10.0.0.1 remote 10.0.0.2 encap udp prefix 192.168.2.0/24,fd02::/64
# Modules that the suites need speak when they are loaded.
for suite in aes128gcm16 aes256gcm8 aes256-sha256 null-sha512; do
	make_keys "$suite" "$suite"
	sa_add left vgw0 native out 0x1001 "$suite" "$suite"
	v left sa del vgw0 native out spi 0x1001
done
kernel_says > "$keys/log"
take_verdicts < <(in_ns right /usr/bin/python3 "$(dirname "$0")/../lib/badpackets.py" "$left" "$vpntun")
kernel_says | diff "$keys/log" - > "$keys/new" || true
same "no packet made the kernel log anything" "" "$(< "$keys/new")"
