#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
#
# A device that does not cut UDP packets itself gets an aggregate as a list of finished packets. All of them are right,
# and what the firewall writes into the first is in each.
#
#   left (vgw0) ---- mid ---- right (an xfrm peer)
#   10.0.1.1                  10.0.2.2 and the same in fd00:10:0:1::, fd00:10:0:2::

# shellcheck source=../lib/vgw.sh
. "$(dirname "$0")/../lib/vgw.sh"

# shellcheck disable=SC2034 # setup_ns sets them
left="" mid="" right=""
tracing=/sys/kernel/tracing

setup_path()
{
	setup_ns left mid right
	link_ns left mid 10.0.1
	link_ns mid right 10.0.2
	in_ns mid sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	ip -n "$left" route add 10.0.2.0/24 via 10.0.1.2
	ip -n "$left" -6 route add fd00:10:0:2::/64 via fd00:10:0:1::2
	ip -n "$right" route add 10.0.1.0/24 via 10.0.2.1
	ip -n "$right" -6 route add fd00:10:0:1::/64 via fd00:10:0:2::1
	# xfrm_peer lets its inner routes leave by a device of this name.
	ip -n "$right" link add left type dummy
	ip -n "$right" link set left up
	# What left began of a checksum is ended in mid, and right looks whether it is right.
	in_ns mid ethtool -K right tx off > /dev/null
	in_ns right ethtool -K mid rx off > /dev/null
}

# The firewall changes every packet that leaves.
mangle()
{
	in_ns left nft -f - <<-'END'
		table inet t {
			chain post {
				type filter hook postrouting priority mangle
				meta nfproto ipv4 udp dport 4500 ip dscp set cs5
				meta nfproto ipv6 udp dport 4500 ip6 dscp set cs5
				udp dport 4500 udp sport set 4777
			}
		}
	END
}

# How many lists were taken apart.
lists()
{
	[ ! -e "$tracing/kprobe_events" ] || awk '$1 == "vgw_lists" { print $2 }' $tracing/kprobe_profile
}

# where_counted CHECK WHAT...: a check of that number
where_counted()
{
	if [ -e "$tracing/kprobe_events" ]; then
		"$@"
	else
		ktap_ok "$2 # SKIP this kernel cannot tell"
	fi
}

# How many of the packets that mid saw are like that.
seen()
{
	tcpdump -nr "$keys/wire" "$1" 2> /dev/null | wc -l
}

# by_list WHAT: a file arrives, by lists.
by_list()
{
	local before
	before=$(lists)
	check "$1: a file arrives" carried left right 192.168.2.1 "$keys/file" write
	# What a socket has been charged for, as all of this is, goes by lists only where that is given back.
	if [[ $(uname -r) = 5.10.* ]]; then
		where_counted same "$1: not by lists, of which this kernel gives back too little" "$before" "$(lists)"
	else
		where_counted check "$1: by lists" [ "$(lists)" -gt "$before" ]
	fi
}

# by_none WHAT: a file arrives, without any.
by_none()
{
	local before
	before=$(lists)
	check "$1: a file arrives" carried left right 192.168.2.1 "$keys/file" write
	where_counted same "$1: not by lists" "$before" "$(lists)"
}

# A socket sends a file and waits until it has back what it was charged for it.
charge_comes_back()
{
	in_ns right /usr/bin/python3 -c 'import socket
with socket.create_server(("192.168.2.1", 6500)) as listener:
	stream = listener.accept()[0]
	while stream.recv(1 << 16):
		pass' &
	busywait 10 tcp_listens right 6500 || return
	in_ns left timeout $((20 * ${TIME_SCALE:-1})) /usr/bin/python3 -c 'import re, socket, subprocess, sys, time
stream = socket.create_connection(("192.168.2.1", 6500))
stream.sendall(open(sys.argv[1], "rb").read())
while not re.search(r"skmem:\(r\d+,rb\d+,t0,.* bytes_acked:\d{6,}",
                    subprocess.check_output(["ss", "-Htmin", "dport = 6500"], text=True)):
	time.sleep(0.1)' "$keys/file" && wait $!
}

wrong_sums()
{
	in_ns right nstat -asz UdpInCsumErrors Udp6InCsumErrors | awk '/Csum/ { sum += $2 } END { print sum + 0 }'
}

# try LEFT RIGHT OTHER_DSCP: the last is what packets are like that the firewall has not changed
try()
{
	make_vgw left
	v left tunnel add vgw0 office local "$1" remote "$2" encap udp prefix 192.168.2.0/24,fd02::/64
	make_keys aes128gcm16 lr rl
	xfrm_peer right aes128gcm16 "$1" "$2" udp
	sa_add left vgw0 office in 0x2001 aes128gcm16 rl
	sa_add left vgw0 office out 0x1001 aes128gcm16 lr
	by_none "$1, a device that cuts"
	in_ns left ethtool -K mid tso off tx-udp-segmentation off > /dev/null
	by_list "$1, a device that does not"
	mangle
	capture_start mid left "$keys/wire" -s 100 "src $1 and udp"
	by_list "$1, with a firewall"
	capture_stop "$keys/wire"
	check "$1: the far end saw many packets" [ "$(seen udp)" -gt 300 ]
	same "$1: each as the firewall has left it" 0 "$(seen "src port not 4777 or $3")"
}

clean()
{
	same "$1: nothing was dropped" '{}' "$(json left '["tunnels"][0]["drops"]')"
	same "$1: no checksum was wrong" 0 "$(wrong_sums)"
}

try_ways()
{
	check "a socket has back what it was charged" charge_comes_back
	echo 2 > /sys/module/vgw/parameters/parallel
	by_list "in parallel"
	echo 1 > /sys/module/vgw/parameters/parallel
	echo 0 > /sys/module/vgw/parameters/fraglist
	by_none "switched off"
	echo 1 > /sys/module/vgw/parameters/fraglist
	# nftables would make one of UDP's none.
	in_ns left nft flush ruleset
	in_ns left ethtool -K mid tx off > /dev/null
	by_none "a device that makes no checksums"
}

modprobe -a esp4 esp6
mountpoint -q $tracing || mount -t tracefs tracefs $tracing
if [ -e "$tracing/kprobe_events" ]; then
	echo 'p:vgw_lists skb_segment_list' >> $tracing/kprobe_events
	defer sh -c "echo 0 > $tracing/events/kprobes/vgw_lists/enable; echo -:vgw_lists >> $tracing/kprobe_events"
	echo 1 > $tracing/events/kprobes/vgw_lists/enable
fi
head -c 512K /dev/urandom > "$keys/file"
setup_path
try 10.0.1.1 10.0.2.2 'ip[1] & 0xfc != 0xa0'
try_ways
clean IPv4
setup_path
try fd00:10:0:1::1 fd00:10:0:2::2 'ip6[0:2] & 0x0fc0 != 0x0a00'
clean IPv6
