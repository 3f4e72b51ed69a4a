#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Multicast and IPv6 link-local: dropped and counted, both ways, unless a tunnel is to carry them; then every neighbour
# gets a copy. They ask for no SA. And the proof of it: OSPF of both versions by BIRD, over the tunnel.
#
#   alpha, beta, gamma ---- left (vgw0 with a tunnel to each; they are python peers)
#   left (vgw0, BIRD) ---- alpha (vgw0, BIRD)
#
# timeout: 180

# shellcheck source=../lib/clearpeer.sh
. "$(dirname "$0")/../lib/clearpeer.sh"

left="" alpha="" beta="" gamma=""

setup_ns left alpha beta gamma
link_ns left alpha 10.0.2
link_ns left beta 10.0.3
link_ns left gamma 10.0.4
make_vgw left
ip -n "$left" route add 192.168.0.0/16 dev vgw0 src 192.168.1.1
for n in 2 3 4; do
	v left tunnel add vgw0 "t$n" local 10.0.$n.1 remote 10.0.$n.2 encap none group $n \
		prefix "192.168.$n.0/24,fd00:1:$n::/48"
	sa_null left vgw0 t$n 0x100$n 0x200$n
done
# One that nobody has made an SA for yet.
v left tunnel add vgw0 lazy remote 10.0.2.9 encap none group 9 prefix 192.168.9.0/24 multicast on demand on
events=$(mktemp)
defer rm -f "$events"
v left monitor --json > "$events" &
defer kill $!
busywait 10 grep -q listening "$events"

py_checks "$left" "$alpha" "$beta" "$gamma" "$vpntun" "$events" <<'END'
import json, sys
from clearpeer import *

keys, left, *places, vpntun, events = sys.argv[1:]
peers = {n: Peer(place, "left", f"10.0.{n}.2", f"10.0.{n}.1", out=0x2000 + n, inbound=0x1000 + n,
                 keys=(f"{keys}/rl", f"{keys}/lr")) for n, place in zip((2, 3, 4), places)}
sender, inside = Sender(left, dev="vgw0"), Wire(left, "vgw0")
OSPF, HOP = 89, 0
GROUPS = {"224.0.0.5": "192.168.1.1", "255.255.255.255": "192.168.1.1", "ff02::5": "fe80::1", "fe80::2": "fe80::1"}

def vpn(*words):
    return run_in(left, vpntun, *words)

def state():
    return json.loads(vpn("show", "vgw0", "--json"))["interfaces"][0]

def drops(n=None):
    where = state()
    if n:
        where = next(tunnel for tunnel in where["tunnels"] if tunnel["name"] == f"t{n}")
    return where["drops"].get("multicast", 0)

def head_of(data):
    """Protocol, destination and TTL."""
    if data[0] >> 4 == 4:
        return data[9], data[16:20], data[8]
    return data[6], data[24:40], data[7]

def heard(peer):
    """The head of the next packet that was sent here, and not by the stack, which has much to say."""
    while (got := peer.hear()) is not None:
        head = head_of(got.inner)
        if head[0] in (OSPF, ANY):
            return head
    return None

def who_hears(dst):
    """To whom a copy goes, each once. What is sent after it to all of them tells that no more comes."""
    sender.send(ip(GROUPS[dst], dst, b"hello", proto=OSPF, ttl=1))
    for n in peers:
        sender.send(ip4("192.168.1.1", f"192.168.{n}.1"))
    out = []
    for n, peer in peers.items():
        while (head := heard(peer)) is not None and head[0] != ANY:
            out.append(n if head == (OSPF, packed(dst), 1) else "changed")
    return out

def comes_in(n, dst):
    """Does it arrive from this neighbour? As above."""
    inside.flush()
    peers[n].say(ip(f"192.168.{n}.1" if dst[0] == "2" else "fe80::9", dst, b"hello", proto=OSPF, ttl=1))
    peers[n].say(ip4(f"192.168.{n}.1", "192.168.1.1", b"end"))
    seen = False
    while (data := inside.get()) is not None and not data.endswith(b"end"):
        seen = seen or data.endswith(b"hello")
    return seen if data else "nothing"

for dst in GROUPS:
    before = drops()
    same(f"{dst}: goes to nobody unless it is to", [], who_hears(dst))
    ok(f"{dst}: and is counted", drops() > before)
    before = drops(2)
    same(f"{dst}: nor comes in", False, comes_in(2, dst))
    same(f"{dst}: and is counted", 1, drops(2) - before)
for n in (2, 3):
    vpn("tunnel", "set", "vgw0", f"t{n}", "multicast", "on")
for dst in GROUPS:
    same(f"{dst}: a copy to each who wants it", [2, 3], who_hears(dst))
    same(f"{dst}: comes in from them", [True, True, False], [comes_in(n, dst) for n in peers])
vpn("tunnel", "set", "vgw0", "t2", "ts-local", "10.99.0.0/16,192.168.1.1/32", "ts-remote", "192.168.2.0/24")
same("traffic selectors are not for neighbours", [2, 3], who_hears("224.0.0.5"))
same("neither way", True, comes_in(2, "224.0.0.5"))
vpn("tunnel", "set", "vgw0", "t2", "ts-local", "any", "ts-remote", "any", "peer", "fe80::2")
same("a link-local address that is pinned is of one tunnel", [2], who_hears("fe80::2"))
same("others are not", [2, 3], who_hears("ff02::5"))
vpn("tunnel", "set", "vgw0", "t2", "peer", "none")
vpn("tunnel", "set", "vgw0", "t3", "state", "down")
sender.send(ip4("192.168.1.1", "224.0.0.5", b"hello", proto=OSPF, ttl=1))
ok("a tunnel that is up gets its copy", heard(peers[2])[0] == OSPF)
vpn("tunnel", "set", "vgw0", "t3", "state", "up")
sender.send(ip4("192.168.1.1", "192.168.3.1"))
ok("one that is down none", heard(peers[3])[0] == ANY)

# Router solicitations and MLD reports are for neighbours: they ask for no SA.
def acquires():
    return open(events, encoding="utf-8").read().count('"acquire"')

run_in(left, "sysctl", "-qw", "net.ipv6.conf.vgw0.router_solicitation_delay=0")
kinds = set()
def has_heard():
    while (packet := peers[2].hear(0.1)) is not None:
        if packet.inner[0] >> 4 == 6:
            kinds.add(packet.inner[48 if packet.inner[6] == HOP else 40])
    return {133, 143} <= kinds
run_in(left, "ip", "link", "set", "vgw0", "down")
run_in(left, "ip", "link", "set", "vgw0", "up")
index = int(run_in(left, "cat", "/sys/class/net/vgw0/ifindex"))
member = socket_in(left, socket.AF_INET6, socket.SOCK_DGRAM)
member.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, packed("ff05::77") + struct.pack("=I", index))
ok("the stack solicits routers and reports groups", wait(has_heard, 20), kinds)
same("which asks for no SA", 0, acquires())
run_in(left, "ip", "route", "replace", "192.168.0.0/16", "dev", "vgw0", "src", "192.168.1.1")
sender.send(ip4("192.168.1.1", "192.168.9.1", b"x"))
same("what has a destination does", 1, wait(acquires))
END

# ---- OSPF ----

ip -n "$left" link del vgw0
conf=$(mktemp -d)
defer rm -rf "$conf"

# router NS ID OWN PEER NET NET6: a gateway with a network behind it
router()
{
	local ns=$1 id=$2 own=$3 peer=$4 net=$5 net6=$6

	ip -n "${!ns}" link add vgw0 type vgw
	ip -n "${!ns}" link set vgw0 up
	ip -n "${!ns}" addr add "$own" peer "$peer/32" dev vgw0
	ip -n "${!ns}" link add stub type dummy
	ip -n "${!ns}" link set stub up
	ip -n "${!ns}" addr add "$net.1/24" dev stub
	ip -n "${!ns}" addr add "$net6::1/64" dev stub nodad
	cat > "$conf/$ns.conf" <<-END
		log "$conf/$ns.log" all;
		router id $id;
		protocol device { scan time 1; }
		protocol kernel { ipv4 { export all; import none; }; }
		protocol kernel { ipv6 { export all; import none; }; }
		protocol ospf v2 {
			ipv4 { import all; };
			area 0 {
				interface "vgw0" { type ptp; hello 1; dead 20; };
				interface "stub" { stub yes; };
			};
		}
		protocol ospf v3 {
			ipv6 { import all; };
			area 0 {
				interface "vgw0" { type ptp; hello 1; dead 20; };
				interface "stub" { stub yes; };
			};
		}
	END
	in_ns "$ns" bird -f -c "$conf/$ns.conf" -s "$conf/$ns.ctl" 2> "$conf/$ns.err" &
	defer kill $!
}
router left 192.0.2.1 169.254.9.1 169.254.9.2 192.168.1 fd01
router alpha 192.0.2.2 169.254.9.2 169.254.9.1 192.168.2 fd02
make_keys aes128gcm16 la al
v left tunnel add vgw0 alpha local 10.0.2.1 remote 10.0.2.2 prefix 0.0.0.0/0,::/0 peer 169.254.9.2 multicast on
v alpha tunnel add vgw0 left local 10.0.2.2 remote 10.0.2.1 prefix 0.0.0.0/0,::/0 peer 169.254.9.1 multicast on
sa_add left vgw0 alpha out 0x1001 aes128gcm16 la
sa_add left vgw0 alpha in 0x2001 aes128gcm16 al
sa_add alpha vgw0 left out 0x2001 aes128gcm16 al
sa_add alpha vgw0 left in 0x1001 aes128gcm16 la

link_local()
{
	ip -n "$1" -6 -o addr show dev vgw0 scope link | awk '{ sub("/.*", "", $4); print $4 }'
}
has_route()
{
	ip -n "$left" "$1" route show "$2" proto bird | grep 'via .* dev vgw0' > /dev/null
}
has_no_route()
{
	! has_route "$@"
}
check "ping to the neighbour's link-local address" pinged left -6 -qc 1 "$(link_local "$alpha")%vgw0"
check "ping to all nodes" pinged left -6 -qc 1 "ff02::1%vgw0"
check "OSPFv2 brings a route" busywait 60 has_route -4 192.168.2.0/24
check "OSPFv3 brings a route" busywait 60 has_route -6 fd02::/64
check "IPv4 goes by it" busywait 20 pinged left -qc 1 -I 192.168.1.1 192.168.2.1
check "IPv6 goes by it" busywait 20 pinged left -6 -qc 1 -I fd01::1 fd02::1
v left tunnel set vgw0 alpha state down
check "with the carrier the IPv4 route goes" busywait 15 has_no_route -4 192.168.2.0/24
check "and the IPv6 route" busywait 15 has_no_route -6 fd02::/64
v left tunnel set vgw0 alpha state up
check "they come back" busywait 60 has_route -4 192.168.2.0/24
check "both" busywait 60 has_route -6 fd02::/64
