#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ci: no
# timeout: 900
#
# Memory cannot be had: each allocation of each request fails once, and of the packets' some all the time. Requests are
# refused and change nothing, TCP gets through, and nothing crashes or leaks. Needs the kernel of make check-debug.
#
#   left (vgw0) ---- right (vgw0)

# shellcheck source=../lib/vgw.sh
. "$(dirname "$0")/../lib/vgw.sh"

left="" right=""
debug=/sys/kernel/debug
for file in /proc/self/fail-nth $debug/failslab $debug/fail_page_alloc; do
	[ -e "$file" ] || skip "the kernel has no fault injection: make check-debug"
done

faults()
{
	/usr/bin/python3 "$lib/faults.py" "$@"
}

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
check "packets that find no memory" faults flows "$left" "$right"
check "some were dropped for that" grep -q no-memory <(drops_of left; drops_of right)
check "and all is well afterwards" in_ns left ping -qc 3 -i 0.2 -W 10 192.168.2.1
ip -n "$left" link del vgw0
ip -n "$right" link del vgw0

rmmod vgw
check "of loading the module" faults load "$VGW_KO"
