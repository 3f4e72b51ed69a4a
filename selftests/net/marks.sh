#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Marks, devices and VRFs: by which underlay outer packets go, in which VRF they come, in which VRF the interface is,
# what a firewall sees of them, and that no mark passes from inside to outside or back.
#
#   left (vgw0) ---- right        the direct way, 10.0.0.0/24
#     |   \-- detour --/          for whom a mark or a device says so
#     far                         behind a VRF of left, 10.0.3.0/24
#
# timeout: 300

# shellcheck source=../lib/clearpeer.sh
. "$(dirname "$0")/../lib/clearpeer.sh"

left="" right="" detour="" far="" inner=""

modprobe vrf || skip "this kernel has no VRF"
setup_ns left right detour far inner
link_ns left right 10.0.0
link_ns left detour 10.0.1
link_ns left far 10.0.3

# Another way to right. The direct one is better, so it takes a mark or a device to go there.
ip -n "$left" route add 10.0.0.0/24 via 10.0.1.2 dev detour metric 500
ip -n "$left" -6 route add fd00:10:0:0::/64 via fd00:10:0:1::2 dev detour metric 5000
ip -n "$left" route add 10.0.0.0/24 via 10.0.1.2 table 100
ip -n "$left" -6 route add fd00:10:0:0::/64 via fd00:10:0:1::2 dev detour table 100
ip -n "$left" rule add fwmark 0x10 to 10.0.0.2 lookup 100
ip -n "$left" -6 rule add fwmark 0x10 to fd00:10:0:0::2 lookup 100

# Only this VRF knows the way to far.
ip -n "$left" link add red type vrf table 300
ip -n "$left" link set red up
ip -n "$left" link set far master red
ip -n "$left" addr replace fd00:10:0:3::1/64 dev far nodad

make_vgw left
ip -n "$left" route add 192.168.0.0/16 dev vgw0 src 192.168.1.1
ip -n "$left" -6 route add fd00:1::/32 dev vgw0 src fd01::1
in_ns left nft -f - <<'END'
table inet t {
	counter out10 { }
	counter inner77 { }
	counter forward77 { }
	counter inner55 { }
	chain prerouting {
		type filter hook prerouting priority -200
		iifname != vgw0 meta l4proto { esp, udp } meta mark set 0x55
	}
	chain input {
		type filter hook input priority 0
		iifname vgw0 meta mark 0x77 counter name inner77
		iifname vgw0 meta mark 0x55 counter name inner55
	}
	chain forward {
		type filter hook forward priority 0
		iifname vgw0 meta mark 0x77 counter name forward77
	}
	chain output {
		type filter hook output priority 0
		ip daddr 10.0.0.2 meta mark 0x10 counter name out10
		ip6 daddr fd00:10:0:0::2 meta mark 0x10 counter name out10
	}
}
END

# A tunnel N leads to 192.168.N.0/24 and fd00:1:N::/48.
add_tunnel()
{
	local n=$1 encap=$2 local=$3 remote=$4
	shift 4
	v left tunnel add vgw0 "t$n" local "$local" remote "$remote" encap "$encap" \
		prefix "192.168.$n.0/24,fd00:1:$n::/48" group "$n" "$@"
	sa_null left vgw0 "t$n" "0x10$n" "0x20$n"
}
add_tunnel 10 none 10.0.0.1 10.0.0.2
add_tunnel 11 udp 10.0.0.1 10.0.0.2
add_tunnel 12 none fd00:10:0:0::1 fd00:10:0:0::2
add_tunnel 13 udp fd00:10:0:0::1 fd00:10:0:0::2
add_tunnel 20 none 10.0.3.1 10.0.3.2 dev red
add_tunnel 21 udp 10.0.3.1 10.0.3.2 dev red
add_tunnel 22 none fd00:10:0:3::1 fd00:10:0:3::2 dev red
add_tunnel 23 udp fd00:10:0:3::1 fd00:10:0:3::2 dev far

py_checks "$left" "$right" "$detour" "$far" "$inner" "$vpntun" <<'END'
import json, sys
from clearpeer import *

keys, left, right, detour, far, inner, vpntun = sys.argv[1:]
WAYS = {10: "ESP in IPv4", 11: "UDP in IPv4", 12: "ESP in IPv6", 13: "UDP in IPv6"}

def listen(netns, n, address):
    """Or its kernel would tell that nobody does."""
    if n % 2:
        sock = socket_in(netns, socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind((address, 4500))
        return sock
    return None

def peer_at(netns, n, local, remote):
    return Peer(netns, "left", local, remote, out=int(f"0x20{n}", 16), inbound=int(f"0x10{n}", 16),
                encap="udp" if n % 2 else "none", keys=(f"{keys}/rl", f"{keys}/lr"))

def addresses(n):
    return ("10.0.0.2", "10.0.0.1") if n < 12 else ("fd00:10::2", "fd00:10::1")

direct = {n: peer_at(right, n, *addresses(n)) for n in WAYS}
around = {n: peer_at(detour, n, *addresses(n)) for n in WAYS}
sockets = [listen(right, n, addresses(n)[0]) for n in WAYS]
sender, marked, inside = Sender(left), Sender(left, mark=0x10), Wire(left, "vgw0")

def tunnel_set(n, *words):
    run_in(left, vpntun, "tunnel", "set", "vgw0", f"t{n}", *words)

def way(n, by=None, family=4):
    """How a packet to tunnel n goes: the one that arrives first tells."""
    src, dst = ("192.168.1.1", f"192.168.{n}.1") if family == 4 else ("fd01::1", f"fd00:1:{n}::1")
    for peer in (direct[n], around[n]):
        peer.wire.flush()
    (by or sender).send(ip(src, dst, b"x" * 40))
    socks = {direct[n].wire.sock: "direct", around[n].wire.sock: "detour"}
    end = time.monotonic() + 10 * SCALE
    while (ready := select.select(list(socks), [], [], max(0, end - time.monotonic()))[0]):
        for sock in ready:
            peer = direct[n] if socks[sock] == "direct" else around[n]
            data = peer.wire.get(1)
            if data and peer.read(data):
                return socks[sock]
    return "nowhere"

def counter(name, netns=left):
    return int(run_in(netns, "nft", "list", "counter", "inet", "t", name).split("packets")[1].split()[0])

# ---- out ----

for n, text in WAYS.items():
    before = counter("out10")
    same(f"{text}: without a mark the direct way", "direct", way(n))
    same(f"{text}: the mark of an inner packet does not show", "direct", way(n, marked))
    same(f"{text}: no outer packet had it", before, counter("out10"))
    tunnel_set(n, "fwmark", "0x10")
    same(f"{text}: the tunnel's mark leads around", "detour", way(n))
    same(f"{text}: and a firewall sees it", before + 1, counter("out10"))
    tunnel_set(n, "fwmark", "0x20")
run_in(left, vpntun, "set", "vgw0", "fwmark", "0x10")
for n, text in WAYS.items():
    same(f"{text}: the tunnel's mark goes before the interface's", "direct", way(n))
    tunnel_set(n, "fwmark", "0")
    same(f"{text}: the interface's mark leads around", "detour", way(n))
run_in(left, vpntun, "set", "vgw0", "fwmark", "0")
for n, text in WAYS.items():
    same(f"{text}: no mark, the direct way", "direct", way(n))
    tunnel_set(n, "dev", "detour")
    same(f"{text}: the underlay device leads around", "detour", way(n))
    tunnel_set(n, "dev", "none")
    same(f"{text}: no device, the direct way", "direct", way(n))

# ---- in ----

def comes_in(peer, n, wire=inside, dst=("192.168.1.1", "fd01::1")):
    """Does an inner packet of each family arrive?"""
    count = 0
    for source, target in zip((f"192.168.{n}.1", f"fd00:1:{n}::1"), dst):
        wire.flush()
        peer.say(ip(source, target, b"arrives"))
        while (data := wire.get()) is not None:
            if data.endswith(b"arrives"):
                count += 1
                break
    return count

before = counter("inner77")
tunnel_set(10, "rx-mark", "0x77")
same("packets of a tunnel with rx-mark", 2, comes_in(direct[10], 10))
same("have it, a firewall sees", 2, wait(lambda: counter("inner77") == before + 2 and 2))
same("packets of another tunnel", 2, comes_in(direct[12], 12))
same("do not", before + 2, counter("inner77"))
same("no packet has the mark of its outer one", 0, counter("inner55"))
run_in(left, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
same("packets that are forwarded", 2, comes_in(direct[10], 10, dst=("10.0.1.2", "fd00:10:0:1::2")))
same("have it as well", 2, wait(lambda: counter("forward77") == 2 and 2))

# ---- the underlay is a VRF ----

for n, text in ((20, "ESP in IPv4"), (21, "UDP in IPv4"), (22, "ESP in IPv6"), (23, "UDP in IPv6, by a device of it")):
    local, remote = ("10.0.3.2", "10.0.3.1") if n < 22 else ("fd00:10:0:3::2", "fd00:10:0:3::1")
    peer, sock = peer_at(far, n, local, remote), listen(far, n, local)
    sender.send(ip4("192.168.1.1", f"192.168.{n}.1", b"x"))
    ok(f"{text}: out by a VRF", peer.hear())
    same(f"{text}: in by a VRF", 2, comes_in(peer, n))

# ---- the interface is in a VRF, then in another namespace ----

def echo(family, src, dst):
    if family == 4:
        body = struct.pack("!BBHHH", 8, 0, 0, 1, 1)
        return ip4(src, dst, body[:2] + struct.pack("!H", checksum(body)) + body[4:], proto=1)
    body = struct.pack("!BBHHH", 128, 0, 0, 1, 1)
    return ip6(src, dst, body[:2] + struct.pack("!H", pseudo(src, dst, 58, body)) + body[4:], proto=58)

def answers(n):
    """Does the host answer echo requests of both families?"""
    count = 0
    for family, src, dst in ((4, f"192.168.{n}.1", "192.168.1.1"), (6, f"fd00:1:{n}::1", "fd01::1")):
        direct[n].wire.flush()
        direct[n].say(echo(family, src, dst))
        while (packet := direct[n].hear()) is not None:
            kind = packet.inner[20] if family == 4 else packet.inner[40]
            if packet.inner[0] >> 4 == family and kind == (0 if family == 4 else 129):
                count += 1
                break
    return count

def ready(netns):
    for words in ("link set vgw0 up", "addr replace 192.168.1.1/32 dev vgw0", "addr replace fd01::1/128 dev vgw0 nodad",
                  "route replace 192.168.0.0/16 dev vgw0 src 192.168.1.1",
                  "route replace fd00:1::/32 dev vgw0 src fd01::1"):
        if netns == left:
            words = words.replace("route replace", "route replace vrf blue")
        run_in(netns, "ip", *words.split())

for words in ("link add blue type vrf table 400", "link set blue up", "link set vgw0 master blue"):
    run_in(left, "ip", *words.split())
ready(left)
same("an interface in a VRF answers there", 2, answers(10))
same("by UDP too", 2, answers(11))
run_in(left, "ip", "link", "set", "vgw0", "nomaster")
run_in(left, "ip", "link", "set", "vgw0", "netns", inner)
ready(inner)
run_in(inner, "nft", "table inet t { counter inner77 { }; chain input { type filter hook input priority 0; "
       "iifname vgw0 meta mark 0x77 counter name inner77; }; }")
same("so does one in another namespace", 2, answers(10))
same("where a firewall sees its mark", 2, counter("inner77", inner))
sender, marked = Sender(inner), Sender(inner, mark=0x10)
before = counter("out10")
for n, text in WAYS.items():
    same(f"{text}: from another namespace the direct way", "direct", way(n, marked))
same("no mark from there shows outside", before, counter("out10"))
END
