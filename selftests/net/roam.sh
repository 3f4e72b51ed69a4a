#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A peer in UDP whose address or port changes is followed, if it is to be, by nothing but an authentic packet that is
# newer than all before, at most about ten times a second. NAT keepalives: sent when idle, consumed when received. Last a NAT that forgets its mappings.
#
#   left (vgw0) ---- right (a python peer with two addresses)
#   left (vgw0) ---- nat ---- right (vgw0)
#
# timeout: 180

# shellcheck source=../lib/clearpeer.sh
. "$(dirname "$0")/../lib/clearpeer.sh"

left="" right="" nat=""

setup_ns left right nat
link_ns left right 10.0.0
link_ns left nat 10.0.1
link_ns nat right 10.0.2
ip -n "$right" addr add 10.0.0.3/24 dev left
ip -n "$right" addr add fd00:10:0:0::3/64 dev left nodad
in_ns left ethtool -K right tx off > /dev/null
make_vgw left
ip -n "$left" route add 192.168.0.0/16 dev vgw0 src 192.168.1.1

# add_tunnel N REMOTE [WORD VALUE]...: to 192.168.N.0/24
add_tunnel()
{
	local n=$1
	shift
	v left tunnel add vgw0 "t$n" remote "$@" group "$n" prefix "192.168.$n.0/24"
	sa_null left vgw0 "t$n" "0x100$n" "0x200$n"
}
add_tunnel 4 10.0.0.2 local 10.0.0.1 encap udp
add_tunnel 5 10.0.0.2 local 10.0.0.1 encap none
add_tunnel 6 fd00:10:0:0::2 local fd00:10:0:0::1 encap udp
events=$(mktemp)
defer rm -f "$events"
v left monitor --json > "$events" &
defer kill $!
busywait 10 grep -q listening "$events"

py_checks "$left" "$right" "$vpntun" "$events" <<'END'
import json, sys
from clearpeer import *

keys, left, right, vpntun, events = sys.argv[1:]
sender, inside = Sender(left), Wire(left, "vgw0")
listeners = []
for port in (4500, 5000, 5001):
    listeners.append(socket_in(right, socket.AF_INET6, socket.SOCK_DGRAM))
    listeners[-1].bind(("::", port))

def peer_of(n, encap, here, remote):
    peer = Peer(right, "left", here[0], remote, out=0x2000 + n, inbound=0x1000 + n, encap=encap,
                keys=(f"{keys}/rl", f"{keys}/lr"))
    peer.here += map(packed, here[1:])
    return peer

def tunnel_set(n, *words):
    run_in(left, vpntun, "tunnel", "set", "vgw0", f"t{n}", *words)

def shown():
    return json.loads(run_in(left, vpntun, "show", "vgw0", "--json"))["interfaces"][0]

def tunnel(n):
    return next(tunnel for tunnel in shown()["tunnels"] if tunnel["name"] == f"t{n}")

def drops(n, cause):
    return tunnel(n)["drops"].get(cause, 0)

def goes(peer, n):
    """Where to a packet goes."""
    peer.wire.flush()
    sender.send(ip4("192.168.1.1", f"192.168.{n}.1", b"x"))
    while (packet := peer.hear()) is not None and packet.spi == 0:
        pass
    return packet and (packet.dst, packet.udp and packet.udp["dport"])

def packet_of(n):
    return ip4(f"192.168.{n}.1", "192.168.1.1", b"x")

def accepted(peer, n, sealed, **fields):
    """Throw it and see it come out."""
    inside.flush()
    peer.throw(sealed, **fields)
    return inside.get() is not None

def moves():
    """Places that events tell of, in order."""
    out = []
    for line in open(events, encoding="utf-8"):
        event = json.loads(line)
        if event["event"] == "tunnel" and event["tunnel"] != "nat":
            out.append((event["remote"], event["dport"]))
    return out

def follows(peer, n, home, away):
    v = f"IPv{6 if ':' in home else 4}"
    tunnel_set(n, "roam", "off")
    ok(f"{v}: an authentic packet from elsewhere is accepted", accepted(peer, n, peer.seal(packet_of(n)), src=away))
    same(f"{v}: roam off: and nothing follows", (home, 4500), goes(peer, n))
    tunnel_set(n, "roam", "on")
    seen = peer.seal(packet_of(n))
    ok(f"{v}: one from where it was before", accepted(peer, n, seen))
    late = peer.seal(packet_of(n))
    ok(f"{v}: a newer one", accepted(peer, n, peer.seal(packet_of(n))))

    before = drops(n, "replayed")
    peer.throw(seen, src=away, sport=5000)
    ok(f"{v}: a replayed one from elsewhere is dropped", wait(lambda: drops(n, "replayed") == before + 1))
    same(f"{v}: and not followed", (home, 4500), goes(peer, n))
    before = drops(n, "auth-failed")
    forged = bytearray(peer.seal(packet_of(n)))
    forged[-1] ^= 1
    peer.throw(bytes(forged), src=away, sport=5000)
    ok(f"{v}: a forged one from elsewhere is dropped", wait(lambda: drops(n, "auth-failed") == before + 1))
    same(f"{v}: and not followed", (home, 4500), goes(peer, n))
    ok(f"{v}: one that is late, from elsewhere, is accepted", accepted(peer, n, late, src=away, sport=5000))
    same(f"{v}: and not followed", (home, 4500), goes(peer, n))
    ok(f"{v}: no event tells of a move", (away, 5000) not in moves())

    ok(f"{v}: the newest of all, from elsewhere", accepted(peer, n, peer.seal(packet_of(n)), src=away, sport=5000))
    ok(f"{v}: is followed, an event tells", wait(lambda: (away, 5000) in moves()), moves())
    same(f"{v}: with address and port", (away, 5000), goes(peer, n))
    now = tunnel(n)
    same(f"{v}: as is shown", (away, 5000), (now["remote"], now["dport"]))
    peer.throw(peer.seal(packet_of(n)), src=away, sport=5001)
    ok(f"{v}: another port alone is followed", wait(lambda: (away, 5001) in moves()), moves())
    same(f"{v}: packets go there", (away, 5001), goes(peer, n))
    peer.throw(peer.seal(packet_of(n)))
    same(f"{v}: and back home", (home, 4500), wait(lambda: (place := goes(peer, n)) == (home, 4500) and place))
    same(f"{v}: each move was told once", 1, moves().count((away, 5000)))

four = peer_of(4, "udp", ["10.0.0.2", "10.0.0.3"], "10.0.0.1")
native = peer_of(5, "none", ["10.0.0.2", "10.0.0.3"], "10.0.0.1")
six = peer_of(6, "udp", ["fd00:10::2", "fd00:10::3"], "fd00:10::1")
follows(four, 4, "10.0.0.2", "10.0.0.3")
follows(six, 6, "fd00:10::2", "fd00:10::3")
tunnel_set(5, "roam", "on", "keepalive", "1")
ok("natively: from elsewhere it is accepted", accepted(native, 5, native.seal(packet_of(5)), src="10.0.0.3"))
same("natively: and not followed", ("10.0.0.2", None), goes(native, 5))

# ---- packets from two ports in turn ----

def storm(peer, n, other, last):
    """So many moves are told meanwhile, and the last packet counts."""
    sealed = [peer.seal(packet_of(n)) for _ in range(2000)]
    before, begin = len(moves()), time.monotonic()
    for i, packet in enumerate(sealed):
        peer.throw(packet, sport=last if i % 2 else other)
    ok(f"from two ports in turn: packets go to the last one, {last}",
       wait(lambda: goes(peer, n) == (peer.local, last)))
    most = 2 + 10 * (time.monotonic() - begin)
    told = len(moves()) - before
    ok("some moves are followed, and no more than ten a second", 1 <= told <= most, f"{told}, at most {most}")

storm(four, 4, 4500, 5000)
storm(four, 4, 5000, 4500)

# ---- keepalives ----

def silence(peer, n):
    """How long nothing is sent until a keepalive is, and what it looks like."""
    peer.wire.flush()
    begin = time.monotonic()
    sender.send(ip4("192.168.1.1", f"192.168.{n}.1", b"x"))
    while (packet := peer.hear()) is not None and packet.inner != b"\xff":
        pass
    return time.monotonic() - begin, packet

# The native tunnel is to send one every second, so it would be the first.
for peer, n, text in ((four, 4, "IPv4"), (six, 6, "IPv6")):
    tunnel_set(n, "keepalive", "2")
    after, packet = silence(peer, n)
    ok(f"{text}: a keepalive after two seconds of silence", packet and after > 1.99, after)
    ok(f"{text}: and none of a native tunnel before it", packet and packet.udp)
    same(f"{text}: it goes by the same ports", (4500, 4500), packet and (packet.udp["sport"], packet.udp["dport"]))
    ok(f"{text}: its checksum", packet and (packet.udp["right"] or packet.version == 4))
    ok(f"{text}: and another one", silence(peer, n)[1])
    tunnel_set(n, "keepalive", "off")
    before = shown()["host_drops"].get("keepalive", 0)
    inside.flush()
    peer.throw(b"\xff")
    ok(f"{text}: a keepalive that comes is counted", wait(lambda: shown()["host_drops"].get("keepalive", 0) == before + 1))
    before = shown()["host_drops"].get("not-esp", 0)
    peer.throw(b"\xff\xff")
    ok(f"{text}: two bytes of it are none", wait(lambda: shown()["host_drops"].get("not-esp", 0) == before + 1))
END

# ---- a NAT that forgets ----

make_keys aes128gcm16 ln nl
ip -n "$right" link add vgw0 type vgw
ip -n "$right" link set vgw0 up
ip -n "$right" addr add 192.168.7.1/32 dev vgw0
ip -n "$right" route add 192.168.1.0/24 dev vgw0 src 192.168.7.1
ip -n "$right" route add 10.0.1.0/24 via 10.0.2.1
in_ns nat sysctl -qw net.ipv4.ip_forward=1
in_ns nat nft -f - <<'END'
table ip nat {
	chain postrouting {
		type nat hook postrouting priority 100
		oifname left udp sport 4500 masquerade to :20000-29999
	}
}
END
v left tunnel add vgw0 nat remote 10.0.1.2 prefix 192.168.7.0/24 group 7 roam on
v right tunnel add vgw0 left local 10.0.2.2 remote 10.0.1.1 prefix 192.168.1.0/24 keepalive 1
sa_add left vgw0 nat out 0x1009 aes128gcm16 ln
sa_add left vgw0 nat in 0x2009 aes128gcm16 nl
sa_add right vgw0 left out 0x2009 aes128gcm16 nl
sa_add right vgw0 left in 0x1009 aes128gcm16 ln

behind_nat()
{
	[ "$(v left show vgw0 nat --json | /usr/bin/python3 -c 'import json, sys
tunnel = json.load(sys.stdin)["interfaces"][0]["tunnels"][0]
print(tunnel["remote"], 20000 <= tunnel["dport"] <= 29999)')" = "$1 True" ]
}
check "a peer behind a NAT is found by its first packet" busywait 20 in_ns right ping -qc 1 -W 2 192.168.1.1
check "at the port that the NAT gave it" behind_nat 10.0.1.2
check "and answered from there" pinged left -qc 1 192.168.7.1
# A masquerading NAT forgets everything with its address.
ip -n "$nat" addr del 10.0.1.2/24 dev left
ip -n "$nat" addr add 10.0.1.77/24 dev left
check "a NAT with another address: traffic goes on" busywait 20 in_ns right ping -qc 1 -W 2 192.168.1.1
check "at that address" behind_nat 10.0.1.77
check "and back" pinged left -qc 1 192.168.7.1
