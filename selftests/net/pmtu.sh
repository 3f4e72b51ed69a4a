#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A router on the way takes less than the underlay: its ICMP errors are believed when they are about packets that were
# really sent, senders inside are told, and TCP gets through.
#
#   left (vgw0) --1500-- mid --1400-- right (an xfrm peer)
#   10.0.1.1     10.0.1.2   10.0.2.1  10.0.2.2 and the same in fd00:10:0:1::, fd00:10:0:2::
#
# timeout: 400

# shellcheck source=../lib/vgw.sh
. "$(dirname "$0")/../lib/vgw.sh"

left="" mid="" right=""
lib=$(dirname "$(readlink -f "$0")")/../lib

modprobe -a esp4 esp6

setup_path()
{
	setup_ns left mid right
	link_ns left mid 10.0.1
	link_ns mid right 10.0.2
	ip -n "$mid" link set right mtu 1400
	ip -n "$right" link set mid mtu 1400
	in_ns mid sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	# Every error is to come, as the test waits for it.
	in_ns mid sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
	ip -n "$left" route add 10.0.2.0/24 via 10.0.1.2
	ip -n "$left" -6 route add fd00:10:0:2::/64 via fd00:10:0:1::2
	ip -n "$right" route add 10.0.1.0/24 via 10.0.2.1
	ip -n "$right" -6 route add fd00:10:0:1::/64 via fd00:10:0:2::1
	# xfrm_peer lets its inner routes leave by a device of this name.
	ip -n "$right" link add left type dummy
	ip -n "$right" link set left up
}

# tunnel_mtu: the largest inner packet at the moment.
tunnel_mtu()
{
	in_ns left "$lib/genl.py" tunnel-get ifname=vgw0 tunnel.name=office |
		/usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["tunnel"]["mtu"])'
}
mtu_is()
{
	[ "$(tunnel_mtu)" = "$1" ]
}
told()
{
	in_ns left ping -qc 1 -W 1 -M "do" -s 1380 192.168.2.1 > /dev/null || true
	ip -n "$left" route get 192.168.2.1 | grep -q " mtu $1 "
}
told6()
{
	in_ns left ping -qc 1 -W 1 -M "do" -s 1360 fd02::1 > /dev/null || true
	ip -n "$left" -6 route get fd02::1 | grep -q " mtu $1 "
}
tcp()
{
	in_ns right timeout 90 iperf3 -s -1 > /dev/null &
	busywait 10 in_ns right bash -c "ss -Hltn | grep -q ':5201 '"
	check "TCP gets through, $1" in_ns left timeout 60 iperf3 --connect-timeout 5000 -n 1M -c "$1"
	kill $! 2> /dev/null || true
	wait $! || true
}

# errors: ICMP errors that left has received.
errors()
{
	in_ns left nstat -asz IcmpInDestUnreachs Icmp6InPktTooBigs |
		awk '/^Icmp/ {sum += $2} END {print sum}'
}
errors_are()
{
	[ "$(errors)" = "$1" ]
}

# forge MTU SPI BACK: an error about a packet that was sent BACK packets before the last one; returns when left has it.
forge()
{
	local seq before
	seq=$(in_ns left "$lib/genl.py" sa-get ifname=vgw0 tunnel.name=office sa.direction=out sa.spi=0x1001 |
		/usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["sa"]["seq"])')
	before=$(errors)
	in_ns mid /usr/bin/python3 -c '
import struct, sys
from scapy.all import *
l, r, encap, mtu, spi, seq = sys.argv[1], sys.argv[2], sys.argv[3], *[int(n, 0) for n in sys.argv[4:]]
esp = struct.pack("!II", spi, seq & 0xffffffff) + bytes(64)
v6 = ":" in l
quote = (IPv6 if v6 else IP)(src=l, dst=r)
if encap == "udp":
    quote = quote / UDP(sport=4500, dport=4500) / Raw(esp)
else:
    quote = (IPv6(src=l, dst=r, nh=50) if v6 else IP(src=l, dst=r, proto=50)) / Raw(esp)
if v6:
    send(IPv6(src="fd00:10:0:1::2", dst=l) / ICMPv6PacketTooBig(mtu=mtu) / quote, verbose=0)
else:
    send(IP(src="10.0.1.2", dst=l) / ICMP(type=3, code=4, nexthopmtu=mtu) / quote, verbose=0)' \
		"$l" "$r" "$carrier" "$1" "$2" $((seq - $3)) 2> /dev/null
	busywait 10 errors_are $((before + 1))
}

# try CARRIER OUTER
try()
{
	local carrier=$1 outer=$2 l=10.0.1.1 r=10.0.2.2 before after what="$1, outer IPv$2"
	if [ "$outer" = 6 ]; then
		l=fd00:10:0:1::1
		r=fd00:10:0:2::2
	fi
	setup_path
	make_keys aes128gcm16 lr rl
	make_vgw left
	v left tunnel add vgw0 office local "$l" remote "$r" encap "$carrier" prefix 192.168.2.0/24,fd02::/64
	sa_add left vgw0 office out 0x1001 aes128gcm16 lr
	sa_add left vgw0 office in 0x2001 aes128gcm16 rl
	xfrm_peer right aes128gcm16 "$l" "$r" "$carrier"
	check "$what: small packets" in_ns left ping -qc 2 -i 0.2 -W 5 192.168.2.1
	before=$(tunnel_mtu)

	# On this kernel the stack itself believes any error about UDP over IPv4, before it asks us.
	if [ "$carrier$outer" != udp4 ]; then
		forge 1350 0x1002 0
		same "$what: an error with another SPI is not believed" "$before" "$(tunnel_mtu)"
		forge 1350 0x1001 -1
		same "$what: nor about a packet to come" "$before" "$(tunnel_mtu)"
		forge 1350 0x1001 70000
		same "$what: nor about one long ago" "$before" "$(tunnel_mtu)"
	fi

	# The router says 1400.
	after=$((before - 100))
	after=$((after - after % 4 + 2))
	check "$what: the sender is told, IPv4" busywait 10 told "$after"
	same "$what: the tunnel's MTU follows" "$after" "$(tunnel_mtu)"
	check "$what: the sender is told, IPv6" busywait 10 told6 "$after"
	tcp 192.168.2.1
	tcp fd02::1
	check "$what: what is not to be cut passes" in_ns left ping -qc 2 -i 0.2 -W 5 -M "do" -s $((after - 28)) 192.168.2.1
	check "$what: what may be cut passes" in_ns left ping -qc 2 -i 0.2 -W 5 -M dont -s 1390 192.168.2.1

	forge 1300 0x1001 0
	check "$what: an error about a packet just sent is believed" busywait 10 mtu_is $((after - 100))
	ip -n "$left" link del vgw0
}

for carrier in none udp; do
	for outer in 4 6; do
		try $carrier $outer
	done
done
