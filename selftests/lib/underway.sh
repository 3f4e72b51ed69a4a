# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Packets that are sealed and opened elsewhere while the world changes: everything arrives and in order, and SAs, tunnels
# and interfaces may go meanwhile. For tests that have a pair of gateways, left and right, and a file $keys/file.

# shellcheck source=vgw.sh
. "$(dirname "${BASH_SOURCE[0]}")/vgw.sh"

left="" right=""
spi=4096

new_sas()
{
	spi=$((spi + 2))
	pair_sas "$1" $spi $((spi + 1)) esn "$2"
}

traffic()
{
	check "$1: ping, IPv4 inside" pinged left -qc 3 -i 0.2 192.168.2.1
	check "$1: ping, IPv6 inside" pinged left -qc 3 -i 0.2 fd02::1
	check "$1: a file by TCP" carried left right 192.168.2.1 "$keys/file" write
	check "$1: a file the other way" carried right left 192.168.1.1 "$keys/file" write
	check "$1: datagrams keep their order" numbered left right 192.168.2.1 1000 500
	check "$1: datagrams the other way" numbered right left fd01::1 1000 500
	same "$1: nothing was dropped" "" "$(drops_of left; drops_of right)"
}

# Both ways until stop_flood, in bursts; not so much that nothing else gets done.
flood()
{
	floods=()
	in_ns left ping -qi 0.02 -l 20 -s 1000 192.168.2.1 > /dev/null 2>&1 &
	floods+=($!)
	in_ns right ping -qi 0.02 -l 20 -s 100 fd01::1 > /dev/null 2>&1 &
	floods+=($!)
	in_ns right iperf3 -s > /dev/null 2>&1 &
	floods+=($!)
	busywait 10 tcp_listens right 5201
	in_ns left iperf3 --bidir -ub 1M -t 1000 -c 192.168.2.1 > /dev/null 2>&1 &
	floods+=($!)
	busywait 20 packets_move 50
}

stop_flood()
{
	kill -9 "${floods[@]}" 2> /dev/null || true
	wait "${floods[@]}" 2> /dev/null || true
}

# packets_move NUMBER: since the last call, or the interface is gone.
packets_move()
{
	local now
	now=$(json left '["tunnels"][0]["rx_packets"]')
	[ "$now" -gt $((moved + $1)) ] && moved=$now
}

# SAs, then the tunnel, then the interfaces go while the crypto API holds packets of theirs.
removals()
{
	local i old
	moved=0
	flood
	for i in 1 2 3 4; do
		old=$spi
		new_sas "$2" "$3"
		v left sa del vgw0 office in spi $((old + 1))
		v left sa del vgw0 office out spi $old
		v right sa del vgw0 office in spi $old
		v right sa del vgw0 office out spi $((old + 1))
		busywait 20 packets_move 50 || ktap_fail "$1: packets move with SAs number $i"
	done
	ktap_ok "$1: SAs went"
	v left tunnel del vgw0 office
	ip -n "$right" link del vgw0
	ip -n "$left" link del vgw0
	ktap_ok "$1: tunnel and interfaces went"
	stop_flood
}
