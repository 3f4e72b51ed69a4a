#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ci: no
# timeout: 600
#
# All SAs of two tunnels are replaced every 100 ms for 60 s, make before break, while numbered streams run both ways
# through both, from two CPUs: not one packet is lost, doubled or out of order, and no counter of drops moves.
#
#   xfrm ---- hub (vgw0) ---- peer (vgw0)
#   ESP, IPv4 inside     in UDP, IPv6 inside
#
# The hub uses its new outbound SAs at once and deletes the old ones at once; the peer waits with its own for the first
# packet on the new inbound SA. Old inbound SAs of the hub linger, others are deleted some seconds later.
#
# ROUNDS=N replaces them N times. PARALLEL=2 has several CPUs work for one SA (storm-parallel).

# shellcheck source=../lib/vgw.sh
. "$(dirname "$0")/../lib/vgw.sh"

rounds=${ROUNDS:-600}
hub="" xfrm="" peer=""

echo "${PARALLEL:-1}" > /sys/module/vgw/parameters/parallel
modprobe esp4
setup_ns hub xfrm peer
link_ns hub xfrm 10.0.1
link_ns hub peer 10.0.2
for ns in "$hub" "$peer"; do
	# No packets of the stack's own on vgw0.
	in_ns "$ns" sysctl -qw net.ipv6.conf.default.addr_gen_mode=1
done
make_vgw hub
v hub tunnel add vgw0 x local 10.0.1.1 remote 10.0.1.2 encap none prefix 192.168.2.0/24
v hub tunnel add vgw0 v local 10.0.2.1 remote 10.0.2.2 encap udp prefix fd02::/64
ip -n "$peer" link add vgw0 type vgw
ip -n "$peer" link set vgw0 up
ip -n "$peer" addr add fd02::1/128 dev vgw0 nodad
ip -n "$peer" -6 route add fd01::/64 dev vgw0 src fd02::1
v peer tunnel add vgw0 v local 10.0.2.2 remote 10.0.2.1 encap udp prefix fd01::/64
ip -n "$xfrm" addr add 192.168.2.1/32 dev lo
ip -n "$xfrm" route add 192.168.1.0/24 dev hub src 192.168.2.1
ip -n "$xfrm" xfrm policy add src 192.168.1.0/24 dst 192.168.2.0/24 dir in \
	tmpl src 10.0.1.1 dst 10.0.1.2 proto esp mode tunnel
# Changing a policy while packets come makes this kernel drop some (XfrmInError): it stays, the states change.
ip -n "$xfrm" xfrm policy add src 192.168.2.0/24 dst 192.168.1.0/24 dir out \
	tmpl src 10.0.1.2 dst 10.0.1.1 proto esp mode tunnel

# What the stack dropped anywhere: devices, the queue in front of the protocols, sockets, IPsec.
stack_drops()
{
	local ns
	for ns in "$hub" "$xfrm" "$peer"; do
		# shellcheck disable=SC2016 # awk's
		in_ns "$ns" awk 'NR > 2 { print $1, $4, $5, $12, $13 }' /proc/net/dev
		in_ns "$ns" nstat -asz UdpInErrors UdpRcvbufErrors UdpSndbufErrors Udp6InErrors Udp6RcvbufErrors \
			IpInDiscards IpOutDiscards IpOutNoRoutes Ip6InDiscards Ip6OutDiscards Ip6OutNoRoutes
		# shellcheck disable=SC2016 # awk's
		in_ns "$ns" awk '$2 > 0' /proc/net/xfrm_stat
	done
	awk '{ print $2 }' /proc/net/softnet_stat
}

found=$(mktemp)
defer rm -f "$found" "$found.before" "$found.after"
stack_drops > "$found.before"
storm()
{
	/usr/bin/python3 "$(dirname "$0")/../lib/storm.py" "$rounds" 0.1 "${RATE:-40}" "$hub" "$xfrm" "$peer" > "$found"
}
check "the storm" storm
stack_drops > "$found.after"
grep '^#' "$found"
finding()
{
	sed -n "s/^$1: //p" "$found"
}
same "no packet was lost, doubled or reordered" none "$(finding streams)"
same "every stream ran" none "$(finding idle)"
same "the newest SAs are in use" none "$(finding currents)"
same "the hub dropped nothing" none "$(finding 'drops at the hub')"
same "the vgw peer dropped nothing" none "$(finding 'drops at the vgw peer')"
check "the stack dropped nothing" diff "$found.before" "$found.after"
check "it went on for as long as it should" test "$(finding seconds | cut -d. -f1)" -ge $((rounds / 10))
