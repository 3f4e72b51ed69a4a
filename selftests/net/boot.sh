#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the other tests build on: the virtual machine, its tools, and a module
# that loads and unloads.
#
#   left (10.0.0.1) ---- (10.0.0.2) right

# shellcheck source=../lib/ns.sh
. "$(dirname "$0")/../lib/ns.sh"

for tool in ip tcpdump tshark ethtool nft iperf3 ping; do
	check "$tool is here" command -v "$tool"
done
check "scapy is here" /usr/bin/python3 -c 'import scapy'
check "modules of the kernel load" modprobe -a veth dummy esp4 xfrm_interface
check "the random generator has seeded" dd if=/dev/random of=/dev/null bs=16 count=1

capture=$(mktemp)
defer rm -f "$capture" "$capture.log"
setup_ns left right
link_ns left right 10.0.0
capture_start right left "$capture" icmp or icmp6
check "IPv4 between namespaces" pinged left -qc 1 10.0.0.2
check "IPv6 between namespaces" pinged left -qc 1 fd00:10:0:0::2
capture_stop "$capture"
check "the ping was captured" \
	bash -c "tcpdump -nr $capture icmp 2>/dev/null | grep -q 'echo request'"

[ -n "${VGW_KO:-}" ] || skip "no vgw.ko was built"
check "vgw is loaded" test -d /sys/module/vgw
check "vgw unloads" rmmod vgw
check "vgw loads again" insmod "$VGW_KO"
