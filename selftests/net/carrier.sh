#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 180
#
# What an interface does while its tunnels are down: the carrier goes, so that routes into it do not count; whoever
# gets a packet there all the same is told; a tunnel that starts on demand keeps a few packets and asks for an SA; and
# a tunnel without a way to its peer says why, and comes back by itself.
#
#   inside ---- left (vgw0: a; b and c, whose peers do not exist; vgw1) ---- right (an xfrm peer)

# shellcheck source=../lib/sites.sh
. "$(dirname "$0")/../lib/sites.sh"

sites 192.168.2.1/32 fd02::1/128
setup_ns inside
link_ns inside left 10.1.0
in_ns left sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
# shellcheck disable=SC2154 # setup_ns sets it
ip -n "$inside" -batch - <<END
route add default via 10.1.0.2
route add ::/0 via fd00:10:1:0::2
END
new_tunnel a prefix 192.168.2.0/24,fd02::/64
start_agent

# way DST: the device that left's route leads to, "none" without one.
way()
{
	local route
	route=$(ip -n "$left" route get "$1" 2> /dev/null) || true
	[[ $route =~ \ dev\ ([^ ]+) ]] && echo "${BASH_REMATCH[1]}" || echo none
}
leads()
{
	[ "$(way "$1")" = "$2" ]
}

# opened N: what the peer's IPsec has got out of a.
opened()
{
	[ "$(in_ns right cat /sys/class/net/a/statistics/rx_packets)" = "$1" ]
}

# asks TEXT: there is an event more that asks for an SA. There may be several: one a second as long as packets come.
asked=0
asks()
{
	local before=$asked
	asked=$(ask events acquire-ntf $((before + 1)))
	check "$1" test "$asked" -gt "$before"
}

# answered: an SA is there; what was asked for until now is not what the next packets ask for.
answered()
{
	keys_out a
	asked=$(ask events acquire-ntf 0)
}

# ---- carrier ----

expect "without an SA no carrier" off state vgw0
expect "and no route" ENETUNREACH to 192.168.2.1
expect "and no route, IPv6" ENETUNREACH to fd02::1
ip -n "$left" -batch - <<-END
	route add 192.168.2.0/24 via 10.0.0.2 metric 5000
	route add fd02::/64 via fd00:10:0:0::2 metric 5000
END
check "a worse route takes over" leads 192.168.2.1 right
check "a worse route takes over, IPv6" leads fd02::1 right
keys_out a
expect "carrier with an SA" on state vgw0
check "and the route counts" busywait 10 leads 192.168.2.1 vgw0
check "and the route counts, IPv6" busywait 10 leads fd02::1 vgw0
expect "packets take it" "a.tx=1" to 192.168.2.1
v left tunnel set vgw0 a state down
expect "no carrier once the last tunnel is down" off state vgw0
check "the worse route again" busywait 10 leads 192.168.2.1 right
check "the worse route again, IPv6" busywait 10 leads fd02::1 right
ip -n "$left" -batch - <<-END
	route del 192.168.2.0/24 metric 5000
	route del fd02::/64 metric 5000
	route add unreachable 192.168.2.0/24 metric 5000
	route add unreachable fd02::/64 metric 5000
END
expect "closed by a worse route" EHOSTUNREACH to 192.168.2.1
expect "closed by a worse route, IPv6" EHOSTUNREACH to fd02::1

v left set vgw0 carrier on
expect "carrier always" on state vgw0
check "the route counts" busywait 10 leads 192.168.2.1 vgw0
check "the route counts, IPv6" busywait 10 leads fd02::1 vgw0
expect "who sends is told" "drop.tunnel-down=1 EHOSTUNREACH" to 192.168.2.1
expect "who sends is told, IPv6" "drop.tunnel-down=1 EHOSTUNREACH" to fd02::1
ip -n "$left" -batch - <<-END
	route add 192.168.9.0/24 dev vgw0 src 192.168.1.1
	route add fd09::/64 dev vgw0 src fd01::1
END
expect "also of no tunnel" "drop.no-tunnel=1 EHOSTUNREACH" to 192.168.9.1
expect "also of no tunnel, IPv6" "drop.no-tunnel=1 EHOSTUNREACH" to fd09::1
told=$(pinged inside -c 1 192.168.2.1) || true
check "who is behind the gateway is told" grep -q "From 10.1.0.2 .*Destination Host Unreachable" <<< "$told"
told=$(pinged inside -c 1 fd09::1) || true
check "who is behind the gateway is told, IPv6" \
	grep -q "From fd00:10:1::2 .*Destination unreachable: Address unreachable" <<< "$told"
v left set vgw0 carrier auto
expect "carrier as before" off state vgw0

# ---- demand ----

ask listen > /dev/null
listening=${EPOCHREALTIME/./}
no_keys_out a
v left tunnel set vgw0 a state up demand on
expect "waiting for demand is dormant" dormant state vgw0
check "routes count all the same" busywait 10 leads 192.168.2.1 vgw0
check "routes count all the same, IPv6" busywait 10 leads fd02::1 vgw0
expect "solicitations and reports go nowhere" yes neighbours
expect "and are no demand" 0 events acquire-ntf 0

ask mark > /dev/null
ask send 192.168.2.1 count=12 > /dev/null
expect "more than eight packets do not wait" "a.waiting=4" change 4
asks "they ask for an SA"
answered
expect "all that waited are sent" "a.tx=8 a.waiting=4" change 12
expect "the carrier is on" on state vgw0
no_keys_out a
expect "dormant again" dormant state vgw0
check "IPv6 routes count" busywait 10 leads fd02::1 vgw0
ask mark > /dev/null
ask send fd02::1 count=3 > /dev/null
asks "IPv6 packets ask for an SA"
answered
expect "and are sent" "a.tx=3" change 3
check "the far end has opened all" busywait 10 opened 12
no_keys_out a

# from_packet_socket N: packets that nothing has looked up a route for
from_packet_socket()
{
	in_ns left /usr/bin/python3 -c '
import socket, sys
from scapy.all import IP, UDP
sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM)
for _ in range(int(sys.argv[1])):
    sock.sendto(bytes(IP(src="192.168.1.1", dst="192.168.2.1") / UDP(dport=9)), ("vgw0", 0x0800))' "$1"
}
ask mark > /dev/null
from_packet_socket 3
asks "packets without a route ask for an SA"
answered
expect "and are sent" "a.tx=3" change 3
no_keys_out a

# Eight wait from now on; they are asked for once a second, and have had their time after ten, whoever comes later.
check "the route still counts" busywait 10 leads 192.168.2.1 vgw0
ask mark > /dev/null
began=${EPOCHREALTIME/./}
for ((sent = 0; sent < 30; sent++)); do
	ask send 192.168.2.1 > /dev/null
done
asks "asked again"

late()
{
	local got
	ask send 192.168.2.1
	sent=$((sent + 1))
	got=$(ask change $((sent - 8)))
	[ "${got#a.waiting=}" -gt $((sent - 8)) ]
}
check "they do not wait for ever" busywait 20 late
milliseconds=$(((${EPOCHREALTIME/./} - began) / 1000))
# The kernel's own clock may be late when a packet begins to wait.
check "but ten seconds: $milliseconds ms" test "$milliseconds" -ge 9500
before=$asked
asked=$(ask events acquire-ntf 0)
seconds=$(((${EPOCHREALTIME/./} - listening) / 1000000))
check "asked again and again" test $((asked - before)) -ge 3
check "asked for once a second at most: $asked times in $seconds s" test "$asked" -le $((seconds + 2))
v left tunnel set vgw0 a demand off
expect "no demand, no carrier" off state vgw0

# ---- no way to the peer ----

make_keys aes128gcm16 b c
ip -n "$left" -batch - <<-END
	route add 192.168.0.0/16 dev vgw0 src 192.168.1.1
	link add vgw1 type vgw
	link set vgw1 up
END
v left set vgw1 carrier on
v left tunnel add vgw0 b remote 10.7.0.2 encap none prefix 192.168.3.0/24
v left tunnel add vgw0 c remote fd00:77::2 encap none prefix 192.168.4.0/24
for name in b c; do
	sa_add left vgw0 $name out 0x1001 aes128gcm16 $name
done
expect "no route to the peer" "down no-route" state b
expect "no route to the peer, IPv6" "down no-route" state c
expect "is no carrier" off state vgw0

# with_routes: routes to the peers, which are found without a packet.
with_routes()
{
	ip -n "$left" -batch - <<-END
		route add 10.7.0.0/16 via 10.0.0.2
		route add fd00:77::/64 via fd00:10:0:0::2
	END
	expect "a route comes" up becomes b up
	expect "a route comes, IPv6" up becomes c up
	check "and the carrier" busywait 10 leads 192.168.3.1 vgw0
}
with_routes
expect "traffic" "b.tx=1" to 192.168.3.1
expect "traffic, IPv6" "c.tx=1" to 192.168.4.1
ip -n "$left" -batch - <<-END
	route del 10.7.0.0/16
	route del fd00:77::/64
END
expect "the route goes" "b.no-route=1 EHOSTUNREACH" to 192.168.3.1
expect "the route goes, IPv6" "c.no-route=1 EHOSTUNREACH" to 192.168.4.1
expect "the tunnel is down" "down no-route" becomes b down no-route
expect "the tunnel is down, IPv6" "down no-route" becomes c down no-route
expect "and the carrier off" off becomes vgw0 off
with_routes

# Of a tunnel that holds the carrier, so that the routes that lead into vgw0 stay.
keys_out a
ip -n "$left" -batch - <<-END
	route add 10.7.0.2/32 dev vgw0
	route add fd00:77::2/128 dev vgw1
END
expect "the peer behind its own tunnel" "b.loop=1 EHOSTUNREACH" to 192.168.3.1
expect "behind another vgw" "c.loop=1 EHOSTUNREACH" to 192.168.4.1
expect "the tunnel is down" "down loop" becomes b down loop
expect "the tunnel is down" "down loop" becomes c down loop
expect "another one is not" "a.tx=1" to 192.168.2.1
ip -n "$left" -batch - <<-END
	route del 10.7.0.2/32 dev vgw0
	route del fd00:77::2/128 dev vgw1
END
expect "the loop is undone" up becomes b up
expect "the loop is undone" up becomes c up
expect "traffic" "b.tx=1" to 192.168.3.1
expect "traffic" "c.tx=1" to 192.168.4.1
