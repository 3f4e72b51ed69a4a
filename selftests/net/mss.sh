#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The MSS that SYN and SYN-ACK announce is made to fit the tunnel, both ways; checksums stay right, and what cannot be
# read stays as it is. With it TCP works for a host that hears no ICMP.
#
#   host ---- left (vgw0) ---- right (a python peer; then the kernel's own IPsec and a TCP server)
#
# timeout: 180

# shellcheck source=../lib/clearpeer.sh
. "$(dirname "$0")/../lib/clearpeer.sh"

left="" right="" host=""

setup_ns left right host
link_ns left right 10.0.0
make_vgw left
v left tunnel add vgw0 office local 10.0.0.1 remote 10.0.0.2 encap none prefix 192.168.2.0/24,fd02::/64
sa_null left vgw0 office 0x1001 0x2001

# 1500 bytes less 20 of outer IP, 8 of ESP, 16 of ICV and 2 of trailer; the device is ready for more costly suites.
same "what the tunnel carries" 1454 "$(json left '["tunnels"][0]["mtu"]')"
same "what the device does" 1422 "$(json left '["mtu"]')"

py_checks "$left" "$right" "$vpntun" <<'END'
import sys
from clearpeer import *

keys, left, right, vpntun = sys.argv[1:]
peer = Peer(right, "left", "10.0.0.2", "10.0.0.1", out=0x2001, inbound=0x1001, keys=(f"{keys}/rl", f"{keys}/lr"))
sender, inside = Sender(left), Wire(left, "vgw0")
ports = iter(range(1000, 60000))
FITS = {4: 1382, 6: 1362}
SYN, ACK = 2, 16
HOP, DEST = 0, 60

def mss(value):
    return struct.pack("!BBH", 2, 4, value)

def clamp(value):
    run_in(left, vpntun, "set", "vgw0", "mss-clamp", value)

def ends(family, out):
    here, there = ("192.168.1.1", "192.168.2.1") if family == 4 else ("fd01::1", "fd02::1")
    return (here, there) if out else (there, here)

def pass_by(packet, mark, out):
    """What becomes of a packet that has these bytes in it."""
    if out:
        sender.send(packet)
        while (got := peer.hear()) is not None:
            if mark in got.inner:
                return got.inner
    else:
        peer.say(packet)
        while (got := inside.get()) is not None:
            if mark in got:
                return got
    return b""

def segment(family, out, options, flags=SYN, offset=None, cut=None, wrap=lambda tcp, flow: (TCP, tcp, {})):
    """(what TCP was sent, what arrived, is its checksum right)"""
    src, dst = ends(family, out)
    port = next(ports)
    data = tcp(src, dst, flags, options, sport=port, offset=offset)[:cut]
    proto, body, fields = wrap(data, (src, dst))
    mark = struct.pack("!HH", port, 80)
    got = pass_by(ip(src, dst, body, proto=proto, **fields), mark, out)
    got = got[got.index(mark):] if got else b""
    return data, got, pseudo(src, dst, TCP, got) == 0

def announces(options, family, out, **how):
    """The MSS that arrives, None when the segment is not what it was but for it."""
    at = options.index(b"\2\4")
    sent, got, right = segment(family, out, options, **how)
    value = struct.unpack("!H", got[22 + at:24 + at])[0] if len(got) >= 24 + at else None
    if not right:
        return "a wrong checksum"
    if got[:16] + got[18:20 + at] + got[24 + at:] != sent[:16] + sent[18:20 + at] + sent[24 + at:]:
        return "another packet"
    return value

def untouched(options, family, out, **how):
    sent, got, _ = segment(family, out, options, **how)
    return sent == got

def extended(*kinds):
    """IPv6 extension headers before TCP, of eight bytes each."""
    def wrap(data, flow):
        proto = TCP
        for kind in reversed(kinds):
            data = bytes([proto, 0, 1, 4, 0, 0, 0, 0]) + data
            proto = kind
        return proto, data, {}
    return wrap

def fragment6(offset):
    return lambda data, flow: (FRAGMENT6, struct.pack("!BBHI", TCP, 0, offset | 1, 77) + data, {})

def each(text, wanted, probe, families=(4, 6)):
    """One check for both families and directions; what is wanted may depend on the family."""
    for out in (True, False):
        what = f"{text}, {'out' if out else 'in'}"
        want = [wanted[family] if isinstance(wanted, dict) else wanted for family in families]
        same(what, want, [probe(family, out) for family in families])

each("SYN", FITS, lambda f, o: announces(mss(1460), f, o))
each("SYN-ACK", FITS, lambda f, o: announces(mss(8960), f, o, flags=SYN | ACK))
each("one that fits is not raised", 536, lambda f, o: announces(mss(536), f, o))
each("nor is none", 0, lambda f, o: announces(mss(0), f, o))
each("behind NOPs", FITS, lambda f, o: announces(b"\1\1" + mss(1460) + b"\1\0", f, o))
each("at an odd byte", FITS, lambda f, o: announces(b"\1" + mss(1460) + b"\3\3\7", f, o))
each("behind other options", FITS, lambda f, o: announces(
    b"\3\3\7" + b"\x08\x0a" + b"t" * 8 + mss(1460) + b"\4\2\0", f, o))
each("at the very end of forty bytes", FITS, lambda f, o: announces(b"\1" * 36 + mss(1460), f, o))
each("a SYN without options stays", True, lambda f, o: untouched(b"", f, o))
each("a SYN without an MSS stays", True, lambda f, o: untouched(b"\4\2\1\1", f, o))
each("what is not a SYN stays", True, lambda f, o: untouched(mss(1460), f, o, flags=ACK))
each("what comes after the end of options stays", True, lambda f, o: untouched(b"\0\0\0\0" + mss(1460), f, o))
each("an option of length 0 ends the search", True, lambda f, o: untouched(b"\x1e\0\1\1" + mss(1460), f, o))
each("an option of length 1 too", True, lambda f, o: untouched(b"\x1e\1\1\1" + mss(1460), f, o))
each("an option longer than all stays", True, lambda f, o: untouched(b"\x1e\x30\1\1" + mss(1460), f, o))
each("an MSS option of length 3 is none", True, lambda f, o: untouched(b"\2\3\x05\1", f, o))
each("an MSS option of length 6 is none", True, lambda f, o: untouched(b"\2\6\x05\xb4\x05\xb4\1\1", f, o))
each("half an MSS option is none", True, lambda f, o: untouched(b"\1\1\2\4", f, o))
each("options that are not all there stay", True, lambda f, o: untouched(mss(1460), f, o, offset=15))
each("a header shorter than a header stays", True, lambda f, o: untouched(mss(1460), f, o, offset=4))
each("half a header stays", True, lambda f, o: untouched(mss(1460), f, o, cut=14))
each("behind IPv4 options", FITS, lambda f, o: announces(
    mss(1460), f, o, wrap=lambda data, flow: (TCP, data, dict(options=b"\x94\4\0\0"))), [4])
each("behind extension headers", FITS, lambda f, o: announces(mss(1460), f, o, wrap=extended(HOP, DEST)), [6])
each("in a first fragment", FITS, lambda f, o: announces(mss(1460), f, o, wrap=fragment6(0)), [6])
each("what looks like a SYN in another fragment stays", True,
     lambda f, o: untouched(mss(1460), f, o, wrap=fragment6(64)), [6])
each("a protocol that is not TCP stays", True,
     lambda f, o: untouched(mss(1460), f, o, wrap=lambda data, flow: (ANY, data, {})))
clamp("1000")
each("clamped to a number", 1000, lambda f, o: announces(mss(1460), f, o))
each("which raises nothing", 900, lambda f, o: announces(mss(900), f, o))
clamp("off")
each("switched off", 8960, lambda f, o: announces(mss(8960), f, o))
clamp("on")
each("and on again", FITS, lambda f, o: announces(mss(8960), f, o))
run_in(left, vpntun, "set", "vgw0", "mtu", "1500")
each("a device that is set larger than its tunnel", {4: 1414, 6: 1394}, lambda f, o: announces(mss(1460), f, o))
for netns, dev in ((left, "right"), (right, "left")):
    run_in(netns, "ip", "link", "set", dev, "mtu", "1400")
each("it follows the path", {4: 1314, 6: 1294}, lambda f, o: announces(mss(1460), f, o))
END

# ---- a host that hears no ICMP ----

modprobe esp4
v left set vgw0 mtu auto
ip -n "$left" link set right mtu 1500
ip -n "$right" link set left mtu 1500
v left tunnel del vgw0 office
make_keys aes128gcm16 lr rl
v left tunnel add vgw0 office local 10.0.0.1 remote 10.0.0.2 encap none prefix 192.168.2.0/24,fd02::/64
sa_add left vgw0 office out 0x1001 aes128gcm16 lr
sa_add left vgw0 office in 0x2001 aes128gcm16 rl
xfrm_peer right aes128gcm16 10.0.0.1 10.0.0.2 none
ip link add left netns "$host" type veth peer name host netns "$left"
ip -n "$host" link set left up
ip -n "$left" link set host up
ip -n "$host" addr add 192.168.1.100/24 dev left
ip -n "$host" addr add fd01::100/64 dev left nodad
ip -n "$left" addr add 192.168.1.254/24 dev host
ip -n "$left" addr add fd01::fe/64 dev host nodad
ip -n "$host" route add default via 192.168.1.254
ip -n "$host" -6 route add default via fd01::fe
in_ns left sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
in_ns host nft -f - <<'END'
table inet deaf {
	counter unheard { }
	chain input {
		type filter hook input priority 0
		icmp type destination-unreachable counter name unheard drop
		icmpv6 type packet-too-big counter name unheard drop
	}
}
END

py_checks "$left" "$right" "$host" "$vpntun" <<'END'
import sys, threading
from clearpeer import *

_, left, right, host, vpntun = sys.argv[1:]
SIZE = 200000

def unheard():
    """How often the host was told that its packets are too long."""
    return int(run_in(host, "nft", "list", "counter", "inet", "deaf", "unheard").split("packets")[1].split()[0])

class Transfer:
    """Bytes from the host to a server, or back."""

    def __init__(self, server, family, up):
        where = ("192.168.2.1" if family == 4 else "fd02::1", 80)
        self.client = socket_in(host, socket.AF_INET if family == 4 else socket.AF_INET6, socket.SOCK_STREAM)
        self.client.settimeout(20 * SCALE)
        self.client.connect(where)
        self.served, _ = server.accept()
        self.count = 0
        source, self.sink = (self.client, self.served) if up else (self.served, self.client)
        threading.Thread(target=self.feed, args=[source], daemon=True).start()
        threading.Thread(target=self.drain, daemon=True).start()

    def feed(self, source):
        try:
            source.sendall(b"x" * SIZE)
        except OSError:
            pass

    def drain(self):
        while self.count < SIZE and (data := self.sink.recv(65536)):
            self.count += len(data)

server = socket_in(right, socket.AF_INET6, socket.SOCK_STREAM)
server.bind(("::", 80))
server.listen(8)
for family in (4, 6):
    for up in (True, False):
        transfer = Transfer(server, family, up)
        ok(f"IPv{family}: TCP {'from' if up else 'to'} a host that hears no ICMP",
           wait(lambda: transfer.count == SIZE, 30), f"{transfer.count} bytes came")
same("no packet was too long", 0, unheard())
run_in(left, vpntun, "set", "vgw0", "mss-clamp", "off")
stuck = Transfer(server, 4, True)
ok("without the clamp its packets are too long, again and again", wait(lambda: unheard() >= 3, 30), unheard())
same("and nothing arrives", 0, stuck.count)
END
