#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 300
#
# What the kernel around the module does, and the module has to reckon with. Each fact, and the test that would fail
# if the module reckoned wrong:
#
#   several protocols share ESP in the order of their priorities; a vti swallows    coexist (vti and vgw, same addresses)
#   a handler leaves alone what is not its own                                      coexist, limits
#   a cb_handler that says 0 breaks those behind it                                 coexist (vti and xfrm interface)
#   an err_handler that takes everything breaks those behind it                     here
#   nobody behind us: strangers are answered by the end of the chain                coexist (without esp4 and esp6)
#   the handlers see the packets of all namespaces                                  here
#   ESP on another one's UDP socket comes by input_handler                          coexist (strongSwan's port 4500)
#   encap_rcv: unknown ESP has to be handed on                                      coexist
#   a zero UDP checksum over IPv6 is dropped by default                             here
#   a UDP socket with encap_rcv gets no aggregates                                  here
#   without encap_err_lookup path-MTU errors are lost                               pmtu
#   a userspace socket pins its namespace                                           socket
#   without carrier the queueing layer drops before the module is called            here
#   a device that does not keep the dst does not know the gateway                   here
#   what is stolen before conntrack confirms stays unconfirmed                      coexist
#   interfaces change their place in a namespace's list, and an index is anybody's  netns
#
#   left (vgw0) ---- right (sends what no kernel would)

# shellcheck source=../lib/vgw.sh
. "$(dirname "$0")/../lib/vgw.sh"

# shellcheck disable=SC2034 # setup_ns sets them
left="" right="" other=""

modprobe -a esp4 esp6 sch_netem sch_fq_codel
setup_ns left right other
link_ns left right 10.0.0
new_key none.auth 32
make_keys aes128gcm16 other

# null_sa NS TUNNEL DIR SPI: without a cipher, so that anybody who has the HMAC key can write its packets.
null_sa()
{
	v "$1" sa add vgw0 "$2" "$3" spi "$4" alg null-sha256 authkeyfile "$keys/none.auth"
}

# send STATEMENTS: python, with esp(spi, seq, src, dst): a sealed ICMP echo reply of 200 bytes from src to dst.
send()
{
	in_ns right /usr/bin/python3 -c '
import hashlib, hmac, socket, struct, sys
from scapy.all import *
key = bytes.fromhex(open(sys.argv[1]).read())
def esp(spi, seq, src, dst):
    echo = bytes(IP(src=src, dst=dst) / ICMP(type=0) / bytes(172))
    text = struct.pack("!II", spi, seq) + echo + b"\1\2\2\4"
    return text + hmac.new(key, text, hashlib.sha256).digest()[:16]
exec(sys.argv[2])' "$keys/none.auth" "$1"
}

# tunnel NS NAME KEY: a value of its JSON
tunnel()
{
	v "$1" show --json | /usr/bin/python3 -c 'import json, sys
for iface in json.load(sys.stdin)["interfaces"]:
    for tunnel in iface["tunnels"]:
        if tunnel["name"] == sys.argv[1]:
            print(eval("tunnel" + sys.argv[2]))' "$2" "$3"
}

is()
{
	[ "$("${@:2}")" = "$1" ]
}

make()
{
	ip -n "$(ns_name "$1")" link add vgw0 type vgw
	ip -n "$(ns_name "$1")" link set vgw0 up
	ip -n "$(ns_name "$1")" addr add 192.168.1.1/32 dev vgw0
}

make left
v left tunnel add vgw0 native local 10.0.0.1 remote 10.0.0.2 encap none prefix 192.168.2.0/24
null_sa left native in 0x2001
v left tunnel add vgw0 udp6 local fd00:10:0:0::1 remote fd00:10:0:0::2 encap udp prefix 192.168.3.0/24
null_sa left udp6 in 0x2002
v left tunnel add vgw0 udp4 local 10.0.0.1 remote 10.0.0.2 encap udp prefix 192.168.4.0/24
null_sa left udp4 in 0x2003

# ---- handlers see the packets of all namespaces: the same SPI is another SA in each ----

make other
ip link add left netns "$other" type veth peer name other netns "$left"
v other tunnel add vgw0 native remote 10.0.0.2 encap none prefix 192.168.2.0/24
null_sa other native in 0x2001
v other tunnel add vgw0 more remote 10.0.0.2 encap none group 1 prefix 192.168.9.0/24
null_sa other more in 0x2009
send 'send(IP(src="10.0.0.2", dst="10.0.0.1", proto=50) / esp(0x2001, 1, "192.168.2.1", "192.168.1.1"), verbose=0)'
check "a packet is for the SA of its namespace" busywait 10 is 1 tunnel left native '["rx_packets"]'
same "not for that of another" 0 "$(tunnel other native '["rx_packets"]')"
stranger='send(IP(src="10.0.0.2", dst="10.0.0.1", proto=50) / esp(0x2009, 1, "192.168.9.1", "192.168.1.1"), verbose=0)'
# shellcheck disable=SC2016 # awk's
before=$(in_ns left awk '/XfrmInNoStates/ {print $2}' /proc/net/xfrm_stat)
send "$stranger"
nostates()
{
	# shellcheck disable=SC2016 # awk's
	in_ns left awk '/XfrmInNoStates/ {print $2}' /proc/net/xfrm_stat
}
check "an SPI of another namespace is a stranger's" busywait 10 is $((before + 1)) nostates
same "and does not come there" 0 "$(tunnel other more '["rx_packets"]')"

# ---- no checksum over IPv6 ----

send 'send(IPv6(src="fd00:10:0:0::2", dst="fd00:10:0:0::1") / UDP(sport=4500, dport=4500, chksum=0) /
	   esp(0x2002, 1, "192.168.3.1", "192.168.1.1"), verbose=0)'
check "a peer that makes no UDP checksum over IPv6 is heard" busywait 10 is 1 tunnel left udp6 '["rx_packets"]'

# ---- aggregates: a sender with segmentation offload, and no NIC between that cuts ----

aggregate()
{
	send '
sock = socket.socket(socket.'"$1"', socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
sock.bind(("'"$2"'", 4500))
one = [esp('"$4"', seq, "'"$5"'", "192.168.1.1") for seq in range(100, 140)]
assert len({len(packet) for packet in one}) == 1
sock.setsockopt(socket.SOL_UDP if hasattr(socket, "SOL_UDP") else 17, 103, len(one[0]))  # UDP_SEGMENT
sock.sendto(b"".join(one), ("'"$3"'", 4500))'
}
# Where no device can, the sender's stack cuts it: then they come one by one.
if in_ns right ethtool -k left | grep 'tx-udp-segmentation: off$' > /dev/null; then
	in_ns right ethtool -K left tx-udp-segmentation on > /dev/null
fi
aggregate AF_INET 10.0.0.2 10.0.0.1 0x2003 192.168.4.1
check "every packet of a sender's aggregate arrives" busywait 10 is 40 tunnel left udp4 '["rx_packets"]'
aggregate AF_INET6 fd00:10:0:0::2 fd00:10:0:0::1 0x2002 192.168.3.1
check "over IPv6, too" busywait 10 is 41 tunnel left udp6 '["rx_packets"]'
same "none was dropped" "{} {}" "$(tunnel left udp4 '["drops"]') $(tunnel left udp6 '["drops"]')"

# ---- an error that is not about a packet of ours ----

# shellcheck disable=SC2046 # words
ip -n "$left" xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x3001 mode tunnel \
	$(xfrm_named aes128gcm16 other)
ip -n "$left" route add 10.0.0.2/32 dev right src 10.0.0.1
learned()
{
	in_ns left ip route get 10.0.0.2 | grep 'mtu 1300' > /dev/null
}
check_not "the path has its full MTU" learned
send 'send(IP(src="10.0.0.2", dst="10.0.0.1") / ICMP(type=3, code=4, nexthopmtu=1300) /
	   IP(src="10.0.0.1", dst="10.0.0.2", proto=50, flags="DF", len=1500) /
	   bytes.fromhex("0000300100000001"), verbose=0)'
check "the kernel's own IPsec still hears of a path's MTU" busywait 10 learned
ip -n "$left" route flush cache

# ---- without carrier ----

raw()
{
	in_ns left /usr/bin/python3 -c '
import socket, sys
from scapy.all import IP, ICMP
sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM)
for i in range(5):
    try:
        sock.sendto(bytes(IP(src="192.168.1.1", dst="192.168.2.1") / ICMP()), ("vgw0", 0x0800))
    except OSError:
        pass'
}
ip -n "$left" route add 192.168.2.0/24 dev vgw0
same "no tunnel is up" False "$(json left '["carrier"]')"
raw
same "without carrier the module does not see a packet" "{} {}" \
	"$(json left '["drops"]') $(tunnel left native '["drops"]')"
check_not "and the route is passed by" ip -n "$left" route get 192.168.2.1
v left set vgw0 carrier on
check "with the carrier always on there is a route" ip -n "$left" route get 192.168.2.1
raw
check "and the packets are counted" busywait 10 is 5 json left '["drops"].get("tunnel-down", 0)'
v left set vgw0 carrier auto

# ---- the gateway chooses the tunnel, whatever is between the route and the device ----

v left tunnel add vgw0 east local 10.0.0.1 remote 10.0.0.2 encap none group 2 prefix 192.168.50.0/24 peer 169.254.1.2
v left tunnel add vgw0 west local 10.0.0.1 remote 10.0.0.2 encap none group 3 prefix 192.168.60.0/24 peer 169.254.2.2
null_sa left east out 0x1005
null_sa left west out 0x1006
ip -n "$left" route add 172.16.0.0/16 via 169.254.1.2 dev vgw0 onlink src 192.168.1.1
ip -n "$left" route add 172.16.0.0/16 via 169.254.2.2 dev vgw0 onlink src 192.168.1.1 table 100
ip -n "$left" rule add fwmark 5 lookup 100
ip -n "$left" route add 172.17.0.0/16 via inet6 fd01:2::2 dev vgw0 onlink src 192.168.1.1
v left tunnel set vgw0 west prefix 192.168.60.0/24,fd01:2::2/128
for queue in noqueue fq_codel "netem delay 1ms"; do
	# shellcheck disable=SC2086 # words
	[ "$queue" = noqueue ] || ip netns exec "$left" tc qdisc replace dev vgw0 root $queue
	east=$(tunnel left east '["tx_packets"]')
	west=$(tunnel left west '["tx_packets"]')
	in_ns left ping -qc 3 -i 0.01 -W 0.1 172.16.0.1 > /dev/null || true
	in_ns left ping -qc 4 -i 0.01 -W 0.1 -m 5 172.16.0.1 > /dev/null || true
	in_ns left ping -qc 5 -i 0.01 -W 0.1 172.17.0.1 > /dev/null || true
	check "by the main table's gateway, $queue" \
		busywait 10 is $((east + 3)) tunnel left east '["tx_packets"]'
	check "by another table's and an IPv6 one, $queue" \
		busywait 10 is $((west + 9)) tunnel left west '["tx_packets"]'
done
