#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 300
#
# Packets that are more than one, or share their memory: segmentation offload of TCP and UDP, aggregates of both kinds,
# checksums not made yet, clones and duplicates. What arrives is what was sent, and what others hold of it is unchanged.
#
#   client ---- left (vgw0) ---- right (xfrm)
#   192.168.1.2                  192.168.2.1

# shellcheck source=../lib/vgw.sh
. "$(dirname "$0")/../lib/vgw.sh"

# shellcheck disable=SC2034 # setup_ns sets it
left="" right="" client=""

# streams WHAT: files by TCP, made here and passed on, both ways.
streams()
{
	check "$1: a file from here" carried left right 192.168.2.1 "$keys/file" sendfile
	check "$1: a file to here" carried right left 192.168.1.1 "$keys/file" sendfile
	check "$1: a file passed on" carried client right 192.168.2.1 "$keys/file" sendfile
	check "$1: a file passed on the other way" carried right client 192.168.1.2 "$keys/file" sendfile
}

# datagrams WHAT: the same by UDP, one by one and by segmentation offload, which the kernel's IPsec does not take.
datagrams()
{
	check "$1: datagrams from here" numbered left right 192.168.2.1 200 1000
	check "$1: datagrams of UDP segmentation from here" numbered left right 192.168.2.1 400 1000 20
	check "$1: datagrams of UDP segmentation from here, IPv6" numbered left right fd02::1 400 1000 20
	check "$1: datagrams to here" numbered right left 192.168.1.1 200 1000
	check "$1: datagrams passed on" numbered client right 192.168.2.1 200 1000
	check "$1: datagrams of UDP segmentation passed on" numbered client right 192.168.2.1 400 1000 20
}

# large_seen NS DEV FILTER COMMAND...: runs it; true if the device saw packets longer than any link's MTU.
large_seen()
{
	local ns=$1 dev=$2 filter=$3
	shift 3
	capture_start "$ns" "$dev" "$keys/large" -s 100 "greater 1600 and $filter"
	"$@" || return
	capture_stop "$keys/large"
	tcpdump -nr "$keys/large" 2> /dev/null | grep -q .
}

features()
{
	in_ns left ethtool -K vgw0 "$@"
}

# The module is given whole packets and aggregates, or each part by itself.
try_features()
{
	check "TCP reaches vgw0 in packets of segmentation offload" \
		large_seen left vgw0 tcp carried left right 192.168.2.1 "$keys/file" write
	check "and so does UDP" large_seen left vgw0 udp numbered left right 192.168.2.1 400 1000 20
	streams "all offloads"
	datagrams "all offloads"
	features tso off gso off
	streams "no segmentation offload"
	datagrams "no segmentation offload"
	features tx off rx off sg off
	streams "no offload at all"
	check "no offload at all: datagrams from here" numbered left right 192.168.2.1 200 1000
	features tso on gso on tx on rx on sg on
	in_ns left ethtool -K right tx off tso off gso off
	in_ns right ethtool -K left tx off tso off gso off
	streams "no offload outside"
	in_ns left ethtool -K right tx on tso on gso on
	in_ns right ethtool -K left tx on tso on gso on
}

# Datagrams of one flow are put together on their way in, as one packet or as a list of packets.
try_aggregates()
{
	in_ns left ethtool -K client gro on
	in_ns client ethtool -K left gro on tx-udp-segmentation off tso off
	check "TCP passed on is aggregated" \
		large_seen left vgw0 tcp carried client right 192.168.2.1 "$keys/file" write
	in_ns left ethtool -K client rx-udp-gro-forwarding on
	check "UDP passed on is aggregated" \
		large_seen left vgw0 udp numbered client right 192.168.2.1 400 1000 20
	in_ns left ethtool -K client rx-udp-gro-forwarding off rx-gro-list on
	check "UDP passed on is aggregated as a list" \
		large_seen left vgw0 udp numbered client right 192.168.2.1 400 1000 20
	streams "aggregates"
	datagrams "aggregates"
	in_ns left ethtool -K client rx-gro-list off
	in_ns client ethtool -K left tx-udp-segmentation on tso on
}

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
	check "pings that others hold too" in_ns left ping -qc 5 -i 0.2 -W 5 -p c0de -s 1000 192.168.2.1
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
	check "pings whose ESP others hold too" in_ns left ping -qc 5 -i 0.2 -W 5 -p c0de -s 1000 192.168.2.1
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

modprobe -a esp4 esp6
setup_ns left right client
link_ns left right 10.0.0
make_vgw left
link_ns left client 192.168.1
in_ns left sysctl -qw net.ipv4.ip_forward=1
ip -n "$client" route add default via 192.168.1.1
make_keys aes128gcm16 lr rl
v left tunnel add vgw0 office local 10.0.0.1 remote 10.0.0.2 encap none prefix 192.168.2.0/24,fd02::/64
sa_add left vgw0 office out 0x1001 aes128gcm16 lr
sa_add left vgw0 office in 0x2001 aes128gcm16 rl
xfrm_peer right aes128gcm16 10.0.0.1 10.0.0.2 none
head -c 512K /dev/urandom > "$keys/file"
try_features
try_aggregates
try_clones
same "nothing was dropped" "" "$(drops_of left)"
try_duplicates
