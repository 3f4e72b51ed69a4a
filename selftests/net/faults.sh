#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ci: no
# timeout: 900
# kernel-args: slub_debug=A,skbuff_head_cache,skbuff_fclone_cache,kmalloc-256,kmalloc-512,kmalloc-1k,kmalloc-2k cryptd.cryptd_max_cpu_qlen=16
#
# Memory cannot be had: each allocation of each request fails once, and of the packets' some all the time; then the crypto
# API refuses some, for cryptd's queue is short. Requests are refused and change nothing, TCP gets through, and nothing
# crashes or leaks. Needs the kernel of make check-debug.
#
#   left (vgw0) ---- right (vgw0)

# shellcheck source=../lib/vgw.sh
. "$(dirname "$0")/../lib/vgw.sh"
# shellcheck source=../lib/prefer.sh
. "$(dirname "$0")/../lib/prefer.sh"

left="" right=""
debug=/sys/kernel/debug
for file in /proc/self/fail-nth $debug/failslab $debug/fail_page_alloc; do
	[ -e "$file" ] || skip "the kernel has no fault injection: make check-debug"
done

faults()
{
	/usr/bin/python3 "$lib/faults.py" "$@"
}

# No vgw0 on either side any more.
unpair()
{
	ip -n "$left" link del vgw0
	ip -n "$right" link del vgw0
}

# For selftests/vm/klog.
echo "vgw: memory fails on purpose" > /dev/kmsg
for kind in failslab fail_page_alloc; do
	echo 0 > $debug/$kind/verbose
	echo N > $debug/$kind/ignore-gfp-wait
done
echo 0 > $debug/fail_page_alloc/min-order

setup_ns left right
link_ns left right 10.0.0
make_vgw left
check "every allocation of every request" faults requests "$left"
check "of making an interface" faults links "$left"
ip -n "$left" link del vgw0

vgw_pair aes128gcm16 encap udp
check "packets that find no memory" faults memory "$left" "$right"
check "some were dropped for that" grep no-memory <(drops_of left; drops_of right)
check "and all is well afterwards" pinged left -qc 3 -i 0.2 192.168.2.1
unpair

modprobe -a crypto_user cryptd
prefer "cryptd(rfc4106(gcm(aes)))"
vgw_pair aes128gcm16 encap udp
check "packets that the crypto API refuses" faults flows "$left" "$right"
check "some were dropped for that, too" grep crypto-failed <(drops_of left; drops_of right)
check "and all is well after that" pinged left -qc 3 -i 0.2 192.168.2.1
unpair
stop "$preferring"

rmmod vgw
check "of loading the module" faults load "$VGW_KO"
