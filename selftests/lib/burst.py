# SPDX-License-Identifier: GPL-2.0
"""Many ESP datagrams in one packet, authentic, forged and odd: burst.py NAMESPACE VPNTUN SPI SUITES; see
net/burst.sh.

They are sent by UDP segmentation offload, which a veth hands over uncut. What comes out of vgw0 is compared packet by
packet; TCP may come out joined, and is then compared as the stream that it stands for.
"""

import itertools
import socket
import struct
import sys
import time

import arena

SUITES = (("aes128gcm16", ()), ("aes128gcm16", ("esn", "on")), ("aes256-sha256", ()), ("null-sha512", ("esn", "on")))
UDP_SEGMENT = 103
ACK, PSH, FIN, URG = 0x10, 0x08, 0x01, 0x20
HERE = {4: "192.168.1.77", 6: "fd01::77"}   # nobody there who would answer
MARKER = bytes(4)


def address(version, text):
    return socket.inet_pton(socket.AF_INET if version == 4 else socket.AF_INET6, text)


def ip(version, proto, payload, ident=0, options=b"", frag=0x4000):
    ends = address(version, arena.INNER[version][0]) + address(version, HERE[version])
    if version == 6:
        return struct.pack("!IHBB", 6 << 28, len(payload), proto, 64) + ends + payload
    size = 20 + len(options)
    head = struct.pack("!BBHHHBBH", 0x40 | size // 4, 0, size + len(payload), ident & 0xffff, frag, 64, proto, 0)
    total = arena.checksum(head + ends + options)
    return head[:10] + struct.pack("!H", total) + ends + options + payload


class Flow:
    """TCP segments as one sender makes them."""
    ports = itertools.count(20000)

    def __init__(self, version=4, ident_step=1):
        self.version, self.step = version, ident_step
        self.port, self.seq, self.ident = next(self.ports), 1000, 1

    def segment(self, size, flags=ACK, window=500, options=b"\1\1\x08\x0a" + bytes(8), **header):
        payload = bytes((self.seq + n) * 7 & 0xff for n in range(size))
        doff = 5 + len(options) // 4
        tcp = struct.pack("!HHIIBBHHH", self.port, 80, self.seq, 1, doff << 4, flags, window, 0, 0) + options + payload
        packet = ip(self.version, 6, tcp, self.ident, **header)
        self.seq += size
        self.ident += self.step
        return packet

    def segments(self, count, size, last=None):
        return [self.segment(size) for n in range(count - 1)] + [self.segment(last or size, ACK | PSH)]


def parse(packet):
    """(flow, sequence number, payload, the flags), or None when it is not plain TCP."""
    version = packet[0] >> 4
    if packet[9 if version == 4 else 6] != 6 or (version == 4 and packet[6] & 0x3f):
        return None
    at = (packet[0] & 15) * 4 if version == 4 else 40
    tcp = packet[at:]
    size = (tcp[12] >> 4) * 4
    return (packet[at - 8:at], tcp[:4]), struct.unpack("!I", tcp[4:8])[0], tcp[size:], tcp[13]


def units(packets):
    """Streams by flow, each a list of runs (sequence number, bytes, flags), and everything else in order.

    What no receiver's IP would take is of no flow: GRO passes it on while it holds the flow's packets before it."""
    streams, others = {}, []
    for packet in packets:
        parsed = None if fault_of(packet) else parse(packet)
        if not parsed:
            others.append(packet)
            continue
        flow, seq, payload, flags = parsed
        runs = streams.setdefault(flow, [])
        if runs and (runs[-1][0] + len(runs[-1][1])) == seq:
            runs[-1] = (runs[-1][0], runs[-1][1] + payload, runs[-1][2] | flags)
        else:
            runs.append((seq, payload, flags))
    return streams, others


def fault_of(packet):
    """What a receiver's IP would find wrong."""
    if packet[0] >> 4 == 4:
        size = (packet[0] & 15) * 4
        if struct.unpack("!H", packet[2:4])[0] != len(packet):
            return "total length"
        if arena.checksum(packet[:size]):
            return "header checksum"
    elif struct.unpack("!H", packet[4:6])[0] != len(packet) - 40:
        return "payload length"
    return None


class Bursts:
    def __init__(self, scene, suite, words, spi, alone):
        self.scene = scene
        self.alone = alone
        self.sa = scene.new_sa("natt", suite, spi, *words)
        self.other = scene.new_sa("natt", suite, spi + 1, *words)
        self.name = " ".join((suite, *words)) + ": "
        self.seq = itertools.count(1)

    def seal(self, inner, sa=None):
        return (sa or self.sa).seal(next(self.seq), inner)

    def burst(self, datagrams):
        size = len(datagrams[0])
        assert all(len(one) == size for one in datagrams[:-1]) and len(datagrams[-1]) <= size
        self.scene.udp.sendmsg([b"".join(datagrams)], [(socket.SOL_UDP, UDP_SEGMENT, struct.pack("@H", size))],
                               0, (arena.OUTER, 4500))

    def wait(self, want, drops):
        """What comes out until all bytes of TCP and all other packets have, or time is up."""
        got, now, end = [], {}, time.monotonic() + arena.TIMEOUT
        while time.monotonic() < end:
            got += self.scene.taken()
            counters = self.scene.counters()
            now = {cause: count - self.scene.before.get(cause, 0) for cause, count in counters.items()
                   if count != self.scene.before.get(cause, 0)}
            if units(got) == units(want) and now == drops:
                break
        self.scene.before = {**self.scene.before, **counters}
        return got, now

    def expect(self, what, datagrams, want, drops=None, packets=None):
        """A burst; @want: inner packets delivered; @packets: in so many, as others may be joined, and self.alone more."""
        drops = drops or {}
        self.burst(datagrams)
        got, now = self.wait(want, drops)
        wrong = [packet for packet in got if fault_of(packet)]
        what = self.name + what
        if now != drops:
            print("fail %s # dropped %s, not %s" % (what, now, drops))
        elif units(got) != units(want):
            print("fail %s # %d packets came, %s" % (what, len(got), [p[:60].hex() for p in got[:3]]))
        elif wrong != [packet for packet in want if fault_of(packet)]:
            print("fail %s # wrong: %s" % (what, [fault_of(packet) for packet in wrong]))
        elif packets is not None and not packets <= len(got) <= packets + self.alone:
            print("fail %s # in %d packets" % (what, len(got)))
        else:
            print("ok", what)

    def whole(self):
        for version in 4, 6:
            name = "IPv%d, " % version
            inners = Flow(version).segments(40, 1300, 700)
            self.expect(name + "a train of forty", [self.seal(p) for p in inners], inners, packets=1)
            inners = Flow(version).segments(64, 24)
            self.expect(name + "payloads shorter than headers", [self.seal(p) for p in inners], inners, packets=1)
            inners = Flow(version).segments(7, 9000, 1)
            self.expect(name + "large segments", [self.seal(p) for p in inners], inners, packets=1)
        inners = Flow(4, 0).segments(10, 1000)
        self.expect("an identification that stays", [self.seal(p) for p in inners], inners, packets=1)

    def broken(self):
        for at in 0, 5, 9:
            inners = Flow().segments(10, 1000)
            datagrams = [self.seal(p) for p in inners]
            datagrams[at] = datagrams[at][:-20] + bytes(4) + datagrams[at][-16:]
            self.expect("number %d of ten is forged" % at, datagrams, inners[:at] + inners[at + 1:], {"auth-failed": 1})
        inners = Flow().segments(10, 1000)
        datagrams = [self.seal(p) for p in inners]
        self.expect("one comes twice", datagrams[:5] + datagrams[4:], inners, {"replayed": 1}, packets=1)
        self.expect("all come again", datagrams, [], {"replayed": 10})
        inners = Flow().segments(10, 1000)
        dummy = self.sa.seal_text(next(self.seq), (inners[5] + bytes(14))[:-2 - (len(inners[5]) + 14) % 16] + b"\0\x3b")
        datagrams = [self.seal(p) for p in inners]
        if len(dummy) == len(datagrams[0]):
            self.expect("a dummy like the next", datagrams[:5] + [dummy] + datagrams[5:], inners, {"dummy": 1})
        inners = Flow().segments(10, 1000)
        stranger = inners[5][:12] + socket.inet_aton("172.16.0.1") + inners[5][16:]
        self.expect("one has a source of nobody's", [self.seal(p) for p in inners[:5] + [stranger] + inners[6:]],
                    inners[:5] + inners[6:], {"source": 1})

        inners = Flow().segments(10, 1000)
        inners[5] = inners[5][:11] + bytes((inners[5][11] ^ 1,)) + inners[5][12:]
        self.expect("a wrong header checksum is left as it is", [self.seal(p) for p in inners], inners)

    def mixed(self):
        one, two = Flow().segments(8, 1000), Flow(4).segments(8, 1000)
        inners = [p for pair in zip(one, two) for p in pair]
        self.expect("two flows in turn", [self.seal(p) for p in inners], inners)
        inners = [ip(4, 17, struct.pack("!4H", 7, 9, 508, 0) + bytes((n,)) * 500, n) for n in range(10)]
        self.expect("UDP", [self.seal(p) for p in inners], inners, packets=10)
        inners = [ip(4, 1, bytes((n,)) * 40, n) for n in range(10)]
        self.expect("small packets", [self.seal(p) for p in inners], inners, packets=10)
        inners = [ip(4, 6, bytes((n,)) * 400, n, frag=0x2000 | n) for n in range(10)]
        self.expect("fragments", [self.seal(p) for p in inners], inners, packets=10)
        for what, change in (("flags", {"flags": ACK | FIN}), ("an urgent pointer's flag", {"flags": ACK | URG}),
                             ("another window", {"window": 400}), ("other options", {"options": b"\1" * 12}),
                             ("no DF", {"frag": 0})):
            flow = Flow()
            inners = flow.segments(4, 1000)[:3] + [flow.segment(1000, **change)] + flow.segments(4, 1000)
            self.expect(what, [self.seal(p) for p in inners], inners)
        flow = Flow()
        inners = [flow.segment(1000) for n in range(4)]
        self.expect("out of order", [self.seal(inners[n]) for n in (0, 2, 1, 3)], [inners[n] for n in (0, 2, 1, 3)])
        inners = Flow().segments(6, 1000)
        self.expect("filled up behind the packets", [self.sa.seal(next(self.seq), p + bytes(32)) for p in inners], inners)

    def strangers(self):
        inners = Flow().segments(6, 1000)
        datagrams = [self.seal(p) for p in inners]
        ike = MARKER + bytes(len(datagrams[0]) - 4)
        self.expect("IKE among them", datagrams[:3] + [ike] + datagrams[3:], inners, {"host not-esp": 1})
        inners = Flow().segments(6, 1000)
        datagrams = [self.seal(p, self.other if n % 2 else self.sa) for n, p in enumerate(inners)]
        self.expect("two SAs", datagrams, inners)
        inners = Flow().segments(6, 1000)
        datagrams = [self.seal(p) for p in inners]
        self.expect("a keepalive last", datagrams + [b"\xff"], inners, {"host keepalive": 1})
        inners = Flow().segments(6, 1000)
        datagrams = [self.seal(p) for p in inners]
        self.expect("a piece of a datagram last", datagrams + [datagrams[0][:11]], inners, {"esp-malformed": 1})


def main():
    scene, spi = arena.Arena(*sys.argv[1:3]), int(sys.argv[3])
    for number, (suite, words) in enumerate(SUITES[:int(sys.argv[4])]):
        bursts = Bursts(scene, suite, words, spi + 2 * number, int(sys.argv[5]))
        bursts.whole()
        bursts.broken()
        bursts.mixed()
        bursts.strangers()
    print("end")


if __name__ == "__main__":
    main()
