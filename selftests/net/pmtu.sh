#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A router on the way takes less than the underlay: its ICMP errors are believed when they are about packets that were
# really sent, senders inside are told, and TCP gets through.
#
#   left (vgw0) --1500-- mid --1400-- right (an xfrm peer)
#   10.0.1.1     10.0.1.2   10.0.2.1  10.0.2.2 and the same in fd00:10:0:1::, fd00:10:0:2::
#
# ci: no
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
# The interface's.
link_mtu()
{
	in_ns left cat /sys/class/net/vgw0/mtu
}
# Larger than what the path takes, and not larger than the device's MTU.
told()
{
	in_ns left ping -qc 1 -W 1 -M "do" -s 1340 192.168.2.1 > /dev/null || true
	ip -n "$left" route get 192.168.2.1 | grep " mtu $1 " > /dev/null
}
told6()
{
	in_ns left ping -qc 1 -W 1 -M "do" -s 1320 fd02::1 > /dev/null || true
	ip -n "$left" -6 route get fd02::1 | grep " mtu $1 " > /dev/null
}
tcp()
{
	in_ns right timeout 90 iperf3 -s -1 > /dev/null &
	busywait 10 in_ns right bash -c "ss -Hltn | grep -q ':5201 '"
	check "$what: TCP gets through, $1" in_ns left timeout 60 iperf3 --connect-timeout 5000 -n 1M -c "$1"
	kill $! 2> /dev/null || true
	wait $! || true
}

# tc brings a packet that may be cut, with a route that is none: there is nothing to cut it by.
redirected()
{
	local before
	before=$(too_big)
	ip -n "$left" link add lan type dummy
	ip -n "$left" link set lan up
	ip -n "$left" addr add 10.0.9.1/24 dev lan
	tc -n "$left" qdisc add dev lan clsact
	tc -n "$left" filter add dev lan egress matchall \
		action tunnel_key set src_ip 10.0.9.1 dst_ip 10.0.9.2 id 1 pipe action mirred egress redirect dev vgw0
	in_ns left ping -qc 1 -W 0.1 -M dont -s 1390 -I lan 192.168.2.1 > /dev/null || true
	same "$what: a long packet that tc redirects is dropped" $((before + 1)) "$(too_big)"
	ip -n "$left" link del lan
}

too_big()
{
	in_ns left "$lib/genl.py" tunnel-get ifname=vgw0 tunnel.name=office | /usr/bin/python3 -c 'import json, sys
print(sum(drop["count"] for drop in json.load(sys.stdin)["tunnel"].get("drop", []) if drop["cause"] == "too-big"))'
}

# stack_believes 4|6: does this kernel believe an ICMP error about a datagram that nobody sent, before it asks whose it is?
# 6.1 does over IPv4 (udp_err() begins with it), 6.12.117 also over IPv6 (udpv6_err_update_exception()), 5.10 both where
# there is a socket. It is tried with another destination than the tunnel's, and with ports that no socket has and that ours
# has.
stack_believes()
{
	local r=10.0.2.77 port
	if [ "$1" = 6 ]; then
		r=fd00:10:0:2::77
	fi
	for port in 9 4500; do
		forge 1350:0x1001:0 > /dev/null
		! ip -n "$left" route get "$r" | grep " mtu 1350 " > /dev/null || return 0
	done
	return 1
}

# forge MTU:SPI:BACK...: errors from mid about packets that were sent BACK packets before the last one; prints the
# tunnel's MTU after each, once left has it.
forge()
{
	/usr/bin/python3 "$box/forge.py" "$lib" "$left" "$mid" "$l" "$r" "$carrier" "$port" "$@"
}
box=$(mktemp -d)
defer rm -rf "$box"
cat > "$box/forge.py" << 'PY'
import ipaddress, socket, struct, sys, time
sys.path.insert(0, sys.argv[1])
import genl
left, mid, carrier, port = sys.argv[2], sys.argv[3], sys.argv[6], int(sys.argv[7])
l, r = (ipaddress.ip_address(a) for a in sys.argv[4:6])
vgw = genl.Client(netns=left)
tunnel = {"ifname": "vgw0", "tunnel": {"name": "office"}}
seq = vgw.do("sa-get", {**tunnel, "sa": {"direction": "out", "spi": 0x1001}})["sa"]["seq"]
genl.setns(f"/run/netns/{mid}")
family, icmp = (socket.AF_INET, 1) if l.version == 4 else (socket.AF_INET6, 58)
wire = socket.socket(family, socket.SOCK_RAW, icmp)
genl.setns(f"/run/netns/{left}")

def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF

def received():
    with open("/proc/thread-self/net/snmp6", encoding="ascii") as file:
        six = [int(line.split()[1]) for line in file if line.startswith("Icmp6InPktTooBigs")]
    with open("/proc/thread-self/net/snmp", encoding="ascii") as file:
        names, values = (line.split() for line in file if line.startswith("Icmp:"))
    return sum(six) + int(values[names.index("InDestUnreachs")])

for mtu, spi, back in (map(lambda n: int(n, 0), word.split(":")) for word in sys.argv[8:]):
    body = struct.pack("!II", spi, (seq - back) & 0xFFFFFFFF) + bytes(64)
    proto = 50
    if carrier == "udp":
        body = struct.pack("!HHHH", port, port, 8 + len(body), 0) + body
        proto = 17
    if l.version == 4:
        quote = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0x4000, 63, proto, 0)
        quote += l.packed + r.packed + body
        error = struct.pack("!BBHHH", 3, 4, 0, 0, mtu) + quote
        error = error[:2] + struct.pack("!H", checksum(error)) + error[4:]
    else:
        quote = struct.pack("!IHBB", 6 << 28, len(body), proto, 63) + l.packed + r.packed + body
        error = struct.pack("!BBHI", 2, 0, 0, mtu) + quote
    before = received()
    wire.sendto(error, (str(l), 0))
    while received() == before:
        time.sleep(0.05)
    # Another one at once would not be believed, whatever it says.
    time.sleep(0.2)
    print(vgw.do("tunnel-get", tunnel)["tunnel"]["mtu"])
PY

# try CARRIER OUTER
try()
{
	local carrier=$1 outer=$2 port=4500 l=10.0.1.1 r=10.0.2.2 before after link what="$1, outer IPv$2"
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
	check "$what: small packets" pinged left -qc 2 -i 0.2 192.168.2.1
	before=$(tunnel_mtu)
	link=$(link_mtu)

	if [ "$carrier" = udp ] && stack_believes "$outer"; then
		echo "# the stack itself believes any error about UDP over IPv$outer, before it asks whose it is"
	else
		same "$what: errors about another SPI, a packet to come, one long ago are not believed" \
			"$before $before $before" "$(forge 1350:0x1002:0 1350:0x1001:-1 1350:0x1001:70000 | xargs)"
	fi

	# The router says 1400.
	after=$((before - 100))
	check "$what: the sender is told, IPv4" busywait 10 told "$after"
	same "$what: the tunnel's MTU follows" "$after" "$(tunnel_mtu)"
	check "$what: the sender is told, IPv6" busywait 10 told6 "$after"
	tcp 192.168.2.1
	tcp fd02::1
	check "$what: what is not to be cut passes" pinged left -qc 2 -i 0.2 -M "do" -s $((after - 28)) 192.168.2.1
	check "$what: what may be cut passes" pinged left -qc 2 -i 0.2 -M dont -s 1390 192.168.2.1

	v left tunnel set vgw0 office priority 5
	same "$what: the tunnel is changed: its MTU is still the one learned" "$after" "$(tunnel_mtu)"
	same "$what: and the interface's as configured" "$link" "$(link_mtu)"

	redirected
	same "$what: an error about a packet just sent is believed" $((after - 100)) "$(forge 1300:0x1001:0)"

	ip -n "$left" route change 10.0.2.0/24 via 10.0.1.2 mtu 1400
	ip -n "$left" -6 route change fd00:10:0:2::/64 via fd00:10:0:1::2 mtu 1400
	v left tunnel set vgw0 office priority 6
	check "$what: a route's MTU is configured too" [ "$(link_mtu)" -lt "$link" ]
	ip -n "$left" link del vgw0
}

for carrier in none udp; do
	for outer in 4 6; do
		try $carrier $outer
	done
done
