#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 180
#
# Module, interface, tunnel and SAs are taken away while packets run through them both ways, while they are listed, and
# while every timer that there is runs. What is taken away is gone, and what is made anew works.
#
#   left (vgw0) ---- right (an xfrm peer)

# shellcheck source=../lib/vgw.sh
. "$(dirname "$0")/../lib/vgw.sh"

genl=$(dirname "$0")/../lib/genl.py
left="" right=""

# Between this and xfrm_peer left makes SAs, so that neither end has seen numbers of older ones.
stop_peer()
{
	ip -n "$right" xfrm state flush
	ip -n "$right" xfrm policy flush
	ip -n "$right" addr flush dev lo
	ip -n "$right" route flush 192.168.1.0/24
	ip -n "$right" -6 route flush fd01::/64
}

start_peer()
{
	xfrm_peer right aes128gcm16 10.0.0.1 10.0.0.2 "$1"
}

# add_tunnel ENCAP
add_tunnel()
{
	v left tunnel add vgw0 office local 10.0.0.1 remote 10.0.0.2 encap "$1" prefix 192.168.2.0/24 keepalive 1
	sa_add left vgw0 office out 0x1001 aes128gcm16 lr
	sa_add left vgw0 office in 0x2001 aes128gcm16 rl
}

# Tunnels whose timers all run: probe, keepalive, lifetimes, a demand that nobody meets, a peer without a route.
add_busy_tunnels()
{
	v left tunnel add vgw0 probed remote 10.0.0.2 encap udp sport 4600 prefix 172.16.1.0/24 keepalive 1 \
		probe 172.16.1.1 from 192.168.1.1 interval 100 misses 1
	sa_add left vgw0 probed out 0x1002 aes128gcm16 lr life-time 1
	sa_add left vgw0 probed out 0x1003 aes128gcm16 lr life-time 1000
	sa_add left vgw0 probed in 0x2002 aes128gcm16 lr life-time 1
	sa_add left vgw0 probed in 0x2003 aes128gcm16 rl
	v left tunnel add vgw0 wanted remote 10.0.0.3 encap none prefix 172.16.2.0/24 demand on
	v left tunnel add vgw0 astray remote 203.0.113.1 encap none prefix 172.16.3.0/24
	sa_add left vgw0 astray out 0x1004 aes128gcm16 lr
	ip -n "$left" route add 172.16.0.0/16 dev vgw0
	in_ns left ping -qc 3 -i 0.01 -W 0.01 172.16.2.1 > /dev/null || true
}

make_everything()
{
	stop_peer
	make_vgw left
	add_tunnel "$1"
	start_peer "$1"
}

reaches()
{
	in_ns left ping -qc 1 -W 2 192.168.2.1
}

# Packets until the end; the interface may come and go. Not as many as can be: the rest has to get on, too.
flood()
{
	in_ns "$1" bash -c "while :; do ping -qi 0.003 -w 5 -I $2 $3; sleep 0.05; done" &> /dev/null &
}

# Ask for everything again and again.
pester()
{
	in_ns left bash -c "while :; do '$vpntun' show --json; '$genl' --dump sa-get; done" &> /dev/null &
}


counter_passes()
{
	[ "$(ip -n "$left" -j -s link show vgw0 | sed "s/.*\"$1\":{[^}]*\"packets\":\([0-9]*\).*/\1/")" -gt "$2" ]
}

traffic_both_ways()
{
	counter_passes rx 50 && counter_passes tx 50
}

unload()
{
	rmmod vgw
}

has_link()
{
	ip -n "$left" link show vgw0
}

modprobe esp4
setup_ns left right
link_ns left right 10.0.0
make_keys aes128gcm16 lr rl
flood right 192.168.2.1 192.168.1.1
flood left 192.168.1.1 192.168.2.1

# ---- the module ----

for encap in none udp; do
	make_everything "$encap"
	add_busy_tunnels
	check "traffic, encap $encap" busywait 10 reaches
	v left monitor > "$keys/events" &
	check "traffic both ways under load" busywait 10 traffic_both_ways
	# Whoever reads a list at this moment holds the module.
	check "rmmod under traffic" busywait 10 unload
	check_not "takes the interface along" has_link
	check_not "and the netlink family" in_ns left "$genl" --dump iface-get
	insmod "$VGW_KO"
done

# ---- the module while it is asked and while interfaces are made ----

pester
in_ns left bash -c 'while :; do ip link add vgw7 type vgw; ip link del vgw7; done' &> /dev/null &
for _ in 1 2; do
	make_everything udp
	add_busy_tunnels
	check "rmmod while everything is listed" busywait 30 unload
	check_not "takes the interface along" has_link
	insmod "$VGW_KO"
done

# shellcheck disable=SC2046 # a list
kill -9 $(ip netns pids "$left") 2> /dev/null || true
flood left 192.168.1.1 192.168.2.1

# ---- the interface ----

for encap in none udp; do
	make_everything "$encap"
	add_busy_tunnels
	check "traffic of a new interface, encap $encap" busywait 20 traffic_both_ways
	check "ip link del under traffic" ip -n "$left" link del vgw0
	check_not "takes it away" has_link
done
check_not "an interface whose index is taken is not made" ip -n "$left" link add vgw0 index 1 type vgw
check_not "nor one whose name is taken" ip -n "$left" link add lo type vgw
check "but another one is" ip -n "$left" link add vgw0 type vgw
ip -n "$left" link del vgw0

# ---- tunnels and SAs ----

make_everything none
check "traffic before a tunnel is changed" busywait 20 traffic_both_ways
for encap in udp none stop none; do
	if [ $encap = stop ]; then
		stop_peer
		continue
	fi
	v left tunnel del vgw0 office
	add_tunnel "$encap"
done
start_peer none
check "traffic of a tunnel that was removed and made under traffic" busywait 10 reaches
for round in 1 2 3; do
	[ $round -lt 3 ] || stop_peer
	v left sa del vgw0 office out spi 0x1001
	v left sa del vgw0 office in spi 0x2001
	sa_add left vgw0 office in 0x2001 aes128gcm16 rl
	sa_add left vgw0 office out 0x1001 aes128gcm16 lr
	v left tunnel set vgw0 office state down
	v left tunnel set vgw0 office state up
done
start_peer none
check "traffic of SAs that were removed and made under traffic" busywait 10 reaches
same "the tunnel is whole" 2 "$(json left '["tunnels"][0]["sas"].__len__()')"

# Nobody holds the module but who reads a list just now.
# shellcheck disable=SC2046 # a list
kill -9 $(ip netns pids "$left") $(ip netns pids "$right") 2> /dev/null || true
idle()
{
	[ "$(cat /sys/module/vgw/refcnt)" = 0 ]
}
check "nobody holds the module" busywait 10 idle
