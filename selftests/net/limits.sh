#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What must not get in, and what must not go on: replays, strangers, spent SAs, tunnels that are down.
# Forged and malformed packets are in net/badpackets, the edges of the window in net/window.
#
#   left (vgw0) ---- right (an xfrm peer; scapy sends what no peer would)

# shellcheck source=../lib/vgw.sh
. "$(dirname "$0")/../lib/vgw.sh"

left="" right=""

modprobe esp4
setup_ns left right
link_ns left right 10.0.0
make_keys aes128gcm16 lr rl lr2
make_vgw left
v left tunnel add vgw0 office local 10.0.0.1 remote 10.0.0.2 encap none prefix 192.168.2.0/24
sa_add left vgw0 office out 0x1001 aes128gcm16 lr
sa_add left vgw0 office in 0x2001 aes128gcm16 rl
xfrm_peer right aes128gcm16 10.0.0.1 10.0.0.2 none

wire=$(mktemp)
defer rm -f "$wire" "$wire.log"
capture_start left right "$wire" 'esp and src 10.0.0.2'
check "traffic" pinged left -qc 3 -i 0.2 192.168.2.1
capture_stop "$wire"

drops()
{
	json left "[\"tunnels\"][0][\"drops\"].get(\"$1\", 0)"
}
drops_is()
{
	[ "$(drops "$1")" = "$2" ]
}

# replay PYTHON: send the captured packets again, each changed by the statement.
replay()
{
	in_ns right /usr/bin/python3 -c '
import sys
from scapy.all import *
for p in rdpcap(sys.argv[1]):
    b = bytearray(bytes(p[IP].payload))
    exec(sys.argv[2])
    send(IP(src="10.0.0.2", dst="10.0.0.1", proto=50) / Raw(bytes(b)), verbose=0)' "$wire" "$1"
}
replay 'pass'
check "packets seen before are dropped" busywait 10 drops_is replayed 3
check "and traffic goes on" pinged left -qc 1 192.168.2.1

# The peer says something in the name of a site that is not behind it.
ip -n "$right" addr add 172.16.0.1/32 dev lo
ip -n "$right" xfrm policy add src 172.16.0.0/24 dst 192.168.1.0/24 dir out \
	tmpl src 10.0.0.2 dst 10.0.0.1 proto esp reqid 1 mode tunnel
in_ns right ping -qc 2 -i 0.2 -W 1 -I 172.16.0.1 192.168.1.1 > /dev/null || true
check "inner sources of nobody's are dropped" busywait 10 drops_is source 2

# Down means refused.
v left tunnel set vgw0 office state down
same "carrier off when the tunnel is down" False "$(json left '["carrier"]')"
check_not "no traffic then" in_ns left ping -qc 1 -W 1 192.168.2.1
v left tunnel set vgw0 office state up
check "traffic when it is up again" busywait 10 in_ns left ping -qc 1 -W 2 192.168.2.1

# An SA of few packets: events, then down; a new one: up.
events=$(mktemp)
defer rm -f "$events"
v left monitor --json > "$events" &
defer kill $!
busywait 10 grep -q listening "$events"
ip -n "$right" xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x1002 mode tunnel reqid 1 \
	replay-window 128 flag af-unspec aead "rfc4106(gcm(aes))" "$(hex lr2)" 128
sa_add left vgw0 office out 0x1002 aes128gcm16 lr2 life-packets 16
v left sa del vgw0 office out spi 0x1001
in_ns left ping -qc 20 -i 0.05 -W 1 192.168.2.1 > /dev/null || true
check "an SA asks for a rekey in time" busywait 10 grep -q '"expiry": *"soft"' "$events"
check "a spent SA is told" busywait 10 grep -q '"expiry": *"hard"' "$events"
check "and its tunnel is down" busywait 10 grep -q '"state": *"down"' "$events"
same "exactly its packets were sent" 16 \
	"$(json left '["tunnels"][0]["sas"][-1]["packets"]')"
same "the carrier is off" False "$(json left '["carrier"]')"
make_keys aes128gcm16 lr3
ip -n "$right" xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x1003 mode tunnel reqid 1 \
	replay-window 128 flag af-unspec aead "rfc4106(gcm(aes))" "$(hex lr3)" 128
sa_add left vgw0 office out 0x1003 aes128gcm16 lr3
check "a new SA brings it up" busywait 10 in_ns left ping -qc 1 -W 2 192.168.2.1

# An MTU that follows the underlay, and a path that shrinks.
same "MTU from 1500 bytes of path" 1422 "$(json left '["mtu"]')"
ip -n "$left" link set right mtu 1400
ip -n "$right" link set left mtu 1400
same "and it follows" 1310 "$(json left '["mtu"]')"
ip -n "$left" link set vgw0 mtu 1422
check "a packet too long for the path is told" in_ns left bash -c \
	'! ping -qc 1 -W 1 -M do -s 1380 192.168.2.1 && ip route get 192.168.2.1 | grep -q mtu'
ip -n "$left" route flush cache
check "and cut before encryption without DF" pinged left -qc 1 -M dont -s 1380 192.168.2.1

# As many prefixes as there may be, and a pinned address besides: it can still be changed.
prefixes=$(printf '10.7.%d.0/24,' {0..255})
v left tunnel add vgw0 many local 10.0.0.1 remote 10.0.0.3 encap none peer 172.31.0.1 prefix "${prefixes%,}"
check "256 prefixes and a peer: the tunnel goes down" v left tunnel set vgw0 many state down
check "and up" v left tunnel set vgw0 many state up
check_not "257 do not fit" v left tunnel set vgw0 many prefix "${prefixes}10.8.0.0/24"
v left tunnel del vgw0 many

# A VLAN device above it would follow its MTU, within the lock that the module takes to follow the underlay's.
check "nothing goes in VLANs by it" grep -q '^vlan-challenged: on' <(in_ns left ethtool -k vgw0)

# Strangers without an SPI of ours go on to the kernel's own IPsec.
# shellcheck disable=SC2016 # awk's
before=$(in_ns left awk '/XfrmInNoStates/ {print $2}' /proc/net/xfrm_stat)
replay 'b[3] = 0x99'
nostates_is()
{
	# shellcheck disable=SC2016 # awk's
	[ "$(in_ns left awk '/XfrmInNoStates/ {print $2}' /proc/net/xfrm_stat)" = "$1" ]
}
check "unknown SPIs go on to the kernel's own IPsec" busywait 10 nostates_is $((before + 3))

check "SAs that stay are dumped when others go meanwhile" \
	in_ns left /usr/bin/python3 "$lib/dumped.py" vgw0 office
