#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Outer headers: DSCP, ECN (RFC 6040) both ways, TTL, flow label, DF, identification, UDP checksums; inner by outer family.
# Then lengths: who is told of which MTU, what is cut before and what after encryption, the least that always passes.
#
#   left (vgw0) ---- right (a python peer that sees every bit; then the kernel's own IPsec)
#
# timeout: 180

# shellcheck source=../lib/clearpeer.sh
. "$(dirname "$0")/../lib/clearpeer.sh"

left="" right=""

clear_scene

py_checks "$left" "$right" "$vpntun" <<'END'
import json, sys
from clearpeer import *

keys, left, right, vpntun = sys.argv[1:]
sender, inside = Sender(left), Wire(left, "vgw0")
serial = iter(range(10000, 99999))
# RFC 6040 figure 4: what leaves a tunnel, by what is inside and outside; None: dropped.
OUT = [[0, 0, 0, None], [1, 1, 1, 3], [2, 1, 2, 3], [3, 3, 3, 3]]

def tunnel_set(name, *words):
    run_in(left, vpntun, "tunnel", "set", "vgw0", name, *words)

def drops(name, cause):
    tunnels = json.loads(run_in(left, vpntun, "show", "vgw0", name, "--json"))["interfaces"][0]["tunnels"]
    return tunnels[0]["drops"].get(cause, 0)

def send(n, family, **fields):
    if family == 4:
        sender.send(ip4("192.168.1.1", f"192.168.{n}.1", b"x" * 64, **fields))
    else:
        fields.pop("df", 0)
        sender.send(ip6("fd01::1", f"fd00:1:{n}::1", b"x" * 64, flow=0xabcde, **fields))

def outer(peer, n, family, **fields):
    send(n, family, **fields)
    return peer.hear()

def fields_of(peer, n, family, name, many, **fields):
    """One field of the outer headers of packets that differ in fields."""
    out = []
    for one in many:
        packet = outer(peer, n, family, **{**fields, **one})
        out.append(packet and getattr(packet, name))
    return out

def check_out(peer, n, name, text):
    tos = [dict(tos=tos) for tos in (0, 0xb8, 0x29, 0x2a, 0x2b)]
    ttls = [dict(ttl=ttl) for ttl in (64, 3, 200)]
    dfs = [dict(df=False), dict(df=True)]
    for family in (4, 6):
        what = f"IPv{family} {text}"
        same(f"{what}: DSCP and ECN are copied", [0, 0xb8, 0x29, 0x2a, 0x2b], fields_of(peer, n, family, "tos", tos))
        same(f"{what}: the TTL is 64, whatever is inside", [64] * 3, fields_of(peer, n, family, "ttl", ttls))
        same(f"{what}: no flow label", [0], fields_of(peer, n, family, "flow", [{}]))
        same(f"{what}: DF is set", [True] * 2, fields_of(peer, n, family, "df", dfs))
    if peer.encap == "udp":
        packet = outer(peer, n, 4)
        same(f"{text}: ports", (4500, 4500), (packet.udp["sport"], packet.udp["dport"]))
        if packet.version == 4:
            same(f"{text}: no UDP checksum", 0, packet.udp["checksum"])
        else:
            ok(f"{text}: a UDP checksum that is right", packet.udp["right"] and packet.udp["checksum"])
    tunnel_set(name, "dscp", "10", "ttl", "7", "df", "copy")
    for family in (4, 6):
        what = f"IPv{family} {text}"
        same(f"{what}: DSCP fixed, ECN copied", [40, 40, 41, 42, 43], fields_of(peer, n, family, "tos", tos))
        same(f"{what}: TTL as set", [7], fields_of(peer, n, family, "ttl", [{}]))
        wanted = [n > 5, True] if family == 4 else [True] * 2
        same(f"{what}: DF copied, IPv6 has it always", wanted, fields_of(peer, n, family, "df", dfs))
    tunnel_set(name, "dscp", "copy", "df", "clear")
    same(f"{text}: DF cleared", [n > 5] * 2, fields_of(peer, n, 4, "df", dfs))
    if n <= 5:
        ids = fields_of(peer, n, 4, "id", [{}] * 4)
        same(f"{text}: every packet has its own identification", 4, len(set(ids)))

def heard(peer, n, family, inner_tos, outer_tos):
    """The TOS that leaves the tunnel; a second packet, which cannot be dropped, tells when nothing does."""
    src, dst = ("192.168.%d.1" % n, "192.168.1.1") if family == 4 else ("fd00:1:%d::1" % n, "fd01::1")
    first, second = (b"%d" % next(serial) for _ in range(2))
    peer.say(ip(src, dst, first, tos=inner_tos), tos=outer_tos)
    peer.say(ip(src, dst, second))
    while (data := inside.get()) is not None:
        tos = data[1] if data[0] >> 4 == 4 else (data[0] << 4 & 0xf0) | data[1] >> 4
        if data.endswith(first):
            good = data[0] >> 4 == 6 or checksum(data[:20]) == 0
            return tos if good else "a wrong checksum"
        if data.endswith(second):
            return None
    return "nothing"

def check_in(peer, n, name, text):
    for family in (4, 6):
        before = drops(name, "ecn")
        got = [[heard(peer, n, family, inner, outer) for outer in range(4)] for inner in range(4)]
        same(f"IPv{family} {text}: ECN by RFC 6040 figure 4", OUT, got)
        same(f"IPv{family} {text}: one combination is dropped, and counted", 1, drops(name, "ecn") - before)
        same(f"IPv{family} {text}: the inner DSCP stays", [0xb8, 0xbb],
             [heard(peer, n, family, 0xb8, 0x28), heard(peer, n, family, 0xb9, 0x2b)])

for n, name, remote, local in (
        (4, "four", "10.0.0.1", "10.0.0.2"), (5, "four-udp", "10.0.0.1", "10.0.0.2"),
        (6, "six", "fd00:10::1", "fd00:10::2"), (7, "six-udp", "fd00:10::1", "fd00:10::2")):
    encap = "udp" if "udp" in name else "none"
    if encap == "udp":  # or its kernel would tell that nobody listens
        listener = socket_in(right, socket.AF_INET6 if n > 5 else socket.AF_INET, socket.SOCK_DGRAM)
        listener.bind((local, 4500))
    peer = Peer(right, "left", local, remote, out=0x2000 + n, inbound=0x1000 + n, encap=encap,
                keys=(f"{keys}/rl", f"{keys}/lr"))
    text = f"in {'UDP over ' if encap == 'udp' else ''}IPv{4 if n < 6 else 6}"
    check_out(peer, n, name, text)
    check_in(peer, n, name, text)
END

# ---- lengths ----

for tunnel in four-udp six six-udp; do
	v left tunnel del vgw0 $tunnel
done
mtu_is()
{
	[ "$(json left '["mtu"]') $(json left '["mtu_auto"]')" = "$1" ]
}
check "the MTU is made from the tunnels" mtu_is "1422 True"
v left set vgw0 mtu 1390
check "an MTU that was set stays" mtu_is "1390 False"
ip -n "$left" link set right mtu 1450
check "also when the underlay changes" mtu_is "1390 False"
v left set vgw0 mtu auto
check "until it is to be automatic again" mtu_is "1358 True"
ip -n "$left" link set vgw0 mtu 1300
check "ip link sets it just as well" mtu_is "1300 False"
check_not "no MTU below 576" v left set vgw0 mtu 575
ip -n "$left" link set right mtu 1400
ip -n "$right" link set left mtu 1400
# Larger than the tunnel, so that the module has to see to it: 1400 less 20 of IP, 8 of ESP, 16 of ICV, 2 of trailer.
v left set vgw0 mtu 1500
same "the tunnel knows what it can carry" 1354 "$(json left '["tunnels"][0]["mtu"]')"

py_checks "$left" "$right" "$vpntun" <<'END'
import errno, sys
from clearpeer import *

keys, left, right, vpntun = sys.argv[1:]
peer = Peer(right, "left", "10.0.0.2", "10.0.0.1", out=0x2004, inbound=0x1004, keys=(f"{keys}/rl", f"{keys}/lr"))
host = iter(range(10, 250))
UDP_SEGMENT, IP_MTU_DISCOVER, IP_RECVERR, IPV6_MTU_DISCOVER, IPV6_RECVERR = 103, 10, 11, 23, 25
DONT, DO, PROBE = 0, 2, 3

def tunnel_set(*words):
    run_in(left, vpntun, "tunnel", "set", "vgw0", "four", *words)

def underlay(mtu):
    for netns, dev in ((left, "right"), (right, "left")):
        run_in(netns, "ip", "link", "set", dev, "mtu", str(mtu))

def client(family, discover, segment=0):
    """A UDP socket to a host that nothing is known of yet."""
    sock = socket_in(left, socket.AF_INET if family == 4 else socket.AF_INET6, socket.SOCK_DGRAM)
    level, opts = (0, (IP_MTU_DISCOVER, IP_RECVERR)) if family == 4 else (41, (IPV6_MTU_DISCOVER, IPV6_RECVERR))
    sock.setsockopt(level, opts[0], discover)
    sock.setsockopt(level, opts[1], 1)
    if segment:
        sock.setsockopt(UDP, UDP_SEGMENT, segment)
    sock.connect((f"192.168.4.{next(host)}" if family == 4 else f"fd00:1:4::{next(host)}", 9))
    return sock

def told(sock):
    """The MTU that an ICMP message told, None without one."""
    def read():
        try:
            _, anc, _, _ = sock.recvmsg(2000, 2000, socket.MSG_ERRQUEUE | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return None
        code, origin, _, _, _, info, _ = struct.unpack_from("=IBBBBII", anc[0][2])
        return code == errno.EMSGSIZE and origin in (2, 3) and info
    return wait(read)

def room(family):
    return 28 if family == 4 else 48

def inner_lengths(count):
    """Of the next packets that the peer hears: (inner length, fragment?, outer fragments)."""
    out = []
    for _ in range(count):
        packet = peer.hear()
        if not packet:
            break
        head = packet.inner
        piece = head[0] >> 4 == 4 and bool(struct.unpack("!H", head[6:8])[0] & 0x3fff)
        out.append((len(head), piece, packet.fragments))
    return out

for family in (4, 6):
    sock = client(family, DO)
    sock.send(b"x" * (1354 - room(family)))
    same(f"IPv{family}: the longest packet passes whole", [(1354, False, 1)], inner_lengths(1))
    sock.send(b"x" * (1355 - room(family)))
    same(f"IPv{family}: one byte more, and the sender is told", 1354, told(sock))
    sock = client(family, DO, segment=1400)
    sock.send(b"x" * 5600)
    same(f"IPv{family}: so it is of a packet of segmentation offload", 1354, told(sock))
    sock = client(family, DO, segment=1300)
    sock.send(b"x" * 5200)
    same(f"IPv{family}: whose segments pass if they fit", [(1300 + room(family), False, 1)] * 4, inner_lengths(4))

# 1428 bytes in two pieces, the first of which carries the most that is a multiple of eight.
pieces = [(1348, True, 1), (100, True, 1)]
sock = client(4, DONT)
sock.send(b"x" * 1400)
same("without DF it is cut before encryption", pieces, inner_lengths(2))
sock = client(4, DONT, segment=1400)
sock.send(b"x" * 4200)
same("so are all segments that are too long", pieces * 3, inner_lengths(6))
sock = client(4, PROBE)
tunnel_set("inner-df", "clear")
sock.send(b"x" * 1400)
same("inner-df clear: it is cut in spite of DF", pieces, inner_lengths(2))
sock = client(4, PROBE, segment=1400)
sock.send(b"x" * 4200)
same("inner-df clear: so are segments", pieces * 3, inner_lengths(6))
sock = client(6, DO)
sock.send(b"x" * 1400)
same("inner-df clear: IPv6 is told all the same", 1354, told(sock))
tunnel_set("inner-df", "honour")
sock = client(4, DO)
sock.send(b"x" * 1400)
same("inner-df honour: its sender is told", 1354, told(sock))

# 1280 bytes of IPv6 pass everywhere: where the underlay has too little, in outer fragments.
underlay(1300)
sock = client(6, DO)
sock.send(b"x" * 1232)
same("1280 bytes of IPv6 pass in outer fragments", [(1280, False, 2)], inner_lengths(1))
sock.send(b"x" * 1233)
same("one byte more is told 1280", 1280, told(sock))
sock = client(6, DO, segment=1232)
sock.send(b"x" * 2464)
same("so they do as segments", [(1280, False, 2)] * 2, inner_lengths(2))
sock = client(4, DO)
sock.send(b"x" * 1240)
same("IPv4 is told what fits whole", 1254, told(sock))
underlay(600)
sock = client(4, DO)
sock.send(b"x" * 548)
same("576 bytes of IPv4 pass in outer fragments", [(576, False, 2)], inner_lengths(1))
sock = client(4, DO)
sock.send(b"x" * 549)
same("one byte more is told 576", 576, told(sock))
underlay(1300)
END

# The same over IPv6, and with a peer that puts the pieces together by itself.
modprobe esp4
modprobe esp6
v left tunnel del vgw0 four
make_keys aes128gcm16 lr rl
ip -n "$left" addr replace fd00:10:0:0::1/64 dev right nodad
ip -n "$right" addr replace fd00:10:0:0::2/64 dev left nodad
v left tunnel add vgw0 peer local fd00:10:0:0::1 remote fd00:10:0:0::2 encap none prefix 192.168.2.0/24,fd02::/64
sa_add left vgw0 peer out 0x1001 aes128gcm16 lr
sa_add left vgw0 peer in 0x2001 aes128gcm16 rl
xfrm_peer right aes128gcm16 fd00:10:0:0::1 fd00:10:0:0::2 none

py_checks "$left" "$right" <<'END'
import sys
from clearpeer import *

_, left, right = sys.argv[1:]
server = socket_in(right, socket.AF_INET6, socket.SOCK_DGRAM)
server.bind(("::", 9))
server.settimeout(10 * SCALE)
for family, dst, size in ((6, "fd02::1", 1232), (4, "192.168.2.1", 1100)):
    sock = socket_in(left, socket.AF_INET if family == 4 else socket.AF_INET6, socket.SOCK_DGRAM)
    sock.sendto(b"x" * size, (dst, 9))
    try:
        same(f"IPv{family} over IPv6 of 1300 bytes: the kernel puts it together", size, len(server.recv(2000)))
    except TimeoutError:
        ok(f"IPv{family} over IPv6 of 1300 bytes: the kernel puts it together", False, "nothing came")
END
