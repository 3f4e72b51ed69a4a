# SPDX-License-Identifier: GPL-2.0
"""Packets that are almost right, by chance: fuzz_packets.py NAMESPACE VPNTUN SEED BATCHES; see net/fuzz-packets.sh.

What is changed is the packet outside, the trailer, or what is inside, which is then sealed: only that gets far. Those that
reach vgw as ESP are all delivered or counted; behind each batch a good packet gets through, byte for byte.
"""

import os
import random
import socket
import struct
import sys
import time

import arena
import burst

SUITES = ("aes128gcm16", "aes256-sha256", "chacha20poly1305", "null-sha512")
ODD8 = (0, 1, 0x0f, 0x45, 0x60, 0x7f, 0x80, 0xfe, 0xff)
ODD16 = (0, 1, 7, 8, 19, 20, 39, 40, 0x3fff, 0x7fff, 0x8000, 0xfffe, 0xffff)
PROTOCOLS = (0, 1, 4, 6, 17, 41, 43, 44, 47, 50, 51, 58, 59, 60, 132)
UDP_MOST = 1400
FRAGMENT, UDP_HEADER = 8, 8


def mutate(rng, data):
    """A few changes, none of them large."""
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        at = rng.randrange(min(len(data), 64) if rng.random() < 0.7 else len(data)) if data else 0
        kind = rng.randrange(7)
        if kind == 0 and data:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1 and data:
            data[at] = rng.choice(ODD8)
        elif kind == 2 and len(data) > 1:
            at &= ~1
            data[at:at + 2] = struct.pack("!H", rng.choice(ODD16))[:len(data) - at]
        elif kind == 3:
            del data[at:]
        elif kind == 4:
            data += rng.randbytes(rng.randrange(40))
        elif kind == 5:
            del data[at:at + rng.randrange(1, 24)]
        elif kind == 6:
            data[at:at] = data[at:at + rng.randrange(1, 24)]
    return bytes(data)


class Fuzzer:
    def __init__(self, scene, rng):
        self.scene, self.rng = scene, rng
        self.sas, self.seqs = {}, {}
        for number, suite in enumerate(SUITES):
            for tunnel in "native", "natt":
                self.sas[suite, tunnel] = scene.new_sa(tunnel, suite, 0x2000 + 2 * number + (tunnel == "natt"))
                self.seqs[suite, tunnel] = 0
        self.flow = burst.Flow()
        # As it is, with the IP header that is written here; some the kernel itself will not send.
        self.whole = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)

    # ---- what is inside ----

    def segment(self):
        """Most go on where the last one ended."""
        rng = self.rng
        if rng.random() < 0.1:
            self.flow = burst.Flow(rng.choice((4, 6)), rng.choice((0, 1)))
        flags = rng.choice((burst.ACK,) * 8 + (burst.ACK | burst.PSH, burst.FIN, burst.URG, 0, 0xff))
        return self.flow.segment(rng.choice((0, 1, 300, 1000, 1000, 1000, 1000)), flags)

    def inner(self):
        rng = self.rng
        kind = rng.randrange(10)
        if kind < 5:
            return self.segment()
        version = rng.choice((4, 6))
        payload = rng.randbytes(rng.choice((0, 1, 8, 40, 200, 1000)))
        if kind < 8:
            return burst.ip(version, rng.choice(PROTOCOLS), payload)
        if kind < 9 and version == 4:
            return burst.ip(4, 17, payload, frag=rng.choice((0x2000, 0x2001, 0x1fff, 185)))
        return arena.ipv4(payload) if version == 4 else arena.ipv6(payload)

    # ---- an ESP packet ----

    def next_seq(self, key):
        """Mostly the next one; sometimes an old, a far, or the same one."""
        roll = self.rng.random()
        if roll < 0.03:
            return max(1, self.seqs[key] - self.rng.randrange(100))
        self.seqs[key] += 1 if roll < 0.97 else self.rng.randrange(1, 50)
        return self.seqs[key]

    def text(self, sa, inner):
        """Padding and trailer, right or not."""
        rng, block = self.rng, sa.suite.block
        pad = -(len(inner) + 2) % block
        if rng.random() < 0.1:
            pad += block * rng.randrange(0, (255 - pad) // block)
        next_header = 4 if inner[:1] and inner[0] >> 4 == 4 else 41
        if rng.random() < 0.05:
            pad_length, next_header = rng.choice(ODD8), rng.choice(PROTOCOLS)
            return inner + bytes(pad) + bytes((pad_length, next_header))
        return inner + bytes(range(1, pad + 1)) + bytes((pad, next_header))

    def packet(self, key):
        """Most are authentic."""
        rng, sa = self.rng, self.sas[key]
        inner = self.inner()
        if rng.random() < 0.4:
            inner = mutate(rng, inner)
        packet = sa.seal_text(self.next_seq(key), self.text(sa, inner))
        if rng.random() < 0.1:
            packet = mutate(rng, packet)
        return packet[:UDP_MOST]

    # ---- on the way ----

    def esp(self, key, packets):
        """Returns how many were sent that have to be accounted for."""
        encap = "udp" if key[1] == "natt" else "none"
        for packet in packets:
            self.scene.send(packet, encap)
        return len(packets)

    def together(self, key, packets):
        """By segmentation offload: cut after equal lengths, wherever packets end."""
        data = b"".join(packets)[:60000]
        size = len(packets[0]) if self.rng.random() < 0.8 else self.rng.randrange(1, UDP_MOST)
        size = max(size, -(-len(data) // 60), 1)
        self.scene.udp.setsockopt(socket.SOL_UDP, burst.UDP_SEGMENT, size)
        self.scene.udp.sendto(data, (arena.OUTER, 4500))
        self.scene.udp.setsockopt(socket.SOL_UDP, burst.UDP_SEGMENT, 0)
        return -(-len(data) // size)

    def outer(self, key, packet, ident):
        protocol = 50
        if key[1] == "natt":
            protocol = 17
            packet = struct.pack("!4H", 4500, 4500, UDP_HEADER + len(packet), 0) + packet
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(packet), ident, 0, 64, protocol, 0,
                           socket.inet_aton("10.0.0.2"), socket.inet_aton(arena.OUTER))
        return head + packet

    def error(self, key):
        """ICMP that says something of one of vgw's own packets."""
        rng = self.rng
        spi = rng.choice(list(self.sas.values())).spi if rng.random() < 0.5 else struct.pack("!I", 0x5001)
        quoted = self.outer(key, spi + rng.randbytes(rng.choice((0, 4, 40))), 1)
        quoted = quoted[:12] + quoted[16:20] + quoted[12:16] + quoted[20:]
        kind, code = rng.choice(((3, 4), (3, 4), (3, 1), (3, 3), (11, 0), (12, 0), (4, 0)))
        body = struct.pack("!BBHHH", kind, code, 0, 0, rng.choice(ODD16 + (576, 1280, 1400))) + mutate(rng, quoted)
        body = body[:2] + struct.pack("!H", arena.checksum(body + bytes(len(body) % 2))) + body[4:]
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 1, 0, 64, 1, 0, socket.inet_aton("10.0.0.2"),
                           socket.inet_aton(arena.OUTER))
        self.send_whole(head + body)

    def fragments(self, key, packet):
        """In pieces, one of which may be missing, come twice, or say something else."""
        rng = self.rng
        whole = self.outer(key, packet, rng.randrange(1, 65536))
        cut = rng.randrange(FRAGMENT, max(FRAGMENT + 1, len(packet)), FRAGMENT)
        head, body = whole[:20], whole[20:]
        for at, piece in (0, body[:cut]), (cut, body[cut:]):
            flags = (0x2000 if at == 0 else 0) | at // FRAGMENT
            piece = head[:6] + struct.pack("!H", flags) + head[8:] + piece
            roll = rng.random()
            if roll < 0.1:
                continue
            self.send_whole(mutate(rng, piece) if roll < 0.3 else piece)

    def send_whole(self, packet):
        try:
            self.whole.sendto(packet, (arena.OUTER, 0))
        except OSError:
            pass            # the kernel here does not send such a thing

    # ---- a batch ----

    def batch(self):
        """Packets of one SA, all of which are accounted for, and some of which nothing is expected."""
        rng = self.rng
        key = rng.choice(list(self.sas))
        packets = [self.packet(key) for _ in range(rng.randrange(1, 40))]
        # Nothing to be sent.
        packets = [packet for packet in packets if packet]
        sent = 0
        if packets and key[1] == "natt" and rng.random() < 0.5:
            sent = self.together(key, packets)
        elif packets:
            sent = self.esp(key, packets)
        return key, sent

    def strange(self):
        key = self.rng.choice(list(self.sas))
        kind = self.rng.randrange(3)
        if kind == 0:
            self.error(key)
        elif kind == 1:
            self.fragments(key, self.packet(key))
        else:
            self.send_whole(mutate(self.rng, self.outer(key, self.packet(key), 1)))


class Accounts:
    """What vgw says that it did with packets: delivered or dropped."""

    def __init__(self, scene):
        self.scene = scene
        self.before = self.total()

    def total(self):
        iface = self.scene.show()
        return sum(iface["host_drops"].values()) + sum(
            tunnel["rx_packets"] + sum(tunnel["drops"].values()) for tunnel in iface["tunnels"])

    def settled(self, sent):
        """All that were sent since the last time, or more where nothing is expected."""
        end, now = time.monotonic() + arena.TIMEOUT, 0
        while time.monotonic() < end:
            now = self.total() - self.before
            if now >= sent:
                break
        self.before += now
        return now


def good(fuzzer, scene):
    """A packet by each SA arrives as it was."""
    for key, sa in fuzzer.sas.items():
        fuzzer.seqs[key] += 100
        inner = arena.ipv4(b"good %s %s %d" % (key[0].encode(), key[1].encode(), fuzzer.seqs[key]))
        scene.taken()
        scene.send(sa.seal(fuzzer.seqs[key], inner), "udp" if key[1] == "natt" else "none")
        end = time.monotonic() + arena.TIMEOUT
        while inner not in scene.taken():
            if time.monotonic() > end:
                return "%s, %s" % key
    return ""


def main():
    left, vpntun, seed, batches = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    rng = random.Random(seed)
    os.urandom = rng.randbytes      # keys and IVs are repeated with the seed, too
    scene = arena.Arena(left, vpntun)
    fuzzer, accounts, all_sent = Fuzzer(scene, rng), Accounts(scene), 0
    for number in range(batches):
        key, sent = fuzzer.batch()
        counted = accounts.settled(sent)
        all_sent += sent
        if counted != sent:
            print("fail every packet is accounted for # batch %d, %s %s: %d of %d" % (number, *key, counted, sent))
            return
        for _ in range(rng.randrange(10)):
            fuzzer.strange()
        lost = good(fuzzer, scene)
        if lost:
            print("fail good packets get in # batch %d: not by %s" % (number, lost))
            return
        # What became of the strange ones nobody knows.
        accounts = Accounts(scene)
    print("ok every packet is accounted for: %d of them" % all_sent)
    print("ok good packets get in all the time")
    print("end")


if __name__ == "__main__":
    main()
