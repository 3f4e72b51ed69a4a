#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ci: no
# timeout: 240
#
# Packets that share their memory with others: captured, copied and doubled, before sealing and before opening. What
# arrives is what was sent, and what others hold of it is unchanged.

# shellcheck source=../lib/offload.sh
. "$(dirname "$0")/../lib/offload.sh"

# texts FILE: how many lines of a capture's dump are what the pings below carry, 61 for each packet.
texts()
{
	tcpdump -xxnr "$1" 2> /dev/null | grep -c 'c0de c0de c0de c0de c0de c0de c0de c0de'
}

esp_of()
{
	tcpdump -xnr "$1" esp 2> /dev/null | grep -v 'IP' | sha256sum
}

# Others look at the same memory: a capture on the device, and copies made by the traffic control.
try_clones()
{
	ip -n "$left" link add copies type dummy
	ip -n "$left" link set copies up
	in_ns left tc qdisc add dev vgw0 clsact
	in_ns left tc filter add dev vgw0 egress matchall action mirred egress mirror dev copies
	capture_start left vgw0 "$keys/vgw0" icmp
	# They look like Ethernet frames to the device, and are none.
	capture_start left copies "$keys/copies"
	check "pings that others hold too" pinged left -qc 5 -i 0.2 -p c0de -s 1000 192.168.2.1
	check "a datagram whose checksum is 0" \
		in_ns left /usr/bin/python3 "$(dirname "$0")/../lib/zerosum.py" fd01::1 fd02::1
	capture_stop "$keys/vgw0"
	capture_stop "$keys/copies"
	same "the capture has them unchanged, both ways" $((10 * 61)) "$(texts "$keys/vgw0")"
	same "the copies are unchanged" $((5 * 61)) "$(texts "$keys/copies")"
	streams "copied"
	datagrams "copied"
	in_ns left tc qdisc del dev vgw0 clsact

	in_ns left tc qdisc add dev right clsact
	in_ns left tc filter add dev right ingress matchall action mirred egress mirror dev copies
	capture_start right left "$keys/sent" 'esp and src 10.0.0.2'
	capture_start left right "$keys/seen" 'esp and src 10.0.0.2'
	capture_start left copies "$keys/copies" esp
	check "pings whose ESP others hold too" pinged left -qc 5 -i 0.2 -p c0de -s 1000 192.168.2.1
	capture_stop "$keys/sent"
	capture_stop "$keys/seen"
	capture_stop "$keys/copies"
	same "captures of ESP are unchanged" "$(esp_of "$keys/sent")" "$(esp_of "$keys/seen")"
	same "copies of ESP are unchanged" "$(esp_of "$keys/sent")" "$(esp_of "$keys/copies")"
	check "and there were some" grep -q . "$keys/sent"
	streams "copied outside"
	in_ns left tc qdisc del dev right clsact
}

# Every packet twice: before sealing both go out, each with a number of its own; before opening the second is a replay.
try_duplicates()
{
	in_ns left tc qdisc add dev vgw0 root netem duplicate 100% limit 10000
	streams "doubled before sealing"
	in_ns left tc qdisc del dev vgw0 root
	in_ns right tc qdisc add dev left root netem duplicate 100% limit 10000
	check "datagrams doubled on the wire arrive once" numbered right left 192.168.1.1 200 1000
	in_ns right tc qdisc del dev left root
	check "the others were replays" test "$(json left '["tunnels"][0]["drops"].get("replayed", 0)')" -ge 200
}

try_clones
same "nothing was dropped" "" "$(drops_of left)"
try_duplicates
