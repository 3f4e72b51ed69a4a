#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ci: no
# timeout: 900
#
# Packets that are almost right, by chance: ESP whose outside, trailer or inside is changed, by itself and many in one, ICMP
# errors, fragments. All that reaches vgw is delivered or counted, good packets get in, and the kernel's log stays silent.
# Meant for the kernel of make check-debug, too. Not guided by coverage: packets are handled in softirq, whose code KCOV
# tells only of drivers that name the work they do for somebody (kcov_remote_start()), and ours is for nobody.
#
#   left (vgw0) ---- right (lib/fuzz_packets.py makes the packets)
#
# SEED=N repeats a run, BATCHES=N makes it longer.

# shellcheck source=../lib/vgw.sh
. "$(dirname "$0")/../lib/vgw.sh"

left="" seed=${SEED:-$RANDOM}

# With another IPsec on the host strangers are its own affair; see net/limits.
modprobe -r esp4 esp6 esp4_offload esp6_offload 2> /dev/null || true
! grep -q '^esp[46] ' /proc/modules || skip "esp4 or esp6 is in use here"

echo "# seed $seed"
setup_ns left right
link_ns left right 10.0.0
make_vgw left
in_ns left sysctl -q net.ipv4.icmp_ratelimit=0
v left tunnel add vgw0 native local 10.0.0.1 remote 10.0.0.2 encap none prefix 192.168.2.0/24,fd02::/64
v left tunnel add vgw0 natt local 10.0.0.1 remote 10.0.0.2 encap udp prefix 192.168.2.0/24,fd02::/64
make_keys aes128gcm16 out
sa_add left vgw0 native out 0x5001 aes128gcm16 out
take_verdicts < <(in_ns right /usr/bin/python3 "$lib/fuzz_packets.py" "$left" "$vpntun" "$seed" "${BATCHES:-60}")
